"""Drafts and what they are asked from: passages that anyone can look up, until a named person confirms or edits them.

A draft decides nothing and rates nobody. Each passage is a span of one document, so every line leads to its words.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.transcript import Resume, Span, Transcript

DraftKind = Literal[
    "intake_brief", "rubric", "candidate_summary", "scorecard", "resume_reading", "debrief_brief", "sourcing_brief",
    "manager_update", "retro",
]  # fmt: skip
BRIEF_WORDS = 225
"""The longest brief before an intake call: what can be read aloud in 90 seconds."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Topic(_Value):
    """What passages are sought for: a point of the agenda, or a criterion of the rubric.

    `text` says it in a phrase (a criterion's behaviour); `also` are further words for it, best first: the core
    questions, equivalents, how it can be shown.
    """

    id: str = Field(min_length=1)
    text: str = Field(min_length=1)
    also: tuple[str, ...] = ()


class Passage(_Value):
    """Words of a source, exactly as they stand there.

    `speaker` is None in a résumé; `start_ms` (milliseconds into the recording) is None where the file has no times.
    """

    span: Span
    words: str
    speaker: str | None = None
    start_ms: int | None = None


class TopicPassages(_Value):
    """The passages that bear on one topic (by its id), the likeliest first; none if nothing was found."""

    topic: str
    passages: tuple[Passage, ...]


class Bullet(_Value):
    """One line of a summary and the words it rests on."""

    text: str
    span: Span


class CandidateSummary(_Value):
    """A screen for the hiring manager: at most five bullets, the strongest quote, what pay the candidate expects.

    Fewer bullets mean that fewer passages were found. What someone earns or earned is never in it.
    """

    bullets: tuple[Bullet, ...] = Field(max_length=5)
    strongest: Passage | None
    expectation: Passage | None
    verdict: Literal["not_judged"] = "not_judged"


class Draft(_Value):
    """What a drafter made. `note` says to its reader how it was made and what it leaves to them."""

    kind: DraftKind
    drafter: str
    note: str
    text: str = ""
    topics: tuple[TopicPassages, ...] = ()
    summary: CandidateSummary | None = None


class IntakeBriefRequest(_Value):
    """Asks for the brief a hiring manager gets before the intake call, in the recruiter's name.

    `inherited_changes` are what the last retro with this manager or team said to change.
    """

    kind: Literal["intake_brief"] = "intake_brief"
    title: str
    team: str
    hiring_manager: str
    recruiter: str
    inherited_changes: tuple[str, ...] = ()


class RubricRequest(_Value):
    """Asks for the passages of an intake that the rubric can be written from, per point of the agenda.

    `recruiters` are the names of those who ask; what they say is a question and no answer. `document` is the
    transcript's id, which the spans of the draft carry.
    """

    kind: Literal["rubric"] = "rubric"
    document: str
    transcript: Transcript
    recruiters: tuple[str, ...] = ()


class _CandidateCall(_Value):
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
    """Asks for the evidence an interview gives on each focus criterion."""

    kind: Literal["scorecard"] = "scorecard"


class ResumeRequest(_Value):
    """Asks what a résumé shows on each criterion, in its own words."""

    kind: Literal["resume_reading"] = "resume_reading"
    document: str
    resume: Resume
    criteria: tuple[Topic, ...]


DraftRequest = Annotated[
    IntakeBriefRequest | RubricRequest | SummaryRequest | ScorecardRequest | ResumeRequest, Field(discriminator="kind")
]
