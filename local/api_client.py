"""Speaking to the API from this machine: for the command line and for the demo.

Every write carries an Idempotency-Key, so a server that is away or coming back is simply asked again.
"""

from __future__ import annotations

import secrets
from types import TracebackType
from typing import Any, Self

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from privacy.tls import authorities

_ANSWER_WITHIN = 15.0  # seconds one attempt may take; the API itself answers within ten

_LOOKED_AT_WITHIN = 300.0  # for a recording, which is looked at before it is taken


class Refusal(Exception):
    """The API's no: a code, a sentence a person can act on, and what would be accepted, if it said so."""

    def __init__(self, status: int, code: str, sentence: str, accepted: str | None = None) -> None:
        super().__init__(f"{sentence} Accepted: {accepted}" if accepted else sentence)
        self.status, self.code, self.sentence, self.accepted = status, code, sentence, accepted


class NoAnswer(Exception):
    """Nobody answered, or only that they cannot just now; whether a write was taken, the same key will tell."""


class Api:
    """One caller's way to the API, for `async with`.

    `patience` is how long (seconds) a server that does not answer is asked again; 0 asks once.
    """

    def __init__(self, base_url: str, token: str | None, patience: float) -> None:
        self.base_url = base_url
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.AsyncClient(
            base_url=base_url, headers=bearer, timeout=_ANSWER_WITHIN, trust_env=False, verify=authorities()
        )
        self._patience = patience

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def read(self, path: str, **query: str | int | None) -> Any:
        """The JSON at `path`, asked for with `query`. Raises Refusal, NoAnswer."""
        asked = {name: value for name, value in query.items() if value is not None}
        return await self._again("GET", path, params=asked)

    async def give(self, path: str, body: Any, key: str | None = None, expected_version: int | None = None) -> Any:
        """What the API answers to `body` at `path`; the same `key` is taken once. Raises Refusal, NoAnswer."""
        key = key or secrets.token_urlsafe(16)
        headers = {"Idempotency-Key": key}
        if expected_version is not None:
            headers["Expected-Version"] = str(expected_version)
        try:
            return await self._again("POST", path, json=body, headers=headers)
        except NoAnswer as silence:
            raise NoAnswer(f"{silence} It may be taken all the same: with --key {key} it is done once.") from None

    async def put(self, path: str, body: Any) -> Any:
        """What the API answers to `body` put at `path`. Raises Refusal, NoAnswer."""
        return await self._again("PUT", path, json=body)

    async def upload(self, content: bytes, kind: str, about: str, name: str) -> dict[str, str]:
        """Stores a document; its id and hash. The same again gives the same. Raises Refusal, NoAnswer."""
        asked = {"kind": kind, "about": about, "name": name}
        within = {"timeout": _LOOKED_AT_WITHIN} if kind == "recording" else {}
        stored: dict[str, str] = await self._again("POST", "/v1/documents", params=asked, content=content, **within)
        return stored

    async def _again(self, method: str, path: str, **request: Any) -> Any:
        # Made anew each time: one that is under way must not be shared.
        until_answered = AsyncRetrying(
            retry=retry_if_exception_type(NoAnswer),
            stop=stop_after_delay(self._patience),
            wait=wait_random_exponential(multiplier=0.1, max=2),
            reraise=True,
        )
        return await until_answered(self._once, method, path, **request)

    async def _once(self, method: str, path: str, **request: Any) -> Any:
        try:
            answer = await self._http.request(method, path, **request)
        except httpx.TransportError:
            raise NoAnswer(f"Nobody answers at {self.base_url}: is Tandem running there (tandem up)?") from None
        if answer.status_code == 503:
            raise NoAnswer(_problem(answer).sentence)
        if answer.is_error:
            raise _problem(answer)
        return answer.json() if answer.content else None


def _problem(answer: httpx.Response) -> Refusal:
    try:
        said = answer.json()
        return Refusal(answer.status_code, said["code"], said["detail"], said.get("accepted"))
    except (ValueError, KeyError, TypeError):
        return Refusal(answer.status_code, "unknown", f"The API answered {answer.status_code}, and does not say why.")
