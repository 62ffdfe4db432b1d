"""The laptop's mailbox: a real SMTP server that delivers nothing and keeps everything, and how to read what it kept.

The server is aiosmtpd with its own Maildir: each accepted message is a file, on disk before the sender is told so and
still there after a restart. Numbers are those of the order of arrival. Run as `python -m local.mailbox`.
"""

import asyncio
import contextlib
import email
import email.policy
import re
import signal
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP
from icalendar import Calendar, Component, Event
from pydantic import BaseModel, ConfigDict

import settings as tandem
from local.process_specs import Child, Port, Probe

_PEER, _FROM, _TO = "X-Peer", "X-MailFrom", "X-RcptTo"  # what aiosmtpd adds at the end
_NAME = re.compile(r"(?P<seconds>\d+)\.M(?P<microseconds>\d+)P")  # of a file in a Maildir: when it came
_ERASED = b"Subject: [erased]\n\nWhoever this was to, or about, was erased.\n"
_LARGEST = 33_554_432  # bytes a message; aiosmtpd's own default


class CaughtInvitation(BaseModel):
    """A calendar part of a message: its first event, and the part's whole text. What it does not say is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str | None
    uid: str | None
    sequence: int | None
    summary: str | None
    starts: datetime | date | None
    ends: datetime | date | None
    attendees: tuple[str, ...]
    text: str


class CaughtMail(BaseModel):
    """A caught message. `envelope_*` is whom SMTP was told, `caught_at` is UTC; the rest is what the message says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    caught_at: datetime
    envelope_from: str
    envelope_to: tuple[str, ...]
    sender: str
    to: str
    cc: str
    subject: str
    message_id: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str | None
    invitations: tuple[CaughtInvitation, ...]
    attachments: tuple[str, ...]


def messages(folder: Path, to: str | None = None, limit: int = 50) -> list[CaughtMail]:
    """The latest messages, the newest first; with `to`, only those whose envelope names that address."""
    found: list[CaughtMail] = []
    for number, path in reversed(list(enumerate(_arrived(folder), 1))):
        if len(found) == limit:
            break
        if to is not None and to.casefold().encode() not in path.read_bytes().lower():
            continue  # taking a message apart costs a hundred times as much as looking whom it names
        caught = _read(number, path)
        if to is None or to.casefold() in (address.casefold() for address in caught.envelope_to):
            found.append(caught)
    return found


def message(folder: Path, number: int) -> CaughtMail:
    """One message by its number. Raises FileNotFoundError when there is none."""
    arrived = _arrived(folder)
    if not 1 <= number <= len(arrived):
        raise FileNotFoundError(f"message {number}")
    return _read(number, arrived[number - 1])


def forget(folder: Path, words: Iterable[str]) -> int:
    """Empties every message that is to one of these names or addresses, or mentions one; how many that were.

    An empty one stays in its place, so that the others keep their numbers.
    """
    known = [re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE) for word in words if word]
    emptied = 0
    for number, path in enumerate(_arrived(folder), 1):
        caught = _read(number, path)
        said = (caught.sender, caught.to, caught.cc, caught.subject, caught.text, caught.html or "")
        parts = (*said, *caught.envelope_to, *(one.text for one in caught.invitations))
        if any(pattern.search(part) for pattern in known for part in parts):
            unfinished = folder / "tmp" / path.name
            unfinished.write_bytes(_ERASED)
            unfinished.replace(path)
            emptied += 1
    return emptied


def _arrived(folder: Path) -> list[Path]:
    """The files of all messages, in the order of arrival."""
    return sorted((folder / "new").glob("*"), key=_caught_at)


def _caught_at(path: Path) -> datetime:
    came = _NAME.match(path.name)
    assert came is not None, path
    return datetime.fromtimestamp(int(came["seconds"]), UTC) + timedelta(microseconds=int(came["microseconds"]))


def _read(number: int, path: Path) -> CaughtMail:
    parsed = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    parts = [part for part in parsed.walk() if not part.is_multipart()]
    bodies = [part for part in parts if not part.get_filename()]
    html = next((_text(part) for part in bodies if part.get_content_type() == "text/html"), None)
    return CaughtMail(
        number=number,
        caught_at=_caught_at(path),
        envelope_from=str(parsed.get_all(_FROM, [""])[-1]) or "<>",
        envelope_to=tuple(str(parsed.get_all(_TO, [""])[-1]).split(", ")),
        sender=str(parsed.get("From", "")),
        to=str(parsed.get("To", "")),
        cc=str(parsed.get("Cc", "")),
        subject=str(parsed.get("Subject", "")),
        message_id=str(parsed.get("Message-ID", "")),
        headers=tuple((name, str(value)) for name, value in parsed.items() if name not in (_PEER, _FROM, _TO)),
        text="\n".join(_text(part) for part in bodies if part.get_content_type() == "text/plain"),
        html=html,
        invitations=tuple(_invitation(part) for part in parts if part.get_content_type() == "text/calendar"),
        attachments=tuple(name for part in parts if (name := part.get_filename())),
    )


def child(settings: tandem.Settings) -> Child:
    """The mail catcher of this home."""
    return Child(
        name="mailbox",
        command=(sys.executable, "-m", "local.mailbox"),
        ready=_greets(settings.smtp_port),
        ports=(Port(settings.smtp_port, "TANDEM_SMTP_PORT"),),
    )


def _greets(port: int) -> Probe:
    async def ready() -> bool:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        try:
            greeting = await asyncio.wait_for(reader.readline(), 2.0)
            writer.write(b"QUIT\r\n")
            await writer.drain()
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()
        return greeting.startswith(b"220")

    return ready


def _text(part: EmailMessage) -> str:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    try:
        return content.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:
        return content.decode("utf-8", errors="replace")


def _invitation(part: EmailMessage) -> CaughtInvitation:
    text = _text(part)
    method = part.get_param("method")
    event: Component = Event()
    with contextlib.suppress(ValueError):
        calendar = Calendar.from_ical(text)
        method = method or calendar.get("METHOD")
        event = next(iter(calendar.walk("VEVENT")), event)
    attendees = event.get("ATTENDEE", [])
    return CaughtInvitation(
        method=str(method) if method else None,
        uid=event.get("UID"),
        sequence=event.get("SEQUENCE"),
        summary=event.get("SUMMARY"),
        starts=event.decoded("DTSTART", None),
        ends=event.decoded("DTEND", None),
        attendees=tuple(str(attendee) for attendee in (attendees if isinstance(attendees, list) else [attendees])),
        text=text,
    )


async def serve(folder: Path, port: int) -> None:
    """Catches mail on 127.0.0.1:port into `folder` until SIGTERM."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    for part in ("tmp", "new", "cur"):  # what aiosmtpd makes only together with the folder
        (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    keeper = Mailbox(folder)

    def session() -> SMTP:
        # A name is given so that none is asked of the network, for every connection.
        return SMTP(keeper, hostname="localhost", data_size_limit=_LARGEST, enable_SMTPUTF8=True, loop=loop)

    server = await loop.create_server(session, "127.0.0.1", port)
    await stop.wait()
    server.close()


if __name__ == "__main__":
    mine = tandem.load()
    asyncio.run(serve(mine.mailbox_folder, mine.smtp_port))
