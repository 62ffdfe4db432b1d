"""The candidate's turn: what waits on them stands still, until they answer or the time is up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from pydantic import Field

from domain.candidate.state import Candidate, CandidateCommand
from domain.core.decider import Chapter
from domain.core.messages import Event, Record, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.time.zones import Instant, time_in_words

chapter: Chapter[Candidate] = Chapter()


class WaitOnCandidate(
    CandidateCommand, who="R", refuses="no_contact too_long*", heading="Wait for the candidate", button="Wait"
):
    """Say that it is the candidate's turn, for what, and until when. Tasks that wait for them are paused meanwhile."""

    what_for: PersonalText
    until: Instant = Field(title="Until when")


class WaitStarted(Event):
    """It is the candidate's turn, until then (UTC)."""

    what_for: PersonalText
    until: datetime


class WaitOver(Event):
    """It is our turn again: they answered, or the time is up."""


@chapter.gate(WaitOnCandidate)
def may_be_waited_for(state: Candidate, call: Call) -> None:
    if state.waiting_until is not None:
        refuse("already_done", "It is their turn already.", "Waiting until then, or for their answer.")
    if state.last_word_at is None:
        refuse("no_contact", "Nobody has asked them.", "A word from us to them first: log-contact.")


@chapter.decides(WaitOnCandidate)
def wait_on_candidate(state: Candidate, asked: WaitOnCandidate, call: Call) -> Iterator[Event]:
    if asked.until <= call.now:
        refuse("bad_time", "That time is past.", "A time to come.", "until")
    calendar = state.calendar_of(state.people.recruiter)
    latest = calendar.due(call.now, state.rules.wait_at_most, state.day)
    if asked.until > latest:
        refuse("too_long", "That is too long to wait.", f"At the latest {time_in_words(latest)}.", "until")
    yield WaitStarted(what_for=asked.what_for, until=asked.until)


def wait_over(state: Candidate) -> Iterator[WaitOver]:
    """`WaitOver`, if it was the candidate's turn."""
    if state.waiting_until is not None:
        yield WaitOver()


@chapter.evolves(WaitStarted)
def wait_started(state: Candidate, event: WaitStarted, record: Record) -> Candidate:
    return state.but(waiting_until=event.until)


@chapter.evolves(WaitOver)
def wait_ended(state: Candidate, event: WaitOver, record: Record) -> Candidate:
    return state.but(waiting_until=None)


@chapter.awaits
def wait_is_over(state: Candidate) -> Iterator[tuple[datetime, Callable[[], Event]]]:
    if state.waiting_until is not None:
        yield state.waiting_until, partial(WaitOver)
