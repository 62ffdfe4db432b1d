"""How far a decision's words are from those of the draft it came from, field by field: numbers, never words.

The measure is the Levenshtein distance over the length of the longer text: 0 for the same words, 1 for wholly others.
Lines may be put in another order, so each is held against the nearest the draft has for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rapidfuzz.distance import Levenshtein

from domain.candidate.scorecards import ScorecardSubmitted
from domain.candidate.screen import SummaryConfirmed
from domain.core.messages import Event
from domain.core.personal_text import PersonalText
from domain.evidence.documents import Evidence
from domain.evidence.drafts import Draft
from domain.requisition.rubric import RubricAmended, RubricEdited

MEASURED: tuple[type[Event], ...] = (SummaryConfirmed, ScorecardSubmitted, RubricEdited, RubricAmended)
"""The decisions that have words to hold against a draft's."""


def edit_distances(draft: Draft, event: Event) -> dict[str, float]:
    """The distance of each field of `event`, whose words are opened, from `draft`; empty where nothing compares.

    A verdict counts 0 where it is the draft's and 1 where it is another; where the draft has none it is left out.
    """
    match event:
        case SummaryConfirmed():
            return dict(_summary(draft, event))
        case ScorecardSubmitted():
            return {
                f"evidence.{rating.criterion}.{n}": nearest(_of(given), _evidence(draft, rating.criterion))
                for rating in event.ratings
                for n, given in enumerate(rating.evidence)
            }
        case RubricEdited():
            return dict(_rubric(draft, event))
        case RubricAmended():
            proposed = draft.drift.amendment if draft.drift else None
            touched = {*event.diff.added, *event.diff.changed}
            wordings = [each.behaviour for each in event.rubric.criteria if each.id in touched]
            return {"amendment": nearest(proposed.text, wordings)} if proposed and wordings else {}
    return {}


def nearest(words: str, candidates: Iterable[str]) -> float:
    """The distance to the nearest of `candidates`; 1 where there are none."""
    given = _plain(words)
    return min((Levenshtein.normalized_distance(given, _plain(each)) for each in candidates), default=1.0)


def _summary(draft: Draft, event: SummaryConfirmed) -> Iterator[tuple[str, float]]:
    summary = draft.summary
    drafted = [bullet.text for bullet in summary.bullets] if summary else []
    for n, bullet in enumerate(event.bullets):
        yield f"bullets.{n}", nearest(str(bullet.text), drafted)
    strongest = summary.strongest if summary else None
    if event.strongest is not None:
        yield "strongest", nearest(str(event.strongest.words), [strongest.words] if strongest else [])
    elif strongest is not None:
        yield "strongest", 1.0
    judged = {finding.criterion: finding.verdict for finding in draft.findings if finding.verdict != "not_judged"}
    for criterion, given in event.verdicts.items():
        if criterion in judged:
            yield f"verdicts.{criterion}", float(given.verdict != judged[criterion])
        if not given.evidence.empty:
            yield f"evidence.{criterion}", nearest(_of(given.evidence), _evidence(draft, criterion))


def _rubric(draft: Draft, event: RubricEdited) -> Iterator[tuple[str, float]]:
    proposed = [each.behaviour for each in draft.intake.criteria] if draft.intake else []
    passages = [passage.words for passage in draft.passages]
    for criterion in event.rubric.criteria:
        if proposed:
            yield f"criteria.{criterion.id}.behaviour", nearest(criterion.behaviour, proposed)
        if criterion.span is not None:
            yield f"criteria.{criterion.id}.passage", nearest(str(criterion.span.words), passages)


def _evidence(draft: Draft, criterion: str) -> list[str]:
    """All that the draft says or shows on a criterion."""
    said = [claim for finding in draft.findings if finding.criterion == criterion for claim in finding.claims]
    shown = [passage for topic in draft.topics if topic.topic == criterion for passage in topic.passages]
    shown += [passage for claim in said for passage in claim.rests_on]
    return [*(claim.text for claim in said), *(passage.words for passage in shown)]


def _of(evidence: Evidence) -> str:
    words: PersonalText | None = evidence.quote.words if evidence.quote else evidence.observation
    return str(words or "")


def _plain(words: str) -> str:
    return " ".join(words.split())
