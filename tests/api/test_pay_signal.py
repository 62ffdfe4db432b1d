"""The comp signal by its forms: pay as the recruiter types it after each screen, and the manager's way out of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from testing.api_company import CRITERIA, Applicant, Company, Requisition, screen_at
from testing.sign_in import signed_in
from tests.api.test_form_words import errors_in, posts, typed_from

ENOUGH = {"Iris Hollis": ("170,000", "usd"), "Jonas Reeve": ("US$ 180k", ""), "Kay Lindqvist": ("$190.000", "USD")}
"""Who expects more than the band of 90,000 to 120,000 USD, and how the recruiter types it."""


@pytest.fixture(scope="module")
async def screened(company: Company) -> tuple[Requisition, list[Applicant]]:
    """A requisition with three candidates who were screened, and whose summaries are to be sent."""
    band = {"minimum": 90_000, "maximum": 120_000, "currency": "USD", "period": "year"}
    requisition = await company.opens(title="Dredge master", band=band)
    await requisition.locks()
    found = [await requisition.gains(name) for name in ENOUGH]
    for one in found:
        await one.is_shortlisted()
        await company.recruiter.does(
            f"{one.path}/schedule-screen", screen_at((datetime.now(UTC) + timedelta(days=1)).isoformat())
        )
        notes = await company.recruiter.uploads("notes", one.human, b"She spoke of the clerks and of the vendor.")
        held = {
            "outcome": "held",
            "at": datetime.now(UTC).isoformat(),
            "rec": {"kind": "notes", "doc": notes, "why_unrecorded": "The line was bad."},
        }
        await company.recruiter.does(f"{one.path}/record-screen", held)
    return requisition, found


def summary_with(amount: str, currency: str) -> dict[str, Any]:
    """The form of the summary, filled in, with pay as it was typed."""
    heard = {"observation": "She told of the queue at the counter."}
    form = {
        "bullets": [{"text": f"She kept the ledger, year {n}.", "evidence": heard} for n in range(1, 6)],
        "verdicts": {criterion: {"verdict": "met", "evidence": heard} for criterion in CRITERIA},
        "why_no_quote": "The line was bad.",
        "expectation": {"amount": amount, "currency": currency, "period": "year"},
    }
    return typed_from(form)


async def test_pay_that_is_not_understood_is_refused_kindly_and_kept(
    company: Company, screened: tuple[Requisition, list[Applicant]]
) -> None:
    one = screened[1][0]
    path = f"/candidates/{one.id}/confirm-summary"
    for amount, currency, at, says in (
        ("€85k", "usd", "expectation-amount", "This says EUR, and the currency beside it USD. Which is it?"),
        (
            "a lot",
            "USD",
            "expectation-amount",
            "This is not a number that is understood here. For example: 170,000 or 85k.",
        ),
        ("170,000", "shells", "expectation-currency", "This is not a currency in three letters (EUR, USD)."),
    ):
        answer = await posts(company.recruiter, path, summary_with(amount, currency))
        assert answer.status_code == 422
        wrong = errors_in(answer)
        assert wrong == {at: says}
        kept = unescape(answer.text)
        for typed in (amount, currency, "She kept the ledger, year 5."):
            assert typed in kept
    assert (await company.recruiter.reads(one.path))["summary"] is None


async def test_three_who_expect_more_are_a_signal_that_the_manager_answers(
    company: Company, screened: tuple[Requisition, list[Applicant]]
) -> None:
    requisition, found = screened
    for one, (amount, currency) in zip(found, ENOUGH.values(), strict=True):
        form = summary_with(amount, currency)
        answer = await posts(company.recruiter, f"/candidates/{one.id}/confirm-summary", form)
        assert answer.status_code == 303, errors_in(answer)
    signal = next(iter((await company.manager.sees(requisition.path, lambda it: it["signals"]))["signals"]))

    path = f"/requisitions/{requisition.id}/acknowledge-comp-signal"
    page = await company.http.get(path, headers=(await signed_in(company.http, company.manager.token)).header)
    words = " ".join(re.sub(r"<[^>]+>", " ", unescape(page.text)).split())
    assert "What candidates expect" in words
    assert "180,000 USD a year" in words, "the one in the middle of the three"
    assert "3 candidates, 100% of whom above it" in words
    chosen = {"signal_id": signal, "way": "hold_course", "why": ""}
    refused = await posts(company.manager, path, chosen)
    assert refused.status_code == 422
    assert "Holding course needs a reason." in unescape(refused.text)
    assert re.search(r'value="hold_course"[^>]*(checked|selected)', refused.text), "what was chosen is kept"
    assert (await company.manager.reads(requisition.path))["signals"] == {signal: None}
    not_theirs = await posts(company.interviewer, path, chosen | {"why": "We wait."})
    assert not_theirs.status_code in (403, 404)

    answer = await posts(company.manager, path, chosen | {"why": "Two of them would take less for the place."})
    assert answer.status_code == 303, errors_in(answer)
    await company.manager.sees(requisition.path, lambda it: it["signals"] == {signal: "hold_course"})
