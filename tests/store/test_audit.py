"""The audit's chain: whole, whoever writes at once; broken by whatever is changed in it, and then it says where."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from domain.access.permissions import Permission
from domain.access.roles import Role
from settings import ROOT
from store import audit as chain
from store.audit import Act, Audit, AuditAway, AuditFilter, Entry, Kind, act_as, acting, team_id
from store.sessions import Sessions
from store.tokens import Tokens, prefix_of
from store.users import AddressTaken, CompanyTeam, User, Users

RITA = User(id="P-RITA01", name="Rita Quillfeather", email="rita@quillfeather.example", zone="UTC")
WORDS = "quillfeather"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
async def audit(pool: asyncpg.Pool) -> AsyncIterator[Audit]:
    audit = Audit(pool)
    yield audit
    await audit.close()


def read(candidate: str, actor: str = "P-1", at: datetime = NOON) -> Entry:
    """Somebody read a candidate."""
    return Entry(Act.READ_CANDIDATE, Kind.CANDIDATE, candidate, permission=Permission.CANDIDATE_OVERVIEW,
                 actor=actor, how="token:tdm_00", at=at)  # fmt: skip


async def acts(audit: Audit, **which: str) -> list[tuple[str, str, str]]:
    """Who did what to what, in order."""
    rows = await audit.rows(AuditFilter(**which), limit=500)  # type: ignore[arg-type]
    return [(row.actor, row.act, row.object) for row in reversed(rows)]


WRITER = """
import asyncio, sys
from store.audit import Act, Audit, Entry, Kind
from store.database import connect

async def main(dsn, name):
    async with await connect(dsn, size=4) as pool:
        audit = Audit(pool)
        for number in range(60):
            entry = Entry(Act.READ_CANDIDATE, Kind.CANDIDATE, f"C-{name}{number}", actor=f"P-{name}")
            if number % 3:
                audit.note(entry)
                await asyncio.sleep(0.003)
            else:
                await audit.record(entry)
        await audit.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_what_several_processes_write_at_once_is_one_chain_without_gaps(database: str, audit: Audit) -> None:
    started = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, database, name, cwd=ROOT) for name in "ABC"
    ]
    assert [await process.wait() for process in started] == [0, 0, 0]
    found = await audit.verify()
    assert (found.rows, found.last, found.wrong) == (180, 180, None)
    assert [row.seq async for row in audit.every(AuditFilter())] == list(range(1, 181))
    for name in "ABC":
        assert len(await audit.rows(AuditFilter(actor=f"P-{name}"), limit=500)) == 60


async def test_an_empty_chain_is_whole(audit: Audit) -> None:
    assert (await audit.verify()).wrong is None
    assert (await audit.verify(latest=10)).wrong is None


BROKEN = {
    "changed": ("UPDATE audit SET actor = 'P-2' WHERE seq = 3", "Row 3 is not as it was written."),
    "removed": ("DELETE FROM audit WHERE seq = 3", "Row 3 is missing: row 4 stands in its place."),
    "removed first": ("DELETE FROM audit WHERE seq = 1", "Row 1 is missing: row 2 stands in its place."),
    "swapped": (
        "UPDATE audit SET seq = 99 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4;"
        "UPDATE audit SET seq = 4 WHERE seq = 99",
        "Row 3 does not follow from row 2.",
    ),
    "inserted": (
        "UPDATE audit SET seq = seq + 100 WHERE seq > 3; UPDATE audit SET seq = seq - 99 WHERE seq > 3;"
        "INSERT INTO audit SELECT 4, at, 'P-2', how, act, kind, object, about, permission, hash, hash"
        " FROM audit WHERE seq = 3",
        "Row 4 is not as it was written.",
    ),
    "inserted before": (
        "INSERT INTO audit SELECT 0, at, actor, how, act, kind, object, about, permission, previous, hash"
        " FROM audit WHERE seq = 1",
        "Row 1 is missing: row 0 stands in its place.",
    ),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_what_is_changed_behind_our_back_is_found(audit: Audit, pool: asyncpg.Pool, what: str) -> None:
    await audit.record(*(read(f"C-{number}") for number in range(6)))
    assert (await audit.verify()).rows == 6
    statements, sentence = BROKEN[what]
    async with pool.acquire() as connection:  # its owner may, as any superuser
        await connection.execute("ALTER TABLE audit DISABLE TRIGGER audit_is_never_changed")
        await connection.execute(statements)
    found = await audit.verify()
    assert found.wrong == sentence
    assert "before" in what or (await audit.verify(latest=100)).wrong == sentence


async def test_a_tail_that_was_cut_off_is_found_by_a_hash_that_was_kept(audit: Audit, pool: asyncpg.Pool) -> None:
    await audit.record(*(read(f"C-{number}") for number in range(6)))
    before = await audit.verify()
    kept = (before.last, before.hash)
    await audit.record(read("C-7"))
    assert (await audit.verify(known=kept)).wrong is None
    async with pool.acquire() as connection:
        await connection.execute("ALTER TABLE audit DISABLE TRIGGER audit_is_never_changed")
        await connection.execute("DELETE FROM audit WHERE seq > 4")
    assert (await audit.verify()).wrong is None
    assert (await audit.verify(known=kept)).wrong == "Row 6, whose hash was kept, is gone."
    await audit.record(*(read(f"C-{number}") for number in range(10, 14)))
    assert (await audit.verify(known=kept)).wrong == "Row 6, whose hash was kept, has another hash."


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'P-2'", "DELETE FROM audit", "TRUNCATE audit"])
async def test_our_own_role_changes_and_removes_nothing(audit: Audit, pool: asyncpg.Pool, statement: str) -> None:
    await audit.record(read("C-1"))
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await pool.execute(statement)
    assert (await audit.verify()).rows == 1


async def test_reading_again_within_a_minute_is_no_new_act(audit: Audit) -> None:
    await audit.record(read("C-1"), read("C-1", at=NOON + timedelta(seconds=1)), read("C-2"), read("C-1", "P-2"))
    audit.note(read("C-1", at=NOON + timedelta(seconds=59)))
    await audit.written()
    assert len(await acts(audit)) == 3
    await audit.record(read("C-1", at=NOON + timedelta(seconds=61)))
    assert await acts(audit, of="C-1") == [
        ("P-1", "read_candidate", "C-1"),
        ("P-2", "read_candidate", "C-1"),
        ("P-1", "read_candidate", "C-1"),
    ]
    await audit.record(*(Entry(Act.EXPORTED_AUDIT, Kind.AUDIT, actor="P-3") for _ in range(2)))
    assert len(await acts(audit, actor="P-3")) == 2


async def test_rows_are_asked_for_and_paged(audit: Audit) -> None:
    await audit.record(*(read(f"C-{number}", at=NOON + timedelta(minutes=number)) for number in range(5)))
    await audit.record(Entry(Act.READ_DOCUMENT, Kind.DOCUMENT, "D-1", "C-2", actor="P-2"))
    assert await acts(audit, of="C-2") == [("P-1", "read_candidate", "C-2"), ("P-2", "read_document", "D-1")]
    assert await acts(audit, act=Act.READ_DOCUMENT) == [("P-2", "read_document", "D-1")]
    within = AuditFilter(since=NOON + timedelta(minutes=1), until=NOON + timedelta(minutes=3))
    assert [row.object for row in await audit.rows(within)] == ["C-2", "C-1"]
    assert {row.object for row in await audit.rows(AuditFilter(apart_from=frozenset({"C-2"})))} == {
        "C-0", "C-1", "C-3", "C-4",
    }  # fmt: skip
    newest = await audit.rows(AuditFilter(), limit=4)
    assert [row.seq for row in newest] == [6, 5, 4, 3]
    assert [row.seq for row in await audit.rows(AuditFilter(), before=3)] == [2, 1]


async def test_while_the_audit_cannot_be_written_no_more_is_shown(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "MOST_UNWRITTEN", 3)
    monkeypatch.setattr(chain, "_AGAIN_AFTER", 0.05)
    away = True
    record = audit.record

    async def refusing(*entries: Entry) -> None:
        if away:
            raise ConnectionRefusedError
        await record(*entries)

    monkeypatch.setattr(audit, "record", refusing)
    for number in range(3):
        audit.note(read(f"C-{number}"))
    with pytest.raises(AuditAway):
        audit.note(read("C-3"))
    away = False
    await audit.written()
    audit.note(read("C-4"))
    await audit.written()
    assert [object for _, _, object in await acts(audit)] == ["C-0", "C-1", "C-2", "C-4"]


async def test_what_stores_change_is_recorded_with_the_change(audit: Audit, pool: asyncpg.Pool) -> None:
    people, tokens, sessions = Users(pool), Tokens(pool), Sessions(pool)
    with acting("P-OPS", "token:tdm_0ps"):
        await people.put(RITA)
        await people.put(RITA.but(standing=frozenset({Role.RECRUITER})))
        await people.put_team(CompanyTeam(name=f"Friends of {WORDS}", lead=RITA.id))
        token = prefix_of(await tokens.make(RITA.id, "person", f"{WORDS} label"))
        await tokens.revoke(token)
        assert not await tokens.revoke(token)
        secret = await sessions.begin(RITA.id, f"{WORDS} browser")
        [session] = await sessions.of(RITA.id)
        await sessions.sign_out(secret)
        await sessions.sign_out(secret)
        await sessions.begin(RITA.id, "Firefox")
        [other] = await sessions.of(RITA.id)
        await sessions.end_all(RITA.id)
        with pytest.raises(AddressTaken):
            await people.put(RITA.but(id="P-OTHER1"))
        await people.put(RITA.but(active=False))
    assert await acts(audit) == [
        ("P-OPS", "user_added", RITA.id),
        ("P-OPS", "user_changed", RITA.id),
        ("P-OPS", "team_changed", team_id(f"Friends of {WORDS}")),
        ("P-OPS", "token_made", token),
        ("P-OPS", "token_revoked", token),
        (RITA.id, "signed_in", session.id),
        (RITA.id, "signed_out", session.id),
        (RITA.id, "signed_in", other.id),
        ("P-OPS", "session_ended", other.id),
        ("P-OPS", "user_left", RITA.id),
    ]
    rows = await audit.rows(AuditFilter())
    assert {row.how for row in rows if row.actor == "P-OPS"} == {"token:tdm_0ps"}
    assert {row.about for row in rows if row.kind == "session"} == {RITA.id}
    assert WORDS not in "".join(row.model_dump_json().lower() for row in rows)


async def test_words_do_not_get_in(audit: Audit, pool: asyncpg.Pool) -> None:
    act_as(f"Rita {WORDS}", "by mail")
    await audit.record(Entry(Act.READ_CANDIDATE, Kind.CANDIDATE, f"the {WORDS} papers", f"{WORDS}@example.com"))
    assert WORDS not in (await pool.fetchval("SELECT audit::text FROM audit"))
    with pytest.raises(asyncpg.CheckViolationError):
        await pool.execute("INSERT INTO audit VALUES (2, now(), 'two words', 'x', 'a', 'b', '', '', '', '', '')")
