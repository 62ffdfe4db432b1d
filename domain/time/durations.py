"""How long someone has, as a policy file says it: `{days: 3}`, `{hours: 1}`, '24 hours elapsed, else 2 working hours'.

A duration is a mapping whose keys tell of which kind it is, or the same in words; `str()` gives the words back.
What a duration comes to on somebody's calendar is in `domain.time.calendars`.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from domain.core.messages import Value

DAY = timedelta(days=1)

_Amount = Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)]


class _Length(Value):
    """Which keys there are says which kind it is: one too many is a mistake, whoever wrote it."""

    model_config = ConfigDict(extra="forbid")


class WorkingDays(_Length):
    """Until the same local time on the n-th next working day."""

    round_the_clock: ClassVar[bool] = False

    days: int = Field(ge=1, le=1_000)

    def __str__(self) -> str:
        return _words(self.days, "day")


class WorkingTime(_Length):
    """So many working hours and minutes."""

    round_the_clock: ClassVar[bool] = False

    hours: _Amount = 0
    minutes: _Amount = 0

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.amount:
            raise ValueError("A duration is longer than nothing.")
        return self

    @property
    def amount(self) -> timedelta:
        """The working time in all."""
        return timedelta(hours=self.hours, minutes=self.minutes)

    def __str__(self) -> str:
        return " ".join(_words(n, unit) for n, unit in ((self.hours, "hour"), (self.minutes, "minute")) if n)


class ElapsedTime(_Length):
    """So much time, whether anybody works or not; a day is 24 hours."""

    round_the_clock: ClassVar[bool] = True

    days: _Amount = 0
    hours: _Amount = 0
    minutes: _Amount = 0
    elapsed: Literal[True]

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.amount:
            raise ValueError("A duration is longer than nothing.")
        return self

    @property
    def amount(self) -> timedelta:
        """The time in all."""
        return timedelta(days=self.days, hours=self.hours, minutes=self.minutes)

    def __str__(self) -> str:
        units = ((self.days, "day"), (self.hours, "hour"), (self.minutes, "minute"))
        return " ".join(_words(n, unit) for n, unit in units if n) + " elapsed"


class ElapsedElseWorkingHours(ElapsedTime):
    """So much time; if it ends outside working time, so many working hours into the next working day."""

    else_working_hours: _Amount

    @property
    def otherwise(self) -> timedelta:
        """The working time into the next working day."""
        return timedelta(hours=self.else_working_hours)

    def __str__(self) -> str:
        return f"{super().__str__()}, else {_words(self.else_working_hours, 'working hour')}"


class EndOfWorkingDay(_Length):
    """Until the end of that working day, and at least so many working hours."""

    round_the_clock: ClassVar[bool] = False

    end_of_day: Literal[True]
    at_least_hours: _Amount = 0

    @property
    def at_least(self) -> timedelta:
        """The working time there is in any case."""
        return timedelta(hours=self.at_least_hours)

    def __str__(self) -> str:
        return "end of day" + (f", at least {_words(self.at_least_hours, 'hour')}" if self.at_least_hours else "")


_NUMBER = r"\d+(?:\.\d+)?"

_IN_WORDS = re.compile(
    rf"""end \s of \s day (?: , \s at \s least \s (?P<at_least_hours>{_NUMBER}) \s hours? )?
    |   (?: (?P<days>{_NUMBER}) \s days? )? \s?
        (?: (?P<hours>{_NUMBER}) \s hours? )? \s?
        (?: (?P<minutes>{_NUMBER}) \s minutes? )?
        (?P<elapsed> \s elapsed )?
        (?: , \s else \s (?P<else_working_hours>{_NUMBER}) \s working \s hours? )?""",
    re.VERBOSE,
)

_SECONDS = {"s": 1, "second": 1, "m": 60, "minute": 60, "h": 3_600, "hour": 3_600, "d": 86_400, "day": 86_400}

_LENGTH = re.compile(rf"({_NUMBER})\s*(s|m|h|d|(?:second|minute|hour|day)(?=s?$))s?")


def _from_words(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    words = " ".join(value.lower().split())
    match = _IN_WORDS.fullmatch(words)
    if not words or match is None:
        raise ValueError(
            f"'{value}' is not a duration. Say '3 days', '1 hour 30 minutes', '24 hours elapsed', "
            "'24 hours elapsed, else 2 working hours' or 'end of day, at least 2 hours'."
        )
    said: dict[str, Any] = {key: text for key, text in match.groupdict().items() if text is not None}
    if "elapsed" in said:
        said["elapsed"] = True
    return said if words[0].isdigit() else said | {"end_of_day": True}


def _kind(value: Any) -> str:
    keys = value if isinstance(value, Mapping) else dict(value) if isinstance(value, Value) else ()
    if "end_of_day" in keys:
        return "end_of_day"
    if "else_working_hours" in keys:
        return "else_working_hours"
    if "elapsed" in keys:
        return "elapsed"
    return "days" if "days" in keys else "hours"


def _length(value: Any) -> Any:
    if isinstance(value, str) and (match := _LENGTH.fullmatch(value.strip().lower())):
        return timedelta(seconds=float(match[1]) * _SECONDS[match[2]])
    return value


Duration = Annotated[
    Annotated[WorkingDays, Tag("days")]
    | Annotated[WorkingTime, Tag("hours")]
    | Annotated[ElapsedTime, Tag("elapsed")]
    | Annotated[ElapsedElseWorkingHours, Tag("else_working_hours")]
    | Annotated[EndOfWorkingDay, Tag("end_of_day")],
    Discriminator(_kind),
    BeforeValidator(_from_words),
]
"""Any of the five kinds, told apart by their keys, or words that say the same."""

DayLength = Annotated[timedelta, BeforeValidator(_length), Field(gt=timedelta(), le=DAY)]
"""How long a policy's day lasts, also as '6s' or '10 minutes'; at most a day."""


def scaled(amount: timedelta, day_length: timedelta | None) -> timedelta:
    """`amount` where 24 hours last `day_length`; unchanged where a day is a day."""
    return amount if day_length is None else amount * (day_length / DAY)


def _words(number: float, unit: str) -> str:
    return f"{number:.10g} {unit}" + ("" if number == 1 else "s")
