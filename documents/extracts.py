"""What a file of any format gives: lines of words in reading order, with their boxes where there are pages."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from domain.core.source_text import normalised
from domain.evidence.resume import PagedText, Place, Remark, Section


class Box(NamedTuple):
    """A rectangle on a page, in thousandths of its width and height from the upper left corner."""

    page: int
    left: int
    top: int
    right: int
    bottom: int


class Piece(NamedTuple):
    """Words that stand together, and where; without a box in a document that has no pages."""

    text: str
    box: Box | None = None


class Line(NamedTuple):
    """Words in one line; what is `apart` has a blank line before it, which no quote runs over."""

    pieces: tuple[Piece, ...]
    apart: bool = False

    @property
    def text(self) -> str:
        """All words of the line."""
        return " ".join(piece.text for piece in self.pieces)


class Extract(NamedTuple):
    """The lines of a file, pictures of its pages, and what its reader has to say of it."""

    media_type: str
    lines: tuple[Line, ...]
    images: tuple[bytes, ...] = ()
    pages: int = 0
    remarks: tuple[Remark, ...] = ()


class Composed(NamedTuple):
    """A normalised text with the parts and places of its lines."""

    text: str
    sections: tuple[Section, ...]
    places: tuple[Place, ...]


_WORD = re.compile(r"\S+")


def lines_of(text: str) -> tuple[Line, ...]:
    """Return the lines of a text that has no pages; blank lines are kept as what stands between."""
    lines: list[Line] = []
    apart = False
    for line in normalised(text).split("\n"):
        if line:
            lines.append(Line((Piece(line),), apart))
        apart = not line
    return tuple(lines)


def composed(lines: Iterable[Line], headed: Callable[[str, bool], str | None] | None = None) -> Composed:
    """Put lines together; `headed` tells which part a line is the heading of, and whether that is set apart."""
    written: list[str] = []
    places: list[Place] = []
    starts: list[tuple[str, int]] = [("basics", 0)]
    length = 0
    for line in lines:
        pieces = list(_normalised(line.pieces))
        if not pieces:
            continue
        heading = headed(" ".join(piece.text for piece in pieces), line.apart or not written) if headed else None
        if written:
            between = "\n\n" if line.apart or heading is not None else "\n"
            written.append(between)
            length += len(between)
        if heading is not None:
            starts.append((heading, length))
        for n, piece in enumerate(pieces):
            if n:
                written.append(" ")
                length += 1
            written.append(piece.text)
            if piece.box is not None:
                places.append(Place(length, length + len(piece.text), *piece.box))
            length += len(piece.text)
    ends = [start - 2 for _, start in starts[1:]] + [length]
    sections = (Section(name, start, end) for (name, start), end in zip(starts, ends, strict=True) if end > start)
    return Composed("".join(written), tuple(sections), tuple(places))


def paged(extract: Extract) -> PagedText:
    """Return the text of a document that has no parts of its own."""
    text, _, places = composed(extract.lines)
    return PagedText(text=text, pages=extract.pages, places=places, remarks=extract.remarks)


def _normalised(pieces: Iterable[Piece]) -> Iterator[Piece]:
    # Piece by piece, so that where each stands in the whole is known; marks that belong to no letter go.
    for piece in pieces:
        if words := " ".join(_WORD.findall(normalised(piece.text))):
            yield Piece(words, piece.box)
