"""What sorts of files are known, by their media types: what is kept of what an upload says that it is.

It is in the clear, and callers write names of files into it: nothing but these is taken.
"""

from __future__ import annotations

from collections.abc import Mapping

UNKNOWN_TYPE = "application/octet-stream"

ENDINGS: Mapping[str, str] = {
    "application/json": ".json",
    "application/msword": ".doc",
    "application/pdf": ".pdf",
    "application/rtf": ".rtf",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/x-subrip": ".srt",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "audio/webm": ".weba",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "message/rfc822": ".eml",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "text/rtf": ".rtf",
    "text/srt": ".srt",
    "text/vtt": ".vtt",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}
"""How the name of a file of each known type ends."""

_BEGINS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"WEBVTT", "text/vtt"),
    (b"{", "application/json"),
)


def known_type(said: str) -> str:
    """The known media type that somebody `said`, without what else they wrote."""
    bare = said.partition(";")[0].strip().lower()
    return bare if bare in ENDINGS else UNKNOWN_TYPE


def type_of(content: bytes) -> str:
    """A media type by how the content begins."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    plain = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((kind for begins, kind in _BEGINS if content.startswith(begins) or plain.startswith(begins)), "")


def ending_of(media_type: str, content: bytes) -> str:
    """How the name of a file ends that was given as `media_type`: by its content where that is sure."""
    return ENDINGS.get(type_of(content) or media_type, ".txt")
