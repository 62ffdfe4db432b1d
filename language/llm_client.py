"""One question to an OpenAI-compatible endpoint, and its answer or the reason there is none.

Nothing is tried twice here: whoever asks knows how long it may take and what it may cost. Imported only where a model
is configured: its client takes longer to load than a tenth of everything else.
"""

from __future__ import annotations

import email.utils
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import openai
from pydantic_core import from_json

from language.draft_failures import ModelFailed
from language.llm import CHARACTERS_A_TOKEN, A, ModelBudget, ReservedCost, Usage

TEXTS_AT_ONCE = 128
"""Texts of one request for embeddings: few enough for the servers that take the fewest."""


class Endpoint:
    """A model at an address. `context` and `answer` are limits in tokens, `timeout` is for one answer, in seconds."""

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str | None = None,
        *,
        context: int = 24_000,
        answer: int = 4_000,
        timeout: float = 120.0,
        embeds_with: str | None = None,
    ) -> None:
        self.model, self.context, self.answer, self.embeds_with = model, context, answer, embeds_with
        # The client insists on a key; an endpoint that needs none does not look at it.
        # What is asked goes to the address that was set and no further: a redirect is a failure.
        http = openai.DefaultAsyncHttpxClient(base_url=base_url, timeout=timeout, follow_redirects=False)
        self._client = openai.AsyncOpenAI(
            base_url=base_url, api_key=api_key or "none", max_retries=0, timeout=timeout, http_client=http
        )

    async def ask(self, instructions: str, data: str, kind: type[A], purse: ModelBudget) -> A:
        """Return the answer, of type `kind`. Raises ModelFailed."""
        estimate = Usage(int((len(instructions) + len(data)) / CHARACTERS_A_TOKEN) + 500, self.answer)
        async with purse.paying(estimate) as payment:
            with _failures_told(payment):
                try:
                    return await self._asked(instructions, data, kind, estimate, payment)
                except openai.LengthFinishReasonError as cut:
                    payment.settle(_usage(cut.completion.usage, estimate))
                    return _as_far_as_it_goes(cut.completion.choices[0].message.content or "", kind)

    async def embed(self, texts: Sequence[str], purse: ModelBudget) -> list[list[float]]:
        """Return a vector for each text. Raises ModelFailed."""
        vectors: list[list[float]] = []
        for n in range(0, len(texts), TEXTS_AT_ONCE):
            vectors += await self._embedded(texts[n : n + TEXTS_AT_ONCE], purse)
        return vectors

    async def _embedded(self, texts: Sequence[str], purse: ModelBudget) -> list[list[float]]:
        estimate = Usage(int(sum(len(text) + 1 for text in texts) / CHARACTERS_A_TOKEN) + len(texts), 0)
        async with purse.paying(estimate) as payment:
            with _failures_told(payment):
                answer = await self._client.embeddings.create(
                    model=self.embeds_with or self.model, input=list(texts), encoding_format="float"
                )
                payment.settle(Usage(answer.usage.prompt_tokens, 0) if answer.usage else estimate)
                found = [each.embedding for each in sorted(answer.data or (), key=lambda each: each.index)]
                if len(found) != len(texts) or len({len(each) for each in found}) != 1 or not found[0]:
                    raise ModelFailed("invalid_answer")
                return found

    async def _asked(self, instructions: str, data: str, kind: type[A], estimate: Usage, payment: ReservedCost) -> A:
        completion = await self._client.chat.completions.parse(
            model=self.model,
            messages=[{"role": "system", "content": instructions}, {"role": "user", "content": data}],
            response_format=kind,
            temperature=0,
            max_completion_tokens=self.answer,
        )
        payment.settle(_usage(completion.usage, estimate))
        if not completion.choices:
            raise ModelFailed("empty")
        message = completion.choices[0].message
        if message.refusal:
            raise ModelFailed("refused")
        if not message.content or message.parsed is None:
            raise ModelFailed("empty")
        return message.parsed

    async def close(self) -> None:
        """Lets go of its connections."""
        await self._client.close()


@contextmanager
def _failures_told(payment: ReservedCost) -> Iterator[None]:
    """What the client raises, as the ModelFailed that says it."""
    try:
        yield
    except openai.ContentFilterFinishReasonError:
        raise ModelFailed("refused") from None
    except openai.APITimeoutError:
        raise ModelFailed("timed_out") from None
    except openai.APIStatusError as refused:
        payment.settle(Usage(0, 0))  # an error is not charged for
        raise _status(refused) from None
    except openai.APIResponseValidationError:
        raise ModelFailed("invalid_answer") from None
    except openai.APIConnectionError:
        raise ModelFailed("unreachable") from None
    except ValueError:  # pydantic's ValidationError is one
        # JSON that is none, or of another shape: paid for, nobody knows with how much, so as estimated.
        raise ModelFailed("invalid_answer") from None


def _as_far_as_it_goes(content: str, kind: type[A]) -> A:
    """An answer that was cut off within its last list, without the item it was cut in; else it is of no use."""
    try:
        fields = from_json(content, allow_partial=True)
        name = next(reversed(kind.model_fields))
        items = fields[name]
        complete = items if content.rstrip().endswith("},") else items[:-1]
        if complete:
            return kind.model_validate(fields | {name: complete})
    except (ValueError, KeyError, TypeError):  # pydantic's ValidationError is a ValueError
        pass
    raise ModelFailed("truncated")


def _usage(said: openai.types.CompletionUsage | None, estimate: Usage) -> Usage:
    return Usage(said.prompt_tokens or 0, said.completion_tokens or 0) if said else estimate


def failure_of(failed: openai.APIError) -> ModelFailed:
    """Why there is no answer, of an error of the client."""
    if isinstance(failed, openai.APITimeoutError):
        return ModelFailed("timed_out")
    if isinstance(failed, openai.APIStatusError):
        return _status(failed)
    return ModelFailed("unreachable" if isinstance(failed, openai.APIConnectionError) else "invalid_answer")


def _status(refused: openai.APIStatusError) -> ModelFailed:
    status = refused.status_code
    if status == 429:
        code = "budget_spent" if refused.code == "insufficient_quota" else "rate_limited"
        return ModelFailed(code, _retry_after(refused.response.headers.get("retry-after")))
    if status in (401, 403):
        return ModelFailed("key_wrong")
    if status == 404:
        return ModelFailed("model_unknown")
    if status in (408, 409) or status >= 500:
        return ModelFailed("server_error", _retry_after(refused.response.headers.get("retry-after")))
    return ModelFailed("model_unknown" if refused.code == "model_not_found" else "bad_request")


def _retry_after(header: str | None) -> float | None:
    """Seconds, from either form of the header (RFC 9110, section 10.2.3)."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        at = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
