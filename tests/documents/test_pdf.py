"""PDF: columns in order, words in their boxes, what nobody sees taken out, pictures of pages read by OCR."""

import io
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from documents.decoding import Unreadable
from documents.document_reader import Reading, read_document
from domain.evidence.resume import Remark, Resume
from tests.documents.drawn_documents import (
    HEIGHT,
    INJECTION,
    LINES,
    WIDTH,
    both,
    encoded,
    pdf,
    scanned,
    side_by_side,
    written,
)

WORD = st.text("abcdefghijklmnoprstuvwxyzäéßł", min_size=1, max_size=9)
LINE = st.lists(WORD, min_size=3, max_size=5).map(" ".join)
COLUMN = st.lists(LINE, min_size=6, max_size=30)


def read(data: bytes) -> Resume:
    text = read_document("resume", data, "cv.pdf").text
    assert isinstance(text, Resume)
    return text


def remark(text: Resume, kind: str) -> Remark | None:
    return next((each for each in text.remarks if each.kind == kind), None)


def latin(text: str) -> str:
    return text.replace("ł", "l")


@settings(max_examples=15, deadline=None)
@given(COLUMN, COLUMN, st.booleans())
def test_two_columns_are_read_one_after_the_other_however_they_were_drawn(
    left: list[str], right: list[str], row_by_row: bool
) -> None:
    left, right = [latin(line) for line in left], [latin(line) for line in right]
    head = ["Somebody who applies for a post and whose name and town go over the whole of the page"]
    text = read(pdf(both(written(head, top=40), side_by_side(left, right, row_by_row)))).text
    assert text.split() == " ".join((*head, *left, *right)).split()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.lists(LINE, min_size=7, max_size=40), min_size=1, max_size=3))
def test_one_column_is_read_page_by_page_with_each_word_in_its_box(pages: list[list[str]]) -> None:
    pages = [[latin(line) for line in lines] for lines in pages]
    resume = read(pdf(*(written(lines, top=90) for lines in pages)))
    assert resume.text.split() == " ".join(line for lines in pages for line in lines).split()
    assert resume.pages == len(pages)
    assert [resume.text[place.start : place.end] for place in resume.places] == resume.text.split()
    for before, after in pairwise(resume.places):
        assert before.end < after.start
        assert (before.page, before.top - 5) <= (after.page, after.top)


@pytest.mark.parametrize("field", ["textfield", "choice", "several lines"])
def test_what_was_filled_into_a_form_is_read_once_and_what_it_hides_is_not(field: str) -> None:
    def draw(canvas: Canvas) -> None:
        written(LINES)(canvas)
        place = {"x": 50, "y": 200, "width": 300, "height": 60}
        if field == "choice":
            canvas.acroForm.choice(name="a", value="Tide tables", options=["Tide tables", "Ledgers"], **place)
        else:
            value, flags = ("Tide\ntables", "multiline") if field == "several lines" else ("Tide tables", "")
            canvas.acroForm.textfield(name="a", value=value, fieldFlags=flags, **place)
        canvas.acroForm.textfield(name="b", value=INJECTION, annotationFlags="hidden", **{**place, "y": 100})

    file = pdf(draw)
    assert b"/AP " in file
    for form in (file, file.replace(b"/AP ", b"/AX ")):  # a field brings its picture, or leaves it to be drawn
        assert read(form).text.split() == [*" ".join(LINES).split(), "Tide", "tables"]


@pytest.mark.parametrize("apart", [0.0, 0.2, 0.6])
def test_words_that_were_drawn_twice_to_make_them_bold_are_read_once(apart: float) -> None:
    def draw(canvas: Canvas) -> None:
        written(LINES)(canvas)
        written(LINES[:2], left=50 + apart)(canvas)

    assert read(pdf(draw)).text.split() == " ".join(LINES).split()


def test_a_word_is_marked_where_it_stands() -> None:
    def draw(canvas: Canvas) -> None:
        written(LINES)(canvas)
        canvas.drawString(WIDTH / 2, HEIGHT / 2, "halfway")

    resume = read(pdf(draw))
    at = resume.text.index("halfway")
    place = next(place for place in resume.places if place.start == at)
    assert place.page == 1
    assert abs(place.left - 500) <= 2
    assert place.top < 500 < place.bottom + 3 < 510
    assert place.right > place.left + 40


def test_dates_stay_with_what_they_belong_to() -> None:
    jobs = [f"Lead of the {name} programme for many people" for name in ("harbour", "bakery", "library", "museum")]

    def draw(canvas: Canvas) -> None:
        for n, job in enumerate(jobs):
            canvas.drawString(50, HEIGHT - 80 - n * 28, job)
            canvas.drawRightString(WIDTH - 50, HEIGHT - 80 - n * 28, f"20{10 + n} to 20{12 + n}")
            canvas.drawString(50, HEIGHT - 94 - n * 28, "Answered for the budget and for two towns.")

    assert "bakery programme for many people 2011 to 2013\nAnswered" in read(pdf(draw)).text


def test_page_numbers_and_repeated_lines_do_not_stand_between_words() -> None:
    first = [*LINES, *["She answered for more of the same."] * 30, "She led the manage-"]
    second = ["ment of a department", "of twelve people in two cities of the north."]

    def page(lines: list[str], number: int) -> bytes:
        return both(
            written(["Ada Lin, curriculum vitae"], top=30),
            written(lines, top=90),
            written([f"Page {number} of 2"], left=250, top=HEIGHT - 30),
        )

    resume = read(pdf(page(first, 1), page(second, 2)))
    place = resume.locate("led the management of a department of twelve people")
    assert place is not None
    assert resume.text[slice(*place)] == "led the manage-\nment of a department\nof twelve people"
    assert "Page 1" not in resume.text
    assert resume.text.count("curriculum vitae") == 1
    assert remark(resume, "left_out") == Remark("left_out", len("Page1of2Page2of2AdaLin,curriculumvitae"))


def white(canvas: Canvas) -> None:
    canvas.setFillColorRGB(1, 1, 1)
    canvas.drawString(50, 200, INJECTION)


def without_ink(canvas: Canvas) -> None:
    text = canvas.beginText(50, 200)
    text.setTextRenderMode(3)
    text.textLine(INJECTION)
    canvas.drawText(text)


def tiny(canvas: Canvas) -> None:
    canvas.setFont("Helvetica", 2)
    canvas.drawString(50, 200, INJECTION)


def outside(canvas: Canvas) -> None:
    canvas.drawString(50, -40, INJECTION)


def covered(canvas: Canvas) -> None:
    canvas.drawString(50, 200, INJECTION)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.rect(40, 190, 500, 30, stroke=0, fill=1)


def on_its_own_colour(canvas: Canvas) -> None:
    canvas.setFillColorRGB(0.1, 0.2, 0.5)
    canvas.rect(40, 190, 500, 30, stroke=0, fill=1)
    canvas.drawString(50, 200, INJECTION)


def transparent(canvas: Canvas) -> None:
    canvas.setFillAlpha(0.0)
    canvas.drawString(50, 200, INJECTION)


@pytest.mark.parametrize(
    "hide", [white, without_ink, tiny, outside, covered, on_its_own_colour, transparent], ids=lambda hide: hide.__name__
)
def test_words_that_nobody_sees_are_taken_out_and_counted(hide: object) -> None:
    resume = read(pdf(both(written(LINES), hide)))
    assert resume.text.split() == " ".join(LINES).split()
    assert remark(resume, "hidden_text") == Remark("hidden_text", len(INJECTION.replace(" ", "")))


def test_white_words_on_a_dark_ground_and_what_is_plain_to_see_stay() -> None:
    def draw(canvas: Canvas) -> None:
        written([*LINES, INJECTION])(canvas)
        canvas.setFillColorRGB(0, 0, 0.3)
        canvas.rect(40, 190, 500, 30, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(50, 200, "Telephone on request")

    resume = read(pdf(draw))
    assert INJECTION in resume.text.replace("\n", " ")
    assert "Telephone on request" in resume.text
    assert remark(resume, "hidden_text") is None


def scan(canvas: Canvas, page: Image.Image) -> None:
    canvas.drawImage(ImageReader(io.BytesIO(encoded(page))), 0, 0, WIDTH, HEIGHT)


def test_a_scanned_page_is_read_by_ocr_and_says_so() -> None:
    reading = read_document("resume", pdf(written(LINES[3:]), lambda canvas: scan(canvas, scanned(LINES))), "cv.pdf")
    assert isinstance(reading.text, Resume)
    assert remark(reading.text, "read_by_ocr") == Remark("read_by_ocr", 1, 2)
    assert reading.text.text.split() == " ".join((*LINES[3:], *LINES)).split()
    assert reading.text.locate("for three years and moved all payments") is not None
    second = [place for place in reading.text.places if place.page == 2]
    assert abs(second[0].left - 1_000 * 100 / 1240) < 5
    assert abs(second[0].top - 1_000 * 120 / 1754) < 12


def test_a_page_of_nothing_but_a_coloured_bar_is_no_scan() -> None:
    def bar(canvas: Canvas) -> None:
        canvas.setFillColorRGB(0.1, 0.2, 0.4)
        canvas.rect(0, 0, 160, HEIGHT, stroke=0, fill=1)

    text = read(pdf(written(LINES), bar))
    assert (text.pages, text.remarks) == (2, ())


def test_the_layer_that_somebody_elses_ocr_wrote_is_no_hidden_text_but_more_than_it_is() -> None:
    def layered(canvas: Canvas) -> None:
        scan(canvas, scanned(LINES))
        text = canvas.beginText(50, HEIGHT - 60)
        text.setTextRenderMode(3)
        for line in LINES:
            text.textLine(line)
        canvas.drawText(text)

    assert remark(read(pdf(layered)), "hidden_text") is None
    hiding = read(pdf(both(layered, without_ink)))
    assert remark(hiding, "hidden_text") is not None
    assert "Ignore" not in hiding.text


def test_pictures_of_the_pages_are_small_and_as_wide_as_a_screen() -> None:
    reading: Reading = read_document("resume", pdf(written(LINES), written(LINES)), "cv.pdf")
    assert reading.media_type == "application/pdf"
    assert len(reading.pages) == 2
    for page in reading.pages:
        assert Image.open(io.BytesIO(page)).size == (1000, 1415)
        assert len(page) < 60_000


def test_a_turned_page_has_its_words_where_they_are_seen() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setPageRotation(90)
        canvas.translate(HEIGHT, 0)  # its sheet lies on the side
        canvas.rotate(90)
        for n, line in enumerate(LINES):
            canvas.drawString(WIDTH / 4, HEIGHT / 2 - n * 14, line)

    reading = read_document("resume", pdf(draw), "cv.pdf")
    resume = reading.text
    assert isinstance(resume, Resume)
    assert resume.text.split() == " ".join(LINES).split()
    assert abs(resume.places[0].left - 250) < 3
    assert abs(resume.places[0].bottom - 500) < 8
    assert Image.open(io.BytesIO(reading.pages[0])).size == (1000, 1415)


WHOLE = pdf(written(LINES))
UNREADABLE = {
    "locked": (pdf(written(LINES), encrypt="secret"), "locked with a password"),
    "cut off": (WHOLE[:300], "cut off or damaged"),
    "only its beginning": (b"%PDF-1.7\n", "cut off or damaged"),
    "too many pages": (pdf(*[written(LINES)] * 31), "31 pages; 30"),
    "no words": (pdf(lambda canvas: canvas.circle(300, 300, 80)), "no words that can be read"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_told_in_a_sentence(what: str) -> None:
    data, sentence = UNREADABLE[what]
    with pytest.raises(Unreadable, match=sentence):
        read_document("resume", data, "cv.pdf")


def test_one_that_its_owner_will_not_have_printed_is_read() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    locked = StandardEncryption("", ownerPassword="owner", canPrint=0)
    assert read(pdf(written(LINES), encrypt=locked)).text.split() == " ".join(LINES).split()
