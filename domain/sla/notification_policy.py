"""How much anybody is told: the numbers of product.md, "Messages", as data an administrator edits."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from pydantic import Field, field_validator

from domain.access.roles import ROLES, Most, ToldAs
from domain.core.messages import Value
from domain.time.durations import Duration, WorkingDays, WorkingTime

WEEK = timedelta(days=7)
"""Over which messages are counted: any seven days, not a week of the calendar."""


class Share(Value):
    """The most messages in any seven days. Of the digests, `kept` go out only with something the reader owes."""

    digests: int = Field(ge=0, le=100)
    interruptions: int = Field(ge=0, le=100)
    kept: int = Field(default=0, ge=0, le=100)


class Ceiling(Share):
    """The most messages in one role, and of them the most about `each` requisition (to a manager) or interview.

    `apart` is the least share of a week's working time between two digests: spread over the week, the last one is
    not spent on Tuesday.
    """

    apart: float = Field(ge=0, le=1)
    each: Share | None = None

    @classmethod
    def of(cls, most: Most) -> Self:
        """The ceiling that a role's row says."""
        each = most.each and Share(**{name: getattr(most.each, name) for name in Share.model_fields})
        return cls.model_validate(most._asdict() | {"each": each})


SHIPPED: dict[ToldAs, Ceiling] = {
    row.notified.name: Ceiling.of(row.notified.most) for row in ROLES.values() if row.notified is not None
}
"""The ceilings of roles that a policy says nothing of."""


class MessagePolicy(Value):
    """When a message goes out. The defaults are those of `deploy/sla/default.yaml`.

    What is to be said waits for `gather`, so that five mails become one; a breach only for `settle`, so that five at
    one deadline do. The same thing is not said again within `again`, nor anybody interrupted within `interrupted`.
    """

    gather: Duration = WorkingTime(hours=1)
    settle: Duration = WorkingTime(minutes=10)
    again: Duration = WorkingDays(days=1)
    interrupted: Duration = WorkingDays(days=1)
    ceilings: dict[ToldAs, Ceiling] = dict(SHIPPED)

    @field_validator("ceilings")
    @classmethod
    def _everybody_has_one(cls, ceilings: dict[ToldAs, Ceiling]) -> dict[ToldAs, Ceiling]:
        return {**SHIPPED, **ceilings}
