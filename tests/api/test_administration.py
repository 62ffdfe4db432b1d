"""People, calendars, leave and teams, as an administrator and the people themselves keep them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import asyncpg
import pytest

from domain.time.calendars import HolidaysKept
from store.users import User, Users
from testing.api_clients import problem, taken
from testing.api_company import Company, joins
from testing.sign_in import signed_in

KIM = {"name": "Kim Bauer", "email": "kim.bauer@example.org", "zone": "Europe/Berlin", "standing": ["R"]}


async def test_people_are_kept_by_operations(company: Company) -> None:
    kim = taken(await company.ops.asks("/v1/people", KIM))
    moved = KIM | {"name": "Kim Bauer-Lind", "zone": "America/Chicago"}
    changed = taken(await company.ops.send("PUT", f"/v1/people/{kim['id']}", json=moved))
    assert (changed["id"], changed["name"], changed["zone"]) == (kim["id"], "Kim Bauer-Lind", "America/Chicago")
    assert changed in await company.recruiter.reads("/v1/people")
    for by in (company.recruiter, company.recruiting_lead, company.partner, company.stranger, company.system):
        problem(await by.asks("/v1/people", KIM | {"email": "x@example.org"}), 403, "not_permitted")
        problem(await by.send("PUT", f"/v1/people/{kim['id']}", json=KIM), 403, "not_permitted")
        problem(await by.send("PUT", "/v1/teams/Any", params={"lead": kim["id"]}), 403, "not_permitted")
    for reader in (company.system, company.nobody):
        assert (await reader.get("/v1/people")).status_code in (401, 403)


async def test_what_cannot_be_kept_of_people(company: Company) -> None:
    refused: list[tuple[dict[str, Any], str, str]] = [
        ({"email": "recruiter@example.org"}, "invalid", "email"),
        ({"email": "RECRUITER@example.org"}, "invalid", "email"),
        ({"email": "nowhere"}, "invalid", "email"),
        ({"zone": "Europe/Nowhere"}, "invalid", "zone"),
        ({"team": "No such team"}, "unknown_reference", "team"),
        ({"standing": ["X-ray"]}, "invalid", "standing.0"),
        ({"name": "  "}, "invalid", "name"),
    ]
    for change, code, field in refused:
        answer = await company.ops.asks("/v1/people", KIM | {"email": "new@example.org"} | change)
        assert problem(answer, 422, code)["field"] == field
    problem(await company.ops.send("PUT", "/v1/people/P-UNKNOWN0", json=KIM), 404, "not_found")


async def test_teams(company: Company) -> None:
    for lead in (company.manager_lead, company.recruiting_lead):
        team = taken(await company.ops.send("PUT", "/v1/teams/Grants", params={"lead": lead.id}))
        assert team == {"name": "Grants", "lead": lead.id}
        assert [one for one in await company.stranger.reads("/v1/teams") if one["name"] == "Grants"] == [team]
    member = {"name": "Team Member", "email": "member@example.org", "zone": "UTC", "team": "Grants"}
    assert taken(await company.ops.asks("/v1/people", member))["team"] == "Grants"
    unknown = await company.ops.send("PUT", "/v1/teams/Grants", params={"lead": "P-UNKNOWN0"})
    problem(unknown, 422, "unknown_reference")


async def test_a_calendar_has_the_holidays_of_where_somebody_lives(company: Company, pool: asyncpg.Pool) -> None:
    bavarian = await joins(company, "bavarian", [])
    next_year = date.today().year + 1
    works = {"zone": "Europe/Berlin", "country": "DE", "subdivision": "BY"}
    for by, change in (
        (bavarian, {}),
        (company.recruiting_lead, {"zone": "Europe/Vienna"}),
        (company.ops, {"week": {"monday": ["08:00-12:00", "13:00-17:00"]}}),
    ):
        body = works | change
        path = f"/v1/people/{bavarian.id}/calendar"
        receipt = taken(await by.send("PUT", path, json=body, headers={"Idempotency-Key": "kept"}))
        assert taken(await by.send("PUT", path, json=body, headers={"Idempotency-Key": "kept"})) == receipt
        problem(await by.send("PUT", path, json=body), 422, "no_change")
    kept = (await Users(pool).calendars([bavarian.id]))[bavarian.id]
    assert {date(next_year, 1, 6), date(next_year, 12, 25)} <= set(kept.holidays), "Epiphany is one in Bavaria"
    assert kept.holidays_kept == HolidaysKept(country="DE", subdivision="BY", until=date(next_year + 1, 12, 31))
    for by in (company.stranger, company.recruiter):
        problem(await by.send("PUT", f"/v1/people/{bavarian.id}/calendar", json=works), 403, "not_permitted")


async def test_two_weeks_may_alternate(company: Company, pool: asyncpg.Pool) -> None:
    nurse, monday = await joins(company, "nurse", []), date(2026, 3, 2)
    path, nights = f"/v1/people/{nurse.id}/calendar", {day: ["22:00-06:00"] for day in ("friday", "saturday", "sunday")}
    works: dict[str, Any] = {"zone": "Europe/Berlin", "country": "DE", "week": {"tuesday": ["06:00-14:00"]}}
    other = {"week": nights, "starting": str(monday)}
    taken(await nurse.send("PUT", path, json=works | {"other_week": other}))
    kept = (await Users(pool).calendars([nurse.id]))[nurse.id]
    worked = [kept.is_working(kept.instant(monday + timedelta(days=n), time(23))) for n in range(14)]
    assert [n for n, night in enumerate(worked) if night] == [4, 5, 6]
    assert kept.is_working(kept.instant(monday + timedelta(days=8), time(9)))
    overlap = works | {"week": {"monday": ["05:00-13:00"]}, "other_week": other}
    assert "runs into" in problem(await nurse.send("PUT", path, json=overlap), 422, "invalid")["detail"]
    odd = works | {"other_week": {**other, "every": 3}}
    problem(await nurse.send("PUT", path, json=odd), 422, "invalid")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"country": "ZZ"}, "country"),
        ({"country": "Germany"}, "country"),
        ({"subdivision": "Nowhere"}, "country"),
        ({"zone": "Berlin"}, "zone"),
        ({"week": {}}, "week"),
        ({"week": {"monday": ["09:00-17:00", "16:00-18:00"]}}, "week"),
        ({"week": {"monday": ["nine to five"]}}, "week.monday.0"),
    ],
)
async def test_a_calendar_nobody_can_work_by(company: Company, change: dict[str, Any], field: str) -> None:
    body = {"zone": "Europe/Berlin", "country": "DE"} | change
    answer = await company.ops.send("PUT", f"/v1/people/{company.stranger.id}/calendar", json=body)
    assert problem(answer, 422, "invalid")["field"] == field


async def test_leave_gives_a_promise_the_time_it_takes_away(company: Company) -> None:
    away = await joins(company, "away", ["R"])
    requisition = (await away.does("/v1/requisitions", company.opening(recruiter=away.id)))["stream"].partition("/")[2]
    path = f"/v1/requisitions/{requisition}/clocks"
    clocks = await away.sees(path, bool)
    assert [clock["name"] for clock in clocks] == ["intake_held"]
    today = datetime.now(UTC).date()
    leave = {"start": (today + timedelta(days=1)).isoformat(), "until": (today + timedelta(days=20)).isoformat()}
    await away.does("/v1/people/me/take-leave", {"leave": leave})
    moved = await away.sees(path, lambda clocks: clocks[0]["due_at"] > leave["until"])
    assert moved[0]["due_at"] > clocks[0]["due_at"]
    problem(await away.asks("/v1/people/me/take-leave", {"leave": leave}), 409, "already_done")
    problem(await company.stranger.asks(f"/v1/people/{away.id}/take-leave", {"leave": leave}), 403, "not_permitted")


async def test_a_delegate_acts_for_the_manager(company: Company) -> None:
    manager, delegate = await joins(company, "busy_manager", []), await joins(company, "delegate", [])
    requisition = await company.opens(hiring_manager=manager.id)
    review = {"why": "The budget is looked at.", "review_at": (datetime.now(UTC) + timedelta(days=5)).isoformat()}
    problem(await delegate.asks(f"{requisition.path}/put-on-hold", review), 403, "not_permitted")
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    preferences = {
        "cadence": "daily",
        "channel": "mail",
        "delegate": {"person": delegate.id, "powers": ["put_on_hold"], "until": until},
    }
    await manager.does(f"{requisition.path}/set-update-preferences", preferences)
    await company.recruiter.sees(requisition.path, lambda it: it["team"]["delegate"])
    await delegate.does(f"{requisition.path}/put-on-hold", review)
    problem(await delegate.asks(f"{requisition.path}/resume"), 403, "not_permitted")


async def test_everybody_knows_who_they_are(company: Company) -> None:
    me = await company.recruiter.reads("/v1/me")
    assert (me["id"], me["kind"], me["person"]["standing"]) == (company.recruiter.id, "person", ["R"])
    system = await company.system.reads("/v1/me")
    assert (system["id"], system["kind"], system["person"]) == ("S-ATS", "system", None)


async def test_whoever_left_is_not_back_because_somebody_changed_their_name_meanwhile(
    company: Company, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    lee = await joins(company, "leaves_meanwhile", ["R"])
    [known] = [one for one in await company.ops.reads("/v1/people") if one["id"] == lee.id]
    cookie = (await signed_in(company.http, company.ops.token)).header
    look = Users.get

    async def leaves_then(self: Users, person_id: str) -> User | None:
        found = await look(self, person_id)
        if found is not None and found.id == lee.id:
            monkeypatch.undo()
            await self.put(found.but(active=False))
        return found

    body = {name: value for name, value in known.items() if name != "id"} | {"name": "Lee Anew"}
    monkeypatch.setattr(Users, "get", leaves_then)
    problem(await company.ops.send("PUT", f"/v1/people/{lee.id}", json=body), 409, "stale_version")
    assert not (await Users(pool).several([lee.id]))[lee.id].active

    await Users(pool).put(User(**known))
    monkeypatch.setattr(Users, "get", leaves_then)
    form = {"name": "Lee Anew", "email": known["email"], "zone": "UTC"}
    answer = await company.http.post(f"/ops/people/{lee.id}/change", data=form, headers=cookie)
    assert answer.status_code == 422, answer.text
    assert "Somebody else changed this user meanwhile." in answer.text
    assert not (await Users(pool).several([lee.id]))[lee.id].active
