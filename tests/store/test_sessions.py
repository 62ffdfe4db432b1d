"""Sessions: what a secret opens, until when, and what ends it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from store.sessions import AT_MOST, IDLE, KEPT, RENEWED_AFTER, Sessions
from store.tokens import Tokens, prefix_of
from store.users import Users
from tests.store.test_users import RITA


@pytest.fixture
async def sessions(pool: asyncpg.Pool) -> Sessions:
    await Users(pool).put(RITA)
    return Sessions(pool)


async def passes(pool: asyncpg.Pool, time: timedelta, *columns: str) -> None:
    """So much time passes for these moments of every session."""
    moved = ", ".join(f"{column} = {column} - $1::interval" for column in columns)
    await pool.execute(f"UPDATE sessions SET {moved}", time)


async def test_a_session_says_whose_it_is(sessions: Sessions) -> None:
    held = await sessions.held(await sessions.begin(RITA.id, "Firefox on Linux"))
    assert held is not None
    assert (held.person, held.renewed) == (RITA, None)
    [listed] = await sessions.of(RITA.id)
    assert (listed.id, listed.browser) == (held.id, "Firefox on Linux")
    assert listed.ends_at - listed.began_at == AT_MOST


@pytest.mark.parametrize("secret", ["", "x", "A" * 43, "ä\udcff"])
async def test_what_is_no_secret_opens_nothing(sessions: Sessions, secret: str) -> None:
    await sessions.begin(RITA.id, "Firefox")
    assert await sessions.held(secret) is None


async def test_no_secret_lies_in_the_database(sessions: Sessions, pool: asyncpg.Pool) -> None:
    secret = await sessions.begin(RITA.id, "Firefox")
    assert secret not in str([dict(row) for row in await pool.fetch("SELECT * FROM sessions")])


async def test_one_that_is_not_used_ends_and_one_that_is_used_goes_on(sessions: Sessions, pool: asyncpg.Pool) -> None:
    secret = await sessions.begin(RITA.id, "Firefox")
    for _ in range(3):
        await passes(pool, IDLE - timedelta(minutes=5), "last_seen")
        assert await sessions.held(secret) is not None
    await passes(pool, IDLE, "last_seen")
    assert await sessions.held(secret) is None
    assert await sessions.of(RITA.id) == []


async def test_one_that_is_always_used_ends_too(sessions: Sessions, pool: asyncpg.Pool) -> None:
    secret = await sessions.begin(RITA.id, "Firefox")
    await passes(pool, AT_MOST, "ends_at")
    assert await sessions.held(secret) is None


async def test_its_use_is_written_down_once_a_minute(sessions: Sessions, pool: asyncpg.Pool) -> None:
    secret = await sessions.begin(RITA.id, "Firefox")
    written = "SELECT last_seen, xmin::text FROM sessions"
    before = await pool.fetchrow(written)
    await sessions.held(secret)
    assert await pool.fetchrow(written) == before
    await passes(pool, timedelta(seconds=61), "last_seen")
    await sessions.held(secret)
    assert datetime.now(UTC) - await pool.fetchval("SELECT last_seen FROM sessions") < timedelta(seconds=30)


async def test_a_secret_is_replaced_daily_and_the_former_holds_a_minute(sessions: Sessions, pool: asyncpg.Pool) -> None:
    first = await sessions.begin(RITA.id, "Firefox")
    await passes(pool, RENEWED_AFTER, "renewed_at")
    held = await asyncio.gather(*(sessions.held(first) for _ in range(5)))
    [second] = {one.renewed for one in held if one and one.renewed}
    assert None not in held, "requests that are under way are not thrown out"
    again = await sessions.held(second)
    assert again is not None
    assert again.renewed is None
    assert await sessions.held(first) is not None
    await passes(pool, timedelta(minutes=1), "former_until")
    assert await sessions.held(first) is None
    assert await sessions.held(second) is not None


async def test_signing_out_ends_one_session_and_no_other(sessions: Sessions) -> None:
    here, there = await sessions.begin(RITA.id, "Firefox"), await sessions.begin(RITA.id, "Safari")
    await sessions.sign_out(here)
    assert await sessions.held(here) is None
    assert await sessions.held(there) is not None
    assert [one.browser for one in await sessions.of(RITA.id)] == ["Safari"]


async def test_nobody_ends_a_session_that_is_not_theirs(sessions: Sessions) -> None:
    secret = await sessions.begin(RITA.id, "Firefox")
    [listed] = await sessions.of(RITA.id)
    assert not await sessions.end("P-OTHER1", listed.id)
    assert await sessions.held(secret) is not None
    assert await sessions.end(RITA.id, listed.id)
    assert not await sessions.end(RITA.id, listed.id)
    assert await sessions.held(secret) is None


async def test_whoever_is_made_inactive_is_out_and_stays_out(sessions: Sessions, pool: asyncpg.Pool) -> None:
    secret = await sessions.begin(RITA.id, "Firefox")
    await Users(pool).put(RITA.but(active=False))
    assert await sessions.held(secret) is None
    await Users(pool).put(RITA)
    assert await sessions.held(secret) is None


async def test_a_session_ends_with_the_token_it_was_begun_with(sessions: Sessions, pool: asyncpg.Pool) -> None:
    tokens = Tokens(pool)
    token = await tokens.make(RITA.id, "person", "laptop", datetime.now(UTC) + timedelta(hours=1))
    secret = await sessions.begin(RITA.id, "Firefox", token=prefix_of(token))
    assert await sessions.held(secret) is not None
    await tokens.revoke(prefix_of(token))
    assert await sessions.held(secret) is None


async def test_what_ended_long_ago_is_forgotten(sessions: Sessions, pool: asyncpg.Pool) -> None:
    for ended in (True, False):
        secret = await sessions.begin(RITA.id, "Firefox")
        if ended:
            await sessions.sign_out(secret)
    await passes(pool, KEPT + IDLE, "last_seen", "ended_at")
    await sessions.begin(RITA.id, "Safari")
    assert [row["browser"] for row in await pool.fetch("SELECT browser FROM sessions")] == ["Safari"]
