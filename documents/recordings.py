"""Recordings: audio and video, told by their first bytes, looked at and cut into pieces in a process of their own.

What comes back from that process is checked as any input is: it may have been written by the recording.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, NamedTuple

from pydantic import BaseModel, ValidationError

LONGEST_SECONDS = 4 * 3600
"""Of a recording."""

PIECE_BYTES = 24 * 1024**2
"""Of a piece: a little less than the 25 MB that endpoints take."""

_BYTES_A_SECOND = 6_000
"""More than a second of a piece takes, as it is encoded."""

_LOOKED_SECONDS, _CUT_SECONDS = 120.0, 30 * 60.0
_LONGEST_LINE = 10_000
_MOST_PIECES = 1_000


class UnreadableRecording(Exception):
    """A recording that cannot be read: `code` is `damaged`, `no_sound` or `too_long`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RecordingFacts(BaseModel):
    """What a recording says that it is."""

    seconds: float
    format: str
    video: bool

    @property
    def media_type(self) -> str:
        """Its media type, where it is one that is known."""
        names = set(self.format.split(","))
        for name, audio, video in _TYPES:
            if name in names:
                return video if self.video else audio
        return "application/octet-stream"


_TYPES = (
    ("mp4", "audio/mp4", "video/mp4"),
    ("webm", "audio/webm", "video/webm"),
    ("mp3", "audio/mpeg", "audio/mpeg"),
    ("ogg", "audio/ogg", "audio/ogg"),
    ("wav", "audio/wav", "audio/wav"),
)


class SoundPiece(NamedTuple):
    """A stretch of a recording, from and to when in milliseconds, as Ogg Opus."""

    start_ms: int
    end_ms: int
    content: bytes


class _Line(BaseModel):
    unreadable: str | None = None
    end: bool = False
    start_ms: int = 0
    end_ms: int = 0
    bytes: int = 0


_PLAIN_STARTS = (b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"ID3", b"#!AMR", b"caff", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")
_PICTURES = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis", b"avif", b"avis")


def is_recording(start: bytes) -> bool:
    """Whether a file that begins so is audio or video."""
    if start[4:8] == b"ftyp":
        return start[8:12] not in _PICTURES
    if start[:4] in (b"RIFF", b"RF64"):
        return start[8:12] in (b"WAVE", b"AVI ")
    if start[:4] == b"FORM":
        return start[8:12] in (b"AIFF", b"AIFC")
    if len(start) > 2 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0 and start[:2] not in (b"\xff\xfe", b"\xff\xff"):
        return (start[1] & 0x06) != 0 or (start[1] & 0xF6) == 0xF0  # a frame of MPEG audio, or of ADTS
    return start.startswith(_PLAIN_STARTS)


def look_at(parts: Iterable[bytes], size: int) -> RecordingFacts:
    """What a recording is. Raises UnreadableRecording, and what `parts` raise. Waits for it."""
    question = {"bytes": size, "only_looked": True, "longest_seconds": LONGEST_SECONDS}
    with _asked(question, parts, _LOOKED_SECONDS) as answer:
        line = answer.readline(_LONGEST_LINE)
        try:
            said = _Line.model_validate_json(line)
            if said.unreadable is None:
                return RecordingFacts.model_validate_json(line)
        except ValidationError:
            raise UnreadableRecording("damaged") from None
        raise _unreadable(said.unreadable)


def cut(parts: Iterable[bytes], size: int, piece_seconds: float) -> Iterator[SoundPiece]:
    """A recording's sound in pieces. Raises UnreadableRecording, and what `parts` raise. Waits for it."""
    question = {
        "bytes": size,
        "only_looked": False,
        "piece_seconds": min(piece_seconds, PIECE_BYTES / _BYTES_A_SECOND),
        "longest_seconds": LONGEST_SECONDS,
    }
    with _asked(question, parts, _CUT_SECONDS) as answer:
        for _ in range(_MOST_PIECES):
            try:
                said = _Line.model_validate_json(answer.readline(_LONGEST_LINE))
            except ValidationError:
                raise UnreadableRecording("damaged") from None
            if said.unreadable is not None:
                raise _unreadable(said.unreadable)
            if said.end:
                return
            content = answer.read(said.bytes) if 0 < said.bytes <= PIECE_BYTES else b""
            if not content or len(content) != said.bytes or not 0 <= said.start_ms < said.end_ms:
                raise UnreadableRecording("damaged")
            yield SoundPiece(said.start_ms, said.end_ms, content)
    raise UnreadableRecording("too_long")


def _unreadable(code: str) -> UnreadableRecording:
    return UnreadableRecording(code if code in ("no_sound", "too_long") else "damaged")


@contextmanager
def _asked(question: Mapping[str, object], parts: Iterable[bytes], seconds: float) -> Iterator[IO[bytes]]:
    """The answer of a process that is given the recording, and ended after so many seconds, or with the block."""
    process = subprocess.Popen(  # nosec B603  # this Python, and a module of ours
        [sys.executable, "-P", "-m", "documents.media_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),
        # Nothing else of ours: settings name keys and passwords.
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join(os.path.abspath(folder) for folder in sys.path),
        },
        start_new_session=True,
    )
    timer = threading.Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with suppress(BrokenPipeError):  # it says why it takes no more, or nothing, which is an answer too
            process.stdin.write(json.dumps(question).encode() + b"\n")
            for part in parts:
                process.stdin.write(part)
            process.stdin.close()
        yield process.stdout
    finally:
        timer.cancel()
        process.kill()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
        process.wait()
