"""`python -m tests.documents.limited_process NAME`: does what somebody froze the API with, within limits of the system.

It is killed after `SECONDS` of CPU time, and gets no more than `BYTES` of memory besides what it had when it began.
"""

from __future__ import annotations

import contextlib
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from api.payload_limits import storable
from documents.decoding import Unreadable
from documents.resumes import read_resume
from documents.transcripts import read_transcript
from domain.core.source_text import SourceText, normalised
from language.injection_filter import addresses_a_machine
from privacy.pseudonyms import Pseudonyms, reaches_somebody

SECONDS = 3
BYTES = 200 * 1024 * 1024

MARKS = "a" + "\u0301\u0323" * 40_000
SUBTITLES = "1\n00:00:01,000 --> 00:00:02,000\nMarcus Bell: " + "1\n" * 18_000
ONE_LETTER = "a" * 80_000
DEEP = b'{"work":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
DEEP_OBJECTS = b'{"work":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001


def _refused(read: Callable[[bytes, str], object], body: bytes, name: str) -> Callable[[], None]:
    def run() -> None:
        try:
            read(body, name)
        except Unreadable:
            return
        raise AssertionError("it was read")

    return run


def _in_the_worker(text: str) -> Callable[[], None]:
    def run() -> None:
        Pseudonyms(("Nadia Brenner",)).hide(text)
        reaches_somebody(text)
        addresses_a_machine(text[:20_000])

    return run


def _locates(text: str, words: str) -> Callable[[], None]:
    def run() -> None:
        assert SourceText.model_construct(text=text).locate(words) is None

    return run


def _marks() -> None:
    for read, name in ((read_transcript, "call.txt"), (read_resume, "cv.txt")):
        with contextlib.suppress(Unreadable):
            read(MARKS.encode(), name)
    SourceText(text=normalised(MARKS))


def _subtitles() -> None:
    with contextlib.suppress(Unreadable):
        read_transcript(SUBTITLES.encode(), "call.srt")


def _half_a_character() -> None:
    assert not storable("\ud800")
    for read in (read_resume, read_transcript):
        with contextlib.suppress(Unreadable):
            read("\ud800 of the permits office".encode("utf-8", "surrogatepass") * 2_000, "cv.json")


def _freezes() -> None:
    while True:
        pass


NAMED: dict[str, Callable[[], None]] = {
    "160 KB of combining marks": _marks,
    "36 KB of a subtitle file": _subtitles,
    "a quote against one letter": _locates(ONE_LETTER, "a" * 2_000 + "b"),
    "a quote of one letter against another": _locates("ab" * 40_000, "ab" * 1_000 + "c"),
    "an address without end": _in_the_worker("a." * 40_000 + "@"),
    "addresses that may be": _in_the_worker("a@" * 40_000),
    "a link without end": _in_the_worker("http:" + "/" * 80_000),
    "links": _in_the_worker("https://www." * 7_000),
    "a list in a list": _refused(read_resume, b'{"work":[[]]}', "cv.json"),
    "depth": _refused(read_resume, DEEP, "cv.json"),
    "depth of objects": _refused(read_resume, DEEP_OBJECTS, "cv.json"),
    "half a character": _half_a_character,
    "half a character, escaped": _refused(read_resume, b'{"work":["' + b"\\ud800" * 20_000 + b'"]}', "cv.json"),
    "what freezes": _freezes,
    "what grows": lambda: bytearray(4 * BYTES).clear(),
}
"""What the tests name; the last two are no input: they are what the limits are there for."""


def _size() -> int:
    """The address space of this process; where nobody says, none."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[0]) * resource.getpagesize() if status.exists() else 0


if __name__ == "__main__":
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    used = int(time.process_time()) + SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (used, used + 1))
    if size := _size():
        resource.setrlimit(resource.RLIMIT_AS, (size + BYTES, size + BYTES))
    NAMED[sys.argv[1]]()
