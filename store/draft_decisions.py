"""What people decided after a draft, read off the events: which draft, by whom, with which outcome and why.

A decision is linked to the draft there was when it was taken. Whether its author had read that draft is a matter of its
own (`store.draft_feedback.Reader`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from domain.candidate.decision import Decided, DecisionDeferred, FurtherStepNamed
from domain.candidate.exits import CandidateRejected
from domain.candidate.profile import ProfileAnswered
from domain.candidate.scorecards import ScorecardSubmitted
from domain.candidate.screen import SummaryConfirmed
from domain.candidate.state import Candidate
from domain.core.messages import Record
from domain.core.personal_text import PersonalText, Sealed
from domain.requisition.rubric import RubricAmended, RubricDeclined, RubricEdited, RubricSigned
from domain.requisition.state import Requisition
from store.read_model import DraftDecisionRow
from workflows.contract import stream_of

ABOUT_A_PERSON = ("resume_reading", "candidate_summary", "debrief_brief")
"""Drafts that a rejection may rest on: those there are by then."""


def candidate_decisions(state: Candidate, record: Record) -> Iterator[DraftDecisionRow]:
    """The rows of what was decided about a candidate; `state` is the one after the event."""
    outcome: str | None = None
    why: PersonalText | None = None
    match record.event:
        case SummaryConfirmed() as event:
            jobs: Iterable[str] = ("candidate_summary",) if event.draft_id else ()
            why = event.why_otherwise or event.why_no_quote
        case ScorecardSubmitted() as event:
            jobs = (f"scorecard:{event.interview_id}:{event.person}",)
            why = event.why
        case ProfileAnswered() as event:
            jobs, outcome, why = ("resume_reading",), event.verdict, event.why or event.needs
        case CandidateRejected(by="rejection") as event:
            jobs, outcome = ABOUT_A_PERSON, event.reason
        case Decided() as event:
            jobs, outcome, why = ("debrief_brief",), event.decision.kind, event.exception_why or event.reason
        case FurtherStepNamed() | DecisionDeferred():
            jobs = ("debrief_brief",)
        case _:
            return
    requisition = state.job.requisition
    for job in jobs:
        if (known := state.drafts.get(job)) is not None:
            yield DraftDecisionRow(
                stream=stream_of("candidate", state.id),
                seq=record.seq,
                draft=known.id,
                job=job.partition(":")[0],
                requisition=requisition,
                candidate=state.id,
                event=record.event.type,
                outcome=outcome,
                by=record.by,
                at=record.at,
                why=_json(why),
            )


def requisition_decisions(state: Requisition, record: Record) -> Iterator[DraftDecisionRow]:
    """The rows of what was decided in a search: the rubric up to its first lock, and amendments after drift."""
    why: str | None = None
    match record.event:
        case RubricEdited():
            job = "rubric"
        case RubricSigned(again=False) if state.locked is None:
            job = "rubric"
        case RubricDeclined(why=why) if state.locked is None:
            job = "rubric"
        case RubricAmended(why=why):
            job = "drift"
        case _:
            return
    if (draft := state.drafts.get(job)) is not None:
        yield DraftDecisionRow(
            stream=stream_of("requisition", state.id),
            seq=record.seq,
            draft=draft,
            job=job,
            requisition=state.id,
            candidate=None,
            event=record.event.type,
            outcome=None,
            by=record.by,
            at=record.at,
            why=_json(why),
        )


def _json(why: PersonalText | None) -> str | None:
    if why is None:
        return None
    return why.model_dump_json() if isinstance(why, Sealed) else json.dumps(why)
