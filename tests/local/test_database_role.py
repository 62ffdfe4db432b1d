"""Tandem's role owns its schema and nothing else, and the server itself cannot read the keys."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import asyncpg
import psutil
import pytest

from local import postgres
from local.errors import StackError
from local.exec_with_parent_death import launched
from local.stack import on_free_ports
from local.supervisor import Supervisor
from privacy.key_folder import FolderKeyStore
from settings import Settings
from store.migrate import migrate

ANNA = "H-ANNA00001"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="PostgreSQL then runs under our own account")


async def started(settings: Settings) -> Supervisor:
    """The embedded server alone."""
    settings.home.mkdir(mode=0o700, exist_ok=True)
    settings.logs_folder.mkdir(exist_ok=True)
    supervisor = Supervisor(settings, [postgres.child(settings)], say=lambda _: None)
    await supervisor.start()
    return supervisor


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    settings = on_free_ports(tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("VAULT_TOKEN", "AWS_SECRET_ACCESS_KEY", "TANDEM_KEYS_URL"):
            patch.setenv(name, "that-opens-the-keys")
        supervisor = await started(settings)
    FolderKeyStore(settings.keys_folder).found("I-THIS")
    FolderKeyStore(settings.keys_folder).make(ANNA)
    yield settings
    await supervisor.stop()


@pytest.fixture
async def connection(running: Settings) -> AsyncIterator[asyncpg.Connection]:
    """What API and worker have."""
    connection = await asyncpg.connect(running.database_dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def mighty(running: Settings) -> AsyncIterator[asyncpg.Connection]:
    """What the supervisor has: as much as whoever broke out of the role."""
    connection = await asyncpg.connect(running.embedded_dsn("tandem", postgres.SUPERVISOR))
    await connection.execute("CREATE TEMP TABLE said (line text)")
    yield connection
    await connection.close()


@pytest.mark.parametrize(
    "attempt",
    [
        "SELECT pg_read_file('{keys}/matching.secret')",
        "SELECT pg_read_binary_file('/etc/passwd')",
        "SELECT pg_ls_dir('{keys}')",
        "SELECT lo_import('{keys}/matching.secret')",
        "COPY (SELECT 1) TO PROGRAM 'cat {keys}/matching.secret'",
        "COPY (SELECT 1) TO '/tmp/stolen'",
        "CREATE TEMP TABLE stolen (line text); COPY stolen FROM '{keys}/matching.secret'",
        "CREATE TEMP TABLE stolen (line text); COPY stolen FROM PROGRAM 'id'",
        "CREATE EXTENSION file_fdw",
        "CREATE EXTENSION pg_trgm",
        "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc.so.6', 'getpid'",
        "CREATE ROLE other SUPERUSER",
        "CREATE DATABASE other",
        "ALTER ROLE tandem SUPERUSER",
        "SET ROLE tandem_supervisor",
        "SET SESSION AUTHORIZATION tandem_supervisor",
        "GRANT pg_read_server_files TO tandem",
        "ALTER SYSTEM SET archive_command = 'id'",
        "CREATE SCHEMA other",
        "SELECT pg_create_physical_replication_slot('other')",
    ],
)
async def test_the_role_reaches_nothing_but_its_schema(
    connection: asyncpg.Connection, running: Settings, attempt: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(attempt.format(keys=running.keys_folder))


async def test_the_role_is_what_its_schema_needs(connection: asyncpg.Connection, running: Settings) -> None:
    migrate(running.database_dsn)
    owned = await connection.fetchval("SELECT bool_and(tableowner = 'tandem') FROM pg_tables WHERE schemaname='public'")
    able = await connection.fetchrow(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles"
        " WHERE rolname = current_user"
    )
    assert (owned, list(able)) == (True, [False] * 5)
    member_of = (
        "SELECT rolname FROM pg_roles WHERE pg_has_role(current_user, oid, 'member') AND rolname <> current_user"
    )
    assert await connection.fetch(member_of) == []


@AS_ROOT
async def test_the_server_has_no_capability_and_gets_none(mighty: asyncpg.Connection) -> None:
    asked = 'grep -E "^(Cap|NoNewPrivs|Groups)" /proc/self/status | tr -d "[:blank:]"'
    await mighty.execute(f"COPY said FROM PROGRAM '{asked}'")
    said = dict(row["line"].split(":") for row in await mighty.fetch("SELECT line FROM said"))
    assert {name for name, value in said.items() if name.startswith("Cap") and int(value, 16)} == set()
    assert said["NoNewPrivs"] == "1"
    assert said["Groups"] == ""


@AS_ROOT
async def test_the_server_is_not_told_how_the_keys_are_reached(mighty: asyncpg.Connection) -> None:
    await mighty.execute("COPY said FROM PROGRAM 'env'")
    said = [row["line"] for row in await mighty.fetch("SELECT line FROM said")]
    assert any(line.startswith("PATH=") for line in said)
    assert not [line for line in said if "that-opens-the-keys" in line or line.startswith("TANDEM_")]


@AS_ROOT
@pytest.mark.parametrize("how", ["cat {key}", "ls {keys}", "ls {home}", "cat {home}/master.key"])
async def test_the_servers_account_cannot_read_the_keys(
    mighty: asyncpg.Connection, running: Settings, how: str
) -> None:
    [key] = running.keys_folder.glob("*/*")
    asked = how.format(key=key, keys=running.keys_folder, home=running.home)
    with pytest.raises(asyncpg.PostgresError, match="program"):
        await mighty.execute(f"COPY said FROM PROGRAM '{asked}'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await mighty.execute(f"COPY said FROM '{key}'")


@AS_ROOT
async def test_programs_are_copied_from_where_the_servers_account_may_not_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, hidden = on_free_ports(tmp_path / "home"), tmp_path / "hidden"
    installed = Path(postgres.child(settings).command[0]).parents[2]
    for package in installed.parent.glob(f"{installed.name}*"):
        shutil.copytree(package, hidden / package.name)
    hidden.chmod(0o700)
    where = ModuleSpec(installed.name, None, is_package=True)
    where.submodule_search_locations = [str(hidden / installed.name)]
    monkeypatch.setattr(postgres, "find_spec", lambda _: where)
    with tempfile.TemporaryDirectory() as reachable:
        os.chmod(reachable, 0o755)
        monkeypatch.setattr(postgres, "_PROGRAMS", Path(reachable) / "programs")
        for _ in range(2):
            supervisor = await started(settings)
            [program] = {psutil.Process(supervisor.pid("postgres")).exe()}
            await supervisor.stop()
            assert program.startswith(reachable)
        [copy] = (Path(reachable) / "programs").iterdir()
        copy.chmod(0o777)
        with pytest.raises(StackError, match="nobody else may write"):
            postgres.child(settings)


async def test_data_of_0_3_0_are_changed_over_once(tmp_path: Path) -> None:
    settings = on_free_ports(tmp_path / "home")
    made_by_0_3_0(settings)
    for _ in range(2):
        supervisor = await started(settings)
        connection = await asyncpg.connect(settings.database_dsn)
        try:
            assert await connection.fetchval("SELECT word FROM kept") == "still here"
            await connection.execute("INSERT INTO kept (word) VALUES ('more')")
            await connection.execute("ALTER TABLE kept ADD COLUMN IF NOT EXISTS other text")
            await connection.execute("CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")
            await connection.execute("CREATE OR REPLACE VIEW seen AS SELECT word FROM kept")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("SELECT pg_read_file('/etc/passwd')")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("SET ROLE tandem_before")
        finally:
            await connection.close()
            await supervisor.stop()


def made_by_0_3_0(settings: Settings) -> None:
    """A data folder whose first role, `tandem`, may do everything, and whoever connects is believed."""
    settings.home.mkdir(mode=0o700)
    server = postgres.child(settings)
    folder = settings.postgres_folder
    folder.mkdir(mode=0o700)
    if server.user:
        os.chown(folder, pwd.getpwnam(server.user).pw_uid, -1)
    data = server.command[server.command.index("-D") + 1]

    def run(*command: str, say: str = "") -> None:
        begun = launched(command, signal.SIGKILL, server.user, server.folder)
        done = subprocess.run(begun, input=say, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    run(server.command[0].replace("bin/postgres", "bin/initdb"), "-D", data, "-U", "tandem", "--auth=trust")
    run(server.command[0], "--single", "-D", data, "postgres", say="CREATE DATABASE tandem\n")
    run(
        *(server.command[0], "--single", "-D", data, "tandem"),
        say="CREATE TABLE kept (id bigint GENERATED ALWAYS AS IDENTITY, word text)\n"
        "INSERT INTO kept (word) VALUES ('still here')\n"
        "CREATE VIEW seen AS SELECT word FROM kept\n"
        "CREATE SEQUENCE counted\n"
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'\n",
    )
