"""What the matter of a form is told in, and what is looked up for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from api.access import With
from api.pages.evidence.candidate_record import opened_event
from api.pages.forms.form_context import Subject
from api.pages.layout.display_names import Names, names
from api.pages.layout.labels import CHOICES
from api.pages.layout.session import PageReader
from api.problems import Refused
from api.visibility import SeenCandidate, seen_candidate
from domain.access.permissions import Permission
from domain.candidate.decision import Decided
from domain.core.messages import Event
from domain.core.money import Band, Pay
from domain.entity.entity_facts import ENDS
from domain.registry.visibility import narrowed
from store.views import RequisitionView
from workflows.contract import stream_of

E = TypeVar("E", bound=Event)


class Fact(NamedTuple):
    """One thing to know before one signs: what it is, and what it says: words, a time, a day, pay, or a list of these.

    `href` leads to more of it.
    """

    term: str
    said: object
    href: str = ""


class Matter(NamedTuple):
    """What a form is about, in facts; `words` say it in a sentence where that says more."""

    heading: str
    facts: tuple[Fact, ...] = ()
    words: str = ""


Tells = Callable[[Subject, PageReader, With], Awaitable[Sequence[Matter]]]

NOT_YOURS = "not yours to read"

TOLD_OF = {"requisition": Permission.REQUISITION_PAY, "candidate": Permission.CANDIDATE_REQUESTS}
"""What opens the events that are told here: offers of a requisition, requests of a candidate."""


def against(pay: Pay, band: Band) -> str:
    """How pay stands to the band, in words."""
    if not band.comparable(pay):
        return f"told in {pay.currency} a {pay.period}, the band in {band.currency} a {band.period}: not comparable"
    if pay.amount > band.maximum:
        over = pay.amount - band.maximum
        return f"{over:,.0f} {band.currency} ({_percent(over, band.maximum)}) above its end"
    if pay.amount < band.minimum:
        return f"{band.minimum - pay.amount:,.0f} {band.currency} below its beginning"
    return "within it"


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{max(round(part / whole * 100), 1)} %"


def decision_in_words(said: Decided, subject: Subject) -> tuple[object, ...]:
    """What was decided, on which criteria and why, and when (UTC)."""
    criteria = [criterion.behaviour for criterion in criteria_of(said.decision.criteria, subject)]
    exception = f"an exception: {said.exception_why}" if said.exception_why else ""
    kind = CHOICES.get(said.decision.kind, said.decision.kind)
    return tuple(part for part in (kind, *criteria, said.reason, exception, said.decision.at) if part)


def criteria_of(ids: Iterable[str], subject: Subject) -> list[Any]:
    """The criteria of these ids by the rubric that holds; what it does not know is left out."""
    found = [subject.rubric.criterion(id) for id in ids] if subject.rubric else []
    return [one for one in found if one is not None]


def live_stages(view: RequisitionView) -> tuple[str, ...]:
    """How many are in the running, by stage."""
    live = {stage: number for stage, number in view.stages.items() if number and stage not in ENDS}
    return tuple(f"{number} {stage.replace('_', ' ')}" for stage, number in live.items())


def requisition_of(subject: Subject) -> RequisitionView:
    """The requisition that a form is about."""
    assert isinstance(subject.view, RequisitionView)
    return subject.view


def candidate_of(subject: Subject) -> SeenCandidate:
    """The candidate that a form is about, as its reader may see them."""
    assert subject.seen is not None
    return subject.seen


async def seen_by(candidate: str, by: PageReader, at: With) -> SeenCandidate | None:
    """The candidate as the reader may see them; None for whoever may not."""
    try:
        return await seen_candidate(candidate, by.caller, at)
    except Refused:
        return None


async def names_for(seen: SeenCandidate, at: With, happened: Iterable[Any] = ()) -> Names:
    """The candidate's name, for those who may read it, and those of whoever brought about what `happened`."""
    whom = [(seen.view.id, seen.applicant)] if seen.sight.may(Permission.CANDIDATE_NAME) else []
    return await names(at, [record.by for record in happened], candidates=whom)


async def what_happened(subject: Subject, at: With, *kinds: type[Event]) -> list[Any]:
    """The records of these kinds, with as much of each as the reader may see, in words."""
    assert subject.sight is not None
    if not subject.sight.may(TOLD_OF[subject.entity]):
        return []
    stream = stream_of(subject.entity, subject.id)
    seen = [
        record.but(event=narrowed(record.event, subject.entity, subject.sight))
        for record in await at.reads.happened(stream, *kinds)
    ]
    return await asyncio.to_thread(
        lambda: [record.but(event=opened_event(record.event, stream, at)) for record in seen]
    )
