"""`tandem person list`, `team list` and `token list`: a line each, in columns."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
from click.testing import CliRunner, Result

from cli import tandem
from domain.access.roles import Role
from store.tokens import Tokens
from store.users import User, Users


async def test_users_teams_and_tokens_are_listed(database: str, pool: asyncpg.Pool, tmp_path: Path) -> None:
    runner = CliRunner(env={"TANDEM_HOME": str(tmp_path), "TANDEM_DATABASE_URL": database})

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(runner.invoke, tandem, list(words))

    assert (await run("person", "list")).output == ""
    users = Users(pool)
    lena = User(id="P-LENA00", name="Lena Moll", email="lena@example.org", zone="UTC", standing=frozenset({Role.LEAD}))
    await users.put(lena)
    assert (await run("team", "put", "Permits", "--lead", lena.id)).exit_code == 0
    unknown = await run("team", "put", "Permits", "--lead", "P-NOBODY")
    assert (unknown.exit_code, unknown.stderr) == (1, "Nobody is called P-NOBODY.\n")
    await users.put(User(id="P-ADA000", name="Ada Lund", email="ada@example.org", zone="UTC", team="Permits"))
    await users.put(lena.but(active=False))
    assert (await run("person", "list")).output.splitlines() == [
        "P-ADA000  Ada Lund   ada@example.org      Permits",
        "P-LENA00  Lena Moll  lena@example.org  L           left",
    ]
    assert (await run("team", "list")).output == "Permits  P-LENA00\n"

    await Tokens(pool).make("P-ADA000", "person", "her script")
    await Tokens(pool).make("S-ATS000", "system", "the ATS", scope="read")
    [line] = (await run("token", "list", "P-ADA000")).output.splitlines()
    assert line.endswith("P-ADA000  her script  write  for ever  never used")
    [line] = (await run("token", "list")).output.splitlines()
    assert line.endswith("S-ATS000  the ATS  read  for ever  never used")
