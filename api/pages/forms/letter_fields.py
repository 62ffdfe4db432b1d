"""What the fields of a letter to a candidate stand for, and which template is meant: for forms that begin with one."""

from __future__ import annotations

from api.access import With
from api.pages.layout.session import PageReader
from domain.evidence.interview_plan import HELD
from domain.notifications.letter_templates import LANGUAGES, LetterKind, TemplateName, filled
from store.views import CandidateView


async def language_of(said: str, at: With) -> str:
    """The language that was said, or the one in which Tandem writes by itself."""
    return said if said in LANGUAGES else (await at.letter_templates.settings()).language


def stage_reached(view: CandidateView) -> str:
    """How far somebody came, as the letters that tell an outcome tell it apart."""
    if any(interview.status in HELD for interview in view.interviews.values()):
        return "interview"
    return "screen" if view.screen is not None and view.screen.status == "held" else "application"


NAME, JOB = "{name}", "{job}"
"""What stands in a letter to several for what differs: the name of each, and the job they applied for."""


async def several_begun(by: PageReader, at: With, kind: LetterKind, language: str) -> dict[str, str]:
    """What a letter to several begins with: the template in use, filled in but for what differs."""
    details, template = await at.company.details(), await at.letter_templates.in_use(TemplateName(kind, "", language))
    values = {"candidate": NAME, "requisition": JOB, "recruiter": by.person.name}
    values["company"] = details.name if details else ""
    return {"letter_subject": filled(template.subject, values), "text": filled(template.text, values)}


async def common_fields(candidate: str, by: PageReader, at: With) -> dict[str, str]:
    """The fields that every letter has, of a letter that the reader signs."""
    view = await at.reads.candidate(candidate)
    requisition = await at.reads.requisition(view.requisition) if view else None
    contact = await at.applicants.contact(candidate, view.human) if view else None
    details = await at.company.details()
    return {
        "candidate": contact.name if contact else "",
        "requisition": (requisition.alias or requisition.title) if requisition else "",
        "company": details.name if details else (requisition.team_name if requisition else ""),
        "recruiter": by.person.name,
    }


async def letter_begun(name: TemplateName, candidate: str, by: PageReader, at: With) -> dict[str, str]:
    """What the form of a letter begins with: the template in use, filled in."""
    values, template = await common_fields(candidate, by, at), await at.letter_templates.in_use(name)
    return {"letter_subject": filled(template.subject, values), "text": filled(template.text, values)}


async def outcome_begun(view: CandidateView, by: PageReader, at: With) -> dict[str, str]:
    """The same of the letter that tells somebody how it ended."""
    name = TemplateName(LetterKind.REJECTION, stage_reached(view), await language_of("", at))
    return {"channel": "mail", **await letter_begun(name, view.id, by, at)}


async def free_begun(meant: str, view: CandidateView, by: PageReader, at: With) -> dict[str, str]:
    """The same of a letter of one's own, from the template that is `meant`, if it is one for that."""
    name = TemplateName.read(meant)
    if name is None or name.kind not in WRITTEN_FREELY:
        name = TemplateName(LetterKind.FREE, "", await language_of("", at))
    return await letter_begun(name, view.id, by, at)


WRITTEN_FREELY = (LetterKind.FREE, LetterKind.INVITATION, LetterKind.UPDATE)
"""The kinds from which somebody writes by hand; the others belong to what is done."""
