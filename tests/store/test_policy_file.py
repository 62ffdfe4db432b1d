from datetime import timedelta
from pathlib import Path

import pytest

from domain.sla.notification_policy import Ceiling
from domain.sla.policy import Policy
from domain.time.durations import ElapsedElseWorkingHours, EndOfWorkingDay, WorkingDays
from settings import ROOT
from store.policy_file import BadPolicy, PolicyFile, differences, load_policy
from testing.people import POLICY

SHIPPED = ROOT / "deploy" / "sla"


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    path = tmp_path / "ours.yaml"
    path.write_text((SHIPPED / "default.yaml").read_text())
    return path


def line_of(path: Path, words: str) -> int:
    text = path.read_text()
    return text[: text.index(f"\n{words}")].count("\n") + 2


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_default_policy_makes_the_promises_of_the_product() -> None:
    policy = load_policy(SHIPPED / "default.yaml")
    assert policy.but(name=POLICY.name) == POLICY
    assert policy.clocks["intake_held"] == WorkingDays(days=3)
    assert policy.clocks["summary_sent"] == EndOfWorkingDay(end_of_day=True, at_least_hours=2)
    assert policy.clocks["scorecard_in"] == ElapsedElseWorkingHours(hours=24, elapsed=True, else_working_hours=2)


def test_the_shipped_file_and_the_rules_own_defaults_are_equal() -> None:
    assert load_policy(SHIPPED / "default.yaml") == Policy(name="default")


def test_a_file_says_only_what_differs_from_the_shipped_one(tmp_path: Path) -> None:
    ours = tmp_path / "ours.yaml"
    ours.write_text(
        "name: ours\nclocks: {intake_held: 4 days}\ncounterparts: {hr_partner: hiring_manager}\n"
        "messages: {gather: 2 hours, ceilings: {lead: {digests: 2}}}\nslate_size: 4\n"
    )

    policy = load_policy(ours)

    assert policy.time_of("intake_held") == WorkingDays(days=4)
    assert policy.time_of("rubric_signed") == WorkingDays(days=2)
    assert policy.counterparts["recruiter"] == "hiring_manager"
    assert policy.messages.ceilings["lead"] == Ceiling(digests=2, interruptions=5, apart=0.2)
    assert differences(policy) == [
        "clocks.intake_held: 4 days (shipped: 3 days)",
        "counterparts.hr_partner: hiring_manager (shipped: recruiter)",
        "slate_size: 4 (shipped: 5)",
        "messages.gather: 2 hours (shipped: 1 hour)",
        "messages.ceilings.lead.digests: 2 (shipped: 1)",
    ]


def test_a_file_of_before_a_clock_a_role_and_a_number_is_no_reason_not_to_start(edited: Path) -> None:
    replaced(edited, "  intake_held: 3 days", "")
    replaced(edited, "    lead: {digests: 1, interruptions: 5, apart: 0.2}\n", "")
    replaced(edited, "  hr_partner: recruiter\n", "")
    replaced(edited, "retention: 365 days elapsed", "")

    assert PolicyFile(edited).current() == Policy(name="default")


def test_a_policy_that_was_stored_before_there_was_a_clock_gives_it_the_shipped_time() -> None:
    stored = POLICY.model_dump(mode="json")
    del stored["clocks"]["intake_held"], stored["messages"]["ceilings"]["lead"], stored["counterparts"]["hr_partner"]
    del stored["retention"]

    before = Policy.model_validate(stored)

    assert before.time_of("intake_held") == WorkingDays(days=3)
    assert before.but(clocks=POLICY.clocks) == POLICY


def test_a_policy_of_before_there_were_jurisdictions_keeps_everybody_as_long_as_it_said() -> None:
    stored = POLICY.model_dump(mode="json") | {"retention": {"days": 30, "elapsed": True}}
    del stored["retention_by_jurisdiction"]

    before = Policy.model_validate(stored)

    assert {str(before.retention_in(place)) for place in ("DE", "US", "US-CA")} == {"30 days elapsed"}


def test_a_stored_policy_is_read_whatever_the_law_says_today() -> None:
    stored = POLICY.model_dump(mode="json") | {"retention_by_jurisdiction": {"US": {"days": 3, "elapsed": True}}}

    assert str(Policy.model_validate(stored).retention_in("US")) == "3 days elapsed"


def test_the_demo_is_the_default_in_days_of_six_seconds() -> None:
    demo = load_policy(SHIPPED / "demo.yaml")
    assert demo.day == timedelta(seconds=6)
    assert demo.but(name="default", day=None) == load_policy(SHIPPED / "default.yaml")


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("  intake_held: 3 days", "  intake_hold: 3 days", "  intake_hold", "no clock called `intake_hold`"),
        ("  offer_made: 2 days", "  offer_made: -2 days", "  offer_made", "'-2 days' is not a duration"),
        ("  offer_made: 2 days", "  offer_made: {days: -2}", "  offer_made", "greater than or equal to 1"),
        ("  offer_made: 2 days", "  offer_made: soon", "  offer_made", "'soon' is not a duration"),
        ("  offer_made: 2 days", "  offer_made: 2 days\n  offer_made: 3 days", "  offer_made: 3", "stands here twice"),
        ("slate_size: 5", "slate_sice: 5", "slate_sice", "no setting called `slate_sice`"),
        ("slate_size: 5", "slate_size: 0", "slate_size", "`slate_size`: "),
        ("name: default\n", "", "clocks", "`name` is missing"),
        ("slate_size: 5", "slate_size: [5", "debrief_minutes", "this is not YAML"),
        (
            "{digests: 2, interruptions: 0, kept",
            "{digests: -2, interruptions: 0, kept",
            "    hr_partner",
            "greater than",
        ),
        ("    recruiter: {digests", "    recruiters: {digests", "    recruiters", "nobody is called `recruiters`"),
        ("  gather: 1 hour", "  gather: soon", "  gather", "'soon' is not a duration"),
        ("    at: 75 %", "    at: 120 %", "    at: 120", "not between 1 % and 99 %"),
        ("    at: 75 %", "    at: 0 %", "    at: 0", "not between 1 % and 99 %"),
        ("    at: 75 %", "    at: sometime", "    at: sometime", "no time for an escalation step"),
        ("    at: 1 day after", "    at: -1 day after", "    at: -1", "'-1 day' is not a duration"),
        ("    at: 1 day after", "    at: end of day after", "    at: end", "no length of time"),
        (
            "    at: 1 day after",
            "    at: 3 days after",
            "  - rung: stuck",
            "`stuck` does not come after",
        ),
        ("    at: 75 %", "    at: 1 hour after", "  - rung: breached", "does not come after the step before"),
        ("    at: due", "    at: 90 %", "  - rung: warned", "No escalation step is at the deadline"),
        ("rung: escalated", "rung: warned", "  - rung: warned\n    at: 1", "two escalation steps called `warned`"),
        ("rung: escalated", "rung: 7 days", "  - rung: 7", "`ladder.2.rung`: "),
        ("      owner_lead:", "      boss:", "      boss", "nobody is called `boss` in `tell`"),
        ("is your turn to {what}", "is your turn to {whom}", '      owner: "By', "no placeholder {whom}"),
        ("is your turn to {what}", "is your turn to {what", '      owner: "By', "A brace in a sentence"),
        ("is your turn to {what}", "is your turn to {what.real}", '      owner: "By', "no placeholder {what.real}"),
        (
            "    at: due\n",
            "    at: due\n    stuck: true\n",
            "  - rung: breached",
            "nothing is stuck before it is overdue",
        ),
        (
            "    stuck: true\n    tell:\n      ops:",
            "    tell: {}\n    x_ops:",
            "    tell: {}",
            "An escalation step tells somebody",
        ),
        ("  hr_partner: recruiter", "  hr_partner: hr_partner", "  recruiter: hiring", "The counterpart of hr_partner"),
        (
            "retention_by_jurisdiction: {}",
            "retention_by_jurisdiction:\n  DE: 1 day elapsed\n  US-CA: 3 days elapsed",
            "  US-CA: 3",
            "`retention_by_jurisdiction.US-CA`: the law has it kept for 4 years (California Government Code",
        ),
        (
            "retention_by_jurisdiction: {}",
            "retention_by_jurisdiction:\n  Germany: 90 days elapsed",
            "  Germany",
            "no country or state by its code",
        ),
        (
            "retention_by_jurisdiction: {}",
            "retention_by_jurisdiction:\n  NO: 90 days elapsed",
            "  NO: 90",
            "put quotes around it",
        ),
        ("  hr_partner: recruiter", "  hr_partner: boss", "  hr_partner: boss", "`counterparts.hr_partner`: "),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(edited: Path, old: str, new: str, at: str, words: str) -> None:
    replaced(edited, old, new)
    with pytest.raises(BadPolicy) as refused:
        load_policy(edited)
    [problem] = [problem for problem in refused.value.problems if words in problem]
    assert problem.startswith(f"{edited}:{line_of(edited, at)}: ")


def test_every_mistake_is_named_at_once_in_the_order_of_the_file(edited: Path) -> None:
    replaced(edited, "intake_held: 3 days", "intake_held: never")
    replaced(edited, "slate_size: 5", "slate_size: many")
    with pytest.raises(BadPolicy) as refused:
        load_policy(edited)
    assert ["intake_held" in refused.value.problems[0], "slate_size" in refused.value.problems[1]] == [True, True]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "a list of names"), (b"- 3 days", "a list of names"), (b"\xff", "UTF-8")],
)
def test_a_file_that_is_no_policy_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "ours.yaml"
    path.write_bytes(content)
    with pytest.raises(BadPolicy, match=words):
        load_policy(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match="it cannot be read"):
        load_policy(tmp_path / "none.yaml")


def test_an_edited_file_holds_from_the_next_look_on_and_a_bad_one_changes_nothing(edited: Path) -> None:
    file = PolicyFile(edited)
    assert file.current().slate_size == 5

    replaced(edited, "slate_size: 5", "slate_size: 15")
    assert file.current().slate_size == 15

    replaced(edited, "slate_size: 15", "slate_size: many")
    assert file.current().slate_size == 15
    edited.unlink()
    assert file.current().slate_size == 15


def test_a_process_does_not_start_on_a_bad_file(edited: Path) -> None:
    replaced(edited, "slate_size: 5", "slate_size: many")
    with pytest.raises(BadPolicy, match="`slate_size`"):
        PolicyFile(edited)


def test_a_policy_from_before_there_was_a_ladder_reads_as_one_with_the_default() -> None:
    before = POLICY.model_dump(mode="json", exclude={"ladder", "counterparts"})
    assert Policy.model_validate(before) == POLICY
