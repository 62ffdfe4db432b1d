"""Meetings in people's calendars: put there, moved, and taken out again, by mail (RFC 5545, 5546 and 6047).

Everybody gets a mail of their own, in their own time zone. Colleagues see each other as attendees; a candidate sees
nobody but who invites them, and has a UID of their own, so that not even a shared calendar server shows them more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import icalendar
from icalendar.enums import PARTSTAT, ROLE, STATUS
from temporalio.exceptions import ApplicationError

from activities import candidate_letters
from activities.letter_context import ContextReader, LetterContext
from activities.letter_writer import LetterWriter, mailbox, reader
from activities.letters import Letter
from activities.registry import carries
from activities.smtp_delivery import REFUSED, SmtpDelivery, attempt
from domain.entity.effects import Invite
from mail.addresses import on_the_wire
from mail.smtp import CalendarPart, Mailbox, OutgoingMail
from store.users import User
from workflows.contract import EffectOrder, EffectResult

CANDIDATE = "candidate"
"""The key of the guest who is the candidate."""

PRODUCT = "-//Tandem//Tandem//EN"

MARKS = {"REQUEST": "Updated: ", "CANCEL": "Cancelled: "}
"""What the subject of a mail about a meeting that was announced before begins with."""


@dataclass(frozen=True)
class Guest:
    """Who gets an invitation, where they live, and whom else they see in it. `key` tells them from the others."""

    key: str
    shelf: Literal["invitation/colleague", "invitation/candidate"]
    to: Mailbox
    zone: str
    uid: str
    attendees: tuple[Mailbox, ...]


class Invitations:
    """The activity `invite`."""

    def __init__(self, library: ContextReader, writer: LetterWriter, post: SmtpDelivery) -> None:
        self._library, self._writer, self._post = library, writer, post

    @carries(Invite)
    async def invite(self, order: EffectOrder, effect: Invite) -> EffectResult:
        """Sends each attendee their invitation, its update or its cancellation, once.

        One who cannot be reached does not keep the others from theirs; that failure is raised at the end.
        """
        failure: ApplicationError | None = None
        async with attempt():
            about = {"candidate": effect.candidate} if effect.candidate else {}
            behind = await self._library.background(order, effect.matter, about)
            known = await self._library.people.several({*effect.people, effect.organizer})
            organizer = mailbox(reader(known, effect.organizer))
            guests, failure = _guests(effect, behind, known)
            told: EffectResult | None = None
            for guest in guests:
                try:
                    if guest.to.address:
                        await self._send(order, effect, behind, guest, organizer)
                    else:
                        told = await self._by_hand(order, effect, behind, guest, candidate_letters.NO_ADDRESS)
                except ApplicationError as refused:
                    if guest.key == CANDIDATE and refused.type == REFUSED:
                        told = await self._by_hand(order, effect, behind, guest, REFUSED)
                    else:
                        failure = failure or refused
            if failure is not None:
                raise failure
        return told or EffectResult(note=f"{len(guests)} told")

    async def _by_hand(
        self, order: EffectOrder, effect: Invite, behind: LetterContext, guest: Guest, why: str
    ) -> EffectResult:
        """The candidate's own invitation, for a person to read from; another try is theirs alone."""
        letter = self._letter(effect, behind, guest)
        alone = effect.model_copy(update={"people": ()})
        return await candidate_letters.by_hand(self._library, order, alone, behind, letter, why)

    def _letter(self, effect: Invite, behind: LetterContext, guest: Guest) -> Letter:
        letter = self._writer.letter(
            guest.shelf,
            effect.matter,
            behind,
            guest.to,
            guest.zone,
            {"candidate": effect.candidate} if effect.candidate else {},
            starts_at=effect.starts_at,
            minutes=effect.minutes,
            attending=effect.people,
        )
        announced = effect.sequence > 0 or effect.method == "CANCEL"
        return replace(letter, subject=(MARKS[effect.method] if announced else "") + letter.subject)

    async def _send(
        self, order: EffectOrder, effect: Invite, behind: LetterContext, guest: Guest, organizer: Mailbox
    ) -> None:
        letter = self._letter(effect, behind, guest)
        message = OutgoingMail(
            key=f"{order.id}/{guest.key}",
            at=order.decided_at,
            to=guest.to,
            subject=letter.subject,
            text=letter.text,
            signed=organizer,
            invitation=CalendarPart(
                effect.method, calendar_of(order, effect, guest, letter, organizer, self._post.address)
            ),
        )
        await self._post.send(message)


def calendar_of(
    order: EffectOrder, effect: Invite, guest: Guest, letter: Letter, organizer: Mailbox, sender: str
) -> bytes:
    """The guest's calendar file (RFC 5545): the same meeting again under a higher sequence, or its cancellation."""
    cancelled = effect.method == "CANCEL"
    starts = effect.starts_at.astimezone(ZoneInfo(guest.zone) if guest.zone != "UTC" else UTC)
    event = icalendar.Event.new(
        uid=guest.uid,
        sequence=effect.sequence,
        stamp=order.decided_at,
        start=starts,
        end=starts + timedelta(minutes=effect.minutes),
        summary=letter.subject,
        description=letter.text,
        status=STATUS.CANCELLED if cancelled else STATUS.CONFIRMED,
        organizer=icalendar.vCalAddress.new(_as_sent(organizer.address), cn=organizer.name, sent_by=f"mailto:{sender}"),
        attendees=[_attendee(one, one == organizer) for one in guest.attendees],
    )
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", effect.method)
    calendar.add_component(event)
    calendar.add_missing_timezones(date(starts.year, 1, 1), date(starts.year + 1, 12, 31))
    return bytes(calendar.to_ical())


def _as_sent(address: str) -> str:
    """An address as the mail server has it; one that is none stays, and is the mail server's to refuse."""
    try:
        return on_the_wire(address)
    except ValueError:
        return address


def _attendee(who: Mailbox, organizes: bool) -> icalendar.vCalAddress:
    return icalendar.vCalAddress.new(
        _as_sent(who.address),
        cn=who.name,
        role=ROLE.REQ_PARTICIPANT,
        partstat=PARTSTAT.ACCEPTED if organizes else PARTSTAT.NEEDS_ACTION,
        rsvp=not organizes,
    )


def _guests(
    effect: Invite, behind: LetterContext, known: dict[str, User]
) -> tuple[list[Guest], ApplicationError | None]:
    """Who can be told, and why somebody cannot, if so."""
    failure: ApplicationError | None = None
    colleagues: dict[str, User] = {}
    for person in effect.people:
        try:
            colleagues[person] = reader(known, person)
        except ApplicationError as missing:
            failure = failure or missing
    attendees = tuple(mailbox(person) for person in colleagues.values())
    guests = [
        Guest(person_id, "invitation/colleague", mailbox(person), person.zone, effect.uid, attendees)
        for person_id, person in colleagues.items()
    ]
    if effect.candidate:
        try:
            contact = candidate_letters.candidate(behind)
        except ApplicationError as missing:
            return guests, failure or missing
        if contact:
            to = Mailbox(contact.name, contact.email or "")
            zone = effect.zone or candidate_letters.zone_of(behind, {})
            guests.append(
                Guest(CANDIDATE, "invitation/candidate", to, zone, f"{effect.uid}-candidate", attendees=(to,))
            )
    return guests, failure
