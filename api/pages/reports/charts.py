"""Pictures of bars in HTML and SVG: no script, no other host, and a name that a screen reader says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

from api.pages.reports.amounts import lasting

COLOURS = 6
"""How many `tandem.css` has."""

THICK = 1.5
"""How wide a mark on a bar is, in percent of the picture."""

STEPS = 3
"""The most steps a scale has: more numbers than these do not stand beside one another on a phone."""


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
class Unit:
    """What a scale is told in: so `large`, in what is measured, and its name, which stands beside the scale."""

    large: float
    name: str


@dataclass(frozen=True)
class Measure:
    """What bars measure: how an amount is `said`, in which unit the scale is told that ends at an amount, and the
    least step of that scale, in its unit."""

    said: Callable[[float], str]
    unit: Callable[[float], Unit]
    least_step: float = 0.0


def counting(what: str) -> Measure:
    """Whole things, people among them: there is half of none, on no scale either. `what` is their plural."""
    return Measure(lambda value: f"{value:,.0f}", lambda _: Unit(1, what), least_step=1)


def _unit_of_time(hours: float) -> Unit:
    if hours >= 48:
        return Unit(24, "days")
    return Unit(1, "hours") if hours >= 2 else Unit(1 / 60, "minutes")


LASTING = Measure(lasting, _unit_of_time, least_step=0.5)
"""Lengths of time, in hours."""

PERCENT = Measure(lambda value: f"{value:.0f} %", lambda _: Unit(1, ""), least_step=1)
"""Shares, in percent."""

MONEY = Measure(lambda value: f"{value:,.2f}", lambda _: Unit(1, ""))
"""Amounts of one currency, which is known where the picture stands."""


@dataclass(frozen=True)
class Line:
    """A line of a picture. Each part begins at `[0]` and is `[1]` wide, in percent, in the colour `[2]`."""

    label: str
    parts: tuple[tuple[float, float, int], ...]
    amount: str


@dataclass(frozen=True)
class Chart:
    """Lines, the kinds that the colours stand for, where there are several, and the scale below: where each number of
    it stands, in percent, and what they count."""

    lines: tuple[Line, ...]
    kinds: tuple[str, ...] = ()
    scale: tuple[tuple[float, str], ...] = ()
    unit: str = ""


def bars(
    rows: Iterable[Bar],
    measure: Measure,
    most: float | None = None,
    kinds: Sequence[str] = (),
    stacked: bool = False,
) -> Chart:
    """A bar a row, or, `stacked`, all of one label in a row; the longest, or `most`, is as wide as the picture.

    `kinds` are the order of the colours; by default that of the rows.
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
        amount = " + ".join(measure.said(row.value) for row in one)
        lines.append(Line("" if label == before else label, tuple(parts), amount))
        before = label
    unit = measure.unit(whole)
    scale = tuple((100 * tick * unit.large / whole, f"{tick:,g}") for tick in _ticks(0, whole / unit.large, measure))
    return Chart(tuple(lines), tuple(colours) if len(colours) > 1 else (), scale, unit.name)


def bands(rows: Sequence[Band], kinds: tuple[str, str], measure: Measure) -> Chart:
    """A band a row with its mark, on one scale; `kinds` name the two."""
    least = min(min(row.low, row.mark) for row in rows)
    most = max(max(row.high, row.mark) for row in rows)
    whole = most - least or 1.0

    def at(value: float) -> float:
        return (100 - THICK) * (value - least) / whole

    lines = (
        Line(
            row.label,
            ((at(row.low), at(row.high) - at(row.low) + THICK, 0), (at(row.mark), THICK, 1)),
            measure.said(row.mark),
        )
        for row in rows
    )
    unit = measure.unit(most)
    ticks = _ticks(least / unit.large, most / unit.large, measure)
    scale = tuple((at(tick * unit.large) + THICK / 2, f"{tick:,g}") for tick in ticks)
    return Chart(tuple(lines), kinds, scale, unit.name)


def _ticks(least: float, most: float, measure: Measure) -> list[float]:
    """The round numbers of a scale from `least` to `most`, at equal steps of 1, 2 or 5 times a power of ten."""
    rough = max((most - least) / STEPS, measure.least_step) or 1.0
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))
    return [round(n * step, 9) for n in range(ceil(least / step - 1e-9), floor(most / step + 1e-9) + 1)]


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
        '<figure class="chart"><div role="img" aria-label="{}">{}<div class="bars">{}{}</div></div>'
        "<figcaption>{}</figcaption></figure>"
    ).format(says, Markup('<p class="legend">{}</p>').format(legend) if legend else "", lines, _scale(chart), says)


def _rects(line: Line) -> Markup:
    return Markup("").join(
        Markup('<rect class="c{}" x="{:.2f}%" width="{:.2f}%" height="100%"/>').format(colour % COLOURS, begins, wide)
        for begins, wide, colour in line.parts
    )


def _scale(chart: Chart) -> Markup:
    """The numbers under the bars; those at either end are drawn inwards, so that they are not cut off."""
    numbers = Markup("").join(
        Markup('<line x1="{0:.2f}%" x2="{0:.2f}%" y2="4"/><text x="{0:.2f}%" y="100%" class="{1}">{2}</text>').format(
            at, "first" if at < 3 else "last" if at > 97 else "", number
        )
        for at, number in chart.scale
    )
    return Markup('<span></span><svg class="scale">{}</svg><span>{}</span>').format(numbers, chart.unit)
