"""Icons, drawn into the page itself, and initials in place of portraits.

The icons are Lucide's, unchanged (ISC, some MIT: `api/pages/icons/LICENSE`). Each stands beside words, or its place has
a name of its own: none is read aloud.
"""

from __future__ import annotations

import re
import zlib
from functools import cache, lru_cache
from pathlib import Path

from markupsafe import Markup, escape

FOLDER = Path(__file__).parents[1] / "icons"

HUES = 8
"""In how many colours initials come (`.h0` to `.h7` of the style sheet)."""


@cache
def icon(name: str) -> Markup:
    """The icon of that name. Raises FileNotFoundError where there is none."""
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", (FOLDER / f"{name}.svg").read_text(), re.DOTALL)
    assert drawing is not None, f"{name}.svg is no drawing"
    inside = re.sub(r">\s+<", "><", drawing[1].strip())
    return Markup(  # nosec B704  # a file of ours
        f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{inside}</svg>'
    )


def avatar(name: str) -> Markup:
    """The initials of somebody, in a colour that goes by the name; never read aloud, for the name stands beside."""
    parts = [part for part in re.split(r"[\s.'\u2019-]+", name) if part]
    letters = (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper() if parts else "?"
    return _drawn(letters, zlib.crc32(name.encode()) % HUES)


@lru_cache(maxsize=8_192)
def _drawn(letters: str, hue: int) -> Markup:
    """A pipeline says hundreds, and `Markup.format` took a third of its time. Two letters are nobody's data."""
    return Markup(f'<span class="avatar h{hue}" aria-hidden="true">{escape(letters)}</span>')  # nosec B704  # escaped
