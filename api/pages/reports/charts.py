"""Pictures as SVG, made on the server: no script, no other host, and a name that a screen reader says."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import vl_convert
from markupsafe import Markup, escape

_INK, _SOFT, _LINE = "#5f6f6b", "#8a9895", "#8a989555"
_CONFIG = {
    "background": None,
    "font": "system-ui, sans-serif",
    "padding": {"left": 28, "right": 12, "top": 5, "bottom": 5},  # a reader's font may be wider than the one here
    "view": {"stroke": None},
    "mark": {"color": "#0b8a83"},
    "axis": {
        "labelColor": _INK, "titleColor": _INK, "tickColor": _LINE, "domainColor": _LINE, "gridColor": _LINE,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal",
    },
    "legend": {
        "labelColor": _INK, "titleColor": _INK, "labelFontSize": 12, "orient": "top", "title": None,
        "columnPadding": 28,
    },
    "range": {"category": ["#0b8a83", "#e07a1f", "#7a6bd0", "#b8476b", "#5b8c3e", "#8a9895"]},
}  # fmt: skip
"""Colours that are told apart on a light page and on a dark one, and by those who see red and green alike."""


async def chart(spec: Mapping[str, Any], says: str) -> Markup:
    """The picture of a Vega-Lite `spec`; `says` is its name, what one would say of it aloud."""
    whole = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "config": _CONFIG, **spec}
    svg = await asyncio.to_thread(_drawn, json.dumps(whole))
    inner = re.sub(r"^<svg ", f'<svg role="img" aria-label="{escape(says)}" ', svg, count=1)
    return Markup(f'<figure class="chart">{inner}<figcaption>{escape(says)}</figcaption></figure>')


@lru_cache(maxsize=512)
def _drawn(spec: str) -> str:
    """The SVG of a specification. What did not change since it was last looked at is not drawn again."""
    svg: str = vl_convert.vegalite_to_svg(vl_spec=spec)
    return svg


def bars(rows: Sequence[Mapping[str, Any]], value: str, by: str, colour: str | None = None, title: str = "") -> Any:
    """Horizontal bars: `value` for each `by`, in the order of the rows, coloured by `colour`."""
    return {
        "data": {"values": list(rows)},
        "width": 420,
        "height": {"step": 26},
        "mark": {"type": "bar", "cornerRadiusEnd": 3},
        "encoding": {
            "y": {"field": by, "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 240}},
            "x": {"field": value, "type": "quantitative", "title": title},
            **({"color": {"field": colour, "type": "nominal"}} if colour else {}),
        },
    }
