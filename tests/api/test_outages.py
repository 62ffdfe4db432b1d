"""When what the API needs is away: it says so, nothing is lost, and nothing is done twice."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from temporalio.service import RPCError, RPCStatusCode

from api import commands
from api.app import create_app
from domain.access.roles import Role
from local import postgres
from local.stack import on_free_ports
from local.supervisor import Supervisor
from settings import Settings
from store.audit import AuditAway
from store.database import connect
from store.migrate import migrate
from store.queries import Reads
from store.tokens import Tokens
from store.users import User, Users
from testing.api_clients import Voice, eventually, problem, taken
from testing.api_company import Company
from testing.places import WHERE
from testing.sign_in import signed_in
from tests.api.conftest import Process, serving
from workflows import client


async def test_without_a_worker_a_command_is_delivered_later_and_once(
    company: Company, worker: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    requisition = await company.opens()
    await company.recruiter.reads(requisition.path, at_least=1)
    path = f"{requisition.path}/schedule-intake"
    starts_at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    body = {"starts_at": starts_at, "minutes": 60, "attendees": [company.manager.id], **WHERE}
    opening = company.opening(title="Opened while nobody was there")
    await worker.stop()
    try:
        with monkeypatch.context() as impatient:
            impatient.setattr(commands, "PATIENCE", 0.5)
            for where, what in ((path, body), (path, body), ("/v1/requisitions", opening)):
                answer = await company.recruiter.asks(where, what, key="patience")
                assert "Idempotency-Key" in problem(answer, 503, "unavailable")["accepted"]
                assert int(answer.headers["retry-after"]) >= 1
        assert (await company.recruiter.reads(requisition.path))["meeting"] is None
    finally:
        await worker.start()
    receipt = await company.recruiter.does(path, body, key="patience")
    await company.recruiter.reads(requisition.path, at_least=receipt["version"])
    happened = [entry["type"] for entry in await company.recruiter.reads(f"{requisition.path}/timeline")]
    assert happened.count("intake_scheduled") == 1
    opened = await company.recruiter.does("/v1/requisitions", opening, key="patience")
    await company.recruiter.reads(f"/v1/{opened['stream'].replace('/', 's/')}", at_least=opened["version"])
    titles = [line["title"] for line in await company.ops.reads("/v1/board", limit=500)]
    assert titles.count("Opened while nobody was there") == 1


@pytest.mark.parametrize("left", ["nothing", "an empty folder"])
async def test_keys_out_of_reach_are_said_to_be_and_nobody_is_taken_for_erased(
    company: Company, running: Settings, left: str
) -> None:
    requisition = await company.opens()
    ruth = await requisition.gains(f"Ruth Far {left}")
    before = await company.recruiter.reads(ruth.path)
    away = running.keys_folder.rename(running.home / "away")
    if left == "an empty folder":  # what a volume that is not mounted looks like
        os.mkdir(running.keys_folder)
    try:
        await asyncio.sleep(running.keys_remembered)
        notes = company.recruiter.upload("notes", ruth.human, b"She called twice.")
        added = company.recruiter.asks("/v1/humans", {"name": "Ann New", "email": "ann.new@example.com"})
        for answer in (await company.recruiter.get(ruth.path), await notes, await added):
            assert "key store" in problem(answer, 503, "unavailable")["detail"]
            assert int(answer.headers["retry-after"]) >= 1
        seen = await company.recruiter.get(f"/candidates/{ruth.id}")
        assert "[erased]" not in seen.text
        assert seen.status_code < 500 or (seen.status_code, "retry-after" in seen.headers) == (503, True)
        assert not list(running.keys_folder.glob("*"))
    finally:
        if left == "an empty folder":
            os.rmdir(running.keys_folder)
        away.rename(running.keys_folder)
    assert await company.recruiter.reads(ruth.path) == before
    taken(await company.recruiter.asks("/v1/humans", {"name": "Ann New", "email": "ann.new@example.com"}))


async def test_a_connection_that_breaks_in_the_middle_of_an_answer_changes_no_receipt(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object, **__: object) -> None:
        raise asyncpg.InternalClientError("got result for unknown protocol state 11")

    requisition = await company.opens()
    body = {"place": "Bergen", "why": "The office moves."}
    with monkeypatch.context() as broken:  # before it was taken
        broken.setattr("api.commands.stream_standing", breaks)
        answer = await company.recruiter.asks(f"{requisition.path}/change-terms", body, key="broken")
    assert "Idempotency-Key" in problem(answer, 503, "unavailable")["accepted"]
    with monkeypatch.context() as broken:  # and after
        broken.setattr(Reads, "wait_for_version", breaks)
        first = await company.recruiter.does(f"{requisition.path}/change-terms", body, key="broken")
    assert await company.recruiter.does(f"{requisition.path}/change-terms", body, key="broken") == first
    assert (await company.recruiter.reads(requisition.path, at_least=first["version"]))["place"] == "Bergen"


async def test_a_command_that_never_meets_a_run_is_answered_in_time_and_taken_once(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def between_runs(*_: object) -> None:
        raise RPCError("the run is closing", RPCStatusCode.FAILED_PRECONDITION, b"")

    requisition = await company.opens()
    await company.recruiter.reads(requisition.path, at_least=1)
    starts_at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    body = {"starts_at": starts_at, "minutes": 60, "attendees": [company.manager.id], **WHERE}
    with monkeypatch.context() as broken:
        broken.setattr(client, "GIVEN_AGAIN_FOR", timedelta(seconds=0.3))
        broken.setattr(client, "_give", between_runs)
        answer = await company.recruiter.asks(f"{requisition.path}/schedule-intake", body, key="between")
    assert "Idempotency-Key" in problem(answer, 503, "unavailable")["accepted"]
    assert int(answer.headers["retry-after"]) >= 1

    for _ in range(2):
        receipt = await company.recruiter.does(f"{requisition.path}/schedule-intake", body, key="between")
    await company.recruiter.reads(requisition.path, at_least=receipt["version"])
    happened = [entry["type"] for entry in await company.recruiter.reads(f"{requisition.path}/timeline")]
    assert happened.count("intake_scheduled") == 1


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (FileNotFoundError("policy.yaml"), 500, "Something went wrong on our side; nothing was changed."),
        (PermissionError("spool"), 500, "Something went wrong on our side; nothing was changed."),
        (ConnectionRefusedError(), 503, "The database does not answer just now."),
        (TimeoutError(), 503, "The database does not answer just now."),
        (AuditAway(), 503, "The database does not answer just now."),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else "",
)
async def test_only_what_is_a_connections_fault_is_the_databases(
    company: Company, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, says: str
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise error

    header = (await signed_in(company.http, company.recruiter.token)).header
    monkeypatch.setattr(Reads, "board", fails)
    answer = await company.recruiter.get("/v1/board")
    assert problem(answer, status, "unavailable" if status == 503 else "internal")["detail"] == says
    page = await company.http.get("/board", headers=header)
    assert (page.status_code, says in page.text) == (status, True)


@pytest.mark.parametrize(
    "where", ["host=/no/such/folder", "host=nobody.invalid", "host=127.0.0.1&port=1"], ids=["socket", "name", "port"]
)
async def test_however_the_way_to_the_database_fails_it_is_the_connections_fault(where: str) -> None:
    with pytest.raises((ConnectionError, TimeoutError)):
        await connect(f"postgresql:///tandem?{where}", answers_within=5)


async def test_without_a_database_it_says_so_and_comes_back_by_itself(running: Settings, tmp_path: Path) -> None:
    own = on_free_ports(tmp_path, temporal_port=running.temporal_port)
    own.logs_folder.mkdir()
    database = Supervisor(own, [postgres.child(own)], say=lambda _: None)
    await database.start()
    try:
        await asyncio.to_thread(migrate, own.database_dsn)
        async with await connect(own.database_dsn, size=1) as pool:
            ops = User(id="P-OPERATIONS", name="Ops", email="o@example.org", zone="UTC", standing=frozenset(Role))
            await Users(pool).put(ops)
            token = await Tokens(pool).make(ops.id, "person", "test")
        async with serving(create_app(own)) as http:
            someone = Voice(http, ops.id, token)
            await someone.reads("/v1/board")
            await database.stop()
            for answer in (await someone.get("/v1/board"), await someone.asks("/v1/requisitions/R-UNKNOWN0/resume")):
                problem(answer, 503, "unavailable")
                assert int(answer.headers["retry-after"]) >= 1
            assert (await someone.get("/health")).status_code == 200
            assert (await someone.get("/ready")).status_code == 503
            database = Supervisor(own, [postgres.child(own)], say=lambda _: None)
            await database.start()

            async def answers() -> bool:
                return (await someone.get("/v1/board")).status_code == 200

            await eventually(answers, "the API does not find its database again")
            assert (await someone.get("/ready")).status_code == 200
    finally:
        await database.stop()
