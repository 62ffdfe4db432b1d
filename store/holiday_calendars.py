"""Public holidays, looked up once and kept as data: from then on a calendar owes nothing to the library."""

from collections.abc import Iterable
from datetime import date

import holidays

from domain.time.calendars import OFFICE_WEEK, Calendar, HolidaysKept, OtherWeek, Week


def holidays_of(country: str, subdivision: str | None, years: Iterable[int]) -> frozenset[date]:
    """The public holidays of a country ('DE') and, if given, one of its parts ('BY'; ISO 3166), on the days observed.

    Raises `ValueError` for a country, a part or a year that the library knows nothing of.
    """
    code, wanted = country.upper(), sorted(set(years))
    parts = holidays.list_supported_countries().get(code)
    if parts is None:
        raise ValueError(
            f"There are no holidays on file for a country called '{country}'; say for example 'DE' or 'US'."
        )
    try:
        known = holidays.country_holidays(code, subdiv=subdivision, years=wanted)
    except NotImplementedError:
        its_parts = f"it has {', '.join(parts)}." if parts else "its holidays are the same everywhere."
        raise ValueError(f"{code} has no part called '{subdivision}'; {its_parts}") from None
    if unknown := [year for year in wanted if not known.start_year <= year <= known.end_year]:
        raise ValueError(
            f"The holidays of {code} are on file from {known.start_year} to {known.end_year}, not for {unknown[0]}."
        )
    return frozenset(known)


YEARS_AHEAD = 3
"""Of how many years, the first included, a new calendar has the holidays; further ones are renewed one by one."""


def calendar(
    country: str,
    subdivision: str | None,
    zone: str,
    year: int,
    week: Week = OFFICE_WEEK,
    other_week: OtherWeek | None = None,
) -> Calendar:
    """The calendar of somebody who works `week` in `zone`, less the public holidays of `year` and the next ones.

    Raises `ValueError` as `holidays_of` does, for an unknown zone, and for weeks that overlap.
    """
    years = range(year, year + YEARS_AHEAD)
    return Calendar(
        zone=zone,
        week=week,
        other_week=other_week,
        holidays=holidays_of(country, subdivision, years),
        holidays_kept=HolidaysKept(country=country.upper(), subdivision=subdivision, until=date(years[-1], 12, 31)),
    )
