"""Word and OpenDocument files are zip archives of XML: opened within limits, and without what XML may ask for."""

import io
import zipfile
import zlib
from typing import Any

from lxml import etree

from documents.decoding import Unreadable

MOST_ENTRIES = 2_000
MOST_INFLATED = 100 * 1024**2
MOST_OF_A_PART = 24 * 1024**2
MOST_RATIO = 200
_RATIO_FROM = 1024**2

Element = Any
"""An element of `lxml`, which says nothing of its types."""


class Archive:
    """The parts of an archive, by name."""

    def __init__(self, data: bytes, file: str) -> None:
        self._file = file
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(_few_entries(data, file)))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
            raise self._damaged() from None
        entries = self._zip.infolist()
        if any(entry.flag_bits & 1 for entry in entries):
            raise Unreadable(f"{file} is locked with a password. Save it without one and upload that.")
        inflated, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
        if inflated > MOST_INFLATED or (inflated > _RATIO_FROM and inflated > MOST_RATIO * max(packed, 1)):
            raise _bomb(file)
        self.names = frozenset(entry.filename for entry in entries)

    def part(self, name: str) -> bytes:
        """Return a part as it is; raises Unreadable if it is too large or damaged, KeyError if there is none."""
        try:
            with self._zip.open(name) as opened:
                content = opened.read(MOST_OF_A_PART + 1)
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError):
            raise self._damaged() from None
        if len(content) > MOST_OF_A_PART:
            raise _bomb(self._file)
        return content

    def xml(self, name: str) -> Element:
        """Return the root of a part that is XML. Nothing outside is fetched, no entity is put in, depth is bounded."""
        # A parser of its own each time: one that saw a damaged part is not used again.
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(self.part(name), parser)
        except (etree.XMLSyntaxError, ValueError):
            raise self._damaged() from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise Unreadable(f"{self._file} holds definitions that no office program writes. Save it again.")
        return root

    def _damaged(self) -> Unreadable:
        return Unreadable(f"{self._file} is cut off or damaged: its archive cannot be read. Save it again.")


def _few_entries(data: bytes, file: str) -> bytes:
    """Look at how many entries an archive says it has, before its whole directory is read."""
    end = data.rfind(b"PK\x05\x06")
    said = int.from_bytes(data[end + 10 : end + 12], "little") if end >= 0 else 0
    if said > MOST_ENTRIES or data.count(b"PK\x01\x02") > MOST_ENTRIES:
        raise _bomb(file)
    return data


def _bomb(file: str) -> Unreadable:
    return Unreadable(f"{file} is packed so tightly that it is no document. Save it again, or upload it as PDF.")
