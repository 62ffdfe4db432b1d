"""Drafts without a language model: the passages that bear on each topic, word for word, and not a judgement more."""

import asyncio
from itertools import chain, zip_longest

from domain.agenda import AGENDA
from domain.drafts import (
    BRIEF_WORDS,
    Bullet,
    CandidateSummary,
    Draft,
    DraftRequest,
    IntakeBriefRequest,
    Passage,
    ResumeRequest,
    RubricRequest,
    ScorecardRequest,
    SummaryRequest,
    Topic,
    TopicPassages,
)
from domain.transcript import Span, Transcript
from domain.wording import pay_history
from language.passages import Found, Index, Window, of_resume, of_speakers
from language.pay import expectation
from language.speakers import everyone_but, the_candidate

_PASSAGES = 5
_BULLETS = 5
_EXTRACTIVE = (
    "This draft is extractive: no language model wrote it. It shows passages of the source, word for word, chosen by"
    " the words they share with each {topic}{asked}."
)
_AND_ASKED = " and with the questions asked"
_UNJUDGED = " Nothing is rated and no verdict is given: that is yours."


class ExtractiveDrafter:
    """A drafter that quotes and never writes, but for the fixed words of the brief before an intake."""

    name = "extractive"

    async def draft(self, request: DraftRequest) -> Draft:
        """Return the draft that `request` asks for. Bound to the CPU, so it runs in a thread."""
        return await asyncio.to_thread(self._drafted, request)

    def _drafted(self, request: DraftRequest) -> Draft:
        match request:
            case IntakeBriefRequest():
                return _intake_brief(request)
            case RubricRequest():
                return _rubric(request)
            case SummaryRequest():
                return _summary(request)
            case ScorecardRequest():
                return _scorecard(request)
            case ResumeRequest():
                return _resume_reading(request)


def _intake_brief(request: IntakeBriefRequest) -> Draft:
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
        note="This brief is a fixed text with the names of this search. No language model wrote it.",
        text="\n\n".join(parts),
    )


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


def _rubric(request: RubricRequest) -> Draft:
    transcript = request.transcript
    windows, questions = of_speakers(transcript, everyone_but(transcript, request.recruiters))
    found = Index(transcript.text, windows, questions).best(AGENDA, _PASSAGES)
    return Draft(
        kind=request.kind,
        drafter=ExtractiveDrafter.name,
        note=_EXTRACTIVE.format(topic="point of the agenda", asked=_AND_ASKED)
        + " The criteria are yours to write from them.",
        topics=_spoken(request.document, transcript, AGENDA, found),
    )


def _scorecard(request: ScorecardRequest) -> Draft:
    transcript = request.transcript
    candidate = the_candidate(transcript, request.candidates, request.others)
    found = _evidence(transcript.text, *of_speakers(transcript, candidate.names), request.criteria)
    return Draft(
        kind=request.kind,
        drafter=ExtractiveDrafter.name,
        note=_EXTRACTIVE.format(topic="criterion", asked=_AND_ASKED) + _UNJUDGED + candidate.note,
        topics=_spoken(request.document, transcript, request.criteria, found),
    )


def _summary(request: SummaryRequest) -> Draft:
    transcript = request.transcript
    candidate = the_candidate(transcript, request.candidates, request.others)
    windows, questions = of_speakers(transcript, candidate.names)
    found = _evidence(transcript.text, windows, questions, request.criteria)
    by_rank = chain.from_iterable(zip_longest(*_without_repeats(found)))
    bullets = [passage for passage in by_rank if passage is not None][:_BULLETS]
    strongest = max(chain.from_iterable(found), key=lambda passage: passage.score, default=None)
    pay = expectation(transcript, windows, questions)
    return Draft(
        kind=request.kind,
        drafter=ExtractiveDrafter.name,
        note=_EXTRACTIVE.format(topic="criterion", asked=_AND_ASKED) + _UNJUDGED + candidate.note,
        topics=_spoken(request.document, transcript, request.criteria, found),
        summary=CandidateSummary(
            bullets=tuple(
                Bullet(
                    text=transcript.text[passage.start : passage.end],
                    span=Span(document=request.document, start=passage.start, end=passage.end),
                )
                for passage in bullets
            ),
            strongest=_passage(request.document, transcript, strongest.start, strongest.end) if strongest else None,
            expectation=_passage(request.document, transcript, *pay) if pay else None,
        ),
    )


def _evidence(text: str, windows: list[Window], questions: list[str], criteria: tuple[Topic, ...]) -> list[list[Found]]:
    """Find what bears on each criterion; what someone earns or earned is never evidence."""
    fit = [window for window in windows if pay_history(text[window.start : window.end]) is None]
    return Index(text, fit, questions).best(criteria, _PASSAGES)


def _without_repeats(found: list[list[Found]]) -> list[list[Found]]:
    """Leave each passage only with the criterion it bears on most."""
    highest: dict[int, float] = {}
    for passage in chain.from_iterable(found):
        highest[passage.start] = max(passage.score, highest.get(passage.start, 0.0))
    return [[passage for passage in passages if passage.score == highest[passage.start]] for passages in found]


def _resume_reading(request: ResumeRequest) -> Draft:
    text = request.resume.text
    found = _evidence(text, of_resume(request.resume), [], request.criteria)
    return Draft(
        kind=request.kind,
        drafter=ExtractiveDrafter.name,
        note=_EXTRACTIVE.format(topic="criterion", asked="") + _UNJUDGED,
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
