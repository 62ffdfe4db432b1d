"""A mail that came in: its words, and what its headers say of whom it is from and what it answers."""

from __future__ import annotations

from pydantic import BaseModel

from domain.core.source_text import SourceText


class Bounced(BaseModel):
    """A report that a mail could not be delivered (RFC 3464): of which message, and why, by its status (5.1.1)."""

    message_id: str | None = None
    status: str = ""
    failed: bool = True


class ReceivedMail(SourceText):
    """The words of a mail. Everything in it was written by its sender, and is believed of nobody else.

    `to` are all addresses it was sent to, by any header that says so; `answers` the Message-IDs it refers to, the
    nearest first. `by_itself`: no person wrote it. `attachments` are the names of files that came with it.
    """

    subject: str = ""
    sender: str = ""
    sender_name: str = ""
    to: tuple[str, ...] = ()
    message_id: str = ""
    answers: tuple[str, ...] = ()
    by_itself: bool = False
    bounced: Bounced | None = None
    attachments: tuple[str, ...] = ()
