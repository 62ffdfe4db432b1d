"""Provisioning by SCIM: a checker of others on the whole of it, and what it means to who works here."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from api.access import every_route, needed
from api.app import create_app
from domain.access.permissions import Permission
from domain.access.roles import Role
from settings import Settings
from store.provisioning import ProvisionedGroup, ProvisionedUser, Provisioning
from store.users import User, Users
from testing.api_clients import Voice, problem, taken
from testing.api_company import Company, joins
from testing.sign_in import signed_in
from tests.api.conftest import Process, serving

SCIM = "/scim/v2"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


async def token(company: Company) -> str:
    """A token for provisioning, which an administrator makes."""
    body = {"system": "S-OKTA", "label": "provisioning", "scope": "scim"}
    return str(taken(await company.ops.asks("/v1/tokens", body))["token"])


@pytest.fixture(scope="module")
async def mapped(running: Settings, company: Company) -> AsyncIterator[Voice]:
    """The provider, where its groups have company roles."""
    settings = running.model_copy(update={"provider_roles": {"Recruiters": "R", "IT": "O"}})
    async with serving(create_app(settings)) as http:
        yield Voice(http, "S-OKTA", await token(company))


@pytest.fixture
async def okta(mapped: Voice, company: Company) -> AsyncIterator[Voice]:
    """The same; nobody is provisioned yet."""
    yield mapped
    for table in ("provisioned_members", "provisioned_groups", "provisioned_users"):
        await company.pool.execute(f"DELETE FROM {table}")
    await company.pool.execute("DELETE FROM people WHERE email LIKE '%@scim.example'")


def ada(**changes: Any) -> dict[str, Any]:
    """Somebody as a provider sends them, with more than we take."""
    return {
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "userName": "ada",
        "externalId": "00u1",
        "displayName": "Ada Lund",
        "name": {"givenName": "Ada", "familyName": "Lund"},
        "title": "Clerk",
        "emails": [{"value": "ada@home.example", "type": "home"}, {"value": "ada@scim.example", "primary": True}],
        "active": True,
        **changes,
    }


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


async def makes(okta: Voice, **changes: Any) -> dict[str, Any]:
    """A user who was just made."""
    return taken(await okta.asks(f"{SCIM}/Users", ada(**changes)))


async def patches(okta: Voice, path: str, *operations: dict[str, Any]) -> dict[str, Any]:
    """A resource after these changes."""
    return taken(await okta.send("PATCH", f"{SCIM}{path}", json=patch(*operations)))


def error(answer: httpx.Response, status: int, kind: str | None = None) -> str:
    """The sentence of an error, which has SCIM's form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/scim+json"
    body = answer.json()
    assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert (body["status"], body.get("scimType")) == (str(status), kind)
    return str(body["detail"])


ALWAYS_THERE = {
    f"check_remove_attribute: PATCH modify() did not remove attribute '{name}'" for name in ("displayName", "active")
}
"""What the checker takes for errors and is none: a user has a name, and works here or does not; whatever of these is
taken away gets what Tandem says instead, as a service may (RFC 7643, 2.2)."""


def is_harmless(said: str) -> bool:
    """Whether that is no error: the above, or that a user's only mail address is called primary, whatever was sent."""
    patched, _, returned = said.partition("Patched value: ")[2].partition("Returned value: ")
    same = bool(patched) and patched.strip().replace("primary=False", "primary=True") == returned.strip()
    return said in ALWAYS_THERE or ("'emails'" in said and same)


@pytest.mark.slow
async def test_a_checker_of_others_finds_no_error(api_process: Process, running: Settings, company: Company) -> None:
    """`scim2-tester` makes, reads, replaces, patches and deletes whatever our own schemas say there is."""
    import httpx2

    headers = {"Authorization": f"Bearer {await token(company)}"}

    def checked() -> list[Any]:
        base = f"http://127.0.0.1:{running.api_port}{SCIM}"
        with httpx2.Client(base_url=base, headers=headers, trust_env=False, timeout=30) as http:
            return check_server(SyncSCIMClient(http))

    results = await asyncio.to_thread(checked)
    wrong = {f"{one.title}: {one.reason}" for one in results if one.status in (Status.ERROR, Status.CRITICAL)}
    wrong = {one for one in wrong if not is_harmless(one)}
    assert not wrong, "\n".join(sorted(wrong))
    assert len([one for one in results if one.status == Status.SUCCESS]) > 30


async def test_a_user_is_made_found_changed_and_gone(okta: Voice, company: Company) -> None:
    made = await makes(okta)
    assert made["meta"]["location"].endswith(f"{SCIM}/Users/{made['id']}")
    assert made["emails"] == [{"value": "ada@scim.example", "primary": True}]
    known = await Users(company.pool).get(made["id"])
    assert known is not None
    assert (known.name, known.email, known.standing) == ("Ada Lund", "ada@scim.example", frozenset())

    for asked in ('userName eq "ADA"', 'externalId eq "00u1"', f'id eq "{made["id"]}"'):
        page = await okta.reads(f"{SCIM}/Users", filter=asked)
        assert [one["id"] for one in page["Resources"]] == [made["id"]], asked
    assert (await okta.reads(f"{SCIM}/Users", filter='userName eq "nobody"'))["totalResults"] == 0
    page = await okta.reads(f"{SCIM}/Users", startIndex=2, count=1, attributes="userName")
    assert (page["startIndex"], page["itemsPerPage"], len(page["Resources"])) == (2, 1, 1)
    assert page["totalResults"] > 5, "those an administrator added are there as well"
    assert set(page["Resources"][0]) == {"schemas", "id", "userName"}

    replaced = {**ada(displayName="Ada Berg"), "emails": [{"value": "ada.berg@scim.example"}]}
    assert taken(await okta.send("PUT", f"{SCIM}/Users/{made['id']}", json=replaced))["displayName"] == "Ada Berg"
    now = await patches(
        okta,
        f"/Users/{made['id']}",
        {"op": "Replace", "path": "displayName", "value": "Ada B."},
        {"op": "replace", "path": "emails[primary eq true].value", "value": "ada.b@scim.example"},
        {"op": "add", "value": {"title": "Clerk", "externalId": "00u2"}},
    )
    assert (now["displayName"], now["externalId"]) == ("Ada B.", "00u2")
    known = await Users(company.pool).get(made["id"])
    assert known is not None
    assert (known.name, known.email) == ("Ada B.", "ada.b@scim.example")

    assert (await okta.send("DELETE", f"{SCIM}/Users/{made['id']}")).status_code == 204
    error(await okta.get(f"{SCIM}/Users/{made['id']}"), 404)
    known = await Users(company.pool).get(made["id"])
    assert known is not None
    assert not known.active
    rows = await company.ops.reads("/v1/audit", object=made["id"])
    done = [(row["act"], row["actor"]) for row in rows if row["act"].startswith("user_")]
    assert {act for act, _ in done} == {"user_added", "user_changed", "user_left"}
    assert {actor for _, actor in done} == {"S-OKTA"}, done


async def test_whoever_comes_back_is_who_they_were_and_an_address_is_not_enough(okta: Voice) -> None:
    made = await makes(okta)
    await okta.send("DELETE", f"{SCIM}/Users/{made['id']}")
    said = error(await okta.asks(f"{SCIM}/Users", ada(externalId="00u9", userName="other")), 409, "uniqueness")
    assert said == "Another user, or one who left, has this mail address."
    again = await makes(okta)
    assert (again["id"], again["active"]) == (made["id"], True)


async def test_who_is_made_inactive_is_out_at_once_and_their_tasks_go_on(okta: Voice, company: Company) -> None:
    rae = await joins(company, "scim_rae", ["R"])
    here = await Company(company.http, company.pool, company.voices | {"recruiter": rae}).opens()
    cookie = (await signed_in(company.http, rae.token)).header
    [known] = (await okta.reads(f"{SCIM}/Users", filter='userName eq "scim_rae@example.org"'))["Resources"]
    now = await patches(okta, f"/Users/{known['id']}", {"op": "replace", "path": "active", "value": "False"})
    assert now["active"] is False
    assert (await rae.get("/v1/me/sessions")).status_code == 401
    assert (await company.http.get("/me", headers=cookie)).status_code == 303
    lead = company.recruiting_lead
    await lead.sees(here.path, lambda it: it["team"]["recruiter"] == lead.id)
    clocks = await lead.sees(f"{here.path}/clocks", lambda it: it and all(one["owner"] != rae.id for one in it))
    assert {one["owner"] for one in clocks} == {lead.id}


async def test_a_group_gives_its_role_and_takes_it_and_no_other(okta: Voice, company: Company) -> None:
    made, users = await makes(okta), Users(company.pool)

    async def roles() -> set[Role]:
        known = await users.get(made["id"])
        assert known is not None
        return set(known.standing)

    body = {"schemas": [GROUP], "displayName": "Recruiters", "externalId": "g1", "members": [{"value": made["id"]}]}
    group = taken(await okta.asks(f"{SCIM}/Groups", body))
    [member] = group["members"]
    assert member == {"value": made["id"], "$ref": made["meta"]["location"]}
    assert await roles() == {Role.RECRUITER}
    shown = await okta.reads(f"{SCIM}/Users/{made['id']}")
    assert [one["value"] for one in shown["groups"]] == [group["id"]]
    error(await okta.asks(f"{SCIM}/Groups", body), 409, "uniqueness")

    known = await users.get(made["id"])
    assert known is not None
    await users.put(known.but(standing=known.standing | {Role.LEAD}))  # as an administrator does
    path = f"/Groups/{group['id']}"
    await patches(okta, path, {"op": "remove", "path": f'members[value eq "{made["id"]}"]'})
    assert await roles() == {Role.LEAD}
    await patches(okta, path, {"op": "add", "path": "members", "value": [{"value": made["id"]}]})
    assert await roles() == {Role.RECRUITER, Role.LEAD}
    await patches(okta, path, {"op": "replace", "path": "displayName", "value": "Gardeners"})
    assert await roles() == {Role.LEAD}
    await patches(okta, path, {"op": "replace", "path": "displayName", "value": "Recruiters"})
    assert (await okta.send("DELETE", f"{SCIM}{path}")).status_code == 204
    assert await roles() == {Role.LEAD}
    assert (await okta.reads(f"{SCIM}/Groups"))["totalResults"] == 0


@pytest.fixture
async def alone(company: Company) -> AsyncIterator[None]:
    """Nobody but one administers the company meanwhile."""
    known = [one for one in await company.ops.reads("/v1/people") if "O" in one["standing"]]
    others = [one["id"] for one in known if one["id"] != company.ops.id]
    await company.pool.execute("UPDATE people SET standing = array_remove(standing, 'O') WHERE id = ANY($1)", others)
    yield
    await company.pool.execute("UPDATE people SET standing = array_append(standing, 'O') WHERE id = ANY($1)", others)


@pytest.mark.usefixtures("alone")
async def test_the_last_administrator_stays(okta: Voice, company: Company) -> None:
    body = {"schemas": [GROUP], "displayName": "IT", "members": [{"value": company.ops.id}]}
    group = taken(await okta.asks(f"{SCIM}/Groups", body))
    assert (await okta.send("DELETE", f"{SCIM}/Groups/{group['id']}")).status_code == 204
    said = error(await okta.send("DELETE", f"{SCIM}/Users/{company.ops.id}"), 400, "invalidValue")
    assert said.startswith("Nobody else administers Tandem.")
    known = await Users(company.pool).get(company.ops.id)
    assert known is not None
    assert known.active
    assert Role.OPS in known.standing


async def test_only_a_token_for_provisioning_opens_it_and_it_opens_nothing_else(
    app: FastAPI, okta: Voice, company: Company
) -> None:
    assert error(await company.nobody.get(f"{SCIM}/Users"), 401) == (
        "This needs a token. Authorization: Bearer, and a token that still holds."
    )
    for route in every_route(app.state.scim.routes):
        assert needed(route.endpoint) == (Permission.PROVISION,)
        for voice in (company.ops, company.recruiter, company.system):
            for method in route.methods or ():
                error(await voice.send(method, f"{SCIM}{route.path}".replace("{id}", company.manager.id)), 403)
    for path in ("/v1/people", "/v1/board", "/v1/me/tokens", "/v1/audit"):
        problem(await okta.get(path), 403, "not_permitted")
    problem(await okta.asks("/v1/people", {}), 403, "not_permitted")
    for scope, reach in (("scim", ["R-ABCDEF123456"]), ("read", [])):
        body = {"system": "S-OKTA", "label": "x", "scope": scope, "reach": reach}
        problem(await company.ops.asks("/v1/tokens", body), 422, "invalid")
    problem(await company.recruiter.asks("/v1/me/tokens", {"label": "x", "scope": "scim"}), 422, "invalid")
    problem(
        await company.recruiter.asks("/v1/tokens", {"system": "S-A", "label": "x", "scope": "scim"}),
        403,
        "not_permitted",
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind"),
    [
        ("POST", "/Users", b"{", 400, "invalidSyntax"),
        ("POST", "/Users", b"[]", 400, "invalidSyntax"),
        ("POST", "/Users", b'"' * 3, 400, "invalidSyntax"),
        ("POST", "/Users", b"[" * 60_000 + b"]" * 60_000, 400, "invalidSyntax"),
        ("POST", "/Users", b'{"a":' * 20_000 + b"1" + b"}" * 20_000, 400, "invalidSyntax"),
        ("POST", "/Users", {"schemas": [USER]}, 400, "invalidValue"),
        ("POST", "/Users", ada(emails=[{"value": "nowhere"}]), 400, "invalidValue"),
        ("POST", "/Users", ada(userName="no-address", emails=[]), 400, "invalidValue"),
        ("POST", "/Users", ada(userName="a\0b"), 400, "invalidValue"),
        ("POST", "/Users", ada(userName="x" * 300), 400, "invalidValue"),
        ("POST", "/Users", ada(displayName="two\nlines"), 400, "invalidValue"),
        ("POST", "/Users", ada(active="perhaps"), 400, "invalidValue"),
        ("POST", "/Groups", {"displayName": "X", "members": [{"value": "P-NOBODY00"}]}, 400, "invalidValue"),
        ("POST", "/.search", {}, 501, None),
        ("PATCH", "/Users/P-NOBODY00", patch(), 404, None),
        ("PUT", "/Users/P-NOBODY00", ada(), 404, None),
        ("DELETE", "/Groups/G-NOBODY", None, 404, None),
        ("GET", "/Users/%00", None, 422, None),
        ("GET", "/Users?filter=active%20eq%20true", None, 400, "invalidFilter"),
        ("GET", "/Users?filter=(((", None, 400, "invalidFilter"),
        ("GET", "/Users?startIndex=99999999999999999999&count=-1", None, 200, None),
        ("GET", "/Users?count=x", None, 400, "invalidValue"),
        ("GET", "/Schemas?filter=id%20pr", None, 403, None),
        ("GET", "/Pets", None, 404, None),
        ("PUT", "/Users", {}, 405, None),
    ],
)
async def test_what_is_wrong_is_said_in_scim_s_form(
    okta: Voice, method: str, path: str, body: Any, status: int, kind: str | None
) -> None:
    if path == "/Groups":
        body = {"schemas": [GROUP], **body}
    request = {"content": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
    answer = await okta.send(method, f"{SCIM}{path}", **request)
    if status in (200, 422):
        assert answer.status_code == status, answer.text
    else:
        assert error(answer, status, kind)
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_operation_that_cannot_be_changes_nothing(okta: Voice) -> None:
    made = await makes(okta)
    path = f"{SCIM}/Users/{made['id']}"
    for operation in (
        {"op": "remove", "path": "userName"},
        {"op": "remove"},
        {"op": "dance", "path": "active"},
        {"op": "replace", "path": "id", "value": "P-OTHER0000"},
        {"op": "replace", "path": "emails[", "value": "x"},
        {"op": "replace", "path": "active", "value": {"a": 1}},
    ):
        assert (await okta.send("PATCH", path, json=patch(operation))).status_code == 400, operation
    assert await okta.reads(path) == made


async def test_a_user_of_another_is_not_taken_over(okta: Voice, company: Company) -> None:
    await Users(company.pool).put(User(id="P-SCIMOLD001", name="Old", email="old@scim.example", zone="UTC"))
    error(await okta.asks(f"{SCIM}/Users", ada(emails=[{"value": "OLD@scim.example"}])), 409, "uniqueness")
    error(await okta.asks(f"{SCIM}/Users", ada(userName="old@scim.example")), 409, "uniqueness")
    assert (await okta.reads(f"{SCIM}/Users", filter='userName eq "ada"'))["totalResults"] == 0


@pytest.mark.parametrize("by", ["group", "name", "all"])
async def test_whoever_leaves_meanwhile_is_not_back_by_another_change(
    okta: Voice, company: Company, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    made = await makes(okta)
    users, look = Users(company.pool), Users.get

    async def leaves(found: User) -> None:
        monkeypatch.undo()
        await users.put(found.but(active=False))

    async def looked(self: Users, person_id: str) -> User | None:
        found = await look(self, person_id)
        if found is not None and found.id == made["id"]:
            await leaves(found)
        return found

    several, shown, times = Users.several, Provisioning.user, itertools.count()

    async def looked_at_again(self: Users, person_ids: Any) -> dict[str, User]:
        found = await several(self, person_ids)
        if next(times):
            await leaves(found[made["id"]])
        return found

    async def looked_at(self: Provisioning, person: str) -> ProvisionedUser | None:
        found = await shown(self, person)
        if found is not None and next(times):  # the first time is whether there is one
            await leaves(found.user)
        return found

    if by == "group":
        monkeypatch.setattr(Users, "get", looked)
        monkeypatch.setattr(Users, "several", looked_at_again)
        members = [{"value": made["id"]}]
        body = {"schemas": [GROUP], "displayName": "Recruiters", "members": members}
        taken(await okta.asks(f"{SCIM}/Groups", body))
    elif by == "name":
        monkeypatch.setattr(Provisioning, "user", looked_at)
        await patches(okta, f"/Users/{made['id']}", {"op": "replace", "path": "displayName", "value": "Ada L."})
    else:
        monkeypatch.setattr(Users, "get", looked)
        now = {name: value for name, value in ada(displayName="Ada L.").items() if name != "active"}
        taken(await okta.send("PUT", f"{SCIM}/Users/{made['id']}", json=now))
    found = await users.get(made["id"])
    assert found is not None
    assert not found.active


@pytest.mark.parametrize("by", ["PATCH", "PUT", "DELETE"])
async def test_whoever_is_taken_out_of_a_group_meanwhile_has_not_its_role(
    okta: Voice, company: Company, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """By a change of the same group at the same time: neither undoes the other, nor leaves a role behind."""
    out, comes = await makes(okta), await makes(okta, userName="bo", externalId="00u2", emails=[BO])
    group = {"schemas": [GROUP], "displayName": "Recruiters", "members": [{"value": out["id"]}]}
    made = taken(await okta.asks(f"{SCIM}/Groups", group))
    path, look, users = f"/Groups/{made['id']}", Provisioning.group, Users(company.pool)
    times = itertools.count()
    adds = {"op": "add", "path": "members", "value": [{"value": comes["id"]}]}
    removes = {"op": "remove", "path": f'members[value eq "{out["id"]}"]'}

    async def looked(self: Provisioning, id: str) -> ProvisionedGroup | None:
        found = await look(self, id)
        if next(times) == (0 if by == "DELETE" else 1):  # the first time is whether there is one
            monkeypatch.undo()
            await patches(okta, path, removes if by == "PATCH" else adds)
        return found

    monkeypatch.setattr(Provisioning, "group", looked)
    match by:
        case "PATCH":
            found = await patches(okta, path, adds)
            assert [one["value"] for one in found["members"]] == [comes["id"]]
            gone = out
        case "PUT":
            found = taken(await okta.send("PUT", f"{SCIM}{path}", json=group))
            assert [one["value"] for one in found["members"]] == [out["id"]]
            gone = comes
        case _:
            assert (await okta.send("DELETE", f"{SCIM}{path}")).status_code == 204
            gone = comes
    person = await users.get(gone["id"])
    assert person is not None
    assert person.standing == frozenset()


BO = {"value": "bo@scim.example", "primary": True}
