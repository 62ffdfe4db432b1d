"""A candidate in plain words, without anything personal: what is waited for, on whom and until when."""

from __future__ import annotations

from datetime import datetime

from domain.candidate.clocks import CLOCKS
from domain.candidate.retention import erased_at
from domain.candidate.state import Candidate
from domain.entity.entity_facts import Stage
from domain.entity.workflow_details import how_it_stands, minute, owner_words, to_look_at, waiting_for
from domain.sla.clocks import Clock

NEXT_STEP = {
    Stage.ADDED: "the recruiter's verdict",
    Stage.SHORTLISTED: "the profile to go to the hiring manager",
    Stage.ADVANCED: "the screen",
    Stage.SCREENED: "an interview to be booked",
    Stage.INTERVIEWING: "the interviews",
    Stage.HIRE_DECIDED: "an offer",
    Stage.RESERVE: "an opening",
    Stage.OFFERED: "the answer to the offer",
}
"""What happens next at a stage where no promise runs."""


def phase(state: Candidate) -> str:
    """How far they have come, in one word; what an erased one had come to is told no more."""
    return "erased" if state.standing == "erased" else state.stage


def requisition_of(state: Candidate) -> str:
    """The id of the requisition they are in."""
    return state.job.requisition if state.search else ""


def describe(state: Candidate, now: datetime | None = None) -> str:
    """Markdown: the stage, what is waited for, on whom by their role, and until when (UTC)."""
    stage = phase(state).replace("_", " ")
    on_hold = ", the requisition is on hold" if state.standing == "on_hold" else ""
    lines = [f"**{stage}**{on_hold}"]
    order: dict[str, int] = {rule.name: n for n, rule in enumerate(CLOCKS)}
    for clock in sorted(state.clocks.values(), key=lambda c: (c.due_at, order.get(c.name, 0))):
        lines.append(f"- {_waits_for(state, clock, now)}")
    if len(lines) == 1 and (step := NEXT_STEP.get(state.stage)) and state.standing != "erased":
        lines.append(f"- waiting for {step}")
    if state.waiting_until is not None:
        lines.append(f"- it is the candidate's turn, until {minute(state.waiting_until)}")
    for interview in state.interviews.values():
        if interview.upcoming and state.standing != "erased":
            lines.append(f"- {interview.id} ({interview.kind}) ends {minute(interview.ends_at)}")
    if state.debrief is not None and state.debrief.held_at is None:
        lines.append(f"- debrief booked for {minute(state.debrief.starts_at)}")
    for task in state.tasks.values():
        lines.append(f"- waiting for {to_look_at(task)}")
    if state.legal_hold:
        lines.append("- a legal hold forbids erasing")
    elif (at := erased_at(state)) is not None:
        lines.append(f"- to be erased {minute(at)}")
    return "\n".join(lines)


def _waits_for(state: Candidate, clock: Clock, now: datetime | None) -> str:
    about = f" {clock.about.split(':')[0]}" if clock.about else ""
    return f"waiting for {waiting_for(clock)}{about}, by {owner_words(clock)}, {how_it_stands(state, clock, now)}"
