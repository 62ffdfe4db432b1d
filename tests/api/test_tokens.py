"""API tokens: made, shown once, listed and revoked, by their owner and by an administrator; and what each may."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store.tokens import Tokens
from testing.api_clients import Voice, problem, taken
from testing.api_company import Company, Requisition, joins
from testing.sign_in import signed_in


@pytest.fixture
async def tara(company: Company) -> Voice:
    """Somebody new."""
    await company.pool.execute("DELETE FROM people WHERE email = 'tara@example.org'")
    return await joins(company, "tara", ["R"])


@pytest.fixture(scope="module")
async def requisition(company: Company) -> Requisition:
    return await company.opens()


async def made(by: Voice, path: str, **body: Any) -> Voice:
    """Whoever holds the token that is made so."""
    answer = await by.send("POST", path, json={"label": "script", **body})
    return Voice(by.http, "", taken(answer)["token"])


def labels(listed: list[dict[str, Any]]) -> list[str]:
    return [one["label"] for one in listed]


async def test_a_token_is_made_used_listed_and_revoked_by_its_owner(company: Company, tara: Voice) -> None:
    script = await made(tara, "/v1/me/tokens")
    assert (await script.reads("/v1/me"))["id"] == tara.id
    [mine] = [one for one in await tara.reads("/v1/me/tokens") if one["label"] == "script"]
    assert mine["scope"] == "read"
    assert mine["last_used_at"]
    days = datetime.fromisoformat(mine["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=89) < days <= timedelta(days=90)
    assert str(script.token) not in str(await tara.reads("/v1/me/tokens"))
    problem(await company.stranger.send("DELETE", f"/v1/me/tokens/{mine['prefix']}"), 404, "not_found")
    await script.reads("/v1/me")
    assert (await tara.send("DELETE", f"/v1/me/tokens/{mine['prefix']}")).status_code == 204
    problem(await script.get("/v1/me"), 401, "unauthenticated")
    problem(await tara.send("DELETE", f"/v1/me/tokens/{mine['prefix']}"), 404, "not_found")


async def test_one_that_only_reads_does_nothing_else(company: Company, tara: Voice) -> None:
    reads, writes = [await made(tara, "/v1/me/tokens", scope=scope) for scope in ("read", "write")]
    refused = problem(await reads.asks("/v1/requisitions", company.opening()), 403, "not_permitted")
    assert refused["detail"] == "This token only reads."
    problem(await reads.send("POST", "/v1/me/tokens", json={"label": "more", "scope": "write"}), 403, "not_permitted")
    await reads.reads("/v1/board")
    taken(await writes.asks("/v1/requisitions", company.opening(recruiter=tara.id)))
    answer = await company.http.post("/sign-in", data={"_token": reads.token})
    assert answer.status_code == 401, "a session may do all its user may"


async def test_what_is_made_with_a_token_ends_with_it(company: Company, tara: Voice) -> None:
    """Whoever finds one that is good for a day has nothing longer, over the API or at a browser it signs in."""
    day = await made(tara, "/v1/me/tokens", scope="write", days=1)
    await made(day, "/v1/me/tokens", days=366)
    cookie = (await signed_in(company.http, str(day.token))).header
    form = {"label": "script", "scope": "write", "days": "366"}
    assert (await company.http.post("/me/tokens", data=form, headers=cookie)).status_code == 200
    ends = {one["expires_at"] for one in await tara.reads("/v1/me/tokens") if one["label"] == "script"}
    assert len(ends) == 1


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": 367}, {"scope": "all"}, {"label": " "}, {"actor": "P-OTHER1"}])
async def test_what_is_no_token_to_be_made_is_refused(tara: Voice, wrong: dict[str, Any]) -> None:
    problem(await tara.send("POST", "/v1/me/tokens", json={"label": "script", **wrong}), 422, "invalid")


async def test_a_token_that_expired_is_not_listed_and_opens_nothing(company: Company, tara: Voice) -> None:
    script = await made(tara, "/v1/me/tokens", days=1)
    await company.pool.execute("UPDATE tokens SET expires_at = now() WHERE actor = $1 AND label = 'script'", tara.id)
    problem(await script.get("/v1/me"), 401, "unauthenticated")
    assert labels(await tara.reads("/v1/me/tokens")) == ["test"]


async def test_whoever_leaves_has_no_token_when_they_come_back(company: Company, tara: Voice) -> None:
    person = (await tara.reads("/v1/me"))["person"]
    body = {key: value for key, value in person.items() if key != "id"}
    for active in (False, True):
        taken(await company.ops.send("PUT", f"/v1/people/{tara.id}", json=body | {"active": active}))
    problem(await tara.get("/v1/me"), 401, "unauthenticated")


async def test_an_administrator_makes_and_revokes_for_anybody(company: Company, tara: Voice) -> None:
    path = f"/v1/people/{tara.id}/tokens"
    for method in ("GET", "POST"):
        body = {"json": {"label": "script"}} if method == "POST" else {}
        problem(await company.recruiting_lead.send(method, path, **body), 403, "not_permitted")
    script = await made(company.ops, path)
    assert (await script.reads("/v1/me"))["id"] == tara.id
    [listed] = [one for one in await company.ops.reads(path) if one["label"] == "script"]
    problem(await company.recruiting_lead.send("DELETE", f"{path}/{listed['prefix']}"), 403, "not_permitted")
    assert (await company.ops.send("DELETE", f"{path}/{listed['prefix']}")).status_code == 204
    problem(await script.get("/v1/me"), 401, "unauthenticated")
    nobody = await company.ops.send("POST", "/v1/people/P-NOBODY00/tokens", json={"label": "script"})
    problem(nobody, 404, "not_found")


async def test_a_systems_token_belongs_to_the_requisitions_that_are_named(
    company: Company, requisition: Requisition
) -> None:
    wanted = {"label": "Greenhouse", "system": "S-GREENHOUSE", "reach": [requisition.id]}
    problem(await company.recruiting_lead.send("POST", "/v1/tokens", json=wanted), 403, "not_permitted")
    unknown = await company.ops.send("POST", "/v1/tokens", json=wanted | {"reach": ["R-NOSUCHONE"]})
    assert problem(unknown, 422, "unknown_reference")["field"] == "reach"
    for wrong in ({"reach": []}, {"system": "P-SOMEBODY"}, {"system": company.recruiter.id}):
        problem(await company.ops.send("POST", "/v1/tokens", json=wanted | wrong), 422, "invalid")
    token = (await made(company.ops, "/v1/tokens", **wanted)).token
    holder = await Tokens(company.pool).holder(str(token))
    assert holder is not None
    assert (holder.actor.id, holder.reach) == ("S-GREENHOUSE", frozenset({requisition.id}))
    [listed] = [one for one in await company.ops.reads("/v1/tokens") if one["label"] == "Greenhouse"]
    assert listed["reach"] == [requisition.id]
    assert (await company.ops.send("DELETE", f"/v1/tokens/{listed['prefix']}")).status_code == 204
    assert await Tokens(company.pool).holder(str(token)) is None


async def test_a_users_token_is_none_of_a_system(company: Company, tara: Voice) -> None:
    [own] = await tara.reads("/v1/me/tokens")
    problem(await company.ops.send("DELETE", f"/v1/tokens/{own['prefix']}"), 404, "not_found")
    assert "test" not in {one["label"] for one in await company.ops.reads("/v1/tokens") if one["kind"] != "system"}


async def test_a_candidates_link_reaches_their_own_candidacy(company: Company) -> None:
    link = await company.link_of("C-SOMEBODY")
    holder = await Tokens(company.pool).holder(str(link.token))
    assert holder is not None
    assert holder.reach == frozenset({"C-SOMEBODY"})


async def test_a_token_is_made_and_revoked_on_ones_own_page(company: Company, tara: Voice) -> None:
    cookie = (await signed_in(company.http, tara.token)).header
    form = {"label": "my <script>", "scope": "read", "days": "30"}
    page = await company.http.post("/me/tokens", data=form, headers=cookie)
    [shown] = re.findall(r"tdm_\w{8}_[\w-]{43}", page.text)
    script = Voice(company.http, tara.id, shown)
    assert (await script.reads("/v1/me"))["id"] == tara.id
    page = await company.http.get("/me/access", headers=cookie)
    assert html.escape("my <script>") in page.text
    assert shown not in page.text, "it is shown once"
    refused = await company.http.post("/me/tokens", data=form | {"days": "9999"}, headers=cookie)
    assert refused.status_code == 422
    assert "For how many days: " in refused.text
    assert 'value="9999"' in refused.text
    foreign = await company.http.post("/me/tokens", data=form, headers={**cookie, "Origin": "https://evil.example"})
    assert foreign.status_code == 403
    gone = await company.http.post(f"/me/tokens/{shown[:12]}/revoke", headers=cookie)
    assert gone.headers["location"] == "/me/access"
    problem(await script.get("/v1/me"), 401, "unauthenticated")


async def test_an_administrator_does_so_on_pages(company: Company, tara: Voice, requisition: Requisition) -> None:
    admin = (await signed_in(company.http, company.ops.token)).header
    theirs = (await signed_in(company.http, tara.token)).header
    form = {"label": "on a page", "scope": "write", "days": "30"}
    system = form | {"system": "S-PAGE", "reach": f" {requisition.id.lower()}\n"}
    for path, sent in ((f"/ops/people/{tara.id}/tokens", form), ("/ops/systems/tokens", system)):
        assert (await company.http.post(path, data=sent, headers=theirs)).status_code == 403
        page = await company.http.post(path, data=sent, headers=admin)
        [shown] = re.findall(r"tdm_\w{8}_[\w-]{43}", page.text)
        assert await Tokens(company.pool).holder(shown) is not None
        assert (await company.http.post(f"{path}/{shown[:12]}/revoke", headers=theirs)).status_code == 403
        assert (await company.http.post(f"{path}/{shown[:12]}/revoke", headers=admin)).status_code == 303
        assert await Tokens(company.pool).holder(shown) is None
    wrong = await company.http.post("/ops/systems/tokens", data=system | {"reach": "R-NOSUCHONE"}, headers=admin)
    assert wrong.status_code == 422
    assert "There is no requisition R-NOSUCHONE." in wrong.text
