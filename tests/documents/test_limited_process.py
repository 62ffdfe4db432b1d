"""Documents that are made to harm whoever opens them end in one sentence, and nobody else notices."""

import asyncio
import os
import signal
import struct
import time
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from documents.decoding import Unreadable
from documents.limited_process import read
from tests.documents.drawn_documents import (
    INJECTION,
    LINES,
    archive,
    encoded,
    open_document,
    pdf,
    scanned,
    with_part,
    written,
)
from tests.documents.drawn_documents import word as word_document

WORD = word_document(*LINES)
SECONDS = 10.0
"""Within which everybody is answered, on a machine that has other things to do."""


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def huge_picture(side: int) -> bytes:
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def deep(name: bytes, depth: int) -> bytes:
    return b"<" + name + b">" + (b"<a>" * depth) + (b"</a>" * depth) + b"</" + name + b">"


def inflating_pdf() -> bytes:
    stream = zlib.compress(zlib.compress(bytes(900_000_000), 9), 9)
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Filter[/FlateDecode/FlateDecode]/Length " + str(len(stream)).encode() + b">>stream\n" + stream
    ) + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


HARMFUL: dict[str, Callable[[], bytes]] = {
    "an archive that inflates to 400 MB": lambda: with_part(WORD, "word/document.xml", lambda _: bytes(400_000_000)),
    "an archive of 100,000 files": lambda: archive({f"word/{n}": b"" for n in range(100_000)}),
    "a picture of 60,000 by 60,000": lambda: huge_picture(60_000),
    "a picture of less than it says": lambda: huge_picture(6_000),
    "XML of a million elements in each other": lambda: with_part(
        WORD, "word/document.xml", lambda _: deep(b"w", 1_000_000)
    ),
    "OpenDocument as deep": lambda: open_document("<text:p>" * 200_000),
    "a PDF that inflates to 900 MB": inflating_pdf,
    "a PDF cut in the middle": lambda: pdf(written(LINES * 20))[:900],
    "RTF of a million groups": lambda: rb"{\rtf1 " + b"{" * 1_000_000,
    "HTML of a million elements": lambda: b"<html>" + b"<div>" * 1_000_000,
    "JSON of a million lists": lambda: b"[" * 1_000_000,
}


async def quickest_answer(reading: Awaitable[object]) -> float:
    """Waits for a reading; how long the event loop was once kept from everybody else."""
    task = asyncio.ensure_future(reading)
    worst = 0.0
    while not task.done():
        began = time.monotonic()
        await asyncio.sleep(0.02)
        worst = max(worst, time.monotonic() - began - 0.02)
    await task
    return worst


@pytest.mark.parametrize("what", HARMFUL)
async def test_a_harmful_document_ends_in_a_sentence_within_seconds_and_others_are_answered(what: str) -> None:
    data = HARMFUL[what]()
    began = time.monotonic()

    async def refused() -> None:
        with pytest.raises(Unreadable) as told:
            await read("resume", data, "cv.file")
        assert "cv.file" in told.value.sentence

    assert await quickest_answer(refused()) < 1.0
    assert time.monotonic() - began < SECONDS
    assert (await read("resume", "\n".join(LINES).encode(), "cv.txt")).text.text.startswith("Ada Lin")


async def test_who_is_killed_while_reading_takes_nobody_along() -> None:
    picture = encoded(scanned(LINES * 4, size=20))
    for _ in range(5):  # until it is seen reading: this process may be held up for longer than that takes
        reading = asyncio.create_task(read("resume", picture, "cv.png"))
        for _ in range(6_000):
            if (children := readers()) or reading.done():
                break
            await asyncio.sleep(0.01)
        if children:
            break
    os.killpg(children[0], signal.SIGKILL)
    with pytest.raises(Unreadable, match=r"cv\.png cannot be read"):
        await reading
    assert (await read("resume", WORD, "cv.docx")).text.text.startswith("Ada Lin")


async def test_the_process_that_forks_is_started_again_when_it_is_gone() -> None:
    await read("resume", WORD, "cv.docx")
    os.kill(processes("documents.reader_process")[0], signal.SIGKILL)
    assert (await read("resume", WORD, "cv.docx")).text.text.startswith("Ada Lin")


async def test_many_are_read_at_once() -> None:
    kinds = (WORD, pdf(written(LINES)), "\n".join(LINES).encode())
    read_all = await asyncio.gather(*(read("resume", kinds[n % 3], f"{n}") for n in range(30)))
    assert {" ".join(reading.text.text.split()) for reading in read_all} == {" ".join(LINES)}


async def test_what_reads_knows_nothing_of_ours_and_reaches_nothing() -> None:
    os.environ["TANDEM_SECRET_OF_THIS_TEST"] = INJECTION
    try:
        await read("resume", WORD, "cv.docx")
    finally:
        del os.environ["TANDEM_SECRET_OF_THIS_TEST"]
    assert [pid for pid in processes("documents.reader_process") if b"TANDEM" in environment(pid)] == []


@pytest.mark.slow
async def test_who_does_nothing_is_killed_when_its_time_is_over() -> None:
    reading = asyncio.create_task(read("resume", encoded(scanned(LINES * 4, size=20)), "cv.png"))
    while not (children := readers()):  # noqa: ASYNC110 - of a process that is not ours nobody tells
        await asyncio.sleep(0.01)
    os.kill(children[0], signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(Unreadable, match="more than 20 seconds"):
        await reading
    assert time.monotonic() - began < 24


def environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def processes(named: str) -> list[int]:
    """Those of our own processes and of their children that run this module."""
    found, ours = [], {os.getpid()}
    for folder in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            parent = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            if parent in ours and named.encode() in folder.joinpath("cmdline").read_bytes():
                ours.add(int(folder.name))
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def readers() -> list[int]:
    """The children that read at this moment."""
    forking = processes("documents.reader_process")[:1]
    return [pid for pid in processes("documents.reader_process") if pid not in forking]
