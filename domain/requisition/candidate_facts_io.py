"""What a requisition hears from candidates and people, and what of itself it tells its candidates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from domain.access.team import Delegate
from domain.core.decider import Chapter
from domain.core.ids import PersonId
from domain.core.messages import Command, Effect, Event, Record
from domain.entity.call import Call
from domain.entity.clock_commands import learnt
from domain.entity.effects import TellAll
from domain.entity.entity_facts import Arrival, CandidateFacts, PersonFacts, ToRequisition
from domain.requisition.calibration import slate_answered_by
from domain.requisition.lifecycle import SearchCancelled, SearchFilled, SearchPutOnHold, SearchReopened, SearchResumed
from domain.requisition.offers import OfferAnswered, OfferExpired, OfferMade, OfferWithdrawn
from domain.requisition.role_handover import RoleHandedOver
from domain.requisition.roster import CandidateReported, arrived, reported
from domain.requisition.rubric import RubricAmended, RubricDeclined, RubricLocked, RubricSigned, SignaturesExpired
from domain.requisition.state import Requisition
from domain.requisition.terms import TermsChanged, signal_from

chapter: Chapter[Requisition] = Chapter()


class Relay(Command, refuses="duplicate_person", works="on_hold after_end"):
    """A fact from a candidate's or a person's own entity."""

    fact: ToRequisition


class DelegateChanged(Event):
    """Somebody may, or may no longer, act for this person. `number` orders what their entity says."""

    person: PersonId
    number: int
    delegate: Delegate | None


@chapter.decides(Relay)
def relay(state: Requisition, asked: Relay, call: Call) -> Iterator[Event]:
    match asked.fact:
        case CandidateFacts():
            yield from _learn_from_candidate(state, asked.fact, call)
        case Arrival():
            yield from arrived(state, asked.fact)
        case PersonFacts():
            yield from _learn_from_person(state, asked.fact, call)


def _learn_from_candidate(state: Requisition, facts: CandidateFacts, call: Call) -> Iterator[Event]:
    for event in reported(state, facts, call):
        yield event
        if isinstance(event, CandidateReported):
            yield from slate_answered_by(state, facts)
            yield from signal_from(state, facts, call)


def _learn_from_person(state: Requisition, fact: PersonFacts, call: Call) -> Iterator[Event]:
    if fact.number <= state.heard.get(fact.person, 0):
        return
    delegate = (
        Delegate(person=fact.delegate, powers=fact.powers, until=fact.delegate_until)
        if fact.delegate is not None and fact.delegate_until is not None
        else None
    )
    yield DelegateChanged(person=fact.person, number=fact.number, delegate=delegate)
    if fact.calendar is not None:
        yield from learnt(state, {fact.person: fact.calendar}, call.now)


@chapter.evolves(DelegateChanged)
def delegate_changed(state: Requisition, event: DelegateChanged, record: Record) -> Requisition:
    state = state.but(heard=state.heard | {event.person: event.number})
    if event.person == state.people.hiring_manager:
        return state.but(team=state.people.but(delegate=event.delegate))
    return state


def _tell(state: Requisition, record: Record, streams: Iterable[str]) -> Iterator[Effect]:
    if concerned := tuple(f"candidate/{candidate}" for candidate in streams):
        yield TellAll(streams=concerned, command="relay", payload={"fact": state.facts(record.seq)})


@chapter.reacts(
    RubricLocked,
    RubricAmended,
    RubricDeclined,
    RubricSigned,
    TermsChanged,
    OfferMade,
    OfferAnswered,
    OfferExpired,
    OfferWithdrawn,
    SearchPutOnHold,
    SearchResumed,
    SearchFilled,
    SearchCancelled,
    SignaturesExpired,
    DelegateChanged,
)
def tell_whom_it_concerns(state: Requisition, event: Event, record: Record) -> Iterator[Effect]:
    if isinstance(event, RubricSigned) and not event.again:
        return
    if isinstance(event, DelegateChanged) and event.person != state.people.hiring_manager:
        return
    # Whoever took the last opening hears of that alone: told of the end first, they would be out.
    hired = state.hires if isinstance(event, SearchFilled) else ()
    yield from _tell(
        state, record, (key for key, entry in state.roster.items() if entry.concerned and key not in hired)
    )


@chapter.reacts(SearchReopened)
def tell_runners_up(state: Requisition, event: SearchReopened, record: Record) -> Iterator[Effect]:
    yield from _tell(state, record, state.roster)


@chapter.reacts(RoleHandedOver)
def tell_everybody(state: Requisition, event: RoleHandedOver, record: Record) -> Iterator[Effect]:
    # Requests and untold endings outlive a candidate's part in the requisition, and are owed by whoever has the role
    # now.
    if not state.roster:
        return
    calendar = state.calendar_of(event.to)
    streams = tuple(f"candidate/{candidate}" for candidate in state.roster)
    yield TellAll(streams=streams, command="learn_calendars", payload={"calendars": {event.to: calendar}})
    yield from _tell(state, record, state.roster)
