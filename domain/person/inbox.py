"""What somebody is to be told: lines are heard, gathered, and sent as one message when its time has come.

Everything is an event, so that no line is lost or said twice, whatever crashes. What a message says in words is looked
up when it is sent; if nothing of it is owed any more, it is withheld and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from domain.core.decider import Chapter
from domain.core.messages import Command, Effect, Event, Record, refuse
from domain.entity.call import Call
from domain.entity.effects import DeliverMessage, EntityMessage, Tell
from domain.notifications.catalogue import NotificationKind
from domain.notifications.notification import UPDATE, MessageKind, Notification
from domain.person.notification_scheduler import next_message, ways_of, week_of
from domain.person.state import Channel, PendingNotification, Person, SentMessage
from domain.sla.catalogue import CLOCKS

REMEMBERED = timedelta(days=3)
"""For how long a line is known by its id: longer than anybody tries to deliver it."""


class Hear(Command):
    """There is something to be said to this person. Given by whatever entity it is about."""

    line: Notification


class MessageOrdered(Event):
    """A message goes out, the `number`-th, with these lines in the order in which they were heard."""

    number: int
    kind: MessageKind
    channel: Channel
    lines: tuple[Notification, ...]


class LineHeard(Event, heading="a notification waits to be sent"):
    """Something is to be said; a line that waits on the same thing gives way to it.

    Whoever is spoken to as a manager wants updates of that requisition from then on, at their cadence.
    """

    line: Notification


class SettleMessage(Command):
    """What became of a message that did not go out as it was ordered. Given by whoever was to send it.

    It was `withheld`, if nothing of it was owed any more; the requisitions in `over` need no more updates.
    """

    number: int
    withheld: bool
    over: tuple[str, ...] = ()


class MessageSettled(Event):
    """A message of this kind, ordered `ordered_at` (UTC), was not sent: it counts for nothing. Or updates are over."""

    number: int
    kind: MessageKind
    ordered_at: datetime
    withheld: bool
    over: tuple[str, ...] = ()


chapter: Chapter[Person] = Chapter()


@chapter.decides(Hear)
def hear(state: Person, asked: Hear, call: Call) -> Iterator[Event]:
    if asked.line.id in state.heard:
        refuse("already_done", "That notification came before.", "A new one.", "line")
    yield LineHeard(line=asked.line)


@chapter.decides(SettleMessage)
def settle(state: Person, asked: SettleMessage, call: Call) -> Iterator[Event]:
    for sent in state.sent:
        if sent.number == asked.number:
            yield MessageSettled(
                number=sent.number, kind=sent.kind, ordered_at=sent.at, withheld=asked.withheld, over=asked.over
            )


@chapter.evolves(LineHeard)
def line_heard(state: Person, event: LineHeard, record: Record) -> Person:
    notification = event.line
    others = (one for one in state.waiting if one.line.key != notification.key)
    known = {key: at for key, at in state.heard.items() if record.at < at + REMEMBERED}
    return state.but(
        waiting=(*others, PendingNotification(line=notification, since=record.at)),
        heard=known | {notification.id: record.at},
        managed={notification.search: record.at} | state.managed if _manages(notification) else state.managed,
        changed_at=record.at,
    )


def _manages(notification: Notification) -> bool:
    return notification.told_as == "hiring_manager" and notification.on_behalf_of is None


@chapter.evolves(MessageOrdered)
def message_ordered(state: Person, event: MessageOrdered, record: Record) -> Person:
    sent_ids = {one.id for one in event.lines}
    message = SentMessage(
        number=event.number,
        kind=event.kind,
        at=record.at,
        told_as=tuple(dict.fromkeys(one.told_as for one in event.lines)),
        each=tuple(ways_of(event.lines)),
        keys=tuple(one.key for one in event.lines),
    )
    of_the_week = (sent for sent in state.sent if record.at < sent.at + week_of(state))
    return state.but(
        waiting=tuple(one for one in state.waiting if one.line.id not in sent_ids),
        sent=(*of_the_week, message),
        messages=event.number,
        managed=state.managed | {one.search: record.at for one in event.lines if one.matter == UPDATE},
    )


@chapter.evolves(MessageSettled)
def message_settled(state: Person, event: MessageSettled, record: Record) -> Person:
    sent = tuple(sent for sent in state.sent if not event.withheld or sent.number != event.number)
    managed = {requisition: at for requisition, at in state.managed.items() if requisition not in event.over}
    return state.but(sent=sent, managed=managed, changed_at=record.at)


@chapter.awaits
def messages(state: Person) -> Iterator[tuple[datetime, Callable[[], Event]]]:
    if (coming := next_message(state)) is not None:
        yield (
            coming.at,
            partial(
                MessageOrdered,
                number=state.messages + 1,
                kind=coming.kind,
                channel=state.preferences.channel,
                lines=coming.notifications,
            ),
        )


@chapter.reacts(MessageOrdered)
def deliver(state: Person, event: MessageOrdered, record: Record) -> Iterator[Effect]:
    yield DeliverMessage(
        person=state.id, number=event.number, kind=event.kind, channel=event.channel, lines=event.lines
    )


@chapter.reacts(LineHeard)
def pass_on(state: Person, event: LineHeard, record: Record) -> Iterator[Effect]:
    """A new debt that somebody may settle for a manager is said to them too, once."""
    notification, delegate = event.line, state.delegate
    row = CLOCKS.get(str(notification.about.get("clock")))
    if (
        notification.matter != NotificationKind.CLOCK_STARTED
        or notification.on_behalf_of
        or delegate is None
        or record.at >= delegate.until
    ):
        return
    if row is not None and row.command in delegate.powers:
        passed = notification.but(on_behalf_of=state.id)
        payload = {"line": passed.model_dump(mode="json")}
        yield Tell(letter=EntityMessage(stream=f"person/{delegate.person}", command=Hear.name, payload=payload))
