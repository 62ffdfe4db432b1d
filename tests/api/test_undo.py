"""A tap that is final can be taken back for some seconds: until then nobody hears of it, and then it counts once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from httpx import Response
from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError

from ops import held_commands
from testing.api_clients import eventually
from testing.api_company import Applicant, Company, Requisition
from testing.sign_in import SessionCookie, signed_in
from wiring import Services

WHY = "Her last two jobs were sold to me as the same job."


@dataclass
class Browser:
    """Somebody's browser."""

    company: Company
    cookie: SessionCookie

    async def sees(self, path: str) -> str:
        answer = await self.company.http.get(path, headers=self.cookie.header)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def comes_to_see(self, path: str, what: Callable[[str], bool]) -> str:
        async def look() -> str | None:
            page = await self.sees(path)
            return page if what(page) else None

        page: str = await eventually(look, f"{path} does not come to what was expected")
        return page

    async def sends(self, path: str, **typed: str) -> Response:
        return await self.company.http.post(path, data=typed, headers=self.cookie.header)

    async def taps(self, applicant: Applicant, **typed: str) -> str:
        """Answers a profile, and gives back the address at which it can be taken back."""
        sent = await self.sends(f"/candidates/{applicant.id}/answer-profile", **typed)
        assert sent.status_code == 303, sent.text
        page = await self.sees(f"/candidates/{applicant.id}")
        return re.findall(r"/held/[\w-]+/undo", page)[-1]


@pytest.fixture
def services(app: FastAPI, company: Company, monkeypatch: pytest.MonkeyPatch) -> Services:
    """The API's services, where a tap may be taken back for a minute."""
    found: Services = app.state.services
    monkeypatch.setattr(found, "settings", found.settings.model_copy(update={"undo_seconds": 60}))
    return found


@pytest.fixture
async def dana(company: Company, services: Services) -> Browser:
    """The hiring manager's browser."""
    return Browser(company, await signed_in(company.http, company.manager.token))


@pytest.fixture
async def requisition(company: Company) -> Requisition:
    """A locked requisition."""
    found = await company.opens()
    await found.locks()
    return found


async def submitted(requisition: Requisition, *names: str) -> list[Applicant]:
    found = [await requisition.gains(name) for name in names]
    for one in found:
        await one.is_shortlisted()
    await requisition.slate_of(*found)
    for one in found:
        await one.comes_to("submitted")
    return found


async def stage_of(company: Company, applicant: Applicant) -> str:
    return str((await company.recruiter.reads(applicant.path))["stage"])


async def test_a_tap_is_taken_back_and_its_form_is_as_it_was(
    company: Company, dana: Browser, requisition: Requisition
) -> None:
    one, other = await submitted(requisition, "Ruth Abara", "Ida Nolan")
    undo = await dana.taps(one, verdict="reject", why=WHY)
    assert await stage_of(company, one) == "submitted"
    assert one.id not in (await dana.sees("/owed")).partition('id="main"')[2].partition("</form>")[2]
    assert f"/candidates/{one.id}/answer-profile" not in await dana.sees(f"/candidates/{other.id}/answer-profile")
    said = await dana.sees("/owed")
    assert "Ruth Abara</a>" in said
    assert re.search(r"It counts in (60|5\d) seconds\.", said)

    taken_back = await dana.sends(undo)
    assert taken_back.status_code == 303
    form = await dana.sees(taken_back.headers["location"])
    assert WHY in form
    assert "It counts in" not in form
    assert await stage_of(company, one) == "submitted"
    assert f"/candidates/{one.id}/answer-profile" in await dana.sees("/owed")
    assert "Too late to undo" in (await dana.sends(undo)).text

    # The browser goes back to the form that it had sent, and sends it again.
    again = await dana.taps(one, verdict="advance", criterion="K1")
    assert (await dana.sends(again)).status_code == 303


async def test_a_tap_counts_once_its_seconds_are_over(
    company: Company, dana: Browser, requisition: Requisition, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = await submitted(requisition, "Noor Haddad")
    monkeypatch.setattr(services, "settings", services.settings.model_copy(update={"undo_seconds": 1}))
    undo = await dana.taps(one, verdict="advance", criterion="K1")
    await one.comes_to("advanced")
    await dana.comes_to_see("/owed", lambda page: "/undo" not in page)
    assert "Too late to undo" in (await dana.sends(undo)).text
    answers = [
        entry for entry in await company.recruiter.reads(f"{one.path}/timeline") if entry["type"] == "profile_answered"
    ]
    assert [entry["by"] for entry in answers] == [company.manager.id]
    assert (
        await company.pool.fetchval("SELECT count(*) FROM held_commands WHERE stream = $1", f"candidate/{one.id}") == 0
    )


async def test_whoever_goes_on_there_has_what_they_tapped_counted_first(
    company: Company, dana: Browser, requisition: Requisition
) -> None:
    (one,) = await submitted(requisition, "Vera Lindqvist")
    await dana.taps(one, verdict="hold", needs="Whether she would move.")
    page = await dana.sees(f"/candidates/{one.id}/answer-profile")
    assert "It counts in" not in page
    await one.comes_to("held")


async def test_what_may_count_already_is_not_taken_back(
    company: Company, dana: Browser, requisition: Requisition, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = await submitted(requisition, "Ana Ruiz")
    undo = await dana.taps(one, verdict="advance", criterion="K1")

    async def never_answers(*_args: object) -> None:
        raise WorkflowUpdateRPCTimeoutOrCancelledError

    monkeypatch.setattr(held_commands, "given_later", never_answers)
    await dana.sees(f"/candidates/{one.id}/answer-profile")
    assert "Too late to undo" in (await dana.sends(undo)).text
    said = await dana.sees("/owed")
    assert "It is on its way, and counts in a moment." in said
    assert f"/candidates/{one.id}/answer-profile" not in said
    assert await stage_of(company, one) == "submitted"
    # A worker goes on with it once the claim is over.
    await company.pool.execute(
        "UPDATE held_commands SET give_at = now(), claimed_at = now() - interval '1 minute' WHERE stream = $1",
        f"candidate/{one.id}",
    )
    await one.comes_to("advanced")


async def test_what_would_be_refused_is_refused_at_once_and_what_is_refused_later_is_said(
    company: Company, dana: Browser, requisition: Requisition, services: Services
) -> None:
    (one,) = await submitted(requisition, "Pia Sand")
    refused = await dana.sends(f"/candidates/{one.id}/answer-profile", verdict="reject")
    assert (refused.status_code, "A criterion, or why in your own words." in refused.text) == (422, True)
    await dana.taps(one, verdict="reject", why=WHY)
    await company.recruiter.does(f"{one.path}/withdraw", {"cause": "other_offer", "at": datetime.now(UTC).isoformat()})
    await company.pool.execute("UPDATE held_commands SET give_at = now() WHERE stream = $1", f"candidate/{one.id}")
    page = await dana.comes_to_see("/owed", lambda page: "Not taken" in page)
    assert "Pia Sand" in page
    kept = await company.pool.fetchrow("SELECT * FROM held_commands WHERE stream = $1", f"candidate/{one.id}")
    assert (kept["body"], kept["typed"]) == ("{}", "")
    (dismiss,) = re.findall(r"/held/[\w-]+/dismiss", page)
    assert (await dana.sends(dismiss, next="/owed")).status_code == 303
    assert "Not taken" not in await dana.sees("/owed")


async def test_nobody_takes_back_or_reads_what_another_tapped(
    company: Company, dana: Browser, requisition: Requisition
) -> None:
    (one,) = await submitted(requisition, "Tom Okafor")
    undo = await dana.taps(one, verdict="reject", why=WHY)
    recruiter = Browser(company, await signed_in(company.http, company.recruiter.token))
    assert "/held/" not in await recruiter.sees(f"/candidates/{one.id}")
    assert "Too late to undo" in (await recruiter.sends(undo)).text
    id = undo.split("/")[2]
    assert WHY not in await recruiter.sees(f"/candidates/{one.id}?undone={id}")
    kept = await company.pool.fetchrow("SELECT * FROM held_commands WHERE id = $1", id)
    assert WHY not in str(dict(kept))


async def test_what_is_due_meanwhile_counts_at_once(
    company: Company, dana: Browser, requisition: Requisition, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = await submitted(requisition, "Lea Brandt")
    month = 31 * 24 * 3600
    monkeypatch.setattr(services, "settings", services.settings.model_copy(update={"undo_seconds": month}))
    sent = await dana.sends(f"/candidates/{one.id}/answer-profile", verdict="advance", criterion="K1")
    assert sent.status_code == 303
    assert await stage_of(company, one) in ("advanced", "screened")
