"""Drafts: reads what an entity asked to have read, and gives it back as a document to confirm or edit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.background import Library
from activities.heartbeats import finished
from activities.scrubbing import scrubbed
from domain.attached import AttachDraft
from domain.draft_requests import (
    DraftRequest,
    IntakeBriefRequest,
    ResumeRequest,
    RubricRequest,
    ScorecardRequest,
    SummaryRequest,
)
from domain.drafts import Topic
from domain.effects import Draft
from domain.people import mentioned
from domain.rubric import Criterion
from domain.transcript import Resume, SourceText, Transcript
from language.drafting import Drafter
from language.extractive import ExtractiveDrafter
from privacy.keys import FolderKeyStore
from privacy.sealing import Sealer, Tombstone
from settings import Settings
from store.documents import NoSuchDocument
from store.views import CandidateView
from workflows.contract import EffectOrder, EffectResult, Reply, entity_of

AUTHOR = "language"
"""Who stored a draft, in the record of the document."""

JSON = "application/json"


class NothingToDraft(Exception):
    """What was asked for cannot be drafted, for good; the sentence says why, and the work goes on without a draft."""


class Language:
    """The activity `draft`."""

    def __init__(self, library: Library, drafter: Drafter) -> None:
        self._library, self._drafter = library, drafter

    @activity.defn(name="draft")
    async def draft(self, order: EffectOrder) -> EffectResult:
        """Drafts what was asked for and gives it to the entity as `attach_draft`; the same again is the same document.

        Without a draft people work on without one: erased words, notes that cannot be quoted, a job nobody does here.
        """
        effect = order.effect
        assert isinstance(effect, Draft)
        with scrubbed():
            try:
                key, request = await self._request(order, effect)
            except NothingToDraft as why:
                return EffectResult(note=f"no draft: {why}")
            drafting = asyncio.create_task(self._drafter.draft(request))
            try:
                await finished(drafting, effect.job)
                draft = await drafting
            finally:
                drafting.cancel()
            body = draft.model_dump_json().encode()
            doc = await self._library.documents.put(key, "draft", JSON, body, None, AUTHOR)
        attach = AttachDraft(
            job=effect.job, draft=doc, about=effect.about, extractive=draft.drafter == ExtractiveDrafter.name
        )
        return EffectResult(
            note=f"{effect.job} drafted", reply=Reply(command=attach.name, payload=attach.model_dump(mode="json"))
        )

    async def _request(self, order: EffectOrder, effect: Draft) -> tuple[str, DraftRequest]:
        """Whose key the draft goes under, and what is asked of the drafter."""
        about = effect.about
        entity, entity_id = entity_of(order.stream)
        match effect.job:
            case "intake_brief":
                names = await self._names(about)
                return entity_id, IntakeBriefRequest(
                    title=about["title"],
                    team=about["team"],
                    hiring_manager=names[about["hiring_manager"]],
                    recruiter=names[about["recruiter"]],
                    inherited_changes=tuple(about["inherited_changes"]),
                )
            case "rubric":
                document, transcript = await self._transcript(effect)
                recruiters = (await self._names(about)).values()
                return entity_id, RubricRequest(document=document, transcript=transcript, recruiters=tuple(recruiters))
        candidate = await self._library.candidate(entity_id) if entity == "candidate" else None
        if candidate is None:
            raise NothingToDraft("nobody drafts this here")
        match effect.job:
            case "candidate_summary":
                return candidate.human, SummaryRequest(**await self._call(effect, candidate))
            case "scorecard":
                return candidate.human, ScorecardRequest(**await self._call(effect, candidate))
            case "resume_reading":
                document, text = await self._text(effect)
                if not isinstance(text, Resume):
                    raise NothingToDraft("this is no résumé")
                criteria = await self._criteria(about)
                return candidate.human, ResumeRequest(document=document, resume=text, criteria=criteria)
        raise NothingToDraft("nobody drafts this here")

    async def _call(self, effect: Draft, candidate: CandidateView) -> dict[str, Any]:
        document, transcript = await self._transcript(effect)
        contact = await self._library.humans.contact(candidate.human)
        return {
            "document": document,
            "transcript": transcript,
            "criteria": await self._criteria(effect.about),
            "candidates": (contact.name,) if contact else (),
            "others": tuple((await self._names([candidate, effect.about])).values()),
        }

    async def _transcript(self, effect: Draft) -> tuple[str, Transcript]:
        document, text = await self._text(effect)
        if not isinstance(text, Transcript):
            raise NothingToDraft("notes cannot be quoted")
        return document, text

    async def _text(self, effect: Draft) -> tuple[str, SourceText]:
        document = effect.inputs[0]
        try:
            text = await self._library.documents.text(document)
        except NoSuchDocument:
            raise ApplicationError(document, type="no_such_document", non_retryable=True) from None
        if isinstance(text, Tombstone):
            raise NothingToDraft("erased")
        return document, text

    async def _criteria(self, about: dict[str, Any]) -> tuple[Topic, ...]:
        """What is sought for: all criteria of the rubric in rank order, or those the draft is about."""
        rubric = await self._library.rubric(about["requisition"], about["rubric_version"])
        if rubric is None:
            raise NothingToDraft("there is no rubric yet")
        wanted = about.get("criteria")
        ranked = sorted(rubric.criteria, key=lambda criterion: criterion.rank)
        return tuple(_topic(criterion) for criterion in ranked if wanted is None or criterion.id in wanted)

    async def _names(self, value: Any) -> dict[str, str]:
        people = await self._library.people.several(mentioned(value, "P-"))
        return {person: known.name for person, known in people.items()}


def _topic(criterion: Criterion) -> Topic:
    also = (*criterion.questions, *criterion.equivalents, criterion.proof)
    return Topic(id=criterion.id, text=criterion.behaviour, also=also)


def activities(pool: asyncpg.Pool, settings: Settings) -> Sequence[Callable[..., Any]]:
    """What a worker registers."""
    library = Library(pool, Sealer(FolderKeyStore(settings.home / "keys")))
    return [Language(library, ExtractiveDrafter()).draft]
