"""By which words a text is found, and a name, an address, a number."""

import pytest

from domain.core.search_words import (
    bears,
    beginnings_of_a_name,
    ends_of_a_number,
    plain_address,
    terms_of,
    words_in,
)

FOUND = [
    ("Mara Okafor", "ma"),
    ("Mara Okafor", "OKAF mara"),
    ("Jürgen Müller", "jurgen muller"),
    ("Jürgen Müller", "Juergen Mueller"),
    ("Zoë O\u2019Brien", "obrien zoe"),
    ("Zoë O\u2019Brien", "o'brien"),
    ("Łucja Ødegård", "lucja odegard"),
    ("Ελένη Παπαδοπούλου", "ελενη παπ"),
    ("Анна Ковалёва", "ковалев"),
    ("王小明", "小明"),
    ("김민수", "김민"),
    ("हिन्दी भाषा", "हिन्दी"),
    ("Bartholomäus-Maximilian Schneidewind", "schneidewind barthol"),
]


@pytest.mark.parametrize(("name", "query"), FOUND)
def test_a_name_is_found_by_how_its_words_begin_in_any_script(name: str, query: str) -> None:
    terms = terms_of(query)
    assert terms
    assert {term.beginning for term in terms} <= beginnings_of_a_name(name)
    assert bears(name, terms)


@pytest.mark.parametrize(("name", "query"), [("Mara Okafor", "ara"), ("Mara Okafor", "mara obi"), ("Bo Lin", "lina")])
def test_a_name_is_not_found_by_what_begins_none_of_its_words(name: str, query: str) -> None:
    assert not bears(name, terms_of(query))


def test_what_is_too_short_to_be_sought_asks_for_nothing() -> None:
    assert terms_of("") == terms_of(" r, ?") == terms_of("_") == ()


def test_words_stand_where_the_text_has_them_whatever_their_accents() -> None:
    text = "Führte C++ und die Straßenämter; 東京都 2019."
    assert [(one.word, text[one.start : one.end]) for one in words_in(text)] == [
        ("fuhrte", "Führte"), ("c++", "C++"), ("und", "und"), ("die", "die"), ("strassenamter", "Straßenämter"),
        ("東京", "東京"), ("京都", "京都"), ("2019", "2019"),
    ]  # fmt: skip


@pytest.mark.parametrize("query", ["+49 (151) 234-5678", "0151 2345678", "234 5678", "4915 12345678"])
def test_a_number_is_found_however_it_is_written(query: str) -> None:
    [term] = terms_of(query)
    assert term.digits in ends_of_a_number("+49 151 2345678")


def test_an_address_is_found_whole_or_by_how_its_words_begin() -> None:
    [term] = terms_of("<Mara.Okafor@Example.org>")
    assert term.address == plain_address("mara.okafor@example.ORG")
    assert {"okaf", "example"} < beginnings_of_a_name("mara.okafor@example.org")


def test_of_a_long_query_some_words_count() -> None:
    assert len(terms_of("one two three four five six seven eight nine ten")) == 6
