"""What somebody sees beside a form while they fill it in: the résumé, what was said, what the machine read."""

from __future__ import annotations

from typing import Any

from api.access import With
from api.available import available
from api.document_access import readable_text
from api.pages.evidence.candidate_record import draft, focus, sources
from api.pages.forms.form_context import OF_A_RUBRIC, Subject
from api.pages.forms.form_defaults import AGREED
from api.pages.forms.letter_fields import WRITTEN_FREELY
from api.pages.forms.matter import matters
from api.pages.forms.rubric_writing import likely, spoken
from api.pages.forms.whole_rubric import whole_rubric
from api.pages.layout.display_names import Names, names
from api.pages.layout.session import PageReader
from api.problems import Refused
from api.requisition_templates import offered_templates
from api.unsealing import place_of, versions_of
from api.visibility import SeenCandidate, sees_draft
from domain.access.permissions import Permission
from domain.candidate.contact import LogContact
from domain.candidate.exits import TellOutcome
from domain.candidate.letters import SendLetter
from domain.candidate.profile import AnswerProfile
from domain.entity.entity_facts import Stage
from domain.evidence.draft_jobs import DraftJob
from domain.evidence.drafts import Draft, Passage
from domain.evidence.intake_agenda import AGENDA
from domain.evidence.rubric import Rubric
from domain.notifications.letter_templates import EVERY, LANGUAGES, LetterKind, TemplateName
from domain.requisition.offers import MakeOffer
from domain.requisition.opening import Open
from domain.requisition.rubric import SignRubric
from store.views import CandidateView, RequisitionView
from workflows.contract import entity_of, stream_of


async def beside(command: str, subject: Subject, by: PageReader, at: With) -> dict[str, Any]:
    """The words of a command's template that its form does not have: what it is about, and what stands beside it."""
    return {"matters": await matters(command, subject, by, at)} | await _in_its_own_template(command, subject, by, at)


async def _in_its_own_template(command: str, subject: Subject, by: PageReader, at: With) -> dict[str, Any]:
    if command == Open.name:
        return {"templates": await offered_templates(by.caller, at)}
    if subject.spoken is not None:
        return {"asked": subject.spoken.samples}
    if isinstance(subject.view, RequisitionView) and command == MakeOffer.name:
        known = await names(at, [subject.view.team.hr_partner])
        return {"partner": known(subject.view.team.hr_partner), "languages": LANGUAGES}
    seen = subject.seen
    if isinstance(subject.view, RequisitionView) and command in OF_A_RUBRIC:
        told = {"spoken": await spoken(subject.view, by, at), "likely": likely(subject.drafted)}
        return told | await intake(subject.drafted, by, at)
    if isinstance(subject.view, RequisitionView) and command == SignRubric.name:
        versions = await versions_of(subject.id, at)
        return await whole_rubric(versions[0], versions, subject.id, by, at) if versions else {}
    if seen is not None:
        if command == "answer_profile":
            return await profile(seen, subject.rubric, by, at) | await _progress(seen.view, by, at)
        if command == "respond_interview":
            return await _invitation(subject, seen, by, at)
        if command == "submit_scorecard":
            return await _on_a_card(subject.drafted, by, at)
        if command == TellOutcome.name:
            return {"languages": LANGUAGES}
        if command == SendLetter.name:
            begun = [name for name in EVERY if name.kind in WRITTEN_FREELY]
            return {"templates": [{"name": str(one), "words": _called(one)} for one in begun]}
        if command == LogContact.name:
            can = await available(stream_of("candidate", subject.id), by.caller, at)
            return {"can_write": SendLetter.name in can and can[SendLetter.name].open}
        if command == "confirm_summary":
            return {"said": subject.drafted} | await _places(subject.drafted, by, at)
    return {}


def _called(template: TemplateName) -> str:
    return f"{_BEGUN.get(template.kind, 'a blank letter')}, in {LANGUAGES[template.language]}"


_BEGUN = {
    LetterKind.INVITATION: "an invitation to a first conversation",
    LetterKind.UPDATE: "asking how things stand",
}


async def intake(said: Draft | None, by: PageReader, at: With) -> dict[str, Any]:
    """What an intake said by its draft: to be laid beside the rubric that is made of it."""
    heads = {section.head: section.claims for section in said.sections} if said else {}
    return {
        "said": said,
        "agenda": {topic.id: topic.text for topic in AGENDA},
        "passages": {topic.topic: topic.passages for topic in said.topics} if said else {},
        "agreed": {h.removeprefix(AGREED): claims for h, claims in heads.items() if h.startswith(AGREED)},
        "heads": heads,
        "readable": await sources(said, by.caller, at),
    }


async def _invitation(subject: Subject, seen: SeenCandidate, by: PageReader, at: With) -> dict[str, Any]:
    """When, where, with whom, in which round and what for somebody is invited."""
    interview = seen.view.interviews.get(str(subject.given.get("interview_id", "")))
    rubric = subject.rubric
    return {
        "invitation": interview,
        "where": await place_of(interview.where if interview else None, stream_of("candidate", subject.id), at),
        "rounds": len(rubric.plan) if rubric else 0,
        "behaviours": {one.id: one.behaviour for one in rubric.criteria} if rubric else {},
        "name": await named(seen, by, at),
    }


async def _on_a_card(drafted: Draft | None, by: PageReader, at: With) -> dict[str, Any]:
    """What the draft of a card says on each criterion: its statements, each once, and what was not or perhaps asked."""
    findings = {finding.criterion: finding for finding in drafted.findings} if drafted else {}
    says: dict[tuple[str, str], list[str]] = {}
    for claim in (claim for finding in findings.values() for claim in finding.claims):
        if claim.text != claim.rests_on[0].words:
            says.setdefault(_key(claim.rests_on[0]), []).append(claim.text)
    return {
        "note": drafted.note if drafted else "",
        "says": says,
        "not_asked": {criterion: finding.not_asked for criterion, finding in findings.items()},
        "perhaps_asked": {criterion: finding.perhaps_asked for criterion, finding in findings.items()},
        **await _places(drafted, by, at),
    }


async def _places(drafted: Draft | None, by: PageReader, at: With) -> dict[str, Any]:
    """Where the words stand that a draft put into a form."""
    passages = reversed(drafted.passages) if drafted else ()
    return {
        "passage_at": {_key(passage): passage for passage in passages},
        "readable": await sources(drafted, by.caller, at),
    }


def _key(passage: Passage) -> tuple[str, str]:
    """How a form's piece finds its passage again: by the document and its words."""
    return passage.span.document, passage.words


async def profile(seen: SeenCandidate, rubric: Rubric | None, by: PageReader, at: With) -> dict[str, Any]:
    """A candidate as their profile shows them: the résumé, the recruiter's verdict, and then the machine's reading."""
    return {
        "resume": await resume(seen.view, by, at),
        **await reading(seen, rubric, by, at),
        "name": await named(seen, by, at),
    }


async def named(seen: SeenCandidate, by: PageReader, at: With, *shown: object) -> Names:
    """The candidate's name, for those who may read it, and those of the users in `shown`."""
    whom = [(seen.view.id, seen.applicant)] if seen.sight.may(Permission.CANDIDATE_NAME) else []
    return await names(at, seen.view, *shown, candidates=whom)


async def reading(seen: SeenCandidate, rubric: Rubric | None, by: PageReader, at: With) -> dict[str, Any]:
    """What the machine read in the résumé, by criterion; None before the recruiter's own verdict."""
    readable = sees_draft(seen, DraftJob.RESUME_READING, by.caller)
    known = seen.view.drafts.get(DraftJob.RESUME_READING) if readable else None
    found = await draft(known.id if known else None, by, at)
    return {
        "reading": found,
        "outdated": known is not None and rubric is not None and known.rubric_version != rubric.version,
        "criteria": focus([one.id for one in rubric.criteria], rubric) if rubric else [],
        "readable": await sources(found, by.caller, at),
    }


async def resume(view: CandidateView, by: PageReader, at: With) -> str:
    """The text of somebody's résumé; empty without one, for whoever may not read it, and once they were erased."""
    if view.resume is None:
        return ""
    try:
        return (await readable_text(view.resume.id, by.caller, at)).text
    except Refused:
        return ""


async def _progress(view: CandidateView, by: PageReader, at: With) -> dict[str, Any]:
    """How far the slate is answered, and who of it comes next."""
    requisition = await at.reads.requisition(view.requisition)
    slate = requisition.slate if requisition else None
    waiting = await at.reads.candidates(requisition=view.requisition, stage=Stage.SUBMITTED)
    answered = {
        view.id,
        *(entity_of(one.stream)[1] for one in by.held if one.will_count and one.command == AnswerProfile.name),
    }
    others = [line.id for line in waiting if line.id not in answered]
    whole = slate.candidates if slate and view.id in slate.candidates else ()
    return {
        "nth": len(whole) - len([one for one in others if one in whole]),
        "whole": len(whole),
        "following": others[0] if others else None,
    }
