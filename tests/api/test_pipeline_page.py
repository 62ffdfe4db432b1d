"""The pipeline's page: whoever is asked for is found, however many stand before them."""

from __future__ import annotations

import re

import pytest

from api.pages.requisitions import applications, pipeline
from testing.api_company import Company
from testing.sign_in import signed_in


@pytest.mark.parametrize("view", ["board", "table"])
async def test_who_is_asked_for_is_looked_for_among_all(
    company: Company, monkeypatch: pytest.MonkeyPatch, view: str
) -> None:
    monkeypatch.setattr(pipeline, "CARDS", 1)
    requisition = await company.opens()
    await requisition.gains("Abel First")
    await requisition.gains("Zora Second", source="referral", referrer=company.manager.id)
    browser = (await signed_in(company.http, company.recruiter.token)).header
    path = f"{requisition.path.removeprefix('/v1')}/pipeline"

    async def shown(**asked: str) -> str:
        answer = await company.http.get(path, params=asked | {"view": view}, headers=browser)
        assert answer.status_code == 200
        return answer.text.partition('id="main"')[2]

    assert "Abel First" in await shown()
    found = await shown(source="referral")
    assert "Zora Second" in found
    assert "Abel First" not in found


async def test_a_column_says_how_many_of_those_asked_for_stand_in_it(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where they are more than its cards: the others are a link away, which asks for the same."""
    monkeypatch.setattr(pipeline, "CARDS", 1)
    monkeypatch.setattr(applications, "QUEUE", 1)
    requisition = await company.opens()
    await requisition.locks()
    await requisition.gains("Abel First")
    for name in ("Zora Second", "Zeno Third"):
        await requisition.gains(name, source="referral", referrer=company.manager.id)
    browser = (await signed_in(company.http, company.recruiter.token)).header
    place = requisition.path.removeprefix("/v1")

    async def applied(**asked: str) -> tuple[str, list[tuple[str, str]]]:
        answer = await company.http.get(f"{place}/pipeline", params=asked, headers=browser)
        column = answer.text.partition(' Applied <span class="count">')[2].partition("</section>")[0]
        return column.partition("<")[0], re.findall(r'href="(\?[^"]+)">All (\d+)', column)

    assert (await applied())[0] == "3"
    count, [(more, words)] = await applied(source="referral")
    assert (count, words) == ("2", "2")
    assert "source=referral" in more
    assert await applied(source="agency") == ("0", [])
    page = await company.http.get(f"{place}/applications", headers=browser)
    assert "3 to answer" in page.text
