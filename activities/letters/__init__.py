"""What Tandem writes: one text file per matter, in plain English, each with its subject on the first line.

`colleague/` are letters to those who use Tandem, `candidate/` to candidates; under `invitation/` is what stands in
their calendars.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, pass_context
from jinja2.runtime import Context
from temporalio.exceptions import ApplicationError

_GAPS = re.compile(r"\n{3,}")

Shelf = Literal["colleague", "candidate", "invitation/colleague", "invitation/candidate"]


@dataclass(frozen=True)
class Letter:
    """A letter ready to be sent."""

    subject: str
    text: str


@pass_context
def local(context: Context, moment: datetime) -> str:
    """`moment` (UTC) as the reader's clock shows it, with the zone's name: the letter's own `zone`."""
    zone = context["zone"]
    return f"{moment.astimezone(ZoneInfo(zone)):%A %-d %B %Y, %H:%M} ({zone.replace('_', ' ')})"


@pass_context
def day(context: Context, moment: datetime) -> str:
    """The day of `moment` (UTC) on the reader's wall."""
    return f"{moment.astimezone(ZoneInfo(context['zone'])):%A %-d %B}"


def days(number: float) -> str:
    """`1.0` → `1 day`, `2.5` → `2.5 days`; how far from nothing, whichever way."""
    return f"{abs(number):g} day{'' if abs(number) == 1 else 's'}"


def money(amount: str | Decimal) -> str:
    """`52500.00` → `52,500`; cents only where there are any."""
    number = Decimal(amount)
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,.2f}"


_ENVIRONMENT = Environment(  # nosec B701  # plain text: there is nothing that could be escaped into
    loader=FileSystemLoader(Path(__file__).parent),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,
)
_ENVIRONMENT.filters |= {"local": local, "day": day, "days": days, "money": money, "moment": datetime.fromisoformat}


def written(shelf: Shelf, matter: str, words: Mapping[str, Any]) -> Letter:
    """The letter on `matter`, with `words` for the names in its template. `zone` among them is the reader's.

    Raises ApplicationError `no_letter` for a matter nobody wrote a text for; jinja2.UndefinedError for a missing word.
    """
    try:
        template = _ENVIRONMENT.get_template(f"{shelf}/{matter}.txt")
    except TemplateNotFound:
        raise ApplicationError(f"{shelf}/{matter}", type="no_letter", non_retryable=True) from None
    head, _, body = template.render(words).partition("\n")
    return Letter(subject=head.removeprefix("Subject: "), text=_GAPS.sub("\n\n", body).strip() + "\n")
