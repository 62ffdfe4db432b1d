"""Hebrew and Arabic résumés, as a word processor prints them to PDF: words, lines and columns in the order of readers.

Who writes them mixes in Latin words, numbers, brackets and addresses, which keep an order of their own.
"""

from pathlib import Path

import pytest

from documents.document_reader import read_document
from documents.page_layout import Row, Word, rows
from domain.evidence.resume import Resume

FIELD = Path(__file__).parent / "field"

HEBREW = (
    "דנה לוי",
    "dana.levi@example.com",
    "טלפון: 03-555-0123",
    "2014-2020 \N{EN DASH} Microsoft ישראל, מנהלת מוצר",
    "ניהלה צוות של שמונה עובדים ב-2014 (כולל רישוי עסקים) בעיריית תל אביב.",
    "עבדה עם Microsoft Office 2016 ועם",
    "תואר שני במדיניות ציבורית, האוניברסיטה העברית, 2014",
)
ARABIC = (
    "ليلى حداد",
    "layla.haddad@example.com",
    "الهاتف: +961 1 555 012",
    "قادت فريقًا من تسعة موظفين في مكتب تراخيص البلدية لمدة خمس سنوات",
    "ماجستير في الإدارة العامة، الجامعة الأمريكية في بيروت، 2013",
)


@pytest.mark.parametrize(("file", "lines"), [("hebrew.pdf", HEBREW), ("arabic.pdf", ARABIC)])
def test_lines_are_read_as_their_readers_do(file: str, lines: tuple[str, ...]) -> None:
    resume = read_document("resume", (FIELD / file).read_bytes(), file).text
    assert isinstance(resume, Resume)
    assert [line for line in lines if line not in resume.text] == []
    assert [section.name for section in resume.sections] == ["basics", "work", "education"]


def test_the_right_column_comes_first_and_each_word_keeps_its_place() -> None:
    right = ["שלום רב לכם", "ניסיון רב שנים", "עיר גדולה מאוד", "עוד שורה אחת"]
    left = ["כתובת ועיר", "טלפון נייד", "שפות רבות", "תחביבים"]
    columns = ((200.0, left), (500.0, right))
    words = [
        word for edge, lines in columns for n, line in enumerate(lines) for word in leftwards(line, edge, 20.0 * n)
    ]
    found = rows(words)
    assert [text(row) for row in found] == right + left
    assert found[0].words[0].left > found[0].words[-1].left


def test_a_hebrew_name_on_a_latin_page_is_read_in_its_own_order() -> None:
    words = [drawn("Ada", 20.0), drawn("of", 42.0), *leftwards("דנה לוי", 98.0), drawn("here", 102.0)]
    [row] = rows(words)
    assert text(row) == "Ada of דנה לוי here"


def leftwards(line: str, edge: float, top: float = 0.0) -> list[Word]:
    """The words of a line from its right edge on."""
    words: list[Word] = []
    for word in line.split():
        left = edge - 6.0 * len(word)
        words.append(drawn(word, left, top))
        edge = left - 4.0
    return words


def drawn(word: str, left: float, top: float = 0.0) -> Word:
    """A word whose letters are six points wide."""
    return Word(word, left, top, left + 6.0 * len(word), top + 12.0)


def text(row: Row) -> str:
    """The words of a row, as they are read."""
    return " ".join(word.text for word in row.words)
