"""What a document's reader has to say of it, in sentences."""

from __future__ import annotations

from domain.evidence.resume import Remark

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def in_a_sentence(remark: Remark) -> str:
    """`Two of three pages are images; they were read by OCR.`"""
    number, of = remark.number, remark.of
    match remark.kind:
        case "read_by_ocr":
            images = "is an image; it was" if number == 1 else "are images; they were"
            return f"{_pages(number, of)} {images} read by OCR."
        case "unread_pages":
            return f"{_pages(number, of)} could not be read."
        case "hidden_text":
            return f"{_characters(number)} that no reader can see {_were(number)} left out."
        case "left_out":
            return f"{_characters(number)} of page numbers and of what every page repeats {_were(number)} left out."
        case "guessed_encoding":
            return "The file does not say how its letters are encoded; it was told from what stands in it."


def _pages(number: int, of: int) -> str:
    """`Two of three pages`, `All three pages`, `The page`."""
    if number == of:
        return "The page" if of == 1 else f"All {_in_words(of)} pages"
    whole = _in_words(number).capitalize()
    return f"{whole} of {_in_words(of)} pages" if of else f"{whole} {'page' if number == 1 else 'pages'}"


def _characters(number: int) -> str:
    return f"{number:,} {'character' if number == 1 else 'characters'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _in_words(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"
