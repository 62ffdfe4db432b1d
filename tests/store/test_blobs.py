"""The blob store, in a folder and in a bucket of moto's: what is put comes back, sealed meanwhile, or not at all."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from privacy.key_folder import FolderKeyStore
from privacy.keys import KeyDestroyed
from privacy.sealed_parts import PART
from privacy.sealing import CannotOpen, Sealer, Tombstone
from store.blobs import Blobs, BlobsAway, FolderBlobs, NoSuchBlob, SealedBlobs, blobs_in

ANNA, BERT = "H-ANNA00001", "H-BERT00001"
NAME = f"{ANNA}/B-{'A' * 32}"
BUCKET = "tandem-files"


@pytest.fixture(scope="module")
def s3() -> Iterator[Callable[[], None]]:
    """moto's S3 with a bucket; what is given back stops it."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "AKIDOFTHESETESTS",
            "AWS_SECRET_ACCESS_KEY": "not-a-real-secret-key-of-aws",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
        }.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield server.stop
        server.stop()


@pytest.fixture(params=["folder", "bucket", "bucket with a prefix"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "folder":
        return blobs_in(tmp_path / "blobs")
    request.getfixturevalue("s3")
    client = boto3.client("s3")
    for one in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=one["Key"])
    return blobs_in(f"s3://{BUCKET}" + ("/of/tandem" if "prefix" in request.param else ""))


@pytest.fixture
def keys(tmp_path: Path) -> FolderKeyStore:
    keys = FolderKeyStore(tmp_path / "keys")
    keys.found("I-THIS")
    return keys


@pytest.fixture
def sealed(blobs: Blobs, keys: FolderKeyStore) -> SealedBlobs:
    return SealedBlobs(blobs, Sealer(keys))


SIZES = (0, 1, PART - 1, PART, PART + 1, 3 * PART + 17)


async def test_what_is_put_comes_back_and_lies_there_sealed(sealed: SealedBlobs, blobs: Blobs) -> None:
    for size in SIZES:
        content = (b"she led the migration. " * (size // 23 + 1))[:size]
        name = await sealed.put(ANNA, content)
        assert await sealed.get(name) == content
        lies = b"".join(blobs.get(name))
        assert b"migration" not in lies
        assert size < len(lies) < size + 200
    assert {found.subject for found in blobs.list()} == {ANNA}
    assert len({found.name for found in blobs.list(ANNA)}) == len(SIZES)


async def test_a_long_one_comes_back_in_parts_and_is_never_held_whole(sealed: SealedBlobs) -> None:
    parts = [bytes([number]) * PART for number in range(48)]
    tracemalloc.start()
    name = await sealed.put(ANNA, (part + b"" for part in parts))
    seen = 0
    opened = sealed.parts(name)
    assert not isinstance(opened, Tombstone)
    for part in opened:
        assert part[0] == seen // PART
        seen += len(part)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen == len(parts) * PART
    # Of a bucket moto would be measured as well, which is in this process.
    assert most < 16 * PART or not isinstance(sealed.kept_in, FolderBlobs)


async def test_what_was_cut_off_changed_or_put_elsewhere_does_not_open(sealed: SealedBlobs, blobs: Blobs) -> None:
    name = await sealed.put(ANNA, b"x" * (2 * PART + 5))
    lies = b"".join(blobs.get(name))
    part, head = PART + 16, 36
    changed = {
        "cut off in a part": lies[:-1],
        "cut off between parts": lies[: head + part],
        "without its end": lies[: head + 2 * part],
        "parts exchanged": lies[:head] + lies[head + part : head + 2 * part] + lies[head : head + part],
        "a bit": lies[:50] + bytes([lies[50] ^ 1]) + lies[51:],
        "nothing": b"",
        "only a head": lies[:head],
        "something else": b"%PDF-1.7" * 20,
    }
    for what, bytes_there in changed.items():
        blobs.put(name, [bytes_there])
        with pytest.raises(CannotOpen):
            await sealed.get(name)
        assert what
    blobs.put(NAME, [lies])
    with pytest.raises(CannotOpen):
        await sealed.get(NAME)
    other = await sealed.put(BERT, b"his")
    blobs.put(other, [lies])
    with pytest.raises(CannotOpen):
        await sealed.get(other)


async def test_with_the_key_gone_nothing_opens_and_nothing_is_put(sealed: SealedBlobs, keys: FolderKeyStore) -> None:
    name = await sealed.put(ANNA, b"she led it")
    his = await sealed.put(BERT, b"he led it")
    keys.destroy(ANNA)
    assert await sealed.get(name) == Tombstone(ANNA)
    with pytest.raises(KeyDestroyed):
        await sealed.put(ANNA, b"more")
    for _ in range(2):
        await sealed.forget(ANNA)
    assert [found.name for found in sealed.kept_in.list()] == [his]
    assert await sealed.get(name) == Tombstone(ANNA)


def test_objects_are_listed_with_their_time_and_deleted(blobs: Blobs) -> None:
    assert list(blobs.list()) == list(blobs.list(ANNA)) == []
    blobs.put(NAME, [b"one", b"two"])
    blobs.check()
    (found,) = blobs.list()
    assert (found.name, found.subject) == (NAME, ANNA)
    assert abs(datetime.now(UTC) - found.written_at) < timedelta(minutes=1)
    assert list(blobs.list(BERT)) == []
    assert blobs.has(NAME)
    assert b"".join(blobs.get(NAME)) == b"onetwo"
    for _ in range(2):
        blobs.delete([NAME])
    assert not blobs.has(NAME)
    with pytest.raises(NoSuchBlob):
        next(blobs.get(NAME))
    assert list(blobs.list()) == []


def test_what_breaks_off_while_it_is_put_is_not_there(blobs: Blobs) -> None:
    def breaks_off() -> Iterator[bytes]:
        yield b"x" * 6 * PART
        raise ValueError("it broke off")

    with pytest.raises(ValueError, match="it broke off"):
        blobs.put(NAME, breaks_off())
    assert not blobs.has(NAME)
    assert list(blobs.list()) == []


def test_a_bucket_that_is_not_there_is_said_to_be(s3: object) -> None:
    nowhere = blobs_in("s3://nobody-has-this")
    for asked in (
        nowhere.check,
        lambda: nowhere.put(NAME, [b"x"]),
        lambda: nowhere.get(NAME),
        lambda: list(nowhere.list()),
        lambda: nowhere.delete([NAME]),
    ):
        with pytest.raises(BlobsAway, match="no such bucket"):
            asked()


def test_a_folder_that_cannot_be_used_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_text("a file where a folder should be")
    away = blobs_in(tmp_path / "blobs")
    for asked in (
        away.check,
        lambda: away.put(NAME, [b"x"]),
        lambda: away.get(NAME),
        lambda: away.delete([NAME]),
        lambda: list(away.list()),
        lambda: list(away.list(ANNA)),
    ):
        with pytest.raises(BlobsAway, match="cannot be used"):
            asked()


@pytest.mark.parametrize("name", ["../keys/H-ANNA00001", f"{ANNA}/..", "", f"{ANNA}/B-{'A' * 32}/x", "/etc/passwd"])
def test_no_other_name_leads_anywhere(tmp_path: Path, name: str) -> None:
    blobs = blobs_in(tmp_path / "blobs")
    with pytest.raises(ValueError, match="not the name"):
        blobs.get(name)


def test_a_server_that_is_away_is_said_to_be_within_seconds(s3: Callable[[], None]) -> None:
    """The last of these: there is no server any more."""
    blobs = blobs_in(f"s3://{BUCKET}")
    blobs.put(NAME, [b"x"])
    s3()
    with pytest.raises(BlobsAway, match="does not answer"):
        blobs.get(NAME)
