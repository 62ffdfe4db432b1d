"""Forms of an administrator that are no commands: what a template needs of one, and where a refusal stands on it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from api.pages.forms.form_schema import Form
from api.problems import Refused


def own_form(form: Form, errors: Mapping[str, str] | None = None, key: str = "") -> dict[str, Any]:
    """What a template draws a form from: its fields with what is wrong with them, and the key it is sent under."""
    fields, complaints = form.with_errors(errors or {})
    return {"fields": fields, "complaints": complaints, "key": key or secrets.token_urlsafe(16)}


def sentence_of(refused: Refused) -> dict[str, str]:
    """A refusal of the API at its field, for people. Raises it again where sending anew is not for its reader to do."""
    said = refused.problem
    if said.status in (403, 404):
        raise refused
    return {said.field or "": " ".join(filter(None, (said.detail, said.accepted)))}
