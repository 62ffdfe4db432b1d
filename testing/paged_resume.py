"""A résumé as a reader of pages gives it: a file, its text with the places on two pages, and their images."""

from __future__ import annotations

import struct
import zlib

from domain.evidence.resume import Place, Remark, Resume, Section
from store.documents import Documents

FILE = b"%PDF-1.7\n% a r\xc3\xa9sum\xc3\xa9 of two pages \xff\xfe\x00\n%%EOF\n"
LINES = ("Ines Okoye", "I led the migration of nine offices.", "Later I left", "I taught two clerks to read a queue.")
_STANDS = ((1, 80), (1, 200), (1, 940), (2, 60))
"""On which page each line is, and how far down, in thousandths of it."""

QUOTED = "the migration of nine offices"


def paged_resume() -> Resume:
    """Its text; each word has its place."""
    text, places = "\n".join(LINES), []
    at = 0
    for line, (page, top) in zip(LINES, _STANDS, strict=True):
        left = 100
        for word in line.split():
            start = text.index(word, at)
            at = start + len(word)
            places.append(Place(start, at, page, left, top, left + 12 * len(word), top + 18))
            left += 12 * len(word) + 10
    return Resume(
        text=text,
        pages=2,
        places=tuple(places),
        remarks=(Remark("read_by_ocr", 1, 2), Remark("hidden_text", 214)),
        sections=(Section("basics", 0, len(text)),),
    )


def page_images() -> list[bytes]:
    """A picture of each page, with a bar for each word."""
    drawn = []
    for number in (1, 2):
        words = [place for place in paged_resume().places if place.page == number]
        rows = []
        for y in range(283):
            row = bytearray(b"\xff" * 200)
            for word in words:
                if word.top <= y * 1000 / 283 <= word.bottom:
                    row[word.left // 5 : word.right // 5] = b"\x50" * (word.right // 5 - word.left // 5)
            rows.append(b"\0" + bytes(row))
        drawn.append(_png(200, 283, b"".join(rows)))
    return drawn


async def stored_resume(documents: Documents, applicant: str, candidate: str, by: str) -> str:
    """Keeps it as somebody's, given by `by` for a candidacy; its id."""
    doc = await documents.put(applicant, "resume", "application/pdf", FILE, paged_resume(), by, page_images())
    await documents.give(doc.id, candidate, by)
    return doc.id


def _png(width: int, height: int, rows: bytes) -> bytes:
    """A picture in greys (PNG, ISO/IEC 15948)."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
