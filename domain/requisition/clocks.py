"""The requisition's clocks: who owes what to the search, from which event until which. See `product.md`, "Clocks"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from domain.clocks import Clock, ClockRule, Start, Which, each
from domain.clockwork import clockwork
from domain.kernel import Event
from domain.relay import ENDS
from domain.requisition.calibration import SlateShared
from domain.requisition.hands import RoleHandedOver
from domain.requisition.intake import IntakeRecorded
from domain.requisition.looking_back import RetroAnswered, RetroConcluded, RetroDue
from domain.requisition.market import CompSignalAcknowledged, CompSignalRaised, TermsChanged
from domain.requisition.offers import (
    OfferAnswered,
    OfferApprovalAsked,
    OfferApproved,
    OfferExpired,
    OfferMade,
    OfferWithdrawn,
)
from domain.requisition.opening import SearchOpened
from domain.requisition.pulse import PulseAnswered, PulseDue, PulseTaken
from domain.requisition.roster import CandidateAdded, CandidateReported
from domain.requisition.rubric import (
    RubricAmended,
    RubricDeclined,
    RubricEdited,
    RubricLocked,
    RubricSigned,
    SignaturesExpired,
)
from domain.requisition.standing import SearchCancelled, SearchFilled, SearchPutOnHold, SearchReopened, SearchResumed
from domain.requisition.state import SIGNERS, Requisition

Owed = Callable[[Requisition], Iterable[Start]]

# What is owed, as the state says. A search on hold owes nothing new; what it then owes, it owes from its resumption.


def the_intake(state: Requisition) -> list[Start]:
    return [] if state.intakes else [Start(owner=state.people.recruiter)]


def missing_signatures(state: Requisition) -> list[Start]:
    if state.draft is not None:
        missing = state.signers.keys() - state.signatures.keys()
    else:
        missing = state.signers.keys() & set(state.sign_again)
    return [Start(owner=person, about=role) for role, person in state.signers.items() if role in missing]


def the_first_slate(state: Requisition) -> list[Start]:
    return [] if state.slate or state.locked is None else [Start(owner=state.people.recruiter)]


def an_answer_to_applications(state: Requisition) -> list[Start]:
    if state.locked is None or not state.unanswered or _applications_clock(state):
        return []
    return [Start(owner=state.people.recruiter)]


def an_answer_to_the_next(state: Requisition, reported: CandidateReported) -> list[Start]:
    """The clock goes on to the oldest that is left; once late or extended it stays as it is, until none is older."""
    running = _applications_clock(state)
    if running is None or state.standing != "open" or not state.unanswered:
        return []
    if not _none_older(state, running) and (
        state.last_answered != reported.facts.candidate or running.breached_at or running.extended
    ):
        return []
    assert state.locked_at is not None, "applications are answered only once a rubric is locked"
    assert state.heard_at is not None, "somebody was heard of"
    oldest = max(next(iter(state.unanswered.values())), state.locked_at)
    time = state.clock_time("applications_answered")
    due_at = state.calendar_of(running.owner).due(oldest, time, state.day)
    return [Start(owner=state.people.recruiter, due_at=max(due_at, state.heard_at))]


def _applications_clock(state: Requisition) -> Clock | None:
    return next((clock for clock in state.clocks.values() if clock.name == "applications_answered"), None)


def _none_older(state: Requisition, clock: Clock) -> bool:
    return next(iter(state.unanswered.values()), datetime.max.replace(tzinfo=UTC)) > clock.started_at


def none_older(state: Requisition, _event: Event) -> tuple[str, ...]:
    """The applications clock, once what it was started for was answered by somebody, and not by the search's end."""
    running = None if state.standing == "ended" else _applications_clock(state)
    return ("",) if running and _none_older(state, running) else ()


def none_at_all(state: Requisition, _event: Event) -> tuple[str, ...]:
    return ("",) if state.standing == "ended" and not state.unanswered else ()


def the_next_offers(state: Requisition) -> list[Start]:
    """An offer to whoever was to be hired first, for as many as there are openings; not to those who said no."""
    left = state.openings_left
    waiting = [
        candidate
        for candidate in sorted(state.hire_decided, key=state.hire_decided.__getitem__)
        if candidate not in state.offers
    ]
    return [Start(owner=state.people.recruiter, about=candidate) for candidate in waiting[:left]]


def the_pulse(state: Requisition) -> list[Start]:
    if state.pulse is None:
        return []
    return [Start(owner=who, about=side) for side, who in state.sides.items() if side not in state.pulse.answers]


def a_look_back(state: Requisition) -> list[Start]:
    if state.retro is None:
        return []
    return [Start(owner=who, about=side) for side, who in state.sides.items() if side not in state.retro.changes]


def a_way_out(state: Requisition) -> list[Start]:
    manager = state.people.hiring_manager
    return [Start(owner=manager, about=signal) for signal, way in state.signals.items() if way is None]


# How the table says it.


def owes(owed: Owed, also_after_the_end: bool = False) -> Callable[[Requisition, Event], Iterable[Start]]:
    """Starts what is owed now; on hold, and after the end, nothing."""
    standing = ("open", "ended") if also_after_the_end else ("open",)
    return lambda state, _event: owed(state) if state.standing in standing else ()


def about(name: str) -> Which[Requisition]:
    """The clock about what this field of the event says."""
    return lambda _state, event: (str(getattr(event, name)),)


def no_longer_signing(state: Requisition, _event: Event) -> list[str]:
    wanted = {start.about for start in missing_signatures(state)}
    return [role for role in SIGNERS if role not in wanted]


def the_others(_state: Requisition, event: Event) -> list[str]:
    assert isinstance(event, RubricDeclined)
    return [role for role in SIGNERS if role != event.role]


def who_left(state: Requisition, event: Event) -> tuple[str, ...]:
    """The candidate who reported, if nobody owes them an offer any more."""
    assert isinstance(event, CandidateReported)
    candidate = event.facts.candidate
    offered = candidate in state.offers and event.facts.stage not in ENDS
    return () if offered or candidate in state.hire_decided else (candidate,)


def a_new_offer(state: Requisition, event: Event) -> Iterable[Start]:
    """A counter wants another offer; any other answer may free an opening for the next."""
    assert isinstance(event, OfferAnswered)
    if event.answer == "countered" and state.standing == "open":
        return [Start(owner=state.people.recruiter, about=event.candidate)]
    return owes(the_next_offers)(state, event)


def approvals(state: Requisition) -> list[Start]:
    return [Start(owner=state.people.hr_partner, about=candidate) for candidate in state.approvals_asked]


def row(
    name: str,
    owed: Owed,
    starts: Sequence[type[Event]],
    kept: Mapping[type[Event], Which[Requisition]],
    void: Mapping[type[Event], Which[Requisition]] | None = None,
    also: Mapping[type[Event], Callable[[Requisition, Any], Iterable[Start]]] | None = None,
    outlives_the_search: bool = False,
) -> ClockRule[Requisition]:
    """A row of the table. Hold and cancelling pause it, so that reopening resets nothing; a filled search voids it."""
    starting: list[type[Event]] = [*starts, SearchResumed]
    return ClockRule(
        name,
        starts={**dict.fromkeys(starting, owes(owed, outlives_the_search)), **(also or {})},
        kept=kept,
        void={**(void or {}), **({} if outlives_the_search else {SearchFilled: each})},
        pauses={SearchPutOnHold: ("hold", each), **({} if outlives_the_search else {SearchCancelled: ("end", each)})},
        resumes={SearchResumed: ("hold", each), SearchReopened: ("end", each)},
    )


CLOCKS = (
    row("intake_held", the_intake, starts=[SearchOpened], kept={IntakeRecorded: each}),
    row(
        "rubric_signed",
        missing_signatures,
        starts=[RubricEdited, RubricAmended, SignaturesExpired, RoleHandedOver, SearchReopened],
        kept={RubricSigned: about("role"), RubricDeclined: about("role")},
        void={RubricDeclined: the_others, RoleHandedOver: no_longer_signing, RubricLocked: each},
    ),
    row(
        "slate_shared",
        the_first_slate,
        starts=[RubricLocked, SearchReopened],
        kept={SlateShared: each},
    ),
    row(
        "applications_answered",
        an_answer_to_applications,
        starts=[CandidateAdded, RubricLocked, SearchReopened],
        kept={CandidateReported: none_older},
        void={CandidateReported: none_at_all},
        also={CandidateReported: an_answer_to_the_next},
    ),
    row(
        "offer_approved",
        approvals,
        starts=[OfferApprovalAsked],
        kept={OfferApproved: about("candidate")},
        void={OfferMade: about("candidate"), CandidateReported: who_left},
    ),
    row(
        "offer_made",
        the_next_offers,
        starts=[CandidateReported, OfferExpired, OfferWithdrawn, TermsChanged, SearchReopened],
        kept={OfferMade: about("candidate")},
        void={CandidateReported: who_left},
        also={OfferAnswered: a_new_offer},
    ),
    row(
        "pulse_answered",
        the_pulse,
        starts=[PulseDue],
        kept={PulseAnswered: about("side")},
        void={PulseTaken: each},
    ),
    row("comp_acknowledged", a_way_out, starts=[CompSignalRaised], kept={CompSignalAcknowledged: about("signal_id")}),
    row(
        "retro_answered",
        a_look_back,
        starts=[RetroDue],
        kept={RetroAnswered: about("side")},
        void={RetroConcluded: each},
        outlives_the_search=True,
    ),
)
"""Every clock a search keeps. The other clocks of `product.md` are the candidate's."""

CLOCKWORK = clockwork(CLOCKS)
"""What people may do about these clocks, and about gates and deliveries."""
