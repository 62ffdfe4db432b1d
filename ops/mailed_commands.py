"""Commands that a mail gives: each once, however often the mail is read, and later where nobody could be asked."""

from __future__ import annotations

import hashlib
from typing import Any

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.access.team import Actor
from workflows.client import give
from workflows.command_signatures import SigningKeys
from workflows.contract import OTHER_BUILD, Envelope, update_id


class MailRefused(Exception):
    """The entity does not take it, and will not. `code` says why: `closed` once it is over, `not_found` without one."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def given_by_mail(
    client: Client, signing: SigningKeys, stream: str, command: str, payload: dict[str, Any], by: Actor, key: str
) -> None:
    """Gives an entity a command, `by` whom it is from, once for each `key`, which tells nothing of the mail.

    Raises MailRefused, and as the engine does where it is away or another build answers: then the mail is to come
    again.
    """
    envelope = Envelope(actor=by, fingerprint=hashlib.sha256(key.encode()).hexdigest())
    try:
        await give(client, signing, stream, command, payload, envelope, update_id(by.id, command, f"mail-{key}"))
    except WorkflowUpdateFailedError as failed:
        code = failed.cause.type if isinstance(failed.cause, ApplicationError) else None
        if code == OTHER_BUILD:
            raise
        raise MailRefused(code or type(failed.cause).__name__) from None
    except WorkflowAlreadyStartedError:
        raise MailRefused("closed") from None
    except RPCError as away:
        if away.status is RPCStatusCode.NOT_FOUND:
            raise MailRefused("not_found") from None
        raise
