"""The candidate's rights: access, correction, a human review, no machine reading, and to be forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Literal

from pydantic import Field

from domain.candidate.exits import going_out, refuse_open_offer
from domain.candidate.retention import Cause, earliest_erasure, erased_at, retention_dates
from domain.candidate.state import Candidate, CandidateCommand, Request, RequestKind
from domain.core.decider import Chapter
from domain.core.ids import Reference
from domain.core.messages import Effect, Event, Record, refuse
from domain.core.personal_text import PersonalText, Words
from domain.entity.call import Call
from domain.entity.clock_commands import LegalHoldSet
from domain.entity.effects import DestroyKey, Notify, WriteToCandidate
from domain.entity.entity_facts import Stage
from domain.notifications.catalogue import NotificationKind
from domain.sla.catalogue import ClockName
from domain.time.zones import Instant, time_in_words

chapter: Chapter[Candidate] = Chapter()

AT_ONCE: frozenset[RequestKind] = frozenset({"no_ai", "no_recording"})
"""Requests that nobody has to grant."""


class RecordRequest(
    CandidateCommand, who="R P X", works="on_hold after_end", heading="Note a request of theirs", button="Note it"
):
    """Record what the candidate asks of us. No machine reading and no recording hold at once."""

    kind: RequestKind
    at: Instant = Field(title="When")
    words: PersonalText | None = Field(default=None, title="Their words")


class AnswerRequest(
    CandidateCommand, who="P", works="on_hold after_end", heading="Answer their request", button="Answer"
):
    """Grant or refuse what the candidate asked, and say why."""

    request_id: Reference = Field(title="Which request")
    outcome: Literal["granted", "refused"] = Field(title="How it went")
    why: PersonalText


class Erase(
    CandidateCommand,
    who="P",
    refuses="legal_hold retention_minimum offer_open",
    works="on_hold after_end",
    heading="Erase somebody",
    button="Erase for good",
):
    """Destroy what makes this candidate readable, for good: as they asked, or by a retention rule."""

    request_id: Reference | None = Field(
        default=None, title="Which request", description="Their own request; or the rule of retention."
    )
    retention_rule: Words | None = Field(default=None, title="Or the rule by which the time is over")


class RequestRecorded(Event):
    """The candidate asked something of us."""

    request_id: str
    request: Request
    words: PersonalText | None


class RequestAnswered(Event):
    """They have their answer. `erase_at` (UTC) is when they are forgotten, if that was granted."""

    request_id: str
    outcome: Literal["granted", "refused"]
    why: PersonalText
    erase_at: datetime | None = None


class CandidateErased(Event):
    """The key to this candidate's data is destroyed. What is left are numbers that belong to nobody."""

    cause: Cause


@chapter.decides(RecordRequest)
def record_request(state: Candidate, asked: RecordRequest, call: Call) -> Iterator[Event]:
    if asked.at > call.now:
        refuse("bad_time", "That has not happened yet.", "When they asked.", "at")
    if any(r.kind == asked.kind and (r.status == "open" or asked.kind in AT_ONCE) for r in state.requests.values()):
        refuse("already_done", "They asked that before, and it stands.", "Another kind of request.", "kind")
    status: Literal["open", "granted"] = "granted" if asked.kind in AT_ONCE else "open"
    yield RequestRecorded(
        request_id=f"A-{len(state.requests) + 1}",
        request=Request(kind=asked.kind, received_at=asked.at, status=status),
        words=asked.words,
    )


@chapter.gate_of(AnswerRequest, "request_id", among=lambda state: state.requests)
def waits_for_an_answer(state: Candidate, call: Call, request_id: str) -> None:
    request = state.requests.get(request_id)
    if request is None:
        known = f"One of: {', '.join(state.requests)}." if state.requests else "record-request first."
        refuse("unknown_reference", "There is no such request.", known, "request_id")
    if request.status != "open":
        refuse("already_done", f"It was {request.status} before.", "An open request.", "request_id")


@chapter.decides(AnswerRequest)
def answer_request(state: Candidate, asked: AnswerRequest, call: Call) -> Iterator[Event]:
    request = state.requests[asked.request_id]
    erase_at = None
    if request.kind == "erasure" and asked.outcome == "granted":
        erase_at = max(earliest_erasure(state, call.now), request_due(state, request), call.now)
    yield RequestAnswered(request_id=asked.request_id, outcome=asked.outcome, why=asked.why, erase_at=erase_at)


@chapter.gate(Erase)
def may_be_erased(state: Candidate, call: Call) -> None:
    if state.legal_hold:
        refuse("legal_hold", "A legal hold forbids it.", "set-legal-hold, off, when it is over.")
    refuse_open_offer(state)
    if (earliest := earliest_erasure(state, call.now)) > call.now:
        refuse(
            "retention_minimum",
            f"The law makes us keep this until {time_in_words(earliest, or_later=True)}.",
            "Granting the request: access is restricted at once, and it is erased then.",
        )


@chapter.decides(Erase)
def erase(state: Candidate, asked: Erase, call: Call) -> Iterator[Event]:
    if (asked.request_id is None) == (asked.retention_rule is None):
        refuse(
            "invalid",
            "Why is this erased?",
            "The request it answers, or the rule of retention by which the time is over.",
            "request_id",
        )
    request = state.requests.get(asked.request_id) if asked.request_id else None
    if asked.request_id and (request is None or request.kind != "erasure" or request.status == "refused"):
        refuse("unknown_reference", "That is no request to be erased.", "A request to be erased.", "request_id")
    yield from going_out(state, CandidateErased(cause="request" if request else "retention"))


def request_due(state: Candidate, request: Request) -> datetime:
    """When the law wants the request answered (UTC), counted from when it was received."""
    calendar = state.calendar_of(state.people.hr_partner)
    return calendar.due(request.received_at, state.clock_time(ClockName.REQUEST_ANSWERED), state.day)


@chapter.evolves(RequestRecorded)
def request_recorded(state: Candidate, event: RequestRecorded, record: Record) -> Candidate:
    return state.but(
        requests=state.requests | {event.request_id: event.request},
        no_ai=state.no_ai or event.request.kind == "no_ai",
        no_recording=state.no_recording or event.request.kind == "no_recording",
    )


@chapter.evolves(RequestAnswered)
def request_answered(state: Candidate, event: RequestAnswered, record: Record) -> Candidate:
    request = state.requests[event.request_id].but(status=event.outcome)
    return state.after_word(record.at).but(
        requests=state.requests | {event.request_id: request},
        restricted=state.restricted or event.erase_at is not None,
        erase_by_request_at=event.erase_at or state.erase_by_request_at,
    )


@chapter.evolves(LegalHoldSet)
def legal_hold_set(state: Candidate, event: LegalHoldSet, record: Record) -> Candidate:
    # In place of the shared branch: what fell due under the hold must not be stamped with a time before its end.
    return state.but(legal_hold=event.on, hold_lifted_at=None if event.on else record.at)


@chapter.evolves(CandidateErased)
def erased(state: Candidate, event: CandidateErased, record: Record) -> Candidate:
    if state.in_running and state.stage != Stage.ACCEPTED:
        state = state.at_stage(Stage.WITHDRAWN, record.at)
    return state.but(
        standing="erased",
        resume=None,
        referrer=None,
        drafts={},
        debrief=None,
        follow_up_at=None,
        waiting_until=None,
        promised_by=None,
        interviews={key: interview.but(transcript=None, over=True) for key, interview in state.interviews.items()},
    )


@chapter.awaits
def retention(state: Candidate) -> Iterator[tuple[datetime, Callable[[], Event]]]:
    if (at := erased_at(state)) is not None:
        yield at, partial(CandidateErased, cause=retention_dates(state).cause)


@chapter.reacts(CandidateErased)
def destroy_key(state: Candidate, event: CandidateErased, record: Record) -> Iterator[Effect]:
    yield DestroyKey(key=state.human)


@chapter.reacts(RequestRecorded)
def tell_hr(state: Candidate, event: RequestRecorded, record: Record) -> Iterator[Effect]:
    about: dict[str, str | int | None] = {
        "candidate": state.id,
        "request": event.request_id,
        "kind": event.request.kind,
    }
    yield Notify(person=state.people.hr_partner, matter=NotificationKind.REQUEST_RECORDED, about=about)


@chapter.reacts(RequestAnswered)
def answer(state: Candidate, event: RequestAnswered, record: Record) -> Iterator[Effect]:
    about: dict[str, str | int | None] = {"outcome": event.outcome, "kind": state.requests[event.request_id].kind}
    yield WriteToCandidate(candidate=state.id, matter="request_answered", about=about, words=event.why)
