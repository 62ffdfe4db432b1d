"""What the job pays, told to the candidate before anybody asks what they expect."""

from __future__ import annotations

from domain.candidate.state import Candidate
from domain.entity.effects import WriteToCandidate


def pay_range(state: Candidate) -> WriteToCandidate:
    """The letter that tells the range."""
    band = state.job.band
    return WriteToCandidate(
        candidate=state.id,
        matter="pay_range",
        about={
            "minimum": str(band.minimum),
            "maximum": str(band.maximum),
            "currency": band.currency,
            "period": band.period,
        },
    )
