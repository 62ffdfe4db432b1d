"""What a file among many is, and whose a résumé is: sure where something bears it out, else asked."""

from __future__ import annotations

import asyncio
import unicodedata
from pathlib import Path

import pytest

from documents.contact_guesses import ADDRESSES, NAME, NO_ADDRESS, NO_NAME, OCR, OTHER_NAME, contact_in
from documents.recordings import is_recording
from documents.sorting import NO_SECTIONS, PERHAPS_CALL, sort
from settings import ROOT

HERE = Path(__file__).parent
OF_TOOLS = sorted((HERE / "tools").iterdir())
CORPUS = ROOT / "samples" / "corpus"
SPOKEN = sorted(CORPUS.glob("*/transcripts/*"))
WRITTEN = sorted(CORPUS.glob("*/resumes/*"))


@pytest.mark.parametrize("path", OF_TOOLS, ids=lambda path: path.name)
def test_what_a_meeting_tool_wrote_is_a_transcript(path: Path) -> None:
    found = asyncio.run(sort(path.read_bytes(), path.name))
    assert (found.kind, found.asks) == ("transcript", ())


def test_calls_and_resumes_of_the_corpus_are_told_apart() -> None:
    calls = {path.name: asyncio.run(sort(path.read_bytes(), path.name)).kind for path in SPOKEN}
    assert set(calls.values()) == {"transcript"}
    for path in WRITTEN:
        found = asyncio.run(sort(path.read_bytes(), path.name))
        assert found.kind == "resume", path.name
        assert found.reading is not None
        guess = contact_in(found.reading.text.text, path.name)
        surname = path.stem.partition(".")[0].split("-")[-1]
        assert surname in unicodedata.normalize("NFKD", guess.name).encode("ascii", "ignore").decode().lower(), (
            path.name
        )
        assert "@" in guess.email, path.name
        assert guess.asks == (), path.name


SHORT_CALL = "Ada: I led it.\nMara: And then?\nAda: We moved the payments of a whole county to it in a year, on time."
LETTER = "Ada Lin\nThere is a letter here that says why she would like to come, and nothing at all of what she did."


@pytest.mark.parametrize(("words", "asks"), [(SHORT_CALL, PERHAPS_CALL), (LETTER, NO_SECTIONS)])
async def test_what_may_be_either_is_asked(words: str, asks: str) -> None:
    found = await sort(words.encode(), "words.txt")
    assert (found.kind, found.asks) == ("resume", (asks,))


@pytest.mark.parametrize(
    ("text", "file", "name", "email", "phone", "asks"),
    [
        ("Ada Lin\nada.lin@example.com\n+1 212 555 0144", "", "Ada Lin", "ada.lin@example.com", "+1 212 555 0144", ()),
        ("CURRICULUM VITAE\nJIŘÍ DVOŘÁK III\ndvorak@example.com", "", "Jiří Dvořák III", "dvorak@example.com", "", ()),
        ("Résumé of Ada Lin | ada@example.com | London", "x", "Ada Lin", "ada@example.com", "", ()),
        (
            "Contact\nada.lin@example.com\nTop Skills\nService Design\nAda Lin\nHead of permits",
            "Profile.pdf", "Ada Lin", "ada.lin@example.com", "", (),
        ),
        (
            "Dear Ms Okafor,\nhere I am.\nYours,\nAda Lin\nada.lin@example.com",
            "", "Ada Lin", "ada.lin@example.com", "", (),
        ),
        ("Dear Ms Okafor,\nhere I am.\nada@example.com", "", "", "ada@example.com", "", (NO_NAME,)),
        ("Ada Lin\nada@example.com", "Berta Vogel CV.pdf", "Ada Lin", "ada@example.com", "", (OTHER_NAME,)),
        ("Ada Lin\nada@example.com", "Senior Product Manager.pdf", "Ada Lin", "ada@example.com", "", ()),
        ("I led a team of eight.\nada@example.com", "x.pdf", "", "ada@example.com", "", (NO_NAME,)),
        ("Name: Ada Lin, Product Manager\nx77@example.com", "cv.pdf", "Ada Lin", "x77@example.com", "", (NAME,)),
        ("Experience\nLed a team.", "Lin_Ada_CV_final.docx", "Lin Ada", "", "", (NAME, NO_ADDRESS)),
        ("王小明\n工作经历", "wang.txt", "王小明", "", "", (NAME, NO_ADDRESS)),
        ("Ada Lin\nboss@example.org\nada@example.com", "", "Ada Lin", "ada@example.com", "", (ADDRESSES,)),
    ],
)  # fmt: skip
def test_what_nothing_bears_out_is_asked(
    text: str, file: str, name: str, email: str, phone: str, asks: tuple[str, ...]
) -> None:
    assert contact_in(text, file) == (name, email, phone, asks)


def test_a_number_without_its_country_is_read_as_the_companys() -> None:
    text = "Ada Lin\nada.lin@example.com\n(212) 555-2368, 2019 - 2023"
    assert contact_in(text, "").phone == ""
    assert contact_in(text, "", "US").phone == "(212) 555-2368"


def test_what_ocr_read_is_looked_at() -> None:
    assert contact_in("Ada Lin\nada.lin@example.com", "", by_ocr=True).asks == (OCR,)


@pytest.mark.parametrize(
    ("begins", "recorded"),
    [
        (b"\0\0\0\x20ftypM4A ", True), (b"\0\0\0\x18ftypheic", False), (b"ID3\4", True),
        (b"RIFF\0\0\0\0WAVEfmt ", True),
        (b"RIFF\0\0\0\0WEBPVP8 ", False), (b"\x1aE\xdf\xa3", True), (b"%PDF-1.7", False), (b"Ada: I did.", False),
    ],
)  # fmt: skip
def test_a_recording_is_told_by_how_it_begins(begins: bytes, recorded: bool) -> None:
    assert is_recording(begins) is recorded
