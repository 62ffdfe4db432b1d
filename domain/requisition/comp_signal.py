"""Comp signals: what candidates expect, counted against the band, so that pay is argued with numbers and early."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from statistics import median
from typing import Literal

from domain.core.messages import Value
from domain.core.money import Band, Pay

ENOUGH = 3
"""So many expectations say something at once; fewer are shown on day five, with the number there is."""

Way = Literal["move_band", "move_bar", "move_place", "hold_course"]
"""The four ways out of a comp signal, of which one is to be chosen."""


class CompReading(Value):
    """Expectations against the band: how many, their median, the share above it, how far the median lies above it.

    Amounts are in the band's currency and period. `not_comparable` were told in another and count for nothing else.
    """

    n: int
    median: Decimal
    share_above: float
    above_by: Decimal
    not_comparable: int = 0

    @property
    def above(self) -> bool:
        """Whether the median lies above the band."""
        return self.above_by > 0


def read_market(band: Band, expectations: Iterable[Pay]) -> CompReading | None:
    """What `expectations` say about `band`; None when none of them can be compared with it."""
    told = list(expectations)
    amounts = [pay.amount for pay in told if band.comparable(pay)]
    if not amounts:
        return None
    middle = median(amounts)
    return CompReading(
        n=len(amounts),
        median=middle,
        share_above=round(sum(amount > band.maximum for amount in amounts) / len(amounts), 3),
        above_by=max(middle - band.maximum, Decimal()),
        not_comparable=len(told) - len(amounts),
    )
