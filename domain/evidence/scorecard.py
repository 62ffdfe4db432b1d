"""Scorecards: one structure for everybody, a rating per focus criterion, and evidence under each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import Field

from domain.core.ids import DocumentId
from domain.core.messages import Refusals, Sources, Value, refuse
from domain.core.personal_text import PersonalText
from domain.evidence.documents import Evidence
from domain.evidence.quotes import aligned_evidence, must_be_concrete
from domain.evidence.rubric import CriterionId, RubricFacts

Score = Literal[1, 2, 3, 4]
Overall = Literal["strong_no", "no", "yes", "strong_yes"]


class Rating(Value):
    """One criterion as one interviewer saw it: a score with its evidence, or not tested with why."""

    criterion: CriterionId = Field(title="The criterion")
    rating: Score | Literal["not_tested"]
    why_not_tested: PersonalText | None = Field(default=None, title="If it was not tested: why")
    evidence: tuple[Evidence, ...] = Field(default=(), title="What shows it")

    @property
    def score(self) -> Score | None:
        """The number, or None where it was not tested."""
        return None if self.rating == "not_tested" else self.rating


class StandingRating(Value):
    """What stays of a rating in state: its number, the wording it was given under, and whether that still stands.

    `quotes` are the documents its evidence is from, None where an earlier build kept the rating and it is not known.
    `replaced`: it quotes a record that was replaced by another since.
    """

    score: Score | None
    fingerprint: str
    comparable: bool = True
    quotes: tuple[DocumentId, ...] | None = None
    replaced: bool = False

    @property
    def stands(self) -> bool:
        """Whether nothing has to be said about it anew."""
        return self.comparable and not self.replaced

    def rests_elsewhere(self, record: str | None, before: str | None) -> bool:
        """Whether it quotes another document than `record`, which is what its interview left, and `before` what was.

        Of one whose documents are not known it is taken that it quotes what was there.
        """
        if self.score is None:
            return False
        if self.quotes is not None:
            return any(document != record for document in self.quotes)
        return self.replaced or (before is not None and before != record)


class Card(Value):
    """One interviewer's scorecard in numbers. The words are in its event. Times in UTC."""

    rubric_version: int
    marks: dict[str, StandingRating]
    overall: Overall
    at: datetime
    resubmitted: int = 0

    @property
    def says_nothing(self) -> bool:
        """Whether no criterion was tested."""
        return all(mark.score is None for mark in self.marks.values())

    def untested(self, criterion: str) -> bool:
        """Whether this criterion was not tested when the card was given."""
        mark = self.marks.get(criterion)
        return mark is None or mark.score is None


def grounded_ratings(ratings: tuple[Rating, ...], sources: Sources, stand_by: bool) -> tuple[tuple[Rating, ...], bool]:
    """`ratings` with their quotes aligned, and whether any observation is vague and stood by.

    Raises Rejection `not_in_source` or `vague_evidence`.
    """
    flagged, wrong = False, Refusals()
    grounded = []
    for rating in ratings:
        field = f"ratings.{rating.criterion}"
        with wrong:
            grounded.append(rating.but(evidence=aligned_evidence(rating.evidence, sources, field)))
            for piece in rating.evidence:
                flagged |= must_be_concrete("vague_evidence", piece.observation, "evidence", stand_by, field)
    wrong.raise_all()
    return tuple(grounded), flagged


def check_ratings(
    ratings: tuple[Rating, ...], focus: Iterable[str], rubric: RubricFacts, transcript: str | None
) -> None:
    """Refuses a card that leaves out a focus criterion, rates without evidence, or quotes from elsewhere.

    `transcript` is the document of the interview's recording, None where there is none: then nothing can be quoted.
    """
    given = [rating.criterion for rating in ratings]
    if unknown := set(given) - set(rubric.weights):
        refuse(
            "unknown_reference",
            f"The rubric has no {', '.join(sorted(unknown))}.",
            f"Criteria of version {rubric.version}: {', '.join(sorted(rubric.weights))}.",
            "ratings",
        )
    if len(set(given)) < len(given):
        refuse("invalid", "A criterion is rated twice.", "One rating per criterion.", "ratings")
    missing = set(focus) & set(rubric.weights) - set(given)
    missing |= {r.criterion for r in ratings if r.score is None and r.why_not_tested is None}
    if missing:
        refuse(
            "rating_missing",
            f"Nothing is said about {', '.join(sorted(missing))}.",
            "1 to 4, or not tested and why, for each of your criteria.",
            "ratings",
        )
    wrong = Refusals()
    for rating in ratings:
        with wrong:
            check_evidence(rating, transcript)
    wrong.raise_all()


def check_evidence(rating: Rating, transcript: str | None) -> None:
    """Refuses a score without evidence (`no_evidence`), or with a quote from elsewhere (`not_in_source`)."""
    field = f"ratings.{rating.criterion}"
    if rating.score is not None and not any(not piece.empty for piece in rating.evidence):
        refuse(
            "no_evidence",
            f"The {rating.rating} on {rating.criterion} rests on nothing.",
            "A quote from the transcript, or what you saw or heard them do.",
            field,
        )
    if any(piece.quote is not None and piece.quote.document != transcript for piece in rating.evidence):
        refuse(
            "not_in_source",
            "A quote is not from this interview's transcript.",
            "Quotes from it; an observation where there is no recording.",
            field,
        )


def quoted(evidence: Iterable[Evidence]) -> tuple[DocumentId, ...]:
    """The documents that this evidence quotes, each once."""
    return tuple(sorted({piece.quote.document for piece in evidence if piece.quote is not None}))


def not_comparable(card: Card, rubric: RubricFacts) -> tuple[str, ...]:
    """The criteria whose rating on `card` was given under another wording than `rubric` now has.

    A criterion that is gone from the rubric is no longer judged, so nothing is said of it.
    """
    return tuple(
        criterion
        for criterion, mark in card.marks.items()
        if rubric.fingerprints.get(criterion, mark.fingerprint) != mark.fingerprint
    )
