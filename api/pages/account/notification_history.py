"""What somebody was told: each message with its lines in a few words, and where each line leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.notifications.catalogue import notification_row, page_for
from domain.notifications.notification import MessageKind, Notification
from domain.sla.catalogue import clock_row
from store.queries import Reads
from store.views import MessageView
from workflows.contract import entity_of, stream_of

KINDS: Mapping[MessageKind, str] = {"digest": "digest", "interruption": "interruption", "letter": "letter"}


@dataclass(frozen=True)
class SentLine:
    """One line of a message: what it is about, where that is, its requisition's title, and its candidate if any."""

    words: str
    href: str
    title: str
    candidate: str | None


@dataclass(frozen=True)
class SentMessage:
    """A message somebody was sent `at` (UTC): how, and what it said."""

    at: datetime
    kind: str
    channel: str
    lines: tuple[SentLine, ...]


async def sent_messages(reads: Reads, person: str, sent: Iterable[MessageView]) -> list[SentMessage]:
    """The messages of those `sent` to somebody that did go out, in their order."""
    went = [message.number for message in sent if not message.withheld]
    ordered = await reads.ordered(stream_of("person", person), went)
    titles = await reads.titles({one.search for _, event in ordered for one in event.lines})
    return [
        SentMessage(at, KINDS[event.kind], event.channel, tuple(_sent_line(one, titles) for one in event.lines))
        for at, event in ordered
    ]


def _sent_line(notification: Notification, titles: Mapping[str, str]) -> SentLine:
    entity, entity_id = entity_of(notification.stream)
    candidate = entity_id if entity == "candidate" else notification.about.get("candidate")
    place = f"/candidates/{candidate}" if candidate else f"/requisitions/{entity_id}"
    return SentLine(
        words=_words(notification),
        href=place + page_for(notification.matter, notification.about),
        title=titles.get(notification.search, ""),
        candidate=str(candidate) if candidate else None,
    )


def _words(notification: Notification) -> str:
    if heading := notification_row(notification.matter).heading:
        return heading
    mine = notification.about.get("recipient", "owner") == "owner"
    return f"{'Your turn' if mine else 'Overdue'}: {clock_row(str(notification.about['clock'])).what}"
