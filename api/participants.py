"""Participants: the people whom a call, or a document about it, concerns; who may speak in it, in all likelihood."""

from __future__ import annotations

from typing import NamedTuple

from api.services import Services
from domain.access.team import Team
from store.views import CandidateView

APPLICANT = "applicant"
"""Stands for the applicant where a user has their id."""


class Participant(NamedTuple):
    """Somebody whom a call concerns: a user's id, or `APPLICANT`, and what they are to it."""

    id: str
    name: str
    part: str


async def concerned(about: str, at: Services) -> list[Participant]:
    """Whom a document concerns that is about a candidate, an applicant or a requisition's intake.

    The applicant first; then the recruiter, the hiring manager and the HR partner, and who else was to be in a call.
    """
    if about.startswith("C-"):
        candidate = await at.reads.candidate(about)
        return await _of_candidate(candidate, at) if candidate else []
    if about.startswith("H-"):
        candidacies = await at.reads.candidacies(about)
        known = [Participant(APPLICANT, said.name, "the applicant") for said in await at.applicants.said_of(about)]
        return list(dict.fromkeys(known + [one for each in candidacies for one in await _of_candidate(each, at)]))
    requisition = await at.reads.requisition(about)
    if requisition is None:
        return []
    meeting = requisition.meeting
    parts = _parts(requisition.team) | dict.fromkeys(meeting.attendees if meeting else (), "in the intake call")
    return await _users(parts | _parts(requisition.team), at)


async def _of_candidate(view: CandidateView, at: Services) -> list[Participant]:
    contact = await at.applicants.contact(view.id, view.human)
    applicant = [Participant(APPLICANT, contact.name, "the applicant")] if contact else []
    held = [one for one in view.interviews.values() if one.status != "cancelled"]
    interviewers = {assigned.person: "interviewer" for one in held for assigned in one.interviewers}
    return [*applicant, *await _users(_parts(view.team) | interviewers, at)]


def _parts(team: Team | None) -> dict[str, str]:
    if team is None:
        return {}
    return {team.hr_partner: "HR partner", team.hiring_manager: "hiring manager", team.recruiter: "recruiter"}


async def _users(parts: dict[str, str], at: Services) -> list[Participant]:
    people = await at.people.several(parts)
    return [Participant(id, people[id].name, part) for id, part in parts.items() if id in people]
