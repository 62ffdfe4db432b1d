"""The master key in the care of AWS KMS, and of Vault: what is asked of them, and what when they refuse or are away.

KMS is moto's server, Vault the tests' own and, in the slow tier, a real OpenBao.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import boto3
import httpx
import pytest
from botocore.stub import Stubber
from moto.moto_api import recorder
from moto.server import ThreadedMotoServer

import wiring
from privacy.aws_kms import AwsKms
from privacy.custodians import Refuses
from privacy.keys import KeyStore, KeysUnreachable, WrongKeys
from privacy.master_key import ASKED_AGAIN_AFTER
from privacy.sealing import Sealer
from settings import BadSettings, Settings, load
from store.applicants import Applicants, Contact, Hashes
from store.installation import settle
from tests.privacy.transit_server import TOKEN, TransitServer

SUBJECTS = [f"H-SUBJECT{number:03}" for number in range(12)]
SECRET_OF_AWS = "not-a-real-secret-key-of-aws"


class Service(Protocol):
    """One that wraps, with two keys of its own."""

    key: str
    other: str
    nowhere: str

    def asked(self) -> int: ...

    def refuse(self) -> None:
        """From now on it does not use `key`."""

    def allow(self) -> None: ...


class Kms:
    """moto's."""

    def __init__(self, url: str) -> None:
        self._url, self._client = url, boto3.client("kms")
        self._ids = []
        for name in ("tandem", "other"):
            self._ids.append(self._client.create_key()["KeyMetadata"]["KeyId"])
            self._client.create_alias(AliasName=f"alias/{name}", TargetKeyId=self._ids[-1])
        arn = self._client.describe_key(KeyId=self._ids[1])["KeyMetadata"]["Arn"]
        self.key, self.other, self.nowhere = "awskms:alias/tandem", f"awskms:{arn}", "awskms:alias/nobody"

    def asked(self) -> int:
        found = httpx.get(f"{self._url}/moto-api/recorder/download-recording").text
        return found.count("TrentService.Decrypt")

    def refuse(self) -> None:
        # moto's server goes on to decrypt with a key that is disabled.
        self._client.delete_alias(AliasName="alias/tandem")

    def allow(self) -> None:
        self._client.create_alias(AliasName="alias/tandem", TargetKeyId=self._ids[0])


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kms]:
    # Else in the folder that tests run in.
    monkeypatch.setattr(recorder, "_location", str(tmp_path_factory.mktemp("kms") / "asked"))
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    for name, value in {
        "AWS_ENDPOINT_URL_KMS": url,
        "AWS_ACCESS_KEY_ID": "AKIDOFTHESETESTS",
        "AWS_SECRET_ACCESS_KEY": SECRET_OF_AWS,
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(name, value)
    httpx.post(f"{url}/moto-api/reset")
    httpx.post(f"{url}/moto-api/recorder/reset-recording")
    httpx.post(f"{url}/moto-api/recorder/start-recording")
    yield Kms(url)
    httpx.post(f"{url}/moto-api/recorder/stop-recording")
    server.stop()


class SpokenVault:
    """The tests' own."""

    def __init__(self, server: TransitServer) -> None:
        self._server = server
        server.keys |= {"tandem": [b"a" * 32], "other": [b"b" * 32]}
        self.key, self.other, self.nowhere = (f"vault:{server.url}/transit/{n}" for n in ("tandem", "other", "nobody"))

    def asked(self) -> int:
        return len([path for path in self._server.asked if "/decrypt/" in path])

    def refuse(self) -> None:
        self._server.sealed = True

    def allow(self) -> None:
        self._server.sealed = False


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[SpokenVault]:
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    server = TransitServer()
    yield SpokenVault(server)
    server.close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class OpenBao:
    """A real one, in memory."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._http.post("/sys/mounts/transit", json={"type": "transit"}).raise_for_status()
        for name in ("tandem", "other"):
            self._http.post(f"/transit/keys/{name}").raise_for_status()
        url = str(http.base_url).removesuffix("/v1/")
        self.key, self.other, self.nowhere = (f"vault:{url}/transit/{n}" for n in ("tandem", "other", "nobody"))

    def asked(self) -> int:
        return -1

    def refuse(self) -> None:
        # What may not be decrypted: everything older than a version that nothing was wrapped with.
        self._http.post("/transit/keys/tandem/rotate").raise_for_status()
        self._http.post("/transit/keys/tandem/config", json={"min_decryption_version": 2}).raise_for_status()

    def allow(self) -> None:
        self._http.post("/transit/keys/tandem/config", json={"min_decryption_version": 1}).raise_for_status()


@pytest.fixture
def openbao(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[OpenBao]:
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    program = shutil.which("bao", path=f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}")
    if program is None:
        pytest.fail("the program `bao` is missing: make test-slow installs it")
    address = f"127.0.0.1:{free_port()}"
    started = subprocess.Popen(
        [program, "server", "-dev", f"-dev-listen-address={address}", "-dev-no-store-token"],
        env={"BAO_DEV_ROOT_TOKEN_ID": TOKEN, "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                if httpx.get(f"http://{address}/v1/sys/health", trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.05)
        http = httpx.Client(base_url=f"http://{address}/v1", headers={"X-Vault-Token": TOKEN}, trust_env=False)
        with http:
            yield OpenBao(http)
    finally:
        started.kill()
        started.wait()


@pytest.fixture(params=["kms", "vault", pytest.param("openbao", marks=pytest.mark.slow)])
def service(request: pytest.FixtureRequest) -> Service:
    found: Service = request.getfixturevalue(request.param)
    return found


Opening = Callable[..., KeyStore]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Opening]:
    """The key store of an installation as another process has it, by its settings."""
    opened: list[KeyStore] = []

    def opening(master_key: str | None, before: str | None = None, **more: Any) -> KeyStore:
        settings = Settings(home=tmp_path, master_key=master_key, master_key_before=before, keys_remembered=0, **more)
        opened.append(wiring.key_store(settings))
        return opened[-1]

    yield opening
    for one in opened:
        one.close()


def lying(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_is_asked_once_by_each_process_and_no_key_lies_open(
    service: Service, store: Opening, tmp_path: Path
) -> None:
    keys = store(service.key)
    keys.found("I-THIS")
    made = [keys.make(subject) for subject in SUBJECTS]
    asked = service.asked()
    another = store(service.key)
    assert another.installation() == "I-THIS"
    assert [another.find(subject) for subject in SUBJECTS] == made
    assert another.secret() == keys.secret()
    assert service.asked() in (-1, asked + 1)
    [master] = another.master_secrets()
    everything = b"".join(lying(tmp_path).values())
    assert not [key for key in (*made, keys.secret(), master) if key in everything]
    assert not (tmp_path / "master.key").exists()


@pytest.mark.parametrize("wrong", ["refused", "missing", "another", "unset"])
async def test_where_it_does_not_open_nothing_starts_and_nothing_is_written(
    service: Service, store: Opening, tmp_path: Path, pool: asyncpg.Pool, wrong: str
) -> None:
    sealer = Sealer(store(service.key))
    await settle(pool, sealer)
    await Applicants(pool, sealer).recognise(
        Hashes("match"), Contact(name="Anna Beck", email="anna@example.org"), SUBJECTS[0]
    )
    before = lying(tmp_path)
    if wrong == "refused":
        service.refuse()
    named = {"refused": service.key, "missing": service.nowhere, "another": service.other, "unset": None}[wrong]
    with pytest.raises((WrongKeys, KeysUnreachable)) as said:
        await settle(pool, Sealer(store(named)))
    sentence = str(said.value)
    assert re.fullmatch(r"The master key [^\n]+\.", sentence)
    assert (named or "master.key") in sentence
    assert lying(tmp_path) == before
    if wrong == "refused":
        service.allow()
    assert await settle(pool, Sealer(store(service.key)))


async def test_a_new_installation_is_not_founded_with_a_key_that_is_not_there(
    service: Service, store: Opening, tmp_path: Path, pool: asyncpg.Pool
) -> None:
    for _ in range(2):
        with pytest.raises(KeysUnreachable, match=r"cannot be used: there is no such key\.$"):
            await settle(pool, Sealer(store(service.nowhere)))
    assert not lying(tmp_path)
    assert not await pool.fetchval("SELECT count(*) FROM installation")


def test_away_it_is_an_error_once_what_it_opened_is_too_old_and_never_a_tombstone(
    service: Service, store: Opening
) -> None:
    keys = store(service.key, master_key_remembered=3 / 60)
    keys.found("I-THIS")
    key = keys.make(SUBJECTS[0])
    time.sleep(4)  # it was asked again meanwhile
    assert keys.find(SUBJECTS[0]) == key
    service.refuse()
    assert keys.find(SUBJECTS[0]) == key
    time.sleep(4)
    with pytest.raises(KeysUnreachable, match="cannot be used"):
        keys.find(SUBJECTS[0])
    with pytest.raises(KeysUnreachable):
        keys.make(SUBJECTS[1])
    began = time.monotonic()
    for subject in SUBJECTS * 10:
        with pytest.raises(KeysUnreachable):
            keys.make(subject)
    assert time.monotonic() - began < 1  # whoever waits for it does so once, not each
    service.allow()
    time.sleep(ASKED_AGAIN_AFTER + 1)
    assert keys.find(SUBJECTS[0]) == key


async def test_nobody_asks_it_on_an_event_loop(service: Service, store: Opening) -> None:
    keys = store(service.key)
    await asyncio.to_thread(keys.found, "I-THIS")
    key = keys.make(SUBJECTS[0])
    another = store(service.key)
    with pytest.raises(KeysUnreachable, match="not opened yet"):
        another.find(SUBJECTS[0])
    await asyncio.to_thread(another.installation)
    assert another.find(SUBJECTS[0]) == key


@pytest.mark.parametrize("move", ["here", "to another key", "from a file", "to a file"])
def test_it_is_rotated_and_moved_while_keys_are_used(
    service: Service, store: Opening, tmp_path: Path, move: str
) -> None:
    file = str(tmp_path / "elsewhere" / "master.key")
    was, then = {
        "here": (service.key, service.key),
        "to another key": (service.key, service.other),
        "from a file": (file, service.key),
        "to a file": (service.key, file),
    }[move]
    store(was).found("I-THIS")
    moving = (then, was if move != "here" else None)
    running, older = store(*moving), store(was)
    made = {subject: running.make(subject) for subject in SUBJECTS}
    assert older.find(SUBJECTS[0]) == made[SUBJECTS[0]]  # what is not restarted yet works with what is
    [old] = running.master_secrets()
    rotated = store(*moving)
    assert rotated.rotate() == len(made) + 1
    new = running.make("H-LATER00001")
    for reader in (running, store(*moving), store(then)):
        assert {subject: reader.find(subject) for subject in made} == made
        assert reader.find("H-LATER00001") == new
        assert reader.installation() == "I-THIS"
    [now] = reader.master_secrets()
    assert now != old
    if move != "here":
        with pytest.raises(WrongKeys):
            store(was).installation()
    assert old not in b"".join(lying(tmp_path).values())


def test_no_credentials_are_said(
    service: Service, store: Opening, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO)
    said = [repr(Settings(home=tmp_path, master_key=service.key))]
    keys = store(service.key)
    keys.found("I-THIS")
    (tmp_path / "token").write_text("s.another-token\n")
    monkeypatch.setenv("VAULT_TOKEN", "s.another-token")
    service.refuse()
    refused = store(service.key)
    with pytest.raises(KeysUnreachable) as one:
        refused.installation()
    said += [repr(one.value), repr(refused), caplog.text]
    assert not [text for text in said for secret in (TOKEN, "s.another-token", SECRET_OF_AWS) if secret in text]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("DisabledException", "it is disabled"),
        ("KMSInvalidStateException", "it is disabled, or on its way to be deleted"),
        ("AccessDeniedException", "these credentials may not use it"),
        ("IncorrectKeyException", "it is another key than"),
        ("ThrottlingException", "AWS KMS does not do it (ThrottlingException)"),
    ],
)
def test_what_aws_says_is_said_in_words(kms: Kms, code: str, said: str) -> None:
    custodian = AwsKms(kms.key.removeprefix("awskms:"))
    with Stubber(custodian._client) as stub:
        stub.add_client_error("decrypt", code, f"with {SECRET_OF_AWS}")
        with pytest.raises(Refuses) as refused:
            custodian.open("AAAA")
    assert str(refused.value).startswith(said)
    assert SECRET_OF_AWS not in str(refused.value)


@pytest.mark.parametrize("kind", ["kms", "vault"])
def test_nobody_there_is_said_within_seconds(
    request: pytest.FixtureRequest, store: Opening, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    request.getfixturevalue(kind)
    with socket.socket() as silent:  # it takes connections and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        nobody = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", nobody)
        keys = store({"kms": "awskms:alias/tandem", "vault": f"vault:{nobody}/transit/tandem"}[kind])
        began = time.monotonic()
        for _ in range(5):
            with pytest.raises(KeysUnreachable, match=r"does not answer \(\w+\)\.$"):
                keys.found("I-THIS")
        assert time.monotonic() - began < 5


def test_a_token_is_read_anew_from_its_file(vault: SpokenVault, store: Opening, tmp_path: Path) -> None:
    token = tmp_path / "token"
    with pytest.raises(KeysUnreachable, match="No such file"):
        store(vault.key, vault_token_file=token).found("I-THIS")
    token.write_text(f"{TOKEN}\n")
    keys = store(vault.key, vault_token_file=token)
    keys.found("I-THIS")
    token.write_text("s.that-ended")
    with pytest.raises(KeysUnreachable, match="its token may not"):
        keys.rotate()


@pytest.mark.parametrize(
    "named",
    [
        "awskms:",
        "awskms:arn:aws kms",
        "vault:http://vault.example.org/transit/tandem",
        "vault:https://vault.example.org/tandem",
        "vault:https://s.token@vault.example.org/transit/tandem",
        "vault:https://vault.example.org/transit/tandem?token=s.token",
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("TANDEM_MASTER_KEY", named)
    with pytest.raises(BadSettings, match=r"^TANDEM_MASTER_KEY cannot be used: ") as said:
        load()
    assert "s.token" not in str(said.value)
