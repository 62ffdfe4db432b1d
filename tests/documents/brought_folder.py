"""A folder as a recruiter has it: what people sent, in every form, drawn for the tests."""

from __future__ import annotations

import io
import json
import zipfile

import docx

from tests.documents.drawn_documents import pdf, scanned, written

LIFE = (
    "Experience",
    "Led a rebuild of the permits counter with eight people for three years",
    "and moved the county's forms to the web in two of them.",
    "Education",
    "Public administration at a university in the north of the country.",
)

CALL = b"""Mara: What did you do?
Ida Voss: I counted the calls.
Mara: And then?
Ida Voss: Nine of ten had not seen the map.
"""


def resume(name: str, email: str = "", phone: str = "") -> tuple[str, ...]:
    """The lines of a résumé."""
    return tuple(line for line in (name, " | ".join(filter(None, (email, phone))), *LIFE) if line)


def word(lines: tuple[str, ...]) -> bytes:
    """A Word document."""
    document, kept = docx.Document(), io.BytesIO()
    for line in lines:
        document.add_paragraph(line)
    document.save(kept)
    return kept.getvalue()


def open_document(lines: tuple[str, ...]) -> bytes:
    """An OpenDocument text."""
    kept = io.BytesIO()
    text = "".join(f"<text:p>{line}</text:p>" for line in lines)
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"' for prefix in ("office", "text")
    )
    body = f"<office:body><office:text>{text}</office:text></office:body>"
    content = f"<office:document-content {spaces}>{body}</office:document-content>"
    with zipfile.ZipFile(kept, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content)
    return kept.getvalue()


def picture(lines: tuple[str, ...]) -> bytes:
    """A scan."""
    kept = io.BytesIO()
    scanned(lines).save(kept, "PNG")
    return kept.getvalue()


def rich(lines: tuple[str, ...]) -> bytes:
    """Rich text."""
    return ("{\\rtf1\\ansi " + "\\par ".join(lines) + "}").encode()


def folder() -> dict[str, bytes]:
    """What a recruiter has: résumés in every form, a call, a recording, a duplicate, and what nobody can read."""
    basics = {"name": "Farid Haddad", "email": "farid.haddad@example.com", "phone": "+1 215 555 0137"}
    paragraphs = "".join(f"<p>{one}</p>" for one in resume("Edda Roth", "edda.roth@example.com"))
    work = [{"name": "The county", "position": "Clerk", "highlights": [" ".join(LIFE[1:3])]}]
    return {
        "ada.pdf": pdf(written(resume("Ada Lin", "ada.lin@example.com", "+1 212 555 0144")), written(LIFE)),
        "bo.docx": word(resume("Bo Harker", "bo.harker@example.com")),
        "cem.odt": open_document(resume("Cem Aydin", "cem.aydin@example.com")),
        "dora.rtf": rich(resume("Dora Maar", "dora.maar@example.com")),
        "edda.html": f"<!doctype html><html><body>{paragraphs}</body></html>".encode(),
        "farid.json": json.dumps({"basics": basics, "work": work, "education": [{"institution": "North"}]}).encode(),
        "greta.txt": "\n".join(resume("Greta Holm")).encode(),
        "hugo.png": picture(resume("Hugo Brandt", "hugo.brandt@example.com")),
        "ada-again.txt": "\n".join(resume("Ada Lin", "ada.lin@example.com", "+1 212 555 0144")).encode(),
        "damaged.pdf": b"%PDF-1.7\nnothing that anybody could read",
        "call.txt": CALL,
        "call.m4a": b"\0\0\0\x20ftypM4A \0\0\0\0" + bytes(64),
        ".DS_Store": b"\0\0\0\1Bud1",
    }  # fmt: skip
