"""Recordings: told by how they begin, looked at, and cut where nobody speaks, whatever is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents import recordings
from documents.recordings import UnreadableRecording, cut, is_recording, look_at
from settings import ROOT
from testing.sound import length_of, recorded

SPEECH = ((9.4, 1.0), (0.6, 0.0)) * 4
"""Forty seconds: sentences, and a pause of 600 ms after each."""

KINDS = {
    "wav": ("wav", "pcm_s16le", False, "audio/wav"),
    "mp3": ("mp3", "libmp3lame", False, "audio/mpeg"),
    "m4a": ("mp4", "aac", False, "audio/mp4"),
    "mp4": ("mp4", "aac", True, "video/mp4"),
    "webm": ("webm", "libopus", True, "video/webm"),
    "ogg": ("ogg", "libopus", False, "audio/ogg"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_meeting_tools_export_is_known_and_read_to_its_end(kind: str) -> None:
    container, codec, video, media_type = KINDS[kind]
    file = recorded(((2.0, 1.0), (1.0, 0.0)), container, codec, video)

    assert is_recording(file[:64])
    facts = look_at([file[:100], file[100:]], len(file))
    assert facts.media_type == media_type
    (piece,) = cut([file], len(file), 60)
    assert (piece.start_ms, pytest.approx(3_000, abs=80)) == (0, piece.end_ms)
    assert length_of(piece.content) == pytest.approx(3.0, abs=0.1)


def test_documents_are_no_recordings() -> None:
    samples = [path for path in (ROOT / "samples").rglob("*") if path.suffix in (".vtt", ".srt", ".txt", ".json")]
    assert len(samples) > 10
    written = [path.read_bytes()[:64] for path in samples]
    others = [
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\xff\xd8\xff\xe0\0\x10JFIF",
        b"\xff\xfea\0b\0",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"",
    ]
    assert not [start for start in (*written, *others, b"\0\0\0\x18ftypheic") if is_recording(start)]


def test_it_is_cut_in_pauses_and_what_is_left_out_is_nothing() -> None:
    file = recorded(SPEECH)

    pieces = list(cut([file], len(file), 22))

    assert [piece.start_ms for piece in pieces[1:]] == [piece.end_ms for piece in pieces[:-1]]
    assert (pieces[0].start_ms, pieces[-1].end_ms) == (0, 40_000)
    for piece in pieces[:-1]:
        assert 9_400 <= piece.end_ms % 10_000 < 10_000, "cut while somebody spoke"
    assert all(length_of(one.content) * 1000 == pytest.approx(one.end_ms - one.start_ms, abs=60) for one in pieces)
    assert [one.content for one in cut([file], len(file), 22)] == [one.content for one in pieces]


def test_who_never_pauses_is_cut_all_the_same() -> None:
    file = recorded(((30.0, 1.0),))

    pieces = list(cut([file], len(file), 10))

    assert len(pieces) >= 3
    assert all(piece.end_ms - piece.start_ms <= 10_000 for piece in pieces)
    assert pieces[-1].end_ms == 30_000


def test_no_piece_is_larger_than_endpoints_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "PIECE_BYTES", 60_000)
    file = recorded(SPEECH)

    pieces = list(cut([file], len(file), 3600))

    assert len(pieces) > 3
    assert max(len(piece.content) for piece in pieces) <= 60_000
    assert pieces[-1].end_ms == 40_000


WAV = recorded(((1.0, 1.0),))


@pytest.mark.parametrize(
    ("file", "code"),
    [
        pytest.param(recorded((), "mp4", video=True), "no_sound", id="pictures alone"),
        pytest.param(WAV[: WAV.index(b"data") + 8], "no_sound", id="a header alone"),
        pytest.param(b"OggS" + b"\x07" * 5_000, "damaged", id="not what it begins as"),
        pytest.param(recorded(((2.0, 1.0),), "mp4", "aac")[:3_000], "damaged", id="cut off before its index"),
        pytest.param(b"\x1aE\xdf\xa3" + b"\xff" * 200, "damaged", id="sizes that are none"),
        pytest.param(b"", "damaged", id="empty"),
        pytest.param(b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + b"A" * 1_000, "damaged", id="a tag without end"),
        pytest.param(b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "damaged", id="a list of files"),
        pytest.param(b"ffconcat version 1.0\nfile /etc/hostname\n", "damaged", id="a script of files"),
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_else_happens(file: bytes, code: str) -> None:
    with pytest.raises(UnreadableRecording) as looked:
        look_at([file], len(file))
    with pytest.raises(UnreadableRecording) as read:
        list(cut([file], len(file), 60))
    assert {looked.value.code, read.value.code} == {code}


def test_a_recording_is_no_longer_than_it_may_be_whatever_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "LONGEST_SECONDS", 5)
    lies = bytearray(recorded(((10.0, 1.0),)))
    at = lies.index(b"data") + 4
    lies[at : at + 4] = (32_000).to_bytes(4, "little")  # a second, it says
    honest = recorded(((10.0, 1.0),), "ogg", "libopus")

    with pytest.raises(UnreadableRecording, match="too_long"):
        list(cut([honest], len(honest), 60))
    with pytest.raises(UnreadableRecording, match="too_long"):
        look_at([honest], len(honest))
    assert sum(one.end_ms - one.start_ms for one in cut([bytes(lies)], len(lies), 60)) <= 5_000


def test_whoever_gives_up_in_the_middle_leaves_no_process(tmp_path: Path) -> None:
    file = recorded(SPEECH)
    pieces = cut([file], len(file), 5)
    next(pieces)
    pieces.close()

    def breaks_off() -> object:
        yield file[:1000]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        look_at(breaks_off(), len(file))  # type: ignore[arg-type]
