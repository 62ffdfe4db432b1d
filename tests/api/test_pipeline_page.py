"""The pipeline's page: whoever is asked for is found, however many stand before them."""

from __future__ import annotations

import pytest

from api.pages.requisitions import pipeline
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
