"""Signs of life from an activity that waits for something slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from temporalio import activity

SIGN_OF_LIFE = 10.0
"""Seconds between two heartbeats: a third of what the effects' carriages allow."""


async def finished(task: asyncio.Task[Any], progress: Callable[[], Any]) -> None:
    """Waits until `task` is done, whatever comes of it, with heartbeats that say how far it is by then.

    One is given at once when the worker is told to stop, and one at the end: the next attempt begins with the last.
    """
    told_to_stop = asyncio.create_task(activity.wait_for_worker_shutdown())
    waited_for = {task, told_to_stop}
    try:
        activity.heartbeat(progress())
        while not task.done():
            await asyncio.wait(waited_for, timeout=SIGN_OF_LIFE, return_when=asyncio.FIRST_COMPLETED)
            if told_to_stop.done():
                waited_for.discard(told_to_stop)
            activity.heartbeat(progress())
    finally:
        told_to_stop.cancel()
