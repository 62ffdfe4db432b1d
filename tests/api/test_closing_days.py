"""Days on which the company is closed: in everybody's calendar, gone again when taken back, and for newcomers too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, time, timedelta
from typing import Any

import asyncpg
import pytest

from api.pages.layout.session import AGAIN
from local.stack import on_free_ports, servers
from store.migrate import migrate
from store.users import Users
from testing.api_clients import Voice, problem, taken
from testing.api_company import Company, joins
from testing.sign_in import signed_in
from tests.api.conftest import at_work

FAR = date.today() + timedelta(days=500)
CLOSED = next(FAR + timedelta(days=ahead) for ahead in range(7) if (FAR + timedelta(days=ahead)).weekday() == 2)
"""A Wednesday that no other test looks at."""


@pytest.fixture(scope="module")
async def company(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    """A company of its own: a closing day changes every calendar, so that it matters how many other modules left."""
    settings = on_free_ports(tmp_path_factory.mktemp("closing"))
    async with servers(settings):
        await asyncio.to_thread(migrate, settings.database_dsn)
        async with at_work(settings) as company:
            yield company


@pytest.fixture(scope="module")
def pool(company: Company) -> asyncpg.Pool:
    """Connections to that company's database."""
    return company.pool


async def holidays(pool: asyncpg.Pool, *people: Voice) -> list[frozenset[date]]:
    known = await Users(pool).calendars(one.id for one in people)
    return [known[one.id].holidays for one in people]


async def saved(company: Company, method: str, day: date, **query: Any) -> dict[str, Any]:
    """What is answered, once every calendar was reached."""
    answer: dict[str, Any] = taken(await company.ops.send(method, f"/v1/company/closing-days/{day}", params=query))
    while answer["to_follow"]:
        answer = taken(await company.ops.send("POST", "/v1/company/closing-days"))
    return answer


async def lives_in_bavaria(company: Company, person: Voice) -> None:
    works = {"zone": "Europe/Berlin", "country": "DE", "subdivision": "BY"}
    taken(await company.ops.send("PUT", f"/v1/people/{person.id}/calendar", json=works))


async def test_a_closing_day_enters_every_calendar_and_leaves_those_it_entered(
    company: Company, pool: asyncpg.Pool
) -> None:
    await lives_in_bavaria(company, before := await joins(company, "closed_before", []))
    said = await saved(company, "PUT", CLOSED, name="The offices move")
    assert said == {"days": [{"day": str(CLOSED), "name": "The offices move", "closes_at": None}], "to_follow": 0}
    await lives_in_bavaria(company, later := await joins(company, "closed_later", []))
    people = (before, later, company.recruiter, company.manager)
    assert all(CLOSED in days for days in await holidays(pool, *people))
    [entry, *_] = await company.ops.reads("/v1/audit", act="company_changed")
    assert (entry["actor"], entry["object"]) == (company.ops.id, str(CLOSED))

    leave = {"start": str(CLOSED + timedelta(days=1)), "until": str(CLOSED + timedelta(days=2))}
    await before.does("/v1/people/me/take-leave", {"leave": leave})
    assert await saved(company, "DELETE", CLOSED) == {"days": [], "to_follow": 0}
    assert not any(CLOSED in days for days in await holidays(pool, *people))
    kept = (await Users(pool).calendars([before.id]))[before.id]
    assert [str(one.start) for one in kept.leave] == [leave["start"]], "nothing else of the calendar is touched"
    problem(await company.ops.send("DELETE", f"/v1/company/closing-days/{CLOSED}"), 404, "not_found")
    for day in (date.today(), date.today() + timedelta(days=2000)):
        late = await company.ops.send("PUT", f"/v1/company/closing-days/{day}", params={"name": "Too late"})
        assert problem(late, 422, "invalid")["field"] == "day"


async def test_a_half_day_ends_work_early_and_may_become_a_whole_one(company: Company, pool: asyncpg.Pool) -> None:
    person = await joins(company, "closed_half", [])
    await lives_in_bavaria(company, person)
    day = CLOSED + timedelta(days=14)

    async def works() -> list[bool]:
        """Whether anything can fall due that day in the morning, and in the afternoon."""
        calendar = (await Users(pool).calendars([person.id]))[person.id]
        return [calendar.is_working(calendar.instant(day, time(hour))) for hour in (10, 14)]

    assert await works() == [True, True]
    said = await saved(company, "PUT", day, name="Summer party", closes_at="12:00")
    assert said["days"] == [{"day": str(day), "name": "Summer party", "closes_at": "12:00:00"}]
    assert await works() == [True, False]
    hours = {"zone": "Europe/Berlin", "country": "DE", "week": {"wednesday": ["09:30-16:00"]}}
    taken(await person.send("PUT", f"/v1/people/{person.id}/calendar", json=hours))
    assert await works() == [True, False], "whoever is given other hours keeps it"
    await saved(company, "PUT", day, name="Summer party")
    assert await works() == [False, False]
    await saved(company, "DELETE", day)
    assert await works() == [True, True]


async def test_days_that_are_saved_and_taken_back_at_once_leave_every_calendar_again(
    company: Company, pool: asyncpg.Pool
) -> None:
    people = (company.recruiter, company.manager, company.interviewer)
    before = await holidays(pool, *people)
    days = [CLOSED, CLOSED, CLOSED + timedelta(days=7)]
    await asyncio.gather(*(saved(company, "PUT", day, name="The offices move") for day in days))
    assert all({*days} <= found for found in await holidays(pool, *people))
    await asyncio.gather(*(saved(company, "DELETE", day) for day in days[1:]))
    assert await holidays(pool, *people) == before
    assert await company.ops.reads("/v1/company/closing-days") == {"days": [], "to_follow": 0}


async def test_calendars_that_were_not_reached_follow_when_somebody_goes_on(
    company: Company, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/v1/company/closing-days/{CLOSED}"
    cookie = await signed_in(company.http, company.ops.token)

    async def page() -> str:
        return (await company.http.get("/ops/closing-days", headers=cookie.header)).text

    for method, stands in (("PUT", True), ("DELETE", False)):
        monkeypatch.setattr("api.company.WITHIN", 0.0)
        said = taken(await company.ops.send(method, path, params={"name": "The offices move"}))
        assert said["to_follow"] > 1
        assert (CLOSED in (await holidays(pool, company.recruiter))[0]) is not stands
        monkeypatch.undo()
        while "Go on" in await page():
            assert (await company.http.post("/ops/closing-days/go-on", headers=cookie.header)).status_code == 303
        assert (CLOSED in (await holidays(pool, company.recruiter))[0]) is stands


async def test_a_closing_day_that_is_a_holiday_anyway_stays_one(company: Company, pool: asyncpg.Pool) -> None:
    epiphany = date(date.today().year + 1, 1, 6)
    await lives_in_bavaria(company, bavarian := await joins(company, "closed_bavarian", []))
    await saved(company, "PUT", epiphany, name="Between the years")
    assert await holidays(pool, company.recruiter) != []
    await saved(company, "DELETE", epiphany)
    [of_bavaria, elsewhere] = await holidays(pool, bavarian, company.recruiter)
    assert epiphany in of_bavaria
    assert epiphany not in elsewhere


async def test_what_the_company_is_called_begins_the_form_of_a_new_user(company: Company) -> None:
    ops = company.ops
    body = {"name": "County of Kent", "zone": "Europe/Berlin", "country": "de", "subdivision": "by"}
    assert taken(await ops.send("PUT", "/v1/company", json=body)) == body | {"country": "DE", "subdivision": "BY"}
    refused = await ops.send("PUT", "/v1/company", json=body | {"subdivision": "XX"})
    assert problem(refused, 422, "invalid")["field"] == "country"
    assert (await company.recruiter.reads("/v1/company"))["name"] == "County of Kent"
    cookie = await signed_in(company.http, ops.token)
    form = (await company.http.get("/ops/people/add", headers=cookie.header)).text
    assert 'value="Europe/Berlin"' in form
    assert 'value="BY"' in form


@pytest.mark.parametrize("typed", [{"day": ""}, {"day": "2020-01-01"}, {"name": " "}])
async def test_a_day_that_cannot_be_closed_is_said_at_its_field(company: Company, typed: dict[str, str]) -> None:
    cookie = await signed_in(company.http, company.ops.token)
    form = {"day": str(CLOSED), "name": "The offices move"} | typed
    answer = await company.http.post("/ops/closing-days", data=form, headers=cookie.header)
    assert answer.status_code == 422
    [field] = typed
    assert f'id="f-{field}-error"' in answer.text
    assert await company.ops.reads("/v1/company/closing-days") == {"days": [], "to_follow": 0}


async def test_an_administrator_closes_and_opens_on_pages(company: Company) -> None:
    cookie = await signed_in(company.http, company.ops.token)

    async def posts(path: str, **form: str) -> str:
        answer = await company.http.post(path, data=form, headers=cookie.header)
        assert answer.status_code == 303, answer.text
        return (await company.http.get(answer.headers["location"], headers=cookie.header)).text

    closed = await posts("/ops/closing-days", day=str(CLOSED), name="The offices move")
    assert "The offices move" in closed
    assert "data-done" in closed, "what was typed is not needed any more"
    assert "The offices move" not in await posts(f"/ops/closing-days/{CLOSED}/remove")
    called = {"name": "County of Kent", "zone": "Europe/Berlin", "country": "DE"}
    changed = await posts("/ops/company/change", **called)
    assert "County of Kent" in changed
    assert "data-done" in changed


async def test_what_was_kept_while_somebody_signed_in_is_shown_again_and_not_done(company: Company) -> None:
    cookie = await signed_in(company.http, company.ops.token)
    called = {"name": "County of Elsewhere", "zone": "Europe/Berlin", "country": "DE"}
    for path, form in (
        ("/ops/closing-days", {"day": str(CLOSED), "name": "The offices move elsewhere"}),
        ("/ops/company/change", called),
    ):
        answer = await company.http.post(path, data=form | {AGAIN: "yes"}, headers=cookie.header)
        assert answer.status_code == 200
        assert f'value="{form["name"]}"' in answer.text
    assert (await company.ops.reads("/v1/company/closing-days"))["days"] == []
    assert (await company.ops.reads("/v1/company") or called | {"name": ""})["name"] != called["name"]
