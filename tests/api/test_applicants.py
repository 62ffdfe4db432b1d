"""Everybody who applied, across requisitions; and one thing done about several of them."""

from __future__ import annotations

import asyncio
import html
import re
from dataclasses import dataclass
from typing import Any

import pytest

from testing.api_clients import Voice, eventually, problem, taken
from testing.api_company import Applicant, Company, Requisition, joins
from testing.sign_in import signed_in


@dataclass(frozen=True)
class World:
    """A recruiter's two requisitions, with somebody in both, and a requisition of others."""

    company: Company
    one: Requisition
    two: Requisition
    both: Applicant
    once: Applicant
    again: Applicant
    others: Company


@pytest.fixture(scope="module")
async def world(company: Company) -> World:
    """One applicant stands in both requisitions, under one id."""
    voices = dict(company.voices)
    for part, standing in {"recruiter": "R", "manager": "", "partner": "P"}.items():
        voices[part] = await joins(company, f"applicants_{part}", [standing] if standing else [])
    ours = Company(company.http, company.pool, voices)
    team = {"second_signer": company.second_signer.id}
    one, two = await ours.opens(title="Lamplighter", **team), await ours.opens(title="Night porter", **team)
    both, once = await one.gains("Thessaly Crane"), await one.gains("Ignatius Bell", source="sourced")
    again = await two.gains("Thessaly Crane")
    elsewhere = await joins(company, "applicants_other_recruiter", ["R"])
    others = Company(company.http, company.pool, company.voices | {"recruiter": elsewhere})
    return World(ours, one, two, both, once, again, others)


async def listed(voice: Voice, **asked: Any) -> list[tuple[str, set[str]]]:
    page = await voice.reads("/v1/applicants", **asked)
    return [(one["name"], {each["candidate"] for each in one["candidacies"]}) for one in page["applicants"]]


async def test_everybody_stands_there_once_with_all_they_are_in_where_one_judges(world: World) -> None:
    people = dict(await listed(world.company.recruiter))
    assert people == {
        "Thessaly Crane": {world.both.id, world.again.id},
        "Ignatius Bell": {world.once.id},
    }
    assert dict(await listed(world.company.partner)) == people
    assert await listed(world.others.recruiter) == []
    assert await listed(world.company.recruiting_lead, requisition=world.one.id) == []
    problem(await world.company.manager.get("/v1/applicants"), 403, "not_permitted")
    told = (await world.company.recruiter.reads("/v1/applicants", source="sourced"))["applicants"]
    [candidacy] = told[0]["candidacies"]
    assert (candidacy["title"], candidacy["notice_version"], candidacy["stage"]) == ("Lamplighter", "2026-01", "added")
    assert candidacy["kept_until"] is None


async def test_the_list_is_narrowed_and_goes_on_where_a_page_ends(world: World) -> None:
    recruiter = world.company.recruiter
    assert await listed(recruiter, requisition=world.two.id) == [("Thessaly Crane", {world.again.id})]
    assert await listed(recruiter, source="sourced") == [("Ignatius Bell", {world.once.id})]
    assert await listed(recruiter, stage="offered") == await listed(recruiter, running=False) == []
    for sort in ("moved", "quiet", "kept"):
        first = await recruiter.reads("/v1/applicants", limit=1, sort=sort)
        rest = await recruiter.reads("/v1/applicants", limit=1, sort=sort, after=first["next"])
        assert rest["next"] is None
        assert {one["name"] for one in (*first["applicants"], *rest["applicants"])} == {
            "Thessaly Crane", "Ignatius Bell",
        }, sort  # fmt: skip
    moved = [name for name, _ in await listed(recruiter)]
    assert moved[::-1] == [name for name, _ in await listed(recruiter, sort="quiet")]
    problem(await recruiter.get("/v1/applicants", after="nowhere"), 422, "invalid")

    async def named() -> bool:
        return await listed(recruiter, q="thess") == [("Thessaly Crane", {world.both.id, world.again.id})]

    await eventually(named, "nobody is found by name")


async def test_who_is_out_is_kept_until_a_day_that_is_said(world: World) -> None:
    body = {"name": "Wren Attlee", "email": "wren@example.com"}
    applicant = await world.two.gains("Wren Attlee")
    await world.company.recruiter.does(f"{applicant.path}/withdraw", {"cause": "pay", "at": "2026-01-01T10:00:00Z"})

    async def kept() -> bool:
        page = await world.company.recruiter.reads("/v1/applicants", running=False, sort="kept")
        people = {one["name"]: one["candidacies"] for one in page["applicants"]}
        return "Wren Attlee" in people and people["Wren Attlee"][0]["kept_until"] is not None

    await eventually(kept, "nothing says how long they are kept")
    early = await listed(world.company.recruiter, kept_until="2026-01-02T00:00:00Z")
    assert "Wren Attlee" not in dict(early)
    assert body["name"] in dict(await listed(world.company.recruiter, kept_until="2099-01-01T00:00:00Z"))


async def test_the_notice_that_was_given_last_stands_in_the_form_for_the_next(world: World) -> None:
    cookie = (await signed_in(world.company.http, world.company.recruiter.token)).header
    new = await world.company.opens(title="Chandler", second_signer=world.company.second_signer.id)
    page = await world.company.http.get(f"/requisitions/{new.id}/new-candidate", headers=cookie)
    assert 'name="notice_version" value="2026-01"' in page.text
    others = await joins(world.company, "applicants_newcomer", ["R"])
    theirs = Company(world.company.http, world.company.pool, world.company.voices | {"recruiter": others})
    first = await theirs.opens(title="Chandler and mate", second_signer=world.company.second_signer.id)
    page = await world.company.http.get(
        f"/requisitions/{first.id}/new-candidate", headers=(await signed_in(theirs.http, others.token)).header
    )
    assert page.status_code == 200
    assert "2026-01" not in page.text


async def test_whom_one_introduced_is_added_to_a_requisition_from_the_page(world: World) -> None:
    recruiter, http = world.company.recruiter, world.company.http
    human = taken(await recruiter.asks("/v1/humans", {"name": "Odile Marsh", "email": "odile@example.com"}))["id"]
    cookie = (await signed_in(http, recruiter.token)).header
    page = await http.get("/applicants", headers=cookie)
    assert f'href="/applicants/{human}/add"' in page.text
    form = await http.get(f"/applicants/{human}/add", headers=cookie)
    assert "Night porter" in form.text
    sent = {"to_requisition": world.two.id, "source": "sourced", "notice_version": ""}
    refused = await http.post(f"/applicants/{human}/add", data=sent, headers=cookie)
    assert refused.status_code == 422
    sent["notice_version"] = "2026-02"
    done = await http.post(f"/applicants/{human}/add", data=sent, headers=cookie)
    assert done.headers["location"] == f"/requisitions/{world.two.id}?done=add_candidate"
    await recruiter.sees(f"{world.two.path}/candidates", lambda lines: human in {line["human"] for line in lines})
    stranger = (await signed_in(http, world.others.recruiter.token)).header
    assert (await http.get(f"/applicants/{human}/add", headers=stranger)).status_code == 422


def fields_of(page: str) -> list[tuple[str, str]]:
    """The hidden inputs of the page's form about several."""
    form = page[page.index('action="/bulk"') :]
    pairs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return [(html.unescape(name), html.unescape(value)) for name, value in pairs]


async def test_several_are_told_at_once_each_by_name_and_nobody_twice(world: World) -> None:
    recruiter, http = world.company.recruiter, world.company.http
    search = await world.company.opens(title="Bell ringer", second_signer=world.company.second_signer.id)
    await search.locks()
    out = [await search.gains(name) for name in ("Aldous Finch", "Bettina Hale", "Cyril Moss")]
    stays = await search.gains("Dorothea Nye")
    await asyncio.gather(*(recruiter.does(f"{one.path}/reject", {"criterion": "K1"}) for one in out))
    for one in out:
        await one.comes_to("rejected")
    cookie = (await signed_in(http, recruiter.token)).header
    page = await http.get(f"/requisitions/{search.id}", headers=cookie)
    assert f'value="{stays.id}" aria-label="Choose Dorothea Nye"' in page.text
    chosen = [("do", "tell-outcome"), *(("candidate", one.id) for one in (*out, stays))]
    form = await http.get("/bulk", params=chosen, headers=cookie)
    assert "4 candidates" in form.text
    text = "Dear {name}, thank you for your time; we go on with others."
    assert "Look at what each is told" in form.text
    sent = {"channel": "mail", "text": text} | {name: value for name, value in fields_of(form.text) if name == "_key"}
    body = {**sent, "do": "tell-outcome", "candidate": [one.id for one in (*out, stays)]}
    inside = await http.post("/bulk", data=body | {"text": "You fell short of criterion K1."}, headers=cookie)
    assert inside.status_code == 422
    assert "“criterion” is ours, not theirs." in inside.text
    assert "You fell short of criterion K1." in inside.text, "what was typed is kept"

    shown = await http.post("/bulk", data=body, headers=cookie)
    assert "Not possible for 1" in shown.text
    assert "Dorothea Nye</a>: There is no outcome to tell." in shown.text
    assert "Dear Dorothea Nye" not in shown.text
    first, _, others = shown.text.partition("The letters to the others")
    assert text.replace("{name}", "Aldous Finch") in first
    assert "Aldous Finch &lt;aldous.finch@example.com&gt;" in first
    assert "Your application: Bell ringer" in first
    for one in out[1:]:
        assert text.replace("{name}", one.name) not in first
        assert text.replace("{name}", one.name) in others
    for one in out:
        assert "outcome_told" not in {e["type"] for e in await recruiter.reads(f"{one.path}/timeline")}
    seen = {name: value for name, value in fields_of(shown.text) if name == "_seen"}
    kept = [value for name, value in fields_of(shown.text) if name == "candidate"]
    assert kept == [one.id for one in out]
    body |= {"candidate": kept}
    for other in ({"text": f"{text} Farewell."}, {"channel": "call"}, {"candidate": kept[:2]}):
        changed = await http.post("/bulk", data=body | seen | other, headers=cookie)
        assert "_seen" in changed.text, "what is not as it was seen is shown first"
        assert ("Nothing is sent: this is noted" in changed.text) == (other == {"channel": "call"})

    body |= seen
    done = await http.post("/bulk", data=body, headers=cookie)
    assert done.status_code == 200
    assert "Done for 3" in done.text
    again = await http.post("/bulk", data=body, headers=cookie)
    assert "Done for 3" in again.text
    for one in out:
        told = [e for e in await recruiter.reads(f"{one.path}/timeline") if e["type"] == "outcome_told"]
        assert [e["payload"]["text"] for e in told] == [text.replace("{name}", one.name)]

    waits = await recruiter.reads("/v1/applicants", requisition=search.id, stage="rejected")
    assert {one["candidacies"][0]["waits_to_hear"] for one in waits["applicants"]} == {False}


async def test_several_are_asked_for_an_update_by_a_letter_that_is_seen_first(world: World) -> None:
    recruiter, http = world.company.recruiter, world.company.http
    search = await world.company.opens(title="Knocker-up", second_signer=world.company.second_signer.id)
    other = await world.company.opens(title="Ferry hand", second_signer=world.company.second_signer.id)
    await search.locks()
    asked = [await search.gains("Hortensia Quill"), await other.gains("Jasper Wynn")]
    told = await search.gains("Leopold Ashe")
    await recruiter.does(f"{told.path}/reject", {"criterion": "K1"})
    await told.comes_to("rejected")
    await recruiter.does(f"{told.path}/tell-outcome", {"channel": "mail", "text": "We go on with others."})
    cookie = (await signed_in(http, recruiter.token)).header
    chosen = [("do", "ask-for-update"), *(("candidate", one.id) for one in (*asked, told))]
    form = await http.get("/bulk", params=chosen, headers=cookie)
    assert "Look at the letters" in form.text
    assert "Begin in" in form.text
    fields = {name: value for name, value in fields_of(form.text) if name == "_key"}
    words = {"letter_subject": "About {job}", "text": "Dear {name}, are you still interested in “{job}”?"}
    body = {**fields, **words, "do": "ask-for-update", "candidate": [one.id for one in (*asked, told)]}
    shown = await http.post("/bulk", data=body, headers=cookie)
    assert "Dear Hortensia Quill, are you still interested in “Knocker-up”?" in shown.text
    assert "Dear Jasper Wynn, are you still interested in “Ferry hand”?" in shown.text
    assert "Leopold Ashe</a>: They were told how it ended, and have not written since." in shown.text
    assert "Dear Leopold Ashe" not in shown.text
    assert "Send it: all 2" in shown.text
    for one in asked:
        before = await recruiter.reads(f"{one.path}/timeline", limit=500)
        assert "letter_sent" not in {e["type"] for e in before}, "nothing goes before it is seen"
    seen = {name: value for name, value in fields_of(shown.text) if name in ("_key", "_seen")}
    body |= {"candidate": [one.id for one in asked]}
    changed = await http.post("/bulk", data=body | seen | {"text": "Dear {name}, hello."}, headers=cookie)
    assert "Dear Jasper Wynn, hello." in changed.text
    assert "Send it: all 2" in changed.text, "other words are seen first as well"

    done = await http.post("/bulk", data=body | seen, headers=cookie)
    assert "Done for 2" in done.text
    for one, job in zip(asked, ("Knocker-up", "Ferry hand"), strict=True):
        said = [e for e in await recruiter.reads(f"{one.path}/timeline", limit=500) if e["type"] == "letter_sent"]
        assert [e["payload"]["text"] for e in said] == [f"Dear {one.name}, are you still interested in “{job}”?"]


async def test_several_are_tagged_and_untagged_at_once(world: World) -> None:
    recruiter, http = world.company.recruiter, world.company.http
    search = await world.company.opens(title="Rag picker", second_signer=world.company.second_signer.id)
    new, has = await search.gains("Octavia Thorn"), await search.gains("Quentin Marsh")
    await recruiter.does(f"{has.path}/tag-candidate", {"on": ["night work"]})
    cookie = (await signed_in(http, recruiter.token)).header
    people = [("candidate", one.id) for one in (new, has)]

    async def sent(**tags: str) -> str:
        form = await http.get("/bulk", params=[("do", "tag-candidate"), *people], headers=cookie)
        key = {name: value for name, value in fields_of(form.text) if name == "_key"}
        body = {**key, **tags, "do": "tag-candidate", "candidate": [id for _, id in people]}
        answer = await http.post("/bulk", data=body, headers=cookie)
        assert answer.status_code == 200
        return answer.text

    async def tags() -> dict[str, list[str]]:
        page = await recruiter.reads("/v1/applicants", requisition=search.id)
        return {one["name"]: one["candidacies"][0]["tags"] for one in page["applicants"]}

    first = await sent(on="Night work")
    assert "Done for 1" in first
    assert "Nothing to change for 1" in first
    assert await tags() == {"Octavia Thorn": ["Night work"], "Quentin Marsh": ["night work"]}
    assert "Done for 2" in await sent(off="NIGHT WORK")
    assert await tags() == {"Octavia Thorn": [], "Quentin Marsh": []}


async def test_several_are_moved_and_whoever_is_there_already_is_named(world: World) -> None:
    recruiter, http = world.company.recruiter, world.company.http
    cookie = (await signed_in(http, recruiter.token)).header
    search = await world.company.opens(title="Ferryman", second_signer=world.company.second_signer.id)
    here, there = await search.gains("Emrys Vane"), await world.two.gains("Emrys Vane")
    other = await search.gains("Flora Quist")
    body = {
        "do": "transfer", "_key": "moved-together", "candidate": [here.id, other.id],
        "to_requisition": world.two.id, "consent_at": "2026-01-05T10:00",
    }  # fmt: skip
    done = await http.post("/bulk", data=body, headers=cookie)
    assert "Done for 1" in done.text
    assert "Emrys Vane</a>: They are in that requisition already." in done.text
    lines = await recruiter.sees(
        f"{world.two.path}/candidates", lambda lines: other.human in {line["human"] for line in lines}
    )
    assert [line["id"] for line in lines if line["human"] == here.human] == [there.id]


async def test_nothing_is_judged_of_several_and_nothing_done_about_others_candidates(world: World) -> None:
    http = world.company.http
    cookie = (await signed_in(http, world.company.recruiter.token)).header
    for do in ("reject", "shortlist", "decide", "answer-profile", "erase", ""):
        assert (await http.get("/bulk", params={"do": do}, headers=cookie)).status_code == 404
        assert (await http.post("/bulk", data={"do": do}, headers=cookie)).status_code == 404
    stranger = (await signed_in(http, world.others.recruiter.token)).header
    asked = {"do": "log-contact", "candidate": world.once.id}
    form = await http.get("/bulk", params=asked, headers=stranger)
    assert "Nobody is chosen." in form.text
    assert "Ignatius" not in form.text
    body = asked | {"at": "2026-01-05T10:00", "direction": "outbound", "channel": "mail", "_key": "k"}
    assert "Nobody is chosen." in (await http.post("/bulk", data=body, headers=stranger)).text
    timeline = await world.company.recruiter.reads(f"{world.once.path}/timeline")
    assert "contact_logged" not in {entry["type"] for entry in timeline}
    many = [("do", "log-contact"), *(("candidate", f"C-NUMBER{n:04}") for n in range(201))]
    assert (await http.get("/bulk", params=many, headers=cookie)).status_code == 404
