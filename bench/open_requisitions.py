"""Open requisitions with five running clocks each, made by the rules alone: journalled, then started as if revived.

Nobody had to live them through, yet all that belongs to them is there: events, read model, a workflow with its timer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from domain.access.roles import Role
from domain.access.team import Actor
from domain.core.messages import Command, Record, Tick
from domain.entity.call import Call, Facts
from domain.requisition import REQUISITION
from domain.requisition.intake import RecordIntake
from domain.requisition.opening import Open
from domain.requisition.rubric import AmendRubric, SignRubric
from domain.requisition.state import Requisition
from domain.sla.policy import Policy
from domain.time.calendars import ROUND_THE_CLOCK, Calendar
from domain.time.durations import Duration, ElapsedTime
from ops.administration import Operator
from settings import Settings
from store.policy_file import load_policy
from testing import requisition_stories
from workflows.contract import stream_of

CLOCKS = 5
"""What is owed in each: the first slate, two answers to a pulse, and two signatures under an amendment."""

_SLATE, _REST = 400, 800
_SLATE_WITHIN = timedelta(hours=_SLATE)
_CLOCK = Actor(id="tick", kind="system")
_INTAKE, _EDIT = (command.grounded(requisition_stories.LIBRARY) for command in (
    RecordIntake(
        kind="full", held_at=requisition_stories.MONDAY, attendees=("P-000001",), rec=requisition_stories.transcript()
    ),
    requisition_stories.EDIT,
))  # fmt: skip


@dataclass(frozen=True)
class Staff:
    """Who recruits and who hires, by id: each requisition has one of either, in turn. Everybody works at any hour."""

    recruiters: tuple[str, ...]
    managers: tuple[str, ...]

    def opening(self, number: int) -> Open:
        """What is asked for when the n-th requisition is opened."""
        recruiter = self.recruiters[number % len(self.recruiters)]
        return requisition_stories.OPEN.but(
            title=f"Search {number}",
            recruiter=recruiter,
            hiring_manager=self.managers[number % len(self.managers)],
            **dict(zip(("hr_partner", "recruiting_lead", "manager_lead"), self.above, strict=True)),
        )

    @property
    def above(self) -> tuple[str, str, str]:
        """The HR partner and the two leads, the same for every search."""
        return self.recruiters[0], self.recruiters[-1], self.managers[-1]


async def hired(settings: Settings, count: int) -> Staff:
    """So many people of either kind, enrolled on a running stack."""
    operator = Operator(settings)
    ids = [
        (await operator.enrol(f"Person {number}", f"person{number}@example.org", "UTC", ["R"]))[0]
        for number in range(2 * count)
    ]
    return Staff(tuple(ids[:count]), tuple(ids[count:]))


@dataclass(frozen=True)
class OpenRequisition:
    """The n-th requisition as it stands at `now`; the first thing that falls due is its slate, at `due_at` (both
    UTC)."""

    number: int
    staff: Staff
    policy: Policy
    due_at: datetime
    now: datetime

    @property
    def stream(self) -> str:
        """Its journal's stream, and its workflow's id."""
        return stream_of("requisition", self._id)

    @property
    def _id(self) -> str:
        return f"R-OPEN{self.number:06}"

    @cached_property
    def lived(self) -> tuple[Requisition, Sequence[Record]]:
        """The state, and the records that fold to it."""
        opening = self.staff.opening(self.number)
        people = (opening.recruiter, opening.hiring_manager, *self.staff.above)
        calendars = dict.fromkeys(people, Calendar(zone="UTC", week=ROUND_THE_CLOCK))
        facts = Facts(new_id=self._id, policy=self.policy, calendars=calendars)
        state, records = REQUISITION.initial, list[Record]()

        def gives(by: str, command: Command, hours: float) -> None:
            nonlocal state
            actor = _CLOCK if by == _CLOCK.id else Actor(id=by, standing=frozenset({Role.RECRUITER}))
            at = self.due_at - _SLATE_WITHIN + timedelta(hours=hours)
            outcome = REQUISITION.perform(state, command, Call(actor, min(at, self.now), facts))
            state = outcome.state
            records.extend(outcome.records)

        recruiter, manager = opening.recruiter, opening.hiring_manager
        gives(recruiter, opening, -4)
        gives(recruiter, _INTAKE.but(attendees=(recruiter, manager)), -3)
        gives(recruiter, _EDIT, -2)
        for signer in (recruiter, manager):
            gives(signer, SignRubric(version=1, hash=state.draft_hash, sign=True), 0)
        gives(_CLOCK.id, Tick(), 2)
        amended = AmendRubric(base_version=1, job_text="We make permits quickly.", why="The text was hard to read.")
        gives(recruiter, amended, 3)
        gives(_CLOCK.id, Tick(), _SLATE)
        assert len(state.clocks) == CLOCKS
        assert REQUISITION.next_deadline(state) == self.due_at
        return state, records


def policy_of(settings: Settings) -> Policy:
    """The shipped policy, but that the slate is owed first, the rest much later, and the pulse is taken at once."""
    shipped = load_policy(settings.policy)
    hours = {"slate_shared": _SLATE, "pulse_answered": _REST, "rubric_signed": _REST}
    clocks: dict[str, Duration] = {name: ElapsedTime(hours=count, elapsed=True) for name, count in hours.items()}
    return shipped.but(name="bench", clocks=shipped.clocks | clocks, pulse_after=ElapsedTime(hours=1, elapsed=True))
