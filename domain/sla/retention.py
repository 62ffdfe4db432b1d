"""Retention: what the company's rule and the law of a place make of how long a candidate's data are kept.

The company's rule is part of its policy (`domain/sla/policy.py`), one time for all and others by jurisdiction. The law
is a floor under it, which no policy lowers: how long an employer must keep what it has about somebody who was not
hired. How long it may keep it at most is the company's rule's business. `STATUTORY` says which law, and when somebody
last looked. No minimum is known here for any other place: what is not in the table is not said to have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from domain.sla.policy import Policy, by_place
from domain.time.durations import ElapsedTime


class StatutoryMinimum(NamedTuple):
    """So many years from the end of a candidacy, by which law, and on which day that was last looked up."""

    years: int
    source: str
    reviewed: date

    @property
    def in_words(self) -> str:
        """How long, and by which law."""
        return f"for {'a year' if self.years == 1 else f'{self.years} years'} ({self.source})"


STATUTORY = {
    "US": StatutoryMinimum(1, "29 CFR 1602.14", date(2026, 11, 30)),
    "US-CA": StatutoryMinimum(4, "California Government Code § 12946", date(2026, 11, 30)),
}
"""By ISO 3166 code; a state's own comes before its country's.

- United States: one year from the making of the record or the personnel action, whichever is later.
- California: four years from the same, since 2022.
"""

_YEAR = timedelta(days=365)
_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def minimum_in(jurisdiction: str) -> StatutoryMinimum | None:
    """The law of a place, or of the country it lies in; None where none is known."""
    return by_place(STATUTORY, jurisdiction)


def keep_until(jurisdiction: str, ended_at: datetime) -> datetime:
    """The first instant (UTC) at which records of a candidacy that ended at `ended_at` may be erased."""
    minimum = minimum_in(jurisdiction)
    years = minimum.years if minimum else 0
    try:
        return ended_at.replace(year=ended_at.year + years)
    except ValueError:  # 29 February
        return ended_at.replace(year=ended_at.year + years, month=3, day=1)


def undercut(policy: Policy) -> Iterator[tuple[str, str]]:
    """The jurisdictions in which a policy says less than their law, or what cannot be held against it; a sentence each.

    The time for all others is not among them: it is meant for all, and the law of a place makes it longer there.
    """
    for place, kept in policy.retention_by_jurisdiction.items():
        if not _CODE.fullmatch(place):
            yield place, "this is no country or state by its code: say DE, or US-CA."
        elif not isinstance(kept, ElapsedTime):
            yield place, "how long data are kept is elapsed time: say '730 days elapsed'."
        elif (minimum := minimum_in(place)) is not None and kept.amount < minimum.years * _YEAR:
            days = minimum.years * _YEAR.days
            yield place, f"the law has it kept {minimum.in_words}: say {days} days elapsed or more."


def raised(policy: Policy) -> list[str]:
    """Where the law keeps data longer than a policy's time for all others, a sentence each."""
    return [
        f"{place}: kept {minimum.in_words} by law, not {kept}"
        for place, minimum in STATUTORY.items()
        if not isinstance(kept := policy.retention_in(place), ElapsedTime) or kept.amount < minimum.years * _YEAR
    ]
