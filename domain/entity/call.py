"""A call: who gives a command, when, and what was looked up for it on the way in."""

from __future__ import annotations

from datetime import datetime

from domain.access.team import Actor
from domain.core.messages import SparseValue
from domain.evidence.retro_changes import InheritedChange
from domain.sla.policy import KnownPolicy
from domain.time.calendars import KnownCalendar


class Facts(SparseValue):
    """What the API looked up on the way in and the decider may rely on; kept in history with the command.

    `calendars` of everybody the command names, the `policy` for something new, the people who are `busy` at the time
    asked for, the candidacy for which another agency brought a human in (`owned_by`), and the wording rules that were
    stood by (`flags`). `new_id` is the id of what the command begins. Of the requisition somebody is transferred to:
    whether it is over, and whether they are in it already. `inherited` is what earlier retros said to change, for a
    requisition that is opened; `offer_elsewhere` the other requisition in which the candidate has a standing offer.
    `unnamed` are the speakers of the transcript at hand, by their numbers, of whom nobody said yet who they are;
    `transcribes` says of a recording at hand whether there is a model that transcribes it, and is None of all else.
    `address_taken` is where the caller knows another applicant of the same mail address; `same_person` are the
    applicants who were merged with the one who is named. `has_address` says whether mail reaches the candidate, and
    `receipts` whether applicants are told that their application arrived; None and False of what was not looked up.
    `tags_new` are the numbers of those tags of the command that are not there yet, `tags_known` the ids of those that
    are to go.
    """

    calendars: dict[str, KnownCalendar] = {}
    policy: KnownPolicy | None = None
    busy: tuple[str, ...] = ()
    conflicted: tuple[str, ...] = ()
    owned_by: str | None = None
    flags: tuple[str, ...] = ()
    new_id: str | None = None
    target_closed: bool = False
    duplicate_in_target: bool = False
    inherited: tuple[InheritedChange, ...] = ()
    offer_elsewhere: str | None = None
    unnamed: tuple[int, ...] = ()
    address_taken: str | None = None
    same_person: tuple[str, ...] = ()
    transcribes: bool | None = None
    has_address: bool | None = None
    receipts: bool = False
    tags_new: tuple[int, ...] = ()
    tags_known: tuple[str, ...] = ()


NO_FACTS = Facts()


class Call:
    """Who asks, when (UTC), and what was looked up for them on the way in."""

    __slots__ = ("actor", "facts", "now")

    def __init__(self, actor: Actor, now: datetime, facts: Facts) -> None:
        self.actor, self.now, self.facts = actor, now, facts
