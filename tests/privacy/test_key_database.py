"""Keys in a PostgreSQL server of their own, beside the one that has the words they seal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import psutil
import psycopg
import pytest

import wiring
from local import postgres
from local.stack import on_free_ports
from local.supervisor import Supervisor
from privacy.key_database import PostgresKeyStore
from privacy.keys import KeyDestroyed, KeyMissing, KeyStore, KeysUnreachable, WrongKeys
from privacy.master_key import in_file
from privacy.sealing import Sealer, Tombstone
from settings import Settings
from store.applicants import Applicants, Contact, Hashes
from store.installation import settle
from tests.privacy.transit_server import TOKEN, TransitServer

ANNA, BERT = "H-ANNA00001", "H-BERT00001"
CONTACT = Contact(name="Anna Beck", email="anna@example.org")


@pytest.fixture(scope="module")
async def other_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Settings, Supervisor]]:
    """Another PostgreSQL than the one of the tests."""
    settings = on_free_ports(tmp_path_factory.mktemp("keys"))
    settings.logs_folder.mkdir()
    supervisor = Supervisor(settings, [postgres.child(settings)], say=lambda _: None)
    await supervisor.start()
    yield settings, supervisor
    await supervisor.stop()


@pytest.fixture
def place(other_server: tuple[Settings, Supervisor]) -> str:
    """An empty database for keys."""
    dsn = other_server[0].database_dsn
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS key_store, subject_keys, master_keys")
    return dsn


@pytest.fixture
def master(tmp_path: Path) -> Path:
    return tmp_path / "master.key"


Opening = Callable[[str, Path], PostgresKeyStore]


@pytest.fixture
def store() -> Iterator[Opening]:
    """A key store as another process has it."""
    opened: list[PostgresKeyStore] = []

    def opening(dsn: str, master: Path) -> PostgresKeyStore:
        opened.append(PostgresKeyStore(dsn, lambda _: in_file(master)))
        return opened[-1]

    yield opening
    for one in opened:
        one.close()


@pytest.fixture
def keys(store: Opening, place: str, master: Path) -> PostgresKeyStore:
    keys = store(place, master)
    keys.found("I-THIS")
    return keys


def test_a_subject_keeps_one_key_until_it_is_destroyed(
    keys: PostgresKeyStore, store: Opening, place: str, master: Path
) -> None:
    with pytest.raises(KeyMissing):
        keys.find(ANNA)
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: store(place, master).make(ANNA), range(8)))
    assert made == {keys.find(ANNA)}
    assert keys.make(BERT) not in made
    for _ in range(2):
        keys.destroy(ANNA)
    keys.destroy("H-NEVERMADE")
    for gone in (ANNA, "H-NEVERMADE"):
        for asked in (keys.find, keys.make, store(place, master).find):
            with pytest.raises(KeyDestroyed):
                asked(gone)
    with pytest.raises(ValueError, match="subject"):
        keys.make("H-anna")


def test_no_key_lies_there_as_it_is(keys: PostgresKeyStore, place: str) -> None:
    made = keys.make(ANNA), keys.secret()
    with psycopg.connect(place) as connection:
        lying = connection.execute("SELECT wrapped FROM subject_keys UNION ALL SELECT secret FROM key_store").fetchall()
    assert len(lying) == 2
    assert not [key for key in made for row in lying if key in row[0]]


def test_the_master_key_is_exchanged(keys: PostgresKeyStore, store: Opening, place: str, master: Path) -> None:
    made, secret, old = {subject: keys.make(subject) for subject in (ANNA, BERT)}, keys.secret(), master.read_bytes()
    assert store(place, master).rotate() == 3
    assert old not in master.read_bytes()
    for reader in (keys, store(place, master)):
        assert ({subject: reader.find(subject) for subject in made}, reader.secret()) == (made, secret)
    master.write_bytes(old)
    with pytest.raises(WrongKeys, match="TANDEM_MASTER_KEY"):
        store(place, master).installation()


def test_what_a_service_wraps_lies_in_the_same_database(
    place: str, master: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    with contextlib.closing(TransitServer()) as vault, contextlib.ExitStack() as opened:
        vault.keys["tandem"] = [b"a" * 32]

        def process(master_key: str, before: str | None = None) -> KeyStore:
            named = {"keys_url": place, "master_key": master_key, "master_key_before": before}
            return opened.enter_context(contextlib.closing(wiring.key_store(Settings(home=tmp_path, **named))))

        kept = f"vault:{vault.url}/transit/tandem"
        keys = process(str(master))
        keys.found("I-THIS")
        key = keys.make(ANNA)
        assert process(kept, before=str(master)).rotate() == 2
        assert not master.exists()
        assert process(kept).find(ANNA) == key
        assert process(kept).rotate() == 2
        assert process(kept).find(ANNA) == key
        with pytest.raises(WrongKeys, match="TANDEM_MASTER_KEY"):
            process(str(master)).installation()
        with psycopg.connect(place) as connection:
            [[service, lines]] = connection.execute("SELECT service, lines FROM master_keys").fetchall()
        assert (service, len(lines), lines[0].startswith("vault:v3:")) == ("vault:transit/tandem", 1, True)
        assert process(str(master), before=kept).rotate() == 2
        assert process(str(master)).find(ANNA) == key
        with psycopg.connect(place) as connection:
            assert not connection.execute("SELECT FROM master_keys").fetchall()


async def test_it_is_settled_with_another_server_and_refused_in_the_same(
    pool: asyncpg.Pool, database: str, keys: PostgresKeyStore, store: Opening, place: str, master: Path, tmp_path: Path
) -> None:
    with pytest.raises(WrongKeys, match="own PostgreSQL server"):
        await settle(pool, Sealer(store(database, master)))
    assert not await pool.fetchval("SELECT to_regclass('subject_keys')")
    sealer = Sealer(store(place, master))
    assert await settle(pool, sealer) == "I-THIS"
    await Applicants(pool, sealer).recognise(Hashes("match"), CONTACT, ANNA)
    assert await settle(pool, Sealer(store(place, master))) == "I-THIS"
    with psycopg.connect(place, autocommit=True) as connection:
        connection.execute("DROP TABLE key_store, subject_keys")
    with pytest.raises(WrongKeys, match="There are no keys"):
        await settle(pool, Sealer(store(place, tmp_path / "none.key")))
    assert not (tmp_path / "none.key").exists()
    with pytest.raises(KeysUnreachable):
        sealer.seal(BERT, "words", "C-ONE0001")


async def test_away_it_is_an_error_at_once_and_back_it_is_as_before(
    keys: PostgresKeyStore, store: Opening, other_server: tuple[Settings, Supervisor], place: str, master: Path
) -> None:
    _, supervisor = other_server
    sealer = Sealer(keys)
    sealed = sealer.seal(ANNA, "her words", "C-ONE0001")
    server = psutil.Process(supervisor.pid("postgres"))
    working = server.children(recursive=True)
    for process in (server, *working):
        process.suspend()
    try:
        began = time.monotonic()
        with pytest.raises(KeysUnreachable):
            await asyncio.to_thread(store(place, master).find, ANNA)
        assert time.monotonic() - began < 5
    finally:
        for process in (server, *working):
            process.resume()
    assert sealer.open_(sealed, "C-ONE0001") == "her words"
    os.kill(server.pid, signal.SIGKILL)
    async with asyncio.timeout(60):
        await supervisor.until_ready("postgres", after=server.pid)
    assert sealer.open_(sealed, "C-ONE0001") == "her words"
    keys.destroy(ANNA)
    assert sealer.open_(sealed, "C-ONE0001") == Tombstone(ANNA)
