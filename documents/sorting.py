"""Sorting: what a file among many is, a résumé, a call's transcript or its recording, and what was read of it."""

from __future__ import annotations

from collections import Counter
from typing import Literal, NamedTuple

from documents.decoding import Unreadable
from documents.document_reader import Reading
from documents.limited_process import read
from documents.recordings import is_recording
from domain.evidence.resume import Resume
from domain.evidence.transcript import Transcript

_NO_CALLS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8", b"BM", b"RIFF")
"""How files begin that no meeting tool exports a transcript as."""

_FEWEST_TURNS = 4
_OF_RESUMES = frozenset({"work", "education", "skills", "languages", "certificates", "projects", "volunteer"})

PERHAPS_CALL = "It may be the transcript of a call: is it a résumé?"
NO_SECTIONS = "None of the sections that résumés have was found in it: is it a résumé?"
PERHAPS_RESUME = "It may be a résumé: is it the transcript of a call?"


class Sorted(NamedTuple):
    """What a file is, with what was read of it; `asks` is what a person has to say where that is not sure."""

    kind: Literal["resume", "transcript", "recording"]
    reading: Reading | None = None
    asks: tuple[str, ...] = ()


async def sort(data: bytes, name: str) -> Sorted:
    """Reads a file as what it is. Raises Unreadable, with the sentence of the reading as a résumé."""
    if is_recording(data):
        return Sorted("recording")
    resume: Reading | None = None
    why: Unreadable | None = None
    try:
        resume = await read("resume", data, name)
    except Unreadable as unreadable:
        why = unreadable
    call = None if data.startswith(_NO_CALLS) else await _as_call(data, name)
    if call is None or not isinstance(call.text, Transcript):
        if resume is None:
            assert why is not None, "neither read nor refused"
            raise why
        return Sorted("resume", resume, () if _sections_of(resume) else (NO_SECTIONS,))
    spoken = _is_spoken(call.text)
    if resume is None:
        if spoken or call.text.tool:
            return Sorted("transcript", call)
        assert why is not None, "neither read nor refused"
        raise why
    written = _sections_of(resume)
    if resume.media_type == "application/json" and "JSON" not in call.text.tool:
        return Sorted("resume", resume)
    if written >= 2 or not spoken:
        return Sorted("resume", resume, (PERHAPS_CALL,) if spoken or not written else ())
    return Sorted("transcript", call, (PERHAPS_RESUME,) if written else ())


async def _as_call(data: bytes, name: str) -> Reading | None:
    try:
        return await read("transcript", data, name)
    except Unreadable:
        return None


def _is_spoken(call: Transcript) -> bool:
    """Whether two people at least speak by turns, each more than once, as in a call."""
    turns = Counter(turn.speaker for turn in call.turns)
    return len(call.turns) >= _FEWEST_TURNS and sum(count > 1 for count in turns.values()) >= 2


def _sections_of(read_as_resume: Reading) -> int:
    """How many of the sections that résumés have it has."""
    assert isinstance(read_as_resume.text, Resume), "read as a résumé"
    return len({section.name for section in read_as_resume.text.sections} & _OF_RESUMES)
