"""What is told of an event in a candidate's export: which events, in which words, and without what is others'.

Every event about a candidate is told unless it is named in `LEFT_OUT` with why, so that a new one is not forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from domain.core.messages import Event
from domain.core.walk import changed
from domain.evidence.text_rules import ALSO_WORDS
from store.users import User
from store.views import CandidateView

SAYS: Mapping[str, str] = {
    "candidate_opened": "You became a candidate here.",
    "candidate_submitted": "Your profile was put before the hiring manager.",
    "slate_shared": "Your profile was put before the hiring manager, together with others'.",
    "shortlisted": "The recruiter read your profile and put you on the shortlist.",
    "profile_answered": "The hiring manager answered your profile.",
    "answer_challenged": "The recruiter asked the hiring manager to look again.",
    "hold_answered": "What the hiring manager wanted to know about you was found out.",
    "contact_logged": "We spoke or wrote to each other.",
    "screen_scheduled": "The first call with the recruiter was arranged.",
    "screen_cancelled": "The first call was called off.",
    "screen_recorded": "How the first call went was put on record.",
    "summary_confirmed": "The recruiter summed up the first call for the hiring manager.",
    "interview_scheduled": "An interview was arranged, and you were invited.",
    "interview_rescheduled": "An interview was moved, or given to others.",
    "interview_cancelled": "An interview was called off.",
    "invitation_answered": "An invitation to an interview was answered.",
    "interview_ended": "An interview's arranged end passed.",
    "interview_recorded": "How an interview went was put on record.",
    "screen_corrected": "The record of the first call was corrected.",
    "summary_outdated": "The summary of the first call rested on what was corrected, and was to be written anew.",
    "interview_corrected": "The record of an interview was corrected.",
    "quotes_marked": "Ratings that quote a record which was replaced were marked: they were to be looked at again.",
    "round_reopened": "A scorecard was missing after all.",
    "transcript_attached": "The recording of a call was written down by a machine.",
    "transcription_failed": "The recording of a call could not be written down by a machine.",
    "speakers_known": "It was known who speaks in a call, so that what was said could be read.",
    "speakers_named": "It was put on record who speaks in the transcript of a call.",
    "letter_sent": "A colleague wrote to you.",
    "reply_came": "You wrote to us.",
    "note_added": "A colleague wrote a note about you.",
    "candidate_tagged": "Words by which colleagues find you again were put on, or taken off.",
    "contact_corrected": "How to reach you was corrected.",
    "resume_replaced": "Another résumé took the place of the one on file.",
    "all_cards_in": "Every interviewer had said what they think.",
    "scorecard_submitted": "An interviewer said what they think, criterion by criterion.",
    "scores_marked": "What you were judged by was worded anew: these ratings were marked as given under the old words.",
    "score_reaffirmed": "An interviewer looked at a rating again.",
    "debrief_booked": "The meeting in which your interviews are talked over was arranged.",
    "debrief_rebooked": "That meeting was moved.",
    "debrief_cancelled": "That meeting was called off.",
    "debrief_ended": "That meeting's arranged end passed.",
    "debrief_held": "Your interviews were talked over.",
    "decided": "It was decided.",
    "further_step_named": "One more thing was to be found out before deciding.",
    "decision_deferred": "The decision was put off.",
    "follow_up_due": "The time to which the decision was put off had come.",
    "wait_started": "It was your turn.",
    "wait_over": "It was our turn again.",
    "candidate_rejected": "You were turned down.",
    "candidate_reinstated": "You were taken back into the running.",
    "candidate_transferred": "You went over into another requisition.",
    "candidate_withdrew": "You withdrew.",
    "candidate_returned": "The requisition was opened again, and you with it.",
    "outcome_told": "You were told how it ended.",
    "offer_heard": "There was news of your offer.",
    "offer_approval_asked": "The HR partner was asked about an offer to you.",
    "offer_approved": "The HR partner said up to what you may be offered.",
    "offer_made": "You were made an offer.",
    "offer_answered": "You answered the offer.",
    "offer_expired": "The time to answer the offer ran out.",
    "offer_withdrawn": "The offer was taken back.",
    "hire_heard": "You were to be hired.",
    "hire_lost": "You had accepted, and will not come.",
    "request_recorded": "You asked something about your data or how you are treated.",
    "request_answered": "Your request was answered.",
    "gate_overridden": "A rule of the procedure was set aside for you.",
    "clock_waived": "A task about you was let go.",
    "task_raised": "Something a machine was to do about you could not be done.",
    "task_resolved": "Somebody settled what a machine could not do.",
    "legal_hold_set": "A legal hold was set, or lifted: while it is on, nothing of yours is erased.",
    "hold_heard": "The requisition was put on hold.",
    "resume_heard": "The requisition went on.",
    "end_heard": "The requisition ended.",
    "reopening_heard": "The requisition was opened again.",
}
"""What happened, to the candidate; other events by the words they have on a timeline."""

_CLOCKS = (
    "when colleagues were to do what about you, and whether they did it in time: how they work, and no word on you"
)

TOLD_ELSEWHERE = "what is told by another event, or elsewhere on the page"

LEFT_OUT: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "clock_started", "clock_stopped", "clock_breached", "clock_rung_reached", "clock_paused", "clock_resumed",
            "clock_owner_changed", "clock_due_changed", "breach_corrected",
        ),
        _CLOCKS,
    ),
    "calendars_learned": "colleagues' working hours, as they were known when something was due",
    "policy_adopted": "the company's rules of procedure, which hold for everybody",
    "search_heard": "the requisition's own facts: its team, its pay band",
    **dict.fromkeys(
        (
            "candidate_added", "candidate_reported", "submission_heard", "rubric_heard", "draft_attached",
            "candidate_erased",
        ),
        TOLD_ELSEWHERE,
    ),
    "drift_seen": "how many profiles of the requisition were turned down for a reason outside its criteria",
}  # fmt: skip
"""Events about a candidate that are not told, and why."""

OF_THE_REQUISITION = (
    "candidate_submitted", "slate_shared", "candidate_returned", "offer_approval_asked", "offer_approved",
    "offer_made", "offer_answered", "offer_expired", "offer_withdrawn", "hire_heard", "hire_lost",
)  # fmt: skip
"""Events of a requisition that are about single candidates of it, and told."""

_OPENED = ("source", "notice_version", "referrer", "agency", "no_ai", "resume")
_OF_ITS_OWN: Mapping[str, tuple[str, ...]] = {
    "slate_shared": (),  # why a slate has so many is about all in it
    "legal_hold_set": ("on",),  # why is counsel's
    "task_raised": (),  # what a machine was to do
    "task_resolved": ("outcome", "why"),
    "clock_waived": ("why",),
}
"""Events of which only these fields are told."""

_FOR_MACHINES = frozenset(
    {
        "answers", "candidate", "cards", "content_hash", "draft", "draft_id", "effect", "facts", "fingerprint",
        "fingerprints", "flagged", "incomparable", "joined", "moved", "number", "open_clocks", "over", "released",
        "resume_sha256", "rubric_version", "sequence", "sha256", "subject",
    }
)  # fmt: skip
"""Fields that number, hash or repeat, and tell a reader nothing."""

_ID = re.compile(r"\b[PCHR]-[0-9A-Z]{4,40}\b")

ROLES: tuple[tuple[str, str], ...] = (
    ("recruiter", "the recruiter"),
    ("hiring_manager", "the hiring manager"),
    ("hr_partner", "the HR partner"),
    ("second_signer", "the second signer"),
    ("recruiting_lead", "the recruiting lead"),
    ("manager_lead", "the hiring manager's lead"),
)


def roles_in(view: CandidateView) -> dict[str, str]:
    """What each user with a part in a candidacy is to it, by their id: a place in the team before an interview."""
    met = dict.fromkeys(one.person for interview in view.interviews.values() for one in interview.interviewers)
    roles = {person: f"interviewer {n}" for n, person in enumerate(met, 1)}
    if view.team.delegate is not None:
        roles[view.team.delegate.person] = "the hiring manager's delegate"
    for place, words in reversed(ROLES):
        if (person := getattr(view.team, place)) is not None:
            roles[person] = words
    return roles


class Anonymised:
    """Takes what is others' out of what is told to `candidate`: users become what they are to it, others go unnamed.

    `name` is the candidate's own, `others` are names of other candidates, `files` the archive's documents by their id.
    A user's name counts whole and by each of its words, but for those that are ordinary words, or the candidate's too.
    """

    def __init__(
        self,
        candidate: str,
        name: str,
        roles: Mapping[str, str],
        users: Iterable[User],
        others: Iterable[str],
        files: Mapping[str, str],
    ) -> None:
        self._candidate, self._roles, self._files = candidate, roles, files
        own = {name.casefold(), *name.casefold().split()}
        forms = dict.fromkeys((other for other in others if " " in other), "another candidate")
        for user in users:
            words = [word for word in user.name.split() if len(word) > 2 and word not in ALSO_WORDS]
            forms |= dict.fromkeys((user.name, user.email, *words), self.by(user.id))
        self._forms = {form: words for form, words in forms.items() if form.casefold() not in own}
        longest_first = "|".join(re.escape(form) for form in sorted(self._forms, key=len, reverse=True))
        self._sought = re.compile(rf"(?<!\w)(?:{longest_first or '(?!)'})(?!\w)")

    def by(self, actor: str) -> str:
        """Who did something, as the candidate is told it."""
        if actor == self._candidate:
            return "you"
        if actor.startswith("P-"):
            return self._roles.get(actor, "a colleague")
        return "an outside system" if actor.startswith("S-") else "Tandem"

    def words(self, text: str) -> str:
        """A text without the names of colleagues and of other candidates, and without ids of anybody."""
        if text in self._files:
            return self._files[text]
        text = self._sought.sub(lambda found: self._forms[found.group()], text)
        return _ID.sub(lambda found: self._called(found.group()), text)

    def told(self, kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """As much of an event's fields as is told."""
        if kind == "candidate_opened":
            payload = {name: payload.get("opening", {}).get(name) for name in _OPENED}
        if kind == "invitation_answered" and payload.get("who") != "candidate":
            payload = {name: payload.get(name) for name in ("interview_id", "who", "answer")}  # why is a colleague's
        if kind in _OF_ITS_OWN:
            payload = {name: payload.get(name) for name in _OF_ITS_OWN[kind]}
        found: dict[str, Any] = self._in(dict(payload))
        return found

    def _in(self, value: Any) -> Any:
        if isinstance(value, dict):
            kept = {self.words(str(key)): self._in(part) for key, part in value.items() if key not in _FOR_MACHINES}
            return {key: part for key, part in kept.items() if part not in (None, "", [], {}, ())}
        if isinstance(value, str):
            return self.words(value)
        return changed(value, self._in)

    def _called(self, id: str) -> str:
        if id.startswith("P-"):
            return self.by(id)
        return {"C": id if id == self._candidate else "another candidacy", "H": "an applicant"}.get(id[0], id)


def is_told(kind: str) -> bool:
    """Whether events of this kind are told."""
    return kind not in LEFT_OUT


def says(kind: str) -> str:
    """What such an event means, in a sentence."""
    words = Event.heading_of(kind)
    return SAYS.get(kind, f"{words[:1].upper()}{words[1:]}.")
