"""Calibration: the first profiles go as one slate, and nothing further before it is answered."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from domain.core.decider import Chapter, themselves
from domain.core.ids import CandidateId
from domain.core.lookups import Subject
from domain.core.messages import Command, Effect, Event, Record, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.effects import Notify, TellAll
from domain.entity.entity_facts import ENDS, CandidateFacts, Stage, Submitted
from domain.notifications.catalogue import NotificationKind
from domain.requisition.roster import tell
from domain.requisition.state import Requisition, Slate

chapter: Chapter[Requisition] = Chapter()

NEXT = "The slate's answers first."


class ShareSlate(
    Command,
    who="R",
    refuses="not_locked not_shortlisted slate_size* slate_unanswered",
    heading="Share the slate",
    button="Share these profiles",
):
    """Put the first shortlisted profiles before the hiring manager, as one slate."""

    candidate_ids: tuple[CandidateId, ...] = Field(title="Profiles")
    why: PersonalText | None = Field(
        default=None, title="If they are fewer than agreed: why", description="Why there are fewer than agreed."
    )


class SubmitCandidate(
    Command,
    who="R",
    refuses="slate_unanswered not_shortlisted",
    heading="Submit a profile",
    button="Submit the profile",
):
    """Put one more profile before the hiring manager."""

    candidate_id: CandidateId

    def sealed_under(self) -> Subject:
        """See `Command.sealed_under`."""
        return Subject("candidate", self.candidate_id)


class SlateShared(Event):
    """Profiles went to the hiring manager as one slate."""

    number: int
    candidates: tuple[CandidateId, ...]
    why: PersonalText | None


class SlateAnswered(Event):
    """Every profile of the slate has its answer: the requisition goes on, sharpened by what was said."""

    number: int


class CandidateSubmitted(Event):
    """A profile went to the hiring manager."""

    candidate: CandidateId


def _the_shortlisted(state: Requisition) -> Iterator[str]:
    if state.stages.get(Stage.SHORTLISTED):
        yield from (key for key, entry in state.roster.items() if entry.stage == Stage.SHORTLISTED)


@chapter.gate(ShareSlate)
def may_share(state: Requisition, call: Call) -> None:
    if state.locked is None:
        refuse("not_locked", "Nobody is judged before the rubric is locked.", "A locked rubric.")
    if state.slate and state.slate.waiting:
        state.gate("slate_unanswered", state.id, call.now, "A slate is with the hiring manager.", NEXT)
    if not state.stages.get(Stage.SHORTLISTED):
        refuse("not_shortlisted", "Nobody is shortlisted.", "Somebody who is shortlisted.", "candidate_ids")


@chapter.gate_of(ShareSlate, "candidate_ids", among=_the_shortlisted, whom=themselves)
def fit_for_a_slate(state: Requisition, call: Call, candidate: CandidateId) -> None:
    _shortlisted(state, candidate, "candidate_ids")


@chapter.next(ShareSlate)
def first_slate(state: Requisition, call: Call) -> bool:
    return state.slate is None


@chapter.decides(ShareSlate)
def share_slate(state: Requisition, asked: ShareSlate, call: Call) -> Iterator[Event]:
    agreed = state.rules.slate_size
    candidates = tuple(dict.fromkeys(asked.candidate_ids))
    if not 1 <= len(candidates) <= agreed or (len(candidates) < agreed and asked.why is None):
        refuse(
            "slate_size",
            f"A slate has {agreed} profiles, this one {len(candidates)}.",
            f"{agreed}, or fewer and why.",
            "candidate_ids",
        )
    yield SlateShared(number=state.slate.number + 1 if state.slate else 1, candidates=candidates, why=asked.why)


@chapter.evolves(SlateShared)
def slate_shared(state: Requisition, event: SlateShared, record: Record) -> Requisition:
    return state.but(slate=Slate(number=event.number, candidates=event.candidates, waiting=event.candidates))


@chapter.reacts(SlateShared)
def put_them_forward(state: Requisition, event: SlateShared, record: Record) -> Iterator[Effect]:
    fact = Submitted(number=record.seq, slate=True, at=record.at)
    yield TellAll(
        streams=tuple(f"candidate/{candidate}" for candidate in event.candidates),
        command="relay",
        payload={"fact": fact},
    )


@chapter.gate(SubmitCandidate)
def somebody_is_shortlisted(state: Requisition, call: Call) -> None:
    if not state.stages.get(Stage.SHORTLISTED):
        refuse("not_shortlisted", "Nobody is shortlisted.", "Somebody who is shortlisted.", "candidate_id")


@chapter.gate_of(SubmitCandidate, "candidate_id", among=_the_shortlisted, whom=themselves)
def may_submit(state: Requisition, call: Call, candidate: CandidateId) -> None:
    _shortlisted(state, candidate, "candidate_id")
    if state.slate is None or state.slate.waiting:
        sentence = (
            "Calibration comes first: no slate was shared yet."
            if state.slate is None
            else f"{len(state.slate.waiting)} profiles of the slate wait for an answer."
        )
        state.gate("slate_unanswered", candidate, call.now, sentence, NEXT)


@chapter.next_of(SubmitCandidate)
def after_the_slate(state: Requisition, call: Call, candidate: CandidateId) -> bool:
    return True


@chapter.decides(SubmitCandidate)
def submit_candidate(state: Requisition, asked: SubmitCandidate, call: Call) -> Iterator[Event]:
    yield CandidateSubmitted(candidate=asked.candidate_id)


def _shortlisted(state: Requisition, candidate: CandidateId, field: str) -> None:
    stage = state.known(candidate, field).stage
    if stage != Stage.SHORTLISTED:
        refuse("not_shortlisted", f"{candidate} is {stage.replace('_', ' ')}.", "Somebody who is shortlisted.", field)


@chapter.evolves(CandidateSubmitted)
def candidate_submitted(state: Requisition, event: CandidateSubmitted, record: Record) -> Requisition:
    return state


@chapter.reacts(CandidateSubmitted)
def put_them_forward_alone(state: Requisition, event: CandidateSubmitted, record: Record) -> Iterator[Effect]:
    yield tell(event.candidate, Submitted(number=record.seq, slate=False, at=record.at))


def slate_answered_by(state: Requisition, facts: CandidateFacts) -> Iterator[Event]:
    """The slate is answered once the last profile it waits for has an answer, or left."""
    gone = facts.answer is not None or facts.stage in ENDS
    if gone and state.slate and state.slate.waiting == (facts.candidate,):
        yield SlateAnswered(number=state.slate.number)


@chapter.evolves(SlateAnswered)
def slate_answered(state: Requisition, event: SlateAnswered, record: Record) -> Requisition:
    return state


@chapter.reacts(SlateAnswered)
def let_the_requisition_go_on(state: Requisition, event: SlateAnswered, record: Record) -> Iterator[Effect]:
    yield Notify(
        person=state.people.recruiter,
        matter=NotificationKind.SLATE_ANSWERED,
        about={"stream_id": state.id, "slate": event.number},
    )
