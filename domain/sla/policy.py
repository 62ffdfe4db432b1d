"""The company's promises as data: how long each clock runs, its ladder, and the numbers the gates go by."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from domain.access.roles import COUNTERPARTS, OwingRole
from domain.core.messages import OneCopy, Value
from domain.sla.escalation import DEFAULT_LADDER, Escalation, EscalationStep, mistakes
from domain.sla.notification_policy import MessagePolicy
from domain.time.durations import Duration


class Policy(Value):
    """What an administrator edits in a file. A change applies to clocks started after it.

    `day` is how long a day lasts: None for real days; the demo's are seconds, and every duration, elapsed ones too,
    shrinks with it. `clocks` gives each clock its time, `ladder` what happens by and by to one that is not kept, in
    order, and `counterparts` the role on the other side of each that owes; the rest are the numbers `product.md` names.
    """

    name: str
    day: timedelta | None = None
    clocks: dict[str, Duration]
    ladder: Escalation = DEFAULT_LADDER
    counterparts: dict[OwingRole, OwingRole] = dict(COUNTERPARTS)
    slate_size: int = Field(default=5, ge=1, le=20)
    debrief_minutes: int = Field(default=30, ge=10, le=60)
    pulse_after: Duration
    pulse_every: Duration
    retro_after: Duration
    comp_signal_after: Duration
    defer_at_most: Duration
    next_word_at_most: Duration
    wait_at_most: Duration
    hold_at_most: Duration
    interview_notice: Duration
    offer_answer_at_least: Duration
    resign_evergreen_after: Duration
    resign_reopened_after: Duration
    retention: Duration
    messages: MessagePolicy = MessagePolicy()

    @field_validator("ladder")
    @classmethod
    def _a_ladder(cls, ladder: Escalation) -> Escalation:
        for place, sentence in mistakes(ladder):
            raise PydanticCustomError("ladder", "{sentence}", {"sentence": sentence, "place": place})
        return ladder

    @field_validator("counterparts")
    @classmethod
    def _everybody_has_one(cls, counterparts: dict[OwingRole, OwingRole]) -> dict[OwingRole, OwingRole]:
        if missing := COUNTERPARTS.keys() - counterparts.keys():
            raise ValueError(f"Who is the counterpart of: {', '.join(sorted(missing))}?")
        for role, other in counterparts.items():
            if role == other or other in ("interviewer", "second_signer"):
                raise ValueError(f"The counterpart of {role} is recruiter, hiring_manager or hr_partner, not {other}.")
        return counterparts

    @property
    def deadline(self) -> EscalationStep:
        """The rung at the deadline itself."""
        return next(rung for rung in self.ladder if rung.at == "due")

    def rung(self, name: str) -> EscalationStep:
        """The rung of this name. Raises StopIteration where there is none."""
        return next(rung for rung in self.ladder if rung.rung == name)


KnownPolicy = Annotated[Policy, AfterValidator(OneCopy(Policy.model_dump_json))]
"""A policy of which equal ones are one object in memory."""
