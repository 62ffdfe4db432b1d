"""The embedded servers on their own: killed the hard way, they come back with what they were given."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import asyncpg
import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.envconfig import ClientConfigProfile

from local import mailbox, stack
from local.errors import StackError
from local.process_specs import Commands
from local.stack import Servers, on_free_ports, servers
from settings import Settings
from tests.local.stub_process import serving


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    async with servers(on_free_ports(tmp_path_factory.mktemp("home"))) as running:
        yield running


async def kill_and_wait(running: Servers, name: str) -> None:
    """Kills the child as hard as can be and waits for the next one to be ready."""
    killed = running.supervisor.pid(name)
    os.kill(killed, signal.SIGKILL)
    async with asyncio.timeout(90):
        await running.supervisor.until_ready(name, after=killed)


async def send(running: Servers, subject: str) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "tandem@localhost", "maya@example.org", subject
    letter.set_content("Hello")
    await aiosmtplib.send(letter, hostname="127.0.0.1", port=running.settings.smtp_port)


async def test_postgres_comes_back_with_every_committed_row(running: Servers) -> None:
    connection = await asyncpg.connect(running.database_dsn)
    await connection.execute("CREATE TABLE kept (word text)")
    await connection.execute("INSERT INTO kept VALUES ('still here')")

    await kill_and_wait(running, "postgres")

    connection.terminate()
    connection = await asyncpg.connect(running.database_dsn)
    assert await connection.fetchval("SELECT word FROM kept") == "still here"
    await connection.close()


async def test_temporal_comes_back_with_every_workflow(running: Servers) -> None:
    client = await Client.connect(**running.settings.temporal_connection)
    started = await client.start_workflow("Anything", id="kept", task_queue="nobody-listens")

    await kill_and_wait(running, "temporal")

    client = await Client.connect(**running.settings.temporal_connection)
    found = await client.get_workflow_handle("kept").describe()
    assert (found.run_id, found.status) == (started.first_execution_run_id, WorkflowExecutionStatus.RUNNING)


async def test_the_mailbox_comes_back_and_counts_on(running: Servers) -> None:
    await send(running, "before")

    await kill_and_wait(running, "mailbox")

    await send(running, "after")
    newest, older = mailbox.messages(running.mailbox, limit=2)
    assert [older.subject, newest.subject] == ["before", "after"]
    assert newest.number == older.number + 1


async def test_the_home_is_closed_to_others(running: Servers) -> None:
    for folder in (running.settings.postgres_folder, running.mailbox, running.settings.logs_folder):
        assert folder.stat().st_mode & 0o077 == 0


async def test_a_home_in_use_is_refused_with_the_holders_pid(running: Servers) -> None:
    with pytest.raises(StackError, match=rf"already running in {running.settings.home}, pid {os.getpid()}: stop it"):
        async with servers(on_free_ports(running.settings.home)):
            pass


async def test_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    home = tmp_path / ("a-folder-with-a-very-long-name-" * 4) / "home"
    settings = on_free_ports(home)
    async with servers(settings):
        connection = await asyncpg.connect(settings.database_dsn)
        await connection.close()
        assert home / "postgres" in home.iterdir()
    settings.postgres_socket_folder.rmdir()


async def test_data_of_another_postgresql_is_left_alone(tmp_path: Path) -> None:
    settings = on_free_ports(tmp_path)
    settings.postgres_folder.mkdir()
    (settings.postgres_folder / "PG_VERSION").write_text("12\n")
    with pytest.raises(StackError, match=r"was made by PostgreSQL 12 .* set TANDEM_HOME"):
        async with servers(settings):
            pass


def test_a_port_that_was_given_out_is_not_given_again_before_it_is_taken(tmp_path: Path) -> None:
    given = [port for _ in range(9) for name, port in on_free_ports(tmp_path) if name.endswith("_port")]
    assert len(set(given)) == len(given)


async def test_a_database_of_ones_own_that_does_not_answer_is_named(tmp_path: Path) -> None:
    nobody_there = on_free_ports(tmp_path).api_port
    elsewhere = on_free_ports(tmp_path, database_url=f"postgresql://u@127.0.0.1:{nobody_there}/tandem")
    with pytest.raises(StackError, match="TANDEM_DATABASE_URL does not answer"):
        async with servers(elsewhere):
            pass


def using(running: Servers, home: Path) -> Settings:
    """Settings of another home that uses the running servers as somebody else's."""
    return on_free_ports(
        home,
        database_url=running.database_dsn,
        temporal_profile=ClientConfigProfile(address=running.temporal_address),
        smtp_url=f"smtp://127.0.0.1:{running.settings.smtp_port}",
    )


async def test_with_servers_of_ones_own_none_is_embedded(running: Servers, tmp_path: Path) -> None:
    settings = using(running, tmp_path)
    commands = Commands(
        migrate=(sys.executable, "-c", ""), worker=serving(settings.worker_port), api=serving(settings.api_port)
    )
    said: list[str] = []
    async with stack.stack(settings, said.append, commands):
        assert [line.split(" is ready")[0] for line in said] == ["migrations", "worker", "api"]
    assert not settings.postgres_folder.exists()
    assert not settings.temporal_file.exists()


A_BAD_DAY = """
import os, pathlib, pydantic
class Day(pydantic.BaseModel):
    weather: str
if not pathlib.Path("{better}").exists():
    Day.model_validate({{}})
os.execv("{python}", {serving})
"""


async def test_a_worker_that_does_not_start_leaves_the_others_up_and_comes_when_it_can(
    running: Servers, tmp_path: Path
) -> None:
    settings, better, said = using(running, tmp_path), tmp_path / "better", list[str]()
    code = A_BAD_DAY.format(better=better, python=sys.executable, serving=list(serving(settings.worker_port)))
    commands = Commands(
        migrate=(sys.executable, "-c", ""),
        worker=(sys.executable, "-c", code),
        api=serving(settings.api_port),
    )
    async with stack.stack(settings, said.append, commands) as up:
        [sentence] = [line for line in said if "does not start" in line]
        assert "in a row: pydantic_core._pydantic_core.ValidationError: 1 validation error for Day (all" in sentence
        assert "The others stay up" in sentence
        assert up.supervisor.missing == ["worker"]
        async with asyncio.timeout(10):
            await up.supervisor.until_ready("api")
        better.touch()
        async with asyncio.timeout(30):
            await up.supervisor.until_ready("worker")
        assert "worker is ready at last" in said
        assert up.supervisor.missing == []


async def test_an_api_that_never_starts_is_given_up_with_its_last_words(running: Servers, tmp_path: Path) -> None:
    settings = using(running, tmp_path)
    commands = Commands(
        migrate=(sys.executable, "-c", ""),
        worker=serving(settings.worker_port),
        api=(sys.executable, "-c", "print('no API today'); raise SystemExit(3)"),
    )
    with pytest.raises(StackError, match=r"api does not start, 5 times in a row: no API today .*logs/api\.log"):
        async with stack.stack(settings, lambda _: None, commands):
            pass


async def test_another_installations_keys_are_said_to_be_before_anything_is_started(
    running: Servers, tmp_path: Path
) -> None:
    settings = using(running, tmp_path / "home")
    commands = Commands(worker=serving(settings.worker_port), api=serving(settings.api_port))
    async with stack.stack(settings, lambda _: None, commands):
        made = settings.keys_folder.rename(tmp_path / "away")
    with pytest.raises(StackError, match=r"^migrations failed: There are no keys in .*home/keys"):
        async with stack.stack(settings, lambda _: None, commands):
            pass
    assert not settings.keys_folder.exists()
    made.rename(settings.keys_folder)
    async with stack.stack(settings, lambda _: None, commands):
        pass


async def test_a_failed_migration_stops_what_comes_after(running: Servers, tmp_path: Path) -> None:
    settings = using(running, tmp_path)
    commands = Commands(migrate=(sys.executable, "-c", "raise SystemExit('no such table')"))
    with pytest.raises(StackError, match=r"migrations failed: no such table .*logs/migrations\.log"):
        async with stack.stack(settings, lambda _: None, commands):
            pass
    assert not (settings.logs_folder / "worker.log").exists()


async def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(StackError, match=r"`temporal` is missing: .*TEMPORAL_ADDRESS"):
        async with servers(on_free_ports(tmp_path)):
            pass


async def test_two_things_on_one_port_are_refused(tmp_path: Path) -> None:
    one = on_free_ports(tmp_path).smtp_port
    with pytest.raises(StackError, match=f"TANDEM_SMTP_PORT and TANDEM_TEMPORAL_PORT are both {one}"):
        async with servers(on_free_ports(tmp_path, smtp_port=one, temporal_port=one)):
            pass


async def test_where_everything_is_leaves_nothing_out(tmp_path: Path) -> None:
    settings = on_free_ports(tmp_path)
    said = stack.whereabouts(settings)
    for place in (f":{settings.api_port}/docs", f":{settings.temporal_ui_port}", str(settings.mailbox_folder)):
        assert place in said
