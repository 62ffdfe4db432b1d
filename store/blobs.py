"""The blob store: originals, images of pages and recordings, sealed, in a folder or in a bucket of any S3.

PostgreSQL keeps text and references (`store/documents.py`). An object's name is its subject's id and an id of its own,
both random: it says nothing of anybody, and all of a subject's are found by it and can go at once. What is handed to a
store is sealed already, under the subject's key, with the object's name authenticated.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FuturesTimeout
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar
from urllib.parse import urlsplit

from privacy.keys import is_subject
from privacy.sealing import Sealer, Tombstone
from privacy.whole_files import sync, write_parts
from store.random_ids import random_id

if TYPE_CHECKING:
    from obstore.store import S3Store

R = TypeVar("R")

_NAME = re.compile(r"([A-Z]-[0-9A-Z]{6,26})/(B-[0-9A-Z]{32})")
_AT_ONCE = 4
"""Parts of one object that are on their way to a bucket at a time, of five megabytes each."""

_THREADS = 8


class BlobsAway(Exception):
    """The store cannot be read or written at present; its text is one sentence. Worth another try."""


class NoSuchBlob(KeyError):
    """There is no object of this name: it was deleted, or is not where it should be."""


class Found(NamedTuple):
    """An object as a store lists it, with when it was written (UTC)."""

    name: str
    written_at: datetime

    @property
    def subject(self) -> str:
        """Under whose key it is sealed."""
        return self.name.partition("/")[0]


class Blobs(Protocol):
    """Where objects lie. It waits for disks and other machines: not to be called where others are answered.

    Every method may raise BlobsAway. What is put is there whole or not at all, and stays.
    """

    place: str
    """Where it is, for whoever runs the installation."""

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        """Keeps an object. Raises what `parts` raise; then nothing is kept."""

    def get(self, name: str) -> Iterator[bytes]:
        """What an object holds, in parts. Raises NoSuchBlob now, and BlobsAway also while it is read."""

    def has(self, name: str) -> bool:
        """Whether there is an object of this name."""

    def delete(self, names: Iterable[str]) -> None:
        """Deletes objects; those that are not there are none the less gone."""

    def list(self, subject: str | None = None) -> Iterator[Found]:
        """Every object, or those of one subject, and nothing that is not ours."""

    def check(self) -> None:
        """Writes, reads and deletes something; nothing where nothing was ever put."""


class FolderBlobs:
    """Objects as files, for their owner alone, in a folder for each subject."""

    def __init__(self, folder: Path) -> None:
        self.place = str(folder)
        self._folder = folder

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        """See Blobs."""
        path = self._path(name)
        with _on_disk():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            sync(self._folder)
            write_parts(path, parts)

    def get(self, name: str) -> Iterator[bytes]:
        """See Blobs."""
        try:
            file = self._path(name).open("rb")
        except FileNotFoundError:
            raise NoSuchBlob(name) from None
        except OSError as refused:
            raise _away(refused) from None

        def read() -> Iterator[bytes]:
            with file, _on_disk():
                while part := file.read(1024 * 1024):
                    yield part

        return read()

    def has(self, name: str) -> bool:
        """See Blobs."""
        with _on_disk():
            return self._path(name).exists()

    def delete(self, names: Iterable[str]) -> None:
        """See Blobs."""
        for path in map(self._path, names):
            with _on_disk(), suppress(FileNotFoundError):
                path.unlink(missing_ok=True)
                sync(path.parent)
                with suppress(OSError):  # others are in it
                    path.parent.rmdir()

    def list(self, subject: str | None = None) -> Iterator[Found]:
        """See Blobs."""
        with _on_disk():
            everybody = (folder for folder in _in(self._folder) if is_subject(folder.name))
            folders: Iterable[Path] = [self._folder / subject] if subject else everybody
            for path in (path for folder in folders for path in _in(folder)):
                name = f"{path.parent.name}/{path.name}"
                # What was being written when a process died stands beside it, under a longer name.
                if _NAME.fullmatch(name.partition(".")[0]):
                    with suppress(FileNotFoundError):
                        yield Found(name, datetime.fromtimestamp(path.stat().st_mtime, UTC))

    def check(self) -> None:
        """See Blobs."""
        probe = self._folder / f"doctor.{secrets.token_hex(8)}"
        with _on_disk():
            if self._folder.exists():
                write_parts(probe, [b"whether it can be written"])
                probe.unlink()

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name.partition(".")[0]) or os.sep in name.partition(".")[2]:
            raise ValueError(f"{name!r} is not the name of a blob")
        return self._folder / name


def _in(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:  # nothing was put into it yet, or the last of it went
        return []


class BucketBlobs:
    """Objects in a bucket: `s3://bucket`, or `s3://bucket/what/stands/before/their/names`.

    Endpoint, region and credentials are what boto3 finds: its environment variables, profiles and roles.
    """

    def __init__(self, url: str) -> None:
        self.place = url
        parts = urlsplit(url)
        self._bucket, self._prefix = parts.netloc, parts.path.strip("/")

    @cached_property
    def _store(self) -> S3Store:
        # Not above: most installations have a folder, and these take their time to import.
        import boto3
        from obstore.auth.boto3 import Boto3CredentialProvider
        from obstore.store import S3Store

        session = boto3.Session()
        return S3Store(
            self._bucket,
            prefix=self._prefix or None,
            endpoint=session.client("s3", region_name=session.region_name or _ANY_REGION).meta.endpoint_url,
            region=session.region_name or _ANY_REGION,
            credential_provider=Boto3CredentialProvider(session, ttl=timedelta(minutes=5)),
            client_options={
                "allow_http": True,  # all of it is sealed, and a signature gives nothing away
                "connect_timeout": timedelta(seconds=3),
                "timeout": timedelta(seconds=60),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
        )

    def put(self, name: str, parts: Iterable[bytes]) -> None:
        """See Blobs."""
        import obstore

        with self._asked():
            obstore.put(self._store, name, iter(parts), max_concurrency=_AT_ONCE)

    def get(self, name: str) -> Iterator[bytes]:
        """See Blobs."""
        import obstore

        with self._asked(name):
            stream = obstore.get(self._store, name).stream(1024 * 1024)

        def read() -> Iterator[bytes]:
            with self._asked():
                yield from stream

        return read()

    def has(self, name: str) -> bool:
        """See Blobs."""
        import obstore

        try:
            with self._asked(name):
                obstore.head(self._store, name)
        except NoSuchBlob:
            return False
        return True

    def delete(self, names: Iterable[str]) -> None:
        """See Blobs."""
        import obstore

        if them := list(names):
            with self._asked():
                obstore.delete(self._store, them)

    def list(self, subject: str | None = None) -> Iterator[Found]:
        """See Blobs."""
        import obstore

        with self._asked():
            for some in obstore.list(self._store, subject):
                yield from (Found(one["path"], one["last_modified"]) for one in some if _NAME.fullmatch(one["path"]))

    def check(self) -> None:
        """See Blobs."""
        import obstore

        probe = f"doctor.{secrets.token_hex(8)}"
        with self._asked():
            obstore.put(self._store, probe, b"whether it can be written", use_multipart=False)
            obstore.get(self._store, probe).bytes()
            obstore.delete(self._store, probe)

    @contextmanager
    def _asked(self, name: str | None = None) -> Iterator[None]:
        """Whoever's fault it is that a store does not do what it is asked, it is out of reach."""
        from botocore.exceptions import BotoCoreError
        from obstore.exceptions import BaseError

        try:
            yield
        except FileNotFoundError as missing:
            if name is not None and _NO_BUCKET not in str(missing):
                raise NoSuchBlob(name) from None
            raise BlobsAway(f"{self.place} {_why(missing)}.") from None
        except (BaseError, BotoCoreError) as refused:
            raise BlobsAway(f"{self.place} {_why(refused)}.") from None


_ANY_REGION = "us-east-1"
"""What stores that have no regions are told."""

_NO_BUCKET = "NoSuchBucket"
_SAID = {
    _NO_BUCKET: "is not there: there is no such bucket",
    "AccessDenied": "may not be used with these credentials",
    "InvalidAccessKeyId": "does not know these credentials",
    "SignatureDoesNotMatch": "does not take these credentials",
    "NoCredentialsError": "cannot be used: no credentials are found",
}


def _why(refused: Exception) -> str:
    said = f"{type(refused).__name__} {refused}"
    return next((words for code, words in _SAID.items() if code in said), "does not answer")


def _away(refused: OSError) -> BlobsAway:
    return BlobsAway(f"The folder of the blobs cannot be used: {refused.strerror}.")


@contextmanager
def _on_disk() -> Iterator[None]:
    try:
        yield
    except OSError as refused:
        raise _away(refused) from None


class SealedBlobs:
    """Seals what is put into a store, and opens it again. Raises what `privacy.keys` raises, and BlobsAway."""

    def __init__(self, kept_in: Blobs, sealer: Sealer) -> None:
        self.kept_in, self._sealer = kept_in, sealer

    async def put(self, subject: str, content: bytes | Iterable[bytes]) -> str:
        """Seals `content` under the subject's key and keeps it; its name. Raises KeyDestroyed."""

        def put() -> str:
            name = f"{subject}/{random_id('B', 20)}"
            parts = [content] if isinstance(content, bytes) else content
            self.kept_in.put(name, self._sealer.seal_parts(subject, parts, name))
            return name

        return await self._apart(put)

    async def put_stream(self, subject: str, content: AsyncIterator[bytes]) -> str:
        """The same for what comes piece by piece from elsewhere; raises what `content` raises as well."""
        loop = asyncio.get_running_loop()
        name = f"{subject}/{random_id('B', 20)}"
        given_up = False

        def parts() -> Iterator[bytes]:
            while True:
                coming = asyncio.run_coroutine_threadsafe(_next(content), loop)
                while not given_up:
                    with suppress(FuturesTimeout):
                        part = coming.result(timeout=1.0)
                        break
                else:
                    raise BlobsAway("Whoever sent it is gone.")
                if part is None:
                    return
                yield part

        def put() -> None:
            self.kept_in.put(name, self._sealer.seal_parts(subject, parts(), name))

        try:
            # Apart from the others: whoever sends slowly keeps nobody waiting who reads.
            await loop.run_in_executor(self._receiving, put)
        except asyncio.CancelledError:
            given_up = True
            raise
        return name

    async def get(self, name: str) -> bytes | Tombstone:
        """What was put under this name. Raises NoSuchBlob, CannotOpen."""

        def got() -> bytes | Tombstone:
            parts = self.parts(name)
            return parts if isinstance(parts, Tombstone) else b"".join(parts)

        return await self._apart(got)

    def parts(self, name: str) -> Iterator[bytes] | Tombstone:
        """The same in parts of a megabyte, for what is long. Whoever goes through them waits for the store."""

        def sealed() -> Iterator[bytes]:
            yield from self.kept_in.get(name)

        return self._sealer.open_parts(name.partition("/")[0], sealed(), name)

    async def forget(self, subject: str) -> None:
        """Deletes all that is a subject's; twice is as once."""
        await self._apart(lambda: self.kept_in.delete([found.name for found in self.kept_in.list(subject)]))

    async def delete(self, names: Iterable[str]) -> None:
        """Deletes what was put under these names."""
        await self._apart(lambda: self.kept_in.delete(names))

    async def _apart(self, work: Callable[[], R]) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @cached_property
    def _receiving(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(_THREADS, "receiving")

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        # Its own: a store that is slow to answer must not keep those waiting who open words.
        return ThreadPoolExecutor(_THREADS, "blobs")


async def _next(content: AsyncIterator[bytes]) -> bytes | None:
    return await anext(content, None)


def blobs_in(place: Path | str) -> Blobs:
    """The store that a setting names: a folder, or a bucket."""
    return FolderBlobs(place) if isinstance(place, Path) else BucketBlobs(place)
