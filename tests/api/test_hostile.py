"""What nobody means well by is refused, everywhere: no address, query, form or body brings the server to an error."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.app import create_app
from api.pages import create_pages
from api.pages.forms.command_forms import ENTITIES
from api.pages.forms.form_schema import Form
from domain.registry import COMMANDS
from local.stack import on_free_ports
from testing.api_clients import Voice
from testing.api_company import Company
from testing.sign_in import signed_in
from tests.api.hostile import ODD, WHOLE, WORDS, spoilt
from tests.api.test_edge import ALWAYS

DESCRIPTION = create_app(on_free_ports(Path("unused"))).openapi()
OPERATIONS = [(method, path) for path, methods in DESCRIPTION["paths"].items() for method in methods]


MOST_BODIES, MOST_REQUESTS, MOST_ADDRESSES, MOST_OF_NOBODYS = 12, 8, 4, 3
"""How many of what can be sent is: of an operation or a page with much some, others for each. What reads a word or a
field is the same for all of a type, and whoever nobody knows is turned away before anything is read."""

T = TypeVar("T")


def some(most: int, of: Sequence[T], path: str) -> list[T]:
    """At most so many, for each path others, and the same each time."""
    return random.Random(path).sample(of, min(len(of), most))


def _routes(waiting: list[Any]) -> Iterator[APIRoute]:
    for route in waiting:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from _routes(list(route.original_router.routes))


def _pages(route: APIRoute) -> list[str]:
    """The paths of a page: one that is for every command has one for each."""
    if route.path == "/me/{command}":
        return [f"/me/{_dashed(name)}" for name in COMMANDS["person"]]
    if route.path == "/{place}/{id}/{command}":
        return [f"/{place}/{{id}}/{_dashed(name)}" for place, entity in ENTITIES.items() for name in COMMANDS[entity]]
    return [route.path]


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _queries(dependant: Dependant) -> list[str]:
    own = [field.alias for field in dependant.query_params]
    return own + [name for part in dependant.dependencies for name in _queries(part)]


PAGES = [
    (method, path, _queries(route.dependant))
    for route in _routes(list(create_pages().routes))
    for path in _pages(route)
    for method in sorted(route.methods)
]


PLANTED = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
async def ids(company: Company) -> dict[str, str]:
    """A requisition with a candidate, for addresses that are right so far."""
    requisition = await company.opens()
    applicant = await requisition.gains("Ruth Abara")
    return {
        "requisitions": requisition.id, "candidates": applicant.id, "people": company.recruiter.id,
        "R": requisition.id, "C": applicant.id, "P": company.recruiter.id, "H": applicant.human, "D": "D-AAAAAAAA",
    }  # fmt: skip


def addresses(path: str, ids: dict[str, str]) -> Iterator[str]:
    """`path` with what it asks for, and then with each odd word in each place of it."""
    room = next((part for part in path.split("/") if part in ids), "requisitions")
    sound = {"id": ids[room], "job": "screen_summary", "person": ids["P"], "place": room, "command": "x"}
    names = [part[1:].partition("}")[0] for part in path.split("/") if part.startswith("{")]
    right = {name: sound.get(name, "1") for name in names}
    yield path.format(**right)
    for name in names:
        yield from (path.format(**right | {name: word}) for word in WORDS)


def complaint_of(answer: httpx.Response) -> str | None:
    """What is wrong with an answer to something hostile."""
    said, to = answer.headers.get("content-type", ""), f"{answer.request.method} {answer.request.url!s:.200}"
    if answer.status_code >= 500:
        return f"{to}: {answer.status_code} {answer.text:.200}"
    if answer.request.url.path.startswith("/v1/") and answer.status_code >= 400 and said != "application/problem+json":
        return f"{to}: {answer.status_code} is no problem document"
    headers = dict(answer.headers)
    if headers.get("referrer-policy") == "no-referrer":
        headers["referrer-policy"] = ALWAYS["referrer-policy"]  # says less still: an address that is itself a secret
    if not ALWAYS.items() <= headers.items() or "content-security-policy" not in headers:
        return f"{to}: {answer.status_code} lacks a security header"
    if said.startswith("text/") and "charset=utf-8" not in said:
        return f"{to}: {answer.status_code} does not say in which characters it is written"
    if said.startswith("text/html") and PLANTED in answer.text:
        return f"{to}: {answer.status_code} runs what was sent"
    return None


def none_is_an_error(answers: list[httpx.Response]) -> None:
    complaints = [complaint for answer in answers if (complaint := complaint_of(answer))]
    assert not complaints, "\n".join(complaints[:10])


@pytest.fixture(params=["recruiter", "nobody"])
def reader(request: pytest.FixtureRequest, company: Company) -> Voice:
    """Who asks."""
    voice: Voice = getattr(company, request.param)
    return voice


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_the_api_refuses_what_is_hostile(
    method: str, path: str, reader: Voice, company: Company, ids: dict[str, str]
) -> None:
    operation = DESCRIPTION["paths"][path][method]
    headers = {"content-type": "application/json"}
    body: dict[str, Any] = {"content": b"{}", "headers": headers} if "requestBody" in operation else {}
    right, *wrong = addresses(path, ids)
    if not reader.token:
        none_is_an_error(
            [await reader.send(method, one, **body) for one in (right, *some(MOST_OF_NOBODYS, wrong, path))]
        )
        return
    queries = [one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"]
    asked = [f"{right}?{query}={word}" for query in queries for word in WORDS]
    asked += [f"{right}?{query}=1&{query}=&{query}=%D9%A3" for query in queries]
    chosen = [*some(MOST_ADDRESSES, wrong, path), *some(MOST_REQUESTS, asked, path)]
    answers = [await reader.send(method, address, **body) for address in chosen]
    for name in (one["name"] for one in operation.get("parameters", ()) if one["in"] == "header"):
        for word in (b"\xff\xfe", b"-1", b"9" * 200, "\0é".encode()):
            answers.append(await reader.send(method, right, **body | {"headers": {**headers, name: word}}))
    if body:
        for whole in WHOLE:
            answers.append(await reader.send(method, right, content=whole, headers=headers))
        for made in some(MOST_BODIES, list(_bodies(operation, ids)), path):
            answers.append(await reader.send(method, right, content=json.dumps(made).encode(), headers=headers))
    none_is_an_error(answers)


def _bodies(operation: dict[str, Any], ids: dict[str, str]) -> Iterator[Any]:
    schema = operation["requestBody"]["content"].get("application/json", {}).get("schema")
    if schema is not None:
        whole = json.loads(json.dumps(schema).replace("#/components/schemas/", "#/$defs/"))
        defs = json.loads(json.dumps(DESCRIPTION["components"]["schemas"]).replace("#/components/schemas/", "#/$defs/"))
        for odd in ODD:
            yield from spoilt({**whole, "$defs": defs}, odd, ids)


FIELDS = ("", "\0", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "-1", "9" * 400, "1e999", "[[]]",
          "\u202e\u200b", "9999-12-31T23:59", "0001-01-01T00:00", "24:00", "%00", "x" * 5_000, "a\r\nb")  # fmt: skip
"""What is typed into every field of a form at once."""


@pytest.mark.slow
@pytest.mark.parametrize("role", ["manager", "interviewer", "recruiting_lead", "ops"])
async def test_every_page_refuses_hostile_addresses_whoever_asks(
    role: str, company: Company, ids: dict[str, str]
) -> None:
    voice: Voice = getattr(company, role)
    headers = (await signed_in(company.http, voice.token)).header
    answers = []
    for path, queries in {path: queries for method, path, queries in PAGES if method == "GET"}.items():
        right, *wrong = addresses(path, ids)
        wrong += [f"{right}?{query}={word}" for query in queries for word in WORDS]
        chosen = some(MOST_ADDRESSES, wrong, f"{role} {path}")
        answers += [await company.http.get(address, headers=headers) for address in (right, *chosen)]
    none_is_an_error(answers)


SCRIPT = f""""><img src=x onerror="alert(1)">{PLANTED}'{{{{7*7}}}}"""


async def test_what_somebody_typed_is_shown_as_text(company: Company) -> None:
    requisition = await company.opens(title=SCRIPT)
    applicant = await requisition.gains("Mala Script")
    again = {"name": f"Mala Script {SCRIPT}", "email": "mala.script@example.com"}
    assert (await company.recruiter.asks("/v1/humans", again)).json()["id"] == applicant.human
    headers = (await signed_in(company.http, company.recruiter.token)).header
    shown = 0
    for path in ("/board", "/owed", f"/requisitions/{requisition.id}", f"/candidates/{applicant.id}",
                 f"/requisitions/{requisition.id}/timeline", f"/requisitions/{requisition.id}/applications",
                 f"/candidates/{applicant.id}/log-contact"):  # fmt: skip
        page = (await company.http.get(path, headers=headers)).text
        assert PLANTED not in page, path
        assert "<img src=x" not in page, path
        shown += "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert shown > 3, "and it is shown"


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path", "queries"), PAGES)
async def test_the_pages_refuse_what_is_hostile(
    method: str, path: str, queries: list[str], reader: Voice, company: Company, ids: dict[str, str]
) -> None:
    headers = (await signed_in(company.http, reader.token)).header if reader.token else {}
    _, *wrong = addresses(path, ids)
    asked = [*_odd_queries(path, queries, ids), *(_odd_forms(path, ids) if method == "POST" else ())]
    chosen: list[Asked] = [(address, {}) for address in some(MOST_ADDRESSES, wrong, path)]
    chosen += some(MOST_REQUESTS if reader.token else MOST_OF_NOBODYS, asked, path)
    answers = [
        await company.http.request(method, address, headers=headers | more.pop("headers", {}), **more)
        for address, more in chosen
    ]
    none_is_an_error(answers)


Asked = tuple[str, dict[str, Any]]
"""Where something is sent, and what."""


def _odd_queries(path: str, queries: list[str], ids: dict[str, str]) -> Iterator[Asked]:
    right, *_ = addresses(path, ids)
    for query in (*queries, "next", "done"):
        yield from ((f"{right}?{query}={word}", {}) for word in WORDS)
        yield f"{right}?{query}=1&{query}=&{query}=%D9%A3", {}


def _odd_forms(path: str, ids: dict[str, str]) -> Iterator[Asked]:
    right, *_ = addresses(path, ids)
    for typed in FIELDS:
        yield right, {"data": dict.fromkeys((*_names(path), "_key", "_next", "_by", "_to", "_token", "_after"), typed)}
    for name in ("_more", "_take", "_reword", "_concrete", "_passage", "_away", "_back", "_again", "_rest"):
        for word in (*_names(path)[:1], "x.0.y.[[]]\0", "criteria.99.id"):
            yield right, {"data": {name: word, word: "\0"}}
    for odd in ("work", "calendar.week.monday.0", "a.0.b.1", "criteria.98.id", "doc.id", "[[]]", "."):
        yield right, {"data": {odd: "[[]]", f"{odd}.0.0": "\0"}}
    for file in (("a\0b.txt", b"\0"), ("x" * 400, b"\xff\xfe" * 9), ("é.vtt", b"WEBVTT\n\n99:99:99.999 --> 0")):
        for name in ("doc", "rec.doc", "title"):
            yield right, {"files": {name: file}, "data": {"_key": "\0"}}
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "application/x-www-form-urlencoded"):
        for content in (b"\0\xff", b"--x\r\n\r\n", b"&=&%00=%ff&" * 2_000):
            yield right, {"content": content, "headers": {"content-type": kind}}


def _names(path: str) -> list[str]:
    """The names of the inputs of a form."""
    entity = next((entity for place, entity in {**ENTITIES, "me": "person"}.items() if f"/{place}/" in path), "")
    kind = COMMANDS["requisition"]["open"] if path == "/open" else None
    kind = kind or COMMANDS.get(entity, {}).get(path.rpartition("/")[2].replace("-", "_"))
    if kind is None:
        return ["title"]
    return [leaf.path for field in Form(kind, "UTC", {}).fields for leaf in field.leaves()]


FILES = (
    b'{"work":[[]]}',
    b'{"work":[{"position":" "},[[]],{}]}',
    b'{"work":["\\ud800 of the permits office, for five years and more, with two vendors and one clerk"]}',
    b'{"basics":{"name":"\\u0000"},"work":[{"summary":"\\u0000 \\u200b"}]}',
    b'{"work":' + b"[" * 900 + b"]" * 900 + b"}",
    b"\xe2\x80\x8b" * 40,
    b"\0" * 40,
    b"WEBVTT\n\n99:99:99.999 --> 00:00\n<v \xe2\x80\x8b>\xe2\x80\x8b",
    b"WEBVTT\n\n" + b"9" * 5_000 + b":00.000 --> 00:01.000\nMaya: Hello",
    b"1\n" + b"9" * 5_000 + b" --> 00:00:00,000\nMaya: Hello",
    b": \n: \n: ",
)


@pytest.mark.parametrize("kind", ["resume", "transcript", "notes"])
async def test_documents_that_are_hostile_are_refused(kind: str, company: Company, ids: dict[str, str]) -> None:
    names = ("cv.json", "a\u202eb.vtt", "x" * 200, "..")
    none_is_an_error([await company.recruiter.upload(kind, ids["H"], file, name) for file in FILES for name in names])
