"""The stage of the demo: its people with their tokens, its candidates, and waiting for what must come."""

from __future__ import annotations

import asyncio
import itertools
import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import yaml
from tenacity import AsyncRetrying, RetryError, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

from domain.sla.policy import Policy
from local.api_client import Api, NoAnswer, Refusal
from local.demo.script import Json, Script, document
from settings import Settings

Enrol = Callable[[str, str, str, Sequence[str]], Awaitable[tuple[str, str]]]
"""Makes somebody known by name, address, time zone and standing; gives their id and a token. May raise NoAnswer."""

_PATIENCE = 60.0  # seconds a server that was killed has to come back
_LOOK_AGAIN = 0.1  # seconds between two looks at what must come
_PLURAL = {"R": "requisitions", "C": "candidates"}
_STANDING = {"recruiter": "R", "hr_partner": "P", "recruiting_lead": "L", "hiring_managers_lead": "L"}


class NeverCame(Exception):
    """What had to come did not, within its time."""


@dataclass(frozen=True)
class Memory:
    """What the play goes by: a key for every write, and how far each requisition and candidate has come by our
    doing."""

    keys: Iterator[str]
    versions: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Player:
    """Somebody of the company, with a token of their own."""

    id: str
    name: str
    api: Api
    token: str
    memory: Memory

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]

    async def opens(self, **body: Any) -> str:
        """Opens a requisition; its id."""
        receipt = await self.api.give("/v1/requisitions", body, key=next(self.memory.keys))
        return self._learnt(receipt)

    async def does(self, command: str, whose: str, **body: Any) -> None:
        """Gives a command to a requisition or a candidate."""
        path = f"/v1/{_PLURAL[whose[0]]}/{whose}/{command}"
        self._learnt(await self.api.give(path, body, key=next(self.memory.keys)))

    async def sees(self, whose: str) -> Json:
        """A requisition or a candidate, at least as everybody of the play left it."""
        seen: Json = await self.api.read(f"/v1/{_PLURAL[whose[0]]}/{whose}", at_least=self.memory.versions.get(whose))
        return seen

    async def waits_until(self, whose: str, holds: Callable[[Json], object], what: str) -> Json:
        """Looks again until `holds`, and what is then seen. Raises NeverCame, naming `what`."""
        seen: Json = await until(lambda: self.sees(whose), holds, what)
        return seen

    def _learnt(self, receipt: Json) -> str:
        whose: str = receipt["stream"].partition("/")[2]
        self.memory.versions[whose] = receipt["version"]
        return whose


@dataclass
class Applicant:
    """Somebody who applies: their line in the script, and who they are to Tandem once they were added."""

    script: Json
    human: str
    id: str = ""
    records: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.script["name"])


class Play:
    """One playing of the story, for `async with`: who is in it, and what came of it so far."""

    def __init__(self, settings: Settings, enrol: Enrol) -> None:
        self.script = Script()
        self.requisition = ""
        self.intake: Json = {}
        self.next_requisition = ""
        self.company: dict[str, Player] = {}
        self.applicants: dict[str, Applicant] = {}
        self._settings = settings
        self._enrol = enrol
        self._day = Policy.model_validate(yaml.safe_load(settings.policy.read_text())).day or timedelta(days=1)
        run = secrets.token_hex(4)
        self._memory = Memory(keys=(f"demo-{run}-{number}" for number in itertools.count()))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for player in self.company.values():
            await player.api.__aexit__(kind, error, trace)

    async def join(self, key: str) -> Player:
        """Somebody of the script joins the company, or is found there again."""
        who = self.script.person(key)
        standing = [_STANDING[who["role"]]] if who["role"] in _STANDING else []
        again = AsyncRetrying(
            retry=retry_if_exception_type(NoAnswer), stop=stop_after_delay(_PATIENCE), wait=wait_fixed(1), reraise=True
        )
        enrolled: tuple[str, str] = await again(self._enrol, who["name"], who["email"], who["time_zone"], standing)
        person_id, token = enrolled
        api = Api(f"http://127.0.0.1:{self._settings.api_port}", token, _PATIENCE)
        self.company[key] = Player(person_id, who["name"], api, token, self._memory)
        return self.company[key]

    @property
    def mara(self) -> Player:
        """The recruiter."""
        return self.company["mara"]

    @property
    def dana(self) -> Player:
        """The hiring manager."""
        return self.company["dana"]

    @property
    def wes(self) -> Player:
        """The engineering lead, whose card is late."""
        return self.company["wes"]

    def ids(self, *keys: str) -> list[str]:
        """The ids of people of the company."""
        return [self.company[key].id for key in keys]

    async def upload(self, source: str, kind: str, about: str) -> Json:
        """A file of the samples, stored by the recruiter."""
        path = document(source)
        return await self.mara.api.upload(path.read_bytes(), kind, about, path.name)

    async def keep(self, notes: str, about: str) -> Json:
        """Notes of a call, stored by the recruiter."""
        return await self.mara.api.upload(notes.encode(), "notes", about, "notes.txt")

    # Time: in the demo a day is a few seconds.

    @staticmethod
    def now() -> str:
        return datetime.now(UTC).isoformat()

    @staticmethod
    def today(plus_days: int = 0) -> str:
        return (datetime.now(UTC) + timedelta(days=plus_days)).date().isoformat()

    def in_days(self, days: float) -> str:
        """So many days from now, as the policy counts them."""
        return (datetime.now(UTC) + days * self._day).isoformat()

    @staticmethod
    def in_real_hours(hours: float) -> str:
        return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()

    async def books(self, command: str, whose: str, **said: Any) -> Callable[[], Awaitable[None]]:
        """Mara books a call that begins in a moment; how to wait for its beginning.

        On a machine so busy that the moment is past when the call is booked, it is one twice as long.
        """
        for seconds in (2, 4, 8, 16, 32):
            starts_at = datetime.now(UTC) + timedelta(seconds=seconds)
            try:
                await self.mara.does(command, whose, starts_at=starts_at.isoformat(), **said)
                break
            except Refusal as refused:
                if refused.code != "bad_time" or seconds == 32:
                    raise

        async def begun() -> None:
            await asyncio.sleep(max((starts_at - datetime.now(UTC)).total_seconds() + 0.05, 0))

        return begun

    def whereabouts(self, links: Mapping[str, str]) -> str:
        """Where to look at what was played, and the link of everybody in it, by their key in the script."""
        api = f"http://127.0.0.1:{self._settings.api_port}"
        program = os.path.relpath(Path(sys.executable).with_name("tandem"))
        places = {
            "as Mara": f"export TANDEM_TOKEN=$({program} token make {self.mara.id})",
            "the requisition": f"{program} show {self.requisition}",
            "its story": f"{program} timeline {self.requisition}",
            "the mail": f"{program} mailbox",
            "the API": f"{api}/docs",
        }
        if self._settings.embeds_temporal:
            workflow = quote(f"requisition/{self.requisition}", safe="")
            space = f"namespaces/{self._settings.temporal_namespace}"
            places["in Temporal"] = f"http://127.0.0.1:{self._settings.temporal_ui_port}/{space}/workflows/{workflow}"
        people = (f"  {self._who(key):<36} {link}" for key, link in links.items())
        lines = (f"  {what:<15} {where}" for what, where in places.items())
        return "\n".join(["On the pages, each link good once, within a day:", *people, "And elsewhere:", *lines])

    def _who(self, key: str) -> str:
        return f"{self.company[key].name} ({self.script.person(key)['role'].replace('_', ' ')})"


async def until(look: Callable[[], Awaitable[Any]], holds: Callable[[Any], object], what: str) -> Any:
    """Looks again until `holds`, for a minute at most, and what was then seen. Raises NeverCame, naming `what`."""
    again = AsyncRetrying(
        retry=retry_if_result(lambda seen: not holds(seen)),
        stop=stop_after_delay(_PATIENCE),
        wait=wait_fixed(_LOOK_AGAIN),
    )

    async def looked() -> Any:
        return await look()

    try:
        return await again(looked)
    except RetryError:
        raise NeverCame(f"{what} did not come within {_PATIENCE:.0f} s.") from None
