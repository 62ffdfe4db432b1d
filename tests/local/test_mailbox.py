"""What the local mail catcher keeps of a message, and what can be read of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from icalendar import Calendar, Event

from local import mailbox
from local.stack import on_free_ports
from local.supervisor import Supervisor


@pytest.fixture(scope="module")
async def catcher(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Path, int]]:
    settings = on_free_ports(tmp_path_factory.mktemp("home"))
    settings.logs_folder.mkdir()
    supervisor = Supervisor(settings, [mailbox.child(settings)], say=lambda _: None)
    await supervisor.start()
    yield settings.mailbox_folder, settings.smtp_port
    await supervisor.stop()


def letter(subject: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "Tandem <tandem@localhost>", "Zoë <zoe@example.org>", subject
    letter["Message-ID"] = "<effect-1@tandem>"
    letter.set_content("Grüße, Zoë.\n.\nA line with one dot above.\n")
    return letter


async def test_a_message_reads_as_it_was_sent(catcher: tuple[Path, int]) -> None:
    folder, port = catcher
    sent = letter("Interview — Tuesday")
    sent.add_alternative("<p>Grüße</p>", subtype="html")
    before = datetime.now(UTC)
    await aiosmtplib.send(sent, recipients=["zoe@example.org", "hidden@example.org"], hostname="127.0.0.1", port=port)

    [caught] = mailbox.messages(folder, limit=1)
    assert (caught.subject, caught.sender) == ("Interview — Tuesday", "Tandem <tandem@localhost>")
    assert caught.message_id == "<effect-1@tandem>"
    assert caught.to == "Zoë <zoe@example.org>"
    assert caught.envelope_to == ("zoe@example.org", "hidden@example.org")
    assert caught.text.replace("\r\n", "\n") == "Grüße, Zoë.\n.\nA line with one dot above.\n"
    assert caught.html is not None
    assert "<p>Grüße</p>" in caught.html
    assert before <= caught.caught_at <= datetime.now(UTC)
    assert caught == mailbox.message(folder, caught.number)


async def test_a_calendar_invitation_can_be_read(catcher: tuple[Path, int]) -> None:
    folder, port = catcher
    event = Event()
    event.add("uid", "interview-7@tandem")
    event.add("sequence", 2)
    event.add("summary", "Interview")
    event.add("dtstart", datetime(2026, 3, 3, 10, 0, tzinfo=UTC))
    event.add("attendee", "mailto:zoe@example.org")
    calendar = Calendar()
    calendar.add("method", "REQUEST")
    calendar.add_component(event)
    sent = letter("Invitation")
    sent.add_attachment(
        calendar.to_ical(), maintype="text", subtype="calendar", params={"method": "REQUEST"}, filename="invite.ics"
    )
    await aiosmtplib.send(sent, hostname="127.0.0.1", port=port)

    [caught] = mailbox.messages(folder, limit=1)
    [invitation] = caught.invitations
    assert (invitation.method, invitation.uid, invitation.sequence) == ("REQUEST", "interview-7@tandem", 2)
    assert invitation.starts == datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
    assert invitation.ends is None
    assert invitation.attendees == ("mailto:zoe@example.org",)
    assert caught.attachments == ("invite.ics",)


async def test_one_persons_letters_the_newest_first(catcher: tuple[Path, int]) -> None:
    folder, port = catcher
    for subject, to in (("one", "ann@example.org"), ("two", "bob@example.org"), ("three", "Ann@Example.org")):
        await aiosmtplib.send(letter(subject), recipients=[to], hostname="127.0.0.1", port=port)

    assert [caught.subject for caught in mailbox.messages(folder, to="ann@example.org")] == ["three", "one"]
    assert [caught.subject for caught in mailbox.messages(folder, limit=2)] == ["three", "two"]


async def test_many_at_once_are_all_kept_under_their_own_numbers(catcher: tuple[Path, int]) -> None:
    folder, port = catcher
    subjects = {f"letter {n}" for n in range(20)}
    await asyncio.gather(*(aiosmtplib.send(letter(subject), hostname="127.0.0.1", port=port) for subject in subjects))
    assert {caught.subject for caught in mailbox.messages(folder, limit=20)} == subjects


async def test_a_message_nobody_can_parse_is_kept_and_shown(catcher: tuple[Path, int]) -> None:
    folder, port = catcher
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port) as client:
        broken = b'Content-Type: text/plain; charset="no-such"\r\nSubject: =?utf-8?q?half\r\n\r\n\xff\xfe raw'
        await client.sendmail("tandem@localhost", ["ann@example.org"], broken)
        ics = b"Content-Type: text/calendar\r\nSubject: bad\r\n\r\nBEGIN:VCALENDAR\r\nnonsense"
        await client.sendmail("tandem@localhost", ["ann@example.org"], ics)

    calendar, text = mailbox.messages(folder, limit=2)
    assert text.text.rstrip().endswith("raw")
    assert calendar.invitations[0].uid is None
    assert "nonsense" in calendar.invitations[0].text


def test_no_such_number(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        mailbox.message(tmp_path, 7)


async def test_nothing_is_left_of_letters_to_or_about_somebody_who_was_erased(catcher: tuple[Path, int]) -> None:
    folder, port = catcher
    about = letter("A candidate to answer")
    about.replace_header("To", "Ada <ada@example.org>")
    about.set_content("Noor Östberg was put on the shortlist.")
    other = letter("Another matter")
    other.set_content("Noor Östberger is somebody else, and ünoor.ostberg@example.org.example too.")
    for sent, to in ((letter("Your interview"), "noor.ostberg@example.org"), (about, "ada@example.org")):
        await aiosmtplib.send(sent, recipients=[to], hostname="127.0.0.1", port=port)
    await aiosmtplib.send(other, recipients=["ada@example.org"], hostname="127.0.0.1", port=port)
    before = {one.number: one for one in mailbox.messages(folder, limit=200)}
    last = max(before)

    assert mailbox.forget(folder, {"Noor Östberg", "noor.ostberg@example.org"}) == 2
    assert mailbox.forget(folder, {"Noor Östberg", "noor.ostberg@example.org"}) == 0

    after = {one.number: one for one in mailbox.messages(folder, limit=200)}
    assert after.keys() == before.keys()
    assert {number for number in before if after[number] != before[number]} == {last - 2, last - 1}
    assert after[last - 1].subject == "[erased]"
    assert "Östberg " not in "".join(path.read_text(errors="replace") for path in (folder / "new").glob("*"))
