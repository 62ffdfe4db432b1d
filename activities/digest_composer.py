"""Composes one message from the notifications of an inbox: its reader's tasks first, then what others do, then news.

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
from domain.notifications.catalogue import notification_row
from domain.notifications.notification import UPDATE, Notification
from mail.smtp import Mailbox
from store.users import User
from workflows.contract import EffectOrder

SECTIONS = ("Your tasks", "Tasks of others", "What happened", "How your requisitions go")
"""What a digest has, in this order."""


@dataclass(frozen=True)
class Composed:
    """A message ready to be sent, if anything is left to say; `over` are requisitions that need no more updates."""

    letter: Letter | None
    signed: Mailbox | None = None
    over: tuple[str, ...] = ()


@dataclass(frozen=True)
class DigestEntry:
    """A line with what stands behind it, and further `words`; `others` are lines that say the same of others."""

    notification: Notification
    behind: LetterContext
    words: Mapping[str, Any] = field(default_factory=dict)
    others: list[DigestEntry] = field(default_factory=list)

    @property
    def section(self) -> int:
        """Where in a digest it stands."""
        if self.notification.matter == UPDATE:
            return 3
        if self.notification.is_task:
            return 0
        return 1 if notification_row(self.notification.matter).escalates else 2

    @property
    def rank(self) -> tuple[int, bool, datetime]:
        """What comes first: by section, what is late, what is due sooner, what happened earlier."""
        clock = self.behind.clock
        at = clock.due_at if clock else self.notification.decided_at
        return self.section, clock is None or clock.breached_at is None, at


class DigestComposer:
    """Writes messages from lines."""

    def __init__(self, library: ContextReader, writer: LetterWriter, updates: ManagerUpdates) -> None:
        self._library, self._writer, self._updates = library, writer, updates

    async def compose(self, person: User, notifications: Sequence[Notification], at: datetime) -> Composed:
        """The message to `person`, ordered `at` (UTC). Raises ApplicationError for what cannot be found or said."""
        entries: list[DigestEntry] = []
        over: list[str] = []
        for notification in notifications:
            behind = await self._library.background(_order_of(notification), notification.matter, notification.about)
            one = DigestEntry(notification, behind)
            if notification.matter == UPDATE:
                words = await self._update(person, one, at)
                if words is None:
                    over.append(notification.search)
                else:
                    entries.append(replace(one, words=words))
            elif _still_holds(person, one) and not await self._moot(one):
                entries.append(one)
        entries = sorted(_gathered(_once(entries)), key=lambda one: one.rank)
        if not entries:
            return Composed(None, over=tuple(over))
        if len(entries) == 1:
            one = entries[0]
            signed = _recruiter(one.behind) if notification_row(one.notification.matter).signed else None
            return Composed(self._letter(person, one, alone=True), signed, tuple(over))
        return Composed(self._digest(person, entries), over=tuple(over))

    async def _moot(self, one: DigestEntry) -> bool:
        """Whether a letter asks for what was done since."""
        notification = one.notification
        row = notification_row(notification.matter)
        if not row.nothing_else:
            return False
        asked, subject = row.says, _subject(one)
        running = await self._library.running(notification.search)
        return not any(
            clock.name == asked and subject in (clock.about, clock.stream.partition("/")[2]) for clock in running
        )

    async def _update(self, person: User, one: DigestEntry, at: datetime) -> Mapping[str, Any] | None:
        """What the update of a requisition says; None if they are not its manager any more, or it has ended."""
        team = one.behind.requisition.team
        if team is None or team.hiring_manager != person.id or one.behind.requisition.standing == "ended":
            return None
        since = datetime.fromisoformat(str(one.notification.about["since"]))
        return await self._updates.words(one.notification.search, since, at)

    def _letter(self, person: User, one: DigestEntry, alone: bool) -> Letter:
        notification, behind = one.notification, one.behind
        several = [self._named(other) for other in (one, *one.others)]
        return self._writer.letter(
            "colleague",
            notification.matter,
            behind,
            mailbox(person),
            person.zone,
            notification.about,
            me=person.id,
            alone=alone,
            several=several,
            on_behalf_of=notification.on_behalf_of,
            **one.words,
        )

    def _digest(self, person: User, entries: Sequence[DigestEntry]) -> Letter:
        sections = [
            {"title": SECTIONS[section], "letters": [self._part(person, one) for one in same]}
            for section, same in groupby(entries, key=lambda one: one.section)
        ]
        first: Letter = self._letter(person, entries[0], alone=False)
        words = {"to": person.name, "zone": person.zone, "sections": sections, "first": first, "more": len(entries) - 1}
        return written("colleague", "_digest", words)

    def _part(self, person: User, one: DigestEntry) -> Mapping[str, str]:
        letter = self._letter(person, one, alone=False)
        # A group says itself where to look for each of its candidates.
        link = "" if one.others else self._writer.link(one.behind, one.notification.matter, one.notification.about)
        return {"subject": letter.subject, "text": letter.text.strip(), "link": link}

    def _named(self, one: DigestEntry) -> Mapping[str, Any]:
        behind = one.behind
        return {
            "name": behind.contact.name if behind.contact else None,
            "clock": behind.clock,
            "link": self._writer.link(behind, one.notification.matter, one.notification.about),
        }


def _order_of(notification: Notification) -> EffectOrder:
    """The order by which the line was put into the inbox, as the library looks things up by it."""
    return EffectOrder(
        id=notification.id, stream=notification.stream, decided_at=notification.decided_at, type="notify", payload={}
    )


def _still_holds(person: User, one: DigestEntry) -> bool:
    """Whether what a line says of a promise still holds: it runs, and on whoever is told that it is theirs."""
    clock = one.behind.clock
    if "clock_id" not in one.notification.about:
        return True
    if clock is None or clock.ended_at is not None:
        return False
    return not one.notification.is_task or clock.owner == (one.notification.on_behalf_of or person.id)


def _once(entries: Sequence[DigestEntry]) -> list[DigestEntry]:
    """Without the promises that a letter in the same message speaks of."""
    already = {(clock, _subject(one)) for one in entries if (clock := notification_row(one.notification.matter).says)}
    return [one for one in entries if (one.notification.about.get("clock"), _subject(one)) not in already]


def _subject(one: DigestEntry) -> str:
    return one.behind.candidate.id if one.behind.candidate else one.behind.requisition.id


def _gathered(entries: Iterable[DigestEntry]) -> Iterator[DigestEntry]:
    """New promises of one kind in one requisition are one line with several names."""
    first: dict[tuple[str, str], DigestEntry] = {}
    for one in entries:
        if not notification_row(one.notification.matter).grouped or one.behind.candidate is None:
            yield one
            continue
        kind = str(one.notification.about["clock"]), one.behind.requisition.id
        if kind in first:
            first[kind].others.append(one)
        else:
            first[kind] = one
    yield from first.values()


def _recruiter(behind: LetterContext) -> Mailbox | None:
    team = behind.requisition.team
    found = behind.people.get(team.recruiter) if team else None
    return mailbox(found) if found else None
