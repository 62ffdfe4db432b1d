from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from domain.access.roles import Role
from domain.access.team import Actor
from store.tokens import TokenHolder, Tokens, prefix_of
from store.users import AddressTaken, CompanyTeam, NoSuchTeam, User, Users

RITA = User(
    id="P-RITA01",
    name="Rita Wolf",
    email="rita@example.org",
    zone="Europe/Berlin",
    standing=frozenset({Role.RECRUITER}),
)


@pytest.fixture
def people(pool: asyncpg.Pool) -> Users:
    return Users(pool)


@pytest.fixture
def tokens(pool: asyncpg.Pool) -> Tokens:
    return Tokens(pool)


async def test_people_are_known_as_they_were_last_put(people: Users) -> None:
    await people.put(RITA)
    await people.put_team(CompanyTeam(name="Platform", lead="P-MAX001"))
    await people.put(RITA.but(team="Platform", name="Rita Wolf-Kern"))
    assert await people.get("P-RITA01") == RITA.but(team="Platform", name="Rita Wolf-Kern")
    assert await people.get("P-NOBODY") is None
    assert await people.several(["P-RITA01", "P-NOBODY"]) == {"P-RITA01": (await people.everybody())[0]}


async def test_a_mail_address_is_one_persons(people: Users) -> None:
    await people.put(RITA)
    with pytest.raises(AddressTaken):
        await people.put(RITA.but(id="P-OTHER1", email="Rita@example.org"))


async def test_nobody_is_in_a_team_that_is_not_there(people: Users) -> None:
    with pytest.raises(NoSuchTeam):
        await people.put(RITA.but(team="Platform"))


async def test_a_team_gets_another_lead(people: Users) -> None:
    await people.put_team(CompanyTeam(name="Platform", lead="P-MAX001"))
    await people.put_team(CompanyTeam(name="Platform", lead="P-EVA001"))
    assert await people.teams() == [CompanyTeam(name="Platform", lead="P-EVA001")]


async def test_a_token_says_who_holds_it(people: Users, tokens: Tokens) -> None:
    await people.put(RITA)
    theirs = await tokens.make("P-RITA01", "person", "laptop")
    link = await tokens.make("C-ANNA01", "candidate", "link in the invitation")
    system = await tokens.make("S-ATS", "system", "Greenhouse", scope="read", reach=("R-BBBBBB", "R-AAAAAA"))
    rita = Actor(id="P-RITA01", standing=frozenset({Role.RECRUITER}))
    assert await tokens.holder(theirs) == TokenHolder(prefix_of(theirs), rita, "write", frozenset())
    anna = Actor(id="C-ANNA01", kind="candidate")
    assert await tokens.holder(link) == TokenHolder(prefix_of(link), anna, "write", frozenset({"C-ANNA01"}))
    ats = Actor(id="S-ATS", kind="system")
    assert await tokens.holder(system) == TokenHolder(
        prefix_of(system), ats, "read", frozenset({"R-AAAAAA", "R-BBBBBB"})
    )


@pytest.mark.parametrize("presented", ["", "tdm_", "nonsense", "tdm_00000000_" + "A" * 43, "ä" * 60])
async def test_what_is_no_token_is_nobody(tokens: Tokens, presented: str) -> None:
    assert await tokens.holder(presented) is None


async def test_a_changed_token_is_nobody(people: Users, tokens: Tokens) -> None:
    await people.put(RITA)
    token = await tokens.make("P-RITA01", "person", "laptop")
    assert await tokens.holder(token[:-1] + ("A" if token[-1] != "A" else "B")) is None


async def test_a_revoked_token_is_nobody(people: Users, tokens: Tokens) -> None:
    await people.put(RITA)
    token = await tokens.make("P-RITA01", "person", "laptop")
    [known] = await tokens.of("P-RITA01")
    assert (known.label, known.last_used_at) == ("laptop", None)
    assert await tokens.revoke(known.prefix)
    assert await tokens.holder(token) is None
    assert not await tokens.revoke(known.prefix)
    assert await tokens.of("P-RITA01") == []


async def test_nobody_revokes_a_token_that_is_not_theirs(people: Users, tokens: Tokens) -> None:
    await people.put(RITA)
    token = await tokens.make("P-RITA01", "person", "laptop")
    assert not await tokens.revoke(prefix_of(token), actor="P-OTHER1")
    assert not await tokens.revoke(prefix_of(token), kind="system")
    assert await tokens.holder(token) is not None
    assert await tokens.revoke(prefix_of(token), actor="P-RITA01", kind="person")


async def test_the_use_of_a_token_is_written_down_once_a_minute(
    people: Users, tokens: Tokens, pool: asyncpg.Pool
) -> None:
    await people.put(RITA)
    token = await tokens.make("P-RITA01", "person", "laptop")
    await tokens.holder(token[:-1] + ("A" if token[-1] != "A" else "B"))
    assert (await tokens.of("P-RITA01"))[0].last_used_at is None, "it was not the token that was used"
    for _ in range(2):
        await tokens.holder(token)
        [first] = await tokens.of("P-RITA01")
        assert first.last_used_at is not None
    written = await pool.fetchval("SELECT xmin::text FROM tokens")
    await tokens.holder(token)
    assert await pool.fetchval("SELECT xmin::text FROM tokens") == written
    await pool.execute("UPDATE tokens SET last_used_at = last_used_at - interval '61 s'")
    await tokens.holder(token)
    [again] = await tokens.of("P-RITA01")
    assert again.last_used_at is not None
    assert again.last_used_at >= first.last_used_at


async def test_a_token_ends_when_it_expires(people: Users, tokens: Tokens) -> None:
    await people.put(RITA)
    past, future = (datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 1))
    assert await tokens.holder(await tokens.make("P-RITA01", "person", "old", expires_at=past)) is None
    assert await tokens.holder(await tokens.make("P-RITA01", "person", "new", expires_at=future)) is not None


async def test_somebody_who_left_is_nobody(people: Users, tokens: Tokens) -> None:
    await people.put(RITA)
    token = await tokens.make("P-RITA01", "person", "laptop")
    await people.put(RITA.but(active=False))
    assert await tokens.holder(token) is None


async def test_no_token_lies_in_the_database(people: Users, tokens: Tokens, pool: asyncpg.Pool) -> None:
    await people.put(RITA)
    token = await tokens.make("P-RITA01", "person", "laptop")
    stored = str([dict(row) for row in await pool.fetch("SELECT * FROM tokens")])
    assert token[13:] not in stored
