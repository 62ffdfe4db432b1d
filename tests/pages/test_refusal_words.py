"""Refusals are for people: no pattern, field name, id, time of programs or validator's English reaches a form."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from api.pages.forms.form_schema import Form
from api.pages.layout.fields import Choice
from api.pages.layout.labels import NEEDED, SAYS, humane
from domain.access.team import Actor
from domain.core.messages import Command, Rejection
from domain.entity.call import Call
from domain.registry import COMMANDS
from domain.requisition.rubric import EditRubric
from testing.people import person
from testing.requisition_stories import CRITERIA, EDIT
from tests.domain.case_table import Case
from tests.domain.registry.test_registry import CASES

NOT_FOR_PEOPLE = {
    "a name of the code": r"\b[a-z]+(?:_[a-z]+)+\b",
    "a time of programs": r"\d{4}-\d\d-\d\d",
    "an id": r"\b[PCHRDIOXASTN]-(?:\d|[0-9A-Z]{4,})|\b[KQ]\d+\b|\([A-Z]-…\)",
    "a command by its address": r"\b(?:add|log|record|share|submit|book|hold|answer|name|sign|set|tell)-[a-z]+\b",
    "a hash": r"\b[0-9a-f]{16,}\b|\bhash\b",
    "a pattern": r"[\[\]\\^|{}<>]|\.\*|\bpattern\b|\bregex\b",
    "the library": r"Input should|String should|value_error|Value error|validation|pydantic|isoformat|\bNUL\b|\bJSON\b",
    "a field in brackets": r"\([a-z_]+\)",
    "nothing": r"\bNone\b|\bnull\b|\bTrue\b|\bFalse\b",
}
ID = "AAAAAAAAAAAA"
CHOICES = {letter: [Choice(f"{letter}-{ID}", "somebody")] for letter in "PCRHDI"} | {
    "K": [Choice("K1", "the first criterion"), Choice("K2", "the second")], "Q": [Choice("Q1", "a licence")],
}  # fmt: skip
BAD = (
    "", " ", "x" * 30_000, "zzz", "soonish", "-1", "0", "1.5", "9" * 14, "1e400", "nan", "2026-02-30",
    "9999-12-31T00:00", "25:99", "P-lower", "\0", "a\nb", "<b>", "Portland", "null", "true",
)  # fmt: skip
"""What somebody may type where something else is asked: of a wrong kind, too long, too large, no day, no choice."""


def unfit(words: str) -> list[str]:
    return [
        f"{what}: {found[0]!r} in {words!r}"
        for what, shape in NOT_FOR_PEOPLE.items()
        if (found := re.search(shape, words))
    ]


def rejected(case: Case) -> Rejection | None:
    story = case.given()
    now = case.at or story.now + case.after
    actor = case.by if isinstance(case.by, Actor) else person(case.by)
    try:
        command = case.command.grounded(story.library)
        story.decider.perform(story.state, command, Call(actor, now, case.facts))
    except Rejection as refusal:
        return refusal
    return None


def test_every_refusal_of_every_command_reads_well() -> None:
    wrong: list[str] = []
    for case in (case for cases in CASES.values() for case in cases):
        refusal = rejected(case)
        assert (refusal is None) == (case.outcome == "accepted")
        for one in (refusal, *refusal.also) if refusal else ():
            said = SAYS.get(one.code) or f"{one.sentence} {one.accepted}"
            told = humane(said, lambda id: "Ada Lund" if id.startswith("P-") else id, "Europe/Berlin")
            wrong += [f"{case}: {found}" for found in unfit(told)]
    assert wrong == []


@pytest.mark.parametrize("entity", COMMANDS)
def test_everything_wrong_that_can_be_typed_is_said_in_words(entity: str) -> None:
    said: set[str] = set()
    for command in COMMANDS[entity].values():
        rows = {field.path: 1 for field in Form(command, "UTC", CHOICES).fields if field.kind == "rows"}
        leaves = [leaf for field in Form(command, "UTC", CHOICES, rows=rows).fields for leaf in field.leaves()]
        for bad in BAD:
            typed = {leaf.path: [bad] for leaf in leaves if leaf.kind != "document"}
            said |= set(Form(command, "UTC", CHOICES, typed=typed).read()[1].values())
    assert len(said) > 5
    quoted = {re.sub("“.*?”", "“…”", one, flags=re.DOTALL) for one in said}  # their own words may say anything
    assert [found for one in sorted(quoted) for found in unfit(one)] == []


def refused_when_left_empty() -> Iterator[tuple[type[Command], str]]:
    """Each field that need not be given, without which a command that was taken is refused."""
    for case in (case for cases in CASES.values() for case in cases if case.command.who and case.outcome == "accepted"):
        kind = type(case.command)
        for name, field in kind.model_fields.items():
            if field.is_required() or field.annotation is bool or getattr(case.command, name) == field.default:
                continue
            if rejected(
                Case(
                    case.given, case.by, case.command.but(**{name: field.default}), "", case.after, case.at, case.facts
                )
            ):
                yield kind, name


def test_optional_is_what_may_really_stay_empty() -> None:
    wanting = {(kind.name, name) for kind, name in refused_when_left_empty()}
    assert len(wanting) > 20
    assert {(command, name) for command, name in wanting if name not in NEEDED.get(command, {})} == set()
    for command, fields in NEEDED.items():
        kind = next((commands[command] for commands in COMMANDS.values() if command in commands), None)
        assert kind is None or fields.keys() <= kind.model_fields.keys(), command
    form = Form(COMMANDS["candidate"]["decide"], "UTC", CHOICES)
    assert next(one for one in form.fields if one.path == "reason").needed == "needed for a yes or a no"


def test_all_vague_criteria_of_a_rubric_are_named_together() -> None:
    vague = tuple(one.but(behaviour="Strong communicator", span=None) for one in CRITERIA[:2])
    with pytest.raises(Rejection) as refused:
        EDIT.but(criteria=(*vague, CRITERIA[2].but(span=None))).grounded(None)  # type: ignore[arg-type]
    found = (refused.value, *refused.value.also)
    assert [(one.code, one.field) for one in found] == [
        ("vague_wording", "criteria.K1"),
        ("vague_wording", "criteria.K2"),
    ]
    assert issubclass(EditRubric, Command)


def test_all_that_a_rubric_lacks_is_said_together() -> None:
    bare = tuple(one.but(questions=(), anchors={}) for one in CRITERIA)
    with pytest.raises(Rejection) as refused:
        EDIT.but(criteria=bare, plan=()).applied_to(None)
    codes = [one.code for one in (refused.value, *refused.value.also)]
    assert codes == [*(["anchors_missing", "questions_missing"] * len(CRITERIA)), "no_final_round"]
