"""`tandem ui`: links into the Temporal UI that also keep the query."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from cli import tandem


def link(tmp_path: Path, *words: str, **environment: str) -> str:
    answer = CliRunner(env={"TANDEM_HOME": str(tmp_path), **environment}).invoke(tandem, ["ui", *words])
    assert answer.exit_code == 0, answer.output
    return answer.stdout.strip()


@pytest.mark.parametrize(
    ("words", "query", "name"),
    [
        (["stuck"], "TandemStuck = true", "stuck"),
        (["breached"], "TandemBreached = true", "breached"),
        (["waiting-on", "P-MARA00"], 'TandemWaitingOn = "P-MARA00"', "waiting on P-MARA00"),
        (["failing"], "TemporalReportedProblems IS NOT NULL", "failing"),
    ],
)
def test_a_link_lists_what_was_asked_for(tmp_path: Path, words: list[str], query: str, name: str) -> None:
    parts = urlsplit(link(tmp_path, *words, TANDEM_TEMPORAL_UI_PORT="8999"))
    assert (parts.netloc, parts.path) == ("127.0.0.1:8999", "/namespaces/default/workflows")
    assert parse_qs(parts.query) == {"query": [query], "savedQuery": [name]}


def test_a_cluster_of_ones_own_has_its_ui_elsewhere(tmp_path: Path) -> None:
    own = {
        "TEMPORAL_ADDRESS": "temporal.example.org:7233",
        "TEMPORAL_NAMESPACE": "hiring",
        "TANDEM_TEMPORAL_UI_URL": "https://temporal.example.org/",
    }
    assert link(tmp_path, "stuck", **own).startswith("https://temporal.example.org/namespaces/hiring/workflows?query=")


@pytest.mark.parametrize("words", [["waiting-on"], ["stuck", "P-MARA00"], ["everything"]])
def test_it_takes_a_person_where_one_is_meant(tmp_path: Path, words: list[str]) -> None:
    assert CliRunner(env={"TANDEM_HOME": str(tmp_path)}).invoke(tandem, ["ui", *words]).exit_code == 2


def test_where_the_ui_of_ones_own_cluster_is_must_be_said(tmp_path: Path) -> None:
    environment = {"TANDEM_HOME": str(tmp_path), "TEMPORAL_ADDRESS": "temporal.example.org:7233"}
    answer = CliRunner(env=environment).invoke(tandem, ["ui", "stuck"])
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert "TANDEM_TEMPORAL_UI_URL" in answer.stderr
    assert "TandemStuck = true" in answer.stderr
