"""A company's first day: an administrator sets it up on pages alone, and what is typed wrong is said at its field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

import httpx
import pytest

from local.mailbox import CaughtMail, messages
from mail.outbox import MailAway, Outbox
from settings import Settings
from testing.api_clients import eventually, problem, taken
from testing.api_company import Company, joins
from testing.sign_in import SessionCookie, signed_in

NEW = {"name": "Ada Lund", "email": "ada@first.example", "zone": "Europe/Berlin", "country": "de", "subdivision": "by"}


@dataclass(frozen=True)
class Browser:
    """Somebody signed in, who looks at pages and posts forms."""

    http: httpx.AsyncClient
    cookie: SessionCookie

    async def sees(self, path: str) -> str:
        answer = await self.http.get(path, headers=self.cookie.header)
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)

    async def posts(self, path: str, form: dict[str, Any], **request: Any) -> httpx.Response:
        return await self.http.post(path, data=form, headers=self.cookie.header, **request)

    async def does(self, path: str, form: dict[str, Any]) -> str:
        """Posts a form that must be taken: where it leads."""
        answer = await self.posts(path, form)
        assert answer.status_code == 303, re.findall(r'class="error"[^>]*>([^<]*)', answer.text)
        return answer.headers["location"]

    async def is_refused(self, path: str, form: dict[str, Any], field: str) -> str:
        """Posts a form that must not be taken: the sentence at the field."""
        answer = await self.posts(path, form)
        assert answer.status_code == 422, answer.text
        [sentence] = re.findall(rf'id="f-{field}-error">([^<]*)', answer.text)
        return unescape(sentence)


@pytest.fixture(scope="module")
async def admin(company: Company) -> Browser:
    """An administrator at a browser."""
    return Browser(company.http, await signed_in(company.http, company.ops.token))


async def invited(running: Settings, email: str, after: int = 0) -> CaughtMail:
    """The latest invitation to somebody, the first after the message of that number."""

    async def arrived() -> CaughtMail | None:
        return next((mail for mail in messages(running.mailbox_folder, to=email) if mail.number > after), None)

    return await eventually(arrived, f"no invitation came to {email}")


def link_in(mail: CaughtMail) -> str:
    return re.findall(r"http://\S+?(/sign-in/link/\S+)", mail.text)[0]


async def follows(http: httpx.AsyncClient, link: str) -> httpx.Response:
    answer = await http.post(link)
    http.cookies.clear()
    return answer


def added_id(location: str) -> str:
    return re.fullmatch(r"/ops/people/(P-\w+)\?told=invited", location)[1]  # type: ignore[index]


async def test_five_are_set_up_by_forms_and_the_recruiter_opens_a_requisition(
    company: Company, running: Settings, admin: Browser
) -> None:
    assert 'href="/ops/company"' in await admin.sees("/ops")
    five = {"lena": ["L"], "rosa": ["R"], "paul": ["P"], "hugo": [], "ines": []}
    ids: dict[str, str] = {}
    for name, standing in five.items():
        form = NEW | {"name": name.title(), "email": f"{name}@first.example", "standing": standing}
        if ids:
            form["team"] = "First"
        ids[name] = added_id(await admin.does("/ops/people/add", form))
        if name == "lena":
            assert await admin.does("/ops/teams", {"name": "First", "lead": ids["lena"]}) == "/ops/teams?done=team"
    assert "An invitation is on its way by mail" in await admin.sees(f"/ops/people/{ids['rosa']}?told=invited")
    listed = await admin.sees("/ops/people")
    assert "rosa@first.example" in listed
    assert "opens requisitions" in listed
    to_do = await admin.sees("/ops/company")
    assert not any(f"{name.title()} has no working hours" in to_do for name in five)

    mail = await invited(running, "rosa@first.example")
    assert mail.subject == "Your invitation to Tandem"
    assert "Olu Ops added you to Tandem" in mail.text
    assert "Rosa" in (await company.http.get(link_in(mail))).text
    answer = await follows(company.http, link_in(mail))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
    rosa = Browser(company.http, SessionCookie(name, value))
    opening = {
        "title": "Permit clerk", "team": "First", "hiring_manager": ids["hugo"], "recruiter": ids["rosa"],
        "hr_partner": ids["paul"], "recruiting_lead": ids["lena"], "manager_lead": ids["lena"],
        "band.minimum": "50000", "band.maximum": "60000", "band.currency": "EUR", "band.period": "year",
        "place": "Munich", "jurisdiction": "DE", "openings": "1", "visibility": "open",
    }  # fmt: skip
    opened = await rosa.does("/open", opening)
    assert re.fullmatch(r"/requisitions/R-\w+\?done=open", opened)
    assert "Permit clerk" in await rosa.sees(opened)
    assert (await follows(company.http, link_in(mail))).status_code == 410, "an invitation is good once"

    left = await admin.sees(f"/ops/people/{ids['rosa']}/left")
    assert f"{opened.partition('?')[0]}/hand-over" in left
    assert "Lena" in left
    await admin.does(f"/ops/people/{ids['rosa']}/left", {})
    assert (await company.http.get("/me", headers=rosa.cookie.header)).status_code == 303
    assert "their tokens and links have ended" in await admin.sees(f"/ops/people/{ids['rosa']}/left")
    assert await admin.does(f"/ops/people/{ids['rosa']}/back", {}) == f"/ops/people/{ids['rosa']}?told=back"


async def test_what_is_typed_wrong_is_said_at_its_field(company: Company, admin: Browser) -> None:
    for change, field, says in (
        ({"email": "Recruiter@example.org"}, "email", "Somebody else has this address."),
        ({"email": "nowhere"}, "email", "There is no @ in this mail address."),
        ({"team": "No such team"}, "team", "There is no such team."),
        ({"zone": "Nowhere"}, "zone", "There is no time zone called “Nowhere”. A large city"),
        ({"country": "Germany"}, "country", "This is not a country by its code (DE, US)."),
        ({"country": "XX"}, "country", "There are no holidays on file for a country called 'XX'"),
        ({"subdivision": "NO"}, "country", "DE has no part called 'NO'; it has BB"),
        ({"name": " "}, "name", "This is"),
        ({"chat": "@ada lund"}, "chat", "This is not what is asked for here."),
    ):
        assert (await admin.is_refused("/ops/people/add", NEW | change, field)).startswith(says)
    known = {one["email"] for one in await company.ops.reads("/v1/people")}
    assert NEW["email"] not in known, "nobody is added by a form that is refused"
    assert "This is needed" in await admin.is_refused("/ops/teams", {"name": "First"}, "lead")
    unknown = await admin.posts("/ops/people/P-UNKNOWN0/change", NEW)
    assert unknown.status_code == 404


async def test_a_form_that_is_sent_twice_adds_one(company: Company, admin: Browser) -> None:
    form = NEW | {"email": "twice@first.example", "_key": "the-same-form"}
    first, again = [await admin.does("/ops/people/add", form) for _ in range(2)]
    assert first == again


async def test_somebody_is_changed_and_invited_again(company: Company, running: Settings, admin: Browser) -> None:
    id = added_id(await admin.does("/ops/people/add", NEW | {"email": "wrong@first.example", "chat": "ada"}))
    wrong = await invited(running, "wrong@first.example")
    form = await admin.sees(f"/ops/people/{id}/change")
    assert 'value="wrong@first.example"' in form
    changes = {"name": "Ada Lund", "email": "right@first.example", "zone": "UTC", "standing": ["P", "L"]}
    assert await admin.does(f"/ops/people/{id}/change", changes) == f"/ops/people/{id}?told=changed"
    assert (await follows(company.http, link_in(wrong))).status_code == 410, "it went to another address"
    [known] = [one for one in await company.ops.reads("/v1/people") if one["id"] == id]
    assert (known["email"], sorted(known["standing"]), known["chat"]) == ("right@first.example", ["L", "P"], None)

    await admin.does(f"/ops/people/{id}/invite", {})
    before = await invited(running, "right@first.example")
    await admin.does(f"/ops/people/{id}/invite", {})
    latest = await invited(running, "right@first.example", after=before.number)
    assert (await follows(company.http, link_in(before))).status_code == 410, "the one before ended"
    assert (await follows(company.http, link_in(latest))).status_code == 303


async def test_an_invitation_holds_for_a_week(company: Company, running: Settings, admin: Browser) -> None:
    id = added_id(await admin.does("/ops/people/add", NEW | {"email": "week@first.example"}))
    mail = await invited(running, "week@first.example")
    assert "within 7 days" in mail.text
    left = "SELECT extract(day FROM expires_at - made_at)::int FROM sign_in_links WHERE person = $1"
    assert await company.pool.fetchval(left, id) == 7


async def test_mail_that_is_away_does_not_lose_the_user(
    company: Company, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: Outbox) -> None:
        raise MailAway

    monkeypatch.setattr(Outbox, "answers", away)
    location = await admin.does("/ops/people/add", NEW | {"email": "unsent@first.example"})
    assert location.endswith("?told=not-invited")
    assert "mail does not go out just now" in await admin.sees(location)
    id = location.removeprefix("/ops/people/").partition("?")[0]
    problem(await company.ops.asks(f"/v1/people/{id}/invitation"), 503, "unavailable")


async def test_invitations_over_the_api(company: Company, running: Settings) -> None:
    someone = await joins(company, "by_api", [])
    assert (await company.ops.asks(f"/v1/people/{someone.id}/invitation")).status_code == 202
    await invited(running, "by_api@example.org")
    problem(await company.ops.asks("/v1/people/P-UNKNOWN0/invitation"), 404, "not_found")
    for by in (company.recruiter, company.recruiting_lead, company.system, someone):
        problem(await by.asks(f"/v1/people/{someone.id}/invitation"), 403, "not_permitted")


async def test_who_has_no_working_hours_is_told_and_given_some(company: Company, admin: Browser) -> None:
    body = {"name": "Nils Noon", "email": "nils@first.example", "zone": "America/Chicago"}
    nils = taken(await company.ops.asks("/v1/people", body))["id"]
    page = f"/ops/people/{nils}/hours"
    assert {"what": "Nils Noon has no working hours: no deadline of theirs can be counted.", "link": page} in (
        await company.ops.reads("/v1/company/to-do")
    )
    assert f'href="{page}"' in await admin.sees("/ops/company")
    assert "on file for a country" in await admin.is_refused(page, {"country": "XX"}, "country")
    hours = {"country": "US", "week.monday.0.start": "08:00", "week.monday.0.end": "12:00"}
    assert await admin.does(page, hours) == f"/ops/people/{nils}?told=hours"
    assert "Nils Noon" not in await admin.sees("/ops/company")
    works = await company.ops.reads(f"/v1/people/{nils}/calendar")
    assert works["zone"] == "America/Chicago"
    assert [day for day, shifts in works["week"].items() if shifts] == ["monday"]


async def test_the_last_administrator_stays(company: Company, admin: Browser) -> None:
    others = [one for one in await company.ops.reads("/v1/people") if "O" in one["standing"] and one["active"]]
    for other in others:
        if other["id"] != company.ops.id:
            gone = {name: value for name, value in other.items() if name != "id"} | {"active": False}
            taken(await company.ops.send("PUT", f"/v1/people/{other['id']}", json=gone))
    answer = await admin.posts(f"/ops/people/{company.ops.id}/left", {})
    assert answer.status_code == 422
    assert "Nobody else administers Tandem." in answer.text
    form = {"name": "Olu Ops", "email": "ops@example.org", "zone": "UTC", "standing": ["R"]}
    says = await admin.is_refused(f"/ops/people/{company.ops.id}/change", form, "standing")
    assert says.startswith("Nobody else administers Tandem.")


async def test_the_policy_in_force_and_what_an_edited_one_would_change(company: Company, admin: Browser) -> None:
    page = await admin.sees("/ops/slas")
    for words in ("hold the intake call and record it", "recruiter, hiring manager, second signer", "at the deadline"):
        assert words in page
    clocks = {one["clock"]: one for one in (await company.ops.reads("/v1/policy"))["clocks"]}
    assert (clocks["decision_made"]["owners"], clocks["request_answered"]["statutory"]) == (["hiring_manager"], True)
    edited = "name: ours\nclocks:\n  intake_held: 4 days\n"
    answer = await admin.posts("/ops/slas", {"text": edited})
    assert answer.status_code == 200
    assert "clocks.intake_held: 4 days (now: " in answer.text
    assert "Nothing is changed yet." in answer.text
    file = {"file": ("ours.yaml", edited.encode())}
    assert "4 days" in (await admin.posts("/ops/slas", {"text": ""}, files=file)).text
    assert (await company.ops.reads("/v1/policy"))["name"] != "ours"
    problem(await company.recruiting_lead.asks("/v1/policy/check", {"text": edited}), 403, "not_permitted")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("name: ours\nclocks:\n  intake_hold: 4 days\n", 3, "there is no clock called `intake_hold`"),
        ("name: ours\nclocks:\n  intake_held: soon\n", 3, "`clocks.intake_held`"),
        ("name: ours\nslate_sise: 4\n", 2, "there is no setting called `slate_sise`."),
        ("name: ours\n\nclocks: [\n", 4, "this is not YAML"),
        ("name: ours\nretention: 2026-99-99\n", 1, "a date or a number in this is none."),
        ("- ours\n", 1, "a policy is a list of names with their values."),
        ("name: &a ours\nclocks: {intake_held: *a}\n", 2, "this repeats another part by its name"),
        ("name: ours\na\x07: 1\n", 2, "there is a character here that YAML does not know."),
        ("name: ours\nclocks: " + "[" * 60_000, 2, "this is nested too deeply."),
        ("? [1]\n: 2\n", 1, "this is not YAML"),
    ],
)
async def test_a_policy_with_a_mistake_is_answered_by_its_line(
    company: Company, admin: Browser, text: str, line: int, says: str
) -> None:
    checked = taken(await company.ops.asks("/v1/policy/check", {"text": text}))
    assert checked["changes"] == []
    assert checked["mistakes"][0][0] == line
    assert checked["mistakes"][0][1].startswith(says)
    answer = await admin.posts("/ops/slas", {"text": text})
    assert answer.status_code == 422
    assert f"Line {line}: {says}" in unescape(answer.text)
