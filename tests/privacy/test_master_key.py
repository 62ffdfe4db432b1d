"""Keys lie wrapped under the master key, which can be exchanged while everything runs."""

from __future__ import annotations

import multiprocessing
import secrets
import threading
import time
from pathlib import Path

import pytest

from privacy import key_folder
from privacy.key_folder import FolderKeyStore
from privacy.keys import KeyDestroyed, KeysUnreachable, WrongKeys
from privacy.master_key import in_file

SUBJECTS = [f"H-SUBJECT{number:03}" for number in range(30)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def master(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere" / "master.key"


def store(folder: Path, master: Path) -> FolderKeyStore:
    """As another process has it."""
    return FolderKeyStore(folder, lambda _: in_file(master))


@pytest.fixture
def keys(folder: Path, master: Path) -> FolderKeyStore:
    keys = store(folder, master)
    keys.found("I-THIS")
    return keys


@pytest.fixture
def plain(folder: Path, master: Path) -> dict[str, bytes]:
    """Keys as 0.3.0 left them, adopted: what they are."""
    folder.mkdir()
    (folder / "matching.secret").write_bytes(secrets.token_bytes(32))
    made = {}
    store(folder, master).found("I-THIS")
    for subject in SUBJECTS:
        made[subject] = store(folder, master).make(subject)
    assert not master.exists()
    return made


def lying(folder: Path) -> bytes:
    """All that can be read in a folder."""
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_no_key_lies_in_the_folder_as_it_is(keys: FolderKeyStore, folder: Path, master: Path) -> None:
    made = [keys.make(subject) for subject in SUBJECTS] + [keys.secret()]
    assert not [key for key in made if key in lying(folder)]
    assert [store(folder, master).find(subject) for subject in SUBJECTS] == made[:-1]
    assert master.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("wrong", ["missing", "another"])
def test_without_its_master_key_a_store_is_not_started_with(
    keys: FolderKeyStore, folder: Path, master: Path, tmp_path: Path, wrong: str
) -> None:
    key = keys.make(SUBJECTS[0])
    away = master.rename(tmp_path / "away")
    if wrong == "another":
        in_file(master).make()
    before = lying(tmp_path)
    started = store(folder, master)
    with pytest.raises(WrongKeys, match=r"^The master key .* is not in .*\(TANDEM_MASTER_KEY\) or .*\.$"):
        started.installation()
    with pytest.raises(WrongKeys):
        started.rotate()
    for asked, subject in ((started.find, SUBJECTS[0]), (started.make, SUBJECTS[1])):
        with pytest.raises(KeysUnreachable):
            asked(subject)
    assert lying(tmp_path) == before
    away.rename(master)
    assert store(folder, master).find(SUBJECTS[0]) == key


def test_a_key_of_somebody_else_in_their_place_does_not_open(keys: FolderKeyStore, folder: Path) -> None:
    for subject in SUBJECTS[:2]:
        keys.make(subject)
    [one], [other] = (list(folder.glob(f"*/{subject}")) for subject in SUBJECTS[:2])
    one.write_bytes(other.read_bytes())
    with pytest.raises(KeysUnreachable, match="damaged"):
        keys.find(SUBJECTS[0])
    one.write_bytes(b"half")
    with pytest.raises(KeysUnreachable, match="damaged"):
        keys.find(SUBJECTS[0])


def test_keys_of_0_3_0_are_read_and_wrapped_by_the_first_rotation(
    plain: dict[str, bytes], folder: Path, master: Path
) -> None:
    running = store(folder, master)
    assert {subject: running.find(subject) for subject in plain} == plain
    secret = running.secret()
    assert store(folder, master).rotate() == len(plain) + 1
    assert not [key for key in (*plain.values(), secret) if key in lying(folder)]
    for reader in (running, store(folder, master)):
        assert {subject: reader.find(subject) for subject in plain} == plain
        assert reader.secret() == secret
        assert reader.installation() == "I-THIS"
    assert running.make("H-LATER00001") not in lying(folder)


def test_once_rotated_the_old_master_key_opens_nothing(keys: FolderKeyStore, folder: Path, master: Path) -> None:
    made = {subject: keys.make(subject) for subject in SUBJECTS}
    old = master.read_bytes()
    assert store(folder, master).rotate() == len(made) + 1
    assert len(master.read_bytes().split()) == 1
    assert master.read_bytes() != old
    assert {subject: keys.find(subject) for subject in made} == made
    now = master.read_bytes()
    master.write_bytes(old)
    for subject in SUBJECTS:
        with pytest.raises(KeysUnreachable):
            store(folder, master).find(subject)
    master.write_bytes(now)


@pytest.mark.parametrize("done", [0, 7, 30])
@pytest.mark.parametrize("was", ["wrapped", "plain"])
def test_a_rotation_that_was_killed_is_gone_on_with(
    folder: Path, master: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, done: int, was: str
) -> None:
    request.getfixturevalue("plain" if was == "plain" else "keys")
    keys = store(folder, master)
    made = {subject: keys.make(subject) for subject in SUBJECTS}
    replace, left = key_folder.replace, iter(range(done))

    def dies(path: Path, content: bytes) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        replace(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(key_folder, "replace", dies)
        with pytest.raises(KeyboardInterrupt):
            store(folder, master).rotate()
    assert {subject: store(folder, master).find(subject) for subject in made} == made
    target = master.read_bytes().split()[0]
    assert store(folder, master).installation() == "I-THIS"
    assert store(folder, master).rotate() == len(made) + 1 - done
    assert master.read_bytes().split() == [target]
    assert {subject: store(folder, master).find(subject) for subject in made} == made


def test_nobody_notices_a_rotation_and_who_is_erased_meanwhile_stays_so(
    keys: FolderKeyStore, folder: Path, master: Path
) -> None:
    made = {subject: keys.make(subject) for subject in SUBJECTS}
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        seen = pool.apply_async(_used_until, (folder, master, made, 4.0))
        rotating = threading.Thread(target=store(folder, master).rotate)
        time.sleep(1)
        rotating.start()
        keys.destroy(SUBJECTS[-1])
        rotating.join()
        store(folder, master).rotate()
        new = seen.get()
    assert len(new) > 20
    assert {subject: store(folder, master).find(subject) for subject in new} == new
    assert len(master.read_bytes().split()) == 1
    with pytest.raises(KeyDestroyed):
        store(folder, master).find(SUBJECTS[-1])
    assert [path.name for path in folder.glob(f"*/{SUBJECTS[-1]}*")] == [f"{SUBJECTS[-1]}.destroyed"]


def _used_until(folder: Path, master: Path, made: dict[str, bytes], seconds: float) -> dict[str, bytes]:
    """Reads and makes keys without a pause; those that were made."""
    used, new, give_up_at = store(folder, master), dict[str, bytes](), time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        for subject in SUBJECTS[:-1]:
            assert used.find(subject) == made[subject]
        name = f"H-NEW{len(new):06}"
        new[name] = used.make(name)
        time.sleep(0.01)
    return new


def test_two_rotations_at_once_are_one(keys: FolderKeyStore, folder: Path, master: Path) -> None:
    keys.make(SUBJECTS[0])
    with store(folder, master)._alone(), pytest.raises(KeysUnreachable, match="being rotated"):
        store(folder, master).rotate()
