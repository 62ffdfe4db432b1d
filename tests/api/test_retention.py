"""Whose data would go by when, and what keeps them, by identifier and from the read model: looking erases nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.administration import Operator
from settings import Settings
from store.policy_file import read_policy
from testing.api_clients import Voice, problem, taken
from testing.api_company import Applicant, Company, joins
from testing.sign_in import signed_in

GONE = "Remy Passwell"


@pytest.fixture(scope="module")
async def gone(company: Company) -> Applicant:
    """Somebody who withdrew, in a requisition of California."""
    requisition = await company.opens(jurisdiction="US-CA")
    one = await requisition.gains(GONE)
    await leaves(one)
    return one


async def leaves(one: Applicant) -> None:
    """They withdraw."""
    now = datetime.now(UTC).isoformat()
    await one.company.recruiter.does(f"{one.path}/withdraw", {"cause": "personal", "at": now})
    await one.comes_to("withdrawn")


async def due(voice: Voice, one: Applicant, **ahead: float) -> dict[str, Any]:
    """Their line in the dry run; empty where they have none."""
    until = (datetime.now(UTC) + timedelta(**ahead)).isoformat()
    lines = await voice.reads("/v1/ops/retention", until=until, limit=500)
    return next((line for line in lines if line["candidate"] == one.id), {})


async def test_whoever_is_due_is_listed_by_then_with_what_keeps_them(company: Company, gone: Applicant) -> None:
    assert await due(company.partner, gone, days=360) == {}

    kept = await due(company.partner, gone, days=400)
    goes = await due(company.partner, gone, days=4 * 366)

    assert (kept["goes"], kept["kept_by"], kept["cause"]) == (False, ["law"], "retention")
    assert (goes["goes"], goes["jurisdiction"], goes["elsewhere"]) == (True, "US-CA", 0)
    due_at, by_policy_at = (datetime.fromisoformat(goes[name]) for name in ("due_at", "by_policy_at"))
    assert due_at.year == datetime.now(UTC).year + 4
    assert timedelta(days=364) < by_policy_at - datetime.now(UTC) < timedelta(days=366)


async def test_who_they_are_is_told_to_those_who_may_know(company: Company, gone: Applicant) -> None:
    hr = await joins(company, "retention_hr", ["P"])
    by_partner = await due(company.partner, gone, days=400)
    by_hr, by_ops = await due(hr, gone, days=400), await due(company.ops, gone, days=400)

    assert (by_partner["name"], by_partner["link"][-len(gone.id) :]) == (GONE, gone.id)
    assert (by_hr["candidate"], by_ops["candidate"]) == (gone.id, gone.id)
    assert GONE not in str((by_hr, by_ops))
    assert gone.human not in str((by_partner, by_hr, by_ops))
    assert (by_hr["link"], by_ops["link"]) == (None, None)
    problem(await company.recruiter.get("/v1/ops/retention"), 403, "not_permitted")


async def test_a_legal_hold_is_set_and_lifted_on_pages_and_keeps_what_would_go(
    company: Company, gone: Applicant
) -> None:
    cookie = await signed_in(company.http, company.partner.token)
    place = gone.path.removeprefix("/v1")
    for path in (place, gone.requisition.path.removeprefix("/v1")):
        shown = await company.http.get(path, headers=cookie.header)
        assert f'href="{path}/set-legal-hold"' in shown.text
        assert (await company.http.get(f"{path}/set-legal-hold", headers=cookie.header)).status_code == 200

    receipt = await company.partner.does(f"{gone.path}/set-legal-hold", {"on": True, "why": "A claim was filed."})
    await company.partner.reads(gone.path, at_least=receipt["version"])
    held = await due(company.partner, gone, days=4 * 366)
    assert (held["goes"], held["kept_by"]) == (False, ["legal_hold", "law"])
    assert "legal hold: nothing of theirs is erased" in (await company.http.get(place, headers=cookie.header)).text
    page = await company.http.get("/ops/retention?until=2999-01-01", headers=cookie.header)
    row = page.text[page.text.index(f"/candidates/{gone.id}") :].split("</tr>")[0]
    assert GONE in row
    assert "<b>kept</b>: a legal hold, the law" in row

    receipt = await company.partner.does(f"{gone.path}/set-legal-hold", {"on": False, "why": "It was settled."})
    await company.partner.reads(gone.path, at_least=receipt["version"])
    free = await due(company.partner, gone, days=4 * 366)
    assert (free["goes"], free["requisition_held"]) == (True, False)

    on_it = {"on": True, "why": "A claim was filed about the requisition."}
    receipt = await company.partner.does(f"{gone.requisition.path}/set-legal-hold", on_it)
    await company.partner.reads(gone.requisition.path, at_least=receipt["version"])
    beside = await due(company.partner, gone, days=4 * 366)
    assert (beside["goes"], beside["requisition_held"]) == (True, True)
    page = await company.http.get("/ops/retention?until=2999-01-01", headers=cookie.header)
    row = page.text[page.text.index(f"/candidates/{gone.id}") :].split("</tr>")[0]
    assert "The requisition is under a legal hold, and this candidate is not." in row


async def test_a_changed_policy_says_whose_dates_it_would_move(
    company: Company, gone: Applicant, running: Settings
) -> None:
    async def checks(text: str) -> dict[str, Any]:
        return taken(await company.ops.asks("/v1/policy/check", {"text": f"name: ours\n{text}"}))

    async def says(text: str) -> str:
        checked = await checks(text)
        assert checked["mistakes"] == []
        return " ".join(checked["retention"])

    def count(words: str, said: str) -> int:
        found = re.search(rf"(\d+) {words}", said)
        return int(found[1]) if found else 0

    assert "US-CA: kept for 4 years" in await says("retention: 365 days elapsed\n")
    longer = await says("retention_by_jurisdiction:\n  US-CA: 2000 days elapsed\n")
    assert count("a later one", longer) > 0
    assert "would go at once" not in longer
    own = "retention_by_jurisdiction:\n  DE: 0.0001 minutes elapsed\n"
    before = await says(own)
    await leaves(await (await company.opens(jurisdiction="DE")).gains("Tove Ander"))
    after = await says(own)
    assert count("would have an earlier", after) == count("would have an earlier", before) + 1
    assert "would go at once" in after
    policy, _ = read_policy(f"name: ours\n{own}")
    assert policy is not None
    assert (await Operator(running).moved_by(policy)).in_words in after, "on the command line the same"
    [(line, sentence)] = (await checks("retention_by_jurisdiction:\n  US-NY: 30 days elapsed\n"))["mistakes"]
    assert (line, "29 CFR 1602.14" in sentence) == (3, True)

    cookie = await signed_in(company.http, company.ops.token)
    form = {"text": f"name: ours\n{own}"}
    page = await company.http.post("/ops/slas", data=form, headers=cookie.header | {"Origin": "http://localhost"})
    assert "would go at once" in page.text


async def test_the_dry_run_is_what_then_happens(company: Company) -> None:
    """Whoever asked to be erased, and whom nothing keeps, is listed; once they are gone they are not."""
    one = await (await company.opens(jurisdiction="DE")).gains("Ona Vero")
    await leaves(one)
    assert (await due(company.partner, one, days=366))["goes"]
    await company.partner.does(f"{one.path}/erase", {"retention_rule": "Their time was over."})
    await company.recruiter.sees(one.path, lambda it: it["standing"] == "erased")
    assert await due(company.partner, one, days=366) == {}
