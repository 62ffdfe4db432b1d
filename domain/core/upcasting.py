"""Upcasting: what an older build stored becomes what this one reads, before anybody sees it. The one place for it.

What is stored says of which kind it is and which `schema` it was written in. An upcaster takes one kind in one schema
to what is read today, or to the next step on the way there. Journal, outbox, carried states, effects that are not done
yet, rebuild and revive all read through here (`Typed.revive`, `Decider.read`), so nothing else knows of older shapes.

A new field with a default, and a field that is gone, need nothing: readers fill in the one and keep the other out of
the way. Everything else raises the kind's `schema_version` by one, unless the kind itself is new, and gets an upcaster
here for what was stored before. An upcaster may look at the payload alone, and changes a copy of it. SQL that names a
kind of event (`store/reports.py`, `store/command_lookups.py`) names the old one beside the new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple


class Stored(NamedTuple):
    """A value as it is written: its kind, the schema it was written in, its content as JSON."""

    kind: str
    schema: int
    payload: dict[str, Any]


Upcast = Callable[[dict[str, Any]], Iterable[Stored]]
"""From a payload to what it is today. An event may become several, or none: they share its number."""


class Upcasters:
    """Upcasters by kind and schema."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, int], Upcast] = {}
        self._becomes: dict[str, set[str]] = {}

    def upcasts(self, kind: str, schema: int = 1, becomes: Iterable[str] = ()) -> Callable[[Upcast], Upcast]:
        """Declares what becomes of `kind` in `schema`: the kinds in `becomes`, or a higher schema of its own."""

        def register(step: Upcast) -> Upcast:
            if (kind, schema) in self._steps:
                raise ValueError(f"{kind} in schema {schema} has an upcaster already")
            self._steps[kind, schema] = step
            for today in becomes:
                self._becomes.setdefault(today, set()).add(kind)
            return step

        return register

    def today(self, stored: Stored) -> list[Stored]:
        """What `stored` is today, each in the schema it is read in; itself where no upcaster is meant for it."""
        step = self._steps.get((stored.kind, stored.schema))
        if step is None:
            return [stored]
        return [last for next_one in step(dict(stored.payload)) for last in self.today(next_one)]

    def stored_as(self, kinds: Iterable[str]) -> set[str]:
        """`kinds` of today, and those they may be stored as: for whoever looks for them where they are stored."""
        found, new = set[str](), set(kinds)
        while new:
            found |= new
            new = {before for kind in new for before in self._becomes.get(kind, ())} - found
        return found


EVENTS = Upcasters()
"""Of events, by their kind."""

EFFECTS = Upcasters()
"""Of effects that were ordered and not carried out yet, by their kind; each becomes one effect."""

STATES = Upcasters()
"""Of the states that runs carry, by the name of the entity; each becomes one state."""
