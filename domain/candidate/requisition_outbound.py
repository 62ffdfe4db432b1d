"""What the requisition hears of its candidates: ids, stages and numbers, one fact for each event that matters to it."""

from __future__ import annotations

from collections.abc import Iterator

from domain.candidate.corrections import RoundReopened, ScreenCorrected
from domain.candidate.debrief import DebriefHeld
from domain.candidate.decision import Decided, FurtherStepNamed
from domain.candidate.exits import (
    CandidateReinstated,
    CandidateRejected,
    CandidateTransferred,
    CandidateWithdrew,
    OutcomeTold,
)
from domain.candidate.interviews import AllCardsIn, InterviewScheduled
from domain.candidate.offer import OfferHeard
from domain.candidate.profile import AnswerChallenged, HoldAnswered, ProfileAnswered, Shortlisted, SubmissionHeard
from domain.candidate.requests import CandidateErased
from domain.candidate.screen import ScreenRecorded, SummaryConfirmed
from domain.candidate.state import Candidate
from domain.core.decider import Chapter
from domain.core.messages import Effect, Event, Record
from domain.entity.clock_commands import GateOverridden
from domain.entity.effects import EntityMessage, Tell
from domain.entity.entity_facts import CandidateFacts, Stage

chapter: Chapter[Candidate] = Chapter()


def facts(state: Candidate) -> CandidateFacts:
    """The candidate as their requisition knows them; `number` is the version they stand at."""
    assert state.stage_since is not None, "nobody was opened"
    return CandidateFacts(
        number=state.version,
        candidate=state.id,
        human=state.human,
        stage=state.stage,
        stage_since=state.stage_since,
        answer=state.answer,
        recruiter_verdicts=dict(state.verdicts),
        expectation=state.summary.expectation if state.summary else None,
        screened_at=state.screen.held_at if state.screen and state.screened else None,
        cards_in_undecided=state.stage == Stage.DEBRIEFING,
        hire_decided_at=state.decision.at if state.decision and state.decision.kind == "hire" else None,
        end_reason=state.out.reason if state.out else None,
        told=state.told_at is not None,
        overrides=len(state.overrides),
    )


@chapter.reacts(
    Shortlisted, SubmissionHeard, AnswerChallenged, HoldAnswered, ScreenRecorded, SummaryConfirmed, InterviewScheduled,
    AllCardsIn, DebriefHeld, Decided, FurtherStepNamed, OfferHeard, ProfileAnswered, CandidateRejected,
    CandidateReinstated, CandidateWithdrew, CandidateTransferred, OutcomeTold, CandidateErased, GateOverridden,
    ScreenCorrected, RoundReopened,
)  # fmt: skip
def tell_requisition(state: Candidate, event: Event, record: Record) -> Iterator[Effect]:
    yield Tell(
        letter=EntityMessage(
            stream=f"requisition/{state.job.requisition}",
            command="relay",
            payload={"fact": facts(state).model_dump(mode="json")},
        )
    )
