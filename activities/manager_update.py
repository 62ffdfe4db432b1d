"""What an update says: the words of the letter `manager_update`, with names, and lines without them for a draft."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from domain.reporting.delay_attribution import Side
from domain.sla.catalogue import clock_row
from store.manager_update import OwedClock, RequisitionUpdate
from wiring import Stores

NAMED = 3
"""So many debts of a side, and names in one of them, are told one by one: what can be read on a phone."""

ERASED = "a candidate whose data was erased"


@dataclass(frozen=True)
class OwedLine:
    """What one side owes, as it follows "to": about whom, since when (UTC), and how many are late."""

    what: str
    about: tuple[str, ...]
    more: int
    since: datetime
    late: int
    still: bool


class ManagerUpdates:
    """Looks updates up, and says whom they are about."""

    def __init__(self, kept: Stores) -> None:
        self._updates, self._applicants = kept.requisition_updates, kept.applicants

    async def words(self, requisition: str, since: datetime, at: datetime) -> dict[str, Any] | None:
        """The words for the letter on a requisition as it stands `at`, with what moved after `since` (UTC).

        None for an unknown search. They go to `Writer.letter` beside what stands behind the search.
        """
        update = await self._updates.of(requisition, since, at)
        if update is None:
            return None
        contacts = await self._applicants.contacts({one.id: one.human for one in update.candidates})
        return words_of(update, {candidate: contact.name for candidate, contact in contacts.items()})


def words_of(update: RequisitionUpdate, names: Mapping[str, str]) -> dict[str, Any]:
    """The words for the letter: `names` are those of the listed candidates, by their ids."""
    listed = {one.id for one in update.candidates}
    sides: tuple[Side, ...] = ("hiring_manager", "recruiter", "others")
    return {
        "update": update,
        "named": lambda candidate: names.get(candidate, ERASED),
        "tasks": {side: list(_lines(update.debts, side, listed, names)) for side in sides},
        "most": NAMED,
    }


@dataclass(frozen=True)
class UpdateLine:
    """One line of an update that names nobody: under which head it belongs, where it is counted, and what it says."""

    head: str
    place: str
    words: str


def update_lines(update: RequisitionUpdate) -> Iterator[UpdateLine]:
    """The update in lines that say what is counted and conclude nothing: for a draft, which lies under no one's key."""
    for stage, count in update.stages.items():
        if count:
            yield UpdateLine("where they stand", f"stage/{stage}", f"{count} candidates: {stage.replace('_', ' ')}")
    for stage, count in update.moved.items():
        yield UpdateLine("what moved", f"moved/{stage}", f"{count} came to: {stage.replace('_', ' ')}")
    sides: dict[Side, str] = {"hiring_manager": "the hiring manager", "recruiter": "the recruiter", "others": "others"}
    for side, owner in sides.items():
        theirs = [clock for clock in update.debts if clock.side == side and not clock.still]
        for name in dict.fromkeys(clock.name for clock in theirs):
            same = [clock for clock in theirs if clock.name == name]
            late = sum(clock.late for clock in same)
            due = min(clock.due_at for clock in same)
            often = f" ({len(same)} times)" if len(same) > 1 else ""
            words = f"{owner}: {clock_row(name).what}{often}, the first by {due:%Y-%m-%d %H:%M} UTC"
            yield UpdateLine("what is owed", f"owed/{side}/{name}", f"{words}; {late} late" if late else words)
    for one in update.criteria:
        if one.counted.now.read:
            words = f"{one.counted.now.met} of {one.counted.now.read} show: {one.behaviour}"
            yield UpdateLine("what the market shows", f"criterion/{one.rank}", words)
    if update.drift.outside:
        drift = f"{update.drift.rejected} rejected, {update.drift.outside} of them outside the rubric"
        yield UpdateLine("what the market shows", "drift", drift)
    if update.kept is not None:
        words = f"{update.kept.shown} of {update.kept.candidates_expected} profiles that were agreed on are shown"
        yield UpdateLine("what was agreed on", "agreed", words)
    if update.forecast.forecast_at is not None:
        words = f"as likely as not to be filled by {update.forecast.forecast_at:%Y-%m-%d}"
        yield UpdateLine("the forecast", "forecast", words)


def _lines(clocks: Iterable[OwedClock], side: Side, listed: set[str], names: Mapping[str, str]) -> Iterator[OwedLine]:
    """One line for each thing the side owes, what is late first; those who are only counted are not named."""
    theirs = sorted((clock for clock in clocks if clock.side == side), key=attrgetter("name", "since"))
    lines = []
    for name, found in groupby(theirs, key=attrgetter("name")):
        same = list(found)
        about = [names.get(clock.candidate, ERASED) for clock in same if clock.candidate in listed]
        lines.append(
            OwedLine(
                what=clock_row(name).what,
                about=tuple(about[:NAMED]),
                more=len(same) - len(about[:NAMED]) if about else len(same) - 1,
                since=min(clock.since for clock in same),
                late=sum(clock.late for clock in same),
                still=all(clock.still for clock in same),
            )
        )
    yield from sorted(lines, key=lambda line: (not line.late, line.since))
