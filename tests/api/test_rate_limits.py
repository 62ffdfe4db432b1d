"""Too much is refused in plain words, and nobody is kept out by what others do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.rate_limits import BoundedStorage
from settings import Settings
from testing.api_clients import Voice, problem
from testing.api_company import Company
from testing.sign_in import signed_in
from tests.api.conftest import serving

WRONG = {"Authorization": "Bearer tdm_00000000_nobody"}
TRIES = Settings.model_fields["wrong_tries"].default


@pytest.fixture
async def limited(running: Settings, company: Company) -> AsyncIterator[FastAPI]:
    """The API with its limits as they are unless somebody sets them, but for one proxy and few requests."""
    usual = {name: Settings.model_fields[name].default for name in ("wrong_tries", "mails_asked")}
    app = create_app(running.model_copy(update={**usual, "requests_per_second": 1, "trusted_proxies": 1}))
    async with serving(app):
        yield app


def client_at(app: FastAPI, address: str) -> httpx.AsyncClient:
    """Somebody at this address, as the proxy says."""
    headers = {"X-Forwarded-For": address, "Cookie": "none=none"}
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers, timeout=60)


async def test_wrong_tokens_are_refused_and_right_ones_from_there_are_not(limited: FastAPI, company: Company) -> None:
    async with client_at(limited, "192.0.2.1") as here, client_at(limited, "192.0.2.2") as there:
        mara = replace(company.recruiter, http=here)
        cookie = (await signed_in(here, mara.token)).header
        for _ in range(TRIES):
            problem(await here.get("/v1/me", headers=WRONG), 401, "unauthenticated")
        for answer in [await here.get("/v1/me", headers=WRONG) for _ in range(20)]:
            said = problem(answer, 429, "too_many")
            assert 1 <= int(answer.headers["retry-after"]) <= 60
            assert said["detail"] == "Too many tries that were wrong came from here."
        page = await here.post("/sign-in", data={"_token": "tdm_00000000_nobody", "_after": "/board"})
        assert page.status_code == 429
        assert int(page.headers["retry-after"]) >= 1
        assert "Too many tries that were wrong came from here. The same again in" in page.text
        assert 'value="/board"' in page.text, "what was on its way is kept"
        for path in ("/sign-in/link/none", "/first/none"):
            answer = await here.get(path)
            assert (answer.status_code, "retry-after" in answer.headers) == (429, True)
        assert (await here.post("/sign-in/code", data={"_ask": "x", "_code": "1"})).status_code == 429

        assert (await mara.get("/v1/me")).status_code == 200
        assert (await here.get("/me/access", headers=cookie)).status_code == 200
        assert (await here.post("/sign-in", data={"_token": mara.token})).status_code == 303
        problem(await there.get("/v1/me", headers=WRONG), 401, "unauthenticated")


async def test_a_cookie_that_is_over_and_no_token_at_all_are_no_tries(limited: FastAPI) -> None:
    async with client_at(limited, "192.0.2.3") as here:
        for _ in range(TRIES * 2):
            assert (await here.get("/owed", headers={"Cookie": "tandem=friday"})).status_code == 303
            problem(await here.get("/v1/me"), 401, "unauthenticated")


async def test_nobody_writes_themselves_another_address(limited: FastAPI) -> None:
    async with client_at(limited, "192.0.2.4") as here:
        answers = [
            await here.get("/v1/me", headers=WRONG | {"X-Forwarded-For": f"10.0.0.{number}, 192.0.2.4"})
            for number in range(TRIES + 1)
        ]
    assert [answer.status_code for answer in answers] == [401] * TRIES + [429]


async def test_without_a_trusted_proxy_nobody_says_where_they_are(running: Settings, company: Company) -> None:
    app = create_app(running.model_copy(update={"wrong_tries": 3}))
    async with serving(app), client_at(app, "x") as here:
        answers = [
            await here.get("/v1/me", headers=WRONG | {"X-Forwarded-For": f"10.0.0.{number}"}) for number in range(4)
        ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_the_addresses_of_one_customer_are_one(limited: FastAPI) -> None:
    async with client_at(limited, "x") as here:
        answers = [
            await here.get("/v1/me", headers=WRONG | {"X-Forwarded-For": f"2001:db8::{number:x}"})
            for number in range(TRIES + 1)
        ]
    assert answers[-1].status_code == 429


async def test_mails_that_are_asked_for_are_counted_by_address(limited: FastAPI, company: Company) -> None:
    async with client_at(limited, "192.0.2.5") as here, client_at(limited, "192.0.2.6") as there:
        ask = {"_mail": "nobody@example.org", "_after": "/board"}
        answers = [await here.post("/sign-in/mail", data=ask) for _ in range(31)]
        assert {answer.status_code for answer in answers[:30]} == {200}
        assert answers[30].status_code == 429
        assert "Too many mails were asked for from here." in answers[30].text
        assert 'value="nobody@example.org"' in answers[30].text
        assert (await there.post("/sign-in/mail", data=ask)).status_code == 200


async def test_one_caller_may_ask_for_so_much_and_another_goes_on(limited: FastAPI, company: Company) -> None:
    async with client_at(limited, "192.0.2.7") as here:
        stranger = replace(company.stranger, http=here)
        answers = [await stranger.get("/v1/me") for _ in range(61)]
        assert {answer.status_code for answer in answers[:60]} == {200}
        problem(answers[60], 429, "too_many")
        other: Voice = replace(company.interviewer, http=here)
        assert (await other.get("/v1/me")).status_code == 200


def test_what_is_counted_is_bounded() -> None:
    storage = BoundedStorage(most=100)
    for number in range(10_000):
        storage.incr("often", 60)
        storage.incr(f"once {number}", 60)
    assert storage.get("often") == 10_000
    assert storage.get("once 9999") == 1
    assert storage.get("once 1") == 0
    assert storage.reset() == 100


def test_a_window_ends() -> None:
    storage = BoundedStorage()
    assert storage.incr("x", 0) == 1
    assert storage.get("x") == 0
    assert storage.incr("x", 60) == 1
