"""How an effect is carried out: by which workers, how long one attempt may take, and for how long it is tried.

Plain data, kept on the effect's class; `workflows.policies` turns it into the engine's options.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Queue = Literal["flow", "language", "reach"]
"""Workers by what they do: run entities and their journal, draft, speak with the outside."""


@dataclass(frozen=True)
class Carriage:
    """An attempt is over after `attempt`, and earlier when it gives no sign of life for `heartbeat`.

    It is tried again after `first_pause`, each time twice as long up to `longest_pause`, until `tried_for` is over
    since it was first ordered; then it is given up, and becomes a task for a person.

    What `rides` is only said to somebody else in Tandem: the append that journals its event says it on the way, and
    only what could not be said in a moment is an activity of its own.
    """

    queue: Queue
    attempt: timedelta
    heartbeat: timedelta | None = None
    tried_for: timedelta = timedelta(days=2)
    first_pause: timedelta = timedelta(seconds=1)
    longest_pause: timedelta = timedelta(minutes=5)
    rides: bool = False
