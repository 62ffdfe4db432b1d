"""A real model that is mostly wrong: whatever comes of it, nothing ungrounded is shown, and no attack changes it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from bench.evaluation.hostile import cases, shown
from bench.evaluation.runs import Remembering, sent
from documents.resumes import read_resume
from documents.transcripts import read_transcript
from domain.core.source_text import SourceText, Span
from domain.evidence.draft_requests import (
    CardGiven,
    CardRating,
    DebriefRequest,
    DraftRequest,
    DriftRequest,
    Fact,
    IntakeBriefRequest,
    KitQuestion,
    ManagerUpdateRequest,
    Rejected,
    ResumeRequest,
    RetroRequest,
    RewordingRequest,
    RubricRequest,
    ScorecardRequest,
    SourcingRequest,
    SummaryRequest,
)
from domain.evidence.drafts import Draft, Passage, Topic
from domain.evidence.transcript import Transcript, Utterance
from language.draft_failures import ModelFailed
from language.extractive_drafter import ExtractiveDrafter
from language.grounding import founded
from language.llm_client import Endpoint
from language.llm_drafter import ModelDrafter, instead
from settings import ROOT
from testing.loopback_model import loopback_model

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

SAMPLES = ROOT / "samples"
RUBRIC = json.loads((SAMPLES / "rubric.json").read_text())["criteria"]
CRITERIA = tuple(
    Topic(
        id=f"K{n}", text=each["behaviour"], also=tuple(each["questions"]), parts=(*each["equivalents"], each["proof"])
    )
    for n, each in enumerate(RUBRIC, 1)
)


def call(name: str, turns: slice) -> Transcript:
    """A few minutes of a call: enough to go wrong in, and read in seconds."""
    whole = read_transcript((SAMPLES / "transcripts" / name).read_bytes(), name)
    return Transcript.of(
        Utterance(turn.speaker, whole.text[turn.start : turn.end], turn.start_ms) for turn in whole.turns[turns]
    )


def line(place: str, words: str) -> Passage:
    return Passage(span=Span(document=place, start=0, end=len(words)), words=words)


def facts(*lines: tuple[str, str]) -> tuple[Fact, ...]:
    return tuple(Fact(side=side, passage=line(f"fact/{n}", words)) for n, (side, words) in enumerate(lines))


RESUME = read_resume((SAMPLES / "resumes" / "ruth-abara.txt").read_bytes(), "ruth-abara.txt")
SCREEN = call("screen-1.vtt", slice(2, 12))
INTERVIEW = call("interview-2.vtt", slice(2, 10))
INTAKE = call("intake.vtt", slice(4, 16))
SOURCES: dict[str, SourceText] = {"resume": RESUME, "screen": SCREEN, "interview": INTERVIEW, "intake": INTAKE}
QUESTIONS = tuple(
    KitQuestion(criterion=f"K{n}", text=question)
    for n, each in enumerate(RUBRIC[:2], 1)
    for question in each["questions"]
)

REQUESTS: tuple[DraftRequest, ...] = (
    IntakeBriefRequest(title="Product manager", team="Growth", hiring_manager="Priya Raman", recruiter="Mara Okafor"),
    RubricRequest(document="intake", transcript=INTAKE, recruiters=("Mara Okafor",)),
    SummaryRequest(document="screen", transcript=SCREEN, criteria=CRITERIA, candidates=("Nadia Brenner",)),
    ScorecardRequest(
        document="interview",
        transcript=INTERVIEW,
        criteria=CRITERIA[:2],
        others=("Mara Okafor", "Priya Raman", "Wes Calloway"),
        questions=QUESTIONS,
    ),
    ResumeRequest(document="resume", resume=RESUME, criteria=CRITERIA),
    SourcingRequest(
        facts=facts(("must", CRITERIA[0].text), ("where", "they work at insurers"), ("answers", "no data"))
    ),
    ManagerUpdateRequest(title="Product manager", facts=facts(("stage", "3 candidates: interviewing"))),
    RetroRequest(title="Product manager", facts=facts(("R", "the slate was early"), ("H", "answers came late"))),
    DebriefRequest(
        criteria=CRITERIA[:2],
        musts=("K1",),
        cards=tuple(
            CardGiven(
                interview=f"I-{n}",
                person=f"P-{n}",
                overall="yes",
                ratings=(CardRating(criterion="K1", score=score, evidence=(line(f"card/{n}", words),)),),
            )
            for n, (score, words) in enumerate(((4, "counted the calls first"), (1, "could name no number")))
        ),
    ),
    RewordingRequest(words="not strategic enough, no vision", use="reason", criteria=CRITERIA),
    DriftRequest(
        criteria=CRITERIA,
        rejected=tuple(
            Rejected(candidate=f"C-{n}", criterion=None, why=line(f"candidate/C-{n}/3", words))
            for n, words in enumerate(("never worked with hospitals", "no hospital work"))
        ),
    ),
)


@pytest.fixture(scope="module")
async def model() -> AsyncIterator[Remembering]:
    """The model, started once, and asked no question twice."""
    async with loopback_model() as endpoint:
        yield Remembering(endpoint)


async def drafted(model: Endpoint, request: DraftRequest) -> Draft:
    """What a person would be sent."""
    try:
        return await ModelDrafter(model).draft(request)
    except ModelFailed as failed:
        return instead(await ExtractiveDrafter().draft(request), failed)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.kind)
async def test_nothing_ungrounded_is_shown(model: Endpoint, request_: DraftRequest) -> None:
    draft = await drafted(model, request_)

    assert draft.kind == request_.kind
    assert draft.making.calls >= 1
    for passage in draft.passages:
        source = SOURCES.get(passage.span.document)
        if source is not None:
            assert passage.words == source.words(passage.span)
        if isinstance(source, Transcript):
            said = source.quote(passage.span)
            assert (passage.speaker, passage.start_ms) == (said.speaker, said.start_ms)
    known = " ".join(text for topic in CRITERIA for text in (topic.text, *topic.also))
    by_model = draft.claims if draft.drafter != "extractive" else ()
    for claim in by_model:
        assert claim.rests_on
        if any(piece.words for piece in claim.rests_on):
            words = " ".join(piece.words for piece in claim.rests_on)
            assert founded(claim.text, words, f"{known} Nadia Brenner Ruth Abara")


ON_THE_MODEL = (
    "instructions-in-a-resume-01",
    "instructions-in-a-call-02",
    "at-the-end-of-an-answer-02",
    "in-the-interviewers-voice-02",
    "other-languages-in-a-resume-02",
    "zero-width-01",
    "unicode-tags-02",
    "file-names-02",
    "fake-system-messages-02",
    "json-and-fences-01",
    "recipients-01",
    "forged-stand-ins-02",
)


@pytest.mark.parametrize("name", ON_THE_MODEL)
async def test_an_attack_changes_nothing_that_is_quoted(model: Endpoint, name: str) -> None:
    case = next(case for case in cases() if case.name == name)
    drafter = ModelDrafter(model)
    for without, with_it in zip(case.clean, case.attacked, strict=True):
        assert shown(await sent(drafter, with_it)) == shown(await sent(drafter, without))
