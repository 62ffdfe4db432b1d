"""The record of every output of the language room: what made it, from what, on which words, at what cost.

There are no words in it. The draft itself is a document under its subject's key, and goes with that key.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

import asyncpg

from domain.core.messages import Value
from domain.core.source_text import Span
from domain.evidence.drafts import Draft
from store.llm_budget import BudgetSpent

_COLUMNS = (
    "effect", "at", "stream", "requisition", "candidate", "human", "job", "draft", "drafter", "model", "prompts",
    "rubric_version", "inputs", "spans", "withheld", "language", "kept", "dropped", "calls", "tokens_in", "tokens_out",
    "cost", "failed", "seconds",
)  # fmt: skip
_JSON = frozenset({"inputs", "spans", "withheld"})


class LlmOutput(Value):
    """One draft: which effect asked for it, what made it and from what, and what became of the model's part.

    `at` in UTC. `candidate` and `human` are None in a draft about a search. `draft` is the document's id; `inputs` are
    the documents read, each with its hash, and under `request` the hash of all that was given, both keyed under the
    subject's key, and gone when they are erased; `spans`
    every place the draft shows or rests on. `failed` says why a model's draft was wanted and did not come;
    `model` is then the one that was asked, if any was. `cost` is
    in the currency of the prices, over all attempts, `seconds` the time from the order to the draft.
    """

    effect: str
    at: datetime
    stream: str
    requisition: str
    candidate: str | None
    human: str | None
    job: str
    draft: str
    drafter: str
    model: str | None
    prompts: tuple[str, ...]
    rubric_version: int
    inputs: dict[str, str]
    spans: tuple[Span, ...]
    withheld: tuple[Span, ...]
    language: str
    kept: int
    dropped: int
    calls: int
    tokens_in: int
    tokens_out: int
    cost: Decimal
    failed: str | None
    seconds: float | None = None

    @classmethod
    def of(
        cls,
        draft: Draft,
        document: str,
        *,
        effect: str,
        at: datetime,
        ordered_at: datetime,
        stream: str,
        requisition: str,
        candidate: str | None,
        human: str | None,
        rubric_version: int,
        inputs: dict[str, str],
        spent: BudgetSpent,
    ) -> LlmOutput:
        """The record of `draft`, kept as `document`: ordered at `ordered_at`, there `at` (UTC).

        `spent` is over all attempts at it, also those of which nothing came.
        """
        making = draft.making
        return cls(
            effect=effect,
            at=at,
            stream=stream,
            requisition=requisition,
            candidate=candidate,
            human=human,
            job=draft.kind,
            draft=document,
            drafter=draft.drafter,
            model=making.model or next(iter(spent.models), None),
            prompts=making.prompts,
            rubric_version=rubric_version,
            inputs=inputs,
            spans=tuple(passage.span for passage in draft.passages),
            withheld=making.withheld,
            language=making.language,
            kept=making.kept,
            dropped=making.dropped,
            calls=spent.calls,
            tokens_in=spent.tokens_in,
            tokens_out=spent.tokens_out,
            cost=spent.cost,
            failed=making.failed,
            seconds=(at - ordered_at).total_seconds(),
        )


class LlmOutputs:
    """Keeps the record and answers from it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def keep(self, output: LlmOutput) -> None:
        """Keep the record of a draft; of an effect that was carried out again the last one counts."""
        values = output.model_dump(mode="json") | {"at": output.at, "cost": output.cost}
        row = [json.dumps(values[name]) if name in _JSON else values[name] for name in _COLUMNS]
        places = ", ".join(f"${n}" for n in range(1, len(_COLUMNS) + 1))
        changes = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
        await self._pool.execute(
            f"INSERT INTO language_outputs ({', '.join(_COLUMNS)}) VALUES ({places})"
            f" ON CONFLICT (effect) DO UPDATE SET {changes}",
            *row,
        )

    async def forget(self, key: str) -> None:
        """Ends the hashes of what was read of an erased subject: 0.3.0 kept plain ones."""
        await self._pool.execute(
            "UPDATE language_outputs SET inputs = '{}' WHERE human = $1 OR (human IS NULL AND requisition = $1)", key
        )

    async def subject_of(self, draft: str) -> str:
        """The candidate a draft is about, or else the requisition; nothing for one that is not on record here."""
        found: str | None = await self._pool.fetchval(
            "SELECT coalesce(candidate, requisition) FROM language_outputs WHERE draft = $1 LIMIT 1", draft
        )
        return found or ""

    async def of_candidate(self, candidate: str) -> list[LlmOutput]:
        """Every draft about a candidate, the newest first."""
        return await self._where("candidate = $1", candidate)

    async def of_requisition(self, requisition: str, *, with_candidates: bool = False) -> list[LlmOutput]:
        """Every draft about a requisition, the newest first; those about its candidates only if wanted."""
        about = "" if with_candidates else " AND candidate IS NULL"
        return await self._where(f"requisition = $1{about}", requisition)

    async def _where(self, where: str, value: str) -> list[LlmOutput]:
        # nosemgrep: sql-from-values  # this class's own conditions
        rows = await self._pool.fetch(
            f"SELECT {', '.join(_COLUMNS)} FROM language_outputs WHERE {where} ORDER BY at DESC, effect", value
        )
        return [
            LlmOutput.model_validate({name: json.loads(v) if name in _JSON else v for name, v in row.items()})
            for row in rows
        ]
