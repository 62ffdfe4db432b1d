"""Transcription: a sealed recording, piece by piece to the model that transcribes, and back as a sealed transcript.

What one piece was answered travels to the next attempt in the heartbeat, sealed: whoever goes on asks for no piece
twice. Before each piece it is looked whether it may still be heard at all.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from pydantic import TypeAdapter
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.drafting import AFTER_A_STOP, AUTHOR, FIRST_PAUSE, JSON, LONGEST_PAUSE
from activities.heartbeats import finished
from activities.registry import carries
from documents.recordings import SoundPiece, UnreadableRecording, cut
from domain.core.messages import Command
from domain.core.personal_text import Sealed
from domain.entity.effects import Transcribe
from domain.entity.transcription import AttachTranscript, ReportUntranscribed
from domain.evidence.documents import Untranscribed
from domain.evidence.transcript import Transcript
from language.answer_cache import Interrupted
from language.draft_failures import FOR_WHOEVER_RUNS_IT, ONE_MORE_TRY, WORTH_ANOTHER_TRY, ModelFailed
from language.transcription import HeardPiece, Transcriber, transcript_of
from ops.recording_retention import delete_recordings
from privacy.keys import KeyDestroyed, KeyMissing, KeysUnreachable
from privacy.sealing import CannotOpen, Tombstone
from store.blobs import BlobsAway, NoSuchBlob
from store.recordings import KeptRecording
from wiring import Stores
from workflows.contract import EffectOrder, EffectResult, Reply, entity_of

PATIENCE = timedelta(hours=6)
"""For how long a model that cannot be used is tried again, counted from the event on."""

AT_ONCE = 2
"""Recordings a worker cuts at the same time: each is in memory for as long as that takes."""

CODES: dict[str, Untranscribed] = {"damaged": "unreadable", "no_sound": "no_speech", "too_long": "too_long"}
"""What is said of a recording that cannot be read."""

_HEARD = TypeAdapter(list[HeardPiece])

log = structlog.get_logger("language")


class _Given(Exception):
    """No transcript comes of it, and why; without a reason nobody waits for one any more."""

    def __init__(self, reason: Untranscribed | None) -> None:
        super().__init__(reason)
        self.reason = reason


class TranscribeActivity:
    """The activity `transcribe`. Without a `transcriber` nothing is transcribed."""

    def __init__(self, kept: Stores, transcriber: Transcriber | None) -> None:
        self._kept, self._transcriber = kept, transcriber
        self._room = asyncio.Semaphore(AT_ONCE)

    @carries(Transcribe)
    async def transcribe(self, order: EffectOrder, effect: Transcribe) -> EffectResult:
        """Has a recording transcribed and gives the entity its transcript, or says that there will be none."""
        try:
            kept = await self._kept.recordings.of(effect.recording)
            if kept is None:
                raise _Given("lost")
            await self._check(order, effect, kept)
            transcript = kept.transcript.id if kept.transcript else await self._heard(order, effect, kept)
        except _Given as given:
            if given.reason is None:
                return EffectResult(note="no transcript: nobody waits for it")
            return _answer(ReportUntranscribed(recording=effect.recording, reason=given.reason), given.reason)
        except KeyDestroyed:
            return EffectResult(note="no transcript: whoever it is about was erased")
        except (BlobsAway, KeysUnreachable):
            raise ApplicationError("files or keys cannot be reached", type="store_away") from None
        known = await self._kept.documents.text(transcript)
        if not isinstance(known, Transcript):
            return EffectResult(note="no transcript: whoever it is about was erased")
        stored = await self._kept.documents.about(transcript)
        await self._kept.documents.give(transcript, entity_of(order.stream)[1], AUTHOR)
        attach = AttachTranscript(recording=effect.recording, transcript=stored.doc, unnamed=known.unanswered)
        return _answer(attach, "transcribed")

    async def _heard(self, order: EffectOrder, effect: Transcribe, kept: KeptRecording) -> str:
        """The transcript's document. Raises _Given, ApplicationError, and what stores raise."""
        transcriber = self._transcriber
        if transcriber is None:
            raise _Given("no_endpoint")
        answers = self._answered(order)
        work = asyncio.create_task(self._pieces(order, effect, kept, transcriber, answers))
        try:
            await finished(work, lambda: self._sealed(order, kept, answers))
            transcript = transcript_of(await work, f"transcribed by {transcriber.endpoint.model}")
        except Interrupted:
            raise ApplicationError("the worker stops", type="worker_stops", next_retry_delay=AFTER_A_STOP) from None
        except ModelFailed as failed:
            raise self._failure(order, failed) from None
        finally:
            work.cancel()
        if transcript is None:
            raise _Given("no_speech")
        body = _HEARD.dump_json(list(answers.values()))
        doc = await self._kept.documents.put(kept.key, "transcript", JSON, body, transcript, AUTHOR)
        await self._kept.recordings.transcribed(effect.recording, doc.id)
        await delete_recordings(self._kept, datetime.now(UTC))
        return doc.id

    async def _check(self, order: EffectOrder, effect: Transcribe, kept: KeptRecording) -> None:
        """Raises _Given where a recording is no longer to be heard, is another's, or not the record of the call."""
        entity, entity_id = entity_of(order.stream)
        if entity == "requisition":
            requisition = await self._kept.reads.requisition(entity_id)
            held = requisition.intakes if requisition and kept.key == entity_id else ()
            if not any(one.recording == effect.recording and not one.transcript for one in held):
                raise _Given(None)
            return
        candidate = await self._kept.reads.candidate(entity_id)
        if candidate is None or candidate.standing == "erased" or candidate.human != kept.key:
            raise _Given(None)
        if candidate.no_ai or candidate.no_recording:
            raise _Given("not_allowed")
        screen = candidate.screen
        if not (screen and screen.kind == "recording" and screen.record == effect.recording) and not any(
            one.kept_as == "recording" and one.recording == effect.recording for one in candidate.interviews.values()
        ):
            raise _Given(None)

    async def _pieces(
        self,
        order: EffectOrder,
        effect: Transcribe,
        kept: KeptRecording,
        transcriber: Transcriber,
        answers: dict[int, HeardPiece],
    ) -> list[HeardPiece]:
        async with self._room:
            pieces = await asyncio.to_thread(self._cut, kept)
        for piece in pieces:
            if piece.start_ms in answers:
                continue
            if activity.is_worker_shutdown():
                raise Interrupted
            await self._check(order, effect, kept)
            segments = await transcriber.heard(
                piece.content, piece.end_ms - piece.start_ms, effect.about["requisition"], order.id
            )
            answers[piece.start_ms] = HeardPiece(start_ms=piece.start_ms, segments=segments)
        return [answers[piece.start_ms] for piece in pieces]

    def _cut(self, kept: KeptRecording) -> list[SoundPiece]:
        try:
            parts = self._kept.recordings.parts(kept)
            if isinstance(parts, Tombstone):
                raise KeyDestroyed(kept.key)
            return list(cut(parts, kept.size, self._kept.settings.transcription_piece_minutes * 60))
        except UnreadableRecording as unreadable:
            raise _Given(CODES[unreadable.code]) from None
        except (NoSuchBlob, CannotOpen):
            raise _Given("lost") from None

    def _failure(self, order: EffectOrder, failed: ModelFailed) -> Exception:
        """What to raise: for the engine to try again, where that may help and there is time, else why it ends."""
        attempt = activity.info().attempt
        left = PATIENCE - (datetime.now(UTC) - order.decided_at)
        if failed.code in WORTH_ANOTHER_TRY or (failed.code in ONE_MORE_TRY and attempt == 1):
            pause = min(FIRST_PAUSE * 2 ** min(attempt - 1, 10), LONGEST_PAUSE)
            if failed.retry_after is not None:
                pause = timedelta(seconds=failed.retry_after)
            if pause < left:
                return ApplicationError(failed.code, type=failed.code, next_retry_delay=pause)
        if failed.code in FOR_WHOEVER_RUNS_IT:
            log.error("the model that transcribes cannot be used", reason=failed.code, effect=order.id)
        if failed.code == "budget_spent":
            return _Given("budget_spent")
        return _Given("unavailable" if failed.code in WORTH_ANOTHER_TRY else "not_accepted")

    def _answered(self, order: EffectOrder) -> dict[int, HeardPiece]:
        """What was heard in earlier attempts, by when its piece begins; nothing where it cannot be read."""
        for reported in activity.info().heartbeat_details:
            with suppress(CannotOpen, KeyMissing, KeysUnreachable, ValueError):
                found = self._kept.sealer.open_(Sealed.model_validate(reported), order.id)
                if not isinstance(found, Tombstone):
                    return {piece.start_ms: piece for piece in _HEARD.validate_json(found)}
        return {}

    def _sealed(self, order: EffectOrder, kept: KeptRecording, answers: dict[int, HeardPiece]) -> Sealed | None:
        """What was heard so far, as a heartbeat carries it."""
        with suppress(KeyDestroyed, KeysUnreachable):
            heard = _HEARD.dump_json(list(answers.values())).decode()
            return self._kept.sealer.seal(kept.key, heard, order.id) if answers else None
        return None


def _answer(command: Command, note: str) -> EffectResult:
    return EffectResult(note=note, reply=Reply(command=command.name, payload=command.model_dump(mode="json")))
