"""PostgreSQL: there, up to date, of one mind with the clock and with itself, and what it says is left to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import asyncpg
from yoyo import read_migrations

import wiring
from domain.sla.catalogue import known as known_clock
from ops.doctor.findings import NEWER_BUILD, Finding, broken, ok, some, warning
from ops.doctor.machine import missing_keys, unsigned_commands
from privacy.keys import KeysUnreachable, WrongKeys
from settings import Settings
from store.database import DATABASE_ERRORS
from store.installation import fits
from store.migrate import MIGRATIONS
from store.ops_queries import OpsReads
from store.projector import UNREAD
from store.rebuild import shape
from wiring import Stores

TOLERATED = timedelta(seconds=2)
"""By how much two clocks may differ before deadlines are told differently in two places."""

AUDITED = 1_000
"""Rows of the audit that are looked at, the latest: `tandem audit verify` walks them all."""

HOLIDAYS_AHEAD = timedelta(days=365)
"""How far public holidays reach at least, where they are renewed as they should be."""

PENDING_TOO_LONG = timedelta(minutes=10)

_TOO_MUCH = """
    SELECT what FROM pg_roles, LATERAL (VALUES
        (rolsuper, 'SUPERUSER'), (rolcreatedb, 'CREATEDB'), (rolcreaterole, 'CREATEROLE'),
        (rolreplication, 'REPLICATION'), (rolbypassrls, 'BYPASSRLS'),
        (pg_has_role(oid, 'pg_read_server_files', 'member'), 'pg_read_server_files'),
        (pg_has_role(oid, 'pg_write_server_files', 'member'), 'pg_write_server_files'),
        (pg_has_role(oid, 'pg_execute_server_program', 'member'), 'pg_execute_server_program')
    ) AS able(so, what) WHERE rolname = current_user AND so ORDER BY what
"""
"""What the role may do besides owning its schema: with some of it, a query reads files or runs programs."""

_BEHIND = """
    SELECT s.stream FROM streams s
    LEFT JOIN requisitions r ON s.stream = 'requisition/' || r.id
    LEFT JOIN candidates c ON s.stream = 'candidate/' || c.id
    LEFT JOIN person_views p ON s.stream = 'person/' || p.person
    WHERE coalesce(r.version, c.version, p.version, 0) <> s.version ORDER BY s.stream LIMIT 100
"""


async def database(settings: Settings) -> AsyncIterator[Finding]:
    """Findings about the database. One alone when it is away."""
    async with AsyncExitStack() as open_to_the_end:
        try:
            at = await open_to_the_end.enter_async_context(wiring.stores_to_look_at(settings, size=1, answers_within=5))
        except DATABASE_ERRORS as refused:
            yield broken(
                "database",
                f"PostgreSQL does not answer ({type(refused).__name__}): nobody can sign in, and clocks run on unseen.",
                "Bring it back (tandem up, or your own server; TANDEM_DATABASE_URL); the journal catches up by itself.",
            )
            return
        yield ok("database", "PostgreSQL answers.")
        if too_much := [row["what"] for row in await at.pool.fetch(_TOO_MUCH)]:
            yield warning(
                "database role",
                f"Tandem's role may do more than own its schema: {', '.join(too_much)}.",
                "Take that from it; docs/operations.md, “A PostgreSQL of your own”, has the statements.",
            )
        missing = await _missing_migrations(at.pool)
        if missing:
            yield broken(
                "migrations", f"Not applied: {some(missing)}.", "Run python -m store.migrate, then start the API again."
            )
            return
        yield ok("migrations", "All are applied.")
        async for finding in _content(at):
            yield finding


async def _content(at: Stores) -> AsyncIterator[Finding]:
    pool = at.pool
    unfit = await _unfit_keys(at)
    if unfit:
        yield unfit
    elif unsigned := unsigned_commands(at):
        yield unsigned
    asked = datetime.now(UTC)
    theirs: datetime = await pool.fetchval("SELECT clock_timestamp()")
    yield skew("database", "PostgreSQL", theirs, asked, datetime.now(UTC))
    if await pool.fetchval("SELECT shape FROM read_model") != shape():
        yield broken(
            "read model",
            "It was made for another build's tables and views.",
            "Run tandem rebuild, or python -m store.migrate, which does it too.",
        )
    behind = [row["stream"] for row in await pool.fetch(_BEHIND)]
    if behind:
        yield broken(
            "read model",
            f"It does not show the last event of {some(behind)}.",
            "Run tandem rebuild: it makes every row again from the journal.",
        )
    else:
        yield ok("read model", "It shows every stream as the journal has it.")
    unread = await pool.fetch("SELECT stream, kind FROM tasks WHERE id = $1 ORDER BY stream", UNREAD)
    if unread:
        named = some([f"{row['stream']} ({row['kind']})" for row in unread])
        yield warning("journal", f"This build cannot take in every event of {named}.", NEWER_BUILD)
    running = await pool.fetch("SELECT stream, name FROM clocks WHERE ended_at IS NULL ORDER BY stream, name")
    if unheard_of := [f"{row['name']} in {row['stream']}" for row in running if not known_clock(row["name"])]:
        yield warning(
            "clocks",
            f"{len(unheard_of)} run that this build does not know: {some(unheard_of)}. Their owners are told, and the "
            "recruiter.",
            "Put back the build that began them, or a newer one. What is done by now, a lead may waive.",
        )
    tasks = await pool.fetch("SELECT stream, kind FROM tasks WHERE id <> $1 ORDER BY raised_at", UNREAD)
    if tasks:
        named = some([f"{row['kind']} in {row['stream']}" for row in tasks])
        yield warning(
            "tasks",
            f"{len(tasks)} manual tasks are open: {named}.",
            "tandem tasks lists them with the reason; mend it, then tandem resolve-task … --outcome retry.",
        )
    else:
        yield ok("tasks", "No manual task is open.")
    stuck = await at.ops_reads.stuck()
    if stuck:
        yield warning(
            "stuck",
            f"{len(stuck)} wait for users whom the escalation told twice: {some([one.stream for one in stuck])}.",
            "tandem ui stuck shows them; tandem doctor R-… says for whom each waits. Call them.",
        )
    async for finding in _pending_effects(at.ops_reads):
        yield finding
    if ending := await _ending_holidays(at):
        yield ending
    chain = await at.audit.verify(latest=AUDITED)
    if chain.wrong:
        yield broken(
            "audit",
            f"{chain.wrong} Somebody changed it behind Tandem's back.",
            "Run tandem audit verify; docs/operations.md, “The audit”, says what then.",
        )
    else:
        yield ok("audit", f"The last {chain.rows} rows follow from one another.")
    known = await pool.fetch("SELECT id FROM humans ORDER BY known_since DESC LIMIT 20")
    if known and not unfit and (gone := missing_keys(at, [row["id"] for row in known])):
        yield gone


async def _ending_holidays(at: Stores) -> Finding | None:
    """How far users' public holidays reach; None where nobody has a calendar.

    Each is renewed by its owner's entity a year ahead. Whose country is not on record, as before 0.5, cannot be.
    """
    users = {one.id: one.name for one in await at.people.everybody() if one.active}
    calendars = (await at.people.calendars(users)).items()
    soon = datetime.now(UTC).date() + HOLIDAYS_AHEAD
    reach = {id: known.holidays_kept.until for id, known in calendars if known.holidays_kept}
    unknown = [users[id] for id, known in calendars if not known.holidays_kept and known.holidays]
    late = [users[id] for id, until in reach.items() if until < soon]
    if unknown or late:
        said = [
            *([f"those of {some(late)} end within a year"] if late else []),
            *([f"where {some(unknown)} keep theirs is not on record, so that they are not renewed"] if unknown else []),
        ]
        sentence = "; ".join(said)
        return warning(
            "holidays",
            f"{sentence[0].upper()}{sentence[1:]}.",
            "Say their working hours again, with the country: on the page of each user, or by tandem set-calendar.",
        )
    if not reach:
        return None
    return ok(
        "holidays", f"Public holidays are in the calendars up to {min(reach.values()):%-d %B %Y}, and are renewed."
    )


async def _unfit_keys(at: Stores) -> Finding | None:
    if at.settings.keys_url is None and not at.settings.keys_folder.is_dir():
        return None
    try:
        async with at.pool.acquire() as connection:
            await fits(connection, at.sealer)
    except (WrongKeys, KeysUnreachable) as refused:
        return broken("keys", str(refused), "Neither API nor worker starts with these keys.")
    return None


async def _pending_effects(reads: OpsReads) -> AsyncIterator[Finding]:
    late = [one for one in await reads.pending_effects() if datetime.now(UTC) - one.since > PENDING_TOO_LONG]
    if late:
        named = some([f"{one.kind} in {one.stream} ({one.last_reason or 'never tried'})" for one in late])
        yield warning(
            "effects",
            f"{len(late)} decided more than ten minutes ago are not carried out: {named}.",
            "See whether a worker serves their queue (below) and what the error names; they are tried by themselves.",
        )
    else:
        yield ok("effects", "What was decided is carried out.")


def skew(about: str, whose: str, theirs: datetime, before: datetime, after: datetime) -> Finding:
    """How far a server's clock, read between `before` and `after` (UTC), is from ours."""
    off = max(theirs - after, before - theirs, timedelta(0))
    if off > TOLERATED:
        way = "ahead of" if theirs > after else "behind"
        return warning(
            f"{about} clock",
            f"{whose}'s clock is {off.total_seconds():.0f} s {way} this machine's: deadlines are told differently.",
            "Let both machines take their time from the same server (NTP).",
        )
    return ok(f"{about} clock", f"{whose}'s clock agrees with this machine's.")


async def _missing_migrations(pool: asyncpg.Pool) -> list[str]:
    wanted = [migration.id for migration in read_migrations(str(MIGRATIONS))]
    if not await pool.fetchval("SELECT to_regclass('_yoyo_migration')"):
        return wanted
    applied = {row["migration_id"] for row in await pool.fetch("SELECT migration_id FROM _yoyo_migration")}
    return [name for name in wanted if name not in applied]
