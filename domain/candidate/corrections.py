"""Corrections of screens and interviews: the wrong file, a no-show by mistake, another time, who really was there.

Nothing is erased: a correction is an event with its reason, beside what it corrects. What rested on a record that was
replaced is marked and asked again: the summary, quotes in scorecards, drafts. Clocks are counted anew from the
corrected fact (`domain/candidate/clocks.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, NoReturn

from pydantic import Field

from domain.access.roles import Role
from domain.candidate.interviews import AllCardsIn, check_ended, completed
from domain.candidate.interviews import left_of as interview_left_of
from domain.candidate.recording_consent import check_recording
from domain.candidate.scorecards import QuotesMarked, quotes_marked
from domain.candidate.screen import SummaryOutdated
from domain.candidate.screen import left_of as screen_left_of
from domain.candidate.state import Candidate, CandidateCommand, Screen, looked_up
from domain.core.decider import Chapter
from domain.core.ids import DocumentId, Reference
from domain.core.lookups import Lookup
from domain.core.messages import Command, Effect, Event, Record, Value, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.effects import Notify
from domain.entity.entity_facts import ENDS, Stage
from domain.entity.speaker_naming import recorded_questions
from domain.evidence.documents import Recording
from domain.evidence.draft_jobs import DraftJob
from domain.evidence.interview_plan import HELD, Assignment, Interview, Outcome, all_in, check_assignments
from domain.notifications.catalogue import NotificationKind
from domain.time.zones import Instant

chapter: Chapter[Candidate] = Chapter()

ScreenOutcome = Literal["held", "no_show"]


class CorrectScreen(
    CandidateCommand,
    who="R P",
    refuses="not_recorded decided no_change* consent_missing* speakers_unnamed*",
    works="on_hold out after_end",
    heading="Correct the record of the screen",
    button="Correct it",
):
    """Say what of the screen was recorded wrongly, and why. What you leave as it is stays.

    Once it was decided, or is over, this is the HR partner's to do.
    """

    outcome: ScreenOutcome | None = Field(default=None, title="How it really went")
    at: Instant | None = Field(default=None, title="When it really was")
    rec: Recording | None = Field(default=None, title="The right record")
    why: PersonalText = Field(title="What was wrong, and how it came about")

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        yield from recorded_questions(self.rec)


class CorrectInterview(
    CandidateCommand,
    who="R I X P",
    refuses="not_recorded decided no_change* consent_missing* speakers_unnamed* criteria_unknown*",
    works="on_hold out after_end",
    heading="Correct the record of an interview",
    button="Correct it",
):
    """Say what of an interview was recorded wrongly, and why: who was there, how it went, when, or its record.

    For the recruiter, or whoever recorded it. Once it was decided, or is over, this is the HR partner's to do.
    """

    interview_id: Reference = Field(title="Which interview")
    outcome: Outcome | None = Field(default=None, title="How it really went")
    ended_at: Instant | None = Field(default=None, title="When it really ended")
    rec: Recording | None = Field(default=None, title="The right record")
    interviewers: tuple[Assignment, ...] | None = Field(
        default=None,
        title="Who was really there",
        description="A colleague who stepped in takes the other's place, and owes the scorecard.",
        min_length=1,
        max_length=8,
    )
    why: PersonalText = Field(title="What was wrong, and how it came about")

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        yield from recorded_questions(self.rec)


class Recorded(Value):
    """What was on record before it was corrected. Times in UTC."""

    outcome: Literal["held", "no_show", "candidate_no_show", "interviewer_no_show", "cut_short"]
    at: datetime | None = None
    document: DocumentId | None = None
    interviewers: tuple[Assignment, ...] = ()


class ScreenCorrected(Event, heading="the record of the screen was corrected"):
    """How the screen really was. `rec` is its record where that is another now; `was` is what was on record."""

    outcome: ScreenOutcome
    held_at: datetime
    rec: Recording | None
    was: Recorded
    why: PersonalText


class InterviewCorrected(Event, heading="the record of an interview was corrected"):
    """How an interview really was. `rec` is its record where that is another now; `was` is what was on record.

    `joined` were there after all, `released` were not. `moved`: what is owed for it counts from another time.
    """

    interview_id: str
    outcome: Outcome
    ended_at: datetime
    rec: Recording | None
    interviewers: tuple[Assignment, ...]
    joined: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    moved: bool = False
    was: Recorded
    why: PersonalText


class RoundReopened(Event, heading="a scorecard is missing after all"):
    """By a corrected record not every card is in, or no final round was held: the debrief has to wait."""


def _check_when(state: Candidate, call: Call, command: type[Command]) -> None:
    """Refuses a correction of what was decided by (`decided`), but to the HR partner."""
    over = state.decision is not None or state.stage in ENDS or state.standing == "ended"
    if over and Role.HR_PARTNER not in state.roles_of(call.actor, command.name, call.now):
        refuse(
            "decided",
            "By what is on record it was decided, or is over.",
            "The HR partner, who may still correct it, with the reason.",
        )


@chapter.gate(CorrectScreen)
def screen_is_on_record(state: Candidate, call: Call) -> None:
    if state.screen is None or state.screen.status not in ("held", "no_show"):
        refuse("not_recorded", "Nothing is on record of the screen.", "record-screen, once it was held.")
    _check_when(state, call, CorrectScreen)


@chapter.decides(CorrectScreen)
def correct_screen(state: Candidate, asked: CorrectScreen, call: Call) -> Iterator[Event]:
    screen = state.screen
    assert screen is not None, "nothing is on record"
    before: ScreenOutcome = "held" if screen.status == "held" else "no_show"
    outcome = asked.outcome or before
    held_at = _at(asked.at, screen.held_at or screen.starts_at)
    if held_at > call.now:
        refuse("bad_time", "That has not happened yet.", "When it was held.", "at")
    rec = asked.rec if outcome == "held" else None
    if rec is not None and (rec.doc.id, rec.kind) == (screen.record, screen.kind):
        rec = None
    elif outcome == "held" and (rec is not None or before != "held"):
        check_recording(state, rec, call)
    if (outcome, held_at) == (before, screen.held_at) and rec is None:
        _refuse_unchanged()
    yield ScreenCorrected(
        outcome=outcome,
        held_at=held_at,
        rec=rec,
        was=Recorded(outcome=before, at=screen.held_at, document=screen.record),
        why=asked.why,
    )
    lost = rec is not None or outcome != before
    if lost and screen.record is not None and state.summary is not None and not state.summary.outdated:
        yield SummaryOutdated()


def _at(asked: datetime | None, known: datetime) -> datetime:
    """The time that is asked for; the known one if none is, or one of the same minute: forms know no seconds."""
    if asked is None or asked.replace(second=0, microsecond=0) == known.replace(second=0, microsecond=0):
        return known
    return asked


def _there(interview: Interview, asked: tuple[Assignment, ...] | None) -> tuple[Assignment, ...]:
    """Who was there, those of whom nothing changed as they were: criteria come in any order."""
    known = {(a.person, frozenset(a.criteria), a.shadow): a for a in interview.interviewers}
    named = tuple(known.get((a.person, frozenset(a.criteria), a.shadow), a) for a in asked or interview.interviewers)
    return interview.interviewers if set(known.values()) == set(named) else named


def _refuse_unchanged() -> NoReturn:
    refuse("no_change", "That is what is on record.", "What is to be otherwise.", "outcome")


@chapter.gate_of(CorrectInterview, "interview_id", among=lambda state: state.interviews)
def interview_is_on_record(state: Candidate, call: Call, interview_id: str) -> None:
    interview = state.interview(interview_id)
    roles = state.roles_of(call.actor, CorrectInterview.name, call.now)
    if not roles & {Role.RECRUITER, Role.HR_PARTNER} and interview.recorded_by != call.actor.id:
        refuse("not_permitted", "Somebody else recorded this.", "The recruiter, or whoever recorded it.")
    if interview.outcome is None:
        refuse("not_recorded", "Nothing is on record of it.", "record-interview, once it was held.", "interview_id")
    _check_when(state, call, CorrectInterview)


@chapter.decides(CorrectInterview)
def correct_interview(state: Candidate, asked: CorrectInterview, call: Call) -> Iterator[Event]:
    interview = state.interviews[asked.interview_id]
    before = interview.outcome
    assert before is not None, "nothing is on record"
    outcome = asked.outcome or before
    known_at = interview.ended_at or interview.ends_at
    ended_at = _at(asked.ended_at, known_at)
    if asked.ended_at is not None:
        check_ended(state, interview, ended_at, call)
    rec = asked.rec if outcome in HELD else None
    known = interview.doc
    if rec is not None and known is not None and (rec.doc.id, rec.kind) == (known.id, interview.kept_as):
        rec = None
    elif outcome in HELD and (rec is not None or before not in HELD):
        check_recording(state, rec, call)
    there = _there(interview, asked.interviewers)
    if there != interview.interviewers:
        check_assignments(there, state.locked, known=interview.interviewers)
    retimed = ended_at != known_at
    if outcome == before and not retimed and rec is None and there == interview.interviewers:
        _refuse_unchanged()
    joined = tuple(a.person for a in there if interview.assignment(a.person) is None)
    yield from looked_up(state, call, joined)
    event = InterviewCorrected(
        interview_id=interview.id,
        outcome=outcome,
        ended_at=ended_at,
        rec=rec,
        interviewers=there,
        joined=joined,
        released=tuple(a.person for a in interview.interviewers if a.person not in {b.person for b in there}),
        moved=retimed or (outcome in HELD) != (before in HELD),
        was=Recorded(
            outcome=before,
            at=interview.ended_at,
            document=known.id if known else interview.transcript,
            interviewers=interview.interviewers,
        ),
        why=asked.why,
    )
    yield event
    after = corrected(interview, event)
    yield from quotes_marked(interview, after)
    yield from _round(state, after)


def _round(state: Candidate, changed: Interview) -> Iterator[AllCardsIn | RoundReopened]:
    """What the corrected interview means to the debrief, which waits for every card, until it was held."""
    waits = state.debrief is None or state.debrief.held_at is None
    if state.stage == Stage.DEBRIEFING and waits and not all_in(state.interviews | {changed.id: changed}):
        yield RoundReopened()
    if not all_in(state.interviews):
        yield from completed(state, changed)


def corrected(interview: Interview, event: InterviewCorrected) -> Interview:
    """The interview as it really was."""
    held = event.outcome in HELD
    changed = interview.but(status=event.outcome, over=True, ended_at=event.ended_at, interviewers=event.interviewers)
    if event.rec is not None or not held:
        changed = changed.but(
            **interview_left_of(event.rec), replaced=_replaced(interview.replaced, event.was.document, event.rec)
        )
    return changed.settled


def _replaced(before: tuple[DocumentId, ...], was: DocumentId | None, rec: Recording | None) -> tuple[DocumentId, ...]:
    """The documents that were a record once and are none now."""
    now = rec.doc.id if rec else None
    return tuple(document for document in dict.fromkeys((*before, was)) if document not in (None, now))


@chapter.evolves(ScreenCorrected)
def screen_corrected(state: Candidate, event: ScreenCorrected, record: Record) -> Candidate:
    assert state.screen is not None, "a screen was corrected that there is not"
    held = event.outcome == "held"
    screen: Screen = state.screen.but(status=event.outcome, held_at=event.held_at)
    if event.rec is not None or not held:
        screen = screen.but(kind=None, record=None, doc=None).but(
            **screen_left_of(event.rec), replaced=_replaced(screen.replaced, event.was.document, event.rec)
        )
        state = _without_drafts(state, DraftJob.CANDIDATE_SUMMARY)
    state = state.but(screen=screen)
    if held and state.stage == Stage.ADVANCED:
        return state.at_stage(Stage.SCREENED, record.at)
    if not held and state.stage == Stage.SCREENED:
        return state.at_stage(Stage.ADVANCED, record.at)
    return state


@chapter.evolves(InterviewCorrected)
def interview_corrected(state: Candidate, event: InterviewCorrected, record: Record) -> Candidate:
    before = state.interviews[event.interview_id]
    after = corrected(before, event)
    if after.transcript != before.transcript:
        state = _without_drafts(state, f"{DraftJob.SCORECARD}:{after.id}:")
    return state.with_interview(after)


def _without_drafts(state: Candidate, key: str) -> Candidate:
    """The candidate without drafts, by how their keys begin, that were made of a record which is replaced."""
    return state.but(drafts={name: draft for name, draft in state.drafts.items() if not name.startswith(key)})


@chapter.evolves(RoundReopened)
def round_reopened(state: Candidate, event: RoundReopened, record: Record) -> Candidate:
    return state.at_stage(Stage.INTERVIEWING, record.at)


def _notified(state: Candidate, person: str, what: str, interview: str | None = None) -> Notify:
    about: dict[str, str | int | None] = {"candidate": state.id, "what": what}
    if interview is not None:
        about["interview"] = interview
    return Notify(person=person, matter=NotificationKind.RECORD_CORRECTED, about=about)


def _about_to_decide(state: Candidate) -> bool:
    """Whether the debrief was held, and the decision is still to come."""
    return state.debrief is not None and state.debrief.held_at is not None and state.decision is None and state.judged


@chapter.reacts(ScreenCorrected, InterviewCorrected)
def tell_who_decides_and_who_recruits(state: Candidate, event: Event, record: Record) -> Iterator[Effect]:
    interview = event.interview_id if isinstance(event, InterviewCorrected) else None
    if _about_to_decide(state):
        yield _notified(state, state.people.hiring_manager, "decision", interview)
    if record.by != state.people.recruiter:
        yield _notified(state, state.people.recruiter, "record", interview)


@chapter.reacts(SummaryOutdated)
def tell_whoever_had_the_summary(state: Candidate, event: SummaryOutdated, record: Record) -> Iterator[Effect]:
    if not _about_to_decide(state):
        yield _notified(state, state.people.hiring_manager, "summary")


@chapter.reacts(QuotesMarked)
def tell_who_quoted(state: Candidate, event: QuotesMarked, record: Record) -> Iterator[Effect]:
    for person in dict.fromkeys(score.person for score in event.scores):
        if state.judged:
            yield _notified(state, person, "card", event.interview_id)
