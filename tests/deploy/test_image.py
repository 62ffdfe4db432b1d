"""The image's own commands, with its own environment, from a tree laid as the Containerfile lays it.

Read-only, as a number that is no account of the machine, with nothing of its own but what it is given.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import psutil
import pytest

from local import mailbox, postgres, temporal
from local.process_specs import Child, answers_200
from local.stack import on_free_ports
from local.supervisor import Supervisor
from settings import Settings
from testing.api_clients import eventually
from tests.deploy.containerfile import Image, built, gone

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1_200),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may lay a root of its own"),
]

RELEASE = "9.9.9"
PASSWORD = "of-the-tests"
NAMESPACE = "hiring"
DEPLOYMENT = "tandem/tandem"
"""As Temporal's Worker Controller calls it."""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where the image's user may enter, with the master key that it is given."""
    made = Path(tempfile.mkdtemp(prefix="tandem-image-", dir="/var/tmp"))
    made.chmod(0o755)
    (made / "master.key").write_text(base64.b64encode(os.urandom(32)).decode())
    (made / "master.key").chmod(0o444)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def image(folder: Path) -> Iterator[Image]:
    found = built(folder, {"BUILD_ID": RELEASE})
    yield found
    gone(found)


@dataclass
class Outside:
    """What a company has besides: the environment says where, as its operator would."""

    environment: dict[str, str]
    settings: Settings


@pytest.fixture(scope="module")
async def outside(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Outside]:
    """Two PostgreSQL by TCP and password, a Temporal that has no namespace for us, and a mail server."""
    settings = on_free_ports(tmp_path_factory.mktemp("outside"))
    settings.logs_folder.mkdir()
    members = [temporal.child(settings), mailbox.child(settings)]
    async with (
        _by_password(tmp_path_factory.mktemp("database"), "hiring") as database,
        _by_password(tmp_path_factory.mktemp("keys"), "keys") as keys,
        _running(settings, members),
    ):
        ports = ("api_port", "api_metrics_port", "worker_port", "sdk_metrics_port")
        environment = {f"TANDEM_{name.upper()}": str(getattr(settings, name)) for name in ports} | {
            "TANDEM_BASE_URL": f"http://127.0.0.1:{settings.api_port}",
            "TANDEM_DATABASE_URL": database,
            "TANDEM_KEYS_URL": keys,
            "TANDEM_MASTER_KEY": str(folder / "master.key"),
            "TANDEM_BLOBS": "/tmp/blobs",
            "TANDEM_SMTP_URL": f"smtp://127.0.0.1:{settings.smtp_port}",
            "TANDEM_MAIL_FROM": "Tandem <tandem@example.org>",
            "TEMPORAL_ADDRESS": settings.temporal_address,
            "TEMPORAL_NAMESPACE": NAMESPACE,
            "TANDEM_DEPLOYMENT": DEPLOYMENT,
        }
        yield Outside(environment, settings)


@asynccontextmanager
async def _running(settings: Settings, members: Sequence[Child]) -> AsyncIterator[None]:
    supervisor = Supervisor(settings, list(members), say=lambda _: None)
    try:
        await supervisor.start()
        yield
    finally:
        await supervisor.stop()


@asynccontextmanager
async def _by_password(home: Path, name: str) -> AsyncIterator[str]:
    """A PostgreSQL of its own that listens on loopback, with one database and its owner: their address."""
    settings = on_free_ports(home)
    settings.logs_folder.mkdir()
    child, port = postgres.child(settings), settings.api_port
    as_supervisor = f"postgresql://{postgres.SUPERVISOR}@/postgres?host={settings.postgres_socket_folder}&port={port}"

    async def ready() -> bool:
        try:
            connection = await asyncpg.connect(as_supervisor)
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    listening = (*child.command, "-c", "listen_addresses=127.0.0.1", "-c", f"port={port}")
    async with _running(settings, [replace(child, command=listening, ready=ready)]):
        administrator = await asyncpg.connect(as_supervisor)
        await administrator.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        await administrator.execute(f"CREATE DATABASE {name} OWNER {name}")
        await asyncio.to_thread(_let_in_by_password, settings.postgres_folder / "pg_hba.conf")
        await administrator.execute("SELECT pg_reload_conf()")
        await administrator.close()
        yield f"postgresql://{name}:{PASSWORD}@127.0.0.1:{port}/{name}"


def _let_in_by_password(rules: Path) -> None:
    rules.write_text(rules.read_text() + "host all all 127.0.0.1/32 scram-sha-256\n")


async def said(image: Image, environment: Mapping[str, str], *arguments: str, entry: bool = True) -> str:
    """What a command prints that goes to the image's entry point, or (`entry` false) is run in it; it must end well."""
    line = (
        image.runs(arguments, environment)
        if entry
        else image.inside(arguments, image.environment | environment, image.kept["USER"])
    )
    process = await asyncio.create_subprocess_exec(*line, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return output.decode().strip()


async def test_a_company_starts_with_the_image_alone(image: Image, outside: Outside) -> None:
    assert image.kept["USER"] == "10001:10001"
    applied = await asyncio.gather(*(said(image, outside.environment, "migrate") for _ in range(2)))
    assert sorted(one.partition(":")[0] for one in applied) == ["applied", "the database is up to date"]

    made = await said(image, outside.environment, "setup")
    assert made.splitlines()[0] == f"Namespace {NAMESPACE} is made."
    assert "TandemPhase" in made.splitlines()[1]
    assert await said(image, outside.environment, "setup") == "Temporal has all that Tandem needs."

    begun = [
        await asyncio.create_subprocess_exec(*image.runs([role], outside.environment)) for role in ("worker", "api")
    ]
    try:
        for port in (outside.settings.worker_port, outside.settings.api_port):
            await eventually(answers_200(port, "/ready"), f"nobody is ready on {port}")
        for process in begun:
            assert psutil.Process(process.pid).uids().effective == 10001
        # The operator's step, without which nobody is given a new run, by the program that comes along.
        current = ("temporal", "worker", "deployment", "set-current-version", "--yes", "--build-id", RELEASE)
        await said(image, outside.environment, *current, "--deployment-name", DEPLOYMENT, entry=False)

        person = await said(
            image, outside.environment,
            *("person", "add", "--name", "Mara Okafor", "--email", "mara@example.org"),
            *("--zone", "America/New_York", "--country", "US", "--roles", "R,L"),
        )  # fmt: skip
        token = await said(image, outside.environment, "token", "make", person.split()[0])
        own = outside.environment | {"TANDEM_TOKEN": token}
        assert (await said(image, own, "board")).split()[:3] == ["requisition", "title", "phase"]
        assert "mara@example.org" in await said(image, outside.environment, "person", "list")
    finally:
        for process in begun:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        ended = [await asyncio.wait_for(process.wait(), 60) for process in begun]
    # The API's server ends by the signal that it was sent, once it has finished (uvicorn).
    assert ended == [0, -signal.SIGTERM]


async def test_what_is_not_set_up_is_said_in_a_sentence(image: Image, outside: Outside) -> None:
    environment = outside.environment | {"TEMPORAL_NAMESPACE": "nowhere"}
    process = await asyncio.create_subprocess_exec(
        *image.runs(["worker"], environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    _, complaint = await process.communicate()
    assert process.returncode == 1
    assert complaint.decode().splitlines()[-1] == "Namespace nowhere is not there. Make it: tandem setup"
