"""What is different between two versions of a rubric, as people read it."""

from __future__ import annotations

from api.pages.forms.rubric_diff import FieldDiff, RubricChange, changes, difference
from domain.evidence.rubric import Agreement, Criterion, Requirement, Round, Rubric


def criterion(id: str, rank: int, behaviour: str, **other: object) -> Criterion:
    given = {"weight": "must", "why": "It pays for the job.", "proof": "A story of the last one.", **other}
    return Criterion.model_validate({"id": id, "rank": rank, "behaviour": behaviour, **given})


BEFORE = Rubric(
    version=1,
    criteria=(
        criterion("K1", 1, "Presents to the committee monthly"),
        criterion("K2", 2, "Writes the release notes", weight="growth", anchors={"1": "none", "4": "each week"}),
    ),
    requirements=(Requirement(id="Q1", text="A driving licence", why="The sites have no bus."),),
    agreement=Agreement(
        candidates_expected=8, within_days=10, meet_every_days=5, interviewing="Two rounds.", updates="By mail."
    ),
    plan=(Round(round=1, kind="panel", criteria=("K1",), minutes=60, final=True),),
)


def test_equal_versions_differ_in_nothing() -> None:
    assert changes(BEFORE, BEFORE.but(version=2)) == []


def test_words_are_compared_whole() -> None:
    assert difference("presents to the board monthly", "presents twice to the committee monthly") == (
        ("same", "presents "),
        ("new", "twice "),
        ("same", "to the "),
        ("gone", "board "),
        ("new", "committee "),
        ("same", "monthly"),
    )
    assert difference("", "all new") == (("new", "all new"),)


def test_every_part_says_what_it_said_and_what_it_says_now() -> None:
    agreement = BEFORE.agreement
    assert agreement is not None
    first, second = BEFORE.criteria
    after = BEFORE.but(
        version=2,
        criteria=(
            first.but(behaviour="Presents to the committee weekly"),
            second.but(weight="must", anchors={"1": "none", "4": "each day"}),
        ),
        requirements=(BEFORE.requirements[0].but(text="A lorry licence"),),
        agreement=agreement.but(within_days=15),
        plan=(BEFORE.plan[0].but(criteria=("K1", "K2"), minutes=45),),
        job_text="You present.",
    )
    assert changes(BEFORE, after) == [
        RubricChange(
            "Criterion 1",
            "changed",
            (
                FieldDiff(
                    "The behaviour", (("same", "Presents to the committee "), ("gone", "monthly"), ("new", "weekly"))
                ),
            ),
        ),
        RubricChange(
            "Writes the release notes",
            "changed",
            (
                FieldDiff("Weight", (("gone", "growth"), ("new", "must-have"))),
                FieldDiff("What a 4 looks like", (("same", "each "), ("gone", "week"), ("new", "day"))),
            ),
        ),
        RubricChange(
            "Requirement 1",
            "changed",
            (
                FieldDiff(
                    "Requirement, yes or no",
                    (("same", "A "), ("gone", "driving "), ("new", "lorry "), ("same", "licence")),
                ),
            ),
        ),
        RubricChange(
            "The search agreement",
            "changed",
            (FieldDiff("Within how many working days", (("gone", "10"), ("new", "15"))),),
        ),
        RubricChange(
            "Round 1",
            "changed",
            (
                FieldDiff(
                    "Criteria",
                    (("same", "Presents to the committee weekly\n"), ("new", "Writes the release notes")),
                ),
                FieldDiff("How long, in minutes", (("gone", "60"), ("new", "45"))),
            ),
        ),
        RubricChange("The job description", "new", (FieldDiff("", (("new", "You present."),)),)),
    ]


def test_a_new_criterion_is_new_and_a_dropped_one_is_gone() -> None:
    after = BEFORE.but(criteria=(BEFORE.criteria[0], criterion("K3", 3, "Answers the clerks")))
    found = {change.head: change.state for change in changes(BEFORE, after)}
    assert found == {"Criterion 2": "gone", "Criterion 3": "new"}
