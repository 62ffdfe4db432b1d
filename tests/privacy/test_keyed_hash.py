"""Mail addresses are told apart under keys of their own, which go with whoever is erased."""

from __future__ import annotations

from pathlib import Path

import pytest

from privacy.key_folder import FolderKeyStore
from privacy.keyed_hash import AddressHash, KeyedHash

RUTH, ADA = "ruth@example.org", "ada@example.org"


@pytest.fixture
def keys(tmp_path: Path) -> FolderKeyStore:
    keys = FolderKeyStore(tmp_path / "keys")
    keys.found("I-THIS")
    return keys


@pytest.fixture
def addresses(keys: FolderKeyStore) -> AddressHash:
    return AddressHash.of(keys)


def test_the_same_address_is_known_again_and_no_other(addresses: AddressHash) -> None:
    match = addresses.made(RUTH)
    assert addresses.made(RUTH) == match
    assert match in addresses.known(RUTH)
    assert match not in addresses.known(ADA)


def test_an_address_that_an_older_build_hashed_is_known(addresses: AddressHash, keys: FolderKeyStore) -> None:
    assert addresses.known(RUTH) == {KeyedHash(keys.secret()).match(RUTH)}


def test_looking_for_an_address_makes_no_key(addresses: AddressHash, keys: FolderKeyStore) -> None:
    addresses.known(RUTH)
    assert not keys.used()


def test_what_was_forgotten_is_not_known_by_the_secret(addresses: AddressHash) -> None:
    match = addresses.made(RUTH)
    addresses.forget(RUTH, match)
    assert match not in addresses.known(RUTH)
    assert addresses.made(RUTH) != match


def test_who_came_back_is_not_forgotten_once_more(addresses: AddressHash) -> None:
    before = addresses.made(RUTH)
    addresses.forget(RUTH, before)
    since = addresses.made(RUTH)
    addresses.forget(RUTH, before)
    assert since in addresses.known(RUTH)
