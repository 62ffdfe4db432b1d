"""What a drafter is asked: the job, the source as data, and whose names are in it."""

from typing import Annotated, Literal

from pydantic import Field

from domain.evidence.drafts import DraftValue, Passage, Topic
from domain.evidence.rubric import Criterion
from domain.evidence.text_rules import Use
from domain.evidence.transcript import Resume, Transcript


def sought(criterion: Criterion) -> Topic:
    """Return what a drafter seeks for a criterion: its behaviour, and every further word the rubric has for it."""
    parts = (*criterion.equivalents, criterion.proof)
    met = tuple(criterion.anchors[score] for score in ("3", "4") if score in criterion.anchors)
    also = (*criterion.questions, *parts, criterion.why, *met)
    return Topic(id=criterion.id, text=criterion.behaviour, also=also, parts=parts)


class IntakeBriefRequest(DraftValue):
    """Asks for the brief a hiring manager gets before the intake call, in the recruiter's name.

    `inherited_changes` are what the last retro with this manager or team said to change.
    """

    kind: Literal["intake_brief"] = "intake_brief"
    title: str
    team: str
    hiring_manager: str
    recruiter: str
    inherited_changes: tuple[str, ...] = ()


class RubricRequest(DraftValue):
    """Asks for the passages of an intake that the rubric can be written from, per point of the agenda.

    `recruiters` are the names of those who ask; what they say is a question and no answer. `document` is the
    transcript's id, which the spans of the draft carry.
    """

    kind: Literal["rubric"] = "rubric"
    document: str
    transcript: Transcript
    recruiters: tuple[str, ...] = ()


class KitQuestion(DraftValue):
    """A question of the interview kit, and the criterion it is for."""

    criterion: str
    text: str


class _CandidateCall(DraftValue):
    """A call with a candidate. Only what the candidate says is evidence about them.

    Who that is follows from `candidates` (the names they may go by), else from `others` (everyone else's names).
    """

    document: str
    transcript: Transcript
    criteria: tuple[Topic, ...]
    candidates: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class SummaryRequest(_CandidateCall):
    """Asks for the summary of a screen; `criteria` in rank order."""

    kind: Literal["candidate_summary"] = "candidate_summary"


class ScorecardRequest(_CandidateCall):
    """Asks for the evidence an interview gives on each focus criterion, and which of `questions` were not put."""

    kind: Literal["scorecard"] = "scorecard"
    questions: tuple[KitQuestion, ...] = ()


class ResumeRequest(DraftValue):
    """Asks what a résumé shows on each criterion, in its own words. `names` are those the candidate goes by."""

    kind: Literal["resume_reading"] = "resume_reading"
    document: str
    resume: Resume
    criteria: tuple[Topic, ...]
    names: tuple[str, ...] = ()


class Fact(DraftValue):
    """A line that is known, and where: what a drafter writes from when there is no document to read.

    `passage` holds its words, which are one line. `side` says whose it is where that matters. `private` words lie
    under another key than the draft will: the draft keeps their place and not the words.
    """

    passage: Passage
    side: str = ""
    private: bool = False


class _FromFacts(DraftValue):
    """A draft written from facts. `names` are the people's, to be replaced before anything leaves the machine."""

    facts: tuple[Fact, ...]
    names: tuple[str, ...] = ()


class SourcingRequest(_FromFacts):
    """Asks for the sourcing brief: whom to look for and where.

    `facts` are the rubric's lines, what the intake said, and what was answered on the slates so far; `earlier` are the
    statements of the brief before, of which the new one says what changed and why.
    """

    kind: Literal["sourcing_brief"] = "sourcing_brief"
    earlier: tuple[str, ...] = ()
    slate: int = 0


class ManagerUpdateRequest(_FromFacts):
    """Asks for the update to the hiring manager: where the search stands, what comes next, what is needed of them."""

    kind: Literal["manager_update"] = "manager_update"
    title: str


class RetroRequest(_FromFacts):
    """Asks for what both sides' answers to a retro come to. `side` of a fact is R or H."""

    kind: Literal["retro"] = "retro"
    title: str


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


class DebriefRequest(DraftValue):
    """Asks for all cards of a candidate beside each other. `musts` are ids among `criteria`."""

    kind: Literal["debrief_brief"] = "debrief_brief"
    criteria: tuple[Topic, ...]
    musts: tuple[str, ...]
    cards: tuple[CardGiven, ...]
    names: tuple[str, ...] = ()


class RewordingRequest(DraftValue):
    """Asks for what would make vague words concrete. `criteria` are those they may be about."""

    kind: Literal["rewording"] = "rewording"
    words: str = Field(min_length=1)
    use: Use
    criteria: tuple[Topic, ...] = ()
    names: tuple[str, ...] = ()


class Rejected(DraftValue):
    """One profile that the hiring manager rejected: on which criterion, or outside the rubric (None) and why."""

    candidate: str
    criterion: str | None
    why: Passage | None = None


class DriftRequest(DraftValue):
    """Asks what the rejections of a search have in common, and what the rubric lacks."""

    kind: Literal["drift"] = "drift"
    criteria: tuple[Topic, ...]
    rejected: tuple[Rejected, ...]
    names: tuple[str, ...] = ()


DraftRequest = Annotated[
    IntakeBriefRequest
    | RubricRequest
    | SummaryRequest
    | ScorecardRequest
    | ResumeRequest
    | SourcingRequest
    | ManagerUpdateRequest
    | RetroRequest
    | DebriefRequest
    | RewordingRequest
    | DriftRequest,
    Field(discriminator="kind"),
]
