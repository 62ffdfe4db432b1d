"""Drafts with a language model: it finds words and puts them into sentences, and nothing it says is taken on trust.

Two steps, for whatever there is a source to read for. *Reading*: the model is shown numbered lines and names the words
that bear on each topic; those that really stand there are kept. *Writing*: it is shown those words alone, numbered, and
writes statements on them; those that stand up to their words are kept. So no part of a document reaches the second
step that was not quoted from it first, and every statement leads to its words.

A draft begins as the extractive one: what the model adds is laid over it, and where the model fails it is what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import singledispatch
from itertools import chain, zip_longest

from domain.core.source_text import SourceText
from domain.evidence.draft_jobs import draft_job
from domain.evidence.draft_requests import (
    CallRequest,
    DebriefRequest,
    DraftRequest,
    DriftRequest,
    FactsRequest,
    IntakeBriefRequest,
    ResumeRequest,
    RewordingRequest,
    RubricRequest,
    ScorecardRequest,
    SummaryRequest,
)
from domain.evidence.drafts import Draft, Passage, Topic, TopicPassages
from domain.evidence.intake_agenda import AGENDA
from domain.evidence.text_rules import pay_history
from language import llm_composition
from language.aliases import FAILED, STAR, heading, named_in
from language.draft_failures import FAILURES, ModelFailed
from language.extractive_drafter import PASSAGES, ExtractiveDrafter, source_cautions
from language.grounding import Grounded
from language.injection_filter import prompt_injections
from language.llm import Answering, Embedding, ModelBudget, UnboundedBudget
from language.llm_embeddings import EndpointEmbeddings
from language.llm_extraction import Session, lines
from language.passages import Index, of_speakers
from language.rule_drafter import readable
from language.speakers import everyone_but, the_candidate
from privacy.pseudonyms import Pseudonyms

CANDIDATE, INTERVIEWER, RECRUITER, MANAGER = "Candidate", "Interviewer", "Recruiter", "Manager"
_BY_MODEL = (
    "Drafted with {model}. Each statement stands on the words shown with it, which are in the source; whether it says"
    " the same as they do is for you to see."
)


class ModelDrafter:
    """A drafter with a model at an endpoint; `purse` pays for every question.

    It begins with a draft of `extractive`. Where the endpoint embeds too (`embedding`), passages are sought with that.
    """

    def __init__(
        self,
        endpoint: Answering,
        purse: ModelBudget | None = None,
        extractive: ExtractiveDrafter | None = None,
        embedding: Embedding | None = None,
    ) -> None:
        self._endpoint, self._purse = endpoint, purse or UnboundedBudget()
        self._extractive = extractive or ExtractiveDrafter()
        self._embedding = embedding if embedding and embedding.embeds_with else None

    @property
    def name(self) -> str:
        """The model's own name."""
        return self._endpoint.model

    async def draft(self, request: DraftRequest) -> Draft:
        """Return the draft that `request` asks for. Raises ModelFailed, with what was spent in its `making`."""
        base = await self._extractive.draft(request)
        if self._embedding:
            # Whose names are to be replaced in an intake is only known from a first draft of it.
            embeddings = EndpointEmbeddings(self._embedding, self._purse, _pseudonyms(request, base))
            base = await ExtractiveDrafter(embeddings).draft(request)
        session = Session(self._endpoint, self._purse, _pseudonyms(request, base), known=_known(request))
        session.withheld, session.source_language = base.making.withheld, base.making.language
        try:
            draft = await written(readable(request), base, session)
            session.check()
        except ModelFailed as failed:
            failed.making = session.making()
            raise
        said = (_BY_MODEL.format(model=self.name), *_cautions(session), draft_job(request.kind).leaves)
        note = " ".join(filter(None, said))
        return draft.model_copy(update={"drafter": self.name, "note": note, "making": session.making()})


@singledispatch
async def written(request: DraftRequest, base: Draft, session: Session) -> Draft:
    """What the model writes, laid over `base`; each kind of request registers its own. Raises ModelFailed."""
    raise NotImplementedError(f"no writer of a {type(request).__name__} is known")


@written.register
async def _summary(request: SummaryRequest, base: Draft, session: Session) -> Draft:
    found = await _read_call(request, request.criteria, session)
    return await llm_composition.summary(session, request, _with_passages(base, found, request.criteria))


@written.register
async def _scorecard(request: ScorecardRequest, base: Draft, session: Session) -> Draft:
    questions = (Topic(id=f"Q{n}", text=each.text) for n, each in enumerate(request.questions, 1))
    found = await _read_call(request, (*request.criteria, *questions), session)
    return await llm_composition.scorecard(session, request, _with_passages(base, found, request.criteria), found)


@written.register
async def _resume_reading(request: ResumeRequest, base: Draft, session: Session) -> Draft:
    found = await _read(request.document, request.resume, {}, request.criteria, session)
    return await llm_composition.resume_reading(session, request, _with_passages(base, found, request.criteria))


@written.register
async def _rubric(request: RubricRequest, base: Draft, session: Session) -> Draft:
    answering = everyone_but(request.transcript, request.recruiters)
    who = {name: MANAGER if name in answering else RECRUITER for name in request.transcript.speakers}
    found = await _read(request.document, request.transcript, who, AGENDA, session)
    answers, asked = (
        {topic: [p for p in passages if (p.speaker in answering) == of_them] for topic, passages in found.items()}
        for of_them in (True, False)
    )
    return await llm_composition.intake(session, _with_passages(base, answers, AGENDA), asked, answers)


@written.register
async def _intake_brief(request: IntakeBriefRequest, base: Draft, session: Session) -> Draft:
    return await llm_composition.intake_brief(session, request, base)


@written.register
async def _from_facts(request: FactsRequest, base: Draft, session: Session) -> Draft:
    return await llm_composition.from_facts(session, request, base)


@written.register
async def _debrief(request: DebriefRequest, base: Draft, session: Session) -> Draft:
    return await llm_composition.debrief(session, request, base)


@written.register
async def _rewording(request: RewordingRequest, base: Draft, session: Session) -> Draft:
    return await llm_composition.rewording(session, request, base)


@written.register
async def _drift(request: DriftRequest, base: Draft, session: Session) -> Draft:
    return await llm_composition.drift(session, request, base)


async def _read_call(request: CallRequest, topics: Sequence[Topic], session: Session) -> dict[str, list[Passage]]:
    candidate = the_candidate(request.transcript, request.candidates, request.others).names
    who = {name: CANDIDATE if name in candidate else INTERVIEWER for name in request.transcript.speakers}

    def fits(topic: str, passage: Passage) -> bool:
        asks = topic.startswith("Q")
        return (passage.speaker in candidate) != asks and (asks or pay_history(passage.words) is None)

    return await _read(request.document, request.transcript, who, topics, session, fits)


async def _read(
    document: str,
    source: SourceText,
    who: Mapping[str, str],
    topics: Sequence[Topic],
    session: Session,
    fits: llm_composition.Fits = lambda topic, passage: pay_history(passage.words) is None,
) -> dict[str, list[Passage]]:
    # First what is sent: what is withheld must not change the letters of its stand-ins.
    numbered = lines(source, who, session.pseudonyms, prompt_injections(source))
    grounded = Grounded(document, source, session.pseudonyms)
    return await session.read(grounded, numbered, topics, fits)


def instead(base: Draft, failed: ModelFailed) -> Draft:
    """Return the extractive draft as it is sent when the model failed: it says so, and why."""
    note = f"{base.note} A draft with a language model was wanted, but {FAILURES[failed.code]}."
    spent = failed.making or base.making
    making = spent.model_copy(
        update={"failed": failed.code, "withheld": base.making.withheld, "language": base.making.language}
    )
    return base.model_copy(update={"note": note, "making": making})


def _cautions(session: Session) -> list[str]:
    said = []
    if session.dropped:
        share = round(100 * session.dropped / (session.dropped + session.kept))
        said.append(f"{share} % of what it said did not stand up to the source and is not shown.")
    said += source_cautions(session.withheld, session.source_language)
    return said


def _with_passages(base: Draft, found: Mapping[str, Sequence[Passage]], topics: Sequence[Topic]) -> Draft:
    """The draft with the model's passages first, and those found by rule after them, five a topic, none for two."""
    by_rule = {each.topic: each.passages for each in base.topics}
    shown: dict[str, list[Passage]] = {topic.id: [] for topic in topics}
    for passages in (found, by_rule):
        for rank in zip_longest(*(passages.get(topic.id, ()) for topic in topics)):
            for topic, passage in zip(shown, rank, strict=True):
                if passage and len(shown[topic]) < PASSAGES and not _overlaps(passage, chain(*shown.values())):
                    shown[topic].append(passage)
    return base.model_copy(
        update={"topics": tuple(TopicPassages(topic=each, passages=tuple(shown[each])) for each in shown)}
    )


def _overlaps(passage: Passage, others: Iterable[Passage]) -> bool:
    return any(passage.span.start < each.span.end and each.span.start < passage.span.end for each in others)


@singledispatch
def _pseudonyms(request: DraftRequest, base: Draft) -> Pseudonyms:
    return Pseudonyms(request.named)


@_pseudonyms.register
def _of_a_resume(request: ResumeRequest, base: Draft) -> Pseudonyms:
    return Pseudonyms((*request.named, *heading(request.resume)))


@_pseudonyms.register
def _of_an_intake(request: RubricRequest, base: Draft) -> Pseudonyms:
    transcript = request.transcript
    withheld = [(place.start, place.end) for place in base.making.withheld]
    answers, questions = of_speakers(transcript, everyone_but(transcript, request.recruiters), withheld)
    # Each point for itself: what is shown for one of them may name whoever another one is about.
    found = Index(transcript.text, answers, questions, by_kit=False).best(AGENDA, PASSAGES, apart=False)
    places = {
        topic.id: [(each.start, each.end) for each in passages] for topic, passages in zip(AGENDA, found, strict=True)
    }
    for topic in base.topics:
        places[topic.topic] += [(each.span.start, each.span.end) for each in topic.passages]
    aliases: dict[str, str] = {}
    for point, alias in (("best_person", STAR), ("past_hire", FAILED)):
        known = (*transcript.speakers, *request.recruiters)
        aliases |= dict.fromkeys(named_in(transcript, places[point], known), alias)
    return Pseudonyms(request.named, aliases)


def _known(request: DraftRequest) -> str:
    """Words whose names may be said of anybody: those of the company, and the stand-in of the first person meant."""
    return " ".join((*request.company_words, CANDIDATE, INTERVIEWER, RECRUITER, MANAGER, "[Person A]"))
