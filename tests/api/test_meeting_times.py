"""Finding a time for a meeting on the pages, without scripts: every tap and press is counted, and nothing is typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import html

from testing.api_clients import Voice
from testing.api_company import Applicant, Company, Requisition, interview_with, joins, screen_at
from testing.places import LINK, WHERE
from testing.sign_in import SessionCookie, signed_in

HOURS = {
    "zone": "Europe/Berlin",
    "week": {day: ["10:00-16:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
}


class Screen:
    """A form in somebody's browser without scripts. `clicks` counts what they did to it."""

    def __init__(self, company: Company, cookie: SessionCookie, path: str) -> None:
        self._http, self.path = company.http, path
        self._headers = cookie.header | {"Origin": "http://localhost"}
        self.clicks, self.status = 0, 0
        self.text = ""
        self._form: Any = None

    async def opens(self) -> None:
        self._takes(await self._http.get(self.path, headers=self._headers))

    def chooses(self, name: str, value: str) -> None:
        """Taps a choice, or one of a list."""
        self.clicks += 1
        found = self._form.inputs[name]
        if getattr(found, "type", "") == "checkbox":
            found.checked = True
        elif hasattr(found, "value_options") and isinstance(found.value, set | html.CheckboxValues):
            found.value = {*found.value, value}
        else:
            found.value = value

    async def presses(self, name: str = "", value: str = "") -> None:
        """Presses a button; without a name the one that sends the form."""
        self.clicks += 1
        pressed = [(name, value)] if name else []
        body: dict[str, list[str]] = {}
        for field, held in [*self._form.form_values(), *pressed]:
            body.setdefault(field, []).append(held)
        self._takes(await self._http.post(self.path, data=body, headers=self._headers, follow_redirects=False))

    def _takes(self, answer: Any) -> None:
        self.status, self.text = answer.status_code, answer.text
        page = html.fromstring(answer.text) if answer.text else None
        forms = page.xpath("//form[contains(@class, 'ask')]") if page is not None else []
        self._form = forms[0] if forms else None

    @property
    def slots(self) -> list[str]:
        """The times that can be tapped, as they are written."""
        return [one for one in self._form.xpath(".//input[@name='_slot' or @name='times']/@value") if one]

    def held(self, name: str) -> str:
        """What stands in a field."""
        return str(self._form.inputs[name].value or "")

    @property
    def words(self) -> str:
        """Everything that can be read."""
        return " ".join(html.fromstring(self.text).text_content().split())


async def at_desk(company: Company, who: Voice, path: str) -> Screen:
    screen = Screen(company, await signed_in(company.http, who.token), path)
    await screen.opens()
    return screen


async def advanced(requisition: Requisition, name: str) -> Applicant:
    """Somebody whom the manager wants to see, and who needs no screen."""
    one = await requisition.gains(name)
    await one.is_shortlisted()
    await requisition.slate_of(one)
    await one.is_advanced()
    await one.needs_no_screen()
    return one


@pytest.fixture
async def one(company: Company) -> Applicant:
    """Somebody who was screened, and is to be interviewed."""
    requisition = await company.opens()
    await requisition.locks()
    one = await advanced(requisition, "Ruth Abara")
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    await company.recruiter.does(f"{one.path}/schedule-screen", screen_at(soon, candidate_zone="Europe/Berlin"))
    return one


async def with_hours(company: Company, name: str) -> Voice:
    """A colleague of one's own, who works from ten to four in Berlin."""
    voice = await joins(company, name.split()[0].lower(), [], called=name)
    await company.ops.does(f"/v1/people/{voice.id}/set-calendar", {"calendar": HOURS})
    return voice


def weekday(days: int, hour: int) -> datetime:
    """A working day so many days on, at a full hour (UTC)."""
    day = (datetime.now(UTC) + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)
    return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))


async def test_an_interview_is_booked_in_four_clicks_and_nothing_is_typed(company: Company, one: Applicant) -> None:
    iris = await with_hours(company, "Iris Four Clicks")
    screen = await at_desk(company, company.recruiter, f"/candidates/{one.id}/schedule-interview")
    assert screen.held("where.link") == LINK, "where they met before"
    assert screen.held("candidate_zone") == "Europe/Berlin"

    screen.chooses("interviewers.0.person", iris.id)
    await screen.presses("_more", ".")
    assert len(screen.slots) == 3
    assert "Iris Four Clicks" in screen.words
    first = screen.slots[0]
    screen.chooses("_slot", first)
    await screen.presses()

    assert screen.status == 303, screen.words
    assert screen.clicks <= 4
    [interview] = (await company.recruiter.reads(one.path))["interviews"].values()
    assert interview["interviewers"][0]["person"] == iris.id
    assert interview["where"]["link"] == LINK
    starts = datetime.fromisoformat(interview["starts_at"])
    assert starts > datetime.now(UTC) + timedelta(hours=24), "with notice"
    page = await at_desk(company, iris, f"/candidates/{one.id}/respond-interview")
    for said in (LINK, "Ruth Abara", "Round", "Yours to find out", "minutes"):
        assert said in page.words


async def test_what_somebody_has_on_is_left_out_and_said_only_as_busy(company: Company, one: Applicant) -> None:
    ivo = await with_hours(company, "Ivo Has It Full")
    requisition = await company.opens()
    await requisition.locks()
    other = await advanced(requisition, "Omar Elsewhere")
    taken = weekday(3, 11)
    busy = interview_with(ivo, starts_at=taken.isoformat(), minutes=60)
    await company.recruiter.does(f"{other.path}/schedule-interview", busy)

    screen = await at_desk(company, company.recruiter, f"/candidates/{one.id}/schedule-interview")
    screen.chooses("interviewers.0.person", ivo.id)
    await screen.presses("_more", ".")
    assert "busy" in screen.words
    assert "Omar" not in screen.words
    asked = interview_with(ivo, starts_at=taken.isoformat())
    assert (await company.recruiter.asks(f"{one.path}/schedule-interview", asked)).status_code == 409
    for slot in screen.slots:
        starts = datetime.fromisoformat(slot)
        assert starts.date() != taken.date() or not taken.hour <= starts.hour < taken.hour + 1


async def test_an_interviewer_proposes_times_by_tapping_them(company: Company, one: Applicant) -> None:
    ines = await with_hours(company, "Ines Proposes")
    await company.recruiter.does(f"{one.path}/schedule-interview", interview_with(ines))

    screen = await at_desk(company, ines, f"/candidates/{one.id}/respond-interview")
    assert "One a line" not in screen.text
    screen.chooses("answer", "propose")
    screen.chooses("times", screen.slots[0])
    screen.chooses("times", screen.slots[1])
    await screen.presses()

    assert (screen.status, screen.clicks) == (303, 4)
    timeline = await company.recruiter.reads(f"{one.path}/timeline")
    [answer] = [entry["payload"] for entry in timeline if entry["type"] == "invitation_answered"]
    assert (answer["answer"], len(answer["times"])) == ("propose", 2)


async def test_a_meeting_is_somewhere_and_its_place_is_read_by_those_invited(company: Company) -> None:
    requisition = await company.opens()
    call = {"starts_at": weekday(2, 12).isoformat(), "minutes": 45, "attendees": [company.manager.id]}
    path = f"{requisition.path}/schedule-intake"
    refused = await company.recruiter.asks(path, call)
    assert (refused.status_code, refused.json()["code"]) == (422, "place_missing")
    refused = await company.recruiter.asks(path, call | {"where": {"link": "meet.example.org/x"}})
    assert (refused.status_code, refused.json()["field"]) == (422, "where.link")
    receipt = await company.recruiter.does(path, call | WHERE)
    read = await company.manager.reads(requisition.path, at_least=receipt["version"])
    assert read["meeting"]["where"]["link"] == LINK
    kept = await company.pool.fetchval(
        "SELECT payload::text FROM events WHERE type = 'intake_scheduled' AND stream = $1",
        f"requisition/{requisition.id}",
    )
    assert LINK not in kept, "a link has its password in it"
    page = await at_desk(company, company.manager, requisition.path.replace("/v1", ""))
    assert LINK in page.words
