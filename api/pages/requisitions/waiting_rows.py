"""The files that wait as rows of a table: what its reader typed about each, and whose it seems to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from api.access import With
from api.documents import NewApplicant
from api.pages.forms.form_context import EVERYBODY, Subject
from api.pages.forms.form_schema import Typed, typed_in
from api.pages.layout.display_names import ERASED
from api.pages.layout.fields import Choice
from api.pages.layout.session import PageReader
from api.payload_limits import within_bounds
from api.validation_messages import complaint_in_words
from api.visibility import SeenRequisition, listed, named_in
from domain.access.permissions import Permission
from domain.core.availability import Missing
from domain.core.name_matching import bearing, words_of_a_name
from store.waiting_files import FileDetails, WaitingFile

_APPLICANT: TypeAdapter[NewApplicant] = TypeAdapter(within_bounds(NewApplicant))
"""Made once: two hundred rows are checked whenever the page is drawn."""


@dataclass(frozen=True)
class Desk:
    """The requisition to which files were brought, as its reader sees it; `missing` is why nobody can be added."""

    seen: SeenRequisition
    subject: Subject
    missing: Missing | None

    @property
    def id(self) -> str:
        """The requisition."""
        return self.subject.id


@dataclass(frozen=True)
class Row:
    """A file on the page, and what its reader typed about it.

    `alike` are the others that seem to be of the same person; `here` is the candidate of the requisition who they seem
    to be, with their name. `errors` are by field, those of the row itself under "".
    """

    file: WaitingFile
    details: FileDetails
    name: str
    email: str
    phone: str
    right: bool
    applicant: NewApplicant | None
    alike: tuple[WaitingFile, ...] = ()
    here: Choice | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The file's id, by which its inputs are called."""
        return self.file.id

    @property
    def asks(self) -> tuple[str, ...]:
        """What is to be looked at before it counts."""
        return self.details.asks

    @property
    def sure(self) -> bool:
        """Whether nothing has to be asked."""
        return self.applicant is not None and not (self.asks or self.alike or self.here)


@dataclass(frozen=True)
class Waiting:
    """What its reader gave to a requisition within a day: the files that wait, and the candidates whom others became.

    `candidates` are those of the requisition whose names the reader may read, `known` the same by what tells people
    apart: their mail addresses, where the reader may read them, and the words of their names.
    """

    files: Sequence[WaitingFile]
    added: Sequence[str]
    candidates: Sequence[Choice]
    known: Mapping[str | frozenset[str], Choice]

    def rows(self, typed: Typed, wrong: Mapping[str, str] | None = None) -> list[Row]:
        """A row for each person, with their other files, and for each file of nobody; `wrong` is what is said by id."""
        rows: dict[str, Row] = {}
        first: dict[str | frozenset[str], str] = {}
        for file in self.files:
            row = _row(file, typed, wrong or {})
            if row.details.kind == "resume":
                told = [one for one in (row.email.casefold(), words_of_a_name(row.name)) if one]
                same = next((first[one] for one in told if one in first), None)
                if same is not None and not row.details.apart:
                    first = dict.fromkeys(told, same) | first  # a third file may be known by what the second says
                    rows[same] = replace(rows[same], alike=(*rows[same].alike, file))
                    continue
                if not row.details.apart:
                    first |= dict.fromkeys(told, row.id)
                row = replace(row, here=next((self.known[one] for one in told if one in self.known), None))
            rows[row.id] = row
        return list(rows.values())

    def whose(self, row: Row) -> str:
        """The only candidate who speaks in a transcript by name; nothing where nobody does, or several do."""
        alike = [one.value for one in self.candidates if bearing(row.details.speakers, [one.words])]
        return alike[0] if len(alike) == 1 else ""


async def waiting_at(desk: Desk, by: PageReader, at: With) -> Waiting:
    """What waits there for its reader, and who is in the requisition already."""
    files = await at.waiting_files.of(desk.id, by.id, datetime.now(UTC))
    if not files:
        return Waiting((), (), (), {})
    lines = await listed(desk.seen, by.caller, at, limit=EVERYBODY)
    named = await named_in(desk.seen, ((line.id, line.human) for line in lines), by.caller, at)
    contacts = await at.applicants.contacts(named)
    known: dict[str | frozenset[str], Choice] = {}
    for candidate, contact in contacts.items():
        known[words_of_a_name(contact.name)] = Choice(candidate, contact.name)
        if contact.email and desk.seen.sight.may(Permission.CANDIDATE_CONTACT):
            known[contact.email.casefold()] = Choice(candidate, contact.name)
    return Waiting(
        [one for one in files if one.details],
        sorted({one.candidate for one in files if one.candidate}),
        [Choice(one, contacts[one].name if one in contacts else ERASED) for one in named],
        known,
    )


def _row(file: WaitingFile, typed: Typed, wrong: Mapping[str, str]) -> Row:
    details = file.details
    assert details is not None, "it waits"
    given = {"name": details.person, "email": details.email, "phone": details.phone}
    for part in given:
        if f"{file.id}.{part}" in typed:
            given[part] = typed_in(typed, f"{file.id}.{part}").strip()
    right = typed_in(typed, f"{file.id}.right") == "true"
    applicant, errors = _applicant(given)
    # What is missing is asked in the row; only what was typed and cannot be is a mistake.
    said = {
        part: sentence for part, sentence in errors.items() if given.get(part) or (right and details.kind == "resume")
    }
    if sentence := wrong.get(file.id):
        said[""] = sentence
    return Row(file, details, given["name"], given["email"], given["phone"], right, applicant, errors=said)


def _applicant(given: Mapping[str, str]) -> tuple[NewApplicant | None, dict[str, str]]:
    """Who is meant, or what is wrong, by field."""
    try:
        return _APPLICANT.validate_python({part: said for part, said in given.items() if said}), {}
    except ValidationError as invalid:
        errors = invalid.errors()
        return None, {str(next(iter(one["loc"]), "")): f"{complaint_in_words(one)}." for one in reversed(errors)}
