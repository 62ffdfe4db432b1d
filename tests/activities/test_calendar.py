"""Invitations, from a real journal through a real SMTP server, read back as a mail client reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from email.utils import parseaddr

import icalendar
import pytest
import vobject
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.registry import Activity
from domain.entity.effects import Invite
from local.mailbox import CaughtMail
from settings import Settings
from testing.journal_company import ANNA, APPLICANT_ANNA, interview_booked
from testing.people import INTERVIEWER, MANAGER, PARTNER, RECRUITER
from testing.places import LINK
from tests.activities.conftest import Caught
from tests.activities.letter_fixtures import (
    CONTACTS,
    NAMES,
    Office,
    address,
    anna_advanced,
    interview_cancelled,
    interview_invitations,
    interview_moved,
    up_to_the_slate,
)
from workflows.contract import EffectOrder, EffectResult

ANNAS = CONTACTS[APPLICANT_ANNA].email


@pytest.fixture
def invitations(office: Office, at_the_office: Settings, client: Client) -> Activity:
    return office.activities(at_the_office, client)[Invite]


async def send(invitations: Activity, orders: Sequence[EffectOrder]) -> list[EffectResult]:
    return [await ActivityEnvironment().run(invitations, order) for order in orders]


def event_of(message: CaughtMail) -> icalendar.Event:
    (invitation,) = message.invitations
    (event,) = icalendar.Calendar.from_ical(invitation.text).walk("VEVENT")
    return event


async def test_a_meeting_is_announced_moved_and_taken_out_under_one_uid(
    invitations: Activity, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked, interview_moved, interview_cancelled)
    orders = interview_invitations(office)

    await send(invitations, orders)

    for who in (address(INTERVIEWER), ANNAS):
        messages = caught.all(who)
        assert [message.invitations[0].method for message in messages] == ["REQUEST", "REQUEST", "CANCEL"]
        events = [event_of(message) for message in messages]
        assert len({event["UID"] for event in events}) == 1
        assert [int(event["SEQUENCE"]) for event in events] == [0, 1, 2]
        assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
        assert [event.decoded("DTSTAMP") for event in events] == [order.decided_at for order in orders]
        starts = [order.effect.starts_at for order in orders if isinstance(order.effect, Invite)]
        assert [event.decoded("DTSTART") for event in events] == starts
        assert [message.subject.partition(":")[0] for message in messages] == ["Interview", "Updated", "Cancelled"]


async def test_each_is_invited_once_whatever_is_tried_again(
    invitations: Activity, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    orders = office.orders(Invite)

    for _ in range(2):
        await send(invitations, orders)

    invited = sum(
        len(o.effect.people) + (o.effect.candidate is not None) for o in orders if isinstance(o.effect, Invite)
    )
    assert len(caught.all()) == invited


async def test_colleagues_see_each_other_each_in_their_own_zone(
    invitations: Activity, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate)
    (intake,) = office.orders(Invite)

    await send(invitations, [intake])

    assert isinstance(intake.effect, Invite)
    zones = {MANAGER: "America/New York", RECRUITER: "Europe/Berlin", PARTNER: "Europe/Berlin"}
    for person, zone in zones.items():
        message = caught.one(address(person))
        event = event_of(message)
        assert {str(attendee) for attendee in event["ATTENDEE"]} == {f"mailto:{address(p)}" for p in zones}
        assert {attendee.params["PARTSTAT"] for attendee in event["ATTENDEE"]} == {"NEEDS-ACTION"}
        assert f"({zone})" in message.text, "the letter says it on the reader's clock"
        assert event.decoded("DTSTART") == intake.effect.starts_at
        assert message.attachments == ("invite.ics",)


async def test_an_invitation_gives_no_program_anything_to_stumble_over(
    invitations: Activity, office: Office, caught: Caught, at_the_office: Settings
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked, interview_moved, interview_cancelled)

    await send(invitations, office.orders(Invite))

    sender = parseaddr(at_the_office.mail_from)[1]
    for message in caught.all():
        (part,) = message.invitations
        wire = part.text.replace("\r\n", "\n").replace("\n", "\r\n")
        # Another implementation than the one that wrote it: it checks each property and how often it stands there.
        calendar = vobject.readOne(wire, validate=True)
        event = calendar.vevent
        assert calendar.method.value == part.method
        assert (event.dtstart.value.utcoffset(), "VTIMEZONE" in wire, "TZID" in wire) == (timedelta(), False, False)
        assert event.dtend.value > event.dtstart.value
        assert max(len(line.encode()) for line in wire.split("\r\n")) <= 75
        organizer = event.organizer
        assert (organizer.value, organizer.params["CN"]) == (f"mailto:{sender}", [NAMES[RECRUITER]])
        assert "SENT-BY" not in organizer.params, "the mail comes from the organizer's own address"
        assert organizer.value not in {attendee.value for attendee in event.contents["attendee"]}
        assert parseaddr(message.sender)[1] == sender


async def test_everybody_reads_where_it_is_and_programs_can_join(
    invitations: Activity, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)

    await send(invitations, interview_invitations(office))

    for who in (ANNAS, address(INTERVIEWER)):
        message = caught.one(who)
        event = event_of(message)
        assert f"Where: {LINK}" in message.text
        assert (str(event["LOCATION"]), str(event["URL"]), str(event["CONFERENCE"])) == (LINK, LINK, LINK)
        assert event["CONFERENCE"].params["VALUE"] == "URI"
        assert "Round: 1 of 1" in message.text
    assert "We talk about:" in caught.one(ANNAS).text
    assert "Yours to find out:" in caught.one(address(INTERVIEWER)).text
    assert f"With: {NAMES[INTERVIEWER]}" in caught.one(ANNAS).text
    assert "With: Anna Sjöberg" in caught.one(address(INTERVIEWER)).text


async def test_what_was_booked_before_anybody_was_asked_where_still_goes_out(
    invitations: Activity, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    [order] = interview_invitations(office)

    await send(invitations, [order.but(payload={**order.payload, "where": None})])

    assert f"Where: not said yet; {NAMES[RECRUITER]}" in caught.one(ANNAS).text
    assert "LOCATION" not in event_of(caught.one(ANNAS))


async def test_a_candidate_sees_nobodys_address_and_none_of_our_notes(
    invitations: Activity, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)

    await send(invitations, interview_invitations(office))

    hers, ours = caught.one(ANNAS), caught.one(address(INTERVIEWER))
    assert str(event_of(hers)["ATTENDEE"]) == f"mailto:{ANNAS}"
    assert event_of(hers)["UID"] != event_of(ours)["UID"]
    everything = hers.text + hers.invitations[0].text.replace("\r\n ", "")
    for private in (address(INTERVIEWER), "scorecard", "card", "kit", ANNA, "https://tandem.example"):
        assert private not in everything.replace(str(event_of(hers)["UID"]), "")
    assert "Examples from your own work" in str(event_of(hers)["DESCRIPTION"])
    assert NAMES[INTERVIEWER] in hers.text


async def test_one_who_cannot_be_reached_keeps_nobody_else_from_their_invitation(
    invitations: Activity, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate)
    await office.pool.execute("UPDATE people SET active = false WHERE id = $1", MANAGER)

    for _ in range(2):
        with pytest.raises(ApplicationError) as failed:
            await send(invitations, office.orders(Invite))
        assert (failed.value.type, failed.value.non_retryable) == ("nobody_there", True)

    assert len(caught.one(address(RECRUITER)).invitations) == 1
    assert caught.all(address(MANAGER)) == []
