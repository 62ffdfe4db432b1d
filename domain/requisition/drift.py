"""Drift: profiles rejected for reasons that are not in the rubric, counted while it can still be mended."""

from __future__ import annotations

from typing import Self

from domain.core.messages import Value


class Drift(Value):
    """How many profiles the hiring manager rejected, and how many of those for a reason outside the rubric."""

    rejected: int = 0
    outside: int = 0

    def with_rejection(self, criterion: str | None) -> Self:
        """The counts after one more rejection, on this criterion or outside the rubric (None)."""
        return self.but(rejected=self.rejected + 1, outside=self.outside + (criterion is None))
