"""Whether a reader sees words, as far as the file itself says: hidden, in the colour of their paper, or tiny."""

import re
from typing import NamedTuple, Self

WHITE = 0xFF
SOME_COLOUR = -0xFF
"""Of paper: one that nothing written is like."""
INK = 0x1FF
"""Of words whose colour a program chooses, so that they are seen."""

SMALLEST_POINTS = 4.0
_ALIKE = 20
_NUMBERS = re.compile(r"[\d.]+")
_POINTS = {"pt": 1.0, "px": 0.75, "in": 72.0, "cm": 28.35, "mm": 2.835, "pc": 12.0, "em": 12.0, "rem": 12.0}
_SIZE = re.compile(r"([\d.]{1,9})\s*(pt|px|in|cm|mm|pc|rem|em)?")
_NAMED = {"white": WHITE, "snow": 251, "ivory": 254, "ghostwhite": 249, "whitesmoke": 245, "transparent": None}


class Look(NamedTuple):
    """How words look, as far as it decides whether they are seen; None where nothing is said. Colours are greys."""

    vanish: bool | None = None
    grey: int | None = None
    points: float | None = None
    shade: int | None = None

    @classmethod
    def usual(cls) -> Self:
        """Words on white paper."""
        return cls(shade=WHITE)

    def over(self, below: Self) -> Self:
        """Return this, and where it says nothing, what is below."""
        return type(self)(
            below.vanish if self.vanish is None else self.vanish,
            below.grey if self.grey is None else self.grey,
            below.points if self.points is None else self.points,
            below.shade if self.shade is None else self.shade,
        )

    @property
    def unseen(self) -> bool:
        """Whether nobody sees such words."""
        if self.vanish or (self.points is not None and self.points < SMALLEST_POINTS):
            return True
        return self.grey is not None and self.shade is not None and abs(self.grey - self.shade) < _ALIKE


def grey(red: float, green: float, blue: float) -> int:
    """Return how light a colour is, from 0 to 255."""
    return round(0.299 * red + 0.587 * green + 0.114 * blue)


def grey_of(colour: str | None) -> int | None:
    """Return how light a colour of a style sheet is; None for what is none, or cannot be told."""
    said = (colour or "").strip().lower()
    if said in _NAMED:
        return _NAMED[said]
    if re.fullmatch(r"#[0-9a-f]{3}(?:[0-9a-f]{3})?", said):
        digits = said[1:] if len(said) == 7 else "".join(2 * digit for digit in said[1:])
        return grey(*(int(digits[n : n + 2], 16) for n in (0, 2, 4)))
    if said.startswith("rgb") and len(numbers := _NUMBERS.findall(said[:60])) >= 3:
        return grey(*(min(255.0, float(number)) if number.count(".") < 2 else 0.0 for number in numbers[:3]))
    return INK if said and said not in ("inherit", "auto", "initial", "currentcolor", "none") else None


def points_of(size: str | None) -> float | None:
    """Return a size of a style sheet in points; None where it is relative, or none."""
    found = _SIZE.fullmatch((size or "").strip().lower())
    if found is None or found[1].count(".") > 1 or found[1] == ".":
        return None
    if found[2] is None:
        return 0.0 if float(found[1]) == 0 else None
    return float(found[1]) * _POINTS[found[2]]
