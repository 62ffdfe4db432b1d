"""A candidate's export as files: a page a person can read, the same as JSON, and the documents as they were given."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from html import escape
from typing import Any

from api.export_story import says
from domain.time.zones import zone_named

PAGE, DATA = "read-me.html", "data.json"


@dataclass(frozen=True)
class Told:
    """Something that happened, `at` (UTC), by whom in their part, and what is on record of it."""

    at: datetime
    what: str
    by: str
    details: dict[str, Any]


@dataclass(frozen=True)
class MachineDraft:
    """A draft that a model, or rules, made about the candidate, `at` (UTC). Its words are not in the archive."""

    at: datetime
    about: str
    made_by: str


@dataclass(frozen=True)
class ReadBy:
    """Somebody read something of theirs, or was refused, `at` (UTC): what they were to the candidacy."""

    at: datetime
    who: str
    did: str
    what: str


@dataclass(frozen=True)
class CandidacyExport:
    """One candidacy. `readers` is None where whoever made the archive may not read the audit."""

    id: str
    job: str
    place: str
    law_of: str
    stage: str
    since: datetime
    zone: str
    contact: dict[str, str]
    criteria: dict[str, str]
    happened: list[Told]
    drafts: list[MachineDraft]
    readers: list[ReadBy] | None
    kept: str


@dataclass(frozen=True)
class ExportedDocument:
    """A document as it was given, under its name in the archive. Times in UTC."""

    file: str
    kind: str
    given_at: datetime
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Export:
    """All that is exported, made `at` (UTC), with what is left out and why."""

    at: datetime
    candidacies: list[CandidacyExport]
    documents: list[ExportedDocument]
    left_out: list[str]


def archive(export: Export) -> bytes:
    """The archive, whose files are named after what they are and not after anybody."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        for name, content in _files(export):
            entry = zipfile.ZipInfo(name, export.at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            files.writestr(entry, content)
    return packed.getvalue()


def _files(export: Export) -> Iterator[tuple[str, bytes]]:
    yield PAGE, _page(export).encode()
    yield DATA, json.dumps(_data(export), indent=2, ensure_ascii=False, default=_written).encode()
    for document in export.documents:
        yield document.file, document.body


def _data(export: Export) -> dict[str, Any]:
    documents = [{"file": one.file, "kind": one.kind, "given_at": one.given_at} for one in export.documents]
    return {
        "made_at": export.at,
        "candidacies": [asdict(one) for one in export.candidacies],
        "documents": documents,
        "left_out": export.left_out,
    }


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>What is held about you</title>
<style>
body { font: 1rem/1.5 sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
dt { font-weight: bold } dd { margin: 0 0 .5rem 1.5rem } li { margin-bottom: .5rem } blockquote { margin: .25rem 0 }
.hint { color: #555 } .scroll { overflow-x: auto }
table { border-collapse: collapse } th, td { text-align: left; padding: .25rem .75rem .25rem 0 }
</style></head><body><main>
"""


def _page(export: Export) -> str:
    parts = [_HEAD, "<h1>What is held about you</h1>"]
    zone = export.candidacies[0].zone
    parts.append(
        f"<p>Made {_when(export.at, zone)}. This is what is held about you as an applicant, so that you can read it, "
        f"have it corrected, and take it elsewhere: the same is in <code>{DATA}</code> for programs. What is left out, "
        "and why, stands at the end.</p>"
    )
    if export.documents:
        parts.append("<h2>Documents, as they were given</h2><ul>")
        for one in export.documents:
            given = f"{escape(one.kind)}, given {_when(one.given_at, zone)}"
            parts.append(f'<li><a href="{escape(one.file)}">{escape(one.file)}</a>: {given}</li>')
        parts.append("</ul>")
    for candidacy in export.candidacies:
        parts += _candidacy(candidacy)
    parts.append("<h2>What is left out, and why</h2><ul>")
    parts += [f"<li>{escape(one)}</li>" for one in export.left_out]
    parts.append("</ul></main></body></html>\n")
    return "\n".join(parts)


def _candidacy(one: CandidacyExport) -> Iterator[str]:
    zone = one.zone
    yield f"<h2>{escape(one.job)}, {escape(one.place)}</h2>"
    yield f"<p>{escape(_plain(one.stage).capitalize())} since {_when(one.since, zone)}. {escape(one.kept)}</p>"
    yield f'<p class="hint">Candidacy {escape(one.id)}; the law of {escape(one.law_of)} holds. Times are {zone}.</p>'
    yield "<h3>How you are reached</h3>"
    yield _shown(one.contact, one)
    yield "<h3>What happened, in order</h3><ol>"
    for told in one.happened:
        head = f'<b>{_when(told.at, zone)}</b>: {escape(told.what)} <span class="hint">By {escape(told.by)}.</span>'
        yield f"<li>{head}{_shown(told.details, one) if told.details else ''}</li>"
    yield "</ol>"
    if one.criteria:
        yield "<h3>What you were judged by</h3>"
        yield f"<ul>{''.join(f'<li>{escape(words)}</li>' for words in one.criteria.values())}</ul>"
    if one.drafts:
        yield "<h3>Drafts made about you</h3><ul>"
        for draft in one.drafts:
            yield f"<li>{_when(draft.at, zone)}: {escape(_plain(draft.about))}, made by {escape(draft.made_by)}</li>"
        yield "</ul>"
    if one.readers is not None:
        yield '<h3>Who has read this</h3><div class="scroll" tabindex="0"><table>'
        yield "<tr><th>When</th><th>Who</th><th>Did</th><th>What</th></tr>"
        for row in one.readers:
            cells = (_when(row.at, zone), *(escape(_plain(cell)) for cell in (row.who, row.did, row.what)))
            yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        yield "</table></div>"


LABELS: Mapping[str, str] = {
    "agency": "Brought by the agency",
    "at": "When",
    "consent_of_all": "Everybody agreed to be recorded",
    "contact_at": "When",
    "doc": "Document",
    "email": "Mail address",
    "through": "Reached through",
    "interview_id": "Interview",
    "no_ai": "You asked for no machine reading",
    "notice_version": "The privacy notice you were given",
    "person": "Who",
    "rec": "Record",
    "referrer": "Referred by",
    "source": "How you came",
    "who": "Who",
    "why_unrecorded": "Why it was not recorded",
}
"""What fields are called on the page, where their names do not say it."""

_NAME = re.compile(r"[a-z]+(?:_[a-z]+)+")


def _shown(value: Any, of: CandidacyExport) -> str:
    """What is on record, as a reader's list of names and words."""
    match value:
        case {"words": str() as words, "document": str() as document}:
            return f'<blockquote>“{escape(words)}” <span class="hint">{escape(document)}</span></blockquote>'
        case {"amount": amount, "currency": str() as currency, "period": str() as period}:
            return escape(f"{amount} {currency} a {period}")
        case dict():
            rows = (
                f"<dt>{_label(name, of)}</dt><dd>{_shown(_with_criterion(name, part, of), of)}</dd>"
                for name, part in value.items()
            )
            return f"<dl>{''.join(rows)}</dl>"
        case list() | tuple():
            return f"<ul>{''.join(f'<li>{_shown(part, of)}</li>' for part in value)}</ul>"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return _when(value, of.zone)
        case date():
            return f"{value:%-d %B %Y}"
        case str() if _NAME.fullmatch(value):
            return _plain(value)
        case _:
            return escape(str(value))


def _label(name: str, of: CandidacyExport) -> str:
    return escape(of.criteria.get(name) or LABELS.get(name) or _plain(name).capitalize())


def _with_criterion(name: str, part: Any, of: CandidacyExport) -> Any:
    """The words of the criterion in place of its id, where a field names one."""
    if name == "criterion" and isinstance(part, str):
        return of.criteria.get(part, part)
    if name in ("criteria", "unmet") and isinstance(part, list | tuple):
        return [of.criteria.get(one, one) for one in part]
    return part


def _when(at: datetime, zone: str) -> str:
    return f"{at.astimezone(zone_named(zone)):%A %-d %B %Y, %H:%M}"


def _plain(name: str) -> str:
    return name.replace("_", " ")


def told(at: datetime, kind: str, by: str, details: Mapping[str, Any]) -> Told:
    """Something that happened, with its sentence."""
    return Told(at, says(kind), by, dict(details))
