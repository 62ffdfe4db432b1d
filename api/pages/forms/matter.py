"""The matter of a form: what is signed, granted, decided or answered with it, as its reader may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from api.access import With
from api.pages.forms.candidate_matter import cards, debrief, erasure, interviews, own_card, requests, where_they_stand
from api.pages.forms.form_context import ABOUT_A_CLOCK, Subject
from api.pages.forms.matter_facts import Fact, Matter, Tells
from api.pages.forms.requisition_matter import (
    course,
    inherited_changes,
    pay_signal,
    pay_to_offer,
    pulse,
    retro,
    rubric_in_force,
    standing_offers,
    standing_terms,
    team_roles,
)
from api.pages.layout.display_names import Names, names
from api.pages.layout.session import PageReader
from domain.core.messages import Event
from domain.entity.gates import OVERRIDABLE
from domain.sla.catalogue import clock_row
from store.views import CandidateView, ClockView, TaskView
from workflows.contract import stream_of

E = TypeVar("E", bound=Event)


async def matters(command: str, subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """What stands above the form of `command`: nothing where there is nothing to know but what the form itself says."""
    tells = (OF_CANDIDATE if isinstance(subject.view, CandidateView) else OF_REQUISITION).get(command)
    return await tells(subject, by, at) if tells and subject.view is not None else ()


async def _clocks(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """The task that is let go or given more time: whose, what it is for, about whom, until when."""
    chosen = subject.given.get("clock_id")
    open_ = {choice.value for choice in subject.choices.get("clock_id", ())}
    running = await at.reads.clocks(stream=stream_of(subject.entity, subject.id), ended=False)
    meant = [clock for clock in running if (clock.id == chosen if chosen else clock.id in open_)]
    name = await names(at, meant)
    return [_clock(clock, name, subject) for clock in meant]


def _clock(clock: ClockView, name: Names, subject: Subject) -> Matter:
    row, late = clock_row(clock.name), clock.breached_at is not None
    facts = [
        Fact("Whose task", name(clock.owner)), Fact("About", subject.title, subject.href),
        Fact("Since", clock.started_at),
        Fact("Was due" if late else "Due", clock.due_at), Fact("Why it matters", row.why),
    ]  # fmt: skip
    facts += [Fact("More time", "it was given once")] if clock.extended else []
    return Matter(f"{name(clock.owner)} has to {row.what}", tuple(facts))


async def _gates(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """Each gate in plain words with what it keeps, whom it is about, and those that were opened before."""
    view, about = subject.view, f"the {subject.entity}"
    assert view is not None
    name = await names(at, [*view.overrides, view.team])
    stands = view.stage if isinstance(view, CandidateView) else view.phase
    facts = [
        Fact("About", (subject.title, f"now: {stands.replace('_', ' ')}"), subject.href),
        Fact("The recruiter, who asks as a rule", name(view.team.recruiter)),
    ]
    gates = {key: gate for key, gate in OVERRIDABLE.items() if gate.entity in (subject.entity, "")}
    kept = tuple(Fact(gate.words, gate.keeps) for gate in gates.values())
    before = tuple(
        Fact(OVERRIDABLE[one.gate].words if one.gate in OVERRIDABLE else one.gate.replace("_", " "),
             (f"by {name(one.granted_by)}, whom {name(one.asked_by)} asked", f"for {_of(one.subject, name, about)}",
              one.until))
        for one in view.overrides
    )  # fmt: skip
    opened = [Matter("Opened here before, and until when", before)] if before else []
    return [Matter("What a gate is opened for", tuple(facts)), Matter("The gates, and what each keeps", kept), *opened]


def _of(subject: str, name: Names, about: str) -> str:
    return name(subject) if subject.startswith("P-") else about


async def _legal_hold(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    view = subject.view
    assert view is not None
    facts = [
        Fact("About", subject.title, subject.href),
        Fact("Now", "a legal hold: nothing is erased" if view.legal_hold else "no legal hold: retention goes its way"),
    ]
    if isinstance(view, CandidateView) and any(one.kind == "erasure" for one in view.requests.values()):
        facts.append(Fact("They asked", "to be erased"))
    return [Matter("What is held, or let go", tuple(facts))]


async def _manual_tasks(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    chosen, stream = subject.given.get("task_id"), stream_of(subject.entity, subject.id)
    tasks = await at.reads.tasks(subject.requisition)
    return [_manual_task(one, subject) for one in tasks if (one.id == chosen if chosen else one.stream == stream)]


def _manual_task(task: TaskView, subject: Subject) -> Matter:
    facts = [
        Fact("About", subject.title, subject.href), Fact("What", task.kind.replace("_", " ")),
        Fact("It failed because of", task.reason.replace("_", " ")), Fact("Since", task.raised_at),
    ]  # fmt: skip
    facts += [Fact("The letter", "read its words", f"/documents/{task.document}")] if task.document else []
    return Matter("What a machine could not do", tuple(facts))


OF_REQUISITION: Mapping[str, Tells] = {
    "approve_offer": pay_to_offer,
    "make_offer": pay_to_offer,
    "answer_offer": standing_offers,
    "withdraw_offer": standing_offers,
    "acknowledge_comp_signal": pay_signal,
    "change_terms": standing_terms,
    "resolve_inherited_change": inherited_changes,
    "amend_rubric": rubric_in_force,
    "cancel": course,
    "put_on_hold": course,
    "resume": course,
    "reopen": course,
    "answer_pulse": pulse,
    "answer_retro": retro,
    "hand_over": team_roles,
    "override_gate": _gates,
    "set_legal_hold": _legal_hold,
    "resolve_task": _manual_tasks,
    **dict.fromkeys(ABOUT_A_CLOCK, _clocks),
}
"""What is told above each form of a requisition that signs, grants, decides or answers."""

OF_CANDIDATE: Mapping[str, Tells] = {
    "decide": cards,
    "reject": where_they_stand,
    "reinstate": where_they_stand,
    "withdraw": where_they_stand,
    "transfer": where_they_stand,
    "tell_outcome": where_they_stand,
    "challenge_answer": where_they_stand,
    "log_contact": where_they_stand,
    "wait_on_candidate": where_they_stand,
    "record_request": requests,
    "answer_request": requests,
    "erase": erasure,
    "record_interview": interviews,
    "cancel_interview": interviews,
    "reschedule_interview": interviews,
    "correct_interview": interviews,
    "hold_debrief": debrief,
    "rebook_debrief": debrief,
    "reaffirm_scorecard": own_card,
    "override_gate": _gates,
    "set_legal_hold": _legal_hold,
    "resolve_task": _manual_tasks,
    **dict.fromkeys(ABOUT_A_CLOCK, _clocks),
}
"""The same of a candidate's."""
