"""Commands whose giver is not there when they are given: by mail, or some seconds after their tap."""

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


class RefusedLater(Exception):
    """The entity does not take it, and will not. `code` says why: `closed` once it is over, `not_found` without one.

    `sentence` is the refusal for people, where the entity gave one.
    """

    def __init__(self, code: str, sentence: str = "") -> None:
        super().__init__(code)
        self.code, self.sentence = code, sentence


async def given_later(
    client: Client,
    signing: SigningKeys,
    stream: str,
    command: str,
    body: dict[str, Any],
    envelope: Envelope,
    given_id: str,
) -> None:
    """Gives an entity a command, once for each `given_id`.

    Raises RefusedLater, and as the engine does where it is away or another build answers: then it is to be given again.
    """
    try:
        await give(client, signing, stream, command, body, envelope, given_id)
    except WorkflowUpdateFailedError as failed:
        cause = failed.cause if isinstance(failed.cause, ApplicationError) else None
        if cause is not None and cause.type == OTHER_BUILD:
            raise
        said = cause.details[0] if cause is not None and cause.details else {}
        code = cause.type if cause is not None and cause.type else type(failed.cause).__name__
        raise RefusedLater(code, said.get("sentence", "")) from None
    except WorkflowAlreadyStartedError:
        raise RefusedLater("closed") from None
    except RPCError as away:
        if away.status is RPCStatusCode.NOT_FOUND:
            raise RefusedLater("not_found") from None
        raise


async def given_by_mail(
    client: Client, signing: SigningKeys, stream: str, command: str, body: dict[str, Any], by: Actor, key: str
) -> None:
    """The same of a command that a mail gives, `by` whom it is from, once for each `key`, which tells nothing of it."""
    envelope = Envelope(actor=by, fingerprint=hashlib.sha256(key.encode()).hexdigest())
    await given_later(client, signing, stream, command, body, envelope, update_id(by.id, command, f"mail-{key}"))
