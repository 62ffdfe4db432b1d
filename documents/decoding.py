"""Bytes a person uploaded → text, or a sentence that says what is wrong with them."""

import re
from pathlib import PurePath
from typing import ClassVar

from charset_normalizer import from_bytes

LARGEST_BYTES = 5 * 1024 * 1024

# What meeting tools and editors still write beside UTF-8. Left to guess among all encodings, short texts are misread.
_LEGACY_ENCODINGS = ["cp1252", "cp1251", "cp1253", "cp1255", "cp932", "cp949", "gb18030", "big5"]
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
    """Return the text in `data`: UTF-8, UTF-16 with a byte order mark, or a common legacy encoding; LF line ends.

    Raises Unreadable for what is too large, empty, cut off inside a character, damaged or not text.
    """
    file = shown(name)
    if len(data) > LARGEST_BYTES:
        raise Unreadable(f"{file} is larger than {LARGEST_BYTES // 1024**2} MB. Upload the text alone.")
    if not data.strip():
        raise Unreadable(f"{file} is empty.")
    for start, kind in _KNOWN_BY_FIRST_BYTES.items():
        if data.startswith(start):
            raise Unreadable(f"{file} is {kind}, not text. Export it as text and upload that.")
    text = _text(data, file).removeprefix("\ufeff")
    if "\0" in text or len(_CONTROL.findall(text)) * 100 > len(text):
        raise Unreadable(f"{file} is not text. Export it as UTF-8 text and upload that.")
    if not text.strip():
        raise Unreadable(f"{file} is empty.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(data: bytes, file: str) -> str:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return data.decode("utf-16" if wide else "utf-8")
    except UnicodeDecodeError:
        if wide:
            raise Unreadable(f"{file} is cut off or damaged. Export it again.") from None
    attempt = data.decode("utf-8", errors="replace")
    damaged = attempt.count("\ufffd")
    if sum(character > "\x7f" for character in attempt) > 2 * damaged:
        raise Unreadable(f"{file} is cut off or damaged: {damaged} of its characters cannot be read. Export it again.")
    best = from_bytes(data, cp_isolation=_LEGACY_ENCODINGS).best()
    if best is None:
        raise Unreadable(f"{file} is not text in an encoding we know. Export it as UTF-8 text and upload that.")
    return str(best)
