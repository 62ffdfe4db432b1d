"""Forms made from command classes: any command has one, it reads back what it shows, complaints find their field."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Literal

import pytest
from pydantic import Field as Said

from api.pages.forms.draft_suggestions import as_drafted, undecided
from api.pages.forms.form_defaults import new_rubric, of_the_intake
from api.pages.forms.form_schema import Form
from api.pages.layout.fields import Choice, Field
from api.pages.layout.labels import humane
from domain.candidate.interviews import RecordInterview
from domain.candidate.scorecards import SubmitScorecard
from domain.candidate.screen import RecordScreen
from domain.core.ids import PersonId
from domain.core.messages import Command, Value
from domain.core.source_text import Span
from domain.evidence.drafts import Claim, CriterionDraft, Draft, IntakeReading, Passage, Section
from domain.registry import COMMANDS
from domain.requisition.rubric import EditRubric
from tests.api.smallest_bodies import smallest

ID = "AAAAAAAAAAAA"
KNOWN = {letter: f"{letter}-{ID}" for letter in "PCRHDI"}
CHOICES = {letter: [Choice(value, f"the {letter}")] for letter, value in KNOWN.items()} | {
    "K": [Choice("K1", "the first criterion"), Choice("K2", "the second")]
}


class Snack(Value):
    """Something to eat."""

    what: str = Said(max_length=40)
    pieces: int = Said(ge=1)


class TryOut(Command, who="R"):
    """Try everything a form can hold."""

    when: datetime
    by: date | None = None
    who: PersonId
    how: Literal["gently", "at_once"]
    sure: bool
    note: str | None = Said(default=None, max_length=1000, description="What one should know.")
    snacks: tuple[Snack, ...] = ()
    first: Snack | None = None
    tags: tuple[str, ...] = ()
    stand_by: bool = False


def sent(fields: tuple[Field, ...]) -> dict[str, list[str]]:
    """What a browser sends of these fields as they are shown."""
    return {name: list(map(str, values)) for field in fields for name, values in inputs(field) if values}


def inputs(field: Field) -> Iterator[tuple[str, list[str]]]:
    if field.kind == "document":
        yield from ((f"{field.path}.{part}", [value]) for part, value in field.value.items())
    elif field.kind in ("many", "moments"):
        yield field.path, list(field.value)
    elif field.kind == "flag":
        yield field.path, ["true"] if field.value == "true" else []
    elif field.value or not field.parts:
        yield field.path, [field.value]
    yield from itertools.chain.from_iterable(map(inputs, field.parts))


def test_a_new_command_has_a_form_that_reads_back_what_it_shows() -> None:
    given = {
        "when": datetime(2027, 3, 4, 9, 30, tzinfo=UTC), "by": "2027-03-05", "who": KNOWN["P"], "how": "at_once",
        "sure": False, "note": "Bring two\nlines.", "snacks": [{"what": "plum", "pieces": 3}], "tags": ["a", "b"],
    }  # fmt: skip
    shown = Form(TryOut, "America/New_York", CHOICES, given)
    kinds = {field.path: field.kind for field in shown.fields}
    assert kinds == {
        "when": "moment", "by": "date", "who": "choice", "how": "choice", "sure": "yes_no", "note": "area",
        "snacks": "rows", "first": "group", "tags": "lines", "stand_by": "flag",
    }  # fmt: skip
    assert next(field for field in shown.fields if field.path == "when").value == "2027-03-04T04:30"
    command, wrong = Form(TryOut, "America/New_York", CHOICES, typed=sent(shown.fields)).read()
    assert not wrong
    assert command == TryOut.model_validate(given)


def test_what_is_missing_is_said_at_its_field_and_at_the_top() -> None:
    form = Form(TryOut, "UTC", CHOICES, typed={"who": [KNOWN["P"]], "snacks.1.what": ["plum"], "sure": ["true"]})
    command, wrong = form.read()
    assert command is None
    fields, complaints = form.with_errors(wrong)
    by_path = {field.path: field for field in fields}
    assert by_path["when"].error == "This is needed."
    assert by_path["who"].error is None
    # The first row was left empty and is not sent: the complaint is about the second.
    row = by_path["snacks"].parts[1]
    assert [part.error for part in row.parts] == [None, "This is needed."]
    assert {one.id for one in complaints} == {"f-when", "f-how", "f-snacks-1-pieces"}


def test_a_group_that_may_be_left_out_asks_for_nothing_by_itself() -> None:
    form = Form(TryOut, "UTC", CHOICES)
    first = next(field for field in form.fields if field.path == "first")
    assert [part.insists for part in first.parts] == [False, False]
    assert "first" not in form.body()


@pytest.mark.parametrize(
    ("command", "given", "nobody_came"),
    [
        (RecordScreen, {"at": datetime(2027, 3, 4, tzinfo=UTC)}, "no_show"),
        (RecordInterview, {"interview_id": "I-1", "ended_at": datetime(2027, 3, 4, tzinfo=UTC)}, "candidate_no_show"),
    ],
)
def test_of_a_call_to_which_nobody_came_no_record_is_asked(
    command: type[Command], given: dict[str, object], nobody_came: str
) -> None:
    shown = Form(command, "UTC", CHOICES, given | {"rec": {"kind": "transcript"}})
    typed = sent(shown.fields) | {"outcome": [nobody_came]}
    recorded, wrong = Form(command, "UTC", CHOICES, typed=typed).read()
    assert not wrong
    assert recorded is not None
    assert recorded.model_dump(mode="json")["outcome"] == nobody_came


def test_a_row_is_found_by_what_it_is_about() -> None:
    typed = {
        "ratings.0.criterion": ["K1"], "ratings.0.rating": ["3"],
        "ratings.1.criterion": ["K2"], "ratings.1.rating": ["4"],
    }  # fmt: skip
    form = Form(SubmitScorecard, "UTC", CHOICES, typed=typed)
    fields, complaints = form.with_errors({"ratings.K2": "A rating without evidence is none."})
    ratings = next(field for field in fields if field.path == "ratings")
    assert [row.error for row in ratings.parts] == [None, "A rating without evidence is none."]
    assert [one.id for one in complaints] == ["f-ratings-1"]


def test_a_refusal_about_nothing_on_the_form_stands_at_its_top() -> None:
    _, complaints = Form(TryOut, "UTC", CHOICES).with_errors({"": "Not today."})
    assert [(one.id, one.sentence) for one in complaints] == [("", "Not today.")]


@pytest.mark.parametrize("vague", [True, False])
def test_standing_by_ones_words_is_offered_to_whom_they_were_called_vague(vague: bool) -> None:
    fields, _ = Form(TryOut, "UTC", CHOICES).with_errors({"note": "Too vague."}, vague=vague)
    assert next(field for field in fields if field.path == "stand_by").hidden is not vague


def test_ids_in_a_sentence_are_read_as_what_they_stand_for() -> None:
    called = {"X-ABCDEFGH-1H": "Book both rounds at once", "K2": "Sits with the clerks"}
    said = humane("Still open: X-ABCDEFGH-1H. Nobody tests K2.", lambda id: called.get(id, id), "UTC")
    assert said == "Still open: “Book both rounds at once”. Nobody tests “Sits with the clerks”."


def test_a_time_in_a_sentence_is_read_on_the_readers_clock() -> None:
    assert (
        humane("At the latest 4 March 2026, 14:00 UTC.", str, "Europe/Berlin") == "At the latest 4 March 2026, 15:00."
    )


def test_a_criterion_without_a_behaviour_is_left_out() -> None:
    typed = {"base_version": ["0"], "criteria.0.id": ["K1"], "criteria.0.rank": ["1"], "criteria.0.weight": ["must"]}
    assert Form(EditRubric, "UTC", CHOICES, typed=typed).body() == {"base_version": "0", "stand_by": False}


def test_a_rubric_begins_with_the_criteria_that_were_drafted() -> None:
    words = "She stands before the committee every month."
    said = Passage(span=Span(document=KNOWN["D"], start=0, end=len(words)), words=words)
    drafted = CriterionDraft(
        behaviour="Presents to the committee monthly",
        weight="growth",
        why="It pays for the product.",
        proof="A deck, talked through.",
        questions=("Whom did you last present to?",),
        anchors=("reads slides", "answers some", "answers all", "changes their minds"),
        rests_on=(said,),
    )
    draft = Draft(kind="rubric", drafter="a model", note="", intake=IntakeReading(coverage=(), criteria=(drafted,) * 3))
    form = Form(EditRubric, "UTC", CHOICES, new_rubric(draft))
    asked, wrong = Form(EditRubric, "UTC", CHOICES, typed=sent(form.fields)).read()
    assert not wrong
    assert isinstance(asked, EditRubric)
    assert [one.id for one in asked.criteria] == ["K1", "K2", "K3"]
    first = asked.criteria[0]
    assert (first.behaviour, first.weight, first.questions) == (drafted.behaviour, "growth", drafted.questions)
    assert list(first.anchors.values()) == list(drafted.anchors)
    assert first.span is not None
    assert first.span.words == words


@pytest.mark.parametrize(
    ("point", "said", "count"),
    [
        ("candidates expected", "Expect 8 candidates.", "8"),
        ("candidates expected", "Between 5 and 8 candidates.", None),
        ("within days", "They come within 15 working days.", "15"),
        ("within days", "They come within 3 weeks.", None),
        ("meet every days", "They meet every 5 business days.", "5"),
    ],
)
def test_a_number_is_taken_from_the_intake_only_where_it_means_what_the_agreement_counts(
    point: str, said: str, count: str | None
) -> None:
    passage = Passage(span=Span(document=KNOWN["D"], start=0, end=len(said)), words=said)
    section = Section(head=f"agreement: {point}", claims=(Claim(text=said, rests_on=(passage,)),))
    offered = of_the_intake(Draft(kind="rubric", drafter="a model", note="", sections=(section,)))
    assert offered == ({"agreement": {point.replace(" ", "_"): count}} if count else {})


DRAFTED = ("We dropped it.", "He signed it.", "Nobody came.", "They laughed.")


def card_with(*decided: str, rating: str = "3") -> dict[str, list[str]]:
    """A card on one criterion, with the pieces a draft offers and what was decided of each; each was typed over."""
    card = {
        "interview_id": ["I-1"], "rubric_version": ["1"], "overall": ["yes"],
        "ratings.0.criterion": ["K1"], "ratings.0.rating": [rating],
    }  # fmt: skip
    for n, (words, answer) in enumerate(zip(DRAFTED, decided, strict=False)):
        piece = f"ratings.0.evidence.{n}"
        card |= {
            f"{piece}.drafted": [words],
            f"{piece}.decided": [answer],
            f"{piece}.quote.document": [KNOWN["D"]],
            f"{piece}.quote.words": [f"{n}, mine"],
        }
    return card


def test_of_what_a_draft_offers_only_that_is_sent_which_was_taken() -> None:
    card = card_with("accept", "edit", "strike", "")
    form = Form(SubmitScorecard, "UTC", CHOICES, typed=card | as_drafted(card))
    asked, wrong = form.read()
    assert not wrong
    assert isinstance(asked, SubmitScorecard)
    quotes = [piece.quote for piece in asked.ratings[0].evidence]
    assert [quote.words for quote in quotes if quote] == ["We dropped it.", "1, mine"]
    _, complaints = form.with_errors(undecided(form.fields))
    assert [one.id for one in complaints] == ["f-ratings-0-evidence-3"]
    # What the domain calls the second piece is the second that was sent.
    _, complaints = form.with_errors({"ratings.K1.evidence.1": "Nobody said so."})
    assert [one.id for one in complaints] == ["f-ratings-0-evidence-1"]


def test_who_did_not_test_a_criterion_need_not_decide_on_its_pieces() -> None:
    card = card_with("", "", rating="not_tested")
    assert undecided(Form(SubmitScorecard, "UTC", CHOICES, typed=card).fields) == {}


OWN = {
    "take_leave": {"leave": {"start": "2027-07-01", "until": "2027-07-15"}},
    "override_gate": {"subject": "C-ANY00001"},
}
"""Where the smallest body is shorter than a browser's minute, or says in words what is an id."""

EVERY = [command for commands in COMMANDS.values() for command in commands.values()]


@pytest.mark.parametrize("command", EVERY, ids=lambda command: command.name)
def test_every_command_reads_back_what_its_form_shows(command: type[Command]) -> None:
    small = smallest(command, **KNOWN) | OWN.get(command.name, {})
    body = command.model_validate(small).model_dump(mode="json", exclude_unset=True)
    shown = Form(command, "Europe/Berlin", CHOICES, body)
    form = Form(command, "Europe/Berlin", CHOICES, typed=sent(shown.fields))
    read, wrong = form.read()
    assert not wrong
    assert not undecided(form.fields), "what no draft offered need not be decided on"
    asked = command.model_validate(body)
    assert _to_the_minute(read.model_dump()) == _to_the_minute(asked.model_dump())


def _to_the_minute(value: object) -> object:
    """A browser's time has minutes."""
    if isinstance(value, datetime):
        return value.replace(second=0, microsecond=0)
    if isinstance(value, dict):
        return {key: _to_the_minute(item) for key, item in value.items()}
    return value
