"""Rows of a page, in its own measure → lines with boxes in thousandths of the page."""

from collections.abc import Iterable, Iterator

from documents.extracts import Box, Line, Piece
from documents.page_layout import Row


def boxed(rows: Iterable[Row], page: int, width: float, height: float) -> Iterator[Line]:
    """Yield the rows of page number `page`, which is so wide and so high; it goes on with the page before."""
    for n, row in enumerate(rows):
        pieces = (
            Piece(
                word.text,
                Box(
                    page,
                    _thousandths(word.left, width),
                    _thousandths(word.top, height),
                    _thousandths(word.right, width),
                    _thousandths(word.bottom, height),
                ),
            )
            for word in row.words
        )
        yield Line(tuple(pieces), row.apart and n > 0)


def _thousandths(at: float, whole: float) -> int:
    return max(0, min(1_000, round(1_000 * at / whole)))
