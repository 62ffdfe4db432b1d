"""Comp signals and terms: what people expect against the band, and the band, place, openings and date themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from pydantic import Field

from domain.core.decider import Chapter
from domain.core.ids import Reference
from domain.core.messages import Command, Effect, Event, Record, refuse
from domain.core.money import Band
from domain.core.names import Name
from domain.core.personal_text import Reason, Words
from domain.entity.call import Call
from domain.entity.effects import Notify
from domain.entity.entity_facts import CandidateFacts
from domain.notifications.catalogue import NotificationKind
from domain.requisition.comp_signal import ENOUGH, CompReading, Way, read_market
from domain.requisition.lifecycle import SearchFilled
from domain.requisition.state import Awaited, Requisition

chapter: Chapter[Requisition] = Chapter()


class AcknowledgeCompSignal(Command, who="H P", heading="Pay: choose a way out", button="Choose this way"):
    """Choose a way out of a comp signal: move the band, the bar or the place, or hold course with a reason."""

    signal_id: Reference
    way: Way = Field(title="The way out")
    why: Reason | None = None


class ChangeTerms(
    Command,
    who="R P",
    refuses="hr_needed† openings_committed no_change*",
    heading="Change the terms",
    button="Change them",
):
    """Change the place, the openings or the target date, or, as HR partner, the band."""

    band: Band | None = Field(default=None, title="What it may pay")
    place: Name | None = None
    openings: int | None = Field(
        default=None, title="How many to hire", ge=1, description="Leave out if it goes on without a last hire."
    )
    target_date: date | None = Field(default=None, title="Hired by")
    why: Reason


class CompSignalRaised(Event, heading="a signal on pay"):
    """What people expect lies above the band."""

    signal_id: str
    reading: CompReading
    band: Band


class CompSignalAcknowledged(Event, heading="a way out on pay was chosen"):
    """A way out was chosen."""

    signal_id: str
    way: Way
    why: Words | None


class TermsChanged(Event):
    """The requisition runs on other terms; None is what stayed."""

    band: Band | None
    place: str | None
    openings: int | None
    target_date: date | None
    why: Words


def signal_from(state: Requisition, facts: CandidateFacts, call: Call) -> Iterator[Event]:
    """A comp signal, if this candidate's expectation makes the numbers say so; one for each band."""
    expectation = facts.expectation
    if (
        expectation is None
        or state.comp_raised
        or state.standing != "open"
        or expectation == state.expectations.get(facts.candidate)
    ):
        return
    reading = read_market(state.pay_band, (state.expectations | {facts.candidate: expectation}).values())
    late = state.comp_due_at is not None and state.comp_due_at <= call.now
    if reading is not None and reading.above and (reading.n >= ENOUGH or late):
        yield _signal(state, reading)


def _signal(state: Requisition, reading: CompReading) -> CompSignalRaised:
    return CompSignalRaised(signal_id=f"S-{len(state.signals) + 1}", reading=reading, band=state.pay_band)


@chapter.awaits
def day_five(state: Requisition) -> Awaited:
    reading = state.market
    if reading is not None and reading.above and not state.comp_raised and state.standing == "open":
        assert state.comp_due_at is not None, "a reading of the market that nobody's expectation began"
        yield state.comp_due_at, partial(_signal, state, reading)


@chapter.evolves(CompSignalRaised)
def comp_signal_raised(state: Requisition, event: CompSignalRaised, record: Record) -> Requisition:
    return state.but(comp_raised=True, signals=state.signals | {event.signal_id: None})


@chapter.reacts(CompSignalRaised)
def raise_it(state: Requisition, event: CompSignalRaised, record: Record) -> Iterator[Effect]:
    reading = event.reading
    about: dict[str, str | int | None] = {
        "stream_id": state.id,
        "signal": event.signal_id,
        "n": reading.n,
        "median": str(reading.median),
        "above_by": str(reading.above_by),
        "share_above_percent": round(reading.share_above * 100),
    }
    for person in dict.fromkeys((state.people.hiring_manager, state.people.hr_partner)):
        yield Notify(person=person, matter=NotificationKind.COMP_SIGNAL, about=about)


@chapter.gate_of(AcknowledgeCompSignal, "signal_id", among=lambda state: state.signals)
def signal_is_open(state: Requisition, call: Call, signal_id: str) -> None:
    if signal_id not in state.signals:
        refuse("unknown_reference", "There is no such signal.", "One that was raised.", "signal_id")
    if (chosen := state.signals[signal_id]) is not None:
        refuse("already_done", f"The way out was chosen: {chosen.replace('_', ' ')}.", "A signal that is open.")


@chapter.decides(AcknowledgeCompSignal)
def acknowledge_comp_signal(state: Requisition, asked: AcknowledgeCompSignal, call: Call) -> Iterator[Event]:
    if asked.way == "hold_course" and asked.why is None:
        refuse("invalid", "Holding course needs a reason.", "The reason.", "why")
    yield CompSignalAcknowledged(signal_id=asked.signal_id, way=asked.way, why=asked.why)


@chapter.evolves(CompSignalAcknowledged)
def comp_signal_acknowledged(state: Requisition, event: CompSignalAcknowledged, record: Record) -> Requisition:
    return state.but(signals=state.signals | {event.signal_id: event.way})


@chapter.decides(ChangeTerms)
def change_terms(state: Requisition, asked: ChangeTerms, call: Call) -> Iterator[Event]:
    people, band = state.people, asked.band
    if band is not None and call.actor.id != people.hr_partner:
        refuse("hr_needed", "The band is the HR partner's to change.", "The HR partner, or the other terms.", "band")
    others = (asked.place, asked.openings, asked.target_date)
    if any(term is not None for term in others) and call.actor.id != people.recruiter:
        refuse("not_permitted", "Place, openings and date are the recruiter's to change.", "The recruiter.")
    if band is not None and band.minimum > band.maximum:
        refuse("invalid", "The band ends below its beginning.", "A minimum up to the maximum.", "band")
    if asked.target_date is not None and asked.target_date < call.now.date():
        refuse("bad_time", "The target date is past.", "A date to come.", "target_date")
    now = (state.band, state.place, state.openings, state.target_date)
    if all(new in (None, old) for new, old in zip((band, *others), now, strict=True)):
        refuse("no_change", "These are the terms as they stand.", "A term that differs.")
    if asked.openings is not None:
        committed = len(state.hires) + sum(offer.stands for offer in state.offers.values())
        if asked.openings < committed:
            refuse(
                "openings_committed",
                f"{committed} openings are filled or offered.",
                f"At least {committed}, or an offer withdrawn first.",
                "openings",
            )
    yield TermsChanged(
        band=band, place=asked.place, openings=asked.openings, target_date=asked.target_date, why=asked.why
    )
    if asked.openings is not None and asked.openings == len(state.hires):
        yield SearchFilled()


@chapter.evolves(TermsChanged)
def terms_changed(state: Requisition, event: TermsChanged, record: Record) -> Requisition:
    changes: dict[str, object] = {
        term: value
        for term in ("band", "place", "openings", "target_date")
        if (value := getattr(event, term)) is not None
    }
    if event.band is not None:
        changes["market"] = read_market(event.band, state.expectations.values())
        changes["comp_raised"] = False
        changes["comp_due_at"] = state.due("comp_signal_after", record.at) if state.expectations else None
    if event.openings is not None:
        changes["sign_again_at"] = None
    return state.but(**changes)
