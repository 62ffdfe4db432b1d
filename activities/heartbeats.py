"""Signs of life from an activity that waits for something slow."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio import activity

SIGN_OF_LIFE = 10.0
"""Seconds between two heartbeats: a third of what the routes in `workflows.policies` allow."""


async def finished(task: asyncio.Task[Any], *progress: Any) -> None:
    """Waits until `task` is done, whatever comes of it, with heartbeats that say `progress`."""
    activity.heartbeat(*progress)
    while not task.done():
        await asyncio.wait((task,), timeout=SIGN_OF_LIFE)
        activity.heartbeat(*progress)
