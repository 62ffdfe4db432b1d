"""What the requisition tells its candidates: they are opened, and then hear of holds, amendments, hand-overs and its
end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from domain.candidate.exits import CandidateRejected, going_out
from domain.candidate.offer import OfferHeard
from domain.candidate.profile import SubmissionHeard
from domain.candidate.scorecards import marked_by
from domain.candidate.state import Candidate
from domain.core.decider import Chapter
from domain.core.ids import mentioned
from domain.core.messages import Command, Effect, Event, Record, refuse
from domain.entity.call import Call
from domain.entity.clock_commands import TakeOver, learnt, tasks_taken_over
from domain.entity.clock_deadlines import passed_to
from domain.entity.effects import WriteToCandidate
from domain.entity.entity_facts import OfferNews, Opening, RequisitionFacts, Stage, ToCandidate
from domain.evidence.documents import Doc
from domain.sla.clocks import ClockOwnerChanged

chapter: Chapter[Candidate] = Chapter()


class Relay(Command, works="on_hold after_end"):
    """A fact from the requisition. An older one than the last of its kind is ignored."""

    fact: ToCandidate


class CandidateOpened(Event):
    """Somebody is in the search: added by the recruiter or the hiring manager, or having applied."""

    candidate: str
    opening: Opening


class SearchHeard(Event, heading="the requisition changed"):
    """The requisition as it stands now."""

    facts: RequisitionFacts


class HoldHeard(Event, heading="the requisition is on hold"):
    """The requisition is on hold."""


class ResumeHeard(Event, heading="the requisition goes on"):
    """The requisition goes on."""


class EndHeard(Event, heading="the requisition ended"):
    """The requisition is over: filled, or cancelled."""

    cause: Literal["filled", "cancelled"]


class ReopeningHeard(Event, heading="the requisition was opened again"):
    """The requisition is open again; who was out comes back only if somebody reinstates them."""


class RubricHeard(Event, heading="the rubric changed"):
    """The rubric was locked, or an amendment to it."""

    version: int
    content_hash: str


@chapter.decides(Relay)
def relay(state: Candidate, asked: Relay, call: Call) -> Iterator[Event]:
    fact = asked.fact
    if isinstance(fact, Opening):
        if state.version == 0:
            yield from _open(fact, call)
        return
    if state.version == 0:
        refuse("not_found", "There is no such candidate.", "An opening first.")
    if fact.number <= state.heard.get(fact.kind, 0):
        return
    if isinstance(fact, RequisitionFacts):
        yield from _learn_requisition(state, fact, call)
    elif isinstance(fact, OfferNews):
        yield OfferHeard(news=fact)
        # The requisition's end may overtake the answer to its last offer: what is not accepted then is over.
        if state.standing == "ended" and state.in_running and fact.status in ("declined", "expired", "withdrawn"):
            yield from going_out(state, CandidateRejected(by="search", reason=f"offer_{fact.status}"))
    elif state.stage == Stage.SHORTLISTED:
        yield SubmissionHeard(number=fact.number, slate=fact.slate)


@chapter.decides(TakeOver)
def take_over(state: Candidate, asked: TakeOver, call: Call) -> Iterator[Event]:
    """The requisition's roles pass by its own facts; here also pass the tasks of those who hold none, interviewers'."""
    if state.team is None:
        refuse("not_found", "There is no such candidate.", "The id of a candidate.")
    yield from tasks_taken_over(state, asked, call)


def _open(opening: Opening, call: Call) -> Iterator[Event]:
    candidate = opening.candidate or call.facts.new_id
    if not candidate:
        refuse("unknown_reference", "The opening does not say whose it is.", "The candidate's id.", "fact.candidate")
    yield CandidateOpened(candidate=candidate, opening=opening)


def _learn_requisition(state: Candidate, facts: RequisitionFacts, call: Call) -> Iterator[Event]:
    before = state.job
    known = {**dict.fromkeys([facts.team.recruiter], state.calendar_of(before.team.recruiter)), **state.calendars}
    known |= {p: c for p, c in call.facts.calendars.items() if p in mentioned(facts.team, "P-")}
    yield from learnt(state, known, call.now)
    yield SearchHeard(facts=facts if facts.rubric else facts.but(rubric=before.rubric))
    yield from _handed_over(state.but(calendars=state.calendars | known), facts, call.now)
    if facts.rubric is not None and (before.rubric is None or before.rubric.version != facts.rubric.version):
        yield RubricHeard(version=facts.rubric.version, content_hash=facts.rubric.content_hash)
        yield from marked_by(state, facts.rubric)
    if facts.standing == before.standing:
        return
    if before.standing == "ended":
        yield ReopeningHeard()
    elif before.standing == "on_hold":
        yield ResumeHeard()
    if facts.standing == "on_hold":
        yield HoldHeard()
    elif facts.standing == "ended":
        cause = facts.end_cause or "cancelled"
        if state.in_running and state.stage not in (Stage.OFFERED, Stage.ACCEPTED):
            yield from going_out(state, CandidateRejected(by="search", reason=cause))
        yield EndHeard(cause=cause)


def _handed_over(state: Candidate, facts: RequisitionFacts, now: datetime) -> Iterator[ClockOwnerChanged]:
    for clock in state.clocks.values():
        owner = facts.team.holder(clock.owner_role)
        if owner not in (None, clock.owner, state.people.holder(clock.owner_role)):
            yield passed_to(state, clock, owner, now)


@chapter.evolves(CandidateOpened)
def opened(state: Candidate, event: CandidateOpened, record: Record) -> Candidate:
    opening = event.opening
    resume = None
    if opening.resume is not None and opening.resume_sha256 is not None:
        resume = Doc(id=opening.resume, sha256=opening.resume_sha256)
    return state.but(
        id=event.candidate,
        human=opening.human,
        source=opening.source,
        referrer=opening.referrer,
        agency=opening.agency,
        notice_version=opening.notice_version,
        resume=resume,
        no_ai=opening.no_ai,
        opened_at=record.at,
        stage_since=record.at,
        search=opening.search,
        standing=opening.search.standing,
        team=opening.search.team,
        heard={"search": opening.search.number},
        policy=opening.policy,
        calendars=opening.calendars,
    )


@chapter.reacts(CandidateOpened)
def say_that_it_arrived(state: Candidate, event: CandidateOpened, record: Record) -> Iterator[Effect]:
    if event.opening.receipt:
        yield WriteToCandidate(candidate=state.id, matter="receipt")


@chapter.evolves(SearchHeard)
def search_heard(state: Candidate, event: SearchHeard, record: Record) -> Candidate:
    heard = state.heard | {"search": event.facts.number}
    return state.but(search=event.facts, team=event.facts.team, heard=heard)


@chapter.evolves(HoldHeard)
def hold_heard(state: Candidate, event: HoldHeard, record: Record) -> Candidate:
    return state.but(standing="on_hold")


@chapter.evolves(ResumeHeard)
def resume_heard(state: Candidate, event: ResumeHeard, record: Record) -> Candidate:
    return state.but(standing="open")


@chapter.evolves(EndHeard)
def end_heard(state: Candidate, event: EndHeard, record: Record) -> Candidate:
    return state.but(standing="ended", search_ended_at=record.at)


@chapter.evolves(ReopeningHeard)
def reopening_heard(state: Candidate, event: ReopeningHeard, record: Record) -> Candidate:
    return state.but(standing="open", search_ended_at=None)


@chapter.evolves(RubricHeard)
def rubric_heard(state: Candidate, event: RubricHeard, record: Record) -> Candidate:
    return state
