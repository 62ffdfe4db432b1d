"""Reading a source with a model: numbered lines in, words out, each held against the source before it counts.

A long source is read in parts that fit the model, cut between lines; offsets are of the whole all the same, because
words are sought where their line stands.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from pydantic import BaseModel

from domain.core.source_text import SourceText, Span
from domain.evidence.drafts import Claim, Making, Passage, Topic
from domain.evidence.resume import Resume
from domain.evidence.transcript import Transcript
from language import prompts
from language.draft_failures import ModelFailed
from language.grounding import Grounded, denies, founded, stands
from language.injection_filter import Place, addresses_a_machine, readable
from language.language_detection import ENGLISH, language
from language.llm import CHARACTERS_A_TOKEN, Answering, ModelBudget, ReservedCost, UnboundedBudget, Usage
from language.llm_schemas import ReadingAnswer
from language.passages import cut, stems
from privacy.pseudonyms import Pseudonyms, reaches_somebody

A = TypeVar("A", bound=BaseModel)

MOST_PASSAGES = 6
LONGEST_STATEMENT = 60
_OVERHEAD = 800
"""Tokens that the rules, the schema and the shape of a message take."""

_PLAIN = str.maketrans("<>", "\u2039\u203a")
_PSEUDONYM = re.compile(r"\[[^\[\]]+\]")
Fits = Callable[[str, Passage], bool]


class SourceLine(NamedTuple):
    """A few sentences of one speaker, as they are sent; `start` and `end` are of the true text."""

    number: int
    start: int
    end: int
    who: str
    words: str


class ShownPassage(NamedTuple):
    """A passage as a model sees it: its number, what it bears on, who said it, its words with stand-ins."""

    number: int
    topic: str
    passage: Passage
    words: str
    who: str = ""


def lines(
    source: SourceText, who: Mapping[str, str], pseudonyms: Pseudonyms, places: Sequence[Place]
) -> list[SourceLine]:
    """Cut what may be read of `source` into numbered lines. `who` names speakers by their part, never by their name."""
    found: list[SourceLine] = []
    for start, end, speaker in _stretches(source):
        for first, last in readable(start, end, places):
            for begins, ends in cut(source.text, first, last):
                words = sent(pseudonyms, source.text[begins:ends])
                found.append(SourceLine(len(found) + 1, begins, ends, who.get(speaker, "-"), words))
    return found


def sent(pseudonyms: Pseudonyms, words: str) -> str:
    """Words as they leave: with stand-ins, on one line, and without brackets that could pass for markup."""
    return " ".join(pseudonyms.hide(words).text.translate(_PLAIN).split())


def _stretches(source: SourceText) -> Iterator[tuple[int, int, str]]:
    if isinstance(source, Transcript):
        yield from ((turn.start, turn.end, turn.speaker) for turn in source.turns)
    elif isinstance(source, Resume):
        yield from ((section.start, section.end, section.name) for section in source.sections)
    else:
        yield 0, len(source.text), ""


def _parts(numbered: Sequence[SourceLine], characters: int) -> Iterator[list[SourceLine]]:
    part: list[SourceLine] = []
    size = 0
    for line in numbered:
        if part and size + len(line.words) + 24 > characters:
            yield part
            part, size = [], 0
        part.append(line)
        size += len(line.words) + 24
    if part:
        yield part


def data(*blocks: Sequence[str]) -> str:
    """The user message: blocks of lines, an empty line between them, fenced."""
    return "\n".join(("BEGIN DATA", "\n\n".join("\n".join(block) for block in blocks if block), "END DATA"))


@dataclass
class Session:
    """One draft in the making: whom it asks, who pays, its stand-ins, and what of it stood and fell."""

    endpoint: Answering
    purse: ModelBudget
    pseudonyms: Pseudonyms
    known: str = ""
    """Words whose names may be said: the criteria's, the stand-ins of those the draft is about."""
    kept: int = 0
    dropped: int = 0
    withheld: tuple[Span, ...] = ()
    source_language: str = ENGLISH
    _prompts: dict[str, None] = field(default_factory=dict)
    _tally: UnboundedBudget = field(default_factory=UnboundedBudget)
    _said: list[str] = field(default_factory=list)

    async def ask(self, job: str, message: str, kind: type[A]) -> A:
        """Ask the model with the prompt of `job`. Raises ModelFailed."""
        name = prompts.version(job)
        self._prompts[name] = None
        return await self.endpoint.ask(prompts.prompt(name), message, kind, _Counted(self.purse, self._tally))

    async def read(
        self, grounded: Grounded, numbered: Sequence[SourceLine], topics: Sequence[Topic], fits: Fits
    ) -> dict[str, list[Passage]]:
        """Return what the model finds on each topic (by id) that really stands in the source and `fits` the topic."""
        found: dict[str, list[Passage]] = {topic.id: [] for topic in topics}
        head = [f"{topic.id}: {sent(self.pseudonyms, topic.text)}" for topic in topics]
        room = self.endpoint.context - self.endpoint.answer - _OVERHEAD - self._tokens(*head)
        if room < _OVERHEAD:
            raise ModelFailed("bad_request")
        for part in _parts(numbered, int(room * CHARACTERS_A_TOKEN)):
            body = [f"{line.number} | {line.who} | {line.words}" for line in part]
            answer = await self.ask("read", data(head, body), ReadingAnswer)
            for words in answer.found:
                if words.topic not in found or len(found[words.topic]) >= MOST_PASSAGES:
                    continue
                if not 1 <= words.line <= len(numbered):
                    self.dropped += 1
                    continue
                line = numbered[words.line - 1]
                passage = grounded.quote(words.words, (line.start, line.end))
                if passage is None or not fits(words.topic, passage) or addresses_a_machine(passage.words):
                    self.dropped += 1
                elif not any(_overlap(passage, other) for other in found[words.topic]):
                    self.kept += 1
                    found[words.topic].append(passage)
        self.check()
        return found

    def shown(self, passages: Mapping[str, Sequence[Passage]]) -> list[ShownPassage]:
        """Number the passages for a model to write from; one that bears on two topics has two numbers."""
        pairs = [(topic, passage) for topic, found in passages.items() for passage in found]
        return [
            ShownPassage(number, topic, passage, sent(self.pseudonyms, passage.words))
            for number, (topic, passage) in enumerate(pairs, 1)
        ]

    def claim(self, text: str, numbers: Sequence[int], shown: Sequence[ShownPassage]) -> Claim | None:
        """Return a statement of the model with the passages it rests on, or None and count it as dropped."""
        resting = [shown[n - 1] for n in dict.fromkeys(numbers) if 1 <= n <= len(shown)]
        told = self.wording(text, " ".join(each.words for each in resting), claims=True)
        if told is None or not resting:
            self.dropped += 1
            return None
        self.kept += 1
        return Claim(text=told, rests_on=tuple({each.passage.span: each.passage for each in resting}.values()))

    def wording(self, text: str, words: str, claims: bool = False) -> str | None:
        """Return a model's own words with stand-ins put back, or None if they may not be shown.

        They have no number, date or name that is not in `words`, reach nobody, and are no instruction. What `claims`
        something also denies what its words deny and nothing else, and has a word in common with them.
        """
        text = " ".join(text.split())
        true = self.pseudonyms.restore(text)
        if not text or true is None or len(text.split()) > LONGEST_STATEMENT:
            return None
        if reaches_somebody(true) or addresses_a_machine(true):
            return None
        if claims and not (stands(text, words, self.known) and _about_them(text, words)):
            return None
        if not claims and not founded(text, words, self.known):
            return None
        self._said.append(text)
        return true

    def check(self) -> None:
        """Raises ModelFailed if more fell than stood, or if what was said is in another language."""
        if self.dropped > self.kept:
            raise ModelFailed("ungrounded")
        if language(" ".join(self._said)) != ENGLISH:
            raise ModelFailed("wrong_language")

    def making(self) -> Making:
        """How it was made, for the record."""
        return Making(
            model=self.endpoint.model,
            prompts=tuple(self._prompts),
            tokens_in=self._tally.tokens_in,
            tokens_out=self._tally.tokens_out,
            calls=self._tally.calls,
            kept=self.kept,
            dropped=self.dropped,
            withheld=self.withheld,
            language=self.source_language,
        )

    def _tokens(self, *texts: str) -> int:
        return int(sum(len(text) + 1 for text in texts) / CHARACTERS_A_TOKEN)


class _Counted:
    """A purse that also counts for the draft's own record."""

    def __init__(self, purse: ModelBudget, tally: UnboundedBudget) -> None:
        self._purse, self._tally = purse, tally

    def paying(self, estimate: Usage) -> AbstractAsyncContextManager[ReservedCost]:
        """See `ModelBudget`."""
        return self._paying(estimate)

    @asynccontextmanager
    async def _paying(self, estimate: Usage) -> AsyncIterator[ReservedCost]:
        async with self._purse.paying(estimate) as payment:
            yield _Both(payment, self._tally)


class _Both(NamedTuple):
    payment: ReservedCost
    tally: UnboundedBudget

    def settle(self, usage: Usage) -> None:
        """See `ReservedCost`."""
        self.payment.settle(usage)
        self.tally.settle(usage)


def _about_them(text: str, words: str) -> bool:
    """Whether a statement has a word in common with its words; one that denies something a quarter of its own.

    A denial in the words says nothing of what else may be denied. Words are told by the stems of what is no filler and
    no stand-in.
    """
    said, spoken = (set(stems(_PSEUDONYM.sub(" ", each))) for each in (text, words))
    shared = len(said & spoken)
    return shared > 0 and (not denies(text) or 4 * shared >= len(said))


def _overlap(one: Passage, other: Passage) -> bool:
    return one.span.start < other.span.end and other.span.start < one.span.end
