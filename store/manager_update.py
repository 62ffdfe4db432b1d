"""What a requisition's people are told of how it goes: put together from the read model and the journal, by counting
alone.

Nothing here comes from scorecards, nor from anything made of them, so that it may be read before one's own card is in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import asyncpg

from domain.candidate.debrief import DebriefHeld
from domain.core.messages import Record
from domain.entity.clock_commands import CalendarsLearned, PolicyAdopted
from domain.entity.entity_facts import ENDS, Stage
from domain.entity.state import Standing
from domain.evidence.interview_plan import HELD
from domain.evidence.rubric import Agreement, Rubric
from domain.reporting.agreement_tracking import AgreementOutcome, both_met, kept, stood_still
from domain.reporting.criterion_pass_rates import CriterionReading, PassRates, scarcity
from domain.reporting.delay_attribution import Side, Span, Wait, side_of
from domain.reporting.forecast import Forecast, ForecastInput, LiveCandidate, forecast
from domain.reporting.funnel import StageMove, first_came, moved
from domain.requisition.comp_signal import CompReading
from domain.requisition.drift import Drift
from domain.requisition.intake import IntakeRecorded
from domain.requisition.lifecycle import SearchCancelled, SearchFilled, SearchPutOnHold, SearchReopened, SearchResumed
from domain.requisition.opening import SearchOpened
from domain.requisition.state import Offer
from domain.sla.catalogue import clock_row
from domain.sla.clocks import Pause
from domain.sla.policy import Policy
from domain.time.calendars import Calendar
from store.journal import records_of, stored_as
from store.queries import Reads
from store.users import Users
from store.views import ClockView, RequisitionView, RubricVersion, View
from workflows.contract import entity_of, stream_of

_COUNTED_ONLY: frozenset[str] = ENDS | {Stage.ADDED, Stage.ACCEPTED}
"""Stages whose candidates are counted and not listed: unread applications, and those for whom it is over."""


STOPS = (SearchPutOnHold, SearchCancelled, SearchFilled)
GOES_ON = (SearchResumed, SearchReopened)
"""What makes a requisition stand still, and what lets it go on."""


class StandsAt(View):
    """A candidate who is considered: their stage, since when (UTC), for how many working days, and whose turn it is."""

    id: str
    human: str
    stage: Stage
    stage_since: datetime
    days: float
    waits_on: tuple[Side, ...]


class OwedClock(View):
    """A running clock: whose, what (the clock's name), about whom if about a candidate; times in UTC.

    `still` says that it is paused, and is nobody's task meanwhile.
    """

    side: Side
    name: str
    candidate: str | None
    since: datetime
    due_at: datetime
    late: bool
    still: bool


class CriterionCount(View):
    """A criterion of the locked rubric in its own words, and how many show it."""

    rank: int
    behaviour: str
    weight: Literal["must", "growth"]
    counted: PassRates


class RequisitionUpdate(View):
    """How a requisition stands at `at`, and what moved since `since` (UTC)."""

    requisition: str
    title: str
    phase: str
    standing: Standing
    since: datetime
    at: datetime
    openings: int | None
    openings_left: int | None
    stages: dict[Stage, int]
    candidates: tuple[StandsAt, ...]
    moved: dict[Stage, int]
    rubric_version: int | None
    criteria: tuple[CriterionCount, ...]
    debts: tuple[OwedClock, ...]
    market: CompReading | None
    drift: Drift
    kept: AgreementOutcome | None
    forecast: Forecast


class RequisitionUpdates:
    """Counts how requisitions stand."""

    def __init__(self, pool: asyncpg.Pool, reads: Reads, people: Users) -> None:
        self._pool, self._reads, self._people = pool, reads, people

    async def of(self, requisition: str, since: datetime, now: datetime) -> RequisitionUpdate | None:
        """The update on a requisition as it stands `now`, with what moved after `since` (UTC); None for an unknown
        one."""
        pool, reads = self._pool, self._reads
        view = await reads.requisition(requisition)
        if view is None:
            return None
        facts = await _Facts.of(pool, self._people, view)
        clocks = await reads.clocks(requisition=requisition)
        versions = [version for version in await reads.rubric(requisition) if version.status == "locked"]
        moves = [StageMove(**row) for row in await _rows(pool, "SELECT candidate, stage, at FROM moves", requisition)]
        readings = [
            CriterionReading(**row)
            for row in await _rows(
                pool, "SELECT candidate, criterion, verdict, rubric_version, at FROM readings", requisition
            )
        ]
        candidates = await _candidates(pool, requisition)
        debts = tuple(_owed_clock(clock, now) for clock in clocks if clock.ended_at is None)
        rubric = versions[0].rubric if versions else None
        course = ForecastInput(
            calendar=facts.calendar,
            policy=facts.policy,
            opened_at=facts.opened_at,
            openings=view.openings,
            target_date=view.target_date,
            agreement=rubric.agreement if rubric else None,
            agreed_at=_agreed_at(versions),
            rounds=max(len({round.round for round in rubric.plan}), 1) if rubric else 1,
            runners=tuple(_runner(row, clocks, view.offers) for row in candidates if row["stage"] not in ENDS),
            moves=tuple(moves),
            waits=tuple(_wait(clock, now) for clock in clocks),
            holds=facts.holds(view, now),
            ended=view.standing == "ended",
        )
        return RequisitionUpdate(
            requisition=requisition,
            title=view.title,
            phase=view.phase,
            standing=view.standing,
            since=since,
            at=now,
            openings=view.openings,
            openings_left=view.openings_left,
            stages=view.stages,
            candidates=tuple(
                _stands_at(row, course, debts, now) for row in candidates if row["stage"] not in _COUNTED_ONLY
            ),
            moved=moved(moves, since),
            rubric_version=rubric.version if rubric else None,
            criteria=_criteria(rubric, versions, readings, since),
            debts=debts,
            market=view.market,
            drift=view.drift,
            kept=_kept(course, moves, facts.met(view), now),
            forecast=forecast(course, now),
        )


class _Facts:
    """What the journal alone knows of a search: its policy, how its recruiter works, when it stood still, who met."""

    def __init__(self, records: Sequence[Record], recruiter: str, own: Calendar | None) -> None:
        self._records = records
        policy: Policy | None = None
        calendars: dict[str, Calendar] = {}
        for record in records:
            match record.event:
                case PolicyAdopted() as adopted:
                    policy = adopted.policy
                case CalendarsLearned() as learnt:
                    calendars |= learnt.calendars
                case SearchOpened():
                    self.opened_at = record.at
        assert policy is not None, "no search is opened without a policy"
        self.policy = policy
        self.calendar = own or calendars[recruiter]

    @classmethod
    async def of(cls, pool: asyncpg.Pool, people: Users, view: RequisitionView) -> _Facts:
        own = (PolicyAdopted, CalendarsLearned, SearchOpened, *STOPS, *GOES_ON)
        calls = (IntakeRecorded, DebriefHeld)
        rows = await pool.fetch(
            """
            SELECT seq, type, schema, at, by, payload FROM events
            WHERE (stream = $1 AND type = ANY($2)) OR (requisition = $3 AND type = ANY($4)) ORDER BY at, seq
            """,
            *(stream_of("requisition", view.id), stored_as(own)),
            *(view.id, stored_as(calls)),
        )
        recruiter = view.team.recruiter
        calendars = await people.calendars([recruiter])
        return cls(records_of(rows, (*own, *calls)), recruiter, calendars.get(recruiter))

    def holds(self, view: RequisitionView, now: datetime) -> tuple[Span, ...]:
        """When the requisition stood still: on hold, or over and then reopened; on hold now, until it is looked at
        again."""
        turns = ((r.at, isinstance(r.event, STOPS)) for r in self._records if isinstance(r.event, (*STOPS, *GOES_ON)))
        spans, _ = stood_still(turns)
        if view.hold is not None:
            spans.append((view.hold.since, max(now, view.hold.review_at)))
        return tuple(spans)

    def met(self, view: RequisitionView) -> list[datetime]:
        """When recruiter and hiring manager were in a call about the search."""
        sides = view.team.recruiter, view.team.hiring_manager
        met: list[datetime] = []
        for record in self._records:
            match record.event:
                case DebriefHeld(held_at=at, attendees=attendees) if both_met(*sides, (*attendees, record.by)):
                    met.append(at)
                case IntakeRecorded(intake=intake, attendees=attendees) if both_met(*sides, (*attendees, record.by)):
                    met.append(intake.held_at)
        return met


async def _rows(pool: asyncpg.Pool, select: str, requisition: str) -> Iterable[dict[str, Any]]:
    return [dict(row) for row in await pool.fetch(f"{select} WHERE requisition = $1 ORDER BY at", requisition)]


async def _candidates(pool: asyncpg.Pool, requisition: str) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await pool.fetch(
        """
        SELECT c.id, c.human, c.stage, c.stage_since, (c.view->>'waiting_until')::timestamptz AS waiting_until,
               (SELECT min(m.ends_at) FROM meetings m WHERE m.stream = 'candidate/' || c.id) AS next_call_ends,
               (SELECT count(DISTINCT i.value->'round') FROM jsonb_each(c.view->'interviews') i
                WHERE i.value->>'status' = ANY($2)) AS rounds_held
        FROM candidates c WHERE c.requisition = $1 ORDER BY c.stage_since, c.id
        """,
        *(requisition, sorted(HELD)),
    )
    return found


def _agreed_at(versions: Sequence[RubricVersion]) -> datetime | None:
    """When the agreement as it stands was first locked; `versions` come the newest first."""
    agreed_at: datetime | None = None
    agreement: Agreement | None = versions[0].rubric.agreement if versions else None
    for version in versions:
        if version.rubric.agreement != agreement:
            break
        agreed_at = version.locked_at
    return agreed_at


def _runner(row: asyncpg.Record, clocks: Iterable[ClockView], offers: Mapping[str, Offer]) -> LiveCandidate:
    """The candidate as a forecast sees them: the step under way ends with what is owed, booked or waited for."""
    stream, offer = stream_of("candidate", row["id"]), offers.get(row["id"])
    ends = [c.due_at for c in clocks if c.stream == stream and not c.ended_at and clock_row(c.name).holds_up]
    ends += filter(None, (row["waiting_until"], row["next_call_ends"]))
    if offer is not None and offer.stands:
        ends.append(offer.answer_by)
    return LiveCandidate(
        id=row["id"],
        stage=row["stage"],
        since=row["stage_since"],
        due_at=max(ends, default=None),
        rounds_held=row["rounds_held"],
    )


def _wait(clock: ClockView, now: datetime) -> Wait:
    late_from = clock.breached_at or (clock.due_at if clock.due_at < (clock.ended_at or now) else None)
    if clock.corrected_breach is not None:
        late_from = None
    return Wait(
        name=clock.name,
        about=clock.about,
        late_from=late_from,
        until=clock.ended_at,
        pauses=tuple(Pause.model_validate(pause) for pause in clock.pauses),
        still=clock.causes,
        still_since=clock.stands_since,
    )


def _owed_clock(clock: ClockView, now: datetime) -> OwedClock:
    entity, entity_id = entity_of(clock.stream)
    still = clock.stands_since is not None
    return OwedClock(
        side=side_of(clock.name, clock.about),
        name=clock.name,
        candidate=_meant(clock.about, entity, entity_id),
        since=clock.started_at,
        due_at=clock.due_at,
        late=clock.breached_at is not None or (not still and clock.due_at <= now),
        still=still,
    )


def _meant(about: str, entity: str, entity_id: str) -> str | None:
    if entity == "candidate":
        return entity_id
    return about if about.startswith("C-") else None


def _stands_at(row: asyncpg.Record, course: ForecastInput, owed: Iterable[OwedClock], now: datetime) -> StandsAt:
    sides = {clock.side for clock in owed if clock.candidate == row["id"] and not clock.still}
    return StandsAt(
        id=row["id"],
        human=row["human"],
        stage=row["stage"],
        stage_since=row["stage_since"],
        days=course.days(course.calendar.working_minutes_between(row["stage_since"], now)),
        waits_on=tuple(sorted(sides)),
    )


def _criteria(
    rubric: Rubric | None, versions: Iterable[RubricVersion], readings: Iterable[CriterionReading], since: datetime
) -> tuple[CriterionCount, ...]:
    if rubric is None:
        return ()
    known = {criterion.id: criterion for criterion in rubric.criteria}
    counted = scarcity(rubric, {version.version: version.rubric for version in versions}, readings, since)
    return tuple(
        CriterionCount(
            rank=(criterion := known[count.criterion]).rank,
            behaviour=criterion.behaviour,
            weight=criterion.weight,
            counted=count,
        )
        for count in counted
    )


def _kept(
    course: ForecastInput, moves: Iterable[StageMove], met: Iterable[datetime], now: datetime
) -> AgreementOutcome | None:
    if course.agreement is None or course.agreed_at is None:
        return None
    shown = first_came(moves, Stage.SUBMITTED)
    return kept(course.agreement, course.agreed_at, shown, met, course.holds, course.calendar, course.policy.day, now)
