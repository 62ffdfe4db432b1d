"""What of a command is known beforehand, so that nobody types what Tandem can tell: whom, which, when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from api.visibility import ShownContact
from domain.core.availability import Availability
from domain.core.money import Pay
from domain.entity.entity_facts import Stage
from domain.evidence.documents import Doc
from domain.evidence.draft_jobs import DraftJob
from domain.evidence.drafts import CriterionDraft, Draft, Passage
from domain.evidence.interview_plan import Assignment, Interview, missing_cards
from domain.evidence.meeting_place import Place
from domain.evidence.rubric import MOST, Agreement, Rubric
from domain.requisition.template import RequisitionTemplate
from store.views import CandidateView, RequisitionView, RubricVersion

Known = dict[str, Any]

JOB, AGREED = "job_description", "agreement: "
"""How the sections of an intake's draft are headed: the job, and each point that was agreed of the search."""

DRAFTED = 2
"""Passages of a draft that are put under a criterion of a card; more only where a statement rests on them."""

MOST_OFFERED = 4

THE_FIRST = frozenset({"signal_id", "change_id", "request_id"})
"""What is taken in its order where several are open."""


def chosen(said: Availability | None, meant: str, most: int = 1, mine: Sequence[str] = ()) -> Known:
    """The thing a command is about: the one that is `meant`, by its id or its candidate's, else the only one it can be.

    Of several the only one that is the reader's own (`mine`); where the command takes many, the first `most`.
    """
    if said is None or said.field is None:
        return {}
    open_ = [option for option in said.options if option.missing is None]
    if said.field.endswith("_ids"):
        return {said.field: [option.id for option in open_[:most]]}
    found = next((option.id for option in said.options if meant and meant in (option.id, option.candidate)), meant)
    likely = [option.id for option in open_ if option.id in mine] or [option.id for option in open_]
    if not found and (len(likely) == 1 or said.field in THE_FIRST):
        found = next(iter(likely), "")
    return {said.field: found} if found else {}


def of_requisition(
    command: str,
    view: RequisitionView,
    rubrics: Sequence[RubricVersion],
    now: datetime,
) -> Known:
    """What of a command to a requisition is known at `now` (UTC), besides the thing it is about."""
    latest, team = (rubrics[0] if rubrics else None), view.team
    match command:
        case "schedule_intake":
            booked = view.meeting
            if booked is not None:
                return {"starts_at": booked.starts_at, "minutes": booked.minutes, "attendees": list(booked.attendees)}
            return {"minutes": 60, "attendees": [team.hiring_manager, team.hr_partner]}
        case "record_intake":
            meeting = view.meeting
            held = meeting.starts_at if meeting and meeting.starts_at <= now else now
            there = meeting.attendees if meeting else (team.recruiter, team.hiring_manager, team.hr_partner)
            again = view.copied_from is not None or view.reopened
            kind = "reaffirm" if again else "full"
            return {"kind": kind, "held_at": held, "attendees": list(there), "rec": {"kind": "transcript"}}
        case "sign_rubric" if latest is not None:
            return {"version": latest.version, "hash": latest.content_hash}
        case "edit_rubric" | "amend_rubric" if latest is not None:
            body = latest.rubric.model_dump(mode="json")
            fields = ("criteria", "requirements", "agreement", "plan", "job_text")
            body["criteria"].sort(key=lambda one: one["rank"])
            return {"base_version": latest.version} | {name: body.get(name) for name in fields}
        case "publish_job" if latest is not None:
            return {"rubric_version": latest.version, "action": "close" if view.posting else "open"}
        case "make_offer" | "approve_offer" if view.band is not None:
            pay = {"currency": view.band.currency, "period": view.band.period}
            return pay | ({"place": view.place, "answer_by": _hour(now, 5)} if command == "make_offer" else {})
        case "put_on_hold":
            return {"review_at": _hour(now, 14)}
        case "override_gate":
            return {"subject": view.id, "asked_by": team.recruiter}
        case "reopen":
            return {"openings": 1}
        case _:
            return {}


def of_candidate(command: str, view: CandidateView, rubric: Rubric | None, interview_id: str, now: datetime) -> Known:
    """What of a command to a candidate is known at `now` (UTC), besides the thing it is about, an interview say."""
    match command:
        case "record_interview":
            interview = view.interviews.get(interview_id)
            ended = min(interview.ends_at, now) if interview else now
            return {"outcome": "held", "ended_at": ended, "rec": {"kind": "transcript"}}
        case "schedule_screen":
            screen = view.screen
            if screen is None or screen.status != "scheduled":
                return {"minutes": 30, "candidate_zone": _zone(view)}
            known = {"minutes": screen.minutes, "candidate_zone": screen.zone, "held_by": screen.held_by}
            return {"starts_at": screen.starts_at} | known
        case "record_screen":
            at = view.screen.starts_at if view.screen and view.screen.starts_at <= now else now
            return {"outcome": "held", "at": at, "rec": {"kind": "transcript"}}
        case "correct_screen" if (screen := view.screen) is not None:
            return {"outcome": screen.status, "at": screen.held_at} | _record(screen.kind, screen.doc)
        case "correct_interview" if (interview := view.interviews.get(interview_id)) is not None:
            were = [one.model_dump(mode="json") for one in interview.interviewers]
            recorded = {"outcome": interview.outcome, "ended_at": interview.ended_at, "interviewers": were}
            return recorded | _record(interview.kept_as, interview.doc)
        case "schedule_interview":
            return {"candidate_zone": _zone(view)} | _next_round(view, rubric)
        case "book_debrief":
            team = view.team
            there = (team.hiring_manager, team.recruiter, *_interviewers(view))
            return {"minutes": 30, "attendees": list(dict.fromkeys(there))}
        case "rebook_debrief" if view.debrief is not None:
            return {"starts_at": view.debrief.starts_at}
        case "hold_debrief" if view.debrief is not None:
            left_out = [{"interview": i, "person": who} for i, who in missing_cards(view.interviews.values())]
            met = {"minutes": view.debrief.minutes, "attendees": list(view.debrief.attendees)}
            return {"held_at": now, "left_out": left_out} | met
        case "log_contact":
            hold = view.stage == Stage.HELD
            return {"at": now, "direction": "inbound" if hold else "outbound", "channel": "call" if hold else "mail"}
        case "override_gate":
            return {"subject": view.id, "asked_by": view.team.recruiter}
        case "withdraw" | "record_request":
            return {"at": now}
        case _:
            return {}


def contact(known: ShownContact | None) -> Known:
    """How somebody is reached by what is on record, for what is wrong of it to be corrected."""
    given = {"full_name": known.name, "address": known.email, "telephone": known.phone} if known else {}
    return {name: said for name, said in given.items() if said}


def ceiling(asked: Pay | None) -> Known:
    """How much may be offered, as it was asked for."""
    return {"ceiling": asked.amount, "currency": asked.currency, "period": asked.period} if asked else {}


def new_rubric(draft: Draft | None) -> Known:
    """A rubric to be written, with a plan of two rounds and the criteria that a draft has words for."""
    worded = draft.intake.criteria if draft and draft.intake else ()
    return {
        "base_version": 0,
        "criteria": [{"id": f"K{n}", "rank": n} | _criterion(one) for n, one in enumerate(worded[:MOST], 1)],
        "plan": [
            {"round": 1, "kind": "conversation", "minutes": 45, "final": False},
            {"round": 2, "kind": "conversation", "minutes": 45, "final": True},
        ],
    }


def opened_from(template: RequisitionTemplate) -> Known:
    """What a template fills in of a requisition that is opened from it; whoever opens it recruits."""
    terms = template.model_dump(mode="json", include={"title", "team", "band", "place", "jurisdiction"})
    return terms | template.roles.model_dump(mode="json")


def rubric_from(template: RequisitionTemplate) -> Known:
    """The rubric that a template proposes. Each criterion is to be given its passage, or said to be carried over."""
    parts = template.model_dump(mode="json", include={"requirements", "agreement", "plan", "job_text"})
    criteria = [one.model_dump(mode="json") | {"template": True} for one in template.criteria]
    return parts | {"criteria": criteria}


def of_the_intake(draft: Draft) -> Known:
    """What an intake's draft has for the rest of a rubric: the job description, and what was agreed of the search."""
    by_head = {section.head: [claim.text for claim in section.claims] for section in draft.sections}
    agreed: Known = {}
    for name in Agreement.model_fields:
        said = " ".join(by_head.get(f"{AGREED}{name.replace('_', ' ')}", ()))
        counted = name not in ("interviewing", "updates")
        if value := _count(name, said) if counted else said:
            agreed[name] = value
    job_text = " ".join(by_head.get(JOB, ()))
    return ({"job_text": job_text} if job_text else {}) | ({"agreement": agreed} if agreed else {})


def _count(name: str, said: str) -> str:
    """The one number that was said; one of days only where they are working days, as the agreement counts them."""
    days = r"\s+(?:working|business) days?\b" if name.endswith("_days") else r"\b"
    numbers = re.findall(r"\d+", said)
    found = re.search(rf"\b(\d+){days}", said)
    return found[1] if found and len(numbers) == 1 else ""


def _criterion(drafted: CriterionDraft) -> Known:
    return {
        "behaviour": drafted.behaviour,
        "weight": drafted.weight,
        "why": drafted.why,
        "proof": drafted.proof,
        "questions": list(drafted.questions),
        "anchors": {str(mark): words for mark, words in enumerate(drafted.anchors, 1)},
        "span": _placed(drafted.rests_on[0]),
    }


def card_of(view: CandidateView, about: str, person: str) -> Interview | None:
    """The interview this person's card is waited for, or asked again: the one that is meant, else the first."""
    theirs = [one for one in view.interviews.values() if person in one.missing_cards_of or one.asks_again(person)]
    return next((one for one in theirs if one.id == about.partition(":")[0]), next(iter(theirs), None))


def card(interview: Interview, version: int, person: str, drafted: Draft | None) -> Known:
    """A card with a line for each criterion that is this person's to find out, and the draft's evidence under it."""
    assignment = interview.assignment(person)
    ratings = [
        {"criterion": criterion, "evidence": [*map(_offered, pieces(drafted, criterion)), {}]}
        for criterion in (assignment.criteria if assignment else ())
    ]
    return {"interview_id": interview.id, "rubric_version": version, "ratings": ratings}


def pieces(drafted: Draft | None, criterion: str) -> list[Passage]:
    """The passages a draft offers as evidence on a criterion: what its statements rest on, then what bears on it."""
    if drafted is None:
        return []
    claims = [claim for finding in drafted.findings if finding.criterion == criterion for claim in finding.claims]
    stated = {passage.span: passage for claim in claims for passage in claim.rests_on}
    bearing = {p.span: p for topic in drafted.topics if topic.topic == criterion for p in topic.passages}
    return list((stated | bearing).values())[: min(max(len(stated), DRAFTED), MOST_OFFERED)]


def summary(view: CandidateView, rubric: Rubric, drafted: Draft | None) -> Known:
    """The summary of a screen as its draft suggests it: five lines, something for each criterion, the strongest quote.

    Where there is no recording nothing can be quoted, and lines rest on what was observed.
    """
    screen, known = view.screen, view.drafts.get(DraftJob.CANDIDATE_SUMMARY)
    recorded = screen is not None and screen.kind == "transcript"
    blank: Known = {"quote": {"document": screen.record if screen else ""}} if recorded else {"observation": ""}
    said = drafted.summary if drafted else None
    found = {topic.topic: topic.passages for topic in drafted.topics} if drafted else {}
    bullets = [
        {"text": one.text, "evidence": _quoted(one.rests_on[0]), "drafted": one.text}
        for one in (said.bullets if said else ())
    ]
    verdicts = {
        one.id: {"evidence": _quoted(found[one.id][0]) if found.get(one.id) else blank} for one in rubric.criteria
    }
    strongest = said.strongest if said else None
    return {
        "draft_id": known.id if known and drafted else None,
        "bullets": [*bullets, *[{"text": "", "evidence": blank}] * (5 - len(bullets))],
        "verdicts": verdicts,
        "strongest": _span(strongest) if strongest else blank.get("quote"),
    }


def _offered(passage: Passage) -> Known:
    return _quoted(passage) | {"drafted": passage.words}


def _quoted(passage: Passage) -> Known:
    return {"quote": _span(passage)}


def _placed(passage: Passage) -> Known:
    return _span(passage) | {"start": passage.span.start, "end": passage.span.end}


def _span(passage: Passage) -> Known:
    return {"document": passage.span.document, "words": passage.words}


def _next_round(view: CandidateView, rubric: Rubric | None) -> Known:
    taken = {one.round for one in view.interviews.values() if one.status not in ("cancelled",)}
    planned = next((one for one in (rubric.plan if rubric else ()) if one.round not in taken), None)
    if planned is None:
        return {"minutes": 45, "interviewers": [{}]}
    return {
        "round": planned.round, "kind": planned.kind, "minutes": planned.minutes,
        "interviewers": [{"criteria": list(planned.criteria)}],
    }  # fmt: skip


def held_as_before(given: Known, held: Sequence[Assignment], rubric: Rubric | None) -> Known:
    """The next round with whoever held it last in this requisition, on what they asked about then."""
    known = {one.id for one in rubric.criteria} if rubric else set()
    planned = given["interviewers"][0] if given.get("interviewers") else {}
    rows = [
        planned | {"person": one.person} | ({"criteria": [*one.criteria]} if set(one.criteria) <= known else {})
        for one in held
    ]
    return {"interviewers": rows} if rows else {}


def place_before(view: CandidateView | RequisitionView) -> Place | None:
    """Where the latest meeting was of which that is known, to be offered for the next one; None without one."""
    held = (
        (view.meeting,)
        if isinstance(view, RequisitionView)
        else (*reversed(view.interviews.values()), view.debrief, view.screen)
    )
    return next((one.where for one in held if one is not None and one.where is not None), None)


def _interviewers(view: CandidateView) -> list[str]:
    live = [one for one in view.interviews.values() if one.status != "cancelled"]
    return [assigned.person for one in live for assigned in one.interviewers if not assigned.shadow]


def _record(kind: str | None, doc: Doc | None) -> Known:
    """What is left of a call, as it is on record."""
    if kind is None or doc is None:
        return {}
    return {"rec": {"kind": kind, "doc": doc.model_dump(), "consent_of_all": kind == "transcript"}}


def _zone(view: CandidateView) -> str:
    zones = [one.zone for one in reversed(view.interviews.values())] + ([view.screen.zone] if view.screen else [])
    return zones[0] if zones else ""


def _hour(now: datetime, days: int) -> datetime:
    """The full hour so many days from `now`."""
    return (now + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
