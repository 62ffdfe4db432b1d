"""What a draft puts into a form: each piece is accepted, edited or struck by whoever sends it, or it is not sent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from api.pages.forms.form_schema import Typed
from api.pages.layout.fields import Field

DRAFTED, DECIDED, WORDS, TEXT = ".drafted", ".decided", ".quote.words", ".text"
"""What the names of a piece's inputs end in: its words as drafted, what was decided, and its words as they stand: a
quote's, or those of a line that has a text of its own."""

Answers = dict[str, Sequence[str]]


def pieces(typed: Typed, within: str = "") -> Iterator[str]:
    """The paths of the pieces that a form was sent with, `within` one of its fields."""
    for name in typed:
        if name.endswith(DRAFTED) and name.startswith(within):
            yield name.removesuffix(DRAFTED)


def decided(typed: Typed, answer: str, within: str = "") -> Answers:
    """This `answer` for each piece that has none yet."""
    return {
        f"{path}{DECIDED}": [answer] for path in pieces(typed, within) if not any(typed.get(f"{path}{DECIDED}", ()))
    }


def as_drafted(typed: Typed) -> Answers:
    """The words of what was accepted, whatever somebody began to write in their place."""
    accepted = (path for path in pieces(typed) if list(typed.get(f"{path}{DECIDED}", ())) == ["accept"])
    return {f"{path}{TEXT if f'{path}{TEXT}' in typed else WORDS}": typed[f"{path}{DRAFTED}"] for path in accepted}


def undecided(fields: Sequence[Field]) -> Mapping[str, str]:
    """What is said at the first piece of each criterion that still waits, and of the lines of a summary.

    Where a criterion was not tested, none of its need wait.
    """
    said = {}
    rows = [row for field in fields if field.kind == "rows" for row in field.parts]
    lines = [row for row in rows if row.offer and not row.offer.decided]
    if lines:
        more = f", and {len(lines) - 1} more below" if len(lines) > 1 else ""
        said[lines[0].path] = f"Accept or edit this{more}: only what you take goes to the hiring manager."
    for rating in rows:
        of = {part.name: part for part in rating.parts}
        if not {"rating", "evidence"} <= of.keys() or of["rating"].value == "not_tested":
            continue
        waiting = [piece for piece in of["evidence"].parts if piece.offer and not piece.offer.decided]
        if waiting:
            more = f", and {len(waiting) - 1} more below" if len(waiting) > 1 else ""
            place = re.sub(r"(?<=\.)(?=\d)", "#", waiting[0].path)
            said[place] = f"Accept, edit or strike this{more}: only what you take goes in with your scorecard."
    return said
