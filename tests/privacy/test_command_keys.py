"""Commands are signed under keys made of the master keys; before there is one, 0.3.0 can be put back, and is heard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import asyncpg
import pytest

from ops.doctor.machine import unsigned_commands
from privacy.command_keys import CommandKeys
from privacy.key_folder import FolderKeyStore
from privacy.keys import KeysUnreachable
from privacy.master_key import MasterKeys, in_file
from settings import Settings
from wiring import Stores

SECRET = b"a secret" * 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "master.key"


@pytest.fixture
def masters(path: Path) -> MasterKeys:
    return in_file(path)


def secret() -> bytes:
    return SECRET


def not_asked() -> bytes:
    raise AssertionError("there is a master key")


def ids(keys: CommandKeys) -> list[str]:
    return [key.id for key in keys().keys]


def test_every_master_key_has_one_and_a_rotation_exchanges_it(masters: MasterKeys) -> None:
    masters.make()
    keys = CommandKeys(masters.secrets, not_asked)
    (before,) = ids(keys)
    new = masters.next(masters.all()[0].id.hex())
    (after, old) = ids(keys)
    assert old == before != after
    masters.keep_only(new)
    assert ids(keys) == [after]
    assert not keys().unsigned_too


def test_they_are_the_same_in_every_process_and_no_master_key(masters: MasterKeys, path: Path) -> None:
    masters.make()
    one, other = CommandKeys(masters.secrets, not_asked), CommandKeys(in_file(path).secrets, not_asked)
    assert one() == other()
    assert one().keys[0].secret != masters.all()[0].secret
    assert CommandKeys(in_file(path.with_name("none")).secrets, secret)().keys[0].secret != SECRET


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_text("not base64 ⚿")])
def test_what_was_read_holds_while_the_file_is_away_or_spoilt(
    masters: MasterKeys, path: Path, spoil: Callable[[Path], object]
) -> None:
    masters.make()
    keys = CommandKeys(masters.secrets, not_asked)
    before = keys()
    spoil(path)
    assert keys() == before


def test_there_are_none_where_the_first_look_finds_a_spoilt_file(masters: MasterKeys, path: Path) -> None:
    path.write_text("not base64")
    with pytest.raises(KeysUnreachable):
        CommandKeys(masters.secrets, secret)()


def test_the_doctor_says_where_unsigned_commands_are_taken(tmp_path: Path) -> None:
    pool, settings = cast("asyncpg.Pool", None), Settings(home=tmp_path)
    settings.keys_folder.mkdir(parents=True)
    assert unsigned_commands(Stores(pool, settings)) is None  # whether there are keys, others say
    (settings.keys_folder / "matching.secret").write_bytes(SECRET)  # as 0.3.0 has it
    store = FolderKeyStore(settings.keys_folder)
    store.found("I-THIS")
    found = unsigned_commands(Stores(pool, settings))
    assert found is not None
    assert (found.level, "tandem keys rotate" in (found.next_step or "")) == ("warning", True)
    store.rotate()
    assert unsigned_commands(Stores(pool, settings)) is None
