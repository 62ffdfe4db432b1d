"""A rubric is written from what was said at the intake: by a tap without scripts, and nothing goes unsaid."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest

from testing.api_company import Company, Requisition, rubric_from
from testing.sign_in import signed_in
from tests.api.test_form_words import errors_in, posts, typed_from


@pytest.fixture(scope="module")
async def requisition(company: Company) -> Requisition:
    """One whose intake was held, and whose rubric nobody wrote."""
    opened = await company.opens()
    await opened.holds_intake()
    return opened


@pytest.fixture
def path(requisition: Requisition) -> str:
    return f"/requisitions/{requisition.id}/edit-rubric"


async def begun(company: Company, path: str) -> httpx.Response:
    cookie = await signed_in(company.http, company.recruiter.token)
    return await company.http.get(path, headers=cookie.header)


def passages_in(answer: httpx.Response) -> list[tuple[str, str]]:
    """The passages that can be tapped: the place each button sends, and its words."""
    found = re.findall(r'<button name="_passage" value="([^"]+)"[^>]*>(.*?)(?: <span.*?)?</button>', answer.text)
    return [(place, unescape(words)) for place, words in found]


def inputs_in(answer: httpx.Response) -> dict[str, str]:
    """What the rubric's hidden inputs and texts hold."""
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text)
    texts = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', answer.text)
    return {name: unescape(value) for name, value in (*hidden, *texts)}


def lines_in(answer: httpx.Response) -> list[tuple[str, bool]]:
    """The criteria's lines: their paths, and whether each is open."""
    found = re.findall(r'<details class="part criterion" name="part" data-takes="([^"]+)"([^>]*)>', answer.text)
    return [(path, "open" in rest.split()) for path, rest in found]


async def test_the_call_stands_beside_the_rubric_by_speaker_and_nothing_is_open(
    company: Company, path: str, requisition: Requisition
) -> None:
    answer = await begun(company, path)
    said = (await company.recruiter.reads(f"/v1/documents/{requisition.intake}"))["text"]
    passages = passages_in(answer)
    assert len(passages) > 20
    assert all(words in said for _, words in passages)
    assert 'class="speaker"' in answer.text
    assert '<details class="part" name="part" open' not in answer.text
    assert not any(is_open for _, is_open in lines_in(answer))


async def test_a_tap_makes_a_criterion_of_a_passage_and_opens_it_alone(company: Company, path: str) -> None:
    passages = passages_in(await begun(company, path))
    first = await posts(company.recruiter, path, {"base_version": "0", "_passage": passages[3][0]})
    typed = inputs_in(first)
    assert typed["criteria.0.span.words"] == passages[3][1]
    assert typed["criteria.0.id"] == "K1"
    assert typed["criteria.0.behaviour"] == "", "what colleagues said is not put into a text that all may read"
    assert lines_in(first) == [("criteria.0", True)]
    behaviour = "Presents to the committee every month"
    second = await posts(
        company.recruiter, path, typed | {"criteria.0.behaviour": behaviour, "_passage": passages[5][0]}
    )
    assert lines_in(second) == [("criteria.0", False), ("criteria.1", True)]
    assert inputs_in(second)["criteria.0.behaviour"] == behaviour
    assert inputs_in(second)["criteria.1.span.words"] == passages[5][1]
    assert re.search(r'class="badge good">criterion 2<', second.text), "the passage says where it went"


async def test_a_passage_goes_to_the_criterion_that_has_none_and_what_it_replaces_can_be_had_again(
    company: Company, path: str
) -> None:
    passages = passages_in(await begun(company, path))
    own = {"base_version": "0", "criteria.0.id": "K1", "criteria.0.behaviour": "Sits with the clerks twice a week"}
    linked = await posts(company.recruiter, path, own | {"_for": "criteria.0", "_passage": passages[2][0]})
    typed = inputs_in(linked)
    assert typed["criteria.0.span.words"] == passages[2][1]
    assert len(lines_in(linked)) == 1
    replaced = await posts(company.recruiter, path, typed | {"_for": "criteria.0", "_passage": passages[4][0]})
    assert inputs_in(replaced)["criteria.0.span.words"] == passages[4][1]
    assert f"Before it was: <del>“{passages[2][1][:20]}"[:40] in unescape(replaced.text)
    again = await posts(company.recruiter, path, inputs_in(replaced) | {"_back": "criteria.0.span.was"})
    assert inputs_in(again)["criteria.0.span.words"] == passages[2][1]


async def test_what_is_taken_out_is_said_and_comes_back_as_it_was(company: Company, path: str) -> None:
    passages = passages_in(await begun(company, path))
    tapped = await posts(company.recruiter, path, {"base_version": "0", "_passage": passages[3][0]})
    words = {"criteria.0.behaviour": "Names the cuts", "criteria.0.why": "Two launches slipped without it."}
    typed = inputs_in(tapped) | words
    gone = await posts(company.recruiter, path, typed | {"_away": "criteria.0"})
    assert "This criterion is removed</b>: <del>Names the cuts</del>" in gone.text
    assert lines_in(gone) == []
    later = await posts(company.recruiter, path, inputs_in(gone) | {"_more": "criteria"})
    assert "This criterion is removed" in later.text, "it stays to be put back while others are written"
    back = await posts(company.recruiter, path, inputs_in(later) | {"_back": "criteria.0"})
    assert lines_in(back) == [("criteria.0", True), ("criteria.1", False)]
    assert inputs_in(back).items() >= typed.items()
    unlinked = await posts(company.recruiter, path, typed | {"_away": "criteria.0.span"})
    assert "Without its passage" in unlinked.text
    relinked = await posts(company.recruiter, path, inputs_in(unlinked) | {"_back": "criteria.0.span"})
    assert "Without its passage" not in relinked.text
    assert inputs_in(relinked)["criteria.0.span.words"] == passages[3][1]


async def test_a_criterion_that_was_begun_is_not_left_out_in_silence(company: Company, path: str) -> None:
    passages = passages_in(await begun(company, path))
    tapped = await posts(company.recruiter, path, {"base_version": "0", "_passage": passages[3][0]})
    refused = await posts(company.recruiter, path, inputs_in(tapped))
    assert refused.status_code == 422
    assert errors_in(refused)["criteria-0-behaviour"].startswith("It has no behaviour yet.")
    assert lines_in(refused) == [("criteria.0", True)]


async def test_more_than_eight_are_refused_where_they_would_stand(company: Company, path: str) -> None:
    typed: dict[str, Any] = {"base_version": "0"}
    typed |= {f"criteria.{n}.{part}": value for n in range(8) for part, value in (("id", f"K{n + 1}"), ("why", "W"))}
    passages = passages_in(await begun(company, path))
    for asked in ({"_more": "criteria"}, {"_passage": passages[0][0]}):
        full = await posts(company.recruiter, path, typed | asked)
        assert "A rubric has at most 8 criteria." in errors_in(full)["criteria"]
        assert len(lines_in(full)) == 8


async def test_what_was_taken_out_is_not_saved_and_no_round_tests_it(company: Company) -> None:
    requisition = await company.opens()
    await requisition.holds_intake()
    path = f"/requisitions/{requisition.id}/edit-rubric"
    body = rubric_from(requisition.intake)
    out = body["criteria"][-1]
    place = f"criteria.{len(body['criteria']) - 1}"
    away = await posts(company.recruiter, path, typed_from(body) | {"_away": place})
    assert f'value="{out["id"]}"' in away.text, "the rounds that tested it test it again once it is put back"
    typed = typed_from(body) | {f"{place}.aside": "yes", "criteria.0.span.aside": "yes"}
    typed |= {f"plan.{n}.final": "true" for n, one in enumerate(body["plan"]) if one.get("final")}
    saved = await posts(company.recruiter, path, typed)
    assert saved.status_code == 303, errors_in(saved)
    rubric = (await company.recruiter.reads(f"{requisition.path}/rubric"))[0]["rubric"]
    assert [one["id"] for one in rubric["criteria"]] == [one["id"] for one in body["criteria"][:-1]]
    assert all(out["id"] not in one["criteria"] for one in rubric["plan"])
    assert rubric["criteria"][0]["span"] is None
    assert rubric["criteria"][1]["span"]["document"] == requisition.intake


async def test_nobody_taps_words_that_are_not_theirs_to_read(company: Company, path: str) -> None:
    passages = passages_in(await begun(company, path))
    refused = await posts(company.stranger, path, {"base_version": "0", "_passage": passages[0][0]})
    assert refused.status_code in (403, 404)
    assert passages[0][1] not in unescape(refused.text)
