"""What goes wrong at the command line is a sentence and exit code 1, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from cli import tandem
from local.stack import on_free_ports
from settings import ROOT

PROBLEM = b'{"code": "hash_mismatch", "detail": "This is not the version you saw.", "accepted": "Version 2."}'

VAGUE = json.dumps(
    {
        "code": "vague_reason",
        "detail": "“meh” could be said of anybody. What made you say so?",
        "accepted": "What was seen or said.",
    }
).encode()


class Refusing(BaseHTTPRequestHandler):
    """Says no to whatever it is asked to do."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(409)
        self.send_header("Content-Type", "application/problem+json")
        self.send_header("Content-Length", str(len(PROBLEM)))
        self.end_headers()
        self.wfile.write(PROBLEM)

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads along."""


@pytest.fixture
def refusing() -> Iterator[int]:
    port = on_free_ports(Path("unused")).api_port
    server = ThreadingHTTPServer(("127.0.0.1", port), Refusing)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield port
    server.shutdown()
    thread.join()
    server.server_close()


def run(tmp_path: Path, *words: str, **environment: str) -> Result:
    answer = CliRunner(env={"TANDEM_HOME": str(tmp_path), **environment}).invoke(tandem, list(words))
    assert answer.exit_code == 1, answer.output
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    assert answer.stdout == ""
    return answer


def test_a_refusal_is_its_sentence_and_what_would_be_accepted(tmp_path: Path, refusing: int) -> None:
    words = ["sign-rubric", "R-ABC123", "--version", "1", "--hash", "x", "--sign"]
    answer = run(tmp_path, *words, TANDEM_API_PORT=str(refusing))
    assert answer.stderr == "This is not the version you saw. Accepted: Version 2.\n"


def test_vague_words_are_refused_with_the_way_to_a_rewrite(
    tmp_path: Path, refusing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.cli.test_failing.PROBLEM", VAGUE)
    words = ["answer-profile", "C-ABC123", "--verdict", "reject", "--why", "Meh."]
    answer = run(tmp_path, *words, TANDEM_API_PORT=str(refusing))
    assert answer.stderr == (
        "“meh” could be said of anybody. What made you say so? Accepted: What was seen or said.\n"
        "A rewrite: tandem reword C-ABC123 --use reason 'YOUR WORDS'\n"
    )


def test_nobody_there(tmp_path: Path) -> None:
    port = on_free_ports(tmp_path).api_port
    answer = run(tmp_path, "board", TANDEM_API_PORT=str(port))
    assert answer.stderr == f"Nobody answers at http://127.0.0.1:{port}: is Tandem running there (tandem up)?\n"


def test_a_setting_that_cannot_be_used(tmp_path: Path) -> None:
    answer = run(tmp_path, "up", TANDEM_API_PORT="many")
    assert answer.stderr.startswith("TANDEM_API_PORT cannot be used: ")
    assert answer.stderr.count("\n") == 1


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    answer = run(tmp_path, "token", "make", "P-ABC123")
    assert answer.stderr == "The database does not answer: start Tandem first (tandem up).\n"


def test_a_country_that_is_none(tmp_path: Path) -> None:
    words = ["person", "add", "--name", "A", "--email", "a@example.org", "--zone", "Europe/Berlin", "--country", "XX"]
    answer = run(tmp_path, *words)
    assert "no holidays on file for a country called 'XX'" in answer.stderr


def test_a_policy_file_is_checked_before_it_is_used(tmp_path: Path) -> None:
    nowhere = CliRunner(env={"TANDEM_HOME": str(tmp_path)})
    good = nowhere.invoke(tandem, ["policy", "check", str(ROOT / "deploy" / "sla" / "default.yaml")])
    assert (good.exit_code, good.stdout.split(":")[0]) == (0, "The policy default can be used")
    assert "US-CA: kept for 4 years (California Government Code § 12946) by law, not 365 days elapsed" in good.stdout
    assert "nobody can say whose dates it would move" in good.stdout
    bad = tmp_path / "ours.yaml"
    bad.write_text("name: ours\nladder: []\n")
    refused = CliRunner().invoke(tandem, ["policy", "check", str(bad)])
    assert refused.exit_code == 1
    assert f"{bad}:2: `ladder`: No escalation step is at the deadline" in refused.stderr
