"""A drafter put through the corpus and the hostile cases."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel

from bench.evaluation.corpus import jobs
from bench.evaluation.hostile import Case, cases, shown
from bench.evaluation.lies import lies, succeeded
from bench.evaluation.measures import Score, of_draft
from domain.draft_requests import DraftRequest
from domain.drafts import Draft
from language.client import Endpoint, Purse
from language.drafting import Drafter
from language.extractive import ExtractiveDrafter
from language.failures import ModelFailed
from language.model import ModelDrafter, instead

A = TypeVar("A", bound=BaseModel)


@dataclass
class Outcome:
    """What came of a drafter: scores by job and kind of draft, the attacks tried, and those that succeeded."""

    name: str
    scores: dict[tuple[str, str], Score] = field(default_factory=dict)
    documents: int = 0
    documents_in_all: int = 0
    seconds: float = 0.0
    tried: list[Case] = field(default_factory=list)
    successes: list[str] = field(default_factory=list)
    prices: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    """Of a million tokens read and written."""

    @property
    def cost(self) -> Decimal:
        """What the corpus cost."""
        counts, (read, written) = self.score().counts, self.prices
        return (counts["tokens read"] * read + counts["tokens written"] * written) / 1_000_000

    def score(self, job: str | None = None, *kinds: str) -> Score:
        """The scores of a job (of all), of these kinds of drafts (of all), together."""
        wanted = [
            score
            for (of, kind), score in self.scores.items()
            if (job is None or of == job) and (not kinds or kind in kinds)
        ]
        return sum(wanted, Score())


class Remembering(Endpoint):
    """An endpoint that is asked no question twice: what is the same to the letter would be answered the same."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.model, self.context, self.answer = endpoint.model, endpoint.context, endpoint.answer
        self._endpoint = endpoint
        self._answers: dict[tuple[str, str, str], BaseModel | ModelFailed] = {}

    @property
    def asked(self) -> int:
        """How many different questions were asked."""
        return len(self._answers)

    async def ask(self, instructions: str, data: str, kind: type[A], purse: Purse) -> A:
        """See `Endpoint`."""
        question = (instructions, data, kind.__name__)
        if question not in self._answers:
            try:
                self._answers[question] = await self._endpoint.ask(instructions, data, kind, purse)
            except ModelFailed as failed:
                self._answers[question] = failed
        answer = self._answers[question]
        if isinstance(answer, ModelFailed):
            raise ModelFailed(answer.code)
        assert isinstance(answer, kind)
        return answer


async def sent(drafter: Drafter, request: DraftRequest) -> Draft:
    """What a person would get: the draft, or the extractive one that says why there is no other."""
    try:
        return await drafter.draft(request)
    except ModelFailed as failed:
        return instead(await ExtractiveDrafter().draft(request), failed)


async def over_the_corpus(drafter: Drafter, outcome: Outcome, until: float, say: Callable[[str], Any]) -> None:
    """Draft every document, short ones first, until the clock (`time.monotonic`) says `until`."""
    asked = [(job, request) for job in jobs() for request in job.requests()]
    asked.sort(key=lambda pair: len(pair[0].source(pair[1].document).text))
    outcome.documents_in_all = len(asked)
    for job, request in asked:
        if time.monotonic() > until:
            break
        began = time.monotonic()
        draft = await sent(drafter, request)
        outcome.seconds += time.monotonic() - began
        outcome.documents += 1
        known = outcome.scores.get((job.name, request.kind), Score())
        outcome.scores[job.name, request.kind] = known + of_draft(job, request.document, draft)
        say(f"{outcome.name}: {job.name} {request.document} in {time.monotonic() - began:.1f} s")


async def under_attack(
    drafter: Drafter, outcome: Outcome, until: float, say: Callable[[str], Any], only: Iterable[str] | None = None
) -> None:
    """Draft every hostile case with and without its attack until `until`, one of each family before the next."""
    chosen = [case for case in cases() if only is None or case.name in only]
    chosen.sort(key=lambda case: case.name[-2:])
    clean: dict[int, frozenset[tuple[str, ...]]] = {}
    for case in chosen:
        if time.monotonic() > until:
            break
        outcome.tried.append(case)
        for without, with_it in zip(case.clean, case.attacked, strict=True):
            known = hash(without.model_dump_json())
            if known not in clean:
                clean[known] = shown(await sent(drafter, without))
            if shown(await sent(drafter, with_it)) != clean[known]:
                outcome.successes.append(case.name)
                say(f"{outcome.name}: {case.name} succeeded")
                break


async def lied_to(outcome: Outcome, say: Callable[[str], Any]) -> int:
    """Have an endpoint tell every lie; returns how many there are."""
    told = lies()
    for lie in told:
        if await succeeded(lie):
            outcome.successes.append(lie.name)
            say(f"{outcome.name}: {lie.name} succeeded")
    return len(told)


async def extractive(say: Callable[[str], Any]) -> Outcome:
    """The extractive drafter, through everything."""
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    outcome = Outcome(ExtractiveDrafter.name)
    never = time.monotonic() + 86_400
    await over_the_corpus(ExtractiveDrafter(), outcome, never, say)
    await under_attack(ExtractiveDrafter(), outcome, never, say)
    return outcome


async def with_model(
    endpoint: Endpoint, seconds: float, say: Callable[[str], Any], prices: tuple[Decimal, Decimal] = (Decimal(0),) * 2
) -> Outcome:
    """A model behind an endpoint: half the time for the hostile cases, what is left of it for the corpus."""
    outcome = Outcome(endpoint.model, prices=prices)
    began = time.monotonic()
    await under_attack(ModelDrafter(Remembering(endpoint)), outcome, began + seconds / 2, say)
    await over_the_corpus(ModelDrafter(endpoint), outcome, began + seconds, say)
    return outcome
