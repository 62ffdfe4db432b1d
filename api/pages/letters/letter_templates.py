"""Letter templates as pages: the list, one with its versions, what it looks like filled in, and who approved it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.access import With, needs
from api.letter_templates import (
    Approval,
    LetterBody,
    Version,
    approve_letter_template,
    letter_settings,
    letter_template,
    letter_templates,
    named,
    put_letter_settings,
    write_letter_template,
)
from api.pages.forms.command_forms import as_sent
from api.pages.forms.form_schema import Form, typed_in
from api.pages.layout.display_names import names
from api.pages.layout.fields import Choice
from api.pages.layout.session import AsReader, PageReader, from_here
from api.pages.layout.templating import page
from api.pages.operations.administration_forms import own_form, sentence_of
from api.problems import Refused
from api.relations import in_company
from domain.access.permissions import Permission
from domain.notifications.letter_templates import ANSWER_LINK, LANGUAGES, LetterText, filled
from store.letter_templates import LetterSettings

routes = APIRouter()

PLACE = "/settings/letters"
FORM = [Depends(from_here)]

KINDS = {
    "receipt": "An application arrived",
    "invitation": "Invitation to a first conversation",
    "rejection": "Telling how it ended",
    "offer": "The offer",
    "update": "Asking how things stand",
    "free": "A letter of your own",
}
STAGES = {"": "", "application": "after the application", "screen": "after the screen", "interview": "after interviews"}
LANGUAGE_CHOICES = [Choice(key, name) for key, name in LANGUAGES.items()]

SAMPLE = {
    "candidate": "Ada Lin",
    "requisition": "Product Manager",
    "company": "Example County",
    "recruiter": "Mara Okafor",
    "pay": "85,000 EUR a year",
    "place": "Anywhere in the United States",
    "start_on": "1 September 2026",
    "answer_by": "Friday 14 August, 17:00",
    "conditions": "",
    ANSWER_LINK: "https://tandem.example/your-application/…",
}
"""What the fields of a template stand for where nobody is written to."""


@routes.get(PLACE)
@needs(Permission.LETTERS_READ)
async def every_letter(request: Request, by: AsReader, at: With) -> Response:
    """The letters, and how Tandem writes by itself."""
    return await _listed(request, by, at)


@routes.post(PLACE, dependencies=FORM)
@needs(Permission.LETTERS_APPROVE)
async def write_so(request: Request, by: AsReader, at: With) -> Response:
    """Says how Tandem writes by itself."""
    asked = as_sent(await request.form())
    form = Form(LetterSettings, by.zone, {}, typed=asked.typed)
    wanted, errors = form.read()
    if wanted is not None and not asked.again:
        await put_letter_settings(wanted, by.caller, at)
        return RedirectResponse(f"{PLACE}?done=letter_settings", 303)
    return await _listed(request, by, at, form, {} if asked.again else errors)


@routes.get(f"{PLACE}/{{name}}")
@needs(Permission.LETTERS_READ)
async def letter(request: Request, name: str, by: AsReader, at: With) -> Response:
    """One letter, its versions, and the form that writes another."""
    return await _shown(request, name, by, at)


@routes.post(f"{PLACE}/{{name}}", dependencies=FORM)
@needs(Permission.LETTERS_WRITE)
async def write(request: Request, name: str, by: AsReader, at: With) -> Response:
    """Writes another version, or shows what it would look like."""
    asked = as_sent(await request.form())
    named(name)
    form = Form(LetterBody, by.zone, {}, typed=asked.typed, fixed=frozenset({"after"}))
    wanted, errors = form.read()
    look = LetterText(*(typed_in(asked.typed, part) for part in ("subject", "text")))
    if asked.again or typed_in(asked.typed, "_look"):
        return await _shown(request, name, by, at, form, look=look)
    if wanted is not None:
        try:
            await write_letter_template(name, wanted, by.caller, at)
            return RedirectResponse(f"{PLACE}/{name}?done=letter_template", 303)
        except Refused as refused:
            errors = sentence_of(refused)
    return await _shown(request, name, by, at, form, errors)


@routes.post(f"{PLACE}/{{name}}/approve/{{version}}", dependencies=FORM)
@needs(Permission.LETTERS_APPROVE)
async def approve(request: Request, name: str, version: Version, by: AsReader, at: With) -> Response:
    """Puts a version in use."""
    if as_sent(await request.form()).again:
        return await _shown(request, name, by, at)
    try:
        await approve_letter_template(name, Approval(version=version), by.caller, at)
    except Refused as refused:
        return await _shown(request, name, by, at, errors=sentence_of(refused))
    return RedirectResponse(f"{PLACE}/{name}?done=letter_approved", 303)


async def _listed(
    request: Request, by: PageReader, at: With, form: Form | None = None, errors: dict[str, str] | None = None
) -> Response:
    known = await letter_settings(by.caller, at)
    choices = {"language": LANGUAGE_CHOICES}
    form = form or Form(LetterSettings, by.zone, choices, known.model_dump())
    words = {
        "letters": await letter_templates(by.caller, at),
        "kinds": KINDS,
        "stages": STAGES,
        "languages": LANGUAGES,
        "settings": known,
        "approves": in_company(by.caller).may(Permission.LETTERS_APPROVE),
        "aside": len(await at.unplaced_mail.all()) if in_company(by.caller).may(Permission.MAIL_LIST) else None,
    }
    return page(request, "letter_templates.html", by, words | own_form(form, errors), 422 if errors else 200)


async def _shown(
    request: Request,
    name: str,
    by: PageReader,
    at: With,
    form: Form | None = None,
    errors: dict[str, str] | None = None,
    look: LetterText | None = None,
) -> Response:
    known = named(name)
    found = await letter_template(name, by.caller, at)
    latest = found.versions[0] if found.versions else None
    begins = latest or found.in_use
    given = {"subject": begins.subject, "text": begins.text, "after": latest.version if latest else 0}
    form = form or Form(LetterBody, by.zone, {}, given, fixed=frozenset({"after"}))
    waits = latest if latest and latest.approved_at is None else None
    sight = in_company(by.caller)
    words: dict[str, Any] = {
        "letter": found,
        "heading": " ".join(filter(None, (KINDS[known.kind], STAGES[known.stage]))),
        "language": LANGUAGES[known.language],
        "in_use": _as_sample(LetterText(found.in_use.subject, found.in_use.text)),
        "waits": waits,
        "waiting": _as_sample(waits.words) if waits else None,
        "look": _as_sample(look) if look else None,
        "writes": sight.may(Permission.LETTERS_WRITE),
        "approves": sight.may(Permission.LETTERS_APPROVE),
        "name": await names(at, found.versions),
        "place": f"{PLACE}/{name}",
    }
    return page(request, "letter_template.html", by, words | own_form(form, errors), 422 if errors else 200)


def _as_sample(words: LetterText) -> LetterText:
    return LetterText(filled(words.subject, SAMPLE), filled(words.text, SAMPLE))
