"""The pages of a document as they look on paper, and the boxes around the words that a reader came for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from domain.evidence.resume import PagedText, Place


@dataclass(frozen=True)
class Box:
    """Part of a page, in thousandths of its width and height, from its upper left corner."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class ShownPage:
    """A page by its number, with the boxes of the words that are marked on it. `opened`: whether it is seen at once."""

    number: int
    boxes: tuple[Box, ...]
    opened: bool


def shown_pages(text: PagedText, images: Collection[int], start: int, end: int) -> list[ShownPage]:
    """The pages of which there is an image, in order, with the words from `start` to `end` marked.

    Those with a mark are opened, or the first one where nothing is marked.
    """
    marked: dict[int, list[Box]] = {}
    for place in text.places:
        if place.start < end and start < place.end:
            marked.setdefault(place.page, []).append(_box(place))
    pages = sorted(images)
    opened = set(marked) & set(pages) or set(pages[:1])
    return [ShownPage(one, tuple(_joined(marked.get(one, ()))), one in opened) for one in pages]


def _box(place: Place) -> Box:
    left, top = min(max(place.left, 0), 1000), min(max(place.top, 0), 1000)
    return Box(left, top, max(min(place.right, 1000) - left, 1), max(min(place.bottom, 1000) - top, 1))


def _joined(boxes: Iterable[Box]) -> list[Box]:
    """Words beside each other on one line as one mark, so that it does not look like many."""
    found: list[Box] = []
    for box in boxes:
        last = found[-1] if found else None
        if last and _on_one_line(last, box) and 0 <= box.left - (last.left + last.width) <= last.height:
            top, bottom = min(last.top, box.top), max(last.top + last.height, box.top + box.height)
            found[-1] = Box(last.left, top, box.left + box.width - last.left, bottom - top)
        else:
            found.append(box)
    return found


def _on_one_line(one: Box, other: Box) -> bool:
    middle = other.top + other.height / 2
    return one.top <= middle <= one.top + one.height
