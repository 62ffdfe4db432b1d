"""Letter templates: read by every user, written by recruiters, leads and HR, and in use once a lead or HR approved."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from api.access import AsCaller, With, needs
from api.payload_limits import LARGEST, bounds
from api.problems import RESPONSES, Refused
from api.relations import in_office
from domain.access.permissions import Permission
from domain.core.names import one_line
from domain.notifications.letter_templates import (
    EVERY,
    FIELDS,
    LetterKind,
    LetterText,
    TemplateName,
    what_is_wrong,
)
from store.letter_templates import LetterInUse, LetterSettings, LetterVersion, NotTheLatest

routes = APIRouter(prefix="/v1", tags=["administration"], responses=RESPONSES)

Named = Annotated[
    str, Path(pattern=r"^[a-z]{1,20}\.[a-z]{0,20}\.[a-z]{2}$", description="Kind, stage and language: `offer..en`.")
]

Subject = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(one_line)
]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]

Version = Annotated[int, Path(ge=1, le=LARGEST, description="Of a letter's words, counted from 1.")]


class LetterBody(BaseModel):
    """A letter's words, with fields in double braces."""

    subject: Subject = Field(title="Subject")
    text: Words = Field(title="The letter")
    after: int = Field(default=0, ge=0, le=LARGEST, title="Follows version", description="0: the letter as shipped.")


class Approval(BaseModel):
    """The version that is to be used from now on."""

    version: int = Field(ge=1, le=LARGEST)


class TemplateLine(BaseModel):
    """One letter: which version is in use (0: as shipped), and whether a newer one waits to be approved."""

    name: str
    kind: LetterKind
    stage: str
    language: str
    version: int
    waits: bool


class TemplatePage(BaseModel):
    """One letter as it is used, the fields it may have with what each stands for, and what the company wrote of it."""

    name: str
    in_use: LetterInUse
    fields: dict[str, str]
    versions: list[LetterVersion]


@routes.get("/letter-templates", operation_id="letter_templates", summary="Letters to candidates")
@needs(Permission.LETTERS_READ)
async def letter_templates(by: AsCaller, at: With) -> list[TemplateLine]:
    """Every letter that Tandem or a colleague writes to candidates."""
    in_office(by, Permission.LETTERS_READ)
    waiting = await at.letter_templates.waiting()
    return [
        TemplateLine(
            name=str(name),
            **name._asdict(),
            version=(await at.letter_templates.in_use(name)).version,
            waits=name in waiting,
        )
        for name in EVERY
    ]


@routes.get("/letter-templates/{name}", operation_id="letter_template", summary="A letter and its versions")
@needs(Permission.LETTERS_READ)
async def letter_template(name: Named, by: AsCaller, at: With) -> TemplatePage:
    """One letter."""
    in_office(by, Permission.LETTERS_READ)
    known = named(name)
    return TemplatePage(
        name=name,
        in_use=await at.letter_templates.in_use(known),
        fields=dict(FIELDS[known.kind]),
        versions=await at.letter_templates.versions(known),
    )


@routes.put("/letter-templates/{name}", operation_id="write_letter_template", summary="Write another version")
@needs(Permission.LETTERS_WRITE)
async def write_letter_template(
    name: Named, body: Annotated[LetterBody, bounds(LetterBody)], by: AsCaller, at: With
) -> LetterVersion:
    """It waits until a lead or HR approves it; what is in use stays in use."""
    in_office(by, Permission.LETTERS_WRITE)
    known, words = named(name), LetterText(body.subject, body.text)
    for field, sentence in what_is_wrong(known.kind, words).items():
        raise Refused(422, "invalid", sentence, "The letter with fields that there are.", field)
    try:
        return await at.letter_templates.write(known, words, body.after, by.actor.id)
    except NotTheLatest:
        raise Refused(
            409, "stale_version", "Somebody wrote another version meanwhile.", "The latest version's number.", "after"
        ) from None


@routes.post("/letter-templates/{name}/approve", operation_id="approve_letter_template", summary="Use this version")
@needs(Permission.LETTERS_APPROVE)
async def approve_letter_template(
    name: Named, body: Annotated[Approval, bounds(Approval)], by: AsCaller, at: With
) -> TemplatePage:
    """From now on letters are written from it. For leads and HR."""
    in_office(by, Permission.LETTERS_APPROVE)
    try:
        await at.letter_templates.approve(named(name), body.version, by.actor.id)
    except NotTheLatest:
        raise Refused(
            409, "stale_version", "That is not the version that waits.", "The latest version's number.", "version"
        ) from None
    return await letter_template(name, by, at)


@routes.get("/letter-settings", operation_id="letter_settings", summary="How Tandem writes by itself")
@needs(Permission.LETTERS_READ)
async def letter_settings(by: AsCaller, at: With) -> LetterSettings:
    """In which language, and whether applicants are told that their application arrived."""
    in_office(by, Permission.LETTERS_READ)
    return await at.letter_templates.settings()


@routes.put("/letter-settings", operation_id="put_letter_settings", summary="Say how Tandem writes by itself")
@needs(Permission.LETTERS_APPROVE)
async def put_letter_settings(
    body: Annotated[LetterSettings, bounds(LetterSettings)], by: AsCaller, at: With
) -> LetterSettings:
    """For leads and HR."""
    in_office(by, Permission.LETTERS_APPROVE)
    await at.letter_templates.put_settings(body)
    return body


def named(said: str) -> TemplateName:
    """The letter that is called so. Raises Refused for none."""
    found = TemplateName.read(said)
    if found is None:
        raise Refused(404, "not_found", "There is no such letter.", "One of those that are listed.")
    return found
