"""The debrief: booked before the final round, at most thirty minutes, held when every card is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Literal, NoReturn, Self

from pydantic import Field

from domain.candidate.state import INTERVIEWED, Candidate, CandidateCommand, looked_up
from domain.core.decider import Chapter
from domain.core.ids import MeetingUid, PersonId
from domain.core.messages import Effect, Event, Record, Sources, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.effects import Invite
from domain.entity.entity_facts import Stage
from domain.evidence.debrief import Debrief, LeftOut
from domain.evidence.interview_plan import HELD, missing_cards
from domain.evidence.meeting_place import ASKS_WHERE, Place, check_place
from domain.time.wall_clock import WallClock
from domain.time.zones import Instant

chapter: Chapter[Candidate] = Chapter()

DATES_WITHOUT_ASKING = 2
"""A debrief may be booked and moved once; the third time somebody else has to agree."""


class BookDebrief(
    CandidateCommand,
    who="R",
    refuses="over_30* hm_missing* place_missing*",
    heading="Book the debrief",
    button="Send the invitations",
):
    """Put the debrief in everybody's calendar: thirty minutes at most, with the hiring manager."""

    model_config = ASKS_WHERE

    starts_at: Instant = Field(title="When")
    minutes: int = Field(default=30, title="How long, in minutes", ge=5, le=240)
    attendees: tuple[PersonId, ...] = Field(title="Who takes part")
    where: Place | None = Field(default=None, title="Where", description="A link, a room or a telephone number.")

    def grounded(self, sources: Sources) -> Self:
        """Refuses what would be held nowhere."""
        check_place(self.where)
        return self


class RebookDebrief(
    CandidateCommand, who="R", refuses="not_booked held third_time", heading="Move the debrief", button="Move it"
):
    """Move the debrief to another time, or only to another place."""

    starts_at: Instant = Field(title="When")
    cause: PersonalText = Field(title="Why")
    where: Place | None = Field(default=None, title="Where, if that is new")

    def grounded(self, sources: Sources) -> Self:
        """Refuses a place where nobody can come; without one it stays where it was."""
        check_place(self.where, meets=False)
        return self


class HoldDebrief(
    CandidateCommand,
    who="R H",
    refuses="not_booked cards_missing hm_absent*",
    heading="The debrief was held",
    button="It was held",
):
    """Record that the debrief was held, by whom, and whose scorecard it did without, and why."""

    held_at: Instant = Field(title="When it was held")
    minutes: int = Field(title="How long, in minutes", ge=1, le=480)
    attendees: tuple[PersonId, ...] = Field(title="Who took part")
    left_out: tuple[LeftOut, ...] = Field(default=(), title="Scorecards it did without")


class DebriefBooked(Event):
    """The debrief is in everybody's calendar."""

    debrief: Debrief


class DebriefRebooked(Event):
    """The debrief was moved."""

    debrief: Debrief
    cause: PersonalText


class DebriefCancelled(Event):
    """The debrief will not take place."""

    debrief: Debrief


class DebriefEnded(Event):
    """The debrief's booked end has passed. Time brings this: it was to end in a decision."""


class DebriefHeld(Event):
    """The debrief was held: a decision is due."""

    held_at: datetime
    minutes: int
    attendees: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


@chapter.gate(BookDebrief)
def may_be_booked(state: Candidate, call: Call) -> None:
    if state.decision is not None:
        refuse("closed", "The decision was made.", "Nothing is left to debrief.")
    if state.debrief is not None:
        refuse("already_done", "The debrief is booked.", "rebook-debrief, to move it.")


@chapter.next(BookDebrief)
def the_final_round_comes(state: Candidate, call: Call) -> bool:
    planned = state.next_round
    return planned is not None and planned.final and state.stage in INTERVIEWED


@chapter.decides(BookDebrief)
def book_debrief(state: Candidate, asked: BookDebrief, call: Call) -> Iterator[Event]:
    if asked.minutes > state.rules.debrief_minutes:
        refuse(
            "over_30",
            f"{asked.minutes} minutes is too long for a debrief.",
            f"At most {state.rules.debrief_minutes} minutes.",
            "minutes",
        )
    if state.people.hiring_manager not in asked.attendees:
        refuse(
            "hm_missing",
            "The hiring manager is not invited.",
            "The hiring manager among those who take part.",
            "attendees",
        )
    _check_future(asked.starts_at, call)
    yield from looked_up(state, call, asked.attendees)
    yield DebriefBooked(
        debrief=Debrief(
            number=state.debriefs + 1,
            starts_at=asked.starts_at,
            minutes=asked.minutes,
            attendees=asked.attendees,
            wall=_on_our_clocks(state, asked.starts_at),
            where=asked.where,
        )
    )


@chapter.gate(RebookDebrief)
def may_be_moved(state: Candidate, call: Call) -> None:
    debrief = _booked(state)
    if debrief.held_at is not None:
        refuse("held", "The debrief was held.", "decide, with a further step, if more has to be found out.")


@chapter.decides(RebookDebrief)
def rebook_debrief(state: Candidate, asked: RebookDebrief, call: Call) -> Iterator[Event]:
    debrief = _booked(state)
    where = asked.where or debrief.where
    if asked.starts_at == debrief.starts_at and where != debrief.where:
        yield DebriefRebooked(debrief=debrief.but(where=where, places=debrief.places + 1), cause=asked.cause)
        return
    if debrief.moved + 1 >= DATES_WITHOUT_ASKING:
        state.gate("third_time", state.id, call.now, "This would be its third date.", "The date it has.")
    _check_future(asked.starts_at, call)
    yield DebriefRebooked(
        debrief=debrief.but(
            starts_at=asked.starts_at,
            wall=_on_our_clocks(state, asked.starts_at),
            moved=debrief.moved + 1,
            over=False,
            where=where,
        ),
        cause=asked.cause,
    )


def _on_our_clocks(state: Candidate, at: datetime) -> WallClock:
    """What the recruiter's clocks show, who calls the debrief."""
    return WallClock.at(at, state.calendar_of(state.people.recruiter).zone)


@chapter.gate(HoldDebrief)
def may_be_held(state: Candidate, call: Call) -> None:
    if _booked(state).held_at is not None:
        refuse("already_done", "The debrief was held.", "decide.")
    if not any(i.cards for i in state.interviews.values() if i.status in HELD):
        _refuse_missing(missing_cards(state.interviews.values()))


@chapter.next(HoldDebrief)
def everything_is_in(state: Candidate, call: Call) -> bool:
    return state.next_round is None and not missing_cards(state.interviews.values())


@chapter.decides(HoldDebrief)
def hold_debrief(state: Candidate, asked: HoldDebrief, call: Call) -> Iterator[Event]:
    if asked.held_at > call.now:
        refuse("bad_time", "That has not happened yet.", "When it was held.", "held_at")
    for out in asked.left_out:
        if (found := state.interview(out.interview)).assignment(out.person) is None:
            refuse("unknown_reference", "They did not interview there.", f"An interviewer of {found.id}.", "left_out")
    without = {(out.interview, out.person) for out in asked.left_out}
    if waiting := [pair for pair in missing_cards(state.interviews.values()) if pair not in without]:
        _refuse_missing(waiting)
    delegate = state.people.delegate
    speaks = {state.people.hiring_manager}
    if delegate is not None and asked.held_at < delegate.until:
        speaks.add(delegate.person)
    if not speaks & set(asked.attendees):
        refuse("hm_absent", "The hiring manager was not there.", "A debrief with them.", "attendees")
    yield DebriefHeld(held_at=asked.held_at, minutes=asked.minutes, attendees=asked.attendees, left_out=asked.left_out)


def _refuse_missing(waiting: list[tuple[str, PersonId]]) -> NoReturn:
    named = ", ".join(f"{person} ({interview})" for interview, person in waiting)
    refuse(
        "cards_missing",
        f"Scorecards are missing: {named}." if waiting else "Nobody has handed in a scorecard.",
        "Their scorecards, or a reason for each that the debrief does without.",
        "left_out",
    )


def _booked(state: Candidate) -> Debrief:
    if state.debrief is None:
        refuse("not_booked", "No debrief is booked.", "book-debrief first.")
    return state.debrief


def _check_future(at: datetime, call: Call) -> None:
    if at <= call.now:
        refuse("bad_time", "That time is past.", "A time to come.", "starts_at")


@chapter.evolves(DebriefBooked)
def debrief_booked(state: Candidate, event: DebriefBooked, record: Record) -> Candidate:
    return state.but(debrief=event.debrief, debriefs=event.debrief.number)


@chapter.evolves(DebriefRebooked)
def debrief_rebooked(state: Candidate, event: DebriefRebooked, record: Record) -> Candidate:
    return state.but(debrief=event.debrief)


@chapter.evolves(DebriefCancelled)
def debrief_cancelled(state: Candidate, event: DebriefCancelled, record: Record) -> Candidate:
    return state.but(debrief=None)


@chapter.evolves(DebriefEnded)
def debrief_ended(state: Candidate, event: DebriefEnded, record: Record) -> Candidate:
    assert state.debrief is not None
    return state.but(debrief=state.debrief.but(over=True))


@chapter.evolves(DebriefHeld)
def debrief_held(state: Candidate, event: DebriefHeld, record: Record) -> Candidate:
    assert state.debrief is not None
    left_out = tuple((out.interview, out.person) for out in event.left_out)
    debrief = state.debrief.but(held_at=event.held_at, left_out=left_out)
    return state.at_stage(Stage.DEBRIEFING, record.at).but(debrief=debrief)


@chapter.awaits
def booked_end(state: Candidate) -> Iterator[tuple[datetime, Callable[[], Event]]]:
    if state.debrief is not None and not state.debrief.over:
        yield state.debrief.ends_at, partial(DebriefEnded)


@chapter.reacts(DebriefBooked, DebriefRebooked)
def invite(state: Candidate, event: Event, record: Record) -> Iterator[Effect]:
    assert isinstance(event, DebriefBooked | DebriefRebooked)
    yield _invitation(state, event.debrief, event.debrief.sequence, "REQUEST")


@chapter.reacts(DebriefCancelled)
def take_out(state: Candidate, event: DebriefCancelled, record: Record) -> Iterator[Effect]:
    yield _invitation(state, event.debrief, event.debrief.sequence + 1, "CANCEL")


def _invitation(state: Candidate, debrief: Debrief, sequence: int, method: Literal["REQUEST", "CANCEL"]) -> Invite:
    return Invite(
        uid=str(MeetingUid(state.id, f"debrief-{debrief.number}")),
        sequence=sequence,
        method=method,
        matter="debrief",
        starts_at=debrief.starts_at,
        minutes=debrief.minutes,
        organizer=state.people.recruiter,
        people=debrief.attendees,
        where=debrief.where,
    )
