"""In which relations a caller stands to the company, a user, a requisition or a candidate.

The permissions and who has them are the access registry's (`domain/access/permissions.py`): nothing is decided here.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from api.access import Caller
from api.problems import Denied, Refused
from api.services import Services
from domain.access.permissions import Permission, Relation, Sight
from domain.access.roles import Role
from domain.access.team import Team
from domain.candidate import Candidate, may_see_cards
from domain.registry import COMMANDS
from store.audit import Kind
from store.views import CandidateView, RequisitionView

IN_THE_COMPANY = {
    Role.RECRUITER: Relation.OPENER,
    Role.LEAD: Relation.OVERSEER,
    Role.OPS: Relation.OPERATOR,
    Role.HR_PARTNER: Relation.HR,
}

IN_THE_TEAM = {
    "recruiter": Relation.RECRUITER,
    "hiring_manager": Relation.HIRING_MANAGER,
    "hr_partner": Relation.HR_PARTNER,
    "second_signer": Relation.SECOND_SIGNER,
    "recruiting_lead": Relation.TEAM_LEAD,
    "manager_lead": Relation.TEAM_LEAD,
}


def in_company(by: Caller) -> Sight:
    """What the caller is to the company."""
    if by.provisions:
        return Sight(frozenset({Relation.PROVISIONER}))
    if by.actor.kind != "person":
        return Sight(frozenset({Relation.SYSTEM}) if by.actor.kind == "system" else frozenset())
    held = {IN_THE_COMPANY[role] for role in by.actor.standing if role in IN_THE_COMPANY}
    return Sight(frozenset({Relation.COLLEAGUE, Relation.SELF, *held}))


def of_user(user: str, by: Caller) -> Sight:
    """What the caller is to a user."""
    sight = in_company(by)
    return sight if user == by.actor.id else sight._replace(relations=sight.relations - {Relation.SELF})


def in_office(by: Caller, permission: Permission) -> None:
    """Refuses a caller who has not this permission in the company."""
    if not in_company(by).may(permission):
        denied = Denied(Kind.COMPANY, "", permission)
        raise Refused(403, "not_permitted", "You may not do this.", "Somebody whose work it is.", denied=denied)


async def requisition_sight(view: RequisitionView, by: Caller, at: Services) -> Sight:
    """What the caller is to a requisition."""
    relations = relations_to(view.team, "requisition", view.id, by)
    if not relations & set(IN_THE_TEAM.values()) and await at.reads.interviews_in(view.id, by.actor.id):
        relations |= {Relation.INTERVIEWER}
    return Sight(relations)


def candidate_sight(view: CandidateView, by: Caller, own: frozenset[str]) -> Sight:
    """What the caller, who is the applicants `own`, is to a candidate."""
    relations = relations_to(view.team, "candidate", view.requisition, by)
    if by.actor.kind == "person" and judged(view).assigned(by.actor.id):
        relations |= {Relation.INTERVIEWER}
    return Sight(
        relations,
        own_card_in=may_see_cards(judged(view), by.actor.id),
        restricted=view.restricted,
        themselves=view.human in own,
    )


async def own_applicants(by: Caller, at: Services) -> frozenset[str]:
    """The applicants that the caller is, looked up once a request: by their address, or as an HR partner said."""
    if not by.applicants:
        person = await at.people.get(by.actor.id) if by.actor.kind == "person" else None
        if person is None:
            by.applicants.append(frozenset())
        else:
            matches = await asyncio.to_thread(at.addresses.known, person.email.lower())
            by.applicants.append(await at.applicants.of_colleague(person.id, matches))
    return by.applicants[0]


def judged(view: CandidateView) -> Candidate:
    """As much of a candidate's state as the rules of blindness ask for."""
    return Candidate(interviews=view.interviews, debrief=view.debrief, verdicts=view.verdicts, stage=view.stage)


def relations_to(team: Team | None, entity: str, requisition: str, by: Caller) -> frozenset[Relation]:
    """What the caller is to whatever of this kind belongs to a requisition, as its team says now."""
    relations = in_company(by).relations - {Relation.SELF, Relation.SYSTEM}
    if by.actor.kind == "system" and requisition in by.reach:
        relations |= {Relation.SYSTEM}
    if team is None or by.actor.kind != "person":
        return relations
    relations |= {relation for place, relation in IN_THE_TEAM.items() if getattr(team, place) == by.actor.id}
    delegate = team.delegate
    if (
        delegate is not None
        and delegate.person == by.actor.id
        and datetime.now(UTC) < delegate.until
        and (entity == "requisition" or COMMANDS[entity].keys() & set(delegate.powers))
    ):
        relations |= {Relation.DELEGATE}
    return relations
