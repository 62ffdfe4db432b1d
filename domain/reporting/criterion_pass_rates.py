"""Scarcity, counted and not argued: of those who were read against the rubric, how many show what it asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

from domain.core.ids import CandidateId
from domain.core.messages import Value
from domain.evidence.rubric import CriterionId, Rubric

Shown = Literal["met", "partly", "not_met", "not_discussed"]


class CriterionReading(Value):
    """What a named person read of a candidate on one criterion, against a locked version of the rubric, when (UTC).

    Verdicts of the shortlist, of a recruiter's rejection for a criterion, and of a confirmed summary; never of cards.
    """

    candidate: CandidateId
    criterion: CriterionId
    verdict: Shown
    rubric_version: int
    at: datetime


class PassRate(Value):
    """How candidates stand to a criterion: `met` of `read` show it. Who was not asked about it is not among them."""

    read: int = 0
    met: int = 0
    partly: int = 0
    not_met: int = 0

    def less(self, before: PassRate) -> PassRate:
        """What was added since `before`; below zero where a later verdict took an earlier one's place."""
        return PassRate(
            read=self.read - before.read,
            met=self.met - before.met,
            partly=self.partly - before.partly,
            not_met=self.not_met - before.not_met,
        )


class PassRates(Value):
    """One criterion of the rubric as it is locked, counted, and how the count moved since a time.

    `not_comparable` were read against a version in which the criterion meant something else; they count for nothing
    else here (`Criterion.fingerprint`).
    """

    criterion: CriterionId
    now: PassRate
    moved: PassRate
    not_comparable: int = 0


def scarcity(
    rubric: Rubric, versions: Mapping[int, Rubric], readings: Iterable[CriterionReading], since: datetime
) -> tuple[PassRates, ...]:
    """Every criterion of `rubric` in rank order, counted from the latest reading of each candidate on it.

    `versions` are the locked versions by number; what was read against one that is not among them is not comparable.
    """
    meaning = {number: {c.id: c.fingerprint() for c in version.criteria} for number, version in versions.items()}
    in_order = sorted(readings, key=lambda reading: reading.at)
    counted = []
    for criterion in sorted(rubric.criteria, key=lambda criterion: criterion.rank):
        asked = criterion.fingerprint()
        on_it = [reading for reading in in_order if reading.criterion == criterion.id]
        same = [reading for reading in on_it if meaning.get(reading.rubric_version, {}).get(criterion.id) == asked]
        now, then = _latest(same), _latest(reading for reading in same if reading.at <= since)
        counted.append(
            PassRates(
                criterion=criterion.id,
                now=_tally(now),
                moved=_tally(now).less(_tally(then)),
                not_comparable=len(_latest(on_it).keys() - now.keys()),
            )
        )
    return tuple(counted)


def _latest(readings: Iterable[CriterionReading]) -> dict[CandidateId, Shown]:
    return {reading.candidate: reading.verdict for reading in readings}


def _tally(verdicts: Mapping[CandidateId, Shown]) -> PassRate:
    counts = Counter(verdicts.values())
    met, partly, not_met = counts["met"], counts["partly"], counts["not_met"]
    return PassRate(read=met + partly + not_met, met=met, partly=partly, not_met=not_met)
