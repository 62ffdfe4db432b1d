"""Keys and database that do not belong together are not worked with, and nothing is written to either."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from privacy.key_folder import FolderKeyStore
from privacy.keyed_hash import KeyedHash
from privacy.keys import WrongKeys
from privacy.sealing import Sealer
from settings import ROOT
from store.applicants import Applicants, Contact, Hashes
from store.database import connect
from store.installation import settle

ANNA, CONTACT = "H-ANNA00001", Contact(name="Anna Beck", email="anna@example.org")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "keys"


async def settled(pool: asyncpg.Pool, folder: Path) -> str:
    """What a process that starts does first."""
    return await settle(pool, Sealer(FolderKeyStore(folder)))


async def anna_applies(pool: asyncpg.Pool, folder: Path) -> None:
    """Somebody whose contact is sealed."""
    keys = FolderKeyStore(folder)
    match = KeyedHash(keys.secret()).match(CONTACT.email)
    await Applicants(pool, Sealer(keys)).recognise(Hashes(match), CONTACT, ANNA)


async def as_0_3_0_left_it(pool: asyncpg.Pool, folder: Path) -> None:
    """Keys and rows, and no id."""
    await settled(pool, folder)
    await anna_applies(pool, folder)
    await pool.execute("DELETE FROM installation")
    (folder / "installation").unlink()


def everything(folder: Path) -> dict[str, bytes]:
    """Whatever lies there."""
    return {str(path): path.read_bytes() for path in folder.parent.rglob("*") if path.is_file()}


async def refused(pool: asyncpg.Pool, folder: Path) -> str:
    """What is said when this pair is to be worked with. Nothing is written."""
    before = everything(folder), await pool.fetch("SELECT id FROM installation")
    with pytest.raises(WrongKeys) as said:
        await settled(pool, folder)
    assert (everything(folder), await pool.fetch("SELECT id FROM installation")) == before
    sentence = str(said.value)
    assert "\n" not in sentence
    return sentence


async def test_a_new_installation_gets_one_id_however_many_start_at_once(pool: asyncpg.Pool, folder: Path) -> None:
    ids = await asyncio.gather(*(settled(pool, folder) for _ in range(5)))
    assert set(ids) == {FolderKeyStore(folder).installation()} == {await pool.fetchval("SELECT id FROM installation")}
    await anna_applies(pool, folder)
    assert await settled(pool, folder) == ids[0]


async def test_an_empty_or_missing_folder_beside_a_database_is_refused(pool: asyncpg.Pool, folder: Path) -> None:
    await settled(pool, folder)
    shutil.rmtree(folder)
    assert "There are no keys" in await refused(pool, folder)
    os.mkdir(folder)
    assert "put the right ones back" in await refused(pool, folder)


async def test_another_installations_folder_is_refused(pool: asyncpg.Pool, folder: Path) -> None:
    await settled(pool, folder)
    shutil.rmtree(folder)
    FolderKeyStore(folder).found("I-OTHER")
    FolderKeyStore(folder).make(ANNA)
    assert "another installation's" in await refused(pool, folder)


async def test_keys_beside_an_empty_database_are_refused(pool: asyncpg.Pool, folder: Path) -> None:
    FolderKeyStore(folder).found("I-OTHER")
    FolderKeyStore(folder).make(ANNA)
    assert "restore that database from its backup" in await refused(pool, folder)


async def test_keys_beside_a_database_without_tables_are_refused_before_it_has_any(
    empty_database: str, folder: Path
) -> None:
    FolderKeyStore(folder).found("I-OTHER")
    FolderKeyStore(folder).make(ANNA)
    async with await connect(empty_database, size=1) as bare:
        with pytest.raises(WrongKeys, match="restore that database from its backup"):
            await settled(bare, folder)


async def test_a_first_start_that_was_killed_half_way_is_taken_up(pool: asyncpg.Pool, folder: Path) -> None:
    FolderKeyStore(folder).found("I-BEGUN")
    assert await settled(pool, folder) == "I-BEGUN"


async def test_another_secret_is_refused_and_none_is_made_anew(pool: asyncpg.Pool, folder: Path) -> None:
    await settled(pool, folder)
    (folder / "matching.secret").write_bytes(secrets.token_bytes(32))
    assert "secret of the keyed hashes" in await refused(pool, folder)
    (folder / "matching.secret").unlink()
    assert "secret of the keyed hashes is missing" in await refused(pool, folder)


async def test_what_0_3_0_left_is_adopted_once(pool: asyncpg.Pool, folder: Path) -> None:
    await as_0_3_0_left_it(pool, folder)
    ids = {await settled(pool, folder) for _ in range(3)}
    assert len(ids) == 1
    assert await Applicants(pool, Sealer(FolderKeyStore(folder))).contact("C-000001", ANNA) == CONTACT


async def test_what_0_3_0_left_is_not_adopted_with_other_keys(pool: asyncpg.Pool, folder: Path) -> None:
    await as_0_3_0_left_it(pool, folder)
    shutil.move(folder, folder.parent / "right")
    os.mkdir(folder)
    assert "There are no keys" in await refused(pool, folder)
    FolderKeyStore(folder).found("I-OTHER")
    FolderKeyStore(folder).make(ANNA)
    (folder / "installation").unlink()
    assert "No key" in await refused(pool, folder)
    shutil.rmtree(folder)
    shutil.move(folder.parent / "right", folder)
    await settled(pool, folder)


async def test_what_0_3_0_left_is_not_adopted_without_its_secret(pool: asyncpg.Pool, folder: Path) -> None:
    await as_0_3_0_left_it(pool, folder)
    secret = (folder / "matching.secret").read_bytes()
    (folder / "matching.secret").unlink()
    assert "missing" in await refused(pool, folder)
    (folder / "matching.secret").write_bytes(secrets.token_bytes(32))
    assert "not this database's" in await refused(pool, folder)
    (folder / "matching.secret").write_bytes(secret)
    await settled(pool, folder)


async def test_an_installation_where_all_were_erased_is_adopted(pool: asyncpg.Pool, folder: Path) -> None:
    await as_0_3_0_left_it(pool, folder)
    keys = FolderKeyStore(folder)
    keys.found("I-THIS")
    keys.destroy(ANNA)
    (folder / "installation").unlink()
    await settle(pool, Sealer(keys))


@pytest.mark.parametrize("gone", ["keys", "master.key"])
@pytest.mark.parametrize("process", ["worker", "api", "cli"])
async def test_no_process_starts_without_keys(
    pool: asyncpg.Pool, database: str, folder: Path, process: str, gone: str
) -> None:
    await settled(pool, folder)
    await anna_applies(pool, folder)
    shutil.move(folder.parent / gone, folder.parent.with_name("away"))
    before = everything(folder)
    words = ["-m", process] if process != "cli" else ["-m", "cli", "token", "make", "P-NOBODY"]
    environment = {"PATH": os.environ["PATH"], "TANDEM_HOME": str(folder.parent), "TANDEM_DATABASE_URL": database}
    code = f"import sys; sys.argv[1:] = {words[2:]!r}; import cli; cli.main()"
    command = [sys.executable, "-c", code] if process == "cli" else [sys.executable, *words]
    ended = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1), ended.stderr
    assert ended.stderr.startswith("There are no keys in" if gone == "keys" else "The master key of the keys in")
    assert everything(folder) == before
