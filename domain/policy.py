"""The company's promises as data: how long each clock runs, and the numbers the gates go by."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from domain.durations import Duration
from domain.kernel import Value


class Policy(Value):
    """What an administrator edits in a file. A change applies to clocks started after it.

    `day` is how long a day lasts: None for real days; the demo's are seconds, and every duration, elapsed ones too,
    shrinks with it. `clocks` gives each clock its time; the rest are the numbers `product.md` names.
    """

    name: str
    day: timedelta | None = None
    clocks: dict[str, Duration]
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
