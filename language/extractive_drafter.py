"""Drafts without a language model: the passages that bear on each topic, word for word, and not a judgement more."""

import asyncio
import re
from collections.abc import Sequence
from itertools import chain, zip_longest

from domain.core.source_text import SourceText, Span
from domain.evidence.draft_requests import (
    DraftRequest,
    IntakeBriefRequest,
    ResumeRequest,
    RubricRequest,
    ScorecardRequest,
    SummaryRequest,
)
from domain.evidence.drafts import (
    BRIEF_WORDS,
    AgendaPoint,
    CandidateSummary,
    Claim,
    Draft,
    Finding,
    IntakeReading,
    Making,
    Passage,
    PerhapsAsked,
    Topic,
    TopicPassages,
)
from domain.evidence.intake_agenda import AGENDA
from domain.evidence.text_rules import pay_history
from domain.evidence.transcript import Transcript
from language.asked import Asking, Put
from language.embeddings import DraftEmbeddings, Embeddings
from language.injection_filter import Place, prompt_injections
from language.language_detection import ENGLISH, NAMES, language
from language.passages import Found, Index, Window, of_resume, of_speakers
from language.pay import expectation
from language.rule_drafter import NAME, by_rule
from language.speakers import everyone_but, the_candidate

PASSAGES = 5
_BULLETS = 5
_CLONES = re.compile(
    r"\b(?:(?:another|a second|one more|more of|a clone of|a copy of|clone|copy)\b (?:of )?"
    r"(?:\(?[A-Z]\w+|him|her|them|our best)|(?:somebody|someone|people|anyone|person|a person|just|exactly) like "
    r"(?:[A-Z]\w+|him|her|them|our best|that)|the (?:same|new) as (?:[A-Z]\w+|him|her|them)"
    r"|like our best(?: \w+)?|a new [A-Z]\w+)\b"
)
_EXTRACTIVE = (
    "Draft by rules, no language model. It shows passages of the source, word for word, chosen by"
    " the words they share with each {topic}{asked}{meant}."
)
_AND_ASKED = " and with the questions asked"
_AND_MEANT = ", and by how near their meaning is"
_UNJUDGED = " Nothing is rated and no verdict is given: that is yours."


class ExtractiveDrafter:
    """A drafter that quotes and never writes, but for the fixed words of the brief before an intake."""

    name = NAME

    def __init__(self, embeddings: Embeddings | None = None) -> None:
        """Without `embeddings` passages are sought by their words alone."""
        self._embeddings = embeddings

    async def draft(self, request: DraftRequest) -> Draft:
        """Return the draft that `request` asks for. Bound to the CPU, so it runs in a thread."""
        embeddings = DraftEmbeddings(self._embeddings) if self._embeddings else None
        return await asyncio.to_thread(by_rule, request, embeddings)


@by_rule.register
def _intake_brief(request: IntakeBriefRequest, _: Embeddings | None = None) -> Draft:
    asked = "; ".join(topic.text[0].lower() + topic.text[1:] for topic in AGENDA)
    parts = [
        f"{request.hiring_manager}, before we talk about {request.title} for {request.team}: nothing to prepare but"
        " examples.",
        f"I will ask: {asked}.",
        "Why: a role put into behaviours holds when candidates appear, and everyone is asked the same.",
        "You get back a rubric in your own words, each line with the passage it came from, to correct and sign; then"
        " five profiles to tell me whether I understood; then a forecast that moves with the facts.",
        request.recruiter,
    ]
    room = BRIEF_WORDS - _count(*parts)
    if changes := _changes_that_fit(request.inherited_changes, room):
        parts.insert(2, changes)
    return Draft(
        kind=request.kind,
        drafter=ExtractiveDrafter.name,
        note="This brief is a fixed text with the names of this requisition. Draft by rules, no language model.",
        text="\n\n".join(parts),
    )


def _chosen(topic: str, embeddings: Embeddings | None, asked: str = "") -> str:
    return _EXTRACTIVE.format(topic=topic, asked=asked, meant=_AND_MEANT if embeddings else "")


def _changes_that_fit(changes: tuple[str, ...], room: int) -> str:
    for shown in range(len(changes), -1, -1):
        listed = "; ".join(change.strip().rstrip(".") for change in changes[:shown])
        more = f"{len(changes) - shown} more on the agenda" if shown < len(changes) else ""
        said = f"Last time we said we would change: {'; '.join(filter(None, (listed, more)))}. Do we?"
        if changes and _count(said) <= room:
            return said
    return ""


def _count(*texts: str) -> int:
    return sum(len(text.split()) for text in texts)


@by_rule.register
def _rubric(request: RubricRequest, embeddings: Embeddings | None = None) -> Draft:
    transcript = request.transcript
    answering = everyone_but(transcript, request.recruiters)
    withheld = prompt_injections(transcript)
    windows, questions = of_speakers(transcript, answering, withheld)
    found = Index(transcript.text, windows, questions, by_kit=False, embeddings=embeddings).best(AGENDA, PASSAGES)
    topics = _spoken(request.document, transcript, AGENDA, found)
    asking, _ = of_speakers(transcript, frozenset(transcript.speakers) - answering, withheld)
    asked = Asking(transcript.text, asking, embeddings).points(AGENDA)
    making = _making(request.document, transcript, withheld)
    return Draft(
        kind=request.kind,
        drafter=ExtractiveDrafter.name,
        note=_chosen("point of the agenda", embeddings, _AND_ASKED)
        + " The criteria are yours to write from them."
        + _cautions(making),
        topics=topics,
        intake=IntakeReading(
            coverage=tuple(
                _covered(topic, answers, request.document, transcript, put)
                for topic, answers, put in zip(AGENDA, topics, asked, strict=True)
            ),
            for_hr=tuple(
                _passage(request.document, transcript, window.start, window.end)
                for window in windows
                if clones(transcript.text[window.start : window.end])
            ),
        ),
        making=making,
    )


def clones(text: str) -> bool:
    """Whether `text` asks for somebody like a certain person, instead of for what that person does."""
    return bool(_CLONES.search(text.replace("\u2019", "'")))


def _covered(
    topic: Topic, found: TopicPassages, document: str, transcript: Transcript, asked: Put | None
) -> AgendaPoint:
    """A point is answered by what is said on it, once it is asked."""
    if asked is None:
        return AgendaPoint(topic=topic.id, status="missing")
    return AgendaPoint(
        topic=topic.id,
        status="perhaps" if not asked.sure else "answered" if found.passages else "asked",
        asked=_passage(document, transcript, asked.start, asked.end),
        answers=found.passages,
    )


@by_rule.register
def _scorecard(request: ScorecardRequest, embeddings: Embeddings | None = None) -> Draft:
    transcript = request.transcript
    candidate = the_candidate(transcript, request.candidates, request.others)
    withheld = prompt_injections(transcript)
    windows, questions = of_speakers(transcript, candidate.names, withheld)
    found = _evidence(transcript.text, windows, questions, request.criteria, embeddings)
    asking, _ = of_speakers(transcript, frozenset(transcript.speakers) - candidate.names, withheld)
    put = Asking(transcript.text, asking, embeddings).questions([each.text for each in request.questions])
    making = _making(request.document, transcript, withheld)
    return Draft(
        kind=request.kind,
        drafter=ExtractiveDrafter.name,
        note=_chosen("criterion", embeddings, _AND_ASKED) + _UNJUDGED + candidate.note + _cautions(making),
        topics=_spoken(request.document, transcript, request.criteria, found),
        findings=tuple(_of_the_kit(request, criterion.id, put) for criterion in request.criteria),
        making=making,
    )


def _of_the_kit(request: ScorecardRequest, criterion: str, put: Sequence[Put | None]) -> Finding:
    """Which of the kit's questions on a criterion were not asked, and which perhaps."""
    asked = [
        (each.text, where) for each, where in zip(request.questions, put, strict=True) if each.criterion == criterion
    ]
    return Finding(
        criterion=criterion,
        not_asked=tuple(question for question, where in asked if where is None),
        perhaps_asked=tuple(
            PerhapsAsked(
                question=question, asked=_passage(request.document, request.transcript, where.start, where.end)
            )
            for question, where in asked
            if where and not where.sure
        ),
    )


@by_rule.register
def _summary(request: SummaryRequest, embeddings: Embeddings | None = None) -> Draft:
    transcript = request.transcript
    candidate = the_candidate(transcript, request.candidates, request.others)
    withheld = prompt_injections(transcript)
    windows, questions = of_speakers(transcript, candidate.names, withheld)
    found = _evidence(transcript.text, windows, questions, request.criteria, embeddings)
    by_rank = chain.from_iterable(zip_longest(*found))
    bullets = [passage for passage in by_rank if passage is not None][:_BULLETS]
    strongest = max(chain.from_iterable(found), key=lambda passage: passage.score, default=None)
    pay = expectation(transcript, windows, questions)
    making = _making(request.document, transcript, withheld)
    return Draft(
        kind=request.kind,
        drafter=ExtractiveDrafter.name,
        note=_chosen("criterion", embeddings, _AND_ASKED) + _UNJUDGED + candidate.note + _cautions(making),
        topics=_spoken(request.document, transcript, request.criteria, found),
        summary=CandidateSummary(
            bullets=tuple(
                Claim(
                    text=transcript.text[bullet.start : bullet.end],
                    rests_on=(_passage(request.document, transcript, bullet.start, bullet.end),),
                )
                for bullet in bullets
            ),
            strongest=_passage(request.document, transcript, strongest.start, strongest.end) if strongest else None,
            expectation=_passage(request.document, transcript, *pay) if pay else None,
        ),
        findings=tuple(Finding(criterion=criterion.id) for criterion in request.criteria),
        making=making,
    )


def _making(document: str, source: SourceText, withheld: Sequence[Place]) -> Making:
    places = tuple(Span(document=document, start=start, end=end) for start, end in withheld)
    return Making(withheld=places, language=language(source.text))


def _cautions(making: Making) -> str:
    return "".join(f" {each}" for each in source_cautions(making.withheld, making.language, by_words=True))


def source_cautions(places: Sequence[Span], spoken: str, by_words: bool = False) -> list[str]:
    """What a reader should know of the source, in sentences; `by_words` says that English words were sought in it."""
    said = []
    if places:
        said.append(f"Passages of the source that address a machine were not read: {len(places)}.")
    if spoken != ENGLISH and by_words:
        said.append(f"The source is in {NAMES[spoken]}, and was searched with English words: little can be found so.")
    elif spoken != ENGLISH:
        said.append(f"The source is in {NAMES[spoken]}: quotes are as they were said, read them with care.")
    return said


def _evidence(
    text: str,
    windows: list[Window],
    questions: list[str],
    criteria: tuple[Topic, ...],
    embeddings: Embeddings | None,
) -> list[list[Found]]:
    """Find what bears on each criterion; what someone earns or earned is never evidence."""
    fit = [window for window in windows if pay_history(text[window.start : window.end]) is None]
    return Index(text, fit, questions, embeddings=embeddings).best(criteria, PASSAGES)


@by_rule.register
def _resume_reading(request: ResumeRequest, embeddings: Embeddings | None = None) -> Draft:
    text = request.resume.text
    withheld = prompt_injections(request.resume)
    found = _evidence(text, of_resume(request.resume, withheld), [], request.criteria, embeddings)
    making = _making(request.document, request.resume, withheld)
    return Draft(
        kind=request.kind,
        drafter=ExtractiveDrafter.name,
        note=_chosen("criterion", embeddings) + _UNJUDGED + _cautions(making),
        findings=tuple(
            Finding(criterion=criterion.id, not_shown=() if passages else criterion.parts)
            for criterion, passages in zip(request.criteria, found, strict=True)
        ),
        making=making,
        topics=tuple(
            TopicPassages(
                topic=criterion.id,
                passages=tuple(
                    Passage(
                        span=Span(document=request.document, start=passage.start, end=passage.end),
                        words=text[passage.start : passage.end],
                    )
                    for passage in passages
                ),
            )
            for criterion, passages in zip(request.criteria, found, strict=True)
        ),
    )


def _spoken(
    document: str, transcript: Transcript, topics: tuple[Topic, ...], found: list[list[Found]]
) -> tuple[TopicPassages, ...]:
    return tuple(
        TopicPassages(
            topic=topic.id,
            passages=tuple(_passage(document, transcript, passage.start, passage.end) for passage in passages),
        )
        for topic, passages in zip(topics, found, strict=True)
    )


def _passage(document: str, transcript: Transcript, start: int, end: int) -> Passage:
    span = Span(document=document, start=start, end=end)
    said = transcript.quote(span)
    return Passage(span=span, words=said.words, speaker=said.speaker, start_ms=said.start_ms)
