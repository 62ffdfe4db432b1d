"""The intake call: booked with the hiring manager and the HR partner, held, and its record the source of the rubric."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, Self

from pydantic import Field

from domain.core.decider import Chapter
from domain.core.ids import MeetingUid, PersonId
from domain.core.lookups import Lookup
from domain.core.messages import Command, Effect, Event, Record, Sources, refuse
from domain.entity.call import Call
from domain.entity.effects import Invite
from domain.entity.speaker_naming import check_speakers, recorded_questions
from domain.entity.transcription import check_document, recorded_as
from domain.entity.wall_clocks import KeepHour
from domain.evidence.documents import Recording
from domain.evidence.meeting_place import ASKS_WHERE, Place, check_place
from domain.requisition.state import Intake, Meeting, Requisition
from domain.time.wall_clock import WallClock
from domain.time.zones import Instant

chapter: Chapter[Requisition] = Chapter()


class ScheduleIntake(
    Command,
    who="R",
    refuses="hm_missing* place_missing*",
    heading="Book the intake call",
    button="Send the invitations",
):
    """Put the intake call in the hiring manager's and the HR partner's calendars, or move it."""

    model_config = ASKS_WHERE

    starts_at: Instant = Field(title="When")
    minutes: int = Field(title="How long, in minutes", ge=10, le=180)
    attendees: tuple[PersonId, ...] = Field(title="Who takes part")
    where: Place | None = Field(default=None, title="Where", description="A link, a room or a telephone number.")

    def grounded(self, sources: Sources) -> Self:
        """Refuses what would be held nowhere."""
        check_place(self.where)
        return self


class RecordIntake(
    Command,
    who="R",
    refuses="nothing_to_reaffirm consent_missing* speakers_unnamed*",
    works="on_hold",
    heading="Record the intake call",
    button="Record it",
):
    """Record the intake call: the whole agenda, or, for a backfill or copy, what changed since."""

    kind: Literal["full", "reaffirm"] = Field(title="What was asked")
    held_at: Instant = Field(title="When it was held")
    attendees: tuple[PersonId, ...] = Field(title="Who took part")
    rec: Recording = Field(title="What is left of the call")

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        yield from recorded_questions(self.rec)


class IntakeScheduled(Event):
    """The intake call was booked, or moved."""

    meeting: Meeting


class IntakeRecorded(Event):
    """The intake call was held."""

    intake: Intake
    recording: Recording
    attendees: tuple[PersonId, ...]


@chapter.gate(ScheduleIntake)
def not_held_yet(state: Requisition, call: Call) -> None:
    if state.intakes:
        refuse("already_done", "The intake was held.", "A change of the rubric, if something was missed.")


@chapter.next(ScheduleIntake)
def no_time_yet(state: Requisition, call: Call) -> bool:
    return state.meeting is None


@chapter.next(RecordIntake)
def booked_and_not_held(state: Requisition, call: Call) -> bool:
    return state.meeting is not None and not state.intakes


@chapter.decides(ScheduleIntake)
def schedule_intake(state: Requisition, asked: ScheduleIntake, call: Call) -> Iterator[Event]:
    if asked.starts_at <= call.now:
        refuse("bad_time", "That time is past.", "A time to come.", "starts_at")
    people = state.people
    if people.hiring_manager not in asked.attendees:
        refuse(
            "hm_missing",
            "An intake without the hiring manager is none.",
            "The hiring manager among those who take part.",
        )
    everybody = tuple(dict.fromkeys((people.recruiter, *asked.attendees, people.hr_partner)))
    sequence = state.meeting.sequence + 1 if state.meeting else 0
    yield IntakeScheduled(
        meeting=Meeting(
            starts_at=asked.starts_at,
            minutes=asked.minutes,
            attendees=everybody,
            wall=WallClock.at(asked.starts_at, state.calendar_of(people.recruiter).zone),
            sequence=sequence,
            where=asked.where,
        )
    )


@chapter.decides(KeepHour)
def keep_hour(state: Requisition, asked: KeepHour, call: Call) -> Iterator[Event]:
    """Moves the intake if it is still to come, and stands where it was when the rules were looked at."""
    meeting = state.meeting
    if meeting is not None and not state.intakes and meeting.starts_at == asked.stood_at:
        yield IntakeScheduled(meeting=meeting.but(starts_at=asked.starts_at, sequence=meeting.sequence + 1))


@chapter.evolves(IntakeScheduled)
def intake_scheduled(state: Requisition, event: IntakeScheduled, record: Record) -> Requisition:
    return state.but(meeting=event.meeting)


@chapter.reacts(IntakeScheduled)
def invite_to_intake(state: Requisition, event: IntakeScheduled, record: Record) -> Iterator[Effect]:
    yield Invite(
        uid=str(MeetingUid(state.id, "intake")),
        sequence=event.meeting.sequence,
        method="REQUEST",
        matter="intake",
        starts_at=event.meeting.starts_at,
        minutes=event.meeting.minutes,
        organizer=state.people.recruiter,
        people=event.meeting.attendees,
        where=event.meeting.where,
    )


@chapter.decides(RecordIntake)
def record_intake(state: Requisition, asked: RecordIntake, call: Call) -> Iterator[Event]:
    if asked.held_at > call.now:
        refuse("bad_time", "That time is still to come.", "When the call was held.", "held_at")
    here = {known for held in state.intakes if not held.untranscribed for known in (held.document, held.recording)}
    if asked.rec.doc.id in here:
        refuse("already_done", "This record is here already.", "The record of another call.", "rec")
    if asked.kind == "reaffirm" and state.copied_from is None and not state.reopened:
        refuse(
            "nothing_to_reaffirm",
            "This requisition is neither a copy nor a reopened one: nothing was said before.",
            "A full intake.",
            "kind",
        )
    if asked.rec.kind != "notes" and not asked.rec.consent_of_all:
        refuse("consent_missing", "Not everybody agreed to be recorded.", "Everyone's consent, or signed notes.", "rec")
    if asked.rec.kind == "notes" and asked.rec.why_unrecorded is None:
        refuse("consent_missing", "Notes say why there is no recording.", "The reason.", "rec")
    check_document(asked.rec, call)
    check_speakers(state, asked.rec, call)
    held = Intake(
        kind=asked.kind,
        held_at=asked.held_at,
        document=asked.rec.doc.id,
        transcript=asked.rec.kind == "transcript",
        **recorded_as(asked.rec),
    )
    yield IntakeRecorded(intake=held, recording=asked.rec, attendees=asked.attendees)


@chapter.evolves(IntakeRecorded)
def intake_recorded(state: Requisition, event: IntakeRecorded, record: Record) -> Requisition:
    # A recording that could not be transcribed may be recorded once more, in its own place.
    others = (held for held in state.intakes if held.document != event.intake.document)
    return state.but(intakes=(*others, event.intake))
