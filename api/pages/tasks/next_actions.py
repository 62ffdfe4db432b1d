"""What can be done next: what keeps each promise, what searches and candidates are ready for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from domain.access.roles import Role
from domain.access.team import Actor
from domain.core.messages import Command
from domain.evidence.interview_plan import missing_cards
from domain.evidence.rubric import Rubric
from domain.registry import COMMANDS
from domain.sla.catalogue import clock_row
from store.views import CandidateView, ClockView, RequisitionView
from workflows.contract import entity_of


@dataclass(frozen=True)
class NextAction:
    """Something somebody can do next. `href` leads to the very form."""

    words: str
    href: str
    clock: ClockView


def step(clock: ClockView) -> NextAction:
    """What the owner of a running clock does about it, and where."""
    entity, entity_id = entity_of(clock.stream)
    row = clock_row(clock.name)
    command, words = row.command, row.button
    place = f"/{entity}s/{entity_id}"
    if command is None:
        return NextAction(words, f"{place}/applications", clock)
    query = f"?clock={clock.id}" if clock.about else ""
    return NextAction(words, f"{place}/{command.replace('_', '-')}{query}", clock)


class ReadyCommand(NamedTuple):
    """Something a search or a candidate is ready for, whether or not anybody has promised it."""

    words: str
    href: str


def next_for_search(view: RequisitionView, roles: frozenset[Role], rubric_drafted: bool) -> list[ReadyCommand]:
    """What a search is ready for, for somebody in these roles."""
    place, stages = f"/requisitions/{view.id}", view.stages
    if view.standing != "open":
        return []
    recruiting = Role.RECRUITER in roles
    ready: list[ReadyCommand] = []
    if recruiting and not view.intakes and view.meeting is None:
        ready.append(ReadyCommand("Book the intake call", f"{place}/schedule-intake"))
    if recruiting and not view.intakes and view.meeting is not None:
        ready.append(ReadyCommand("Record the intake call", f"{place}/record-intake"))
    if roles & {Role.RECRUITER, Role.HIRING_MANAGER} and view.intakes and not view.locked_at:
        ready.append(ReadyCommand("Read the rubric" if rubric_drafted else "Write the rubric", f"{place}/rubric"))
        if any(change.resolution == "open" for change in view.inherited.values()):
            ready.append(ReadyCommand("Adopt or decline what the last retro said", f"{place}/resolve-inherited-change"))
    if recruiting and view.locked_at:
        if view.posting is None:
            ready.append(ReadyCommand("Publish the job", f"{place}/publish-job"))
        if stages.get("added"):
            ready.append(ReadyCommand(f"Answer {stages['added']} applications", f"{place}/applications"))
        if stages.get("shortlisted") and view.slate is None:
            ready.append(ReadyCommand("Share the slate", f"{place}/share-slate"))
    return ready


def next_for_candidate(view: CandidateView, roles: frozenset[Role], rubric: Rubric | None) -> list[ReadyCommand]:
    """What a candidate is ready for, for somebody in these roles."""
    place, search = f"/candidates/{view.id}", f"/requisitions/{view.requisition}"
    if view.standing == "erased":
        return []
    if view.out is not None:
        return list(_after_the_end(view, place)) if Role.RECRUITER in roles else []
    ready: list[ReadyCommand] = []
    if Role.HIRING_MANAGER in roles:
        if view.stage == "submitted":
            ready.append(ReadyCommand("Answer the profile", f"{place}/answer-profile"))
        if view.debrief is not None and view.debrief.held_at is not None and view.decision is None:
            ready.append(ReadyCommand("Decide", f"{place}/debrief"))
    if Role.RECRUITER not in roles:
        return ready
    if view.stage == "added" and rubric is not None:
        ready.append(ReadyCommand("Read their application", f"{search}/applications?candidate={view.id}"))
    if view.stage == "shortlisted":
        ready.append(ReadyCommand("Submit the profile", f"{search}/submit-candidate?about={view.id}"))
        ready.append(ReadyCommand("Share the slate", f"{search}/share-slate"))
    if view.stage in ("hire_decided", "reserve"):
        ready.append(ReadyCommand("Make the offer", f"{search}/make-offer?about={view.id}"))
    if view.stage == "offered":
        ready.append(ReadyCommand("Record their answer to the offer", f"{search}/answer-offer?about={view.id}"))
    if view.stage in BEING_JUDGED:
        ready.extend(_screen(view, place))
        ready.extend(_interviews(view, place, rubric))
    return ready


BEING_JUDGED = frozenset({"shortlisted", "submitted", "held", "advanced", "screened", "interviewing", "debriefing"})


def _screen(view: CandidateView, place: str) -> Iterator[ReadyCommand]:
    screen = view.screen
    if screen is None or screen.status in ("no_show", "cancelled"):
        yield ReadyCommand("Arrange the screen", f"{place}/schedule-screen")
    elif screen.status == "scheduled":
        yield ReadyCommand("Record the screen", f"{place}/record-screen")
    elif view.summary is None:
        yield ReadyCommand("Send the summary", f"{place}/confirm-summary")


def _interviews(view: CandidateView, place: str, rubric: Rubric | None) -> Iterator[ReadyCommand]:
    live = [one for one in view.interviews.values() if one.status != "cancelled"]
    for one in live:
        if one.status == "scheduled":
            yield ReadyCommand(f"Record round {one.round}", f"{place}/record-interview?about={one.id}")
    planned = next((one for one in (rubric.plan if rubric else ()) if one.round not in {i.round for i in live}), None)
    judged = view.stage in ("screened", "interviewing", "debriefing")
    if judged and planned is not None:
        if planned.final and view.debrief is None:
            yield ReadyCommand("Book the debrief", f"{place}/book-debrief")
        yield ReadyCommand(f"Book round {planned.round}", f"{place}/schedule-interview")
    if view.debrief is not None and view.debrief.held_at is None and not missing_cards(live) and planned is None:
        yield ReadyCommand("The debrief", f"{place}/debrief")
        yield ReadyCommand("Say that it was held", f"{place}/hold-debrief")


def _after_the_end(view: CandidateView, place: str) -> Iterator[ReadyCommand]:
    if view.told_at is not None or view.out is None:
        return
    if view.out.by == "answer" and not view.challenged:
        yield ReadyCommand("Ask what you missed", f"{place}/challenge-answer")
    if view.out.by not in ("candidate", "transfer"):
        yield ReadyCommand("Tell them", f"{place}/tell-outcome")


def may(roles: frozenset[Role], entity: str) -> Iterator[type[Command]]:
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
