import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.core.source_text import Span, normalised
from domain.evidence.resume import Resume, Section
from domain.evidence.transcript import UNKNOWN_SPEAKER, TimeMark, Transcript, Turn, Utterance
from testing.machine_pace import cpu_seconds
from testing.unnamed_call import TRANSCRIPT as UNNAMED

CALL = Transcript.of(
    [
        Utterance("Dana Whitfield", "So tell me about the roadmap\u2014and what you'd change.", 1_000, 4_000),
        Utterance("Priya Raman", "I can't say we had one.", 4_500, 6_000),
        Utterance("Priya Raman", "We  built it in 1.5 years,\nwith a non-profit.", 6_200, 9_000),
        Utterance("Dana Whitfield", "Right.", 8_000, 8_400),
        Utterance(
            "Priya Raman", "\u201cShip it,\u201d they said \u2013 Stra\u00dfe by Stra\u00dfe, 3\u20135 times.", 9_000
        ),
    ]
)


def said(transcript: Transcript, quote: str) -> str | None:
    found = transcript.locate(quote)
    return found and transcript.text[slice(*found)]


def test_a_line_is_a_turn_and_neighbouring_cues_by_one_speaker_are_one_turn() -> None:
    assert CALL.text.split("\n")[1] == "I can't say we had one. We built it in 1.5 years, with a non-profit."
    assert [turn.speaker for turn in CALL.turns] == ["Dana Whitfield", "Priya Raman", "Dana Whitfield", "Priya Raman"]
    assert (CALL.turns[1].start_ms, CALL.turns[1].end_ms) == (4_500, 9_000)
    assert CALL.speakers == ("Dana Whitfield", "Priya Raman")


def test_a_quote_comes_with_its_speaker_and_the_time_of_its_own_cue() -> None:
    found = CALL.locate("we built it")
    assert found is not None
    quote = CALL.quote(Span(document="d", start=found[0], end=found[1]))
    assert quote == ("We built it", "Priya Raman", 6_200)
    assert CALL.turns[1].marks == (TimeMark(found[0], 6_200),)
    assert CALL.speaker_at(0) == "Dana Whitfield"


def test_a_span_over_the_end_of_a_turn_is_nobodys_quote() -> None:
    line = CALL.turns[2]
    with pytest.raises(ValueError, match="over the end of a turn"):
        CALL.quote(Span(document="d", start=line.start, end=line.end + 4))
    with pytest.raises(ValueError, match="past the end"):
        CALL.words(Span(document="d", start=0, end=len(CALL.text) + 1))
    with pytest.raises(ValueError, match="outside"):
        CALL.turn_at(len(CALL.text))


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ("  WE   built\nit ", "We built it"),
        ('"ship it," THEY said', "\u201cShip it,\u201d they said"),
        ("they said - Stra\u00dfe", "they said \u2013 Stra\u00dfe"),
        ("and what you\u2019d change", "and what you'd change"),
        ("I can\u2019t say", "I can't say"),
        ("we\u200b had one", "we had one"),
        ("Right.", "Right."),
    ],
)
def test_white_space_case_and_typography_are_tolerated(quote: str, words: str) -> None:
    assert said(CALL, quote) == words


@pytest.mark.parametrize(
    "quote",
    [
        "I can",  # can't
        "5 years",  # 1.5 years
        "5 times",  # 3-5 times
        "with a non",
        "profit.",
        "uilt it",
        "We built one",
        "We had it in 1.5 years",
        "I say we had one",
        "non-profit. Right.",
        "Right. \u201cShip it",
        "STRASSE",
        "Priya Raman",
        "",
        " \n",
    ],
)
def test_other_words_part_words_and_two_speakers_are_not_found(quote: str) -> None:
    assert CALL.locate(quote) is None


def test_a_word_inside_another_does_not_hide_the_word_itself() -> None:
    transcript = Transcript.of([Utterance("A", "The party was an art in part.")])
    assert transcript.locate("art") == (17, 20)
    assert transcript.locate("part") == (24, 28)


def test_scripts_without_spaces_may_be_quoted_from_anywhere() -> None:
    transcript = Transcript.of([Utterance("田中", "去年我们开始了这个项目。")])
    assert said(transcript, "开始了这个") == "开始了这个"


def test_what_is_not_normalised_or_not_covered_is_no_transcript() -> None:
    with pytest.raises(ValidationError, match="not normalised"):
        Transcript(text="two  spaces", turns=(Turn(speaker="A", start=0, end=11),))
    with pytest.raises(ValidationError, match="do not cover"):
        Transcript(text="one two", turns=(Turn(speaker="A", start=0, end=3),))
    with pytest.raises(ValidationError, match="do not follow"):
        Transcript(text="one\ntwo", turns=(Turn(speaker="A", start=0, end=2), Turn(speaker="B", start=4, end=7)))
    with pytest.raises(ValidationError, match="not one line"):
        Transcript(text="one\ntwo", turns=(Turn(speaker="A", start=0, end=7),))
    with pytest.raises(ValidationError):
        Transcript.of([Utterance("A", " \u200b ")])
    with pytest.raises(ValidationError):
        Span(document="d", start=3, end=3)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once


SPEECH = st.text(alphabet="ab \u0130\u00df\u2019\u2014'\n\u0308x1.", min_size=1)


@given(st.lists(st.tuples(st.sampled_from("ABC"), SPEECH)))
def test_every_turn_is_found_by_its_own_words(said: list[tuple[str, str]]) -> None:
    utterances = [Utterance(speaker, words) for speaker, words in said if normalised(words)]
    if not utterances:
        return
    transcript = Transcript.of(utterances)
    for turn in transcript.turns:
        words = transcript.text[turn.start : turn.end]
        found = transcript.locate(words)
        assert found is not None
        assert found[1] - found[0] == len(words)
    assert Transcript.model_validate_json(transcript.model_dump_json()) == transcript


def test_a_hundred_quotes_are_found_in_ten_thousand_words_within_a_tenth_of_a_second() -> None:
    chance = random.Random(4)
    vocabulary = ["".join(chance.choices("abcdefghijklmnop", k=chance.randint(2, 9))) for _ in range(2_000)]
    call = [Utterance("AB"[n % 2], " ".join(chance.choices(vocabulary, k=50))) for n in range(200)]
    quotes = [" ".join(call[chance.randrange(200)].words.split()[10:40]).upper() for _ in range(90)]
    quotes += [f"{quote} never said" for quote in quotes[:10]]

    transcript = Transcript.of(call)

    assert [transcript.locate(quote) for quote in quotes].count(None) == 10
    assert cpu_seconds(lambda: [transcript.locate(quote) for quote in quotes]) < 0.1


def test_a_resume_is_quoted_over_a_line_end_but_not_over_a_blank_line() -> None:
    text = "Product lead for a\nbenefits portal\n\nEducation\nPortland State"
    resume = Resume(text=text, sections=(Section("work", 0, 34), Section("education", 36, len(text))))
    assert resume.locate("lead for a benefits") == (8, 27)
    assert resume.locate("portal Education") is None
    assert (resume.section_at(3), resume.section_at(35), resume.section_at(40)) == ("work", None, "education")
    with pytest.raises(ValidationError, match="sections"):
        Resume(text=text, sections=(Section("work", 0, 40), Section("education", 36, 40)))


def test_speakers_are_named_and_offsets_stay() -> None:
    named = UNNAMED.named({0: None, 1: "Ada Lin"}, "Ada Lin")
    assert [turn.speaker for turn in named.turns] == [UNKNOWN_SPEAKER, "Ada Lin", "Mara Okafor", "Mara Okafor"]
    assert [(turn.start, turn.end) for turn in named.turns] == [(turn.start, turn.end) for turn in UNNAMED.turns]
    assert named.labels == UNNAMED.labels
    assert UNNAMED.unanswered == (0, 1)
    assert named.unanswered == ()
    assert named.named({1: "Ada Lindqvist"}).speakers == (UNKNOWN_SPEAKER, "Ada Lindqvist", "Mara Okafor")
