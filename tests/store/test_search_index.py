"""The index that is searched: what it finds, what it forgets, and what a copy of it is worth afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from domain.core.search_words import Term, terms_of
from domain.evidence.resume import PagedText
from privacy.keys import KeyDestroyed
from settings import Settings
from store import search_index
from store.applicants import Contact, Hashes
from store.random_ids import random_id
from store.search_index import Scope, token
from wiring import Stores

MARA = Contact(name="Mara Okafor", email="mara@example.org", phone="+49 151 2345678", telephone="+491512345678")


@pytest.fixture
def kept(tmp_path: Path, pool: asyncpg.Pool) -> Stores:
    kept = Stores(pool, Settings(home=tmp_path, keys_remembered=0))
    kept.keys.found("I-THIS")
    return kept


async def known(kept: Stores, contact: Contact, *texts: str) -> str:
    """Somebody who is a candidate of the requisition; their candidate's id begins as their own."""
    human = random_id("H")
    await kept.applicants.recognise(Hashes(human), contact, human)
    for words in texts:
        text = PagedText(text=words)
        await kept.documents.put(human, "work_sample", "text/plain", words.encode(), text, "P-RECRUITER")
    await kept.pool.execute(
        "INSERT INTO candidates (id, requisition, human, stage, stage_since, standing, source, version, view)"
        " VALUES ($1, 'R-HERE01', $2, 'added', now(), 'open', 'applied', 1, '{}')",
        *(human.replace("H-", "C-"), human),
    )
    return human


async def caught_up(kept: Stores) -> None:
    while await kept.search_index.catch_up():
        pass


async def found(kept: Stores, query: str, requisition: str = "R-HERE01") -> set[str]:
    """Whom a query finds, whether subjects are gone through one by one or the index is asked for all."""
    many = Scope("P-RECRUITER", [requisition])
    return await _both(kept, many, lambda scope: kept.search_index.applicants(terms_of(query), scope))


async def documents(kept: Stores, query: str, requisition: str = "R-HERE01") -> set[str]:
    many = Scope("P-RECRUITER", [requisition])
    return await _both(kept, many, lambda scope: kept.search_index.documents(terms_of(query), scope))


async def _both(kept: Stores, many: Scope, ask: Callable[[Scope], AsyncIterator[list[Any]]]) -> set[str]:
    rows = await kept.pool.fetch(
        "SELECT subject, shard FROM search_subjects JOIN candidates ON human = subject WHERE requisition = $1",
        many.requisitions[0],
    )
    few = many._replace(subjects={row["subject"]: row["shard"] for row in rows})
    one, other = [
        {getattr(each, "subject", str(each).replace("C-", "H-")) async for some in ask(scope) for each in some}
        for scope in (many, few)
    ]
    assert one == other
    return one


async def test_somebody_is_found_by_name_address_number_and_words_where_one_may_look(kept: Stores) -> None:
    mara = await known(kept, MARA, "Ran the permits office and its Kubernetes cluster.")
    ben = await known(kept, Contact(name="Ben Beck", email="ben@example.org"), "Ran a bakery.")
    await caught_up(kept)
    for query in ("ma", "oka mar", "mara@example.org", "2345678", "0151 2345678"):
        assert await found(kept, query) == {mara}, query
    assert await found(kept, "be be") == {ben}
    assert await found(kept, "mara beck") == set()
    assert await documents(kept, "KUBERNETES permits") == {mara}
    assert await documents(kept, "ran") == {mara, ben}
    assert await documents(kept, "kube") == set()
    assert await found(kept, "mara", "R-THERE1") == await documents(kept, "ran", "R-THERE1") == set()


async def test_what_is_corrected_or_replaced_is_found_as_it_is_now(kept: Stores) -> None:
    mara = await known(kept, MARA)
    await caught_up(kept)
    await kept.applicants.correct(mara, {"name": "Maryam Obi", "email": "obi@example.org"}, Hashes("obi"))
    await kept.documents.put(mara, "notes", "text/plain", b"x", PagedText(text="Taught falconry."), "P-RECRUITER")
    await caught_up(kept)
    assert await found(kept, "maryam") == await found(kept, "obi@example.org") == {mara}
    assert await found(kept, "okafor") == await found(kept, "mara@example.org") == set()
    assert await documents(kept, "falconry") == {mara}


async def test_who_is_merged_is_found_by_the_name_of_either(kept: Stores) -> None:
    mara, other = await known(kept, MARA), await known(kept, Contact(name="Mary Oko", email="m@example.org"))
    await caught_up(kept)
    await kept.pool.execute(
        "INSERT INTO merged_applicants (applicant, stays, by, until, why) VALUES ($1, $2, 'P-HR', now(), '')",
        *(other, mara),
    )
    assert await found(kept, "okafor") == await found(kept, "oko") == {mara, other}


async def test_a_copy_from_before_an_erasure_leads_nowhere_whoever_has_all_keys_that_are_left(kept: Stores) -> None:
    mara, ben = (
        await known(kept, MARA, "Ran the permits office."),
        await known(kept, Contact(name="Ben Beck", through="x")),
    )
    await caught_up(kept)
    copy = await kept.pool.fetch("SELECT * FROM search_entries")
    [shard] = [row["id"] for row in await kept.pool.fetch("SELECT id FROM index_keys")]
    assert token(kept.keys.find(shard), "name okafor") in next(r["tokens"] for r in copy if r["source"] == mara)

    kept.keys.destroy(mara)
    await kept.search_index.forget(mara)
    await kept.search_index.forget(mara)
    await kept.applicants.forget(mara)
    await kept.documents.forget(mara)
    await caught_up(kept)

    with pytest.raises(KeyDestroyed):
        kept.keys.find(shard)
    [now] = [row["id"] for row in await kept.pool.fetch("SELECT id FROM index_keys")]
    held = {one for row in copy for one in row["tokens"]}
    assert not held & {token(kept.keys.find(now), f"name {one}") for one in ("mara", "okafor", "ben", "beck")}
    assert await kept.pool.fetchval("SELECT count(*) FROM search_entries WHERE subject = $1", mara) == 0
    assert await found(kept, "mara") == await documents(kept, "permits") == set()
    assert await found(kept, "ben") == {ben}


async def test_a_build_that_knows_of_no_index_erases_somebody_from_it_all_the_same(kept: Stores) -> None:
    mara = await known(kept, MARA, "Ran the permits office.")
    await caught_up(kept)
    [shard] = [row["id"] for row in await kept.pool.fetch("SELECT id FROM index_keys")]
    kept.keys.destroy(mara)
    await kept.pool.execute("DELETE FROM humans WHERE id = $1", mara)
    await caught_up(kept)
    with pytest.raises(KeyDestroyed):
        kept.keys.find(shard)
    assert await kept.pool.fetchval("SELECT count(*) FROM search_entries") == 0


async def test_who_was_killed_between_the_key_and_the_row_leaves_nobody_unfindable(kept: Stores) -> None:
    mara, ben = await known(kept, MARA), await known(kept, Contact(name="Ben Beck", through="x"))
    await caught_up(kept)
    [shard] = [row["id"] for row in await kept.pool.fetch("SELECT id FROM index_keys")]
    kept.keys.destroy(shard)
    await kept.applicants.introduce(ben, "P-OTHER1", Contact(name="Benjamin Beck", through="x"))
    await caught_up(kept)
    assert await found(kept, "mara") == {mara}
    assert await found(kept, "benjamin") == {ben}


async def test_an_index_that_is_lost_is_made_again_under_other_keys(kept: Stores) -> None:
    mara = await known(kept, MARA, "Ran the permits office.")
    await caught_up(kept)
    before = {row["id"] for row in await kept.pool.fetch("SELECT id FROM index_keys")}
    # As a crash of the server leaves tables that are in no log.
    await kept.pool.execute("TRUNCATE search_entries, search_subjects, search_stale, search_begun")
    await caught_up(kept)
    assert await found(kept, "mara") == await documents(kept, "permits") == {mara}
    await kept.search_index.begin_anew()
    assert await found(kept, "mara") == set()
    await caught_up(kept)
    assert await found(kept, "mara") == {mara}
    for shard in before:
        with pytest.raises(KeyDestroyed):
            kept.keys.find(shard)


async def test_no_more_share_a_key_than_may(kept: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "MEMBERS", 2)
    everybody = {await known(kept, Contact(name=f"Anna Number{n}", through="x")) for n in range(5)}
    await caught_up(kept)
    assert await found(kept, "anna") == everybody
    assert sorted(row["members"] for row in await kept.pool.fetch("SELECT members FROM index_keys")) == [1, 2, 2]


async def test_what_changes_while_it_is_indexed_is_indexed_again(kept: Stores) -> None:
    mara = await known(kept, MARA)
    [row] = await kept.pool.fetch("SELECT mark FROM search_stale WHERE subject = $1", mara)
    await kept.applicants.introduce(mara, "P-OTHER1", MARA)
    assert await kept.pool.fetchval("SELECT mark FROM search_stale WHERE subject = $1", mara) > row["mark"]


def test_a_name_is_no_word_and_a_word_no_name() -> None:
    key = bytes(32)
    assert token(key, "name mara") != token(key, "word mara")
    assert Term(word="mara") == terms_of("Mara")[0]
