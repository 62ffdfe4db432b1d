import asyncio

import asyncpg
import pytest

from store.idempotency_claims import ClaimDone, ClaimFresh, ClaimInDoubt, IdempotencyClaims

EFFECT = "candidate/C-ANNA01/7/0"


@pytest.fixture
def claims(pool: asyncpg.Pool) -> IdempotencyClaims:
    return IdempotencyClaims(pool)


async def test_what_was_done_is_not_done_again(claims: IdempotencyClaims) -> None:
    assert await claims.claim(EFFECT) == ClaimFresh()
    await claims.done(EFFECT, {"message_id": "<1@tandem>"})
    assert await claims.claim(EFFECT) == ClaimDone({"message_id": "<1@tandem>"})
    assert await claims.claim("candidate/C-ANNA01/7/1") == ClaimFresh()


async def test_an_attempt_that_never_said_how_it_ended_is_in_doubt(claims: IdempotencyClaims) -> None:
    await claims.claim(EFFECT)
    assert isinstance(await claims.claim(EFFECT), ClaimInDoubt)


async def test_what_certainly_did_not_happen_may_be_tried_again(claims: IdempotencyClaims) -> None:
    await claims.claim(EFFECT)
    await claims.release(EFFECT)
    assert await claims.claim(EFFECT) == ClaimFresh()
    await claims.done(EFFECT)
    await claims.release(EFFECT)
    assert await claims.claim(EFFECT) == ClaimDone(None)


async def test_of_many_at_once_one_finds_it_fresh(claims: IdempotencyClaims) -> None:
    answers = await asyncio.gather(*(claims.claim(EFFECT) for _ in range(8)))
    assert sum(isinstance(claim, ClaimFresh) for claim in answers) == 1
