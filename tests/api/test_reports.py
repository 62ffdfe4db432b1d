"""Who may read which report, and that each answers."""

from __future__ import annotations

import pytest

from api.reports import REPORTS
from testing.api_clients import problem
from testing.api_company import Company

NAMES = [report.name for report in REPORTS]


@pytest.mark.parametrize("name", NAMES)
async def test_every_report_answers_those_who_hire_and_nobody_else(company: Company, name: str) -> None:
    for voice in (company.recruiter, company.manager, company.stranger, company.recruiting_lead, company.ops):
        assert isinstance(await voice.reads(f"/v1/reports/{name}", days="365"), list)
    problem(await company.nobody.get(f"/v1/reports/{name}"), 401, "unauthenticated")
    problem(await company.system.get(f"/v1/reports/{name}"), 403, "not_permitted")
    problem(await company.recruiter.get(f"/v1/reports/{name}", days="3"), 422, "invalid")


async def test_a_report_is_of_ones_own_searches_and_of_all_for_those_who_oversee(company: Company) -> None:
    requisition = await company.opens(team="Reported")
    await requisition.gains("Rea Ported")
    for voice in (company.recruiter, company.manager, company.recruiting_lead, company.partner, company.ops):
        funnel = await voice.reads("/v1/reports/funnel", team="Reported")
        assert funnel[0] == {"stage": "added", "reached": 1, "went_on": 0, "stopped": 0, "passed": None}
    for voice in (company.stranger, company.interviewer):
        assert await voice.reads("/v1/reports/funnel", team="Reported") == []
    assert await company.recruiter.reads("/v1/reports/funnel", team="Nobody's") == []
