"""What Prometheus is shown: each process's own figures, and those that are asked for when somebody looks.

Labels are kinds, stages, codes and ages in words. No id, name or text of anybody is ever one.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

import httpx
import structlog
from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import RPCError

from store.database import DATABASE_ERRORS
from workflows.contract import TICK_LATENESS

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
REMEMBERED = 5.0
"""Seconds an answer is good for, so that two who scrape do not ask twice."""

PATIENCE = 4.0
"""Seconds a server has to answer; less than Prometheus waits for the whole page."""

LATENESS_BUCKETS = (0.1, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600)
log = structlog.get_logger("metrics")


def registry() -> CollectorRegistry:
    """An empty registry, but for the memory, processor time and open files of this process."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    return made


class ServerFigures(Collector):
    """Figures of a server that is asked when somebody scrapes; `tandem_<server>_up` says whether it answered."""

    def __init__(self, server: str, ask: Callable[[], Awaitable[Iterable[Metric]]]) -> None:
        """`ask` may raise what it meets when its server is away."""
        self._server, self._ask = server, ask
        self._families: Sequence[Metric] = ()
        self._up, self._took, self._asked_at = 0.0, 0.0, float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def refresh(self) -> None:
        """Asks, unless it was asked just now. Returns whatever becomes of it, within `PATIENCE`."""
        async with self._one_at_a_time:
            began = time.monotonic()
            if began - self._asked_at < REMEMBERED:
                return
            try:
                async with asyncio.timeout(PATIENCE):
                    self._families, self._up = tuple(await self._ask()), 1.0
            except (*DATABASE_ERRORS, RPCError) as away:
                log.warning("no figures", server=self._server, kind=type(away).__name__)
                self._families, self._up = (), 0.0
            self._asked_at = time.monotonic()
            self._took = self._asked_at - began

    def collect(self) -> Iterable[Metric]:
        """What was answered last."""
        yield GaugeMetricFamily(f"tandem_{self._server}_up", f"Whether the {self._server} answered", value=self._up)
        yield GaugeMetricFamily(
            f"tandem_{self._server}_asked_seconds", f"How long the {self._server} took to answer", value=self._took
        )
        yield from self._families


class Page:
    """The worker's `/metrics`: its registry, what `asked` servers say, and Temporal's own figures."""

    def __init__(self, figures: CollectorRegistry, asked: Sequence[ServerFigures], sdk_port: int) -> None:
        self._figures, self._asked, self._sdk = figures, asked, f"http://127.0.0.1:{sdk_port}/metrics"
        for one in asked:
            figures.register(one)

    async def text(self) -> bytes:
        """The page, in Prometheus' text format."""
        _, sdk = await asyncio.gather(asyncio.gather(*(one.refresh() for one in self._asked)), self._temporals_own())
        return generate_latest(self._figures) + sdk

    async def _temporals_own(self) -> bytes:
        # It is this machine that is asked: the authorities of the world are not read for each scrape.
        nobody_trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE, verify=nobody_trusted) as client:
            try:
                return (await client.get(self._sdk)).content
            except httpx.HTTPError as away:
                log.warning("no figures", server="sdk", kind=type(away).__name__)
                return b""


def measured_runtime(sdk_port: int) -> Runtime:
    """A runtime that shows Temporal's own figures on this port of loopback. Raises ValueError if it is taken."""
    shown = PrometheusConfig(
        bind_address=f"127.0.0.1:{sdk_port}",
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
        histogram_bucket_overrides={TICK_LATENESS: LATENESS_BUCKETS},
    )
    return Runtime(telemetry=TelemetryConfig(metrics=shown))
