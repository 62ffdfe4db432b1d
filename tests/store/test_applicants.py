"""Applicants are found by their address while they are known, and not after they were erased."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from privacy.key_folder import FolderKeyStore
from privacy.sealing import Sealer
from store.applicants import Applicants, CannotPart, Contact, Hashes, SamePerson
from store.random_ids import random_id

ANNA = Contact(name="Anna Beck", email="anna@example.org")


@pytest.fixture
def keys(tmp_path: Path) -> FolderKeyStore:
    keys = FolderKeyStore(tmp_path / "keys")
    keys.found("I-THIS")
    return keys


@pytest.fixture
def applicants(pool: asyncpg.Pool, keys: FolderKeyStore) -> Applicants:
    return Applicants(pool, Sealer(keys))


def any_id() -> str:
    return random_id("H")


async def test_the_same_address_at_the_same_time_is_one_applicant_with_one_key(
    applicants: Applicants, keys: FolderKeyStore, pool: asyncpg.Pool, tmp_path: Path
) -> None:
    found = await asyncio.gather(*(applicants.recognise(Hashes("match"), ANNA, any_id()) for _ in range(8)))
    assert len(set(found)) == 1
    assert [row["id"] for row in await pool.fetch("SELECT id FROM humans")] == found[:1]
    assert [path.name for path in (tmp_path / "keys").glob("*/*")] == found[:1]
    assert await applicants.contact("C-000001", found[0]) == ANNA
    assert await applicants.recognise(Hashes("match"), ANNA, any_id()) == found[0]


async def test_who_is_known_by_the_hash_of_an_older_build_is_known_by_todays_from_then_on(
    applicants: Applicants, pool: asyncpg.Pool
) -> None:
    known = await applicants.recognise(Hashes("plain"), ANNA, any_id())
    assert await applicants.recognise(Hashes("keyed", before=frozenset({"plain"})), ANNA, any_id()) == known
    assert await applicants.match(known) == "keyed"
    assert await applicants.recognise(Hashes("keyed"), ANNA, any_id()) == known


async def test_who_comes_back_after_the_erasure_is_somebody_new(
    applicants: Applicants, keys: FolderKeyStore, pool: asyncpg.Pool
) -> None:
    before = await applicants.recognise(Hashes("match"), ANNA, any_id())
    keys.destroy(before)
    # Also where whoever erased them was killed before the row went.
    after = await applicants.recognise(Hashes("match"), ANNA, any_id())
    assert after != before
    assert await applicants.contacts({"C-BEFORE": before, "C-AFTER": after}) == {"C-AFTER": ANNA}
    keys.destroy(after)
    await applicants.forget(after)
    assert await pool.fetchval("SELECT count(*) FROM humans") == 0


BEN = Contact(name="Ben Beck", email="anna@example.org")


async def test_two_people_with_one_mailbox_are_two_applicants_however_often_and_at_once(applicants: Applicants) -> None:
    asked = [ANNA, BEN, ANNA.model_copy(update={"name": "beck, anna"}), BEN] * 3
    found = await asyncio.gather(*(applicants.recognise(Hashes("match"), one, any_id()) for one in asked))
    anna, ben = found[:2]
    assert anna != ben
    assert found == [anna, ben, anna, ben] * 3
    assert await applicants.who_have(Hashes("match"), apart_from=anna) == [ben]


async def test_one_of_them_is_erased_and_the_other_stays_known(applicants: Applicants, keys: FolderKeyStore) -> None:
    anna, ben = [await applicants.recognise(Hashes("match"), one, any_id()) for one in (ANNA, BEN)]
    keys.destroy(anna)
    assert await applicants.recognise(Hashes("match"), BEN, any_id()) == ben
    assert await applicants.recognise(Hashes("match"), ANNA, any_id()) not in (anna, ben)


async def test_who_has_no_mailbox_is_known_by_telephone_and_name(applicants: Applicants) -> None:
    called = Contact(name="Ada Lin", phone="+1 555 010 4477", telephone="+15550104477")
    ada = await applicants.recognise(Hashes(telephone="tel"), called, any_id())
    assert await applicants.recognise(Hashes(telephone="tel"), called, any_id()) == ada
    assert (
        await applicants.recognise(Hashes(telephone="tel"), called.model_copy(update={"name": "Jo"}), any_id()) != ada
    )
    # Under an address of their own they are known by that alone.
    written = called.model_copy(update={"email": "ada@example.com"})
    assert await applicants.recognise(Hashes("ada", "tel"), written, any_id()) != ada


async def test_who_has_neither_is_somebody_new_unless_it_is_the_same_request(applicants: Applicants) -> None:
    referred = Contact(name="Ada Lin", through="Mara, who knows her")
    first, again = any_id(), any_id()
    assert await applicants.recognise(Hashes(), referred, first) == first
    assert await applicants.recognise(Hashes(), referred, again) == again
    assert await applicants.recognise(Hashes(), referred, first) == first


async def test_two_applicants_are_one_person_until_they_are_parted_as_they_were(
    applicants: Applicants, pool: asyncpg.Pool
) -> None:
    home = Contact(name="Anna Beck", email="anna@home.example")
    work, at_home = [
        await applicants.recognise(Hashes(hash), one, any_id()) for hash, one in (("work", ANNA), ("home", home))
    ]
    third = await applicants.recognise(Hashes("third"), Contact(name="A. Beck", email="a@third.example"), any_id())
    before = await pool.fetch("SELECT * FROM humans ORDER BY id")
    now = datetime.now(UTC)

    await applicants.merge(at_home, work, "P-PARTNER", "She told us so in her interview.", now + timedelta(days=30))

    assert await applicants.same_as(work) == await applicants.same_as(at_home) == {work, at_home}
    found = await applicants.recognise(Hashes("home"), home, any_id())
    assert (found, await applicants.stays(found)) == (at_home, work)
    assert await applicants.recognise(Hashes("work"), ANNA, any_id()) == work
    assert await applicants.contacts({"C-1": work, "C-2": at_home}) == {"C-1": ANNA, "C-2": ANNA}
    assert await applicants.of_colleague("P-ANNA", ["home"]) == {work, at_home}
    for pair in ((work, at_home), (at_home, work), (work, work)):
        with pytest.raises(SamePerson):
            await applicants.merge(*pair, "P-PARTNER", "Again.", now + timedelta(days=30))
    (said,) = await applicants.merges(work)
    assert (said.applicant, said.stays, said.by, said.why) == (
        *(at_home, work, "P-PARTNER"),
        "She told us so in her interview.",
    )
    assert "interview" not in repr([dict(row) for row in await pool.fetch("SELECT * FROM merged_applicants")])

    # Whoever stays may be merged in turn: all of them are one person then.
    await applicants.merge(work, third, "P-PARTNER", "And here.", now + timedelta(days=30))
    assert await applicants.same_as(at_home) == {work, at_home, third}
    assert await applicants.stays(at_home) == await applicants.stays(work) == third
    assert await applicants.part(work, now) == third

    with pytest.raises(CannotPart):
        await applicants.part(at_home, now + timedelta(days=30))
    assert await applicants.part(at_home, now) == work
    with pytest.raises(CannotPart):
        await applicants.part(at_home, now)
    assert await pool.fetch("SELECT * FROM humans ORDER BY id") == before
    assert await applicants.contacts({"C-1": work, "C-2": at_home}) == {"C-1": ANNA, "C-2": home}
    assert await applicants.recognise(Hashes("home"), home, any_id()) == at_home
    acts = await pool.fetch("SELECT act, object, about FROM audit WHERE kind = 'applicant' ORDER BY seq")
    assert [tuple(row) for row in acts][:2] == [
        ("applicants_merged", at_home, work),
        ("applicants_merged", work, at_home),
    ]
    assert [row["act"] for row in acts].count("applicants_parted") == 4


async def test_a_correction_stands_in_everything_that_was_said(applicants: Applicants) -> None:
    anna = await applicants.recognise(Hashes("match"), ANNA, any_id())
    for by in ("P-ONE", "P-TWO"):
        await applicants.introduce(anna, by, ANNA)
    right = {"email": "anna.beck@example.org"}
    await applicants.correct(anna, right, Hashes("right"))
    assert {one.email for one in await applicants.said_of(anna)} == {"anna.beck@example.org"}
    assert await applicants.recognise(Hashes("right"), ANNA, any_id()) == anna
    assert await applicants.recognise(Hashes("match"), ANNA, any_id()) != anna
