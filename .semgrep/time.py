"""What the rules beside this catch, and what they let be. Read by `semgrep --test` alone; nothing runs it."""

import asyncio
import random
import subprocess
import time
from datetime import UTC, date, datetime

import httpx


async def bad_waits(url, command):
    # ruleid: event-loop-held-up
    time.sleep(1)
    # ruleid: event-loop-held-up
    yield httpx.get(url, timeout=3)
    # ruleid: event-loop-held-up
    yield subprocess.run(command, check=True)


async def good_waits(command):
    def elsewhere():
        # ok: event-loop-held-up
        return subprocess.run(command, check=True)

    # ok: event-loop-held-up
    await asyncio.sleep(1)
    yield await asyncio.to_thread(elsewhere)


def good_waits_of_a_thread():
    # ok: event-loop-held-up
    time.sleep(1)


def bad_times():
    # ruleid: time-without-a-zone, clock-where-time-is-given
    yield datetime.now()
    # ruleid: time-without-a-zone, clock-where-time-is-given
    yield datetime.utcnow()
    # ruleid: time-without-a-zone, clock-where-time-is-given
    yield date.today()
    # ruleid: clock-where-time-is-given
    yield time.time()
    # ruleid: clock-where-time-is-given
    yield random.random()
    # ruleid: clock-where-time-is-given
    yield datetime.now(UTC)


def good_times(now):
    # ok: clock-where-time-is-given, time-without-a-zone
    yield now.astimezone(UTC)
    # ok: clock-where-time-is-given, time-without-a-zone
    yield datetime(2026, 1, 5, tzinfo=UTC)
