"""What a recruiter with several requisitions reads on her pages: whose move it is, and each thing by one name."""

from __future__ import annotations

import re
from functools import partial
from html import unescape

import pytest

from local.demo.play import until
from testing.api_company import Applicant, Company, Requisition
from testing.sign_in import signed_in


async def page_of(company: Company, path: str) -> str:
    """A page as the recruiter is shown it."""
    cookie = await signed_in(company.http, company.recruiter.token)
    answer = await company.http.get(path, headers=cookie.header)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def words_of(page: str) -> str:
    """What is read on a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).split())


@pytest.fixture(scope="module")
async def requisition(company: Company) -> Requisition:
    """One whose rubric is locked."""
    found = await company.opens(title="Ferry master")
    await found.locks()
    return found


@pytest.fixture(scope="module")
async def waiting(requisition: Requisition) -> list[Applicant]:
    """Two who are to be given word."""
    found = [await requisition.gains(name) for name in ("Ferry Aalto", "Ferry Berg")]
    for one in found:
        await one.is_shortlisted()
        await one.comes_to("shortlisted")
    return found


async def test_whoever_is_to_be_given_word_is_written_to_together(company: Company, waiting: list[Applicant]) -> None:
    for path in ("/owed", f"/requisitions/{waiting[0].requisition.id}"):
        page = await page_of(company, path)
        # Others of the company's requisitions stand among the tasks as well.
        several = [
            (link, words)
            for link, words in re.findall(r'<a[^>]+href="(/bulk[^"]+)"[^>]*>([^<]+)', page)
            if "candidates" in words and waiting[0].id in link
        ]
        assert [words for _, words in several] == ["Write to 2 candidates"], path
        form = words_of(await page_of(company, several[0][0]))
        for one in waiting:
            assert one.name in form
        assert "The letter" in form
    assert "Or one by one" in words_of(await page_of(company, "/owed"))


async def test_word_is_given_by_a_letter_or_noted_and_each_form_leads_to_the_other(
    company: Company, waiting: list[Applicant]
) -> None:
    place = f"/candidates/{waiting[0].id}"
    page = await page_of(company, place)
    assert re.search(rf'href="{place}/send-letter"[^>]*>Give the candidate word', page)
    assert f'href="{place}/log-contact"' in await page_of(company, f"{place}/send-letter")
    assert f'href="{place}/send-letter"' in await page_of(company, f"{place}/log-contact")


async def test_activity_names_whom_it_is_about_once_and_the_latest_first(
    company: Company, waiting: list[Applicant]
) -> None:
    said = words_of(await page_of(company, f"/requisitions/{waiting[0].requisition.id}/timeline"))
    assert "candidate opened" not in said
    for one in waiting:
        assert said.count(f"{one.name} : candidate added") == 1
    order = [said.index(words) for words in ("Ferry Berg : candidate added", "Ferry Aalto : candidate added")]
    assert order == sorted(order)
    assert order[0] < said.index("rubric locked") < said.index("requisition opened")


async def test_a_stage_has_one_name_on_all_pages_and_a_file_is_a_resume_in_french(
    company: Company, requisition: Requisition
) -> None:
    one = await requisition.gains("Ferry Quayle")
    table = words_of(await page_of(company, f"/requisitions/{requisition.id}/pipeline?view=table"))
    assert re.search(r"Ferry Quayle.*? applied ", table)
    assert "applied for" in words_of(await page_of(company, f"/candidates/{one.id}"))
    assert re.search(r"applied 1\b", words_of(await page_of(company, f"/requisitions/{requisition.id}")))
    for query, said in (("q=Quayle", "applied, Ferry master"), ("q=permits&kind=document", "résumé, Ferry master")):
        # A worker indexes what was written.
        await until(
            partial(page_of, company, f"/search?{query}"), lambda found, said=said: said in words_of(found), said
        )


async def test_the_board_calls_its_reader_you(company: Company, requisition: Requisition) -> None:
    board = words_of(await page_of(company, "/board"))
    own = re.search(r"Ferry master .*? · (.+?) and ", board)
    assert own is not None
    assert "waiting for you" in board
    assert f"waiting for {own[1]}" not in board


async def test_whoever_adds_somebody_learns_that_a_file_is_read(company: Company, requisition: Requisition) -> None:
    place = f"/requisitions/{requisition.id}"
    assert f'href="{place}/applications/add-many"' in await page_of(company, f"{place}/new-candidate")
