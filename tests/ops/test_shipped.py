"""What is shipped to watch Tandem with: rules as promtool sees them, boards as Grafana does, and the runbook."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from settings import ROOT
from tests.ops.prometheus import CONFIGURATION, RULES, alerts, divided, program

CASES = Path(__file__).with_name("tandem.rules.test.yml")
BOARDS = sorted((ROOT / "deploy" / "grafana").glob("*.json"))


def promtool(*words: str | Path) -> None:
    """Runs it. Fails with what it says."""
    done = subprocess.run([program("promtool"), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_goes_unproven_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match="promtool is not installed"):
        program("promtool")


@pytest.mark.slow
def test_the_rules_are_valid() -> None:
    promtool("check", "rules", RULES)


@pytest.mark.slow
def test_the_configuration_is_valid() -> None:
    promtool("check", "config", CONFIGURATION)


@pytest.mark.slow
def test_each_alert_fires_when_it_should_and_only_then() -> None:
    promtool("test", "rules", CASES)


def test_each_alert_has_a_case_in_which_it_fires() -> None:
    cases = yaml.safe_load(CASES.read_text())["tests"]
    expected = json.dumps([check["exp_samples"] for case in cases for check in case.get("promql_expr_test", ())
                           if "exp_samples" in check])  # fmt: skip
    assert set(re.findall(r"Tandem\w+", expected)) == alerts().keys()


def test_dividing_the_rules_changes_nothing_but_their_durations() -> None:
    whole, short = RULES.read_text(), divided(RULES.read_text(), 60, 14400)
    duration = r"(?<=for: )\w+|(?<=\[)\w+(?=\])|\d+ \* (?:60|86400)(?: / \d+)?"
    assert re.sub(duration, "…", short) == re.sub(duration, "…", whole)
    assert "for: 2000ms\n" in short
    assert "[5000ms]" in short
    assert "3 * 86400 / 14400" in short


def test_each_alert_says_what_it_means_and_has_an_entry_in_the_runbook() -> None:
    section = (ROOT / "docs" / "operations.md").read_text().partition("\n## Alerts\n")[2]
    headings = re.findall(r"^### (Tandem\w+)$", section, re.MULTILINE)
    assert headings == list(alerts())
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in ("page", "ticket"), name
        assert rule["annotations"]["summary"].endswith("."), name
        assert rule["annotations"]["runbook"] == f"docs/operations.md#{name.lower()}", name


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_a_board_is_one_to_grafana(path: Path) -> None:
    board = json.loads(path.read_text())
    understood = json.loads(json.dumps(Dashboard.from_json(board), cls=JSONEncoder))
    assert _missing(board, understood) == []
    assert board["uid"] == path.stem


@pytest.mark.parametrize("path", BOARDS, ids=lambda path: path.stem)
def test_a_board_asks_whichever_prometheus_its_reader_picks(path: Path) -> None:
    board = json.loads(path.read_text())
    (variable,) = board["templating"]["list"]
    assert (variable["name"], variable["type"], variable["query"]) == ("datasource", "datasource", "prometheus")
    for panel in board["panels"]:
        if panel["type"] != "row":
            sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
            assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources), panel["title"]


def _missing(written: Any, understood: Any, at: str = "") -> list[str]:
    """Where something was written that the schema does not know, or takes for something else."""
    if isinstance(written, dict) and isinstance(understood, dict):
        return [
            place
            for key, value in written.items()
            for place in (_missing(value, understood[key], f"{at}.{key}") if key in understood else [f"{at}.{key}"])
            if value is not None
        ]
    if isinstance(written, list) and isinstance(understood, list) and len(written) == len(understood):
        pairs = enumerate(zip(written, understood, strict=True))
        return [place for n, (one, other) in pairs for place in _missing(one, other, f"{at}[{n}]")]
    return [] if written == understood else [at]
