"""Chat: a message posted to an incoming webhook, as Slack and Mattermost take it (`{"text": …, "channel": "@handle"}`).

A message is claimed before it is posted, as mail is. What a webhook took before its answer was lost is in doubt; a
person decides.
"""

from __future__ import annotations

import httpx
from temporalio.exceptions import ApplicationError

from mail.smtp import ANSWER, OutgoingMail
from privacy.tls import authorities
from settings import Settings
from store.idempotency_claims import ClaimDone, ClaimFresh, IdempotencyClaims
from store.users import User

_REFUSED = frozenset({400, 403, 404, 410})
"""What says that this message will never be taken (Slack, "Incoming webhooks", handling errors)."""


class Chat:
    """Posts messages to people's chat, each once."""

    def __init__(self, claims: IdempotencyClaims, settings: Settings) -> None:
        self._claims, self._url = claims, settings.chat_url

    def reaches(self, person: User) -> bool:
        """Whether chat is set up here, and for this person; else they are written to."""
        return self._url is not None and person.chat is not None

    async def send(self, message: OutgoingMail, person: User) -> str:
        """Posts `message` unless it was posted, and says which. Raises ApplicationError, free of handles and words:

        `chat_refused` when the webhook will never take it, `chat_in_doubt` when it may have, both not to be retried;
        else `chat_unavailable`.
        """
        assert self._url is not None, "chat is not set up"
        match await self._claims.claim(message.key):
            case ClaimFresh():
                pass
            case ClaimDone():
                return "sent before"
            case _:
                raise ApplicationError("it may have arrived", type="chat_in_doubt", non_retryable=True)
        body = {"text": f"*{message.subject}*\n{message.text}", "channel": f"@{person.chat}"}
        try:
            async with httpx.AsyncClient(timeout=ANSWER, verify=authorities()) as http:
                answer = await http.post(self._url.get_secret_value(), json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            await self._claims.release(message.key)
            raise ApplicationError("no connection", type="chat_unavailable") from None
        except httpx.HTTPError as lost:
            raise ApplicationError(type(lost).__name__, type="chat_unavailable") from None
        if answer.is_success:
            await self._claims.done(message.key)
            return "sent"
        await self._claims.release(message.key)
        refused = answer.status_code in _REFUSED
        kind = "chat_refused" if refused else "chat_unavailable"
        raise ApplicationError(str(answer.status_code), type=kind, non_retryable=refused)
