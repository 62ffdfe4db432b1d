"""`tandem demo` as its user runs it: the whole requisition, on real servers, and what one then finds there."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner, Result

from cli import tandem
from local import mailbox
from local.stack import on_free_ports
from ops.administration import Operator
from settings import ROOT, Settings
from tests.e2e.rows import rows, versions

STORY = json.loads((ROOT / "samples" / "story.json").read_text(encoding="utf-8"))
WITHIN = 600  # seconds, on a machine that has other things to do; alone it takes about one minute


class Demo:
    """A played demo whose servers still run, looked at with a token of the recruiter's."""

    def __init__(self, settings: Settings, said: str) -> None:
        self.settings, self.said = settings, said
        recruiter = re.search(r"TANDEM_TOKEN=\$\(\S+ token make (P-\w+)\)", said)
        requisition = re.search(r"tandem show (R-\w+)", said)
        assert recruiter, said
        assert requisition, said
        self.requisition = requisition[1]
        self.token = asyncio.run(Operator(settings).make_token(recruiter[1], "test", None))

    def run(self, *words: str, token: str | None = None) -> Result:
        """What the command line answers to the recruiter, or to whoever holds `token`."""
        own = {name: value for name, value in self.settings.environment().items() if name.startswith("TANDEM_")}
        runner = CliRunner(env=own | {"TANDEM_TOKEN": token or self.token, "COLUMNS": "200"})
        return runner.invoke(tandem, list(words))

    def tandem(self, *words: str, token: str | None = None) -> str:
        """What it says, all being well."""
        answer = self.run(*words, token=token)
        assert answer.exit_code == 0, answer.output
        return answer.stdout

    def read(self, *words: str) -> Any:
        """What the API says."""
        return json.loads(self.tandem(*words, "--json"))

    def following(self) -> Any:
        """The requisition that was opened last."""
        return next(line for line in self.read("board") if line["id"] != self.requisition)

    def candidate(self, name: str) -> Any:
        """The candidate of this name in the search."""
        ids = dict.fromkeys(re.findall(r"\bC-\w+", self.tandem("show", self.requisition)))
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
        while "  in Temporal " not in said.read_text():
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < give_up_at, said.read_text()
            time.sleep(0.2)
        yield Demo(settings, said.read_text())
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 0
        assert "Traceback" not in said.read_text()


pytestmark = pytest.mark.timeout(WITHIN + 60)


def test_somebody_is_hired_and_nobody_left_without_a_word(demo: Demo) -> None:
    requisition, ruth = demo.read("show", demo.requisition), demo.candidate("Ruth Abara")
    assert (requisition["end_cause"], requisition["hires"], ruth["stage"]) == ("filled", [ruth["id"]], "accepted")
    assert demo.candidate("Nadia Brenner")["offer"]["status"] == "declined"
    for rejection in STORY["rejections"]:
        who = next(one for one in STORY["candidates"] if one["id"] == rejection["candidate"])
        letters = mailbox.messages(demo.settings.mailbox_folder, to=who["email"])
        assert any(rejection["tell"] in " ".join(letter.text.split()) for letter in letters), who["name"]


def test_a_late_card_is_on_record_as_a_breach(demo: Demo) -> None:
    late = [clock for clock in demo.read("clocks", demo.requisition) if clock["breached_at"]]
    assert [(clock["name"], clock["ended_as"]) for clock in late if clock["name"] == "scorecard_in"] == [
        ("scorecard_in", "kept")
    ]
    assert "kept, late" in demo.tandem("clocks", demo.requisition)


def test_a_decision_was_deferred_once_and_then_made(demo: Demo) -> None:
    nadia = demo.candidate("Nadia Brenner")
    assert (nadia["deferrals"], nadia["decision"]["kind"]) == (1, "hire")
    happened = [entry["type"] for entry in demo.read("timeline", nadia["id"])]
    assert happened.index("decision_deferred") < happened.index("decided")


def test_a_rejection_outside_the_rubric_was_seen_and_asked_about(demo: Demo) -> None:
    assert demo.read("show", demo.requisition)["drift"]["outside"] == 1
    ruth = demo.candidate("Ruth Abara")
    assert (ruth["challenged"], ruth["answer"]["verdict"]) == (True, "advance")


def test_what_the_retro_said_to_change_is_on_the_next_agenda(demo: Demo) -> None:
    following = demo.following()
    changes = demo.read("show", following["id"])["inherited"].values()
    assert {change["requisition"] for change in changes} == {demo.requisition}
    assert len(changes) == 2
    assert "(open)" in demo.tandem("show", following["id"])


def test_the_machine_left_nothing_to_do(demo: Demo) -> None:
    assert not re.search(r"journal_conflict|\"level\": \"error\"", _log(demo, "worker") + _log(demo, "api"))


def test_it_is_told_in_sentences_and_says_where_to_look(demo: Demo) -> None:
    told = re.findall(r"^ *\d+\.\d s  (.+)$", demo.said, re.MULTILINE)
    assert len(told) == 30
    assert "(debrief_not_booked)" in demo.said
    assert f"/namespaces/default/workflows/requisition%2F{demo.requisition}" in demo.said
    assert f"http://127.0.0.1:{demo.settings.api_port}/docs" in demo.said


def test_everybody_of_the_story_has_a_link_that_is_good_once(demo: Demo) -> None:
    links = re.findall(r"^  (.+?) +(http://\S+/sign-in/link/\S+)$", demo.said, re.MULTILINE)
    assert {name.partition(" (")[0] for name, _ in links} == {person["name"] for person in STORY["people"]}
    assert "tdm_" not in demo.said
    name, link = links[0]
    with httpx.Client(trust_env=False) as browser:
        assert name.partition(" (")[0] in browser.get(link).text
        assert browser.post(link).status_code == 303
        assert browser.get(link.replace(urlsplit(link).path, "/owed")).status_code == 200
        assert browser.post(link).status_code == 410


def test_the_reads_are_tables(demo: Demo) -> None:
    assert "why it was not" in demo.tandem("tasks", demo.requisition)
    assert "Product Manager, grants" in demo.tandem("board")
    assert "intake held" in demo.tandem("owe")
    assert "offer answered" in demo.tandem("timeline", demo.requisition)
    newest = demo.read("mailbox")[0]
    assert newest["subject"] in demo.tandem("mailbox")
    assert newest["text"].splitlines()[0] in demo.tandem("mailbox", str(newest["number"]))


def test_the_operator_adds_somebody_who_then_speaks_for_themselves(demo: Demo) -> None:
    added = demo.tandem(
        "person", "add", "--name", "Odd Jobs", "--email", "odd@example.org", "--zone", "Europe/Oslo", "--country", "NO",
        "--roles", "L",
    )  # fmt: skip
    token = demo.tandem("token", "make", added.strip()).strip()
    assert "Product Manager, permits" in demo.tandem("board", token=token)
    demo.tandem("token", "revoke", token)
    refused = demo.run("board", token=token)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "Authorization: Bearer" in refused.stderr


def test_a_command_that_cannot_be_is_refused_in_a_sentence(demo: Demo) -> None:
    refused = demo.run("sign-rubric", demo.requisition, "--version", "2", "--hash", "x", "--sign")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "This is over. Accepted: A recruiter or a lead can reopen the requisition.\n",
    )


def test_the_read_model_is_made_again_row_for_row(demo: Demo) -> None:
    # The requisition that was opened last is nobody's business now: once its intake is late, nothing moves any more.
    following = demo.following()
    give_up_at = time.monotonic() + 90
    while not any(clock["breached_at"] for clock in demo.read("clocks", following["id"])):
        assert time.monotonic() < give_up_at
        time.sleep(0.2)
    moved = True
    while moved:  # messages of before may still be on their way
        assert time.monotonic() < give_up_at + 90
        stood = asyncio.run(versions(demo.settings.database_dsn))
        before = asyncio.run(rows(demo.settings.database_dsn))
        assert "streams" in demo.tandem("rebuild")
        after = asyncio.run(rows(demo.settings.database_dsn))
        moved = asyncio.run(versions(demo.settings.database_dsn)) != stood
    assert after == before


def test_an_entity_goes_on_from_its_journal(demo: Demo) -> None:
    following = demo.following()
    version = demo.read("show", following["id"])["version"]
    assert demo.tandem("revive", "--force", f"requisition/{following['id']}").endswith(
        f"goes on from version {version}.\n"
    )
    change = next(iter(demo.read("show", following["id"])["inherited"]))
    words = ["resolve-inherited-change", following["id"], "--change-id", change, "--adopt"]
    assert json.loads(demo.tandem(*words))["version"] > version


def _log(demo: Demo, name: str) -> str:
    return (demo.settings.logs_folder / f"{name}.log").read_text()
