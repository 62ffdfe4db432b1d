"""How a requisition is told of: how far it has come, and what it waits for, in plain words without anybody's name."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from domain.entity.entity_facts import ENDS, Stage
from domain.entity.workflow_details import how_it_stands, minute, owner_words, to_look_at, waiting_for
from domain.requisition.state import Requisition
from domain.sla.clocks import Clock


class Phase(StrEnum):
    """How far a requisition has come, in order."""

    INTAKE = "intake"
    RUBRIC = "rubric"
    CALIBRATION = "calibration"
    SOURCING = "sourcing"
    INTERVIEWING = "interviewing"
    DEBRIEF = "debrief"
    OFFER = "offer"
    RETRO = "retro"
    CLOSED = "closed"


PHASES: tuple[tuple[Phase, tuple[Stage, ...]], ...] = (
    (Phase.OFFER, (Stage.OFFERED, Stage.RESERVE, Stage.HIRE_DECIDED)),
    (Phase.DEBRIEF, (Stage.DEBRIEFING,)),
    (Phase.INTERVIEWING, (Stage.INTERVIEWING,)),
)
"""The phases that a live candidate brings a requisition to, the furthest first."""


def phase(state: Requisition) -> Phase:
    """How far the requisition has come: that of its furthest live candidate. It may go back."""
    if state.standing == "ended":
        return Phase.RETRO if state.retro or state.retro_at else Phase.CLOSED
    if not state.intakes:
        return Phase.INTAKE
    if state.locked is None:
        return Phase.RUBRIC
    for reached, stages in PHASES:
        if any(state.stages.get(stage) for stage in stages):
            return reached
    return Phase.SOURCING if state.slate and not state.slate.waiting else Phase.CALIBRATION


def requisition_of(state: Requisition) -> str:
    """The requisition this belongs to: itself."""
    return state.id


def describe(state: Requisition) -> str:
    """What the requisition waits for, on whom and until when (UTC), in Markdown."""
    if state.team is None:
        return "Not opened yet."
    held = f", on hold until it is looked at again at {minute(state.hold.review_at)}" if state.hold else ""
    live = sum(number for stage, number in state.stages.items() if stage not in ENDS)
    lines = [f"**{phase(state).capitalize()}**{held}. {live} candidates live of {len(state.roster)}.", ""]
    waits = [*_clocks(state), *_gates(state), *_times(state)]
    return "\n".join(lines + ([f"- {wait}" for wait in waits] or ["- Waiting for nothing."]))


def _clocks(state: Requisition) -> Iterator[str]:
    for clock in sorted(state.clocks.values(), key=lambda clock: (clock.due_at, clock.id)):
        yield f"{waiting_for(clock)}{_about(clock)}, by {owner_words(clock)}, {how_it_stands(state, clock)}"


def _about(clock: Clock) -> str:
    return f" ({clock.about})" if "-" in clock.about else ""


def _gates(state: Requisition) -> Iterator[str]:
    if state.amendment is not None:
        yield "an amendment of the rubric to be signed; until then the old one holds"
    if state.slate and state.slate.waiting:
        yield f"{len(state.slate.waiting)} profiles of the slate to be answered by the hiring manager"
    if state.unanswered and state.locked is None:
        yield f"{len(state.unanswered)} applications that nobody may judge before the rubric is locked"
    if state.recalibrating:
        yield "a recalibration: the pulse said that something is wrong"
    for task in state.tasks.values():
        yield to_look_at(task)


def _times(state: Requisition) -> Iterator[str]:
    for offer in state.offers.values():
        if offer.status == "made":
            yield f"an answer to offer {offer.id} by {minute(offer.answer_by)}"
    for planned in state.hand_overs.values():
        yield f"the {planned.role.replace('_', ' ')} to change at {minute(planned.from_at)}"
    if state.retro_at is not None:
        yield f"the retro at {minute(state.retro_at)}"
