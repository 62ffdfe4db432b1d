"""Ids of everybody and everything that streams, rows and log lines speak of; opaque on purpose."""

from __future__ import annotations

import re
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, StringConstraints, ValidationInfo

from domain.core.names import WRITTEN
from domain.core.plain_words import Plain
from domain.core.walk import walk

OPAQUE = Plain("an id that says nothing of whom it stands for")

PersonId = Annotated[str, StringConstraints(pattern=r"^P-[0-9A-Z]{6,26}$"), OPAQUE]
"""Somebody who uses Tandem. Opaque on purpose: workflow ids and log lines carry it."""

ApplicantId = Annotated[str, StringConstraints(pattern=r"^H-[0-9A-Z]{6,26}$"), OPAQUE]
"""A human being who applies, the same in every requisition; their key, and so their erasure, hangs on it."""

RequisitionId = Annotated[str, StringConstraints(pattern=r"^R-[0-9A-Z]{6,26}$"), OPAQUE]
CandidateId = Annotated[str, StringConstraints(pattern=r"^C-[0-9A-Z]{6,26}$"), OPAQUE]
"""One human in one search."""

DocumentId = Annotated[str, StringConstraints(pattern=r"^D-[0-9A-Z]{6,64}$"), OPAQUE]

Reference = Annotated[str, Plain("an id that was given out; one that is not there is refused")]
"""One of the things an entity keeps: a clock, an interview, an offer, a task, a request, a signal."""


def _no_words(id: str, info: ValidationInfo) -> str:
    if info.context == WRITTEN and not _AN_ID.fullmatch(id):
        raise ValueError("This is not an id")
    return id


_AN_ID = re.compile(r"[A-Za-z0-9:._-]{1,120}")

AnyId = Annotated[str, AfterValidator(_no_words), Plain("an id of any kind, which is held against no list")]
"""What a gate is opened for: somebody, a candidate, an interview. Stored ones are read as they are."""


class ClockId(NamedTuple):
    """A clock's id: `C-7:scorecard_in:I-1:P-9:31`. Whose clock, which, what it is about ("" for nothing), and the
    version of its entity that began it."""

    entity: str
    name: str
    about: str
    version: int

    def __str__(self) -> str:
        return ":".join(part for part in (self.entity, self.name, self.about, str(self.version)) if part)

    @classmethod
    def parse(cls, words: str) -> ClockId | None:
        """What a clock's id says; None for what is none."""
        entity, _, rest = words.partition(":")
        name, _, rest = rest.partition(":")
        about, _, version = rest.rpartition(":")
        return cls(entity, name, about, int(version)) if entity and name and version.isdecimal() else None


class EffectId(NamedTuple):
    """An effect's id, the same for ever: `candidate/C-7/31/0`. The stream and the number of the record that caused it,
    and which of its effects it is."""

    stream: str
    seq: int
    number: int

    def __str__(self) -> str:
        return self.written(*self)

    @staticmethod
    def written(stream: str, seq: int, number: int) -> str:
        """How the id with these parts is written. Every command asks for several."""
        return f"{stream}/{seq}/{number}"

    @classmethod
    def parse(cls, words: str) -> EffectId:
        """What an effect's id says. Raises ValueError for what is none."""
        stream, seq, number = words.rsplit("/", 2)
        return cls(stream, int(seq), int(number))


class MeetingUid(NamedTuple):
    """A meeting's UID in people's calendars, the same for as long as it stands there: `C-7K2M9Q-I-1`.

    `entity` is whose meeting it is, `meeting` which of them: an interview's id, or `intake`, `screen`, `debrief-1`. The
    candidate's own entry ends in `-candidate` (`apart`), so that not even a shared calendar shows them the colleagues'.
    """

    entity: str
    meeting: str
    apart: bool = False

    def __str__(self) -> str:
        return f"{self.entity}-{self.meeting}{_APART if self.apart else ''}"

    @classmethod
    def parse(cls, words: str) -> MeetingUid:
        """What a meeting's UID says. Raises ValueError for what is none."""
        found = _A_MEETING.fullmatch(words)
        if found is None:
            raise ValueError("not the UID of a meeting")
        return cls(found[1], found[2], found[3] is not None)


_APART = "-candidate"
_A_MEETING = re.compile(rf"([RC]-[0-9A-Z]{{6,26}})-(I-\d{{1,6}}|intake|screen|debrief-\d{{1,6}})({_APART})?")


def mentioned(value: object, prefix: str) -> set[str]:
    """Every id with this prefix (`P-`, `C-`, `D-` …) that stands anywhere in `value`."""
    parts = (part for part in walk(value) if isinstance(part, str) and part.startswith(prefix))
    return {part for part in parts if part[len(prefix) :].isalnum()}
