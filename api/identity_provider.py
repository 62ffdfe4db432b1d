"""The company's sign-in provider, by OpenID Connect: authorization code with PKCE (S256), state and nonce.

What it answers is believed only as far as it proves it: an id token that one of its published keys signed (RS256 or
ES256), made by this issuer for us, now, for the sign-in that asked. What goes wrong becomes one sentence with a way on,
never more of what was answered than a code in the log.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import Request
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, field_validator

from api.contact_types import Email, Named
from domain.time.zones import Zone
from settings import Settings, is_safe

log = structlog.get_logger("api")

PATIENCE = 10.0
"""Seconds in which the provider must have answered all that one step of a sign-in asks of it."""
DISCOVERED_FOR = 3_600.0
"""Seconds for which its discovery document and its keys are remembered; unknown keys are asked for at once."""
AWAY_FOR = 2.0
"""Seconds for which a provider that does not answer is not asked again what it is."""
LEEWAY = 60
"""Seconds its clock may differ from ours."""
ALGORITHMS = ("RS256", "ES256")
CALLBACK = "/sign-in/provider/callback"
_SCOPE = "openid email profile"
_LONGEST = 255
"""Characters of a subject (OpenID Connect Core, 2)."""

_NAME: TypeAdapter[str] = TypeAdapter(Named)
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)
_ZONE: TypeAdapter[str] = TypeAdapter(Zone)


class ProviderFailed(Exception):
    """A sign-in that came to nothing: a sentence with a way on, and the status it is answered with."""

    def __init__(self, sentence: str, status: int = 401) -> None:
        super().__init__(sentence)
        self.sentence, self.status = sentence, status


@dataclass(frozen=True)
class Identity:
    """Whom the provider says somebody is. `groups` is what its roles claim lists."""

    issuer: str
    subject: str
    email: str
    name: str
    zone: str
    groups: frozenset[str]


class _Discovered(BaseModel):
    """What we need of a discovery document (OpenID Connect Discovery 1.0, 3)."""

    model_config = ConfigDict(extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    scopes_supported: tuple[str, ...] = ()

    @field_validator(
        "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint"
    )
    @classmethod
    def _safe(cls, url: str | None) -> str | None:
        if url is not None and not is_safe(url):
            raise ValueError("an endpoint is reached by TLS")
        return url


class IdentityProvider:
    """The provider that the settings name."""

    def __init__(self, settings: Settings) -> None:
        assert settings.oidc_issuer is not None, "no provider is named"
        assert settings.provider_name is not None, "a provider is called something"
        self.issuer, self.name = settings.oidc_issuer, settings.provider_name
        self._settings = settings
        self._back = f"{settings.base_url}{CALLBACK}"
        self._discovered: tuple[_Discovered, float] | None = None
        self._away: tuple[ProviderFailed, float] | None = None
        self._discovering = asyncio.Lock()
        self._keys: tuple[list[dict[str, Any]], float] | None = None

    async def sign_in_address(self, state: str, nonce: str, verifier: str) -> str:
        """Where a browser goes to sign in. Raises ProviderFailed."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        at, claim = await self._found(), self._settings.oidc_roles_claim
        url: str = prepare_grant_uri(
            at.authorization_endpoint,
            client_id=self._settings.oidc_client_id,
            response_type="code",
            redirect_uri=self._back,
            scope=f"{_SCOPE} {claim}" if claim in at.scopes_supported else _SCOPE,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return url

    async def sign_out_address(self) -> str | None:
        """Where a browser goes to sign out there too; None where that is not possible, or nobody answers."""
        try:
            endpoint = (await self._found()).end_session_endpoint
        except ProviderFailed:
            return None
        if endpoint is None:
            return None
        back = f"{self._settings.base_url}/sign-in"
        query = urlencode({"client_id": self._settings.oidc_client_id or "", "post_logout_redirect_uri": back})
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"

    async def identity(self, code: str, nonce: str, verifier: str) -> Identity:
        """Whom a code stands for that came with a browser. Raises ProviderFailed."""
        at = await self._found()
        async with self._asking() as client:
            secret = self._settings.oidc_client_secret is not None
            basic = "client_secret_basic" in at.token_endpoint_auth_methods_supported
            client.token_endpoint_auth_method = (
                "none" if not secret else "client_secret_basic" if basic else "client_secret_post"
            )
            tokens = await client.fetch_token(at.token_endpoint, code=code, code_verifier=verifier)
            claims = await self._verified(client, at, tokens, nonce)
            if "email" not in claims and at.userinfo_endpoint is not None:
                told = (await client.get(at.userinfo_endpoint)).raise_for_status().json()
                if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
                    raise self._unproved("userinfo")
                # Whether an address is proved says whoever says the address.
                claims = told | {name: said for name, said in claims.items() if name != "email_verified"}
        return self._identity(claims)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[Any]:
        """A client for one step, within `PATIENCE`; what goes wrong in the block becomes ProviderFailed."""
        # Here, and not above: they take their time to import, and are for companies with a provider alone.
        import httpx2
        from authlib.integrations.base_client import OAuthError
        from authlib.integrations.httpx_client import AsyncOAuth2Client
        from joserfc.errors import JoseError

        settings = self._settings
        secret = settings.oidc_client_secret
        client = AsyncOAuth2Client(
            settings.oidc_client_id,
            secret.get_secret_value() if secret else None,
            scope=_SCOPE,
            redirect_uri=self._back,
            timeout=PATIENCE,
        )
        try:
            async with asyncio.timeout(PATIENCE), client:
                yield client
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as away:
            log.warning("provider away", reason=type(away).__name__)
            raise ProviderFailed(
                f"{self.name} does not answer just now. Try again in a minute, or have a link mailed to you.", 503
            ) from None
        except OAuthError as refused:
            log.warning("provider refused the code", reason=str(refused.error)[:60])
            raise ProviderFailed(f"{self.name} did not confirm this sign-in. Begin again.") from None
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as unfit:
            raise self._unproved(getattr(unfit, "claim", None) or type(unfit).__name__) from None

    async def _found(self) -> _Discovered:
        """What it says of itself. Whoever asks meanwhile waits; one that is away is let alone for `AWAY_FOR`.

        Anybody may ask, as often as they like, and a client of our own costs more than their question.
        """
        async with self._discovering:
            now = time.monotonic()
            if self._discovered is not None and now - self._discovered[1] <= DISCOVERED_FOR:
                return self._discovered[0]
            if self._away is not None and now - self._away[1] <= AWAY_FOR:
                raise ProviderFailed(self._away[0].sentence, self._away[0].status)
            try:
                async with self._asking() as client:
                    found = await self._discover(client)
            except ProviderFailed as failed:
                self._away = failed, time.monotonic()
                raise
            self._discovered, self._away = (found, time.monotonic()), None
            return found

    async def _discover(self, client: Any) -> _Discovered:
        address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        answer = (await client.request("GET", address, withhold_token=True)).raise_for_status()
        try:
            found = _Discovered.model_validate(answer.json())
        except ValueError:
            found = None
        if found is None or found.issuer != self.issuer:
            log.error("provider unfit", issuer=found.issuer if found else None)
            raise ProviderFailed(
                f"{self.name} is not what Tandem was told of. Tell an administrator, or have a link mailed to you.",
                503,
            )
        return found

    async def _verified(self, client: Any, at: _Discovered, tokens: Any, nonce: str) -> dict[str, Any]:
        """The claims of an id token that holds. Raises JoseError, and ValueError and the like for what is none."""
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError

        token = tokens["id_token"]
        try:
            read = jwt.decode(token, _key_set(await self._published(client, at)), ALGORITHMS)
        except InvalidKeyIdError:
            read = jwt.decode(token, _key_set(await self._published(client, at, anew=True)), ALGORITHMS)
        claims = CodeIDToken(
            read.claims,
            read.header,
            options={
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._settings.oidc_client_id},
            },
            params={
                "nonce": nonce,
                "client_id": self._settings.oidc_client_id,
                "access_token": tokens.get("access_token"),
            },
        )
        claims.validate(leeway=LEEWAY)
        return dict(claims)

    async def _published(self, client: Any, at: _Discovered, *, anew: bool = False) -> list[dict[str, Any]]:
        """The provider's keys, each as it publishes it."""
        if anew or self._keys is None or time.monotonic() - self._keys[1] > DISCOVERED_FOR:
            answer = (await client.request("GET", at.jwks_uri, withhold_token=True)).raise_for_status()
            self._keys = list(answer.json()["keys"]), time.monotonic()
        return self._keys[0]

    def _identity(self, claims: dict[str, Any]) -> Identity:
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST or not subject.isprintable():
            raise self._unproved("sub")
        email = _fit(_EMAIL, claims.get("email"))
        if email is None or not _is_true(claims.get("email_verified", True)):
            raise ProviderFailed(
                f"{self.name} does not tell us a mail address that is proved to be yours. "
                "Ask whoever runs it, or have a link mailed to you.",
                403,
            )
        names = (claims.get("name"), claims.get("preferred_username"), email.partition("@")[0])
        name = next(filter(None, (_fit(_NAME, one) for one in names)), email)
        return Identity(
            self.issuer,
            subject,
            email,
            name,
            _fit(_ZONE, claims.get("zoneinfo")) or "UTC",
            frozenset(_listed(claims, self._settings.oidc_roles_claim)),
        )

    def _unproved(self, what: str) -> ProviderFailed:
        log.warning("provider unproved", what=what)
        return ProviderFailed(
            f"What {self.name} answered does not prove who you are. Begin again; if that does not help, tell an "
            "administrator."
        )


def provider_of(request: Request) -> IdentityProvider | None:
    """The company's provider, if it has one."""
    found: IdentityProvider | None = request.app.state.provider
    return found


def _key_set(published: Iterable[dict[str, Any]]) -> Any:
    """Those of the published keys that can be used; a provider may have others, of kinds that are none of ours."""
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry, KeySet

    keys = []
    for one in published:
        try:
            if one.get("kty") in ("RSA", "EC") and one.get("use", "sig") == "sig":
                keys.append(JWKRegistry.import_key(one))
        except (JoseError, ValueError):
            continue
    return KeySet(keys)


def _listed(claims: dict[str, Any], name: str | None) -> list[str]:
    """What a claim lists: `groups`, or `roles` within `realm_access` where the name is `realm_access.roles`."""
    if name is None:
        return []
    found: Any = claims
    for part in [name] if name in claims else name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    listed = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return [one for one in listed if isinstance(one, str)]


def _is_true(said: object) -> bool:
    """Whether a claim is true: as a boolean, or, as some providers have it, in a word."""
    return said is True or said == "true"


def _fit(kind: TypeAdapter[str], value: object) -> str | None:
    try:
        return kind.validate_python(value)
    except ValidationError:
        return None
