"""Recordings as an activity hears them: piece by piece, paid, stopped and gone on with, and deleted in time."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from fastapi.responses import JSONResponse
from temporalio import workflow
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.transcription import PATIENCE, TranscribeActivity
from domain.candidate.corrections import CorrectScreen
from domain.candidate.requests import RecordRequest
from domain.entity.effects import Draft, Notify, Transcribe
from domain.entity.speaker_naming import LabelAnswer, NameSpeakers
from domain.evidence.documents import Doc, Recording
from domain.evidence.transcript import Transcript
from domain.registry import DECIDERS
from language.transcription import Transcriber
from language.transcription_client import TranscriptionEndpoint
from ops.recording_retention import delete_recordings
from settings import Settings
from store.llm_budget import Budget
from testing import journal_company as lived
from testing.journal_company import ANNA, APPLICANT_ANNA, Company, interview_booked
from testing.model_endpoint import error
from testing.people import FACTS, RECRUITER
from testing.sound import recorded
from testing.transcription_endpoint import MODEL, ScriptedEar, ear
from tests.activities.letter_fixtures import HERS, Office, anna_advanced, up_to_the_slate
from tests.activities.test_stopping import DRAIN, noticed
from workflows.contract import LANGUAGE_QUEUE, EffectOrder, EffectResult
from workflows.policies import options

__all__ = ["noticed"]

CALL = recorded(((9.4, 1.0), (0.6, 0.0)) * 15, "ogg", "libopus")
"""Two and a half minutes: three pieces of at most one."""

ENTITIES = "entities-that-order-transcripts"


@dataclass
class Desk:
    """A screen was recorded, and its recording waits to be transcribed."""

    office: Office
    transcriber: Transcriber
    order: EffectOrder
    recording: Doc

    @property
    def activity(self) -> TranscribeActivity:
        """Whoever hears it."""
        return TranscribeActivity(self.office.kept, self.transcriber)

    async def heard(self, waited: timedelta = timedelta(0), attempt: int = 1) -> EffectResult:
        """One attempt at it, so long after it was ordered."""
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(environment.info, attempt=attempt)
        order = self.order.but(decided_at=datetime.now(UTC) - waited)
        return await environment.run(self.activity.transcribe, order)

    async def taken(self, result: EffectResult) -> None:
        """The entity takes what came back, and its journal is written."""
        assert result.reply is not None
        command = DECIDERS["candidate"].commands[result.reply.command].model_validate(result.reply.payload)
        await self.does("S-SHELL", command)

    async def does(self, by: str, command: Any) -> None:
        """Somebody gives her entity a command."""
        self.office.company.give(HERS, by, command)
        await self.office.live()

    async def transcript(self, result: EffectResult) -> Transcript:
        """What was heard."""
        assert result.reply is not None
        assert result.reply.command == "attach_transcript", result.reply.payload
        text = await self.office.kept.documents.text(result.reply.payload["transcript"]["id"])
        assert isinstance(text, Transcript)
        return text

    async def ordered(self, job: str) -> list[EffectOrder]:
        """The drafts of this job that were ordered so far."""
        return [one for one in self.office.orders(Draft) if one.payload["job"] == job and one.stream == HERS]

    def notified(self) -> list[Any]:
        """What the recruiter was told of recordings."""
        return [one.payload["about"]["what"] for one in self.office.orders(Notify, matter="recording_waits")]


@pytest.fixture
async def hears() -> AsyncIterator[ScriptedEar]:
    async with ear() as one:
        yield one


async def kept(office: Office, content: bytes = CALL) -> Doc:
    """A recording, as the API stores one."""
    blob = await office.kept.blobs.put(APPLICANT_ANNA, content)
    digest = hashlib.sha256(content).digest()
    return await office.kept.recordings.put(APPLICANT_ANNA, "audio/ogg", blob, len(content), digest, RECRUITER)


async def recorded_screen(office: Office, doc: Doc, monkeypatch: pytest.MonkeyPatch) -> EffectOrder:
    """Her screen was held, and this recording is left of it."""

    def taped(company: Company) -> None:
        tape = Recording(kind="recording", doc=doc, consent_of_all=True)
        monkeypatch.setattr(lived, "TRANSCRIPT", tape)
        monkeypatch.setattr(lived, "FACTS", FACTS.but(transcribes=True))

    await office.live(up_to_the_slate, anna_advanced, taped, interview_booked)
    monkeypatch.undo()
    (order,) = office.orders(Transcribe)
    return order


@pytest.fixture
async def desk(office: Office, hears: ScriptedEar, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    office.kept.settings = Settings(home=office.home, transcription_piece_minutes=1)
    doc = await kept(office)
    endpoint = TranscriptionEndpoint(hears.url, MODEL, timeout=60)
    with pytest.MonkeyPatch.context() as patch:
        order = await recorded_screen(office, doc, patch)
    yield Desk(office, Transcriber(endpoint, Decimal("0.10"), office.kept.llm_budget), order, doc)
    await endpoint.close()


async def test_a_recording_becomes_the_record_and_drafts_wait_until_it_is_known_who_speaks(
    desk: Desk, hears: ScriptedEar
) -> None:
    assert not await desk.ordered("candidate_summary")

    result = await desk.heard()

    transcript = await desk.transcript(result)
    lengths = [round(one.seconds) for one in hears.sent]
    assert (len(lengths), sum(lengths)) == (3, 150)
    begins = [turn.start_ms for turn in transcript.turns if turn.speaker.startswith("Speaker A")]
    assert begins[0] == 0
    assert begins[1] == pytest.approx(hears.sent[0].seconds * 1000, abs=100)
    assert transcript.speakers == tuple(f"Speaker {who}, part {n}" for n in (1, 2, 3) for who in "AB")
    assert transcript.tool == f"transcribed by {MODEL}"

    await desk.taken(result)
    screen = desk.office.company.states[HERS].screen
    assert (screen.kind, screen.recording) == ("transcript", desk.recording.id)
    assert screen.record == result.reply.payload["transcript"]["id"]  # type: ignore[union-attr]
    assert desk.notified() == ["speakers"]
    assert not await desk.ordered("candidate_summary")

    named = tuple(
        LabelAnswer(speaker=label, who="applicant" if "B" in label else RECRUITER, number=number)
        for number, label in enumerate(transcript.speakers)
    )
    await desk.does(RECRUITER, NameSpeakers(document=screen.record, speakers=named[:4]))
    assert not await desk.ordered("candidate_summary")
    await desk.does(RECRUITER, NameSpeakers(document=screen.record, speakers=named[4:]))
    (order,) = await desk.ordered("candidate_summary")
    assert order.payload["inputs"] == [screen.record]


async def test_the_transcript_is_sealed_under_her_key_and_given_for_her_candidacy(desk: Desk) -> None:
    result = await desk.heard()
    assert result.reply is not None
    document = result.reply.payload["transcript"]["id"]
    known = await desk.office.kept.documents.about(document)
    assert (known.key, known.kind) == (APPLICANT_ANNA, "transcript")
    assert ANNA in {about for about, _ in await desk.office.kept.documents.given(document)}


async def test_the_same_again_asks_nobody(desk: Desk, hears: ScriptedEar) -> None:
    first = await desk.heard()
    again = await desk.heard()
    assert again.reply == first.reply
    assert len(hears.sent) == 3


async def test_every_piece_is_paid_for_and_none_is_sent_beyond_the_budget(desk: Desk, hears: ScriptedEar) -> None:
    desk.office.kept.llm_budget.budget = Budget(cost_per_day=Decimal("0.20"))

    result = await desk.heard()

    assert result.reply is not None
    assert result.reply.payload == {"recording": desk.recording.id, "reason": "budget_spent"}
    assert len(hears.sent) == 2
    spent = await desk.office.kept.llm_budget.of_effect(desk.order.id)
    assert Decimal("0.1") < spent.cost <= Decimal("0.2")
    assert spent.models == (MODEL,)
    await desk.taken(result)
    assert desk.office.company.states[HERS].screen.untranscribed == "budget_spent"
    assert desk.notified() == ["budget_spent"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(error(503), "unavailable"), (error(401), "not_accepted"), (JSONResponse({"text": ""}), "no_speech")],
    ids=["away", "key", "silence"],
)
async def test_what_does_not_pass_ends_in_a_task_with_a_reason(
    desk: Desk, hears: ScriptedEar, answer: Any, reason: str
) -> None:
    hears.heard = lambda number, piece: answer
    if reason == "unavailable":
        with pytest.raises(ApplicationError) as failed:
            await desk.heard()
        assert failed.value.next_retry_delay is not None
    result = await desk.heard(waited=PATIENCE)
    assert result.reply is not None
    assert result.reply.payload["reason"] == reason
    await desk.taken(result)
    assert desk.notified() == [reason]


async def test_whoever_asks_for_no_machine_reading_meanwhile_is_heard_no_further(
    desk: Desk, hears: ScriptedEar
) -> None:
    async def asked() -> None:
        hears.before = None
        await desk.does(RECRUITER, RecordRequest(kind="no_ai", at=desk.office.company.now))

    hears.before = asked
    result = await desk.heard()
    assert result.reply is not None
    assert result.reply.payload["reason"] == "not_allowed"
    assert len(hears.sent) == 1


async def test_a_recording_that_is_the_record_no_more_is_not_heard(desk: Desk, hears: ScriptedEar) -> None:
    right = Recording(kind="transcript", doc=Doc(id="D-RIGHT001", sha256="1" * 64), consent_of_all=True)
    await desk.does(RECRUITER, CorrectScreen(rec=right, why=desk.office.seal("The tool had one")))
    result = await desk.heard()
    assert result.reply is None
    assert hears.sent == []


async def test_without_an_endpoint_and_without_the_file_there_is_a_reason(desk: Desk, hears: ScriptedEar) -> None:
    nobody = TranscribeActivity(desk.office.kept, None)
    result = await ActivityEnvironment().run(nobody.transcribe, desk.order)
    assert result.reply is not None
    assert result.reply.payload["reason"] == "no_endpoint"

    recording = await desk.office.kept.recordings.of(desk.recording.id)
    assert recording is not None
    assert recording.object is not None
    await desk.office.kept.blobs.delete([recording.object])
    result = await desk.heard()
    assert result.reply is not None
    assert result.reply.payload["reason"] == "lost"
    assert hears.sent == []


async def test_it_is_kept_for_as_long_as_is_said_and_its_deletion_is_on_record(desk: Desk) -> None:
    at = desk.office.kept
    at.settings = Settings(home=desk.office.home, recordings_kept_days=3, transcription_piece_minutes=60)
    result = await desk.heard()
    document, now = desk.recording.id, datetime.now(UTC)
    before = await at.recordings.of(document)
    assert before is not None
    assert before.object is not None

    assert await delete_recordings(at, now + timedelta(days=2)) == 0
    assert await delete_recordings(at, now + timedelta(days=4)) == 1
    assert await delete_recordings(at, now + timedelta(days=4)) == 0
    recording = await at.recordings.of(document)
    assert recording is not None
    assert recording.object is None
    assert not at.blobs.kept_in.has(before.object)
    acts = await at.pool.fetch("SELECT act FROM audit WHERE object = $1", document)
    assert [row["act"] for row in acts] == ["recording_deleted"]
    assert (await desk.transcript(result)).turns


@pytest.mark.parametrize(("days", "kept_on"), [(None, True), (0, False)], ids=["until they are erased", "not at all"])
async def test_how_long_is_the_companys_to_say(desk: Desk, days: int | None, kept_on: bool) -> None:
    at = desk.office.kept
    at.settings = Settings(home=desk.office.home, recordings_kept_days=days)
    await desk.heard()
    await delete_recordings(at, datetime.now(UTC) + timedelta(days=10_000))
    recording = await at.recordings.of(desk.recording.id)
    assert recording is not None
    assert (recording.object is not None) == kept_on


async def test_whoever_is_erased_leaves_no_recording(desk: Desk, hears: ScriptedEar) -> None:
    at = desk.office.kept
    at.keys.destroy(APPLICANT_ANNA)
    await at.documents.forget(APPLICANT_ANNA)
    assert not list(at.blobs.kept_in.list(APPLICANT_ANNA))
    assert hears.sent == []
    result = await desk.heard()
    assert (result.reply.payload["reason"] if result.reply else "") in ("", "lost")
    assert hears.sent == []


@workflow.defn
class OrdersTranscript:
    """Orders one transcript, as an entity does."""

    @workflow.run
    async def run(self, order: EffectOrder) -> EffectResult:
        """What came of it."""
        result: EffectResult = await workflow.execute_activity(
            order.type, order, result_type=EffectResult, **options(Transcribe.carriage)
        )
        return result


async def test_a_worker_that_stops_in_the_middle_leaves_the_rest_to_another(
    desk: Desk, hears: ScriptedEar, client: Client, noticed: Callable[[], Awaitable[None]]
) -> None:
    asked, answered = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        if len(hears.sent) == 2:
            asked.set()
            await answered.wait()

    hears.before = slowly

    def hearing() -> Worker:
        activities = [desk.activity.transcribe]
        return Worker(client, task_queue=LANGUAGE_QUEUE, activities=activities, graceful_shutdown_timeout=DRAIN)

    entities = Worker(
        client, task_queue=ENTITIES, workflows=[OrdersTranscript], workflow_runner=UnsandboxedWorkflowRunner()
    )
    async with entities, asyncio.timeout(240):
        order = desk.order.but(decided_at=datetime.now(UTC))
        handle = await client.start_workflow(
            OrdersTranscript.run, order, id=f"transcripts-{uuid4()}", task_queue=ENTITIES
        )
        first = asyncio.create_task(hearing().run())
        await asked.wait()
        first.cancel()
        await noticed()
        answered.set()
        await asyncio.wait((first,))
        (pending,) = (await handle.describe()).raw_description.pending_activities
        carried = b"".join(payload.data for payload in pending.heartbeat_details.payloads)
        assert b"ciphertext" in carried
        assert b"Question" not in carried
        async with hearing():
            result = await handle.result()

    assert len((await desk.transcript(result)).turns) == 6
    assert len(hears.sent) == 3, "a piece was sent twice"
