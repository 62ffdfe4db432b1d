"""The requisition's clocks: whose task, from which event until which. See `product.md`,
"Clocks"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from domain.core.decider import Chapter
from domain.core.messages import Event
from domain.entity.clock_commands import clock_commands
from domain.entity.clock_table import ClockRule, Start, Which, each
from domain.entity.entity_facts import ENDS
from domain.requisition.calibration import CandidateSubmitted, SlateShared
from domain.requisition.intake import IntakeRecorded
from domain.requisition.lifecycle import SearchCancelled, SearchFilled, SearchPutOnHold, SearchReopened, SearchResumed
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
from domain.requisition.retro import RetroAnswered, RetroConcluded, RetroDue
from domain.requisition.role_handover import RoleHandedOver
from domain.requisition.roster import CandidateAdded, CandidateReported, HireHeard, HireLost
from domain.requisition.rubric import (
    RubricAmended,
    RubricDeclined,
    RubricEdited,
    RubricLocked,
    RubricSigned,
    SignaturesExpired,
)
from domain.requisition.state import SIGNERS, Requisition
from domain.requisition.terms import CompSignalAcknowledged, CompSignalRaised, TermsChanged
from domain.sla.catalogue import ClockName
from domain.sla.clocks import Clock, ClockPaused, ClockStarted

E = TypeVar("E", bound=Event)

# What is owed, as the state says.


def the_intake(state: Requisition, _event: Event) -> list[Start]:
    return [Start(owner=state.people.recruiter)]


def the_intake_after_the_end(state: Requisition, reopened: SearchReopened) -> list[Start]:
    """Of a requisition that was filled before there was one: its clocks ended with that."""
    return [] if state.intakes else the_intake(state, reopened)


def a_rubric_to_write(state: Requisition, _event: Event) -> list[Start]:
    """After the intake, and after a no to the first rubric: until there is one that can be signed."""
    if state.locked is not None or _can_be_signed(state, _event):
        return []
    return [Start(owner=state.people.recruiter)]


def _can_be_signed(state: Requisition, event: Event) -> bool:
    declined = isinstance(event, RubricDeclined)
    return state.draft is not None and state.draft.agreement is not None and not declined


def can_be_signed(state: Requisition, event: Event) -> list[str]:
    """The clock of the rubric, once what was written can be signed."""
    return [""] if _can_be_signed(state, event) else []


def missing_signatures(state: Requisition, _event: Event) -> list[Start]:
    if state.draft is not None:
        missing = state.signers.keys() - state.signatures.keys()
    else:
        missing = state.signers.keys() & set(state.sign_again)
    return [Start(owner=person, about=role) for role, person in state.signers.items() if role in missing]


def a_rubric_after_the_end(state: Requisition, reopened: SearchReopened) -> list[Start]:
    """Of a requisition that was filled before its first rubric could be signed."""
    return a_rubric_to_write(state, reopened) if state.intakes else []


def signatures_again(state: Requisition, reopened: SearchReopened) -> list[Start]:
    """Of a rubric too old to judge by, and of the first one, where the requisition was filled before it was locked."""
    running = {clock.name for clock in state.clocks.values()} & {ClockName.RUBRIC_READY, ClockName.RUBRIC_SIGNED}
    first = state.locked is None and _can_be_signed(state, reopened) and not running
    return missing_signatures(state, reopened) if reopened.sign_again or first else []


def the_first_slate(state: Requisition, _event: Event) -> list[Start]:
    return [] if state.slate else [Start(owner=state.people.recruiter)]


def the_next_slate(state: Requisition, _event: Event) -> list[Start]:
    """Where nobody is left in the running and somebody is still to be hired: it begins again with profiles."""
    if state.locked is None or state.openings_left == 0 or _somebody_in_the_running(state):
        return []
    return [Start(owner=state.people.recruiter)]


def a_slate_after_the_end(state: Requisition, reopened: Event) -> list[Start]:
    """A requisition that goes on after somebody was hired, or after a slate; before that its first slate goes on."""
    return the_next_slate(state, reopened) if state.slate or state.hires else []


def _somebody_in_the_running(state: Requisition) -> bool:
    live = sum(number for stage, number in state.stages.items() if stage not in ENDS)
    return live > sum(state.roster[hired].stage not in ENDS for hired in state.hires)


def put_forward(state: Requisition, _event: Event) -> list[str]:
    """The clock of a later slate, once a profile was put forward alone; the first slate is one of several."""
    return [""] if state.slate else []


def an_answer_to_applications(state: Requisition, _event: Event) -> list[Start]:
    if state.locked is None or not state.unanswered or _applications_clock(state):
        return []
    return [Start(owner=state.people.recruiter)]


def an_answer_after_the_end(state: Requisition, reopened: SearchReopened) -> list[Start]:
    """What a filled requisition let go of; one that was cancelled takes up its clock again."""
    return an_answer_to_applications(state, reopened) if state.hires else []


def an_answer_to_the_next(state: Requisition, reported: CandidateReported) -> list[Start]:
    """The clock goes on to the oldest that is left; late, extended or paused it stays as it is, until none is older."""
    running = _applications_clock(state)
    if running is None or not state.unanswered:
        return []
    settled = running.breached_at or running.extended or running.paused
    if not _none_older(state, running) and (settled or state.last_answered != reported.facts.candidate):
        return []
    assert state.locked_at is not None, "applications are answered only once a rubric is locked"
    assert state.heard_at is not None, "somebody was heard of"
    oldest = max(next(iter(state.unanswered.values())), state.locked_at)
    policy, calendar = state.policy_of(running), state.calendar_of(running.owner)
    due_at = calendar.add_with_pauses(oldest, policy.time_of(running.name), state.stood_still, policy.day)
    return [Start(owner=state.people.recruiter, due_at=max(due_at, state.heard_at))]


def _applications_clock(state: Requisition) -> Clock | None:
    return next((clock for clock in state.clocks.values() if clock.name == ClockName.APPLICATIONS_ANSWERED), None)


def _none_older(state: Requisition, clock: Clock) -> bool:
    return next(iter(state.unanswered.values()), datetime.max.replace(tzinfo=UTC)) > clock.started_at


def the_next_offers(state: Requisition, _event: Event) -> list[Start]:
    """An offer to whoever was to be hired first, for as many as there are openings; not to those who said no."""
    if not state.hire_decided:
        return []
    waiting = [
        candidate
        for candidate in sorted(state.hire_decided, key=state.hire_decided.__getitem__)
        if candidate not in state.offers
    ]
    return [Start(owner=state.people.recruiter, about=candidate) for candidate in waiting[: state.openings_left]]


def an_offer(state: Requisition, decided: HireHeard) -> list[Start]:
    return [start for start in the_next_offers(state, decided) if start.about == decided.candidate]


def a_new_offer(state: Requisition, answered: OfferAnswered) -> list[Start]:
    """A counter wants another offer; a no frees an opening for the next."""
    if answered.answer == "countered":
        return [Start(owner=state.people.recruiter, about=answered.candidate)]
    return the_next_offers(state, answered)


def an_approval(state: Requisition, asked: OfferApprovalAsked) -> list[Start]:
    return [Start(owner=state.people.hr_partner, about=asked.candidate)]


def both_sides(state: Requisition, _event: Event) -> list[Start]:
    return [Start(owner=who, about=side) for side, who in state.sides.items()]


def a_way_out(state: Requisition, raised: CompSignalRaised) -> list[Start]:
    return [Start(owner=state.people.hiring_manager, about=raised.signal_id)]


# What is done, and what is owed no longer.


def on(event: type[E], starts: Callable[[Requisition, E], Iterable[Start]]) -> dict[type[Event], Any]:
    """What this event starts, by a function that knows which event it is asked about."""
    return {event: starts}


def about(name: str) -> Which[Requisition]:
    """The clock about what this field of the event says."""
    return lambda _state, event: (str(getattr(event, name)),)


def none_older(state: Requisition, _event: Event) -> tuple[str, ...]:
    """The applications clock, once what it was started for was answered by somebody, and not by the requisition's
    end."""
    running = None if state.standing == "ended" else _applications_clock(state)
    return ("",) if running and _none_older(state, running) else ()


def none_at_all(state: Requisition, _event: Event) -> tuple[str, ...]:
    return ("",) if state.standing == "ended" and not state.unanswered else ()


def no_longer_signing(state: Requisition, event: Event) -> list[str]:
    wanted = {start.about for start in missing_signatures(state, event)}
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


FILLED: Mapping[type[Event], Which[Requisition]] = {SearchFilled: each}
STILL: Mapping[type[Event], tuple[str, Which[Requisition]]] = {
    SearchPutOnHold: ("hold", each), SearchCancelled: ("end", each),
}  # fmt: skip
GOING_ON: Mapping[type[Event], tuple[str, Which[Requisition]]] = {
    SearchResumed: ("hold", each), SearchReopened: ("end", each),
}  # fmt: skip


@dataclass(frozen=True)
class HoldableClock(ClockRule[Requisition]):
    """A promise within the search.

    On hold it stands still, from its start if it starts meanwhile; cancelled, it keeps what was left for a reopening.
    After the end none starts.
    """

    pauses: Mapping[type[Event], tuple[str, Which[Requisition]]] = field(default_factory=lambda: STILL)
    resumes: Mapping[type[Event], tuple[str, Which[Requisition]]] = field(default_factory=lambda: GOING_ON)

    def consequences(self, before: Requisition, after: Requisition, event: Event, at: datetime) -> list[Event]:
        """See `ClockRule.consequences`."""
        follows = super().consequences(before, after, event, at)
        if not follows or after.standing == "open":
            return follows
        started = [consequence for consequence in follows if isinstance(consequence, ClockStarted)]
        if after.standing == "on_hold":
            return [*follows, *(ClockPaused(clock_id=start.clock.id, cause="hold") for start in started)]
        return follows if self.pauses is not STILL else [follow for follow in follows if follow not in started]


CLOCKS: tuple[ClockRule[Requisition], ...] = (
    HoldableClock(
        ClockName.INTAKE_HELD,
        starts={SearchOpened: the_intake, **on(SearchReopened, the_intake_after_the_end)},
        kept={IntakeRecorded: each},
        void=FILLED,
    ),
    HoldableClock(
        ClockName.RUBRIC_READY,
        starts={
            IntakeRecorded: a_rubric_to_write,
            RubricDeclined: a_rubric_to_write,
            **on(SearchReopened, a_rubric_after_the_end),
        },
        kept={RubricEdited: can_be_signed},
        void={RubricLocked: each, **FILLED},
    ),
    HoldableClock(
        ClockName.RUBRIC_SIGNED,
        starts={
            RubricEdited: missing_signatures,
            RubricAmended: missing_signatures,
            SignaturesExpired: missing_signatures,
            # Of the new holder; and of who signs from now on, because two people hold what one did or one what two did.
            RoleHandedOver: missing_signatures,
            **on(SearchReopened, signatures_again),
        },
        kept={RubricSigned: about("role"), RubricDeclined: about("role")},
        void={RubricDeclined: the_others, RoleHandedOver: no_longer_signing, RubricLocked: each, **FILLED},
    ),
    HoldableClock(
        ClockName.SLATE_SHARED,
        starts={
            RubricLocked: the_first_slate,
            **dict.fromkeys((CandidateReported, OfferAnswered, TermsChanged), the_next_slate),
            SearchReopened: a_slate_after_the_end,
        },
        kept={SlateShared: each, CandidateSubmitted: put_forward},
        void=FILLED,
    ),
    HoldableClock(
        ClockName.APPLICATIONS_ANSWERED,
        starts={
            CandidateAdded: an_answer_to_applications,
            RubricLocked: an_answer_to_applications,
            **on(CandidateReported, an_answer_to_the_next),
            **on(SearchReopened, an_answer_after_the_end),
        },
        kept={CandidateReported: none_older},
        void={CandidateReported: none_at_all, **FILLED},
    ),
    HoldableClock(
        ClockName.OFFER_APPROVED,
        starts=on(OfferApprovalAsked, an_approval),
        kept={OfferApproved: about("candidate")},
        void={OfferMade: about("candidate"), CandidateReported: who_left, **FILLED},
    ),
    HoldableClock(
        ClockName.OFFER_MADE,
        starts={
            **on(HireHeard, an_offer),
            **on(OfferAnswered, a_new_offer),
            **dict.fromkeys((OfferExpired, OfferWithdrawn, HireLost, TermsChanged), the_next_offers),
        },
        kept={OfferMade: about("candidate")},
        void={CandidateReported: who_left, **FILLED},
    ),
    HoldableClock(
        ClockName.PULSE_ANSWERED,
        starts={PulseDue: both_sides},
        kept={PulseAnswered: about("side")},
        void={PulseTaken: each, **FILLED},
    ),
    HoldableClock(
        ClockName.COMP_ACKNOWLEDGED,
        starts=on(CompSignalRaised, a_way_out),
        kept={CompSignalAcknowledged: about("signal_id")},
        void=FILLED,
    ),
    HoldableClock(
        ClockName.RETRO_ANSWERED,
        starts={RetroDue: both_sides},
        kept={RetroAnswered: about("side")},
        void={RetroConcluded: each},
        pauses={SearchPutOnHold: ("hold", each)},
    ),
)
"""Every clock a requisition keeps. The other clocks of `product.md` are the candidate's."""

CLOCK_COMMANDS: Chapter[Requisition] = clock_commands()
"""What people may do about these clocks, and about gates and deliveries."""
