"""Offers: made on a hire decision, each superseding the last; above the band only up to the HR partner's ceiling."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import partial
from typing import Any, Literal, Self

from pydantic import Field

from domain.core.decider import Chapter, themselves
from domain.core.ids import CandidateId, Reference
from domain.core.lookups import Lookup, OfferElsewhere, Subject
from domain.core.messages import Command, Effect, Event, Record, Refusals, Sources, refuse
from domain.core.money import Amount, Band, Currency, Pay, Period
from domain.core.names import Name
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.effects import Notify, WriteToCandidate
from domain.entity.entity_facts import OfferNews, Stage
from domain.evidence.text_rules import refuse_unsendable
from domain.notifications.catalogue import NotificationKind
from domain.notifications.letter_templates import ANSWER_LINK
from domain.requisition.lifecycle import SearchFilled
from domain.requisition.roster import tell
from domain.requisition.state import Awaited, Offer, Requisition
from domain.time.zones import Instant, time_in_words

chapter: Chapter[Requisition] = Chapter()

Cause = Literal["pay", "role", "place", "manager", "timing", "other_offer", "stayed", "personal", "other"]


class MakeOffer(
    Command,
    who="R",
    refuses="not_hire_decided no_opening above_band offer_elsewhere answer_by_too_soon* internal_words*",
    heading="Make an offer",
    button="Make the offer",
):
    """Make a candidate an offer, and send it to them as a letter. It supersedes the last one."""

    candidate_id: CandidateId
    amount: Amount
    currency: Currency = Field(description="Three letters: USD, EUR.")
    period: Period = Field(default="year", title="Per")
    place: Name | None = None
    start_on: date = Field(title="Starts on")
    answer_by: Instant
    conditions: PersonalText | None = None
    ask_approval: bool = Field(
        default=False,
        title="It is above the band: ask the HR partner",
        description="If it is above the band: ask the HR partner, rather than be refused.",
    )

    letter_subject: PersonalText | None = Field(default=None, title="The letter's subject")
    letter: PersonalText | None = Field(
        default=None,
        title="The letter",
        description="It goes to them as it stands, with their own link to answer by; without one nothing is sent.",
    )

    def grounded(self, sources: Sources) -> Self:
        """Refuses a letter with words that must not leave the company."""
        refuse_unsendable(ANSWER_LINK, letter_subject=self.letter_subject, letter=self.letter)
        return self

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        return (OfferElsewhere(self.candidate_id),)

    def sealed_under(self) -> Subject:
        """See `Command.sealed_under`."""
        return Subject("candidate", self.candidate_id)


class ApproveOffer(
    Command, who="P", refuses="not_hire_decided", heading="Approve an offer above the band", button="Approve up to this"
):
    """Say up to what amount this candidate may be offered; a ceiling within the band is a no to more."""

    candidate_id: CandidateId
    ceiling: Amount = Field(title="Up to")
    currency: Currency | None = Field(default=None, description="Three letters: USD, EUR.")
    period: Period | None = Field(default=None, title="Per")
    why: PersonalText

    def sealed_under(self) -> Subject:
        """See `Command.sealed_under`."""
        return Subject("candidate", self.candidate_id)


class AnswerOffer(
    Command,
    who="R X",
    refuses="superseded expired",
    works="on_hold",
    heading="Record their answer to the offer",
    button="Record the answer",
):
    """What the candidate says to their offer: yes, no and its cause, or a counter and its amount."""

    offer_id: Reference
    answer: Literal["accepted", "declined", "countered"] = Field(title="Their answer")
    cause: Cause | None = Field(default=None, title="If declined: why")
    amount: Amount | None = Field(default=None, title="If countered: what they ask for")


class WithdrawOffer(
    Command,
    who="P",
    refuses="no_live_offer",
    works="on_hold after_end",
    heading="Withdraw the offer",
    button="Withdraw it",
):
    """Take an offer back, accepted ones included."""

    offer_id: Reference
    cause: PersonalText = Field(title="Why")

    def sealed_under(self) -> Subject:
        """See `Command.sealed_under`."""
        return Subject("offer", self.offer_id)


class OfferApprovalAsked(Event):
    """Somebody is to be offered more than the band: the HR partner is asked."""

    candidate: CandidateId
    amount: Pay


class OfferApproved(Event):
    """The HR partner named the most this candidate may be offered."""

    candidate: CandidateId
    ceiling: Pay
    why: PersonalText


class OfferMade(Event):
    """A candidate has an offer."""

    candidate: CandidateId
    offer_id: str
    pay: Pay
    place: str
    start_on: date
    answer_by: datetime
    conditions: PersonalText | None
    letter_subject: PersonalText | None = None
    letter: PersonalText | None = None


class OfferAnswered(Event):
    """The candidate answered."""

    candidate: CandidateId
    offer_id: str
    answer: Literal["accepted", "declined", "countered"]
    cause: Cause | None
    amount: Pay | None


class OfferExpired(Event):
    """The time to answer ran out."""

    candidate: CandidateId
    offer_id: str


class OfferWithdrawn(Event):
    """The offer was taken back."""

    candidate: CandidateId
    offer_id: str
    cause: PersonalText


OFFERABLE: frozenset[Stage] = frozenset({Stage.HIRE_DECIDED, Stage.RESERVE, Stage.OFFERED})


def _the_hired(state: Requisition) -> Iterator[str]:
    if any(state.stages.get(stage) for stage in OFFERABLE):
        yield from (key for key, entry in state.roster.items() if entry.stage in OFFERABLE)


@chapter.gate(MakeOffer, ApproveOffer)
def somebody_is_to_be_hired(state: Requisition, call: Call) -> None:
    if not any(state.stages.get(stage) for stage in OFFERABLE):
        refuse(
            "not_hire_decided",
            "There is no decision to hire anybody.",
            "Somebody whom the debrief decided to hire.",
            "candidate_id",
        )


def _to_be_hired(state: Requisition, candidate: CandidateId) -> None:
    entry = state.known(candidate)
    if entry.stage not in OFFERABLE:
        refuse(
            "not_hire_decided",
            f"There is no decision to hire {candidate}.",
            "Somebody whom the debrief decided to hire.",
            "candidate_id",
        )


@chapter.gate_of(MakeOffer, "candidate_id", among=_the_hired, whom=themselves)
def may_be_offered(state: Requisition, call: Call, candidate: CandidateId) -> None:
    _to_be_hired(state, candidate)
    last = state.offers.get(candidate)
    left = state.openings_left
    if left is not None and left + (last is not None and last.stands) < 1:
        refuse("no_opening", "Every opening is filled or offered.", "More openings, or an answer that frees one.")


@chapter.next_of(MakeOffer)
def waits_for_an_offer(state: Requisition, call: Call, candidate: CandidateId) -> bool:
    return state.roster[candidate].stage != Stage.OFFERED


@chapter.decides(MakeOffer)
def make_offer(state: Requisition, asked: MakeOffer, call: Call) -> Iterator[Event]:
    candidate = asked.candidate_id
    if call.facts.offer_elsewhere is not None:
        refuse(
            "offer_elsewhere",
            f"They have an open offer in {call.facts.offer_elsewhere}.",
            "An agreement with that requisition first.",
        )
    wrong = Refusals()
    with wrong:
        if asked.start_on < call.now.date():
            refuse("bad_time", "That day is past.", "A day to come.", "start_on")
    earliest = state.due("offer_answer_at_least", call.now)
    with wrong:
        if asked.answer_by < earliest:
            soonest = time_in_words(earliest, or_later=True)
            refuse("answer_by_too_soon", "They need time.", f"{soonest} or later.", "answer_by")
    wrong.raise_all()
    pay = Pay(amount=asked.amount, currency=asked.currency, period=asked.period)
    if not _within(state, candidate, pay):
        if asked.ask_approval:
            yield OfferApprovalAsked(candidate=candidate, amount=pay)
            return
        refuse(
            "above_band",
            "This is above the band, and no ceiling that covers it was approved.",
            "An amount within the band, the HR partner's approval, or a request for it.",
            "amount",
        )
    yield OfferMade(
        candidate=candidate,
        offer_id=f"O-{state.offers_made + 1}",
        pay=pay,
        place=asked.place or state.place,
        start_on=asked.start_on,
        answer_by=asked.answer_by,
        conditions=asked.conditions,
        letter_subject=asked.letter_subject,
        letter=asked.letter,
    )


def _within(state: Requisition, candidate: CandidateId, pay: Pay) -> bool:
    return needs_no_approval(state.pay_band, state.ceilings.get(candidate), pay)


def needs_no_approval(band: Band, ceiling: Pay | None, pay: Pay) -> bool:
    """Whether `pay` needs nobody's approval any more: it lies within the band, or the ceiling that was approved."""
    if ceiling is not None and (ceiling.currency, ceiling.period) == (pay.currency, pay.period):
        return pay.amount <= ceiling.amount
    return not band.below(pay)


@chapter.evolves(OfferApprovalAsked)
def approval_asked(state: Requisition, event: OfferApprovalAsked, record: Record) -> Requisition:
    return state.but(approvals_asked=tuple(dict.fromkeys((*state.approvals_asked, event.candidate))))


@chapter.reacts(OfferApprovalAsked)
def ask_the_partner(state: Requisition, event: OfferApprovalAsked, record: Record) -> Iterator[Effect]:
    yield Notify(
        person=state.people.hr_partner,
        matter=NotificationKind.OFFER_ABOVE_BAND,
        about={"stream_id": state.id, "candidate": event.candidate, "amount": str(event.amount.amount)},
    )


@chapter.gate_of(ApproveOffer, "candidate_id", among=_the_hired, whom=themselves)
def may_be_approved(state: Requisition, call: Call, candidate: CandidateId) -> None:
    _to_be_hired(state, candidate)


@chapter.decides(ApproveOffer)
def approve_offer(state: Requisition, asked: ApproveOffer, call: Call) -> Iterator[Event]:
    band = state.pay_band
    ceiling = Pay(amount=asked.ceiling, currency=asked.currency or band.currency, period=asked.period or band.period)
    yield OfferApproved(candidate=asked.candidate_id, ceiling=ceiling, why=asked.why)


@chapter.evolves(OfferApproved)
def offer_approved(state: Requisition, event: OfferApproved, record: Record) -> Requisition:
    return _settled(state, event.candidate).but(ceilings=state.ceilings | {event.candidate: event.ceiling})


def _settled(state: Requisition, candidate: CandidateId) -> Requisition:
    return state.but(approvals_asked=tuple(asked for asked in state.approvals_asked if asked != candidate))


@chapter.reacts(OfferApproved)
def tell_the_recruiter(state: Requisition, event: OfferApproved, record: Record) -> Iterator[Effect]:
    yield Notify(
        person=state.people.recruiter,
        matter=NotificationKind.OFFER_APPROVED,
        about={"stream_id": state.id, "candidate": event.candidate, "ceiling": str(event.ceiling.amount)},
    )


@chapter.evolves(OfferMade)
def offer_made(state: Requisition, event: OfferMade, record: Record) -> Requisition:
    made = Offer(id=event.offer_id, pay=event.pay, answer_by=event.answer_by)
    return _settled(state, event.candidate).but(
        offers=state.offers | {event.candidate: made}, offers_made=state.offers_made + 1
    )


@chapter.reacts(OfferMade)
def send_the_letter(state: Requisition, event: OfferMade, record: Record) -> Iterator[Effect]:
    if event.letter is not None:
        yield WriteToCandidate(
            candidate=event.candidate,
            matter="offer",
            about={"offer": event.offer_id, "answer_by": event.answer_by.isoformat()},
            words=event.letter,
            subject=event.letter_subject,
        )


def _offers(state: Requisition) -> Iterator[str]:
    yield from (offer.id for offer in state.offers.values())


def _offered_to(state: Requisition, offer_id: str) -> str | None:
    return next((key for key, offer in state.offers.items() if offer.id == offer_id), None)


@chapter.gate_of(AnswerOffer, "offer_id", among=_offers, whom=_offered_to)
def waits_for_an_answer(state: Requisition, call: Call, offer_id: str) -> None:
    candidate, offer = _offer(state, offer_id)
    if call.actor.kind == "candidate" and call.actor.id != candidate:
        refuse("not_permitted", "This is somebody else's offer.", "Their own answer.")
    if offer.status == "expired":
        refuse("expired", "The time to answer ran out.", "A new offer.", "offer_id")
    if offer.status == "withdrawn":
        refuse("superseded", "This offer was withdrawn.", "A new offer.", "offer_id")
    if offer.status in ("accepted", "declined"):
        refuse("already_done", f"This offer was {offer.status}.", "A new offer.", "offer_id")


@chapter.next_of(AnswerOffer)
def whatever_they_say(state: Requisition, call: Call, offer_id: str) -> bool:
    return True


@chapter.decides(AnswerOffer)
def answer_offer(state: Requisition, asked: AnswerOffer, call: Call) -> Iterator[Event]:
    candidate, offer = _offer(state, asked.offer_id)
    if offer.status == asked.answer:
        refuse("already_done", f"This offer was {offer.status}.", "A new offer.", "offer_id")
    amount: Pay | None = None
    if asked.answer == "countered":
        if asked.amount is None:
            refuse("invalid", "A counter names its amount.", "The amount they ask for.", "amount")
        amount = offer.pay.but(amount=asked.amount)
    if asked.answer == "declined" and asked.cause is None:
        refuse("invalid", "A no has a cause.", "The cause they gave, or other.", "cause")
    yield OfferAnswered(candidate=candidate, offer_id=offer.id, answer=asked.answer, cause=asked.cause, amount=amount)
    if amount is not None and not _within(state, candidate, amount):
        yield OfferApprovalAsked(candidate=candidate, amount=amount)
    if asked.answer == "accepted" and state.openings is not None and len(state.hires) + 1 >= state.openings:
        yield SearchFilled()


def _offer(state: Requisition, offer_id: str) -> tuple[CandidateId, Offer]:
    """The candidate's latest offer of this id; refuses one that was superseded or never was."""
    number = offer_id.removeprefix("O-")
    if not number.isdigit() or not 1 <= int(number) <= state.offers_made:
        refuse("unknown_reference", "There is no such offer.", "An offer that was made.", "offer_id")
    latest = next(((key, offer) for key, offer in state.offers.items() if offer.id == offer_id), None)
    if latest is None:
        refuse("superseded", "A later offer stands in its place.", "The latest offer.", "offer_id")
    return latest


@chapter.evolves(OfferAnswered)
def offer_answered(state: Requisition, event: OfferAnswered, record: Record) -> Requisition:
    state = _now(state, event.candidate, event.answer)
    if event.answer != "accepted":
        return state
    changes: dict[str, Any] = {"hires": (*state.hires, event.candidate)}
    last = state.openings is not None and len(state.hires) + 1 >= state.openings
    if last or not state.hires:
        changes["retro_at"] = state.due("retro_after", record.at)
        changes["retro_occasion"] = "last_hire" if last else "first_hire"
    return state.but(**changes)


def _now(state: Requisition, candidate: CandidateId, status: str) -> Requisition:
    return state.but(offers=state.offers | {candidate: state.offers[candidate].but(status=status)})


@chapter.awaits
def offers_run_out(state: Requisition) -> Awaited:
    for candidate, offer in state.offers.items():
        if offer.status == "made":
            yield offer.answer_by, partial(OfferExpired, candidate=candidate, offer_id=offer.id)


@chapter.evolves(OfferExpired)
def offer_expired(state: Requisition, event: OfferExpired, record: Record) -> Requisition:
    return _now(state, event.candidate, "expired")


@chapter.gate_of(WithdrawOffer, "offer_id", among=_offers, whom=_offered_to)
def may_be_taken_back(state: Requisition, call: Call, offer_id: str) -> None:
    live = (offer.id for offer in state.offers.values() if offer.stands or offer.status == "accepted")
    if offer_id not in live:
        refuse("no_live_offer", "No such offer stands.", "An offer that stands or was accepted.", "offer_id")


@chapter.decides(WithdrawOffer)
def withdraw_offer(state: Requisition, asked: WithdrawOffer, call: Call) -> Iterator[Event]:
    candidate, _ = _offer(state, asked.offer_id)
    yield OfferWithdrawn(candidate=candidate, offer_id=asked.offer_id, cause=asked.cause)


@chapter.evolves(OfferWithdrawn)
def offer_withdrawn(state: Requisition, event: OfferWithdrawn, record: Record) -> Requisition:
    state = _now(state, event.candidate, "withdrawn")
    return state.but(hires=tuple(hired for hired in state.hires if hired != event.candidate))


@chapter.reacts(OfferAnswered, OfferExpired, OfferWithdrawn)
def say_what_became_of_it(state: Requisition, event: Any, record: Record) -> Iterator[Effect]:
    about: dict[str, str | int | None] = {
        "stream_id": state.id,
        "candidate": event.candidate,
        "offer": event.offer_id,
        "status": state.offers[event.candidate].status,
    }
    for person in state.sides.values():
        yield Notify(person=person, matter=NotificationKind.OFFER_NEWS, about=about)


@chapter.reacts(OfferMade, OfferAnswered, OfferExpired, OfferWithdrawn)
def tell_the_candidate(state: Requisition, event: Any, record: Record) -> Iterator[Effect]:
    offer = state.offers[event.candidate]
    news = OfferNews(number=record.seq, offer_id=offer.id, status=offer.status, answer_by=offer.answer_by)
    yield tell(event.candidate, news)
