"""Everything a process works with, built once, here: from the settings to pool, engine, keys, stores and model.

API, worker, command line, doctor and measurements take it from here, and hand it in: nobody else builds a store, a key
store, a sealer or a client (`tests/test_wiring.py`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

import asyncpg
from temporalio.client import Client
from temporalio.runtime import Runtime

from domain.registry import DECIDERS
from language.embeddings import Embeddings, LocalEmbeddings
from language.llm import Model
from language.transcription import Transcriber
from mail.addresses import spellings
from mail.caldav import CalDav
from mail.outbox import Outbox
from mail.shipped_letters import shipped
from mail.telephones import of_telephone
from privacy.command_keys import CommandKeys
from privacy.key_cache import KeyCache
from privacy.key_database import PostgresKeyStore
from privacy.key_folder import FolderKeyStore
from privacy.key_services import masters_named
from privacy.keyed_hash import AddressHash, KeyedHash
from privacy.keys import KeyStore
from privacy.payload_codec import NamespaceCodec
from privacy.sealing import Sealer
from settings import Settings
from store.applicant_list import ApplicantList
from store.applicants import Applicants, Contact, Hashes
from store.audit import Audit
from store.blobs import SealedBlobs, blobs_in
from store.company import CompanyRecords
from store.connected_calendars import ConnectedCalendars
from store.database import DATABASE_ERRORS
from store.database import connect as connect_database
from store.documents import Documents
from store.draft_feedback import DraftFeedback
from store.held_commands import HeldCommands
from store.idempotency_claims import IdempotencyClaims
from store.identities import Identities
from store.installation import settle
from store.journal import Journal
from store.lead_overview import LeadOverviews
from store.letter_templates import LetterTemplates
from store.letters import Letters
from store.llm_budget import Budget, LlmBudget, Prices
from store.llm_outputs import LlmOutputs
from store.manager_update import RequisitionUpdates
from store.notifications_seen import NotificationsSeen
from store.ops_queries import OpsReads
from store.payload_keys import PayloadKeys
from store.pending_effects import PendingEffects
from store.policy_file import PolicyFile
from store.projections import PROJECTIONS
from store.provisioning import Provisioning
from store.queries import Reads
from store.recordings import Recordings
from store.reports import Reports
from store.requisition_templates import RequisitionTemplates
from store.retention import RetentionReads
from store.saved_views import SavedViews
from store.search_index import SearchIndex
from store.sessions import Sessions
from store.sign_in_links import SignInLinks
from store.states import States
from store.tokens import Tokens
from store.unplaced_mail import UnplacedMails
from store.users import Users
from store.waiting_files import WaitingFiles
from workflows.client import connect as connect_temporal
from workflows.command_signatures import SigningKeys

if TYPE_CHECKING:  # what it takes to ask a model is loaded where there is one
    from language.llm_client import Endpoint
    from language.transcription_client import TranscriptionEndpoint


class Stores:
    """All that is kept in the database, and under keys. The keys are looked for when something is first opened."""

    def __init__(self, pool: asyncpg.Pool, settings: Settings) -> None:
        self.pool, self.settings = pool, settings
        self.journal, self.states = Journal(pool, PROJECTIONS), States(pool, DECIDERS)
        self.audit = Audit(pool)
        self.reads, self.ops_reads, self.reports = Reads(pool), OpsReads(pool), Reports(pool)
        self.lead_overviews = LeadOverviews(pool)
        self.people, self.tokens, self.company = Users(pool), Tokens(pool), CompanyRecords(pool)
        self.provisioning = Provisioning(pool)
        self.letter_templates, self.letters = LetterTemplates(pool, shipped), Letters(pool)
        self.requisition_templates = RequisitionTemplates(pool)
        self.sessions, self.links, self.identities = Sessions(pool), SignInLinks(pool), Identities(pool)
        self.retention = RetentionReads(pool, self.people)
        self.applicant_list, self.saved_views = ApplicantList(pool), SavedViews(pool)
        self.requisition_updates = RequisitionUpdates(pool, self.reads, self.people)
        self.outputs, self.draft_feedback = LlmOutputs(pool), DraftFeedback(pool)
        self.claims, self.pending_effects = IdempotencyClaims(pool), PendingEffects(pool)
        self.llm_budget = LlmBudget(
            pool,
            Budget(
                tokens_per_day=settings.language_tokens_per_day,
                tokens_per_requisition=settings.language_tokens_per_requisition,
                cost_per_day=settings.language_cost_per_day,
                cost_per_requisition=settings.language_cost_per_requisition,
            ),
            Prices(tokens_in=settings.language_price_in, tokens_out=settings.language_price_out),
        )

    @cached_property
    def keys(self) -> KeyStore:
        """The subjects' keys."""
        return key_store(self.settings)

    @cached_property
    def signing(self) -> SigningKeys:
        """What commands are signed with, and checked. Raises KeyMissing, KeysUnreachable."""
        return SigningKeys(CommandKeys(self.keys.master_secrets, self.keys.secret))

    @cached_property
    def payload_keys(self) -> PayloadKeys:
        """What seals whole payloads on their way through Temporal, where that is on or was."""
        return PayloadKeys(self.pool, self.keys)

    async def codec(self) -> NamespaceCodec | None:
        """The codec of what travels through Temporal; None where nothing is sealed, and nothing was.

        Raises WrongKeys, KeysUnreachable, and as the database does.
        """
        on = self.settings.payload_codec == "on"
        known = await self.payload_keys.all(make=on)
        return NamespaceCodec(self.settings.temporal_namespace, known, on, self.payload_keys.all) if known else None

    @cached_property
    def sealer(self) -> Sealer:
        """Seals and opens under those keys."""
        return Sealer(self.keys)

    @cached_property
    def matcher(self) -> KeyedHash:
        """Keyed hashes under this installation's secret. Raises KeyMissing, KeysUnreachable."""
        return KeyedHash(self.keys.secret())

    @cached_property
    def addresses(self) -> AddressHash:
        """Tells mail addresses of applicants apart. Raises KeyMissing, KeysUnreachable."""
        return AddressHash.of(self.keys)

    def hashes_of(self, contact: Contact) -> Hashes:
        """The keyed hashes of how somebody is reached; keys are made where there are none.

        Raises KeyMissing, KeysUnreachable.
        """
        known = self.addresses
        return Hashes(
            known.made(contact.email) if contact.email else None,
            known.made(of_telephone(contact.telephone)) if contact.telephone else None,
            frozenset(hash for one in spellings(contact.email) for hash in (*known.known(one), self.matcher.match(one)))
            if contact.email
            else frozenset(),
        )

    @cached_property
    def documents(self) -> Documents:
        """Documents, sealed."""
        return Documents(self.pool, self.sealer, self.blobs)

    @cached_property
    def recordings(self) -> Recordings:
        """Recordings, sealed."""
        return Recordings(self.pool, self.sealer, self.blobs)

    @cached_property
    def blobs(self) -> SealedBlobs:
        """Files, sealed."""
        return SealedBlobs(blobs_in(self.settings.blobs_place), self.sealer)

    @cached_property
    def waiting_files(self) -> WaitingFiles:
        """Files of people who are not applicants yet, sealed."""
        return WaitingFiles(self.pool, self.sealer, self.blobs)

    @cached_property
    def connected_calendars(self) -> ConnectedCalendars:
        """Users' own calendars, and what opens them, sealed."""
        return ConnectedCalendars(self.pool, self.sealer)

    @cached_property
    def caldav(self) -> CalDav:
        """Asks the servers of those calendars, as far as the settings allow."""
        return CalDav(self.settings.calendar_servers)

    @cached_property
    def notifications_seen(self) -> NotificationsSeen:
        """What waits for somebody, in numbers."""
        return NotificationsSeen(self.pool)

    @cached_property
    def held_commands(self) -> HeldCommands:
        """What was given by a tap and may still be taken back."""
        return HeldCommands(self.pool)

    @cached_property
    def unplaced_mail(self) -> UnplacedMails:
        """Mail of which nobody knows whose it is, sealed."""
        return UnplacedMails(self.pool, self.sealer, self.blobs)

    @cached_property
    def applicants(self) -> Applicants:
        """Applicants, sealed."""
        return Applicants(self.pool, self.sealer)

    @cached_property
    def search_index(self) -> SearchIndex:
        """What is searched, made from applicants and documents."""
        return SearchIndex(self.pool, self.sealer, self.documents)


class Services(Stores):
    """The stores, the engine, the policy, and the model if there is one."""

    def __init__(
        self,
        settings: Settings,
        pool: asyncpg.Pool,
        temporal: Client,
        policy: PolicyFile,
        opens_payloads: NamespaceCodec | None = None,
    ) -> None:
        super().__init__(pool, settings)
        self.temporal, self.policy, self.opens_payloads = temporal, policy, opens_payloads
        endpoint = endpoint_of(settings)
        self.model = (
            Model(endpoint, timedelta(minutes=settings.language_patience), self.llm_budget) if endpoint else None
        )
        hears = transcription_endpoint_of(settings)
        self.transcriber = Transcriber(hears, settings.transcription_price_minute, self.llm_budget) if hears else None

    @cached_property
    def embeddings(self) -> Embeddings | None:
        """What embeds on this machine; None where passages are sought by words alone. Loaded when first asked."""
        return LocalEmbeddings() if self.settings.language_local_embeddings else None

    @cached_property
    def outbox(self) -> Outbox:
        """Mail that this process sends itself. It is to be closed."""
        return Outbox(self.settings)


def key_store(settings: Settings) -> KeyStore:
    """Where the subjects' keys are."""
    masters = partial(
        masters_named, settings.master_keys, settings.vault_token_file, settings.master_key_remembered * 60
    )
    store: KeyStore
    if settings.keys_url is not None:
        store = PostgresKeyStore(settings.keys_url.get_secret_value(), masters)
    else:
        store = FolderKeyStore(settings.keys_folder, masters)
    return KeyCache(store, settings.keys_remembered, settings.keys_remembered_at_most)


def endpoint_of(settings: Settings) -> Endpoint | None:
    """The model that the settings name, or None. It is to be closed."""
    if settings.language_model is None or settings.language_base_url is None:
        return None
    from language.llm_client import Endpoint

    key = settings.language_api_key
    return Endpoint(
        settings.language_base_url,
        settings.language_model,
        key.get_secret_value() if key else None,
        context=settings.language_context,
        answer=settings.language_answer,
        timeout=settings.language_timeout,
        embeds_with=settings.language_embedding_model,
    )


def transcription_endpoint_of(settings: Settings) -> TranscriptionEndpoint | None:
    """The model that transcribes recordings, or None. It is to be closed."""
    base_url = settings.transcription_base_url or settings.language_base_url
    if settings.transcription_model is None or base_url is None:
        return None
    from language.transcription_client import TranscriptionEndpoint

    # The language endpoint's key is for that endpoint alone.
    key = settings.transcription_api_key
    if key is None and settings.transcription_base_url in (None, settings.language_base_url):
        key = settings.language_api_key
    return TranscriptionEndpoint(
        base_url,
        settings.transcription_model,
        key.get_secret_value() if key else None,
        timeout=settings.transcription_timeout,
    )


async def engine(settings: Settings, runtime: Runtime | None = None, codec: NamespaceCodec | None = None) -> Client:
    """A client of Temporal, which seals and opens with `codec`. Raises RuntimeError when it cannot be reached."""
    return await connect_temporal(settings.temporal_connection, runtime, codec)


@asynccontextmanager
async def stores(settings: Settings, size: int = 10, answers_within: float = 60.0) -> AsyncIterator[Stores]:
    """The stores over a pool of at most `size` connections; no query takes longer than `answers_within` seconds.

    Raises OSError or asyncpg's errors when the database does not answer, WrongKeys where the keys are not its own, and
    KeysUnreachable.
    """
    async with stores_to_look_at(settings, size, answers_within) as found:
        await settle(found.pool, found.sealer)
        yield found


async def keys_fit(settings: Settings) -> None:
    """Looks whether keys and database belong together, before anything else is begun.

    Raises WrongKeys and KeysUnreachable, each a sentence; not where the database does not answer.
    """
    with suppress(*DATABASE_ERRORS):
        async with stores(settings, size=1, answers_within=10) as at:
            await at.payload_keys.all()


@asynccontextmanager
async def stores_to_look_at(settings: Settings, size: int = 10, answers_within: float = 60.0) -> AsyncIterator[Stores]:
    """The same, for whoever says what is wrong with database and keys and writes to neither."""
    async with await connect_database(settings.database_dsn, size, answers_within) as pool:
        found = Stores(pool, settings)
        try:
            yield found
        finally:
            found.keys.close()


@asynccontextmanager
async def services(settings: Settings, policy: PolicyFile, runtime: Runtime | None = None) -> AsyncIterator[Services]:
    """Everything, for as long as the block runs.

    Raises WrongKeys and KeysUnreachable, OSError or asyncpg's errors when the database does not answer, and
    RuntimeError when Temporal does not.
    """
    async with AsyncExitStack() as open_to_the_end:
        pool = await open_to_the_end.enter_async_context(await connect_database(settings.database_dsn))
        keys = key_store(settings)
        open_to_the_end.callback(keys.close)
        await settle(pool, Sealer(keys))
        kept = Stores(pool, settings)
        kept.keys = keys
        codec = await kept.codec()
        found = Services(settings, pool, await engine(settings, runtime, codec), policy, codec)
        found.keys = keys
        if found.model is not None:
            open_to_the_end.push_async_callback(found.model.endpoint.close)
        if found.transcriber is not None:
            open_to_the_end.push_async_callback(found.transcriber.endpoint.close)
        open_to_the_end.push_async_callback(found.outbox.close)
        open_to_the_end.push_async_callback(found.audit.close)
        yield found
