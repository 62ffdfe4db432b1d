"""The language model an installation has, what it is asked through, and who pays for a draft with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeVar

from pydantic import BaseModel

from language.draft_failures import ModelFailed

A = TypeVar("A", bound=BaseModel)

CHARACTERS_A_TOKEN = 3.0
"""Fewer than any tokenizer needs for running European text, so that estimates are upper bounds there."""


class Usage(NamedTuple):
    """Tokens read and written, as the endpoint counted them, else as estimated."""

    tokens_in: int
    tokens_out: int


class ReservedCost(Protocol):
    """A payment that is being made; what is not settled counts as estimated."""

    def settle(self, usage: Usage) -> None:
        """Says what was really used."""
        ...


class ModelBudget(Protocol):
    """Who pays. Raises ModelFailed `budget_spent` before anything is sent that may cost more than is left."""

    def paying(self, estimate: Usage) -> AbstractAsyncContextManager[ReservedCost]:
        """The block in which one question is asked that uses at most `estimate`."""
        ...


class Answering(Protocol):
    """Whoever answers questions: a model by its name, and its limits in tokens of what it reads and writes."""

    model: str
    context: int
    answer: int

    async def ask(self, instructions: str, data: str, kind: type[A], purse: ModelBudget) -> A:
        """Return the answer, of type `kind`. Raises ModelFailed."""
        ...


class Embedding(Protocol):
    """Whoever embeds texts; `embeds_with` is the model's name, None where nothing is to be embedded."""

    embeds_with: str | None

    async def embed(self, texts: Sequence[str], purse: ModelBudget) -> list[list[float]]:
        """Return a vector for each text. Raises ModelFailed."""
        ...


class ModelEndpoint(Answering, Embedding, Protocol):
    """A model that does both, at an address."""

    async def close(self) -> None:
        """Lets go of its connections."""
        ...


class UnboundedBudget:
    """A purse without a bottom, which only counts."""

    def __init__(self) -> None:
        self.calls, self.tokens_in, self.tokens_out = 0, 0, 0

    @asynccontextmanager
    async def paying(self, estimate: Usage) -> AsyncIterator[ReservedCost]:
        """See `ModelBudget`."""
        yield self

    def settle(self, usage: Usage) -> None:
        """See `ReservedCost`."""
        self.calls += 1
        self.tokens_in += usage.tokens_in
        self.tokens_out += usage.tokens_out


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

    endpoint: ModelEndpoint
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
        """See `ModelBudget`."""
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
        """See `ReservedCost`."""
        self.used = usage
