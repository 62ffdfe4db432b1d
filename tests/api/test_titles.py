"""Names and titles that nobody could read are refused in words, by the API and on the pages."""

from __future__ import annotations

import pytest

from testing.api_clients import problem
from testing.api_company import Company
from testing.sign_in import signed_in

NO_NAMES = {
    "two lines": ("Product\nManager", "This is more than one line, or has control characters in it."),
    "a control character": ("Product\x07Manager", "This is more than one line, or has control characters in it."),
    "text that runs backwards": (
        "Product \u202eManager",
        "There are invisible marks in this that turn the direction of the text.",
    ),
    "nothing to see": ("\u200b\u2060", "There is nothing to see in this."),
}


@pytest.mark.parametrize("name", NO_NAMES)
async def test_what_is_no_name_is_refused(company: Company, name: str) -> None:
    words, sentence = NO_NAMES[name]
    opening = await company.recruiter.asks("/v1/requisitions", company.opening(title=words))
    said = problem(opening, 422, "invalid")
    assert said["field"] == "title"
    assert said["detail"].endswith(sentence)
    applicant = {"name": words, "email": "somebody@example.com"}
    said = problem(await company.recruiter.asks("/v1/humans", applicant), 422, "invalid")
    assert (said["field"], said["detail"]) == ("name", f"Name: {sentence}")
    user = {"name": words, "email": "user@example.org", "zone": "UTC"}
    problem(await company.ops.asks("/v1/people", user), 422, "invalid")


@pytest.mark.parametrize("name", NO_NAMES)
async def test_a_form_says_so_at_its_field(company: Company, name: str) -> None:
    words, sentence = NO_NAMES[name]
    cookie = (await signed_in(company.http, company.recruiter.token)).header
    page = await company.http.post("/open", data={"title": words}, headers=cookie)
    assert page.status_code == 422
    assert sentence in page.text
