"""The shapes a model may answer in. There is no place in them for a recipient, a command, a decision or a rating.

Each field is required and none has a bound, which is what every endpoint that holds to a schema accepts (OpenAI,
"Structured outputs"; llama.cpp, grammars). What the values may be is checked in `language.llm_drafter`.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.evidence.draft_jobs import DraftJob


class LlmAnswer(BaseModel):
    """Nothing but what was asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WordsOnTopic(LlmAnswer):
    """Words that bear on a topic, by the number of the line they were copied from."""

    topic: str
    line: int
    words: str


class ReadingAnswer(LlmAnswer):
    """What was found in (a part of) a source."""

    found: list[WordsOnTopic]


class Statement(LlmAnswer):
    """A sentence and the numbers of the passages it rests on."""

    text: str
    rests_on: list[int]


class Judged(Statement):
    """A verdict on a criterion, with what the passages show."""

    criterion: str
    verdict: Literal["met", "partly", "not_met", "not_discussed"]


class SummaryAnswer(LlmAnswer):
    """A screen, summed up. The longest list is last: an answer that is cut off in it is still of use."""

    bullets: list[Statement]
    strongest: int
    verdicts: list[Judged]


class OnCriterion(Statement):
    """What passages show on a criterion."""

    criterion: str


class Part(LlmAnswer):
    """A part of a criterion, by its number."""

    criterion: str
    part: int


class Findings(LlmAnswer):
    """What an interview or a résumé shows."""

    findings: list[OnCriterion]
    not_shown: list[Part]


class DraftCriterion(LlmAnswer):
    """A criterion as the intake describes it."""

    behaviour: str
    weight: Literal["must", "growth"]
    why: str
    proof: str
    questions: list[str]
    anchors: list[str]
    rests_on: list[int]


class AgreementPoint(Statement):
    """A point of the search agreement."""

    point: Literal["candidates_expected", "within_days", "meet_every_days", "interviewing", "updates"]


class GlossaryTerm(Statement):
    """A word and what it means here."""

    term: str


class IntakeAnswer(LlmAnswer):
    """What an intake comes to."""

    criteria: list[DraftCriterion]
    agreement: list[AgreementPoint]
    job_description: list[Statement]
    glossary: list[GlossaryTerm]


class AgendaQuestion(LlmAnswer):
    """A question under a point of the agenda."""

    topic: str
    question: str


class QuestionsAnswer(LlmAnswer):
    """Further questions for an intake."""

    questions: list[AgendaQuestion]


class FactsLine(Statement):
    """A line of a draft that is written from facts, and the part of it where it belongs."""

    section: str


class FactsAnswer(LlmAnswer):
    """A draft that is written from facts."""

    lines: Sequence[FactsLine]


class SourcingLine(FactsLine):
    """A line of a sourcing brief."""

    section: Literal["look_for", "where", "approach", "rules_out", "changed"]


class SourcingAnswer(FactsAnswer):
    """A sourcing brief."""

    lines: list[SourcingLine]


class UpdateLine(FactsLine):
    """A line of an update."""

    section: Literal["now", "next", "needed"]


class UpdateAnswer(FactsAnswer):
    """An update to the hiring manager."""

    lines: list[UpdateLine]


class RetroLine(FactsLine):
    """A line of a retro's synthesis."""

    section: Literal["worked", "change", "apart"]


class RetroAnswer(FactsAnswer):
    """What a retro comes to."""

    lines: list[RetroLine]


class DebriefAnswer(LlmAnswer):
    """What to be careful with in a debrief."""

    over_weighted: list[Statement]
    wording: list[Statement]
    conflicts: list[OnCriterion]


class RewordedAnswer(LlmAnswer):
    """Vague words, made concrete."""

    question: str
    proposal: str


class ReasonCluster(LlmAnswer):
    """Reasons of one kind."""

    criterion: str
    label: str
    rests_on: list[int]


class DriftAnswer(LlmAnswer):
    """Why profiles were rejected."""

    clusters: list[ReasonCluster]
    amendment: Statement


FACTS: Mapping[str, type[FactsAnswer]] = {
    DraftJob.SOURCING_BRIEF: SourcingAnswer,
    DraftJob.MANAGER_UPDATE: UpdateAnswer,
    DraftJob.RETRO: RetroAnswer,
}
"""By the job: what a draft that is written from facts is answered in."""
