"""`python -m documents.media_process`: reads one recording from standard input, within limits, and ends.

The first line of its input is a JSON object: `bytes` that follow, and whether `only_looked` at or cut into pieces. It
answers with lines of JSON on standard output: what the recording is; then, for each piece, when it begins and ends and
how many bytes of Ogg Opus follow the line; at the end `{"end": …}`. What it cannot read, it says in `unreadable`.
The recording is held in memory, once, and nowhere else. Whoever asks takes no more on trust than that.
"""

import io
import json
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import av
import numpy as np

from documents.confinement import leave_network

RATE = 16_000
"""Samples a second of what is sent: what speech models hear, whatever they are given."""

BIT_RATE = 32_000

_ENCODED = {"vbr": "constrained", "application": "voip"}

SECONDS = 20 * 60
"""Of CPU: four hours of speech take a few minutes."""

MEMORY_BYTES = 1024**3
"""Beside the recording itself."""

OPEN_FILES = 64

_PART = 1024 * 1024

_WINDOW = RATE // 50
"""Loudness is looked at in stretches of 20 ms."""

_PAUSE = 15
"""So many of them in a row are a silence that somebody may be cut in."""

_QUIET = 0.1
"""Of the usual loudness around it: below that is silence."""

_SEARCHED = 0.2
"""How much of a piece's end is searched for a silence."""


class NotReadable(Exception):
    """Why a recording cannot be read, as a code."""


class Piece(NamedTuple):
    """A stretch of the recording, in samples, as Ogg Opus."""

    start: int
    end: int
    content: bytes


class _Encoder:
    def __init__(self, start: int) -> None:
        self.start, self.samples = start, 0
        self._file = io.BytesIO()
        # Without it Ogg's serial numbers differ each time.
        self._container = av.open(self._file, "w", format="ogg", options={"fflags": "+bitexact"})
        self._stream = self._container.add_stream(
            "libopus", rate=RATE, bit_rate=BIT_RATE, layout="mono", options=_ENCODED
        )

    def take(self, samples: "np.ndarray[Any, np.dtype[np.int16]]") -> None:
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, self.samples
        self.samples += len(samples)
        self._container.mux(self._stream.encode(frame))

    def finished(self) -> Piece:
        self._container.mux(self._stream.encode(None))
        self._container.close()
        return Piece(self.start, self.start + self.samples, self._file.getvalue())


def pieces(recording: BinaryIO, piece_seconds: float, longest_seconds: float) -> Iterator[Piece]:
    """The recording's sound in pieces of at most so many seconds, cut where nobody speaks if that can be.

    Raises NotReadable for what has no sound, is damaged, or is longer than it may be.
    """
    most, longest = int(piece_seconds * RATE), int(longest_seconds * RATE)
    kept_whole = int(most * (1 - _SEARCHED))
    encoder, held, total = _Encoder(0), np.zeros(0, np.int16), 0
    for heard in _sound(recording):
        total += len(heard)
        if total > longest:
            raise NotReadable("too_long")
        held = np.concatenate((held, heard))
        # What the piece has for certain goes to the encoder; its end waits until it is known where to cut.
        if (certain := min(len(held), kept_whole - encoder.samples)) > 0:
            encoder.take(held[:certain])
            held = held[certain:]
        while encoder.samples + len(held) > most:
            room = most - encoder.samples
            cut = quietest(held[:room])
            encoder.take(held[:cut])
            yield encoder.finished()
            encoder, held = _Encoder(encoder.start + encoder.samples), held[cut:]
            if certain := min(len(held), kept_whole):
                encoder.take(held[:certain])
                held = held[certain:]
    if total == 0:
        raise NotReadable("no_sound")
    if len(held):
        encoder.take(held)
    if encoder.samples:
        yield encoder.finished()


def quietest(samples: "np.ndarray[Any, np.dtype[np.int16]]") -> int:
    """Where to cut: in the middle of the last silence, or where it is least loud; at least one window from the start.

    A silence is much less loud than what is around it.
    """
    windows = len(samples) // _WINDOW
    if windows <= _PAUSE:
        return len(samples)
    stretches = samples[: windows * _WINDOW].reshape(windows, _WINDOW).astype(np.float32)
    loud = np.sqrt((stretches**2).mean(axis=1))
    pauses = np.convolve(loud, np.ones(_PAUSE, np.float32) / _PAUSE, "valid")
    silent = np.flatnonzero(pauses <= _QUIET * max(float(np.percentile(loud, 75)), 1.0))
    first = int(silent[-1]) if len(silent) else int(pauses.argmin())
    return (first + _PAUSE // 2 + 1) * _WINDOW


def _sound(recording: BinaryIO) -> Iterator["np.ndarray[Any, np.dtype[np.int16]]"]:
    """The sound as mono samples, 16 bits each."""
    try:
        with av.open(recording, metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise NotReadable("no_sound")
            stream = container.streams.audio[0]
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in _frames(container, stream):
                for resampled in resampler.resample(frame):
                    yield resampled.to_ndarray().reshape(-1).astype(np.int16, copy=False)
    except av.FFmpegError:
        raise NotReadable("damaged") from None


def _frames(container: Any, stream: Any) -> Iterator[Any]:
    """Its frames, then None; a packet that is damaged is passed over, as players do, unless nothing else is there."""
    heard = failed = 0
    for packet in container.demux(stream):
        try:
            for frame in packet.decode():
                heard += 1
                yield frame
        except av.InvalidDataError:
            failed += 1
            if failed > 100 and failed > heard:
                raise
    if not heard:
        raise NotReadable("damaged" if failed else "no_sound")
    yield None


def _looked_at(recording: BinaryIO, longest_seconds: float) -> dict[str, Any]:
    """How long the recording says it is, and whether its sound can be decoded: a second of it is."""
    samples = 0
    for heard in _sound(recording):
        samples += len(heard)
        if samples >= RATE:
            break
    if not samples:
        raise NotReadable("no_sound")
    recording.seek(0)
    with av.open(recording, "r", metadata_errors="ignore") as container:
        duration = (container.duration or 0) / av.time_base
        video = bool(container.streams.video) and "image2" not in container.format.name
        format_name = container.format.name
    if duration > longest_seconds:
        raise NotReadable("too_long")
    return {"seconds": duration, "format": format_name, "video": video}


def _limit(size: int) -> None:
    statm = Path("/proc/self/statm")
    used = int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 0
    limits = {
        resource.RLIMIT_AS: used + MEMORY_BYTES + 2 * size,
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in limits.items():
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Answers one question."""
    asked = json.loads(sys.stdin.buffer.readline())
    leave_network()
    _limit(asked["bytes"])
    av.logging.set_level(None)
    recording, out = io.BytesIO(), sys.stdout.buffer
    while part := sys.stdin.buffer.read(_PART):
        recording.write(part)
    recording.seek(0)

    def say(said: dict[str, Any]) -> None:
        out.write(json.dumps(said).encode() + b"\n")

    try:
        if asked["only_looked"]:
            say(_looked_at(recording, asked["longest_seconds"]))
        else:
            for piece in pieces(recording, asked["piece_seconds"], asked["longest_seconds"]):
                start, end = (round(at * 1000 / RATE) for at in (piece.start, piece.end))
                say({"start_ms": start, "end_ms": end, "bytes": len(piece.content)})
                out.write(piece.content)
            say({"end": True})
    except NotReadable as why:
        say({"unreadable": str(why)})
    except MemoryError:
        say({"unreadable": "damaged"})
    out.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
