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

from domain.effects import Letter, Tell, TellAll
from domain.people import Actor
from workflows.client import give
from workflows.contract import EffectOrder, EffectResult, Envelope

AT_ONCE = 8
"""How many entities are told at the same time: more make Temporal's back-off felt, fewer are slow."""

SIGN_OF_LIFE = 10.0
"""Seconds between heartbeats while answers are awaited; a third of the heartbeat timeout."""

TAKEN, ABSENT, OVER = "taken", "no such entity", "its life is over"


class Entities:
    """The activities `tell` and `tell_all`."""

    def __init__(self, client: Client) -> None:
        """`client` as `workflows.client.connect` makes it."""
        self._client = client

    @activity.defn(name="tell")
    async def tell(self, order: EffectOrder) -> EffectResult:
        """Gives one entity a command, starting it first where the letter says so."""
        effect = order.effect
        assert isinstance(effect, Tell)
        return EffectResult(note=await self._deliver(order, effect.letter))

    @activity.defn(name="tell_all")
    async def tell_all(self, order: EffectOrder) -> EffectResult:
        """Gives many entities the same command; a second attempt goes on where the first was interrupted."""
        effect = order.effect
        assert isinstance(effect, TellAll)
        letters = [Letter(stream=stream, command=effect.command, payload=effect.payload) for stream in effect.streams]
        return await self.deliver_all(order, letters)

    async def deliver_all(self, order: EffectOrder, letters: Sequence[Letter]) -> EffectResult:
        """Delivers `letters` in order, a few at once, with heartbeats that say how many of the first ones are done.

        One that cannot be delivered does not keep the others from theirs; its failure is raised at the end.
        """
        reported = activity.info().heartbeat_details
        done = int(reported[0]) if reported else 0
        answers: Counter[str] = Counter()
        failure: ApplicationError | None = None
        room = asyncio.Semaphore(AT_ONCE)

        async def deliver(letter: Letter) -> str:
            async with room:
                return await self._deliver(order, letter)

        deliveries = [asyncio.create_task(deliver(letter)) for letter in letters[done:]]
        try:
            for delivery in deliveries:
                activity.heartbeat(done)
                while not delivery.done():
                    await asyncio.wait((delivery,), timeout=SIGN_OF_LIFE)
                    activity.heartbeat(done)
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

    async def _deliver(self, order: EffectOrder, letter: Letter) -> str:
        """What the entity answered, in a word. Raises ApplicationError, free of the command's content."""
        body = json.dumps(letter.payload, sort_keys=True, separators=(",", ":"))
        envelope = Envelope(
            actor=Actor(id=order.stream, kind="system"), fingerprint=hashlib.sha256(body.encode()).hexdigest()
        )
        try:
            await give(
                self._client, letter.stream, letter.command, letter.payload, envelope, order.id, start=letter.start
            )
        except WorkflowUpdateFailedError as failed:
            return _answer(failed)
        except WorkflowAlreadyStartedError:
            return OVER
        except WorkflowUpdateRPCTimeoutOrCancelledError:
            raise ApplicationError("the entity did not answer in time", type="no_answer") from None
        except RPCError as failed:
            if failed.status is RPCStatusCode.NOT_FOUND:
                return ABSENT
            raise ApplicationError(
                "Temporal could not be asked", type=f"temporal_{failed.status.name.lower()}"
            ) from None
        return TAKEN


def _answer(failed: WorkflowUpdateFailedError) -> str:
    cause = failed.cause
    code = (cause.type if isinstance(cause, ApplicationError) else None) or type(cause).__name__
    if code == "internal":
        # Not a refusal but a mistake in our code: the next attempt would meet it too, so a person is asked to look.
        raise ApplicationError(
            "the entity could not perform the command", type="internal", non_retryable=True
        ) from None
    return f"refused: {code}"
