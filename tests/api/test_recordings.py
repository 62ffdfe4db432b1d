"""A recording, from the upload to the names of who speaks: over real servers, with an endpoint that transcribes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.documents import UNREADABLE
from local.stack import on_free_ports, servers
from settings import Settings
from store.migrate import migrate
from testing.api_clients import problem
from testing.api_company import Applicant, Company, Requisition, screen_at
from testing.sign_in import signed_in
from testing.sound import recorded
from testing.transcription_endpoint import MODEL, ScriptedEar, ear
from tests.api.conftest import at_work

CALL = recorded(((3.0, 1.0), (1.0, 0.0)), "mp4", "aac", video=True)


@pytest.fixture(scope="module")
async def hears() -> AsyncIterator[ScriptedEar]:
    async with ear() as one:
        yield one


@pytest.fixture(scope="module")
async def hearing(tmp_path_factory: pytest.TempPathFactory, hears: ScriptedEar) -> AsyncIterator[Settings]:
    settings = on_free_ports(
        tmp_path_factory.mktemp("recordings"),
        transcription_model=MODEL,
        transcription_base_url=hears.url,
        recording_megabytes=10,
    )
    async with servers(settings):
        await asyncio.to_thread(migrate, settings.database_dsn)
        yield settings


@pytest.fixture(scope="module")
async def staffed(hearing: Settings) -> AsyncIterator[Company]:
    async with at_work(hearing) as company:
        yield company


@pytest.fixture(scope="module")
async def wanted(staffed: Company) -> Requisition:
    """One in which people are screened."""
    requisition = await staffed.opens()
    await requisition.locks()
    return requisition


def at(**offset: float) -> str:
    return (datetime.now(UTC) + timedelta(**offset)).isoformat()


async def to_be_screened(requisition: Requisition, name: str) -> Applicant:
    """Somebody whose screen is arranged."""
    one = await requisition.gains(name)
    await one.is_shortlisted()
    screen = screen_at(at(days=1))
    await requisition.company.recruiter.does(f"{one.path}/schedule-screen", screen)
    return one


def held(doc: dict[str, Any], kind: str = "recording", consent: bool = True) -> dict[str, Any]:
    """The body of `record-screen` with this record."""
    return {"outcome": "held", "at": at(), "rec": {"kind": kind, "doc": doc, "consent_of_all": consent}}


@pytest.mark.parametrize("given_as", ["recording", "transcript"])
async def test_from_the_upload_to_a_draft_in_her_words(
    staffed: Company, wanted: Requisition, hears: ScriptedEar, given_as: str
) -> None:
    recruiter, one = staffed.recruiter, await to_be_screened(wanted, f"Nadia Quade {given_as}")
    hears.sent.clear()
    doc = await recruiter.uploads(given_as, one.id, CALL, "call.mp4")
    assert doc["state"] == "recording"
    assert hears.sent == []

    refused = problem(await recruiter.asks(f"{one.path}/record-screen", held(doc, "transcript")), 422, "invalid")
    assert "recording" in refused["detail"]
    problem(await recruiter.asks(f"{one.path}/record-screen", held(doc, consent=False)), 422, "consent_missing")
    assert hears.sent == []
    await recruiter.does(f"{one.path}/record-screen", held(doc))

    view = await recruiter.sees(one.path, lambda page: page["screen"]["kind"] == "transcript")
    (piece,) = hears.sent
    assert piece.seconds == pytest.approx(4, abs=0.2)
    said = await recruiter.reads(f"/v1/documents/{view['screen']['record']}")
    assert [turn["speaker"] for turn in said["turns"]] == ["Speaker A", "Speaker B"]
    assert said["state"] == "unconfirmed"
    assert "candidate_summary" not in view["drafts"]
    cookie = await signed_in(staffed.http, recruiter.token)
    shown = await staffed.http.get(f"/candidates/{one.id}", headers=cookie.header)
    assert f"/documents/{view['screen']['record']}" in shown.text

    naming = [{"speaker": "Speaker A", "who": recruiter.id}, {"speaker": "Speaker B", "who": "applicant"}]
    body = {"document": view["screen"]["record"], "speakers": naming}
    await recruiter.does(f"{one.path}/name-speakers", body)
    await recruiter.sees(one.path, lambda page: "candidate_summary" in page["drafts"])

    original = await recruiter.get(f"/v1/documents/{doc['id']}/original")
    assert original.content == CALL
    assert original.headers["content-type"] == "video/mp4"
    problem(await staffed.stranger.get(f"/v1/documents/{doc['id']}/original"), 403, "not_permitted")


async def test_on_the_pages_a_recording_is_given_like_any_file(staffed: Company, wanted: Requisition) -> None:
    recruiter, one = staffed.recruiter, await to_be_screened(wanted, "Bo Harker")
    cookie, path = await signed_in(staffed.http, recruiter.token), f"/candidates/{one.id}/record-screen"
    form = await staffed.http.get(path, headers=cookie.header)
    assert "up to 10 MB and four hours" in form.text
    sent = {"outcome": "held", "at": at()[:16], "rec.kind": "transcript", "rec.consent_of_all": "true", "_key": "once"}
    headers = cookie.header | {"Origin": "http://localhost"}
    files = {"rec.doc": ("call.mp4", CALL, "video/mp4")}
    done = await staffed.http.post(path, data=sent, files=files, headers=headers)
    assert done.status_code == 303, done.text
    view = await recruiter.sees(one.path, lambda page: page["screen"] and page["screen"]["recording"])
    assert view["screen"]["kind"] in ("recording", "transcript")


@pytest.mark.parametrize(
    ("file", "status", "said"),
    [
        (b"OggS" + b"\x07" * 5_000, 422, UNREADABLE["damaged"][0]),
        (b"Mara: What did you count?\n", 422, UNREADABLE["damaged"][0]),
        (recorded((), "mp4", video=True), 422, UNREADABLE["no_sound"][0]),
        (CALL + bytes(11 * 1024**2), 413, "That is too large."),
    ],
    ids=["damaged", "text", "no sound", "too large"],
)
async def test_what_is_no_recording_is_refused_and_nothing_of_it_is_kept(
    staffed: Company, wanted: Requisition, hearing: Settings, file: bytes, status: int, said: str
) -> None:
    one = await wanted.gains(f"Ada {len(file)}")
    answer = await staffed.recruiter.upload("recording", one.id, file)
    assert (answer.status_code, answer.json()["detail"]) == (status, said)
    theirs = (await staffed.recruiter.reads(one.path))["human"]
    rows = await staffed.pool.fetch("SELECT object FROM blobs WHERE object LIKE $1", f"{theirs}/%")
    assert isinstance(hearing.blobs_place, Path)
    lying = {f"{theirs}/{path.name}" for path in (hearing.blobs_place / theirs).glob("B-*")}
    assert lying == {row["object"] for row in rows}


async def test_the_same_recording_is_kept_once(staffed: Company, wanted: Requisition) -> None:
    one = await wanted.gains("Ines Quill")
    first, again = [await staffed.recruiter.uploads("recording", one.id, CALL) for _ in range(2)]
    assert first == again
    rows = await staffed.pool.fetch("SELECT object FROM blobs WHERE document = $1", first["id"])
    assert len(rows) == 1


async def test_no_machine_hears_whoever_asked_for_none(
    staffed: Company, wanted: Requisition, hears: ScriptedEar
) -> None:
    recruiter, one = staffed.recruiter, await to_be_screened(wanted, "Lio Marsh")
    doc = await recruiter.uploads("recording", one.id, CALL)
    await recruiter.does(f"{one.path}/record-request", {"kind": "no_ai", "at": at()})
    hears.sent.clear()
    refused = problem(await recruiter.asks(f"{one.path}/record-screen", held(doc)), 422, "consent_missing")
    assert "machine" in refused["detail"]
    assert hears.sent == []


async def test_without_an_endpoint_there_is_one_clear_sentence(company: Company) -> None:
    requisition = await company.opens()
    answer = await company.recruiter.upload("recording", requisition.id, CALL)
    refused = problem(answer, 422, "invalid")
    assert refused["detail"] == "No model that transcribes recordings is set up."
    assert "TANDEM_TRANSCRIPTION_MODEL" in refused["accepted"]
    assert not await company.pool.fetch("SELECT FROM documents WHERE key = $1", requisition.id)
