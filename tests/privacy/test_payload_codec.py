"""What travels through Temporal, sealed as a whole: what it looks like, and what opens it."""

from __future__ import annotations

import time
from pathlib import Path

import asyncpg
import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext

from privacy import payload_codec
from privacy.key_folder import FolderKeyStore
from privacy.keys import KeysUnreachable, WrongKeys
from privacy.payload_codec import NamespaceCodec, NotOurs
from store.payload_keys import PayloadKeys

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'{"title":"Product Manager"}')
ONE, TWO = {"K-000001": b"1" * 32}, {"K-000001": b"1" * 32, "K-000002": b"2" * 32}


async def no_others() -> dict[str, bytes]:
    return ONE


def codec(keys: dict[str, bytes] = ONE, seals: bool = True) -> NamespaceCodec:
    return NamespaceCodec("default", keys, seals, no_others)


async def test_it_is_opened_as_it_was_and_says_nothing_but_whose_it_is() -> None:
    of_one = codec().with_context(WorkflowSerializationContext(namespace="default", workflow_id="requisition/R-ONE"))
    [sealed] = await of_one.encode([PLAIN])
    assert sealed.metadata == {
        "encoding": b"binary/encrypted",
        "encryption-key-id": b"K-000001",
        "tandem-workflow": b"requisition/R-ONE",
    }
    assert b"Product" not in sealed.SerializeToString()
    assert await codec().decode([sealed, PLAIN]) == [PLAIN, PLAIN]
    assert await of_one.encode([PLAIN]) != [sealed]


@pytest.mark.parametrize("change", ["data", "encryption-key-id", "tandem-workflow"])
async def test_what_was_changed_is_not_opened(change: str) -> None:
    of_one = codec(TWO).with_context(WorkflowSerializationContext(namespace="default", workflow_id="requisition/R-ONE"))
    [sealed] = await of_one.encode([PLAIN])
    if change == "data":
        sealed.data = sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])
    else:
        sealed.metadata[change] = b"K-000001" if change == "encryption-key-id" else b"requisition/R-TWO"
    with pytest.raises(NotOurs):
        await codec(TWO).decode([sealed])
    with pytest.raises(NotOurs):
        await NamespaceCodec("another", TWO, True, no_others).decode([sealed])


async def test_what_only_opens_seals_nothing() -> None:
    [sealed] = await codec().encode([PLAIN])
    only_opens = codec(seals=False)
    assert await only_opens.encode([PLAIN]) == [PLAIN]
    assert await only_opens.decode([sealed]) == [PLAIN]


async def test_a_key_made_meanwhile_is_found_and_taken_to_seal_with_and_the_old_one_opens_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = ONE

    async def read() -> dict[str, bytes]:
        return keys

    running, before = NamespaceCodec("default", ONE, True, read), await codec().encode([PLAIN])
    keys = TWO
    assert await running.decode(await codec(TWO).encode([PLAIN])) == [PLAIN]
    now = time.monotonic()
    monkeypatch.setattr(payload_codec.time, "monotonic", lambda: now + 61)
    [sealed] = await running.encode([PLAIN])
    assert sealed.metadata["encryption-key-id"] == b"K-000002"
    assert await running.decode(before) == [PLAIN]


async def test_while_the_keys_are_away_what_is_known_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away() -> dict[str, bytes]:
        raise KeysUnreachable("away")

    running, now = NamespaceCodec("default", ONE, True, away), time.monotonic()
    monkeypatch.setattr(payload_codec.time, "monotonic", lambda: now + 61)
    assert await running.decode(await running.encode([PLAIN])) == [PLAIN]
    with pytest.raises(KeysUnreachable):
        await running.decode([Payload(metadata={"encoding": b"binary/encrypted", "encryption-key-id": b"K-000009"})])


async def test_the_keys_are_in_the_key_store_and_must_be_those_that_were_used(
    pool: asyncpg.Pool, tmp_path: Path
) -> None:
    store = FolderKeyStore(tmp_path / "keys")
    store.found("I-THIS")
    keys = PayloadKeys(pool, store)
    assert await keys.all() == {}
    first = await keys.all(make=True)
    assert await PayloadKeys(pool, store).all(make=True) == first
    assert await keys.rotate() == "K-000002"
    both = await keys.all()
    assert list(both) == ["K-000001", "K-000002"]
    assert both["K-000001"] == first["K-000001"] != both["K-000002"]
    lying = b"".join(path.read_bytes() for path in (tmp_path / "keys").rglob("*") if path.is_file())
    assert not [key for key in both.values() if key in lying]
    store.rotate()
    assert await keys.all() == both
    [one] = (tmp_path / "keys").glob("*/K-000001")
    one.unlink()
    for _ in range(2):
        with pytest.raises(WrongKeys, match=r"^The key K-000001 of what travels [^\n]+\.$"):
            await keys.all(make=True)
    assert not list((tmp_path / "keys").glob("*/K-000001"))
