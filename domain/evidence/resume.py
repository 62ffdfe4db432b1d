"""What candidates send: a résumé, a work sample, a reference; one normalised text, with its places on the pages."""

from functools import cached_property
from itertools import pairwise
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from domain.core.folded_text import Breaks, FoldedText
from domain.core.source_text import SourceText, normalised


class Place(NamedTuple):
    """Characters `start` up to, not including, `end` of a text stand on this page, in this box.

    Pages count from 1. The box is in thousandths of the page's width and height, from its upper left corner.
    """

    start: int
    end: int
    page: int
    left: int
    top: int
    right: int
    bottom: int


class Remark(NamedTuple):
    """What its reader has to say of a document: `number` characters nobody can see, pages read by OCR, and so on."""

    kind: Literal["hidden_text", "read_by_ocr", "unread_pages", "guessed_encoding", "left_out"]
    number: int
    of: int = 0


class Section(NamedTuple):
    """A named part of a résumé: characters `start` up to, not including, `end` of its text, heading included."""

    name: str
    start: int
    end: int


class PagedText(SourceText):
    """What was read out of a document: its text in reading order, where it stands on the pages, and what to know of it.

    `places` are in the order of the text and do not overlap; a document without pages (text, JSON Resume) has none.
    """

    pages: int = 0
    places: tuple[Place, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @cached_property
    def _joined(self) -> FoldedText:
        return FoldedText.of(self.text, "joined")

    @cached_property
    def _kept(self) -> FoldedText:
        return FoldedText.of(self.text, "kept")

    def locate(self, quote: str) -> tuple[int, int] | None:
        """Return where `quote` first stands in the text, as `SourceText.locate` does.

        Tolerated besides: ligatures for their letters, and what a page does to words: a line end inside a paragraph,
        and the hyphen of a word that goes on in the next line. A blank line is no line end: nothing is found across it.
        """
        whole = normalised(quote)
        ways: tuple[tuple[Breaks, FoldedText], ...] = (("joined", self._joined), ("kept", self._kept))
        found = (text.locate(FoldedText.of(whole, breaks)) for breaks, text in ways)
        return next((place for place in found if place is not None), None)


class Resume(PagedText):
    """A résumé: its text, and its parts in order, named as JSON Resume names them ("work") or by their own heading."""

    sections: tuple[Section, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sections_in_order(self) -> Self:
        edges = [edge for section in self.sections for edge in (section.start, section.end)]
        if edges[0] < 0 or edges[-1] > len(self.text) or any(after < before for before, after in pairwise(edges)):
            raise ValueError("the sections do not follow each other inside the text")
        return self

    def section_at(self, at: int) -> str | None:
        """Return the name of the section that the character `at` belongs to, or None between two sections."""
        return next((section.name for section in self.sections if section.start <= at < section.end), None)
