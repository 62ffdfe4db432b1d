"""The clocks around a candidate, as `product.md` lists them: whose task, from which event until which.

Hold pauses what the requisition owes itself, never what is owed to the candidate (`candidate_told`,
`candidate_updated`, `request_answered`). What waits on the candidate stands still while it is their turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar, cast

from domain.candidate.candidate_wait import WaitOver, WaitStarted
from domain.candidate.contact import ContactLogged
from domain.candidate.corrections import InterviewCorrected, RoundReopened, ScreenCorrected
from domain.candidate.debrief import DebriefEnded, DebriefHeld, DebriefRebooked
from domain.candidate.decision import Decided, DecisionDeferred, FollowUpDue, FurtherStepNamed
from domain.candidate.exits import (
    CandidateReinstated,
    CandidateRejected,
    CandidateTransferred,
    CandidateWithdrew,
    OutcomeTold,
)
from domain.candidate.interviews import (
    AllCardsIn,
    InterviewCancelled,
    InterviewEnded,
    InterviewRecorded,
    InterviewRescheduled,
    InterviewScheduled,
    InvitationAnswered,
)
from domain.candidate.letters import LetterSent
from domain.candidate.offer import OfferHeard
from domain.candidate.profile import AnswerChallenged, HoldAnswered, ProfileAnswered, Shortlisted, SubmissionHeard
from domain.candidate.requests import CandidateErased, RequestAnswered, RequestRecorded, request_due
from domain.candidate.requisition_inbound import HoldHeard, ResumeHeard
from domain.candidate.scorecards import QuotesMarked, ScorecardSubmitted, ScoreReaffirmed
from domain.candidate.screen import ScreenRecorded, ScreenScheduled, SummaryConfirmed, SummaryOutdated
from domain.candidate.state import AT_WORK, Candidate
from domain.core.messages import Event
from domain.entity.clock_table import ClockRule, Recount, Start, Starts, Which, each
from domain.entity.entity_facts import Stage
from domain.evidence.interview_plan import HELD
from domain.sla.catalogue import ClockName
from domain.sla.clocks import ClockPaused, ClockStarted

E = TypeVar("E", bound=Event)
T = TypeVar("T")


def on(event: type[E], meaning: Callable[[Candidate, E], T]) -> dict[type[Event], Callable[[Candidate, Event], T]]:
    """One entry of a row: what `event` means to its clock."""
    return {event: cast("Callable[[Candidate, Event], T]", meaning)}


def for_owner(clock: ClockName, due: Callable[[Candidate], bool] = lambda state: True) -> Starts[Candidate]:
    """The clock starts with whoever of the team owes it, if it is `due` in the state after the event."""
    return lambda state, event: [Start(owner=state.owner(clock))] if due(state) else []


def invited(state: Candidate, event: InterviewScheduled | InterviewRescheduled) -> list[Start]:
    interview = event.interview
    people = [a.person for a in interview.interviewers if a.person not in interview.answers]
    return [Start(owner=person, about=f"{interview.id}:{person}") for person in people]


def for_missing_cards(state: Candidate, event: InterviewEnded | InterviewRecorded) -> list[Start]:
    interview = state.interviews[event.interview_id]
    return [Start(owner=person, about=f"{interview.id}:{person}") for person in interview.missing_cards_of]


def everybody_in(state: Candidate, event: InterviewCancelled | InterviewRecorded) -> list[str]:
    return [f"{event.interview_id}:{a.person}" for a in state.interviews[event.interview_id].interviewers]


def nobody_came(state: Candidate, event: InterviewRecorded) -> list[str]:
    return [] if event.outcome in HELD else everybody_in(state, event)


def summary_owed_anew(before: Candidate, after: Candidate, event: Event) -> Iterator[Recount]:
    was, now = before.screen, after.screen
    assert was is not None, "a screen was corrected that there was not"
    assert now is not None, "a correction took the screen away"
    again = after.summary is not None and after.summary.outdated
    yield Recount(
        owner=after.owner(ClockName.SUMMARY_SENT),
        since=now.held_at if after.screened else None,
        owed=after.screened and (after.summary is None or again) and after.in_running,
        moved=not again and (was.status, was.held_at) != (now.status, now.held_at),
        anew=again,
    )


def cards_owed_anew(before: Candidate, after: Candidate, event: Event) -> Iterator[Recount]:
    assert isinstance(event, InterviewCorrected)
    was, now = before.interviews[event.interview_id], after.interviews[event.interview_id]
    held = now.status in HELD
    left_out = after.debrief.left_out if after.debrief else ()
    for person in dict.fromkeys((*was.people, *now.people)):
        assignment = now.assignment(person)
        judges, again = held and assignment is not None and not assignment.shadow, now.asks_again(person)
        missing = person in now.missing_cards_of and (now.id, person) not in left_out
        yield Recount(
            about=f"{now.id}:{person}",
            owner=person,
            since=now.ended_at if judges else None,
            owed=(missing or (again and after.judged)) and after.in_running,
            moved=event.moved and not again,
            anew=again,
        )


def never_owed(before: Candidate, after: Candidate, event: Event) -> list[Recount]:
    return [Recount()]


def for_marked_quotes(state: Candidate, event: QuotesMarked) -> list[Start]:
    people = dict.fromkeys(score.person for score in event.scores) if state.judged else ()
    return [Start(owner=person, about=f"{event.interview_id}:{person}") for person in people]


def chosen_again(state: Candidate, event: ScoreReaffirmed) -> list[str]:
    asked = state.interviews[event.interview_id].asks_again(event.person)
    return [] if asked else [f"{event.interview_id}:{event.person}"]


def quoted_rightly_after_all(state: Candidate, event: QuotesMarked) -> list[str]:
    interview = state.interviews[event.interview_id]
    cleared = dict.fromkeys(score.person for score in event.cleared)
    return [f"{interview.id}:{person}" for person in cleared if not interview.asks_again(person)]


def statutory(state: Candidate, event: RequestRecorded) -> list[Start]:
    if event.request.status != "open":
        return []
    due = request_due(state, event.request)
    return [Start(owner=state.owner(ClockName.REQUEST_ANSWERED), about=event.request_id, due_at=due)]


def decision_is_due(state: Candidate) -> bool:
    """Once the debrief's booked end has passed with every card in, or it was held before its hour; and nothing was
    decided or put off."""
    debrief = state.debrief
    met = debrief is not None and (debrief.over or debrief.held_early)
    return met and state.stage == Stage.DEBRIEFING and state.follow_up_at is None


def once_due(state: Candidate, _event: Event) -> list[str] | None:
    return None if decision_is_due(state) else []


def next_word(state: Candidate, event: Event) -> list[Start]:
    if state.stage not in AT_WORK or spoken(state, event) is not None:
        return []
    due_at = event.promised_by if isinstance(event, ContactLogged) else None
    return [Start(owner=state.owner(ClockName.CANDIDATE_UPDATED), due_at=due_at)]


def spoken(state: Candidate, event: Event) -> list[str] | None:
    """Every clock, but for what was no word to the candidate: their own words, and interviews with referees."""
    inbound = isinstance(event, ContactLogged) and event.direction == "inbound"
    aside = isinstance(event, InterviewScheduled | InterviewRescheduled) and event.interview.kind == "reference"
    return [] if inbound or aside else None


WORDS: tuple[type[Event], ...] = (
    ContactLogged, LetterSent, ScreenScheduled, InterviewScheduled, InterviewRescheduled, OfferHeard, RequestAnswered,
    OutcomeTold,
)  # fmt: skip
"""Words to the candidate."""

GONE: Mapping[type[Event], Which[Candidate]] = dict.fromkeys(
    (CandidateRejected, CandidateWithdrew, CandidateTransferred, CandidateErased), each
)
ON_HOLD: Mapping[type[Event], tuple[str, Which[Candidate]]] = {HoldHeard: ("hold", each)}
GOING_ON: Mapping[type[Event], tuple[str, Which[Candidate]]] = {ResumeHeard: ("hold", each)}
THEIR_TURN: Mapping[type[Event], tuple[str, Which[Candidate]]] = {**ON_HOLD, WaitStarted: ("candidate", each)}
OUR_TURN: Mapping[type[Event], tuple[str, Which[Candidate]]] = {**GOING_ON, WaitOver: ("candidate", each)}


@dataclass(frozen=True)
class HoldableClock(ClockRule[Candidate]):
    """A promise within the search: on hold it stands still, from its start if it starts meanwhile."""

    pauses: Mapping[type[Event], tuple[str, Which[Candidate]]] = field(default_factory=lambda: ON_HOLD)
    resumes: Mapping[type[Event], tuple[str, Which[Candidate]]] = field(default_factory=lambda: GOING_ON)

    def consequences(self, before: Candidate, after: Candidate, event: Event, at: datetime) -> list[Event]:
        """What `event` means to the clocks of this kind."""
        follows = super().consequences(before, after, event, at)
        if after.standing != "on_hold":
            return follows
        started = [consequence.clock.id for consequence in follows if isinstance(consequence, ClockStarted)]
        return [*follows, *(ClockPaused(clock_id=clock_id, cause="hold") for clock_id in started)]


CLOCKS: tuple[ClockRule[Candidate], ...] = (
    HoldableClock(
        ClockName.PROFILE_ANSWERED,
        starts=dict.fromkeys((SubmissionHeard, AnswerChallenged, HoldAnswered), for_owner(ClockName.PROFILE_ANSWERED)),
        kept={ProfileAnswered: each},
        void=GONE,
    ),
    HoldableClock(
        ClockName.HELD_RESOLVED,
        starts={ProfileAnswered: for_owner(ClockName.HELD_RESOLVED, lambda state: state.stage == Stage.HELD)},
        kept={HoldAnswered: each, **on(ProfileAnswered, lambda state, e: [] if e.verdict == "hold" else [""])},
        void=GONE,
        pauses=THEIR_TURN,
        resumes=OUR_TURN,
    ),
    HoldableClock(
        ClockName.SUMMARY_SENT,
        starts={
            ScreenRecorded: for_owner(ClockName.SUMMARY_SENT, lambda state: state.screened),
            SummaryOutdated: for_owner(ClockName.SUMMARY_SENT, lambda state: state.screened and state.judged),
        },
        kept={SummaryConfirmed: each},
        void=GONE,
        recounts={ScreenCorrected: summary_owed_anew},
    ),
    HoldableClock(
        ClockName.INVITATION_ANSWERED,
        starts=on(InterviewScheduled, invited) | on(InterviewRescheduled, invited),
        kept=on(InvitationAnswered, lambda state, e: [f"{e.interview_id}:{e.who}"]),
        void={
            **GONE,
            **on(InterviewCancelled, everybody_in),
            **on(InterviewRecorded, everybody_in),
            **on(InterviewRescheduled, lambda state, e: [f"{e.interview.id}:{person}" for person in e.released]),
        },
    ),
    HoldableClock(
        ClockName.SCORECARD_IN,
        starts={
            **on(InterviewEnded, for_missing_cards),
            **on(InterviewRecorded, for_missing_cards),
            **on(QuotesMarked, for_marked_quotes),
        },
        kept={
            **on(ScorecardSubmitted, lambda state, e: [f"{e.interview_id}:{e.person}"]),
            **on(ScoreReaffirmed, chosen_again),
        },
        void={
            **GONE,
            **on(InterviewRecorded, nobody_came),
            **on(QuotesMarked, quoted_rightly_after_all),
            **on(DebriefHeld, lambda state, e: [f"{out.interview}:{out.person}" for out in e.left_out]),
        },
        recounts={InterviewCorrected: cards_owed_anew},
    ),
    HoldableClock(
        ClockName.DEBRIEF_HELD,
        starts={AllCardsIn: for_owner(ClockName.DEBRIEF_HELD)},
        kept={DebriefHeld: each},
        void=GONE,
        # One more interview stills it and resets nothing: booked and called off again, it would.
        pauses={**THEIR_TURN, InterviewScheduled: ("interviews", each)},
        resumes={**OUR_TURN, AllCardsIn: ("interviews", each)},
        recounts={RoundReopened: never_owed},
    ),
    HoldableClock(
        ClockName.DECISION_MADE,
        starts={
            DebriefEnded: for_owner(ClockName.DECISION_MADE, decision_is_due),
            DebriefHeld: for_owner(ClockName.DECISION_MADE, decision_is_due),
            FollowUpDue: for_owner(ClockName.DECISION_MADE),
        },
        kept={Decided: each, FurtherStepNamed: each, DecisionDeferred: each},
        void=GONE,
        pauses={**ON_HOLD, DebriefRebooked: ("debrief", each)},
        resumes={**GOING_ON, DebriefEnded: ("debrief", once_due), DebriefHeld: ("debrief", once_due)},
        recounts={RoundReopened: never_owed},
    ),
    ClockRule(
        ClockName.CANDIDATE_TOLD,
        starts={CandidateRejected: for_owner(ClockName.CANDIDATE_TOLD)},
        kept={OutcomeTold: each},
        void=dict.fromkeys((AnswerChallenged, CandidateReinstated, CandidateErased), each),
    ),
    ClockRule(
        ClockName.CANDIDATE_UPDATED,
        starts=dict.fromkeys((Shortlisted, AnswerChallenged, CandidateReinstated, *WORDS), next_word),
        kept=dict.fromkeys(WORDS, spoken),
        void=GONE,
    ),
    ClockRule(
        ClockName.REQUEST_ANSWERED,
        starts=on(RequestRecorded, statutory),
        kept=on(RequestAnswered, lambda state, e: [e.request_id]),
        void={CandidateErased: each},
    ),
)
