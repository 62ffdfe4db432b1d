"""What somebody sees beside a form while they fill it in: the résumé, what was said, what the machine read."""

from __future__ import annotations

from typing import Any

from api.access import With
from api.pages.names import names
from api.pages.session import Reader
from api.pages.subjects import Subject
from api.pages.told import draft, focus
from api.reading import judged
from domain.agenda import AGENDA
from domain.candidate import may_see_reading
from privacy.sealing import Tombstone
from store.documents import Documents, NoSuchDocument
from store.lookups import humans_of
from store.reads import Reads
from store.views import CandidateView, RequisitionView

OF_A_RUBRIC = ("edit_rubric", "amend_rubric")


async def beside(command: str, subject: Subject, by: Reader, at: With) -> dict[str, Any]:
    """The words of a command's own template that its form does not have."""
    view = subject.view
    if isinstance(view, RequisitionView) and command in OF_A_RUBRIC:
        said = await draft(view.drafts.get("rubric"), by, at)
        return {"said": said, "agenda": {topic.id: topic.text for topic in AGENDA}}
    if isinstance(view, CandidateView):
        if command == "answer_profile":
            return await profile(view, subject, by, at) | await _progress(view, at)
        if command == "confirm_summary":
            known = view.drafts.get("candidate_summary")
            return {"said": await draft(known.id if known else None, by, at)}
    return {}


async def profile(view: CandidateView, subject: Subject, by: Reader, at: With) -> dict[str, Any]:
    """A candidate as their profile shows them: the résumé, the recruiter's verdict, and then the machine's reading."""
    seen = may_see_reading(judged(view))
    reading = view.drafts.get("resume_reading") if seen else None
    return {
        "resume": await resume(view, at),
        "reading": await draft(reading.id if reading else None, by, at),
        "criteria": focus([one.id for one in subject.rubric.criteria], subject.rubric) if subject.rubric else [],
        "name": await names(at, view, candidates=[(view.id, view.human)]),
    }


async def resume(view: CandidateView, at: With) -> str:
    """The text of somebody's résumé; empty without one, and once they were erased."""
    if view.resume is None:
        return ""
    try:
        text = await Documents(at.pool, at.sealer).text(view.resume.id)
    except NoSuchDocument:
        return ""
    return "" if isinstance(text, Tombstone) else text.text


async def _progress(view: CandidateView, at: With) -> dict[str, Any]:
    """How far the slate is answered, and who of it comes next."""
    search = await Reads(at.pool).requisition(view.requisition)
    slate = search.slate if search else None
    waiting = await Reads(at.pool).candidates(requisition=view.requisition, stage="submitted")
    others = [line.id for line in waiting if line.id != view.id]
    whole = slate.candidates if slate and view.id in slate.candidates else ()
    humans = await humans_of(at.pool, others[:1])
    return {
        "nth": len(whole) - len([one for one in others if one in whole]),
        "whole": len(whole),
        "following": others[0] if others else None,
        "called": await names(at, candidates=humans.items()),
    }
