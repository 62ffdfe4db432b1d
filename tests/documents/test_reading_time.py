"""Whatever somebody uploads is read, or refused, in time that grows with its size and no faster."""

import unicodedata
from contextlib import suppress
from typing import Literal

import pytest

from documents.decoding import Unreadable
from documents.resumes import read_resume
from documents.transcripts import read_transcript
from domain.core.source_text import SourceText, in_form, normalised
from domain.evidence.resume import PagedText
from tests.documents.hostile_documents import KINDS, QUOTE, no_matter_how_long, tried


@pytest.mark.parametrize("kind", tried(KINDS))
def test_a_transcript_is_read_in_linear_time(kind: str) -> None:
    def read(text: str) -> None:
        with suppress(Unreadable):
            read_transcript(text.encode(), "call.txt")

    no_matter_how_long(read, kind)


@pytest.mark.parametrize("kind", tried(KINDS))
def test_a_resume_is_read_in_linear_time(kind: str) -> None:
    def read(text: str) -> None:
        with suppress(Unreadable):
            read_resume(text.encode(), "resume.txt")

    no_matter_how_long(read, kind)


@pytest.mark.parametrize("kind", tried(KINDS))
def test_notes_are_read_in_linear_time(kind: str) -> None:
    no_matter_how_long(lambda text: SourceText(text=normalised(text)), kind)


@pytest.mark.parametrize("laid_out", [SourceText, PagedText])
@pytest.mark.parametrize("kind", tried(KINDS))
def test_words_are_found_in_linear_time(kind: str, laid_out: type[SourceText]) -> None:
    def locate(text: str) -> None:
        source = laid_out.model_construct(text=text)
        beginning = text[:4_000].strip()
        for words in (QUOTE, beginning[:2_000], beginning[1:2_000] + "z", "z" + beginning[:2_000]):
            source.locate(words)

    no_matter_how_long(locate, kind)


@pytest.mark.parametrize(
    "marks", ["\u0301\u0323", "\u0345\u0301\u0315\u0323\u05b0\u0334", "\u0f73\u0301", "\uff9e\u0334"]
)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_many_marks_are_put_in_the_order_that_unicode_has(form: Literal["NFC", "NFD", "NFKC"], marks: str) -> None:
    text = "a" + marks * 50 + "\u00e9" + marks * 3
    assert in_form(form, text) == unicodedata.normalize(form, text)
