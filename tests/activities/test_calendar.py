"""Invitations, from a real journal through a real SMTP server, read back as a mail client reads them."""

from __future__ import annotations

from collections.abc import Sequence

import icalendar
import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.registry import Activity
from domain.entity.effects import Invite
from local.mailbox import CaughtMail
from settings import Settings
from testing.journal_company import ANNA, APPLICANT_ANNA, interview_booked
from testing.people import INTERVIEWER, MANAGER, PARTNER, RECRUITER
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
    zones = {MANAGER: "America/New_York", RECRUITER: "Europe/Berlin", PARTNER: "Europe/Berlin"}
    for person, zone in zones.items():
        message = caught.one(address(person))
        event = event_of(message)
        assert {str(attendee) for attendee in event["ATTENDEE"]} == {f"mailto:{address(p)}" for p in zones}
        assert event["DTSTART"].params["TZID"] == zone
        assert event.decoded("DTSTART") == intake.effect.starts_at
        assert f"BEGIN:VTIMEZONE\nTZID:{zone}" in message.invitations[0].text.replace("\r\n", "\n")
        assert message.attachments == ("invite.ics",)
        organizer = event["ORGANIZER"]
        assert (str(organizer), organizer.params["CN"]) == (f"mailto:{address(RECRUITER)}", NAMES[RECRUITER])
        answers = {str(a): a.params["PARTSTAT"] for a in event["ATTENDEE"]}
        assert answers[f"mailto:{address(RECRUITER)}"] == "ACCEPTED"
        assert answers[f"mailto:{address(MANAGER)}"] == "NEEDS-ACTION"


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
