"""Drafts: reads what an entity asked to have read, and gives it back as a document to confirm or edit.

A model, where there is one, may try for as long as patience lasts, within its budgets; what it costs is on the books
before it is asked. After that the extractive draft is sent, and says why: nobody's clock waits for a machine.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.draft_requests import ERASED, DraftRequests, NothingToDraft, PreparedRequest
from activities.heartbeats import finished
from activities.letter_context import ContextReader
from activities.registry import carries
from domain.core.personal_text import Sealed
from domain.entity.effects import Draft as DraftOrdered
from domain.evidence.draft_events import AttachDraft
from domain.evidence.drafts import Draft
from domain.time.durations import scaled
from language.answer_cache import AnswerCache, Interrupted
from language.draft_failures import FOR_WHOEVER_RUNS_IT, ONE_MORE_TRY, WORTH_ANOTHER_TRY, ModelFailed
from language.extractive_drafter import ExtractiveDrafter
from language.llm import Model
from language.llm_drafter import ModelDrafter, instead
from privacy.keys import KeyDestroyed, KeyMissing, KeysUnreachable
from privacy.sealing import CannotOpen, Tombstone
from store.llm_outputs import LlmOutput
from wiring import Stores
from workflows.contract import EffectOrder, EffectResult, Reply

AUTHOR = "language"
"""Who stored a draft, in the record of the document."""

JSON = "application/json"

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=2)
"""Between two attempts at a model that said nothing of when to come again."""

AFTER_A_STOP = timedelta(seconds=1)
"""Until another worker goes on with a draft whose worker stopped."""

ROOM = timedelta(seconds=45)
"""What an attempt keeps of its time for the extractive draft, and for storing it."""

log = structlog.get_logger("language")


class DraftActivity:
    """The activity `draft`. Without a `model` every draft is the drafter's."""

    def __init__(
        self, library: ContextReader, kept: Stores, drafter: ExtractiveDrafter, model: Model | None = None
    ) -> None:
        self._library, self._outputs, self._llm_budget = library, kept.outputs, kept.llm_budget
        self._sealer = kept.sealer
        self._drafter, self._model = drafter, model
        self._requests = DraftRequests(library, drafter)

    @carries(DraftOrdered)
    async def draft(self, order: EffectOrder, effect: DraftOrdered) -> EffectResult:
        """Drafts what was asked for and gives it to the entity as `attach_draft`; the same again is the same document.

        Without a draft people work on without one: erased words, notes that cannot be quoted, a job nobody does here.
        """
        try:
            asked = await self._requests.of(order, effect)
        except NothingToDraft as why:
            return EffectResult(note=f"no draft: {why}")
        answers = self._answered(order)
        drafting = asyncio.create_task(self._drafted(order, effect, asked, answers))
        try:
            await finished(drafting, lambda: self._sealed(order, asked, answers))
            draft = await drafting
        except Interrupted:
            raise ApplicationError("the worker stops", type="worker_stops", next_retry_delay=AFTER_A_STOP) from None
        finally:
            drafting.cancel()
        body = draft.model_dump_json().encode()
        try:
            doc = await self._library.documents.put(asked.key, "draft", JSON, body, None, AUTHOR)
            await self._record(order, effect, asked, draft, doc.id)
        except KeyDestroyed:  # while it was drafted
            return EffectResult(note=f"no draft: {ERASED}")
        attach = AttachDraft(
            job=effect.job, draft=doc, about=effect.about, extractive=draft.drafter == ExtractiveDrafter.name
        )
        return EffectResult(
            note=f"{effect.job} drafted", reply=Reply(command=attach.name, payload=attach.model_dump(mode="json"))
        )

    def _answered(self, order: EffectOrder) -> dict[str, str]:
        """What a model answered in earlier attempts, as the last heartbeat says; nothing where it cannot be read."""
        for reported in activity.info().heartbeat_details:
            with suppress(CannotOpen, KeyMissing, KeysUnreachable, ValueError):
                found = self._sealer.open_(Sealed.model_validate(reported), order.id)
                if not isinstance(found, Tombstone):
                    answers: dict[str, str] = json.loads(found)
                    return answers
        return {}

    def _sealed(self, order: EffectOrder, asked: PreparedRequest, answers: dict[str, str]) -> Sealed | None:
        """The answers so far, as a heartbeat carries them: they are words about whoever the draft is about."""
        with suppress(KeyDestroyed, KeysUnreachable):
            return self._sealer.seal(asked.key, json.dumps(answers), order.id) if answers else None
        return None

    async def _drafted(
        self, order: EffectOrder, effect: DraftOrdered, asked: PreparedRequest, answers: dict[str, str]
    ) -> Draft:
        model = self._model
        if model is None:
            return await self._drafter.draft(asked.request)
        # Counted from the event on, as the clocks are: whatever kept the order from getting here is part of it.
        left = scaled(model.patience, effect.day) - (datetime.now(UTC) - order.decided_at)
        purse = model.purse(asked.requisition, order.id)
        endpoint = AnswerCache(model.endpoint, answers, activity.is_worker_shutdown)
        try:
            async with asyncio.timeout(min(left, effect.carriage.attempt - ROOM).total_seconds()):
                return await ModelDrafter(endpoint, purse, self._drafter, model.endpoint).draft(asked.request)
        except TimeoutError:
            failed = ModelFailed("patience_over")
        except ModelFailed as failure:
            failed = failure
        self._retry_if_worth_it(failed, left)
        if failed.code in FOR_WHOEVER_RUNS_IT:
            log.error("the language model cannot be used", reason=failed.code, effect=order.id)
        return instead(await self._drafter.draft(asked.request), failed)

    def _retry_if_worth_it(self, failed: ModelFailed, left: timedelta) -> None:
        """Raises ApplicationError, for the engine to try again, where that may help and there is time."""
        attempt = activity.info().attempt
        if failed.code in WORTH_ANOTHER_TRY:
            pause = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
            if failed.retry_after is not None:
                pause = timedelta(seconds=failed.retry_after)
        elif failed.code in ONE_MORE_TRY and attempt == 1:
            pause = FIRST_PAUSE
        else:
            return
        if pause < left:
            raise ApplicationError(failed.code, type=failed.code, next_retry_delay=pause)

    async def _record(
        self, order: EffectOrder, effect: DraftOrdered, asked: PreparedRequest, draft: Draft, document: str
    ) -> None:
        spent = await self._llm_budget.of_effect(order.id)
        candidate = asked.candidate
        # So that the same again can be told from another, for as long as its subject's key lives.
        given = self._sealer.fingerprint(asked.key, asked.request.model_dump_json().encode(), "draft's request")
        await self._outputs.keep(
            LlmOutput.of(
                draft,
                document,
                effect=order.id,
                at=datetime.now(UTC),
                ordered_at=order.decided_at,
                stream=order.stream,
                requisition=asked.requisition,
                candidate=candidate.id if candidate else None,
                human=candidate.human if candidate else None,
                rubric_version=effect.about.get("rubric_version", 0),
                inputs=await self._requests.inputs(effect) | {"request": given},
                spent=spent,
            )
        )
