"""Interviews: booked by the plan, in the candidate's daytime and with notice, moved, called off, and recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, Literal, Self

from pydantic import Field

from domain.candidate.candidate_wait import wait_over
from domain.candidate.recording_consent import check_recording
from domain.candidate.state import INTERVIEWED, Candidate, CandidateCommand, looked_up
from domain.core.decider import Chapter
from domain.core.ids import Reference
from domain.core.lookups import InterviewSlot, Lookup
from domain.core.messages import Event, Record, Sources, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.entity_facts import Stage
from domain.entity.speaker_naming import recorded_questions
from domain.entity.transcription import recorded_as
from domain.evidence.documents import Recording
from domain.evidence.interview_plan import (
    HELD,
    Assignment,
    Interview,
    Reply,
    all_in,
    check_agreed,
    check_assignments,
    check_slot,
    check_sociable,
    ends_at,
    is_final,
)
from domain.evidence.meeting_place import ASKS_WHERE, Place, check_place
from domain.evidence.rubric import InterviewKind
from domain.time.wall_clock import WallClock
from domain.time.zones import Instant, Zone

chapter: Chapter[Candidate] = Chapter()


def _people(interviewers: Iterable[Assignment]) -> tuple[str, ...]:
    return tuple(assigned.person for assigned in interviewers)


TIMING = "busy conflict_of_interest criteria_unknown* short_notice* unsocial_hours*"


class ScheduleInterview(
    CandidateCommand,
    who="R",
    refuses=f"not_advanced not_screened debrief_not_booked place_missing* {TIMING}",
    heading="Book an interview",
    button="Send the invitations",
):
    """Book an interview, panel, work sample or reference. A round that is not in the plan counts as final."""

    model_config = ASKS_WHERE

    round: int = Field(title="Round of the plan", ge=1)
    kind: InterviewKind = Field(title="What it is")
    interviewers: tuple[Assignment, ...] = Field(min_length=1, max_length=8)
    starts_at: Instant | None = Field(default=None, title="When")
    due_at: Instant | None = Field(default=None, title="Or, for a work sample: due")
    minutes: int = Field(title="How long, in minutes", ge=10, le=480)
    candidate_zone: Zone = Field(title="Time zone of the candidate")
    candidate_agreed_at: Instant | None = Field(
        default=None,
        title="When the candidate agreed to this time",
        description="Needed if it is less than a day away, or outside 08:00 to 19:00 where they are.",
    )
    where: Place | None = Field(default=None, title="Where", description="A link, a room or a telephone number.")

    def grounded(self, sources: Sources) -> Self:
        """Refuses what would be held nowhere; a work sample that is handed in has no place."""
        check_place(self.where, meets=self.starts_at is not None)
        return self

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        if self.starts_at is not None:
            yield InterviewSlot(self.starts_at, _people(self.interviewers), self.minutes)


class RescheduleInterview(
    CandidateCommand,
    who="R",
    refuses=f"ended not_advanced not_screened debrief_not_booked {TIMING}",
    heading="Move an interview",
    button="Move it",
):
    """Move an interview to another time or place, or give it to other interviewers. Everybody's calendar follows."""

    interview_id: Reference = Field(title="Which interview")
    cause: PersonalText = Field(title="Why")
    starts_at: Instant | None = Field(default=None, title="When")
    due_at: Instant | None = Field(default=None, title="Or, for a work sample: due")
    interviewers: tuple[Assignment, ...] | None = Field(default=None, min_length=1, max_length=8)
    candidate_agreed_at: Instant | None = Field(default=None, title="When the candidate agreed to this time")
    where: Place | None = Field(default=None, title="Where, if that is new")

    def grounded(self, sources: Sources) -> Self:
        """Refuses a place where nobody can come; without one it stays where it was."""
        check_place(self.where, meets=False)
        return self

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        if self.starts_at is not None:
            yield InterviewSlot(self.starts_at, _people(self.interviewers or ()), moved=self.interview_id)


class CancelInterview(
    CandidateCommand, who="R", refuses="ended", heading="Call an interview off", button="Call it off"
):
    """Call an interview off."""

    interview_id: Reference = Field(title="Which interview")
    cause: PersonalText = Field(title="Why")


class RespondInterview(
    CandidateCommand, who="I X", refuses="ended", works="on_hold", heading="Answer the invitation", button="Answer"
):
    """Accept an invitation, decline it, or propose other times."""

    interview_id: Reference = Field(title="Which interview")
    answer: Reply = Field(title="Your answer")
    times: tuple[Instant, ...] = Field(default=(), title="Other times that suit you", max_length=10)
    cause: PersonalText | None = Field(default=None, title="If you cannot: why")


class RecordInterview(
    CandidateCommand,
    who="R I X",
    refuses="cancelled consent_missing* speakers_unnamed*",
    works="on_hold",
    heading="Record the interview",
    button="Record it",
):
    """Say how an interview went, with its transcript, or signed notes and why there is no recording."""

    interview_id: Reference = Field(title="Which interview")
    outcome: Literal["held", "candidate_no_show", "interviewer_no_show", "cut_short"] = Field(title="How it went")
    ended_at: Instant = Field(title="When it ended")
    rec: Recording | None = Field(default=None, title="What is left of the call")

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        yield from recorded_questions(self.rec)


class InterviewScheduled(Event):
    """An interview is booked. `tells_pay_range` to somebody who has not been told it in a screen."""

    interview: Interview
    candidate_agreed_at: datetime | None = None
    tells_pay_range: bool = False


class InterviewRescheduled(Event):
    """An interview was moved or given to others: `joined` came to it, `released` no longer take part."""

    interview: Interview
    cause: PersonalText
    joined: tuple[str, ...] = ()
    released: tuple[str, ...] = ()


class InterviewCancelled(Event):
    """An interview is off."""

    interview_id: str
    cause: PersonalText


class InvitationAnswered(Event):
    """Somebody invited said whether they come. `who` is a person's id, or `candidate`."""

    interview_id: str
    who: str
    answer: Reply
    times: tuple[datetime, ...]
    cause: PersonalText | None


class InterviewEnded(Event):
    """An interview's scheduled end has passed. Time brings this, whether or not anybody recorded how it went."""

    interview_id: str


class InterviewRecorded(Event):
    """How an interview went is on record."""

    interview_id: str
    outcome: Literal["held", "candidate_no_show", "interviewer_no_show", "cut_short"]
    ended_at: datetime
    rec: Recording | None


class AllCardsIn(Event, heading="every scorecard is in"):
    """A final round was held and no card is missing any more: the debrief can open."""


def _interviews(state: Candidate) -> Iterable[str]:
    return state.interviews


@chapter.gate(ScheduleInterview)
def may_be_interviewed(state: Candidate, call: Call) -> None:
    _check_turn(state, call)


@chapter.next(ScheduleInterview)
def has_a_round_to_come(state: Candidate, call: Call) -> bool:
    planned = state.next_round
    return planned is not None and state.stage in INTERVIEWED and not (planned.final and state.debrief is None)


@chapter.decides(ScheduleInterview)
def schedule_interview(state: Candidate, asked: ScheduleInterview, call: Call) -> Iterator[Event]:
    _check_debrief(state, call, _final(state, asked.round, asked.kind))
    interview = Interview(
        id=f"I-{len(state.interviews) + 1}",
        round=asked.round,
        kind=asked.kind,
        final=_final(state, asked.round, asked.kind),
        interviewers=asked.interviewers,
        starts_at=asked.starts_at,
        due_at=asked.due_at,
        minutes=asked.minutes,
        zone=asked.candidate_zone,
        wall=WallClock.at(asked.starts_at, asked.candidate_zone) if asked.starts_at else None,
        where=asked.where,
    )
    _check_interview(state, call, interview, asked.candidate_agreed_at)
    yield from looked_up(state, call, interview.people)
    yield InterviewScheduled(
        interview=interview,
        candidate_agreed_at=asked.candidate_agreed_at,
        tells_pay_range=state.pay_range_told_at is None and interview.kind != "reference",
    )


@chapter.gate_of(RescheduleInterview, "interview_id", among=_interviews)
def may_be_moved(state: Candidate, call: Call, interview_id: str) -> None:
    interview = _upcoming(state, interview_id)
    _check_turn(state, call)
    _check_debrief(state, call, interview.final)


@chapter.decides(RescheduleInterview)
def reschedule_interview(state: Candidate, asked: RescheduleInterview, call: Call) -> Iterator[Event]:
    old = state.interviews[asked.interview_id]
    kept = asked.starts_at is None and asked.due_at is None
    new = old.but(
        starts_at=old.starts_at if kept else asked.starts_at,
        due_at=old.due_at if kept else asked.due_at,
        interviewers=asked.interviewers or old.interviewers,
        sequence=old.sequence + 1,
        where=asked.where or old.where,
    )
    people = set(new.people)
    moved = (new.starts_at, new.due_at) != (old.starts_at, old.due_at)
    answers = {} if moved else {who: reply for who, reply in old.answers.items() if who in {*people, "candidate"}}
    new = new.but(answers=answers)
    if moved:
        new = new.but(wall=WallClock.at(new.starts_at, new.zone) if new.starts_at else None)
        _check_interview(state, call, new, asked.candidate_agreed_at)
    else:
        _check_people(state, call, new)
    yield from looked_up(state, call, people)
    yield InterviewRescheduled(
        interview=new,
        cause=asked.cause,
        joined=tuple(a.person for a in new.interviewers if old.assignment(a.person) is None),
        released=tuple(a.person for a in old.interviewers if a.person not in people),
    )


@chapter.gate_of(CancelInterview, "interview_id", among=_interviews)
def may_be_called_off(state: Candidate, call: Call, interview_id: str) -> None:
    _upcoming(state, interview_id)


@chapter.decides(CancelInterview)
def cancel_interview(state: Candidate, asked: CancelInterview, call: Call) -> Iterator[Event]:
    interview = state.interviews[asked.interview_id]
    yield InterviewCancelled(interview_id=interview.id, cause=asked.cause)
    yield from completed(state, interview.but(status="cancelled"))


def _invited(call: Call) -> str:
    return call.actor.id if call.actor.kind == "person" else "candidate"


@chapter.gate_of(RespondInterview, "interview_id", among=_interviews)
def waits_for_their_answer(state: Candidate, call: Call, interview_id: str) -> None:
    interview, who = state.interview(interview_id), _invited(call)
    if who != "candidate" and interview.assignment(who) is None:
        refuse("not_permitted", "You are not invited to this interview.", "Its interviewers and the candidate answer.")
    _upcoming(state, interview_id)


@chapter.decides(RespondInterview)
def respond_interview(state: Candidate, asked: RespondInterview, call: Call) -> Iterator[Event]:
    interview, who = state.interviews[asked.interview_id], _invited(call)
    if asked.answer == "propose" and not asked.times:
        refuse("invalid", "No other time is proposed.", "One or more times.", "times")
    if any(at <= call.now for at in asked.times):
        refuse("bad_time", "A proposed time is past.", "Times to come.", "times")
    yield InvitationAnswered(
        interview_id=interview.id, who=who, answer=asked.answer, times=asked.times, cause=asked.cause
    )
    if who == "candidate":
        yield from wait_over(state)


@chapter.gate_of(RecordInterview, "interview_id", among=_interviews)
def may_be_recorded(state: Candidate, call: Call, interview_id: str) -> None:
    interview = state.interview(interview_id)
    if call.actor.kind == "candidate":
        refuse("not_permitted", "An interview is recorded by those who held it.", "The recruiter or an interviewer.")
    if interview.status == "cancelled":
        refuse("cancelled", "This interview was called off.", "Another interview.", "interview_id")
    if interview.status != "scheduled":
        refuse("already_done", "How it went is on record.", "Another interview.", "interview_id")


@chapter.next_of(RecordInterview)
def is_the_recruiters_to_record(state: Candidate, call: Call, interview_id: str) -> bool:
    return state.judged and call.actor.id == state.people.recruiter


@chapter.decides(RecordInterview)
def record_interview(state: Candidate, asked: RecordInterview, call: Call) -> Iterator[Event]:
    interview = state.interviews[asked.interview_id]
    check_ended(state, interview, asked.ended_at, call)
    if asked.outcome in HELD:
        check_recording(state, asked.rec, call)
    yield InterviewRecorded(
        interview_id=interview.id,
        outcome=asked.outcome,
        ended_at=asked.ended_at,
        rec=asked.rec if asked.outcome in HELD else None,
    )
    yield from completed(state, interview.but(status=asked.outcome))


def check_ended(state: Candidate, interview: Interview, ended_at: datetime, call: Call) -> None:
    """Refuses a time that is to come, or is before it was booked (`bad_time`). It may have been brought forward."""
    booked_at = interview.booked_at or state.opened_at
    if ended_at > call.now or (booked_at is not None and ended_at <= booked_at):
        refuse("bad_time", "It cannot have ended then.", "A time between its booking and now.", "ended_at")


def completed(state: Candidate, changed: Interview) -> Iterator[AllCardsIn]:
    """`AllCardsIn`, if it is `changed` in place of the interview it was that brings the last card."""
    if state.stage == Stage.INTERVIEWING and all_in(state.interviews | {changed.id: changed}):
        yield AllCardsIn()


def _upcoming(state: Candidate, interview_id: str) -> Interview:
    interview = state.interview(interview_id)
    if not interview.upcoming:
        refuse("ended", "This interview is over, or off.", "One that is still to come.", "interview_id")
    return interview


def _final(state: Candidate, round: int, kind: InterviewKind) -> bool:
    return state.rubric is None or is_final(state.rubric, round, kind)


def _check_turn(state: Candidate, call: Call) -> None:
    """Whether it is time for an interview at all."""
    if state.rubric is None:
        refuse("not_advanced", "The rubric is not locked, so nobody can be advanced.", "Both signatures under it.")
    if not state.advanced:
        state.gate(
            "not_advanced", state.id, call.now, "The hiring manager has not advanced them.", "answer-profile first."
        )
    if not state.screened:
        state.gate("not_screened", state.id, call.now, "They were not screened.", "record-screen first.")
    if state.decision is not None:
        refuse("closed", "A decision was made.", "Nothing more to find out.")
    if state.debrief is not None and state.debrief.held_at is not None:
        refuse("closed", "The debrief was held: the decision is due.", "decide, with a further step.")


def _check_debrief(state: Candidate, call: Call, final: bool) -> None:
    """Whether the debrief is booked, as it has to be before the final round."""
    if final and state.debrief is None:
        state.gate(
            "debrief_not_booked", state.id, call.now, "The debrief is not booked yet.", "book-debrief, then this."
        )


def _check_interview(state: Candidate, call: Call, interview: Interview, agreed_at: datetime | None) -> None:
    at = check_slot(interview.starts_at, interview.due_at, call.now)
    check_agreed(agreed_at, call.now)
    _check_people(state, call, interview)
    if interview.kind != "reference":
        notice = state.calendar_of(state.people.recruiter).due(call.now, state.rules.interview_notice, state.day)
        end = ends_at(interview.starts_at, interview.due_at, interview.minutes)
        check_sociable(at, end, interview.zone, notice, interview.starts_at is not None, agreed_at is not None)


def _check_people(state: Candidate, call: Call, interview: Interview) -> None:
    check_assignments(interview.interviewers, state.locked)
    for person in interview.people:
        if person in call.facts.busy:
            state.gate("busy", person, call.now, f"{person} is busy then.", "Another time or interviewer.")
        if person in call.facts.conflicted or person == state.referrer:
            state.gate(
                "conflict_of_interest", person, call.now, f"{person} stands close to the candidate.", "Somebody else."
            )


@chapter.evolves(InterviewScheduled)
def interview_scheduled(state: Candidate, event: InterviewScheduled, record: Record) -> Candidate:
    booked = event.interview.but(booked_at=record.at)
    state = state.with_interview(booked).at_stage(Stage.INTERVIEWING, record.at)
    if event.tells_pay_range:
        state = state.but(pay_range_told_at=record.at)
    return state.after_word(record.at) if event.interview.kind != "reference" else state


@chapter.evolves(InterviewRescheduled)
def interview_rescheduled(state: Candidate, event: InterviewRescheduled, record: Record) -> Candidate:
    state = state.with_interview(event.interview)
    return state.after_word(record.at) if event.interview.kind != "reference" else state


@chapter.evolves(InterviewCancelled)
def interview_cancelled(state: Candidate, event: InterviewCancelled, record: Record) -> Candidate:
    interview = state.interviews[event.interview_id]
    return state.with_interview(interview.but(status="cancelled", sequence=interview.sequence + 1))


@chapter.evolves(InvitationAnswered)
def invitation_answered(state: Candidate, event: InvitationAnswered, record: Record) -> Candidate:
    interview = state.interviews[event.interview_id]
    return state.with_interview(interview.but(answers=interview.answers | {event.who: event.answer}))


@chapter.evolves(InterviewEnded)
def interview_ended(state: Candidate, event: InterviewEnded, record: Record) -> Candidate:
    return state.with_interview(state.interviews[event.interview_id].but(over=True))


@chapter.evolves(InterviewRecorded)
def interview_recorded(state: Candidate, event: InterviewRecorded, record: Record) -> Candidate:
    interview = state.interviews[event.interview_id]
    recorded = interview.but(
        status=event.outcome, over=True, ended_at=event.ended_at, recorded_by=record.by, **left_of(event.rec)
    )
    return state.with_interview(recorded)


def left_of(rec: Recording | None) -> dict[str, Any]:
    """What an interview has of its record."""
    if rec is None:
        return {"transcript": None, "doc": None, "kept_as": None}
    transcript = rec.doc.id if rec.kind == "transcript" else None
    return {"transcript": transcript, "doc": rec.doc, "kept_as": rec.kind} | recorded_as(rec)


@chapter.evolves(AllCardsIn)
def all_cards_in(state: Candidate, event: AllCardsIn, record: Record) -> Candidate:
    return state.at_stage(Stage.DEBRIEFING, record.at)


@chapter.awaits
def scheduled_ends(state: Candidate) -> Iterator[tuple[datetime, Callable[[], Event]]]:
    for interview in state.interviews.values():
        if interview.upcoming:
            yield interview.ends_at, partial(InterviewEnded, interview_id=interview.id)
