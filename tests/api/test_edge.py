"""What the edge does to every request and answer, whoever asks for what: headers, hosts, the API's own page."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from api.app import create_app
from api.http_edge import BodyLimit
from api.problems import Refused
from api.timely_headers import TimelyHeaders
from settings import Settings
from testing.api_clients import problem
from testing.api_company import Company
from testing.served import served
from testing.sign_in import signed_in

ALWAYS = {
    "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
}  # fmt: skip


@pytest.fixture(scope="module")
async def broken(running: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application with a bug in its API and one in its pages, which nobody has started."""
    app = create_app(running)
    pages: FastAPI = app.state.pages

    async def bug() -> None:
        raise ZeroDivisionError

    app.add_api_route("/v1/bug", bug)
    app.router.routes.insert(0, app.router.routes.pop())
    pages.add_api_route("/bug", bug)
    pages.router.routes.insert(0, pages.router.routes.pop())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        yield http


ANSWERS = {
    ("GET", "/v1/me"): 401,
    ("GET", "/v1/nothing"): 404,
    ("DELETE", "/v1/board"): 405,
    ("POST", "/v1/requisitions"): 413,
    ("GET", "/v1/board?phase=%00"): 422,
    ("GET", "/v1/bug"): 500,
    ("GET", "/openapi.json"): 200,
    ("GET", "/docs"): 200,
    ("GET", "/health"): 200,
    ("GET", "/sign-in"): 200,
    ("GET", "/no/such/page/here"): 404,
    ("GET", "/owed%00"): 422,
    ("DELETE", "/sign-in"): 404,
    ("TRACE", "/v1/me"): 405,
    ("TRACE", "/sign-in"): 404,
    ("GET", "/owed/"): 307,
    ("POST", "/sign-in"): 413,
    ("GET", "/bug"): 500,
}


@pytest.mark.parametrize(("method", "path"), ANSWERS)
async def test_every_answer_carries_the_security_headers(
    broken: httpx.AsyncClient, company: Company, method: str, path: str
) -> None:
    status = ANSWERS[method, path]
    http = broken if status in (500,) else company.http
    body = b"x" * 11_000_000 if status == 413 else None
    answer = await http.request(method, path, content=body, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == status, answer.text
    assert ALWAYS.items() <= dict(answer.headers).items()
    assert answer.headers["cache-control"] == "no-store"
    assert not [name for name in answer.headers if name.startswith("access-control-")], "no other site reads us"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert ("script-src" in policy) == (not path.startswith(("/v1/", "/openapi")))


class Hasty(TimelyHeaders):
    """One that waits for less."""

    seconds = 0.3


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[int]:
    """A port on which every request is answered with how many bytes it had."""

    async def counts(scope: Scope, receive: Receive, send: Send) -> None:
        body = await Request(scope, receive).body()
        await PlainTextResponse(f"{len(body)} were read.")(scope, receive, send)

    async with served(counts, http=Hasty) as address:
        yield int(address.rpartition(":")[2])


async def test_headers_that_come_byte_by_byte_are_not_waited_for() -> None:
    whole, part = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HTTP/1.1\r\nHost: "
    async with listening() as port, asyncio.timeout(8):
        for first in (b"", part):
            come, go = await asyncio.open_connection("127.0.0.1", port)
            go.write(first)
            assert await come.read() == b"", "it is closed"
            go.close()
        come, go = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            go.write(whole)
            assert b"200 OK" in await come.readuntil(b"0 were read.")
        go.write(part)
        assert await come.read() == b"", "so is one that was used before"
        go.close()


TWO_LENGTHS = b"Content-Length: 5\r\nContent-Length: 6"
NO_LENGTH = b"Transfer-Encoding: gzip, chunked"
OTHER_LENGTH = b"Content-Length: 2\r\nTransfer-Encoding: chunked"


@pytest.mark.parametrize("lengths", [TWO_LENGTHS, NO_LENGTH, OTHER_LENGTH])
async def test_where_a_request_ends_is_no_matter_of_opinion(lengths: bytes) -> None:
    """Chunks end where they say, whatever else is said; of two lengths neither holds (RFC 9112, 6.3)."""
    async with listening() as port, asyncio.timeout(8):
        come, go = await asyncio.open_connection("127.0.0.1", port)
        go.write(b"POST / HTTP/1.1\r\nHost: localhost\r\n" + lengths + b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
        answer = await come.readuntil(b"read.") if lengths == OTHER_LENGTH else await come.read()
        go.close()
    if lengths == OTHER_LENGTH:
        assert b"5 were read." in answer
    else:
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501")), answer
        assert b"were read" not in answer


async def test_a_bug_is_answered_in_words(broken: httpx.AsyncClient) -> None:
    problem(await broken.get("/v1/bug"), 500, "internal")
    answer = await broken.get("/bug")
    assert answer.headers["content-type"].startswith("text/html")
    assert "Something went wrong on our side; nothing was changed." in answer.text


async def test_what_changes_with_its_address_is_kept_for_a_year(company: Company) -> None:
    answer = await company.http.get("/static/tandem.css")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert ALWAYS.items() <= dict(answer.headers).items()


class Loads(HTMLParser):
    """What a page has a browser load or run, and where it leads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts, self.loaded, self.links, self.ids = 0, set[str](), set[str](), set[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.scripts += tag == "script"
        self.loaded |= {str(given[name]) for name in ("src", "srcset") if name in given}
        self.ids.add(str(given.get("id")))
        (self.loaded if tag == "link" else self.links).add(str(given.get("href")))


async def test_the_apis_own_page_tells_all_without_a_script(company: Company) -> None:
    page = await company.http.get("/docs")
    described = (await company.http.get("/openapi.json")).json()
    found = Loads(page.text)
    assert found.scripts == 0
    assert all(address.startswith("/static/") for address in found.loaded)
    assert "/openapi.json" in found.links
    assert {link[1:] for link in found.links if link.startswith("#")} <= found.ids
    operations = {said["operationId"] for methods in described["paths"].values() for said in methods.values()}
    assert operations <= found.ids
    assert "What the job is called" in page.text  # a field of a command
    assert "not_locked" in page.text  # a refusal of one


async def test_no_other_page_of_the_api_is_served(company: Company) -> None:
    for path in ("/redoc", "/docs/oauth2-redirect"):
        assert (await company.http.get(path)).status_code == 404


FOREIGN = ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost@evil.example", "evil@localhost",
           "localhost/evil", "localhost:evil", "[", ""]  # fmt: skip


@pytest.mark.parametrize("host", FOREIGN)
async def test_a_host_that_is_not_ours_is_answered_nothing(company: Company, host: str) -> None:
    for path in ("/owed", "/owed/", "/sign-in", "/requisitions/"):
        answer = await company.http.get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert "evil" not in answer.text
    problem(await company.http.get("/v1/board/", headers={"Host": host}), 400, "invalid")


async def test_our_own_names_are_answered_and_probes_by_any(company: Company) -> None:
    for host in ("localhost", "LOCALHOST:8080", "127.0.0.1:9", "[::1]:8080"):
        assert (await company.http.get("/sign-in", headers={"Host": host})).status_code == 200
    for path in ("/health", "/ready"):
        assert (await company.http.get(path, headers={"Host": "10.1.2.3:8080"})).status_code == 200


async def test_the_public_address_is_answered(running: Settings) -> None:
    app = create_app(running.model_copy(update={"base_url": "https://tandem.example:8443"}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://tandem.example") as http:
        assert (await http.get("/sign-in")).status_code == 200


async def test_under_https_browsers_are_told_to_come_by_nothing_else(running: Settings, company: Company) -> None:
    app = create_app(running.model_copy(update={"base_url": "https://tandem.example"}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://tandem.example") as http:
        for path in ("/sign-in", "/v1/nothing", "/static/tandem.css", "/openapi.json"):
            told = (await http.get(path)).headers["strict-transport-security"]
            assert told == "max-age=31536000; includeSubDomains", path
    assert "strict-transport-security" not in (await company.http.get("/sign-in")).headers


@pytest.mark.parametrize("path", ["/v1/requisitions", "/sign-in"])
async def test_a_body_that_comes_byte_by_byte_is_not_waited_for(path: str) -> None:
    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await Request(scope, receive).body()
        except Refused:  # as whoever reads a body as JSON takes an error in it
            await PlainTextResponse("This is no JSON.", 422)(scope, receive, send)
        else:
            await PlainTextResponse("Read.")(scope, receive, send)

    async def drips() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)
        yield b"}"

    transport = httpx.ASGITransport(BodyLimit(reads, seconds=0.2))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        async with asyncio.timeout(4):
            answer = await http.post(path, content=drips())
        assert answer.status_code == 408
        assert "too long to arrive" in answer.text
        assert (await http.post(path, content=b"{}")).status_code == 200


async def test_a_sign_in_leads_nowhere_else(company: Company) -> None:
    token = {"_token": str(company.recruiter.token)}
    for next in ("//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/\n//evil.example"):
        answer = await company.http.post("/sign-in", data=token | {"_after": next})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/"
    cookie = (await signed_in(company.http, company.recruiter.token)).header
    assert (await company.http.get("/", headers=cookie)).headers["location"] == "/owed"
