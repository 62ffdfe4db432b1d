"""A candidate: where they stand, the tasks about them, and what those who meet them may know."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from api.access import With, needs
from api.available import available, clocks_open
from api.candidate_export import candidate_export
from api.commands import PLURAL
from api.document_access import readable_among, readable_document
from api.document_remarks import in_a_sentence
from api.documents import MOST_PAGES, read_original, read_page
from api.pages.candidates.correspondence import correspondence, mentioned_in
from api.pages.evidence.candidate_record import corrections, opened_events, places
from api.pages.evidence.document_pages import shown_pages
from api.pages.forms.side_panel import named, reading
from api.pages.layout.session import AsReader, PageReader
from api.pages.layout.templating import page
from api.pages.tasks.next_actions import next_about, next_steps, not_now, possible, step, together, users_in
from api.relations import in_company
from api.timelines import happened_to_candidate
from api.unsealing import place_of
from api.visibility import contact_of, seen_candidate
from domain.access.permissions import Permission
from domain.candidate.decision import Decided
from domain.candidate.profile import HoldAnswered, ProfileAnswered
from domain.candidate.resume_replacement import ResumeReplaced
from domain.candidate.screen import SummaryConfirmed
from domain.core.ids import CandidateId, DocumentId
from domain.core.source_text import SourceText
from domain.entity.speaker_naming import NameSpeakers
from domain.evidence.documents import WHY_UNTRANSCRIBED
from domain.evidence.interview_plan import missing_cards
from domain.evidence.resume import PagedText
from domain.evidence.rubric import Rubric
from domain.evidence.transcript import Transcript
from workflows.contract import stream_of

routes = APIRouter()

CORRECTED = ("correct_screen", "correct_interview", "replace_resume")
"""The commands that say that a record is wrong."""


@routes.get("/candidates/{id}")
@needs(Permission.CANDIDATE_OVERVIEW)
async def candidate(request: Request, id: CandidateId, by: AsReader, at: With) -> Response:
    """Everything about somebody in one place, for those who meet them."""
    seen = await seen_candidate(id, by.caller, at)
    view, reads = seen.view, at.reads
    running = await reads.clocks(stream=stream_of("candidate", id), ended=False)
    clocks = [clock for clock in running if not seen.kit_only or clock.owner == by.id]
    requisition = await reads.requisition(view.requisition)
    said = await opened_events(seen, by.id, at)
    summary = said.last(SummaryConfirmed)
    rubric, place = await rubric_of(view.requisition, at), f"/candidates/{id}"
    can = await available(stream_of("candidate", id), by.caller, at)
    of_requisition = await available(stream_of("requisition", view.requisition), by.caller, at)
    rounds = {one.id: f"round {one.round}" for one in view.interviews.values()}
    desk = await correspondence(seen, said, requisition, can, of_requisition, at)
    name = await named(seen, by, at, clocks, users_in(can.values()), mentioned_in(desk))
    transcripts = [one.transcript for one in view.interviews.values()]
    if view.screen is not None and view.screen.kind == "transcript":
        transcripts.append(view.screen.record)
    stream = stream_of("candidate", id)
    meets_at = {key: await place_of(one.where, stream, at) for key, one in view.interviews.items()}
    meets_at["screen"] = await place_of(view.screen.where if view.screen else None, stream, at)
    words = {
        "view": view,
        "meets_at": meets_at,
        "moves_screen": "schedule_screen" in can and can["schedule_screen"].open,
        "moves": can["reschedule_interview"].choices if "reschedule_interview" in can else (),
        **await reading(seen, rubric, by, at),
        **desk,
        "blind": seen.blind,
        "kit_only": seen.kit_only,
        "may": seen.sight.may,
        "title": requisition.title if requisition else "",
        "rubric": rubric,
        "summary": summary,
        "answer": said.last(ProfileAnswered),
        "known": said.last(HoldAnswered),
        "cards": said.cards,
        "decided": said.last(Decided),
        "place": await places(by.caller, at, summary, said.cards, view=view),
        "corrections": {None: corrections(said)} | {one: corrections(said, one) for one in view.interviews},
        "resume_replaced": said.all(ResumeReplaced),
        "wrong": frozenset(command for command in CORRECTED if (one := can.get(command)) and one.open),
        "wrong_interviews": can["correct_interview"].choices if "correct_interview" in can else (),
        "transcripts": await readable_among(filter(None, transcripts), by.caller, at),
        "untranscribed": WHY_UNTRANSCRIBED,
        "missing": missing_cards(view.interviews.values()),
        "reached": await contact_of(seen, at) if seen.sight.may(Permission.CANDIDATE_CONTACT) else None,
        "by_hand": [task for task in await reads.tasks(view.requisition) if task.stream == stream_of("candidate", id)],
        "corrects": "correct_contact" in can and can["correct_contact"].open,
        "merges": in_company(by.caller).may(Permission.APPLICANT_MERGE),
        "contacts": await happened_to_candidate(seen, at, only=("contact_logged", "outcome_told")),
        "clocks": clocks,
        "steps": together(step(clock, can) for clock in clocks if clock.owner == by.id),
        "ready": [
            *next_steps(can.values(), place, rounds),
            *next_about(id, of_requisition.values(), f"/requisitions/{view.requisition}"),
        ],
        "clocks_open": await clocks_open({clock.stream for clock in clocks}, by.caller, at),
        "actions": possible(can.values(), place, any(transcripts)),
        "not_now": not_now(can.values(), lambda one: rounds.get(one) or name(one), by.zone),
        "name": name,
        "calendars": await at.people.calendars(clock.owner for clock in clocks),
    }
    return page(request, "candidate.html", by, words)


@routes.get("/candidates/{id}/export")
@needs(Permission.CANDIDATE_EXPORT)
async def export(id: CandidateId, by: AsReader, at: With) -> Response:
    """Everything held about somebody, as an archive to hand out."""
    return await candidate_export(id, by.caller, at)


@routes.get("/documents/{id}")
@needs(Permission.CANDIDATE_PROFILE)
async def document(
    request: Request,
    id: DocumentId,
    by: AsReader,
    at: With,
    start: Annotated[int, Query(ge=0)] = 0,
    end: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """A document as it was said or written, with the words from `start` to `end` marked, also on its pages."""
    text, about = await readable_document(id, by.caller, at)
    paged = text if isinstance(text, PagedText) else PagedText(text="")
    images = await at.documents.pages(id)
    turns = text.turns if isinstance(text, Transcript) else ()
    spoken: list[tuple[str | None, int | None, str, str, str]] = [
        (turn.speaker, turn.start_ms, *_cut(text.text, turn.start, turn.end, start, end)) for turn in turns
    ]
    written = (None, None, *_cut(text.text, 0, len(text.text), start, end))
    words = {
        "id": id,
        "lines": spoken or [written],
        "spoken": bool(spoken),
        "pages": shown_pages(paged, images, start, end),
        "remarks": [in_a_sentence(remark) for remark in paged.remarks],
        "read_as": read_as(text),
        "unanswered": isinstance(text, Transcript) and bool(text.unanswered),
        "naming": await _naming(id, about, by, at) if spoken else "",
    }
    return page(request, "document.html", by, words)


async def _naming(id: str, about: str, by: PageReader, at: With) -> str:
    """Where the reader says who speaks in a transcript; nothing for whom it is not to say."""
    entity = {"R-": "requisition", "C-": "candidate"}.get(about[:2])
    if entity is None:
        return ""
    said = (await available(stream_of(entity, about), by.caller, at)).get(NameSpeakers.name)
    if said is None or said.missing is not None:
        return ""
    return f"/{PLURAL[entity]}/{about}/name-speakers?about={id}&next=/documents/{id}"


PIECES = {
    "label": ("label", "labels"),
    "time": ("time", "times"),
    "furniture": ("line of the tool", "lines of the tool"),
    "repeated": ("repeated line", "repeated lines"),
}


def read_as(text: SourceText) -> str:
    """How a transcript's file was read, and how much of it is no speech, in a line; nothing where that is not known."""
    if not isinstance(text, Transcript) or not text.tool:
        return ""
    counted = [f"{one.pieces} {PIECES[one.kind][one.pieces != 1]}" for one in text.left_out if one.pieces]
    said = f"Read as {text.tool}."
    return f"{said} {' and '.join(filter(None, (', '.join(counted[:-1]), counted[-1])))} left out." if counted else said


@routes.get("/documents/{id}/original")
@needs(Permission.CANDIDATE_PROFILE)
async def original(id: DocumentId, by: AsReader, at: With) -> Response:
    """The file as it was given."""
    return await read_original(id, by.caller, at)


@routes.get("/documents/{id}/pages/{number}")
@needs(Permission.CANDIDATE_PROFILE)
async def page_image(
    id: DocumentId, number: Annotated[int, Path(ge=1, le=MOST_PAGES)], by: AsReader, at: With
) -> Response:
    """The image of a page."""
    return await read_page(id, number, by.caller, at)


async def rubric_of(requisition: str, at: With) -> Rubric | None:
    """The rubric by which a requisition judges now: the latest that was locked."""
    versions = await at.reads.rubric(requisition)
    return next((version.rubric for version in versions if version.status == "locked"), None)


def _cut(text: str, first: int, last: int, start: int, end: int) -> tuple[str, str, str]:
    """The characters of a turn before, in and after the marked words."""
    start, end = min(max(start, first), last), min(max(end, first), last)
    return text[first:start], text[start:end], text[end:last]
