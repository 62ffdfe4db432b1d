"""Out of the running, and back: rejections, withdrawals, transfers, reinstatement, and being told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, Self

from pydantic import Field

from domain.access.roles import Role
from domain.candidate.debrief import DebriefCancelled
from domain.candidate.interviews import AllCardsIn, InterviewCancelled
from domain.candidate.screen import ScreenCancelled
from domain.candidate.state import Candidate, CandidateCommand, ExitCause
from domain.core.decider import Chapter
from domain.core.ids import CandidateId, RequisitionId
from domain.core.lookups import Lookup, NewCandidateId, TransferTarget
from domain.core.messages import Effect, Event, Record, Sources, Value, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.effects import EntityMessage, Notify, Tell, WriteToCandidate
from domain.entity.entity_facts import Arrival, Stage
from domain.evidence.interview_plan import all_in
from domain.evidence.rubric import CriterionId, RequirementId
from domain.evidence.text_rules import refuse_unsendable
from domain.notifications.catalogue import NotificationKind
from domain.time.zones import Instant

chapter: Chapter[Candidate] = Chapter()

WithdrawalCause = Literal["other_offer", "pay", "timing", "role", "process", "place", "personal", "unknown"]
ComeBack = Literal[
    Stage.ADDED,
    Stage.SHORTLISTED,
    Stage.ADVANCED,
    Stage.SCREENED,
    Stage.INTERVIEWING,
    Stage.HIRE_DECIDED,
    Stage.RESERVE,
]


class Reject(
    CandidateCommand,
    who="R H",
    refuses="not_locked needs_manager† decision_due offer_open reason_missing*",
    heading="Turn somebody down",
    button="Turn them down",
):
    """Turn somebody down: for a criterion, for a requirement, or because it is filled, a duplicate or ineligible.

    Once they were advanced this is the hiring manager's to say; once the debrief is open, the decision's.
    """

    criterion: CriterionId | None = Field(default=None, title="The criterion")
    requirement: RequirementId | None = Field(default=None, title="Or the requirement")
    cause: Literal["filled", "duplicate", "ineligible"] | None = Field(default=None, title="Or another cause")


class Reinstate(
    CandidateCommand, who="R H", refuses="not_out", works="out", heading="Bring somebody back", button="Bring them back"
):
    """Bring somebody back into the running, at a stage they had reached, with a reason."""

    stage: ComeBack = Field(title="To which stage")
    why: PersonalText


class Transfer(
    CandidateCommand,
    who="R",
    refuses="target_closed duplicate_person offer_open",
    works="out",
    heading="Move somebody to another requisition",
    button="Move them",
):
    """Take somebody over into another requisition, with their consent. Documents go along, ratings do not."""

    to_requisition: RequisitionId = Field(title="To which requisition")
    consent_at: Instant = Field(title="When they agreed")

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        return NewCandidateId(), TransferTarget(self.to_requisition)


class Withdraw(CandidateCommand, who="R X", works="on_hold", heading="They withdrew", button="Note it"):
    """The candidate no longer wants the job. The report says whose task was open when they left."""

    cause: WithdrawalCause = Field(title="Why")
    at: Instant = Field(title="When")
    words: PersonalText | None = Field(default=None, title="What they said")


class TellOutcome(
    CandidateCommand,
    who="R",
    refuses="no_outcome internal_words*",
    works="on_hold after_end",
    heading="Tell them how it ended",
    button="Tell them",
):
    """Tell somebody that it will not be them. By mail the text is sent; otherwise it is what was said."""

    channel: Literal["mail", "call", "video", "in_person"] = Field(
        title="How",
        description="By mail this is sent. Anything else records what was said elsewhere: nothing goes out.",
    )
    letter_subject: PersonalText | None = Field(default=None, title="The mail's subject")
    text: PersonalText = Field(title="What they are told")

    def grounded(self, sources: Sources) -> Self:
        """Refuses words that must not leave the company (`internal_words`)."""
        refuse_unsendable(letter_subject=self.letter_subject, text=self.text)
        return self


class OpenClock(Value):
    """A promise that was running when somebody left, and whether it was broken."""

    name: str
    owner: str
    breached: bool


class CandidateRejected(Event):
    """They are out. `reason` is a criterion, a requirement, or a cause; `by` what put them out."""

    by: Literal["answer", "decision", "rejection", "search"]
    reason: str


class CandidateReinstated(Event):
    """They are back in the running."""

    stage: Stage
    why: PersonalText


class CandidateTransferred(Event):
    """They went over into another requisition, as the candidate `new_candidate` there."""

    to_requisition: str
    new_candidate: CandidateId
    consent_at: Instant


class CandidateWithdrew(Event):
    """They left by their own will at `withdrew_at` (UTC), while these promises were open."""

    cause: WithdrawalCause
    withdrew_at: Instant
    words: PersonalText | None
    open_clocks: tuple[OpenClock, ...]


class OutcomeTold(Event):
    """They know."""

    channel: str
    text: PersonalText
    letter_subject: PersonalText | None = None


def going_out(state: Candidate, leaving: Event) -> Iterator[Event]:
    """Takes what is still to come out of everybody's calendar, then lets `leaving` happen."""
    for interview in state.interviews.values():
        if interview.upcoming:
            yield InterviewCancelled(interview_id=interview.id, cause="out_of_running")
    if state.screen is not None and state.screen.status == "scheduled":
        yield ScreenCancelled()
    if state.debrief is not None and state.debrief.held_at is None:
        yield DebriefCancelled(debrief=state.debrief)
    yield leaving


def refuse_open_offer(state: Candidate) -> None:
    """Refuses while an offer waits for its answer."""
    if state.offer is not None and state.offer.open:
        refuse("offer_open", "An offer to them is open.", "Their answer, or withdraw-offer, first.")


@chapter.gate(Reject)
def may_be_rejected(state: Candidate, call: Call) -> None:
    if state.advanced and Role.HIRING_MANAGER not in state.roles_of(call.actor, Reject.name, call.now):
        refuse("needs_manager", "The hiring manager advanced them.", "A rejection by the hiring manager.")
    if state.stage == Stage.DEBRIEFING:
        refuse("decision_due", "The debrief is open: it ends in a decision.", "decide: no hire.")
    refuse_open_offer(state)
    if state.stage == Stage.ACCEPTED:
        refuse("offer_open", "They accepted an offer.", "withdraw-offer by the HR partner first.")


@chapter.decides(Reject)
def reject(state: Candidate, asked: Reject, call: Call) -> Iterator[Event]:
    reasons = [r for r in (asked.criterion, asked.requirement, asked.cause) if r is not None]
    if len(reasons) != 1:
        refuse(
            "reason_missing",
            "A rejection has one reason." if reasons else "The rejection has no reason.",
            "A criterion, a requirement, or one of filled, duplicate, ineligible.",
            "criterion",
        )
    if asked.cause != "duplicate":
        rubric = state.judged_by
        if {asked.criterion, asked.requirement} - {None, *rubric.weights, *rubric.requirements}:
            known = ", ".join(sorted((*rubric.weights, *rubric.requirements)))
            refuse("unknown_reference", f"The rubric has no {reasons[0]}.", f"One of {known}.", "criterion")
    yield from going_out(state, CandidateRejected(by="rejection", reason=reasons[0]))


@chapter.gate_of(Reinstate, "stage", among=lambda state: reached_stages(state))
def had_come_to(state: Candidate, call: Call, stage: str) -> None:
    if state.out is None:
        refuse("not_out", "They are in the running.", "Somebody who was rejected or withdrew.")
    reached = reached_stages(state)
    if stage not in reached:
        refuse("invalid", f"They had not come to {stage}.", f"One of {', '.join(reached)}.", "stage")


@chapter.decides(Reinstate)
def reinstate(state: Candidate, asked: Reinstate, call: Call) -> Iterator[Event]:
    yield CandidateReinstated(stage=asked.stage, why=asked.why)
    if asked.stage == Stage.INTERVIEWING and all_in(state.interviews):
        yield AllCardsIn()


@chapter.gate(Transfer)
def may_be_transferred(state: Candidate, call: Call) -> None:
    if state.stage == Stage.TRANSFERRED:
        refuse("already_done", "They were transferred before.", "Asking in the requisition they went to.")
    refuse_open_offer(state)


@chapter.decides(Transfer)
def transfer(state: Candidate, asked: Transfer, call: Call) -> Iterator[Event]:
    if asked.consent_at > call.now:
        refuse("bad_time", "Nobody consents in the future.", "When they consented.", "consent_at")
    if asked.to_requisition == state.job.requisition or call.facts.duplicate_in_target:
        refuse("duplicate_person", "They are in that requisition already.", "Another requisition.", "to_requisition")
    if call.facts.target_closed:
        refuse("target_closed", "That requisition is over.", "A requisition that is open.", "to_requisition")
    if call.facts.new_id is None:
        refuse("unknown_reference", "There is no such requisition.", "The id of an open requisition.", "to_requisition")
    gone = CandidateTransferred(
        to_requisition=asked.to_requisition, new_candidate=call.facts.new_id, consent_at=asked.consent_at
    )
    yield from going_out(state, gone)


@chapter.decides(Withdraw)
def withdraw(state: Candidate, asked: Withdraw, call: Call) -> Iterator[Event]:
    if asked.at > call.now:
        refuse("bad_time", "That has not happened yet.", "When they withdrew.", "at")
    clocks = tuple(
        OpenClock(name=clock.name, owner=clock.owner, breached=clock.breached_at is not None)
        for clock in state.clocks.values()
    )
    gone = CandidateWithdrew(cause=asked.cause, withdrew_at=asked.at, words=asked.words, open_clocks=clocks)
    yield from going_out(state, gone)


@chapter.gate(TellOutcome)
def outcome_may_be_sent(state: Candidate, call: Call) -> None:
    if state.stage != Stage.REJECTED:
        refuse(
            "no_outcome", "There is no outcome to tell.", "Somebody who was rejected, or whose requisition is filled."
        )
    if state.told_at is not None:
        refuse("already_done", "They have been told.", "log-contact, for anything more.")


@chapter.next(TellOutcome)
def waits_to_hear(state: Candidate, call: Call) -> bool:
    return True


@chapter.decides(TellOutcome)
def tell_outcome(state: Candidate, asked: TellOutcome, call: Call) -> Iterator[Event]:
    yield OutcomeTold(channel=asked.channel, text=asked.text, letter_subject=asked.letter_subject)


def reached_stages(state: Candidate) -> tuple[ComeBack, ...]:
    """The stages that what is on file bears out, so that nobody comes back further than they had come."""
    reached: list[ComeBack] = [Stage.ADDED]
    if state.verdicts:
        reached.append(Stage.SHORTLISTED)
    if state.advanced:
        reached.append(Stage.ADVANCED)
        if state.screened:
            reached.append(Stage.SCREENED)
    if state.interviews:
        reached.append(Stage.INTERVIEWING)
    if state.decision is not None and state.decision.kind == "hire":
        reached += [Stage.HIRE_DECIDED, Stage.RESERVE]
    return tuple(reached)


def left(state: Candidate, stage: Stage, out: ExitCause) -> Candidate:
    """The candidate out of the running: nothing is awaited of them or for them any more."""
    return state.at_stage(stage, out.at).but(
        out=out, told_at=None, waiting_until=None, follow_up_at=None, promised_by=None
    )


@chapter.evolves(CandidateRejected)
def rejected(state: Candidate, event: CandidateRejected, record: Record) -> Candidate:
    return left(state, Stage.REJECTED, ExitCause(by=event.by, reason=event.reason, at=record.at))


@chapter.evolves(CandidateWithdrew)
def withdrew(state: Candidate, event: CandidateWithdrew, record: Record) -> Candidate:
    return left(state, Stage.WITHDRAWN, ExitCause(by="candidate", reason=event.cause, at=record.at))


@chapter.evolves(CandidateTransferred)
def transferred(state: Candidate, event: CandidateTransferred, record: Record) -> Candidate:
    return left(state, Stage.TRANSFERRED, ExitCause(by="transfer", reason=event.to_requisition, at=record.at))


@chapter.evolves(CandidateReinstated)
def reinstated(state: Candidate, event: CandidateReinstated, record: Record) -> Candidate:
    decided = event.stage in (Stage.HIRE_DECIDED, Stage.RESERVE)
    return state.at_stage(event.stage, record.at).but(
        out=None,
        told_at=None,
        decision=state.decision if decided else None,
        debrief=state.debrief if decided else None,
    )


@chapter.evolves(OutcomeTold)
def outcome_told(state: Candidate, event: OutcomeTold, record: Record) -> Candidate:
    return state.after_word(record.at).but(told_at=record.at)


@chapter.reacts(OutcomeTold)
def write(state: Candidate, event: OutcomeTold, record: Record) -> Iterator[Effect]:
    if event.channel == "mail":
        yield WriteToCandidate(candidate=state.id, matter="outcome", words=event.text, subject=event.letter_subject)


@chapter.reacts(CandidateWithdrew)
def tell_both(state: Candidate, event: CandidateWithdrew, record: Record) -> Iterator[Effect]:
    for person in dict.fromkeys((state.people.recruiter, state.people.hiring_manager)):
        about: dict[str, str | int | None] = {"candidate": state.id, "cause": event.cause}
        yield Notify(person=person, matter=NotificationKind.CANDIDATE_WITHDREW, about=about)


@chapter.reacts(CandidateTransferred)
def send_over(state: Candidate, event: CandidateTransferred, record: Record) -> Iterator[Effect]:
    arrival = Arrival(
        number=record.seq,
        candidate=event.new_candidate,
        came_from=state.id,
        human=state.human,
        source=state.source,
        resume=state.resume.id if state.resume else None,
        resume_sha256=state.resume.sha256 if state.resume else None,
        notice_version=state.notice_version,
        consent_at=event.consent_at,
        referrer=state.referrer,
        agency=state.agency,
        no_ai=state.no_ai,
    )
    yield Tell(
        letter=EntityMessage(
            stream=f"requisition/{event.to_requisition}",
            command="relay",
            payload={"fact": arrival.model_dump(mode="json")},
        )
    )
