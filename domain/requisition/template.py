"""What is kept of a requisition as a template for others: the job's terms and how it is judged, and nobody's words."""

from __future__ import annotations

from domain.access.team import Team
from domain.core.messages import Value
from domain.core.money import Band
from domain.evidence.rubric import Agreement, Criterion, Requirement, Round, Rubric


class TemplateRoles(Value):
    """Who held a place in the team. The recruiter is whoever opens the next one."""

    hiring_manager: str
    hr_partner: str
    recruiting_lead: str
    manager_lead: str
    second_signer: str | None = None


class RequisitionTemplate(Value):
    """A requisition's terms and its locked rubric. Criteria have no passages: those belong to another intake."""

    title: str
    team: str
    roles: TemplateRoles
    band: Band | None
    place: str
    jurisdiction: str
    criteria: tuple[Criterion, ...]
    requirements: tuple[Requirement, ...]
    agreement: Agreement | None
    plan: tuple[Round, ...]
    job_text: str

    @classmethod
    def of(
        cls, rubric: Rubric, team: Team, *, title: str, team_name: str, band: Band | None, place: str, jurisdiction: str
    ) -> RequisitionTemplate:
        """The template that a requisition with these terms makes."""
        return cls(
            title=title,
            team=team_name,
            roles=TemplateRoles.model_validate(team.model_dump(include=set(TemplateRoles.model_fields))),
            band=band,
            place=place,
            jurisdiction=jurisdiction,
            criteria=tuple(one.but(span=None) for one in sorted(rubric.criteria, key=lambda one: one.rank)),
            requirements=rubric.requirements,
            agreement=rubric.agreement,
            plan=rubric.plan,
            job_text=rubric.job_text,
        )
