"""Nothing that names or reaches anybody leaves, and every offset finds its way back."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.pseudonyms import Pseudonyms, reaches_somebody

PEOPLE = ("Nadia Brenner", "Wes Calloway", "Grace Li")
PIECES = st.sampled_from(
    [
        "Nadia Brenner", "Wes Calloway", "Grace Li", "and then", "grace under pressure", "n.b@mail.example",
        "+49 170 1234567", "https://people.example/nadia", "in 2014-2018", "80,000 to 95,000", "a plan", "[Person A]",
        "[mail Z]", "2024-05-01", "ü", "\n", "5 teams",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=12).map(" ".join)


@given(TEXTS)
def test_what_is_hidden_comes_back_and_nothing_that_names_anybody_is_left(text: str) -> None:
    pseudonyms = Pseudonyms(PEOPLE)
    hidden = pseudonyms.hide(text)

    for name in ("Nadia", "Brenner", "Wes", "Calloway", "mail.example", "1234567", "people.example"):
        assert name not in hidden.text
    # What only looked like a stand-in does not become one.
    assert pseudonyms.restore(hidden.text) == text.replace("[Person A]", "(Person_A)").replace("[mail Z]", "(mail_Z)")


@given(TEXTS, st.data())
def test_offsets_of_what_was_sent_are_offsets_of_the_true_text(text: str, data: st.DataObject) -> None:
    hidden = Pseudonyms(PEOPLE).hide(text)
    if not hidden.text:
        return
    start = data.draw(st.integers(0, len(hidden.text) - 1))
    end = data.draw(st.integers(start + 1, len(hidden.text)))
    first, last = hidden.true_span(start, end)

    assert 0 <= first < last <= len(text)
    pseudonyms = [match.span() for match in re.finditer(r"\[\w+ [A-Z]\]|\(\w+_[A-Z]\)", hidden.text)]
    if not any(begins < end and start < ends for begins, ends in pseudonyms):
        assert text[first:last] == hidden.text[start:end]
    assert hidden.true_span(0, len(hidden.text)) == (0, len(text))


def test_every_form_of_a_name_is_one_stand_in() -> None:
    pseudonyms = Pseudonyms(("Nadia Brenner",))
    hidden = pseudonyms.hide("Nadia, NADIA and nadia brenner's sister; Ms Brenner.")
    assert hidden.text == "[Person A], [Person A] and [Person A]'s sister; Ms [Person A]."


def test_names_that_are_ordinary_words_count_with_their_capital_only() -> None:
    pseudonyms = Pseudonyms(("Grace May",))
    assert pseudonyms.hide("Grace could show grace in may.").text == "[Person A] could show grace in may."


def test_long_names_are_hidden_to_their_last_word_and_brackets_are_no_part_of_a_name() -> None:
    pseudonyms = Pseudonyms(("Maria del Carmen Garcia Villanueva", "Nadia (she/her) Brenner", "Nadia Brenner [guest]"))
    said = "Villanueva asked Brenner; as a guest she/her is said."
    assert pseudonyms.hide(said).text == "[Person A] asked [Person B]; as a guest she/her is said."


def test_two_people_with_one_first_name_stay_two() -> None:
    assert Pseudonyms(("Anna", "Anna Lee")).hide("Anna met Anna Lee.").text == "[Person A] met [Person B]."


def test_whoever_must_stay_unnamed_has_an_alias_for_good() -> None:
    pseudonyms = Pseudonyms(("Mara Okafor",), {"Ruben": "Former colleague", "Ines": "Colleague"})
    hidden = pseudonyms.hide("Mara let Ruben go; Ines stayed.")
    assert hidden.text == "[Person A] let [Former colleague A] go; [Colleague B] stayed."
    assert pseudonyms.restore(hidden.text) == "Mara Okafor let former colleague A go; colleague B stayed."


def test_a_stand_in_that_stands_for_nobody_is_no_statement() -> None:
    pseudonyms = Pseudonyms(("Nadia Brenner",))
    assert pseudonyms.restore("[Person A] led it") == "Nadia Brenner led it"
    assert pseudonyms.restore("Person A led it") == "Nadia Brenner led it"
    assert pseudonyms.restore("[Person B] led it") is None


@pytest.mark.parametrize(
    "text", ["write to a@b.example", "see https://x.example", "call +49 170 1234567", "use [mail A]", "www.x.example/y"]
)
def test_what_would_reach_somebody_is_seen(text: str) -> None:
    assert reaches_somebody(text)


@pytest.mark.parametrize("text", ["from 2014 to 2018", "80,000 to 95,000 a year", "mail merges and phone calls", "3.5"])
def test_ordinary_words_and_numbers_reach_nobody(text: str) -> None:
    assert not reaches_somebody(text)
