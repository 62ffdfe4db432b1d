"""What a drafter is asked: the job, the source as data, and whose names are in it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from domain.evidence.draft_jobs import DraftJob, KnownJob
from domain.evidence.drafts import DraftValue, Passage, Topic
from domain.evidence.resume import Resume
from domain.evidence.rubric import Criterion
from domain.evidence.text_rules import Use
from domain.evidence.transcript import Transcript


def sought(criterion: Criterion) -> Topic:
    """Return what a drafter seeks for a criterion: its behaviour, and every further word the rubric has for it."""
    parts = (*criterion.equivalents, criterion.proof)
    met = tuple(criterion.anchors[score] for score in ("3", "4") if score in criterion.anchors)
    also = (*criterion.questions, *parts, criterion.why, *met)
    return Topic(id=criterion.id, text=criterion.behaviour, also=also, parts=parts)


def worded(criteria: Iterable[Topic]) -> tuple[str, ...]:
    """Every word that the rubric has for these criteria."""
    return tuple(text for topic in criteria for text in (topic.text, *topic.also))


class DraftRequest(DraftValue, ABC):
    """Asks for one draft. `kind` is the job; each job has one class."""

    kind: KnownJob

    @property
    @abstractmethod
    def named(self) -> tuple[str, ...]:
        """The names that may stand in it, to be replaced before anything leaves the machine."""

    @property
    def company_words(self) -> tuple[str, ...]:
        """Words of the company itself, the names in which may be said of anybody."""
        return ()


class _NamedRequest(DraftRequest):
    """`names` are the people's that may stand in it."""

    names: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """See `DraftRequest.named`."""
        return self.names


class IntakeBriefRequest(DraftRequest):
    """Asks for the brief a hiring manager gets before the intake call, in the recruiter's name.

    `inherited_changes` are what the last retro with this manager or team said to change.
    """

    kind: KnownJob = DraftJob.INTAKE_BRIEF
    title: str
    team: str
    hiring_manager: str
    recruiter: str
    inherited_changes: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """See `DraftRequest.named`."""
        return (self.hiring_manager, self.recruiter)

    @property
    def company_words(self) -> tuple[str, ...]:
        """See `DraftRequest.company_words`."""
        return (self.title,)


class RubricRequest(DraftRequest):
    """Asks for the passages of an intake that the rubric can be written from, per point of the agenda.

    `recruiters` are the names of those who ask; what they say is a question and no answer. `document` is the
    transcript's id, which the spans of the draft carry.
    """

    kind: KnownJob = DraftJob.RUBRIC
    document: str
    transcript: Transcript
    recruiters: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """See `DraftRequest.named`."""
        return (*self.recruiters, *self.transcript.speakers)


class KitQuestion(DraftValue):
    """A question of the interview kit, and the criterion it is for."""

    criterion: str
    text: str


class CallRequest(DraftRequest):
    """A call with a candidate. Only what the candidate says is evidence about them.

    Who that is follows from `candidates` (the names they may go by), else from `others` (everyone else's names).
    """

    document: str
    transcript: Transcript
    criteria: tuple[Topic, ...]
    candidates: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """See `DraftRequest.named`."""
        return (*self.candidates, *self.others, *self.transcript.speakers)

    @property
    def company_words(self) -> tuple[str, ...]:
        """See `DraftRequest.company_words`."""
        return worded(self.criteria)


class SummaryRequest(CallRequest):
    """Asks for the summary of a screen; `criteria` in rank order."""

    kind: KnownJob = DraftJob.CANDIDATE_SUMMARY


class ScorecardRequest(CallRequest):
    """Asks for the evidence an interview gives on each focus criterion, and which of `questions` were not put."""

    kind: KnownJob = DraftJob.SCORECARD
    questions: tuple[KitQuestion, ...] = ()


class ResumeRequest(_NamedRequest):
    """Asks what a résumé shows on each criterion, in its own words. `names` are those the candidate goes by."""

    kind: KnownJob = DraftJob.RESUME_READING
    document: str
    resume: Resume
    criteria: tuple[Topic, ...]

    @property
    def company_words(self) -> tuple[str, ...]:
        """See `DraftRequest.company_words`."""
        return worded(self.criteria)


class Fact(DraftValue):
    """A line that is known, and where: what a drafter writes from when there is no document to read.

    `passage` holds its words, which are one line. `side` says whose it is where that matters. `private` words lie
    under another key than the draft will: the draft keeps their place and not the words.
    """

    passage: Passage
    side: str = ""
    private: bool = False


class FactsRequest(_NamedRequest):
    """A draft written from facts. `earlier` are the statements of the draft of its kind before, if they matter."""

    facts: tuple[Fact, ...]
    earlier: tuple[str, ...] = ()


class SourcingRequest(FactsRequest):
    """Asks for the sourcing brief: whom to look for and where.

    `facts` are the rubric's lines, what the intake said, and what was answered on the slates so far; of the `earlier`
    brief the new one says what changed and why.
    """

    kind: KnownJob = DraftJob.SOURCING_BRIEF
    slate: int = 0


class ManagerUpdateRequest(FactsRequest):
    """Asks for the update to the hiring manager: where the requisition stands, what comes next, what is needed of
    them."""

    kind: KnownJob = DraftJob.MANAGER_UPDATE
    title: str

    @property
    def company_words(self) -> tuple[str, ...]:
        """See `DraftRequest.company_words`."""
        return (self.title,)


class RetroRequest(FactsRequest):
    """Asks for what both sides' answers to a retro come to. `side` of a fact is R or H."""

    kind: KnownJob = DraftJob.RETRO
    title: str

    @property
    def company_words(self) -> tuple[str, ...]:
        """See `DraftRequest.company_words`."""
        return (self.title,)


class CardRating(DraftValue):
    """One rating of a card, with the words under it. `score` is None where it was not tested."""

    criterion: str
    score: int | None = Field(ge=1, le=4)
    evidence: tuple[Passage, ...] = ()


class CardGiven(DraftValue):
    """One interviewer's card, as it lies before the debrief. `person` is an id."""

    interview: str
    person: str
    overall: Literal["strong_no", "no", "yes", "strong_yes"]
    ratings: tuple[CardRating, ...]


class DebriefRequest(_NamedRequest):
    """Asks for all cards of a candidate beside each other. `musts` are ids among `criteria`."""

    kind: KnownJob = DraftJob.DEBRIEF_BRIEF
    criteria: tuple[Topic, ...]
    musts: tuple[str, ...]
    cards: tuple[CardGiven, ...]

    @property
    def company_words(self) -> tuple[str, ...]:
        """See `DraftRequest.company_words`."""
        return worded(self.criteria)


class RewordingRequest(_NamedRequest):
    """Asks for what would make vague words concrete. `criteria` are those they may be about."""

    kind: KnownJob = DraftJob.REWORDING
    words: str = Field(min_length=1)
    use: Use
    criteria: tuple[Topic, ...] = ()


class Rejected(DraftValue):
    """One profile that the hiring manager rejected: on which criterion, or outside the rubric (None) and why."""

    candidate: str
    criterion: str | None
    why: Passage | None = None


class DriftRequest(_NamedRequest):
    """Asks what the rejections of a requisition have in common, and what the rubric lacks."""

    kind: KnownJob = DraftJob.DRIFT
    criteria: tuple[Topic, ...]
    rejected: tuple[Rejected, ...]

    @property
    def company_words(self) -> tuple[str, ...]:
        """See `DraftRequest.company_words`."""
        return worded(self.criteria)
