"""Every promise in people's words: what is owed, why it matters to the candidate, and which command keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class ClockText(NamedTuple):
    """What somebody is to do, as it follows "to", and what it means to a candidate that it is not done.

    `command` keeps it; None where it takes working through a list.
    """

    what: str
    why: str
    command: str | None


PROMISES = {
    "intake_held": ClockText(
        "hold the intake call and record it",
        "Until then nobody can be told what this job really asks of them.",
        "record_intake",
    ),
    "rubric_signed": ClockText(
        "sign the rubric, or decline it with a reason",
        "Until both names stand under it nobody may be judged: those who applied wait unread.",
        "sign_rubric",
    ),
    "slate_shared": ClockText(
        "share the first slate of profiles",
        "People who would fit are talking to others while nobody looks at them.",
        "share_slate",
    ),
    "profile_answered": ClockText(
        "answer a profile: advance, hold or reject, with its criterion",
        "They are waiting to hear whether it goes on, and good people do not wait long.",
        "answer_profile",
    ),
    "applications_answered": ClockText(
        "answer the oldest application", "Somebody took an evening to apply and has heard nothing since.", None
    ),
    "summary_sent": ClockText(
        "send the summary of the screen",
        "What they said is fresh today; until you pass it on, it counts for nothing.",
        "confirm_summary",
    ),
    "invitation_answered": ClockText(
        "answer an interview invitation",
        "The candidate keeps that hour free without knowing whether it will happen.",
        "respond_interview",
    ),
    "scorecard_in": ClockText(
        "hand in a scorecard",
        "No debrief can open without it, and the candidate waits for the decision.",
        "submit_scorecard",
    ),
    "debrief_held": ClockText(
        "hold the debrief",
        "Every card is in: nothing stands between the candidate and an answer but this meeting.",
        "hold_debrief",
    ),
    "decision_made": ClockText(
        "decide: hire, no hire, or one named further step",
        "The candidate has done their part and waits for a word.",
        "decide",
    ),
    "offer_approved": ClockText(
        "approve or refuse an offer above the band",
        "There is somebody we want, and they may be hearing from others.",
        "approve_offer",
    ),
    "offer_made": ClockText("make the offer", "We decided to hire them and they do not know it yet.", "make_offer"),
    "candidate_told": ClockText(
        "tell a candidate that it will not be them",
        "They still hope, and may be turning other things down for it.",
        "tell_outcome",
    ),
    "candidate_updated": ClockText(
        "give a candidate word of where things stand",
        "Silence reads like a no; people leave because of it.",
        "log_contact",
    ),
    "held_resolved": ClockText(
        "find out what the hiring manager asked about a profile on hold",
        "They are neither in nor out until that is known.",
        "log_contact",
    ),
    "pulse_answered": ClockText(
        "answer the pulse: is the rubric right, are the candidates right",
        "If either answer is no, people are being put through the wrong search.",
        "answer_pulse",
    ),
    "comp_acknowledged": ClockText(
        "choose a way out of the comp signal",
        "They are being interviewed for a pay that will not be enough for them.",
        "acknowledge_comp_signal",
    ),
    "retro_answered": ClockText(
        "answer the retro: two things that worked, one to change",
        "The next candidates get what is learnt from these.",
        "answer_retro",
    ),
    "request_answered": ClockText(
        "answer a candidate's request about their data",
        "It is their right, and the law sets the time.",
        "answer_request",
    ),
}
"""By the clock's name, as the policy has it."""

FORMS = {
    "rubric_ready": "/edit-rubric",
    "rubric_locked": "/rubric",
    "rubric_declined": "/rubric",
    "comp_signal": "/acknowledge-comp-signal",
    "candidate_summary_ready": "/confirm-summary",
    "scorecard_ready": "/submit-scorecard",
    "debrief_brief_ready": "/debrief",
    "answer_challenged": "/answer-profile",
    "hold_answered": "/answer-profile",
    "request_recorded": "/answer-request",
}
"""By the matter of a letter: the page of its search or candidate on which its reader does what it asks for."""


def form_for(matter: str, about: Mapping[str, object]) -> str:
    """Below the page of its search or candidate, where to do what a letter on `matter` asks for; empty: that page."""
    promise = PROMISES.get(str(about.get("clock"))) if about.get("recipient", "owner") == "owner" else None
    command = promise.command if promise else None
    return f"/{command.replace('_', '-')}" if command else FORMS.get(matter, "")
