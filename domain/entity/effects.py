"""What may be done about an event. Each kind is one activity; its id comes from the event that caused it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from domain.core.carriage import Carriage
from domain.core.ids import MeetingUid
from domain.core.messages import Effect, UnknownEffect, Value
from domain.core.personal_text import PersonalName, PersonalText
from domain.evidence.meeting_place import Place
from domain.notifications.notification import MessageKind, Notification

REACH = Carriage("reach", attempt=timedelta(seconds=30))
WORD = Carriage("reach", attempt=timedelta(seconds=30), rides=True)
LONG_ROUND = Carriage("reach", attempt=timedelta(minutes=10), heartbeat=timedelta(seconds=30))


class Notify(Effect):
    """Tell a person something. `matter` names the text, `about` the ids and numbers it speaks of.

    It goes to their inbox, which says when they hear of it; `urgent` (a breach) may interrupt them.
    """

    carriage: ClassVar[Carriage] = WORD

    person: str
    matter: str
    about: dict[str, str | int | None] = {}
    urgent: bool = False

    def __str__(self) -> str:
        return f"{_in_words(self.matter)} → {self.person}"


class DeliverMessage(Effect):
    """Send one message of somebody's inbox, the `number`-th, with these lines; on `channel`, where that can be."""

    carriage: ClassVar[Carriage] = REACH

    person: str
    number: int
    kind: MessageKind
    channel: Literal["mail", "chat"]
    lines: tuple[Notification, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}, {len(self.lines)} lines → {self.person}"


class WriteToCandidate(Effect):
    """Write to a candidate. `matter` names the text; `words` replace it where a person wrote their own, with `subject`.

    `signed` is who wrote it, where that is not the recruiter. What is sealed is opened as words of the entity whose
    effect it is.
    """

    carriage: ClassVar[Carriage] = REACH

    candidate: str
    matter: str
    about: dict[str, str | int | None] = {}
    words: PersonalText | None = None
    subject: PersonalText | None = None
    signed: str | None = None

    def __str__(self) -> str:
        return f"{_in_words(self.matter)} → {self.candidate}"


class KeepContact(Effect):
    """Keep how to reach an applicant as it was corrected, sealed for the candidate; None of what stays as it was."""

    carriage: ClassVar[Carriage] = REACH

    candidate: str
    applicant: str
    name: PersonalName | None = None
    address: PersonalText | None = None
    telephone: PersonalText | None = None

    def __str__(self) -> str:
        return f"contact → {self.candidate}"


class Invite(Effect):
    """Put a meeting in people's calendars, move it, or take it out (iCalendar REQUEST, a higher sequence, CANCEL).

    `uid` is stable over the meeting's life. `people` are attendees by person id; the candidate, where one is meant,
    gets an invitation of their own without the others' notes. Times in UTC, `zone` is the candidate's. `where` it is
    may not be known of what was booked up to 0.5.0.
    """

    carriage: ClassVar[Carriage] = REACH

    uid: str
    sequence: int
    method: Literal["REQUEST", "CANCEL"]
    matter: str
    starts_at: datetime
    minutes: int
    organizer: str
    people: tuple[str, ...]
    candidate: str | None = None
    zone: str | None = None
    where: Place | None = None

    @property
    def meeting(self) -> str:
        """Which of its entity's meetings it is: an interview's id, or what the others are called."""
        return MeetingUid.parse(self.uid).meeting

    def __str__(self) -> str:
        return f"{self.method.lower()} {_in_words(self.matter)}, {self.starts_at:%Y-%m-%d %H:%M} UTC"


class Draft(Effect):
    """Ask the language room for a draft. `inputs` are document ids, `about` what it is to be drafted against.

    It comes back as the command `attach_draft`. `day` is how long a day of the policy lasts that the clocks go by; None
    for real days. The language room's patience shrinks with it, as every duration does.
    """

    carriage: ClassVar[Carriage] = Carriage("language", attempt=timedelta(minutes=10), heartbeat=timedelta(seconds=30))

    job: str
    inputs: tuple[str, ...]
    about: dict[str, Any] = {}
    day: timedelta | None = None

    def __str__(self) -> str:
        return _in_words(self.job)


class Transcribe(Effect):
    """Have a recording transcribed. `about` says of which candidate or requisition it is.

    It comes back as the command `attach_transcript`, or as `report_untranscribed`.
    """

    carriage: ClassVar[Carriage] = Carriage("language", attempt=timedelta(hours=2), heartbeat=timedelta(seconds=30))

    recording: str
    about: dict[str, Any] = {}

    def __str__(self) -> str:
        return f"transcribe {self.recording}"


class EntityMessage(Value):
    """A command for another entity, by name and payload."""

    stream: str
    command: str
    payload: dict[str, Any]
    start: bool = False


class Tell(Effect):
    """Give another entity a command. A refusal, or no such entity, is an answer and ends it."""

    carriage: ClassVar[Carriage] = WORD

    letter: EntityMessage

    def __str__(self) -> str:
        return f"{_in_words(self.letter.command)} → {self.letter.stream}"


class TellAll(Effect):
    """Give the same command to many entities, in one heartbeating activity."""

    carriage: ClassVar[Carriage] = LONG_ROUND

    streams: tuple[str, ...]
    command: str
    payload: dict[str, Any]

    def __str__(self) -> str:
        return f"{_in_words(self.command)} → {len(self.streams)} entities"


class DestroyKey(Effect):
    """Destroy a human's key: everything sealed under it becomes unreadable, everywhere and for good."""

    carriage: ClassVar[Carriage] = Carriage("flow", attempt=timedelta(seconds=30), tried_for=timedelta(days=30))

    key: str


class SpreadPerson(Effect):
    """Tell every requisition somebody is part of, and their candidates, how that person now works (a `PersonFacts`)."""

    carriage: ClassVar[Carriage] = LONG_ROUND

    person: str
    fact: dict[str, Any]


class RenewHolidays(Effect):
    """Look up the public holidays of one more `year`, for somebody's calendar. Codes by ISO 3166.

    They come back as the command `learn_holidays`.
    """

    carriage: ClassVar[Carriage] = REACH

    person: str
    country: str
    subdivision: str | None
    year: int

    def __str__(self) -> str:
        return f"{self.country} {self.year} → {self.person}"


EFFECTS = tuple(
    kind for kind in Effect.kinds.values() if issubclass(kind, Effect) and not issubclass(kind, UnknownEffect)
)
"""Every kind that this build carries out."""


def _in_words(name: str) -> str:
    return name.replace("_", " ")
