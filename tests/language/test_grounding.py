"""Word for word, or not at all."""

import json
import random
from itertools import pairwise

import pytest

from domain.core.source_text import Span
from domain.evidence.drafts import Passage
from domain.evidence.resume import Resume, Section
from domain.evidence.transcript import Transcript, Utterance
from language.grounding import Grounded, denies, numbers, stands
from privacy.pseudonyms import Pseudonyms
from testing.machine_pace import cpu_seconds

CALL = Transcript.of(
    [
        Utterance("Mara", "Tell me about the migration, please.", 0),
        Utterance("Nadia", "So um, I led the the migration, you know, of five teams.", 4_000),
        Utterance("Nadia", "I didn't ship it in March. We shipped on a Tuesday, at 1.5 million a year.", 9_000),
        Utterance("Mara", "And I led the migration of five teams before you.", 15_000),
        Utterance("Nadia", "I can't say it was easy, but every team moved within 20 % of the plan.", 19_000),
    ]
)
GROUNDED = Grounded("D-1", CALL)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("we shipped on a tuesday", "We shipped on a Tuesday"),
        ("We  shipped\non a Tuesday", "We shipped on a Tuesday"),
        ("I didn\u2019t ship it in March", "I didn't ship it in March"),
        ("I did\u200bn't ship\u00ad it in March", "I didn't ship it in March"),
        ("March We shipped", "March. We shipped"),
        ("So, I led the migration", "So um, I led the the migration"),
        ("led the the migration of five teams", "led the the migration, you know, of five teams"),
        ("within 20 % of the plan.", "within 20 % of the plan"),
        ("at 1.5 million a year", "at 1.5 million a year"),
    ],
)
def test_case_space_punctuation_and_hesitation_aside_the_words_are_the_sources_own(given: str, shown: str) -> None:
    passage = GROUNDED.quote(given)

    assert passage is not None
    assert passage.words == shown == CALL.words(passage.span)
    assert passage.speaker == "Nadia"
    assert passage.start_ms == CALL.quote(passage.span).start_ms


@pytest.mark.parametrize(
    "given",
    [
        "I did ship it in March",  # the denial dropped
        "I ship it in March",
        "We shipped on a Thursday",  # a word changed
        "of six teams",  # a number changed
        "of 5 teams",
        "at 15 million a year",
        "within 20 of the plan",  # the sign dropped
        "I led the migration. We shipped on a Tuesday",  # stitched from two places
        "I led the migration ... shipped on a Tuesday",
        "of five teams. I can't say",  # over the end of a turn
        "can say it was",
        "led five teams",  # a word left out
        "I really led the",  # a word added
        "a Tuesday",  # too short to say anything
        "",
        "...",
    ],
)
def test_a_quote_that_is_not_there_is_refused(given: str) -> None:
    assert GROUNDED.quote(given) is None


def test_the_speaker_is_the_transcripts_whoever_was_named() -> None:
    first, second = CALL.turns[1], CALL.turns[2]
    assert GROUNDED.quote("I led the migration of five teams", (second.start, second.end)) == Passage(
        span=Span(document="D-1", start=second.start + 4, end=second.end - len(" before you.")),
        words="I led the migration of five teams",
        speaker="Mara",
        start_ms=15_000,
    )
    assert first.speaker == "Nadia"
    # Where the line that was named does not hold it, and two others do, nobody can tell which was meant.
    assert GROUNDED.quote("I led the migration", (CALL.turns[3].start, CALL.turns[3].end)) is None


def test_a_resumes_lines_join_into_paragraphs_and_no_further() -> None:
    text = "Ruth Abara\n\nLed the billing\nmigration in 2021\n\nMentored two juniors"
    resume = Resume(text=text, sections=(Section("all", 0, len(text)),))
    grounded = Grounded("D-2", resume)

    passage = grounded.quote("led the billing migration")
    assert passage is not None
    assert passage.words == "Led the billing\nmigration"
    assert grounded.quote("migration in 2021 Mentored") is None


def test_quotes_of_what_was_sent_are_of_the_true_text() -> None:
    call = Transcript.of([Utterance("Nadia Brenner", "Then Tobias called Nadia at +49 170 1234567 and I paid him.")])
    pseudonyms = Pseudonyms(("Nadia Brenner", "Tobias"))
    passage = Grounded("D-3", call, pseudonyms).quote("Then [Person B] called [Person A] at [phone A] and")

    # The number's stand-in is given out where the text is hidden first.
    assert passage is not None
    assert passage.words == "Then Tobias called Nadia at +49 170 1234567 and"
    assert Grounded("D-3", call, pseudonyms).quote("Then [Person A] called [Person B]") is None


def test_a_language_written_without_spaces_is_quoted_character_by_character() -> None:
    call = Transcript.of([Utterance("A", "私は五つのチームの移行を率いました。")])
    passage = Grounded("D-4", call).quote("チームの移行を率い")
    assert passage is not None
    assert passage.words == "チームの移行を率い"
    assert Grounded("D-4", call).quote("チームの移行を失敗") is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("two hundred and fifty people", {250}),
        ("eighty-five thousand, or 85k, or $85,000", {85_000}),
        ("a year and a half, 1.5 years", {0.5, 1.5}),
        ("twenty twenty-five", {20, 25}),
        ("one of them took one year", {1}),
        ("both teams, twice", {2}),
        ("9 of 212", {9, 212}),
        ("two million", {2_000_000}),
        ("no number at all", set()),
    ],
)
def test_numbers_are_read_in_digits_and_words(text: str, found: set[float]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize(
    ("statement", "words", "does"),
    [
        ("She led five teams.", "I led five teams there", True),
        ("She led 5 teams.", "I led five teams there", True),
        ("She led six teams.", "I led five teams there", False),
        ("She led teams in 2021.", "I led five teams there", False),
        ("She shipped it in March.", "we shipped it in April", False),
        ("She shipped it on a Tuesday.", "we shipped it on Tuesdays", True),
        ("She did not ship it.", "we shipped it", False),
        ("She shipped it.", "we never shipped it", False),
        ("She never shipped it.", "we didn't ship it", True),
        ("She led the migration at Stripe.", "I led the migration", False),
        ("She led the migration at Stripe.", "I led the migration at stripe", True),
        ("", "we shipped it", False),
        ("She shipped it.", "", False),
    ],
)
def test_a_statement_stands_on_its_own_words_alone(statement: str, words: str, does: bool) -> None:
    assert stands(statement, words) is does


def test_what_denies_is_seen_in_five_languages() -> None:
    assert all(map(denies, ("I can't", "no one", "kein Team", "je n'ai pas", "nunca", "failed to ship")))
    assert not any(map(denies, ("I can", "a note", "knots", "Nora")))


def test_a_hundred_quotes_in_ten_thousand_words_take_under_a_tenth_of_a_second() -> None:
    draw = random.Random(7)
    words = [
        f"{draw.choice('bcdfgklmnprst')}{draw.choice('aeiou')}{draw.choice('lmnrst')}{n % 97}" for n in range(10_000)
    ]
    words = [word.rstrip("0123456789") + draw.choice(("a", "en", "ing", "ed", "s")) for word in words]
    call = Transcript.of(
        Utterance("AB"[n % 2], " ".join(words[start:end]))
        for n, (start, end) in enumerate(pairwise(range(0, 10_001, 50)))
    )
    quotes = [" ".join(words[50 * n + 10 : 50 * n + 30]) for n in range(100)]

    def work() -> None:
        grounded = Grounded("D-5", call)
        assert all(grounded.quote(quote) for quote in quotes)

    assert cpu_seconds(work) < 0.1


def test_everything_that_may_be_quoted_is_found_where_it_stands() -> None:
    draw = random.Random(11)
    vocabulary = [
        "I",
        "we",
        "led",
        "built",
        "team",
        "um",
        "the",
        "plan,",
        "five",
        "twenty",
        "shipped.",
        "not",
        "never",
        "and",
        "March",
        "so",
        "because",
    ]
    for _ in range(200):
        call = Transcript.of(
            Utterance("AB"[n % 2], " ".join(draw.choices(vocabulary, k=12))) for n in range(draw.randint(1, 6))
        )
        turn = draw.choice(call.turns)
        said = call.text[turn.start : turn.end].split()
        first = draw.randint(0, 6)
        quote = " ".join(said[first : first + 5])
        passage = Grounded("D-6", call).quote(quote, (turn.start, turn.end))
        assert passage is not None, json.dumps([call.text, quote])
        assert turn.start <= passage.span.start < passage.span.end <= turn.end
