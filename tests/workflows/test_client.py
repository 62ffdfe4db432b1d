"""A command that meets its entity between two runs is given again, but not for ever, nor once that life is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowUpdateInput,
    WorkflowUpdateHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

from tests.workflows.toy_entity import AddAmounts, CloseLedger
from tests.workflows.toy_server import World
from tests.workflows.update_client import Clerk
from workflows import client as giving
from workflows.contract import Receipt


class GoingOn(Interceptor):
    """A server whose entity is always just going on as its next run, for the first `times` that it is asked."""

    def __init__(self, times: int) -> None:
        self.times, self.asked = times, 0

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """Temporal's."""
        outer = self

        class Refusing(OutboundInterceptor):
            async def start_workflow_update(self, input: StartWorkflowUpdateInput) -> WorkflowUpdateHandle[Any]:
                outer.asked += 1
                if outer.asked <= outer.times:
                    raise RPCError("the run is closing", RPCStatusCode.FAILED_PRECONDITION, b"")
                return await self.next.start_workflow_update(input)

        return Refusing(next)


async def adds(clerk: Clerk, server: GoingOn, key: str = "once") -> Receipt:
    """One command through that server."""
    config = clerk.client.config()
    config["interceptors"] = [server]
    clerk.client = Client(**config)
    return await clerk.give(AddAmounts(amounts=(1,)), key)


async def test_a_command_that_meets_no_run_is_given_again(real_world: World) -> None:
    clerk, server = await real_world.ledger(), GoingOn(3)
    assert (await adds(clerk, server)).version == 2
    assert server.asked == 4


async def test_it_is_given_up_in_time_and_the_same_key_gives_it_again(
    real_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, server = await real_world.ledger(), GoingOn(10**6)
    with monkeypatch.context() as impatient:
        impatient.setattr(giving, "GIVEN_AGAIN_FOR", timedelta(seconds=0.5))
        with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
            await adds(clerk, server)
    assert 2 <= server.asked <= 10

    server.times = 0
    assert (await clerk.give(AddAmounts(amounts=(1,)), "once")).version == 2
    assert (await clerk.give(AddAmounts(amounts=(1,)), "once")).version == 2


async def test_one_that_is_terminated_may_come_back_and_nobody_says_that_it_never_was(
    real_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = await real_world.ledger()
    real_world.clerks.remove(clerk)  # its history ends without an end
    await clerk.handle.terminate()
    monkeypatch.setattr(giving, "GIVEN_AGAIN_FOR", timedelta(seconds=0.2))
    with pytest.raises(WorkflowUpdateRPCTimeoutOrCancelledError):
        await clerk.give(AddAmounts(amounts=(1,)))


async def test_where_there_never_was_one_or_its_life_is_over_it_is_said_at_once(
    real_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = real_world.clerk()
    real_world.clerks.remove(nobody)
    with pytest.raises(RPCError) as unknown:
        await nobody.give(AddAmounts(amounts=(1,)))
    assert unknown.value.status is RPCStatusCode.NOT_FOUND

    clerk = await real_world.ledger()
    real_world.helpers.finished.add("destroy_key")
    await clerk.give(CloseLedger())
    await clerk.handle.result()
    with pytest.raises(RPCError) as over:
        await clerk.give(AddAmounts(amounts=(1,)))
    assert over.value.status is RPCStatusCode.NOT_FOUND
