"""Restore drills: each database is lost, or put back as it was before, and the runbook's command mends what it can."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import asyncpg
import httpx
import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

import wiring
from local.api_client import Api
from local.mailbox import messages
from local.stack import on_free_ports, stack
from ops.administration import Operator
from ops.doctor import Finding, examine
from settings import Settings
from store.database import connect
from testing.stack_company import People, enrol, open_requisition

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return on_free_ports(tmp_path / "home")


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where a backup lies."""
    return tmp_path / "backup"


def moved(place: str) -> dict[str, str]:
    return {"place": place, "why": "The office moves."}


async def begun(settings: Settings) -> tuple[People, str]:
    """Everybody, and a requisition that was changed once."""
    people = await enrol(settings)
    async with Api(settings.base_url, people["recruiter"][1], patience=90) as api:
        requisition = await open_requisition(api, people, "Clerk")
        await api.give(f"/v1/requisitions/{requisition}/change-terms", moved("First"))
    await is_still(settings)
    return people, requisition


async def goes_on(settings: Settings, people: People, requisition: str, *places: str) -> None:
    async with Api(settings.base_url, people["recruiter"][1], patience=90) as api:
        for place in places:
            path = f"/v1/requisitions/{requisition}"
            receipt = await api.give(f"{path}/change-terms", moved(place), key=place)
            assert (await api.read(path, at_least=receipt["version"]))["place"] == place
    await is_still(settings)


async def is_still(settings: Settings) -> None:
    """Waits until nothing is left to do, and nothing came of it for a while."""
    still_since, seen = 0, (-1, -1)
    async with asyncio.timeout(90), await connect(settings.database_dsn, size=1) as pool:
        while still_since < 5:
            await asyncio.sleep(0.2)
            busy = await pool.fetchval("SELECT count(*) FROM effects_undone")
            now = await pool.fetchval("SELECT count(*) FROM events"), len(mails(settings))
            still_since = still_since + 1 if busy == 0 and now == seen else 0
            seen = now


async def events(settings: Settings) -> list[asyncpg.Record]:
    async with await connect(settings.database_dsn, size=1) as pool:
        return list(await pool.fetch("SELECT stream, seq, type, at, by, payload FROM events ORDER BY stream, seq"))


def mails(settings: Settings) -> list[str]:
    """The Message-ID of every mail that went out."""
    return [mail.message_id for mail in messages(settings.mailbox_folder, limit=1_000)]


async def found(settings: Settings, about: str) -> Finding:
    """What the doctor says about it first."""
    return next(one for one in await examine(settings) if one.about == about)


def kept_away(what: Iterable[Path], to: Path) -> None:
    """As `cp -a` keeps owners, which PostgreSQL is strict about."""
    to.mkdir()
    subprocess.run(["cp", "--archive", *what, to], check=True)


def put_back(backup: Path, home: Path) -> None:
    for kept in backup.iterdir():
        gone = home / kept.name
        if gone.is_dir():
            shutil.rmtree(gone)
        else:
            gone.unlink(missing_ok=True)
    subprocess.run(["cp", "--archive", *backup.iterdir(), home], check=True)


def temporal_files(settings: Settings) -> list[Path]:
    return [*settings.home.glob("temporal.db*")]


async def test_postgresql_an_hour_old_is_given_what_temporal_remembers(settings: Settings, kept: Path) -> None:
    async with stack(settings, say=lambda _: None):
        people, requisition = await begun(settings)
    kept_away([settings.postgres_folder], kept)
    async with stack(settings, say=lambda _: None):
        await goes_on(settings, people, requisition, "Second")
        async with Api(settings.base_url, people["recruiter"][1], patience=90) as api:
            younger = await open_requisition(api, people, "Born since")
        await goes_on(settings, people, younger, "Third")
        written, sent = await events(settings), mails(settings)
    put_back(kept, settings.home)

    stream = f"requisition/{requisition}"
    async with stack(settings, say=lambda _: None):
        assert len(await events(settings)) < len(written)
        lacks = await found(settings, "journal")
        assert (lacks.level, stream in lacks.sentence, "tandem revive --all" in lacks.next_step) == (
            "broken",
            True,
            True,
        )

        # Meanwhile nothing is acknowledged; what was taken all the same is not lost, and its key tells of it later.
        bearer = {"Authorization": f"Bearer {people['recruiter'][1]}", "Idempotency-Key": "Fourth"}
        async with httpx.AsyncClient(base_url=settings.base_url, headers=bearer, trust_env=False) as http:
            for _ in range(2):
                answer = await http.post(
                    f"/v1/requisitions/{requisition}/change-terms", json=moved("Fourth"), timeout=30
                )
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
                assert "not acknowledged" in answer.json()["detail"]

        revived = await Operator(settings).revive(())
        assert revived.not_revived == {}
        assert {stream, f"requisition/{younger}"} <= revived.again.keys()
        assert all("and it goes on" in said for said in revived.again.values()), revived.again
        await goes_on(settings, people, requisition, "Fourth", "Fifth")
        after = await events(settings)
        assert [row for row in after if row in written] == written, "what was acknowledged is there, word for word"
        changes = [row for row in after if row["type"] == "terms_changed" and row["stream"] == stream]
        places = [json.loads(row["payload"])["place"] for row in changes]
        assert places == ["First", "Second", "Fourth", "Fifth"]
        assert max(Counter(mails(settings)).values()) == 1, "nobody is told twice"
        assert {*sent} <= {*mails(settings)}
        assert (await found(settings, "runs")).level == "ok"
        assert (await Operator(settings).revive(())).again == {}


async def test_what_temporal_has_forgotten_is_said_and_dropped_only_when_asked(settings: Settings) -> None:
    async with stack(settings, say=lambda _: None):
        people, requisition = await begun(settings)
        stream, client = f"requisition/{requisition}", await wiring.engine(settings)
        async with await connect(settings.database_dsn, size=1) as pool:
            version = await pool.fetchval("SELECT version FROM streams WHERE stream = $1", stream)
            await goes_on(settings, people, requisition, "Second")
            forgotten = WorkflowExecution(
                workflow_id=stream, run_id=(await client.get_workflow_handle(stream).describe()).run_id
            )
            assert (await Operator(settings).revive([stream], force=True)).not_revived == {}
            await goes_on(settings, people, requisition, "Third")
            # As it is where the one is put back from a backup, and the other kept histories for less long.
            await client.workflow_service.delete_workflow_execution(
                DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=forgotten)
            )
            await pool.execute("ALTER TABLE events DISABLE TRIGGER events_are_never_changed")
            await pool.execute("DELETE FROM events WHERE stream = $1 AND seq > $2", stream, version)
            await pool.execute("UPDATE streams SET version = $2 WHERE stream = $1", stream, version)
            await pool.execute("ALTER TABLE events ENABLE TRIGGER events_are_never_changed")
        await Operator(settings).rebuild()

        revived = await Operator(settings).revive([stream])
        assert revived.again == {}
        assert f"the journal ends with event {version}," in revived.not_revived[stream]
        assert f"tandem revive --force {stream}" in revived.not_revived[stream]
        forced = await Operator(settings).revive([stream], force=True)
        assert "without the run's own events" in forced.again[stream]
        await goes_on(settings, people, requisition, "Fourth")
        assert (await found(settings, "runs")).level == "ok"


async def test_temporal_lost_and_then_put_back_takes_the_journals_word(settings: Settings, kept: Path) -> None:
    async with stack(settings, say=lambda _: None):
        people, requisition = await begun(settings)
    kept_away(temporal_files(settings), kept)
    for file in temporal_files(settings):
        file.unlink()
    async with stack(settings, say=lambda _: None):
        written = await events(settings)
        missing = await found(settings, "runs")
        assert (missing.level, "tandem revive --all" in missing.next_step) == ("broken", True)
        header = {"Authorization": f"Bearer {people['recruiter'][1]}"}
        async with httpx.AsyncClient(base_url=settings.base_url, headers=header, trust_env=False, timeout=30) as http:
            for path, body in (
                (f"/v1/requisitions/{requisition}/change-terms", moved("Second")),
                ("/v1/people/me/take-leave", {"leave": {"start": "2030-01-02", "until": "2030-01-03"}}),
            ):
                answer = await http.post(path, json=body)
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "60"), answer.text
        assert await events(settings) == written, "nothing was begun anew over what there was"
        assert (await Operator(settings).revive(())).not_revived == {}
        await goes_on(settings, people, requisition, "Second")
        assert (await found(settings, "runs")).level == "ok"
        written, sent = await events(settings), mails(settings)

    put_back(kept, settings.home)
    async with stack(settings, say=lambda _: None):
        older = await found(settings, "runs")
        assert (older.level, "know less than the journal" in older.sentence) == ("broken", True)
        revived = await Operator(settings).revive(())
        assert revived.not_revived == {}
        assert "behind the journal" in revived.again[f"requisition/{requisition}"]
        await goes_on(settings, people, requisition, "Third")
        assert [row for row in await events(settings) if row in written] == written
        assert max(Counter(mails(settings)).values()) == 1, "nobody is told twice"
        assert {*sent} <= {*mails(settings)}
