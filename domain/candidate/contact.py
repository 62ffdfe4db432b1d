"""Words with the candidate: what was said when, and when they were promised the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from pydantic import Field

from domain.candidate.candidate_wait import wait_over
from domain.candidate.profile import HoldAnswered
from domain.candidate.state import Candidate, CandidateCommand
from domain.core.decider import Chapter
from domain.core.messages import Event, Record, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.entity_facts import Stage
from domain.time.zones import Instant, time_in_words

chapter: Chapter[Candidate] = Chapter()


class LogContact(
    CandidateCommand,
    who="R H",
    refuses="promise_too_late*",
    works="on_hold after_end",
    heading="Note a contact",
    button="Note it",
):
    """Record a word with the candidate, when the next one is due, and what it told of what was asked."""

    at: Instant = Field(title="When")
    direction: Literal["outbound", "inbound"] = Field(title="Who spoke")
    channel: Literal["mail", "call", "video", "chat", "in_person"] = Field(title="How")
    promised_by: Instant | None = Field(
        default=None,
        title="Next word by",
        description="Ten days off at most. It moves the deadline to be in touch.",
    )
    answers_hold: PersonalText | None = Field(default=None, title="What was found out, if the manager waits for it")


class ContactLogged(Event):
    """Somebody spoke with the candidate, or wrote."""

    contact_at: datetime
    direction: Literal["outbound", "inbound"]
    channel: str
    promised_by: datetime | None


@chapter.decides(LogContact)
def log_contact(state: Candidate, asked: LogContact, call: Call) -> Iterator[Event]:
    if asked.at > call.now:
        refuse("bad_time", "That has not happened yet.", "When it was.", "at")
    if asked.promised_by is not None:
        if asked.promised_by <= call.now:
            refuse("bad_time", "That time is past.", "A time to come.", "promised_by")
        calendar = state.calendar_of(state.people.recruiter)
        latest = calendar.due(call.now, state.rules.next_word_at_most, state.day)
        if asked.promised_by > latest:
            refuse(
                "promise_too_late",
                "That is too long to leave somebody without a word.",
                f"At the latest {time_in_words(latest)}.",
                "promised_by",
            )
    yield ContactLogged(
        contact_at=asked.at, direction=asked.direction, channel=asked.channel, promised_by=asked.promised_by
    )
    if asked.direction == "inbound":
        yield from wait_over(state)
    if asked.answers_hold is not None and state.stage == Stage.HELD:
        yield HoldAnswered(known=asked.answers_hold)


@chapter.evolves(ContactLogged)
def contact_logged(state: Candidate, event: ContactLogged, record: Record) -> Candidate:
    if event.direction == "inbound":
        return state
    return state.after_word(event.contact_at, event.promised_by)
