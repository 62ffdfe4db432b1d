"""What is looked up on the way in: what a decider may rely on, and under whose key a command's words are sealed.

A command says what it needs (`Command.looks_up`, `sealed_under`); here stands how each kind of look-up is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from api.access import Caller
from api.document_access import given_here
from api.services import Services
from api.unsealing import opened
from api.visibility import where_known
from domain.access.team import Actor
from domain.core.ids import mentioned
from domain.core.lookups import (
    AddressInUse,
    CandidatesAmong,
    GivenHere,
    HasAddress,
    InterviewSlot,
    KnownTags,
    LastRetro,
    Lookup,
    NewCandidateId,
    OfferElsewhere,
    OpenQuestions,
    OwnId,
    OwningAgency,
    OwnUser,
    PolicyInForce,
    ReceiptsOn,
    SamePerson,
    Subject,
    TransferTarget,
)
from domain.core.messages import Command, refuse
from domain.entity.call import Call, Facts
from domain.evidence.transcript import Transcript
from domain.time.calendars import Calendar
from mail.addresses import read_address
from mail.telephones import read_telephone
from store import command_lookups
from store.applicants import Contact
from store.documents import LoadedSources, NoSuchDocument
from workflows.contract import stream_of

L = TypeVar("L", bound=Lookup)


@dataclass(frozen=True)
class About:
    """Which entity a command is given to and by whom, and the id of the candidate it would begin."""

    entity: str
    id: str
    new_candidate: str
    by: Caller


Answer = Callable[[L, About, Services], Awaitable[dict[str, Any]]]
"""Answers a look-up: the facts it fills. Raises Rejection where what is asked about is not there."""

ANSWERS: dict[type[Lookup], Answer[Any]] = {}


def answers(kind: type[L]) -> Callable[[Answer[L]], Answer[L]]:
    """Marks what answers look-ups of this kind."""

    def register(answer: Answer[L]) -> Answer[L]:
        ANSWERS[kind] = answer
        return answer

    return register


@dataclass(frozen=True)
class CommandContext:
    """What was found out about one command: facts, the documents it quotes, whose key its words go under."""

    command: Command
    facts: Facts
    sources: LoadedSources
    key_id: str
    context: str

    def call(self, actor: Actor) -> Call:
        """The call as it would be made now."""
        return Call(actor, datetime.now(UTC), self.facts)


async def gather(command: Command, about: About, at: Services) -> CommandContext:
    """Looks up what `command` needs.

    Raises Rejection `unknown_reference` for people and documents there are not.
    """
    calendars, sources, key_id = await asyncio.gather(
        _calendars(command, at), _sources(command, at), _key(command.sealed_under(), about, at)
    )
    found: dict[str, Any] = {}
    for lookup in command.looks_up():
        found |= await ANSWERS[type(lookup)](lookup, about, at)
    return CommandContext(command, Facts(calendars=calendars).but(**found), sources, key_id, _context(command, about))


async def _calendars(command: Command, at: Services) -> dict[str, Calendar]:
    named = mentioned(command, "P-")
    if not named:
        return {}
    people = at.people
    if unknown := named - (await people.several(named)).keys():
        refuse("unknown_reference", f"Nobody is called {', '.join(sorted(unknown))}.", "The id of somebody here.")
    return await people.calendars(named)


async def _sources(command: Command, at: Services) -> LoadedSources:
    return await at.documents.sources(mentioned(command, "D-"))


async def _key(subject: Subject | None, about: About, at: Services) -> str:
    """Words about a candidate go under that applicant's key, others under the requisition's own."""
    if subject is not None and subject.kind == "applicant":
        return subject.id
    candidate = about.id if about.entity == "candidate" else None
    if subject is not None:
        offered = subject.kind == "offer"
        candidate = await command_lookups.offered(at.pool, about.id, subject.id) if offered else subject.id
    if candidate is None:
        return about.id
    applicant = await command_lookups.applicant_of(at.pool, candidate)
    if applicant is None:
        refuse("not_found", "There is no such candidate.", "The id of a candidate.")
    return applicant


def _context(command: Command, about: About) -> str:
    """For whom words are sealed: for the entity that takes them, or, as they travel with them, for an applicant."""
    subject = command.sealed_under()
    return subject.id if subject is not None and subject.kind == "applicant" else about.id


@answers(PolicyInForce)
async def _policy(asked: PolicyInForce, about: About, at: Services) -> dict[str, Any]:
    return {"policy": at.policy.current()}


@answers(OwnId)
async def _own_id(asked: OwnId, about: About, at: Services) -> dict[str, Any]:
    return {"new_id": about.id}


@answers(OwnUser)
async def _own_user(asked: OwnUser, about: About, at: Services) -> dict[str, Any]:
    if await at.people.get(about.id) is None:
        refuse("not_found", "There is no such user.", "An id the API gave out.")
    return {"new_id": about.id}


@answers(NewCandidateId)
async def _new_candidate(asked: NewCandidateId, about: About, at: Services) -> dict[str, Any]:
    return {"new_id": about.new_candidate}


@answers(LastRetro)
async def _last_retro(asked: LastRetro, about: About, at: Services) -> dict[str, Any]:
    return {"inherited": await command_lookups.inherited_changes(at.pool, asked.hiring_manager, asked.team)}


@answers(OwningAgency)
async def _owning_agency(asked: OwningAgency, about: About, at: Services) -> dict[str, Any]:
    claim = await command_lookups.agency_claim(at.pool, asked.applicant)
    if claim is None:
        return {"owned_by": None}
    kept = claim.agency
    name = kept if isinstance(kept, str) else await asyncio.to_thread(at.sealer.open_, kept, claim.human)
    return {"owned_by": None if name == asked.agency else claim.candidate}


@answers(InterviewSlot)
async def _interview_slot(asked: InterviewSlot, about: About, at: Services) -> dict[str, Any]:
    before = await command_lookups.booked(at.pool, about.id, asked.moved) if asked.moved else None
    people = set(asked.people or (before.people if before else ()))
    ends_at = asked.starts_at + timedelta(minutes=asked.minutes or (before.minutes if before else 0))
    busy, conflicted = await asyncio.gather(
        command_lookups.busy(at.pool, people, asked.starts_at, ends_at, (about.id, asked.moved)),
        _candidates_themselves(people, at, "id = $1", about.id),
    )
    return {"busy": tuple(sorted(busy)), "conflicted": conflicted}


@answers(CandidatesAmong)
async def _candidates_among(asked: CandidatesAmong, about: About, at: Services) -> dict[str, Any]:
    here = "id = $1" if about.entity == "candidate" else "requisition = $1"
    return {"conflicted": await _candidates_themselves(set(asked.people), at, here, about.id)}


async def _candidates_themselves(people: set[str], at: Services, which: str, value: str) -> tuple[str, ...]:
    """Those of `people` who are candidates here: they have the same mail address, or somebody of HR said so."""
    # nosemgrep: sql-from-values  # the two callers' own text
    rows = await at.pool.fetch(
        f"""
        SELECT h.mailbox, h.colleague FROM candidates c JOIN humans h ON h.id = c.human
            OR h.id IN (SELECT s.other FROM same_applicants s WHERE s.one = c.human) WHERE c.{which}
        """,
        value,
    )
    matches, linked = {row["mailbox"] for row in rows}, {row["colleague"] for row in rows}
    known = await at.people.several(people)
    if not rows:
        return ()
    of_them = await asyncio.to_thread(lambda: {p.id: at.addresses.known(p.email.lower()) for p in known.values()})
    return tuple(sorted(person for person, theirs in of_them.items() if person in linked or theirs & matches))


@answers(AddressInUse)
async def _address_in_use(asked: AddressInUse, about: About, at: Services) -> dict[str, Any]:
    for field, read, typed in (
        ("address", read_address, asked.address),
        ("telephone", read_telephone, asked.telephone),
    ):
        try:
            if typed is not None:
                read(typed)
        except ValueError as wrong:
            refuse("invalid", f"{wrong}.", "Write it as it stands on a letter or a card.", field)
    applicant = await command_lookups.applicant_of(at.pool, about.id)
    if asked.address is None or applicant is None:
        return {}
    hashes = await asyncio.to_thread(at.hashes_of, Contact(name="", email=read_address(asked.address)))
    for other in await at.applicants.who_have(hashes, apart_from=applicant):
        if (known := await where_known(other, about.by, at)) is not None:
            return {"address_taken": known}
    return {}


@answers(SamePerson)
async def _same_person(asked: SamePerson, about: About, at: Services) -> dict[str, Any]:
    return {"same_person": tuple(sorted(await at.applicants.same_as(asked.applicant) - {asked.applicant}))}


@answers(OfferElsewhere)
async def _offer_elsewhere(asked: OfferElsewhere, about: About, at: Services) -> dict[str, Any]:
    return {"offer_elsewhere": await command_lookups.offer_elsewhere(at.pool, asked.candidate, about.id)}


@answers(TransferTarget)
async def _transfer_target(asked: TransferTarget, about: About, at: Services) -> dict[str, Any]:
    target = await command_lookups.target(at.pool, asked.requisition, about.id)
    if target is None:
        refuse("unknown_reference", "There is no such requisition.", "The id of an open requisition.", "to_requisition")
    return {"target_closed": target.closed, "duplicate_in_target": target.has_them}


@answers(OpenQuestions)
async def _open_questions(asked: OpenQuestions, about: About, at: Services) -> dict[str, Any]:
    if await at.recordings.of(asked.document) is not None:
        return {"transcribes": at.settings.transcribes}
    try:
        text = await at.documents.text(asked.document)
    except NoSuchDocument:
        return {}
    return {"unnamed": text.unanswered if isinstance(text, Transcript) else ()}


@answers(GivenHere)
async def _given_here(asked: GivenHere, about: About, at: Services) -> dict[str, Any]:
    if not await given_here(asked.document, about.entity, about.id, at):
        refuse("unknown_reference", f"{asked.document} was not given for this.", "A document of this call.", "document")
    return {}


@answers(HasAddress)
async def _has_address(asked: HasAddress, about: About, at: Services) -> dict[str, Any]:
    applicant = await command_lookups.applicant_of(at.pool, about.id)
    contact = await at.applicants.contact(about.id, applicant) if applicant else None
    return {"has_address": bool(contact and contact.email)}


@answers(ReceiptsOn)
async def _receipts_on(asked: ReceiptsOn, about: About, at: Services) -> dict[str, Any]:
    return {"receipts": (await at.letter_templates.settings()).receipts}


@answers(KnownTags)
async def _known_tags(asked: KnownTags, about: About, at: Services) -> dict[str, Any]:
    view = await at.reads.candidate(about.id)
    there = await opened(view.tags, stream_of("candidate", about.id), at) if view else {}
    ids: dict[str, list[str]] = {}
    for id, tag in there.items():
        ids.setdefault(tag.casefold(), []).append(id)
    wanted = {tag.casefold(): n for n, tag in reversed(list(enumerate(asked.on)))}
    return {
        "tags_new": tuple(sorted(n for tag, n in wanted.items() if tag not in ids)),
        "tags_known": tuple(id for tag in dict.fromkeys(asked.off) for id in ids.get(tag.casefold(), ())),
    }
