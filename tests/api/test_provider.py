"""Signing in by the company's provider: against a real one, and against one that issues what no real one would."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import secrets
import shutil
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey
from pydantic import SecretStr
from pytest_iam import Server

from api.app import create_app
from api.identity_provider import CALLBACK
from api.pages.account.provider_sign_in import SignInUnderWay
from domain.access.roles import Role
from settings import Settings
from store.identities import Identities
from store.users import User, Users
from testing.api_clients import eventually
from testing.api_company import Company
from testing.bad_provider import BadProvider, bad_provider, new_key
from testing.machine_pace import pace
from tests.api.conftest import serving

CLIENT, SECRET = "tandem-client", secrets.token_urlsafe(16)
NOT_THIS = "This sign-in was not begun in this browser, took too long, or was used before. Begin again."


@dataclass
class Browser:
    """Somebody at a browser, without a session."""

    http: httpx.AsyncClient

    async def begins(self, next: str = "/board") -> dict[str, str]:
        """Follows the link of the sign-in page: what the provider is asked, and `address`, where."""
        answer = await self.http.get("/sign-in/provider", params={"next": next})
        assert answer.status_code == 303, answer.text
        address = answer.headers["location"]
        return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()} | {"address": address}

    async def comes_back(self, **query: str) -> httpx.Response:
        """Is sent back by the provider."""
        return await self.http.get(CALLBACK, params=query)

    async def signs_in(self, provider: BadProvider, next: str = "/board") -> httpx.Response:
        """Signs in at a provider that asks nothing."""
        asked = await self.begins(next)
        provider.claims.setdefault("nonce", asked["nonce"])
        return await self.comes_back(state=asked["state"], code="c")

    async def is_at(self, path: str) -> str:
        """The page they see."""
        return (await self.http.get(path, follow_redirects=True)).text


def said(answer: httpx.Response) -> str:
    """The sentence in which a sign-in page says what went wrong."""
    [sentence] = re.findall(r'<p class="error" role="alert">(.*?)</p>', answer.text)
    return str(sentence).replace("&#39;", "'")


def signed_in(answer: httpx.Response) -> bool:
    return any(cookie.startswith("tandem=") for cookie in answer.headers.get_list("set-cookie"))


@pytest.fixture(scope="module")
def bad(running: Settings) -> Iterator[BadProvider]:
    """A provider that issues whatever it is told to."""
    with bad_provider(CLIENT) as provider:
        yield provider


@pytest.fixture(scope="module")
async def bad_app(running: Settings, company: Company, bad: BadProvider) -> AsyncIterator[httpx.AsyncClient]:
    """The pages of a company with that provider."""
    changes = {
        "oidc_issuer": bad.address,
        "oidc_client_id": CLIENT,
        "oidc_name": "Acme",
        "oidc_roles_claim": "access.roles",
        "provider_roles": {"recruiters": "R", "it": "O"},
    }
    async with serving(create_app(running.model_copy(update=changes))) as http:
        yield http


@pytest.fixture
async def browser(bad_app: httpx.AsyncClient, bad: BadProvider, company: Company) -> AsyncIterator[Browser]:
    """A browser there; nobody is known to the provider."""
    bad.reset()
    await company.pool.execute("DELETE FROM identities")
    await company.pool.execute("DELETE FROM people WHERE email LIKE 'new%'")
    bad_app.cookies.clear()
    yield Browser(bad_app)
    bad_app.cookies.clear()


@pytest.fixture(scope="module")
async def real(iam_server: Server, running: Settings, company: Company) -> AsyncIterator[httpx.AsyncClient]:
    """The pages of a company that has this real provider, which knows Tandem."""
    client = iam_server.models.Client(
        client_id=CLIENT,
        client_secret=SECRET,
        client_name="Tandem",
        client_uri="http://127.0.0.1",
        redirect_uris=[f"{running.base_url}{CALLBACK}"],
        post_logout_redirect_uris=[f"{running.base_url}/sign-in"],
        token_endpoint_auth_method="client_secret_basic",
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "email", "profile", "groups"],
        id_token_signed_response_alg="RS256",
    )
    with iam_server.app.app_context():
        iam_server.backend.save(client)
        client.audience = [client]
        iam_server.backend.save(client)
    discovery = (await asked_for(f"{iam_server.url}.well-known/openid-configuration")).json()
    changes = {
        "oidc_issuer": discovery["issuer"],
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SecretStr(SECRET),
        "oidc_roles_claim": "groups",
        "provider_roles": {"recruiters": "R"},
    }
    async with serving(create_app(running.model_copy(update=changes))) as http:
        yield http


async def asked_for(address: str) -> httpx.Response:
    """What stands at an address."""
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.get(address)


def at_the_provider(server: Server, asked: dict[str, str], user: Any) -> dict[str, str]:
    """What the provider sends the browser of `user` back with, who says yes to all it asks."""
    server.login(user)
    server.consent(user)
    try:
        answer = httpx.get(asked["address"], trust_env=False)
        assert answer.status_code == 302, answer.text
        address = urlsplit(answer.headers["location"])
        assert address.path == CALLBACK
        return {name: values[0] for name, values in parse_qs(address.query).items()}
    finally:
        server.logout()


async def test_a_real_provider_signs_in_somebody_new_with_the_roles_of_their_groups(
    real: httpx.AsyncClient, iam_server: Server, company: Company
) -> None:
    user = iam_server.random_user(emails=["rhea.real@example.org"], formatted_name="Rhea Real")
    iam_server.random_group(display_name="recruiters", members=[user])
    browser = Browser(real)
    assert "Sign in with localhost" in await browser.is_at("/sign-in")
    asked = await browser.begins("/reports")
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
    answer = await browser.comes_back(**at_the_provider(iam_server, asked, user))
    assert (answer.status_code, answer.headers["location"]) == (303, "/reports"), answer.text
    found = await Users(company.pool).by_address("rhea.real@example.org")
    assert found is not None
    assert (found.name, found.standing) == ("Rhea Real", frozenset({Role.RECRUITER}))
    assert "Rhea Real" in await browser.is_at("/me")
    rows = await company.ops.reads("/v1/audit", actor=found.id)
    assert {row["act"] for row in rows} >= {"user_added", "identity_linked", "signed_in"}

    out = await real.post("/sign-out")
    there = re.findall(r"^0; url=(.*)$", out.headers["refresh"])[0]
    assert there.replace("&", "&amp;") in out.text
    assert (await asked_for(there)).status_code in (200, 302), "what the provider asks, or where it sends back"
    assert (await real.get("/me")).status_code == 303
    real.cookies.clear()


async def test_a_real_provider_refuses_another_verifier(
    real: httpx.AsyncClient, iam_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = iam_server.random_user(emails=["vera.verifier@example.org"])
    browser = Browser(real)
    asked = await browser.begins()
    back = at_the_provider(iam_server, asked, user)
    monkeypatch.setattr(SignInUnderWay, "verifier", lambda self, at: "x" * 64)
    answer = await browser.comes_back(**back)
    assert answer.status_code == 401
    assert said(answer) == "localhost did not confirm this sign-in. Begin again."
    assert not signed_in(answer)
    monkeypatch.undo()
    with iam_server.app.app_context():  # its backend finds any code of a client for any other
        for code in iam_server.backend.query(iam_server.models.AuthorizationCode):
            iam_server.backend.delete(code)
    asked = await browser.begins()
    back = at_the_provider(iam_server, asked, user)
    assert signed_in(await browser.comes_back(**back)), "with the right one it lets them in"
    real.cookies.clear()


async def test_a_public_client_signs_in_and_is_where_it_was_going(bad: BadProvider, browser: Browser) -> None:
    answer = await browser.signs_in(bad, "/reports")
    assert (answer.status_code, answer.headers["location"]) == (303, "/reports")
    assert "Nia New" in await browser.is_at("/me")
    assert "You are in, and nothing here is yours yet" in await browser.is_at("/owed")


@pytest.mark.parametrize("next", ["https://evil.example", "//evil.example", "/\\evil.example", "/a\nb"])
async def test_nobody_is_sent_to_another_site(bad: BadProvider, browser: Browser, next: str) -> None:
    answer = await browser.signs_in(bad, next)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def _unsigned(bad: BadProvider) -> str:
    """The token that it would issue, by the algorithm `none`."""
    claims = bad.id_token().split(".")[1]
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).decode().rstrip("=")
    return f"{header}.{claims}."


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["tandem-client", "another"], "azp": "another"},
        {"exp": 1},
        {"exp": "tomorrow"},
        {"iss": "https://evil.example"},
        {"sub": None},
        {"sub": ""},
        {"sub": {"a": 1}},
        {"iat": 4_102_444_800},
    ],
    ids=lambda claims: json.dumps(claims)[:40],
)
async def test_a_token_that_does_not_hold_signs_nobody_in(
    bad: BadProvider, browser: Browser, claims: dict[str, Any]
) -> None:
    asked = await browser.begins()
    bad.claims = {"nonce": asked["nonce"]} | claims
    await _is_refused(browser, asked)


@pytest.mark.parametrize("how", ["none", "other_key", "hmac", "garbage", "absent"])
async def test_a_token_that_is_not_signed_by_the_provider_signs_nobody_in(
    bad: BadProvider, browser: Browser, how: str
) -> None:
    asked = await browser.begins()
    bad.claims = {"nonce": asked["nonce"]}
    published = bad.signing
    match how:
        case "none":
            bad.token = _unsigned(bad)
        case "other_key":
            bad.signing = new_key("one")
        case "hmac":
            bad.algorithm = "PS256"
        case "garbage":
            bad.token = "a.b.c"
        case "absent":
            bad.answers["/token"] = (200, b'{"access_token": "a", "token_type": "Bearer"}')
    try:
        await _is_refused(browser, asked)
    finally:
        bad.signing = published


async def _is_refused(browser: Browser, asked: dict[str, str]) -> None:
    answer = await browser.comes_back(state=asked["state"], code="c")
    assert answer.status_code == 401
    assert said(answer).startswith("What Acme answered does not prove who you are. Begin again;")
    assert not signed_in(answer)
    assert (await browser.http.get("/me")).status_code == 303


async def test_a_key_that_is_new_is_asked_for(bad: BadProvider, browser: Browser) -> None:
    assert signed_in(await browser.signs_in(bad))
    before, bad.signing = bad.signing, ECKey.generate_key("P-256", {"kid": "two"})
    bad.published, bad.algorithm = [bad.signing], "ES256"
    try:
        bad.claims = {}
        assert signed_in(await browser.signs_in(bad))
    finally:
        bad.signing = before


async def test_a_sign_in_is_used_once_in_its_own_browser_and_not_for_long(
    bad: BadProvider, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await browser.begins()
    bad.claims = {"nonce": asked["nonce"]}
    kept = dict(browser.http.cookies)

    async def tried(state: str) -> httpx.Response:
        answer = await browser.comes_back(state=state, code="c")
        assert answer.status_code == 400
        assert said(answer) == NOT_THIS
        assert not signed_in(answer)
        browser.http.cookies.clear()
        return answer

    await tried("another")
    await tried(asked["state"])  # in a browser without the cookie
    [(name, value)] = kept.items()
    state, until, path, mark = value.split(".")
    forged = [f"{state}.{int(until) + 600}.{path}.{mark}", f"{state}.{until}..{mark}", "…", "a.b.c.d", ""]
    for cookie in forged:
        browser.http.cookies.set(name, cookie.encode("ascii", "replace").decode())
        await tried(state)
    with monkeypatch.context() as patch:
        patch.setattr("api.pages.account.provider_sign_in.time.time", lambda: float(until) + 1)
        browser.http.cookies.update(kept)
        await tried(state)
    browser.http.cookies.update(kept)
    assert signed_in(await browser.comes_back(state=state, code="c"))
    browser.http.cookies.clear()
    browser.http.cookies.update(kept)
    await tried(state)


async def test_whoever_stops_at_the_provider_may_begin_again(bad: BadProvider, browser: Browser) -> None:
    asked = await browser.begins()
    answer = await browser.comes_back(state=asked["state"], error="access_denied", error_description="<b>no</b>")
    assert answer.status_code == 403
    assert said(answer) == "Acme did not let you in, or you stopped there. Begin again, or have a link mailed to you."
    assert "<b>no" not in answer.text
    assert 'href="/sign-in/provider' in answer.text


@pytest.mark.parametrize(
    ("path", "answered", "sentence", "status"),
    [
        ("/token", (400, b'{"error": "invalid_grant"}'), "Acme did not confirm this sign-in. Begin again.", 401),
        ("/token", (502, b"<html>"), "Acme does not answer just now. Try again in a minute, or have a link", 503),
        ("/token", (200, b"<html>"), "What Acme answered does not prove who you are. Begin again;", 401),
        ("/token", (200, b"[]"), "What Acme answered does not prove who you are. Begin again;", 401),
        ("/keys", (200, b'{"keys": 3}'), "What Acme answered does not prove who you are. Begin again;", 401),
        ("/keys", (200, b'{"keys": []}'), "What Acme answered does not prove who you are. Begin again;", 401),
    ],
)
async def test_a_provider_that_answers_nonsense_is_no_error_of_ours(
    bad: BadProvider, browser: Browser, path: str, answered: tuple[int, bytes], sentence: str, status: int
) -> None:
    bad.answers[path] = answered
    browser.http._transport.app.state.provider._keys = None  # as in an hour
    browser.http._transport.app.state.pages.state.provider._keys = None
    answer = await browser.signs_in(bad)
    assert said(answer).startswith(sentence)
    assert answer.status_code == status
    assert not signed_in(answer)


@pytest.mark.parametrize(
    "document",
    [
        b"<html>",
        b"{}",
        b'{"issuer": "https://evil.example", "authorization_endpoint": "https://e.example/a", '
        b'"token_endpoint": "https://e.example/t", "jwks_uri": "https://e.example/k"}',
        None,
    ],
)
async def test_a_provider_that_is_away_or_another_leaves_the_other_ways_in(
    running: Settings, company: Company, document: bytes | None
) -> None:
    with bad_provider(CLIENT) as other:
        issuer = other.address if document is not None else "http://127.0.0.1:9"
        if document is not None:
            other.answers["/.well-known/openid-configuration"] = (200, document)
        settings = running.model_copy(update={"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_name": "Acme"})
        async with serving(create_app(settings)) as http:
            answer = await http.get("/sign-in/provider")
            assert answer.status_code == 503
            assert said(answer).endswith("have a link mailed to you.")
            assert "Send me a link" in answer.text


async def test_where_no_provider_is_named_nobody_is_offered_one(company: Company) -> None:
    assert "Sign in with" not in (await company.http.get("/sign-in")).text
    for path in ("/sign-in/provider", CALLBACK):
        assert (await company.http.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"email": None}, {}),
        *(({"email_verified": said}, {}) for said in (False, "false", "False", "no", "", 0, 1, [], {})),
        ({"email": None}, {"email": "new@example.org", "email_verified": False}),
        ({"email": None}, {"email": "new@example.org", "sub": "another"}),
    ],
)
async def test_an_address_that_is_not_proved_signs_nobody_in(
    bad: BadProvider, browser: Browser, company: Company, claims: dict[str, Any], told: dict[str, Any]
) -> None:
    await company.pool.execute("DELETE FROM people WHERE email = 'new@example.org'")
    bad.claims, bad.told = claims, told
    answer = await browser.signs_in(bad)
    if told.get("sub"):
        assert (answer.status_code, signed_in(answer)) == (401, False)
        return
    assert answer.status_code == 403
    assert said(answer).startswith("Acme does not tell us a mail address that is proved to be yours.")
    assert await Users(company.pool).by_address("new@example.org") is None


@pytest.mark.parametrize(
    ("listed", "standing"),
    [
        ({"roles": ["recruiters", "unheard-of"]}, "R"),
        ({"roles": "it"}, "O"),
        ({"roles": [3]}, ""),
        ([], ""),
        (None, ""),
    ],
)
async def test_the_roles_of_somebody_new_are_those_that_are_mapped(
    bad: BadProvider, browser: Browser, company: Company, listed: Any, standing: str
) -> None:
    bad.claims = {"access": listed}
    assert signed_in(await browser.signs_in(bad))
    found = await Users(company.pool).by_address("new@example.org")
    assert found is not None
    assert "".join(found.standing) == standing


@pytest.fixture
async def known(company: Company) -> User:
    """A colleague who is known by their address, and was never at the provider."""
    person = User(id="P-NEWKNOWN01", name="Kim Known", email="New.Known@example.org", zone="UTC")
    await Users(company.pool).put(person)
    return person


async def test_somebody_stays_who_they_are_when_their_address_changes_and_it_is_nobody_else_s_key(
    bad: BadProvider, browser: Browser, company: Company, known: User
) -> None:
    users = Users(company.pool)
    bad.claims = {"sub": "kim", "email": "new.known@example.org"}
    assert signed_in(await browser.signs_in(bad))
    assert "Kim Known" in await browser.is_at("/me")

    bad.claims = {"sub": "kim", "email": "new.name@example.org"}
    assert signed_in(await browser.signs_in(bad))
    moved = await users.get(known.id)
    assert moved is not None
    assert moved.email == "new.name@example.org"

    bad.claims = {"sub": "somebody-else", "email": "new.name@example.org", "name": "Else"}
    answer = await browser.signs_in(bad)
    assert answer.status_code == 403
    assert "belongs to an account here that is somebody else's" in said(answer)
    assert not signed_in(answer)

    bad.claims = {"sub": "somebody-else", "email": "new.known@example.org", "name": "Else"}
    assert signed_in(await browser.signs_in(bad)), "the address that was left is free"
    heir = await users.by_address("new.known@example.org")
    assert heir is not None
    assert heir.id != known.id


async def test_whoever_left_is_not_let_in(bad: BadProvider, browser: Browser, company: Company, known: User) -> None:
    bad.claims = {"sub": "kim", "email": known.email}
    assert signed_in(await browser.signs_in(bad))
    browser.http.cookies.clear()
    await Users(company.pool).put(known.but(active=False))
    for claims in (
        {"sub": "kim"},
        {"sub": "kim", "email": "new.other@example.org"},
        {"sub": "x", "email": known.email},
    ):
        bad.claims = claims
        answer = await browser.signs_in(bad)
        assert answer.status_code == 403
        assert said(answer) == (
            "You do not work here any more, as far as Tandem knows. An administrator can take you back."
        )
        assert not signed_in(answer)
    rows = await company.ops.reads("/v1/audit", actor=known.id, act="refused")
    assert rows[0]["object"] == known.id


@pytest.mark.parametrize("new", [True, False])
async def test_whoever_leaves_while_they_sign_in_has_left(
    bad: BadProvider, browser: Browser, company: Company, monkeypatch: pytest.MonkeyPatch, new: bool
) -> None:
    """Somebody new who signs in twice at once, or somebody known whose address changed there."""
    users, looked = Users(company.pool), Identities.user_of
    bad.claims = {"sub": "kit", "email": "new.kit@example.org", "access": {"roles": "it"}}
    assert signed_in(await browser.signs_in(bad))
    browser.http.cookies.clear()
    kit = await users.by_address("new.kit@example.org")
    assert kit is not None

    async def leaves(self: object, address: str) -> None:
        await users.put(kit.but(active=False, standing=frozenset(), email=address))

    async def first(self: Identities, issuer: str, subject: str) -> str | None:
        monkeypatch.setattr(Identities, "user_of", looked)
        await leaves(self, "new.gone@example.org")
        return None

    async def linked(self: Identities, *which: str) -> bool:
        await leaves(self, kit.email)
        return True

    if new:
        monkeypatch.setattr(Identities, "user_of", first)
    else:
        monkeypatch.setattr(Identities, "link", linked)
    bad.claims = {"sub": "kit", "access": {"roles": "it"}}
    bad.claims["email"] = "new.kit@example.org" if new else "new.moved@example.org"
    await browser.signs_in(bad)
    found = await users.get(kit.id)
    assert found is not None
    assert (found.active, found.standing) == (False, frozenset())
    assert (await browser.http.get("/me")).status_code == 303

    monkeypatch.undo()
    await users.put(kit)
    assert (await browser.http.get("/me")).status_code == 303, "taken back, they sign in anew"


async def test_beginning_costs_whoever_asks_more_than_us(bad: BadProvider, browser: Browser) -> None:
    await browser.begins()
    began, times = time.thread_time(), 20
    for _ in range(times):
        await browser.begins()
    assert (time.thread_time() - began) / times < 0.012 * pace()


def _started(server: Any) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return bool(server.started)

    return look


@pytest.mark.slow
async def test_a_real_browser_is_led_there_and_back_and_out_again(
    running: Settings, company: Company, bad: BadProvider, browser: Browser
) -> None:
    """No policy of ours keeps a browser from the provider: neither on the way there, nor signing out."""
    import uvicorn
    from playwright.async_api import async_playwright

    bad.answers["/end"] = (200, b"<!doctype html><title>Out</title><p>Signed out of Acme, too.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    here = f"http://127.0.0.1:{port}"
    changes = {"oidc_issuer": bad.address, "oidc_client_id": CLIENT, "oidc_name": "Acme", "base_url": here}
    app = create_app(running.model_copy(update=changes))
    server = uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_config=None))
    serving_it = asyncio.create_task(server.serve())
    try:
        await eventually(_started(server), "it does not start")
        async with async_playwright() as playwright:
            chromium = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = await chromium.new_page()
            await page.goto(f"{here}/reports")
            await page.get_by_role("link", name="Sign in with Acme").click()
            await page.wait_for_url(f"{here}/reports")
            assert await page.get_by_text("Nia New").count()
            await page.get_by_role("button", name="Sign out").click()
            await page.wait_for_url(f"{bad.address}/end?*")
            assert await page.get_by_text("Signed out of Acme, too.").count()
            await page.goto(f"{here}/reports")
            assert page.url.startswith(f"{here}/sign-in?")
            await chromium.close()
    finally:
        server.should_exit = True
        await serving_it


async def test_what_was_typed_waits_in_its_window(browser: Browser, company: Company) -> None:
    answer = await browser.http.post("/open", data={"_by": company.recruiter.id, "title": "Clerk <of> permits"})
    assert answer.status_code == 401
    assert 'target="_blank"' in answer.text
    assert 'action="/open"' in answer.text
    assert answer.text.count('value="Clerk &lt;of&gt; permits"') == 3  # by the provider, by mail, by token
