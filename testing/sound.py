"""Sound for tests: tones and silences, in the forms in which meeting tools leave recordings."""

from __future__ import annotations

import io
from collections.abc import Iterable

import av
import numpy as np

RATE = 16_000

Stretch = tuple[float, float]
"""Seconds, and how loud from 0 to 1."""


def samples(stretches: Iterable[Stretch]) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """A tone, as loud as asked for."""
    parts = [
        (loud * 20_000 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * RATE)) / RATE)).astype(np.int16)
        for seconds, loud in stretches
    ]
    return np.concatenate(parts)


def recorded(
    stretches: Iterable[Stretch], container: str = "wav", codec: str = "pcm_s16le", video: bool = False
) -> bytes:
    """A file of this kind with that sound, and black pictures if asked for; of no stretches: pictures alone."""
    file, wanted = io.BytesIO(), tuple(stretches)
    with av.open(file, "w", format=container) as out:
        pictures = out.add_stream("mpeg4" if container == "mp4" else "vp8", rate=5) if video else None
        sound = out.add_stream(codec, rate=RATE, layout="mono") if wanted else None
        if pictures is not None:
            pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
            for _ in range(5):
                black = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
                out.mux(pictures.encode(black))
            out.mux(pictures.encode(None))
        if sound is not None:
            heard = samples(wanted)
            resampler = av.AudioResampler(sound.format, sound.layout, sound.rate, sound.frame_size or 1024)
            frame = av.AudioFrame.from_ndarray(heard.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = RATE
            for each in (*resampler.resample(frame), *resampler.resample(None)):
                out.mux(sound.encode(each))
            out.mux(sound.encode(None))
    return file.getvalue()


def length_of(sound: bytes) -> float:
    """How many seconds a file with sound lasts, decoded to its end."""
    with av.open(io.BytesIO(sound)) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
