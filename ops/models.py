"""The language model an installation has, and the books in which its cost is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from language.draft_failures import ModelFailed
from language.llm_client import Endpoint, ModelBudget, ReservedCost, Usage
from settings import Settings
from store.llm_budget import Budget, LlmBudget, Prices


@dataclass(frozen=True)
class Model:
    """A model, how long it may try at one draft, over all attempts, and the books."""

    endpoint: Endpoint
    patience: timedelta
    spending: LlmBudget

    def purse(self, requisition: str, effect: str) -> ModelBudget:
        """Pays for one draft out of the budgets of its search and of the day."""
        return _Purse(self.spending, requisition, effect, self.endpoint.model)


def model_of(pool: asyncpg.Pool, settings: Settings) -> Model | None:
    """The model that the settings name, or None."""
    if settings.language_model is None or settings.language_base_url is None:
        return None
    key = settings.language_api_key
    return Model(
        endpoint=Endpoint(
            settings.language_base_url,
            settings.language_model,
            key.get_secret_value() if key else None,
            context=settings.language_context,
            answer=settings.language_answer,
            timeout=settings.language_timeout,
        ),
        patience=timedelta(minutes=settings.language_patience),
        spending=LlmBudget(
            pool,
            Budget(
                tokens_per_day=settings.language_tokens_per_day,
                tokens_per_requisition=settings.language_tokens_per_requisition,
                cost_per_day=settings.language_cost_per_day,
                cost_per_requisition=settings.language_cost_per_requisition,
            ),
            Prices(tokens_in=settings.language_price_in, tokens_out=settings.language_price_out),
        ),
    )


class _Purse:
    def __init__(self, spending: LlmBudget, requisition: str, effect: str, model: str) -> None:
        self._spending, self._requisition, self._effect, self._model = spending, requisition, effect, model

    @asynccontextmanager
    async def paying(self, estimate: Usage) -> AsyncIterator[ReservedCost]:
        """See `language.llm_client.Purse`."""
        reserved = await self._spending.reserve(
            self._requisition, self._effect, self._model, *estimate, datetime.now(UTC)
        )
        if reserved is None:
            raise ModelFailed("budget_spent")
        payment = _Payment()
        try:
            yield payment
        finally:
            if payment.used is not None:
                await self._spending.settle(reserved, *payment.used)


class _Payment:
    def __init__(self) -> None:
        self.used: Usage | None = None

    def settle(self, usage: Usage) -> None:
        """See `language.llm_client.Payment`."""
        self.used = usage
