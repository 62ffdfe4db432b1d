"""A requisition that went well is kept as a template, and another begins with what it settled and nobody's words."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest

from testing.api_clients import problem, taken
from testing.api_company import Company, Requisition, rubric_sample
from testing.sign_in import signed_in
from tests.api.test_form_words import errors_in, posts
from tests.api.test_rubric_writing import inputs_in, lines_in, passages_in

TEMPLATES = "/v1/requisition-templates"


@pytest.fixture(scope="module")
async def locked(company: Company) -> Requisition:
    """A requisition whose rubric is locked."""
    requisition = await company.opens()
    await requisition.locks()
    return requisition


async def page_of(company: Company, path: str) -> httpx.Response:
    cookie = await signed_in(company.http, company.recruiter.token)
    return await company.http.get(path, headers=cookie.header)


async def kept(company: Company, requisition: Requisition, name: str) -> dict[str, Any]:
    answer = await company.recruiter.asks(TEMPLATES, {"name": name, "requisition": requisition.id})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def filled_in(answer: httpx.Response) -> dict[str, Any]:
    """What a form holds, with what is chosen and ticked in it."""
    found: dict[str, Any] = dict(inputs_in(answer))
    for tag in re.findall(r"<input [^>]*>", answer.text):
        said = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        kind, name = said.get("type", "text"), said.get("name", "")
        if not name or (kind in ("radio", "checkbox") and " checked" not in tag):
            continue
        value = unescape(said.get("value", ""))
        found[name] = [*found.get(name, []), value] if kind == "checkbox" else value
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', answer.text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return {name: value for name, value in found.items() if name not in ("q", "_by", "_next")}


async def test_a_template_has_the_terms_and_the_rubric_and_nothing_that_was_said(
    company: Company, locked: Requisition
) -> None:
    template = await kept(company, locked, "Permits product manager")
    view = await company.recruiter.reads(locked.path)
    content = template["content"]
    assert (content["title"], content["band"]) == (view["title"], view["band"])
    assert content["roles"]["hiring_manager"] == company.manager.id
    written = (await company.recruiter.reads(f"{locked.path}/rubric"))[0]["rubric"]
    assert [one["behaviour"] for one in content["criteria"]] == [one["behaviour"] for one in written["criteria"]]
    assert all(one["span"] is None for one in content["criteria"])
    stored = await company.pool.fetchval(
        "SELECT content::text FROM requisition_templates WHERE id = $1", template["id"]
    )
    for criterion in rubric_sample()["criteria"]:
        assert criterion["passage"] not in stored
    assert locked.intake not in stored


async def test_only_its_recruiter_keeps_it_and_only_once_its_rubric_is_locked(
    company: Company, locked: Requisition
) -> None:
    body = {"name": "Not theirs", "requisition": locked.id}
    problem(await company.manager.asks(TEMPLATES, body), 403, "not_permitted")
    problem(await company.partner.asks(TEMPLATES, body), 403, "not_permitted")
    early = await company.opens()
    problem(await company.recruiter.asks(TEMPLATES, body | {"requisition": early.id}), 409, "not_locked")
    secret = await company.opens(visibility="confidential", alias="A county in the north")
    await secret.locks()
    problem(await company.recruiter.asks(TEMPLATES, body | {"requisition": secret.id}), 409, "not_now")
    assert "keep-template" not in (await page_of(company, f"/requisitions/{early.id}")).text
    assert "keep-template" in (await page_of(company, f"/requisitions/{locked.id}")).text


async def test_it_is_renamed_and_retired_and_each_is_on_record(company: Company, locked: Requisition) -> None:
    template = await kept(company, locked, "Permits")
    path = f"/templates/{template['id']}"
    empty = await posts(company.recruiter, path, {"name": " "})
    assert empty.status_code == 422
    assert (await posts(company.recruiter, path, {"name": "Permits, the second"})).status_code == 303
    assert "Permits, the second" in (await page_of(company, "/open")).text
    assert (await posts(company.recruiter, f"{path}/retire", {})).status_code == 303
    assert "Permits, the second" not in (await page_of(company, "/open")).text
    assert "Permits, the second" in (await page_of(company, "/templates")).text, "with the way back"
    assert (await posts(company.recruiter, f"{path}/restore", {})).status_code == 303
    assert "Permits, the second" in (await page_of(company, "/open")).text
    acts = await company.pool.fetch("SELECT act, actor FROM audit WHERE object = $1 ORDER BY seq", template["id"])
    assert [row["act"] for row in acts] == [
        "template_made", "template_renamed", "template_retired", "template_restored",
    ]  # fmt: skip
    assert {row["actor"] for row in acts} == {company.recruiter.id}
    problem(await company.manager.get(TEMPLATES), 403, "not_permitted")


async def test_the_same_press_twice_keeps_one(company: Company, locked: Requisition) -> None:
    form = {"name": "Pressed twice", "_key": "one-press"}
    for _ in range(2):
        answer = await posts(company.recruiter, f"/requisitions/{locked.id}/keep-template", form)
        assert answer.status_code == 303
    names = [one["name"] for one in await company.recruiter.reads(TEMPLATES)]
    assert names.count("Pressed twice") == 1


async def test_another_requisition_begins_with_it_and_gives_each_criterion_its_passage(
    company: Company, locked: Requisition
) -> None:
    template = await kept(company, locked, "For the next one")
    begun = await page_of(company, f"/open?template={template['id']}")
    typed = filled_in(begun)
    content = template["content"]
    assert typed["title"] == content["title"]
    assert typed["hiring_manager"] == company.manager.id
    assert float(typed["band.maximum"]) == float(content["band"]["maximum"])
    opened = await posts(company.recruiter, f"/open?template={template['id']}", typed | {"_key": "from-a-template"})
    assert opened.status_code == 303, errors_in(opened)
    next_one = opened.headers["location"].partition("?")[0].removeprefix("/requisitions/")
    [line] = [one for one in await company.recruiter.reads(TEMPLATES) if one["id"] == template["id"]]
    assert line["uses"] == 1

    requisition = Requisition(company, next_one)
    await requisition.holds_intake()
    path = f"/requisitions/{next_one}/edit-rubric"
    proposed = await page_of(company, path)
    assert len(lines_in(proposed)) == len(content["criteria"])
    typed = filled_in(proposed)
    assert typed["criteria.0.behaviour"] == content["criteria"][0]["behaviour"]
    assert typed["plan.0.minutes"] == str(content["plan"][0]["minutes"])
    refused = await posts(company.recruiter, path, typed)
    assert refused.status_code == 422
    undecided = {f"criteria-{n}" for n in range(len(content["criteria"]))}
    assert errors_in(refused).keys() == undecided, "each says where it stands that it needs a passage or a word"
    passage = passages_in(proposed)[3]
    typed = filled_in(await posts(company.recruiter, path, typed | {"_for": "criteria.0", "_passage": passage[0]}))
    typed |= {f"criteria.{n}.carried": "yes" for n in range(1, len(content["criteria"]))}
    saved = await posts(company.recruiter, path, typed)
    assert saved.status_code == 303, errors_in(saved)
    rubric = (await company.recruiter.reads(f"{requisition.path}/rubric"))[0]["rubric"]
    assert [one["span"] is None for one in rubric["criteria"]] == [False] + [True] * (len(content["criteria"]) - 1)
    assert rubric["criteria"][0]["span"]["document"] == requisition.intake
    taken(await company.recruiter.get(requisition.path))
