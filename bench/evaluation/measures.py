"""What is measured of drafts, and of the two readers between themselves.

*Words* are what stands between white space, by their place in the document. A marked passage counts as *found* if at
least half of its words stand in the passages shown for its criterion (five at most); a shown passage counts as *right*
if it and a marked passage of that criterion share at least half the words of the shorter one.

A *statement* is a sentence that a draft shows as its own. It is *grounded* if what it rests on stands where it is said
to, in a document of the corpus or in the lines that were given, and if every number in digits stands in that.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile

import pypdfium2

from bench.evaluation.corpus import Job, Place
from documents.decoding import decoded
from domain.core.source_text import Span
from domain.evidence.draft_jobs import DRAFT_JOBS, draft_job
from domain.evidence.draft_requests import (
    DebriefRequest,
    DraftRequest,
    DriftRequest,
    IntakeBriefRequest,
    ManagerUpdateRequest,
    RetroRequest,
    RewordingRequest,
    SourcingRequest,
)
from domain.evidence.drafts import Draft, Passage
from domain.evidence.intake_agenda import AGENDA
from domain.evidence.text_rules import question_for, vague
from domain.evidence.transcript import Transcript

_WORD = re.compile(r"\S+")
_TIMES = re.compile(r"^(?:.*\n)?.*-->.*$|^WEBVTT.*$", re.M)  # with the cue's number or name in the line above
_TAG = re.compile(r"</?[vc][^>]*>")
_MARKUP = re.compile(r"<[^>]*>")
_STAMP = re.compile(r"[\[(]?\b\d\d?:\d\d(?::\d\d)?(?:[.,]\d+)?\b[\])]?")
KINDS = {row.job: row.reads for row in DRAFT_JOBS.values() if row.reads is not None}
"""What is read from a document that the readers marked."""

FURTHER = {row.job: row.words for row in DRAFT_JOBS.values() if row.reads is None}
"""What is written from lines and cards."""

_NUMBER = re.compile(r"\d+(?:[.,:/]\d+)*")


def words(text: str, start: int, end: int) -> frozenset[int]:
    """The places of the words between two offsets."""
    return frozenset(match.start() for match in _WORD.finditer(text, start, end))


def agree(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether two passages share at least half the words of the shorter one."""
    return 2 * len(one & other) >= min(len(one), len(other)) > 0


@dataclass
class Score:
    """Counts, added up over documents."""

    counts: Counter[str] = field(default_factory=Counter)
    verdicts: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    def __add__(self, other: Score) -> Score:
        return Score(self.counts + other.counts, self.verdicts + other.verdicts, self.seconds + other.seconds)

    def share(self, of: str, in_: str) -> float | None:
        """One count in another; None where there was nothing to count."""
        return self.counts[of] / self.counts[in_] if self.counts[in_] else None

    @property
    def agreement(self) -> float | None:
        """In how many of the pairs of verdicts both are the same."""
        return sum(one == other for one, other in self.verdicts) / len(self.verdicts) if self.verdicts else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa of the verdicts (J. Cohen, 1960): agreement beyond what two such readers reach by chance."""
        if not self.verdicts or (agreed := self.agreement) is None:
            return None
        n = len(self.verdicts)
        first, second = (Counter(pair[side] for pair in self.verdicts) for side in (0, 1))
        chance = sum(first[verdict] * second[verdict] for verdict in first) / n**2
        return None if chance == 1 else (agreed - chance) / (1 - chance)


def of_draft(job: Job, request: DraftRequest, draft: Draft) -> Score:
    """Hold one draft against its source, and against what the first reader marked there."""
    score = Score()
    count, given = score.counts, _given(request)
    for passage in draft.passages:
        if passage.span not in given:
            count["quotes shown"] += 1
        if passage.span not in given or passage.span.document in job.documents:
            count["quotes not in source"] += not _stands(job, passage)
    for statement in statements(request, draft):
        count["statements"] += 1
        count["statements grounded"] += _grounded(job, statement, given)
    count["drafts"] += 1
    count["dropped"] += draft.making.dropped
    count["tokens"] += draft.making.tokens_in + draft.making.tokens_out
    count["tokens read"] += draft.making.tokens_in
    count["tokens written"] += draft.making.tokens_out
    count["failed"] += draft.making.failed is not None
    if draft.debrief:
        _debriefed(score, job, draft)
    document = getattr(request, "document", None)
    return score + _of_document(job, document, draft) if document else score


class Statement(NamedTuple):
    """What a draft says: resting on passages, or, where it has none, on the words it was asked with."""

    text: str
    rests_on: tuple[Passage, ...] = ()
    asked_with: str = ""


def statements(request: DraftRequest, draft: Draft) -> Iterator[Statement]:
    """Every sentence that `draft` shows as its own."""
    for claim in draft.claims:
        yield Statement(claim.text, claim.rests_on)
    if draft.debrief:
        yield from (Statement(each.apart.text, each.apart.rests_on) for each in draft.debrief.compared if each.apart)
    if isinstance(request, RewordingRequest) and draft.rewording:
        fixed = f"{question_for(request.use)} {found.question if (found := vague(request.words, request.use)) else ''}"
        yield Statement(draft.rewording.question, asked_with=f"{request.words} {fixed}")
        if draft.rewording.proposal:
            yield Statement(draft.rewording.proposal, asked_with=request.words)
    if isinstance(request, IntakeBriefRequest):
        agenda = " ".join(f"{topic.text} {' '.join(topic.also)}" for topic in AGENDA)
        known = " ".join((request.title, request.team, *request.inherited_changes, agenda))
        yield from (Statement(line, asked_with=known) for line in re.split(r"\n+", draft.text) if line.strip())


def _grounded(job: Job, statement: Statement, given: Mapping[Span, Passage]) -> bool:
    for passage in statement.rests_on:
        known = given.get(passage.span)
        if known and passage.words not in ("", known.words):  # of words under another key only the place is kept
            return False
        if (known is None or known.span.document in job.documents) and not _stands(job, known or passage):
            return False
    words = " ".join(given.get(passage.span, passage).words for passage in statement.rests_on)
    said = _NUMBER.findall(statement.text)
    return set(said) <= set(_NUMBER.findall(f"{words} {statement.asked_with}"))


def _given(request: DraftRequest) -> dict[Span, Passage]:
    """The lines, quotes and reasons a request carries, by their place."""
    match request:
        case SourcingRequest() | ManagerUpdateRequest() | RetroRequest():
            lines = [fact.passage for fact in request.facts]
        case DebriefRequest():
            lines = [piece for card in request.cards for rating in card.ratings for piece in rating.evidence]
        case DriftRequest():
            lines = [each.why for each in request.rejected if each.why]
        case _:
            lines = []
    return {passage.span: passage for passage in lines}


def _debriefed(score: Score, job: Job, draft: Draft) -> None:
    """Whether a debrief's conflicts and gaps, by their criteria, were to be seen before it in the cards."""
    assert draft.debrief is not None
    seen = {
        "conflicts": {each.criterion for each in draft.debrief.compared if not each.agreed},
        "missing": set(draft.debrief.not_gathered),
    }
    for what, criteria in seen.items():
        gold = {each["criterion"] for each in job.debrief()[what]}
        score.counts[f"{what} of the debrief"] += len(gold)
        score.counts[f"{what} found"] += len(gold & criteria)
        score.counts[f"{what} shown"] += len(criteria)


def _of_document(job: Job, document: str, draft: Draft) -> Score:
    """Hold a reading of a document against what the first reader marked in it."""
    score = Score()
    count = score.counts
    text = job.source(document).text
    agenda = job.agenda() if document == job.intake else {}
    marked = {topic: each[2] for topic, each in agenda.items()} or {
        topic: each.passages for topic, each in job.marked(document).items()
    }
    for topic in draft.topics:
        shown = [words(text, each.span.start, each.span.end) for each in topic.passages]
        gold = [words(text, *place) for place in marked.get(topic.topic, ())]
        covered = frozenset[int]().union(*shown)
        count["gold"] += len(gold)
        count["found"] += sum(2 * len(each & covered) >= len(each) for each in gold)
        count["passages"] += len(shown)
        count["right"] += sum(any(agree(each, other) for other in gold) for each in shown)
        count["passages of silent criteria"] += len(shown) if not gold else 0
        count["criteria"] += bool(gold)
        count["criteria covered"] += any(agree(each, other) for each in shown for other in gold)
    for finding in draft.findings:
        if finding.verdict != "not_judged" and draft_job(draft.kind).judges:
            score.verdicts.append((job.marked(document)[finding.criterion].verdict, finding.verdict))
    if draft.summary:
        expected = job.expected(document)
        said = draft.summary.expectation
        count["expectations"] += 1
        count["expectations right"] += (
            said is None
            if expected is None
            else said is not None and agree(words(text, said.span.start, said.span.end), words(text, *expected.place))
        )
    for point in draft.intake.coverage if draft.intake else ():
        asked, answered, _ = agenda[point.topic]
        count["points"] += 2
        count["points right"] += (asked == (point.asked is not None)) + (answered == bool(point.answers))
    return score


def of_readers(job: Job) -> Score:
    """Hold the second reading against the first, as a drafter is."""
    score = Score()
    one, other = job.readings
    documents = [name for name in job.transcripts if name.startswith(("screen", "interview"))] + list(job.resumes)
    for document in documents:
        text = job.source(document).text
        second = job.marked(document, other)
        for criterion, first in job.marked(document, one).items():
            score.verdicts.append((first.verdict, second[criterion].verdict))
            _overlap(score, text, first.passages, second[criterion].passages)
    text, again = job.source(job.intake).text, job.agenda(other)
    for point, (asked, answered, places) in job.agenda(one).items():
        score.counts["points"] += 2
        score.counts["points right"] += (asked == again[point][0]) + (answered == again[point][1])
        score.counts["agenda gold"] += len(places)
        covered = frozenset[int]().union(*(words(text, *place) for place in again[point][2]))
        score.counts["agenda found"] += sum(
            2 * len(words(text, *place) & covered) >= len(words(text, *place)) for place in places
        )
    return score


def _overlap(score: Score, text: str, first: Sequence[Place], second: Sequence[Place]) -> None:
    gold, again = ([words(text, *place) for place in places] for places in (first, second))
    covered = frozenset[int]().union(*again)
    score.counts["gold"] += len(gold)
    score.counts["found"] += sum(2 * len(each & covered) >= len(each) for each in gold)
    score.counts["passages"] += len(again)
    score.counts["right"] += sum(any(agree(each, other) for other in gold) for each in again)


def _stands(job: Job, passage: Passage) -> bool:
    """Whether a passage is in the document, told without any of the code that grounds it.

    Its words must be the characters at its place, its speaker the one whose turn that is, and its letters and digits
    must follow each other in the file itself, times, tags and names aside. A JSON résumé is held piece by piece, any
    other line by line: it may have two columns.
    """
    document = passage.span.document
    if document not in job.documents:
        return False
    source, raw = job.source(document), _letters_of_the_file(job, document)
    if source.text[passage.span.start : passage.span.end] != passage.words or not passage.words.strip():
        return False
    if isinstance(source, Transcript):
        inside = [turn for turn in source.turns if turn.start <= passage.span.start and passage.span.end <= turn.end]
        if [turn.speaker for turn in inside] != [passage.speaker]:
            return False
    if raw is None:
        values = _letters(" ".join(_values(json.loads((job.folder / "resumes" / document).read_text("utf-8")))))
        return all(_letters(piece) in values for piece in re.split(r"[,\n]", passage.words))
    return all(_letters(line) in raw for line in passage.words.split("\n"))


@cache
def _letters_of_the_file(job: Job, document: str) -> str | None:
    """The letters and digits of a file, without what is no speech; None for JSON."""
    if document.endswith(".json"):
        return None
    if document in job.resumes:
        return _letters(_written_in(job.folder / "resumes" / document))
    text = decoded((job.folder / "transcripts" / document).read_bytes(), document).replace("&amp;", "&")
    text = _STAMP.sub("", _TAG.sub("", _TIMES.sub("", text)))
    for speaker in job.transcripts[document].speakers:
        text = re.sub(rf"^\s*{re.escape(speaker)}\s*(?::|$)", "", text, flags=re.M)
    return _letters(text)


def _written_in(file: Path) -> str:
    """The text of a résumé in the order of its file: the one in which Word and a PDF's writer put it down."""
    if file.suffix == ".pdf":
        with closing(pypdfium2.PdfDocument(file)) as pages:
            return "".join(page.get_textpage().get_text_range() for page in pages)
    if file.suffix == ".docx":
        with ZipFile(file) as parts:
            return html.unescape(_MARKUP.sub("", parts.read("word/document.xml").decode()))
    return decoded(file.read_bytes(), file.name)


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _values(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _values(each)
    elif isinstance(value, list):
        for each in value:
            yield from _values(each)
    elif value is not None:
        yield str(value)
