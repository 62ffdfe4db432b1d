"""Drafts: statements and the passages they rest on, until a named person confirms or edits them.

A draft decides nothing and rates nobody. Each passage is a span of one document, so every line leads to its words.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.core.source_text import Span
from domain.evidence.draft_jobs import KnownJob, draft_job

Verdict = Literal["met", "partly", "not_met", "not_discussed", "not_judged"]
BRIEF_WORDS = 225
"""The longest brief before an intake call: what can be read aloud in 90 seconds."""


class DraftValue(BaseModel):
    """Immutable. What another build stored beside what this one knows is not read."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"additionalProperties": False})


class Topic(DraftValue):
    """What passages are sought for: a point of the agenda, or a criterion of the rubric.

    `text` says it in a phrase (a criterion's behaviour); `also` are further words for it, best first: the core
    questions, equivalents, how it can be shown. `parts` are those of a criterion that one can be silent on: its
    equivalents and its proof.
    """

    id: str = Field(min_length=1)
    text: str = Field(min_length=1)
    also: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


class Passage(DraftValue):
    """Words of a source, exactly as they stand there.

    `speaker` is None in a résumé; `start_ms` (milliseconds into the recording) is None where the file has no times.
    `words` are empty where the draft lies under another key than its source: they are read in the source.
    """

    span: Span
    words: str
    speaker: str | None = None
    start_ms: int | None = None


class TopicPassages(DraftValue):
    """The passages that bear on one topic (by its id), the likeliest first; none if nothing was found."""

    topic: str
    passages: tuple[Passage, ...]


class Claim(DraftValue):
    """A statement and the passages it rests on: never without one, and each number in it stands in one of them."""

    text: str = Field(min_length=1)
    rests_on: tuple[Passage, ...] = Field(min_length=1)


class PerhapsAsked(DraftValue):
    """A question of the kit, and the words that may have put it."""

    question: str
    asked: Passage


class Finding(DraftValue):
    """What a source says on one criterion (by its id), or, in a draft of a rubric, on one point of the agenda.

    `verdict` is the drafter's, and there is none but in a candidate summary by a model. `not_shown` are the parts of
    the criterion that the source is silent on, in the criterion's own words; `not_asked` the kit's questions that
    nobody put, `perhaps_asked` those of which that is not sure.
    """

    criterion: str
    verdict: Verdict = "not_judged"
    claims: tuple[Claim, ...] = ()
    not_shown: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    perhaps_asked: tuple[PerhapsAsked, ...] = ()

    @model_validator(mode="after")
    def _rests_on_something(self) -> Self:
        if self.verdict in ("met", "partly", "not_met") and not self.claims:
            raise ValueError("a verdict rests on what was said")
        return self


class CandidateSummary(DraftValue):
    """A screen for the hiring manager: at most five bullets, the strongest quote, what pay the candidate expects.

    Fewer bullets mean that fewer passages were found. What someone earns or earned is never in it. The verdicts per
    criterion are the draft's `findings`.
    """

    bullets: tuple[Claim, ...] = Field(max_length=5)
    strongest: Passage | None
    expectation: Passage | None


class AgendaPoint(DraftValue):
    """One point of the intake's agenda: answered if anybody but the recruiter said something on it, else asked or not.

    `asked` is where the recruiter asks it, or perhaps does; `answers` is what was said on it. A point is told as
    missing only where nothing was said that may have asked it.
    """

    topic: str
    status: Literal["answered", "asked", "perhaps", "missing"]
    asked: Passage | None = None
    answers: tuple[Passage, ...] = ()


class CriterionDraft(DraftValue):
    """A criterion as a drafter would word it, and where the intake said so. The recruiter edits it into the rubric.

    `anchors` are the words for 1, 2, 3 and 4, in that order; `needs` the question that would make it concrete, where
    it is not.
    """

    behaviour: str = Field(min_length=1)
    weight: Literal["must", "growth"]
    why: str
    proof: str
    questions: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    rests_on: tuple[Passage, ...] = Field(min_length=1)
    needs: str | None = None


class IntakeReading(DraftValue):
    """What an intake call settled: the agenda's coverage, criteria, and passages that would clone a person.

    `for_hr` are passages that ask for somebody like a certain person and that no behaviour was made of.
    """

    coverage: tuple[AgendaPoint, ...]
    criteria: tuple[CriterionDraft, ...] = ()
    for_hr: tuple[Passage, ...] = ()


class Section(DraftValue):
    """Statements under one head: of a sourcing brief, an update, a retro, a job description, a glossary …"""

    head: str = Field(min_length=1)
    claims: tuple[Claim, ...] = Field(min_length=1)


class CardView(DraftValue):
    """How one interviewer rated a criterion, and on what."""

    interview: str
    person: str
    score: int = Field(ge=1, le=4)
    evidence: tuple[Passage, ...] = ()


class Compared(DraftValue):
    """One criterion as the scorecards see it: `agreed` if all who rated it are on the same side of 2 and 3.

    `apart` says what the two sides saw differently, where a model said so and rested it on words from both.
    """

    criterion: str
    agreed: bool
    views: tuple[CardView, ...] = Field(min_length=1)
    apart: Claim | None = None


class DebriefBrief(DraftValue):
    """All scorecards of a candidate beside each other. Who rated what is read from them, by nobody's judgement.

    `not_gathered` are the criteria that no card rates; `over_weighted` and `wording` what to be careful with, each on
    the words that made a drafter say so.
    """

    compared: tuple[Compared, ...] = ()
    not_gathered: tuple[str, ...] = ()
    over_weighted: tuple[Claim, ...] = ()
    wording: tuple[Claim, ...] = ()


class Rewording(DraftValue):
    """Vague words: which, the question that would make them concrete, and a rewrite to accept or change.

    There is no rewrite where nothing concrete was said: a drafter must not make it up.
    """

    vague: tuple[str, ...]
    question: str
    proposal: str | None = None


class Cluster(DraftValue):
    """Profiles rejected for the same kind of reason: under a criterion (by id), or outside the rubric (None).

    The words lie under each candidate's own key: `rests_on` gives their places, without words.
    """

    criterion: str | None
    label: str
    rests_on: tuple[Passage, ...] = Field(min_length=1)


class DriftReading(DraftValue):
    """Why profiles were rejected, against the rubric; a proposed criterion where the reasons do not fit it."""

    clusters: tuple[Cluster, ...] = ()
    amendment: Claim | None = None


class Making(DraftValue):
    """How a draft was made, for its record: by which model and prompts, at what cost, and what was let go.

    `kept` and `dropped` count statements that did and did not stand up to their passages. `withheld` are the places
    in the sources that address a machine instead of a reader: no drafter reads them. `failed` is why no model's draft
    came of it, a word of `language.draft_failures`.
    """

    model: str | None = None
    prompts: tuple[str, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    calls: int = 0
    kept: int = 0
    dropped: int = 0
    withheld: tuple[Span, ...] = ()
    language: str = "en"
    failed: str | None = None


class Draft(DraftValue):
    """What a drafter made. `note` says to its reader how it was made and what it leaves to them.

    `topics` are the passages that bear on each topic, whoever drafts. Which other parts there are depends on `kind`:
    `findings` (résumé, screen, interview), `summary`, `intake`, `debrief`, `rewording`, `drift`, else `sections`.
    """

    kind: KnownJob
    drafter: str
    note: str
    text: str = ""
    topics: tuple[TopicPassages, ...] = ()
    summary: CandidateSummary | None = None
    findings: tuple[Finding, ...] = ()
    intake: IntakeReading | None = None
    sections: tuple[Section, ...] = ()
    debrief: DebriefBrief | None = None
    rewording: Rewording | None = None
    drift: DriftReading | None = None
    making: Making = Making()

    @model_validator(mode="after")
    def _judges_nobody_but_a_screen(self) -> Self:
        if any(finding.verdict != "not_judged" for finding in self.findings) and not draft_job(self.kind).judges:
            raise ValueError(f"a draft of a {draft_job(self.kind).words} has no verdicts")
        return self

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every statement of the draft that rests on passages."""
        found = [claim for finding in self.findings for claim in finding.claims]
        found += [claim for section in self.sections for claim in section.claims]
        found += self.summary.bullets if self.summary else ()
        if self.intake:
            found += [Claim(text=each.behaviour, rests_on=each.rests_on) for each in self.intake.criteria]
        if self.debrief:
            found += [*self.debrief.over_weighted, *self.debrief.wording]
        if self.drift:
            found += [Claim(text=cluster.label, rests_on=cluster.rests_on) for cluster in self.drift.clusters]
            found += [self.drift.amendment] if self.drift.amendment else []
        return tuple(found)

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Every passage the draft shows or rests on, each place once."""
        found = [passage for topic in self.topics for passage in topic.passages]
        found += [passage for claim in self.claims for passage in claim.rests_on]
        if self.summary:
            found += [each for each in (self.summary.strongest, self.summary.expectation) if each]
        if self.intake:
            found += self.intake.for_hr
            for point in self.intake.coverage:
                found += [*([point.asked] if point.asked else []), *point.answers]
        found += [each.asked for finding in self.findings for each in finding.perhaps_asked]
        if self.debrief:
            found += [piece for each in self.debrief.compared for view in each.views for piece in view.evidence]
        return tuple({passage.span: passage for passage in found}.values())
