"""What the letter `manager_update` speaks of: the update of a search, and its debts and candidates by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

import asyncpg

from domain.lateness import Side
from domain.promises import PROMISES
from privacy.sealing import Sealer
from store.humans import Humans
from store.updates import Debt, SearchUpdate, search_update

NAMED = 3
"""So many debts of a side, and names in one of them, are told one by one: what can be read on a phone."""

ERASED = "a candidate whose data was erased"


@dataclass(frozen=True)
class Line:
    """What one side owes, as it follows "to": about whom, since when (UTC), and how many are late."""

    what: str
    about: tuple[str, ...]
    more: int
    since: datetime
    late: int
    still: bool


class Updates:
    """Looks updates up, and says whom they are about."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer) -> None:
        self._pool, self._humans = pool, Humans(pool, sealer)

    async def words(self, requisition: str, since: datetime, at: datetime) -> dict[str, Any] | None:
        """The words for the letter on a search as it stands `at`, with what moved after `since` (UTC).

        None for an unknown search. They go to `Writer.letter` beside what stands behind the search.
        """
        update = await search_update(self._pool, requisition, since, at)
        if update is None:
            return None
        contacts = await self._humans.contacts(one.human for one in update.candidates)
        names = {one.id: contacts[one.human].name for one in update.candidates if one.human in contacts}
        return words_of(update, names)


def words_of(update: SearchUpdate, names: Mapping[str, str]) -> dict[str, Any]:
    """The words for the letter: `names` are those of the listed candidates, by their ids."""
    listed = {one.id for one in update.candidates}
    sides: tuple[Side, ...] = ("hiring_manager", "recruiter", "others")
    return {
        "update": update,
        "named": lambda candidate: names.get(candidate, ERASED),
        "debts": {side: list(_lines(update.debts, side, listed, names)) for side in sides},
        "most": NAMED,
    }


def _lines(debts: Iterable[Debt], side: Side, listed: set[str], names: Mapping[str, str]) -> Iterator[Line]:
    """One line for each thing the side owes, what is late first; those who are only counted are not named."""
    theirs = sorted((debt for debt in debts if debt.side == side), key=attrgetter("name", "since"))
    lines = []
    for clock, found in groupby(theirs, key=attrgetter("name")):
        same = list(found)
        about = [names.get(debt.candidate, ERASED) for debt in same if debt.candidate in listed]
        lines.append(
            Line(
                what=PROMISES[clock].what,
                about=tuple(about[:NAMED]),
                more=len(same) - len(about[:NAMED]) if about else len(same) - 1,
                since=min(debt.since for debt in same),
                late=sum(debt.late for debt in same),
                still=all(debt.still for debt in same),
            )
        )
    yield from sorted(lines, key=lambda line: (not line.late, line.since))
