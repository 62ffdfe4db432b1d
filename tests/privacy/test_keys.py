import multiprocessing
import shutil
from pathlib import Path

import pytest

from privacy.key_folder import FolderKeyStore
from privacy.keys import KeyDestroyed, KeyMissing, KeysUnreachable

ANNA = "H-ANNA00001"


@pytest.fixture
def keys(tmp_path: Path) -> FolderKeyStore:
    keys = FolderKeyStore(tmp_path / "keys")
    keys.found("I-THIS")
    return keys


def test_a_subject_keeps_one_key(keys: FolderKeyStore, tmp_path: Path) -> None:
    key = keys.make(ANNA)
    assert len(key) == 32
    assert keys.make(ANNA) == keys.find(ANNA) == key
    assert FolderKeyStore(tmp_path / "keys").find(ANNA) == key
    assert keys.make("H-OTHER0001") != key


def test_only_its_owner_may_read_a_key(keys: FolderKeyStore, tmp_path: Path) -> None:
    keys.make(ANNA)
    for path in (tmp_path / "keys").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0


def test_a_destroyed_key_is_gone_for_good(keys: FolderKeyStore, tmp_path: Path) -> None:
    key = keys.make(ANNA)
    keys.destroy(ANNA)
    keys.destroy(ANNA)
    for asked in (keys.find, keys.make):
        with pytest.raises(KeyDestroyed):
            asked(ANNA)
    assert all(key not in path.read_bytes() for path in (tmp_path / "keys").rglob("*") if path.is_file())


def test_a_key_can_be_destroyed_before_it_was_ever_made(keys: FolderKeyStore) -> None:
    keys.destroy(ANNA)
    with pytest.raises(KeyDestroyed):
        keys.make(ANNA)


def test_a_key_that_is_missing_was_not_destroyed(keys: FolderKeyStore) -> None:
    with pytest.raises(KeyMissing):
        keys.find(ANNA)


def test_a_folder_that_is_gone_is_an_error_and_no_tombstone(keys: FolderKeyStore, tmp_path: Path) -> None:
    keys.make(ANNA)
    shutil.move(tmp_path / "keys", tmp_path / "elsewhere")
    for asked in (keys.find, keys.make, keys.destroy):
        with pytest.raises(KeysUnreachable):
            asked(ANNA)
    shutil.move(tmp_path / "elsewhere", tmp_path / "keys")
    assert len(keys.find(ANNA)) == 32


@pytest.mark.parametrize("instead", ["nothing", "others"])
def test_a_folder_that_others_have_taken_the_place_of_is_away(
    keys: FolderKeyStore, tmp_path: Path, instead: str
) -> None:
    keys.make(ANNA)
    shutil.move(tmp_path / "keys", tmp_path / "elsewhere")
    (tmp_path / "keys").mkdir()
    if instead == "others":
        FolderKeyStore(tmp_path / "keys").found("I-OTHER")
    before = sorted((tmp_path / "keys").rglob("*"))
    for asked in (keys.find, keys.make, keys.destroy):
        with pytest.raises(KeysUnreachable):
            asked(ANNA)
    assert sorted((tmp_path / "keys").rglob("*")) == before


@pytest.mark.parametrize("name", ["../../H-ANNA00001", "H-anna00001", "X-PERSON0001", "", "H-ANNA00001/x"])
def test_only_a_subject_has_a_key(keys: FolderKeyStore, name: str) -> None:
    with pytest.raises(ValueError, match="subject"):
        keys.make(name)


def test_two_processes_that_make_the_same_key_agree(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    FolderKeyStore(tmp_path / "keys").found("I-THIS")
    with context.Pool(2) as pool:
        made = pool.map(_made, [tmp_path / "keys"] * 8)
    assert len(set(made)) == 1
    assert len(list((tmp_path / "keys").glob("*/*"))) == 1


def _made(folder: Path) -> bytes:
    return FolderKeyStore(folder).make(ANNA)
