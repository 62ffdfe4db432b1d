import asyncio

import asyncpg
import pytest

from store.idempotency_claims import ClaimDone, ClaimFresh, ClaimInDoubt, IdempotencyClaims

EFFECT = "candidate/C-ANNA01/7/0"


@pytest.fixture
def deliveries(pool: asyncpg.Pool) -> IdempotencyClaims:
    return IdempotencyClaims(pool)


async def test_what_was_done_is_not_done_again(deliveries: IdempotencyClaims) -> None:
    assert await deliveries.claim(EFFECT) == ClaimFresh()
    await deliveries.done(EFFECT, {"message_id": "<1@tandem>"})
    assert await deliveries.claim(EFFECT) == ClaimDone({"message_id": "<1@tandem>"})
    assert await deliveries.claim("candidate/C-ANNA01/7/1") == ClaimFresh()


async def test_an_attempt_that_never_said_how_it_ended_is_in_doubt(deliveries: IdempotencyClaims) -> None:
    await deliveries.claim(EFFECT)
    assert isinstance(await deliveries.claim(EFFECT), ClaimInDoubt)


async def test_what_certainly_did_not_happen_may_be_tried_again(deliveries: IdempotencyClaims) -> None:
    await deliveries.claim(EFFECT)
    await deliveries.release(EFFECT)
    assert await deliveries.claim(EFFECT) == ClaimFresh()
    await deliveries.done(EFFECT)
    await deliveries.release(EFFECT)
    assert await deliveries.claim(EFFECT) == ClaimDone(None)


async def test_of_many_at_once_one_finds_it_fresh(deliveries: IdempotencyClaims) -> None:
    claims = await asyncio.gather(*(deliveries.claim(EFFECT) for _ in range(8)))
    assert sum(isinstance(claim, ClaimFresh) for claim in claims) == 1
