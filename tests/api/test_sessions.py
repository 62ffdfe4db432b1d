"""Signed in at a browser: what its cookie opens, what it does not, and how one is signed out."""

from __future__ import annotations

import re

import asyncpg
import httpx
import pytest

from api.app import create_app
from settings import Settings
from testing.api_clients import Voice, problem
from testing.api_company import Company, joins
from testing.sign_in import SessionCookie, signed_in
from tests.api.conftest import serving

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
async def rosa(company: Company) -> Voice:
    """Somebody new."""
    await company.pool.execute("DELETE FROM people WHERE email = 'rosa@example.org'")
    return await joins(company, "rosa", [])


async def status(company: Company, cookie: SessionCookie, path: str = "/me/access") -> int:
    return (await company.http.get(path, headers=cookie.header)).status_code


async def test_the_cookie_is_no_token_and_opens_no_api(company: Company, rosa: Voice) -> None:
    cookie = await signed_in(company.http, rosa.token)
    assert cookie.value != rosa.token
    for headers in (cookie.header, {"Authorization": f"Bearer {cookie.value}"}):
        problem(await company.http.get("/v1/me", headers=headers), 401, "unauthenticated")
    as_cookie = SessionCookie(cookie.name, str(rosa.token))
    assert (await company.http.get("/owed", headers=as_cookie.header)).headers["location"] == "/sign-in?next=/owed"


async def test_the_cookie_is_kept_from_scripts_and_other_sites(company: Company, rosa: Voice) -> None:
    answer = await company.http.post("/sign-in", data={"_token": rosa.token}, headers={"Cookie": "none=none"})
    company.http.cookies.clear()
    said = answer.headers["set-cookie"].lower()
    assert said.startswith("tandem=")
    assert {"httponly", "samesite=lax", "path=/"} <= set(said.split("; "))
    assert "secure" not in said
    assert "domain" not in said


async def test_under_https_it_belongs_to_this_host_alone(running: Settings, company: Company, rosa: Voice) -> None:
    app = create_app(running.model_copy(update={"base_url": "https://localhost"}))
    async with serving(app) as http:
        answer = await http.post("/sign-in", data={"_token": rosa.token})
        out = await http.post("/sign-out")
    for given in (answer, out):
        said = given.headers["set-cookie"].lower()
        assert said.startswith("__host-tandem=")
        assert {"httponly", "samesite=lax", "path=/", "secure"} <= set(said.split("; "))
        assert "domain" not in said


async def test_signing_out_ends_it_for_whoever_kept_the_cookie(company: Company, rosa: Voice) -> None:
    cookie = await signed_in(company.http, rosa.token)
    assert await status(company, cookie) == 200
    out = await company.http.post("/sign-out", headers=cookie.header)
    assert out.headers["clear-site-data"] == '"cache", "storage"'
    assert await status(company, cookie) == 303


async def test_signing_in_again_ends_the_session_before(company: Company, rosa: Voice) -> None:
    before = await signed_in(company.http, rosa.token)
    answer = await company.http.post("/sign-in", data={"_token": rosa.token}, headers=before.header)
    company.http.cookies.clear()
    assert answer.cookies[before.name] != before.value
    assert await status(company, before) == 303
    assert len(await rosa.reads("/v1/me/sessions")) == 1


async def test_whoever_leaves_is_out_at_once(company: Company, rosa: Voice) -> None:
    cookie = await signed_in(company.http, rosa.token)
    person = (await rosa.reads("/v1/me"))["person"]
    gone = {key: value for key, value in person.items() if key != "id"} | {"active": False}
    await company.ops.send("PUT", f"/v1/people/{rosa.id}", json=gone)
    assert await status(company, cookie) == 303


async def test_a_secret_that_is_replaced_comes_with_the_page(company: Company, rosa: Voice) -> None:
    cookie = await signed_in(company.http, rosa.token)
    await company.pool.execute("UPDATE sessions SET renewed_at = now() - interval '1 day' WHERE person = $1", rosa.id)
    answer = await company.http.get("/me/access", headers=cookie.header)
    company.http.cookies.clear()
    renewed = SessionCookie(cookie.name, answer.cookies[cookie.name])
    assert renewed.value != cookie.value
    assert [await status(company, one) for one in (cookie, renewed)] == [200, 200]


async def test_one_sees_where_one_is_signed_in_and_ends_it(company: Company, rosa: Voice) -> None:
    here = await signed_in(company.http, rosa.token)
    answer = await company.http.post(
        "/sign-in", data={"_token": rosa.token}, headers={"Cookie": "a=b", "User-Agent": FIREFOX}
    )
    company.http.cookies.clear()
    there = SessionCookie(here.name, answer.cookies[here.name])
    page = (await company.http.get("/me/access", headers=here.header)).text
    assert "Firefox on Linux" in page
    assert page.count("this one") == 1
    assert "rv:140" not in page

    [other] = [one for one in await rosa.reads("/v1/me/sessions") if one["browser"] == "Firefox on Linux"]
    ended = await company.http.post(f"/me/sessions/{other['id']}/end", headers=here.header)
    assert ended.headers["location"] == "/me/access"
    assert [await status(company, one) for one in (here, there)] == [200, 303]
    again = await company.http.post(f"/me/sessions/{other['id']}/end", headers=here.header)
    assert again.status_code == 404


async def test_sessions_are_ended_over_the_api(company: Company, rosa: Voice) -> None:
    cookie = await signed_in(company.http, rosa.token)
    [listed] = await rosa.reads("/v1/me/sessions")
    assert set(listed) == {"id", "began_at", "last_seen", "ends_at", "browser"}
    problem(await company.stranger.send("DELETE", f"/v1/me/sessions/{listed['id']}"), 404, "not_found")
    assert await status(company, cookie) == 200
    assert (await rosa.send("DELETE", f"/v1/me/sessions/{listed['id']}")).status_code == 204
    assert await status(company, cookie) == 303
    problem(await company.system.get("/v1/me/sessions"), 403, "not_permitted")


async def test_an_administrator_signs_somebody_out(company: Company, rosa: Voice) -> None:
    cookies = [await signed_in(company.http, rosa.token) for _ in range(3)]
    path = f"/v1/people/{rosa.id}/sessions"
    for method, address in (("GET", path), ("DELETE", path), ("DELETE", f"{path}/N-AAAAAAAAAAAAAAAA")):
        problem(await company.recruiting_lead.send(method, address), 403, "not_permitted")
    first = (await company.ops.reads(path))[-1]
    assert (await company.ops.send("DELETE", f"{path}/{first['id']}")).status_code == 204
    assert sorted([await status(company, one) for one in cookies]) == [200, 200, 303]
    assert (await company.ops.send("DELETE", path)).status_code == 204
    assert {await status(company, one) for one in cookies} == {303}


async def test_an_administrator_does_so_on_a_page(company: Company, rosa: Voice) -> None:
    cookie, admin = await signed_in(company.http, rosa.token), await signed_in(company.http, company.ops.token)
    assert f"/ops/people/{rosa.id}" in (await company.http.get("/ops/people", headers=admin.header)).text
    page = await company.http.get(f"/ops/people/{rosa.id}", headers=admin.header)
    [one, everywhere] = re.findall(r'action="(/ops/people/[^"]+/end)"', page.text)
    for path in ("/ops/people", f"/ops/people/{rosa.id}"):
        assert await status(company, cookie, path) == 403
    for path in (one, everywhere):
        assert (await company.http.post(path, headers=cookie.header)).status_code == 403
        foreign = {**admin.header, "Origin": "https://elsewhere.example"}
        assert (await company.http.post(path, headers=foreign)).status_code == 403
    assert await status(company, cookie) == 200
    assert (await company.http.post(everywhere, headers=admin.header)).status_code == 303
    assert await status(company, cookie) == 303


async def test_a_database_that_is_away_is_no_signing_out(
    company: Company, rosa: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = await signed_in(company.http, rosa.token)

    async def away(*_: object) -> None:
        raise asyncpg.CannotConnectNowError

    with monkeypatch.context() as patch:
        patch.setattr("store.sessions.Sessions.held", away)
        answer: httpx.Response = await company.http.get("/me/access", headers=cookie.header)
    assert (answer.status_code, "set-cookie" in answer.headers) == (503, False)
    assert await status(company, cookie) == 200
