"""Meetings in people's calendars: put there, moved, and taken out again, by mail (RFC 5545, 5546 and 6047).

Everybody gets a mail of their own. Colleagues see each other as attendees; a candidate sees nobody but who invites
them, and has a UID of their own, so that not even a shared calendar server shows them more.

Programs differ in what they make of an invitation, and this is written so that none has to guess. Times are in UTC,
which needs no definition of a zone (Outlook fails on some that are right); the letter says them on the reader's clock.
The organizer is the address that the mail comes from, in the recruiter's name: answers come back to Tandem
(`mail.calendar_replies`), nobody is organizer and attendee at once, and no SENT-BY is needed, which Gmail shows as an
unknown organizer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import icalendar
from icalendar.enums import PARTSTAT, ROLE, STATUS, TRANSP
from temporalio.exceptions import ApplicationError

from activities import candidate_letters
from activities.letter_context import ContextReader, LetterContext
from activities.letter_writer import LetterWriter, mailbox, reader
from activities.letters import Letter
from activities.registry import carries
from activities.smtp_delivery import REFUSED, SmtpDelivery, attempt
from domain.core.ids import MeetingUid
from domain.core.personal_text import Sealed
from domain.entity.effects import Invite
from mail.addresses import on_the_wire
from mail.smtp import CalendarPart, Mailbox, OutgoingMail
from store.users import User
from workflows.contract import EffectOrder, EffectResult, entity_of

CANDIDATE = "candidate"
"""The key of the guest who is the candidate."""

PRODUCT = "-//Tandem//Tandem//EN"

MARKS = {"REQUEST": "Updated: ", "CANCEL": "Cancelled: "}
"""What the subject of a mail about a meeting that was announced before begins with."""


@dataclass(frozen=True)
class Guest:
    """Who gets an invitation, where they live, and whom else they see in it. `key` tells them from the others.

    `for_what` are the criteria they are to find out or, a candidate, are asked about.
    """

    key: str
    shelf: Literal["invitation/colleague", "invitation/candidate"]
    to: Mailbox
    zone: str
    uid: str
    attendees: tuple[Mailbox, ...]
    for_what: tuple[str, ...] = ()


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
            behind = await self._library.background(order, effect.matter, _about(effect))
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
        letter = self._letter(order, effect, behind, guest)
        alone = effect.model_copy(update={"people": ()})
        return await candidate_letters.by_hand(self._library, order, alone, behind, letter, why)

    def _letter(self, order: EffectOrder, effect: Invite, behind: LetterContext, guest: Guest) -> Letter:
        letter = self._writer.letter(
            guest.shelf,
            effect.matter,
            behind,
            guest.to,
            guest.zone,
            _about(effect),
            starts_at=effect.starts_at,
            minutes=effect.minutes,
            place=_opened(effect, order, self._library).said,
            with_whom=_with_whom(effect, behind, guest),
            for_what=guest.for_what,
        )
        announced = effect.sequence > 0 or effect.method == "CANCEL"
        return replace(letter, subject=(MARKS[effect.method] if announced else "") + letter.subject)

    async def _send(
        self, order: EffectOrder, effect: Invite, behind: LetterContext, guest: Guest, organizer: Mailbox
    ) -> None:
        letter = self._letter(order, effect, behind, guest)
        message = OutgoingMail(
            key=f"{order.id}/{guest.key}",
            at=order.decided_at,
            to=guest.to,
            subject=letter.subject,
            text=letter.text,
            signed=organizer,
            invitation=CalendarPart(
                effect.method,
                calendar_of(
                    order,
                    effect,
                    guest,
                    letter,
                    Mailbox(organizer.name, self._post.address),
                    _opened(effect, order, self._library),
                ),
            ),
        )
        await self._post.send(message)


def calendar_of(
    order: EffectOrder, effect: Invite, guest: Guest, letter: Letter, organizer: Mailbox, place: OpenedPlace
) -> bytes:
    """The guest's calendar file (RFC 5545): the same meeting again under a higher sequence, or its cancellation."""
    cancelled = effect.method == "CANCEL"
    event = icalendar.Event.new(
        uid=guest.uid,
        sequence=effect.sequence,
        stamp=order.decided_at,
        start=effect.starts_at,
        end=effect.starts_at + timedelta(minutes=effect.minutes),
        summary=letter.subject,
        description=letter.text,
        status=STATUS.CANCELLED if cancelled else STATUS.CONFIRMED,
        organizer=icalendar.vCalAddress.new(_as_sent(organizer.address), cn=organizer.name),
        attendees=[_attendee(one) for one in guest.attendees],
        location="; ".join(place.said) or None,
        url=place.link,
        conferences=place.conferences,
        transparency=TRANSP.OPAQUE,
    )
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", effect.method)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


@dataclass(frozen=True)
class OpenedPlace:
    """Where a meeting is as people and programs read it: in lines, and the link and the number by themselves."""

    said: tuple[str, ...] = ()
    link: str | None = None
    telephone: str | None = None

    @property
    def conferences(self) -> list[icalendar.Conference]:
        """How to join from elsewhere (RFC 7986); a number only where it can be dialled as it stands."""
        joined = []
        if self.link:
            joined.append(icalendar.Conference(self.link, feature=["VIDEO", "AUDIO"], label="Video call"))
        if self.telephone and (number := _DIALLED.fullmatch(re.sub(r"[\s().-]", "", self.telephone))):
            joined.append(icalendar.Conference(f"tel:{number[0]}", feature="PHONE", label="Telephone"))
        return joined


_DIALLED = re.compile(r"\+?\d{3,20}")


def _opened(effect: Invite, order: EffectOrder, library: ContextReader) -> OpenedPlace:
    where, context = effect.where, entity_of(order.stream)[1]
    if where is None:
        return OpenedPlace()

    def opened(words: str | Sealed) -> str:
        return library.opened(words, context)

    link, telephone = (opened(words) if words is not None else None for words in (where.link, where.telephone))
    return OpenedPlace(tuple(where.lines(opened)), link, telephone)


def _about(effect: Invite) -> dict[str, str | None]:
    """The ids that an invitation is about."""
    return {"candidate": effect.candidate, "interview": effect.meeting}


def _with_whom(effect: Invite, behind: LetterContext, guest: Guest) -> list[str]:
    """The names of the others: a candidate reads their interviewers', colleagues also the candidate's."""
    names = [behind.people[who].name for who in effect.people if who != guest.key and who in behind.people]
    meets = effect.candidate is not None and guest.key != CANDIDATE and behind.contact is not None
    return ([behind.contact.name] if meets and behind.contact else []) + names


def _as_sent(address: str) -> str:
    """An address as the mail server has it; one that is none stays, and is the mail server's to refuse."""
    try:
        return on_the_wire(address)
    except ValueError:
        return address


def _attendee(who: Mailbox) -> icalendar.vCalAddress:
    return icalendar.vCalAddress.new(
        _as_sent(who.address), cn=who.name, role=ROLE.REQ_PARTICIPANT, partstat=PARTSTAT.NEEDS_ACTION, rsvp=True
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
    interview = behind.candidate.interviews.get(effect.meeting) if behind.candidate else None
    assigned = {one.person: one.criteria for one in interview.interviewers} if interview else {}
    guests = [
        Guest(
            person_id, "invitation/colleague", mailbox(person), person.zone, effect.uid, attendees,
            assigned.get(person_id, ()),
        )
        for person_id, person in colleagues.items()
    ]  # fmt: skip
    if effect.candidate:
        try:
            contact = candidate_letters.candidate(behind)
        except ApplicationError as missing:
            return guests, failure or missing
        if contact:
            to = Mailbox(contact.name, contact.email or "")
            zone = effect.zone or candidate_letters.zone_of(behind, {})
            uid = str(MeetingUid.parse(effect.uid)._replace(apart=True))
            asked = tuple(dict.fromkeys(criterion for criteria in assigned.values() for criterion in criteria))
            guests.append(Guest(CANDIDATE, "invitation/candidate", to, zone, uid, (to,), asked))
    return guests, failure
