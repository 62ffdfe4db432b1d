"""Whatever is in a document, searching, filtering and quoting it takes time that grows with its length only."""

from collections.abc import Callable

import pytest

from domain.core.source_text import SourceText, normalised
from domain.evidence.drafts import Topic
from domain.evidence.resume import Resume, Section
from domain.evidence.transcript import Transcript, Turn
from language import grounding
from language.aliases import named_in
from language.asked import Asking
from language.grounding import Grounded
from language.injection_filter import addresses_a_machine, prompt_injections
from language.language_detection import language
from language.passages import Index, Window, cut, of_resume, of_speakers
from language.pay import expectation
from language.speakers import the_candidate
from tests.documents.hostile_documents import LONGEST_FIELD, QUOTE, WORDS, no_matter_how_long, tried, tried_in_pairs

QUOTES = (
    QUOTE,
    "we we we we we we nine zebras",
    "um um um um um weeks",
    "a a a a a a a a a nine",
    "a a a a a a a a a a",
    "led a team of nine, you know, people",
)
"""What every document is asked for, besides its own words: what hardly begins, and what nearly ends."""


def in_one_turn(text: str) -> Transcript:
    words = " ".join(text.split()) or "-"
    return Transcript.model_construct(text=words, turns=(Turn(speaker="Marcus", start=0, end=len(words)),))


def in_one_turn_a_line(text: str) -> Transcript:
    lines = [line.strip() for line in text.split("\n") if line.strip()] or ["-"]
    turns, at = [], 0
    for n, line in enumerate(lines):
        turns.append(Turn(speaker=f"Person {n % 7}", start=at, end=at + len(line)))
        at += len(line) + 1
    return Transcript.model_construct(text="\n".join(lines), turns=tuple(turns))


def in_one_section(text: str) -> Resume:
    return Resume.model_construct(text=text, sections=(Section("work", 0, len(text)),))


def as_notes(text: str) -> SourceText:
    return SourceText.model_construct(text=text)


def quoted(source: SourceText) -> None:
    grounded = Grounded("D-1", source)
    words = source.text[:4_000].split()
    for quote in (*QUOTES, " ".join(words[:80]), " ".join(words[:40]) + " zebras", " ".join(words[1:5])):
        grounded.quote(quote)
        grounded.quote(quote, (len(source.text) // 2, len(source.text)))


def windows(text: str) -> list[Window]:
    return [Window(*piece, 0) for piece in cut(text, 0, len(text))]


def indexed(text: str) -> None:
    topics = [Topic(id="K1", text="Ships an import with a team of nine")]
    Index(text, windows(text), ["How long did it take you to ship the import?"]).best(topics, 5)


def every_turn(transcript: Transcript) -> list[tuple[int, int]]:
    return [(turn.start, turn.end) for turn in transcript.turns]


WORK: dict[str, Callable[[str], object]] = {
    "quotes from a call": lambda text: quoted(in_one_turn(text)),
    "quotes from a résumé": lambda text: quoted(in_one_section(text)),
    "quotes from notes": lambda text: quoted(as_notes(text)),
    "a machine addressed": addresses_a_machine,
    "injections in a call": lambda text: prompt_injections(in_one_turn_a_line(text)),
    "injections in a résumé": lambda text: prompt_injections(in_one_section(text)),
    "windows of a call": lambda text: of_speakers(in_one_turn_a_line(text), frozenset({"Person 0"}), ()),
    "windows of a résumé": lambda text: of_resume(in_one_section(text), ()),
    "index": indexed,
    "asked": lambda text: Asking(text, windows(text)).questions(["How long did it take you to ship the import?"]),
    "expected pay": lambda text: expectation(in_one_turn(text), windows(text), []),
    "aliases": lambda text: named_in(in_one_turn(text), every_turn(in_one_turn(text)), ["Marcus"]),
    "language": language,
    "numbers": grounding.numbers,
    "a statement": lambda text: grounding.stands(text, text),
}


@pytest.mark.parametrize(("what", "kind"), tried_in_pairs(WORK, WORDS))
def test_a_normalised_document_takes_linear_time(what: str, kind: str) -> None:
    no_matter_how_long(WORK[what], kind, read=normalised)


@pytest.mark.parametrize("kind", tried([kind for kind in WORDS if "mark" in kind or "line ends" in kind]))
def test_words_as_they_were_typed_are_filtered_in_linear_time(kind: str) -> None:
    no_matter_how_long(addresses_a_machine, kind, LONGEST_FIELD)


@pytest.mark.parametrize("kind", tried([kind for kind in WORDS if "mark" in kind or "letter" in kind]))
def test_whoever_speaks_under_a_long_name_is_known_in_linear_time(kind: str) -> None:
    def known(text: str) -> None:
        transcript = Transcript.model_construct(text="-", turns=(Turn(speaker=text, start=0, end=1),))
        the_candidate(transcript, ["Nadia Brenner", "a" * 200], ["Wes Calloway"])

    no_matter_how_long(known, kind)
