"""What is answered to requests that are wrong: always a problem document, and never with what was sent in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from testing.api_clients import problem
from testing.api_company import Company, Requisition, joins
from testing.places import WHERE

JANE = "Jane-Quillfeather"
"""A name that stands nowhere in our own words."""

JSON, TEXT = {"content-type": "application/json"}, {"content-type": "text/plain"}


@pytest.fixture(scope="module")
async def requisition(company: Company) -> Requisition:
    """A requisition for wrong requests to be about."""
    return await company.opens()


async def in_parts(parts: int, size: int) -> AsyncIterator[bytes]:
    """A body whose length is not told beforehand."""
    for _ in range(parts):
        yield b"x" * size


BODIES: dict[str, tuple[dict[str, Any], int, str]] = {
    "no JSON": ({"content": f'{{"why": "{JANE}'.encode()}, 400, "invalid"),
    "no text": ({"content": b"\xff\xfe" + JANE.encode()}, 400, "invalid"),
    "half a character": ({"content": b'{"why": "\\ud800 %s"}' % JANE.encode()}, 422, "invalid"),
    "nothing": ({"content": b""}, 422, "invalid"),
    "not an object": ({"json": [JANE]}, 422, "invalid"),
    "wrong type": ({"json": {"why": [JANE]}}, 422, "invalid"),
    "a field too many": ({"json": {"why": "The budget is gone.", "note": JANE}}, 422, "invalid"),
    "a name for a field": ({"json": {f"{JANE} of {JANE}": 1}}, 422, "invalid"),
    "a character that cannot be kept": ({"json": {"why": f"{JANE}\0 left"}}, 422, "invalid"),
    "not called JSON": ({"content": b'{"why": "%s"}' % JANE.encode(), "headers": TEXT}, 422, "invalid"),
    "too large": ({"content": b"x" * 300_000}, 413, "too_large"),
    "too large, in parts": ({"content": in_parts(10, 50_000)}, 413, "too_large"),
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
async def test_a_body_that_cannot_be_taken(company: Company, requisition: Requisition, body: str) -> None:
    request, status, code = BODIES[body]
    answer = await company.recruiter.send("POST", f"{requisition.path}/cancel", **({"headers": JSON} | request))
    problem(answer, status, code)
    assert JANE not in answer.text
    assert (await company.recruiter.reads(requisition.path))["standing"] == "open"


NOT_KEPT: dict[str, dict[str, Any]] = {
    "more openings than can be counted": {"openings": 10**12},
    "a day no calendar has": {"target_date": "9999-12-31"},
    "no place on earth": {"jurisdiction": JANE},
    "no number": {"band": {"minimum": 1, "maximum": "NaN", "currency": "USD"}},
    "a title of nothing": {"title": "  "},
    "a field too many": {"notes": JANE},
    "a field too many, deep in it": {"band": {"minimum": "1", "maximum": "2", "currency": "USD", "stretch": JANE}},
}


@pytest.mark.parametrize("change", NOT_KEPT)
async def test_a_search_that_could_not_be_kept_is_not_opened(company: Company, change: str) -> None:
    before = len(await company.ops.reads("/v1/board", limit=500))
    answer = await company.recruiter.asks("/v1/requisitions", company.opening(**NOT_KEPT[change]))
    said = problem(answer, 422, "invalid")["detail"]
    assert "There is no such field" in said or not change.startswith("a field too many")
    assert JANE not in answer.text
    assert len(await company.ops.reads("/v1/board", limit=500)) == before


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:00:00Z", JANE])
async def test_a_time_beyond_every_calendar(company: Company, requisition: Requisition, at: str) -> None:
    body = {"starts_at": at, "minutes": 180, "attendees": [company.manager.id], **WHERE}
    answer = await company.recruiter.asks(f"{requisition.path}/schedule-intake", body)
    problem(answer, 422, "invalid")
    assert JANE not in answer.text


async def test_a_zone_that_is_none_is_not_repeated(company: Company) -> None:
    body = {"name": JANE, "email": "jane@example.org", "zone": f"Europe/{JANE}"}
    answer = await company.ops.asks("/v1/people", body)
    assert problem(answer, 422, "invalid")["field"] == "zone"
    assert JANE not in answer.text


PLACES = {
    ("GET", "/v1/nothing"): (404, "not_found"),
    ("DELETE", "/v1/board"): (405, "not_found"),
    ("GET", "/v1/requisitions/R-UNKNOWN0"): (404, "not_found"),
    ("GET", "/v1/requisitions/R-UNKNOWN0/clocks"): (404, "not_found"),
    ("GET", "/v1/candidates/C-UNKNOWN0"): (404, "not_found"),
    ("GET", "/v1/candidates/C-UNKNOWN0/timeline"): (404, "not_found"),
    ("GET", "/v1/documents/D-UNKNOWN0"): (404, "not_found"),
    ("GET", "/v1/mailbox/999999999999"): (404, "not_found"),
    ("POST", "/v1/requisitions/R-UNKNOWN0/resume"): (404, "not_found"),
    ("POST", "/v1/candidates/C-UNKNOWN0/set-legal-hold"): (404, "not_found"),
    ("POST", "/v1/candidates/R-UNKNOWN0/set-legal-hold"): (422, "invalid"),
    ("POST", "/v1/candidates/C-%00/set-legal-hold"): (422, "invalid"),
    ("POST", f"/v1/requisitions/{'R' * 2000}/resume"): (422, "invalid"),
    ("GET", "/v1/board?phase=%00"): (422, "invalid"),
    ("GET", "/v1/board?limit=100000"): (422, "invalid"),
}


async def test_quiet_hours_are_on_ones_own_clock(company: Company) -> None:
    quiet = {"start": "19:26:53+17:38", "end": "20:09"}
    body = {"cadence": "daily", "channel": "mail", "quiet_hours": quiet}
    answer = await company.recruiter.asks("/v1/people/me/set-update-preferences", body)
    refusal = problem(answer, 422, "invalid")
    assert refusal["field"] == "quiet_hours.start"
    assert "leave the zone out" in refusal["detail"]


@pytest.mark.parametrize(("method", "path"), PLACES)
async def test_a_place_there_is_not(company: Company, method: str, path: str) -> None:
    body = {"json": {"on": True, "why": "The lawyers asked."} if "hold" in path else {}} if method == "POST" else {}
    problem(await company.recruiter.send(method, path, **body), *PLACES[method, path])


async def test_somebody_there_is_not_is_named(company: Company, requisition: Requisition) -> None:
    starts_at = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    body = {"starts_at": starts_at, "minutes": 60, "attendees": [company.manager.id, "P-UNKNOWN0"], **WHERE}
    answer = await company.recruiter.asks(f"{requisition.path}/schedule-intake", body)
    assert "P-UNKNOWN0" in problem(answer, 422, "unknown_reference")["detail"]


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer x", "Bearer tdm_00000000_wrong", "Bearer é", "Basic eDp5"])
async def test_a_token_that_is_none(company: Company, header: str) -> None:
    answer = await company.http.get("/v1/me", headers={b"Authorization": header.encode("latin-1")})
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_ends_with_its_person(company: Company) -> None:
    leaver = await joins(company, "leaver", [])
    person = (await leaver.reads("/v1/me"))["person"]
    gone = {key: value for key, value in person.items() if key != "id"} | {"active": False}
    await company.ops.send("PUT", f"/v1/people/{leaver.id}", json=gone)
    problem(await leaver.get("/v1/me"), 401, "unauthenticated")


async def test_health_and_readiness_need_no_token(company: Company) -> None:
    for path in ("/health", "/ready"):
        assert (await company.nobody.get(path)).status_code == 200
