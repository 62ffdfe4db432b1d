"""When the engine forgot an entity, or only an older build remembers it, its journal brings it back."""

from __future__ import annotations

import asyncio
import itertools
import re
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from cli import tandem
from domain.requisition.terms import TermsChanged
from local.api_client import Api
from local.stack import on_free_ports, stack
from ops.administration import Operator
from settings import Settings
from store.database import connect
from store.journal import Journal
from store.projections import PROJECTIONS
from testing.stack_company import enrol, open_requisition

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return on_free_ports(tmp_path)


async def _open(settings: Settings) -> tuple[str, str]:
    """A requisition, and its recruiter's token."""
    people = await enrol(settings)
    token = people["recruiter"][1]
    async with Api(settings.base_url, token, patience=90) as api:
        requisition = await open_requisition(api, people, "Revived")
        await api.give(f"/v1/requisitions/{requisition}/change-terms", _moved("First"))
    return requisition, token


def _moved(place: str) -> dict[str, str]:
    return {"place": place, "why": "the office moves"}


async def _goes_on(settings: Settings, requisition: str, token: str) -> None:
    """The next command finds the state that was left, and is read back."""
    path = f"/v1/requisitions/{requisition}"
    async with Api(settings.base_url, token, patience=90) as api:
        before = await api.read(path)
        receipt = await api.give(f"{path}/change-terms", _moved("Second"))
        after = await api.read(path, at_least=receipt["version"])
    assert before["place"] == "First"
    assert after["place"] == "Second"
    assert after["version"] >= receipt["version"] > before["version"]


async def test_entities_come_back_when_the_engines_database_is_lost(settings: Settings) -> None:
    async with stack(settings, say=lambda _: None):
        requisition, token = await _open(settings)
    for file in settings.home.glob("temporal.db*"):
        file.unlink()

    async with stack(settings, say=lambda _: None):
        revived = await Operator(settings).revive(())
        assert revived.again[f"requisition/{requisition}"].startswith(f"requisition/{requisition}: there was no run")
        assert (revived.well, revived.not_revived) == ([], {})
        await _goes_on(settings, requisition, token)


async def test_what_is_well_is_left_alone_and_what_is_revived_twice_tells_nobody_anything(settings: Settings) -> None:
    async with stack(settings, say=lambda _: None):
        requisition, token = await _open(settings)
        operator, stream = Operator(settings), f"requisition/{requisition}"
        async with await connect(settings.database_dsn) as pool:
            await _still(pool)
            before = await _everything(pool)
            streams = [row["stream"] for row in await pool.fetch("SELECT stream FROM streams ORDER BY stream")]

            left = await operator.revive(())
            assert (left.well, left.again, left.not_revived) == (streams, {}, {})
            for _ in range(2):
                forced = await operator.revive(streams, force=True)
                assert (list(forced.again), forced.not_revived) == (streams, {})
                await _still(pool)

            assert await _everything(pool) == before
            assert (await operator.revive(())).well == streams
        await _goes_on(settings, requisition, token)
        async with await connect(settings.database_dsn) as pool:
            assert await pool.fetch("SELECT kind FROM tasks") == []
            assert await pool.fetchval("SELECT version FROM streams WHERE stream = $1", stream) > 0


async def test_one_stream_that_cannot_be_read_costs_that_stream_alone(settings: Settings) -> None:
    async with stack(settings, say=lambda _: None):
        requisition, token = await _open(settings)
        stream = f"requisition/{requisition}"
        async with await connect(settings.database_dsn) as pool:
            await _still(pool)
            streams = [row["stream"] for row in await pool.fetch("SELECT stream FROM streams ORDER BY stream")]
            # As a newer build wrote it, that was taken away again.
            await pool.execute("ALTER TABLE events DISABLE TRIGGER events_are_never_changed")
            await pool.execute("UPDATE events SET type = 'terms_reworded', schema = 2 WHERE type = 'terms_changed'")
            number = await pool.fetchval("SELECT seq FROM events WHERE type = 'terms_reworded'")
    for file in settings.home.glob("temporal.db*"):
        file.unlink()

    async with stack(settings, say=lambda _: None):
        rebuilt, said = await _tandem(settings, "rebuild")
        assert (rebuilt, f"{stream}: event {number} (terms_reworded)" in said, "Traceback" in said) == (1, True, False)
        revived, said = await _tandem(settings, "revive", "--all")
        assert (revived, "Traceback" in said) == (1, False)
        assert f"tandem revive --force {stream}" in said
        assert said.count("goes on from version") == len(streams) - 1
        _, said = await _tandem(settings, "doctor")
        assert re.search(r"cannot take in every event of\s+" + stream, said)
        forced, said = await _tandem(settings, "revive", "--force", stream)
        assert (forced, "goes on from version" in said) == (0, True)
        async with Api(settings.base_url, token, patience=30) as api:
            await api.give(f"/v1/requisitions/{requisition}/change-terms", _moved("Second"))


async def _tandem(settings: Settings, *words: str) -> tuple[int, str]:
    """The exit code of a command line, and all that it said."""
    own = {name: value for name, value in settings.environment().items() if name.startswith("TANDEM_")}
    runner = CliRunner(env=own | {"COLUMNS": "400"})
    answer = await asyncio.to_thread(runner.invoke, tandem, list(words))
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exc_info
    return answer.exit_code, answer.output


async def test_whatever_is_acknowledged_while_an_entity_is_revived_is_in_the_journal(settings: Settings) -> None:
    async with stack(settings, say=lambda _: None):
        requisition, token = await _open(settings)
        path, receipts = f"/v1/requisitions/{requisition}/change-terms", dict[str, int]()
        stop, some_more = asyncio.Event(), asyncio.Semaphore(0)

        async def keep_asking(who: int) -> None:
            async with Api(settings.base_url, token, patience=30) as api:
                for n in itertools.count():
                    if stop.is_set():
                        return
                    place = f"Place {who}-{n}"
                    receipts[place] = (await api.give(path, _moved(place), key=place))["version"]
                    some_more.release()

        asking = [asyncio.create_task(keep_asking(who)) for who in range(3)]
        for n in range(4):
            for _ in range(5):
                await some_more.acquire()
            forced = await Operator(settings).revive([f"requisition/{requisition}"], force=True)
            assert forced.not_revived == {}, n
        stop.set()
        await asyncio.gather(*asking)

        async with await connect(settings.database_dsn) as pool:
            await _still(pool)
            records = await Journal(pool, PROJECTIONS).read(f"requisition/{requisition}")
            assert await pool.fetch("SELECT kind FROM tasks") == []
    written = {record.event.place: record.seq for record in records if isinstance(record.event, TermsChanged)}
    assert {place: written.get(place) for place in receipts} == receipts


async def _everything(pool: asyncpg.Pool) -> tuple[list[asyncpg.Record], int, int]:
    """Each event's number, what messages went out, what was drafted."""
    events = await pool.fetch("SELECT stream, seq, type FROM events ORDER BY stream, seq")
    return (
        events,
        await pool.fetchval("SELECT count(*) FROM messages"),
        await pool.fetchval("SELECT count(*) FROM documents"),
    )


async def _still(pool: asyncpg.Pool) -> None:
    """Waits until nothing is left to do, and nothing came of it for a while."""
    still_since, seen = 0, -1
    async with asyncio.timeout(60):
        while still_since < 5:
            await asyncio.sleep(0.2)
            busy = await pool.fetchval("SELECT count(*) FROM effects_undone")
            events = await pool.fetchval("SELECT count(*) FROM events")
            still_since = still_since + 1 if (busy, events) == (0, seen) else 0
            seen = events


async def test_a_new_build_takes_over_what_the_old_one_left(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_BUILD_ID", "one")
    async with stack(settings, say=lambda _: None):
        requisition, token = await _open(settings)

    monkeypatch.setenv("TANDEM_BUILD_ID", "two")
    async with stack(settings, say=lambda _: None):
        await _goes_on(settings, requisition, token)
