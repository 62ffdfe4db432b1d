"""What somebody opens who has a copy of database, files and the engine's histories, and the keys as they are today."""

from __future__ import annotations

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterator

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.client import WorkflowHistory

from privacy.keys import KeyDestroyed, KeyMissing, is_subject
from privacy.sealed_parts import DoesNotOpen, opened_parts
from settings import Settings
from store.blobs import FolderBlobs
from tests.e2e.canary_places import BLOBS
from tests.e2e.canary_words import CANARY
from wiring import key_store

_IN_JSON = re.compile(r'"ciphertext"\s*:\s*"([A-Za-z0-9+/]+=*)"')
_IN_TEXT = re.compile(r"sealed:[A-Z]-[0-9A-Z]+:([A-Za-z0-9+/]+=*)")
_ID = re.compile(r"\b[A-Z]-[0-9A-Z]{6,26}\b")
_NONCE_BYTES = 12


class Thief:
    """Tries every key on every value, under every id there is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sealed: dict[bytes, set[str]] = defaultdict(set)
        self._contexts: set[str] = set()
        self._files: dict[str, bytes] = {}

    async def copies(self, dsn: str) -> None:
        """Takes everything from a database."""
        connection = await asyncpg.connect(dsn)
        try:
            for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
                table = row["tablename"]
                for line in await connection.fetch(f'SELECT to_jsonb(t)::text AS told FROM "{table}" t'):
                    self._reads(table, line["told"])
        finally:
            await connection.close()

    def copies_history(self, name: str, history: WorkflowHistory) -> None:
        """Takes everything from a history."""
        for event in history.events:
            self._reads(f"history of {name}", event.SerializeToString().decode("latin-1"))

    def copies_files(self) -> None:
        """Takes everything from the blob store."""
        kept = FolderBlobs(self._settings.home / BLOBS)
        self._files |= {found.name: b"".join(kept.get(found.name)) for found in kept.list()}

    def has_files_of(self, subject: str) -> bool:
        """Whether some of what was taken from there is this subject's."""
        return any(name.startswith(f"{subject}/") for name in self._files)

    def opened(self) -> dict[str, set[str]]:
        """The canaries in all that opens, by the key that opened it."""
        contexts = sorted(self._contexts)
        found: dict[str, set[str]] = defaultdict(set)
        for subject, key in self._keys(contexts):
            opener = AESGCM(key)
            for sealed in self._sealed:
                # Most is sealed for its holder, or for an id that stands beside it.
                for context in dict.fromkeys((subject, *sorted(self._sealed[sealed]), *contexts)):
                    try:
                        opened = opener.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode())
                    except InvalidTag:
                        continue
                    found[subject] |= _canaries(opened)
                    break
            for name, file in self._files.items():
                try:
                    found[subject] |= _canaries(b"".join(opened_parts(key, [file], name)))
                except DoesNotOpen:
                    continue
        return found

    def _keys(self, contexts: list[str]) -> Iterator[tuple[str, bytes]]:
        today = key_store(self._settings)
        for subject in filter(is_subject, contexts):
            try:
                yield subject, today.find(subject)
            except (KeyDestroyed, KeyMissing):
                continue

    def _reads(self, place: str, told: str) -> None:
        ids = set(_ID.findall(told))
        self._contexts |= ids
        values = [base64.b64decode(one) for pattern in (_IN_JSON, _IN_TEXT) for one in pattern.findall(told)]
        if told.startswith("{"):
            values += [
                bytes.fromhex(one[2:])
                for one in json.loads(told).values()
                if isinstance(one, str) and re.fullmatch(r"\\x(?:[0-9a-f]{2})+", one)
            ]
        for value in values:
            self._sealed[value] |= ids


def _canaries(opened: bytes) -> set[str]:
    return {word.lower() for word in CANARY.findall(opened.decode("utf-8", "replace"))}
