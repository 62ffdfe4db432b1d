"""What a file is that was given about nobody yet: what it was read as, and what is found in it of whom it is about."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Literal

from api.document_remarks import in_a_sentence
from documents.contact_guesses import contact_in
from documents.decoding import Unreadable, shown
from documents.document_reader import LARGEST_FILE_BYTES, Reading
from documents.limited_process import read
from documents.recordings import is_recording
from documents.sorting import sort
from domain.evidence.resume import PagedText
from domain.evidence.transcript import Transcript
from store.media_types import ENDINGS
from store.waiting_files import FileContent, FileDetails

_READ_AS: Mapping[str, str] = {
    "application/pdf": "PDF",
    "application/msword": "Word",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.oasis.opendocument.text": "OpenDocument",
    "application/rtf": "Rich text",
    "application/json": "JSON",
    "text/vtt": "WebVTT",
    "application/x-subrip": "SubRip",
    "text/html": "HTML",
    "message/rfc822": "Mail",
    "text/plain": "Text",
}


async def looked_at(body: bytes, name: str, whole: int, country: str | None) -> tuple[FileDetails, FileContent | None]:
    """What a file is and what is found in it.

    `whole` is how many bytes it has, of which perhaps only the beginning came; `country` is where a telephone number
    is of that says no country. What cannot be read is told in the details, with why.
    """
    try:
        if whole > LARGEST_FILE_BYTES and not is_recording(body):
            raise Unreadable(f"{shown(name)} is larger than {LARGEST_FILE_BYTES // 1024**2} MB. Upload the text alone.")
        found = await sort(body, name)
    except Unreadable as unreadable:
        return FileDetails(name=name, kind="unreadable", says=unreadable.sentence), None
    if found.reading is None:
        return FileDetails(name=name, kind="recording", read_as="A recording"), None
    return await _details(found.reading, found.asks, name, country), _content(body, found.reading)


async def looked_at_as(
    kind: Literal["resume", "transcript"], body: bytes, name: str, country: str | None
) -> tuple[FileDetails, FileContent]:
    """The same of a file of which somebody said what it is. Raises Unreadable."""
    reading = await read(kind, body, name)
    return await _details(reading, (), name, country), _content(body, reading)


async def _details(reading: Reading, asks: tuple[str, ...], name: str, country: str | None) -> FileDetails:
    if isinstance(reading.text, Transcript):
        tool = reading.text.tool
        read_as = f"A transcript ({tool})" if tool else "A transcript"
        return FileDetails(name=name, kind="transcript", read_as=read_as, asks=asks, speakers=reading.text.speakers)
    assert isinstance(reading.text, PagedText), "a résumé is laid out on pages"
    remarks = reading.text.remarks
    by_ocr = any(remark.kind == "read_by_ocr" for remark in remarks)
    guess = await asyncio.to_thread(contact_in, reading.text.text, name, country, by_ocr)
    return FileDetails(
        name=name,
        kind="resume",
        read_as=_form_of(reading.media_type, reading.text.pages),
        remarks=tuple(map(in_a_sentence, remarks)),
        person=guess.name,
        email=guess.email,
        phone=guess.phone,
        asks=(*asks, *guess.asks),
    )


def _form_of(media_type: str, pages: int) -> str:
    """`PDF, 2 pages`."""
    form = _READ_AS.get(media_type) or ("A picture" if media_type.startswith("image/") else ENDINGS.get(media_type, ""))
    return f"{form}, {pages} {'page' if pages == 1 else 'pages'}" if pages else form


def _content(body: bytes, reading: Reading) -> FileContent:
    return FileContent(body, reading.text, reading.media_type, reading.pages)
