"""Mail a process sends itself, beside what it answers: a bounded number at a time, each with an end.

For messages whose words must lie nowhere: they are neither stored nor tried again by an engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiosmtplib
import structlog

from mail.smtp import OutgoingMail, SmtpClient
from settings import Settings

AT_ONCE, WAITING = 4, 200
"""How many messages are on their way at once, and how many may wait for that."""

WITHIN = 20.0
"""Seconds a message may take, once it is its turn."""

ANSWERS_WITHIN = 3.0
"""Seconds the mail server has to say that it is there."""

log = structlog.get_logger("mail")


class MailAway(Exception):
    """The mail server does not answer, or more is waiting for it than may."""


class Outbox:
    """Sends messages beside everything else."""

    def __init__(self, settings: Settings) -> None:
        self._client = SmtpClient(settings)
        self._turn, self._asking = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def answers(self) -> None:
        """Returns once the mail server has said that it is there, and takes us. Raises MailAway."""
        if len(self._tasks) >= WAITING:
            raise MailAway
        connection = self._client.connection(ANSWERS_WITHIN)
        try:
            async with asyncio.timeout(ANSWERS_WITHIN), self._asking:
                await connection.connect()
                with suppress(aiosmtplib.SMTPException):
                    await connection.quit()
        except (aiosmtplib.SMTPException, OSError, ValueError):
            raise MailAway from None
        finally:
            connection.close()

    def later(self, write: Callable[[], Awaitable[OutgoingMail | None]]) -> None:
        """Sends what `write` writes, if it does, when it is its turn. Raises MailAway when too much is waiting."""
        if len(self._tasks) >= WAITING:
            raise MailAway
        task = asyncio.create_task(self._sent(write))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Gives up what is not sent yet."""
        for task in (tasks := list(self._tasks)):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _sent(self, write: Callable[[], Awaitable[OutgoingMail | None]]) -> None:
        async with self._turn:
            try:
                async with asyncio.timeout(WITHIN):
                    message = await write()
                    if message is not None:
                        await self._hand_over(message)
            except Exception as failure:
                # The kind alone: an error of the mail server may repeat whom it was for.
                log.error("a mail was not sent", kind=type(failure).__name__)

    async def _hand_over(self, message: OutgoingMail) -> None:
        connection = self._client.connection()
        try:
            await self._client.hand_over(connection, message)
            with suppress(aiosmtplib.SMTPException, OSError):
                await connection.quit()
        finally:
            connection.close()
