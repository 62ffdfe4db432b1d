"""Every notification to a user, one row each: what it is about, which clock it speaks of, and where its reader goes.

The letter is `activities/letters/colleague/<kind>.txt`; a new notification is its member, its row and its letter. What
is said to candidates are letters alone (`activities/letters/candidate/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from domain.sla.catalogue import CLOCKS, ClockName


class NotificationKind(StrEnum):
    """The notifications by their names, as journals and letters spell them."""

    ANSWER_CHALLENGED = "answer_challenged"
    CANDIDATE_SUMMARY = "candidate_summary"
    CANDIDATE_SUMMARY_READY = "candidate_summary_ready"
    CANDIDATE_WITHDREW = "candidate_withdrew"
    CANDIDATE_WROTE = "candidate_wrote"
    CLOCK_RUNG = "clock_rung"
    CLOCK_STARTED = "clock_started"
    COMP_SIGNAL = "comp_signal"
    DEBRIEF_BRIEF_READY = "debrief_brief_ready"
    DECIDED = "decided"
    DECISION_DEFERRED = "decision_deferred"
    DRIFT_SEEN = "drift_seen"
    FURTHER_STEP_NAMED = "further_step_named"
    HIRE_LOST = "hire_lost"
    HOLD_ANSWERED = "hold_answered"
    HOLD_REVIEW = "hold_review"
    INTAKE_BRIEF_READY = "intake_brief_ready"
    INTERVIEW_KIT = "interview_kit"
    INTERVIEW_RELEASED = "interview_released"
    INVITATION_NOT_ACCEPTED = "invitation_not_accepted"
    MANAGER_UPDATE = "manager_update"
    NOTE_MENTIONS = "note_mentions"
    OFFER_ABOVE_BAND = "offer_above_band"
    OFFER_APPROVED = "offer_approved"
    OFFER_NEWS = "offer_news"
    PROFILE_ANSWERED = "profile_answered"
    RECALIBRATION_OPENED = "recalibration_opened"
    RECORDING_WAITS = "recording_waits"
    RECORD_CORRECTED = "record_corrected"
    REQUEST_RECORDED = "request_recorded"
    RUBRIC_DECLINED = "rubric_declined"
    RUBRIC_LOCKED = "rubric_locked"
    RUBRIC_READY = "rubric_ready"
    SCORECARD_READY = "scorecard_ready"
    SLATE_ANSWERED = "slate_answered"


@dataclass(frozen=True)
class NotificationRow:
    """One notification.

    `heading` is what it is about, for somebody who reads it again; None for those about a clock, whose row says so.
    `says` is the clock whose start its own letter already tells, so that it is not said twice in a message; where it
    says `nothing_else`, it is moot once that clock has ended. `page` is the page below its requisition or candidate on
    which its reader does what it asks for. `signed` by the recruiter, who writes to a colleague; the others come from
    the machine. `to_interviewer`: it is told to whoever holds an interview, whatever else they are in the team.

    `apart` is a letter of its own, because it will not wait. `owes`: its reader owes what it says, as with those that
    say a clock. `escalates`: it speaks of a clock, to its owner as of what they owe, to others as of what others owe,
    and a lead may be interrupted for it. `grouped`: several about one requisition are one line with several names.
    """

    kind: str
    heading: str | None
    says: ClockName | None = None
    nothing_else: bool = False
    page: str = ""
    signed: bool = False
    apart: bool = False
    to_interviewer: bool = False
    owes: bool = False
    escalates: bool = False
    grouped: bool = False

    def is_task(self, about: Mapping[str, object]) -> bool:
        """Whether one about these ids says what its reader owes."""
        if self.escalates:
            return about.get("recipient") == "owner"
        return self.owes or self.says is not None


_K, _C = NotificationKind, ClockName

NOTIFICATIONS: dict[str, NotificationRow] = {
    row.kind: row
    for row in (
        NotificationRow(
            _K.ANSWER_CHALLENGED,
            "“What did I miss?” One question back",
            _C.PROFILE_ANSWERED,
            nothing_else=True,
            page="/answer-profile",
        ),
        NotificationRow(_K.CANDIDATE_SUMMARY, "A candidate: five lines from the screen", signed=True),
        NotificationRow(
            _K.CANDIDATE_SUMMARY_READY,
            "A draft summary waits for you",
            _C.SUMMARY_SENT,
            nothing_else=True,
            page="/confirm-summary",
        ),
        NotificationRow(_K.CANDIDATE_WITHDREW, "A candidate withdrew"),
        NotificationRow(_K.CANDIDATE_WROTE, "A candidate wrote"),
        NotificationRow(_K.CLOCK_RUNG, None, escalates=True),
        NotificationRow(_K.CLOCK_STARTED, None, owes=True, grouped=True),
        NotificationRow(
            _K.COMP_SIGNAL,
            "What candidates expect to be paid",
            _C.COMP_ACKNOWLEDGED,
            page="/acknowledge-comp-signal",
        ),
        NotificationRow(_K.DEBRIEF_BRIEF_READY, "The page for the debrief is ready", _C.DEBRIEF_HELD, page="/debrief"),
        NotificationRow(_K.DECIDED, "A decision was made", _C.OFFER_MADE),
        NotificationRow(_K.DECISION_DEFERRED, "The decision comes later"),
        NotificationRow(_K.DRIFT_SEEN, "Profiles are rejected for reasons that the rubric does not name"),
        NotificationRow(_K.FURTHER_STEP_NAMED, "One further step before the decision"),
        NotificationRow(_K.HIRE_LOST, "Somebody we hired will not come"),
        NotificationRow(
            _K.HOLD_ANSWERED,
            "What you asked about a profile is known",
            _C.PROFILE_ANSWERED,
            nothing_else=True,
            page="/answer-profile",
        ),
        NotificationRow(_K.HOLD_REVIEW, "Still on hold?"),
        NotificationRow(
            _K.INTAKE_BRIEF_READY,
            "Before the intake: what will be asked, and why",
            signed=True,
            apart=True,
        ),
        NotificationRow(_K.INTERVIEW_KIT, "Your interview, and what to ask in it", to_interviewer=True),
        NotificationRow(
            _K.INTERVIEW_RELEASED, "You were not in an interview after all: no scorecard is due", to_interviewer=True
        ),
        NotificationRow(_K.INVITATION_NOT_ACCEPTED, "An interview invitation was not accepted"),
        NotificationRow(_K.MANAGER_UPDATE, "How the requisition goes"),
        NotificationRow(_K.NOTE_MENTIONS, "You are mentioned in a note"),
        NotificationRow(
            _K.OFFER_ABOVE_BAND, "An offer above the band waits for you", _C.OFFER_APPROVED, nothing_else=True
        ),
        NotificationRow(_K.OFFER_APPROVED, "You may offer more than the band"),
        NotificationRow(_K.OFFER_NEWS, "News of the offer"),
        NotificationRow(_K.PROFILE_ANSWERED, "A profile is answered", _C.HELD_RESOLVED),
        NotificationRow(_K.RECALIBRATION_OPENED, "The pulse says: recalibrate"),
        NotificationRow(_K.RECORDING_WAITS, "A recording waits for you", owes=True),
        NotificationRow(_K.RECORD_CORRECTED, "A record was corrected"),
        NotificationRow(
            _K.REQUEST_RECORDED,
            "A candidate's request about their data",
            _C.REQUEST_ANSWERED,
            nothing_else=True,
            page="/answer-request",
        ),
        NotificationRow(_K.RUBRIC_DECLINED, "The rubric was not signed", page="/rubric"),
        NotificationRow(_K.RUBRIC_LOCKED, "The rubric is locked", page="/rubric"),
        NotificationRow(_K.RUBRIC_READY, "The intake's words for the rubric", page="/edit-rubric"),
        NotificationRow(
            _K.SCORECARD_READY,
            "Your draft scorecard is ready",
            _C.SCORECARD_IN,
            nothing_else=True,
            page="/submit-scorecard",
            to_interviewer=True,
        ),
        NotificationRow(_K.SLATE_ANSWERED, "The slate is answered"),
    )
}
"""Every notification by its kind."""


def notification_row(kind: str) -> NotificationRow:
    """The row of a notification; of one that only another build knows, what its name says."""
    return NOTIFICATIONS.get(kind) or _unknown(kind)


@lru_cache(maxsize=64)
def _unknown(kind: str) -> NotificationRow:
    return NotificationRow(kind, kind.replace("_", " ").capitalize())


def page_for(kind: str, about: Mapping[str, object]) -> str:
    """Below the page of its requisition or candidate, where to do what a notification asks for; empty: that page."""
    clock = CLOCKS.get(str(about.get("clock"))) if about.get("recipient", "owner") == "owner" else None
    command = clock.command if clock else None
    return f"/{command.replace('_', '-')}" if command else notification_row(kind).page
