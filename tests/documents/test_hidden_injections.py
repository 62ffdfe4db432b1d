"""The attacks of `samples/hostile` hidden in PDF and Word: no word is read of them, and what is seen is filtered."""

from collections.abc import Callable
from pathlib import Path

import docx
import pytest
import yaml
from reportlab.pdfgen.canvas import Canvas

from documents.document_reader import read_document
from language.injection_filter import addresses_a_machine
from tests.documents.drawn_documents import INJECTION, LINES, both, pdf, saved, word, written

FAMILIES = Path(__file__).parents[2] / "samples" / "hostile" / "families.yaml"


def latin(text: str) -> str:
    """What the PDF's own letters can write."""
    return " ".join("".join(letter for letter in text if " " <= letter < "\x7f").split())


def attacks() -> list[str]:
    families = yaml.safe_load(FAMILIES.read_text(encoding="utf-8"))
    return [text for family in families for each in family["texts"][:2] if len((text := latin(each)).split()) > 3]


def hidden_in_pdf(text: str) -> bytes:
    def draw(canvas: Canvas) -> None:
        canvas.setFillColorRGB(1, 1, 1)
        canvas.setFont("Helvetica", 6)
        for n in range(0, len(text), 120):
            canvas.drawString(40, 300 - n / 12, text[n : n + 120])

    return pdf(both(written(LINES), draw))


def hidden_in_word(text: str) -> bytes:
    document = docx.Document()
    for line in LINES:
        document.add_paragraph(line).add_run(text).font.hidden = True
    return saved(document)


@pytest.mark.parametrize("hidden", [hidden_in_pdf, hidden_in_word], ids=lambda hidden: hidden.__name__)
def test_no_word_of_a_hidden_attack_is_read_and_it_is_told(hidden: Callable[[str], bytes]) -> None:
    tried = attacks()
    assert len(tried) > 20
    for attack in tried:
        read = read_document("reference", hidden(attack), "cv")
        assert read.text.text.split() == " ".join(LINES).split()
        assert [remark.kind for remark in read.text.remarks] == ["hidden_text"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("document", [pdf(written([*LINES, INJECTION])), word(*LINES, INJECTION)], ids=["pdf", "word"])
def test_an_attack_that_is_plain_to_see_is_read_and_taken_out_by_the_filter(document: bytes) -> None:
    text = read_document("resume", document, "cv").text.text
    assert addresses_a_machine(text.split("\n")[-1])
    assert not any(addresses_a_machine(line) for line in LINES)
