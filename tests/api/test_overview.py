"""What leads begin with: the figures of their own requisitions, each with the list behind it, and nobody's name."""

from __future__ import annotations

import itertools
import re

import httpx
import pytest

from testing.api_clients import Voice
from testing.api_company import Company, joins
from testing.kept_rows import stays
from testing.sign_in import signed_in

NUMBERS = itertools.count()


async def page_of(company: Company, who: Voice, path: str) -> httpx.Response:
    cookie = await signed_in(company.http, who.token)
    return await company.http.get(path, headers=cookie.header)


def figure(page: httpx.Response, name: str) -> str:
    """What a figure of the page says, without its markup."""
    section = re.search(rf'<section class="card figure[^"]*" id="{name}".*?</section>', page.text, re.S)
    assert section is not None, page.text
    return " ".join(re.sub(r"<[^>]+>", " ", section[0]).split())


async def late(company: Company, requisition: str) -> None:
    """Lets the day by which a requisition was to be filled be long over: nobody may open it so."""
    await stays(company.pool, "requisitions", f"new.id = '{requisition}'", "new.target_date := '2020-01-31'")


@pytest.fixture
async def leads(company: Company) -> dict[str, Voice]:
    """A recruiting lead and a manager's lead without a company role, and one who leads in the company."""
    names = {"plain_recruiting_lead": [], "plain_manager_lead": [], "company_lead": ["L"]}
    number = next(NUMBERS)
    return {name: await joins(company, f"{name}_{number}", standing) for name, standing in names.items()}


async def test_leads_begin_with_the_overview_and_others_with_their_tasks(
    company: Company, leads: dict[str, Voice]
) -> None:
    first, second = leads["plain_recruiting_lead"], leads["plain_manager_lead"]
    assert (await page_of(company, first, "/")).headers["location"] == "/owed"
    requisition = await company.opens(team="Overviewed", recruiting_lead=first.id, manager_lead=second.id)
    await company.recruiter.sees(requisition.path, lambda it: it["title"])
    for who in (first, second, leads["company_lead"]):
        assert (await page_of(company, who, "/")).headers["location"] == "/overview"
    for who in (company.recruiter, company.manager, company.interviewer, company.stranger):
        assert (await page_of(company, who, "/")).headers["location"] == "/owed"


async def test_a_lead_sees_figures_of_their_own_requisitions_and_no_name(
    company: Company, leads: dict[str, Voice]
) -> None:
    lead = leads["plain_recruiting_lead"]
    empty = await page_of(company, lead, "/overview")
    assert "You have a part in no requisition yet." in empty.text
    assert 'class="card figure' not in empty.text
    requisition = await company.opens(team="Overviewed", recruiting_lead=lead.id)
    one = await requisition.gains("Ondine Verloren")
    await late(company, requisition.id)
    page = await page_of(company, lead, "/overview")
    assert page.status_code == 200
    assert "Over 1 requisition you have a part in, which is open." in page.text
    assert "0 none four weeks ago either" in figure(page, "stuck")
    assert "1 of 1 1 more than four weeks ago" in figure(page, "late")
    assert "Recruiters none as in the four weeks before" in figure(page, "waiting")
    assert "No answer of the last four weeks can be compared." in figure(page, "agreement")
    assert "Ondine" not in page.text
    assert one.id not in page.text
    assert requisition.id in (await page_of(company, lead, "/board?late=true&closed=true")).text
    assert requisition.id not in (await page_of(company, lead, "/board?stuck=true&closed=true")).text


async def test_the_api_has_the_same_figures(company: Company, leads: dict[str, Voice]) -> None:
    lead, overseer = leads["plain_manager_lead"], leads["company_lead"]
    await late(company, (await company.opens(manager_lead=lead.id)).id)
    own = await lead.reads("/v1/reports/overview")
    assert (own["open_now"], own["late"]) == (1, {"dated": 1, "late": 1, "late_before": 0})
    assert [time["side"] for time in own["waiting"]] == ["recruiter", "hiring_manager"]
    assert (await overseer.reads("/v1/reports/overview"))["requisitions"] > 1
    assert (await overseer.reads("/v1/reports/overview", own=True))["requisitions"] == 0


async def test_who_oversees_sees_all_or_their_own(company: Company, leads: dict[str, Voice]) -> None:
    lead = leads["company_lead"]
    await company.opens()
    everything = await page_of(company, lead, "/overview")
    assert "you have a part in" not in everything.text.partition("<main")[2].replace(
        "Only those you have a part in", ""
    )
    assert "/board?stuck=true&amp;closed=true&amp;person" not in everything.text
    await company.opens(recruiting_lead=lead.id)
    own = await page_of(company, lead, "/overview")
    assert "Over 1 requisition you have a part in" in own.text
    assert f"/board?stuck=true&amp;closed=true&amp;person={lead.id}" in own.text
    assert "Over 1 requisition you" not in (await page_of(company, lead, "/overview?own=false")).text
