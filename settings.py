"""Every setting of Tandem, once.

Each field is read from the environment as `TANDEM_<NAME>`; Temporal's own `TEMPORAL_*` variables keep their names and
meaning (Temporal, "Environment configuration"). Nothing is read from a `.env` file.
"""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import quote, unquote, urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    InstanceOf,
    SecretStr,
    ValidationError,
    field_serializer,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig

ROOT = Path(__file__).resolve().parent

Port = Annotated[int, Field(ge=1, le=65535)]
Role = Literal["flow", "language", "reach"]
CompanyRole = Literal["R", "L", "P", "O"]
"""What somebody may be in the whole company: recruiter, lead, HR partner, operations (`domain/access/roles.py`)."""

DEPLOYMENT = "tandem"
"""What the worker deployment is called where nobody calls it otherwise."""

# A unix socket's whole path must fit in 104 bytes on macOS (108 on Linux), and ".s.PGSQL.5432" comes after the folder.
_LONGEST_SOCKET_FOLDER = 104 - len("/.s.PGSQL.5432") - 1
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def is_loopback(host: str) -> bool:
    """Whether that is this machine, spoken to by itself."""
    return host in _LOOPBACK


def is_safe(url: str) -> bool:
    """Whether what is sent to this address can be read and changed by nobody else: by TLS, or on this machine."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        )
    except ValueError:
        return False


class BadSettings(ValueError):
    """A setting that cannot be used; its text is one sentence for the person who set it."""


class MailServer(BaseModel):
    """Where mail is handed over. `security` says how: in the clear, after STARTTLS, or TLS from the first byte."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: int
    security: Literal["plain", "starttls", "tls"]
    user: str | None = None
    password: SecretStr | None = None


class ImapServer(MailServer):
    """Where the mailbox of candidates' answers is read, and which folder of it. Never in the clear but on loopback."""

    folder: str = "INBOX"


def _temporal_profile() -> ClientConfigProfile:
    # A profile file in the home folder may point at a company's cluster; it counts only when it is asked for by name.
    asked_for = {"TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE"} & os.environ.keys()
    return ClientConfigProfile.load(disable_file=not asked_for)


def _default_base_url(given: dict[str, Any]) -> str:
    return f"http://127.0.0.1:{given['api_port']}"


class Settings(BaseSettings):
    """All settings, frozen. Use `load()` to read them from the environment."""

    model_config = SettingsConfigDict(env_prefix="TANDEM_", frozen=True, extra="forbid", env_ignore_empty=True)

    home: Path = Field(Path(".tandem"), description="where the laptop stack keeps its data, logs and mailbox")

    listen: str = Field("127.0.0.1", description="the address the API and the worker's health page listen on")
    metrics_listen: str = Field(
        "127.0.0.1", description="the address metrics are read at: this machine's alone, wherever the API listens"
    )
    api_port: Port = 8080
    api_metrics_port: Port = Field(9465, description="the API's /metrics")
    worker_port: Port = Field(9464, description="the worker's /ready and /metrics")
    sdk_metrics_port: Port = Field(9466, description="on loopback: where the worker reads Temporal's own metrics")
    temporal_port: Port = 7233
    temporal_ui_port: Port = 8233
    smtp_port: Port = Field(1025, description="the local mail catcher's")

    database_url: SecretStr | None = Field(None, description="a PostgreSQL of your own; unset: the embedded one")
    temporal_profile: InstanceOf[ClientConfigProfile] = Field(
        default_factory=_temporal_profile,
        repr=False,  # it may hold an API key and a private key
        description="read from TEMPORAL_*; without an address: the embedded server",
    )
    deployment: str = Field(
        default_factory=lambda: os.environ.get("TEMPORAL_DEPLOYMENT_NAME") or DEPLOYMENT,
        min_length=1,
        description="the worker deployment in Temporal, of which each build is a version: the same for all processes; "
        "unset: TEMPORAL_DEPLOYMENT_NAME, as the Worker Controller says it to its workers, else tandem",
    )
    temporal_ui_url: str | None = Field(
        None, description="where the Temporal UI is, for links to it; unset: the embedded server's, and none elsewhere"
    )
    smtp_url: SecretStr | None = Field(
        None, description="smtp://, smtp+starttls:// or smtps://user:password@host:port; unset: the local catcher"
    )
    chat_url: SecretStr | None = Field(
        None, description="an incoming webhook of Slack or Mattermost; unset: those who prefer chat get mail"
    )
    mail_from: str = "Tandem <tandem@localhost>"
    mail_replies: str | None = Field(
        None,
        description="the mailbox that answers of candidates go to, as hiring@example.org: Tandem reads it, and puts a "
        "thread's token after a plus sign; unset: answers go to the recruiter's own address",
    )
    imap_url: SecretStr | None = Field(
        None,
        description="imaps://user:password@host:port/FOLDER or imap+starttls://…: where that mailbox is read; unset: "
        "mail is piped to `tandem mail-in`",
    )

    blobs: str | None = Field(
        None,
        description="where originals, page images and recordings lie, sealed: a folder, or s3://bucket/prefix with "
        "endpoint, region and credentials as boto3 finds them; unset: TANDEM_HOME/blobs",
    )
    keys_url: SecretStr | None = Field(
        None, description="a PostgreSQL other than the database's, for the subjects' keys; unset: TANDEM_HOME/keys"
    )
    master_key: str | None = Field(
        None,
        description="what wraps the subjects' keys: a file, awskms:ARN or awskms:alias/NAME, or "
        "vault:https://HOST/transit/KEY; unset: TANDEM_HOME/master.key",
    )
    master_key_before: str | None = Field(
        None, description="where the master key was before, until `tandem keys rotate` has moved it"
    )
    master_key_remembered: float = Field(
        5.0, ge=0.05, le=1440, description="minutes a process goes on without asking AWS KMS or Vault again"
    )
    vault_token_file: Path | None = Field(
        None, description="the file with the token for Vault, which an agent may renew; unset: VAULT_TOKEN"
    )
    payload_codec: Literal["off", "on"] = Field(
        "off", description="on: what travels through Temporal is sealed as a whole, and its UI reads it over /codec"
    )
    keys_remembered: float = Field(
        3.0, ge=0, le=3, description="seconds a key that was looked up is kept; whoever is erased is readable no longer"
    )
    keys_remembered_at_most: int = Field(1_000, ge=1, description="keys kept for so long")

    policy: Path = Field(ROOT / "deploy" / "sla" / "default.yaml", description="the clocks' policy file")
    base_url: str = Field(
        default_factory=_default_base_url,
        description="the public address: what links in messages begin with; pages and API answer under its host",
    )
    trusted_proxies: int = Field(
        0, ge=0, description="how many proxies stand before the API, each of which says from where it was asked"
    )
    wrong_tries: int = Field(10, ge=1, description="wrong tokens, codes and links an address may try in a minute")
    mails_asked: int = Field(30, ge=1, description="sign-in mails an address may ask for in ten minutes")
    undo_seconds: int = Field(
        10, ge=0, le=60, description="how long a final tap on a page may be taken back before it counts; 0: not at all"
    )
    requests_per_second: int = Field(50, ge=1, description="what one caller may ask for, over a minute")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    calendar_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="comma-separated: calendar servers (CalDAV) that users may connect, by their addresses "
        "(https://dav.example.org, https://*.example.com); none: nobody connects a calendar",
    )

    oidc_issuer: str | None = Field(
        None, description="the company's sign-in provider (OpenID Connect), by its issuer; unset: links by mail alone"
    )
    oidc_client_id: str | None = Field(
        None, description="what it calls Tandem; it sends people back to TANDEM_BASE_URL/sign-in/provider/callback"
    )
    oidc_client_secret: SecretStr | None = Field(None, description="unset: a public client, with PKCE alone")
    oidc_name: str | None = Field(
        None, min_length=1, max_length=60, description="what the sign-in page calls it; unset: its host"
    )
    oidc_roles_claim: str | None = Field(
        None, description="the claim that lists somebody's groups or roles there: groups, realm_access.roles"
    )
    provider_roles: Annotated[dict[str, CompanyRole], NoDecode] = Field(
        default_factory=dict,
        description="which group of the provider has which company role, as a JSON object: "
        '{"recruiters": "R", "team leads": "L", "people partners": "P", "it": "O"}; read from the roles claim when '
        "somebody signs in for the first time, and from the groups that are provisioned by SCIM whenever they change",
    )

    language_model: str | None = Field(None, description="unset: extractive drafts, and no text leaves this machine")
    language_base_url: str | None = Field(None, description="any OpenAI-compatible endpoint")
    language_api_key: SecretStr | None = None
    language_embedding_model: str | None = Field(
        None,
        description="the endpoint's model for passages by meaning (/v1/embeddings); unset: the one here",
    )
    language_local_embeddings: bool = Field(
        True,
        description="passages by meaning with the encoder that comes along; off: by words alone",
    )
    language_context: int = Field(24_000, ge=2_000, description="tokens the model takes at once, its answer included")
    language_answer: int = Field(4_000, ge=100, description="tokens of its longest answer")
    language_timeout: float = Field(120.0, gt=0, description="seconds one answer may take")
    language_patience: float = Field(20.0, ge=0, description="minutes it may try at a draft before one without it goes")
    language_per_second: float = Field(5.0, gt=0, description="drafts begun a second, over all workers")
    language_tokens_per_day: int | None = Field(20_000_000, ge=0, description="budget of a day (UTC)")
    language_tokens_per_requisition: int | None = Field(5_000_000, ge=0, description="budget of one requisition")
    language_price_in: Decimal = Field(Decimal(0), ge=0, description="what a million tokens read cost")
    language_price_out: Decimal = Field(Decimal(0), ge=0, description="what a million tokens written cost")
    language_cost_per_day: Decimal | None = Field(None, ge=0, description="budget of a day, in the prices' currency")
    language_cost_per_requisition: Decimal | None = Field(None, ge=0, description="budget of one requisition")

    transcription_model: str | None = Field(
        None, description="transcribes recordings; unset: none are taken, and no sound leaves this machine"
    )
    transcription_base_url: str | None = Field(
        None, description="any endpoint with OpenAI's audio/transcriptions; unset: the language model's"
    )
    transcription_api_key: SecretStr | None = Field(None, description="unset: the language model's, at its endpoint")
    transcription_timeout: float = Field(600.0, gt=0, description="seconds one piece of a recording may take")
    transcription_piece_minutes: float = Field(
        23.0, ge=1, le=240, description="a recording is sent in pieces of at most so long, and 24 MB"
    )
    transcription_price_minute: Decimal = Field(
        Decimal(0), ge=0, description="what a minute of a recording costs, for the language model's budgets"
    )
    recording_megabytes: int = Field(500, ge=10, le=2_000, description="the largest recording that is taken")
    recordings_kept_days: float | None = Field(
        None,
        ge=0,
        description="days a recording is kept once its transcript is there; unset: as long as all that is held of them",
    )

    worker_roles: Annotated[tuple[Role, ...], NoDecode] = Field(
        ("flow", "language", "reach"), min_length=1, description="comma-separated: the queues this worker serves"
    )
    cached_workflows: int = Field(
        1_000, ge=1, description="entities the worker keeps in memory; another is replayed from its history when woken"
    )

    @field_validator("home", "policy", "vault_token_file")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return path.expanduser().resolve() if path else None

    @field_validator("master_key", "master_key_before", mode="before")
    @classmethod
    def _master_key_named(cls, named: object) -> object:
        if isinstance(named, str) and named.startswith("awskms:"):
            if not re.fullmatch(r"awskms:[A-Za-z0-9:/_-]+", named):
                raise ValueError("it must look like awskms:arn:aws:kms:… or awskms:alias/name")
            return named
        if isinstance(named, str) and named.startswith("vault:"):
            return _vault_key(named)
        return str(Path(named).expanduser().resolve()) if isinstance(named, str | Path) else named

    @field_validator("blobs")
    @classmethod
    def _blobs_named(cls, named: str | None) -> str | None:
        if named is None or re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*/?", named):
            return named
        if "://" in named:
            raise ValueError("it must be a folder, or look like s3://bucket/prefix")
        return str(Path(named).expanduser().resolve())

    @field_validator("base_url")
    @classmethod
    def _without_trailing_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower_case(cls, level: object) -> object:
        return level.lower() if isinstance(level, str) else level

    @field_validator("worker_roles", "calendar_servers", mode="before")
    @classmethod
    def _comma_separated(cls, roles: object) -> object:
        return tuple(filter(None, map(str.strip, roles.split(",")))) if isinstance(roles, str) else roles

    @field_serializer("worker_roles", "calendar_servers")
    def _joined(self, roles: tuple[str, ...]) -> str:
        return ",".join(roles)

    @field_validator("database_url", "keys_url")
    @classmethod
    def _postgresql_only(cls, url: SecretStr | None) -> SecretStr | None:
        if url and urlsplit(url.get_secret_value()).scheme not in ("postgres", "postgresql"):
            raise ValueError("it must begin with postgresql://")
        return url

    @field_validator("smtp_url")
    @classmethod
    def _understood(cls, url: SecretStr | None) -> SecretStr | None:
        if url:
            _mail_server(url.get_secret_value())
        return url

    @field_validator("calendar_servers")
    @classmethod
    def _servers(cls, servers: tuple[str, ...]) -> tuple[str, ...]:
        for server in servers:
            parts = urlsplit(server)
            if not is_safe(server) or parts.path.strip("/") or not parts.hostname:
                raise ValueError("each must be https:// and a name, without a path")
        return servers

    @field_validator("mail_replies")
    @classmethod
    def _one_mailbox(cls, address: str | None) -> str | None:
        if address is not None and not re.fullmatch(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+", address):
            raise ValueError("it must be one address, as hiring@example.org, without a plus sign")
        return address.lower() if address else None

    @field_validator("imap_url")
    @classmethod
    def _a_mailbox(cls, url: SecretStr | None) -> SecretStr | None:
        if url:
            _imap_server(url.get_secret_value())
        return url

    @field_validator("oidc_issuer")
    @classmethod
    def _an_issuer(cls, url: str | None) -> str | None:
        if url is not None:
            if not is_safe(url):
                raise ValueError("it must begin with https://")
            if (parts := urlsplit(url)).query or parts.fragment:
                raise ValueError("an issuer has neither ? nor #")
        return url

    @field_validator("provider_roles", mode="before")
    @classmethod
    def _from_json(cls, roles: object) -> object:
        if not isinstance(roles, str):
            return roles
        try:
            read = json.loads(roles)
        except ValueError:
            read = None
        if not isinstance(read, dict) or not set(map(str, read.values())) <= set(get_args(CompanyRole)):
            raise ValueError('it must look like {"recruiters": "R", "it": "O"}, each role one of R, L, P and O')
        return read

    @field_serializer("provider_roles")
    def _as_json(self, roles: dict[str, CompanyRole]) -> str:
        return json.dumps(roles)

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_client_id is None):
            raise ValueError("TANDEM_OIDC_ISSUER and TANDEM_OIDC_CLIENT_ID must be set together")
        if self.oidc_issuer is None and (self.oidc_client_secret or self.oidc_roles_claim):
            raise ValueError("TANDEM_OIDC_CLIENT_SECRET and TANDEM_OIDC_ROLES_CLAIM need TANDEM_OIDC_ISSUER")
        if self.oidc_issuer is not None and not is_safe(self.base_url):
            raise ValueError("TANDEM_BASE_URL must begin with https:// where people sign in by a provider")
        return self

    @model_validator(mode="after")
    def _transcription_is_whole(self) -> Self:
        somewhere = self.transcription_base_url or self.language_base_url
        if self.transcription_model is not None and somewhere is None:
            raise ValueError("TANDEM_TRANSCRIPTION_MODEL needs TANDEM_TRANSCRIPTION_BASE_URL")
        if self.transcription_model is None and self.transcription_base_url is not None:
            raise ValueError("TANDEM_TRANSCRIPTION_BASE_URL needs TANDEM_TRANSCRIPTION_MODEL")
        return self

    @property
    def transcribes(self) -> bool:
        """Whether there is a model that transcribes recordings."""
        return self.transcription_model is not None

    @model_validator(mode="after")
    def _language_is_whole(self) -> Self:
        if (self.language_model is None) != (self.language_base_url is None):
            raise ValueError("TANDEM_LANGUAGE_MODEL and TANDEM_LANGUAGE_BASE_URL must be set together")
        if self.language_embedding_model is not None and self.language_base_url is None:
            raise ValueError("TANDEM_LANGUAGE_EMBEDDING_MODEL needs TANDEM_LANGUAGE_BASE_URL and TANDEM_LANGUAGE_MODEL")
        return self

    # Pages and API

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which pages and API answer: loopback's, the public address's, the one they listen on."""
        public = urlsplit(self.base_url).hostname
        return frozenset({*_LOOPBACK, self.listen.lower(), *([public] if public else [])})

    @property
    def provider_name(self) -> str | None:
        """What the company's sign-in provider is called; None without one."""
        return self.oidc_issuer and (self.oidc_name or urlsplit(self.oidc_issuer).hostname)

    # Temporal

    @property
    def embeds_temporal(self) -> bool:
        """True when the laptop stack runs its own Temporal server, because no TEMPORAL_ADDRESS was given."""
        return not self.temporal_profile.address

    @property
    def temporal_namespace(self) -> str:
        return self.temporal_profile.namespace or "default"

    @property
    def temporal_connection(self) -> ClientConnectConfig:
        """Keyword arguments for `temporalio.client.Client.connect`."""
        if self.embeds_temporal:
            return {"target_host": f"127.0.0.1:{self.temporal_port}", "namespace": self.temporal_namespace}
        return {"namespace": self.temporal_namespace, **self.temporal_profile.to_client_connect_config()}

    @property
    def temporal_ui(self) -> str | None:
        """Where the Temporal UI is; None for a cluster of one's own whose UI nobody named."""
        if self.temporal_ui_url:
            return self.temporal_ui_url.rstrip("/")
        return f"http://127.0.0.1:{self.temporal_ui_port}" if self.embeds_temporal else None

    @property
    def temporal_address(self) -> str:
        return self.temporal_connection["target_host"]

    # PostgreSQL

    @property
    def embeds_postgres(self) -> bool:
        """True when the laptop stack runs its own PostgreSQL, because no TANDEM_DATABASE_URL was given."""
        return self.database_url is None

    @cached_property
    def postgres_socket_folder(self) -> Path:
        """Where the embedded PostgreSQL's unix socket lives: its data folder, or one with a short name if too long."""
        if len(os.fsencode(self.postgres_folder)) <= _LONGEST_SOCKET_FOLDER:
            return self.postgres_folder
        name = hashlib.sha256(os.fsencode(self.postgres_folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()).resolve() / f"tandem-{name}"

    @property
    def database_dsn(self) -> str:
        """The database as asyncpg and libpq take it; for the embedded server over its unix socket."""
        return self.database_url.get_secret_value() if self.database_url else self.embedded_dsn("tandem")

    def embedded_dsn(self, database: str, role: str = "tandem") -> str:
        """The embedded server's address of one of its databases, for one of its roles."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.postgres_socket_folder), safe='')}&port=5432"

    # Mail, language

    @property
    def embeds_mailbox(self) -> bool:
        """True when mail goes to the local catcher, because no TANDEM_SMTP_URL was given."""
        return self.smtp_url is None

    @property
    def mail_server(self) -> MailServer:
        if self.smtp_url is None:
            return MailServer(host="127.0.0.1", port=self.smtp_port, security="plain")
        return _mail_server(self.smtp_url.get_secret_value())

    @property
    def imap_server(self) -> ImapServer | None:
        """Where candidates' answers are read; None where mail is piped in, or nobody reads it."""
        return _imap_server(self.imap_url.get_secret_value()) if self.imap_url else None

    # Folders

    @property
    def keys_folder(self) -> Path:
        """One key per subject; apart from the database, so that no copy of that holds one."""
        return self.home / "keys"

    @property
    def master_keys(self) -> tuple[str, ...]:
        """Where what the keys are wrapped under is, and was before. A file is better elsewhere than beside the keys."""
        now = self.master_key or str(self.home / "master.key")
        return (now,) if self.master_key_before in (None, now) else (now, str(self.master_key_before))

    @property
    def blobs_place(self) -> Path | str:
        """Where files are kept, sealed: a folder, or a bucket's address."""
        if self.blobs is None:
            return self.home / "blobs"
        return self.blobs if self.blobs.startswith("s3://") else Path(self.blobs)

    @property
    def postgres_folder(self) -> Path:
        return self.home / "postgres"

    @property
    def temporal_file(self) -> Path:
        return self.home / "temporal.db"

    @property
    def mailbox_folder(self) -> Path:
        return self.home / "mailbox"

    @property
    def logs_folder(self) -> Path:
        return self.home / "logs"

    def environment(self) -> dict[str, str]:
        """The environment for a child process that must see these same settings, on top of the rest of ours."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TANDEM_", "TEMPORAL_"))}
        own: dict[str, str] = {}
        for name, value in self.model_dump(exclude={"temporal_profile"}, exclude_none=True).items():
            own[f"TANDEM_{name.upper()}"] = str(value.get_secret_value() if isinstance(value, SecretStr) else value)
        return inherited | own | self._temporal_environment()

    def _temporal_environment(self) -> dict[str, str]:
        if self.embeds_temporal:
            return {"TEMPORAL_NAMESPACE": self.temporal_namespace}
        given = {name: value for name, value in os.environ.items() if name.startswith("TEMPORAL_")}
        return given | {"TEMPORAL_ADDRESS": self.temporal_address, "TEMPORAL_NAMESPACE": self.temporal_namespace}


def _vault_key(named: str) -> str:
    address = urlsplit(named.removeprefix("vault:"))
    if address.scheme not in ("http", "https") or not re.fullmatch(r"(/[A-Za-z0-9._-]+){2,}", address.path.rstrip("/")):
        raise ValueError("it must look like vault:https://host:8200/transit/name-of-the-key")
    if address.username is not None or address.query or address.fragment:
        raise ValueError("the token is never in it: it is read from VAULT_TOKEN, or from TANDEM_VAULT_TOKEN_FILE")
    if address.scheme == "http" and not is_loopback(address.hostname or ""):
        raise ValueError("a token is not sent in the clear: use https://")
    return named.rstrip("/")


def _mail_server(url: str) -> MailServer:
    kinds: Mapping[str, tuple[Literal["plain", "starttls", "tls"], int]] = {
        "smtp": ("plain", 25),
        "smtp+starttls": ("starttls", 587),
        "smtps": ("tls", 465),
    }
    parts = urlsplit(url)
    if parts.scheme not in kinds or not parts.hostname:
        raise ValueError("it must look like smtp://host:port, smtp+starttls://user:password@host or smtps://…")
    security, usual_port = kinds[parts.scheme]
    if security == "plain" and parts.password and parts.hostname not in _LOOPBACK:
        raise ValueError("a password is not sent in the clear: use smtp+starttls:// or smtps://")
    return MailServer(
        host=parts.hostname,
        port=parts.port or usual_port,
        security=security,
        user=unquote(parts.username) if parts.username else None,
        password=SecretStr(unquote(parts.password)) if parts.password else None,
    )


def _imap_server(url: str) -> ImapServer:
    kinds: Mapping[str, tuple[Literal["plain", "starttls", "tls"], int]] = {
        "imap": ("plain", 143),
        "imap+starttls": ("starttls", 143),
        "imaps": ("tls", 993),
    }
    parts = urlsplit(url)
    if parts.scheme not in kinds or not parts.hostname or not parts.username or not parts.password:
        raise ValueError("it must look like imaps://user:password@host/FOLDER or imap+starttls://user:password@host")
    security, usual_port = kinds[parts.scheme]
    if security == "plain" and parts.hostname not in _LOOPBACK:
        raise ValueError("a password is not sent in the clear: use imaps:// or imap+starttls://")
    return ImapServer(
        host=parts.hostname,
        port=parts.port or usual_port,
        security=security,
        user=unquote(parts.username),
        password=SecretStr(unquote(parts.password)),
        folder=unquote(parts.path.strip("/")) or "INBOX",
    )


def load() -> Settings:
    """The settings of this process's environment. Raises BadSettings, in one sentence, when one cannot be used."""
    try:
        return Settings()
    except ValidationError as invalid:
        first = next(error for error in invalid.errors() if error["type"] != "default_factory_not_called")
        raise BadSettings(_sentence(first["loc"], first["msg"])) from None
    except RuntimeError as invalid:  # temporalio raises it for a TEMPORAL_* variable or profile it cannot read
        raise BadSettings(f"Temporal's variables (TEMPORAL_*) cannot be used: {invalid}") from None


def _sentence(place: tuple[int | str, ...], complaint: str) -> str:
    complaint = complaint.removeprefix("Value error, ")
    return f"TANDEM_{str(place[0]).upper()} cannot be used: {complaint}" if place else complaint
