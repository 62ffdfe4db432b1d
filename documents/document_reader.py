"""Any upload → its text, what it really is, and pictures of its pages. Runs in the process of `reader_process`."""

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from documents.decoding import LARGEST_BYTES, Unreadable, shown
from documents.extracts import Extract, lines_of, paged
from documents.resumes import read_resume, resume_of
from documents.transcripts import read_transcript, transcript_of
from domain.core.source_text import SourceText
from domain.evidence.received_mail import ReceivedMail
from domain.evidence.resume import PagedText, Resume
from domain.evidence.transcript import Transcript

Kind = Literal["transcript", "resume", "notes", "work_sample", "reference"]
ReadAs = Kind | Literal["mail"]

TEXT_OF: dict[ReadAs, type[SourceText]] = {
    "transcript": Transcript,
    "resume": Resume,
    "notes": PagedText,
    "work_sample": PagedText,
    "reference": PagedText,
    "mail": ReceivedMail,
}
"""What the text of each kind is; a mail is never uploaded: it comes in."""

PICTURE_TYPE, PICTURE_STARTS = "image/png", b"\x89PNG\r\n\x1a\n"
"""What pictures of pages are."""

LARGEST_FILE_BYTES = 10 * 1024 * 1024
_DOC_SECONDS = 10.0
_CALLED = {"application/pdf": "PDF", "application/rtf": "RTF", "text/html": "HTML", "message/rfc822": "mail"}
_HTML_STARTS = re.compile(
    rb"(?:<!--(?:(?!-->).)*-->\s*)*(?:<!doctype html|<(?:html|head|body|meta|title|style|link|table|div|p|h[1-6]|span"
    rb"|font|center|section|article|main|header|ul|ol|b|strong)(?=[\s>/]))|<!-- saved",
    re.I | re.S,
)
_PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8", b"BM")
_APPLE = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")


class Reading(NamedTuple):
    """What was read: a text of the kind's class, the true media type, and pictures of the pages where there are any."""

    text: SourceText
    media_type: str
    pages: tuple[bytes, ...] = ()


def read_document(kind: ReadAs, data: bytes, name: str, participants: Sequence[str] = ()) -> Reading:
    """Read an upload, whatever its name says; raises Unreadable, with a sentence, for what cannot be read."""
    file = shown(name)
    if len(data) > LARGEST_FILE_BYTES:
        raise Unreadable(f"{file} is larger than {LARGEST_FILE_BYTES // 1024**2} MB. Upload the text alone.")
    if kind == "mail":
        from documents.received_mails import MEDIA_TYPE as RECEIVED
        from documents.received_mails import read_received

        return Reading(read_received(data, file), RECEIVED)
    reader = _reader(data, file)
    if reader is None:
        return _text(kind, data, name, participants)
    if kind == "transcript":
        from documents.word import read_word

        if reader is read_word:
            return _spoken_in_word(data, name, participants)
    extract = reader(data, file)
    if kind == "resume":
        text: SourceText = resume_of(extract, file)
    elif kind == "transcript":
        said = "\n".join(f"\n{line.text}" if line.apart else line.text for line in extract.lines)
        text = transcript_of(said, name, participants, inside=_CALLED.get(extract.media_type, ""))
    else:
        text = paged(extract)
    return Reading(text, extract.media_type, extract.images)


def _reader(data: bytes, file: str) -> Callable[[bytes, str], Extract] | None:
    """Who reads this, as its first bytes say; None for text. Each format's libraries are loaded where they are used."""
    begins = data[:4_096]
    if begins.startswith((b"\xff\xfe", b"\xfe\xff")):
        begins = begins.decode("utf-16", "ignore").encode()
    start = begins.lstrip(b"\xef\xbb\xbf\r\n\t ")
    if b"%PDF-" in data[:1_024]:
        from documents.pdf import read_pdf

        return read_pdf
    if data.startswith(b"PK"):
        return _in_an_archive(data, file)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return _old_word
    if start.startswith(b"{\\rtf"):
        from documents.rich_text import read_rich_text

        return read_rich_text
    if data.startswith(_PICTURES) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        from documents.pictures import read_picture

        return read_picture
    if data[4:8] == b"ftyp" and data[8:12] in _APPLE:
        raise Unreadable(f"{file} is a picture as iPhones keep them (HEIC). Save it as JPEG or PDF and upload that.")
    if _HTML_STARTS.match(start) or (start.startswith(b"<?xml") and b"<html" in data[:2_000].lower()):
        from documents.html_pages import read_html

        return read_html
    from documents.mails import is_mail, read_mail

    if is_mail(data):
        return read_mail
    if data.startswith((b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")):
        raise Unreadable(f"{file} is an archive. Unpack it, and upload the document in it.")
    return None


def _spoken_in_word(data: bytes, name: str, participants: Sequence[str]) -> Reading:
    """A call as Teams and others save it: what is said is in the body, and nothing around it is."""
    from documents.word import MEDIA_TYPE, word_text

    found = word_text(data, shown(name), apart=True)
    around = (*found.heads, *found.notes, *found.feet)
    return Reading(transcript_of(found.body, name, participants, "Word", around), MEDIA_TYPE)


def _in_an_archive(data: bytes, file: str) -> Callable[[bytes, str], Extract]:
    from documents.archives import Archive
    from documents.open_document import MEDIA_TYPE as OPEN_DOCUMENT
    from documents.open_document import read_open_document
    from documents.word import read_word

    archive = Archive(data, file)
    if "[Content_Types].xml" in archive.names and any(name.startswith("word/") for name in archive.names):
        return read_word
    if "mimetype" in archive.names and archive.part("mimetype").strip() == OPEN_DOCUMENT.encode():
        return read_open_document
    if any(name.endswith(".iwa") for name in archive.names):
        raise Unreadable(f"{file} was saved by Pages, Numbers or Keynote. Export it as PDF and upload that.")
    raise Unreadable(f"{file} is an archive, or a sheet or slides, and no document. Save it as PDF and upload that.")


def _old_word(data: bytes, file: str) -> Extract:
    """Read what Word wrote before 2007, by a program for it, where one is installed."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable(f"{file} is locked with a password. Save it without one and upload that.")
    for program in (["antiword", "-m", "UTF-8.txt", "-w", "0", "-"], ["catdoc", "-d", "utf-8", "-w"]):
        if found := shutil.which(program[0]):
            command = [found, *program[1:]]
            # One of two programs, by its full path; the file goes in by a pipe.
            ran = subprocess.run(  # nosec B603  # a program by its full path, the file by a pipe
                command, input=data, capture_output=True, timeout=_DOC_SECONDS, check=False
            )
            lines = lines_of(ran.stdout.decode("utf-8", "replace"))
            if ran.returncode != 0 or not lines:
                raise Unreadable(f"{file} cannot be read as a Word document. Save it as .docx or PDF.")
            return Extract("application/msword", lines)
    raise Unreadable(f"{file} is an old Word document (.doc). Save it as .docx or PDF and upload that.")


def _text(kind: Kind, data: bytes, name: str, participants: Sequence[str]) -> Reading:
    if kind == "transcript":
        return Reading(read_transcript(data, name, participants), _text_type(data))
    if kind == "resume":
        return Reading(read_resume(data, name), _text_type(data))
    file = shown(name)
    if len(data) > LARGEST_BYTES:
        raise Unreadable(f"{file} is larger than {LARGEST_BYTES // 1024**2} MB. Upload the part that matters.")
    try:
        lines = lines_of(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unreadable(f"{file} is no document we know, nor plain text in UTF-8. Save it as PDF or text.") from None
    if not lines:
        raise Unreadable(f"There is nothing in {file}.")
    return Reading(paged(Extract("text/plain", lines)), "text/plain")


def _text_type(data: bytes) -> str:
    start = data[:2_000].lstrip(b"\xef\xbb\xbf\r\n\t ")
    if start.startswith(b"WEBVTT"):
        return "text/vtt"
    if start.startswith((b"{", b"[{")):
        return "application/json"
    return "application/x-subrip" if b" --> " in start and start[:1].isdigit() else "text/plain"
