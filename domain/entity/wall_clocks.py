"""What an entity is told of a meeting whose zone goes by other rules than when it was booked."""

from __future__ import annotations

from domain.core.messages import Command
from domain.time.zones import Instant

RULES_CHANGED = "The clocks there go by other rules now. The meeting keeps its hour."


class KeepHour(Command, works="on_hold"):
    """A meeting that stood at one time is at another, so that clocks on the wall show what was agreed. Times in UTC.

    `meeting` is `intake`, `screen`, `debrief`, or an interview's id.
    """

    meeting: str
    stood_at: Instant
    starts_at: Instant
