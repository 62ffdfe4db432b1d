from pathlib import Path

import pytest

from domain.core.personal_text import Sealed
from privacy.key_folder import FolderKeyStore
from privacy.keys import KeyDestroyed, KeyMissing
from privacy.sealing import CannotOpen, Sealer, Tombstone

ANNA, BERT = "H-ANNA00001", "H-BERT00001"
WORDS = "She “led” the migration — 12 years, naïve façade"


@pytest.fixture
def keys(tmp_path: Path) -> FolderKeyStore:
    keys = FolderKeyStore(tmp_path / "keys")
    keys.found("I-THIS")
    return keys


@pytest.fixture
def sealer(keys: FolderKeyStore) -> Sealer:
    return Sealer(keys)


def test_what_was_sealed_opens_again(sealer: Sealer) -> None:
    sealed = sealer.seal(ANNA, WORDS, "C-ONE0001")
    assert WORDS not in sealed.model_dump_json()
    assert sealer.open_(Sealed.model_validate_json(sealed.model_dump_json()), "C-ONE0001") == WORDS
    assert sealer.seal(ANNA, WORDS, "C-ONE0001") != sealed


def test_it_opens_in_its_own_place_only(sealer: Sealer) -> None:
    sealed = sealer.seal(ANNA, WORDS, "C-ONE0001")
    sealer.seal(BERT, WORDS, "C-ONE0001")
    with pytest.raises(CannotOpen):
        sealer.open_(sealed, "C-TWO0001")
    with pytest.raises(CannotOpen):
        sealer.open_(sealed.but(key=BERT), "C-ONE0001")


def test_what_is_sealed_for_whose_key_it_is_opens_wherever_it_is_carried(sealer: Sealer) -> None:
    sealed = sealer.seal("R-ONE00001", WORDS, "R-ONE00001")
    assert sealer.open_(sealed, "R-TWO00001") == WORDS
    sealer.seal("R-TWO00001", WORDS, "R-TWO00001")
    with pytest.raises(CannotOpen):
        sealer.open_(sealed.but(key="R-TWO00001"), "R-TWO00001")


def test_a_changed_ciphertext_does_not_open(sealer: Sealer) -> None:
    sealed = bytearray(sealer.seal_bytes(ANNA, b"words", "C-ONE0001"))
    sealed[-1] ^= 1
    with pytest.raises(CannotOpen):
        sealer.open_bytes(ANNA, bytes(sealed), "C-ONE0001")


@pytest.mark.parametrize("left", [0, 5, 12, 20])
def test_a_ciphertext_of_which_a_part_is_lost_does_not_open(sealer: Sealer, left: int) -> None:
    sealed = sealer.seal_bytes(ANNA, b"words", "C-ONE0001")
    with pytest.raises(CannotOpen):
        sealer.open_bytes(ANNA, sealed[:left], "C-ONE0001")


def test_a_destroyed_key_opens_to_a_tombstone_and_seals_nothing_more(sealer: Sealer, keys: FolderKeyStore) -> None:
    sealed = sealer.seal(ANNA, WORDS, "C-ONE0001")
    keys.destroy(ANNA)
    assert sealer.open_(sealed, "C-ONE0001") == Tombstone(ANNA)
    with pytest.raises(KeyDestroyed):
        sealer.seal(ANNA, WORDS, "C-ONE0001")


def test_a_lost_key_is_an_error_and_no_tombstone(sealer: Sealer, tmp_path: Path) -> None:
    sealed = sealer.seal(ANNA, WORDS, "C-ONE0001")
    with pytest.raises(KeyMissing):
        Sealer(FolderKeyStore(tmp_path / "another")).open_(sealed, "C-ONE0001")
