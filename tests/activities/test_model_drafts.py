"""A model behind the activity: whatever it does, a draft comes in time, its cost is bounded, and it is on record."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.drafting import DraftActivity
from domain.candidate.requests import RecordRequest
from domain.evidence.drafts import Draft
from domain.time.calendars import ROUND_THE_CLOCK, Calendar
from language.draft_failures import ONE_MORE_TRY, WORTH_ANOTHER_TRY
from language.extractive_drafter import ExtractiveDrafter
from language.llm import Model
from language.llm_client import Endpoint
from settings import ROOT
from store.llm_budget import Budget, LlmBudget, Prices
from store.policy_file import load_policy
from testing.journal_company import ANNA, APPLICANT_ANNA, REQUISITION, interview_booked
from testing.model_endpoint import MODEL, Scripted, completion, endpoint, error, reads
from testing.people import PARTNER
from tests.activities.letter_fixtures import HERS, Office, anna_advanced, up_to_the_slate
from tests.activities.test_drafting import drafted, ordered, recorded_as, stored
from tests.language.test_model import FAILING
from workflows.contract import EffectOrder, EffectResult

PATIENCE = timedelta(minutes=20)
SAID = "I'd be looking for one sixty-five."
GOOD = {
    "bullets": [{"text": "Is looking for one sixty-five.", "rests_on": [1]}],
    "verdicts": [],
    "strongest": 1,
}


@pytest.fixture
async def scripted() -> AsyncIterator[Scripted]:
    """A model that answers well until a test says otherwise."""
    async with endpoint(reads([("K1", SAID)], SummaryAnswer=GOOD)) as one:
        yield one


@dataclasses.dataclass
class Desk:
    """The activity with that model, at one draft that was asked for."""

    office: Office
    language: DraftActivity
    llm_budget: LlmBudget
    order: EffectOrder

    async def draft(self, attempt: int = 1, waited: timedelta = timedelta(0)) -> EffectResult:
        """One attempt at it, so long after it was ordered."""
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(environment.info, attempt=attempt)
        order = self.order.but(decided_at=datetime.now(UTC) - waited)
        return await environment.run(self.language.draft, order)

    async def shown(self, result: EffectResult) -> Draft:
        """The draft that came back."""
        return await drafted(self.office, result, self.order)


@pytest.fixture
async def desk(office: Office, scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A screen waits to be summed up."""
    recorded_as(monkeypatch, await stored(office, APPLICANT_ANNA, "transcript", "screen-1.vtt"))
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    client = Endpoint(scripted.url, MODEL, timeout=60.0)
    llm_budget = office.kept.llm_budget
    llm_budget.prices = Prices(tokens_in=Decimal(2), tokens_out=Decimal(10))
    model = Model(client, PATIENCE, llm_budget)
    language = DraftActivity(office.library, office.kept, ExtractiveDrafter(), model)
    yield Desk(office, language, llm_budget, ordered(office, "candidate_summary"))
    await client.close()


async def test_a_models_draft_comes_back_and_is_on_record(desk: Desk) -> None:
    result = await desk.draft()

    draft = await desk.shown(result)
    assert draft.drafter == MODEL
    assert result.reply is not None
    assert result.reply.payload["extractive"] is False
    (output,) = await desk.office.kept.outputs.of_candidate(ANNA)
    assert (output.job, output.model, output.human, output.rubric_version) == (
        "candidate_summary",
        MODEL,
        APPLICANT_ANNA,
        1,
    )
    assert output.prompts == ("read.v1", "candidate_summary.v1")
    assert set(output.inputs) == {*desk.order.payload["inputs"], "request"}
    assert (output.calls, output.tokens_in, output.tokens_out) == (2, 200, 40)
    assert output.cost == Decimal("0.0008")  # 200 tokens at 2 and 40 at 10 a million
    assert set(output.spans) == {passage.span for passage in draft.passages}
    assert (await desk.llm_budget.of_requisition(REQUISITION)).tokens == 240


@pytest.mark.parametrize("kind", FAILING)
async def test_whatever_fails_ends_in_a_draft_before_patience_does(desk: Desk, scripted: Scripted, kind: str) -> None:
    said, code = FAILING[kind]
    scripted.script = lambda asked: said

    if code in WORTH_ANOTHER_TRY | ONE_MORE_TRY:
        with pytest.raises(ApplicationError) as failed:
            await desk.draft()
        assert (failed.value.type, failed.value.non_retryable) == (code, False)
        assert failed.value.next_retry_delay == (timedelta(seconds=7) if kind == "429" else timedelta(seconds=5))
    attempt, waited = (2, PATIENCE - timedelta(seconds=4))
    draft = await desk.shown(await desk.draft(attempt, waited))

    assert (draft.drafter, draft.making.failed) == ("extractive", code)
    assert draft.summary is not None
    assert draft.summary.bullets
    (output,) = await desk.office.kept.outputs.of_candidate(ANNA)
    assert (output.drafter, output.failed, output.model) == ("extractive", code, MODEL)
    spent = await desk.llm_budget.of_effect(desk.order.id)
    assert (output.calls, output.tokens_in + output.tokens_out, output.cost) == (spent.calls, spent.tokens, spent.cost)
    assert output.calls > 0


async def test_once_patience_is_over_nobody_asks_the_model(desk: Desk, scripted: Scripted) -> None:
    draft = await desk.shown(await desk.draft(9, PATIENCE + timedelta(seconds=1)))
    assert draft.making.failed == "patience_over"
    assert "did not succeed in time" in draft.note
    assert scripted.asked == []


async def test_a_model_that_is_too_slow_is_let_go_of(desk: Desk, scripted: Scripted) -> None:
    scripted.slow = 60.0
    draft = await desk.shown(await desk.draft(3, PATIENCE - timedelta(seconds=3)))
    assert draft.making.failed == "patience_over"
    if scripted.asked:  # on a machine so busy that three seconds pass before, there is nobody to hang up on
        await scripted.hung_up.wait()


async def test_where_a_day_lasts_seconds_the_draft_of_a_hanging_model_comes_before_the_summary_is_due(
    desk: Desk, scripted: Scripted
) -> None:
    policy = load_policy(ROOT / "deploy" / "sla" / "demo.yaml")
    scripted.slow = 60.0
    ordered_there = desk.order.effect.but(day=policy.day)
    desk.order = desk.order.but(payload=ordered_there.model_dump(mode="json"))
    began = datetime.now(UTC)
    draft = await desk.shown(await desk.draft())
    (output,) = await desk.office.kept.outputs.of_candidate(ANNA)
    due_at = Calendar(zone="UTC", week=ROUND_THE_CLOCK).due(began, policy.clocks["summary_sent"], policy.day)
    assert due_at - began == timedelta(seconds=6)
    assert (draft.drafter, draft.making.failed) == ("extractive", "patience_over")
    assert output.at < due_at
    assert output.seconds is not None
    assert output.seconds < 6


async def test_time_that_an_order_lay_about_is_part_of_patience(desk: Desk, scripted: Scripted) -> None:
    environment = ActivityEnvironment()  # which is handed the order now, an hour after the event
    order = desk.order.but(decided_at=datetime.now(UTC) - timedelta(hours=1))
    draft = await desk.shown(await environment.run(desk.language.draft, order))
    assert draft.making.failed == "patience_over"
    assert scripted.asked == []


async def test_whoever_asked_for_no_machine_after_the_order_is_read_by_none(desk: Desk, scripted: Scripted) -> None:
    asked = RecordRequest(kind="no_ai", at=desk.office.company.now)
    await desk.office.live(lambda company: company.give(HERS, PARTNER, asked))
    result = await desk.draft()
    assert (result.reply, result.note) == (None, "no draft: they allow no machine reading")
    assert scripted.asked == []
    assert await desk.office.kept.outputs.of_candidate(ANNA) == []


async def test_a_cancelled_draft_lets_go_of_the_model(desk: Desk, scripted: Scripted) -> None:
    scripted.slow = 60.0
    environment = ActivityEnvironment()
    order = desk.order.but(decided_at=datetime.now(UTC))
    beats: list[object] = []
    environment.on_heartbeat = lambda *progress: beats.append(progress)
    running = asyncio.create_task(environment.run(desk.language.draft, order))
    async with asyncio.timeout(90):
        while not scripted.asked:
            await asyncio.wait((running,), timeout=0.01)
        environment.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await scripted.hung_up.wait()
    assert beats


@pytest.mark.parametrize(
    "budget",
    [
        Budget(tokens_per_requisition=1_000),
        Budget(tokens_per_day=1_000),
        Budget(cost_per_day=Decimal("0.001")),
        Budget(cost_per_requisition=Decimal("0.001")),
    ],
)
async def test_a_spent_budget_asks_nothing_and_the_draft_comes_all_the_same(
    desk: Desk, scripted: Scripted, budget: Budget
) -> None:
    desk.llm_budget.budget = budget
    draft = await desk.shown(await desk.draft())
    assert draft.making.failed == "budget_spent"
    assert scripted.asked == []


async def test_what_is_not_known_counts_as_the_most_it_may_have_cost(desk: Desk, scripted: Scripted) -> None:
    scripted.first.append(completion("not JSON"))
    with pytest.raises(ApplicationError):
        await desk.draft()
    unknown = await desk.llm_budget.of_effect(desk.order.id)
    scripted.first.append(error(500))
    with pytest.raises(ApplicationError):
        await desk.draft()
    assert unknown.tokens > 4_000  # the longest answer there could have been
    assert (await desk.llm_budget.of_effect(desk.order.id)).tokens == unknown.tokens  # an error costs nothing


async def test_two_questions_at_once_do_not_both_take_what_is_left(office: Office) -> None:
    llm_budget = LlmBudget(office.pool, Budget(tokens_per_day=150), Prices())
    now = datetime.now(UTC)
    reserved = await asyncio.gather(
        *(llm_budget.reserve(f"R-{n}", f"requisition/R-{n}/1/0", MODEL, 80, 20, now) for n in range(5))
    )
    assert len([each for each in reserved if each is not None]) == 1
    assert await llm_budget.reserve("R-9", "requisition/R-9/1/0", MODEL, 80, 20, now + timedelta(days=1)) is not None
