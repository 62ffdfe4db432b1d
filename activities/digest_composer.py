"""Composes one message from the lines of an inbox: what its reader owes first, then what others do, then news.

What is no longer owed when the message is written is left out. A message of one line reads like a single letter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from activities.letter_context import ContextReader, LetterContext
from activities.letter_writer import LetterWriter, mailbox
from activities.letters import Letter, written
from activities.manager_update import ManagerUpdates
from activities.smtp_delivery import Mailbox
from domain.notifications.catalogue import notification_row
from domain.notifications.notification import UPDATE, Notification
from store.users import User
from workflows.contract import EffectOrder

SECTIONS = ("You owe", "Others owe", "What happened", "How your searches go")
"""What a digest has, in this order."""


@dataclass(frozen=True)
class Composed:
    """A message ready to be sent, if anything is left to say; `over` are searches that need no more updates."""

    letter: Letter | None
    signed: Mailbox | None = None
    over: tuple[str, ...] = ()


@dataclass(frozen=True)
class DigestLine:
    """A line with what stands behind it, and further `words`; `others` are lines that say the same of others."""

    line: Notification
    behind: LetterContext
    words: Mapping[str, Any] = field(default_factory=dict)
    others: list[DigestLine] = field(default_factory=list)

    @property
    def section(self) -> int:
        """Where in a digest it stands."""
        if self.line.matter == UPDATE:
            return 3
        if self.line.is_task:
            return 0
        return 1 if notification_row(self.line.matter).escalates else 2

    @property
    def rank(self) -> tuple[int, bool, datetime]:
        """What comes first: by section, what is late, what is due sooner, what happened earlier."""
        clock = self.behind.clock
        at = clock.due_at if clock else self.line.decided_at
        return self.section, clock is None or clock.breached_at is None, at


class DigestComposer:
    """Writes messages from lines."""

    def __init__(self, library: ContextReader, writer: LetterWriter, updates: ManagerUpdates) -> None:
        self._library, self._writer, self._updates = library, writer, updates

    async def compose(self, person: User, lines: Sequence[Notification], at: datetime) -> Composed:
        """The message to `person`, ordered `at` (UTC). Raises ApplicationError for what cannot be found or said."""
        told: list[DigestLine] = []
        over: list[str] = []
        for line in lines:
            one = DigestLine(line, await self._library.background(_order_of(line), line.matter, line.about))
            if line.matter == UPDATE:
                words = await self._update(person, one, at)
                if words is None:
                    over.append(line.search)
                else:
                    told.append(replace(one, words=words))
            elif _still_holds(person, one) and not await self._moot(one):
                told.append(one)
        told = sorted(_gathered(_once(told)), key=lambda one: one.rank)
        if not told:
            return Composed(None, over=tuple(over))
        if len(told) == 1:
            one = told[0]
            signed = _recruiter(one.behind) if notification_row(one.line.matter).signed else None
            return Composed(self._letter(person, one, alone=True), signed, tuple(over))
        return Composed(self._digest(person, told), over=tuple(over))

    async def _moot(self, one: DigestLine) -> bool:
        """Whether a letter asks for what was done since."""
        line = one.line
        row = notification_row(line.matter)
        if not row.nothing_else:
            return False
        asked, subject = row.says, _subject(one)
        running = await self._library.running(line.search)
        return not any(
            clock.name == asked and subject in (clock.about, clock.stream.partition("/")[2]) for clock in running
        )

    async def _update(self, person: User, one: DigestLine, at: datetime) -> Mapping[str, Any] | None:
        """What the update of a search says; None if they are not its manager any more, or it has ended."""
        team = one.behind.requisition.team
        if team is None or team.hiring_manager != person.id or one.behind.requisition.standing == "ended":
            return None
        since = datetime.fromisoformat(str(one.line.about["since"]))
        return await self._updates.words(one.line.search, since, at)

    def _letter(self, person: User, one: DigestLine, alone: bool) -> Letter:
        line, behind = one.line, one.behind
        several = [self._named(other) for other in (one, *one.others)]
        return self._writer.letter(
            "colleague",
            line.matter,
            behind,
            mailbox(person),
            person.zone,
            line.about,
            me=person.id,
            alone=alone,
            several=several,
            on_behalf_of=line.on_behalf_of,
            **one.words,
        )

    def _digest(self, person: User, told: Sequence[DigestLine]) -> Letter:
        sections = [
            {"title": SECTIONS[section], "letters": [self._part(person, one) for one in same]}
            for section, same in groupby(told, key=lambda one: one.section)
        ]
        first: Letter = self._letter(person, told[0], alone=False)
        words = {"to": person.name, "zone": person.zone, "sections": sections, "first": first, "more": len(told) - 1}
        return written("colleague", "_digest", words)

    def _part(self, person: User, one: DigestLine) -> Mapping[str, str]:
        letter = self._letter(person, one, alone=False)
        # A group says itself where to look for each of its candidates.
        link = "" if one.others else self._writer.link(one.behind, one.line.matter, one.line.about)
        return {"subject": letter.subject, "text": letter.text.strip(), "link": link}

    def _named(self, one: DigestLine) -> Mapping[str, Any]:
        behind = one.behind
        return {
            "name": behind.contact.name if behind.contact else None,
            "clock": behind.clock,
            "link": self._writer.link(behind, one.line.matter, one.line.about),
        }


def _order_of(line: Notification) -> EffectOrder:
    """The order by which the line was put into the inbox, as the library looks things up by it."""
    return EffectOrder(id=line.id, stream=line.stream, decided_at=line.decided_at, type="notify", payload={})


def _still_holds(person: User, one: DigestLine) -> bool:
    """Whether what a line says of a promise still holds: it runs, and on whoever is told that it is theirs."""
    clock = one.behind.clock
    if "clock_id" not in one.line.about:
        return True
    if clock is None or clock.ended_at is not None:
        return False
    return not one.line.is_task or clock.owner == (one.line.on_behalf_of or person.id)


def _once(told: Iterable[DigestLine]) -> list[DigestLine]:
    """Without the promises that a letter in the same message speaks of."""
    lines = list(told)
    said = {(clock, _subject(one)) for one in lines if (clock := notification_row(one.line.matter).says)}
    return [one for one in lines if (one.line.about.get("clock"), _subject(one)) not in said]


def _subject(one: DigestLine) -> str:
    return one.behind.candidate.id if one.behind.candidate else one.behind.requisition.id


def _gathered(told: Iterable[DigestLine]) -> Iterator[DigestLine]:
    """New promises of one kind in one search are one line with several names."""
    first: dict[tuple[str, str], DigestLine] = {}
    for one in told:
        if not notification_row(one.line.matter).grouped or one.behind.candidate is None:
            yield one
            continue
        kind = str(one.line.about["clock"]), one.behind.requisition.id
        if kind in first:
            first[kind].others.append(one)
        else:
            first[kind] = one
    yield from first.values()


def _recruiter(behind: LetterContext) -> Mailbox | None:
    team = behind.requisition.team
    found = behind.people.get(team.recruiter) if team else None
    return mailbox(found) if found else None
