"""Administration straight on the servers, for whoever operates the machine: people, tokens, policy, read model,
revival."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

import wiring
from domain.access.roles import Role
from domain.access.team import Actor
from domain.entity.call import Facts
from domain.person import SetCalendar
from domain.sla.policy import Policy
from domain.time.calendars import ROUND_THE_CLOCK, Calendar
from domain.time.zones import zone_named
from local.api_client import NoAnswer
from mail.addresses import read_address
from ops.policy import adopt
from ops.revive import NothingToRevive, NotRevived, ails, revive, running_streams
from ops.temporal_setup import NotSetUp, namespace_made, search_attributes_made
from ops.worker_builds import builds
from privacy.keys import KeysUnreachable, WrongKeys
from settings import Settings
from store.audit import COMMAND_LINE, Act, Entry, Kind, Verified, acting
from store.blobs import BlobsAway
from store.command_lookups import living_streams, was_journalled
from store.database import DATABASE_ERRORS
from store.holiday_calendars import calendar
from store.policy_file import BadPolicy, load_policy
from store.projections import PROJECTIONS
from store.random_ids import random_id
from store.rebuild import Rebuilt, rebuild
from store.retention import MovedDates
from store.tokens import Token
from store.users import AddressTaken, CompanyTeam, NoSuchTeam, User, Users
from wiring import Stores
from workflows.client import give
from workflows.contract import Envelope, stream_of, update_id

_PATIENCE = 15.0  # seconds the engine has to take a command
_LOOKS_FOR = 10.0  # seconds the database has to answer what is only looked at
_AWAY = "The database does not answer: start Tandem first (tandem up)."
_OPERATOR = Actor(id="operator", standing=frozenset({Role.OPS}))


class NotDone(Exception):
    """What was asked for cannot be done; its text is one sentence for the operator."""


@dataclass(frozen=True)
class Revived:
    """What became of streams that were to be revived: those started again, and why; those left alone; the others."""

    again: dict[str, str] = field(default_factory=dict)
    well: list[str] = field(default_factory=list)
    not_revived: dict[str, str] = field(default_factory=dict)


class Operator:
    """What is done on the database and the engine of `settings`, without a token.

    Every method may raise NotDone, and NoAnswer where a server is away.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def add_person(
        self, name: str, email: str, team: str | None, zone: str, country: str, roles: Sequence[str]
    ) -> User:
        """Adds somebody who works office hours in `zone`, less the public holidays of `country` (ISO 3166: US)."""
        try:
            zone_named(zone)
            works = calendar(country, None, zone, datetime.now(UTC).year)
        except ValueError as unknown:
            raise NotDone(str(unknown)) from None
        async with self._database() as at:
            person = await _put(at.people, None, name, email, team, zone, roles)
            days = await at.company.standing()
            closed = days.in_calendar(person.id, works)
            await self._set_calendar(person.id, closed)
            await at.company.stands(person.id, days.entering(works, closed))
        return person

    async def enrol(self, name: str, email: str, zone: str, roles: Sequence[str]) -> tuple[str, str]:
        """Makes sure that somebody of this address is there and works at any hour; their id, and a token for them."""
        async with self._database() as at:
            everybody = await at.people.everybody()
            known = next((person for person in everybody if person.email == email), None)
            person = await _put(at.people, known, name, email, None, zone, roles)
            token = await at.tokens.make(person.id, "person", "enrolled")
        await self._set_calendar(person.id, Calendar(zone=zone, week=ROUND_THE_CLOCK))
        return person.id, token

    async def make_token(self, person_id: str, label: str, expires_at: datetime | None) -> str:
        """A new bearer token for somebody; it is shown this once."""
        async with self._database() as at:
            if await at.people.get(person_id) is None:
                raise NotDone(f"Nobody is called {person_id}.")
            return await at.tokens.make(person_id, "person", label, expires_at)

    async def tokens(self, actor: str | None) -> list[Token]:
        """The tokens that hold: of a user or a system, or of all systems."""
        async with self._database() as at:
            return await (at.tokens.of(actor) if actor else at.tokens.of_systems())

    async def users(self) -> list[User]:
        """Every user by name, those who left included."""
        async with self._database() as at:
            return await at.people.everybody()

    async def teams(self) -> list[CompanyTeam]:
        """Every team by name."""
        async with self._database() as at:
            return await at.people.teams()

    async def put_team(self, name: str, lead: str) -> None:
        """Adds a team, or gives it another lead."""
        async with self._database() as at:
            if await at.people.get(lead) is None:
                raise NotDone(f"Nobody is called {lead}.")
            await at.people.put_team(CompanyTeam(name=name, lead=lead))

    async def revoke_token(self, token: str) -> None:
        """Ends a token, given whole or by its first part (`tdm_…`)."""
        async with self._database() as at:
            if not await at.tokens.revoke("_".join(token.split("_")[:2])):
                raise NotDone("No such token holds.")

    async def sign_in_link(self, person_id: str) -> str:
        """Where somebody is signed in by pressing a button: once, within a day."""
        async with self._database() as at:
            if await at.people.get(person_id) is None:
                raise NotDone(f"Nobody is called {person_id}.")
            return f"{self._settings.base_url}/sign-in/link/{await at.links.given(person_id)}"

    async def first_link(self) -> str | None:
        """Where the first administrator says who they are: once, within a day; the one before ends.

        None where somebody administers Tandem already.
        """
        async with self._database() as at:
            secret = await at.links.first()
            return f"{self._settings.base_url}/first/{secret}" if secret else None

    async def set_up_temporal(self) -> list[str]:
        """Makes the namespace and the search attributes that are lacking; returns a sentence for each thing made."""
        try:
            client = await wiring.engine(self._settings)
            namespace = await namespace_made(client)
            attributes = await search_attributes_made(client)
        except NotSetUp as lacking:
            raise NotDone(str(lacking)) from None
        except (RPCError, RuntimeError) as away:
            raise NotDone(f"Temporal does not answer at {self._settings.temporal_address} ({away}).") from None
        return [
            *([f"Namespace {client.namespace} is made."] if namespace else []),
            *([f"Search attributes are made: {', '.join(attributes)}."] if attributes else []),
        ]

    async def rebuild(self) -> Rebuilt:
        """Makes the read model again from the journal; the index of what is searched is made again by a worker."""
        async with self._database() as at:
            made = await rebuild(at.pool, PROJECTIONS)
            await at.search_index.begin_anew()
            return made

    async def revive(self, streams: Iterable[str], force: bool = False) -> Revived:
        """Starts those of `streams` (of all, if none is named) again from the journal whose run cannot go on.

        First the journal is given what their runs know and it lacks. With `force` also one that is well, that this
        build cannot read whole, or of which events are nowhere to be found. One that cannot be started again does not
        keep the others from it.
        """
        named, came = list(streams), Revived()
        async with self._database() as at, self._engine(at) as client:
            serving = await builds(client, at.settings.deployment)
            for stream in named or sorted(await living_streams(at.pool) | await running_streams(client)):
                try:
                    ailing = "it was asked for" if force else await ails(client, at.journal, stream, serving)
                    if ailing is None:
                        came.well.append(stream)
                    else:
                        came.again[stream] = await revive(
                            client, at.journal, at.pending_effects, stream, serving, ailing, force
                        )
                except NothingToRevive as nothing:
                    if named:
                        came.not_revived[stream] = str(nothing)
                except NotRevived as left:
                    came.not_revived[stream] = str(left)
                except (RPCError, RuntimeError, ValueError) as failed:
                    came.not_revived[stream] = f"{stream} was not revived ({type(failed).__name__}). See tandem doctor."
        return came

    async def rotate_keys(self) -> int:
        """Wraps the subjects' keys under a new master key; how many there are."""
        async with self._database() as at:
            rotated = await asyncio.to_thread(at.keys.rotate)
            await at.audit.record(Entry(Act.KEYS_ROTATED, Kind.KEYS))
            return rotated

    async def rotate_payload_keys(self) -> str:
        """Makes another key for what travels through Temporal; its name."""
        async with self._database() as at:
            if not await at.payload_keys.all(make=self._settings.payload_codec == "on"):
                raise NotDone("Nothing that travels through Temporal is sealed: TANDEM_PAYLOAD_CODEC is off.")
            name = await at.payload_keys.rotate()
            await at.audit.record(Entry(Act.KEYS_ROTATED, Kind.KEYS, name))
            return name

    async def move_originals(self) -> int:
        """Moves originals that older releases put into the database to the blob store; how many."""
        try:
            async with self._database() as at:
                return await at.documents.move_originals()
        except BlobsAway as away:
            raise NotDone(f"{away} What is moved by now stays there: say it again once it can be used.") from None

    async def verify_audit(self, known: tuple[int, str] | None = None) -> Verified:
        """Walks the audit's chain, which needs no keys; `known` is a row's number and its hash, as kept elsewhere."""
        try:
            async with wiring.stores_to_look_at(self._settings, size=1) as at:
                return await at.audit.verify(known=known)
        except DATABASE_ERRORS:
            raise NoAnswer(_AWAY) from None

    async def adopt_policy(self) -> Counter[str]:
        """Gives the policy file of the settings to all that goes by another; how many did what (see `ops.policy`)."""
        async with self._database() as at, self._engine(at) as client:
            return await adopt(client, at, self._policy())

    async def moved_by(self, policy: Policy) -> MovedDates:
        """Whose retention dates this policy would move, once it is adopted; needs no keys."""
        try:
            async with wiring.stores_to_look_at(self._settings, size=1, answers_within=_LOOKS_FOR) as at:
                return await at.retention.moved(policy, datetime.now(UTC))
        except DATABASE_ERRORS:
            raise NoAnswer(_AWAY) from None

    def _policy(self) -> Policy:
        try:
            return load_policy(self._settings.policy)
        except BadPolicy as bad:
            raise NotDone(str(bad)) from None

    async def _set_calendar(self, person_id: str, works: Calendar) -> None:
        body = SetCalendar(calendar=works)
        envelope = Envelope(
            actor=_OPERATOR,
            fingerprint=hashlib.sha256(body.model_dump_json().encode()).hexdigest(),
            facts=Facts(new_id=person_id, policy=self._policy()),
        )
        unique = update_id(_OPERATOR.id, body.name, secrets.token_urlsafe(16))
        stream = stream_of("person", person_id)
        async with self._database() as at, self._engine(at) as client:
            begins = not await was_journalled(at.pool, stream)
            try:
                async with asyncio.timeout(_PATIENCE):
                    said = body.model_dump(mode="json")
                    taken = await give(client, at.signing, stream, body.name, said, envelope, unique, start=begins)
                    await at.reads.wait_for_version(stream, taken.version, timeout=_PATIENCE)
            except WorkflowUpdateFailedError as failed:
                if not isinstance(failed.cause, ApplicationError) or failed.cause.type != "no_change":
                    raise NotDone(f"Their calendar was not set: {failed.cause}") from None
            except (TimeoutError, RPCError, WorkflowUpdateRPCTimeoutOrCancelledError):
                raise NoAnswer("The worker does not answer: start Tandem first (tandem up).") from None

    @asynccontextmanager
    async def _database(self) -> AsyncIterator[Stores]:
        try:
            async with wiring.stores(self._settings, size=2) as at:
                with acting(_OPERATOR.id, COMMAND_LINE):
                    yield at
        except (WrongKeys, KeysUnreachable) as refused:
            raise NotDone(str(refused)) from None
        except DATABASE_ERRORS:
            raise NoAnswer(_AWAY) from None

    @asynccontextmanager
    async def _engine(self, at: Stores) -> AsyncIterator[Client]:
        try:
            client = await wiring.engine(self._settings, codec=await at.codec())
        except RuntimeError:
            raise NoAnswer("Temporal does not answer: start Tandem first (tandem up).") from None
        yield client


async def _put(
    people: Users, known: User | None, name: str, email: str, team: str | None, zone: str, roles: Sequence[str]
) -> User:
    new_id = known.id if known else random_id("P")
    try:
        email = read_address(email)
    except ValueError as wrong:
        raise NotDone(f"{wrong}.") from None
    try:
        standing = frozenset(map(Role, roles))
    except ValueError:
        raise NotDone("Roles are R (opens requisitions), L (leads), P (HR) and O (operates), as in R,L.") from None
    person = User(id=new_id, name=name, email=email, team=team, zone=zone, standing=standing)
    try:
        await people.put(person)
    except AddressTaken:
        raise NotDone(f"Somebody else has the address {email}.") from None
    except NoSuchTeam:
        raise NotDone(f"There is no team called {team}.") from None
    return person
