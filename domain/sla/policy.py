"""The company's SLAs as data: how long each clock runs, its escalation, and the numbers the gates go by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, TypeAdapter, field_validator
from pydantic_core import PydanticCustomError

from domain.access.roles import COUNTERPARTS, OwnerRole
from domain.core.messages import OneCopy, Value
from domain.sla.catalogue import CLOCKS
from domain.sla.escalation import DEFAULT_ESCALATION, Escalation, EscalationStep, mistakes
from domain.sla.notification_policy import MessagePolicy
from domain.time.durations import Duration, ElapsedTime, WorkingDays

OF_ANOTHER_BUILD: Duration = WorkingDays(days=2)
"""For a clock that runs and that neither the policy nor this build knows: a newer build began it."""

_DURATION: TypeAdapter[Duration] = TypeAdapter(Duration)

T = TypeVar("T")


def by_place(table: Mapping[str, T], jurisdiction: str) -> T | None:
    """What a table by ISO 3166 code says of a place: a state's own line, else its country's; None without either."""
    code = jurisdiction.upper()
    return table.get(code, table.get(code.split("-")[0]))


@lru_cache(maxsize=256)
def _time(words: str) -> Duration:
    return _DURATION.validate_python(words)


class Policy(Value):
    """What an administrator edits in a file. A change applies to clocks started after it.

    `day` is how long a day lasts: None for real days; the demo's are seconds, and every duration, elapsed ones too,
    shrinks with it. `clocks` gives each clock its time, `ladder` what happens by and by to one that is not kept, in
    order, and `counterparts` the role on the other side of each that owes. `retention` is how long a candidate's data
    are kept after the end, `retention_by_jurisdiction` how long instead where the law of such a place holds; the law's
    own minimum stands under both (`domain/sla/retention.py`). The rest are the numbers `product.md` names.

    Whatever one does not say is as shipped, so that a policy of before there was a clock, a role or a number still
    holds: the defaults here are those of `deploy/sla/default.yaml`. Ask `time_of` how long a clock runs.
    """

    name: str
    day: timedelta | None = None
    clocks: dict[str, Duration] = Field(
        default_factory=lambda: {name: _time(row.default) for name, row in CLOCKS.items()}
    )
    ladder: Escalation = DEFAULT_ESCALATION
    counterparts: dict[OwnerRole, OwnerRole] = dict(COUNTERPARTS)
    slate_size: int = Field(default=5, ge=1, le=20)
    debrief_minutes: int = Field(default=30, ge=10, le=60)
    pulse_after: Duration = ElapsedTime(days=14, elapsed=True)
    pulse_every: Duration = ElapsedTime(days=28, elapsed=True)
    retro_after: Duration = ElapsedTime(hours=48, elapsed=True)
    comp_signal_after: Duration = WorkingDays(days=5)
    defer_at_most: Duration = WorkingDays(days=2)
    next_word_at_most: Duration = WorkingDays(days=10)
    wait_at_most: Duration = WorkingDays(days=20)
    hold_at_most: Duration = ElapsedTime(days=90, elapsed=True)
    interview_notice: Duration = ElapsedTime(hours=24, elapsed=True)
    offer_answer_at_least: Duration = WorkingDays(days=2)
    resign_evergreen_after: Duration = ElapsedTime(days=180, elapsed=True)
    resign_reopened_after: Duration = ElapsedTime(days=90, elapsed=True)
    retention: Duration = ElapsedTime(days=365, elapsed=True)
    retention_by_jurisdiction: dict[str, Duration] = {}
    messages: MessagePolicy = MessagePolicy()

    @field_validator("ladder")
    @classmethod
    def _an_escalation(cls, escalation: Escalation) -> Escalation:
        for place, sentence in mistakes(escalation):
            raise PydanticCustomError("ladder", "{sentence}", {"sentence": sentence, "place": place})
        return escalation

    @field_validator("counterparts")
    @classmethod
    def _everybody_has_one(cls, counterparts: dict[OwnerRole, OwnerRole]) -> dict[OwnerRole, OwnerRole]:
        for role, other in counterparts.items():
            if role == other or other in ("interviewer", "second_signer"):
                raise ValueError(f"The counterpart of {role} is recruiter, hiring_manager or hr_partner, not {other}.")
        return {**COUNTERPARTS, **counterparts}

    def time_of(self, clock: str) -> Duration:
        """How long the clock of this name runs."""
        return self.clocks.get(clock) or (_time(CLOCKS[clock].default) if clock in CLOCKS else OF_ANOTHER_BUILD)

    def retention_in(self, jurisdiction: str) -> Duration:
        """How long the company keeps a candidate's data after the end, where this law holds."""
        return by_place(self.retention_by_jurisdiction, jurisdiction) or self.retention

    @property
    def deadline(self) -> EscalationStep:
        """The rung at the deadline itself."""
        return next(step for step in self.ladder if step.at == "due")

    def escalation_step(self, name: str) -> EscalationStep:
        """The rung of this name. Raises StopIteration where there is none."""
        return next(step for step in self.ladder if step.rung == name)


KnownPolicy = Annotated[Policy, AfterValidator(OneCopy(Policy.model_dump_json))]
"""A policy of which equal ones are one object in memory."""
