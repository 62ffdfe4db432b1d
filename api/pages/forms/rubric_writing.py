"""A rubric while it is written: what was said becomes a criterion by a tap, and what is taken out stays to be put back.

Every button sends the whole form and is answered with the form, so that all of this works without scripts. What was
taken out keeps its fields, laid `aside`; what another passage took the place of is kept under `was`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from api.access import With
from api.document_access import may_quote, readable_among, readable_text
from api.pages.forms.form_schema import ASIDE, Typed, typed_in, walk_fields
from api.pages.layout.fields import Field, whole_number
from api.pages.layout.session import PageReader
from domain.evidence.drafts import Draft, Passage
from domain.evidence.rubric import MOST
from domain.evidence.transcript import Transcript
from language.passages import cut
from store.views import RequisitionView

PASSAGE, GOES_TO, AWAY, BACK = "_passage", "_for", "_away", "_back"
"""What a tapped passage, the choice of what it becomes, and the buttons that take out and put back are called."""

RUBRIC_BUTTONS = frozenset({PASSAGE, AWAY, BACK})

LIKELY_FROM = ("priorities", "must_haves", "success")
"""Points of the agenda whose passages criteria are written from, the likeliest first."""

FIRST = 5
"""Likely passages that are shown before all the others."""

QUOTED = ("document", "start", "end", "words")
FULL = f"A rubric has at most {MOST} criteria. Remove one first, or let the passage go to one of them."
UNNAMED = "It has no behaviour yet. Say what somebody does here, or remove the criterion."
UNASKED = "It does not say what is required. Say it, or remove the requirement."

CARRIED = (
    "It comes from the template. Link the passage of this intake that asks for it, or say that it is carried over."
)

_ROW = r"(criteria|requirements|plan)\.\d{1,3}"
_PLACE = re.compile(r"(D-[0-9A-Z]{1,40}):(\d{1,7}):(\d{1,7})")


class Arranged(NamedTuple):
    """What was typed after a button did its work, the path of what it was about, and what was wrong with it by path.

    Without a button `about` is empty.
    """

    typed: dict[str, Sequence[str]]
    about: str = ""
    wrong: Mapping[str, str] = {}


async def arranged(typed: Typed, by: PageReader, at: With) -> Arranged:
    """Does what a button of the form asks for: a passage taken, or something taken out or put back.

    Refuses a passage of a document that is not its reader's to quote.
    """
    kept = dict(typed)
    away, back, place = (typed_in(typed, name) for name in (AWAY, BACK, PASSAGE))
    if re.fullmatch(rf"{_ROW}|criteria\.\d{{1,3}}\.span", away):
        return Arranged(kept | {f"{away}{ASIDE}": ["yes"]}, away)
    if re.fullmatch(rf"{_ROW}|criteria\.\d{{1,3}}\.span", back):
        if back.startswith("criteria.") and back.count(".") == 1 and len(live(typed, "criteria")) >= MOST:
            return Arranged(kept, back, {"criteria": FULL})
        return Arranged(kept | {f"{back}{ASIDE}": [""]}, back)
    if re.fullmatch(r"criteria\.\d{1,3}\.span\.was", back):
        span = back.removesuffix(".was")
        swapped = {f"{span}.{part}": typed.get(f"{back}.{part}", [""]) for part in QUOTED}
        return Arranged(kept | swapped | _was(typed, span) | {f"{span}{ASIDE}": [""]}, span)
    if typed_in(typed, "_more") == "criteria":
        return _added(kept)
    if found := _PLACE.fullmatch(place):
        return await _taken(kept, found[1], int(found[2]), int(found[3]), by, at)
    return Arranged(kept)


async def _taken(
    typed: dict[str, Sequence[str]], document: str, start: int, end: int, by: PageReader, at: With
) -> Arranged:
    await may_quote([document], by.caller, at)
    words = (await readable_text(document, by.caller, at)).text[start:end]
    if not words.strip():
        return Arranged(typed)
    row, earlier = typed_in(typed, GOES_TO), {}
    if row not in live(typed, "criteria"):
        added = _added(typed)
        if added.wrong:
            return added
        typed, row = added.typed, added.about
    elif typed_in(typed, f"{row}.span.words") and not typed_in(typed, f"{row}.span{ASIDE}"):
        earlier = _was(typed, f"{row}.span")
    quote = dict(zip(QUOTED, ([document], [str(start)], [str(end)], [words]), strict=True))
    linked = {f"{row}.span.{part}": value for part, value in quote.items()}
    return Arranged(typed | linked | earlier | {f"{row}.span{ASIDE}": [""]}, row)


def _added(typed: dict[str, Sequence[str]]) -> Arranged:
    """A criterion more, a must-have until somebody says otherwise."""
    if len(live(typed, "criteria")) >= MOST:
        return Arranged(typed, "criteria", {"criteria": FULL})
    row = f"criteria.{1 + max(map(_number_of, rows_of(typed, 'criteria')), default=-1)}"
    return Arranged(typed | {f"{row}.weight": ["must"]}, row)


def _was(typed: Typed, span: str) -> dict[str, Sequence[str]]:
    return {f"{span}.was.{part}": typed.get(f"{span}.{part}", [""]) for part in QUOTED}


def rows_of(typed: Typed, rows: str) -> list[str]:
    """The paths of a list's rows, in the order of the form."""
    found = {int(number[1]) for name in typed if (number := re.match(rf"{rows}\.(\d{{1,3}})\.", name))}
    return [f"{rows}.{n}" for n in sorted(found)]


def live(typed: Typed, rows: str) -> list[str]:
    """Those of them that were not taken out."""
    return [row for row in rows_of(typed, rows) if not typed_in(typed, f"{row}{ASIDE}")]


def _number_of(row: str) -> int:
    return int(row.rpartition(".")[2])


def numbered(typed: Typed) -> dict[str, Sequence[str]]:
    """A rubric's rows with what nobody types: an id for a new criterion or requirement, ranks and rounds in order."""
    filled = dict(typed)
    for rows, letter in (("criteria", "K"), ("requirements", "Q")):
        taken = [whole_number(typed_in(filled, f"{name}.id")[1:]) or 0 for name in rows_of(filled, rows)]
        for name in rows_of(filled, rows):
            if not typed_in(filled, f"{name}.id"):
                taken.append(max(taken, default=0) + 1)
                filled[f"{name}.id"] = [f"{letter}{taken[-1]}"]
    ranked = sorted(
        (name for name in live(filled, "criteria") if _begun(filled, name)),
        key=lambda name: _rank(typed_in(filled, f"{name}.rank")),
    )
    filled |= {f"{name}.rank": [str(n)] for n, name in enumerate(ranked, 1)}
    return filled | {f"{name}.round": [str(n)] for n, name in enumerate(live(filled, "plan"), 1)}


def _begun(typed: Typed, row: str) -> bool:
    return any(typed_in(typed, f"{row}.{part}").strip() for part in ("behaviour", "span.words"))


def _rank(text: str) -> float:
    return float(text) if text.replace(".", "", 1).isdecimal() else float("inf")


def judged_by(typed: Typed) -> dict[str, Sequence[str]]:
    """What was typed, without the criteria that were taken out in the rounds that would test them."""
    gone = {typed_in(typed, f"{row}.id") for row in {*rows_of(typed, "criteria")} - {*live(typed, "criteria")}}
    return {
        name: [one for one in values if one not in gone] if re.fullmatch(r"plan\.\d{1,3}\.criteria", name) else values
        for name, values in typed.items()
    }


def half_written(fields: Sequence[Field], typed: Typed) -> dict[str, str]:
    """What is said at rows that would be left out although somebody gave something of them.

    And at criteria of a template of which nobody said what of this intake stands behind them.
    """
    needs = {"criteria": ("behaviour", UNNAMED), "requirements": ("text", UNASKED)}
    said = {}
    for rows in (one for one in fields if one.name in needs):
        part, sentence = needs[rows.name]
        for row in (one for one in rows.parts if not one.aside):
            of = {one.name: one for one in row.parts}
            if (
                typed_in(typed, f"{row.path}.template")
                and not _quote(row)
                and not typed_in(typed, f"{row.path}.carried")
            ):
                said[f"{rows.path}.#{row.name}"] = CARRIED
            if not str(of[part].value).strip() and any(map(_given, _told(of))):
                said[f"{rows.path}.#{row.name}.{part}"] = sentence
    return said


def _told(of: Mapping[str, Field]) -> Iterator[Field]:
    """The parts of a row that somebody gives something in: not its number, nor what begins filled in."""
    yield from (one for name, one in of.items() if name not in ("id", "rank", "weight", "values"))


def _given(part: Field) -> bool:
    return not part.aside and part.filled


# What the page shows


@dataclass(frozen=True)
class SaidTurn:
    """What somebody said at the intake until another spoke (`at_ms` into the recording), in passages to be tapped."""

    speaker: str
    at_ms: int | None
    passages: tuple[SaidPassage, ...]


class SaidPassage(NamedTuple):
    """A passage: its place, as a button sends it, and its words."""

    place: str
    words: str


@dataclass(frozen=True)
class SpokenIntake:
    """An intake call word by word: when it was held (UTC), its document, and its turns."""

    held_at: datetime
    document: str
    turns: tuple[SaidTurn, ...]


async def spoken(view: RequisitionView, by: PageReader, at: With) -> list[SpokenIntake]:
    """The intake calls whose transcripts the reader may read, the latest first."""
    held = [one for one in reversed(view.intakes) if one.transcript]
    may = await readable_among([one.document for one in held], by.caller, at)
    found = []
    for one in held:
        text = await readable_text(one.document, by.caller, at) if one.document in may else None
        if isinstance(text, Transcript):
            found.append(SpokenIntake(one.held_at, one.document, tuple(_turns(text, one.document))))
    return found


def _turns(text: Transcript, document: str) -> Iterator[SaidTurn]:
    for turn in text.turns:
        pieces = cut(text.text, turn.start, turn.end)
        passages = tuple(SaidPassage(f"{document}:{a}:{b}", text.text[a:b]) for a, b in pieces)
        yield SaidTurn(turn.speaker, turn.start_ms, passages)


def likely(draft: Draft | None) -> list[tuple[SaidPassage, Passage]]:
    """The passages that criteria are likeliest to be written from, each once: what was answered, not what was asked."""
    points = draft.intake.coverage if draft and draft.intake else ()
    answered = {point.topic: point.answers for point in points}
    each = {one.words: one for topic in LIKELY_FROM for one in answered.get(topic, ())[:2] if one.words}
    return [
        (SaidPassage(f"{one.span.document}:{one.span.start}:{one.span.end}", one.words), one)
        for one in list(each.values())[:FIRST]
    ]


@dataclass(frozen=True)
class Lines:
    """How the form lies on the page: which line is `opened`, where the cursor goes (`at`), where a passage goes.

    `used` are the places of the passages that criteria have, with the criteria's numbers; `was`, by a criterion's
    path, the passage that another took the place of; `proposed` the criteria that come from a template, `carried` those
    of them that go on without a passage.
    """

    opened: str
    at: str
    goes_to: str
    used: Mapping[str, int]
    was: Mapping[str, Mapping[str, str]]
    proposed: Collection[str]
    carried: Collection[str]


def lines(fields: Sequence[Field], about: str, sent: Typed | None, given: Mapping[str, Any]) -> Lines:
    """The same for a form that comes back `about` something, or with complaints at its fields, or begins as `given`."""
    typed = sent or {}
    by_name = {one.name: one for one in fields}
    rows = {row.path: row for part in fields if part.kind == "rows" for row in part.parts}
    if about in ("requirements", "plan") and by_name[about].parts:
        about = by_name[about].parts[-1].path
    row = ".".join(about.split(".")[:2])
    wrong = next((one.path for one in walk_fields(fields) if one.error and "." in one.path), "") or next(
        (one.path for one in fields if one.error), ""
    )
    opened = row if about else ".".join(wrong.split(".")[:2])
    opened = opened if opened.startswith("criteria.") else opened.partition(".")[0]
    chosen = rows.get(opened)
    free = chosen is not None and opened.startswith("criteria.") and not chosen.aside and not _quote(chosen)
    used = {}
    for number, one in enumerate(by_name["criteria"].parts, 1):
        if not one.aside and (quote := _quote(one)):
            used[":".join(str(quote[part]) for part in QUOTED[:3])] = number
    was = {
        row: {part: typed_in(typed, f"{row}.span.was.{part}") for part in QUOTED} for row in rows_of(typed, "criteria")
    }
    kept = {row: quote for row, quote in was.items() if quote["words"]}
    begun = enumerate(given.get("criteria") or ()) if sent is None else ()
    proposed = {f"criteria.{n}" for n, one in begun if one.get("template")}
    proposed |= {row for row in was if typed_in(typed, f"{row}.template")}
    carried = {row for row in was if typed_in(typed, f"{row}.carried")}
    return Lines(opened, about, opened if free else "", used, kept, proposed, carried)


def _quote(row: Field) -> dict[str, str]:
    """A criterion's passage by its parts; empty where it has none."""
    span = next(part for part in row.parts if part.name == "span")
    quote = {part.name: str(part.value) for part in span.parts}
    return quote if quote.get("words") and not span.aside else {}
