"""A clock is one row: whoever asks about clocks finds it there, a new one and one of another build as well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.access.roles import OWING
from domain.candidate import CLOCKS as OF_CANDIDATES
from domain.entity.workflow_details import owing, waiting_for
from domain.notifications.catalogue import page_for
from domain.notifications.notification import told_as
from domain.registry import COMMANDS
from domain.reporting.delay_attribution import side_of
from domain.reporting.forecast import STEPS
from domain.requisition import CLOCKS as OF_REQUISITIONS
from domain.sla.catalogue import CLOCKS, ClockName, ClockRow, announced, clock_row, owing_role, taking
from domain.sla.clocks import Clock
from settings import ROOT
from store.policy_file import BadPolicy, load_policy
from tests.domain.people import MONDAY, TEAM

SHIPPED = ROOT / "deploy" / "sla" / "default.yaml"
DUMMY = ClockRow(
    "permit_checked",
    "requisition",
    "hr_partner",
    default="3 days",
    waiting="a word on the permit",
    what="check the permit",
    why="Without it they cannot begin.",
    button="Check the permit",
    command="decide",
    takes=("offered",),
)


@pytest.fixture
def dummy(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClockRow]:
    """A clock more than there is."""
    monkeypatch.setitem(CLOCKS, DUMMY.name, DUMMY)
    return DUMMY


def clock(name: str, about: str = "") -> Clock:
    return Clock(id=f"R-1:{name}:1", name=name, about=about, owner="P-HRPART", started_at=MONDAY, due_at=MONDAY)


def test_every_name_has_its_row_its_rule_and_its_command() -> None:
    assert list(CLOCKS) == list(ClockName)
    assert {rule.name for rule in OF_REQUISITIONS} == {n for n, row in CLOCKS.items() if row.entity == "requisition"}
    assert {rule.name for rule in OF_CANDIDATES} == {n for n, row in CLOCKS.items() if row.entity == "candidate"}
    for row in CLOCKS.values():
        assert row.command is None or row.command in COMMANDS[row.entity], row.name


def test_the_shipped_policy_gives_each_clock_the_time_of_its_row() -> None:
    shipped = load_policy(SHIPPED)
    written = {line.split(":")[0].strip(): line for line in SHIPPED.read_text("utf-8").splitlines()}
    assert shipped.clocks.keys() == CLOCKS.keys()
    for name, row in CLOCKS.items():
        assert written[name].split("#")[0].split(":", 1)[1].strip() == row.default, name


def test_a_new_clock_is_found_everywhere(dummy: ClockRow) -> None:
    assert owing_role(dummy.name, "") == "hr_partner"
    assert side_of(dummy.name, "") == "others"
    assert waiting_for(clock(dummy.name)) == "a word on the permit"
    assert owing(clock(dummy.name)) == "the HR partner"
    assert taking("offered") == (dummy.name,)
    assert announced(dummy.name)
    about = {"clock": dummy.name, "clock_id": f"R-1:{dummy.name}:1"}
    assert page_for("clock_started", about) == "/decide"
    assert told_as(TEAM, TEAM.hr_partner, "clock_started", about) == "hr_partner"
    with pytest.raises(BadPolicy, match="permit_checked"):
        load_policy(SHIPPED)


def test_a_clock_of_another_build_says_its_name_and_is_the_recruiters() -> None:
    """After a rollback a run may carry a clock that this build has no row of: nothing may stop because of it."""
    unknown = clock("permit_checked")
    assert waiting_for(unknown) == "permit checked"
    assert owing(unknown) == "the recruiter"
    assert owing_role("permit_checked", "I-1:P-IRIS") == "recruiter"
    assert clock_row("permit_checked").command is None
    assert not clock_row("permit_checked").statutory


def test_whoever_holds_an_interview_owes_its_card_and_its_answer() -> None:
    assert {name for name, row in CLOCKS.items() if row.owed_by == "interviewer"} == {
        "invitation_answered",
        "scorecard_in",
    }
    for name in CLOCKS:
        assert owing_role(name, "R") in OWING


def test_every_step_of_the_forecast_takes_some_time_of_the_policy() -> None:
    assert [stage for stage, step in STEPS.items() if not step.takes] == []
