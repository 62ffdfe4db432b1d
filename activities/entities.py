"""One entity gives another a command: an update under the effect's own id, so that it is taken only once.

Whatever the other answers ends it: a refusal and "there is no such entity" are answers. Only silence is tried again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Sequence

from temporalio import activity
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.heartbeats import finished
from activities.registry import carries
from domain.access.team import Actor
from domain.entity.effects import EntityMessage, SpreadPerson, Tell, TellAll
from domain.entity.entity_facts import ENDS
from store.command_lookups import stream_standing, streams_with, was_journalled
from wiring import Stores
from workflows.client import give
from workflows.contract import OTHER_BUILD, UNSIGNED, EffectOrder, EffectResult, Envelope, entity_of, stream_of

AT_ONCE = 8
"""How many entities are told at the same time."""

EVERYBODY = 100_000
"""More candidates than any requisition has."""

TAKEN, ABSENT, OVER = "taken", "no such entity", "its life is over"


class EntityActivities:
    """The activities `tell`, `tell_all` and `spread_person`."""

    def __init__(self, client: Client, kept: Stores) -> None:
        """`client` as `workflows.client.connect` makes it."""
        self._client, self._kept, self._pool, self._reads = client, kept, kept.pool, kept.reads

    @carries(Tell)
    async def tell(self, order: EffectOrder, effect: Tell) -> EffectResult:
        """Gives one entity a command, starting it first where the letter says so."""
        return EffectResult(note=await self.deliver(order, effect.letter))

    @carries(TellAll)
    async def tell_all(self, order: EffectOrder, effect: TellAll) -> EffectResult:
        """Gives many entities the same command; a second attempt goes on where the first was interrupted."""
        letters = [
            EntityMessage(stream=stream, command=effect.command, payload=effect.payload) for stream in effect.streams
        ]
        return await self._deliver_all(order, letters)

    @carries(SpreadPerson)
    async def spread_person(self, order: EffectOrder, effect: SpreadPerson) -> EffectResult:
        """Tells every open requisition somebody is part of how they now work, and the candidates who count on their
        time.

        A requisition started while this runs learns it with its own commands; an interrupted round looks anew, in the
        same order, and goes on where it was.
        """
        learnt = {"calendars": {effect.person: effect.fact["calendar"]}} if effect.fact.get("calendar") else None
        letters: list[EntityMessage] = []
        for stream in await self._counting_on(effect.person):
            if entity_of(stream)[0] == "requisition":
                letters.append(EntityMessage(stream=stream, command="relay", payload={"fact": effect.fact}))
            elif learnt:
                letters.append(EntityMessage(stream=stream, command="learn_calendars", payload=learnt))
        return await self._deliver_all(order, letters)

    async def _counting_on(self, person: str) -> list[str]:
        """The open requisitions somebody is part of with their live candidates, and whoever else they owe or will
        meet."""
        streams = await streams_with(self._pool, person)
        live = [
            stream_of("candidate", line.id)
            for entity, requisition in map(entity_of, streams)
            if entity == "requisition"
            for line in await self._reads.candidates(requisition=requisition, limit=EVERYBODY)
            if line.stage not in ENDS and line.standing != "erased"
        ]
        return sorted({*streams, *live})

    async def _deliver_all(self, order: EffectOrder, letters: Sequence[EntityMessage]) -> EffectResult:
        """Delivers `letters` in order, a few at once, with heartbeats that say how many of the first ones are done.

        One that cannot be delivered does not keep the others from theirs; its failure is raised at the end.
        """
        reported = activity.info().heartbeat_details
        done = int(reported[0]) if reported else 0
        answers: Counter[str] = Counter()
        failure: ApplicationError | None = None
        room = asyncio.Semaphore(AT_ONCE)

        async def deliver(letter: EntityMessage) -> str:
            async with room:
                return await self.deliver(order, letter)

        def progress() -> int:
            return done

        deliveries = [asyncio.create_task(deliver(letter)) for letter in letters[done:]]
        try:
            for delivery in deliveries:
                await finished(delivery, progress)
                try:
                    answers[await delivery] += 1
                except ApplicationError as refused:
                    failure = failure or refused
                if failure is None:
                    done += 1
        finally:
            for delivery in deliveries:
                delivery.cancel()
        activity.heartbeat(done)
        if failure is not None:
            raise failure
        return EffectResult(
            note=", ".join(f"{count} {answer}" for answer, count in sorted(answers.items())) or "nobody"
        )

    async def deliver(self, order: EffectOrder, letter: EntityMessage) -> str:
        """What the entity answered, in a word. Raises ApplicationError, free of the command's content."""
        body = json.dumps(letter.payload, sort_keys=True, separators=(",", ":"))
        envelope = Envelope(
            actor=Actor(id=order.stream, kind="system"), fingerprint=hashlib.sha256(body.encode()).hexdigest()
        )
        # An entity that the engine lost is not begun anew over what it was.
        start = letter.start and not await was_journalled(self._pool, letter.stream)
        try:
            await give(
                self._client,
                self._kept.signing,
                letter.stream,
                letter.command,
                letter.payload,
                envelope,
                order.id,
                start=start,
            )
        except WorkflowUpdateFailedError as failed:
            return _answer(failed)
        except WorkflowAlreadyStartedError:
            return OVER
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            raise ApplicationError("the entity did not answer in time", type="no_answer") from None
        except RPCError as failed:
            if failed.status is RPCStatusCode.NOT_FOUND:
                await self._is_absent(letter)
                return ABSENT
            raise ApplicationError(
                "Temporal could not be asked", type=f"temporal_{failed.status.name.lower()}"
            ) from None
        return TAKEN

    async def _is_absent(self, letter: EntityMessage) -> None:
        """Raises ApplicationError for a candidate whose start is still on its way, and for an entity whose run the
        engine lost: a fact must not be lost to that."""
        stands = await stream_standing(self._pool, letter.stream)
        if entity_of(letter.stream)[0] == "candidate" and not stands.journalled:
            raise ApplicationError("the candidate does not exist yet", type="not_born_yet") from None
        if stands.journalled and not stands.over:
            raise ApplicationError("the engine lost its run: tandem revive", type="run_missing") from None


def _answer(failed: WorkflowUpdateFailedError) -> str:
    cause = failed.cause
    code = (cause.type if isinstance(cause, ApplicationError) else None) or type(cause).__name__
    if code in ("internal", UNSIGNED):
        # Not a refusal but a mistake of ours: the next attempt would meet it too, so a person is asked to look.
        raise ApplicationError("the entity could not perform the command", type=code, non_retryable=True) from None
    if code == OTHER_BUILD:
        raise ApplicationError("the entity is run by another build", type=OTHER_BUILD) from None
    return f"refused: {code}"
