"""Scorecards: one each, evidence under every rating, and what an amended rubric makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from pydantic import Field

from domain.candidate.feedback_visibility import may_see_cards
from domain.candidate.interviews import completed
from domain.candidate.state import Candidate, CandidateCommand
from domain.core.decider import Chapter
from domain.core.ids import Reference
from domain.core.messages import Event, Record, Sources, Value, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.evidence.documents import Evidence, LookedFor
from domain.evidence.draft_jobs import DraftJob
from domain.evidence.interview_plan import HELD, Interview
from domain.evidence.rubric import CriterionId, RubricFacts
from domain.evidence.scorecard import (
    Card,
    Overall,
    Rating,
    Score,
    StandingRating,
    check_evidence,
    check_ratings,
    grounded_ratings,
    not_comparable,
    quoted,
)

chapter: Chapter[Candidate] = Chapter()


class SubmitScorecard(
    CandidateCommand,
    who="I H",
    refuses="not_held rubric_changed decided not_blind rating_missing* no_evidence* vague_evidence* not_in_source*",
    works="on_hold",
    heading="Your scorecard",
    button="Send my scorecard",
    draft=DraftJob.SCORECARD,
):
    """Hand in your scorecard: for each of your criteria 1 to 4 with evidence, or not tested with why."""

    interview_id: Reference = Field(title="Which interview")
    rubric_version: int
    ratings: tuple[Rating, ...] = Field(max_length=20)
    overall: Overall = Field(title="All in all")
    why: PersonalText | None = Field(default=None, description="Why you hand it in again; only then.")
    stand_by: bool = Field(default=False, title="Keep my words as they are; they pass, flagged")
    looked_seconds: LookedFor = None

    def grounded(self, sources: Sources) -> Self:
        """Aligns the quotes; refuses vague observations unless somebody stands by them."""
        ratings, flagged = grounded_ratings(self.ratings, sources, self.stand_by)
        return self.but(ratings=ratings, stand_by=flagged)


class ReaffirmScorecard(
    CandidateCommand,
    who="I H",
    refuses="not_marked not_blind no_evidence* vague_evidence* not_in_source*",
    works="on_hold",
    heading="Say whether your score still holds",
    button="Confirm",
):
    """Say whether your rating still stands, or give it anew with evidence.

    It is asked where the criterion reads differently now, or the record that the rating quotes was replaced. Then the
    quotes have to be chosen again.
    """

    interview_id: Reference = Field(title="Which interview")
    criterion: CriterionId = Field(title="The criterion")
    unchanged: bool = Field(default=False, title="It holds as it stands")
    rating: Score | None = None
    evidence: tuple[Evidence, ...] = Field(default=(), title="What shows it")
    stand_by: bool = Field(default=False, title="Keep my words as they are; they pass, flagged")

    def grounded(self, sources: Sources) -> Self:
        """Aligns the quotes; refuses vague observations unless somebody stands by them."""
        if self.rating is None:
            return self
        given = Rating(criterion=self.criterion, rating=self.rating, evidence=self.evidence)
        (rating,), flagged = grounded_ratings((given,), sources, self.stand_by)
        return self.but(evidence=rating.evidence, stand_by=flagged)


class ScorecardSubmitted(Event):
    """An interviewer's card is in. `fingerprints` are those of the criteria as they read when it was written."""

    interview_id: str
    person: str
    rubric_version: int
    ratings: tuple[Rating, ...]
    fingerprints: dict[str, str]
    overall: Overall
    why: PersonalText | None
    flagged: bool
    looked_seconds: int | None = None


class MarkedScore(Value):
    """One rating that no longer compares, or whose quotes stand in a record that was replaced."""

    interview_id: str
    person: str
    criterion: str


class ScoresMarked(Event):
    """The rubric was amended: these ratings were given under other words, and count only when re-affirmed."""

    rubric_version: int
    scores: tuple[MarkedScore, ...]


class QuotesMarked(Event, heading="scores quote a record that was replaced"):
    """An interview's record was corrected: these ratings quote another; those `cleared` quote what is its record again.

    They count only when their quotes were chosen again.
    """

    interview_id: str
    scores: tuple[MarkedScore, ...]
    cleared: tuple[MarkedScore, ...] = ()


class ScoreReaffirmed(Event):
    """An interviewer says how they rate a criterion as it reads now."""

    interview_id: str
    person: str
    criterion: str
    rating: Score | None
    unchanged: bool
    evidence: tuple[Evidence, ...]
    fingerprint: str
    flagged: bool


def marked_by(state: Candidate, rubric: RubricFacts) -> Iterator[ScoresMarked]:
    """The ratings that do not compare under `rubric` and were not marked before."""
    scores = tuple(
        MarkedScore(interview_id=interview.id, person=person, criterion=criterion)
        for interview in state.interviews.values()
        for person, card in interview.cards.items()
        for criterion in not_comparable(card, rubric)
        if card.marks[criterion].comparable
    )
    if scores:
        yield ScoresMarked(rubric_version=rubric.version, scores=scores)


def quotes_marked(before: Interview, after: Interview) -> Iterator[QuotesMarked]:
    """What becomes of the ratings of an interview whose record was corrected."""
    found: dict[bool, list[MarkedScore]] = {True: [], False: []}
    for person, card in after.cards.items():
        for criterion, mark in card.marks.items():
            elsewhere = mark.rests_elsewhere(after.transcript, before.transcript)
            if elsewhere != mark.replaced:
                found[elsewhere].append(MarkedScore(interview_id=after.id, person=person, criterion=criterion))
    if found[True] or found[False]:
        yield QuotesMarked(interview_id=after.id, scores=tuple(found[True]), cleared=tuple(found[False]))


def marked_scores(state: Candidate) -> list[MarkedScore]:
    """Every rating that waits to be re-affirmed, of criteria the rubric still has."""
    weights = state.rubric.weights if state.rubric else {}
    return [
        MarkedScore(interview_id=interview.id, person=person, criterion=criterion)
        for interview in state.interviews.values()
        for person, card in interview.cards.items()
        for criterion, mark in card.marks.items()
        if not mark.stands and criterion in weights
    ]


@chapter.gate_of(SubmitScorecard, "interview_id", among=lambda state: state.interviews)
def takes_their_card(state: Candidate, call: Call, interview_id: str) -> None:
    interview = state.interview(interview_id)
    assignment = interview.assignment(call.actor.id)
    if assignment is None or assignment.shadow:
        refuse("not_permitted", "No scorecard of this interview is yours to give.", "Its interviewers, shadows aside.")
    if interview.status not in HELD:
        refuse("not_held", "That interview is not on record as held.", "record-interview first.", "interview_id")
    if state.decision is not None:
        refuse("decided", "The decision has been made.", "Nothing more; your view belongs in the retro.")


@chapter.decides(SubmitScorecard)
def submit_scorecard(state: Candidate, asked: SubmitScorecard, call: Call) -> Iterator[Event]:
    interview, person = state.interviews[asked.interview_id], call.actor.id
    assignment = interview.assignment(person)
    assert assignment is not None, "a card of somebody who did not interview"
    rubric = state.locked
    if asked.rubric_version != rubric.version:
        refuse(
            "rubric_changed",
            f"The rubric is at version {rubric.version}; your scorecard goes by {asked.rubric_version}.",
            f"The ratings against version {rubric.version}.",
            "rubric_version",
        )
    if person in interview.cards and asked.why is None:
        refuse("already_done", "Your scorecard is in.", "Why you hand it in again.", "why")
    check_ratings(asked.ratings, assignment.criteria, rubric, interview.transcript)
    for rating in asked.ratings:
        if rating.score is not None:
            rated_before_others_were_read(state, interview, person, rating.criterion)
    yield ScorecardSubmitted(
        interview_id=interview.id,
        person=person,
        rubric_version=rubric.version,
        ratings=asked.ratings,
        fingerprints={r.criterion: rubric.fingerprints[r.criterion] for r in asked.ratings},
        overall=asked.overall,
        why=asked.why,
        flagged=asked.stand_by,
        looked_seconds=asked.looked_seconds,
    )
    placeholder = Card(rubric_version=rubric.version, marks={}, overall=asked.overall, at=call.now)
    yield from completed(state, interview.but(cards=interview.cards | {person: placeholder}))


@chapter.gate_of(ReaffirmScorecard, "interview_id", among=lambda state: state.interviews)
def has_marked_scores(state: Candidate, call: Call, interview_id: str) -> None:
    if state.interview(interview_id).assignment(call.actor.id) is None:
        refuse("not_permitted", "That scorecard is not yours.", "Its author.")
    if not any((score.interview_id, score.person) == (interview_id, call.actor.id) for score in marked_scores(state)):
        refuse("not_marked", "No rating of yours needs re-affirming.", "A rating that is marked.", "criterion")


@chapter.decides(ReaffirmScorecard)
def reaffirm_scorecard(state: Candidate, asked: ReaffirmScorecard, call: Call) -> Iterator[Event]:
    interview, person = state.interviews[asked.interview_id], call.actor.id
    rubric = state.locked
    card = interview.cards.get(person)
    mark = card.marks.get(asked.criterion) if card else None
    if mark is None or mark.stands or asked.criterion not in rubric.fingerprints:
        refuse("not_marked", "That rating needs no re-affirming.", "A rating that is marked.", "criterion")
    if asked.unchanged == (asked.rating is not None):
        refuse(
            "invalid",
            "Is it unchanged, or rated anew?",
            "That it holds as it stands, or a rating with evidence.",
            "rating",
        )
    if asked.unchanged and mark.replaced:
        refuse(
            "not_in_source",
            "Its quotes stand in a record that was replaced.",
            "Your rating with quotes from the record as it is, or with what you saw or heard.",
            "evidence",
        )
    if asked.rating is not None:
        rating = Rating(criterion=asked.criterion, rating=asked.rating, evidence=asked.evidence)
        check_evidence(rating, interview.transcript)
        rated_before_others_were_read(state, interview, person, asked.criterion)
    yield ScoreReaffirmed(
        interview_id=interview.id,
        person=person,
        criterion=asked.criterion,
        rating=mark.score if asked.unchanged else asked.rating,
        unchanged=asked.unchanged,
        evidence=asked.evidence,
        fingerprint=rubric.fingerprints[asked.criterion],
        flagged=asked.stand_by,
    )


def rated_before_others_were_read(state: Candidate, interview: Interview, person: str, criterion: str) -> None:
    """Refuses a first score on a criterion once the others' cards were open to `person`: it would not be their own."""
    card = interview.cards.get(person)
    others = any(author != person for one in state.interviews.values() for author in one.cards)
    if card is not None and card.untested(criterion) and others and may_see_cards(state, person):
        refuse(
            "not_blind",
            "You could read the others' scorecards when this was still not tested, so it stays not tested.",
            "What you rated before; the rest belongs in the debrief.",
            f"ratings.{criterion}",
        )


def _with_card(state: Candidate, interview: Interview, person: str, card: Card) -> Candidate:
    return state.with_interview(interview.but(cards=interview.cards | {person: card}))


@chapter.evolves(ScorecardSubmitted)
def scorecard_submitted(state: Candidate, event: ScorecardSubmitted, record: Record) -> Candidate:
    interview = state.interviews[event.interview_id]
    before = interview.cards.get(event.person)
    card = Card(
        rubric_version=event.rubric_version,
        marks={
            r.criterion: StandingRating(
                score=r.score, fingerprint=event.fingerprints[r.criterion], quotes=quoted(r.evidence)
            )
            for r in event.ratings
        },
        overall=event.overall,
        at=record.at,
        resubmitted=before.resubmitted + 1 if before else 0,
    )
    return _with_card(state, interview, event.person, card)


@chapter.evolves(ScoresMarked)
def scores_marked(state: Candidate, event: ScoresMarked, record: Record) -> Candidate:
    for score in event.scores:
        interview = state.interviews[score.interview_id]
        card = interview.cards[score.person]
        mark = card.marks[score.criterion].but(comparable=False)
        card = card.but(marks=card.marks | {score.criterion: mark})
        state = _with_card(state, interview, score.person, card)
    return state


@chapter.evolves(QuotesMarked)
def marked_for_their_quotes(state: Candidate, event: QuotesMarked, record: Record) -> Candidate:
    interview = state.interviews[event.interview_id]
    for replaced, scores in ((True, event.scores), (False, event.cleared)):
        for score in scores:
            card = interview.cards[score.person]
            mark = card.marks[score.criterion].but(replaced=replaced)
            interview = interview.but(
                cards=interview.cards | {score.person: card.but(marks=card.marks | {score.criterion: mark})}
            )
    return state.with_interview(interview)


@chapter.evolves(ScoreReaffirmed)
def score_reaffirmed(state: Candidate, event: ScoreReaffirmed, record: Record) -> Candidate:
    interview = state.interviews[event.interview_id]
    card = interview.cards[event.person]
    quotes = card.marks[event.criterion].quotes if event.unchanged else quoted(event.evidence)
    mark = StandingRating(score=event.rating, fingerprint=event.fingerprint, quotes=quotes)
    return _with_card(state, interview, event.person, card.but(marks=card.marks | {event.criterion: mark}))
