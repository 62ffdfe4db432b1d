"""Word, OpenDocument, RTF, HTML and pictures: what a reader sees is read, in order; what nobody sees is counted."""

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.section import WD_SECTION
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt, RGBColor
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from documents.decoding import Unreadable
from documents.document_reader import read_document
from domain.evidence.resume import PagedText, Remark, Resume
from tests.documents.drawn_documents import (
    INJECTION,
    LINES,
    archive,
    encoded,
    open_document,
    saved,
    scanned,
    with_part,
    word,
)

SEEN = " ".join(LINES).split()
HIDDEN = (Remark("hidden_text", len(INJECTION.replace(" ", ""))),)


def read(data: bytes, name: str = "cv") -> PagedText:
    text = read_document("resume", data, name).text
    assert isinstance(text, Resume)
    return text


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.text("abcdefghijk äß,", min_size=8, max_size=40).filter(str.strip), min_size=8, max_size=20),
    st.booleans(),
)
def test_a_word_document_in_one_or_two_columns_is_read_in_order(lines: list[str], columns: bool) -> None:
    document = docx.Document()
    if columns:
        section = document.add_section(WD_SECTION.CONTINUOUS)
        section._sectPr.find(qn("w:cols")).set(qn("w:num"), "2")
    for line in (*LINES, *lines):
        document.add_paragraph(line)
    assert read(saved(document)).text.split() == " ".join((*LINES, *lines)).split()


def test_a_layout_made_of_a_table_is_read_cell_by_cell_and_a_list_row_by_row() -> None:
    document = docx.Document()
    left, right = document.add_table(rows=1, cols=2).rows[0].cells
    for cell, lines in ((left, LINES[:3]), (right, LINES[3:])):
        for line in lines:
            cell.add_paragraph(line)
    listed = document.add_table(rows=2, cols=2)
    for row, (what, how) in zip(listed.rows, (("Python", "nine years"), ("Swedish", "fluent")), strict=True):
        row.cells[0].text, row.cells[1].text = what, how
    text = read(saved(document)).text
    assert text.split() == [*SEEN, "Python", "nine", "years", "Swedish", "fluent"]
    assert "Python nine years\nSwedish fluent" in text


BOX = (
    f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
    '<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx><w:txbxContent>'
    "<w:p><w:r><w:t>Telephone on request</w:t></w:r></w:p></w:txbxContent></wps:txbx></wps:wsp></w:drawing></mc:Choice>"
    "<mc:Fallback><w:pict><w:txbxContent><w:p><w:r><w:t>Telephone on request</w:t></w:r></w:p></w:txbxContent>"
    "</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
)


def test_text_boxes_headers_and_footers_of_a_word_document_are_read_once() -> None:
    document = docx.Document()
    for line in LINES:
        document.add_paragraph(line)
    document.paragraphs[0]._p.append(parse_xml(BOX))
    document.sections[0].header.paragraphs[0].text = "ada@example.org"
    document.sections[0].footer.paragraphs[0].text = "Page 1 of 1"
    text = read(saved(document)).text
    assert text.startswith("ada@example.org")
    assert text.count("Telephone on request") == 1
    assert "Page 1" not in text


def test_a_text_box_that_only_older_programs_show_is_read() -> None:
    document = docx.Document()
    for line in LINES:
        document.add_paragraph(line)
    newer = BOX.index("<w:p>")
    document.paragraphs[0]._p.append(parse_xml(BOX[:newer] + BOX[BOX.index("</w:txbxContent>") :]))
    assert read(saved(document)).text.count("Telephone on request") == 1


def test_what_was_struck_in_a_revision_is_left_out_and_what_was_put_in_is_read() -> None:
    document = docx.Document()
    for line in LINES:
        document.add_paragraph(line)
    paragraph = document.paragraphs[1]._p
    for kind, tag in (("w:del", "delText"), ("w:ins", "t")):
        paragraph.append(
            parse_xml(f'<{kind} {nsdecls("w")} w:id="1"><w:r><w:{tag}>{kind[2:]} words</w:{tag}></w:r></{kind}>')
        )
    text = read(saved(document)).text
    assert "ins words" in text
    assert "del words" not in text


def vanish(run: Any) -> None:
    run.font.hidden = True


def white(run: Any) -> None:
    run.font.color.rgb = RGBColor(255, 255, 255)


def tiny(run: Any) -> None:
    run.font.size = Pt(1)


def by_its_style(run: Any) -> None:
    style = run.part.document.styles.add_style("Quiet", 1)
    style.font.color.rgb = RGBColor(0xFE, 0xFE, 0xFE)
    run._r.getparent().get_or_add_pPr().style = style.style_id


@pytest.mark.parametrize("hide", [vanish, white, tiny, by_its_style], ids=lambda hide: hide.__name__)
def test_words_of_a_word_document_that_nobody_sees_are_taken_out_and_counted(hide: Callable[[Any], None]) -> None:
    document = docx.Document()
    for line in LINES:
        document.add_paragraph(line)
    hide(document.add_paragraph().add_run(INJECTION))
    resume = read(saved(document))
    assert resume.text.split() == SEEN
    assert resume.remarks == HIDDEN


def test_white_words_in_a_dark_cell_stay() -> None:
    document = docx.Document()
    for line in LINES:
        document.add_paragraph(line)
    cell = document.add_table(rows=1, cols=1).rows[0].cells[0]
    white(cell.paragraphs[0].add_run("Telephone on request"))
    shade = OxmlElement("w:shd")
    shade.set(qn("w:fill"), "1F3864")
    cell._tc.get_or_add_tcPr().append(shade)
    resume = read(saved(document))
    assert "Telephone on request" in resume.text
    assert resume.remarks == ()


HTML = "<!doctype html><html><head><title>cv</title>{head}</head><body>{body}{more}</body></html>"
HTML_LINES = "".join(f"<p>{line}</p>" for line in LINES)
RTF = r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\colortbl;\red0\green0\blue0;\red255\green255\blue255;}\f0\fs20 %s%s}"
RTF_LINES = "".join(rf"{line}\par " for line in LINES)
ODT_LINES = "".join(f"<text:p>{line}</text:p>" for line in LINES)
ODT_STYLE = '<style:style style:name="Q" style:family="text"><style:text-properties {}/></style:style>'


def page(more: str, head: str = "") -> bytes:
    return HTML.format(head=head, body=HTML_LINES, more=more).encode()


def office(style: str) -> bytes:
    hidden = f'<text:p><text:span text:style-name="Q">{INJECTION}</text:span></text:p>'
    return open_document(ODT_LINES + hidden, ODT_STYLE.format(style))


HIDING = {
    "html, not displayed": page(f"<div style='display: none'><p>{INJECTION}</p></div>"),
    "html, hidden": page(f"<p hidden>{INJECTION}</p>"),
    "html, white": page(f"<p style='color:#fff'>{INJECTION}</p>"),
    "html, white by name": page(f"<font color=white>{INJECTION}</font>"),
    "html, tiny": page(f"<p style='font-size:1px'>{INJECTION}</p>"),
    "html, by a class": page(f"<p class='x q'>{INJECTION}</p>", "<style>p.q, b { visibility: hidden }</style>"),
    "html, outside": page(f"<p style='position:absolute; left:-9999px'>{INJECTION}</p>"),
    "rtf, hidden": (RTF % (RTF_LINES, rf"{{\v {INJECTION}}}\par")).encode(),
    "rtf, hidden and shown again": (RTF % (rf"\v {INJECTION}\v0 ", RTF_LINES)).encode(),
    "rtf, white": (RTF % (RTF_LINES, rf"{{\cf2 {INJECTION}}}\par")).encode(),
    "rtf, tiny": (RTF % (RTF_LINES, rf"{{\fs2 {INJECTION}}}\par")).encode(),
    "odt, not displayed": office('text:display="none"'),
    "odt, white": office('fo:color="#ffffff"'),
    "odt, tiny": office('fo:font-size="1pt"'),
    "odt, a section": open_document(
        f'{ODT_LINES}<text:section text:display="none"><text:p>{INJECTION}</text:p></text:section>'
    ),
    "odt, a section under a condition": open_document(
        f'{ODT_LINES}<text:section text:display="condition" text:is-hidden="true">'
        f"<text:p>{INJECTION}</text:p></text:section>"
    ),
    "odt, a field": open_document(f"{ODT_LINES}<text:p><text:hidden-text>{INJECTION}</text:hidden-text></text:p>"),
}


@pytest.mark.parametrize("what", HIDING)
def test_words_that_nobody_sees_are_taken_out_and_counted(what: str) -> None:
    resume = read(HIDING[what])
    assert resume.text.split() == SEEN
    assert resume.remarks == HIDDEN


SHOWING = {
    "html": page(f"<p>{INJECTION}</p><script>var x = 'no words'</script>"),
    "html, white on dark": page(f"<p style='background:#123; color:white'>{INJECTION}</p>"),
    "rtf": (RTF % (RTF_LINES, rf"{INJECTION}\par")).encode(),
    "odt": open_document(f"{ODT_LINES}<text:p>{INJECTION}</text:p>"),
    "odt, a section": open_document(
        f'{ODT_LINES}<text:section text:display="condition"><text:p>{INJECTION}</text:p></text:section>'
    ),
    "word": word(*LINES, INJECTION),
}


@pytest.mark.parametrize("what", SHOWING)
def test_what_is_plain_to_see_stays(what: str) -> None:
    resume = read(SHOWING[what])
    assert resume.text.split() == [*SEEN, *INJECTION.split()]
    assert resume.remarks == ()
    assert [section.name for section in resume.sections] == ["basics", "work", "education"]


TYPES = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": word(*LINES),
    "application/vnd.oasis.opendocument.text": open_document(ODT_LINES),
    "application/rtf": (RTF % (RTF_LINES, "")).encode(),
    "text/html": page(""),
    "image/png": encoded(scanned(LINES)),
    "image/jpeg": encoded(scanned(LINES), "JPEG", quality=80),
    "image/tiff": encoded(scanned(LINES), "TIFF", compression="tiff_lzw"),
    "image/webp": encoded(scanned(LINES), "WEBP"),
    "text/plain": "\n".join(LINES).encode(),
}


@pytest.mark.parametrize("media_type", TYPES)
def test_what_a_file_is_its_content_says(media_type: str) -> None:
    reading = read_document("work_sample", TYPES[media_type], "something.pdf")
    assert reading.media_type == media_type
    assert reading.text.text.split() == SEEN
    assert len(reading.pages) == media_type.startswith("image/")


def test_a_transcript_that_came_as_a_word_document_is_read_as_one() -> None:
    said = word(*["Ada Lin: I led the rebuild of the ledger.", "Mara Okafor: For how long?"] * 3)
    assert set(read_document("transcript", said, "call.docx").text.speakers) == {"Ada Lin", "Mara Okafor"}  # type: ignore[attr-defined]


def test_an_old_word_document_is_read_where_a_program_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = b"\xd0\xcf\x11\xe0" + "\n".join(LINES).encode()
    monkeypatch.setenv("PATH", str(tmp_path))
    program = tmp_path / "catdoc"
    program.write_text("#!/bin/sh\nexec /usr/bin/tail -c +5\n")
    program.chmod(0o755)
    reading = read_document("resume", old, "cv.doc")
    assert reading.media_type == "application/msword"
    assert reading.text.text.split() == SEEN


WORD = word(*LINES)
EVIL = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]><w>&a;</w>'
UNREADABLE = {
    "word, cut off": (WORD[:-200], "cut off or damaged"),
    "word, with macros": (with_part(WORD, "word/vbaProject.bin", lambda _: b"x"), "macros"),
    "word, with entities": (with_part(WORD, "word/document.xml", lambda _: EVIL), "definitions"),
    "word, damaged inside": (with_part(WORD, "word/document.xml", lambda part: part[:-30]), "cut off or damaged"),
    "word, locked": (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "locked with a password"),
    "word, from before 2007": (b"\xd0\xcf\x11\xe0".ljust(5_000, b"\0"), "old Word document"),
    "word, empty": (word(), "no words"),
    "a sheet": (archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"}), "an archive, or a sheet"),
    "odt, locked": (
        archive(
            {
                "mimetype": b"application/vnd.oasis.opendocument.text",
                "META-INF/manifest.xml": b"<m><encryption-data/></m>",
                "content.xml": b"\x93\x01",
            }
        ),
        "locked with a password",
    ),
    "rtf, cut off": ((RTF % (RTF_LINES, "")).encode()[:-20], "cut off or damaged"),
    "a picture, cut off": (encoded(scanned(LINES), "JPEG")[:2_000], "cut off or damaged"),
    "a picture of too many points": (encoded(Image.new("L", (8_000, 6_000), 255)), "40 megapixels"),
    "a picture of nothing": (encoded(scanned([])), "no words"),
    "a picture of an iPhone": (b"\0\0\0\x18ftypheic" + bytes(100), "HEIC"),
    "html without words": (b"<html><body><script>x</script></body></html>", "no words"),
    "no document": (b"\x7fELF" + zlib.compress(bytes(10_000)), "not text"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_told_in_a_sentence(what: str) -> None:
    data, sentence = UNREADABLE[what]
    with pytest.raises(Unreadable, match=sentence) as told:
        read_document("resume", data, "folder/cv.file")
    assert told.value.sentence.startswith("cv.file ")


def test_a_name_above_the_page_of_rich_text_is_read() -> None:
    header = r"{\header \pard Ada Lin-Okafor\par }{\headerl\pard\v " + INJECTION + r"\par}"
    text = read_document("resume", (RTF % (header, RTF_LINES)).encode(), "cv.rtf").text
    assert text.text.startswith("Ada Lin-Okafor")
    assert INJECTION[:20] not in text.text
