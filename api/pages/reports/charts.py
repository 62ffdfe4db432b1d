"""Pictures of bars in HTML and SVG: no script, no other host, and a name that a screen reader says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

COLOURS = 6
"""How many `tandem.css` has."""

THICK = 1.5
"""How wide a mark on a bar is, in percent of the picture."""


@dataclass(frozen=True)
class Bar:
    """So much of something, of a kind that has its own colour."""

    label: str
    value: float
    kind: str = ""


@dataclass(frozen=True)
class Band:
    """From `low` to `high`, and where among or beside it something stands."""

    label: str
    low: float
    high: float
    mark: float


@dataclass(frozen=True)
class Line:
    """A line of a picture. Each part begins at `[0]` and is `[1]` wide, in percent, in the colour `[2]`."""

    label: str
    parts: tuple[tuple[float, float, int], ...]
    amount: str


@dataclass(frozen=True)
class Chart:
    """Lines, and the kinds that the colours stand for, where there are several."""

    lines: tuple[Line, ...]
    kinds: tuple[str, ...] = ()


def bars(
    rows: Iterable[Bar], unit: str = "", most: float | None = None, kinds: Sequence[str] = (), stacked: bool = False
) -> Chart:
    """A bar a row, or, `stacked`, all of one label in a row; the longest, or `most`, is as wide as the picture.

    `unit` is said after each amount. `kinds` are the order of the colours; by default that of the rows.
    """
    rows = list(rows)
    colours = {kind: n for n, kind in enumerate(kinds or dict.fromkeys(row.kind for row in rows))}
    together: defaultdict[tuple[str, int], list[Bar]] = defaultdict(list)
    for n, row in enumerate(rows):
        together[row.label, 0 if stacked else n].append(row)
    whole = most or max((sum(row.value for row in one) for one in together.values()), default=0.0) or 1.0
    lines, before = [], None
    for (label, _), one in together.items():
        parts, begins = [], 0.0
        for row in one:
            parts.append((begins, 100 * row.value / whole, colours[row.kind]))
            begins += parts[-1][1]
        amount = " + ".join(_amount(row.value) for row in one)
        lines.append(Line("" if label == before else label, tuple(parts), f"{amount}{unit}"))
        before = label
    return Chart(tuple(lines), tuple(colours) if len(colours) > 1 else ())


def bands(rows: Sequence[Band], kinds: tuple[str, str]) -> Chart:
    """A band a row with its mark, on one scale; `kinds` name the two."""
    least = min(min(row.low, row.mark) for row in rows)
    whole = max(max(row.high, row.mark) for row in rows) - least or 1.0

    def at(value: float) -> float:
        return (100 - THICK) * (value - least) / whole

    lines = (
        Line(
            row.label,
            ((at(row.low), at(row.high) - at(row.low) + THICK, 0), (at(row.mark), THICK, 1)),
            _amount(row.mark),
        )
        for row in rows
    )
    return Chart(tuple(lines), kinds)


def drawn(chart: Chart, says: str) -> Markup:
    """The picture; `says` is its name, what one would say of it aloud."""
    legend = Markup("").join(
        Markup('<span><svg><rect class="c{}" width="100%" height="100%"/></svg> {}</span>').format(n % COLOURS, kind)
        for n, kind in enumerate(chart.kinds)
    )
    lines = Markup("").join(
        Markup("<span>{}</span><svg>{}</svg><span>{}</span>").format(line.label, _rects(line), line.amount)
        for line in chart.lines
    )
    return Markup(
        '<figure class="chart"><div role="img" aria-label="{}">{}<div class="bars">{}</div></div>'
        "<figcaption>{}</figcaption></figure>"
    ).format(says, Markup('<p class="legend">{}</p>').format(legend) if legend else "", lines, says)


def _rects(line: Line) -> Markup:
    return Markup("").join(
        Markup('<rect class="c{}" x="{:.2f}%" width="{:.2f}%" height="100%"/>').format(colour % COLOURS, begins, wide)
        for begins, wide, colour in line.parts
    )


def _amount(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")
