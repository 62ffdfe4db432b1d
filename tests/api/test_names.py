"""Names are opened for what is shown, and for nothing else: a form looks up only what its command asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.pages.forms.form_schema import asks_for
from domain.registry import COMMANDS
from privacy.sealing import Sealer, Tombstone
from testing.api_company import Applicant, Company, Requisition
from testing.sign_in import signed_in


@pytest.fixture
async def wanted(company: Company) -> tuple[Requisition, list[Applicant]]:
    """A requisition with two applicants, whose rubric the recruiter has signed."""
    requisition = await company.opens()
    await requisition.locks()
    applicants = [await requisition.gains(name) for name in ("Ruth Abara", "Tomasz Wilk")]
    rubric = (await company.recruiter.reads(f"{requisition.path}/rubric"))[0]
    base = {"base_version": rubric["version"], **rubric["rubric"]}
    base["criteria"][0]["behaviour"] += " She says what she measured before and after."
    amended = {
        name: base[name] for name in ("base_version", "criteria", "requirements", "agreement", "plan", "job_text")
    }
    receipt = await company.recruiter.does(
        f"{requisition.path}/amend-rubric", {**amended, "why": "The market says so."}
    )
    await company.recruiter.reads(requisition.path, at_least=receipt["version"])
    return requisition, applicants


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whose sealed words were opened, each time."""
    keys: list[str] = []
    open_bytes: Callable[..., bytes | Tombstone] = Sealer.open_bytes

    def noted(self: Sealer, key_id: str, sealed: bytes, context: str) -> bytes | Tombstone:
        keys.append(key_id)
        return open_bytes(self, key_id, sealed, context)

    monkeypatch.setattr(Sealer, "open_bytes", noted)
    return keys


async def test_signing_a_rubric_opens_nobodys_name(
    company: Company, wanted: tuple[Requisition, list[Applicant]], opened: list[str]
) -> None:
    requisition, _ = wanted
    rubric = (await company.manager.reads(f"{requisition.path}/rubric"))[0]
    cookie = await signed_in(company.http, company.manager.token)
    opened.clear()
    form = {"version": str(rubric["version"]), "hash": rubric["content_hash"], "sign": "true", "_key": "signing"}
    answer = await company.http.post(f"/requisitions/{requisition.id}/sign-rubric", data=form, headers=cookie.header)
    assert answer.status_code == 303, answer.text
    assert [key for key in opened if key.startswith("H-")] == []


async def test_a_form_that_lets_one_choose_a_candidate_opens_each_name_once(
    company: Company, wanted: tuple[Requisition, list[Applicant]], opened: list[str]
) -> None:
    requisition, applicants = wanted
    cookie = await signed_in(company.http, company.recruiter.token)
    page = await company.http.get(f"/requisitions/{requisition.id}/submit-candidate", headers=cookie.header)
    assert page.status_code == 200
    assert sorted(key for key in opened if key.startswith("H-")) == sorted(one.human for one in applicants)


def test_what_a_form_may_ask_for_is_read_from_its_command() -> None:
    requisition = COMMANDS["requisition"]
    assert asks_for(requisition["sign_rubric"]).isdisjoint({"C", "P", "K", "offer_id", "task_id", "clock_id"})
    assert {"C", "?currency"} <= asks_for(requisition["make_offer"])
    assert "K" in asks_for(COMMANDS["candidate"]["shortlist"])  # as the key of a mapping
    assert "P" in asks_for(COMMANDS["candidate"]["schedule_interview"])  # deep within a list
