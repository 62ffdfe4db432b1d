"""Debian's `prometheus` and `promtool` for the tests: where they are, and a real one that watches a running stack."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from settings import ROOT, Settings

CONFIGURATION = ROOT / "deploy" / "prometheus" / "prometheus.yml"
RULES = ROOT / "deploy" / "prometheus" / "tandem.rules.yml"
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def program(name: str) -> str:
    """Where `prometheus` or `promtool` is. Fails the test where it is not."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is not installed: apt-get install prometheus, or these alerts go unproven")
    return found


def alerts() -> dict[str, dict[str, Any]]:
    """The shipped alerts by name."""
    rules = yaml.safe_load(RULES.read_text())
    return {rule["alert"]: rule for group in rules["groups"] for rule in group["rules"]}


def divided(rules: str, machine: int, company: int) -> str:
    """`rules` with their durations divided, and nothing else.

    Those of the machine are `for: 2m`, `[5m]` and `N * 60` seconds; those of the company are `N * 86400` seconds.
    """

    def shorter(found: re.Match[str]) -> str:
        milliseconds = int(found["number"]) * UNITS[found["unit"]] * 1000 // machine
        return f"{found['before']}{milliseconds}ms{found['after']}"

    for before, after in ((r"\bfor: ", r"\n"), (r"\[", r"\]")):
        rules = re.sub(rf"(?P<before>{before})(?P<number>\d+)(?P<unit>[smhd])(?P<after>{after})", shorter, rules)
    rules = re.sub(r"(\d+) \* 60\b", rf"\1 * 60 / {machine}", rules)
    return re.sub(r"(\d+) \* 86400\b", rf"\1 * 86400 / {company}", rules)


@dataclass
class Watch:
    """A running Prometheus. `since` is when it first saw everything there is (`time.monotonic`)."""

    http: httpx.AsyncClient
    since: float = 0.0

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """What it answers to an instant query."""
        answer = (await self.http.get("/api/v1/query", params={"query": expression})).json()
        assert answer["status"] == "success", answer
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result

    async def firing(self) -> set[str]:
        """The names of the alerts that fire now."""
        return {found["metric"]["alertname"] for found in await self.query('ALERTS{alertstate="firing"}')}

    async def fired(self) -> set[str]:
        """The names of the alerts that fired at any time since then."""
        milliseconds = round((time.monotonic() - self.since) * 1000)
        ever = await self.query(f'count_over_time(ALERTS{{alertstate="firing"}}[{milliseconds}ms])')
        return {found["metric"]["alertname"] for found in ever}

    async def until_all_is_seen(self) -> None:
        """Waits until what is to be scraped was scraped: it looks for its targets a few seconds after its start."""

        async def asked() -> bool:
            return len(await self.query("up == 1")) == 2 and not await self.query("ALERTS")

        await self._until(asked, "not everything was scraped", 30)
        self.since = time.monotonic()

    async def until(self, holds: Callable[[set[str]], bool], within: float) -> None:
        """Waits until `holds` of the alerts that fire."""

        async def asked() -> bool:
            return holds(await self.firing())

        await self._until(asked, "the alerts that fire are not those that should", within)

    async def until_fires(self, *names: str, within: float) -> None:
        """Waits until every one of `names` has fired."""

        async def asked() -> bool:
            return set(names) <= await self.fired()

        await self._until(asked, f"not all of {names} fired", within)

    async def _until(self, asked: Callable[[], Awaitable[bool]], otherwise: str, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                while True:
                    if await asked():
                        return
                    await asyncio.sleep(0.2)
        except TimeoutError:
            states = [(f["metric"]["alertname"], f["metric"]["alertstate"]) for f in await self.query("ALERTS")]
            pytest.fail(f"{otherwise} within {within} s; fired: {sorted(await self.fired())}; now: {sorted(states)}")


@asynccontextmanager
async def watching(folder: Path, settings: Settings, port: int, machine: int, company: int) -> AsyncIterator[Watch]:
    """A Prometheus on `port` of loopback that scrapes the stack of `settings`, with the shipped rules divided.

    Its configuration is the shipped one with these ports, at half a second where that says fifteen.
    """
    (folder / "tandem.rules.yml").write_text(divided(RULES.read_text(), machine, company))
    (folder / "prometheus.yml").write_text(yaml.safe_dump(_scraping(settings)))
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program("prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            stderr=log,
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            await _ready(http, process, folder)
            watch = Watch(http)
            await watch.until_all_is_seen()
            yield watch
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _scraping(settings: Settings) -> Mapping[str, Any]:
    configuration: dict[str, Any] = yaml.safe_load(CONFIGURATION.read_text())
    configuration["global"] = {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "500ms"}
    ports = {"tandem-worker": settings.worker_port, "tandem-api": settings.api_metrics_port}
    for job in configuration["scrape_configs"]:
        job["static_configs"] = [{"targets": [f"127.0.0.1:{ports[job['job_name']]}"]}]
    return configuration


async def _ready(http: httpx.AsyncClient, process: asyncio.subprocess.Process, folder: Path) -> None:
    async with asyncio.timeout(90):
        while True:
            assert process.returncode is None, (folder / "prometheus.log").read_text()
            try:
                if (await http.get("/-/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass  # it does not listen yet
            await asyncio.sleep(0.1)


def expressions(board: Mapping[str, Any]) -> Sequence[str]:
    """Every query on a board."""
    return [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
