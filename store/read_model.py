"""The read model's tables, and how a change of rows is written.

Every row comes from one stream alone and can be made again from the journal; nothing here is a record of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import ClassVar

import asyncpg

Key = tuple[str, tuple[object, ...]]
"""A table and the values of its primary key."""


@dataclass(frozen=True)
class Row:
    """One row; fields are columns in order. Times in UTC; a text that holds JSON goes into a `jsonb` column."""

    table: ClassVar[str]
    primary: ClassVar[tuple[str, ...]]

    @property
    def key(self) -> Key:
        """Which row of the read model this is."""
        return self.table, tuple(getattr(self, name) for name in self.primary)


@dataclass(frozen=True)
class ClockRow(Row):
    """A promise, running or ended. `ended_as` is kept, void or waived; `stands_since` is None unless it is paused.

    `corrected_breach` is when it was counted as broken by what was recorded wrongly: then it was not (`breached_at`).
    `rung` is the latest of its ladder that it came to; `next_rung_at` is None at the top, while it stands still, and
    once it ended.
    """

    table: ClassVar[str] = "clocks"
    primary: ClassVar[tuple[str, ...]] = ("stream", "id")

    stream: str
    id: str
    requisition: str | None
    name: str
    about: str
    owner: str
    started_at: datetime
    due_at: datetime
    breached_at: datetime | None
    causes: tuple[str, ...]
    stands_since: datetime | None
    pauses: str
    extended: bool
    rung: str | None
    next_rung_at: datetime | None
    stuck_at: datetime | None
    ended_at: datetime | None
    ended_as: str | None
    corrected_breach: datetime | None = None


@dataclass(frozen=True)
class TaskRow(Row):
    """An open task: something a machine could not do."""

    table: ClassVar[str] = "tasks"
    primary: ClassVar[tuple[str, ...]] = ("stream", "id")

    stream: str
    id: str
    requisition: str | None
    kind: str
    reason: str
    raised_at: datetime
    document: str | None


@dataclass(frozen=True)
class RequisitionRow(Row):
    """A requisition as the board shows it; `people` is its team, `openings` None in an evergreen one."""

    table: ClassVar[str] = "requisitions"
    primary: ClassVar[tuple[str, ...]] = ("id",)

    id: str
    title: str
    team_name: str
    phase: str
    standing: str
    recruiter: str
    hiring_manager: str
    people: tuple[str, ...]
    openings: int | None
    target_date: date | None
    confidential: bool
    version: int
    view: str


@dataclass(frozen=True)
class RubricRow(Row):
    """A version of a requisition's rubric: the draft or the amendment that waits for signatures, and each locked
    one."""

    table: ClassVar[str] = "rubrics"
    primary: ClassVar[tuple[str, ...]] = ("requisition", "version")

    requisition: str
    version: int
    status: str
    content_hash: str
    why: str | None
    signatures: str
    locked_at: datetime | None
    body: str


@dataclass(frozen=True)
class CandidateRow(Row):
    """One human in one search."""

    table: ClassVar[str] = "candidates"
    primary: ClassVar[tuple[str, ...]] = ("id",)

    id: str
    requisition: str
    human: str
    stage: str
    stage_since: datetime
    standing: str
    source: str
    version: int
    view: str


@dataclass(frozen=True)
class RetentionRow(Row):
    """When a candidate's data are due to be erased, for which cause, and the times that say so (`RetentionDates`).

    Under a legal hold, and while an offer is open, nothing goes. `recruiter` is whose calendar the policy's time is
    reckoned on.
    """

    table: ClassVar[str] = "retention"
    primary: ClassVar[tuple[str, ...]] = ("candidate",)

    candidate: str
    requisition: str
    human: str
    jurisdiction: str
    recruiter: str
    over_since: datetime | None
    by_policy_at: datetime | None
    by_law_at: datetime | None
    by_request_at: datetime | None
    hold_lifted_at: datetime | None
    due_at: datetime
    cause: str
    legal_hold: bool
    offer_open: bool


@dataclass(frozen=True)
class MoveRow(Row):
    """A candidate came to a stage."""

    table: ClassVar[str] = "moves"
    primary: ClassVar[tuple[str, ...]] = ("candidate", "at", "stage")

    candidate: str
    at: datetime
    stage: str
    requisition: str


@dataclass(frozen=True)
class ReadingRow(Row):
    """What a named person read of a candidate on one criterion, before any card."""

    table: ClassVar[str] = "readings"
    primary: ClassVar[tuple[str, ...]] = ("candidate", "at", "criterion")

    candidate: str
    at: datetime
    criterion: str
    requisition: str
    verdict: str
    rubric_version: int


@dataclass(frozen=True)
class DraftDecisionRow(Row):
    """A named person decided something that a draft had been made for. `why` is JSON: words, sealed or not, or None.

    `looked_seconds` is how long the page was in sight on which it was decided, where that was counted.
    """

    table: ClassVar[str] = "draft_decisions"
    primary: ClassVar[tuple[str, ...]] = ("stream", "seq", "draft")

    stream: str
    seq: int
    draft: str
    job: str
    requisition: str
    candidate: str | None
    event: str
    outcome: str | None
    by: str
    at: datetime
    why: str | None
    looked_seconds: int | None


@dataclass(frozen=True)
class AgencyClaimRow(Row):
    """An agency brought somebody in, and may claim its fee wherever they are hired."""

    table: ClassVar[str] = "agency_claims"
    primary: ClassVar[tuple[str, ...]] = ("candidate",)

    candidate: str
    human: str
    agency: str
    brought_at: datetime


@dataclass(frozen=True)
class MeetingRow(Row):
    """Somebody is to be in a call that is still to come: an intake, a screen, an interview or a debrief.

    `shows` is what the clocks of `zone` are to show then; None of what was booked before that was kept.
    """

    table: ClassVar[str] = "meetings"
    primary: ClassVar[tuple[str, ...]] = ("stream", "id", "person")

    stream: str
    id: str
    person: str
    requisition: str | None
    kind: str
    starts_at: datetime
    ends_at: datetime
    zone: str | None
    shows: datetime | None


@dataclass(frozen=True)
class OfferRow(Row):
    """A candidate's latest offer; `stands` while it may yet be answered."""

    table: ClassVar[str] = "offers"
    primary: ClassVar[tuple[str, ...]] = ("requisition", "candidate")

    requisition: str
    candidate: str
    human: str
    offer: str
    stands: bool


@dataclass(frozen=True)
class RetroChangeRow(Row):
    """What a retro said to change, for the next requisition with this hiring manager or team."""

    table: ClassVar[str] = "retro_changes"
    primary: ClassVar[tuple[str, ...]] = ("id",)

    id: str
    requisition: str
    hiring_manager: str
    team_name: str
    side: str
    text: str
    concluded_at: datetime


@dataclass(frozen=True)
class InheritedChangeRow(Row):
    """What became of such a change in a later search: open, adopted or declined."""

    table: ClassVar[str] = "inherited_changes"
    primary: ClassVar[tuple[str, ...]] = ("requisition", "change")

    requisition: str
    change: str
    resolution: str


@dataclass(frozen=True)
class PersonRow(Row):
    """How somebody works and wants to hear of things, as their own entity last said."""

    table: ClassVar[str] = "person_views"
    primary: ClassVar[tuple[str, ...]] = ("person",)

    person: str
    version: int
    view: str


@dataclass(frozen=True)
class MessageRow(Row):
    """A message that went out to somebody; one of which nothing was owed any more was withheld, and has no lines."""

    table: ClassVar[str] = "messages"
    primary: ClassVar[tuple[str, ...]] = ("person", "number")

    person: str
    number: int
    kind: str
    ordered_at: datetime
    lines: int
    withheld: bool


@dataclass(frozen=True)
class SpeakerNameRow(Row):
    """Who the speaker of this number is in a transcript, as was said last in this stream; somebody else's name with it.

    The name is sealed, for the stream's entity.
    """

    table: ClassVar[str] = "speaker_names"
    primary: ClassVar[tuple[str, ...]] = ("document", "speaker", "stream")

    document: str
    speaker: int
    stream: str
    who: str
    name: str | None
    named_at: datetime


ROWS: tuple[type[Row], ...] = (
    ClockRow, TaskRow, RequisitionRow, RubricRow, CandidateRow, RetentionRow, MoveRow, ReadingRow, DraftDecisionRow,
    AgencyClaimRow, MeetingRow, OfferRow, RetroChangeRow, InheritedChangeRow, PersonRow, MessageRow, SpeakerNameRow,
)  # fmt: skip
"""Every kind of row there is."""


def difference(before: Mapping[Key, Row], after: Mapping[Key, Row]) -> tuple[list[Row], list[Row]]:
    """What is to be written, and what is to go, to make of the rows `before` the rows `after`."""
    written = [row for key, row in after.items() if before.get(key) != row]
    gone = [row for key, row in before.items() if key not in after]
    return written, gone


async def write(connection: asyncpg.Connection, written: Iterable[Row], gone: Iterable[Row] = ()) -> None:
    """Inserts or replaces rows, and removes others."""
    for kind, rows in _by_kind(gone):
        await connection.executemany(_deletion(kind), [row.key[1] for row in rows])
    for kind, rows in _by_kind(written):
        await connection.executemany(_upsert(kind), [astuple(row) for row in rows])


def _by_kind(rows: Iterable[Row]) -> list[tuple[type[Row], list[Row]]]:
    ordered = sorted(rows, key=attrgetter("table"))
    return [(kind, list(same)) for kind, same in groupby(ordered, key=type)]


def _upsert(kind: type[Row]) -> str:
    names = [field.name for field in fields(kind)]
    others = [f"{name} = EXCLUDED.{name}" for name in names if name not in kind.primary]
    places = ", ".join(f"${n}" for n in range(1, len(names) + 1))
    return (
        f"INSERT INTO {kind.table} ({', '.join(names)}) VALUES ({places}) "
        f"ON CONFLICT ({', '.join(kind.primary)}) DO UPDATE SET {', '.join(others)}"
    )


def _deletion(kind: type[Row]) -> str:
    return f"DELETE FROM {kind.table} WHERE " + " AND ".join(f"{name} = ${n}" for n, name in enumerate(kind.primary, 1))
