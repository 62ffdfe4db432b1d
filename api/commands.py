"""Every command as an endpoint, made from the registry: who is it, is the text fit, seal what is personal, hand on."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from weakref import WeakValueDictionary

import structlog
from fastapi import APIRouter, Depends, Header, Path, Response
from temporalio.client import WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from api.access import Caller, by_command, caller
from api.command_context import About, CommandContext, gather
from api.command_sealing import has_sealed, sealed
from api.document_access import may_quote
from api.drafts import measure
from api.payload_limits import LARGEST, within_bounds
from api.problems import RESPONSES, AlsoWrong, Denied, Refused, unavailable
from api.services import Services, services
from api.visibility import known_as, own_candidacies, seen_candidate, seen_requisition, the_candidate_themselves
from domain.access.permissions import Permission
from domain.core.ids import CandidateId, RequisitionId, mentioned
from domain.core.lookups import NewCandidateId
from domain.core.messages import ALWAYS_POSSIBLE, Command, Rejection
from domain.core.personal_text import as_text
from domain.entity.call import NO_FACTS, Call
from domain.registry import COMMANDS, DECIDERS
from privacy.keys import KeyDestroyed
from store.audit import Kind
from store.command_lookups import stream_standing
from store.database import DATABASE_ERRORS
from store.held_commands import ReadyToGive
from workflows.client import give
from workflows.contract import OTHER_BUILD, Envelope, Receipt, entity_of, stream_of, update_id

PATIENCE = 10.0
"""Seconds an answer may take before the caller is told to ask again."""

AT_ONCE = 8
"""Updates under way to one entity; the server takes ten, and its back-off beyond that is felt."""

PLURAL = {"requisition": "requisitions", "candidate": "candidates", "person": "people"}

LETTERS = {"requisition": "R", "candidate": "C", "person": "P"}
"""How the ids of each kind of entity begin."""

UserOrMe = Annotated[str, Path(pattern=r"^(me|P-[0-9A-Z]{6,26})$", description="`me`, or a user's id.")]

_AUDITED_AS = {"requisition": Kind.REQUISITION, "candidate": Kind.CANDIDATE, "person": Kind.USER}

IDS = {
    "requisition": RequisitionId,
    "candidate": CandidateId,
    "person": UserOrMe,
}

IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=100, description="The same key and body again gives the same receipt, once done."),
]
ExpectedVersion = Annotated[
    int | None,
    Header(alias="Expected-Version", ge=0, le=LARGEST, description="Refuse if the entity is not at this version."),
]

log = structlog.get_logger("api")
_rooms: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()


def known_key(key: str | None, at: Services) -> str:
    """What is kept of an Idempotency-Key: a keyed hash, as callers write names into them; without one, chance.

    Refuses what is no line of text.
    """
    if key is None:
        return secrets.token_urlsafe(16)
    if not key.isprintable():
        raise Refused(422, "invalid", "An Idempotency-Key is one line of text.", "A key without control characters.")
    return at.matcher.match(f"key\n{key}")


def derived_id(prefix: str, *parts: str) -> str:
    """An id that the same request always gets: `R-` and twelve characters of the hash of who asked with which key.

    Of a key, what is kept of it (`known_key`): an id must not tell whoever guesses a key that it was this one.
    """
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return f"{prefix}-{base64.b32encode(digest).decode()[:12]}"


async def submit(
    stream: str, command: Command, by: Caller, at: Services, key: str | None = None, expected: int | None = None
) -> Receipt:
    """Takes a command to its entity and brings its receipt back. Raises Refused with whatever the entity answered.

    What has to be looked up, whose key seals and whether an entity begins, the command's class says. What somebody may
    not do is put on record as what they may not read is.
    """
    with _on_record(stream, command):
        return await _given(await _prepared(stream, command, by, at, key, expected), at)


async def hold(
    stream: str, command: Command, by: Caller, at: Services, key: str, place: str, typed: Mapping[str, Sequence[str]]
) -> None:
    """Holds a command for `undo_seconds`, in which it may be taken back; a worker gives it then. Raises Refused.

    It is refused at once where the entity, as the journal has it, would refuse it. `typed` is the form at `place`,
    which is shown again if it is taken back.
    """
    with _on_record(stream, command):
        ready = await _prepared(stream, command, by, at, key, None)
        entity, _ = entity_of(stream)
        try:
            state = await at.states.at(stream)
            DECIDERS[entity].perform(state, ready.known.command, ready.known.call(by.actor))
            words = json.dumps({name: list(said) for name, said in typed.items() if not name.startswith("_")})
            kept = await asyncio.to_thread(at.sealer.seal, ready.known.key_id, words, ready.known.context)
        except Rejection as refusal:
            raise _rejected(command, refusal) from None
        except KeyDestroyed:
            raise _erased(command) from None
        envelope = ready.envelope.model_dump(mode="json")
        held = ReadyToGive(stream, command.name, ready.body, envelope, ready.update_id)
        await at.held_commands.hold(by.actor.id, held, place, as_text(kept), at.settings.undo_seconds)
    log.info("held")


@contextmanager
def _on_record(stream: str, command: Command) -> Iterator[None]:
    try:
        yield
    except Refused as refusal:
        if refusal.problem.code == "not_permitted" and refusal.denied is None:
            entity, entity_id = entity_of(stream)
            refusal.denied = Denied(_AUDITED_AS[entity], entity_id, f"command.{command.name.replace('_', '-')}")
        raise


@dataclass(frozen=True)
class _Prepared:
    """A command that may go to its entity: its body with what is personal sealed, and the id under which it counts."""

    stream: str
    command: Command
    known: CommandContext
    body: dict[str, Any]
    envelope: Envelope
    update_id: str
    matches: frozenset[str]
    """The fingerprints of what was asked: one of them is that of the body that was taken, if it was this one."""


async def _prepared(
    stream: str, command: Command, by: Caller, at: Services, key: str | None, expected: int | None
) -> _Prepared:
    if has_sealed(command):
        raise Refused(422, "invalid", "Words are sent as they are; sealing them is done here.", "A string.")
    entity, entity_id = entity_of(stream)
    structlog.contextvars.bind_contextvars(workflow=stream, command=command.name, **{entity: entity_id})
    kept = known_key(key, at)
    asked = f"{command.name}\n{command.model_dump_json()}"
    try:
        about = About(entity, entity_id, derived_id("C", stream, by.actor.id, kept), by)
        await _within_reach(entity, entity_id, by, at)
        await _not_about_themselves(command, entity_id, by, at)
        known_in = await _may_name(command, entity, entity_id, by, at)
        known = await gather(command, about, at)
        # Some quotes, each sought in a whole document, take tens of milliseconds. A thread lets others be answered
        # meanwhile; it is Python that runs there, holding the interpreter in turns, so what protects them is that the
        # search takes linear time (`domain.core.source_text`).
        command = await asyncio.to_thread(known.command.grounded, known.sources)
        if command.begins == "itself":
            _would_begin(command, entity, by, known)
        inside, fingerprint = await asyncio.to_thread(_sealed, at, known, command, asked)
        body = inside.model_dump(mode="json")
    except Rejection as refusal:
        raise _rejected(command, await _not_theirs(command, stream, by, at) or refusal) from None
    except KeyDestroyed:
        raise _erased(command) from None
    await _keep_ties(command, about, known_in, by, at)
    envelope = Envelope(actor=by.actor, fingerprint=fingerprint, expected_version=expected, facts=known.facts)
    matches = frozenset({fingerprint, at.matcher.match(asked)})  # the latter is 0.3.0's
    return _Prepared(stream, command, known, body, envelope, update_id(by.actor.id, command.name, kept), matches)


async def _given(ready: _Prepared, at: Services) -> Receipt:
    stream, command = ready.stream, ready.command
    entity, entity_id = entity_of(stream)
    stands = await stream_standing(at.pool, stream)
    if stands.contradicted:
        raise _with_the_operator(stream)
    # An entity that the engine lost is not begun anew over what it was: it waits for the operator too.
    starts = command.begins != "never" and not stands.journalled
    try:
        async with asyncio.timeout(PATIENCE), _rooms.setdefault(stream, asyncio.Semaphore(AT_ONCE)):
            receipt = await give(
                at.temporal, at.signing, stream, command.name, ready.body, ready.envelope, ready.update_id, starts
            )
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
        raise unavailable("The engine") from None
    except WorkflowUpdateFailedError as failed:
        raise _answered(command, failed) from None
    except (WorkflowAlreadyStartedError, RPCError) as error:
        if isinstance(error, RPCError) and error.status != RPCStatusCode.NOT_FOUND:
            raise unavailable("The engine") from None
        if stands.journalled and not stands.over:
            raise _with_the_operator(stream) from None
        raise await _nobody_there(command, entity, entity_id, at) from None
    if receipt.fingerprint not in ready.matches:
        raise _refused(
            command, "key_reused", "This Idempotency-Key was used for something else.", "A new key for a new request."
        )
    # So that whoever reads next sees what they did. Late is no error: it is taken, and the journal will have it.
    # Nor is a database that goes away meanwhile.
    with suppress(*DATABASE_ERRORS):
        written = await at.reads.wait_for_version(stream, receipt.version)
        if not written and (await stream_standing(at.pool, stream)).contradicted:
            raise _with_the_operator(stream)
    if command.draft_job is not None:  # how far people went from it is reckoned once they are taken
        await measure(stream, at)
    log.info("taken", version=receipt.version)
    return receipt.but(begun=ready.known.facts.new_id)


async def _not_theirs(command: Command, stream: str, by: Caller, at: Services) -> Rejection | None:
    """That a command is not the caller's to give, which they are told before what is wrong with its words."""
    if command.begins == "itself":
        return None
    entity, _ = entity_of(stream)
    call = Call(by.actor, datetime.now(UTC), NO_FACTS)
    [said] = DECIDERS[entity].available(await at.states.at(stream), call, only={type(command)})
    if said.missing is None or said.missing.code != "not_permitted":
        return None
    return Rejection(said.missing.code, said.missing.sentence, said.missing.accepted)


async def _within_reach(entity: str, entity_id: str, by: Caller, at: Services) -> None:
    """Refuses systems and candidates whatever lies outside the requisitions, or the candidacy, their token is for."""
    if by.actor.kind == "person" or entity_id in by.reach:
        return
    if entity == "candidate" and by.actor.kind == "system":
        found = await at.reads.candidate(entity_id)
        if found is not None and found.requisition in by.reach:
            return
    raise Refused(
        403,
        "not_permitted",
        "This token was not given for that.",
        "A token that an administrator gave for this requisition, or the candidate's own link.",
    )


async def _not_about_themselves(command: Command, entity_id: str, by: Caller, at: Services) -> None:
    """Refuses a colleague whatever is about their own candidacy, whichever part they have in its requisition."""
    if own := {entity_id, *mentioned(command, "C-")} & await own_candidacies(by, at):
        raise the_candidate_themselves(min(own), f"command.{command.name.replace('_', '-')}")


async def _may_name(command: Command, entity: str, entity_id: str, by: Caller, at: Services) -> dict[str, str | None]:
    """Refuses documents and applicants that are not the caller's to name: by an id alone nobody gains anything.

    Returns of each applicant that is named the candidacy in which the caller knows them, if not by their own word.
    """
    documents, applicants = mentioned(command, "D-"), mentioned(command, "H-")
    if documents and by.actor.kind == "person":
        if entity == "candidate":
            await seen_candidate(entity_id, by, at)
        else:
            await seen_requisition(entity_id, by, at, Permission.REQUISITION_TIMELINE)
    await may_quote(documents, by, at)
    if applicants and by.actor.kind == "person":
        await seen_requisition(entity_id, by, at, Permission.REQUISITION_APPLICATIONS)
    return {applicant: await known_as(applicant, by, at, "person") for applicant in sorted(applicants)}


async def _keep_ties(
    command: Command, about: About, known_in: Mapping[str, str | None], by: Caller, at: Services
) -> None:
    """Keeps on whose word a candidacy rests that is about to begin, and which documents are given for it.

    Of a command that is refused rows are left that nobody reads.
    """
    begins = any(isinstance(lookup, NewCandidateId) for lookup in command.looks_up())
    if begins and about.entity == "candidate":
        await at.applicants.moves(about.id, about.new_candidate)
    elif begins:
        for applicant, candidacy in known_in.items():
            if candidacy is None:
                await at.applicants.becomes(about.new_candidate, applicant, by.actor.id)
            else:
                await at.applicants.moves(candidacy, about.new_candidate)
    if (documents := mentioned(command, "D-")) and (begins or about.entity == "candidate"):
        await at.documents.tie(documents, about.new_candidate if begins else about.id, by.actor.id)


def _would_begin(command: Command, entity: str, by: Caller, known: CommandContext) -> None:
    """Asks the decider before there is an entity, so that a refused beginning leaves nothing behind."""
    decider = DECIDERS[entity]
    decider.perform(decider.initial, command, known.call(by.actor))


def _sealed(at: Services, known: CommandContext, command: Command, asked: str) -> tuple[Command, str]:
    """The command with its words sealed, and what tells it from another of the same key: not beyond that key's life."""
    inside: Command = sealed(command, lambda words: at.sealer.seal(known.key_id, words, known.context))
    if has_sealed(inside):
        return inside, at.sealer.fingerprint(known.key_id, asked.encode(), "command")
    return inside, at.matcher.match(asked)


def _rejected(command: Command, refusal: Rejection) -> Refused:
    also = [AlsoWrong(detail=one.sentence, accepted=one.accepted, field=one.field) for one in refusal.also]
    return _refused(command, refusal.code, refusal.sentence, refusal.accepted, refusal.field, also)


def _refused(
    command: Command,
    code: str,
    sentence: str,
    accepted: str | None = None,
    field: str | None = None,
    also: Iterable[AlsoWrong] = (),
) -> Refused:
    log.info("refused", code=code)
    return Refused(command.refusals.get(code, 409), code, sentence, accepted, field, also=also)


def _answered(command: Command, failed: WorkflowUpdateFailedError) -> Refused:
    cause = failed.cause
    if not isinstance(cause, ApplicationError) or cause.type is None or not cause.details:
        log.error("bug", kind=getattr(cause, "message", None))
        return Refused(500, "internal", "Something went wrong on our side; nothing was changed.")
    said: dict[str, Any] = cause.details[0]
    if cause.type == OTHER_BUILD:
        log.warning("other build")
        return unavailable("The build that runs this")
    also = [
        AlsoWrong(detail=one["sentence"], accepted=one["accepted"], field=one["field"]) for one in said.get("also", ())
    ]
    return _refused(command, cause.type, said["sentence"], said["accepted"], said["field"], also)


def _with_the_operator(stream: str) -> Refused:
    """503 where journal and engine do not agree about an entity: nothing is acknowledged until the operator has put
    that right (`tandem revive`). What was taken all the same is taken once: the same key then gets its receipt."""
    log.error("journal and engine do not agree", stream=stream)
    return Refused(
        503,
        "unavailable",
        "What was done here before is being restored; this was not acknowledged.",
        "The same request, with the same Idempotency-Key, once your operator has put that right.",
        headers={"Retry-After": "60"},
    )


async def _nobody_there(command: Command, entity: str, entity_id: str, at: Services) -> Refused:
    """Why nothing is there to take a command: an erased candidate's life is over, and others there never were."""
    if entity == "candidate" and await at.reads.candidate(entity_id) is not None:
        return _erased(command)
    return Refused(ALWAYS_POSSIBLE["not_found"], "not_found", "There is no such thing here.", "An id the API gave out.")


def _erased(command: Command) -> Refused:
    return _refused(command, "erased", "This candidate's data has been erased.", "Nothing more can be done about it.")


def owner_of(entity: str, entity_id: str, command: Command, by: Caller) -> str:
    """The stream that takes the command: a clock's own entity, whoever was asked, and oneself for one's own affairs."""
    if command.who == ("self",) or entity == "person":
        if by.actor.kind != "person":
            raise Refused(403, "not_permitted", "Only users have such affairs here.", "A user's own token.")
        return stream_of("person", entity_id if entity == "person" and entity_id != "me" else by.actor.id)
    other = command.belongs_to() or ""
    kinds = {f"{letter}-": kind for kind, letter in LETTERS.items() if kind != "person"}
    return stream_of(kinds[other[:2]], other) if other[:2] in kinds else stream_of(entity, entity_id)


def _endpoint(entity: str, command: type[Command]) -> Any:
    async def endpoint(
        id: str,
        body: Any,
        by: Annotated[Caller, Depends(caller)],
        at: Annotated[Services, Depends(services)],
        response: Response,
        idempotency_key: IdempotencyKey = None,
        expected_version: ExpectedVersion = None,
    ) -> Receipt:
        return await submit(owner_of(entity, id, body, by), body, by, at, idempotency_key, expected_version)

    endpoint.__annotations__ |= {"id": IDS[entity], "body": within_bounds(command)}
    endpoint.__doc__ = _described(command)
    return by_command(endpoint)


def _beginning(entity: str, command: type[Command]) -> Any:
    async def endpoint(
        body: Any,
        by: Annotated[Caller, Depends(caller)],
        at: Annotated[Services, Depends(services)],
        idempotency_key: IdempotencyKey = None,
    ) -> Receipt:
        key = idempotency_key or secrets.token_urlsafe(16)
        stream = stream_of(entity, derived_id(LETTERS[entity], by.actor.id, known_key(key, at)))
        return await submit(stream, body, by, at, key)

    endpoint.__annotations__ |= {"body": within_bounds(command)}
    endpoint.__doc__ = _described(command)
    return by_command(endpoint)


def _described(command: type[Command]) -> str:
    own = sorted(code for code in command.refusals if code not in ALWAYS_POSSIBLE)
    who = ", ".join(command.who)
    return f"{command.__doc__}\n\nFor: {who}." + (f"\n\nRefused as: {', '.join(own)}." if own else "")


def router() -> APIRouter:
    """An endpoint for every public command: `POST /v1/{entities}/{id}/{command}`; what begins itself has no id yet."""
    routes = APIRouter(prefix="/v1")
    about_oneself = {name: command for name, command in COMMANDS["person"].items() if command.who == ("self",)}
    for entity, commands in COMMANDS.items():
        for name, command in (commands | about_oneself).items():
            if entity == "candidate" and name in about_oneself:
                continue
            begins = command.begins == "itself"
            routes.add_api_route(
                f"/{PLURAL[entity]}" if begins else f"/{PLURAL[entity]}/{{id}}/{name.replace('_', '-')}",
                _beginning(entity, command) if begins else _endpoint(entity, command),
                methods=["POST"],
                operation_id=name if begins else f"{entity}_{name}",
                tags=[entity],
                responses=RESPONSES,
                status_code=201 if begins else 200,
                summary=command.heading,
            )
    return routes
