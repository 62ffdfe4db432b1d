"""Somebody leaves: they are out at once, and what they held goes on with a delegate or a lead."""

from __future__ import annotations

from typing import Any

from testing.api_clients import Voice, taken
from testing.api_company import Company, joins
from testing.sign_in import signed_in


async def leaves(company: Company, who: Voice) -> None:
    """An administrator says over the API that they left."""
    [known] = [one for one in await company.ops.reads("/v1/people") if one["id"] == who.id]
    body = {name: value for name, value in known.items() if name != "id"} | {"active": False}
    taken(await company.ops.send("PUT", f"/v1/people/{who.id}", json=body))


async def to_do(company: Company) -> dict[str, str]:
    """What an administrator still has to do: where it is done, by the sentence."""
    return {one["what"]: one["link"] for one in await company.ops.reads("/v1/company/to-do")}


async def test_a_recruiter_s_role_and_tasks_go_to_their_lead(company: Company) -> None:
    rae = await joins(company, "rae", ["R"])
    ours = Company(company.http, company.pool, company.voices | {"recruiter": rae})
    here = await ours.opens()
    await here.locks()
    cookie = (await signed_in(company.http, rae.token)).header
    lead = company.recruiting_lead
    [slate] = [one for one in await lead.reads(f"{here.path}/clocks") if one["name"] == "slate_shared"]
    assert slate["owner"] == rae.id

    await leaves(company, rae)
    assert (await rae.get("/v1/me/sessions")).status_code == 401
    assert (await company.http.get("/me", headers=cookie)).status_code == 303

    def followed(clocks: Any) -> bool:
        return [one["owner"] for one in clocks if one["name"] == "slate_shared"] == [lead.id]

    [moved] = [one for one in await lead.sees(f"{here.path}/clocks", followed) if one["name"] == "slate_shared"]
    assert moved["due_at"] == slate["due_at"], "the time that was left is left"
    await lead.sees(here.path, lambda it: it["team"]["recruiter"] == lead.id)
    said = await lead.reads(f"{here.path}/timeline", limit=500)
    handed = [one for one in said if one["type"] in ("hand_over_planned", "clock_owner_changed")]
    assert {one["by"] for one in handed if one["type"] == "hand_over_planned"} == {company.ops.id}
    assert not [what for what in await to_do(company) if what.startswith("Rae")]


async def test_a_manager_s_delegate_follows_and_an_interviewer_s_card_goes_to_the_lead(company: Company) -> None:
    max_, dee, ivo = [await joins(company, f"leaving_{name}", []) for name in ("max", "dee", "ivo")]
    ours = Company(company.http, company.pool, company.voices | {"manager": max_})
    here = await ours.opens()
    delegate = {"person": dee.id, "powers": ["answer_profile"], "until": "2030-01-01T00:00:00Z"}
    await max_.does(
        f"{here.path}/set-update-preferences", {"cadence": "daily", "channel": "mail", "delegate": delegate}
    )
    await company.recruiter.sees(here.path, lambda it: it["team"]["delegate"])
    await here.locks()
    met = await here.gains("Ola Moss")
    await met.is_shortlisted()
    await here.slate_of(met)
    await met.is_advanced()
    await met.needs_no_screen()
    await met.meets(ivo)
    [card] = [one for one in await company.recruiter.reads(f"{met.path}/clocks") if one["owner"] == ivo.id]

    await leaves(company, ivo)
    clocks = await company.recruiter.sees(
        f"{met.path}/clocks", lambda it: not [one for one in it if one["owner"] == ivo.id and not one["ended_at"]]
    )
    assert [one["owner"] for one in clocks if one["id"] == card["id"]] == [company.manager_lead.id]

    await leaves(company, max_)
    await company.recruiter.sees(here.path, lambda it: it["team"]["hiring_manager"] == dee.id)
    await company.recruiter.sees(met.path, lambda it: it["team"]["hiring_manager"] == dee.id)
    assert not [what for what in await to_do(company) if "leaving_" in what]


async def test_whom_nobody_can_follow_stands_on_the_list(company: Company) -> None:
    pia, lou = await joins(company, "pia", ["P"]), await joins(company, "lou", ["L"])
    ours = Company(company.http, company.pool, company.voices | {"partner": pia, "recruiting_lead": lou})
    here = await ours.opens(manager_lead=lou.id)
    await leaves(company, lou)
    await leaves(company, pia)
    left = await to_do(company)
    for name, who in (("lou", lou), ("pia", pia)):
        page = left[f"{name} left, and nobody follows them in what they held."]
        assert page == f"/ops/people/{who.id}/left"
        cookie = (await signed_in(company.http, company.ops.token)).header
        shown = (await company.http.get(page, headers=cookie)).text
        assert f"{here.path.removeprefix('/v1')}/hand-over" in shown
        assert "Hand over what is left once more" in shown
    assert (await company.recruiter.reads(here.path))["team"]["hr_partner"] == pia.id
