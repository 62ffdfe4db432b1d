"""The matter of a requisition's forms: what is offered, asked, amended or stopped, and how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from api.access import With
from api.pages.evidence.candidate_record import opened_events
from api.pages.forms.form_context import Subject
from api.pages.forms.matter_facts import (
    NOT_YOURS,
    Fact,
    Matter,
    against,
    decision_in_words,
    live_stages,
    names_for,
    requisition_of,
    seen_by,
    what_happened,
)
from api.pages.layout.display_names import Names, names
from api.pages.layout.labels import CHOICES
from api.pages.layout.session import PageReader
from api.unsealing import versions_of
from domain.access.permissions import Permission
from domain.candidate.decision import Decided
from domain.core.messages import Event
from domain.core.money import Pay
from domain.requisition.offers import OfferAnswered, OfferApprovalAsked, OfferApproved, OfferMade
from domain.requisition.terms import CompSignalRaised
from store.views import RequisitionView

E = TypeVar("E", bound=Event)


async def pay_to_offer(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """Whoever is to be offered something: what they want, what was decided, offered and approved, against the band."""
    chosen = subject.given.get("candidate_id")
    meant = [chosen] if chosen else [choice.value for choice in subject.choices.get("C", ())]
    happened = await what_happened(subject, at, OfferApprovalAsked, OfferApproved, OfferMade, OfferAnswered)
    return [await _candidate_to_hire(candidate, happened, subject, by, at) for candidate in meant]


async def _candidate_to_hire(
    candidate: str, happened: Sequence[Any], subject: Subject, by: PageReader, at: With
) -> Matter:
    seen = await seen_by(candidate, by, at)
    if seen is None:
        return Matter("A candidate", words=f"Who it is, is {NOT_YOURS}.")
    name = await names_for(seen, at, happened)
    view, requisition = seen.view, requisition_of(subject)
    pays = seen.sight.may(Permission.CANDIDATE_PAY)
    wants = view.summary.expectation if view.summary else None
    said = (await opened_events(seen, by.id, at)).last(Decided)
    facts = [
        Fact("Candidate", name(candidate), f"/candidates/{candidate}"),
        Fact("Band", requisition.band or NOT_YOURS),
        Fact("They expect", (wants or "they did not say") if pays else NOT_YOURS),
    ]
    if wants is not None and pays and requisition.band is not None:
        facts.append(Fact("Against the band", against(wants, requisition.band)))
    if said is not None:
        facts.append(Fact("Decided", decision_in_words(said, subject)))
    facts += _pay_so_far(candidate, happened, requisition, name) if pays else ()
    return Matter(f"What is offered to {name(candidate)}", tuple(facts))


def _pay_so_far(candidate: str, happened: Sequence[Any], requisition: RequisitionView, name: Names) -> Iterable[Fact]:
    band = requisition.band
    for record in happened:
        event = record.event
        if event.candidate != candidate:
            continue
        match event:
            case OfferApprovalAsked(amount=pay) if pay is not None:
                more = (against(pay, band),) if band else ()
                yield Fact(f"{name(record.by)} asked to offer", (pay, record.at, *more))
            case OfferApproved(ceiling=pay, why=why) if pay is not None:
                yield Fact(f"{name(record.by)} approved up to", (pay, record.at, why))
            case OfferMade(pay=pay) if pay is not None:
                yield Fact("Offered", (pay, record.at))
            case OfferAnswered(answer=answer, amount=pay):
                worded = CHOICES.get(answer, answer)
                yield Fact("They said", (worded, pay, record.at) if pay else (worded, record.at))


async def standing_offers(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """The offers that the form may mean: to whom, of what, and until when they may answer."""
    view, chosen = requisition_of(subject), subject.given.get("offer_id")
    happened = await what_happened(subject, at, OfferMade)
    made = {record.event.offer_id: record.event for record in happened}
    offered = {choice.value for choice in subject.choices.get("offer_id", ())}
    found = []
    for candidate, offer in view.offers.items():
        if offer.id != chosen and (chosen or offer.id not in offered):
            continue
        seen = await seen_by(candidate, by, at)
        called = (await names_for(seen, at))(candidate) if seen else "a candidate"
        facts = [
            Fact("To", called, f"/candidates/{candidate}"), Fact("Pay", offer.pay), Fact("It stands as", offer.status),
            Fact("To be answered by", offer.answer_by),
        ]  # fmt: skip
        if view.band is not None:
            facts.insert(2, Fact("Against the band", against(offer.pay, view.band)))
        if (event := made.get(offer.id)) is not None:
            facts += [Fact("From", event.start_on), Fact("Where", event.place)]
            facts += [Fact("On condition", event.conditions)] if event.conditions else []
        found.append(Matter(f"The offer to {called}", tuple(facts)))
    return found


async def pay_signal(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """What candidates expect, against the band: what the signal rests on."""
    chosen = subject.given.get("signal_id")
    found = [
        record
        for record in await what_happened(subject, at, CompSignalRaised)
        if chosen in (None, record.event.signal_id)
    ]
    matter = []
    for record in found[-1:]:
        reading, band = record.event.reading, record.event.band
        if reading is None or band is None:
            return [Matter("What candidates expect", words=f"Pay is {NOT_YOURS}.")]
        middle = Pay(amount=reading.median, currency=band.currency, period=band.period)
        people = f"{reading.n} candidate" if reading.n == 1 else f"{reading.n} candidates"
        more = f"{people}, {reading.share_above:.0%} of whom above it"
        facts = (
            Fact("The band", band), Fact("They expect, at the median", (middle, against(middle, band))),
            Fact("Counted", more), Fact("Since", record.at),
        )  # fmt: skip
        matter.append(Matter("What candidates expect", facts))
    return matter


async def standing_terms(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """The terms that are changed, as they stand."""
    view = requisition_of(subject)
    openings = "without a last hire" if view.openings is None else f"{view.openings}, of which {len(view.hires)} hired"
    facts = (
        Fact("Band", view.band or NOT_YOURS), Fact("Where", view.place), Fact("To hire", openings),
        Fact("Hired by", view.target_date or "no day is set"),
    )  # fmt: skip
    return [Matter("The terms as they stand", facts)]


async def inherited_changes(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """What the last retro said to change, as far as it is open."""
    open_ = {key: one for key, one in requisition_of(subject).inherited.items() if one.resolution == "open"}
    facts = tuple(Fact(f"Change {n}", str(one.text)) for n, one in enumerate(open_.values(), 1))
    return [Matter("What the last retro said to change", facts)] if facts else ()


async def rubric_in_force(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """The locked rubric, whose words fill the form: since when it holds, by whose names, and who was judged by it."""
    view = requisition_of(subject)
    locked = next((one for one in await versions_of(subject.id, at) if one.status == "locked"), None)
    if locked is None:
        return ()
    name = await names(at, [signature.person for signature in locked.signatures.values()])
    signed = tuple(name(signature.person) for signature in locked.signatures.values())
    facts = (
        Fact("In force", f"version {locked.version}", f"/requisitions/{subject.id}/rubric"),
        Fact("Since", locked.locked_at), Fact("Signed by", signed),
        Fact("Judged by it", live_stages(view) or "nobody yet"),
    )  # fmt: skip
    return [Matter("What is amended", facts)]


async def course(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """How a requisition stands, for whoever stops it, lets it rest or takes it up again."""
    view = requisition_of(subject)
    standing = [one for one in view.offers.values() if one.stands]
    openings = "without a last hire" if view.openings is None else f"{len(view.hires)} of {view.openings}"
    facts = [Fact("Phase", view.phase), Fact("Candidates", live_stages(view) or "nobody yet"), Fact("Hired", openings)]
    facts += [Fact("Offers not answered", str(len(standing)))] if standing else []
    facts += [Fact("Looked at again", view.hold.review_at)] if view.hold else []
    return [Matter("How it stands", tuple(facts))]


async def pulse(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """What the pulse asks about: since when the rubric holds, and who is in the running."""
    view = requisition_of(subject)
    facts = (
        Fact("The rubric", f"in force since {view.locked_at:%-d %B %Y}" if view.locked_at else "not locked",
             f"/requisitions/{subject.id}/rubric"),
        Fact("The candidates", live_stages(view) or "nobody yet", f"/requisitions/{subject.id}"),
    )  # fmt: skip
    return [Matter("What you are asked about", facts)]


async def retro(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """What is looked back at: who was hired, and why it is asked now."""
    view = requisition_of(subject)
    seen = [await seen_by(candidate, by, at) for candidate in view.hires]
    called = tuple([(await names_for(one, at))(one.view.id) for one in seen if one])
    why = {"first_hire": "the first hire", "last_hire": "the last hire", "cancelled": "it was cancelled"}
    occasion = why.get(view.retro.occasion, view.retro.occasion.replace("_", " ")) if view.retro else ""
    facts = [Fact("Candidates", live_stages(view) or "nobody")]
    facts += [Fact("Hired", called)] if called else []
    facts += [Fact("Asked because of", occasion)] if occasion else []
    return [Matter("What the retro is about", tuple(facts))]


ROLES = {
    "recruiter": "Recruiter", "hiring_manager": "Hiring manager", "hr_partner": "HR partner",
    "recruiting_lead": "Recruiting lead", "manager_lead": "Lead of the hiring manager",
    "second_signer": "Second signer",
}  # fmt: skip


async def team_roles(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """Who has which role now."""
    assert subject.view is not None
    team = subject.view.team
    name = await names(at, team)
    facts = tuple(Fact(words, name(who)) for role, words in ROLES.items() if (who := getattr(team, role)) is not None)
    return [Matter("Who has which role now", facts)]
