"""Bytes a person uploaded → text, or a sentence that says what is wrong with them."""

import re
from pathlib import PurePath
from typing import ClassVar

from documents.legacy_encodings import legacy_text, once_decoded

LARGEST_BYTES = 5 * 1024 * 1024

_KNOWN_BY_FIRST_BYTES = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a Word document or another archive",
    b"\xd0\xcf\x11\xe0": "an old Word document",
    b"{\\rtf": "an RTF document",
    b"\x1a\x45\xdf\xa3": "a recording",
    b"RIFF": "a recording",
    b"ID3": "a recording",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
# The envelope of a form with a file in it, as browsers and `curl -F` send one.
_MULTIPART = re.compile(
    rb"\s{0,4}--[^\r\n]{1,200}\r?\n(?:[\w-]{1,60}:[^\r\n]{0,500}\r?\n){0,5}?Content-Disposition:", re.I
)
_BASE64 = re.compile(rb"(?:data:[\w/+.;=-]{1,100},)?[A-Za-z0-9+/\r\n]{160,}={0,2}")
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


class Unreadable(Exception):
    """A document that cannot be read; `sentence` tells its sender what is wrong and what would help."""

    code: ClassVar[str] = "unreadable"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def shown(name: str) -> str:
    """Return the last part of a file's name, short and printable, for use in a sentence."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(character for character in last if character.isprintable())[:60] or "The file"


def decoded(data: bytes, name: str) -> str:
    """Return the text in `data`: UTF-8, UTF-16, or a legacy encoding where only one makes sense; LF line ends.

    Raises Unreadable for what is too large, empty, cut off inside a character, damaged, in an envelope or not text.
    """
    file = shown(name)
    if len(data) > LARGEST_BYTES:
        raise Unreadable(f"{file} is larger than {LARGEST_BYTES // 1024**2} MB. Upload the text alone.")
    if not data.strip():
        raise Unreadable(f"{file} is empty.")
    for start, kind in _KNOWN_BY_FIRST_BYTES.items():
        if data.startswith(start):
            raise Unreadable(f"{file} is {kind}, not text. Export it as text and upload that.")
    if _MULTIPART.match(data[:5_000]):
        raise Unreadable(f"{file} came inside a form (multipart/form-data). Send the file itself as the body.")
    if _BASE64.fullmatch(data.strip()):
        raise Unreadable(f"{file} is encoded as Base64, not text. Decode it, and upload the document in it.")
    text = _text(data, file).removeprefix("\ufeff")
    if "\0" in text or len(_CONTROL.findall(text)) * 100 > len(text):
        raise Unreadable(f"{file} is not text. Export it as UTF-8 text and upload that.")
    if not text.strip():
        raise Unreadable(f"{file} is empty.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(data: bytes, file: str) -> str:
    wide = _utf_16(data)
    try:
        return once_decoded(data.decode(wide or "utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError:
        if wide:
            raise Unreadable(f"{file} is cut off or damaged. Export it again.") from None
    attempt = data.decode("utf-8", errors="replace")
    damaged = attempt.count("\ufffd")
    if sum(character > "\x7f" for character in attempt) > 2 * damaged:
        raise Unreadable(f"{file} is cut off or damaged: {damaged} of its characters cannot be read. Export it again.")
    if _CONTROL_BYTES.search(data):
        raise Unreadable(f"{file} is not text. Export it as UTF-8 text and upload that.")
    text = legacy_text(data)
    if text is None:
        raise Unreadable(f"{file} is in an encoding that cannot be told for sure. Save it as UTF-8 and upload that.")
    return text


def _utf_16(data: bytes) -> str | None:
    """Which UTF-16 it is, by its mark, or by the zeros of which half of its letters consist."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = data[:4_000]
    zeros = (sample[0::2].count(0), sample[1::2].count(0))
    if len(sample) >= 8 and max(zeros) * 10 > len(sample) * 3 and min(zeros) * 20 < len(sample):
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    return None
