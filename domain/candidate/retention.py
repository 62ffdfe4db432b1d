"""How long the law makes an employer keep what it has about somebody who was not hired.

- United States: one year from the making of the record or the personnel action, whichever is later (29 CFR 1602.14).
- California: four years from the same (California Government Code § 12946).

No minimum is known for any other jurisdiction; there the company's own retention rule is all there is. How long it may
keep records at most is that rule's business.
"""

from __future__ import annotations

from datetime import datetime

MINIMUM_YEARS = {"US": 1, "US-CA": 4}
"""By ISO 3166 code; a state's own comes before its country's."""


def keep_until(jurisdiction: str, ended_at: datetime) -> datetime:
    """The first instant (UTC) at which records of a candidacy that ended at `ended_at` may be erased."""
    code = jurisdiction.upper()
    years = MINIMUM_YEARS.get(code, MINIMUM_YEARS.get(code.split("-")[0], 0))
    try:
        return ended_at.replace(year=ended_at.year + years)
    except ValueError:  # 29 February
        return ended_at.replace(year=ended_at.year + years, month=3, day=1)
