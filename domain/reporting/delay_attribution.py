"""Whose turn it was while a requisition stood still: overdue tasks, waits and holds, each working hour counted
once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from domain.core.messages import Value
from domain.sla.catalogue import clock_row, owner_role
from domain.sla.clocks import Pause
from domain.time.calendars import Calendar

Side = Literal["recruiter", "hiring_manager", "others"]
Cause = Literal["recruiter", "hiring_manager", "others", "candidates", "hold"]
CAUSES: tuple[Cause, ...] = ("recruiter", "hiring_manager", "others", "candidates", "hold")

Span = tuple[datetime, datetime]


class Wait(Value):
    """A clock, running or ended, as far as it tells who kept whom waiting. Times in UTC.

    `late_from` is when it was first overdue, None if it never was; `until` when it ended, None while it runs. `pauses`
    are those that are over; `still` names why it stands still now, or stood still when it ended, since `still_since`.
    """

    name: str
    about: str
    late_from: datetime | None
    until: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    still: tuple[str, ...] = ()
    still_since: datetime | None = None

    @property
    def side(self) -> Side:
        """Whose promise it is."""
        return side_of(self.name, self.about)


def side_of(name: str, about: str) -> Side:
    """Whose promise the clock `name` about `about` is; interviewers, HR partner and second signer are the others."""
    match owner_role(name, about):
        case "recruiter" | "hiring_manager" as side:
            return side
    return "others"


def time_lost(
    waits: Iterable[Wait], holds: Iterable[Span], calendar: Calendar, since: datetime, until: datetime
) -> dict[Cause, timedelta]:
    """The working time between `since` and `until` (UTC) in which something kept the requisition waiting, by its cause.

    Each instant counts once. On hold, it is the hold's. Else, while promises that the requisition waits for are
    overdue, it is shared evenly among the sides that owe them, however many each owes. Else, while such a promise
    stands still because it is the candidate's turn, it is the candidates'. What is left is nobody's, and is not in the
    answer.
    """
    spans: dict[Cause, list[Span]] = {cause: [] for cause in CAUSES}
    spans["hold"] += holds
    for wait in waits:
        if clock_row(wait.name).holds_up:
            still = list(_still(wait, until))
            spans["candidates"] += [(start, end) for cause, start, end in still if cause == "candidate"]
            if wait.late_from is not None:
                late = (wait.late_from, wait.until or until)
                spans[wait.side] += _without(late, [(start, end) for _, start, end in still])
    within = {cause: _merged(_clipped(found, since, until)) for cause, found in spans.items()}
    edges = sorted({edge for found in within.values() for span in found for edge in span})
    lost = dict.fromkeys(CAUSES, timedelta())
    for start, end in pairwise(edges):
        causes = _answerable({cause for cause, found in within.items() if any(s <= start < e for s, e in found)})
        for cause in causes:
            lost[cause] += calendar.working_minutes_between(start, end) / len(causes)
    return lost


def _answerable(causes: set[Cause]) -> set[Cause]:
    if "hold" in causes:
        return {"hold"}
    return causes - {"candidates"} or causes


def _still(wait: Wait, until: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    for pause in wait.pauses:
        yield pause.cause, pause.start, pause.end
    if wait.still_since is not None:
        for cause in wait.still:
            yield cause, wait.still_since, wait.until or until


def _clipped(spans: Iterable[Span], since: datetime, until: datetime) -> Iterator[Span]:
    for start, end in spans:
        if max(start, since) < min(end, until):
            yield max(start, since), min(end, until)


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _without(span: Span, gaps: Iterable[Span]) -> list[Span]:
    left = [span]
    for gone, back in gaps:
        left = [part for start, end in left for part in ((start, min(end, gone)), (max(start, back), end))]
        left = [(start, end) for start, end in left if start < end]
    return left
