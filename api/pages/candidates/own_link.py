"""What a candidate reads and answers by their own link, without an account: their offer.

The link is in the letter alone (`privacy/candidate_links.py`). Looking at it changes nothing, because what scans mail
follows links; an answer is the command `answer-offer`, given by the candidate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.access import Caller, With, by_command
from api.commands import submit
from api.pages.forms.command_forms import as_sent
from api.pages.forms.form_schema import Form, typed_in
from api.pages.layout.labels import humane
from api.pages.layout.session import from_here
from api.pages.layout.templating import page
from api.pages.operations.administration_forms import own_form
from api.problems import Refused
from api.rate_limits import limits_of
from api.unsealing import opened
from domain.access.team import Actor
from domain.core.money import Amount
from domain.requisition.offers import AnswerOffer, Cause, OfferMade
from domain.requisition.state import Offer
from privacy.candidate_links import PLACE, CandidateLink
from store.audit import act_as
from store.users import User
from store.views import CandidateView, RequisitionView
from workflows.contract import stream_of

routes = APIRouter()

OVER, THERE = 410, 200


class OwnAnswer(BaseModel):
    """The candidate's answer."""

    answer: Literal["accepted", "declined", "countered"]
    cause: Cause | None = Field(default=None, title="Why, if you would tell us")
    amount: Amount | None = Field(default=None, title="What you ask for")


@dataclass(frozen=True)
class OwnOffer:
    """The offer behind a link: what was offered, and how it stands now. `zone` is the candidate's, or the recruiter's.

    `standing` is the offer's status, or `superseded` where a later one stands in its place.
    """

    link: CandidateLink
    candidate: CandidateView
    requisition: RequisitionView
    made: OfferMade
    standing: str
    latest: Offer
    recruiter: User | None
    zone: str

    @property
    def open(self) -> bool:
        """Whether it may be answered."""
        return self.standing in ("made", "countered")


@routes.get(f"{PLACE}{{link}}")
@by_command
async def offer(request: Request, link: str, at: With) -> Response:
    """The offer, and how to answer it."""
    return await _shown(request, link, await _behind(request, link, at), at)


@routes.post(f"{PLACE}{{link}}", dependencies=[Depends(from_here)])
@by_command
async def answer(request: Request, link: str, at: With) -> Response:
    """Takes the candidate's answer."""
    found = await _behind(request, link, at)
    asked = as_sent(await request.form())
    form, typed = (
        Form(OwnAnswer, found.zone if found else "UTC", {}, typed=asked.typed),
        typed_in(asked.typed, "amount"),
    )
    wanted, errors = form.read()
    if found is None or not found.open:
        return await _shown(request, link, found, at)
    if wanted is None:
        return await _shown(request, link, found, at, errors, typed)
    cause = (wanted.cause or "other") if wanted.answer == "declined" else None
    amount = wanted.amount if wanted.answer == "countered" else None
    command = AnswerOffer(offer_id=found.link.about, answer=wanted.answer, cause=cause, amount=amount)
    who = Actor(id=found.candidate.id, kind="candidate")
    by = Caller(who, reach=frozenset({found.candidate.id, found.requisition.id}))
    act_as(who.id, "own link")
    try:
        await submit(stream_of("requisition", found.requisition.id), command, by, at, asked.key)
    except Refused as refused:
        if refused.problem.status >= 500:
            raise
        said = " ".join(filter(None, (refused.problem.detail, refused.problem.accepted)))
        again = await _behind(request, link, at)
        wrong = {refused.problem.field or "": humane(said, str, found.zone)}
        return await _shown(request, link, again, at, wrong, typed)
    return RedirectResponse(f"{PLACE}{link}", 303)


async def _behind(request: Request, written: str, at: With) -> OwnOffer | None:
    """What a link leads to; None for one that is not ours, or over, and where nothing is kept of them any more."""
    link = CandidateLink.read(written, at.matcher, datetime.now(UTC))
    if link is None:
        limits_of(request).wrong(request)
        return None
    candidate = await at.reads.candidate(link.candidate)
    requisition = await at.reads.requisition(candidate.requisition) if candidate else None
    if candidate is None or requisition is None or candidate.standing == "erased":
        return None
    stream = stream_of("requisition", requisition.id)
    records = await at.reads.happened(stream, OfferMade)
    made = next((one.event for one in records if _is(one.event, link)), None)
    latest = requisition.offers.get(candidate.id)
    if not isinstance(made, OfferMade) or latest is None:
        return None
    people = await at.people.several([requisition.team.recruiter])
    recruiter = people.get(requisition.team.recruiter)
    zones = [one.zone for one in candidate.interviews.values()]
    zones += [candidate.screen.zone] if candidate.screen else []
    zone = next(iter(zones), recruiter.zone if recruiter else "UTC")
    standing = latest.status if latest.id == link.about else "superseded"
    words = OfferMade.model_validate(await opened(made, stream, at))
    return OwnOffer(link, candidate, requisition, words, standing, latest, recruiter, zone)


def _is(event: object, link: CandidateLink) -> bool:
    return isinstance(event, OfferMade) and (event.candidate, event.offer_id) == (link.candidate, link.about)


async def _shown(
    request: Request,
    link: str,
    found: OwnOffer | None,
    at: With,
    errors: Mapping[str, str] | None = None,
    amount: str = "",
) -> Response:
    """The page; `amount` is what somebody asked for, where that was not taken."""
    details = await at.company.details()
    words: dict[str, object] = {"offer": found, "company": details.name if details else "", "errors": errors or {}}
    if found is not None:
        contact = await at.applicants.contact(found.candidate.id, found.candidate.human)
        words |= {
            "zone": found.zone,
            "called": contact.name if contact else "",
            "title": found.requisition.alias or found.requisition.title,
            "recruiter": found.recruiter,
            "place": f"{PLACE}{link}",
            "amount": amount,
            **own_form(Form(OwnAnswer, found.zone, {}), errors),
        }
    status = OVER if found is None else 422 if errors else THERE
    answer = page(request, "own_offer.html", None, words, status)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer
