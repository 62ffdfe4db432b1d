"""Interviews: rounds of the plan as they are booked, and at which times a candidate may be asked to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from domain.core.ids import DocumentId, PersonId
from domain.core.messages import Value, refuse
from domain.evidence.documents import Doc, Untranscribed
from domain.evidence.meeting_place import Place
from domain.evidence.rubric import CriterionId, InterviewKind, RubricFacts
from domain.evidence.scorecard import Card
from domain.time.calendars import within_daytime
from domain.time.wall_clock import WallClock
from domain.time.zones import time_in_words

Reply = Literal["accept", "decline", "propose"]
Outcome = Literal["held", "cut_short", "candidate_no_show", "interviewer_no_show"]
HELD = frozenset({"held", "cut_short"})
"""How an interview may end so that there is something to say about it."""


class Assignment(Value):
    """Who interviews, what they are to find out, and whether they only watch (a shadow hands in no scorecard)."""

    person: PersonId = Field(title="Who")
    criteria: tuple[CriterionId, ...] = Field(default=(), title="What they find out")
    shadow: bool = Field(default=False, title="Watches only, and hands in no scorecard")


class Interview(Value):
    """One interview, work sample or reference. Times in UTC; `zone` is the candidate's.

    A work sample may have `due_at` in place of `starts_at`; `where` is None of what was booked up to 0.5.0. `over` says
    that its scheduled end has passed. `answers` are by person id, the candidate's under `candidate`. `transcript` is
    the recording's document, None without one.

    Of what was recorded: `ended_at`, the record (`doc`, which is `kept_as` a transcript or notes), by whom;
    `recording` is what the transcript is made of, `untranscribed` why none comes of it. What an earlier build recorded
    has none of these. Where it was recorded wrongly: `replaced` are the documents it had before;
    `set_aside` are cards that do not count, because it was not held, or their author was not there.
    """

    id: str
    round: int
    kind: InterviewKind
    final: bool
    interviewers: tuple[Assignment, ...]
    starts_at: datetime | None
    due_at: datetime | None
    minutes: int
    zone: str
    wall: WallClock | None = None
    sequence: int = 0
    status: Literal["scheduled", "held", "cut_short", "candidate_no_show", "interviewer_no_show", "cancelled"] = (
        "scheduled"
    )
    over: bool = False
    answers: dict[str, Reply] = {}
    transcript: DocumentId | None = None
    cards: dict[str, Card] = {}
    booked_at: datetime | None = None
    ended_at: datetime | None = None
    doc: Doc | None = None
    kept_as: Literal["transcript", "notes", "recording"] | None = None
    recorded_by: str | None = None
    replaced: tuple[DocumentId, ...] = ()
    set_aside: dict[str, Card] = {}
    recording: DocumentId | None = None
    untranscribed: Untranscribed | None = None
    where: Place | None = None

    @property
    def ends_at(self) -> datetime:
        """Its scheduled end (UTC)."""
        return ends_at(self.starts_at, self.due_at, self.minutes)

    @property
    def people(self) -> tuple[PersonId, ...]:
        """Everybody who interviews or watches."""
        return tuple(a.person for a in self.interviewers)

    @property
    def upcoming(self) -> bool:
        """Whether it is still to come, or under way."""
        return self.status == "scheduled" and not self.over

    @property
    def missing_cards_of(self) -> tuple[PersonId, ...]:
        """Whose card is missing: of everybody but shadows, once it was held or as long as it may yet be."""
        if self.status != "scheduled" and self.status not in HELD:
            return ()
        return tuple(a.person for a in self.interviewers if not a.shadow and a.person not in self.cards)

    @property
    def outcome(self) -> Outcome | None:
        """How it went, if that is on record."""
        return None if self.status == "scheduled" or self.status == "cancelled" else self.status

    @property
    def settled(self) -> Interview:
        """With those of its cards that count: of whoever judged in it, if it was held. The others are set aside."""
        given = self.set_aside | self.cards
        judges = {a.person for a in self.interviewers if not a.shadow} if self.status in HELD else set()
        return self.but(
            cards={person: card for person, card in given.items() if person in judges},
            set_aside={person: card for person, card in given.items() if person not in judges},
        )

    def asks_again(self, person: str) -> bool:
        """Whether somebody's card quotes a record that was replaced."""
        card = self.cards.get(person)
        return card is not None and any(mark.replaced for mark in card.marks.values())

    def assignment(self, person: str) -> Assignment | None:
        """What this person does in it, if anything."""
        return next((a for a in self.interviewers if a.person == person), None)


def ends_at(starts_at: datetime | None, due_at: datetime | None, minutes: int) -> datetime:
    """When something that starts, or is due, ends; exactly one of the two is given."""
    if starts_at is not None:
        return starts_at + timedelta(minutes=minutes)
    assert due_at is not None, "an interview has a start or a due time"
    return due_at


def is_final(rubric: RubricFacts, round: int, kind: InterviewKind) -> bool:
    """Whether this round is the last before the debrief: as the plan says, and always if the plan does not know it."""
    planned = [r for r in rubric.plan if r.round == round and r.kind == kind]
    return not planned or any(r.final for r in planned)


def check_assignments(
    interviewers: tuple[Assignment, ...], rubric: RubricFacts, known: tuple[Assignment, ...] = ()
) -> None:
    """Refuses interviewers who are named twice, all shadows, or without a criterion of the rubric to find out.

    The criteria of those that were `known` before are not asked for again: the rubric may have been amended since.
    """
    people = [a.person for a in interviewers]
    if len(set(people)) < len(people):
        refuse("invalid", "Somebody is named twice.", "Each interviewer once.", "interviewers")
    if all(a.shadow for a in interviewers):
        refuse("invalid", "Nobody would judge: all are shadows.", "At least one who is no shadow.", "interviewers")
    criteria = ", ".join(sorted(rubric.weights))
    for assignment in interviewers:
        if assignment in known:
            continue
        unknown = set(assignment.criteria) - set(rubric.weights)
        if unknown or not (assignment.criteria or assignment.shadow):
            refuse(
                "criteria_unknown",
                f"The rubric has no {', '.join(sorted(unknown))}." if unknown else "An interviewer has no criterion.",
                f"For each interviewer criteria of version {rubric.version}: {criteria}.",
                "interviewers",
            )


def check_slot(starts_at: datetime | None, due_at: datetime | None, now: datetime) -> datetime:
    """The start or due time; refuses both, neither, or one that is past."""
    at = starts_at or due_at
    if at is None or (starts_at and due_at):
        refuse("invalid", "It needs one time.", "When it starts or, for a work sample, when it is due.", "starts_at")
    if at <= now:
        refuse("bad_time", "That time is past.", "A time to come.", "starts_at" if starts_at else "due_at")
    return at


def check_agreed(agreed_at: datetime | None, now: datetime) -> None:
    """Refuses that a candidate agreed to a time in time to come."""
    if agreed_at is not None and agreed_at > now:
        refuse("bad_time", "They cannot have agreed yet.", "When they agreed.", "candidate_agreed_at")


def check_sociable(at: datetime, ends: datetime, zone: str, earliest: datetime, meets: bool, agreed: bool) -> None:
    """Refuses short notice, and hours outside 08:00 to 19:00 where the candidate is, unless they agreed to it.

    `earliest` is the first time (UTC) that gives proper notice. `meets` says whether they must be there at that hour.
    """
    if agreed:
        return
    if at < earliest:
        refuse(
            "short_notice",
            "That is too soon for the candidate.",
            f"{time_in_words(earliest, or_later=True)} or later; or when they agreed to this time, if they did.",
            "candidate_agreed_at",
        )
    if meets and not (within_daytime(at, zone) and within_daytime(ends, zone)):
        refuse(
            "unsocial_hours",
            f"That is not between 08:00 and 19:00 in {zone}.",
            "A time in their day; or when they agreed to this one, if they did.",
            "candidate_agreed_at",
        )


def missing_cards(interviews: Iterable[Interview]) -> list[tuple[str, PersonId]]:
    """Each interview and interviewer whose card is still to come."""
    return [(interview.id, person) for interview in interviews for person in interview.missing_cards_of]


def all_in(interviews: Mapping[str, Interview]) -> bool:
    """Whether the debrief can open: a final round was held, and no card is missing from any."""
    held = [i for i in interviews.values() if i.status in HELD]
    return any(i.final for i in held) and not missing_cards(interviews.values())
