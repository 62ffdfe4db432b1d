"""How long a document takes from bytes to text with places: `python -m bench.reading` prints a table.

CPU time of one core, in the process that reads: a two-page PDF in two columns, a scanned page by OCR, a Word document.
Beside them what a reading costs from outside, with the fork, both ways through the socket, and checking what comes.
"""

from __future__ import annotations

import asyncio
import io
import resource
import time
from collections.abc import Callable

import docx
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from rich.console import Console

from bench.process_usage import load
from bench.report import Line, Spread, show
from documents.document_reader import read_document
from documents.limited_process import read

PDF_GOAL, SCAN_GOAL = 0.3, 2.0
ROUNDS = 9
WIDTH, HEIGHT = A4
LINES = tuple(f"Led part {n} of the ledger with eight others" for n in range(48))


def two_pages() -> bytes:
    """A résumé of two pages in two columns, drawn row by row."""
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4)
    for _ in range(2):
        canvas.setFont("Helvetica", 10)
        for n, line in enumerate(LINES):
            canvas.drawString(50, HEIGHT - 60 - n * 15, line)
            canvas.drawString(310, HEIGHT - 60 - n * 15, line)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


def scanned_page() -> bytes:
    """A page of 200 dpi in a PDF, as a scanner makes one."""
    page = Image.new("L", (1654, 2339), 250)
    font = ImageFont.load_default(30)
    draw = ImageDraw.Draw(page)
    for n, line in enumerate(LINES[:40]):
        draw.text((140, 140 + n * 50), line, fill=20, font=font)
    written = io.BytesIO()
    canvas = Canvas(written, pagesize=A4)
    canvas.drawImage(ImageReader(page), 0, 0, WIDTH, HEIGHT)
    canvas.save()
    return written.getvalue()


def word() -> bytes:
    """A Word document of as many lines."""
    document = docx.Document()
    for line in LINES * 2:
        document.add_paragraph(line)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def cpu() -> float:
    """CPU seconds of this process and of those it ran."""
    own, theirs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + theirs.ru_utime + theirs.ru_stime


def timed(work: Callable[[], object], clock: Callable[[], float]) -> list[float]:
    """Seconds of each round, after one that loads what is needed."""
    work()
    took = []
    for _ in range(ROUNDS):
        began = clock()
        work()
        took.append(clock() - began)
    return took


async def from_outside(data: bytes) -> list[float]:
    """Seconds of each reading as the API waits for it."""
    took = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        await read("resume", data, "cv")
        took.append(time.perf_counter() - began)
    return took[1:]


async def main() -> None:
    """Measure all, and print them."""
    before = load()
    pdf, scan, office = two_pages(), scanned_page(), word()
    figures = [
        ("a PDF of two pages", timed(lambda: read_document("resume", pdf, "cv"), cpu), PDF_GOAL),
        ("a scanned page", timed(lambda: read_document("resume", scan, "cv"), cpu), SCAN_GOAL),
        ("a Word document", timed(lambda: read_document("resume", office, "cv"), cpu), None),
        ("the PDF, as the API waits for it", await from_outside(pdf), None),
    ]
    loads = Spread.of([before, load()])
    show([Line(what, "s", Spread.of(took), loads, goal=goal) for what, took, goal in figures], Console())


if __name__ == "__main__":
    asyncio.run(main())
