"""A clock is one row: whoever asks about clocks finds it there, a new one and one of another build as well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.pages.tasks import next_actions
from domain.access.roles import OWNER_ROLES, Role
from domain.candidate import CLOCKS as OF_CANDIDATES
from domain.core.decider import Decider, Outcome
from domain.core.ids import ClockId
from domain.core.messages import Tick
from domain.entity.clock_commands import WaiveClock
from domain.entity.clock_table import Start, each
from domain.entity.effects import Notify
from domain.entity.workflow_details import owner_words, waiting_for
from domain.notifications.catalogue import page_for
from domain.notifications.notification import told_as
from domain.registry import COMMANDS
from domain.reporting.delay_attribution import side_of
from domain.reporting.forecast import STEPS
from domain.requisition import CHAPTERS, Requisition, describe
from domain.requisition import CLOCKS as OF_REQUISITIONS
from domain.requisition.clocks import HoldableClock
from domain.requisition.intake import IntakeRecorded
from domain.requisition.opening import SearchOpened
from domain.sla.catalogue import CLOCKS, ClockName, ClockRow, clock_row, owner_role, taking
from domain.sla.clocks import Clock
from domain.time.durations import WorkingDays
from settings import ROOT
from store.policy_file import load_policy
from store.views import ClockView, TimelineEntry
from testing.decider_cases import Story
from testing.people import MONDAY, PARTNER, RECRUITER, TEAM, TICK, person
from testing.requisition_stories import LIBRARY, OPEN, REQUISITION_ID, new
from tests.domain.dummies import member

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
    command="answer_permit",
    statutory=True,
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


def with_a_dummy(name: ClockName) -> Decider[Requisition]:
    """A requisition with a clock more, which runs from its opening until its intake."""
    rule = HoldableClock(
        name,
        starts={SearchOpened: lambda state, event: [Start(owner=state.people.hr_partner)]},
        kept={IntakeRecorded: each},
    )
    return Decider("requisition", Requisition(), CHAPTERS, (*OF_REQUISITIONS, rule))


def test_a_new_clock_is_found_everywhere(dummy: ClockRow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    decider = with_a_dummy(member(monkeypatch, ClockName, dummy.name))
    story = Story(decider, LIBRARY).when(person(RECRUITER, Role.RECRUITER), OPEN, facts=new()).then()
    (running,) = [clock for clock in story.state.clocks.values() if clock.name == dummy.name]

    due = story.now + timedelta(days=3)  # as its row says, because the policy that runs was written before it
    assert (running.owner, running.owner_role, running.due_at) == (PARTNER, "hr_partner", due)
    known = ClockId.parse(running.id)
    assert known is not None
    assert known[:3] == (REQUISITION_ID, dummy.name, "")
    assert f"- a word on the permit, by the HR partner, due {due:%Y-%m-%d %H:%M} UTC" in describe(story.state)
    assert PARTNER in story.state.waiting_on
    assert ("clock_started", PARTNER, dummy.name) in notifications(story)

    story.when(RECRUITER, WaiveClock(clock_id=running.id, why="Not needed")).then("statutory")
    story.when(TICK, Tick(), at=due + timedelta(minutes=1)).then()
    assert story.state.breached
    assert {("clock_rung", PARTNER, dummy.name), ("clock_rung", RECRUITER, dummy.name)} <= notifications(story)
    assert side_of(dummy.name, "") == "others"
    assert taking("offered") == (dummy.name,)

    about = {"clock": dummy.name, "clock_id": running.id}
    assert page_for("clock_started", about) == "/answer-permit"
    assert told_as(TEAM, PARTNER, "clock_started", about) == "hr_partner"
    todo = next_actions.step(shown(story.state.clocks[running.id]))
    assert (todo.words, todo.href) == ("Check the permit", f"/requisitions/{REQUISITION_ID}/answer-permit")
    entry = TimelineEntry(
        stream=f"requisition/{REQUISITION_ID}",
        seq=9,
        at=due,
        by="tick",
        type="clock_breached",
        payload={"clock_id": running.id},
    )
    assert entry.heading.endswith(": Check the permit")
    started = entry.model_copy(update={"type": "clock_started", "payload": {"clock": {"id": running.id}}})
    assert started.heading == "to be done: Check the permit"

    own = tmp_path / "own.yaml"
    own.write_text(f"name: own\nclocks:\n  {dummy.name}: 1 day\n")
    assert load_policy(own).time_of(dummy.name) == WorkingDays(days=1)
    assert load_policy(SHIPPED).time_of(dummy.name) == WorkingDays(days=3)


def shown(clock: Clock) -> ClockView:
    """The clock as the read model has it."""
    known = clock.model_dump(include=set(ClockView.model_fields) - {"pauses"})
    more = dict.fromkeys(("title", "stands_since", "ended_at", "ended_as", "rung", "next_rung_at", "why"))
    return ClockView(
        **known | more, stream=f"requisition/{REQUISITION_ID}", requisition=REQUISITION_ID, causes=(), pauses=()
    )


def notifications(story: Story) -> set[tuple[str, str, object]]:
    assert isinstance(story.outcome, Outcome)
    notified = [effect for _, effect in story.outcome.effects if isinstance(effect, Notify)]
    return {(notify.matter, notify.person, notify.about.get("clock")) for notify in notified}


def test_a_clock_of_another_build_says_its_name_and_is_the_recruiters() -> None:
    """After a rollback a run may carry a clock that this build has no row of: nothing may stop because of it."""
    unknown = clock("permit_checked")
    assert waiting_for(unknown) == "permit checked"
    assert owner_words(unknown) == "the recruiter"
    assert owner_role("permit_checked", "I-1:P-IRIS") == "recruiter"
    assert clock_row("permit_checked").command is None
    assert not clock_row("permit_checked").statutory


def test_whoever_holds_an_interview_owes_its_card_and_its_answer() -> None:
    assert {name for name, row in CLOCKS.items() if row.owner_role == "interviewer"} == {
        "invitation_answered",
        "scorecard_in",
    }
    for name in CLOCKS:
        assert owner_role(name, "R") in OWNER_ROLES


def test_every_step_of_the_forecast_takes_some_time_of_the_policy() -> None:
    assert [stage for stage, step in STEPS.items() if not step.takes] == []
