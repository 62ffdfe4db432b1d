"""A résumé that is replaced: by a newer one, or because it was the wrong file. The earlier stays with its reading."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from domain.candidate.state import Candidate, CandidateCommand, EarlierResume
from domain.core.decider import Chapter
from domain.core.messages import Effect, Event, Record, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.effects import Notify
from domain.entity.entity_facts import ENDS
from domain.evidence.documents import Doc
from domain.evidence.draft_jobs import DraftJob
from domain.notifications.catalogue import NotificationKind

chapter: Chapter[Candidate] = Chapter()


class ReplaceResume(
    CandidateCommand,
    who="R X",
    refuses="ended no_change*",
    works="on_hold out after_end",
    heading="Replace the résumé",
    button="Replace it",
):
    """Put another résumé in the place of the one on file. The earlier stays, with its reading and what quotes it."""

    doc: Doc = Field(title="The right résumé")
    why: PersonalText = Field(title="What was wrong with the earlier one")


class ResumeReplaced(Event, heading="the résumé was replaced"):
    """Another résumé counts; `was` is the one it replaced, None where there was none."""

    doc: Doc
    was: Doc | None
    why: PersonalText


@chapter.gate(ReplaceResume)
def still_counts(state: Candidate, call: Call) -> None:
    if state.stage in ENDS or state.standing == "ended":
        refuse("ended", "This candidate is no longer in the running.", "Reinstate them first, with a reason.")


@chapter.decides(ReplaceResume)
def replace_resume(state: Candidate, asked: ReplaceResume, call: Call) -> Iterator[Event]:
    if state.resume is not None and asked.doc.id == state.resume.id:
        refuse("no_change", "That is the résumé on file.", "Another one.", "doc")
    yield ResumeReplaced(doc=asked.doc, was=state.resume, why=asked.why)


@chapter.evolves(ResumeReplaced)
def resume_replaced(state: Candidate, event: ResumeReplaced, record: Record) -> Candidate:
    reading = state.drafts.get(DraftJob.RESUME_READING)
    earlier = (
        (EarlierResume(document=event.was.id, reading=reading.id if reading else None, until=record.at),)
        if event.was
        else ()
    )
    return state.but(
        resume=event.doc,
        earlier_resumes=(*(one for one in state.earlier_resumes if one.document != event.doc.id), *earlier),
        drafts={name: draft for name, draft in state.drafts.items() if name != DraftJob.RESUME_READING},
    )


@chapter.reacts(ResumeReplaced)
def tell_recruiter(state: Candidate, event: ResumeReplaced, record: Record) -> Iterator[Effect]:
    if record.by != state.people.recruiter:
        about: dict[str, str | int | None] = {"candidate": state.id, "what": "resume"}
        yield Notify(person=state.people.recruiter, matter=NotificationKind.RECORD_CORRECTED, about=about)
