"""What a model answered for one draft, so that no later attempt at it asks, and pays for, the same again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from language.llm import A, Answering, ModelBudget


class Interrupted(Exception):
    """The next question was not put, because whoever drafts is about to stop."""


class AnswerCache:
    """An endpoint that knows the `answers` it gave, by their questions; once `stopping` it only answers from them."""

    def __init__(self, endpoint: Answering, answers: dict[str, str], stopping: Callable[[], bool]) -> None:
        """`answers` grows with every new one: a question's hash, and the answer as JSON."""
        self._endpoint, self._answers, self._stopping = endpoint, answers, stopping
        self.model, self.context, self.answer = endpoint.model, endpoint.context, endpoint.answer

    async def ask(self, instructions: str, data: str, kind: type[A], purse: ModelBudget) -> A:
        """See `Answering`. Raises Interrupted as well."""
        asked = "\n".join((self.model, kind.__name__, instructions, data))
        question = hashlib.sha256(asked.encode()).hexdigest()
        if (known := self._answers.get(question)) is not None:
            return kind.model_validate_json(known)
        if self._stopping():
            raise Interrupted
        answer = await self._endpoint.ask(instructions, data, kind, purse)
        self._answers[question] = answer.model_dump_json()
        return answer
