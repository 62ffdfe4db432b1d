"""PDF → lines of words with their boxes, as a reader sees them, and pictures of the pages.

Letters, boxes and colours are PDFium's. What is not seen on the drawn page (written without ink, in the colour of what
is behind it, too small, outside, or covered) is not read, but counted. A page that is a picture is read by OCR.
"""

import ctypes
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import NamedTuple

import pypdfium2
from PIL import Image
from pypdfium2 import raw

from documents.decoding import Unreadable
from documents.extracts import Extract
from documents.ocr import recognised
from documents.page_images import small_picture
from documents.page_layout import Row, Word, is_read_leftwards, rows
from documents.page_lines import boxed
from documents.visibility import SMALLEST_POINTS, grey
from domain.evidence.resume import Remark

MEDIA_TYPE = "application/pdf"
MOST_PAGES = 30
MOST_SCANNED_PAGES = 8
_MOST_LETTERS = 400_000
_MOST_LETTERS_A_PAGE = 60_000
_PICTURE_WIDTH = 1_000
_SCAN_WIDTH = 2_200
_TALLEST = 4
"""Times its width: a page that is higher is drawn smaller."""

_FEWEST_LETTERS = 100
_FLAT = 8
"""Shades of grey at most on a page of bars and areas alone: the edges of letters, and scans, have more."""
_MOST_UNKNOWN = 0.15
_LEAST_CONTRAST = 16
_LEAST_LETTERS_TO_JUDGE = 3
_WITHOUT_INK = frozenset({raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP})
_HYPHENS = frozenset({0x02, 0xFFFE})
_UNKNOWN = frozenset({0, 0xFFFD})
_LAM, _ALEFS = "\u0644", frozenset("\u0627\u0622\u0623\u0625")
_PAGE_NUMBER = re.compile(r"\W*(?:\w{1,9}\.? )?\d{1,3}(?: ?(?:/|\w{2,3}) ?\d{1,3})?\W*")
_AT_THE_EDGE = 0.09
"""Of the page's height: there page numbers and repeated lines stand."""
_PASSWORD = 4
_A_HAIR = (-1, 0, 1)
"""Points."""
_WORDS_NO_MISTAKE = 4
"""So many words in a row that OCR does not find in the picture are no mistake of the OCR they came from."""


class _Look(NamedTuple):
    """What letters of one text object have in common."""

    seen: bool
    points: float
    grey: int | None


class _Letters(NamedTuple):
    """A word, how it looks, and whether a reader sees it."""

    word: Word
    look: _Look


class _Page(NamedTuple):
    """What a page holds: rows for reading, its size, a picture, letters nobody sees, and whether OCR read it."""

    rows: tuple[Row, ...]
    width: float
    height: float
    picture: bytes
    hidden: int
    scanned: bool
    unread: bool


def read_pdf(data: bytes, file: str) -> Extract:
    """Read a PDF; raises Unreadable for one that is locked, damaged, too long, or empty."""
    try:
        pdf = pypdfium2.PdfDocument(data)
        pdf.init_forms()  # which draws the fields that whoever filled them in left to the reader to draw
        count = len(pdf)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD:
            raise Unreadable(f"{file} is locked with a password. Save it without one and upload that.") from None
        raise Unreadable(f"{file} is cut off or damaged: it is no whole PDF. Export it again.") from None
    if count > MOST_PAGES:
        raise Unreadable(f"{file} has {count} pages; {MOST_PAGES} are read at most. Upload the part that matters.")
    pages: list[_Page] = []
    try:
        for n in range(count):
            scans = sum(page.scanned for page in pages)
            pages.append(_read_page(_filled_in(pdf, n), may_scan=scans < MOST_SCANNED_PAGES))
            if sum(len(word.text) for page in pages for row in page.rows for word in row.words) > _MOST_LETTERS:
                raise Unreadable(f"{file} holds more text than anybody reads. Upload the part that matters.")
    except pypdfium2.PdfiumError:
        raise Unreadable(f"{file} is damaged: page {len(pages) + 1} cannot be drawn. Export it again.") from None
    return _put_together(pages, file)


def _put_together(pages: list[_Page], file: str) -> Extract:
    kept, left_out = _without_furniture(pages)
    lines = tuple(
        line
        for n, (page, page_rows) in enumerate(zip(pages, kept, strict=True), 1)
        for line in boxed(page_rows, n, page.width, page.height)
    )
    remarks = [
        Remark("read_by_ocr", sum(page.scanned for page in pages), len(pages)),
        Remark("unread_pages", sum(page.unread for page in pages), len(pages)),
        Remark("hidden_text", sum(page.hidden for page in pages)),
        Remark("left_out", left_out),
    ]
    if not lines:
        raise Unreadable(f"{file} shows no words that can be read. Upload the text, or a clearer scan.")
    pictures = tuple(page.picture for page in pages)
    return Extract(MEDIA_TYPE, lines, pictures, len(pages), tuple(remark for remark in remarks if remark.number))


def _without_furniture(pages: list[_Page]) -> tuple[list[list[Row]], int]:
    """Leave out page numbers, and lines that stand at the edge of every page; count their letters."""
    edges = [[_is_edge(row, page) for row in page.rows] for page in pages]
    seen = Counter(
        label
        for page, at_edge in zip(pages, edges, strict=True)
        for label in {_label(row) for row, edge in zip(page.rows, at_edge, strict=True) if edge}
    )
    # On the first page a repeated line is read: there it is the name of whoever applies as often as not.
    read: set[str] = set()
    kept: list[list[Row]] = []
    left_out = 0
    for page, at_edge in zip(pages, edges, strict=True):
        rows_here: list[Row] = []
        for row, edge in zip(page.rows, at_edge, strict=True):
            label = _label(row)
            repeated = edge and len(pages) > 1 and seen[label] >= max(2, len(pages) - 1)
            if (edge and _is_page_number(row)) or (repeated and label in read):
                left_out += sum(len(word.text) for word in row.words)
                continue
            if repeated:
                read.add(label)
            rows_here.append(row)
        kept.append(rows_here)
    return kept, left_out


def _is_edge(row: Row, page: _Page) -> bool:
    top, bottom = row.words[0].top, row.words[0].bottom
    return bottom < _AT_THE_EDGE * page.height or top > (1 - _AT_THE_EDGE) * page.height


def _is_page_number(row: Row) -> bool:
    return _PAGE_NUMBER.fullmatch(_text(row)) is not None


def _label(row: Row) -> str:
    return re.sub(r"\d+", "0", _text(row)).casefold()


def _text(row: Row) -> str:
    return " ".join(word.text for word in row.words)


def _filled_in(pdf: pypdfium2.PdfDocument, n: int) -> pypdfium2.PdfPage:
    """A page with what was filled into its form, or typed over it, as part of the page."""
    page = pdf[n]
    if (
        not raw.FPDFPage_GetAnnotCount(page)
        or raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) != raw.FLATTEN_SUCCESS
    ):
        return page
    page.close()
    return pdf[n]


def _read_page(page: pypdfium2.PdfPage, may_scan: bool) -> _Page:
    width, height = page.get_size()
    if width <= 0 or height <= 0:
        return _Page((), 1, 1, b"", 0, False, True)
    scale = _PICTURE_WIDTH / max(width, height / _TALLEST)
    picture = page.render(scale=scale, grayscale=True).to_pil()
    letters, unknown = _letters(page, width, height)
    seen, unseen = _parted(letters, picture, scale)
    count = sum(len(each.word.text) for each in seen)
    doubtful = count < _FEWEST_LETTERS and _has_picture(page) and picture.getcolors(_FLAT) is None
    scanned = may_scan and (doubtful or unknown > _MOST_UNKNOWN * (unknown + count))
    if not scanned:
        found = rows([each.word for each in seen])
        hidden = sum(len(each.word.text) for each in unseen)
        return _Page(tuple(found), width, height, small_picture(picture), hidden, False, doubtful)
    finer = max(1.0, _SCAN_WIDTH / picture.width)
    page_rows = [
        Row(tuple(_scaled(word, scale * finer) for word in row.words), row.apart)
        for row in recognised(page.render(scale=scale * finer, grayscale=True).to_pil())
    ]
    # The layer of a scan that somebody else's OCR wrote is no hidden text: its words are seen in the picture.
    read = {_plain(word.text) for row in page_rows for word in row.words}
    runs = (list(run) for found, run in groupby(unseen, key=lambda each: _plain(each.word.text) in read) if not found)
    hidden = sum(len(each.word.text) for run in runs if len(run) >= _WORDS_NO_MISTAKE for each in run)
    return _Page(tuple(page_rows), width, height, small_picture(picture), hidden, True, not page_rows)


def _plain(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum())


def _scaled(word: Word, scale: float) -> Word:
    return Word(word.text, word.left / scale, word.top / scale, word.right / scale, word.bottom / scale)


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    kinds = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING)
    return next(page.get_objects(filter=kinds, max_depth=4), None) is not None


def _parted(letters: list[_Letters], picture: Image.Image, scale: float) -> tuple[list[_Letters], list[_Letters]]:
    seen: list[_Letters] = []
    unseen: list[_Letters] = []
    for each in letters:
        (seen if _is_seen(each, picture, scale) else unseen).append(each)
    return list(_once(seen)), unseen


def _once(letters: list[_Letters]) -> Iterator[_Letters]:
    """Words that were drawn twice at one place, a hair apart, as programs make letters bold."""
    drawn: set[tuple[str, int, int]] = set()
    for each in letters:
        word, left, top = each.word.text, round(each.word.left), round(each.word.top)
        if not any((word, left + x, top + y) in drawn for x in _A_HAIR for y in _A_HAIR):
            drawn.add((word, left, top))
            yield each


def _is_seen(letters: _Letters, picture: Image.Image, scale: float) -> bool:
    word, look = letters
    if not look.seen or look.points < SMALLEST_POINTS:
        return False
    left, top = max(0, int(word.left * scale) - 1), max(0, int(word.top * scale))
    right, bottom = min(picture.width, int(word.right * scale) + 2), min(picture.height, int(word.bottom * scale) + 1)
    if right - left < 1 or bottom - top < 1:
        return False
    around = picture.crop((left, top, right, bottom))
    counts = around.histogram()
    levels = [level for level, count in enumerate(counts) if count]
    if levels[-1] - levels[0] < _LEAST_CONTRAST:
        return False
    if look.grey is None or len(word.text) < _LEAST_LETTERS_TO_JUDGE:
        return True
    behind = max(range(256), key=counts.__getitem__)
    return abs(behind - look.grey) >= _LEAST_CONTRAST


def _letters(page: pypdfium2.PdfPage, width: float, height: float) -> tuple[list[_Letters], int]:
    """Return the words of a page as they were drawn, and how many letters its fonts do not name."""
    text_page = page.get_textpage()
    count = min(text_page.count_chars(), _MOST_LETTERS_A_PAGE)
    to_page = _upright(page, width, height)
    looks: dict[int | None, _Look] = {}
    box = raw.FS_RECTF()
    words: list[_Letters] = []
    unknown = 0
    text: list[str] = []
    edges = [0.0, 0.0, 0.0, 0.0]
    drawn_at: list[float] = []
    look: _Look | None = None

    def ends() -> None:
        if text and look is not None:
            word = "".join(text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
            if word.strip():
                words.append(_Letters(Word(word, *edges), look))
        text.clear()

    for n in range(count):
        code = raw.FPDFText_GetUnicode(text_page, n)
        if code in _UNKNOWN or (code not in _HYPHENS and raw.FPDFText_HasUnicodeMapError(text_page, n) == 1):
            unknown += 1
            continue
        letter = "-" if code in _HYPHENS else chr(code)
        if letter.isspace() or not raw.FPDFText_GetLooseCharBox(text_page, n, box):
            ends()
            continue
        drawn = raw.FPDFText_GetTextObject(text_page, n)
        known = ctypes.cast(drawn, ctypes.c_void_p).value
        if known not in looks:
            looks[known] = _look(text_page, n, drawn)
        left, top, right, bottom = to_page(box.left, box.top, box.right, box.bottom)
        if text:
            same_line = abs(bottom - edges[3]) < 0.4 * max(bottom - top, edges[3] - edges[1])
            white = left - edges[2]
            if is_read_leftwards(letter) or is_read_leftwards(text[-1]):
                white = max(white, edges[0] - right) if [left, right] != drawn_at else 0.0
            close = -0.5 * (bottom - top) < white < 0.25 * (bottom - top)
            if looks[known] != look or not same_line or not close:
                ends()
        if not text:
            look = looks[known]
            edges = [left, top, right, bottom]
        # Lam and alef are drawn as one, and PDFium gives the two in the order of what is drawn.
        ligature = text and letter == _LAM and text[-1] in _ALEFS and [left, right] == drawn_at
        text.insert(len(text) - bool(ligature), letter)
        drawn_at = [left, right]
        edges = [min(edges[0], left), min(edges[1], top), max(edges[2], right), max(edges[3], bottom)]
    ends()
    return words, unknown


def _look(text_page: pypdfium2.PdfTextPage, n: int, drawn: object) -> _Look:
    mode = raw.FPDFTextObj_GetTextRenderMode(drawn)
    matrix = raw.FS_MATRIX()
    size = raw.FPDFText_GetFontSize(text_page, n)
    if raw.FPDFText_GetMatrix(text_page, n, matrix):
        size *= (matrix.c**2 + matrix.d**2) ** 0.5
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    ink: int | None = None
    seen = mode not in _WITHOUT_INK
    if raw.FPDFText_GetFillColor(text_page, n, red, green, blue, alpha):
        ink = grey(red.value, green.value, blue.value)
        seen = seen and alpha.value >= _LEAST_CONTRAST
    return _Look(seen, size, ink if mode == raw.FPDF_TEXTRENDERMODE_FILL else None)


def _upright(
    page: pypdfium2.PdfPage, width: float, height: float
) -> Callable[[float, float, float, float], tuple[float, float, float, float]]:
    """Return what turns a box of the page's own space into points from the upper left corner of the drawn page."""
    fine = 100
    across, down = round(width * fine), round(height * fine)
    x, y = ctypes.c_int(), ctypes.c_int()

    def drawn(at_x: float, at_y: float) -> tuple[float, float]:
        raw.FPDF_PageToDevice(page, 0, 0, across, down, 0, at_x, at_y, x, y)
        return x.value / fine, y.value / fine

    origin, east, north = drawn(0, 0), drawn(1_000, 0), drawn(0, 1_000)
    a, b = (east[0] - origin[0]) / 1_000, (east[1] - origin[1]) / 1_000
    c, d = (north[0] - origin[0]) / 1_000, (north[1] - origin[1]) / 1_000

    def turned(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        x0, x1 = origin[0] + a * left + c * bottom, origin[0] + a * right + c * top
        y0, y1 = origin[1] + b * left + d * bottom, origin[1] + b * right + d * top
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    return turned
