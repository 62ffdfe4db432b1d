"""What is different between two versions of a rubric, in its own words: what was taken out and what was put in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from pydantic import BaseModel

from api.access import With
from api.pages.layout.labels import CHOICES, ITEMS, label
from domain.core.messages import Record
from domain.evidence.rubric import Criterion, Rubric
from domain.requisition.rubric import EditRubric, RubricAmended, RubricEdited
from store.views import RubricVersion
from workflows.contract import stream_of

Piece = tuple[Literal["same", "gone", "new"], str]

NOTHING = Rubric(version=0, criteria=(), plan=())
"""What the first version is made of."""


class FieldDiff(NamedTuple):
    """What one field said, piece by piece: the same, taken out, or put in."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class RubricChange:
    """One part of a rubric that differs: what it is called, whether it is new or gone as a whole, and its words."""

    head: str
    state: Literal["changed", "new", "gone"]
    words: tuple[FieldDiff, ...]


def changes(before: Rubric, after: Rubric) -> list[RubricChange]:
    """How `after` differs from `before`: criteria in the order of their ranks, then the parts that go with them."""
    called = {one.id: one.behaviour for rubric in (before, after) for one in rubric.criteria}
    ranks = {one.id: one.rank for rubric in (before, after) for one in rubric.criteria}
    was, now = _parts(before, called), _parts(after, called)
    found = []
    for part in sorted({*was, *now}, key=[*now, *was].index):
        old, new = was.get(part, {}), now.get(part, {})
        words = tuple(
            FieldDiff(one, difference(old.get(one, ""), new.get(one, "")))
            for one in dict.fromkeys((*new, *old))
            if old.get(one) != new.get(one)
        )
        if words:
            reworded = any(one.label == label(Criterion, "behaviour") for one in words)
            head = _head(*part, {} if reworded else called, ranks)
            found.append(RubricChange(head, "new" if not old else "gone" if not new else "changed", words))
    return sorted(found, key=lambda change: change.state == "gone")


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """The words of both, each the same, gone or new; neighbours of one kind stand together.

    Words are compared whole (`difflib`, Ratcliff and Obershelp): half a word struck out is read by nobody.
    """
    was, now = (re.findall(r"\S+\s*", text) for text in (before, after))
    matcher = SequenceMatcher(None, [word.strip() for word in was], [word.strip() for word in now], autojunk=False)
    pieces: list[Piece] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        gone, new = "".join(was[a:b]), "".join(now[c:d])
        if kind == "equal":
            pieces.append(("same", new))
        else:
            pieces += [("gone", gone)] if gone else []
            pieces += [("new", new)] if new else []
    return tuple(pieces)


async def changes_in(
    shown: RubricVersion, versions: Iterable[RubricVersion], requisition: str, at: With
) -> list[RubricChange]:
    """How a version differs from the one before it: from the locked one, or, before the first lock, from the last edit.

    `versions` are those of the requisition, the newest first.
    """
    before = next((one.rubric for one in versions if one.version < shown.version), None)
    if before is None and shown.status == "draft":
        edits = [rubric for _, rubric in await _written(requisition, at) if rubric.version < shown.version]
        before = edits[-1] if edits else None
    return changes(before, shown.rubric) if before else []


@dataclass(frozen=True)
class OthersChanges:
    """What others made of a rubric while somebody changed an older version: who, and what came of it."""

    by: tuple[str, ...]
    version: int
    changes: list[RubricChange]


async def meanwhile(requisition: str, base: int, at: With) -> OthersChanges | None:
    """What was made of version `base` (0: of nothing) since; None if nothing was."""
    edits = await _written(requisition, at)
    before = next((rubric for _, rubric in reversed(edits) if rubric.version == base), NOTHING)
    later = [(record.by, rubric) for record, rubric in edits if rubric.version > base]
    if not later:
        return None
    newest = later[-1][1]
    return OthersChanges(tuple(dict.fromkeys(by for by, _ in later)), newest.version, changes(before, newest))


async def _written(requisition: str, at: With) -> list[tuple[Record, Rubric]]:
    """Every time somebody wrote a version of a requisition's rubric, in order."""
    records = await at.reads.happened(stream_of("requisition", requisition), RubricEdited, RubricAmended)
    return [(one, one.event.rubric) for one in records if isinstance(one.event, RubricEdited | RubricAmended)]


def _parts(rubric: Rubric, called: Mapping[str, str]) -> dict[tuple[str, str], dict[str, str]]:
    """What each part of a rubric says, by the labels of its form; the part's place on the form, and its id there."""
    parts: dict[tuple[str, str], dict[str, str]] = {
        ("criteria", one.id): _fields(one, called)
        for one in sorted(rubric.criteria, key=lambda criterion: criterion.rank)
    }
    parts |= {("requirements", one.id): _fields(one, called) for one in rubric.requirements}
    if rubric.agreement:
        parts["agreement", ""] = _fields(rubric.agreement, called)
    parts |= {("plan", str(one.round)): _fields(one, called) for one in rubric.plan}
    if rubric.job_text:
        parts["job_text", ""] = {"": rubric.job_text}
    return parts


def _fields(part: BaseModel, called: Mapping[str, str]) -> dict[str, str]:
    """What a part says. Its number, and the passage it came from, are nothing that is said."""
    said: dict[str, str] = {}
    for name in type(part).model_fields:
        value = getattr(part, name)
        if name in ("id", "round", "span") or value in (None, False, "", (), {}):
            continue
        if isinstance(value, Mapping):
            said |= {f"What a {mark} looks like": words for mark, words in sorted(value.items())}
        else:
            said[label(type(part), name)] = _said(value, called)
    return said


def _said(value: object, called: Mapping[str, str]) -> str:
    if value is True:
        return "yes"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "\n".join(called.get(str(one), str(one)) for one in value)
    said = str(value)
    is_a_choice = re.fullmatch("[a-z]+(_[a-z]+)+", said)
    return CHOICES.get(said, said.replace("_", " ") if is_a_choice else said)


def _head(part: str, id: str, called: Mapping[str, str], ranks: Mapping[str, int]) -> str:
    """A criterion is called by its behaviour, or, as requirements and rounds are, by its number."""
    if part in ITEMS:
        return called.get(id) or f"{ITEMS[part]} {ranks.get(id, id.lstrip('Q'))}"
    return label(EditRubric, part)
