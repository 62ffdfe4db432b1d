"""Answers that come back by mail: read in each program's manner; what is hostile answers nothing, and soon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.calendar_replies import LARGEST_CALENDAR_BYTES, LARGEST_MAIL_BYTES, read_reply
from testing.calendar_mails import MANNERS, Said, apple, gmail, outlook, outlook_proposes
from testing.machine_pace import cpu_seconds

ANNA = "anna@applicants.example"
UID = "C-ANNA0001-I-1-candidate"


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize(
    ("partstat", "answer"), [("ACCEPTED", "accept"), ("DECLINED", "decline"), ("TENTATIVE", "tentative")]
)
def test_each_program_is_understood(manner: str, partstat: str, answer: str) -> None:
    reply = read_reply(MANNERS[manner](Said(UID, ANNA, partstat, sequence=2, comment="On a train\\, sorry")))

    assert reply is not None
    assert (reply.uid, reply.sequence, reply.answer) == (UID, 2, answer)
    assert (reply.attendee, reply.sender) == (ANNA, ANNA)
    assert (reply.times, reply.comment) == ((), "On a train, sorry")


def test_a_time_that_is_proposed_is_read_by_the_rules_of_its_zone() -> None:
    winter = read_reply(outlook_proposes(Said(UID, ANNA), "20260306T140000"))
    summer = read_reply(outlook_proposes(Said(UID, ANNA), "20260706T140000"))

    assert winter is not None
    assert summer is not None
    assert (winter.answer, winter.times) == ("propose", (datetime(2026, 3, 6, 13, tzinfo=UTC),))
    assert summer.times == (datetime(2026, 7, 6, 12, tzinfo=UTC),)


WELL = gmail(Said(UID, ANNA))
HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "no mail": b"\x00\xff" * 4_000,
    "an invitation, not an answer": WELL.replace(b"METHOD:REPLY", b"METHOD:REQUEST"),
    "two answers in one": WELL.replace(b"BEGIN:VEVENT", b"BEGIN:VEVENT\r\nEND:VEVENT\r\nBEGIN:VEVENT"),
    "an answer for two": WELL.replace(b"ORGANIZER;CN=", b"ATTENDEE:mailto:b@x.example\r\nORGANIZER;CN="),
    "from two people": WELL.replace(b'From: "Somebody"', b'From: b@x.example, "Somebody"'),
    "from nobody": WELL.replace(b"From:", b"X-From:"),
    "no attendee": WELL.replace(b"ATTENDEE", b"X-ATTENDEE"),
    "no uid": WELL.replace(b"UID:", b"X-UID:"),
    "an address that is none": WELL.replace(b"mailto:anna@", b"mailto:anna at "),
    "a sequence that is none": WELL.replace(b"SEQUENCE:0", b"SEQUENCE:many"),
    "a method of its own": WELL.replace(b"METHOD:REPLY", b"METHOD:ACCEPT-FOR-ALL"),
    "a proposal without a time": outlook_proposes(Said(UID, ANNA), "20260306T140000").replace(b"DTSTART", b"X-START"),
    "a proposal of a whole day": outlook_proposes(Said(UID, ANNA), "20260306T140000").replace(
        b"DTSTART;TZID=3DW. Europe Standard Time:20260306T140000", b"DTSTART;VALUE=3DDATE:20260306"
    ),
    "a calendar too large": gmail(Said(UID, ANNA, comment="x" * LARGEST_CALENDAR_BYTES)),
    "a mail too large": WELL + b" " * LARGEST_MAIL_BYTES,
    "parts within parts": b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(3_000)
    ),
    "a zone without end": outlook_proposes(Said(UID, ANNA), "20260306T140000").replace(
        b"W. Europe Standard Time", b"Nowhere"
    ).replace(b"BEGIN:VTIMEZONE", b"BEGIN:X-NOTHING").replace(b"END:VTIMEZONE", b"END:X-NOTHING"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_answer_of_one_person_answers_nothing(what: str) -> None:
    def work() -> None:
        assert read_reply(HOSTILE[what]) is None

    assert cpu_seconds(work, tries=1) < 5


def test_a_sender_who_is_not_the_attendee_is_told_apart() -> None:
    reply = read_reply(apple(Said(UID, ANNA)).replace(b"From: Somebody <anna@", b"From: Somebody <mallory@"))
    assert reply is not None
    assert (reply.sender, reply.attendee) == ("mallory@applicants.example", ANNA)


@given(st.sampled_from([gmail, outlook, apple]), st.data())
def test_no_damage_is_an_error(manner: Callable[[Said], bytes], data: st.DataObject) -> None:
    mail = bytearray(manner(Said(UID, ANNA)))
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(mail) - 1))
        mail[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=12))
    read_reply(bytes(mail))
