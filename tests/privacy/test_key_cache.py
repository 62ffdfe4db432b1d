"""Keys are remembered for seconds, and no longer than that after they were destroyed anywhere."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

import wiring
from privacy.key_cache import KeyCache
from privacy.key_folder import FolderKeyStore
from privacy.keys import KeyDestroyed, KeysUnreachable
from privacy.sealing import Sealer, Tombstone
from settings import Settings

ANNA, BERT, CARA = "H-ANNA00001", "H-BERT00001", "H-CARA00001"


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    FolderKeyStore(tmp_path / "keys").found("I-THIS")
    return tmp_path / "keys"


def test_a_key_destroyed_elsewhere_is_let_go_of_in_time(folder: Path) -> None:
    clock = Clock()
    keys = KeyCache(FolderKeyStore(folder), 3.0, 10, clock)
    key = keys.make(ANNA)
    FolderKeyStore(folder).destroy(ANNA)
    clock.now += 2.9
    assert keys.find(ANNA) == key, "otherwise it is not remembered"
    clock.now += 0.2
    for asked in (keys.find, keys.make):
        with pytest.raises(KeyDestroyed):
            asked(ANNA)


def test_a_key_destroyed_here_is_let_go_of_at_once(folder: Path) -> None:
    keys = KeyCache(FolderKeyStore(folder), 3.0, 10)
    keys.make(ANNA)
    keys.destroy(ANNA)
    with pytest.raises(KeyDestroyed):
        keys.find(ANNA)


def test_no_more_keys_are_kept_than_that(folder: Path) -> None:
    keys = KeyCache(FolderKeyStore(folder), 3.0, 2)
    for subject in (ANNA, BERT, CARA):
        keys.make(subject)
    for subject in (ANNA, BERT, CARA):
        FolderKeyStore(folder).destroy(subject)
    with pytest.raises(KeyDestroyed):
        keys.find(ANNA)
    assert keys.find(CARA)


def test_a_store_out_of_reach_is_an_error_once_nothing_is_remembered(folder: Path) -> None:
    clock = Clock()
    keys = KeyCache(FolderKeyStore(folder), 3.0, 10, clock)
    keys.installation()
    keys.make(ANNA)
    folder.rename(folder.with_name("away"))
    assert keys.find(ANNA)
    clock.now += 3.1
    with pytest.raises(KeysUnreachable):
        keys.find(ANNA)


def test_within_five_seconds_no_other_process_opens_anything(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    ours = Sealer(wiring.key_store(settings))
    ours.keys.found("I-THIS")
    sealed = ours.seal_bytes(ANNA, b"her words", "C-ONE0001")
    here, there = multiprocessing.Pipe()
    other = multiprocessing.get_context("spawn").Process(target=_opening, args=(tmp_path, sealed, there))
    other.start()
    assert here.recv() == "open"
    ours.keys.destroy(ANNA)
    destroyed = time.monotonic()
    assert ours.open_bytes(ANNA, sealed, "C-ONE0001") == Tombstone(ANNA)
    assert here.poll(30)
    assert here.recv() == "erased"
    assert time.monotonic() - destroyed < 5
    other.join()


def _opening(home: Path, sealed: bytes, say: Connection) -> None:
    """Opens the same again and again, as an API does under load, until it cannot."""
    sealer = Sealer(wiring.key_store(Settings(home=home)))
    assert sealer.open_bytes(ANNA, sealed, "C-ONE0001") == b"her words"
    say.send("open")
    while sealer.open_bytes(ANNA, sealed, "C-ONE0001") == b"her words":
        time.sleep(0.01)
    say.send("erased")
