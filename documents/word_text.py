"""Word documents (.docx) of transcripts → their text, paragraphs apart.

Run it where the reader may be killed: limits are checked before anything is unpacked.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from documents.attribution import Account, written
from documents.decoding import LARGEST_BYTES, Unreadable

_MOST_ENTRIES = 2_000
_MOST_INFLATED = 30 * 1024 * 1024
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_NOT_SHOWN = {f"{_WORD}del", f"{_WORD}moveFrom", f"{_WORD}instrText", f"{_WORD}delText", _FALLBACK}


def is_archive(data: bytes) -> bool:
    """Whether the bytes begin as a zip archive does, which Word documents are."""
    return data.startswith(b"PK\x03\x04")


def word_text(data: bytes, file: str, account: Account) -> str:
    """Return the text of a Word document; headers, footers and notes are left out and counted.

    Raises Unreadable for any other archive, and for what is damaged, locked or too large inside.
    """
    if len(data) > LARGEST_BYTES:
        raise Unreadable(f"{file} is larger than {LARGEST_BYTES // 1024**2} MB. Upload the text alone.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if "word/document.xml" not in entries:
                raise Unreadable(f"{file} is an archive, and no Word document. Upload the transcript in it.")
            if len(entries) > _MOST_ENTRIES:
                raise Unreadable(f"{file} has too many parts for a transcript. Export it as text and upload that.")
            body = "\n".join(_lines(_parsed(archive, entries["word/document.xml"], file)))
            for part in entries:
                if part.startswith(("word/header", "word/footer", "word/footnotes", "word/endnotes", "word/comments")):
                    words = "".join(_lines(_parsed(archive, entries[part], file)))
                    account.leaves_out("furniture", written(words))
            return body
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ParseError):
        raise Unreadable(f"{file} is a damaged or locked Word document. Save it again, or export it as text.") from None
    except DefusedXmlException:
        raise Unreadable(f"{file} is no Word document that Word wrote. Export it as text and upload that.") from None


def _parsed(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: str) -> Element:
    with archive.open(entry) as part:
        xml = part.read(_MOST_INFLATED + 1)
    if len(xml) > _MOST_INFLATED:
        raise Unreadable(f"{file} is too large inside. Export it as text and upload that.")
    root: Element = defusedxml.ElementTree.fromstring(xml, forbid_dtd=True)
    return root


def _lines(root: Element) -> Iterator[str]:
    """The text of each paragraph, a blank line behind it; a break inside one begins a new line."""
    line: list[str] = []
    # Each element is met before and after its children, without recursion: depth is the sender's choice.
    waiting: list[tuple[Element, bool]] = [(root, False)]
    while waiting:
        element, done = waiting.pop()
        if done or element.tag in (f"{_WORD}br", f"{_WORD}cr"):
            yield "".join(line)
            line = []
            if done:
                yield ""
            continue
        if element.tag in _NOT_SHOWN:
            continue
        if element.tag == f"{_WORD}t":
            line.append(element.text or "")
        elif element.tag in (f"{_WORD}tab", f"{_WORD}noBreakHyphen"):
            line.append("\t" if element.tag == f"{_WORD}tab" else "-")
        if element.tag == f"{_WORD}p":
            waiting.append((element, True))
        waiting.extend((child, False) for child in reversed(element))
    yield "".join(line)
