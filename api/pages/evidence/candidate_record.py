"""What was said of a candidate, opened for those who may read it: summary, cards, decisions, and where quotes stand."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from api.access import Caller, With
from api.document_access import readable_among
from api.drafts import readable
from api.pages.layout.session import PageReader
from api.unsealing import opened_here
from api.visibility import SeenCandidate
from domain.access.permissions import Permission
from domain.candidate.corrections import InterviewCorrected, ScreenCorrected
from domain.candidate.decision import Decided, DecisionDeferred, FurtherStepNamed
from domain.candidate.notes import NoteAdded
from domain.candidate.profile import HoldAnswered, ProfileAnswered
from domain.candidate.resume_replacement import ResumeReplaced
from domain.candidate.scorecards import ScorecardSubmitted
from domain.candidate.screen import SummaryConfirmed
from domain.core.messages import Event, Record
from domain.core.walk import walk
from domain.evidence.documents import Quote
from domain.evidence.drafts import Draft
from domain.evidence.transcript import Transcript
from domain.registry.visibility import narrowed
from store.documents import NoSuchDocument
from store.views import CandidateView
from workflows.contract import stream_of

E = TypeVar("E", bound=Event)

WHAT_OPENS: Mapping[type[Event], Permission] = {
    SummaryConfirmed: Permission.CANDIDATE_VERDICTS,
    ProfileAnswered: Permission.CANDIDATE_VERDICTS,
    HoldAnswered: Permission.CANDIDATE_VERDICTS,
    ScorecardSubmitted: Permission.CANDIDATE_CARDS,
    Decided: Permission.CANDIDATE_CARDS,
    DecisionDeferred: Permission.CANDIDATE_CARDS,
    FurtherStepNamed: Permission.CANDIDATE_CARDS,
    ScreenCorrected: Permission.CANDIDATE_OVERVIEW,
    InterviewCorrected: Permission.CANDIDATE_OVERVIEW,
    ResumeReplaced: Permission.CANDIDATE_PROFILE,
    NoteAdded: Permission.CANDIDATE_CARDS,
}
"""The events that are shown in words, and who may read them."""


@dataclass(frozen=True)
class QuotePlace:
    """Where a quote stands: who said it, and when (milliseconds into the recording), as far as the file tells.

    `href` leads to the words; None for whoever may not read what stands around them. `note` says that the document
    does not count any more.
    """

    href: str | None
    speaker: str | None = None
    at_ms: int | None = None
    note: str = ""


@dataclass(frozen=True)
class OpenedEvents:
    """The events of a candidate's life that hold words, opened, in order."""

    records: tuple[Record, ...]

    def all(self, kind: type[E]) -> list[tuple[Record, E]]:
        """Those of one kind."""
        return [(record, record.event) for record in self.records if isinstance(record.event, kind)]

    def last(self, kind: type[E]) -> E | None:
        """The latest of one kind."""
        found = self.all(kind)
        return found[-1][1] if found else None

    @property
    def cards(self) -> dict[tuple[str, str], ScorecardSubmitted]:
        """Each interviewer's latest card by interview and person."""
        return {(event.interview_id, event.person): event for _, event in self.all(ScorecardSubmitted)}


@dataclass(frozen=True)
class Correction:
    """A correction as it is shown: by whom, when (UTC), what was on record and what is (in words or times), and why."""

    by: str
    at: datetime
    changes: tuple[tuple[str, Any, Any], ...]
    why: Any


def corrections(said: OpenedEvents, interview: str | None = None) -> list[Correction]:
    """What was corrected of the screen or of an interview, in order."""
    found: list[Correction] = []
    for record in said.records:
        changes: list[tuple[str, Any, Any]]
        match record.event:
            case ScreenCorrected() as event if interview is None:
                changes = [("it was", event.was.outcome, event.outcome), ("at", event.was.at, event.held_at)]
            case InterviewCorrected() as event if interview == event.interview_id:
                changes = [("it was", event.was.outcome, event.outcome), ("it ended", event.was.at, event.ended_at)]
                were, are = (
                    tuple(one.person for one in there) for there in (event.was.interviewers, event.interviewers)
                )
                changes.append(("who was there", were, are))
            case _:
                continue
        kept = [(what, was, now) for what, was, now in changes if was != now]
        if event.rec is not None and event.was.document is not None:
            kept.append(("its record", None, None))
        found.append(Correction(record.by, record.at, tuple(kept), event.why))
    return found


async def opened_events(seen: SeenCandidate, by: str, at: With) -> OpenedEvents:
    """What was said of a candidate, as far as the reader may see it; what they said themselves always."""
    stream = stream_of("candidate", seen.view.id)
    records = [
        record.but(event=record.event if record.by == by else narrowed(record.event, "candidate", seen.sight))
        for record in await at.reads.happened(stream, *WHAT_OPENS)
        if record.by == by or seen.sight.may(WHAT_OPENS[type(record.event)])
    ]
    return await asyncio.to_thread(
        lambda: OpenedEvents(tuple(record.but(event=opened_event(record.event, stream, at)) for record in records))
    )


def opened_event(event: E, stream: str, at: With) -> E:
    """An event with what is sealed in it opened; on a thread that may wait."""
    return type(event).model_validate(opened_here(event, stream, at))


class QuotePlaces:
    """Finds where quotes stand."""

    def __init__(
        self,
        texts: Mapping[str, Transcript],
        readable: Collection[str],
        notes: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._texts = texts
        self._readable = readable
        self._notes = notes

    def __call__(self, quote: Quote) -> QuotePlace:
        """Speaker, time and link of a quote."""
        around = f"/documents/{quote.document}?start={quote.start}&end={quote.end}#here"
        href = around if quote.document in self._readable else None
        text, note = self._texts.get(quote.document), self._notes.get(quote.document, "")
        if text is None:
            return QuotePlace(href, note=note)
        turn = text.turn_at(quote.start)
        return QuotePlace(href, turn.speaker, turn.ms_at(quote.start), note)


def replaced_documents(view: CandidateView) -> dict[str, str]:
    """The documents about a candidate that do not count any more, each with what to say of a quote from it."""
    of_calls = [*(view.screen.replaced if view.screen else ())]
    of_calls += [document for one in view.interviews.values() for document in one.replaced]
    resumes = {one.document: "from the earlier résumé" for one in view.earlier_resumes}
    return dict.fromkeys(of_calls, "from a record that was replaced") | resumes


async def places(by: Caller, at: With, *shown: Any, view: CandidateView | None = None) -> QuotePlaces:
    """Where every quote in `shown` stands, with a link for those who may follow it; those of a candidate say whether
    their document still counts."""
    wanted = {part.document for part in walk(shown) if isinstance(part, Quote)}
    sources = at.documents
    texts: dict[str, Transcript] = {}
    for document in sorted(wanted):
        try:
            text = await sources.text(document)
        except NoSuchDocument:
            continue
        if isinstance(text, Transcript):
            texts[document] = text
    return QuotePlaces(texts, await readable_among(wanted, by, at), replaced_documents(view) if view else {})


async def draft(document: str | None, by: PageReader, at: With) -> Draft | None:
    """A draft, if there is one and whoever it is about was not erased; from now on they have read it."""
    if document is None:
        return None
    try:
        return await readable(document, by.caller, at)
    except NoSuchDocument:
        return None


async def sources(found: Draft | None, by: Caller, at: With) -> frozenset[str]:
    """The documents a draft rests on that the caller may open, at the words; the others' words stand without a link."""
    passages = found.passages if found else ()
    wanted = {passage.span.document for passage in passages if passage.span.document.startswith("D-")}
    return await readable_among(wanted, by, at)


def focus(criteria: Iterable[str], rubric: Any) -> list[Any]:
    """Criteria of a rubric by their ids, in rank order."""
    found = [rubric.criterion(criterion) for criterion in criteria] if rubric else []
    return sorted((one for one in found if one is not None), key=lambda criterion: criterion.rank)
