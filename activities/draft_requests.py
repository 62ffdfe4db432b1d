"""What a drafter is asked: the ids of an effect turned into words, each opened under the key it lies under."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.exceptions import ApplicationError

from activities.letter_context import ContextReader
from activities.manager_update import update_lines
from domain.candidate.profile import ProfileAnswered
from domain.candidate.scorecards import ScorecardSubmitted
from domain.core.ids import mentioned
from domain.core.personal_text import PersonalText, from_text
from domain.core.source_text import SourceText, Span
from domain.entity.effects import Draft as DraftOrdered
from domain.evidence.documents import Evidence
from domain.evidence.draft_jobs import DraftJob, draft_job
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
    RubricRequest,
    ScorecardRequest,
    SourcingRequest,
    SummaryRequest,
    sought,
)
from domain.evidence.drafts import Passage, Topic
from domain.evidence.intake_agenda import AGENDA
from domain.evidence.resume import Resume
from domain.evidence.rubric import Criterion, Rubric
from domain.evidence.transcript import Transcript
from domain.requisition.retro import RetroAnswered
from domain.time.durations import scaled
from language.extractive_drafter import ExtractiveDrafter
from privacy.sealing import Tombstone
from store.documents import NoSuchDocument
from store.views import CandidateView
from workflows.contract import EffectOrder, entity_of, stream_of

SOUGHT_IN_THE_INTAKE = ("where_they_work", "appeal", "proof", "rules_out")
"""The points of the agenda that say whom to look for and where."""

A_WEEK = timedelta(days=7)
"""What an update that comes with the pulse looks back on."""


ERASED = "erased"
"""Why nothing is drafted of somebody whose words are gone, before or while it was to be."""


class NothingToDraft(Exception):
    """What was asked for cannot be drafted, for good; the sentence says why, and the work goes on without a draft."""


@dataclass(frozen=True)
class PreparedRequest:
    """A request, and whose it is: the key the draft goes under, the requisition, and the candidate if it is about
    one."""

    key: str
    request: DraftRequest
    requisition: str
    candidate: CandidateView | None = None


@dataclass(frozen=True)
class Asked:
    """What a request is gathered for: the order, its effect, the requisition, and the candidate if it is about one."""

    order: EffectOrder
    effect: DraftOrdered
    requisition: str
    candidate: CandidateView | None = None

    @property
    def whom(self) -> CandidateView:
        """The candidate it is about."""
        assert self.candidate is not None, "a draft about a candidate is ordered by the candidate"
        return self.candidate


Gather = Callable[["DraftRequests", Asked], Awaitable[DraftRequest]]
GATHERED: dict[str, Gather] = {}
"""By the job: what gathers its request."""


def gathers(job: DraftJob) -> Callable[[Gather], Gather]:
    """Says that a method gathers the request of `job`."""

    def registered(gather: Gather) -> Gather:
        GATHERED[job] = gather
        return gather

    return registered


class DraftRequests:
    """Turns effects into requests."""

    def __init__(self, library: ContextReader, drafter: ExtractiveDrafter) -> None:
        self._library, self._drafter = library, drafter

    async def of(self, order: EffectOrder, effect: DraftOrdered) -> PreparedRequest:
        """What `effect` asks. Raises NothingToDraft, and ApplicationError for a document that is not there."""
        entity, entity_id = entity_of(order.stream)
        gather = GATHERED.get(effect.job)
        if gather is None or draft_job(effect.job).entity != entity:
            raise NothingToDraft("nobody drafts this here")
        if entity == "requisition":
            asked = Asked(order, effect, entity_id)
            return PreparedRequest(entity_id, await gather(self, asked), entity_id)
        candidate = await self._library.candidate(entity_id)
        if candidate is None:
            raise NothingToDraft("nobody drafts this here")
        if candidate.no_ai:  # asked for after the draft was ordered
            raise NothingToDraft("they allow no machine reading")
        asked = Asked(order, effect, candidate.requisition, candidate)
        return PreparedRequest(candidate.human, await gather(self, asked), candidate.requisition, candidate)

    async def inputs(self, effect: DraftOrdered) -> dict[str, str]:
        """The documents an effect names, each with the hash of its text; those that are not there are left out."""
        hashes = {}
        for document in effect.inputs:
            with suppress(NoSuchDocument):
                hashes[document] = (await self._library.documents.about(document)).doc.sha256
        return hashes

    @gathers(DraftJob.CANDIDATE_SUMMARY)
    async def _summary(self, asked: Asked) -> DraftRequest:
        return SummaryRequest(**await self._call(asked))

    @gathers(DraftJob.SCORECARD)
    async def _scorecard(self, asked: Asked) -> DraftRequest:
        call = await self._call(asked)
        questions = [
            KitQuestion(criterion=criterion.id, text=question)
            for criterion in await self._ranked(asked.effect.about)
            for question in criterion.questions
        ]
        return ScorecardRequest(**call, questions=tuple(questions))

    @gathers(DraftJob.RESUME_READING)
    async def _resume_reading(self, asked: Asked) -> DraftRequest:
        document, text = await self._text(asked.effect)
        if not isinstance(text, Resume):
            raise NothingToDraft("this is no résumé")
        contact = await self._library.applicants.contact(asked.whom.id, asked.whom.human)
        return ResumeRequest(
            document=document,
            resume=text,
            criteria=await self._criteria(asked.effect.about),
            names=(contact.name,) if contact else (),
        )

    @gathers(DraftJob.INTAKE_BRIEF)
    async def _intake_brief(self, asked: Asked) -> DraftRequest:
        about = asked.effect.about
        names = await self._names(about)
        return IntakeBriefRequest(
            title=about["title"],
            team=about["team"],
            hiring_manager=names[about["hiring_manager"]],
            recruiter=names[about["recruiter"]],
            inherited_changes=tuple(
                self._library.opened(change, asked.requisition) for change in map(from_text, about["inherited_changes"])
            ),
        )

    @gathers(DraftJob.RUBRIC)
    async def _of_the_intake(self, asked: Asked) -> DraftRequest:
        document, transcript = await self._transcript(asked.effect)
        recruiters = (await self._names(asked.effect.about)).values()
        return RubricRequest(document=document, transcript=transcript, recruiters=tuple(recruiters))

    @gathers(DraftJob.DRIFT)
    async def _drift(self, asked: Asked) -> DraftRequest:
        rejected = [each for each in await self._answers(asked.requisition) if each.verdict == "reject"]
        return DriftRequest(
            criteria=await self._criteria(asked.effect.about),
            rejected=tuple(
                Rejected(candidate=each.candidate, criterion=each.criterion, why=each.passage) for each in rejected
            ),
            names=await self._everybody(asked.requisition),
        )

    @gathers(DraftJob.MANAGER_UPDATE)
    async def _manager_update(self, asked: Asked) -> DraftRequest:
        return ManagerUpdateRequest(
            title=await self._title(asked.requisition),
            facts=await self._standing(asked),
            names=await self._everybody(asked.requisition),
        )

    async def _call(self, asked: Asked) -> dict[str, Any]:
        about = asked.effect.about
        document, transcript = await self._transcript(asked.effect)
        contact = await self._library.applicants.contact(asked.whom.id, asked.whom.human)
        return {
            "document": document,
            "transcript": transcript,
            "criteria": await self._criteria(about),
            "candidates": (contact.name,) if contact else (),
            "others": tuple((await self._names([asked.whom, about])).values()),
        }

    @gathers(DraftJob.DEBRIEF_BRIEF)
    async def _debrief(self, asked: Asked) -> DraftRequest:
        effect, candidate = asked.effect, asked.whom
        rubric = await self._rubric(effect.about)
        stream = stream_of("candidate", candidate.id)
        cards: dict[tuple[str, str], CardGiven] = {}
        for seq, card in await self._library.happened(stream, ScorecardSubmitted):
            ratings = []
            for rating in card.ratings:
                evidence = [
                    piece
                    for n, given in enumerate(rating.evidence)
                    async for piece in self._pieces(given, candidate.id, f"{stream}/{seq}/{rating.criterion}/{n}")
                ]
                ratings.append(CardRating(criterion=rating.criterion, score=rating.score, evidence=tuple(evidence)))
            cards[card.interview_id, card.person] = CardGiven(
                interview=card.interview_id, person=card.person, overall=card.overall, ratings=tuple(ratings)
            )
        contact = await self._library.applicants.contact(candidate.id, candidate.human)
        names = (await self._names([candidate, effect.about])).values()
        return DebriefRequest(
            criteria=tuple(sought(criterion) for criterion in rubric.criteria),
            musts=tuple(rubric.musts),
            cards=tuple(cards.values()),
            names=(*((contact.name,) if contact else ()), *names),
        )

    async def _pieces(self, evidence: Evidence, context: str, place: str) -> AsyncIterator[Passage]:
        """What a rating rests on: a quote leads to the transcript, an observation to its place on the card."""
        quote = evidence.quote
        if quote is not None:
            words = self._library.opened(quote.words, context)
            passage = Passage(span=Span(document=quote.document, start=quote.start, end=quote.end), words=words)
            try:
                text = await self._library.documents.text(quote.document)
            except NoSuchDocument:
                text = None
            if isinstance(text, Transcript):
                said = text.quote(passage.span)
                passage = Passage(span=passage.span, words=said.words, speaker=said.speaker, start_ms=said.start_ms)
            yield passage
        if observed := self._passage(place, evidence.observation, context):
            yield observed

    @gathers(DraftJob.SOURCING_BRIEF)
    async def _sourcing(self, asked: Asked) -> DraftRequest:
        effect, requisition = asked.effect, asked.requisition
        rubric = await self._rubric(effect.about)
        facts = [
            Fact(
                side="must" if criterion.weight == "must" else "growth",
                passage=_line(f"{requisition}/rubric/{rubric.version}/{criterion.id}", criterion.behaviour),
            )
            for criterion in sorted(rubric.criteria, key=lambda criterion: criterion.rank)
        ]
        for document in effect.inputs:
            facts += await self._from_the_intake(document, effect)
        facts += [
            Fact(side="answers", passage=each.passage, private=True)
            for each in await self._answers(requisition)
            if each.passage is not None
        ]
        return SourcingRequest(
            facts=tuple(facts),
            names=await self._everybody(requisition),
            earlier=await self._earlier(effect.about.get("earlier")),
            slate=effect.about.get("slate", 0),
        )

    async def _from_the_intake(self, document: str, effect: DraftOrdered) -> list[Fact]:
        try:
            text = await self._library.documents.text(document)
        except NoSuchDocument:
            return []
        if not isinstance(text, Transcript):
            return []
        names = tuple((await self._names(effect.about)).values())
        request = RubricRequest(document=document, transcript=text, recruiters=names)
        found = await self._drafter.draft(request)
        known = {topic.id: topic.text for topic in AGENDA}
        return [
            Fact(side=known[topic.topic], passage=passage)
            for topic in found.topics
            if topic.topic in SOUGHT_IN_THE_INTAKE
            for passage in topic.passages[:2]
        ]

    async def _answers(self, requisition: str) -> list[_Answer]:
        """What the hiring manager said on the requisition's profiles, of candidates who allow machine reading."""
        answers = []
        for candidate in await self._library.candidates(requisition):
            if candidate.no_ai or candidate.standing == "erased":
                continue
            stream = stream_of("candidate", candidate.id)
            for seq, said in await self._library.happened(stream, ProfileAnswered):
                words = self._passage(f"{stream}/{seq}", said.why or said.needs, candidate.id)
                answers.append(_Answer(candidate.id, said.verdict, said.criterion, words))
        return answers

    async def _standing(self, asked: Asked) -> tuple[Fact, ...]:
        """The update as it is counted, in lines; without names, because it lies under the requisition's own key."""
        requisition, until = asked.requisition, asked.order.decided_at
        since = until - scaled(A_WEEK, asked.effect.day)
        update = await self._library.update(requisition, since, until)
        if update is None:
            raise NothingToDraft("nobody drafts this here")
        return tuple(
            Fact(side=line.head, passage=_line(f"{requisition}/{line.place}", line.words))
            for line in update_lines(update)
        )

    @gathers(DraftJob.RETRO)
    async def _retro(self, asked: Asked) -> DraftRequest:
        requisition = asked.requisition
        stream = stream_of("requisition", requisition)
        latest: dict[str, tuple[int, RetroAnswered]] = {}
        for seq, said in await self._library.happened(stream, RetroAnswered):
            latest[said.side] = seq, said
        facts = [
            Fact(side=side, passage=_line(f"{stream}/{seq}/{n}", f"{kind}: {self._library.opened(line, requisition)}"))
            for side, (seq, said) in latest.items()
            for n, (kind, line) in enumerate((*(("worked", each) for each in said.worked), ("change", said.change)))
        ]
        return RetroRequest(
            title=await self._title(requisition), facts=tuple(facts), names=await self._everybody(requisition)
        )

    async def _earlier(self, draft: str | None) -> tuple[str, ...]:
        """What the brief before said; nothing of it is left once its subject is erased."""
        if draft is None:
            return ()
        found = await self._library.documents.draft(draft)
        return () if isinstance(found, Tombstone) else tuple(claim.text for claim in found.claims)

    def _passage(self, place: str, words: PersonalText | None, context: str) -> Passage | None:
        opened = " ".join(self._library.opened(words, context).split())
        return _line(place, opened) if opened else None

    async def _transcript(self, effect: DraftOrdered) -> tuple[str, Transcript]:
        document, text = await self._text(effect)
        if not isinstance(text, Transcript):
            raise NothingToDraft("notes cannot be quoted")
        return document, text

    async def _text(self, effect: DraftOrdered) -> tuple[str, SourceText]:
        document = effect.inputs[0]
        try:
            text = await self._library.documents.text(document)
        except NoSuchDocument:
            raise ApplicationError(document, type="no_such_document", non_retryable=True) from None
        if isinstance(text, Tombstone):
            raise NothingToDraft(ERASED)
        return document, text

    async def _rubric(self, about: dict[str, Any]) -> Rubric:
        rubric = await self._library.rubric(about["requisition"], about["rubric_version"])
        if rubric is None:
            raise NothingToDraft("there is no rubric yet")
        return rubric

    async def _ranked(self, about: dict[str, Any]) -> Sequence[Criterion]:
        """What is sought for: all criteria of the rubric in rank order, or those the draft is about."""
        rubric = await self._rubric(about)
        wanted = about.get("criteria")
        ranked = sorted(rubric.criteria, key=lambda criterion: criterion.rank)
        return [criterion for criterion in ranked if wanted is None or criterion.id in wanted]

    async def _criteria(self, about: dict[str, Any]) -> tuple[Topic, ...]:
        return tuple(sought(criterion) for criterion in await self._ranked(about))

    async def _title(self, requisition: str) -> str:
        return (await self._library.requisition(requisition)).title

    async def _everybody(self, requisition: str) -> tuple[str, ...]:
        """The names of the team and of the requisition's candidates, to be replaced before anything leaves."""
        names = [*(await self._names(await self._library.requisition(requisition))).values()]
        for candidate in await self._library.candidates(requisition):
            contact = await self._library.applicants.contact(candidate.id, candidate.human)
            names += [contact.name] if contact else []
        return tuple(names)

    async def _names(self, value: Any) -> dict[str, str]:
        people = await self._library.people.several(mentioned(value, "P-"))
        return {person: known.name for person, known in people.items()}


@dataclass(frozen=True)
class _Answer:
    candidate: str
    verdict: str
    criterion: str | None
    passage: Passage | None


def _line(place: str, words: str) -> Passage:
    """A line that stands in no document: its place is where it can be read in Tandem."""
    words = " ".join(words.split())
    return Passage(span=Span(document=place, start=0, end=len(words)), words=words)
