"""What became of an offer, step by step: asked for, approved up to, made, sent, answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.access import With
from api.pages.layout.templating import money
from domain.core.messages import Record
from domain.core.money import Pay
from domain.requisition.offers import (
    OfferAnswered,
    OfferApprovalAsked,
    OfferApproved,
    OfferExpired,
    OfferMade,
    OfferWithdrawn,
)
from store.letters import KeptLetter
from workflows.contract import stream_of

STEPS = (OfferApprovalAsked, OfferApproved, OfferMade, OfferAnswered, OfferExpired, OfferWithdrawn)


@dataclass(frozen=True)
class ChainStep:
    """One step: what happened, when (UTC), by whom. `late`: something is to be looked after; `asks`: to be approved."""

    words: str
    at: datetime | None
    by: str = ""
    late: bool = False
    asks: bool = False


async def asked_above_band(requisition: str, candidate: str, at: With) -> Pay | None:
    """What was last asked to be offered to a candidate above the band; None where nothing was."""
    records = await at.reads.happened(stream_of("requisition", requisition), OfferApprovalAsked)
    asked = [one.event for one in records if isinstance(one.event, OfferApprovalAsked)]
    return next((event.amount for event in reversed(asked) if event.candidate == candidate), None)


async def offer_chain(requisition: str, candidate: str, letters: Iterable[KeptLetter], at: With) -> list[ChainStep]:
    """The steps of a candidate's offers, in order; nothing where none was asked for or made."""
    records = await at.reads.happened(stream_of("requisition", requisition), *STEPS)
    theirs = [one for one in records if getattr(one.event, "candidate", "") == candidate]
    sent = {one.offer or "": one for one in letters}
    return list(_steps(theirs, sent))


def _steps(records: Sequence[Record], sent: dict[str, KeptLetter]) -> Iterable[ChainStep]:
    for record in records:
        match record.event:
            case OfferApprovalAsked(amount=amount):
                yield ChainStep(f"asked for {money(amount)}, above the band", record.at, record.by, asks=True)
            case OfferApproved(ceiling=ceiling):
                yield ChainStep(f"approved up to {money(ceiling)}", record.at, record.by)
            case OfferMade() as made:
                yield ChainStep(f"offer of {money(made.pay)} made", record.at, record.by)
                yield _letter(made, sent.get(made.offer_id))
            case OfferAnswered() as answered:
                asks = f": they ask for {money(answered.amount)}" if answered.amount else ""
                by = "by their own link" if record.by.startswith("C-") else ""
                yield ChainStep(" ".join(filter(None, (f"{answered.answer}{asks}", by))), record.at, record.by)
            case OfferExpired():
                yield ChainStep("the time to answer ran out", record.at)
            case OfferWithdrawn():
                yield ChainStep("withdrawn", record.at, record.by)


def _letter(made: OfferMade, sent: KeptLetter | None) -> ChainStep:
    if made.letter is None:
        return ChainStep("no letter was sent by Tandem", None)
    if sent is None:
        return ChainStep("the letter is on its way, or waits for you among the tasks", None, late=True)
    if sent.undelivered_at is not None:
        return ChainStep("the letter came back: it was not delivered", sent.undelivered_at, late=True)
    return ChainStep("the letter was sent", sent.at)
