"""Why no model's draft came of it: one word each, and a sentence for the reader of the draft that is sent instead."""

from typing import Final

from domain.evidence.drafts import Making

FAILURES: Final = {
    "rate_limited": "the language model was too busy",
    "server_error": "the language model's server failed",
    "timed_out": "the language model did not answer in time",
    "unreachable": "the language model could not be reached",
    "refused": "the language model declined to answer",
    "truncated": "the language model's answer was cut off",
    "invalid_answer": "the language model's answer could not be read",
    "empty": "the language model answered nothing that could be used",
    "wrong_language": "the language model answered in another language",
    "ungrounded": "too much of what the language model said is not in the source",
    "bad_request": "the language model's server did not accept the question",
    "model_unknown": "the language model's server does not know the model it was asked for",
    "key_wrong": "the language model's server did not accept the key",
    "budget_spent": "the budget for the language model is spent",
    "patience_over": "the language model did not succeed in time",
}

WORTH_ANOTHER_TRY = frozenset({"rate_limited", "server_error", "timed_out", "unreachable"})
"""Failures that pass: the same question later may be answered."""

ONE_MORE_TRY = frozenset({"invalid_answer", "empty"})
"""Failures of an answer, which a second one may not have; a third is not paid for."""

FOR_WHOEVER_RUNS_IT = frozenset({"model_unknown", "key_wrong", "bad_request", "budget_spent"})
"""Failures that nobody who reads a draft can mend: they are logged as errors."""


class ModelFailed(Exception):
    """No answer that can be used. `code` is one of FAILURES; `retry_after` the seconds the server asked to wait.

    `making` is how far the draft had come, and what that had cost.
    """

    def __init__(self, code: str, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code, self.retry_after = code, retry_after
        self.making: Making | None = None
