"""The screen: told the range first, held and recorded, and summed up for the hiring manager the same day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, Literal, Self

from pydantic import Field

from domain.candidate.pay_range import pay_range
from domain.candidate.recording_consent import check_recording
from domain.candidate.state import AT_WORK, Candidate, CandidateCommand, Screen, SentSummary, Verdict, looked_up
from domain.core.decider import Chapter
from domain.core.ids import DocumentId, MeetingUid, PersonId
from domain.core.lookups import Lookup
from domain.core.messages import Effect, Event, Record, Refusals, Sources, Value, refuse
from domain.core.money import Pay
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.effects import Invite, Notify
from domain.entity.entity_facts import Stage
from domain.entity.speaker_naming import recorded_questions
from domain.entity.transcription import recorded_as
from domain.evidence.documents import Evidence, LookedFor, Quote, Recording
from domain.evidence.draft_jobs import DraftJob
from domain.evidence.interview_plan import check_agreed, check_sociable
from domain.evidence.meeting_place import ASKS_WHERE, Place, check_place
from domain.evidence.quotes import aligned, aligned_evidence
from domain.evidence.rubric import CriterionId
from domain.evidence.text_rules import pay_history
from domain.notifications.catalogue import NotificationKind
from domain.time.wall_clock import WallClock
from domain.time.zones import Instant, Zone

chapter: Chapter[Candidate] = Chapter()

BULLETS = 5


class ScheduleScreen(
    CandidateCommand,
    who="R",
    refuses="not_shortlisted pay_range_untold* place_missing* short_notice* unsocial_hours*",
    heading="Arrange the screen",
    button="Send the invitation",
):
    """Arrange the first call. The invitation tells the pay range, unless the candidate knows it already."""

    model_config = ASKS_WHERE

    starts_at: Instant = Field(title="When")
    minutes: int = Field(title="How long, in minutes", ge=10, le=120)
    candidate_zone: Zone = Field(title="Time zone of the candidate")
    tell_pay_range: bool = Field(default=True, title="The invitation tells the pay range")
    held_by: PersonId | None = Field(default=None, title="Who holds it", description="The recruiter, unless said.")
    where: Place | None = Field(default=None, title="Where", description="A link, a room or a telephone number.")
    candidate_agreed_at: Instant | None = Field(
        default=None,
        title="When the candidate agreed to this time",
        description="Needed if it is less than a day away, or outside 08:00 to 19:00 where they are.",
    )

    def grounded(self, sources: Sources) -> Self:
        """Refuses what would be held nowhere."""
        check_place(self.where)
        return self


class RecordScreen(
    CandidateCommand,
    who="R",
    refuses="not_scheduled consent_missing* speakers_unnamed*",
    works="on_hold",
    heading="Record the screen",
    button="Record it",
):
    """Say how the screen went, with its transcript, or signed notes and why there is no recording."""

    outcome: Literal["held", "no_show"] = Field(title="How it went")
    at: Instant = Field(title="When")
    rec: Recording | None = Field(default=None, title="What is left of the call")

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        yield from recorded_questions(self.rec)


class SummaryBullet(Value):
    """One line about the candidate and what it rests on: a quote, or an observation where there is no recording."""

    text: PersonalText
    evidence: Evidence = Field(default=Evidence(), title="What shows it")


class SummaryVerdict(Value):
    """How the candidate stands to one criterion after the screen, and what says so."""

    verdict: Verdict = Field(title="Your answer")
    evidence: Evidence = Field(default=Evidence(), title="What shows it")


class ConfirmSummary(
    CandidateCommand,
    who="R",
    refuses="not_screened stale_draft five_bullets* span_missing* not_in_source* pay_history*",
    heading="The summary for the hiring manager",
    button="Send the summary",
    draft=DraftJob.CANDIDATE_SUMMARY,
):
    """Send the hiring manager the candidate summary: five bullets, verdicts, the strongest quote, what pay they expect.

    `draft_id` is the draft that was confirmed or edited; nothing where none has come. Never the transcript. Whoever
    sees something otherwise than the draft may say why (`why_otherwise`), for its record.
    """

    draft_id: DocumentId | None = None
    bullets: tuple[SummaryBullet, ...] = Field(title="Five lines")
    verdicts: dict[CriterionId, SummaryVerdict] = Field(title="How they stand to each criterion")
    strongest: Quote | None = Field(
        default=None,
        title="The strongest in their own words",
        description="Word for word, as it stands in the transcript or the résumé.",
    )
    why_no_quote: PersonalText | None = Field(default=None, title="Without a quote: why there is none")
    expectation: Pay | Literal["not_given"] = Field(title="What pay they expect")
    why_otherwise: PersonalText | None = Field(
        default=None, title="Where you see something otherwise than the draft: why"
    )
    looked_seconds: LookedFor = None

    def grounded(self, sources: Sources) -> Self:
        """Refuses pay history, and quotes that are not in their source."""
        for n, bullet in enumerate(self.bullets):
            if isinstance(bullet.text, str) and (kept := pay_history(bullet.text)):
                refuse(
                    "pay_history",
                    f"“{kept}” is what they earned; that is never kept.",
                    "What they expect, or nothing.",
                    f"bullets.{n}",
                )
        return self.but(
            bullets=tuple(
                b.but(evidence=aligned_evidence((b.evidence,), sources, f"bullets.{n}")[0])
                for n, b in enumerate(self.bullets)
            ),
            verdicts={
                criterion: v.but(evidence=aligned_evidence((v.evidence,), sources, f"verdicts.{criterion}")[0])
                for criterion, v in self.verdicts.items()
            },
            strongest=aligned(self.strongest, sources, "strongest") if self.strongest else None,
        )


class ScreenScheduled(Event):
    """The first call is arranged, or moved; `released` was to hold it, and is not any more."""

    screen: Screen
    pay_range_told: bool
    released: PersonId | None = None


class ScreenCancelled(Event):
    """The first call will not take place."""


class ScreenRecorded(Event):
    """The first call was held, or the candidate did not come."""

    outcome: Literal["held", "no_show"]
    held_at: Instant
    rec: Recording | None


class SummaryConfirmed(Event):
    """The hiring manager has the summary, confirmed by a named person."""

    draft_id: str | None
    bullets: tuple[SummaryBullet, ...]
    verdicts: dict[str, SummaryVerdict]
    strongest: Quote | None
    why_no_quote: PersonalText | None
    expectation: Pay | None
    rubric_version: int
    why_otherwise: PersonalText | None = None
    looked_seconds: int | None = None


class SummaryOutdated(Event, heading="the summary rests on a record that was corrected"):
    """What the hiring manager was sent rests on a record that was corrected: it is to be confirmed anew."""


@chapter.gate(ScheduleScreen)
def may_be_screened(state: Candidate, call: Call) -> None:
    if state.stage not in AT_WORK:
        refuse("not_shortlisted", "They are not on the shortlist.", "shortlist, with a verdict per criterion, first.")
    if state.screened:
        refuse("already_done", "The screen was held.", "log-contact, for another call.")


@chapter.next(ScheduleScreen)
def none_is_arranged(state: Candidate, call: Call) -> bool:
    return state.judged and (state.screen is None or state.screen.status != "scheduled")


@chapter.decides(ScheduleScreen)
def schedule_screen(state: Candidate, asked: ScheduleScreen, call: Call) -> Iterator[Event]:
    if asked.starts_at <= call.now:
        refuse("bad_time", "That time is past.", "A time to come.", "starts_at")
    if not asked.tell_pay_range and state.pay_range_told_at is None:
        refuse("pay_range_untold", "Nobody told them the range.", "An invitation that tells the pay range.")
    check_agreed(asked.candidate_agreed_at, call.now)
    before = state.screen if state.screen is not None and state.screen.status == "scheduled" else None
    if before is None or before.starts_at != asked.starts_at:
        _check_sociable(state, asked, call)
    if asked.held_by is not None:
        yield from looked_up(state, call, (asked.held_by,))
    held_by = asked.held_by or state.people.recruiter
    yield ScreenScheduled(
        screen=Screen(
            starts_at=asked.starts_at,
            minutes=asked.minutes,
            zone=asked.candidate_zone,
            wall=WallClock.at(asked.starts_at, asked.candidate_zone),
            sequence=state.screen.sequence + 1 if state.screen else 0,
            where=asked.where,
            held_by=asked.held_by,
        ),
        pay_range_told=asked.tell_pay_range,
        released=state.screened_by if before is not None and state.screened_by != held_by else None,
    )


def _check_sociable(state: Candidate, asked: ScheduleScreen, call: Call) -> None:
    """As of interviews: with notice, and in the candidate's day, unless they agreed. A new place is no new time."""
    notice = state.calendar_of(state.people.recruiter).due(call.now, state.rules.interview_notice, state.day)
    ends = asked.starts_at + timedelta(minutes=asked.minutes)
    check_sociable(asked.starts_at, ends, asked.candidate_zone, notice, True, asked.candidate_agreed_at is not None)


@chapter.gate(RecordScreen)
def is_arranged(state: Candidate, call: Call) -> None:
    if state.screen is None or state.screen.status != "scheduled":
        refuse("not_scheduled", "No screen is arranged.", "schedule-screen first.")


@chapter.next(RecordScreen)
def was_arranged(state: Candidate, call: Call) -> bool:
    return state.judged


@chapter.decides(RecordScreen)
def record_screen(state: Candidate, asked: RecordScreen, call: Call) -> Iterator[Event]:
    if asked.at > call.now:
        refuse("bad_time", "That has not happened yet.", "When it was held.", "at")
    if asked.outcome == "held":
        check_recording(state, asked.rec, call)
    yield ScreenRecorded(outcome=asked.outcome, held_at=asked.at, rec=asked.rec if asked.outcome == "held" else None)


@chapter.gate(ConfirmSummary)
def may_be_summed_up(state: Candidate, call: Call) -> None:
    if not state.screened:
        refuse("not_screened", "The screen was not held.", "record-screen first.")
    if state.summary is not None and not state.summary.outdated:
        refuse("already_done", "The hiring manager has the summary.", "log-contact, for what has come up since.")


@chapter.next(ConfirmSummary)
def is_to_be_sent(state: Candidate, call: Call) -> bool:
    return state.judged


@chapter.decides(ConfirmSummary)
def confirm_summary(state: Candidate, asked: ConfirmSummary, call: Call) -> Iterator[Event]:
    screen, rubric = state.screen, state.locked
    assert screen is not None, "summed up without a screen"
    draft = state.drafts.get(DraftJob.CANDIDATE_SUMMARY)
    current = draft.id if draft and draft.rubric_version == rubric.version else None
    if asked.draft_id != current:
        refuse(
            "stale_draft",
            "That is not the latest draft against the rubric as it stands.",
            f"Draft {current}." if current else "No draft: there is none against it.",
            "draft_id",
        )
    if len(asked.bullets) != BULLETS:
        refuse("five_bullets", f"There are {len(asked.bullets)} bullets.", f"{BULLETS} bullets.", "bullets")
    if set(asked.verdicts) != set(rubric.weights):
        known = ", ".join(sorted(rubric.weights))
        refuse("invalid", "The verdicts do not match the rubric.", f"One for each of {known}.", "verdicts")
    wrong = Refusals()
    for field, evidence in _to_be_shown(asked):
        with wrong:
            _check_source(state, screen, field, evidence)
    with wrong:
        if asked.strongest is None and asked.why_no_quote is None:
            refuse("span_missing", "The strongest quote is missing.", "A quote, or why there is none.", "strongest")
        if asked.strongest is not None:
            _check_source(state, screen, "strongest", Evidence(quote=asked.strongest))
    wrong.raise_all()
    yield SummaryConfirmed(
        draft_id=asked.draft_id,
        bullets=asked.bullets,
        verdicts=asked.verdicts,
        strongest=asked.strongest,
        why_no_quote=asked.why_no_quote,
        expectation=None if asked.expectation == "not_given" else asked.expectation,
        rubric_version=rubric.version,
        why_otherwise=asked.why_otherwise if asked.draft_id else None,
        looked_seconds=asked.looked_seconds,
    )


def _to_be_shown(asked: ConfirmSummary) -> Iterator[tuple[str, Evidence]]:
    for n, bullet in enumerate(asked.bullets):
        yield f"bullets.{n}", bullet.evidence
    for criterion, verdict in asked.verdicts.items():
        if verdict.verdict != "not_discussed":
            yield f"verdicts.{criterion}", verdict.evidence


def _check_source(state: Candidate, screen: Screen, field: str, evidence: Evidence) -> None:
    """A recorded screen is quoted; of an unrecorded one there are observations. A résumé may be quoted in any case."""
    resume = state.resume.id if state.resume else None
    quotable = {resume, screen.record if screen.kind == "transcript" else None} - {None}
    if evidence.quote is not None:
        if evidence.quote.document not in quotable:
            refuse("not_in_source", "That is no source about them.", "The screen's transcript, or the résumé.", field)
    elif screen.kind in ("transcript", "recording") or evidence.observation is None:
        refuse(
            "span_missing",
            "Nothing shows where that comes from.",
            "A quote from the transcript or the résumé; an observation where the screen was not recorded.",
            field,
        )


@chapter.evolves(ScreenScheduled)
def screen_scheduled(state: Candidate, event: ScreenScheduled, record: Record) -> Candidate:
    told = record.at if event.pay_range_told else state.pay_range_told_at
    return state.after_word(record.at).but(screen=event.screen, pay_range_told_at=told)


@chapter.evolves(ScreenCancelled)
def screen_cancelled(state: Candidate, event: ScreenCancelled, record: Record) -> Candidate:
    assert state.screen is not None
    return state.but(screen=state.screen.but(status="cancelled", sequence=state.screen.sequence + 1))


@chapter.evolves(ScreenRecorded)
def screen_recorded(state: Candidate, event: ScreenRecorded, record: Record) -> Candidate:
    assert state.screen is not None
    screen = state.screen.but(status=event.outcome, held_at=event.held_at, **left_of(event.rec))
    state = state.but(screen=screen)
    return (
        state.at_stage(Stage.SCREENED, record.at)
        if event.outcome == "held" and state.stage == Stage.ADVANCED
        else state
    )


def left_of(rec: Recording | None) -> dict[str, Any]:
    """What a screen has of its record."""
    return {"kind": rec.kind, "record": rec.doc.id, "doc": rec.doc} | recorded_as(rec) if rec else {}


@chapter.evolves(SummaryOutdated)
def summary_outdated(state: Candidate, event: SummaryOutdated, record: Record) -> Candidate:
    assert state.summary is not None, "nothing was sent that could be outdated"
    return state.but(summary=state.summary.but(outdated=True))


@chapter.evolves(SummaryConfirmed)
def summary_confirmed(state: Candidate, event: SummaryConfirmed, record: Record) -> Candidate:
    summary = SentSummary(
        at=record.at, draft=event.draft_id, rubric_version=event.rubric_version, expectation=event.expectation
    )
    return state.but(summary=summary)


@chapter.reacts(ScreenScheduled, ScreenCancelled)
def invite(state: Candidate, event: Event, record: Record) -> Iterator[Effect]:
    screen = state.screen
    assert screen is not None
    yield Invite(
        uid=str(MeetingUid(state.id, "screen")),
        sequence=screen.sequence,
        method="CANCEL" if screen.status == "cancelled" else "REQUEST",
        matter="screen",
        starts_at=screen.starts_at,
        minutes=screen.minutes,
        organizer=state.people.recruiter,
        people=(state.screened_by,),
        candidate=state.id,
        zone=screen.zone,
        where=screen.where,
    )
    if isinstance(event, ScreenScheduled) and event.released is not None:
        yield Invite(
            uid=str(MeetingUid(state.id, "screen")),
            sequence=screen.sequence,
            method="CANCEL",
            matter="screen",
            starts_at=screen.starts_at,
            minutes=screen.minutes,
            organizer=state.people.recruiter,
            people=(event.released,),
        )


@chapter.reacts(ScreenScheduled)
def tell_pay_range(state: Candidate, event: ScreenScheduled, record: Record) -> Iterator[Effect]:
    if event.pay_range_told:
        yield pay_range(state)


@chapter.reacts(SummaryConfirmed)
def send_summary(state: Candidate, event: SummaryConfirmed, record: Record) -> Iterator[Effect]:
    about: dict[str, str | int | None] = {"candidate": state.id, "summary": record.seq}
    yield Notify(person=state.people.hiring_manager, matter=NotificationKind.CANDIDATE_SUMMARY, about=about)
