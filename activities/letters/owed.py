"""Every promise in the words of a letter: what is owed, and why it matters to the candidate."""

from __future__ import annotations

from typing import NamedTuple


class Owed(NamedTuple):
    """What somebody is to do, as it follows "to", and what it means to a candidate that it is not done."""

    what: str
    why: str


OWED = {
    "intake_held": Owed(
        "hold the intake call and record it", "Until then nobody can be told what this job really asks of them."
    ),
    "rubric_signed": Owed(
        "sign the rubric, or decline it with a reason",
        "Until both names stand under it nobody may be judged: those who applied wait unread.",
    ),
    "slate_shared": Owed(
        "share the first slate of profiles", "People who would fit are talking to others while nobody looks at them."
    ),
    "profile_answered": Owed(
        "answer a profile: advance, hold or reject, with its criterion",
        "They are waiting to hear whether it goes on, and good people do not wait long.",
    ),
    "applications_answered": Owed(
        "answer the oldest application", "Somebody took an evening to apply and has heard nothing since."
    ),
    "summary_sent": Owed(
        "send the summary of the screen", "What they said is fresh today; until you pass it on, it counts for nothing."
    ),
    "invitation_answered": Owed(
        "answer an interview invitation", "The candidate keeps that hour free without knowing whether it will happen."
    ),
    "scorecard_in": Owed(
        "hand in a scorecard", "No debrief can open without it, and the candidate waits for the decision."
    ),
    "debrief_held": Owed(
        "hold the debrief", "Every card is in: nothing stands between the candidate and an answer but this meeting."
    ),
    "decision_made": Owed(
        "decide: hire, no hire, or one named further step", "The candidate has done their part and waits for a word."
    ),
    "offer_approved": Owed(
        "approve or refuse an offer above the band", "There is somebody we want, and they may be hearing from others."
    ),
    "offer_made": Owed("make the offer", "We decided to hire them and they do not know it yet."),
    "candidate_told": Owed(
        "tell a candidate that it will not be them", "They still hope, and may be turning other things down for it."
    ),
    "candidate_updated": Owed(
        "give a candidate word of where things stand", "Silence reads like a no; people leave because of it."
    ),
    "held_resolved": Owed(
        "find out what the hiring manager asked about a profile on hold",
        "They are neither in nor out until that is known.",
    ),
    "pulse_answered": Owed(
        "answer the pulse: is the rubric right, are the candidates right",
        "If either answer is no, people are being put through the wrong search.",
    ),
    "comp_acknowledged": Owed(
        "choose a way out of the comp signal",
        "They are being interviewed for a pay that will not be enough for them.",
    ),
    "retro_answered": Owed(
        "answer the retro: two things that worked, one to change", "The next candidates get what is learnt from these."
    ),
    "request_answered": Owed(
        "answer a candidate's request about their data", "It is their right, and the law sets the time."
    ),
}
"""By the clock's name, as the policy has it."""
