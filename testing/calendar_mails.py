"""Answers to invitations as calendar programs send them: each in its own manner, about whichever meeting."""

from __future__ import annotations

from base64 import encodebytes
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from quopri import encodestring

STAMP = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

BERLIN = """BEGIN:VTIMEZONE\r
TZID:W. Europe Standard Time\r
BEGIN:STANDARD\r
DTSTART:16010101T030000\r
TZOFFSETFROM:+0200\r
TZOFFSETTO:+0100\r
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r
END:STANDARD\r
BEGIN:DAYLIGHT\r
DTSTART:16010101T020000\r
TZOFFSETFROM:+0100\r
TZOFFSETTO:+0200\r
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r
END:DAYLIGHT\r
END:VTIMEZONE\r
"""


@dataclass(frozen=True)
class Said:
    """What is answered, by whom, to which invitation."""

    uid: str
    by: str
    partstat: str = "ACCEPTED"
    sequence: int = 0
    comment: str = ""
    stamp: datetime = STAMP

    def event(self, *lines: str) -> str:
        """The event of the answer, with a program's own lines."""
        common = (
            "BEGIN:VEVENT",
            *lines,
            f"UID:{self.uid}",
            f"SEQUENCE:{self.sequence}",
            f"DTSTAMP:{self.stamp:%Y%m%dT%H%M%SZ}",
            *([f"COMMENT:{self.comment}"] if self.comment else []),
            "END:VEVENT",
            "",
        )
        return "\r\n".join(common)


def gmail(said: Said) -> bytes:
    """As Google Calendar: in the text's alternatives and attached once more; times in UTC; no name of the method."""
    calendar = (
        "BEGIN:VCALENDAR\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nVERSION:2.0\r\nCALSCALE:GREGORIAN\r\n"
        "METHOD:REPLY\r\n"
        + said.event(
            "DTSTART:20260305T090000Z",
            "DTEND:20260305T094500Z",
            "ORGANIZER;CN=Recruiter Example:mailto:tandem@localhost",
            f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={said.partstat};CN={said.by}\r\n"
            f" ;X-NUM-GUESTS=0:mailto:{said.by}",
            "CREATED:20260302T080000Z",
            "STATUS:CONFIRMED",
            "SUMMARY:Interview: Anna\\, Product Manager",
            "TRANSP:OPAQUE",
        )
        + "END:VCALENDAR\r\n"
    )
    mail = _mail(said, "Accepted: Interview @ Thu Mar 5, 2026 (CET)")
    mail.set_content("Anna has accepted this invitation.")
    mail.add_alternative("<html><body>Anna has accepted this invitation.</body></html>", subtype="html")
    mail.add_alternative(calendar, subtype="calendar", params={"method": "REPLY"}, cte="7bit")
    mail.add_attachment(calendar.encode(), maintype="application", subtype="ics", filename="invite.ics")
    return mail.as_bytes(policy=SMTP)


def outlook(said: Said) -> bytes:
    """As Exchange: base64, a zone of Microsoft's name with its rules, the comment with a line's end in it."""
    calendar = (
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nPRODID:Microsoft Exchange Server 2010\r\nVERSION:2.0\r\n"
        + BERLIN
        + said.event(
            f"ATTENDEE;PARTSTAT={said.partstat};CN={said.by}:mailto:{said.by}",
            "SUMMARY;LANGUAGE=de-DE:Zugesagt: Interview",
            "DTSTART;TZID=W. Europe Standard Time:20260305T100000",
            "DTEND;TZID=W. Europe Standard Time:20260305T104500",
            "CLASS:PUBLIC",
            "PRIORITY:5",
            "TRANSP:OPAQUE",
            "STATUS:CONFIRMED",
            "X-MICROSOFT-CDO-APPT-SEQUENCE:0",
            "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
        )
        + "END:VCALENDAR\r\n"
    )
    return _written(said, calendar, "REPLY", "base64")


def outlook_proposes(said: Said, starts: str) -> bytes:
    """As Outlook's “Propose new time”: a COUNTER with the time on a wall in Berlin (`20260306T140000`)."""
    calendar = (
        "BEGIN:VCALENDAR\r\nPRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN\r\nVERSION:2.0\r\n"
        "METHOD:COUNTER\r\n"
        + BERLIN
        + said.event(
            f'ATTENDEE;PARTSTAT=TENTATIVE;CN="{said.by}":mailto:{said.by}',
            "CLASS:PUBLIC",
            f"DTSTART;TZID=W. Europe Standard Time:{starts}",
            f"DTEND;TZID=W. Europe Standard Time:{starts}",
            "LOCATION:https://meet.example.org/nmq-fbxk-vjw",
            "PRIORITY:5",
            "SUMMARY;LANGUAGE=en-us:New Time Proposed: Interview",
            "X-MS-OLK-ORIGINALSTART:20260305T090000Z",
            "X-MS-OLK-ORIGINALEND:20260305T094500Z",
        )
        + "END:VCALENDAR\r\n"
    )
    return _written(said, calendar, "COUNTER", "quoted-printable")


def apple(said: Said) -> bytes:
    """As Apple's Calendar: the attendee in capitals where they were typed so, and what became of the request."""
    calendar = (
        "BEGIN:VCALENDAR\r\nCALSCALE:GREGORIAN\r\nMETHOD:REPLY\r\nPRODID:-//Apple Inc.//macOS 15.1//EN\r\n"
        "VERSION:2.0\r\n"
        + said.event(
            f'ATTENDEE;CN="Anna";CUTYPE=INDIVIDUAL;EMAIL="{said.by}";PARTSTAT={said.partstat}:MAILTO:{said.by.upper()}',
            "DTEND;TZID=Europe/Berlin:20260305T104500",
            "DTSTART;TZID=Europe/Berlin:20260305T100000",
            "LAST-MODIFIED:20260302T093000Z",
            'ORGANIZER;CN="Recruiter Example":mailto:tandem@localhost',
            "REQUEST-STATUS:2.0;Success",
            "TRANSP:OPAQUE",
        )
        + "END:VCALENDAR\r\n"
    )
    return _written(said, calendar, "REPLY", "quoted-printable")


MANNERS = {"gmail": gmail, "outlook": outlook, "apple": apple}


def _mail(said: Said, subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = f'"Somebody" <{said.by}>'
    mail["To"] = "tandem@localhost"
    mail["Subject"] = subject
    mail["Message-ID"] = f"<{said.partstat}.{said.stamp:%H%M%S}@mail.example>"
    return mail


def _written(said: Said, calendar: str, method: str, transfer: str) -> bytes:
    """A mail whose calendar is written out by hand, as the library would not."""
    raw = calendar.encode()
    body = encodebytes(raw) if transfer == "base64" else encodestring(raw)
    head = (
        f"From: Somebody <{said.by}>\r\nTo: <tandem@localhost>\r\nSubject: =?utf-8?Q?Angenommen?=\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="_000_"\r\n\r\n'
        '--_000_\r\nContent-Type: text/plain; charset="iso-8859-1"\r\n\r\n\r\n'
        f'--_000_\r\nContent-Type: text/calendar; charset="utf-8"; method={method}\r\n'
        f"Content-Transfer-Encoding: {transfer}\r\n\r\n"
    )
    return head.encode() + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n--_000_--\r\n"
