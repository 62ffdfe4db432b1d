"""Searching: everybody finds what they may read, as it stands now, and is told nothing of anything else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from testing.api_clients import Voice, eventually, problem, taken
from testing.api_company import Applicant, Company, Requisition, joins, sample
from testing.sign_in import signed_in

RESUME = b"Quillon Ashgrove\n\nRan the zamboni depot of the city for nine years, with a crew of forty. " * 3


@dataclass(frozen=True)
class World:
    """A requisition with somebody of a rare name in it, an interviewer who meets them, and one of others."""

    company: Company
    here: Requisition
    met: Applicant
    other: Applicant
    there: Requisition
    overseer: Voice
    stranger: Voice


@pytest.fixture(scope="module")
async def world(company: Company) -> World:
    """Two requisitions with nobody in common but the leads of the company."""
    voices = dict(company.voices)
    for part, standing in {"recruiter": "R", "manager": "", "partner": "P", "interviewer": ""}.items():
        voices[part] = await joins(company, f"search_{part}", [standing] if standing else [])
    ours = Company(company.http, company.pool, voices)
    overseer, stranger = await joins(company, "search_lead", ["L"]), await joins(company, "search_stranger", ["R"])
    team = {"second_signer": company.second_signer.id, "title": "Keeper of the zamboni", "team": "Ice"}
    here = await ours.opens(**team)
    await here.locks()
    met, other = await here.gains("Quillon Ashgrove", RESUME), await here.gains("Quilla Ashworth")
    await met.is_shortlisted()
    await here.slate_of(met)
    await met.is_advanced()
    await met.needs_no_screen()
    await met.meets(ours.interviewer, company.other_interviewer)
    others = Company(company.http, company.pool, company.voices | {"recruiter": stranger})
    there = await others.opens(title="Glazier", team="Ice")
    await ours.recruiter.uploads("notes", met.id, b"She drove a snowplough once.", "n.txt")
    return World(ours, here, met, other, there, overseer, stranger)


async def finds(voice: Voice, query: str, **asked: Any) -> set[tuple[str, str]]:
    answer = await voice.reads("/v1/search", q=query, **asked)
    return {(hit["kind"], hit["id"]) for hit in answer["hits"]}


async def comes_to_find(voice: Voice, query: str, *wanted: tuple[str, str]) -> None:
    """Waits until exactly this is found: a worker indexes what was written."""

    async def found() -> bool:
        return await finds(voice, query) == set(wanted)

    await eventually(found, f"{query}: {await finds(voice, query)} and not {wanted}")


async def test_a_recruiter_finds_by_name_address_and_words_whom_they_recruit(world: World) -> None:
    recruiter, met, other = world.company.recruiter, world.met, world.other
    await comes_to_find(recruiter, "quil", ("candidate", met.id), ("candidate", other.id))
    await comes_to_find(recruiter, "ASHGROVE qu", ("candidate", met.id))
    await comes_to_find(recruiter, "quillon.ashgrove@example.com", ("candidate", met.id))
    await comes_to_find(recruiter, "ice keeper", ("requisition", world.here.id))
    resume = (await recruiter.reads(met.path))["resume"]["id"]
    await comes_to_find(recruiter, "zamboni depot", ("document", resume))
    [hit] = (await recruiter.reads("/v1/search", q="zamboni depot"))["hits"]
    assert (hit["name"], hit["what"], hit["candidate"]) == ("Quillon Ashgrove", "resume", met.id)
    for passage in hit["passages"]:
        marked = {passage["text"][mark["start"] : mark["end"]] for mark in passage["marks"]}
        assert marked == {"zamboni", "depot"}
        text = (await recruiter.reads(f"/v1/documents/{resume}"))["text"]
        assert text[passage["start"] :].startswith(passage["text"])
    assert await finds(recruiter, "quil", kind="requisition") == set()
    answer = await recruiter.reads("/v1/search", q="quil", limit=1)
    assert (len(answer["hits"]), answer["more"]) == (1, ["candidate"])


async def test_nobody_finds_what_they_may_not_read(world: World) -> None:
    company, met = world.company, world.met
    await comes_to_find(company.recruiter, "zamboni depot", ("document", await _resume(world)))
    everything = ("quil", "ashgrove", "quillon.ashgrove@example.com", "zamboni", "depot", "snowplough")
    for query in everything:
        for voice in (world.stranger, company.stranger):
            answer = await voice.reads("/v1/search", q=query)
            assert answer == {"hits": [], "more": []}, query
    # Whoever oversees finds requisitions, and no names and no words.
    assert await finds(world.overseer, "zamboni") == {("requisition", world.here.id)}
    assert {query for query in everything if await finds(world.overseer, query)} == {"zamboni"}
    # Whoever interviews finds whom they meet by name, and looks through nobody's papers.
    assert await finds(company.interviewer, "quil") == {("candidate", met.id)}
    assert await finds(company.interviewer, "zamboni") == {("requisition", world.here.id)}
    assert await finds(company.interviewer, "quillon.ashgrove@example.com") == set()
    assert await finds(company.interviewer, "depot") == await finds(company.interviewer, "snowplough") == set()
    # An intake's words are for those who may read it.
    await comes_to_find(company.recruiter, "permits clerks", *await finds(company.manager, "permits clerks"))
    assert await finds(company.second_signer, "depot") == set()
    problem(await company.nobody.get("/v1/search", q="quil"), 401, "unauthenticated")
    problem(await company.recruiter.get("/v1/search", q="a\nb"), 422, "invalid")


async def _resume(world: World) -> str:
    found: str = (await world.company.recruiter.reads(world.met.path))["resume"]["id"]
    return found


async def test_what_is_read_in_a_search_is_on_record(world: World) -> None:
    manager = world.company.manager
    await comes_to_find(manager, "crew depot", ("document", await _resume(world)))
    resume = await _resume(world)
    audit = await world.company.partner.reads(f"{world.met.path}/audit")
    assert ("read_document", manager.id, resume) in {(one["act"], one["actor"], one["object"]) for one in audit}


async def test_an_applicant_of_no_requisition_is_found_by_who_introduced_them(world: World) -> None:
    body = {"name": "Xiomara Pell", "phone": "+44 20 7946 0123"}
    human = taken(await world.company.recruiter.asks("/v1/humans", body))["id"]
    await comes_to_find(world.company.recruiter, "xio", ("applicant", human))
    await comes_to_find(world.company.recruiter, "020 7946 0123", ("applicant", human))
    assert await finds(world.stranger, "xio") == set()


async def test_what_another_recruiter_said_of_the_same_applicant_confirms_no_guess(world: World) -> None:
    """Two say who somebody is; each finds them by their own words, and not by the other's telephone number."""
    name, email = "Ottoline Farr", "ottoline.farr@example.com"
    recruiter, stranger = world.company.recruiter, world.stranger
    ours = await world.here.gains(name)
    said = {"name": name, "email": email, "phone": "+44 20 7946 0777"}
    human = taken(await stranger.asks("/v1/humans", said))["id"]
    assert human == ours.human
    doc = await stranger.uploads("resume", human, sample("resumes/ruth-abara.txt"), "r.txt")
    added = {"person": human, "source": "applied", "doc": doc, "notice_version": "1"}
    await stranger.does(f"{world.there.path}/add-candidate", added)

    async def indexed() -> bool:
        return {kind for kind, _ in await finds(stranger, "7946 0777")} == {"candidate"}

    await eventually(indexed, "they do not find whom they introduced by their number")
    await comes_to_find(recruiter, "ottoline", ("candidate", ours.id))
    assert await finds(recruiter, "7946 0777") == set()


async def test_the_page_groups_what_is_found_and_marks_the_words(world: World) -> None:
    recruiter, http = world.company.recruiter, world.company.http
    await comes_to_find(recruiter, "zamboni depot", ("document", await _resume(world)))
    cookie = (await signed_in(http, recruiter.token)).header
    page = (await http.get("/search", params={"q": "zamboni"}, headers=cookie)).text
    assert page.index("Requisitions</h2>") < page.index("Words in documents</h2>")
    assert f'<a href="/requisitions/{world.here.id}">Keeper of the zamboni</a>' in page
    assert "<mark>zamboni</mark>" in page
    [place] = set(re.findall(rf'href="(/documents/{await _resume(world)}\?[^"#]*)', page))
    document = await http.get(place.replace("&amp;", "&"), headers=cookie)
    assert ">zamboni</mark>" in document.text
    nothing = await http.get("/search", params={"q": "zzyzx"}, headers=cookie)
    assert "Nothing is found." in nothing.text
    hostile = await http.get("/search", params={"q": '"><script>alert(1)</script>'}, headers=cookie)
    assert "<script>alert" not in hostile.text


async def test_a_few_hits_come_while_one_types(world: World) -> None:
    recruiter, http = world.company.recruiter, world.company.http
    await comes_to_find(recruiter, "quil", ("candidate", world.met.id), ("candidate", world.other.id))
    cookie = (await signed_in(http, recruiter.token)).header
    quick = (await http.get("/search/quick", params={"q": "zambo"}, headers=cookie)).text
    assert 'role="listbox"' in quick
    assert f"/requisitions/{world.here.id}" in quick
    assert "nine years" not in quick
    named = (await http.get("/search/quick", params={"q": "qui"}, headers=cookie)).text
    assert named.count('data-kind="candidate"') == 2
