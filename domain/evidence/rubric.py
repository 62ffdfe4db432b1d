"""The rubric: what the job asks, in behaviours, agreed by two people, versioned, dated and hashed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from domain.core.ids import OPAQUE
from domain.core.messages import Refusals, Value, refuse
from domain.core.plain_words import Plain
from domain.evidence.documents import Quote

OF_THE_JOB = Plain("of the job and of no person: signed by its hash, and read by everybody who judges by it")

CriterionId = Annotated[str, StringConstraints(pattern=r"^K[0-9]{1,3}$"), OPAQUE]
RequirementId = Annotated[str, StringConstraints(pattern=r"^Q[0-9]{1,3}$"), OPAQUE]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600), OF_THE_JOB]
InterviewKind = Literal["conversation", "panel", "work_sample", "reference"]

FEWEST, MOST = 3, 8


class Criterion(Value):
    """One behaviour the job asks for. Its id stays the same over versions; `values` marks the HR partner's own.

    `proof` says how it can be shown, `anchors` what a 1, 2, 3 and 4 look like, `span` where the intake said it.
    """

    id: CriterionId
    rank: int = Field(ge=1)
    behaviour: Line = Field(title="The behaviour")
    weight: Literal["must", "growth"]
    why: Line
    equivalents: tuple[Line, ...] = Field(default=(), title="What would be as good")
    proof: Line = Field(title="How it can be shown")
    questions: tuple[Line, ...] = Field(default=(), title="What every candidate is asked")
    anchors: dict[Literal["1", "2", "3", "4"], Line] = {}
    span: Quote | None = None
    values: bool = Field(default=False, title="A values criterion of the HR partner")

    def fingerprint(self) -> str:
        """A hash of what is judged by this criterion: two versions with the same one are comparable."""
        judged = self.model_dump(mode="json", include={"behaviour", "weight", "anchors", "equivalents", "proof"})
        return hashlib.sha256(json.dumps(judged, sort_keys=True).encode()).hexdigest()[:16]


class Requirement(Value):
    """A plain yes or no that the job needs (a licence, the right to work, a language), and why it is job-related."""

    id: RequirementId
    text: Line = Field(title="Requirement, yes or no")
    why: Line = Field(title="Why the job needs it")


class Round(Value):
    """One round of the interview plan: what it tests, and whether it is the last before the debrief."""

    round: int = Field(title="Round of the plan", ge=1)
    kind: InterviewKind
    criteria: tuple[CriterionId, ...]
    minutes: int = Field(title="How long, in minutes", ge=10, le=480)
    final: bool = Field(default=False, title="The final round")


class Agreement(Value):
    """What the two sides agree on about the requisition; agreed against actual is shown from the lock on."""

    candidates_expected: int = Field(title="How many candidates to expect", ge=1)
    within_days: int = Field(title="Within how many working days", ge=1)
    meet_every_days: int = Field(title="How often you two meet: every so many working days", ge=1)
    interviewing: Line = Field(title="What interviewing will look like")
    updates: Line = Field(title="Who is told what, and how")


class Rubric(Value):
    """One version of the rubric with the search agreement, the interview plan and the job text that go with it."""

    version: int
    criteria: tuple[Criterion, ...]
    requirements: tuple[Requirement, ...] = ()
    agreement: Agreement | None = None
    plan: tuple[Round, ...]
    job_text: str = Field(default="", max_length=20_000)

    def content_hash(self) -> str:
        """SHA-256 of the canonical JSON of everything that is signed: what both names stand under.

        A passage counts by its place in the intake, not by its words, which are sealed anew each time they travel.
        """
        content = self.model_dump(mode="json", exclude={"version": True, "criteria": {"__all__": {"span": {"words"}}}})
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def criterion(self, criterion_id: str) -> Criterion | None:
        """The criterion with this id, if there is one."""
        return next((c for c in self.criteria if c.id == criterion_id), None)

    @property
    def musts(self) -> frozenset[str]:
        """Ids of the must-have criteria."""
        return frozenset(c.id for c in self.criteria if c.weight == "must")

    def changes_from(self, earlier: Rubric) -> RubricDiff:
        """What is different here from an `earlier` version."""
        before, after = ({c.id: c for c in rubric.criteria} for rubric in (earlier, self))
        parts = ("requirements", "agreement", "plan", "job_text")
        return RubricDiff(
            added=tuple(key for key in after if key not in before),
            removed=tuple(key for key in before if key not in after),
            changed={
                key: fields
                for key in after
                if key in before and (fields := _different(before[key], after[key], Criterion.model_fields))
            },
            incomparable=tuple(
                key for key in before if key not in after or before[key].fingerprint() != after[key].fingerprint()
            ),
            parts=_different(earlier, self, parts),
        )

    def check(self) -> None:
        """Refuses a rubric nobody could judge by. Rules of `product.md`, "rubric"; wording is checked at the edge."""
        wrong = Refusals()
        for rule in (self._has_enough, self._is_whole, self._is_ranked, self._is_planned):
            with wrong:
                rule()
        wrong.raise_all()

    def _has_enough(self) -> None:
        if not FEWEST <= len(self.criteria) <= MOST:
            refuse(
                "criteria_count",
                f"The rubric has {len(self.criteria)} criteria.",
                f"{FEWEST} to {MOST} criteria.",
                "criteria",
            )
        if not self.musts:
            refuse("no_must_have", "No criterion is a must-have.", "At least one must-have.", "criteria")

    def _is_whole(self) -> None:
        wrong = Refusals()
        for criterion in self.criteria:
            where = f"criteria.{criterion.id}"
            with wrong:
                if set(criterion.anchors) != {"1", "2", "3", "4"}:
                    refuse(
                        "anchors_missing",
                        f"“{criterion.behaviour}” does not say what a 1, 2, 3 and 4 look like.",
                        "An anchor for each of 1 to 4.",
                        where,
                    )
            with wrong:
                if not criterion.questions:
                    refuse(
                        "questions_missing",
                        f"“{criterion.behaviour}” has no core question.",
                        "At least one question, asked of every candidate.",
                        where,
                    )
        wrong.raise_all()

    def _is_ranked(self) -> None:
        if sorted(c.rank for c in self.criteria) != list(range(1, len(self.criteria) + 1)):
            refuse("invalid", "The ranks do not run from 1 without a gap.", "Each rank once, from 1.", "criteria")

    def _is_planned(self) -> None:
        if not any(r.final for r in self.plan):
            refuse("no_final_round", "No round of the plan is the final one.", "A plan with a final round.", "plan")
        behaviours = {criterion.id: criterion.behaviour for criterion in self.criteria}
        tested = {criterion_id for r in self.plan for criterion_id in r.criteria}
        if untested := sorted(self.musts - tested):
            named = ", ".join(f"“{behaviours[id]}”" for id in untested)
            refuse(
                "must_have_untested",
                f"No round tests {named}.",
                "Every must-have in some round's criteria.",
                "plan",
            )
        if unknown := tested - behaviours.keys():
            refuse(
                "unknown_reference",
                f"The plan tests {', '.join(sorted(unknown))}, which the rubric lacks.",
                "Criteria of this rubric.",
                "plan",
            )


class RubricDiff(Value):
    """How one version of a rubric differs from another: ids of criteria, and the names of other parts that changed.

    `changed` names the fields of each criterion; scores on `incomparable` criteria of the earlier version say nothing
    about the later one until they are re-affirmed.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: dict[str, tuple[str, ...]] = {}
    incomparable: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def _different(before: Value, after: Value, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


class RubricFacts(Value):
    """What a candidate needs to know of the locked rubric: no words, only what is judged and in which round."""

    version: int
    content_hash: str
    weights: dict[str, Literal["must", "growth"]]
    fingerprints: dict[str, str]
    requirements: tuple[str, ...]
    plan: tuple[Round, ...]

    @classmethod
    def of(cls, rubric: Rubric) -> RubricFacts:
        """The facts of a rubric just locked."""
        return cls(
            version=rubric.version,
            content_hash=rubric.content_hash(),
            weights={c.id: c.weight for c in rubric.criteria},
            fingerprints={c.id: c.fingerprint() for c in rubric.criteria},
            requirements=tuple(r.id for r in rubric.requirements),
            plan=rubric.plan,
        )
