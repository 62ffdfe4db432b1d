"""Who is in the search: candidates join it, and their own workflows report what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.core.decider import Chapter
from domain.core.ids import ApplicantId, CandidateId, PersonId
from domain.core.lookups import Lookup, NewCandidateId, OwningAgency, ReceiptsOn, SamePerson, Subject
from domain.core.messages import Command, Effect, Event, Record, refuse
from domain.core.personal_text import PersonalName, Words, unsealed
from domain.core.plain_words import Plain
from domain.entity.call import Call
from domain.entity.effects import EntityMessage, Notify, Tell
from domain.entity.entity_facts import ENDS, Arrival, CandidateFacts, Opening, ProfileVerdict, Stage
from domain.evidence.documents import Doc
from domain.notifications.catalogue import NotificationKind
from domain.requisition.comp_signal import read_market
from domain.requisition.drift import Drift
from domain.requisition.state import JUDGED_BY_HIRE, Requisition, RosterEntry

chapter: Chapter[Requisition] = Chapter()

CandidateSource = Literal["applied", "sourced", "referral", "agency", "internal"]
"""How somebody came."""

_NoticeVersion = Annotated[str, Plain("what the company calls its own notice: the proof of what they were given")]


class AddCandidate(
    Command,
    who="R H X",
    refuses="duplicate_person owned_by_agency notice_missing*",
    works="on_hold",
    heading="Add somebody",
    button="Add them",
):
    """Add somebody to the requisition. Before the lock they are taken in, not judged."""

    person: ApplicantId = Field(title="Who")
    source: CandidateSource = Field(title="How they came")
    doc: Doc | None = Field(default=None, title="Their résumé")
    notice_version: _NoticeVersion | None = Field(
        default=None,
        title="Version of the privacy notice they were given",
        description="Nobody is taken in without one.",
    )
    referrer: PersonId | None = Field(default=None, title="Who referred them, if somebody did")
    agency: PersonalName | None = Field(default=None, title="The agency, if one brought them")
    no_ai: bool = Field(default=False, title="They asked for no machine reading")

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        yield from (NewCandidateId(), OwningAgency(self.person, unsealed(self.agency)), SamePerson(self.person))
        if self.source == "applied":
            yield ReceiptsOn()

    def sealed_under(self) -> Subject:
        """See `Command.sealed_under`."""
        return Subject("applicant", self.person)


class CandidateAdded(Event):
    """Somebody joined the requisition, on their own or from another one (`came_from`).

    `receipt`: they applied themselves, and are told that it arrived.
    """

    candidate: CandidateId
    human: ApplicantId
    source: str
    resume: str | None
    resume_sha256: str | None
    notice_version: str | None
    referrer: str | None = None
    agency: Words | None = None
    no_ai: bool = False
    came_from: CandidateId | None = None
    receipt: bool = False


class CandidateReported(Event):
    """A candidate's own workflow said where they stand."""

    facts: CandidateFacts


class CandidateReturned(Event):
    """Somebody for whom the requisition was over is in it again."""

    candidate: CandidateId


class HireHeard(Event, heading="they are to be hired"):
    """The debrief decided to hire this candidate."""

    candidate: CandidateId


class HireLost(Event):
    """Somebody who had accepted will not come: their opening is free again."""

    candidate: CandidateId


class DriftSeen(Event, heading="a reason outside the rubric"):
    """A profile was rejected for a reason that is not in the rubric; `drift` counts all such."""

    candidate: CandidateId
    drift: Drift


@chapter.decides(AddCandidate)
def add_candidate(state: Requisition, asked: AddCandidate, call: Call) -> Iterator[Event]:
    assert call.facts.new_id is not None, "whoever adds a candidate brings their id"
    if asked.notice_version is None:
        refuse("notice_missing", "Nobody is taken in without a privacy notice.", "The notice given.", "notice_version")
    if any(_here(state, one) for one in (asked.person, *call.facts.same_person)):
        refuse("duplicate_person", "They are in this requisition already.", "Somebody who is not.", "person")
    # An older build looked up the name of the agency that owns them, whichever was named now.
    if call.facts.owned_by is not None and call.facts.owned_by != asked.agency:
        state.gate(
            "owned_by_agency",
            asked.person,
            call.now,
            "An agency brought them in and may claim its fee.",
            "That agency's name, or somebody else.",
        )
    yield CandidateAdded(
        candidate=call.facts.new_id,
        human=asked.person,
        source=asked.source,
        resume=asked.doc.id if asked.doc else None,
        resume_sha256=asked.doc.sha256 if asked.doc else None,
        notice_version=asked.notice_version,
        referrer=asked.referrer,
        agency=asked.agency,
        no_ai=asked.no_ai,
        receipt=call.facts.receipts and asked.source == "applied",
    )


def _here(state: Requisition, applicant: str) -> bool:
    return any(entry.human == applicant and entry.stage != Stage.TRANSFERRED for entry in state.roster.values())


def arrived(state: Requisition, fact: Arrival) -> Iterator[Event]:
    """Somebody comes over from another requisition; refused like anybody else who joins."""
    if state.standing == "ended":
        refuse("closed", "This requisition is over.", "Another requisition.")
    if fact.candidate in state.roster:
        return
    if _here(state, fact.human):
        refuse("duplicate_person", "They are in this requisition already.", "A requisition they are not in.")
    yield CandidateAdded(
        candidate=fact.candidate,
        human=fact.human,
        source=fact.source,
        resume=fact.resume,
        resume_sha256=fact.resume_sha256,
        notice_version=fact.notice_version,
        referrer=fact.referrer,
        agency=fact.agency,
        no_ai=fact.no_ai,
        came_from=fact.came_from,
    )


@chapter.evolves(CandidateAdded)
def candidate_added(state: Requisition, event: CandidateAdded, record: Record) -> Requisition:
    entry = RosterEntry(human=event.human, source=event.source, added_at=record.at)
    return state.but(
        roster=state.roster | {event.candidate: entry},
        stages=state.stages | {Stage.ADDED: state.stages.get(Stage.ADDED, 0) + 1},
        unanswered=state.unanswered | {event.candidate: record.at},
    )


@chapter.reacts(CandidateAdded)
def begin_their_workflow(state: Requisition, event: CandidateAdded, record: Record) -> Iterator[Effect]:
    begins = Opening(
        number=record.seq,
        candidate=event.candidate,
        human=event.human,
        source=event.source,
        resume=event.resume,
        resume_sha256=event.resume_sha256,
        notice_version=event.notice_version,
        referrer=event.referrer,
        agency=event.agency,
        no_ai=event.no_ai,
        receipt=event.receipt,
        search=state.facts(record.seq),
        policy=state.rules,
        calendars=state.calendars,
    )
    yield tell(event.candidate, begins, start=True)


def tell(candidate: str, fact: Any, start: bool = False) -> Tell:
    """A letter with one fact for one candidate; written out once, when it is sent."""
    return Tell(
        letter=EntityMessage(
            stream=f"candidate/{candidate}",
            command="relay",
            payload={"fact": fact},
            start=start,
        )
    )


def reported(state: Requisition, facts: CandidateFacts, call: Call) -> Iterator[Event]:
    """What a candidate's word means to the roster; an older word than the last is ignored."""
    entry = state.known(facts.candidate, "fact")
    before = entry.facts
    if before is not None and facts.number <= before.number:
        return
    yield CandidateReported(facts=facts)
    if entry.stage in ENDS and facts.stage not in ENDS:
        yield CandidateReturned(candidate=facts.candidate)
    if facts.stage in JUDGED_BY_HIRE and facts.candidate not in state.hire_decided:
        yield HireHeard(candidate=facts.candidate)
    if facts.stage in ENDS and facts.candidate in state.hires:
        yield HireLost(candidate=facts.candidate)
    rejection = _new_rejection(before, facts)
    if rejection and rejection.criterion is None:
        yield DriftSeen(candidate=facts.candidate, drift=state.drift.with_rejection(None))


def _new_rejection(before: CandidateFacts | None, facts: CandidateFacts) -> ProfileVerdict | None:
    answer = facts.answer
    if answer is None or answer.verdict != "reject" or (before and before.answer == answer):
        return None
    return answer


@chapter.evolves(CandidateReported)
def candidate_reported(state: Requisition, event: CandidateReported, record: Record) -> Requisition:
    facts = event.facts
    key, stage = facts.candidate, facts.stage
    entry = state.roster[key]
    before, was = entry.facts, entry.stage
    changes: dict[str, Any] = {"roster": state.roster | {key: entry.but(facts=facts)}, "heard_at": record.at}
    if stage != was:
        counts = state.stages | {was: state.stages[was] - 1}
        changes["stages"] = counts | {stage: counts.get(stage, 0) + 1}
    if stage != Stage.ADDED and key in state.unanswered:
        changes["unanswered"] = {other: at for other, at in state.unanswered.items() if other != key}
        changes["last_answered"] = key
    if facts.cards_in_undecided != (key in state.undecided):
        others = tuple(other for other in state.undecided if other != key)
        changes["undecided"] = (*others, key) if facts.cards_in_undecided else others
    if (stage in JUDGED_BY_HIRE) != (key in state.hire_decided):
        others_decided = {other: at for other, at in state.hire_decided.items() if other != key}
        joined = {key: facts.hire_decided_at or record.at} if stage in JUDGED_BY_HIRE else {}
        changes["hire_decided"] = others_decided | joined
    if stage in ENDS and key in state.approvals_asked:
        changes["approvals_asked"] = tuple(other for other in state.approvals_asked if other != key)
    if stage in ENDS and key in state.hires:
        changes["hires"] = tuple(other for other in state.hires if other != key)
    if stage in ENDS and key in state.offers and (state.offers[key].stands or key in state.hires):
        changes["offers"] = state.offers | {key: state.offers[key].but(status="declined")}
    if rejection := _new_rejection(before, facts):
        changes["drift"] = state.drift.with_rejection(rejection.criterion)
    if facts.expectation is not None and facts.expectation != state.expectations.get(key):
        expectations = state.expectations | {key: facts.expectation}
        changes["expectations"] = expectations
        changes["market"] = read_market(state.pay_band, expectations.values())
        if state.comp_due_at is None:
            changes["comp_due_at"] = state.due("comp_signal_after", record.at)
    slate = state.slate
    if slate is not None and key in slate.waiting and (facts.answer is not None or stage in ENDS):
        changes["slate"] = slate.but(waiting=tuple(other for other in slate.waiting if other != key))
    return state.but(**changes)


@chapter.evolves(CandidateReturned)
def candidate_returned(state: Requisition, event: CandidateReturned, record: Record) -> Requisition:
    return state


@chapter.reacts(CandidateReturned)
def catch_them_up(state: Requisition, event: CandidateReturned, record: Record) -> Iterator[Effect]:
    yield tell(event.candidate, state.facts(record.seq))


@chapter.evolves(HireHeard)
def hire_heard(state: Requisition, event: HireHeard, record: Record) -> Requisition:
    return state


@chapter.evolves(HireLost)
def hire_lost(state: Requisition, event: HireLost, record: Record) -> Requisition:
    return state


@chapter.reacts(HireLost)
def say_who_will_not_come(state: Requisition, event: HireLost, record: Record) -> Iterator[Effect]:
    about: dict[str, str | int | None] = {"stream_id": state.id, "candidate": event.candidate}
    for person in state.sides.values():
        yield Notify(person=person, matter=NotificationKind.HIRE_LOST, about=about)


@chapter.evolves(DriftSeen)
def drift_seen(state: Requisition, event: DriftSeen, record: Record) -> Requisition:
    return state


@chapter.reacts(DriftSeen)
def propose_an_amendment(state: Requisition, event: DriftSeen, record: Record) -> Iterator[Effect]:
    about: dict[str, str | int | None] = {
        "stream_id": state.id, "rejected": event.drift.rejected, "outside": event.drift.outside,
    }  # fmt: skip
    for person in dict.fromkeys((state.people.recruiter, state.people.hiring_manager)):
        yield Notify(person=person, matter=NotificationKind.DRIFT_SEEN, about=about)
