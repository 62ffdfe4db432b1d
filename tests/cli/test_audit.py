"""`tandem audit verify`: exit 0 and the last hash, or exit 1 and the first row that does not fit."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
from click.testing import CliRunner, Result

from cli import tandem
from ops.administration import Operator
from settings import Settings
from store.audit import Act, Audit, AuditFilter, Entry, Kind


async def verified(database: str, home: Path, *options: str) -> Result:
    """What the command answers, which has an event loop of its own and no keys."""
    runner = CliRunner(env={"TANDEM_HOME": str(home), "TANDEM_DATABASE_URL": database})
    return await asyncio.to_thread(runner.invoke, tandem, ["audit", "verify", *options])


async def test_the_command_says_whether_the_chain_is_whole(database: str, pool: asyncpg.Pool, tmp_path: Path) -> None:
    none = await verified(database, tmp_path)
    assert (none.exit_code, none.output) == (0, "There is no row yet.\n")
    audit = Audit(pool)
    await audit.record(*(Entry(Act.READ_CANDIDATE, Kind.CANDIDATE, f"C-{number}") for number in range(5)))
    [last] = await audit.rows(AuditFilter(), limit=1)
    whole = await verified(database, tmp_path)
    assert (whole.exit_code, whole.output) == (0, f"5 rows fit. The last one is 5:{last.hash}\n")
    assert (await verified(database, tmp_path, "--known", f"5:{last.hash}")).exit_code == 0
    assert (await verified(database, tmp_path, "--known", "5")).exit_code == 2

    await pool.execute("ALTER TABLE audit DISABLE TRIGGER audit_is_never_changed")
    await pool.execute("DELETE FROM audit WHERE seq = 5")
    cut = await verified(database, tmp_path, "--known", f"5:{last.hash}")
    assert (cut.exit_code, cut.stderr) == (1, "Row 5, whose hash was kept, is gone. Rows that fit before it: 4.\n")
    await pool.execute("UPDATE audit SET actor = 'P-2' WHERE seq = 2")
    changed = await verified(database, tmp_path)
    assert (changed.exit_code, changed.stderr) == (1, "Row 2 is not as it was written. Rows that fit before it: 1.\n")


async def test_what_is_done_on_the_command_line_is_on_record_as_that(
    database: str, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    operator = Operator(Settings(home=tmp_path, database_url=database))
    await operator.rotate_keys()
    [row] = await Audit(pool).rows(AuditFilter())
    assert (row.actor, row.how, row.act) == ("operator", "command-line", "keys_rotated")
