"""The audit of dependencies says what it asked and was told, and never that all is well when nobody answered."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.supply.dependency_audit import FAULTS_KNOWN, main

HASH = "0" * 64
LOCKED = {"aiosmtpd": "1.4.6", "pydantic": "2.12.0"}

Question = tuple[str, str, str]


class Database:
    """What an OSV database on loopback is asked, and knows."""

    def __init__(self) -> None:
        self.asked: list[Question] = []
        self.known: dict[str, dict[str, Any]] = {}
        self.status = 200
        self.address = ""


@pytest.fixture
def database() -> Iterator[Database]:
    """A database that knows of no fault yet."""
    database = Database()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            package = question["package"]
            database.asked.append((package["ecosystem"], package["name"], question["version"]))
            known = database.known.get(package["name"])
            said = json.dumps({"vulns": [known]} if known else {}).encode()
            self.send_response(database.status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        database.address = f"http://127.0.0.1:{server.server_port}/v1/query"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield database
        server.shutdown()
        thread.join()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock of two packages."""
    lock = tmp_path / "small.lock"
    lock.write_text("".join(f"{name}=={version} \\\n    --hash=sha256:{HASH}\n" for name, version in LOCKED.items()))
    return lock


def test_it_says_how_many_it_asked_about(database: Database, lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(lock, database.address) == 0
    assert "Audited 3 packages" in (said := capsys.readouterr().out)
    assert "no fault is known" in said
    packages = [one for one in database.asked if one[0] == "PyPI"]
    assert sorted(packages) == [("PyPI", name, version) for name, version in sorted(LOCKED.items())]
    assert ("npm", "htmx.org") in {one[:2] for one in database.asked}


@pytest.mark.parametrize("name", ["aiosmtpd", "htmx.org"])
def test_a_known_fault_is_named_and_ends_otherwise(
    name: str, database: Database, lock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ecosystem = "npm" if name == "htmx.org" else "PyPI"
    fixed = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.1"}]}
    affected = [{"package": {"name": name, "ecosystem": ecosystem}, "ranges": [fixed]}]
    database.known[name] = {"id": "GHSA-test-test-test", "summary": "It is broken.", "affected": affected}
    assert main(lock, database.address) == FAULTS_KNOWN != 0
    said = capsys.readouterr().out
    assert "1 fault is known" in said
    assert f"{name} " in said
    assert "GHSA-test-test-test" in said


@pytest.mark.parametrize("away", ["nobody listens", "an error", "half of them"])
def test_nobody_who_answers_is_no_all_clear(
    away: str, database: Database, lock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database.status = 503
    address = "http://127.0.0.1:9/v1/query" if away == "nobody listens" else database.address
    if away == "half of them":
        database.status = 200
        lock.write_text(lock.read_text() + f"tandem-private @ file:///nowhere --hash=sha256:{HASH}\n")
    assert main(lock, address) == 0
    said = capsys.readouterr().out
    assert "Not audited: no database of known faults could be reached. 0 packages" in said
    assert "no fault is known" not in said
