"""Meetings keep the hour that was agreed, whatever becomes of their country's clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import NaiveDatetime

from domain.core.messages import Value
from domain.time.zones import Zone, instant_of, zone_named


class WallClock(Value):
    """What the clocks of `zone` showed for a meeting when it was booked; a naive time of day there."""

    zone: Zone
    shows: NaiveDatetime

    @classmethod
    def at(cls, instant: datetime, zone: str) -> Self:
        """What the clocks of `zone` show at `instant`, by the rules this build knows."""
        return cls(zone=zone, shows=instant.astimezone(zone_named(zone)).replace(tzinfo=None))

    @property
    def instant(self) -> datetime:
        """When they show it (UTC), by the rules this build knows."""
        return instant_of(self.shows, zone_named(self.zone))
