"""What people decided after a draft, read off the events: which draft, by whom, with which outcome and why.

A decision is linked to the draft there was when it was taken. Whether its author had read that draft is a matter of its
own (`store.draft_feedback.Reader`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from domain.candidate.decision import Decided
from domain.candidate.exits import CandidateRejected
from domain.candidate.profile import ProfileAnswered
from domain.candidate.scorecards import ScorecardSubmitted
from domain.candidate.screen import SummaryConfirmed
from domain.candidate.state import Candidate
from domain.core.messages import Record
from domain.core.personal_text import PersonalText, Sealed
from domain.evidence.draft_jobs import decided_after
from domain.requisition.rubric import RubricAmended, RubricDeclined, RubricSigned
from domain.requisition.state import Requisition
from store.read_model import DraftDecisionRow
from workflows.contract import stream_of


def candidate_decisions(state: Candidate, record: Record) -> Iterator[DraftDecisionRow]:
    """The rows of what was decided about a candidate; `state` is the one after the event."""
    outcome: str | None = None
    why: PersonalText | None = None
    about = ""
    looked: int | None = None
    match record.event:
        case SummaryConfirmed(draft_id=None):
            return
        case SummaryConfirmed() as event:
            why, looked = event.why_otherwise or event.why_no_quote, event.looked_seconds
        case ScorecardSubmitted() as event:
            about, why = f":{event.interview_id}:{event.person}", event.why
            looked = event.looked_seconds
        case ProfileAnswered() as event:
            outcome, why = event.verdict, event.why or event.needs
        case CandidateRejected() as event:
            if event.by != "rejection":
                return
            outcome = event.reason
        case Decided() as event:
            outcome, why = event.decision.kind, event.exception_why or event.reason
    for job in decided_after(record.event.type):
        if (known := state.drafts.get(f"{job}{about}")) is not None:
            yield DraftDecisionRow(
                stream=stream_of("candidate", state.id),
                seq=record.seq,
                draft=known.id,
                job=job,
                requisition=state.job.requisition,
                candidate=state.id,
                event=record.event.type,
                outcome=outcome,
                by=record.by,
                at=record.at,
                why=_json(why),
                looked_seconds=looked,
            )


def requisition_decisions(state: Requisition, record: Record) -> Iterator[DraftDecisionRow]:
    """The rows of what was decided in a search: the rubric up to its first lock, and amendments after drift."""
    why: PersonalText | None = None
    match record.event:
        case RubricSigned(again=again) if again or state.locked is not None:
            return
        case RubricDeclined() if state.locked is not None:
            return
        case RubricDeclined(why=why) | RubricAmended(why=why):
            pass
    for job in decided_after(record.event.type):
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
                looked_seconds=None,
            )


def _json(why: PersonalText | None) -> str | None:
    if why is None:
        return None
    return why.model_dump_json() if isinstance(why, Sealed) else json.dumps(why)
