"""The language model an installation has, and who pays for a draft with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from language.draft_failures import ModelFailed
from language.llm_client import Endpoint, ModelBudget, ReservedCost, Usage


class Books(Protocol):
    """Where the cost of every question is kept, and held against budgets."""

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
        ...

    async def settle(self, reserved: int, tokens_in: int, tokens_out: int, cost: Decimal | None = None) -> None:
        """Say what a question did cost; see `reserve`."""
        ...


@dataclass(frozen=True)
class Model:
    """A model, how long it may try at one draft, over all attempts, and the books."""

    endpoint: Endpoint
    patience: timedelta
    books: Books

    def purse(self, requisition: str, effect: str) -> ModelBudget:
        """Pays for one draft out of the budgets of its requisition and of the day."""
        return _Purse(self.books, requisition, effect, self.endpoint.model)


class _Purse:
    def __init__(self, books: Books, requisition: str, effect: str, model: str) -> None:
        self._books, self._requisition, self._effect, self._model = books, requisition, effect, model

    @asynccontextmanager
    async def paying(self, estimate: Usage) -> AsyncIterator[ReservedCost]:
        """See `language.llm_client.Purse`."""
        reserved = await self._books.reserve(self._requisition, self._effect, self._model, *estimate, datetime.now(UTC))
        if reserved is None:
            raise ModelFailed("budget_spent")
        payment = _Payment()
        try:
            yield payment
        finally:
            if payment.used is not None:
                await self._books.settle(reserved, *payment.used)


class _Payment:
    def __init__(self) -> None:
        self.used: Usage | None = None

    def settle(self, usage: Usage) -> None:
        """See `language.llm_client.Payment`."""
        self.used = usage
