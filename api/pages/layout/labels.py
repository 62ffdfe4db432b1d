"""What people read on forms: what fields are called, what may be chosen, and what is asked less often.

A field that is not here is called by its own name in the code; nothing has to be added for it to work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from domain.registry import COMMANDS
from domain.time.zones import zone_named

TITLES: Mapping[str, tuple[str, str]] = {
    command.name: (command.heading, command.button) for commands in COMMANDS.values() for command in commands.values()
} | {"new_candidate": ("Add somebody", "Add them")}
"""By the form's name: its heading, and its button."""

LABELS: Mapping[str, str] = {
    "title": "What the job is called",
    "team": "The team that hires",
    "hr_partner": "HR partner",
    "manager_lead": "Lead of the hiring manager",
    "band": "What it may pay",
    "minimum": "From",
    "maximum": "Up to",
    "period": "Per",
    "jurisdiction": "Whose law holds",
    "openings": "How many to hire",
    "evergreen": "There is no last hire: it goes on (evergreen)",
    "target_date": "Hired by",
    "alias": "What the advertisement calls the employer",
    "copied_from": "A copy of",
    "starts_at": "When",
    "minutes": "How long, in minutes",
    "attendees": "Who takes part",
    "record_intake.attendees": "Who took part",
    "hold_debrief.attendees": "Who took part",
    "record_intake.kind": "What was asked",
    "rec": "What is left of the call",
    "rec.kind": "It is",
    "rec.doc": "The record",
    "rec.consent_of_all": "Everybody in the call agreed to be recorded",
    "rec.why_unrecorded": "If there are only notes: why it was not recorded",
    "doc": "Their résumé",
    "held_at": "When it was held",
    "ended_at": "When it ended",
    "criteria": "Criteria",
    "agreement": "The search agreement",
    "agreement.candidates_expected": "How many candidates to expect",
    "agreement.within_days": "Within how many working days",
    "agreement.meet_every_days": "How often you two meet: every so many working days",
    "agreement.interviewing": "What interviewing will look like",
    "agreement.updates": "Who is told what, and how",
    "plan": "The interviews",
    "job_text": "The job description",
    "proof": "How it can be shown",
    "questions": "What every candidate is asked",
    "equivalents": "What would be as good",
    "criteria.*.values": "A values criterion of the HR partner",
    "behaviour": "The behaviour",
    "requirements": "Plain requirements",
    "requirements.*.text": "Requirement, yes or no",
    "requirements.*.why": "Why the job needs it",
    "stand_by": "Keep my words as they are; they pass, flagged",
    "sign": "Do you sign?",
    "sign_rubric.why": "If not: why",
    "adopt": "Adopt it?",
    "change_id": "What was to change",
    "resolve_inherited_change.why": "If not: why",
    "action": "The advertisement",
    "channels": "Where it stands",
    "pay_range_shown": "The advertisement names the pay range",
    "person": "Who",
    "source": "How they came",
    "name": "Name",
    "email": "Mail address",
    "phone": "Telephone",
    "notice_version": "Version of the privacy notice they were given",
    "agency": "The agency, if one brought them",
    "referrer": "Who referred them, if somebody did",
    "no_ai": "They asked for no machine reading",
    "candidate_ids": "Profiles",
    "share_slate.why": "If they are fewer than agreed: why",
    "rubric_right": "Do we have the right rubric?",
    "candidates_right": "Are we seeing the right candidates?",
    "note": "What is not right",
    "way": "The way out",
    "ask_approval": "It is above the band: ask the HR partner",
    "ceiling": "Up to",
    "start_on": "Starts on",
    "answer_by": "Answer by",
    "conditions": "Conditions",
    "cause": "Why",
    "answer_offer.amount": "If countered: what they ask for",
    "answer_offer.cause": "If declined: why",
    "worked": "Two things that worked",
    "worked.0": "One thing that worked",
    "worked.1": "Another thing that worked",
    "change": "One thing to change",
    "wished_to_work_around": "Did you wish, at any time, to work around the other?",
    "role": "Which role passes",
    "hand_over.to": "To whom",
    "from_at": "From when",
    "review_at": "When to look at it again",
    "clock_id": "Which promise",
    "until": "Until when",
    "asked_by": "Who asked for it",
    "subject": "For whom or what, by its id",
    "outcome": "How it went",
    "resolve_task.outcome": "What becomes of it",
    "verdicts": "Your verdict on each criterion",
    "confirm_summary.verdicts": "How they stand to each criterion",
    "criterion": "The criterion",
    "requirement": "Or the requirement",
    "verdict": "Your answer",
    "needs": "What would have to be known",
    "question": "What you ask",
    "evidence": "What shows it",
    "final": "The final round",
    "challenge_answer.evidence": "What speaks for them",
    "candidate_zone": "Time zone of the candidate",
    "tell_pay_range": "The invitation tells the pay range",
    "at": "When",
    "bullets": "Five lines",
    "strongest": "The strongest in their own words",
    "why_no_quote": "Without a quote: why there is none",
    "why_otherwise": "Where you see something otherwise than the draft: why",
    "expectation": "What pay they expect",
    "observation": "What you saw or heard",
    "quote": "In their words",
    "words": "Their words",
    "document": "Where they stand",
    "round": "Round of the plan",
    "schedule_interview.kind": "What it is",
    "interviewers": "Interviewers",
    "interviewers.*.criteria": "What they find out",
    "shadow": "Watches only, and owes no card",
    "due_at": "Or, for a work sample: due",
    "candidate_agreed_at": "When the candidate agreed to this time",
    "interview_id": "Which interview",
    "answer": "Your answer",
    "answer_offer.answer": "Their answer",
    "times": "Other times that suit you",
    "respond_interview.cause": "If you cannot: why",
    "ratings": "Ratings",
    "rating": "Rating",
    "why_not_tested": "If it was not tested: why",
    "overall": "All in all",
    "unchanged": "It holds as it stands",
    "left_out": "Cards it did without",
    "decision": "The decision",
    "decide.criteria": "On which criteria it rests",
    "reason": "The reason",
    "exception_why": "If it goes against the cards: why all the same",
    "step": "For a further step: which",
    "step.interviewer": "Who finds out",
    "step.criterion": "What it is to show",
    "follow_up_at": "To sleep on it: when you will decide",
    "direction": "Who spoke",
    "channel": "How",
    "promised_by": "Next word promised by",
    "answers_hold": "What was found out, if the manager waits for it",
    "what_for": "What for",
    "reject.cause": "Or another cause",
    "stage": "To which stage",
    "to_requisition": "To which search",
    "consent_at": "When they agreed",
    "withdraw.words": "What they said",
    "tell_outcome.text": "What they are told",
    "request_id": "Which request",
    "retention_rule": "Or the rule by which the time is over",
    "cadence": "Updates",
    "set_update_preferences.channel": "By",
    "quiet_hours": "Quiet hours",
    "quiet_hours.start": "From",
    "quiet_hours.end": "Until",
    "delegate": "Somebody who acts for you",
    "delegate.powers": "In what",
    "leave.start": "From",
    "leave.until": "Until",
    "week": "Working hours",
    "zone": "Time zone",
    "holidays": "Holidays",
    "recruiting_lead": "Recruiting lead",
}
"""By `command.path` (rows are `*`), by a path's end, or by the field's own name; the most exact one counts."""

HELP: Mapping[str, str] = {
    "team": "",
    "doc": "",
    "jurisdiction": "A country, or a state of one, by its code: DE, US-NY.",
    "currency": "Three letters: USD, EUR.",
    "openings": "Leave out if it goes on without a last hire.",
    "rec.kind": "Notes give observations, never quotes.",
    "notice_version": "Nobody is taken in without one.",
    "wished_to_work_around": "Private: told to nobody, counted only in sum over many searches.",
    "schedule_interview.candidate_agreed_at": (
        "Needed if it is less than a day away, or outside 08:00 to 19:00 where they are."
    ),
    "answer_profile.why": "For a reason that is none of the criteria.",
    "holidays": "Days on which nothing is due from you.",
    "strongest": "Word for word, as it stands in the transcript or the résumé.",
    "exception_why": "A hire with an unmet must-have, or a no that rests on growth criteria alone, needs it.",
    "erase.request_id": "Their own request; or the rule of retention.",
    "copied_from": "A copy asks at the intake only what changed.",
    "promised_by": "Ten days off at most. It moves the promise to be in touch.",
    "note": "Needed if one answer is no.",
}

CHOICES: Mapping[str, str] = {
    "outbound": "we spoke",
    "inbound": "they spoke",
    "transcript": "its transcript",
    "notes": "signed notes",
    "full": "the whole agenda",
    "reaffirm": "only what changed since",
    "twice_a_week": "twice a week",
    "must": "must-have",
    "hr_partner": "HR partner",
    "move_band": "move the band",
    "move_bar": "move the bar",
    "move_place": "move the place",
    "hm": "hiring manager",
    "no_show": "they did not come",
    "candidate_no_show": "the candidate did not come",
    "interviewer_no_show": "the interviewer did not come",
    "cut_short": "held, but cut short",
    "not_given": "they did not say",
    "in_person": "in person",
    "defer": "sleep on it, once",
    "further_step": "one named further step",
    "no_hire": "no hire",
    "strong_no": "strong no",
    "strong_yes": "strong yes",
    "accept": "I will be there",
    "decline": "I cannot",
    "propose": "another time",
    "hold_course": "hold course, with a reason",
    "no_ai": "no machine reading",
    "no_recording": "no recording",
    "human_review": "review by a human",
    "not_tested": "not tested",
    "countered": "they ask for more",
}
"""A value in the words people choose it by."""

ITEMS: Mapping[str, str] = {
    "criteria": "Criterion", "plan": "Round", "requirements": "Requirement", "interviewers": "Interviewer",
    "bullets": "Line", "ratings": "Criterion", "left_out": "Card", "leave": "Leave",
}  # fmt: skip
"""What one of a list is called, by the list's name."""

LATER: Mapping[str, frozenset[str]] = {
    "open": frozenset({"second_signer", "evergreen", "visibility", "alias", "copied_from"}),
    "decide": frozenset({"exception_why"}),
    "make_offer": frozenset({"conditions", "ask_approval"}),
    "schedule_interview": frozenset({"due_at"}),
    "hold_debrief": frozenset({"left_out"}),
    "new_candidate": frozenset({"phone", "referrer", "agency", "no_ai"}),
    "publish_job": frozenset({"alias"}),
    "set_calendar": frozenset({"holidays", "leave"}),
    "log_contact": frozenset({"promised_by"}),
}
"""What is asked less often, and is folded away until somebody opens it or fills it in."""

FIRST: Mapping[str, tuple[str, ...]] = {
    "new_candidate": ("name", "email", "source", "doc", "notice_version"),
    "open": ("title", "team", "hiring_manager", "recruiter", "hr_partner", "recruiting_lead", "manager_lead", "band"),
    "answer_profile": ("criterion", "verdict"),
    "sign_rubric": ("sign",),
}
"""Fields in the order in which people think of them, where that is another than the command's."""

IN_FIELD: Mapping[str, str] = {
    "hm_missing": "attendees", "hm_absent": "attendees", "no_calendar": "hiring_manager", "five_bullets": "bullets",
    "over_30": "minutes", "busy": "starts_at", "short_notice": "candidate_agreed_at", "unsocial_hours": "starts_at",
    "debrief_not_booked": "starts_at", "consent_missing": "rec", "answer_by_too_soon": "answer_by",
    "note_missing": "note", "reason_missing": "criterion", "vague_change": "change",
}  # fmt: skip
"""The field of a refusal that names none."""

NEEDS: Mapping[str, str] = {
    "Band": "minimum",
    "Quote": "words", "Criterion": "behaviour", "Requirement": "text", "Assignment": "person",
    "LeftOut": "why"}  # fmt: skip
"""By a group's title in the schema: the part without which nothing of it was meant."""


HAPPENED: Mapping[str, str] = {
    "clock_breached": "not done in time",
    "clock_waived": "let go",
    "clock_due_changed": "due at another time",
    "clock_owner_changed": "passed to somebody else",
    "comp_signal_raised": "a signal on pay",
    "comp_signal_acknowledged": "a way out on pay was chosen",
    "drift_seen": "a reason outside the rubric",
    "task_raised": "something a machine could not do",
    "task_resolved": "it was settled by somebody",
}
"""What the journal calls by a word of its own, in words people use."""

SAYS: Mapping[str, str] = {
    "key_reused": "This was taken before, as it stood when it was first sent. Look at what was done, then start anew.",
    "unavailable": "Nobody answers just now. Nothing typed is lost: send it again in a moment, it is done only once.",
    "stale_draft": "A newer draft came, or the rubric changed. Open the page again: what you typed is kept.",
    "rubric_changed": "The rubric changed since this page was opened. Open it again: what you typed is kept.",
    "hash_mismatch": "The rubric changed since you read it. Open it again, and sign what it says now.",
    "stale_version": "Somebody changed this meanwhile. Open the page again to see how it stands.",
}
"""What is said instead of a sentence that speaks to programs, by its code."""

OVERTAKEN = (
    "{} changed the rubric while you wrote. What you typed is kept, and what changed stands below: take over what "
    "should stay, then save again. Yours then replaces it."
)
"""What is said to somebody whose rubric others changed meanwhile, by their names."""

_ID = re.compile(r"\b[A-Z]-?[0-9A-Z]+(?:-[0-9A-Z]+)*\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
_DASHED = re.compile(r"\b[a-z]+(?:-[a-z]+)+\b")


def humane(sentence: str, called: Callable[[str], str], zone: str) -> str:
    """A sentence of the API for people: ids by their names, times on the clock of `zone`, commands by their forms."""
    plain = _TIME.sub(lambda found: _on_clock(found[0], zone), sentence)
    plain = _ID.sub(lambda found: f"“{name}”" if (name := called(found[0])) != found[0] else name, plain)
    return _DASHED.sub(
        lambda found: f"“{title(name)}”" if (name := found[0].replace("-", "_")) in TITLES else found[0], plain
    )


def _on_clock(time: str, zone: str) -> str:
    return f"{datetime.fromisoformat(time).astimezone(zone_named(zone)):%-d %B %Y, %H:%M}"


def title(command: str) -> str:
    """The heading of a command's form."""
    return TITLES[command][0] if command in TITLES else command.replace("_", " ").capitalize()


def button(command: str) -> str:
    """What its button says."""
    return TITLES[command][1] if command in TITLES else title(command)


def worded(table: Mapping[str, str], command: str, path: str) -> str | None:
    """What `table` says of a field, by its whole path first and by its own name last."""
    parts = re.sub(r"\.\d+(?=\.)", ".*", path).split(".")
    keys = (f"{command}.{'.'.join(parts)}", *(".".join(parts[n:]) for n in range(len(parts))))
    return next((table[key] for key in keys if key in table), None)
