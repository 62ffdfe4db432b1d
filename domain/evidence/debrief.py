"""The debrief and the decision it ends in: hire on must-haves plus growth, and reasons where somebody does not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from domain.core.ids import PersonId, Reference
from domain.core.messages import Value
from domain.core.personal_text import PersonalText
from domain.evidence.meeting_place import Place
from domain.evidence.rubric import CriterionId
from domain.evidence.scorecard import Card
from domain.time.wall_clock import WallClock

DecisionKind = Literal["hire", "no_hire", "further_step", "defer"]


class LeftOut(Value):
    """Somebody whose scorecard the debrief does without, and why."""

    interview: Reference
    person: PersonId = Field(title="Who")
    why: PersonalText


class FurtherStep(Value):
    """The one further step a debrief may ask for: which round, what it is to show, and who finds out."""

    round: int = Field(title="Round of the plan", ge=1)
    criterion: CriterionId = Field(title="What it is to show")
    interviewer: PersonId = Field(title="Who finds out")


class Debrief(Value):
    """One debrief. Times in UTC. `over` says that its booked end has passed; `moved` how often it was rebooked.

    `hours_kept` counts how often it moved because clocks went by other rules, which is nobody's doing; `places` how
    often it was held elsewhere at the same time. `where` is None of what was booked up to 0.5.0.
    """

    number: int
    starts_at: datetime
    minutes: int
    attendees: tuple[PersonId, ...]
    wall: WallClock | None = None
    moved: int = 0
    hours_kept: int = 0
    over: bool = False
    held_at: datetime | None = None
    left_out: tuple[tuple[str, PersonId], ...] = ()
    where: Place | None = None
    places: int = 0

    @property
    def sequence(self) -> int:
        """How often its entry in people's calendars was changed."""
        return self.moved + self.hours_kept + self.places

    @property
    def held_early(self) -> bool:
        """Whether it was held before its hour: nobody waits for that hour any more."""
        return self.held_at is not None and self.held_at < self.starts_at

    @property
    def ends_at(self) -> datetime:
        """Its booked end (UTC)."""
        return self.starts_at + timedelta(minutes=self.minutes)


class Decision(Value):
    """What was decided, on which criteria, when (UTC), and whether it needed an exception."""

    kind: Literal["hire", "no_hire"]
    criteria: tuple[CriterionId, ...]
    at: datetime
    exception: bool = False


def unmet_musts(cards: Iterable[Card], musts: Iterable[str]) -> tuple[str, ...]:
    """The must-haves that these cards do not show.

    One is met when somebody rated it 3 or 4 and no more interviewers rated it 1 or 2 than did. So one that nobody
    tested is unmet, and a tie is met.
    """
    scores: dict[str, list[int]] = {must: [] for must in musts}
    for card in cards:
        for criterion, mark in card.marks.items():
            if criterion in scores and mark.score is not None:
                scores[criterion].append(mark.score)
    return tuple(
        must
        for must, given in sorted(scores.items())
        if not (shown := sum(s >= 3 for s in given)) or shown < sum(s <= 2 for s in given)
    )


def growth_only(criteria: Iterable[str], weights: Mapping[str, str]) -> bool:
    """Whether a decision rests on growth criteria alone."""
    return all(weights.get(criterion) == "growth" for criterion in criteria)


def conflicting(scores: Iterable[int]) -> bool:
    """Whether interviewers disagree on a criterion: one says that it is shown (3, 4), another that it is not (1, 2)."""
    return len({score >= 3 for score in scores}) > 1
