"""What keeps each promise: the command to give, and what of it is known beforehand. Also what may be done at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.kernel import Command
from domain.people import Actor, Role
from domain.registry import COMMANDS
from store.views import CandidateView, ClockView, RequisitionView, RubricVersion
from workflows.contract import entity_of

KEEPS = {
    "intake_held": ("record_intake", "Record the intake"),
    "rubric_signed": ("sign_rubric", "Read and sign the rubric"),
    "slate_shared": ("share_slate", "Share the slate"),
    "profile_answered": ("answer_profile", "Answer the profile"),
    "applications_answered": ("", "Answer the oldest application"),
    "summary_sent": ("confirm_summary", "Send the summary"),
    "invitation_answered": ("respond_interview", "Answer the invitation"),
    "scorecard_in": ("submit_scorecard", "Fill in your scorecard"),
    "debrief_held": ("hold_debrief", "Hold the debrief"),
    "decision_made": ("decide", "Decide"),
    "offer_approved": ("approve_offer", "Approve or refuse the offer"),
    "offer_made": ("make_offer", "Make the offer"),
    "candidate_told": ("tell_outcome", "Tell the candidate"),
    "candidate_updated": ("log_contact", "Give the candidate word"),
    "held_resolved": ("log_contact", "Say what was found out"),
    "pulse_answered": ("answer_pulse", "Answer the pulse"),
    "comp_acknowledged": ("acknowledge_comp_signal", "Choose a way out"),
    "retro_answered": ("answer_retro", "Look back"),
    "request_answered": ("answer_request", "Answer the request"),
}
"""By the clock's name: the command that keeps it (none: a list to work through), and its words on a button."""


@dataclass(frozen=True)
class Step:
    """Something somebody can do next. `href` leads to the very form."""

    words: str
    href: str
    clock: ClockView


def step(clock: ClockView) -> Step:
    """What the owner of a running clock does about it, and where."""
    entity, entity_id = entity_of(clock.stream)
    command, words = KEEPS[clock.name]
    place = f"/{entity}s/{entity_id}"
    if not command:
        return Step(words, f"{place}/applications", clock)
    query = f"?clock={clock.id}" if clock.about else ""
    return Step(words, f"{place}/{command.replace('_', '-')}{query}", clock)


def known_of_search(
    command: str, view: RequisitionView, rubrics: list[RubricVersion], clock_about: str | None
) -> dict[str, Any]:
    """What of a command to a search is known beforehand."""
    latest = rubrics[0] if rubrics else None
    match command:
        case "sign_rubric" if latest is not None:
            return {"version": latest.version, "hash": latest.content_hash, "sign": True}
        case "edit_rubric" | "amend_rubric":
            body = latest.rubric.model_dump(mode="json") if latest is not None else {}
            fields = ("criteria", "requirements", "agreement", "plan", "job_text")
            return {"base_version": latest.version if latest else 0} | {name: body.get(name) for name in fields}
        case "acknowledge_comp_signal":
            return {"signal_id": clock_about or next((key for key, way in view.signals.items() if way is None), "")}
        case "publish_job" if latest is not None:
            return {"rubric_version": latest.version}
        case "make_offer" | "approve_offer":
            band = {"currency": view.band.currency, "period": view.band.period}
            return band | ({"candidate_id": clock_about} if clock_about else {})
        case _:
            return {}


def known_of_candidate(command: str, view: CandidateView, clock_about: str | None, reader: str) -> dict[str, Any]:
    """What of a command to a candidate is known beforehand."""
    interview = (clock_about or "").partition(":")[0]
    mine = [one for one in view.interviews.values() if one.assignment(reader) and one.status != "cancelled"]
    if not interview and len(mine) == 1:
        interview = mine[0].id
    match command:
        case "respond_interview" | "record_interview" | "reschedule_interview" | "cancel_interview":
            return {"interview_id": interview} if interview else {}
        case "answer_request":
            open_ones = [key for key, request in view.requests.items() if request.status == "open"]
            return {"request_id": clock_about or next(iter(open_ones), "")}
        case "schedule_screen" | "schedule_interview":
            zone = view.screen.zone if view.screen else ""
            return {"candidate_zone": zone, "minutes": 45}
        case _:
            return {}


def may(actor: Actor, roles: frozenset[Role], entity: str) -> Iterator[type[Command]]:
    """The commands somebody in these roles may ever give to such an entity."""
    for command in COMMANDS[entity].values():
        if roles & set(command.who):
            yield command


def roles_in(view: RequisitionView | CandidateView, actor: Actor) -> frozenset[Role]:
    """The roles somebody holds in this search, in which a button is worth showing; the decider has the last word."""
    team = view.team
    held: Mapping[Role, tuple[str | None, ...]] = {
        Role.RECRUITER: (team.recruiter,),
        Role.HIRING_MANAGER: (team.hiring_manager, team.delegate.person if team.delegate else None),
        Role.HR_PARTNER: (team.hr_partner,),
        Role.LEAD: (team.recruiting_lead, team.manager_lead),
        Role.SECOND_SIGNER: (team.second_signer,),
    }
    roles = {role for role, people in held.items() if actor.id in people}
    if isinstance(view, CandidateView) and any(one.assignment(actor.id) for one in view.interviews.values()):
        roles.add(Role.INTERVIEWER)
    return frozenset(roles | (actor.standing & {Role.OPS}))
