"""Escalation: what happens, step by step, to a task that is not done in time, and who hears of it. A policy file says
so.

product.md, "Clocks": at 75 % of its time the owner is warned; at the deadline it is breached, and owner and counterpart
know; one business day later the owner's lead; one more, and it is stuck. What a rung comes to on somebody's calendar
is in `domain.entity.clock_deadlines`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from string import Formatter
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError, field_validator

from domain.core.messages import Value
from domain.time.durations import Duration, ElapsedTime, EndOfWorkingDay, WorkingDays, WorkingTime

Recipient = Literal["owner", "counterpart", "owner_lead", "ops"]
"""Whom a rung tells: by message, but for `ops`, whose board and search attribute show it."""

RECIPIENTS: tuple[Recipient, ...] = get_args(Recipient)

PLACEHOLDERS = frozenset({"owner", "what", "search", "since", "due", "why"})
"""What a rung's sentence may name: who owes it, what (it follows "to"), in which requisition, open since when, due
when, and why it matters to the candidate."""

_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s?%")
_WORKING_DAY_HOURS = 8
_DURATION: TypeAdapter[Duration] = TypeAdapter(Duration)


class StepTime(NamedTuple):
    """When a rung comes: a share (0 to 1) of the time until the deadline, or a time after it; neither is the deadline
    itself."""

    share: float | None = None
    after: Duration | None = None

    @property
    def place(self) -> tuple[int, float]:
        """Where it stands among the others: shares, the deadline, then times after it by their length in days."""
        if self.share is not None:
            return 0, self.share
        return (1, 0.0) if self.after is None else (2, _days(self.after))


@lru_cache(maxsize=256)
def moment(words: str) -> StepTime:
    """`75 %`, `due` or `1 day after`. Raises ValueError for anything else, a share outside 1 to 99 % above all."""
    said = " ".join(words.lower().split())
    if said == "due":
        return StepTime()
    if share := _SHARE.fullmatch(said):
        percent = float(share[1])
        if not 1 <= percent <= 99:
            raise ValueError(f"'{words}' is not between 1 % and 99 % of the time.")
        return StepTime(share=percent / 100)
    if said.endswith(" after"):
        try:
            after: Duration = _DURATION.validate_python(said.removesuffix(" after"))
        except ValidationError as invalid:
            raise ValueError(invalid.errors()[0]["msg"].removeprefix("Value error, ")) from None
        if isinstance(after, EndOfWorkingDay):
            raise ValueError(f"'{words}' is no length of time.")
        return StepTime(after=after)
    raise ValueError(f"'{words}' is no time for an escalation step. Say '75 %', 'due' or '1 day after'.")


def _days(after: Duration) -> float:
    match after:
        case WorkingDays():
            return after.days
        case WorkingTime():
            return after.amount.total_seconds() / 3_600 / _WORKING_DAY_HOURS
        case ElapsedTime():
            return after.amount.total_seconds() / 86_400
    raise AssertionError("an escalation step comes so long after the deadline")


def _known_moment(words: str) -> str:
    moment(words)
    return " ".join(words.lower().split())


def _known_placeholders(sentence: str) -> str:
    try:
        parts = list(Formatter().parse(sentence))
    except ValueError:
        raise ValueError("A brace in a sentence opens or closes a placeholder, such as {due}.") from None
    for _, name, spec, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            known = ", ".join(f"{{{known}}}" for known in sorted(PLACEHOLDERS))
            raise ValueError(f"There is no placeholder {{{name}}}; there are {known}.")
    return sentence


Sentence = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_known_placeholders)]
"""What somebody is told, with `PLACEHOLDERS` in braces."""


class EscalationStep(Value):
    """One rung: when it comes, whom it tells in which words, and whether the promise then counts as stuck."""

    rung: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,30}$")]
    at: Annotated[str, AfterValidator(_known_moment)]
    tell: dict[Recipient, Sentence] = Field(description="Who is told, and the words.")
    interrupts: bool = Field(default=False, description="Whether it may be told at once, before the next digest.")
    stuck: bool = Field(default=False, description="Whether ops must look at it from then on.")

    @field_validator("tell")
    @classmethod
    def _somebody(cls, tell: dict[Recipient, Sentence]) -> dict[Recipient, Sentence]:
        if not tell:
            raise ValueError("An escalation step tells somebody: owner, counterpart, owner_lead or ops.")
        return tell

    @property
    def moment(self) -> StepTime:
        """When it comes."""
        return moment(self.at)


Escalation = tuple[EscalationStep, ...]


def mistakes(escalation: Escalation) -> Iterator[tuple[int, str]]:
    """What is wrong with these rungs taken together: the place of the rung that is meant, and a sentence."""
    names: set[str] = set()
    highest = (0, 0.0)
    for place, step in enumerate(escalation):
        if step.rung in names:
            yield place, f"There are two escalation steps called `{step.rung}`."
        if step.moment.place <= highest:
            yield place, f"`{step.rung}` does not come after the step before it; they stand in the order they come in."
        if step.stuck and step.moment.after is None:
            yield place, f"`{step.rung}` is not after the deadline: nothing is stuck before it is overdue."
        names.add(step.rung)
        highest = max(highest, step.moment.place)
    if not any(step.moment == StepTime() for step in escalation):
        yield 0, "No escalation step is at the deadline (`at: due`)."


DEFAULT_ESCALATION: Escalation = (
    EscalationStep(
        rung="warned",
        at="75 %",
        tell={"owner": "By {due} it is your turn to {what}, in the requisition “{search}”. {why}"},
    ),
    EscalationStep(
        rung="breached",
        at="due",
        tell={
            "owner": "You were to {what} by {due}, in the requisition “{search}”; "
            "it has been open since {since}. {why}",
            "counterpart": "{owner} was to {what} by {due}, in the requisition “{search}”, and has been told. {why}",
        },
        interrupts=True,
    ),
    EscalationStep(
        rung="escalated",
        at="1 day after",
        tell={
            "owner_lead": "{owner} was to {what} by {due}, in the requisition “{search}”, and a day has passed. {why}"
        },
    ),
    EscalationStep(
        rung="stuck",
        at="2 days after",
        tell={
            "ops": "{owner} was to {what} by {due}, in the requisition “{search}”, and nothing has moved since. {why}"
        },
        stuck=True,
    ),
)
"""The ladder of policies that do not say: product.md, "Clocks"."""
