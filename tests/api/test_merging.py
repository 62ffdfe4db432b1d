"""Two applicants who are one person: what follows it, who may say so, and that it can be undone."""

from __future__ import annotations

import html
import io
import re
import secrets
import string
import zipfile
from typing import Any

import pytest

from testing.api_clients import problem, taken
from testing.api_company import Applicant, Company, Requisition
from testing.sign_in import signed_in

WHY = {"why": "She told us so on the telephone."}


@pytest.fixture
async def twice(company: Company) -> tuple[Applicant, Applicant]:
    """Somebody who applied twice, for two jobs under two addresses."""
    first, second = await company.opens(), await company.opens()
    surname = "".join(secrets.choice(string.ascii_lowercase) for _ in range(12)).title()
    return await first.gains(f"Una {surname}"), await second.gains(f"Una H {surname}")


def mail_of(one: Applicant) -> str:
    """The address they applied under."""
    return f"{one.name.lower().replace(' ', '.')}@example.com"


def merge_of(stays: Applicant, other: Applicant) -> tuple[str, dict[str, Any]]:
    return f"/v1/humans/{stays.human}/merge", WHY | {"other": other.human}


async def test_what_is_held_of_both_is_one_persons_until_they_are_parted(
    company: Company, twice: tuple[Applicant, Applicant]
) -> None:
    stays, other = twice
    hr = company.partner
    handed = await _handed_out(company, stays)
    assert other.id not in handed

    assert taken(
        await hr.asks(*merge_of(stays, other)),
    ) == {"id": stays.human}

    assert problem(await hr.asks(*merge_of(other, stays)), 422, "same_person")["field"] == "other"
    handed = await _handed_out(company, stays)
    assert other.id in handed
    again = {"name": other.name, "email": mail_of(other)}
    assert taken(await company.recruiter.asks("/v1/humans", again))["id"] == stays.human
    assert (await company.recruiter.reads(other.path))["contact"]["email"] == mail_of(stays)
    body = {"person": stays.human, "source": "applied", "notice_version": "2026-01"}
    problem(await company.recruiter.asks(f"{other.requisition.path}/add-candidate", body), 409, "duplicate_person")

    parted = taken(await hr.asks(f"/v1/humans/{other.human}/part", {}))
    assert parted == {"id": other.human, "other": stays.human}
    problem(await hr.asks(f"/v1/humans/{other.human}/part", {}), 409, "not_merged")
    assert other.id not in await _handed_out(company, stays)
    assert taken(await company.recruiter.asks("/v1/humans", again))["id"] == other.human
    assert (await company.recruiter.reads(other.path))["contact"]["email"] == mail_of(other)


async def test_it_is_for_hr_and_not_where_a_hold_or_a_candidacy_forbids_it(
    company: Company, twice: tuple[Applicant, Applicant]
) -> None:
    stays, other = twice
    problem(await company.recruiter.asks(*merge_of(stays, other)), 403, "not_permitted")
    nobody = f"/v1/humans/{stays.human}/merge", WHY | {"other": "H-NOBODY0001"}
    problem(await company.partner.asks(*nobody), 422, "unknown_reference")
    beside = await stays.requisition.gains("Una Third")
    assert (
        stays.requisition.id
        in problem(await company.partner.asks(*merge_of(stays, beside)), 409, "duplicate_person")["detail"]
    )
    await company.partner.does(f"{other.path}/set-legal-hold", {"on": True, "why": "A claim was filed."})
    await company.partner.sees(other.path, lambda it: it["legal_hold"])
    problem(await company.partner.asks(*merge_of(stays, other)), 409, "legal_hold")


async def test_a_contact_is_corrected_and_known_from_then_on(company: Company) -> None:
    requisition: Requisition = await company.opens()
    ada, ben = await requisition.gains("Ada Mistyped"), await requisition.gains("Ben Neighbour")
    path, why = f"{ada.path}/correct-contact", "She spelt it on the telephone."
    wrong = problem(
        await company.recruiter.asks(path, {"address": "ada.right@example.com.", "why": why}), 422, "invalid"
    )
    assert "full stop" in wrong["detail"]
    taken_by = problem(
        await company.recruiter.asks(path, {"address": "ben.neighbour@example.com", "why": why}), 422, "address_taken"
    )
    assert ben.id in taken_by["detail"]
    problem(await company.manager.asks(path, {"full_name": "Ada Right", "why": why}), 403, "not_permitted")

    right = {"address": "Ada <ada.right@bücher.example>", "telephone": "+1 555 010 4477 ext. 12", "why": why}
    await company.recruiter.does(path, right)

    seen = await company.recruiter.sees(ada.path, lambda it: it["contact"]["email"] == "ada.right@bücher.example")
    assert seen["contact"]["phone"] == "+1 555 010 4477 ext. 12"
    known = {"name": "Ada Mistyped", "email": "ada.right@xn--bcher-kva.example"}
    assert taken(await company.recruiter.asks("/v1/humans", known))["id"] == ada.human
    told = await company.recruiter.reads(f"{ada.path}/timeline")
    assert next(one for one in told if one["type"] == "contact_corrected")["payload"]["why"] == why
    journal = await company.pool.fetch("SELECT payload::text FROM events WHERE stream = $1", f"candidate/{ada.id}")
    assert not [row for row in journal if "ada.right" in row["payload"] or "4477" in row["payload"]]


async def test_what_is_right_of_a_contact_need_not_be_typed_again(company: Company) -> None:
    requisition: Requisition = await company.opens()
    ida = await requisition.gains("Ida Mistyped")
    page = f"/candidates/{ida.id}/correct-contact"
    headers = (await signed_in(company.http, company.recruiter.token)).header
    form = (await company.http.get(page, headers=headers)).text
    assert 'value="Ida Mistyped"' in form
    assert f'value="{mail_of(ida)}"' in form

    typed = {"full_name": "Ida Right", "address": mail_of(ida), "telephone": "", "why": "Misheard.", "_key": "ida"}
    unchanged = await company.http.post(page, data=typed | {"full_name": "Ida Mistyped"}, headers=headers)
    assert "What is it that was wrong?" in unchanged.text
    comma = await company.http.post(page, data=typed | {"address": "ida,right@example.com"}, headers=headers)
    assert "Write it as it stands on a letter or a card." in comma.text
    assert (await company.http.post(page, data=typed, headers=headers)).status_code == 303
    seen = await company.recruiter.sees(ida.path, lambda it: it["contact"]["name"] == "Ida Right")
    assert seen["contact"]["email"] == mail_of(ida)
    told = await company.recruiter.reads(f"{ida.path}/timeline")
    corrected = next(one for one in told if one["type"] == "contact_corrected")["payload"]
    assert not corrected.get("address")


async def test_it_is_said_and_undone_on_the_candidates_page(
    company: Company, twice: tuple[Applicant, Applicant]
) -> None:
    stays, other = twice
    headers = (await signed_in(company.http, company.partner.token)).header
    page = f"/candidates/{stays.id}/same-person"
    candidate = await company.http.get(f"/candidates/{stays.id}", headers=headers)
    assert page in candidate.text
    assert f"/candidates/{stays.id}/correct-contact" in candidate.text
    assert mail_of(stays) in candidate.text
    recruiters = (await signed_in(company.http, company.recruiter.token)).header
    assert page not in (await company.http.get(f"/candidates/{stays.id}", headers=recruiters)).text
    form = {"candidate": f"https://tandem.example/candidates/{other.id}", "stays": "this", "_key": "merging"} | WHY

    unsaid = await company.http.post(page, data=form | {"why": ""}, headers=headers)
    assert unsaid.status_code == 422
    nobody = await company.http.post(page, data=form | {"candidate": other.name}, headers=headers)
    assert "open that page, and copy" in nobody.text
    beside = await stays.requisition.gains("Vera Fourth")
    both = await company.http.post(page, data=form | {"candidate": beside.id}, headers=headers)
    assert f"Both are in “{company.opening()['title']}”" in html.unescape(both.text)
    await company.recruiter.does(f"{other.path}/tag-candidate", {"on": ["Has a boat"]})
    shown = await company.http.post(page, data=form, headers=headers)
    sides = html.unescape(shown.text).partition('<table class="both">')[2].partition("</table>")[0]
    for words in (
        f"Stays: {stays.name}", f"Goes on as them: {other.name}", mail_of(stays), mail_of(other), "Has a boat",
        f'href="/candidates/{stays.id}"', f'href="/candidates/{other.id}"', "privacy notice 2026-01",
        f"letters go to {mail_of(stays)}",
    ):  # fmt: skip
        assert words in sides, words
    assert "After that they stay one person for good." in shown.text
    assert (await company.recruiter.reads(other.path))["contact"]["email"] == mail_of(other), "nothing is done yet"
    seen = re.search(r'name="_seen" value="([^"]+)"', shown.text)
    assert seen is not None
    form |= {"_seen": seen[1]}
    turned = await company.http.post(page, data=form | {"stays": "other"}, headers=headers)
    assert f"Stays: {other.name}" in turned.text, "another is seen first as well"
    merged = await company.http.post(page, data=form, headers=headers)
    assert merged.status_code == 303

    said = await company.http.get(merged.headers["location"], headers=headers)
    assert "Done: They are one person." in said.text
    assert WHY["why"] in said.text
    assert f"{other.name} ({mail_of(other)}) is the same person as {stays.name} ({mail_of(stays)})." in said.text
    assert (await company.recruiter.reads(other.path))["contact"]["email"] == mail_of(stays)
    again = await company.http.post(page, data=form, headers=headers)
    assert "They are one person already." in again.text
    undone = await company.http.post(f"{page}/{other.human}/part", headers=headers)
    assert undone.status_code == 303
    assert WHY["why"] not in (await company.http.get(page, headers=headers)).text


async def _handed_out(company: Company, one: Applicant) -> str:
    answer = await company.partner.get(f"{one.path}/export")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        return "\n".join(files.read(name).decode() for name in files.namelist())
