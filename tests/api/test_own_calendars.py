"""Users' own calendars, connected through the page to a real CalDAV server, and asked when they are busy."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
import pytest
from lxml import html
from radicale import Application
from radicale.config import load

from mail.caldav import CalDav, CalendarAway, CalendarRefused, NotAllowed, allowed_by
from store.connected_calendars import CalendarAccess
from testing.api_company import Company, joins
from testing.sign_in import signed_in

USER, PASSWORD = "iris", "a-password-for-this-alone"
NEXT_MONDAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
NEXT_MONDAY += timedelta(days=7 - NEXT_MONDAY.weekday())
START, END = NEXT_MONDAY, NEXT_MONDAY + timedelta(days=14)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class CalendarServer:
    """A Radicale on loopback, with one user."""

    url: str
    server: WSGIServer

    @property
    def access(self) -> CalendarAccess:
        return CalendarAccess(f"{self.url}/", USER, PASSWORD)

    def puts(self, name: str, *lines: str) -> None:
        """An appointment of the user's."""
        event = "\r\n".join(
            ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", "BEGIN:VEVENT", f"UID:{name}", "DTSTAMP:20260101T000000Z",
             "SUMMARY:Oncologist", *lines, "END:VEVENT", "END:VCALENDAR", "")
        )  # fmt: skip
        answer = httpx.put(
            f"{self.url}/{USER}/work/{name}.ics", content=event, auth=(USER, PASSWORD),
            headers={"Content-Type": "text/calendar"},
        )  # fmt: skip
        assert answer.status_code == 201, answer.text


@pytest.fixture
def calendar_server(tmp_path: Path) -> Iterator[CalendarServer]:
    users = tmp_path / "users"
    users.write_text(f"{USER}:{PASSWORD}\n")
    configuration = load()
    configuration.update(
        {
            "auth": {"type": "htpasswd", "htpasswd_filename": str(users), "htpasswd_encryption": "plain", "delay": "0"},
            "storage": {"filesystem_folder": str(tmp_path / "calendars")},
            "logging": {"level": "critical"},
        },
        "test",
    )
    with make_server("127.0.0.1", 0, Application(configuration), handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        made = httpx.request("MKCALENDAR", f"{url}/{USER}/work/", auth=(USER, PASSWORD))
        assert made.status_code == 201, made.text
        yield CalendarServer(url, server)
        server.shutdown()
        thread.join()


def at(day: int, hour: int) -> str:
    return f"{NEXT_MONDAY + timedelta(days=day, hours=hour):%Y%m%dT%H%M%SZ}"


async def test_busy_times_are_read_with_those_that_recur_and_nothing_else(calendar_server: CalendarServer) -> None:
    calendar_server.puts("once", f"DTSTART:{at(0, 9)}", f"DTEND:{at(0, 10)}")
    calendar_server.puts("weekly", f"DTSTART:{at(-6, 14)}", f"DTEND:{at(-6, 15)}", "RRULE:FREQ=WEEKLY")
    calendar_server.puts("free", f"DTSTART:{at(2, 9)}", f"DTEND:{at(2, 10)}", "TRANSP:TRANSPARENT")
    asks = CalDav([calendar_server.url])

    found = await asks.calendars(calendar_server.access)
    assert found == (f"{calendar_server.url}/{USER}/work/",)
    busy = await asks.busy(CalendarAccess(calendar_server.url, USER, PASSWORD, found), START, END)

    hours = [(start - NEXT_MONDAY) // timedelta(hours=1) for start, _ in busy]
    assert hours == [9, 24 + 14, 24 * 8 + 14]
    assert {end - start for start, end in busy} == {timedelta(hours=1)}


async def test_what_cannot_be_known_is_never_taken_for_free(calendar_server: CalendarServer) -> None:
    asks = CalDav([calendar_server.url])
    wrong = CalendarAccess(
        f"{calendar_server.url}/{USER}/work/", USER, "guessed", (f"{calendar_server.url}/{USER}/work/",)
    )
    with pytest.raises(CalendarRefused):
        await asks.calendars(wrong)
    with pytest.raises(CalendarRefused):
        await asks.busy(wrong, START, END)
    gone = CalendarAccess(f"{calendar_server.url}/", USER, PASSWORD, (f"{calendar_server.url}/{USER}/gone/",))
    with pytest.raises(CalendarAway):
        await asks.busy(gone, START, END)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        silent = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(CalendarAway):
            await CalDav([silent]).calendars(CalendarAccess(silent, USER, PASSWORD))


async def test_no_server_is_asked_that_is_not_allowed(calendar_server: CalendarServer) -> None:
    with pytest.raises(NotAllowed):
        await CalDav(["https://dav.example.org"]).calendars(calendar_server.access)
    servers = ["https://dav.example.org", "https://*.example.com"]
    assert allowed_by(servers, "https://dav.example.org/iris/")
    assert allowed_by(servers, "https://p42.example.com/1234/calendars/")
    for address in (
        "http://dav.example.org/",
        "https://dav.example.org:8443/",
        "https://dav.example.org@169.254.169.254/",
        "https://example.com.evil.example/",
        "https://dav.example.org.evil.example/",
        "https://evil.example/#dav.example.org",
        "https://evilexample.com/",
        "file:///etc/passwd",
        "",
    ):
        assert not allowed_by(servers, address), address


async def test_somebody_connects_their_calendar_and_colleagues_see_when_they_are_busy(
    company: Company, calendar_server: CalendarServer, monkeypatch: pytest.MonkeyPatch, app: Any
) -> None:
    services = app.state.services
    monkeypatch.setattr(
        services, "settings", services.settings.model_copy(update={"calendar_servers": (calendar_server.url,)})
    )
    monkeypatch.setitem(services.__dict__, "caldav", CalDav([calendar_server.url]))
    iris = await joins(company, "iris-connects", [], called="Iris Connects")
    whole_week = {day: ["00:00-24:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
    await company.ops.does(f"/v1/people/{iris.id}/set-calendar", {"calendar": {"zone": "UTC", "week": whole_week}})
    for day in range(21):
        calendar_server.puts(f"day-{day}", f"DTSTART:{at(day - 7, 8)}", f"DTEND:{at(day - 7, 12)}")
    own = {**(await signed_in(company.http, iris.token)).header, "Origin": "http://localhost"}

    typed = {"address": f"{calendar_server.url}/", "user": USER, "secret": "guessed"}
    refused = await company.http.post("/me/calendar", data=typed, headers=own)
    assert (refused.status_code, "does not let you in" in refused.text, "guessed" in refused.text) == (422, True, False)
    elsewhere = await company.http.post(
        "/me/calendar", data=typed | {"address": "http://169.254.169.254/"}, headers=own
    )
    assert (elsewhere.status_code, "has not allowed" in elsewhere.text) == (422, True)
    assert (await company.http.post("/me/calendar", data=typed | {"secret": PASSWORD}, headers=own)).status_code == 303
    shown = (await company.http.get("/me/calendar", headers=own)).text
    assert "1 calendar" in shown
    kept = await company.pool.fetchval("SELECT row_to_json(c)::text FROM connected_calendars c")
    assert PASSWORD not in shown + kept, "it is sealed"

    requisition = await company.opens()
    desk = {**(await signed_in(company.http, company.recruiter.token)).header, "Origin": "http://localhost"}
    asked = {"attendees": [iris.id, company.manager.id], "minutes": "60", "_more": "."}
    page = f"/requisitions/{requisition.id}/schedule-intake"
    offered = (await company.http.post(page, data=asked, headers=desk)).text
    assert "busy 08:00–12:00" in offered  # noqa: RUF001
    assert "Oncologist" not in offered
    slots = [datetime.fromisoformat(one) for one in _slots(offered)]
    assert len(slots) == 3
    assert {slot.hour for slot in slots} <= set(range(12, 17)), "office hours in UTC, without her mornings"

    calendar_server.server.shutdown()
    calendar_server.server.server_close()
    silent = (await company.http.post(page, data=asked, headers=desk)).text
    assert "The calendar of Iris Connects does not answer" in silent

    assert (await company.http.post("/me/calendar/disconnect", headers=own)).status_code == 303
    assert await company.pool.fetchval("SELECT count(*) FROM connected_calendars") == 0


def _slots(page: str) -> list[str]:
    return [one for one in html.fromstring(page).xpath("//input[@name='_slot']/@value") if one]
