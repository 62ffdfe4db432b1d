"""Destroying a human's key."""

from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.keys import KeyActivities
from domain.core.source_text import SourceText
from privacy.sealing import Tombstone
from settings import Settings
from store.applicants import Contact, Hashes
from testing.api_clients import eventually
from wiring import Stores
from workflows.contract import EffectOrder

APPLICANT = "H-000001"


def order(key: str = APPLICANT) -> EffectOrder:
    return EffectOrder(
        id="candidate/C-ERASED/9/0",
        stream="candidate/C-ERASED",
        decided_at=datetime(2026, 3, 2, tzinfo=UTC),
        type="destroy_key",
        payload={"key": key},
    )


@pytest.fixture
def kept(tmp_path: Path, pool: asyncpg.Pool) -> Stores:
    kept = Stores(pool, Settings(home=tmp_path, keys_remembered=0))
    kept.keys.found("I-THIS")
    return kept


async def test_what_was_sealed_is_gone_however_often_it_is_destroyed(kept: Stores) -> None:
    sealed = kept.sealer.seal(APPLICANT, "Ruth Abara", "C-ERASED")
    await kept.applicants.recognise(Hashes("m"), Contact(name="Ruth Abara", email="ruth@example.org"), APPLICANT)

    for _ in range(2):
        await ActivityEnvironment().run(KeyActivities(kept).destroy_key, order())

    assert kept.sealer.open_(sealed, "C-ERASED") == Tombstone(APPLICANT)
    assert await kept.pool.fetchval("SELECT count(*) FROM humans") == 0


async def test_whoever_has_a_copy_of_before_is_led_nowhere_by_an_address(kept: Stores) -> None:
    contact = Contact(name="Ruth Abara", email="ruth@example.org")
    match = kept.addresses.made(contact.email)
    await kept.applicants.recognise(Hashes(match), contact, APPLICANT)

    await ActivityEnvironment().run(KeyActivities(kept).destroy_key, order())

    assert match not in kept.addresses.known(contact.email)


async def test_a_letter_that_was_under_way_is_emptied_too(kept: Stores) -> None:
    await kept.applicants.recognise(Hashes("m"), Contact(name="Ruth Abara", email="ruth@example.org"), APPLICANT)
    arrived = kept.settings.mailbox_folder / "new"
    for folder in (arrived, kept.settings.mailbox_folder / "tmp"):
        folder.mkdir(parents=True)
    before, meanwhile, of_others = (arrived / f"{1796004822 + n}.M1P1Q{n}.host" for n in range(3))
    before.write_text("Subject: Ruth Abara was shortlisted\n\nMore on her page.\n")
    of_others.write_text("Subject: Ada Voss was shortlisted\n\nMore on her page.\n")
    destroying = asyncio.create_task(ActivityEnvironment().run(KeyActivities(kept).destroy_key, order()))
    await eventually(lambda: kept.pool.fetchval("SELECT count(*) = 0 FROM humans"), "they are not forgotten")
    meanwhile.write_text("Subject: A scorecard\n\nRuth Abara awaits yours.\n")

    await destroying

    assert "Ruth" not in before.read_text() + meanwhile.read_text()
    assert "Ada Voss" in of_others.read_text()


async def test_a_human_in_another_search_keeps_their_key(kept: Stores) -> None:
    sealed = kept.sealer.seal(APPLICANT, "Ruth Abara", "C-OTHER1")
    await kept.pool.execute(
        "INSERT INTO candidates (id, requisition, human, stage, stage_since, standing, source, version, view)"
        " VALUES ('C-OTHER1', 'R-OTHER1', $1, 'added', now(), 'open', 'applied', 1, '{}')",
        APPLICANT,
    )

    await ActivityEnvironment().run(KeyActivities(kept).destroy_key, order())

    assert kept.sealer.open_(sealed, "C-OTHER1") == "Ruth Abara"


async def test_files_go_with_the_key_and_a_store_that_is_away_is_asked_again(kept: Stores) -> None:
    await kept.applicants.recognise(Hashes("m"), Contact(name="Ruth Abara", email="ruth@example.org"), APPLICANT)
    doc = await kept.documents.put(APPLICANT, "notes", "text/plain", b"said", SourceText(text="said"), "P-RECRUITER")
    folder = kept.settings.home / "blobs"
    away = folder.rename(folder.with_name("away"))
    folder.write_text("a file where a folder should be")

    with pytest.raises(ApplicationError) as failed:
        await ActivityEnvironment().run(KeyActivities(kept).destroy_key, order())

    assert (failed.value.type, failed.value.non_retryable) == ("blobs_away", False)
    assert await kept.documents.original(doc.id) == Tombstone(APPLICANT)
    assert await kept.pool.fetchval("SELECT count(*) FROM humans") == 0, "all else is done"
    assert await kept.pool.fetchval("SELECT count(*) FROM blobs") == 1
    folder.unlink()
    away.rename(folder)

    await ActivityEnvironment().run(KeyActivities(kept).destroy_key, order())

    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert await kept.pool.fetchval("SELECT count(*) FROM blobs") == 0


async def test_keys_out_of_reach_are_tried_again(kept: Stores) -> None:
    keys = KeyActivities(kept)
    shutil.rmtree(kept.settings.keys_folder)

    with pytest.raises(ApplicationError) as failed:
        await ActivityEnvironment().run(keys.destroy_key, order())

    assert (failed.value.type, failed.value.non_retryable) == ("keys_unreachable", False)


async def test_what_is_no_key_becomes_a_task(kept: Stores) -> None:
    keys = KeyActivities(kept)

    with pytest.raises(ApplicationError) as failed:
        await ActivityEnvironment().run(keys.destroy_key, order("../H-000001"))

    assert (failed.value.type, failed.value.non_retryable) == ("not_a_key", True)


async def test_who_are_one_person_are_erased_as_one_and_who_shares_their_mailbox_stays(kept: Stores) -> None:
    other, spouse = "H-ABARA00002", "H-SPOUSE0001"
    home, work = Contact(name="Ruth Abara", email="lins@example.org"), Contact(name="R. Abara", email="r@work.example")
    for id, contact in ((APPLICANT, home), (other, work), (spouse, home.model_copy(update={"name": "Ben Lin"}))):
        assert await kept.applicants.recognise(kept.hashes_of(contact), contact, id) == id
    until = datetime.now(UTC) + timedelta(days=30)
    await kept.applicants.merge(other, APPLICANT, "P-PARTNER", "The same telephone.", until)
    sealed = {id: kept.sealer.seal(id, "Ruth Abara", "C-ERASED") for id in (APPLICANT, other, spouse)}
    of_work = kept.hashes_of(work).address

    await ActivityEnvironment().run(KeyActivities(kept).destroy_key, order())

    assert [isinstance(kept.sealer.open_(words, "C-ERASED"), Tombstone) for words in sealed.values()] == [
        *(True, True, False),
    ]
    assert [row["id"] for row in await kept.pool.fetch("SELECT id FROM humans")] == [spouse]
    assert of_work not in kept.addresses.known(work.email or "")
    spouses = home.model_copy(update={"name": "Ben Lin"})
    assert await kept.applicants.recognise(kept.hashes_of(spouses), spouses, "H-NEW0000001") == spouse
