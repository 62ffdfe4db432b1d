"""`tandem doctor`: what is wrong with a stack, or with one requisition, candidate or person, and what to do about it.

It looks everywhere at once, gives each place a few seconds, and needs nothing of what it looks at. Reads elsewhere
never go to Temporal; the doctor's do, because it compares what PostgreSQL says with what the run says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

from temporalio.service import RPCError

from ops.doctor import machine
from ops.doctor.blobs import blobs
from ops.doctor.database import database
from ops.doctor.engine import engine
from ops.doctor.entity import entity
from ops.doctor.findings import Finding, broken, worst
from ops.doctor.output import as_json, print_findings
from ops.doctor.runs import runs
from settings import Settings

__all__ = ["Finding", "as_json", "examine", "print_findings", "worst"]

PATIENCE = 10.0
"""Seconds any one place may take to answer all that it is asked."""


async def examine(settings: Settings, stream: str | None = None) -> list[Finding]:
    """Findings about the whole stack or, with a stream (`requisition/R-…`), about that entity alone."""
    if stream is not None:
        return await _within("run", entity(settings, stream))
    parts = await asyncio.gather(
        _within("disk", _each(_machine(settings))),
        _within("database", database(settings)),
        _within("blobs", blobs(settings)),
        _within("temporal", engine(settings)),
        _within("runs", runs(settings)),
        _within("mail", _asked(settings)),
    )
    return [finding for part in parts for finding in part]


def _machine(settings: Settings) -> Iterable[Finding]:
    yield machine.disk(settings.home)
    if settings.keys_url is None:
        yield machine.keys(settings.keys_folder)
    yield from machine.policy(settings.policy)


async def _asked(settings: Settings) -> AsyncIterator[Finding]:
    yield await machine.api(settings)
    yield await machine.mail(settings)


async def _each(findings: Iterable[Finding]) -> AsyncIterator[Finding]:
    for finding in findings:
        yield finding


async def _within(about: str, findings: AsyncIterator[Finding]) -> list[Finding]:
    """What is found in time; one that did not answer in time, or broke off, is a finding too."""
    found: list[Finding] = []
    try:
        async with asyncio.timeout(PATIENCE):
            async for finding in findings:
                found.append(finding)
    except TimeoutError:
        found.append(_not_to_the_end(about, f"no answer in {PATIENCE:.0f} s"))
    except Exception as failed:  # whatever is wrong with one thing, the others are looked at
        found.append(
            _not_to_the_end(about, failed.status.name if isinstance(failed, RPCError) else type(failed).__name__)
        )
    return found


def _not_to_the_end(about: str, why: str) -> Finding:
    return broken(about, f"It could not be looked at to the end ({why}).", "Look at its own log.")
