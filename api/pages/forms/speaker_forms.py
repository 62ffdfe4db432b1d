"""Speaker forms: who speaks in a transcript whose file does not say it, asked where it is recorded, and later.

A table, a row for each label: some of its lines, how many there are, and whom of the meeting's people one may choose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from api.access import With
from api.available import available
from api.document_access import transcript_of
from api.pages.forms.form_schema import Form, Typed, typed_in
from api.pages.layout.fields import Choice, Complaint, Field
from api.pages.layout.labels import CHOICES
from api.pages.layout.session import PageReader
from api.participants import APPLICANT, Participant, concerned
from domain.core.name_matching import bearing
from domain.entity.speaker_naming import NameSpeakers
from domain.evidence.transcript import UNKNOWN_SPEAKER, Transcript
from workflows.contract import stream_of

RECORD = "rec.doc"
"""The field of a form by which a call's record is given."""

ANSWERS = "speakers."
"""How the names of inputs begin that say who speaks."""

SHOWN, LONGEST = 3, 200
"""How many lines of a speaker are shown, and how much of each."""

ASKS = {
    "who_is": "Names nobody one could know.",
    "is_a_speaker": "Stands before a colon, seldom: a speaker, or words?",
    "who_spoke": "These lines have no speaker.",
    "not_understood": "These lines could not be read.",
}


@dataclass(frozen=True)
class Sample:
    """What is shown of one speaker, so that a person can tell who it is; `asks` is why, where it is asked."""

    label: str
    asks: str
    lines: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class SpeakersAsked:
    """A transcript whose speakers are to be named: what is `given` beforehand, whom one may choose, the `samples`.

    Samples go by the label; that of lines without one is empty. `doubt` is what makes it doubtful whether it is the
    right file, where nothing else has to be asked.
    """

    given: Mapping[str, Any]
    people: Sequence[Choice]
    samples: Mapping[str, Sample]
    typed: Typed | None = None
    zone: str = "UTC"
    doubt: str = ""

    @property
    def _form(self) -> Form:
        return Form(NameSpeakers, self.zone, {"who": self.people}, self.given, self.typed, fixed={"document"})

    def read(self) -> tuple[NameSpeakers | None, dict[str, str]]:
        """Who was said to speak, if anybody was; and what is still to be said, by path."""
        if self.typed is None:
            return None, {RECORD: self.doubt} if self.doubt else {}
        form = self._form
        unsaid = {f"{row.path}.who": "Who is it?" for row in _rows(form) if not _part(row, "who").value}
        return (None, unsaid) if unsaid else form.read()

    def with_errors(self, errors: Mapping[str, str]) -> tuple[Field, tuple[Complaint, ...]]:
        """The rows, each with what is wrong with it, and the same as complaints."""
        own = {path: said for path, said in errors.items() if path.startswith(ANSWERS)}
        fields, complaints = self._form.with_errors(own)
        return next(one for one in fields if one.path == "speakers"), complaints


async def asked_with(kind: type[BaseModel], about: str, typed: Typed, by: PageReader, at: With) -> SpeakersAsked | None:
    """What is asked about the transcript that is given with a form; None where nothing is.

    `about` is the candidate or the requisition. A call in which the candidate does not speak by name may be another's.
    """
    document = typed_in(typed, f"{RECORD}.id")
    if "rec" not in kind.model_fields or not document:
        return None
    transcript = await transcript_of(document, by.caller, at)
    if transcript is None:
        return None
    people = await concerned(about, at)
    asked, doubt = [transcript.labels[number] for number in transcript.unanswered], ""
    if not asked and about.startswith("C-") and await _may_name(about, by, at):
        asked, doubt = _perhaps_of_another(transcript, people)
    if not asked:
        return None
    answered = any(name.startswith(ANSWERS) for name in typed)
    found = _asked(
        document, transcript, asked, people, by.zone, {**typed, "document": [document]} if answered else None
    )
    return replace(found, doubt=doubt)


async def _may_name(candidate: str, by: PageReader, at: With) -> bool:
    said = (await available(stream_of("candidate", candidate), by.caller, at)).get(NameSpeakers.name)
    return said is not None and said.missing is None


def _perhaps_of_another(transcript: Transcript, people: Sequence[Participant]) -> tuple[list[str], str]:
    """Who is asked about, and why, where the applicant does not speak by name: whoever is none of these people."""
    applicant = next((one.name for one in people if one.id == APPLICANT), "")
    labels = list(transcript.labels)
    if not applicant or bearing(transcript.speakers, [applicant]):
        return [], ""
    known = bearing(labels, [one.name for one in people])
    doubt = f"Nobody in this file is called {applicant}. Say in the table here who speaks, or give another file."
    return [label for label in labels if label not in known] or labels, doubt


async def speakers_in(
    document: str, known: Iterable[str], about: str, by: PageReader, at: With
) -> SpeakersAsked | None:
    """Every speaker of a transcript, for their names to be said or corrected; of the only one `known`, if none is said.

    None where it is not clear which, or it is not theirs to name.
    """
    only = list(known)
    document = document or (only[0] if len(only) == 1 else "")
    transcript = await transcript_of(document, by.caller, at) if document.startswith("D-") else None
    if transcript is None:
        return None
    return _asked(document, transcript, transcript.labels, await concerned(about, at), by.zone)


def of_the_form(errors: Mapping[str, str]) -> dict[str, str]:
    """Those complaints that are not about who speaks."""
    return {path: said for path, said in errors.items() if not path.startswith(ANSWERS)}


def without_answers(typed: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """What was typed, but for who speaks."""
    return {name: values for name, values in typed.items() if not name.startswith(ANSWERS)}


def _asked(
    document: str,
    transcript: Transcript,
    labels: Iterable[str],
    people: Sequence[Participant],
    zone: str,
    typed: Typed | None = None,
) -> SpeakersAsked:
    called = {turn.label or turn.speaker: turn.speaker for turn in transcript.turns}
    rows = [
        {"speaker": _shown(label) or None, "who": _guess(called[label], people) if _shown(label) else ""}
        for label in labels
    ]
    choices = [Choice(one.id, f"{one.name}, {one.part}") for one in people]
    others = [Choice(value, CHOICES[value]) for value in ("somebody_else", "spoke_before", "nobody")]
    return SpeakersAsked(
        given={"document": document, "speakers": rows},
        people=[*choices, *others],
        samples={_shown(label): _sample(transcript, label) for label in labels},
        typed=typed,
        zone=zone,
    )


def _sample(transcript: Transcript, label: str) -> Sample:
    asked = [one for one in transcript.questions if (one.speaker or UNKNOWN_SPEAKER) == label]
    turns = [turn for turn in transcript.turns if (turn.label or turn.speaker) == label]
    lines = [line for one in asked for line in one.lines] or [transcript.text[one.start : one.end] for one in turns]
    return Sample(
        label=_shown(label) or "Lines without a speaker",
        asks=" ".join(dict.fromkeys(ASKS[one.kind] for one in asked)),
        lines=tuple(line if len(line) <= LONGEST else f"{line[:LONGEST]}…" for line in lines[:SHOWN]),
        count=sum(one.count for one in asked) or len(turns),
    )


def _guess(speaker: str, people: Iterable[Participant]) -> str:
    """The only one of these people who is called so; nothing where nobody is, or several are."""
    alike = [one.id for one in people if bearing([speaker], [one.name])]
    return alike[0] if len(alike) == 1 else ""


def _shown(label: str) -> str:
    return "" if label == UNKNOWN_SPEAKER else label


def _rows(form: Form) -> tuple[Field, ...]:
    return next(one for one in form.fields if one.path == "speakers").parts


def _part(row: Field, name: str) -> Field:
    return next(part for part in row.parts if part.name == name)
