"""Sign-in links: used once, in time, and by nobody else's doing out of reach."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from domain.access.roles import Role
from store.audit import acting
from store.sign_in_links import (
    GIVEN_HOLDS,
    KEPT,
    MAILED_HOLDS,
    OPEN_AT_ONCE,
    TRIES,
    WRONG_A_DAY,
    MailedLink,
    SignInLinks,
    UsedLink,
)
from store.users import Users
from tests.store.test_users import RITA


@pytest.fixture
async def links(pool: asyncpg.Pool) -> SignInLinks:
    await Users(pool).put(RITA)
    return SignInLinks(pool)


async def mailed(links: SignInLinks, asked: str = "hers") -> MailedLink:
    made = await links.for_mail(" Rita@example.org".strip(), "/owed", asked)
    assert made is not None
    return made


def other_than(code: str | None) -> str:
    return f"{(int(code or 0) + 1) % 1_000_000:06}"


async def passes(pool: asyncpg.Pool, time: timedelta) -> None:
    await pool.execute(
        "UPDATE sign_in_links SET made_at = made_at - $1::interval, expires_at = expires_at - $1::interval", time
    )


async def test_a_link_is_looked_at_often_and_used_once(links: SignInLinks) -> None:
    link = await mailed(links)
    assert [await links.whose(link.secret) for _ in range(2)] == [RITA, RITA]
    used = await asyncio.gather(*(links.use(link.secret) for _ in range(5)))
    assert [one for one in used if one] == [UsedLink(RITA.id, "/owed")]
    assert await links.whose(link.secret) is None
    assert await links.use_code("hers", str(link.code)) is None


async def test_who_gives_somebody_a_link_is_on_record(links: SignInLinks, pool: asyncpg.Pool) -> None:
    with acting("P-OPERATIONS", "session:N-1"):
        await links.invitation(RITA)
        await links.given(RITA.id)
        await links.first()
        await mailed(links)
    rows = await pool.fetch("SELECT actor, kind, object FROM audit WHERE act = 'link_made' ORDER BY seq")
    assert [tuple(row) for row in rows] == [("P-OPERATIONS", "user", whom) for whom in (RITA.id, RITA.id, "")]


async def test_a_code_is_used_once_and_by_whoever_asked(links: SignInLinks) -> None:
    link = await mailed(links)
    code = str(link.code)
    assert await links.use_code("somebody else's", code) is None
    used = await asyncio.gather(*(links.use_code("hers", code) for _ in range(5)))
    assert [one for one in used if one] == [UsedLink(RITA.id, "/owed")]
    assert await links.use(link.secret) is None


async def test_nobody_is_mailed_who_is_not_here_or_left(links: SignInLinks, pool: asyncpg.Pool) -> None:
    assert await links.for_mail("nobody@example.org", "/", "x") is None
    await Users(pool).put(RITA.but(active=False))
    assert await links.for_mail(RITA.email, "/", "x") is None


@pytest.mark.parametrize("secret", ["", "x", "\ud800", "\0", "A" * 43])
async def test_what_is_no_link_signs_nobody_in(links: SignInLinks, secret: str) -> None:
    await mailed(links)
    assert await links.whose(secret) is None
    assert await links.use(secret) is None
    assert await links.use_code(secret, secret) is None
    assert not await links.is_first(secret)


async def test_a_link_is_over_after_its_time(links: SignInLinks, pool: asyncpg.Pool) -> None:
    link, given = await mailed(links), await links.given(RITA.id)
    await passes(pool, MAILED_HOLDS)
    assert await links.use(link.secret) is None
    assert await links.use_code("hers", str(link.code)) is None
    assert await links.whose(given) == RITA
    await passes(pool, GIVEN_HOLDS)
    assert await links.use(given) is None


async def test_after_five_wrong_codes_link_and_code_are_over(links: SignInLinks) -> None:
    link = await mailed(links)
    for _ in range(TRIES):
        assert await links.use_code("hers", other_than(link.code)) is None
    assert await links.use_code("hers", str(link.code)) is None
    assert await links.use(link.secret) is None


async def test_tries_at_once_are_no_more_tries(links: SignInLinks, pool: asyncpg.Pool) -> None:
    link = await mailed(links)
    await asyncio.gather(*(links.use_code("hers", other_than(link.code)) for _ in range(20)))
    assert await pool.fetchval("SELECT wrong_codes FROM sign_in_links") == TRIES


async def test_asking_in_her_name_keeps_her_from_nothing(links: SignInLinks) -> None:
    hers = await mailed(links)
    for number in range(10):
        theirs = await links.for_mail(RITA.email, "/", f"theirs {number}")
        for _ in range(TRIES if theirs and theirs.code else 0):
            await links.use_code(f"theirs {number}", other_than(theirs.code if theirs else None))
    assert await links.use(hers.secret) == UsedLink(RITA.id, "/owed")
    await mailed(links, "hers again")


async def test_a_mail_is_withheld_only_while_others_open_the_door(links: SignInLinks, pool: asyncpg.Pool) -> None:
    made = [await mailed(links, f"{number}") for number in range(OPEN_AT_ONCE)]
    assert await links.for_mail(RITA.email, "/", "one more") is None
    assert await links.use(made[0].secret) is not None
    assert await links.for_mail(RITA.email, "/", "one more") is not None
    await passes(pool, MAILED_HOLDS)
    await mailed(links, "later")


async def test_after_many_wrong_codes_there_are_links_alone_for_a_day(links: SignInLinks, pool: asyncpg.Pool) -> None:
    held = await mailed(links, "held")
    for number in range(WRONG_A_DAY // TRIES):
        link = await mailed(links, f"{number}")
        for _ in range(TRIES):
            await links.use_code(f"{number}", other_than(link.code))
    assert await links.use_code("held", str(held.code)) is None
    later = await mailed(links, "later")
    assert later.code is None
    assert await links.use(later.secret) is not None
    assert await links.use(held.secret) is not None
    await passes(pool, timedelta(days=1))
    assert (await mailed(links, "tomorrow")).code is not None


async def test_whoever_is_made_inactive_has_no_link_that_holds(links: SignInLinks, pool: asyncpg.Pool) -> None:
    secrets = [(await mailed(links)).secret, await links.given(RITA.id)]
    await Users(pool).put(RITA.but(active=False))
    assert [await links.use(secret) for secret in secrets] == [None, None]
    await Users(pool).put(RITA)
    assert [await links.use(secret) for secret in secrets] == [None, None]


async def test_no_secret_and_no_code_lies_in_the_database(links: SignInLinks, pool: asyncpg.Pool) -> None:
    link = await mailed(links)
    stored = str([dict(row) for row in await pool.fetch("SELECT * FROM sign_in_links")])
    assert link.secret not in stored
    assert str(link.code) not in stored


async def test_the_first_administrators_link_holds_until_there_is_one(links: SignInLinks, pool: asyncpg.Pool) -> None:
    older, newer = await links.first(), await links.first()
    assert older is not None
    assert newer is not None
    assert [await links.is_first(secret) for secret in (older, newer)] == [False, True]
    assert await links.use(newer) is None, "it signs nobody in"
    await Users(pool).put(RITA.but(standing=frozenset({Role.OPS})))
    assert not await links.is_first(newer)
    assert not await links.use_first(newer)
    assert await links.first() is None
    await Users(pool).put(RITA)
    assert sorted(await asyncio.gather(*(links.use_first(newer) for _ in range(4)))) == [False, False, False, True]


async def test_what_is_over_long_ago_is_forgotten(links: SignInLinks, pool: asyncpg.Pool) -> None:
    await mailed(links)
    await passes(pool, MAILED_HOLDS + KEPT)
    await links.given(RITA.id)
    assert [row["kind"] for row in await pool.fetch("SELECT kind FROM sign_in_links")] == ["given"]
