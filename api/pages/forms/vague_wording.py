"""Vague words where they stand on a form: marked, with the question that would mend them, and a rewrite to take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from pydantic import BaseModel

from api.access import With
from api.pages.forms.form_context import Subject
from api.pages.layout.fields import Field, VagueMark
from api.pages.layout.session import PageReader
from api.rewordings import FEWEST, MOST, VagueWords, reword
from domain.core.messages import Command
from domain.evidence.drafts import Rewording
from domain.evidence.text_rules import CALLED_VAGUE, Use, marked, vague
from store.views import CandidateView

JUDGED: Mapping[Use, frozenset[str]] = MappingProxyType(
    {
        "criterion": frozenset({"behaviour"}),
        "reason": frozenset({"why", "needs"}),
        "evidence": frozenset({"observation"}),
        "change": frozenset({"change"}),
    }
)
"""The names of the fields whose words have to be concrete, by what they are for."""


def use_in(kind: type[BaseModel]) -> Use | None:
    """What the words of a command are for that may be refused as vague; None where none are."""
    refusals = kind.refusals if issubclass(kind, Command) else ()
    return next((CALLED_VAGUE[code] for code in refusals if code in CALLED_VAGUE), None)


def marks(fields: Iterable[Field], use: Use, at: With) -> dict[str, VagueMark]:
    """What is vague in these fields, by path, in the order of the page."""
    found: dict[str, VagueMark] = {}
    for leaf in (leaf for field in fields for leaf in field.leaves()):
        words = str(leaf.value).strip() if leaf.name in JUDGED[use] else ""
        if words and (too_little := vague(words, use)):
            may_ask = at.model is not None and FEWEST <= len(words) <= MOST
            found[leaf.path] = VagueMark(marked(words), too_little.question, may_ask)
    return found


async def with_rewrite(mark: VagueMark, use: Use, subject: Subject, by: PageReader, at: With) -> VagueMark:
    """The same with what came of asking for a rewrite. Refuses who has no part in the search."""
    requisition = subject.view.requisition if isinstance(subject.view, CandidateView) else subject.id
    words = "".join(piece for piece, _ in mark.pieces)
    said = await reword(requisition, VagueWords(words=words, use=use), by.caller, at)
    return replace(mark, reworded=Rewording.model_validate(said.model_dump(exclude={"note"})))
