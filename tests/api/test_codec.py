"""The endpoint where the Temporal UI has payloads opened: for whom, for whose pages, and on record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import WorkflowSerializationContext

from api.app import create_app
from settings import Settings
from testing.api_clients import Voice, problem, taken
from testing.api_company import Company, joins
from testing.sign_in import signed_in
from tests.api.conftest import serving

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"title":"Product Manager"}')


@pytest.fixture(scope="module")
async def opening_app(running: Settings, company: Company) -> FastAPI:
    """The API where payloads are sealed, beside the one of the other tests."""
    return create_app(running.model_copy(update={"payload_codec": "on"}))


@pytest.fixture(scope="module")
async def opening(opening_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(opening_app) as http:
        yield http


@pytest.fixture
def from_the_ui(running: Settings) -> dict[str, str]:
    return {"Origin": f"http://127.0.0.1:{running.temporal_ui_port}"}


@pytest.fixture
async def sealed(opening: httpx.AsyncClient, opening_app: FastAPI) -> dict[str, Any]:
    """What the Temporal UI asks: two payloads of a requisition, and one that nobody sealed."""
    codec = opening_app.state.services.opens_payloads
    of_one = codec.with_context(WorkflowSerializationContext(namespace="default", workflow_id="requisition/R-CODEC001"))
    return body([*await of_one.encode([PLAIN, PLAIN]), PLAIN])


def body(payloads: list[Payload]) -> dict[str, Any]:
    return MessageToDict(Payloads(payloads=payloads))


def bearing(voice: Voice) -> dict[str, str]:
    return {"Authorization": f"Bearer {voice.token}"}


async def test_operations_read_it_and_it_is_on_record(
    opening: httpx.AsyncClient,
    sealed: dict[str, Any],
    company: Company,
    from_the_ui: dict[str, str],
    pool: asyncpg.Pool,
) -> None:
    answer = await opening.post("/codec/decode", json=sealed, headers=bearing(company.ops) | from_the_ui)
    assert answer.status_code == 200
    assert answer.json() == body([PLAIN] * 3)
    assert answer.headers["access-control-allow-origin"] == from_the_ui["Origin"]
    assert answer.headers["access-control-allow-credentials"] == "true"
    [row] = await pool.fetch("SELECT * FROM audit WHERE act = 'decoded_payloads' ORDER BY seq DESC LIMIT 1")
    said = {"actor": company.ops.id, "object": "2", "about": "R-CODEC001", "permission": "company.payloads.decode"}
    assert said.items() <= dict(row).items()


async def test_a_page_of_the_ui_asks_with_the_session_and_no_other_page_does(
    opening: httpx.AsyncClient, sealed: dict[str, Any], company: Company, from_the_ui: dict[str, str]
) -> None:
    cookie = (await signed_in(opening, company.ops.token)).header
    answer = await opening.post("/codec/decode", json=sealed, headers=from_the_ui | cookie)
    assert answer.json() == body([PLAIN] * 3)
    problem(await opening.post("/codec/decode", json=sealed, headers=cookie), 401, "unauthenticated")
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1", from_the_ui["Origin"] + "0"):
        for shown in (cookie, bearing(company.ops)):
            refused = await opening.post("/codec/decode", json=sealed, headers={"Origin": origin} | shown)
            problem(refused, 403, "not_permitted")
            assert "access-control-allow-origin" not in refused.headers
        problem(await opening.options("/codec/decode", headers={"Origin": origin}), 403, "not_permitted")


async def test_nobody_else_reads_it(
    opening: httpx.AsyncClient, sealed: dict[str, Any], company: Company, from_the_ui: dict[str, str]
) -> None:
    answer = await opening.post("/codec/decode", json=sealed, headers=from_the_ui)
    problem(answer, 401, "unauthenticated")
    assert answer.headers["access-control-allow-origin"] == from_the_ui["Origin"]
    for part, voice in company.voices.items():
        if part != "ops":
            problem(await opening.post("/codec/decode", json=sealed, headers=bearing(voice)), 403, "not_permitted")


async def test_nobody_opens_what_is_about_themselves(
    opening: httpx.AsyncClient, opening_app: FastAPI, company: Company
) -> None:
    applicant = await (await company.opens()).gains("Codec Self")
    codec = opening_app.state.services.opens_payloads
    of_them = WorkflowSerializationContext(namespace="default", workflow_id=f"candidate/{applicant.id}")
    asked = body(await codec.with_context(of_them).encode([PLAIN]))
    olaf = await joins(company, "codec_self", ["O"])
    assert (await opening.post("/codec/decode", json=asked, headers=bearing(olaf))).json() == body([PLAIN])
    taken(await company.partner.send("PUT", f"/v1/humans/{applicant.human}/colleague", params={"person": olaf.id}))
    problem(await opening.post("/codec/decode", json=asked, headers=bearing(olaf)), 403, "not_permitted")


async def test_a_browser_is_told_beforehand(opening: httpx.AsyncClient, from_the_ui: dict[str, str]) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-namespace"}
    answer = await opening.options("/codec/decode", headers=from_the_ui | asks)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == from_the_ui["Origin"]
    assert "x-namespace" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-methods"] == "POST"


async def test_what_was_changed_or_is_too_much_or_nothing_is_not_opened(
    opening: httpx.AsyncClient, sealed: dict[str, Any], company: Company
) -> None:
    headers = bearing(company.ops)
    sealed["payloads"][0]["data"] = sealed["payloads"][1]["data"][:-8] + "AAAAAAA="
    answer = await opening.post("/codec/decode", json=sealed, headers=headers)
    assert answer.json()["payloads"][0] == sealed["payloads"][0]
    assert answer.json()["payloads"][1:] == body([PLAIN, PLAIN])["payloads"]
    for odd in (b"", b"[]", b"\xff", b'{"payloads":[{"data":7}]}', b'{"payloads":' + b"[" * 5000):
        problem(await opening.post("/codec/decode", content=odd, headers=headers), 400, "invalid")
    many = {"payloads": sealed["payloads"] * 400}
    problem(await opening.post("/codec/decode", json=many, headers=headers), 413, "too_large")
    large = {"payloads": [{"data": "A" * 11_000_000}]}
    problem(await opening.post("/codec/decode", json=large, headers=headers), 413, "too_large")


async def test_where_nothing_is_sealed_there_is_nothing(
    company: Company, http: httpx.AsyncClient, from_the_ui: dict[str, str]
) -> None:
    headers = bearing(company.ops) | from_the_ui
    problem(await http.post("/codec/decode", json={"payloads": []}, headers=headers), 404, "not_found")
    problem(await http.options("/codec/decode", headers=headers), 404, "not_found")
    problem(await http.post("/codec/encode", json={"payloads": []}, headers=headers), 404, "not_found")
