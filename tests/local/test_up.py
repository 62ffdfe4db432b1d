"""`tandem up` as its user meets it: another process, its output, its exit code, Ctrl-C and kill -9."""

import json
import os
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from local import mailbox
from local.stack import on_free_ports
from local.supervisor import clear_leftovers
from settings import Settings

pytestmark = pytest.mark.slow


class Up:
    """One run of `up`; what it says goes to a file, so that nobody has to read along."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._said = folder / f"said-{time.monotonic_ns()}.txt"
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.local.up_with_stub_processes"],
                env=settings.environment() | {"PYTHONUNBUFFERED": "1"},
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> str:
        return self._said.read_text()

    def until(self, line: str, within: float = 90) -> None:
        eventually(lambda: re.search(rf"^{line}$", self.said, re.MULTILINE) or self.process.poll() is not None, within)
        assert re.search(rf"^{line}$", self.said, re.MULTILINE), self.said

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return self.process.wait(90)


def eventually(holds: Callable[[], object], within: float = 90) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.02)


@pytest.fixture
def runs() -> Iterator[list[Up]]:
    runs: list[Up] = []
    yield runs
    for run in runs:
        if run.process.poll() is None:
            run.end(signal.SIGTERM)


@pytest.fixture
def start(tmp_path: Path, runs: list[Up]) -> Callable[[Settings], Up]:
    def start(settings: Settings) -> Up:
        runs.append(Up(settings, tmp_path))
        return runs[-1]

    return start


def write_a_letter(settings: Settings) -> None:
    with smtplib.SMTP("127.0.0.1", settings.smtp_port) as server:
        server.sendmail("tandem@localhost", ["maya@example.org"], "Subject: kept\r\n\r\nHello\r\n")


def test_a_day_of_up(tmp_path: Path, start: Callable[[Settings], Up]) -> None:
    settings = on_free_ports(tmp_path / "home")
    settings.home.mkdir()
    # A lock left by a run long gone; its number belongs to somebody alive who has nothing to do with it.
    (settings.home / "lock").write_text(str(os.getpid()))

    first = start(settings)
    first.until("ready")
    first.until(f"the story is told on {settings.temporal_address}")
    assert f"http://127.0.0.1:{settings.api_port}/docs" in first.said
    assert first.process.poll() is None
    write_a_letter(settings)
    children = first.children()

    second = start(settings)
    assert second.process.wait(90) == 1
    assert second.said == (
        f"Tandem is already running in {settings.home}, pid {first.process.pid}: "
        "stop it, or set TANDEM_HOME elsewhere.\n"
    )

    worker = next(child for child in children if str(settings.worker_port) in child.cmdline())
    worker.kill()
    first.until(r"worker died \(SIGKILL\) and is started again")
    eventually(lambda: answers(settings.worker_port))

    children = first.children()
    assert first.end(signal.SIGINT) == 0
    assert "Traceback" not in first.said
    assert not [child for child in children if child.is_running()]

    again = start(settings)
    again.until("ready")
    assert [letter.subject for letter in mailbox.messages(settings.mailbox_folder)] == ["kept"]

    children = again.children()
    again.process.kill()
    again.process.wait()
    if sys.platform == "linux":
        eventually(lambda: not any(child.is_running() and child.status() != "zombie" for child in children))

    once_more = start(settings)
    once_more.until("ready")
    assert once_more.end(signal.SIGTERM) == 0


def answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("variable", ["api_port", "temporal_port", "smtp_port"])
def test_a_port_in_use_is_one_sentence(variable: str, tmp_path: Path, start: Callable[[Settings], Up]) -> None:
    settings = on_free_ports(tmp_path / "home")
    with socket.create_server(("127.0.0.1", getattr(settings, variable))):
        run = start(settings)
        assert run.process.wait(90) == 1
    name = f"TANDEM_{variable.upper()}"
    taken = getattr(settings, variable)
    assert run.said == f"Port {taken} is in use by another program: set {name} to a free one.\n"


def test_ctrl_c_while_starting_stops_what_had_started(tmp_path: Path, start: Callable[[Settings], Up]) -> None:
    settings = on_free_ports(tmp_path / "home")
    run = start(settings)
    run.until("postgres is ready.*")
    children = run.children()
    assert run.end(signal.SIGINT) == 0
    assert "Traceback" not in run.said
    assert not [child for child in children if child.is_running()]


def test_leftovers_are_ended_and_strangers_spared(tmp_path: Path) -> None:
    settings = on_free_ports(tmp_path)
    with ExitStack() as ended_at_last:
        leftover, stranger = (
            ended_at_last.enter_context(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
            for _ in range(2)
        )
        created = psutil.Process(leftover.pid).create_time()
        record = [[leftover.pid, created], [stranger.pid, created - 3600]]
        (settings.home / "children.json").write_text(json.dumps(record))

        clear_leftovers(settings)

        assert leftover.poll() is not None
        assert stranger.poll() is None
