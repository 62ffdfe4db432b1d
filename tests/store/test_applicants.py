"""Applicants are found by their address while they are known, and not after they were erased."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from privacy.key_folder import FolderKeyStore
from privacy.sealing import Sealer
from store.applicants import Applicants, Contact
from store.random_ids import random_id

ANNA = Contact(name="Anna Beck", email="anna@example.org")


@pytest.fixture
def keys(tmp_path: Path) -> FolderKeyStore:
    keys = FolderKeyStore(tmp_path / "keys")
    keys.found("I-THIS")
    return keys


@pytest.fixture
def applicants(pool: asyncpg.Pool, keys: FolderKeyStore) -> Applicants:
    return Applicants(pool, Sealer(keys))


def any_id() -> str:
    return random_id("H")


async def test_the_same_address_at_the_same_time_is_one_applicant_with_one_key(
    applicants: Applicants, keys: FolderKeyStore, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    found = await asyncio.gather(*(applicants.recognise("match", ANNA, any_id()) for _ in range(8)))
    assert len(set(found)) == 1
    assert [row["id"] for row in await pool.fetch("SELECT id FROM humans")] == found[:1]
    assert [path.name for path in (tmp_path / "keys").glob("*/*")] == found[:1]
    assert await applicants.contact("C-000001", found[0]) == ANNA
    assert await applicants.recognise("match", ANNA, any_id()) == found[0]


async def test_who_is_known_by_the_hash_of_an_older_build_is_known_by_todays_from_then_on(
    applicants: Applicants, pool: asyncpg.Pool
) -> None:
    known = await applicants.recognise("plain", ANNA, any_id())
    assert await applicants.recognise("keyed", ANNA, any_id(), before="plain") == known
    assert await applicants.match(known) == "keyed"
    assert await applicants.recognise("keyed", ANNA, any_id()) == known


async def test_who_comes_back_after_the_erasure_is_somebody_new(
    applicants: Applicants, keys: FolderKeyStore, pool: asyncpg.Pool
) -> None:
    before = await applicants.recognise("match", ANNA, any_id())
    keys.destroy(before)
    # Also where whoever erased them was killed before the row went.
    after = await applicants.recognise("match", ANNA, any_id())
    assert after != before
    assert await applicants.contacts({"C-BEFORE": before, "C-AFTER": after}) == {"C-AFTER": ANNA}
    keys.destroy(after)
    await applicants.forget(after)
    assert await pool.fetchval("SELECT count(*) FROM humans") == 0
