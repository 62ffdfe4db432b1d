"""The way out: hands a message to the mail server once per effect and recipient, as far as SMTP lets anybody say so.

A message is claimed in PostgreSQL before it is sent, and marked done afterwards. What lies between cannot be closed:
whoever dies, or loses the connection, after the server took the message and before it is marked leaves a claim in
doubt. Such a message is sent once more under the same Message-ID, by which mail clients and servers know it for the
same; a second doubt becomes a task for a person. See "What can happen twice" in `docs/operations.md`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiosmtplib
from temporalio.exceptions import ApplicationError

from mail.smtp import OutgoingMail, SmtpClient, SmtpConnection
from settings import Settings
from store.idempotency_claims import ClaimDone, ClaimFresh, IdempotencyClaims

REFUSED = "mail_refused"
"""What ends an attempt that no other can mend: the address, or the message, is refused for good."""

PATIENCE = 25.0
"""Seconds an activity that sends may take in all: less than its attempt, so that no two attempts send at once."""


def attempt() -> asyncio.Timeout:
    """One attempt at an activity that sends: over in time. Raises TimeoutError."""
    return asyncio.timeout(PATIENCE)


class SmtpDelivery:
    """Sends messages, each once."""

    def __init__(self, claims: IdempotencyClaims, settings: Settings) -> None:
        self._claims, self._client = claims, SmtpClient(settings)

    @property
    def address(self) -> str:
        """What every message is sent from."""
        return self._client.address

    def message_id(self, key: str) -> str:
        """The Message-ID of the message with this key."""
        return self._client.message_id(key)

    async def send(self, message: OutgoingMail) -> str:
        """Sends `message` unless it was sent, and says which. Raises ApplicationError, free of addresses and words:

        `mail_refused` when the server will never take it, `mail_in_doubt` when it may have arrived twice already, both
        not to be retried; else `mail_unavailable`.
        """
        claim = await self._claim(message.key)
        if claim is None:
            return "sent before"
        line = self._client.connection()
        try:
            await self._hand_over(line, claim, message)
            await self._claims.done(claim)
            with suppress(aiosmtplib.SMTPException, OSError):
                await line.quit()
        finally:
            line.close()
        return "sent"

    async def _claim(self, key: str) -> str | None:
        """The claim to send under; None when it was sent."""
        for claim in (key, f"{key}/again"):
            match await self._claims.claim(claim):
                case ClaimFresh():
                    return claim
                case ClaimDone():
                    return None
        raise ApplicationError("it may have arrived; a person decides", type="mail_in_doubt", non_retryable=True)

    async def _hand_over(self, line: SmtpConnection, claim: str, message: OutgoingMail) -> None:
        try:
            await self._client.hand_over(line, message)
        except BaseException as failure:
            answered = isinstance(failure, aiosmtplib.SMTPResponseException)
            if answered or not line.in_doubt:
                await self._claims.release(claim)
            if isinstance(failure, aiosmtplib.SMTPException | OSError | ValueError):
                raise _in_a_word(failure) from None
            raise


def _in_a_word(failure: Exception) -> ApplicationError:
    code = getattr(failure, "code", None)
    if isinstance(failure, aiosmtplib.SMTPRecipientsRefused):
        code = failure.recipients[0].code
    of_this_message = isinstance(
        failure, aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPDataError | aiosmtplib.SMTPNotSupported | ValueError
    )
    if of_this_message and (code is None or code >= 500):
        return ApplicationError(f"refused: {code or 'not an address'}", type=REFUSED, non_retryable=True)
    return ApplicationError(f"{type(failure).__name__} {code or ''}".strip(), type="mail_unavailable")
