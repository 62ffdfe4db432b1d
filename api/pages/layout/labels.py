"""What people read on forms besides what a command says itself: what may be chosen, and what is asked less often.

What is not here is called by its own name in the code; nothing has to be added for it to work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pydantic import BaseModel

from api.pipeline_stages import COLUMNS
from domain.core.messages import label_of
from domain.registry import COMMANDS
from domain.time.zones import on_clock_of

TITLES: Mapping[str, tuple[str, str]] = {
    command.name: (command.heading, command.button) for commands in COMMANDS.values() for command in commands.values()
} | {
    "new_candidate": ("Add somebody", "Add them"),
    "many_applications": ("Add applications from files", "Add these applications"),
    "merge_applicants": ("They are one person", "They are one person"),
    "mail_laid": ("The mail is kept here now", "Lay it to them"),
    "mail_dropped": ("The mail is gone", "Drop it"),
    "keep_template": ("Keep as a template", "Keep it"),
    "template_renamed": ("The template has its new name", "Rename"),
    "template_retired": ("The template is retired, and can be used again below", "Retire"),
    "template_restored": ("The template is offered again", "Use it again"),
    "letter_settings": ("How Tandem writes by itself", "Save"),
    "letter_template": ("A letter waits to be approved", "Save"),
    "letter_approved": ("This version is used from now on", "Use it"),
    "part_applicants": ("They are two people", "They are two people"),
    "new_candidate_same_address": ("Add somebody. Somebody else here uses the same mail address", "Add them"),
}
"""By the form's name: its heading, and its button."""

CHOICES: Mapping[str, str] = {
    "outbound": "we spoke",
    "inbound": "they spoke",
    "transcript": "its transcript",
    "recording": "its recording",
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
    "human_review": "human review",
    "not_tested": "not tested",
    "countered": "they ask for more",
    "somebody_else": "somebody else",
    "spoke_before": "whoever spoke before",
    "nobody": "nobody: it cannot be told",
    "resume": "résumé",
}
"""A value in the words people choose it by."""

_STAGES: Mapping[str, str] = {column.stages[0]: column.words.lower() for column in COLUMNS}


def stage_words(stage: str) -> str:
    """A stage as the pipeline calls it, in a sentence: `added` → `applied`."""
    return _STAGES.get(stage, stage.replace("_", " "))


ITEMS: Mapping[str, str] = {
    "criteria": "Criterion", "plan": "Round", "requirements": "Requirement", "interviewers": "Interviewer",
    "bullets": "Line", "ratings": "Criterion", "left_out": "Scorecard", "leave": "Leave",
    "half_days": "Half day",
}  # fmt: skip
"""What one of a list is called, by the list's name."""

LATER: Mapping[str, frozenset[str]] = {
    "open": frozenset({"second_signer", "evergreen", "visibility", "alias", "copied_from"}),
    "decide": frozenset({"exception_why"}),
    "make_offer": frozenset({"conditions", "ask_approval", "letter_subject", "letter"}),
    "schedule_interview": frozenset({"due_at"}),
    "hold_debrief": frozenset({"left_out"}),
    "new_candidate": frozenset({"through", "referrer", "agency", "no_ai"}),
    "many_applications": frozenset({"referrer", "agency", "no_ai"}),
    "publish_job": frozenset({"alias"}),
    "set_calendar": frozenset({"holidays", "leave"}),
    "log_contact": frozenset({"promised_by"}),
    "new_user_form": frozenset({"week", "other_week", "chat"}),
    "user_form": frozenset({"chat"}),
    "hours_form": frozenset({"week", "other_week"}),
}
"""What is asked less often, and is folded away until somebody opens it or fills it in."""

_ONE = "one of these is needed"
_PLACE = "a link, a room or a telephone number"
NEEDED: Mapping[str, Mapping[str, str]] = {
    "open": {"openings": "needed, unless it is evergreen", "second_signer": "needed if one person is both"},
    "publish_job": {"alias": "needed where it is confidential"},
    "sign_rubric": {"why": "needed for a no"},
    "resolve_inherited_change": {"why": "needed to decline"},
    "edit_rubric": {"criteria": "needed at first", "plan": "needed at first", "agreement": "needed to sign"},
    "amend_rubric": dict.fromkeys(("criteria", "requirements", "agreement", "plan", "job_text"), _ONE),
    "change_terms": dict.fromkeys(("band", "place", "openings", "target_date"), _ONE),
    "acknowledge_comp_signal": {"why": "needed to hold course"},
    "answer_pulse": {"note": "needed if one answer is no"},
    "answer_offer": {"cause": "needed for a no", "amount": "needed if they ask for more"},
    "add_candidate": {"notice_version": "needed"},
    "new_candidate": {"notice_version": "needed"},
    "share_slate": {"why": "needed if it is not as many as agreed"},
    "answer_profile": {
        "criterion": "needed, or for a no your reason", "needs": "needed for a hold",
        "why": "needed for a no without a criterion",
    },
    "confirm_summary": {"strongest": "needed, or why there is none", "why_no_quote": "needed without a quote"},
    "correct_contact": dict.fromkeys(("full_name", "address", "telephone", "shared"), _ONE),
    "correct_screen": dict.fromkeys(("outcome", "at", "rec"), "at least what was wrong"),
    "correct_interview": dict.fromkeys(("outcome", "ended_at", "rec", "interviewers"), "at least what was wrong"),
    "record_screen": {"rec": "needed if it was held"},
    "record_interview": {"rec": "needed if it was held"},
    **{command: {"where": _PLACE} for command in ("schedule_intake", "book_debrief", "rebook_debrief")},
    "schedule_screen": {"where": _PLACE, "candidate_agreed_at": "needed at short notice, or outside their day"},
    "schedule_interview": {
        "starts_at": "this, or when it is due", "due_at": "this, or when it starts", "where": _PLACE,
        "candidate_agreed_at": "needed at short notice, or outside their day",
    },
    "reschedule_interview": {
        "candidate_agreed_at": "needed at short notice, or outside their day", "where": "needed where none was given",
    },
    "tag_candidate": dict.fromkeys(("on", "off"), _ONE),
    "submit_scorecard": {"why": "needed if your scorecard is in"},
    "reaffirm_scorecard": {
        "rating": "this, or that nothing changes", "unchanged": "this, or another rating",
        "evidence": "needed with another rating",
    },
    "hold_debrief": {"left_out": "needed where a scorecard is missing"},
    "decide": {
        "criteria": "needed for a yes or a no", "reason": "needed for a yes or a no",
        "exception_why": "needed against the scorecards", "follow_up_at": "needed to sleep on it",
        "step": "needed for a further step",
    },
    "reject": dict.fromkeys(("criterion", "requirement", "cause"), _ONE),
    "erase": dict.fromkeys(("request_id", "retention_rule"), _ONE),
}  # fmt: skip
"""What may be left empty by itself, and may not given the rest of its form: when it is needed."""

FIRST: Mapping[str, tuple[str, ...]] = {
    "new_candidate": ("name", "email", "phone", "source", "doc", "notice_version"),
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
    "LeftOut": "why", "LabelAnswer": "who", "Recording": "doc"}  # fmt: skip
"""By a group's title in the schema: the part without which nothing of it was meant."""


SAYS: Mapping[str, str] = {
    "key_reused": "This was taken before, as it stood when it was first sent. Look at what was done, then start anew.",
    "unavailable": "Nobody answers just now. Nothing typed is lost: send it again in a moment, it is done only once.",
    "stale_draft": "A newer draft came, or the rubric changed. Open the page again: what you typed is kept.",
    "rubric_changed": "The rubric changed since this page was opened. Open it again: what you typed is kept.",
    "hash_mismatch": "The rubric changed since you read it. Open it again, and sign what it says now.",
    "speakers_unnamed": "The file does not say who speaks. Say who it is in the table here, then send the form again.",
    "stale_version": "Somebody changed this meanwhile. Open the page again to see how it stands.",
}
"""What is said instead of a sentence that speaks to programs, by its code."""

OVERTAKEN = (
    "{} changed the rubric while you wrote. What you typed is kept, and what changed stands below: take over what "
    "should stay, then save again. Yours then replaces it."
)
"""What is said to somebody whose rubric others changed meanwhile, by their names."""

BY_RULES = "rules, no language model"
"""Who drafted, where no language model did."""

OF_A_KIND: Mapping[str, str] = {
    "P": "somebody", "C": "a candidate", "H": "an applicant", "R": "another requisition", "D": "a document",
    "I": "an interview", "O": "an offer", "K": "a criterion", "Q": "a requirement", "X": "a change", "A": "a request",
    "S": "a signal", "T": "a task", "N": "a session",
}  # fmt: skip
"""What an id is of, by its first letter."""

_OURS = re.compile(r"[PCHRDIOXASTN]-(?:\d+|[0-9A-Z]{6,26})(?:-\w+)?|[KQ]\d+")
_ID = re.compile(r"\b[A-Z]-?[0-9A-Z]+(?:-[0-9A-Z]+)*\b")
_DASHED = re.compile(r"\b[a-z]+(?:-[a-z]+)+\b")


def humane(sentence: str, called: Callable[[str], str], zone: str) -> str:
    """A sentence of the API for people: ids by their names, times on the clock of `zone`, commands by their forms."""
    plain = _ID.sub(lambda found: f"“{name}”" if (name := called(found[0])) != found[0] else _unnamed(name), sentence)
    plain = _DASHED.sub(
        lambda found: f"“{title(name)}”" if (name := found[0].replace("-", "_")) in TITLES else found[0], plain
    )
    return on_clock_of(zone, plain)


def _unnamed(id: str) -> str:
    """What an id is of whose name the reader is not told; other words as they are."""
    return OF_A_KIND[id[0]] if _OURS.fullmatch(id) else id


def title(command: str) -> str:
    """The heading of a command's form."""
    return TITLES[command][0] if command in TITLES else command.replace("_", " ").capitalize()


def button(command: str) -> str:
    """What its button says."""
    return TITLES[command][1] if command in TITLES else title(command)


def label(model: type[BaseModel], name: str) -> str:
    """What a field is called."""
    return model.model_fields[name].title or label_of(name)
