"""The laptop's mailbox: a real SMTP server that delivers nothing and keeps everything, and how to read what it kept.

Each accepted message is one file, `00000042.eml`, under the mailbox folder: on disk before the sender is told so,
numbered in the order of arrival, and still there after a restart. Run as `python -m local.mailbox`.
"""

import asyncio
import contextlib
import email
import email.policy
import os
import signal
import sys
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from icalendar import Calendar, Component, Event
from pydantic import BaseModel, ConfigDict

import settings as tandem
from local.process_specs import Child, Port, Probe

_FROM, _TO, _AT = "X-Tandem-Envelope-From", "X-Tandem-Envelope-To", "X-Tandem-Caught-At"
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
    for number in sorted(_numbers(folder), reverse=True):
        if len(found) == limit:
            break
        caught = message(folder, number)
        if to is None or to.casefold() in (address.casefold() for address in caught.envelope_to):
            found.append(caught)
    return found


def message(folder: Path, number: int) -> CaughtMail:
    """One message by its number. Raises FileNotFoundError when there is none."""
    parsed = email.message_from_bytes(_path(folder, number).read_bytes(), policy=email.policy.default)
    parts = [part for part in parsed.walk() if not part.is_multipart()]
    bodies = [part for part in parts if not part.get_filename()]
    html = next((_text(part) for part in bodies if part.get_content_type() == "text/html"), None)
    return CaughtMail(
        number=number,
        caught_at=datetime.fromisoformat(str(parsed[_AT])),
        envelope_from=str(parsed[_FROM]),
        envelope_to=tuple(str(parsed[_TO]).split(", ")),
        sender=str(parsed.get("From", "")),
        to=str(parsed.get("To", "")),
        cc=str(parsed.get("Cc", "")),
        subject=str(parsed.get("Subject", "")),
        message_id=str(parsed.get("Message-ID", "")),
        headers=tuple((name, str(value)) for name, value in parsed.items() if name not in (_FROM, _TO, _AT)),
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


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:08d}.eml"


def _numbers(folder: Path) -> list[int]:
    return [int(path.stem) for path in folder.glob("*.eml") if path.stem.isdecimal()]


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


class _Keeper:
    """aiosmtpd's handler: it accepts every recipient and answers 250 once the message is safely on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._next = max(_numbers(folder), default=0) + 1

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        number, self._next = self._next, self._next + 1
        content = envelope.content
        assert isinstance(content, bytes)
        marks = {
            _FROM: envelope.mail_from or "<>",
            _TO: ", ".join(envelope.rcpt_tos),
            _AT: datetime.now(UTC).isoformat(),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in marks.items())
        await asyncio.to_thread(self._keep, _path(self._folder, number), head.encode() + content)
        return f"250 Kept as {number}"

    def _keep(self, path: Path, content: bytes) -> None:
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


async def serve(folder: Path, port: int) -> None:
    """Catches mail on 127.0.0.1:port into `folder` until SIGTERM."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    keeper = _Keeper(folder)

    def session() -> SMTP:
        # A name is given so that none is asked of the network, for every connection.
        return SMTP(keeper, hostname="localhost", data_size_limit=_LARGEST, enable_SMTPUTF8=True, loop=loop)

    server = await loop.create_server(session, "127.0.0.1", port)
    await stop.wait()
    server.close()


if __name__ == "__main__":
    mine = tandem.load()
    mine.mailbox_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    asyncio.run(serve(mine.mailbox_folder, mine.smtp_port))
