"""What a form makes of what somebody typed: read kindly, refused all at once, and never laid before another."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest

from api.pages.layout.templating import kept_under
from testing.api_clients import Voice
from testing.api_company import Company, rubric_from
from testing.sign_in import signed_in
from tests.api.test_roles import Stage, set_up


@pytest.fixture(scope="module")
async def stage(company: Company) -> Stage:
    """A candidate whose interview is to come."""
    return await set_up(company)


async def posts(voice: Voice, path: str, form: dict[str, Any]) -> httpx.Response:
    cookie = await signed_in(voice.http, voice.token)
    return await voice.http.post(path, data=form, headers=cookie.header)


def errors_in(answer: httpx.Response) -> dict[str, str]:
    """What is said at which field."""
    return {at: unescape(said) for at, said in re.findall(r'class="error" id="f-(.*?)-error">([^<]*)', answer.text)}


def typed_from(body: dict[str, Any], path: str = "") -> dict[str, Any]:
    """A body as a browser sends it."""
    typed: dict[str, Any] = {}
    for name, value in body.items():
        at = f"{path}{name}"
        if isinstance(value, dict):
            typed |= typed_from(value, f"{at}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            typed |= typed_from({str(n): one for n, one in enumerate(value)}, f"{at}.")
        elif name == "questions" or name == "equivalents":
            typed[at] = "\n".join(value)
        else:
            typed[at] = value if isinstance(value, list) else str(value)
    return typed


async def test_words_for_a_time_come_back_as_they_were_read_and_are_taken_then(stage: Stage) -> None:
    path = f"/candidates/{stage.applicant.id}/respond-interview"
    form = {"interview_id": "I-1", "answer": "propose", "times": ["tomorrow 3pm", "next Friday 10:00"]}
    answer = await posts(stage.voice("interviewer"), path, form)
    assert answer.status_code == 422
    [(at, said)] = errors_in(answer).items()
    assert at == "times"
    assert re.fullmatch(r"This was read as \w+ .*, 15:00; Friday .*, 10:00\. Send it again if that is right\.", said)
    read = re.findall(r'<input type="datetime-local" id="f-times-\d" name="times" value="(.+?)"', answer.text)
    assert [time.partition("T")[2] for time in read] == ["15:00", "10:00"]
    answer = await posts(stage.voice("interviewer"), path, form | {"times": read})
    assert answer.status_code == 303, errors_in(answer)
    refused = await posts(stage.voice("interviewer"), path, form | {"times": "soonish"})
    assert errors_in(refused)["times"].startswith("This is not a time that is understood here. For example: tomorrow")


async def test_pay_as_people_write_it(stage: Stage) -> None:
    path = f"/requisitions/{stage.requisition.id}/change-terms"
    form = {"band.minimum": "90k", "band.maximum": "US$ 130,000", "band.currency": "usd", "band.period": "year",
            "why": "The market moved since the intake."}  # fmt: skip
    answer = await posts(stage.company.partner, path, form)
    assert answer.status_code == 303, errors_in(answer)
    band = (await stage.company.partner.reads(stage.requisition.path))["band"]
    assert (float(band["minimum"]), float(band["maximum"]), band["currency"]) == (90_000, 130_000, "USD")
    refused = await posts(stage.company.partner, path, form | {"band.maximum": "€130k"})
    assert errors_in(refused)["band-maximum"] == "This says EUR, and the currency beside it USD. Which is it?"


async def test_every_vague_criterion_is_marked_at_once(company: Company) -> None:
    requisition = await company.opens()
    await requisition.holds_intake()
    body = rubric_from(requisition.intake)
    for number in (0, 2):
        body["criteria"][number]["behaviour"] = "Strong communicator"
    answer = await posts(company.recruiter, f"/requisitions/{requisition.id}/edit-rubric", typed_from(body))
    assert answer.status_code == 422
    assert errors_in(answer).keys() == {"criteria-0-behaviour", "criteria-2-behaviour"}


async def test_what_is_typed_for_one_is_kept_apart_from_another(stage: Stage) -> None:
    offer = "/requisitions/R-1/make-offer"
    assert kept_under(f"{offer}?about=C-1&next=/owed") == kept_under(f"{offer}?about=C-1")
    assert len({kept_under(f"{offer}{about}") for about in ("", "?about=C-1", "?about=C-2", "?clock=C-1")}) == 4
    cookie = await signed_in(stage.company.http, stage.company.recruiter.token)
    kept = set()
    for about in (stage.applicant.id, stage.links["another_candidate"].id):
        page = await stage.company.http.get(f"/candidates/{about}/log-contact", headers=cookie.header)
        kept |= set(re.findall(r'data-keep="(.*?)"', page.text))
    assert len(kept) == 2
