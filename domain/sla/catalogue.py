"""Every clock, one row each: whose task it is, how long it runs, what its owner reads, and where it shows.

Which events start, stop and pause a clock stands in the table of its entity (`domain/requisition/clocks.py`,
`domain/candidate/clocks.py`), whose rules name a row of this page. All else is derived from the row: escalation, tasks,
digests, forecast, reports, workflow details, the names a policy file knows and the buttons on pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from domain.access.roles import OwnerRole


class ClockName(StrEnum):
    """The clocks by their names, as policies, journals and the read model spell them."""

    INTAKE_HELD = "intake_held"
    RUBRIC_READY = "rubric_ready"
    RUBRIC_SIGNED = "rubric_signed"
    SLATE_SHARED = "slate_shared"
    PROFILE_ANSWERED = "profile_answered"
    APPLICATIONS_ANSWERED = "applications_answered"
    SUMMARY_SENT = "summary_sent"
    INVITATION_ANSWERED = "invitation_answered"
    SCORECARD_IN = "scorecard_in"
    DEBRIEF_HELD = "debrief_held"
    DECISION_MADE = "decision_made"
    OFFER_APPROVED = "offer_approved"
    OFFER_MADE = "offer_made"
    CANDIDATE_TOLD = "candidate_told"
    CANDIDATE_UPDATED = "candidate_updated"
    HELD_RESOLVED = "held_resolved"
    PULSE_ANSWERED = "pulse_answered"
    COMP_ACKNOWLEDGED = "comp_acknowledged"
    RETRO_ANSWERED = "retro_answered"
    REQUEST_ANSWERED = "request_answered"


BY_LETTER = frozenset({ClockName.CANDIDATE_UPDATED})
"""What a letter does, and one letter for several candidates of a requisition: one task, however many they are."""


@dataclass(frozen=True)
class ClockRow:
    """One clock.

    `owner_role` is the role that owes it; None where several owe the same, each by what the clock is about (`SIDES`).
    `default` is its time where no policy says another, in the words of a policy file. To its owner: `what` is to be
    done, as it follows "to", `why` it matters to the candidate, the `button` that does it, and the `command` behind
    that; None where it takes working through a list. `instead` are commands that may have to come before it. `waiting`
    is what the entity waits for, in its workflow's details.

    `statutory`: the law sets its time, nobody waives or moves it. `announced`: its owner is told when it starts, unless
    an invitation already said so. `holds_up`: while it is late, no next step of the requisition can be taken. `takes`
    are the stages of a candidate whose length it stands for in the forecast. `recounted`: what it is counted from may
    be corrected afterwards.
    """

    name: str
    entity: Literal["requisition", "candidate"]
    owner_role: OwnerRole | None
    default: str
    waiting: str
    what: str
    why: str
    button: str
    command: str | None
    instead: tuple[str, ...] = ()
    statutory: bool = False
    announced: bool = True
    holds_up: bool = True
    takes: tuple[str, ...] = ()
    recounted: bool = False


CLOCKS: dict[str, ClockRow] = {
    row.name: row
    for row in (
        ClockRow(
            ClockName.INTAKE_HELD,
            "requisition",
            "recruiter",
            default="3 days",
            waiting="the intake call",
            what="hold the intake call and record it",
            why="Until then nobody can be told what this job really asks of them.",
            button="Record the intake",
            command="record_intake",
        ),
        ClockRow(
            ClockName.RUBRIC_READY,
            "requisition",
            "recruiter",
            default="3 days",
            waiting="a rubric that can be signed",
            what="write the rubric that both can sign",
            why="What was said in the intake fades, and until it is written down nobody may be judged by it.",
            button="Write the rubric",
            command="edit_rubric",
            announced=False,  # the intake's words for it, or the refusal of it, say so
        ),
        ClockRow(
            ClockName.RUBRIC_SIGNED,
            "requisition",
            None,
            default="2 days",
            waiting="a signature on the rubric",
            what="sign the rubric, or decline it with a reason",
            why="Until both names stand under it nobody may be judged: those who applied wait unread.",
            button="Read and sign the rubric",
            command="sign_rubric",
            instead=("edit_rubric",),
        ),
        ClockRow(
            ClockName.SLATE_SHARED,
            "requisition",
            "recruiter",
            default="5 days",
            waiting="the slate",
            what="share a slate of profiles",
            why="People who would fit are talking to others while nobody looks at them.",
            button="Share the slate",
            command="share_slate",
        ),
        ClockRow(
            ClockName.PROFILE_ANSWERED,
            "candidate",
            "hiring_manager",
            default="2 days",
            waiting="an answer to the profile",
            what="answer a profile: advance, hold or reject, with its criterion",
            why="They are waiting to hear whether it goes on, and good people do not wait long.",
            button="Answer the profile",
            command="answer_profile",
            takes=("submitted",),
        ),
        ClockRow(
            ClockName.APPLICATIONS_ANSWERED,
            "requisition",
            "recruiter",
            default="5 days",
            waiting="an answer to the oldest applications",
            what="answer the oldest application",
            why="Somebody took an evening to apply and has heard nothing since.",
            button="Answer the oldest application",
            command=None,
        ),
        ClockRow(
            ClockName.SUMMARY_SENT,
            "candidate",
            "recruiter",
            default="end of day, at least 2 hours",
            waiting="the candidate summary",
            what="send the summary of the screen",
            why="What they said is fresh today; until you pass it on, it counts for nothing.",
            button="Send the summary",
            command="confirm_summary",
            takes=("screened",),
            recounted=True,
        ),
        ClockRow(
            ClockName.INVITATION_ANSWERED,
            "candidate",
            "interviewer",
            default="1 day",
            waiting="an answer to the invitation to",
            what="answer an interview invitation",
            why="The candidate keeps that hour free without knowing whether it will happen.",
            button="Answer the invitation",
            command="respond_interview",
            announced=False,
        ),
        ClockRow(
            ClockName.SCORECARD_IN,
            "candidate",
            "interviewer",
            default="24 hours elapsed, else 2 working hours",
            waiting="the scorecard of",
            what="hand in a scorecard",
            why="No debrief can open without it, and the candidate waits for the decision.",
            button="Fill in your scorecard",
            command="submit_scorecard",
            instead=("reaffirm_scorecard", "record_interview"),
            takes=("interviewing",),
            recounted=True,
        ),
        ClockRow(
            ClockName.DEBRIEF_HELD,
            "candidate",
            "recruiter",
            default="2 days",
            waiting="the debrief",
            what="hold the debrief",
            why="Every scorecard is in: nothing stands between the candidate and an answer but this meeting.",
            button="Hold the debrief",
            command="hold_debrief",
            instead=("book_debrief",),
            takes=("debriefing",),
        ),
        ClockRow(
            ClockName.DECISION_MADE,
            "candidate",
            "hiring_manager",
            default="1 hour",
            waiting="the decision",
            what="decide: hire, no hire, or one named further step",
            why="The candidate has done their part and waits for a word.",
            button="Decide",
            command="decide",
            instead=("hold_debrief",),
            takes=("debriefing",),
        ),
        ClockRow(
            ClockName.OFFER_APPROVED,
            "requisition",
            "hr_partner",
            default="1 day",
            waiting="a word on an offer above the band",
            what="approve or refuse an offer above the band",
            why="There is somebody we want, and they may be hearing from others.",
            button="Approve or refuse the offer",
            command="approve_offer",
        ),
        ClockRow(
            ClockName.OFFER_MADE,
            "requisition",
            "recruiter",
            default="2 days",
            waiting="an offer",
            what="make the offer",
            why="We decided to hire them and they do not know it yet.",
            button="Make the offer",
            command="make_offer",
            takes=("hire_decided",),
        ),
        ClockRow(
            ClockName.CANDIDATE_TOLD,
            "candidate",
            "recruiter",
            default="2 days",
            waiting="telling the candidate",
            what="tell a candidate that it will not be them",
            why="They still hope, and may be turning other things down for it.",
            button="Tell the candidate",
            command="tell_outcome",
            holds_up=False,
        ),
        ClockRow(
            ClockName.CANDIDATE_UPDATED,
            "candidate",
            "recruiter",
            default="5 days",
            waiting="the next word to the candidate",
            what="give a candidate word of where things stand",
            why="Silence reads like a no; people leave because of it.",
            button="Give the candidate word",
            command="log_contact",
            holds_up=False,
            takes=("advanced", "screened", "interviewing"),
        ),
        ClockRow(
            ClockName.HELD_RESOLVED,
            "candidate",
            "recruiter",
            default="3 days",
            waiting="what the hiring manager wanted to know",
            what="find out what the hiring manager asked about a profile on hold",
            why="They are neither in nor out until that is known.",
            button="Say what was found out",
            command="log_contact",
            takes=("held",),
        ),
        ClockRow(
            ClockName.PULSE_ANSWERED,
            "requisition",
            None,
            default="2 days",
            waiting="the pulse",
            what="answer the pulse: is the rubric right, are the candidates right",
            why="If either answer is no, people are being put through the wrong process.",
            button="Answer the pulse",
            command="answer_pulse",
            holds_up=False,
        ),
        ClockRow(
            ClockName.COMP_ACKNOWLEDGED,
            "requisition",
            "hiring_manager",
            default="2 days",
            waiting="a way out of a comp signal",
            what="choose a way out of the comp signal",
            why="They are being interviewed for a pay that will not be enough for them.",
            button="Choose a way out",
            command="acknowledge_comp_signal",
            holds_up=False,
        ),
        ClockRow(
            ClockName.RETRO_ANSWERED,
            "requisition",
            None,
            default="2 days",
            waiting="the retro",
            what="answer the retro: two things that worked, one to change",
            why="The next candidates get what is learnt from these.",
            button="Answer the retro",
            command="answer_retro",
            holds_up=False,
        ),
        ClockRow(
            ClockName.REQUEST_ANSWERED,
            "candidate",
            "hr_partner",
            default="30 days elapsed",
            waiting="an answer to the candidate's request",
            what="answer a candidate's request about their data",
            why="It is their right, and the law sets the time.",
            button="Answer the request",
            command="answer_request",
            statutory=True,
            holds_up=False,
        ),
    )
}
"""Every clock by its name, in the order people read them."""

SIDES: Mapping[str, OwnerRole] = {"R": "recruiter", "H": "hiring_manager", "second_signer": "second_signer"}
"""Who owes a clock that several owe alike, by what it is about."""


def known(name: str) -> bool:
    """Whether this build knows a clock of this name; one that it does not know was begun by a newer one."""
    return name in CLOCKS


def clock_row(name: str) -> ClockRow:
    """The row of the clock `name`; of one that only another build knows, what its name says."""
    return CLOCKS.get(name) or _unknown(name)


@lru_cache(maxsize=64)
def _unknown(name: str) -> ClockRow:
    words = name.replace("_", " ")
    return ClockRow(name, "requisition", None, "", words, f"see to “{words}”", "", f"See to “{words}”", None)


def announced(name: str) -> bool:
    """Whether the owner of the clock `name` is told when it starts."""
    return clock_row(name).announced


def taking(stage: str) -> tuple[str, ...]:
    """The clocks whose times a candidate's `stage` takes, by the forecast."""
    return tuple(row.name for row in CLOCKS.values() if stage in row.takes)


def owner_role(name: str, about: str) -> OwnerRole:
    """The role in which the clock `name` about `about` is owed.

    One that this build does not know is the recruiter's, who runs the requisition and sees to whoever really owes it.
    """
    return clock_row(name).owner_role or SIDES.get(about, "recruiter")
