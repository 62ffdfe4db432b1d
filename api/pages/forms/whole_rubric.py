"""A version of a rubric as it is read and signed: all of it, where each line stands, and what is new to its reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.access import With
from api.pages.evidence.candidate_record import places
from api.pages.forms.rubric_diff import changes, changes_in
from api.pages.layout.fields import VagueMark
from api.pages.layout.session import PageReader
from domain.evidence.text_rules import marked, vague
from store.views import RubricVersion


async def whole_rubric(
    shown: RubricVersion, versions: Sequence[RubricVersion], requisition: str, by: PageReader, at: With
) -> dict[str, Any]:
    """The words of `rubric_body.html` for one of a requisition's `versions`, the newest of which comes first.

    What is different is told from the version that its reader signed last, and else from the one before it.
    """
    signed = next((one for one in versions if one.version < shown.version and _signed_by(one, by.id)), None)
    new = changes(signed.rubric, shown.rubric) if signed else await changes_in(shown, versions, requisition, at)
    return {
        "shown": shown,
        "vague": _vague(shown),
        "signed": signed,
        "changes": new,
        "place": await places(by.caller, at, shown.rubric),
    }


def _signed_by(version: RubricVersion, person: str) -> bool:
    return any(signature.person == person for signature in version.signatures.values())


def _vague(shown: RubricVersion) -> dict[str, VagueMark]:
    """The criteria whose wording says too little, by id."""
    return {
        one.id: VagueMark(marked(one.behaviour), found.question, may_ask=False)
        for one in shown.rubric.criteria
        if (found := vague(one.behaviour, "criterion"))
    }
