"""Calendar replies: what people answer to an invitation from their own calendar (iTIP's REPLY and COUNTER, RFC 5546).

They come by mail, as bytes of which nothing is to be trusted: limits first, then what it says, and nothing of who it is
from. Who may answer what, `activities.calendar_answers` decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses
from typing import Literal

import icalendar

from mail.addresses import read_address

LARGEST_MAIL_BYTES = 10 * 1024 * 1024
"""Beyond which a mail is not looked into."""

LARGEST_CALENDAR_BYTES = 256 * 1024
"""What a calendar file of one answer may have; those of real programs have some kilobytes."""

MOST_PARTS = 50
LONGEST_COMMENT = 1_000

Answer = Literal["accept", "decline", "propose", "tentative"]

_MEANS: dict[str, Answer] = {"ACCEPTED": "accept", "DECLINED": "decline", "TENTATIVE": "tentative"}


@dataclass(frozen=True)
class CalendarReply:
    """An answer to an invitation: to which (`uid`, and its `sequence` as far as they knew it), and who says so.

    `attendee` is the address that the calendar answers for, `sender` the one the mail is from, both in small letters.
    `times` are what somebody proposes instead (UTC), `stamp` when they answered, as their calendar says it.
    """

    uid: str
    sequence: int
    attendee: str
    sender: str
    answer: Answer
    times: tuple[datetime, ...] = ()
    stamp: str = ""
    comment: str = ""


def read_reply(mail: bytes) -> CalendarReply | None:
    """The answer in a mail; None for one that has none, has several, or cannot be read."""
    if len(mail) > LARGEST_MAIL_BYTES:
        return None
    try:
        message = BytesParser(policy=policy.default).parsebytes(mail)
        return _read(message)
    except (MessageError, ValueError, LookupError, RecursionError, AttributeError, TypeError):
        # Parsers of mail and calendars raise what they meet on the way; a mail nobody can read answers nothing.
        return None


def _read(message: EmailMessage) -> CalendarReply | None:
    sender = _only([address for _, address in getaddresses(message.get_all("From", []))])
    calendars = list(_calendars(message))
    if sender is None or not calendars:
        return None
    calendar = icalendar.Calendar.from_ical(calendars[0])
    method, events = str(calendar.get("METHOD", "")).upper(), calendar.walk("VEVENT")
    if method not in ("REPLY", "COUNTER") or len(events) != 1:
        return None
    event = events[0]
    attendees = event.get("ATTENDEE")
    attendees = attendees if isinstance(attendees, list) else [attendees] if attendees is not None else []
    if len(attendees) != 1:  # whoever answers, answers for themselves
        return None
    status = str(attendees[0].params.get("PARTSTAT", "")).upper()
    answer: Answer | None = "propose" if method == "COUNTER" else _MEANS.get(status)
    times = _times(event) if method == "COUNTER" else ()
    if answer is None or (answer == "propose" and not times):
        return None
    return CalendarReply(
        uid=str(event["UID"]).strip(),
        sequence=max(int(event.get("SEQUENCE", 0)), 0),
        attendee=read_address(str(attendees[0]).strip().partition(":")[2] or str(attendees[0])),
        sender=sender,
        answer=answer,
        times=times,
        stamp=_stamp(event),
        comment=_comment(event),
    )


def _calendars(message: EmailMessage) -> Iterator[bytes]:
    """The calendar files of a mail, those in its text before those attached; each as it was before its transfer."""
    for number, part in enumerate(message.walk()):
        if number >= MOST_PARTS:
            return
        if part.get_content_type() in ("text/calendar", "application/ics"):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and 0 < len(content) <= LARGEST_CALENDAR_BYTES:
                yield content


def _only(addresses: list[str]) -> str | None:
    """The one address there is; a mail that is from two is from nobody."""
    return read_address(addresses[0]) if len(addresses) == 1 and addresses[0] else None


def _times(event: icalendar.Component) -> tuple[datetime, ...]:
    """The time that is proposed; none for a whole day, or one that does not say its zone."""
    start = event.decoded("DTSTART", None)
    if isinstance(start, date) and not isinstance(start, datetime):
        return ()
    return (start.astimezone(UTC),) if isinstance(start, datetime) and start.tzinfo is not None else ()


def _stamp(event: icalendar.Component) -> str:
    stamp = event.decoded("DTSTAMP", None)
    return stamp.isoformat() if isinstance(stamp, datetime) else ""


def _comment(event: icalendar.Component) -> str:
    said = event.get("COMMENT")
    first = said[0] if isinstance(said, list) and said else said
    return " ".join(str(first or "").split())[:LONGEST_COMMENT]
