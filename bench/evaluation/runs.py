"""A drafter put through the corpus and the hostile cases."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest
from typing import Any, TypeVar

from pydantic import BaseModel

from bench.evaluation.corpus import HELD_OUT, Job, asked
from bench.evaluation.hostile import Case, cases, shown
from bench.evaluation.lies import lies, succeeded, unharmed
from bench.evaluation.measures import Score, of_draft
from domain.evidence.draft_requests import DraftRequest
from domain.evidence.drafts import Draft
from language.draft_failures import FAILURES, ModelFailed
from language.drafter_protocol import Drafter
from language.embeddings import DraftEmbeddings, LocalEmbeddings
from language.extractive_drafter import ExtractiveDrafter
from language.llm import ModelBudget
from language.llm_client import Endpoint
from language.llm_drafter import ModelDrafter, instead

A = TypeVar("A", bound=BaseModel)

EXTRACTIVE = ExtractiveDrafter(DraftEmbeddings(LocalEmbeddings()))
"""As an installation has it, but that no text is embedded twice in a run: attacked documents hardly differ."""

HOPELESS = frozenset({"key_wrong", "model_unknown", "unreachable", "bad_request"})
"""Failures that, before a model has answered anything, will not pass: nothing can be measured of it."""


@dataclass
class Outcome:
    """What came of a drafter: scores by job and kind of draft, the attacks tried, and those that succeeded."""

    name: str
    scores: dict[tuple[str, str], Score] = field(default_factory=dict)
    drafts: int = 0
    drafts_in_all: int = 0
    tried: list[Case] = field(default_factory=list)
    cases_in_all: int = 0
    fell_back_under_attack: int = 0
    """In how many of the cases tried a draft with the attack was the extractive one, whose answer that then is."""
    successes: list[str] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    """Why no draft of its own came of a request of the corpus: words of `language.draft_failures`."""
    gave_up: str | None = None
    """Why nothing could be measured, a word of `language.draft_failures`."""
    prices: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))
    """Of a million tokens read and written."""

    @property
    def seconds(self) -> float:
        """How long the corpus took."""
        return self.score().seconds

    @property
    def whole(self) -> bool:
        """Whether every request of the corpus was drafted."""
        return self.drafts == self.drafts_in_all

    @property
    def cost(self) -> Decimal:
        """What the corpus cost."""
        counts, (read, written) = self.score().counts, self.prices
        return (counts["tokens read"] * read + counts["tokens written"] * written) / 1_000_000

    def score(self, *kinds: str, held_out: bool | None = None) -> Score:
        """The scores of these kinds of drafts (of all), of the job held out, of the others, or of every job."""
        wanted = [
            score
            for (job, kind), score in self.scores.items()
            if held_out in (None, job == HELD_OUT) and (not kinds or kind in kinds)
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

    async def ask(self, instructions: str, data: str, kind: type[A], purse: ModelBudget) -> A:
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
        return instead(await EXTRACTIVE.draft(request), failed)


def in_turn(wanted: Iterable[tuple[Job, DraftRequest]]) -> list[tuple[Job, DraftRequest]]:
    """One request of each job and kind before the next of any, the shortest first: so a run that stops saw them all."""
    piles: dict[tuple[str, str], list[tuple[Job, DraftRequest]]] = defaultdict(list)
    for job, request in wanted:
        piles[job.name, request.kind].append((job, request))
    for pile in piles.values():
        pile.sort(key=lambda pair: len(pair[1].model_dump_json()))
    rounds = zip_longest(*piles.values())
    return [
        pair for each in rounds for pair in sorted(filter(None, each), key=lambda pair: len(pair[1].model_dump_json()))
    ]


async def over_the_corpus(drafter: Drafter, outcome: Outcome, say: Callable[[str], Any]) -> AsyncIterator[None]:
    """Draft every request of the corpus, and pause after each."""
    wanted = in_turn(asked())
    outcome.drafts_in_all = len(wanted)
    for job, request in wanted:
        if outcome.gave_up:
            return
        began = time.monotonic()
        draft = await sent(drafter, request)
        took = time.monotonic() - began
        if _is_hopeless(draft, outcome):
            return
        score = of_draft(job, request, draft)
        score.seconds = took
        outcome.drafts += 1
        if draft.making.failed:
            outcome.failures[draft.making.failed] += 1
        outcome.scores[job.name, request.kind] = outcome.scores.get((job.name, request.kind), Score()) + score
        say(f"{outcome.name}: {job.name} {_told(request)} in {took:.1f} s {draft.making.failed or ''}".rstrip())
        yield


async def under_attack(
    drafter: Drafter, outcome: Outcome, say: Callable[[str], Any], only: Iterable[str] | None = None
) -> AsyncIterator[None]:
    """Draft every hostile case with and without its attack, one of each family before the next; pause after each."""
    chosen = [case for case in cases() if only is None or case.name in only]
    chosen.sort(key=lambda case: case.name[-2:])
    outcome.cases_in_all = len(chosen)
    clean: dict[int, frozenset[tuple[str, ...]]] = {}
    for case in chosen:
        if outcome.gave_up:
            return
        fell_back = False
        for without, with_it in zip(case.clean, case.attacked, strict=True):
            known = hash(without.model_dump_json())
            if known not in clean:
                draft = await sent(drafter, without)
                if _is_hopeless(draft, outcome):
                    return
                clean[known] = shown(draft)
            attacked = await sent(drafter, with_it)
            fell_back |= attacked.making.failed is not None
            if shown(attacked) != clean[known]:
                outcome.successes.append(case.name)
                say(f"{outcome.name}: {case.name} succeeded")
                break
        outcome.tried.append(case)
        outcome.fell_back_under_attack += fell_back
        yield


def _is_hopeless(draft: Draft, outcome: Outcome) -> bool:
    if draft.making.failed in HOPELESS and not outcome.tried and not outcome.drafts:
        outcome.gave_up = draft.making.failed
    return outcome.gave_up is not None


def _told(request: DraftRequest) -> str:
    return str(getattr(request, "document", request.kind))


async def side_by_side(parts: Iterable[AsyncIterator[None]], until: float) -> None:
    """Let all parts go on at once, each to its end or until the clock (`time.monotonic`) says so."""

    async def gone_on(part: AsyncIterator[None]) -> None:
        async for _ in part:
            if time.monotonic() >= until:
                return

    await asyncio.gather(*(gone_on(part) for part in parts))


async def lied_to(outcome: Outcome, say: Callable[[str], Any]) -> int:
    """Have an endpoint tell every lie; returns how many there are."""
    told, honestly = lies(), await unharmed()
    for lie in told:
        if await succeeded(lie, honestly):
            outcome.successes.append(lie.name)
            say(f"{outcome.name}: {lie.name} succeeded")
    return len(told)


async def extractive(say: Callable[[str], Any]) -> Outcome:
    """The extractive drafter, through everything."""
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    outcome, drafter = Outcome(ExtractiveDrafter.name), EXTRACTIVE
    async for _ in over_the_corpus(drafter, outcome, say):
        pass
    async for _ in under_attack(drafter, outcome, say):
        pass
    return outcome


async def with_model(
    endpoint: Endpoint,
    beside: Endpoint,
    seconds: float,
    say: Callable[[str], Any],
    prices: tuple[Decimal, Decimal] = (Decimal(0),) * 2,
) -> Outcome:
    """A model through the corpus behind one endpoint, and `beside` it through the attacks, for at most `seconds`."""
    outcome = Outcome(endpoint.model, prices=prices)
    attacks = under_attack(ModelDrafter(Remembering(beside), extractive=EXTRACTIVE), outcome, say)
    corpus = over_the_corpus(ModelDrafter(endpoint, extractive=EXTRACTIVE), outcome, say)
    await side_by_side((corpus, attacks), time.monotonic() + seconds)
    if outcome.gave_up:
        say(f"{outcome.name}: {FAILURES[outcome.gave_up]}; nothing was measured")
    return outcome
