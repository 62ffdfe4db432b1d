"""What language models cost: reserved before a question is put, settled after, and refused beyond a budget."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import asyncpg

from domain.core.messages import Value

_ONE_AT_A_TIME = 0x7461_6E64
"""The advisory lock under which budgets are looked at: two questions at once must not both take what is left."""


class Budget(Value):
    """The most that may be spent, in tokens and in money (the currency of the prices); None: as much as it takes.

    A day is one of UTC.
    """

    tokens_per_day: int | None = None
    tokens_per_requisition: int | None = None
    cost_per_day: Decimal | None = None
    cost_per_requisition: Decimal | None = None


class Prices(Value):
    """What a million tokens cost, read and written."""

    tokens_in: Decimal = Decimal(0)
    tokens_out: Decimal = Decimal(0)

    def cost(self, tokens_in: int, tokens_out: int) -> Decimal:
        """What so many tokens cost."""
        return (self.tokens_in * tokens_in + self.tokens_out * tokens_out) / 1_000_000


class BudgetSpent(Value):
    """What was spent, reservations included; `models` are those that were asked."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Decimal(0)
    models: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        """Read and written."""
        return self.tokens_in + self.tokens_out


class LlmBudget:
    """Keeps the books of one installation."""

    def __init__(self, pool: asyncpg.Pool, budget: Budget, prices: Prices) -> None:
        self._pool, self.budget, self.prices = pool, budget, prices

    async def reserve(
        self,
        requisition: str,
        effect: str,
        model: str,
        tokens_in: int,
        tokens_out: int,
        at: datetime,
        cost: Decimal | None = None,
    ) -> int | None:
        """Reserve for one question, at most so many tokens; None if a budget does not allow it. `at` in UTC.

        Its `cost` is that of the tokens, unless the model is paid otherwise.
        """
        cost = self.prices.cost(tokens_in, tokens_out) if cost is None else cost
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _ONE_AT_A_TIME)
            day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
            today = await _spent(connection, "at >= $1", day)
            here = await _spent(connection, "requisition = $1", requisition)
            tokens, budget = tokens_in + tokens_out, self.budget
            if any(
                most is not None and spent + more > most
                for spent, more, most in (
                    (today.tokens, tokens, budget.tokens_per_day),
                    (here.tokens, tokens, budget.tokens_per_requisition),
                    (today.cost, cost, budget.cost_per_day),
                    (here.cost, cost, budget.cost_per_requisition),
                )
            ):
                return None
            reserved: int = await connection.fetchval(
                """
                INSERT INTO language_calls (at, requisition, effect, model, tokens_in, tokens_out, cost)
                VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id
                """,
                *(at, requisition, effect, model, tokens_in, tokens_out, cost),
            )
            return reserved

    async def settle(self, reserved: int, tokens_in: int, tokens_out: int, cost: Decimal | None = None) -> None:
        """Say what a question did cost; see `reserve`."""
        await self._pool.execute(
            "UPDATE language_calls SET tokens_in = $2, tokens_out = $3, cost = $4, settled = true WHERE id = $1",
            *(reserved, tokens_in, tokens_out, self.prices.cost(tokens_in, tokens_out) if cost is None else cost),
        )

    async def of_effect(self, effect: str) -> BudgetSpent:
        """What one draft has cost so far, over all attempts."""
        return await _spent(self._pool, "effect = $1", effect)

    async def of_requisition(self, requisition: str) -> BudgetSpent:
        """What one requisition has cost so far."""
        return await _spent(self._pool, "requisition = $1", requisition)

    async def since(self, at: datetime) -> BudgetSpent:
        """What was spent since `at` (UTC)."""
        return await _spent(self._pool, "at >= $1", at)


async def _spent(at: asyncpg.Pool | asyncpg.Connection, where: str, value: object) -> BudgetSpent:
    # nosemgrep: sql-from-values  # this module's own conditions
    row = await at.fetchrow(
        f"""
        SELECT count(*) AS calls, coalesce(sum(tokens_in), 0)::bigint AS tokens_in,
               coalesce(sum(tokens_out), 0)::bigint AS tokens_out, coalesce(sum(cost), 0) AS cost,
               coalesce(array_agg(DISTINCT model), ARRAY[]::text[]) AS models
        FROM language_calls WHERE {where}
        """,
        value,
    )
    return BudgetSpent(**dict(row))
