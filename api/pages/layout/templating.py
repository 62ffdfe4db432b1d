"""Templates, and what every one of them can say: times in the reader's zone, names, and how late something is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from api.pages.layout.deadline_text import in_working_time
from api.pages.layout.fields import Field
from api.pages.layout.icons import avatar, icon
from api.pages.layout.labels import CHOICES, stage_words, title
from api.pages.layout.rooms import room_of, rooms_of
from api.pages.layout.session import PageReader
from domain.core.money import Band, Pay
from domain.sla.catalogue import clock_row
from domain.time.zones import zone_named

FOLDER = Path(__file__).parents[1]
STATIC = FOLDER / "static"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content Security Policy: nothing from another host, nothing inline."""


@pass_context
def moment(context: Context, at: datetime | None) -> Markup:
    """`at` (UTC) on the reader's clock, with the exact time and zone on hover."""
    return _time(at, context["zone"], _on_clock(at, context)) if at else Markup("")


@pass_context
def since(context: Context, at: datetime | None) -> Markup:
    """How long ago `at` (UTC) was, or how long until then, in one unit."""
    return _time(at, context["zone"], span_of(abs(context["now"] - at))) if at else Markup("")


@pass_context
def due_by(context: Context, at: datetime) -> Markup:
    """Until when (UTC) something is due, on the reader's clock, or how late it is; `deadline` says what that means."""
    return _time(at, context["zone"], _said(at, context))


def _said(due_at: datetime, context: Context) -> str:
    now = context["now"]
    return f"overdue by {span_of(now - due_at)}" if due_at <= now else f"due {_on_clock(due_at, context)}"


@pass_context
def deadline(context: Context, due_at: datetime, owner: str, key: str | None = None) -> Markup:
    """Until when (UTC) `owner` has time, or how late they are; what that is in their working time is a touch away.

    The page knows `calendars` by person. `key` tells one deadline from others, on a page that looks again by itself.
    """
    now, zone = context["now"], context["zone"]
    said = _said(due_at, context)
    calendar = context["calendars"].get(owner)
    if calendar is None:
        return _time(due_at, zone, said)
    whose = "your" if owner == context["reader"].id else f"{context['name'](owner)}'s"
    written, exact = _written(due_at, zone)
    means = escape(f"Due {exact}: {in_working_time(calendar, due_at, now, whose)}.")
    opens = f"means-{key or next(context['numbers'])}"
    return Markup(  # nosec B704  # `means` is escaped, the others are made of numbers and words of ours
        f'<button type="button" class="means" popovertarget="{opens}" title="{means}">'
        f'<time datetime="{written}">{said}</time></button><span popover id="{opens}">{means}</span>'
    )


def _on_clock(at: datetime, context: Context) -> str:
    """`at` as the reader's clock shows it, with its day by name where it is near."""
    zone = zone_named(context["zone"])
    local, now = at.astimezone(zone), context["now"].astimezone(zone)
    days = (local.date() - now.date()).days
    if abs(days) <= 1:
        day = ("yesterday", "today", "tomorrow")[days + 1]
    elif 1 < days < 7:
        day = f"{local:%A}"
    else:
        day = f"{local:%-d %b}" if local.year == now.year else f"{local:%-d %b %Y}"
    return f"{day} {local:%H:%M}"


@lru_cache(maxsize=16_384)
def _written(at: datetime, zone: str) -> tuple[str, str]:
    """`at` for programs and, exactly, for people in `zone`. A board that is looked at says the same times each time."""
    local = at.astimezone(zone_named(zone))
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M+00:00}", f"{local:%A %-d %B %Y, %H:%M} {zone.replace('_', ' ')}"


def _time(at: datetime, zone: str, said: str) -> Markup:
    """Nothing in it needs escaping: a board says five hundred times, and `Markup.format` took half of its own time."""
    written, exact = _written(at, zone)
    return Markup(f'<time datetime="{written}" title="{exact}">{said}</time>')  # nosec B704  # times and zones


def span_of(length: timedelta) -> str:
    """A length of time in its largest unit: `3 days`, `5 hours`, `12 min`."""
    seconds = int(length.total_seconds())
    for size, unit in ((86_400, "day"), (3_600, "hour")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}" + ("s" if count > 1 else "")
    return f"{max(seconds // 60, 1)} min"


def day(on: date | None) -> str:
    """A date without a time."""
    return f"{on:%-d %B %Y}" if on else ""


def plain(name: str | None) -> str:
    """`not_met` → `not met`."""
    return (name or "").replace("_", " ")


def worded(value: str | None) -> str:
    """A value as the forms call it that offer it: `no_show` → `they did not come`."""
    return CHOICES.get(value or "", plain(value))


def named_part(part: Field) -> tuple[str, Field]:
    """A part of a form's group with its own name, so that a template can place each where it belongs."""
    return part.path.rpartition(".")[2], part


def clock(ms: int | None) -> str:
    """Milliseconds into a recording as `12:34`; nothing for a file without times."""
    return "" if ms is None else f"{ms // 60_000}:{ms // 1000 % 60:02}"


def money(pay: Pay | Band) -> str:
    """`110,000 USD a year`; of a band `70,000 to 85,000 EUR a year`."""
    amount = f"{pay.amount:,.0f}" if isinstance(pay, Pay) else f"{pay.minimum:,.0f} to {pay.maximum:,.0f}"
    return f"{amount} {pay.currency} a {pay.period}"


@pass_context
def shown(context: Context, said: object) -> Markup | str:
    """A fact as people read it, by its kind: a time on the reader's clock, a day, pay, or words."""
    match said:
        case datetime():
            return moment(context, said)
        case date():
            return day(said)
        case Pay() | Band():
            return money(said)
    return str(said)


@cache
def asset(name: str) -> str:
    """The address of a file of ours, which changes with its content, so that browsers may keep it for ever."""
    return f"/static/{name}?{hashlib.sha256(content_of(name)).hexdigest()[:12]}"


@cache
def content_of(name: str) -> bytes:
    """A static file. Raises FileNotFoundError for any other name than ours."""
    if name not in {path.name for path in STATIC.iterdir()}:
        raise FileNotFoundError(name)
    return (STATIC / name).read_bytes()


def kept_by(clock: str) -> str:
    """What keeps a promise, in words, by the clock's name."""
    return clock_row(clock).button


def kept_under(action: str) -> str:
    """Under which name a browser keeps what is typed into the form of this address: whom it concerns is part of it.

    Where it leads afterwards is not.
    """
    path, _, asked = action.partition("?")
    about = sorted((name, said) for name, said in parse_qsl(asked) if name != "next")
    return f"{path}?{urlencode(about)}" if about else path


def path_of(href: str) -> str:
    """An address without what is asked of it."""
    return href.partition("?")[0]


def path_in(href: str, paths: Sequence[str]) -> bool:
    """Whether an address leads to one of `paths`."""
    return path_of(href) in paths


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters |= {
    "moment": moment,
    "since": since,
    "deadline": deadline,
    "due_by": due_by,
    "day": day,
    "plain": plain,
    "stage": stage_words,
    "worded": worded,
    "clock": clock,
    "money": money,
    "shown": shown,
    "named_part": named_part,
    "path_of": path_of,
    "kept_by": kept_by,
    "kept_under": kept_under,
}
_ENVIRONMENT.tests |= {"path_in": path_in}
_ENVIRONMENT.globals |= {
    "asset": asset,
    "avatar": avatar,
    "dict": dict,
    "icon": icon,
    "room_of": room_of,
    "rooms_of": rooms_of,
    "title_of": title,
}


def page(
    request: Request,
    template: str,
    reader: PageReader | None,
    words: Mapping[str, Any],
    status: int = 200,
    own: str = "",
) -> HTMLResponse:
    """A page, from its `own` template where there is one. `reader` is None only where nobody is signed in."""
    return HTMLResponse(drawn(request, [own, template] if own else [template], reader, words), status)


def drawn(request: Request, templates: Sequence[str], reader: PageReader | None, words: Mapping[str, Any]) -> Markup:
    """The first of `templates` that there is, filled in: a page, or what is put into one as it is."""
    html = _ENVIRONMENT.select_template(templates).render(
        {
            "here": request.url.path,
            "done": request.query_params.get("done"),
            "reader": reader,
            "zone": reader.zone if reader else "UTC",
            "now": datetime.now(UTC),
            "numbers": count(1),
            **words,
        }
    )
    return Markup(html)  # nosec B704  # what an environment that escapes has drawn
