"""`tandem demo` as its user runs it: the whole search, on real servers, and what one then finds there."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from cli import tandem
from local import mailbox
from local.stack import on_free_ports
from settings import ROOT, Settings

STORY = json.loads((ROOT / "samples" / "story.json").read_text(encoding="utf-8"))
WITHIN = 240  # seconds, on a machine that has other things to do; alone it takes about one minute


class Demo:
    """A played demo whose servers still run, looked at with the recruiter's token."""

    def __init__(self, settings: Settings, said: str) -> None:
        self.settings, self.said = settings, said
        found = re.search(r"TANDEM_TOKEN=(\S+) tandem show (R-\w+)", said)
        assert found, said
        self.token, self.search = found.groups()

    def tandem(self, *words: str) -> str:
        """What the command line says."""
        environment = {name: value for name, value in self.settings.environment().items() if name.startswith("TANDEM_")}
        answer = CliRunner(env=environment | {"TANDEM_TOKEN": self.token, "COLUMNS": "200"}).invoke(tandem, list(words))
        assert answer.exit_code == 0, answer.output
        return answer.stdout

    def read(self, *words: str) -> Any:
        """What the API says."""
        return json.loads(self.tandem(*words, "--json"))

    def candidate(self, name: str) -> Any:
        """The candidate of this name in the search."""
        ids = dict.fromkeys(re.findall(r"\bC-\w+", self.tandem("show", self.search)))
        return next(seen for one in ids if (seen := self.read("show", one))["contact"]["name"] == name)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    settings, said = on_free_ports(folder / "home"), folder / "said.txt"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", "import cli; cli.main()", "demo"],
            env=settings.environment() | {"PYTHONUNBUFFERED": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )
    try:
        give_up_at = time.monotonic() + WITHIN
        while "the mail  " not in said.read_text():
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < give_up_at, said.read_text()
            time.sleep(0.2)
        yield Demo(settings, said.read_text())
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert "Traceback" not in said.read_text()


pytestmark = pytest.mark.timeout(WITHIN + 60)


def test_somebody_is_hired_and_nobody_left_without_a_word(demo: Demo) -> None:
    search, ruth = demo.read("show", demo.search), demo.candidate("Ruth Abara")
    assert (search["end_cause"], search["hires"], ruth["stage"]) == ("filled", [ruth["id"]], "accepted")
    assert demo.candidate("Nadia Brenner")["offer"]["status"] == "declined"
    for rejection in STORY["rejections"]:
        who = next(one for one in STORY["candidates"] if one["id"] == rejection["candidate"])
        letters = mailbox.messages(demo.settings.mailbox_folder, to=who["email"])
        assert any(rejection["tell"] in " ".join(letter.text.split()) for letter in letters), who["name"]


def test_a_late_card_is_on_record_as_a_breach(demo: Demo) -> None:
    late = [clock for clock in demo.read("clocks", demo.search) if clock["breached_at"]]
    assert [(clock["name"], clock["ended_as"]) for clock in late if clock["name"] == "scorecard_in"] == [
        ("scorecard_in", "kept")
    ]
    assert "kept, after a breach" in demo.tandem("clocks", demo.search)


def test_a_decision_was_deferred_once_and_then_made(demo: Demo) -> None:
    nadia = demo.candidate("Nadia Brenner")
    assert (nadia["deferrals"], nadia["decision"]["kind"]) == (1, "hire")
    happened = [entry["type"] for entry in demo.read("timeline", nadia["id"])]
    assert happened.index("decision_deferred") < happened.index("decided")


def test_a_rejection_outside_the_rubric_was_seen_and_asked_about(demo: Demo) -> None:
    assert demo.read("show", demo.search)["drift"]["outside"] == 1
    ruth = demo.candidate("Ruth Abara")
    assert (ruth["challenged"], ruth["answer"]["verdict"]) == (True, "advance")


def test_what_the_retro_said_to_change_is_on_the_next_agenda(demo: Demo) -> None:
    following = next(line for line in demo.read("board") if line["id"] != demo.search)
    changes = demo.read("show", following["id"])["inherited"].values()
    assert {change["requisition"] for change in changes} == {demo.search}
    assert len(changes) == 2
    assert "(open)" in demo.tandem("show", following["id"])


def test_the_machine_left_nothing_to_do(demo: Demo) -> None:
    assert not re.search(r"journal_conflict|\"level\": \"error\"", _log(demo, "worker") + _log(demo, "api"))


def test_it_is_told_in_sentences_and_says_where_to_look(demo: Demo) -> None:
    told = re.findall(r"^ *\d+\.\d s  (.+)$", demo.said, re.MULTILINE)
    assert len(told) == 30
    assert "(debrief_not_booked)" in demo.said
    assert f"/namespaces/default/workflows/requisition%2F{demo.search}" in demo.said
    assert f"http://127.0.0.1:{demo.settings.api_port}/docs" in demo.said


def test_the_reads_are_tables(demo: Demo) -> None:
    assert "Product Manager, grants" in demo.tandem("board")
    assert "intake held" in demo.tandem("owe")
    assert "offer answered" in demo.tandem("timeline", demo.search)
    newest = demo.read("mailbox")[0]
    assert newest["subject"] in demo.tandem("mailbox")
    assert newest["text"].splitlines()[0] in demo.tandem("mailbox", str(newest["number"]))


def _log(demo: Demo, name: str) -> str:
    return (demo.settings.logs_folder / f"{name}.log").read_text()
