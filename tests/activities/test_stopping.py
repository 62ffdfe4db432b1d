"""A worker that is told to stop while a model answers: nothing that was answered is asked, and paid for, again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities import heartbeats
from activities.drafting import DraftActivity
from domain.entity.effects import Draft
from language.extractive_drafter import ExtractiveDrafter
from language.llm import Model
from language.llm_client import Endpoint
from testing.journal_company import APPLICANT_ANNA, interview_booked
from testing.model_endpoint import MODEL, Scripted, endpoint, reads
from tests.activities.letter_fixtures import Office, anna_advanced, up_to_the_slate
from tests.activities.test_drafting import drafted, ordered, recorded_as, stored
from tests.activities.test_model_drafts import GOOD, SAID
from workflows.contract import LANGUAGE_QUEUE, EffectOrder, EffectResult
from workflows.policies import options

ENTITIES = "entities-that-order-drafts"
DRAIN = timedelta(seconds=60)


@workflow.defn
class Orders:
    """Orders one draft, as an entity does."""

    @workflow.run
    async def run(self, order: EffectOrder) -> EffectResult:
        """What came of it."""
        result: EffectResult = await workflow.execute_activity(
            order.type, order, result_type=EffectResult, **options(Draft.carriage)
        )
        return result


@pytest.fixture
async def scripted() -> AsyncIterator[Scripted]:
    async with endpoint(reads([("K1", SAID)], SummaryAnswer=GOOD)) as one:
        yield one


@pytest.fixture
async def language(office: Office, scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DraftActivity]:
    """Somebody who drafts with that model; a screen waits to be summed up."""
    recorded_as(monkeypatch, await stored(office, APPLICANT_ANNA, "transcript", "screen-1.vtt"))
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    model = Endpoint(scripted.url, MODEL, timeout=60.0)
    yield DraftActivity(
        office.library, office.kept, ExtractiveDrafter(), Model(model, timedelta(hours=1), office.kept.llm_budget)
    )
    await model.close()


@pytest.fixture
def noticed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Awaitable[None]]:
    """Waits until a running activity noticed that its worker stops: nothing else makes it give a sign of life."""
    stopping, heartbeat = asyncio.Event(), activity.heartbeat

    def watched(*details: object) -> None:
        if activity.is_worker_shutdown():
            stopping.set()
        heartbeat(*details)

    monkeypatch.setattr(heartbeats, "SIGN_OF_LIFE", 3600.0)
    monkeypatch.setattr(heartbeats.activity, "heartbeat", watched)
    return stopping.wait


@asynccontextmanager
async def entities(client: Client) -> AsyncIterator[None]:
    async with Worker(client, task_queue=ENTITIES, workflows=[Orders], workflow_runner=UnsandboxedWorkflowRunner()):
        yield


def drafting(client: Client, language: DraftActivity) -> Worker:
    """A worker that drafts, and when it stops lets what is under way come to its end."""
    return Worker(client, task_queue=LANGUAGE_QUEUE, activities=[language.draft], graceful_shutdown_timeout=DRAIN)


async def order_of(office: Office, client: Client) -> tuple[EffectOrder, WorkflowHandle[Orders, EffectResult]]:
    order = ordered(office, "candidate_summary").but(decided_at=datetime.now(UTC))
    return order, await client.start_workflow(Orders.run, order, id=f"orders-{uuid4()}", task_queue=ENTITIES)


@pytest.mark.parametrize("last", ["ReadingAnswer", "SummaryAnswer"])
async def test_what_was_answered_before_a_worker_stopped_is_not_asked_again(
    office: Office,
    client: Client,
    language: DraftActivity,
    scripted: Scripted,
    noticed: Callable[[], Awaitable[None]],
    last: str,
) -> None:
    asked, answered = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        if scripted.asked[-1].shape == last:
            asked.set()
            await answered.wait()

    scripted.before = slowly
    async with entities(client), asyncio.timeout(240):
        order, handle = await order_of(office, client)
        first = asyncio.create_task(drafting(client, language).run())
        await asked.wait()
        first.cancel()  # the engine's own way to stop a worker that runs
        await noticed()
        answered.set()
        await asyncio.wait((first,))
        async with drafting(client, language):
            result = await handle.result()

    draft = await drafted(office, result, order)
    assert draft.drafter == MODEL
    assert draft.summary is not None
    assert [one.shape for one in scripted.asked] == ["ReadingAnswer", "SummaryAnswer"]
    assert (await office.kept.llm_budget.of_effect(order.id)).calls == 2


async def test_what_travels_to_the_next_attempt_can_be_read_by_nobody_else(
    office: Office, client: Client, language: DraftActivity, scripted: Scripted, noticed: Callable[[], Awaitable[None]]
) -> None:
    """An answer quotes what somebody said; the engine keeps a heartbeat as it came."""
    asked, answered = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        asked.set()
        await answered.wait()

    scripted.before = slowly
    async with entities(client), asyncio.timeout(240):
        _, handle = await order_of(office, client)
        first = asyncio.create_task(drafting(client, language).run())
        await asked.wait()
        first.cancel()
        await noticed()
        answered.set()
        await asyncio.wait((first,))
        (pending,) = (await handle.describe()).raw_description.pending_activities
        carried = b"".join(payload.data for payload in pending.heartbeat_details.payloads)
        await handle.terminate()
    assert b"ciphertext" in carried
    assert SAID.encode() not in carried
