"""Clocks that act: each rung by example, and whole lives of a promise against an oracle that counts minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from domain.access.team import Delegate
from domain.core.decider import Outcome
from domain.core.messages import Command, Record, Rejection, Tick
from domain.entity.call import Call, Facts
from domain.entity.clock_commands import AdoptPolicy, ExtendClock, LearnCalendars, WaiveClock
from domain.entity.effects import Notify
from domain.entity.state import Entity
from domain.entity.workflow_details import how_it_stands
from domain.sla.clocks import Clock, ClockBreached, ClockOwnerChanged, ClockPaused, ClockResumed, ClockRungReached
from domain.sla.escalation import DEFAULT_ESCALATION, EscalationStep
from domain.time.calendars import WEEKDAYS, Calendar, Leave, Shift, Week
from testing.people import (
    INTERVIEWER,
    MANAGER,
    MANAGER_LEAD,
    MONDAY,
    OFFICE,
    POLICY,
    RECRUITER,
    RECRUITING_LEAD,
    STRANGER,
    STRICTER,
    TEAM,
    TICK,
    person,
)
from tests.domain.calendar_oracle import Measured, Oracle
from tests.domain.clock_entity import PROMISE, HandOn, Happen, made_by
from tests.domain.test_calendars import CHANGES_OF_CLOCKS, USUAL_WEEKS, on_the_wall

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WHY = "They were at a fair all week."


class Life:
    """A promise and all that happens to it, from the moment it is made."""

    def __init__(self, start: datetime = MONDAY, state: Entity | None = None, **calendars: Calendar) -> None:
        known = dict.fromkeys((MANAGER, RECRUITER, MANAGER_LEAD, RECRUITING_LEAD, STRANGER, INTERVIEWER), OFFICE)
        self.state = state or made_by(known | calendars)
        self.records: list[Record] = []
        self.notes: list[Notify] = []
        self.give(start, Happen(what="begin"))

    def give(self, at: datetime, command: Command, by: str | None = None) -> Life:
        """Gives a command; what follows must fold to the state, in the order of time."""
        actor = person(by) if by else TICK
        outcome: Outcome[Any] = PROMISE.perform(self.state, command, Call(actor, at, Facts()))
        folded = self.state
        for record in outcome.records:
            folded = PROMISE.evolve(folded, Record.model_validate_json(record.model_dump_json()))
        assert folded == outcome.state
        assert type(folded).model_validate_json(folded.model_dump_json()) == folded
        self.state = outcome.state
        self.records += outcome.records
        self.notes = [effect for _, effect in outcome.effects if isinstance(effect, Notify)]
        assert [record.at for record in self.records] == sorted(record.at for record in self.records)
        return self

    def passes(self, at: datetime) -> Life:
        """Time passes until `at`."""
        return self.give(at, Tick())

    @property
    def clock(self) -> Clock:
        """The promise."""
        (clock,) = self.state.clocks.values()
        return clock

    @property
    def reached(self) -> list[tuple[str, datetime]]:
        """Every rung that came, and when."""
        return [
            (record.event.rung, record.at)
            for record in self.records
            if isinstance(record.event, ClockBreached | ClockRungReached)
        ]


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in March 2026, whose second is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_the_ladder_of_the_product_rung_by_rung() -> None:
    life = Life(MONDAY)  # two days from Monday at nine
    assert life.clock.due_at == on(4, 9)

    life.passes(on(30, 9))

    assert life.reached == [
        ("warned", on(3, 13)),  # three quarters of sixteen hours
        ("breached", on(4, 9)),
        ("escalated", on(5, 9)),
        ("stuck", on(6, 9)),
    ]
    assert life.clock.stuck_at == on(6, 9)
    assert (life.state.stuck, life.state.breached) == (True, True)
    assert PROMISE.next_deadline(life.state) is None


@pytest.mark.parametrize(
    ("until", "told", "words"),
    [
        (on(3, 13), {(MANAGER, "owner", False)}, "due 2026-03-04 09:00 UTC, warned"),
        (on(4, 9), {(MANAGER, "owner", True), (RECRUITER, "counterpart", True)}, "**overdue** since 2026-03-04 09:00"),
        (on(5, 9), {(MANAGER_LEAD, "owner_lead", False)}, "**overdue** since 2026-03-04 09:00 UTC, the lead knows"),
        (on(6, 9), set(), "**stuck** since 2026-03-06 09:00 UTC"),
    ],
)
def test_each_rung_tells_whom_the_policy_names(until: datetime, told: set[tuple[str, str, bool]], words: str) -> None:
    life = Life(MONDAY).passes(until - MINUTE).passes(until)

    assert {(note.person, note.about["recipient"], note.urgent) for note in life.notes} == told
    for note in life.notes:
        assert (note.matter, note.about["clock"], note.about["due_at"]) == (
            "clock_rung", "profile_answered", on(4, 9).isoformat(),
        )  # fmt: skip
        assert note.about["clock_id"] == life.clock.id
    assert how_it_stands(life.state, life.clock).startswith(words)


def test_nobody_is_told_twice_of_one_rung() -> None:
    both = EscalationStep(
        rung="breached", at="due", tell=dict.fromkeys(("owner", "counterpart", "owner_lead"), "{what}")
    )
    team = TEAM.but(recruiter=MANAGER, manager_lead=MANAGER)
    state = made_by({MANAGER: OFFICE}, POLICY.but(ladder=(both,))).but(team=team)

    life = Life(MONDAY, state).passes(on(4, 9))

    assert [(note.person, note.about["recipient"]) for note in life.notes] == [(MANAGER, "owner")]


def test_a_policy_may_have_other_rungs_and_counterparts() -> None:
    early = EscalationStep(rung="early", at="25 %", tell={"counterpart": "{owner} is to {what}."})
    escalation = (early, *DEFAULT_ESCALATION[1:2])
    policy = POLICY.but(ladder=escalation, counterparts=POLICY.counterparts | {"hiring_manager": "hr_partner"})

    life = Life(MONDAY, made_by({MANAGER: OFFICE, RECRUITER: OFFICE}, policy)).passes(on(30, 9))

    assert life.reached == [("early", on(2, 13)), ("breached", on(4, 9))]
    (waived,) = life.state.clocks
    with pytest.raises(Rejection, match="Only the other side"):
        life.give(on(30, 9), WaiveClock(clock_id=waived, why=WHY), RECRUITER)
    assert life.give(on(30, 9), WaiveClock(clock_id=waived, why=WHY), TEAM.hr_partner).state.clocks == {}


def test_a_clock_of_another_build_runs_on_and_is_told_to_its_owner_and_the_recruiter_alone() -> None:
    state = made_by(dict.fromkeys((INTERVIEWER, RECRUITER, RECRUITING_LEAD), OFFICE))
    pondered = Life(MONDAY, state).clock.but(id="c:1", name="pondered_over", about="I-1", owner=INTERVIEWER)
    life = Life(MONDAY, state.but(clocks={pondered.id: pondered}))

    life.give(on(2, 12), LearnCalendars(calendars={INTERVIEWER: OFFICE.but(holidays=frozenset({date(2026, 3, 3)}))}))
    life.passes(on(6, 9))

    told = {(note.about["recipient"], note.person) for note in life.notes if note.about["clock"] == "pondered_over"}
    assert told == {("owner", INTERVIEWER), ("counterpart", RECRUITER), ("owner_lead", RECRUITING_LEAD)}
    life.give(on(6, 9), ExtendClock(clock_id=pondered.id, until=on(6, 17), why=WHY), RECRUITER)
    assert life.state.clocks[pondered.id].due_at == on(6, 17)


def test_another_policy_holds_for_clocks_started_from_then_on() -> None:
    policy = STRICTER.but(ladder=DEFAULT_ESCALATION[1:2], counterparts=POLICY.counterparts)
    life = Life(MONDAY).give(MONDAY + HOUR, AdoptPolicy(policy=policy))
    life.give(on(2, 12), Happen(what="hold")).give(on(3, 12), Happen(what="free"))

    assert life.clock.due_at == on(5, 9), "it keeps its time"
    assert [step for step, _ in life.passes(on(30, 9)).reached] == ["warned", "breached", "escalated", "stuck"]
    assert {note.person for note in life.notes} >= {MANAGER, MANAGER_LEAD}, "and its ladder"
    life.give(on(30, 9), WaiveClock(clock_id=life.clock.id, why=WHY), RECRUITER)
    life.give(on(30, 9), Happen(what="begin"))
    assert life.clock.due_at == on(31, 9), "the next has the new one's"
    assert life.clock.rungs == ()


def test_pauses_that_overlap_are_counted_whole() -> None:
    life = Life(MONDAY)
    life.give(on(2, 10), Happen(what="hold")).give(on(2, 12), Happen(what="await"))
    life.give(on(2, 14), Happen(what="free")).give(on(2, 16), Happen(what="answer"))

    assert life.clock.due_at == on(4, 15), "six hours stood still"
    assert [(pause.cause, pause.start, pause.end) for pause in life.clock.pauses] == [
        ("hold", on(2, 10), on(2, 14)),
        ("candidate", on(2, 12), on(2, 16)),
    ]


def test_what_is_late_climbs_no_further_while_it_stands_still() -> None:
    life = Life(MONDAY).give(on(4, 13), Happen(what="hold")).passes(on(20, 9))
    assert [step for step, _ in life.reached] == ["warned", "breached"]

    life.give(on(23, 9), Happen(what="free")).passes(on(30, 9))

    assert life.reached[2:] == [("escalated", on(23, 13)), ("stuck", on(24, 13))], "four hours were left, then a day"


def test_a_calendar_that_changes_while_it_stands_still_takes_nothing_away() -> None:
    life = Life(MONDAY).give(on(2, 9), Happen(what="hold"))
    life.give(on(2, 10), LearnCalendars(calendars={MANAGER: OFFICE.but(holidays={date(2026, 3, 3)})}))
    life.give(on(9, 9), Happen(what="free"))

    assert life.clock.due_at == on(11, 9), "two days were left"


def test_more_time_moves_what_is_still_to_come() -> None:
    life = Life(MONDAY)
    life.give(on(2, 10), ExtendClock(clock_id=life.clock.id, until=on(6, 9), why=WHY), RECRUITER)
    assert [coming.at for coming in life.clock.rungs] == [on(5, 9) - timedelta(hours=16)], "24 of 32 hours"
    with pytest.raises(Rejection, match="more time before"):
        life.give(on(2, 11), ExtendClock(clock_id=life.clock.id, until=on(9, 9), why=WHY), RECRUITER)

    late = Life(MONDAY).passes(on(5, 9))
    late.give(on(5, 10), ExtendClock(clock_id=late.clock.id, until=on(6, 9), why=WHY), RECRUITER).passes(on(30, 9))
    assert late.reached[2:] == [("escalated", on(5, 9)), ("stuck", on(10, 9))], "each once; two days after the new one"


class TestLeave:
    AWAY = OFFICE.but(leave=(Leave(start=date(2026, 3, 3), until=date(2026, 3, 6)),))

    def passed(self, life: Life) -> list[tuple[str, str, datetime]]:
        """To whom it passed, why and when."""
        return [
            (record.event.owner, record.event.cause, record.at)
            for record in life.records
            if isinstance(record.event, ClockOwnerChanged)
        ]

    def test_when_it_begins_the_lead_has_the_promise_with_the_time_that_was_left(self) -> None:
        life = Life(MONDAY, **{MANAGER: self.AWAY})
        assert life.clock.due_at == on(10, 9), "two of the manager's days"

        life.passes(on(3, 9))

        assert self.passed(life) == [(MANAGER_LEAD, "leave", on(3, 0))]
        assert life.clock.due_at == on(4, 9), "a day was left, and the lead works on it"
        assert life.clock.started_at == MONDAY

    def test_the_managers_delegate_comes_first_while_they_may(self) -> None:
        delegate = Delegate(person=STRANGER, powers=("answer_profile",), until=on(5, 9))
        state = Life(MONDAY, **{MANAGER: self.AWAY}).state
        team = TEAM.but(delegate=delegate)
        life = Life(MONDAY, state.but(team=team, clocks={})).passes(on(3, 9))
        assert life.clock.owner == STRANGER

        over = TEAM.but(delegate=delegate.but(until=on(2, 12)))
        assert Life(MONDAY, state.but(team=over, clocks={})).passes(on(3, 9)).clock.owner == MANAGER_LEAD

    def test_a_promise_made_while_they_are_away_passes_at_once(self) -> None:
        life = Life(on(4, 10), **{MANAGER: self.AWAY})

        assert self.passed(life) == [(MANAGER_LEAD, "leave", on(4, 10))]
        assert life.clock.due_at - on(4, 10) <= 4 * DAY

    def test_leave_that_is_told_late_passes_it_when_it_is_told(self) -> None:
        life = Life(MONDAY).give(on(3, 10), LearnCalendars(calendars={MANAGER: self.AWAY}))

        assert self.passed(life) == [(MANAGER_LEAD, "leave", on(3, 10))]
        assert life.clock.due_at == on(4, 9), "nothing is won by it"

    def test_it_stays_where_nobody_else_is_there(self) -> None:
        life = Life(MONDAY, **{MANAGER: self.AWAY, MANAGER_LEAD: self.AWAY}).passes(on(3, 9))

        assert self.passed(life) == [(MANAGER, "leave, and nobody else is there", on(3, 0))]
        assert life.clock.due_at == on(10, 9)

    def test_an_afternoon_off_passes_nothing_on(self) -> None:
        afternoon = OFFICE.but(leave=(Leave(start=on(3, 12), until=on(3, 17)),))
        assert Life(MONDAY, **{MANAGER: afternoon}).passes(on(3, 16)).clock.owner == MANAGER

    def test_what_stands_still_passes_too_and_keeps_what_was_left(self) -> None:
        life = Life(MONDAY, **{MANAGER: self.AWAY}).give(on(2, 13), Happen(what="hold"))
        life.passes(on(5, 9)).give(on(9, 9), Happen(what="free"))

        assert life.clock.owner == MANAGER_LEAD
        assert life.clock.due_at == on(10, 13), "twelve hours were left"

    def test_who_takes_it_over_is_told_of_the_next_rung_once(self) -> None:
        life = Life(MONDAY, **{MANAGER: self.AWAY}).passes(on(4, 9) - MINUTE).passes(on(5, 9))
        owners = [note for note in life.notes if note.about["recipient"] != "counterpart"]
        assert [(note.person, note.about["rung"]) for note in owners] == [
            (MANAGER_LEAD, "breached"),
            (MANAGER_LEAD, "escalated"),
        ]


# Against the oracle


@dataclass(frozen=True)
class Worker:
    """Somebody's calendar, twice."""

    oracle: Oracle
    calendar: Calendar


NEAR = date(2026, 3, 29)


@st.composite
def workers(draw: st.DrawFn) -> Worker:
    """Office hours, part-time, nights or round the clock, with holidays, in a zone whose clocks may change then."""
    zone = draw(st.sampled_from(sorted({zone for zone, _ in CHANGES_OF_CLOCKS})))
    week = draw(USUAL_WEEKS)  # an hour a week would be counted for years
    holidays = {NEAR + n * DAY for n in draw(st.sets(st.integers(-3, 6), max_size=3))}
    return worker(zone, week, holidays)


def worker(zone: str, week: list[list[tuple[int, int]]], holidays: set[date]) -> Worker:
    """Somebody with this week."""
    clock = [[Shift(start=on_the_wall(a), end=on_the_wall(b)) for a, b in shifts] for shifts in week]
    works = Week.model_validate(dict(zip(WEEKDAYS, clock, strict=True)))
    return Worker(Oracle(zone, week, holidays), Calendar(zone=zone, week=works, holidays=frozenset(holidays)))


CHANGES = st.tuples(
    st.integers(0, 2_000),
    st.sampled_from(["hold", "free", "await", "answer", "calendar", "hand_on", "extend", "tick"]),
    st.integers(0, 3),
)


IN_OFFICE = worker("UTC", [[(540, 1020)]] * 5 + [[], []], set())
AT_ALL_HOURS = worker("UTC", [[(0, 1440)]] * 7, set())


@given(
    st.lists(workers(), min_size=4, max_size=4),
    st.integers(0, 3 * 1_440),
    st.lists(CHANGES, max_size=8),
)
@example(  # held in the evening before it is due at nine, then counted by somebody for whom no minute was left
    [IN_OFFICE, AT_ALL_HOURS, IN_OFFICE, IN_OFFICE],
    540,
    [(2_000, "tick", 0), (2_000, "tick", 0), (860, "hold", 0), (0, "calendar", 1), (120, "free", 0)],
)
def test_whatever_happens_to_a_promise_it_is_measured_as_the_oracle_measures(
    people: list[Worker], begins: int, changes: list[tuple[int, str, int]]
) -> None:
    now = datetime(2026, 3, 27, tzinfo=UTC) + begins * MINUTE
    first, names = people[0], (MANAGER, STRANGER, INTERVIEWER, RECRUITER)
    assume(first.oracle.between(now, first.oracle.same_time(now, 2)) >= 4)
    known = {name: worker.calendar for name, worker in zip(names, people, strict=True)}
    life = Life(now, **known)
    model = Measured(first.oracle, now, first.oracle.same_time(now, 2))
    _agree(life, model)
    for gap, what, which in changes:
        now += gap * MINUTE
        model.passes(now)
        match what:
            case "hold" | "await":
                life.give(now, Happen.model_validate({"what": what}))
                model.stands_still(what, now)
            case "free" | "answer":
                life.give(now, Happen.model_validate({"what": what}))
                model.goes_on("hold" if what == "free" else "await", now)
            case "calendar":
                life.give(now, LearnCalendars(calendars={life.clock.owner: people[which].calendar}))
                model.counts_by(people[which].oracle, now)
            case "hand_on":
                life.give(now, HandOn(to=names[which]))
                by = next(w for w in people if w.calendar == life.state.calendars[names[which]])
                model.counts_by(by.oracle, now)
            case "extend":
                until = max(now, life.passes(now).clock.due_at) + (which + 1) * HOUR
                extend = ExtendClock(clock_id=life.clock.id, until=until, why=WHY)
                by = TEAM.recruiter if life.clock.owner != RECRUITER else TEAM.manager_lead
                try:
                    life.give(now, extend, by)
                except Rejection:
                    continue
                model.extends(until, now)
            case _:
                life.passes(now)
        model.passes(now)  # what has no minute left when it goes on, or changes hands, is reached at once
        _agree(life, model)
    for cause in ("free", "answer"):
        life.give(now, Happen.model_validate({"what": cause}))
        model.goes_on("hold" if cause == "free" else "await", now)
    end = now + 120 * DAY
    model.passes(end)
    _agree(life.passes(end), model)
    _escalated_in_order(life)


def _agree(life: Life, model: Measured) -> None:
    clock = life.clock
    assume(("warned", clock.due_at) not in model.steps + model.reached)  # less than the oracle's minute before it
    assert clock.due_at == model.due
    come = [(name, at) for name, at in model.steps if name != "breached"]
    for measured, counted in ((life.reached, model.reached), (list(clock.rungs), come)):
        assert [name for name, _ in measured] == [name for name, _ in counted]
        for (_, at), (_, minute) in zip(measured, counted, strict=True):
            assert at <= minute < at + MINUTE, "the oracle counts whole minutes"


def _escalated_in_order(life: Life) -> None:
    names = [name for name, _ in life.reached]
    assert names == [step.rung for step in DEFAULT_ESCALATION if step.rung in names], "in order, each once at most"
    assert names[-3:] == ["breached", "escalated", "stuck"]
    still = 0
    for record in life.records:
        match record.event:
            case ClockPaused():
                still += 1
            case ClockResumed():
                still -= 1
            case ClockBreached() | ClockRungReached():
                assert not still, "nothing is reached while it stands still"
