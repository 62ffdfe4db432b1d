"""Two applicants who are one person: merged by somebody of HR, and parted again within thirty days.

An act of the API and not a command: it is about two applicants over all requisitions, and no entity is either. What is
sealed stays as it is, each under its own key; whoever reads by an applicant follows the merge (`same_applicants`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from api.access import AsCaller, Caller, With, needs
from api.documents import ApplicantRef
from api.payload_limits import bounds
from api.problems import RESPONSES, Denied, Refused
from api.relations import in_office, own_applicants
from api.services import Services
from api.visibility import known_as
from domain.access.permissions import Permission
from domain.core.ids import ApplicantId
from domain.entity.entity_facts import ENDS
from privacy.keys import KeyDestroyed
from store.applicants import CannotPart, SamePerson
from store.audit import Kind

routes = APIRouter(prefix="/v1", tags=["documents"], responses=RESPONSES)

CAN_BE_UNDONE = timedelta(days=30)
"""For how long those who were merged can be parted as they were."""


class MergeBody(BaseModel):
    """Which other applicant is the same person, and how anybody knows."""

    other: ApplicantId
    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1000)] = Field(title="Why")


class Parted(BaseModel):
    """Two applicants who are two people again."""

    id: ApplicantId
    other: ApplicantId


@routes.post("/humans/{id}/merge", operation_id="merge_applicants", summary="Say that two applicants are one person")
@needs(Permission.APPLICANT_MERGE)
async def merge_applicants(
    id: ApplicantId, body: Annotated[MergeBody, bounds(MergeBody)], by: AsCaller, at: With
) -> ApplicantRef:
    """Say that another applicant is the same person as this one, whose id and contact stay. For HR.

    Nothing is sealed anew: what is held of both is read, handed out and erased together from now on. It can be taken
    back for thirty days. Refused as: same_person, legal_hold, duplicate_person (both are in one requisition), erased.
    """
    await merge(id, body.other, body.why, by, at)
    return ApplicantRef(id=await at.applicants.stays(id))


@routes.post("/humans/{id}/part", operation_id="part_applicants", summary="Undo that two applicants are one person")
@needs(Permission.APPLICANT_MERGE)
async def part_applicants(id: ApplicantId, by: AsCaller, at: With) -> Parted:
    """Make an applicant who was merged into another somebody else again, as they were. For HR, for thirty days.

    Refused as: not_merged, erased (something of them was erased meanwhile, and went for both).
    """
    return Parted(id=id, other=await part(id, by, at))


async def merge(stays: str, other: str, why: str, by: Caller, at: Services) -> None:
    """Merges `other` into `stays`. Refuses what must not be."""
    await may_be_one(stays, other, by, at)
    try:
        await at.applicants.merge(other, stays, by.actor.id, why, datetime.now(UTC) + CAN_BE_UNDONE)
    except SamePerson:
        raise _one_already() from None
    except KeyDestroyed:
        raise Refused(409, "erased", "One of them was erased.", "Nothing more can be said of them.") from None


async def may_be_one(stays: str, other: str, by: Caller, at: Services) -> None:
    """Refuses what must not be merged, as things stand."""
    await _may(stays, "id", by, at)
    await _may(other, "other", by, at)
    candidacies = {view.id: view for one in (stays, other) for view in await at.reads.candidacies(one)}.values()
    if any(view.legal_hold for view in candidacies):
        raise Refused(409, "legal_hold", "A legal hold is on what is held of them.", "When it is over.")
    others = await at.applicants.same_as(other)
    if stays in others:
        raise _one_already()
    live = [view for view in candidacies if view.stage not in ENDS and view.standing != "erased"]
    mine, theirs = ({view.requisition for view in live if (view.human in others) is which} for which in (False, True))
    if both := mine & theirs:
        raise Refused(
            409,
            "duplicate_person",
            f"Both are in {', '.join(sorted(both))}, as two candidates.",
            "Turn one of the two down there as a duplicate, and then say it.",
        )


def _one_already() -> Refused:
    return Refused(422, "same_person", "They are one person already.", "Another applicant.", "other")


async def part(applicant: str, by: Caller, at: Services) -> str:
    """Parts an applicant from whom they were merged into, whose id is returned. Refuses what must not be."""
    await _may(applicant, "id", by, at)
    if any(view.standing == "erased" for view in await at.reads.candidacies(applicant)):
        raise Refused(
            409, "erased", "Something of them was erased since, as of one person.", "They stay the one they are."
        )
    try:
        return await at.applicants.part(applicant, datetime.now(UTC))
    except CannotPart:
        raise Refused(
            409,
            "not_merged",
            "They were not merged into another, or more than thirty days ago.",
            "An applicant who was merged within the last thirty days.",
        ) from None


async def _may(applicant: str, field: str, by: Caller, at: Services) -> None:
    in_office(by, Permission.APPLICANT_MERGE)
    if applicant in await own_applicants(by, at):
        denied = Denied(Kind.APPLICANT, applicant, Permission.APPLICANT_MERGE)
        raise Refused(403, "not_permitted", "You are this applicant.", "Somebody else of HR.", field, denied=denied)
    await known_as(applicant, by, at, field)
