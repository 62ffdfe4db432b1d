"""CalDAV: when somebody is busy by their own calendar, asked of its server (RFC 4791), and nothing else of it.

A user names the server, and this machine asks it: so only of servers that the installation allows, and never on to
another one. What it answers is not trusted either: limits first. Times alone are read; what somebody has on is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import httpx
import icalendar
from lxml import etree

from domain.time.free_time import joined
from domain.time.working_spans import Span
from privacy.tls import authorities

ANSWERS_WITHIN = 4.0
"""Seconds a calendar's server may take for one question: somebody waits for the page."""

LARGEST_ANSWER_BYTES = 2 * 1024 * 1024
MOST_CALENDARS = 20

_DAV, _CAL = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"

_WHO = (
    b'<?xml version="1.0"?><propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop>'
    b"<current-user-principal/><resourcetype/><C:calendar-home-set/></prop></propfind>"
)
_WHICH = (
    b'<?xml version="1.0"?><propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop>'
    b"<resourcetype/><C:supported-calendar-component-set/><C:schedule-calendar-transp/></prop></propfind>"
)


class Access(Protocol):
    """Where somebody's calendars are, and how they are opened: by name and password, or by a token without a name."""

    @property
    def address(self) -> str: ...

    @property
    def user(self) -> str: ...

    @property
    def secret(self) -> str: ...

    @property
    def calendars(self) -> tuple[str, ...]: ...


class CalendarAway(Exception):
    """The calendar cannot be asked now: no answer, or none that says when somebody is busy."""


class CalendarRefused(Exception):
    """The calendar's server does not let them in: the name, the password or the token is wrong, or no longer good."""


class NotAllowed(Exception):
    """The installation asks no such server."""


def allowed_by(servers: Sequence[str], address: str) -> bool:
    """Whether an address lies at one of these servers: `https://dav.example.org`, `https://*.example.com`."""
    try:
        asked = urlsplit(address)
        origin, host = (asked.scheme, asked.port), asked.hostname or ""
    except ValueError:
        return False
    if asked.username or asked.password or not host:
        return False
    for server in servers:
        known = urlsplit(server)
        name = known.hostname or ""
        same = host.endswith(name[1:]) if name.startswith("*.") else host == name
        if same and origin == (known.scheme, known.port):
            return True
    return False


class CalDav:
    """Asks calendars' servers, of those that are allowed alone."""

    def __init__(self, servers: Sequence[str]) -> None:
        self._servers = tuple(servers)

    async def calendars(self, access: Access) -> tuple[str, ...]:
        """The addresses of somebody's calendars, from the address of one, of their home, or of the server.

        Raises NotAllowed, CalendarRefused, CalendarAway.
        """
        async with self._client(access) as client:
            found = await self._props(client, access.address, _WHO, "0")
            for _ in range(2):  # from the server to who they are, from there to their home
                if any(_is_calendar(props) for _, props in found):
                    return (access.address,)
                if home := _href(found, f"{_CAL}calendar-home-set"):
                    listed = await self._props(client, urljoin(access.address, home), _WHICH, "1")
                    kept = [urljoin(access.address, href) for href, props in listed if _counts(props)]
                    return tuple(kept[:MOST_CALENDARS])
                principal = _href(found, f"{_DAV}current-user-principal")
                if not principal:
                    break
                found = await self._props(client, urljoin(access.address, principal), _WHO, "0")
        raise CalendarAway

    async def busy(self, access: Access, start: datetime, end: datetime) -> tuple[Span, ...]:
        """When somebody is busy between `start` and `end` by their calendars.

        Raises NotAllowed, CalendarRefused, and CalendarAway where one of them does not say.
        """
        body = (
            '<?xml version="1.0"?><C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
            f'<C:time-range start="{start.astimezone(UTC):%Y%m%dT%H%M%SZ}" end="{end.astimezone(UTC):%Y%m%dT%H%M%SZ}"/>'
            "</C:free-busy-query>"
        ).encode()
        async with self._client(access) as client:
            answers = await asyncio.gather(
                *(self._asked(client, "REPORT", calendar, body, "1", (200,)) for calendar in access.calendars)
            )
        spans = [span for answer in answers for span in await asyncio.to_thread(_periods, answer)]
        return joined((max(begins, start), min(ends, end)) for begins, ends in spans if begins < end and ends > start)

    def _client(self, access: Access) -> httpx.AsyncClient:
        headers, auth = {}, None
        if access.user:
            auth = httpx.BasicAuth(access.user, access.secret)
        else:
            headers["Authorization"] = f"Bearer {access.secret}"
        return httpx.AsyncClient(
            auth=auth,
            headers=headers,
            timeout=ANSWERS_WITHIN,
            follow_redirects=False,
            trust_env=False,
            verify=authorities(),
        )

    async def _props(
        self, client: httpx.AsyncClient, address: str, body: bytes, depth: str
    ) -> list[tuple[str, etree._Element]]:
        """What a server says of an address and, a level deep, of what lies there: each by its own."""
        answer = await self._asked(client, "PROPFIND", address, body, depth, (207,))
        try:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
            tree = etree.fromstring(answer, parser)
        except etree.XMLSyntaxError:
            raise CalendarAway from None
        found = []
        for response in tree.iter(f"{_DAV}response"):
            href = response.findtext(f"{_DAV}href")
            if href:
                found.append((href.strip(), response))
        return found

    async def _asked(
        self, client: httpx.AsyncClient, method: str, address: str, body: bytes, depth: str, good: Iterable[int]
    ) -> bytes:
        if not allowed_by(self._servers, address):
            raise NotAllowed
        headers = {"Depth": depth, "Content-Type": "application/xml; charset=utf-8"}
        try:
            async with (
                asyncio.timeout(2 * ANSWERS_WITHIN),
                client.stream(method, address, content=body, headers=headers) as answer,
            ):
                if answer.status_code == 401 or (answer.status_code == 403 and method == "PROPFIND"):
                    raise CalendarRefused
                if answer.status_code not in good:
                    raise CalendarAway
                read = b""
                async for part in answer.aiter_bytes():
                    read += part
                    if len(read) > LARGEST_ANSWER_BYTES:
                        raise CalendarAway
                return read
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError):
            raise CalendarAway from None


def _href(found: list[tuple[str, etree._Element]], name: str) -> str | None:
    for _, response in found:
        for element in response.iter(name):
            if href := element.findtext(f"{_DAV}href"):
                return str(href).strip()
    return None


def _is_calendar(response: etree._Element) -> bool:
    return any(kind.find(f"{_CAL}calendar") is not None for kind in response.iter(f"{_DAV}resourcetype"))


def _counts(response: etree._Element) -> bool:
    """Whether it is a calendar of appointments, and one that makes its owner busy."""
    kinds = {one.get("name", "").upper() for one in response.iter(f"{_CAL}comp")}
    says = response.iter(f"{_CAL}schedule-calendar-transp")
    transparent = any(one.find(f"{_CAL}transparent") is not None for one in says)
    return _is_calendar(response) and (not kinds or "VEVENT" in kinds) and not transparent


def _periods(answer: bytes) -> list[Span]:
    """The busy times of a VFREEBUSY. Raises CalendarAway for what is none."""
    try:
        calendar = icalendar.Calendar.from_ical(answer)
        found = calendar.walk("VFREEBUSY")
        if not found:
            raise CalendarAway
        return [span for one in found for span in _of(one)]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise CalendarAway from None


def _of(free_busy: icalendar.Component) -> list[Span]:
    said = free_busy.get("FREEBUSY", [])
    periods = said if isinstance(said, list) else [said]
    spans: list[Span] = []
    for period in periods:
        if str(period.params.get("FBTYPE", "BUSY")).upper() == "FREE":
            continue
        start, end = period.dt
        if isinstance(end, timedelta):
            end = start + end
        if not isinstance(start, datetime) or not isinstance(end, datetime):
            raise CalendarAway
        spans.append((start.astimezone(UTC), end.astimezone(UTC)))
    return spans
