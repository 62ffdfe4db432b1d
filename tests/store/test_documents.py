import asyncio
import hashlib
from pathlib import Path

import asyncpg
import pytest

from domain.core.messages import Rejection
from domain.core.source_text import SourceText
from domain.evidence.transcript import Transcript, Utterance
from privacy.key_folder import FolderKeyStore
from privacy.keys import KeyDestroyed
from privacy.sealing import Sealer, Tombstone
from store.documents import Documents, NoSuchDocument

ANNA, BERT = "H-ANNA00001", "H-BERT00001"
CALL = Transcript.of([Utterance("Anna", "I led the migration.", 0, 900), Utterance("Rita", "Alone?", 1000)])
UPLOAD = b"Anna: I led the migration.\r\nRita: Alone?\r\n"


@pytest.fixture
def keys(tmp_path: Path) -> FolderKeyStore:
    keys = FolderKeyStore(tmp_path / "keys")
    keys.found("I-THIS")
    return keys


@pytest.fixture
def documents(pool: asyncpg.Pool, keys: FolderKeyStore) -> Documents:
    return Documents(pool, Sealer(keys))


async def test_a_document_comes_back_as_it_was_stored(documents: Documents) -> None:
    doc = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    assert await documents.body(doc.id) == UPLOAD
    assert await documents.text(doc.id) == CALL
    stored = await documents.about(doc.id)
    assert (stored.doc, stored.key, stored.kind, stored.media_type) == (doc, ANNA, "transcript", "text/plain")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('Text/VTT; name="anna-beck.vtt"', "text/vtt"),
        ("anna-beck/vtt", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
async def test_of_what_an_upload_says_that_it_is_nothing_is_kept_but_a_known_type(
    documents: Documents, said: str, kept: str
) -> None:
    doc = await documents.put(ANNA, "transcript", said, UPLOAD, CALL, stored_by="P-RECRUITER")
    assert (await documents.about(doc.id)).media_type == kept


async def test_nothing_readable_lies_in_the_database(documents: Documents, pool: asyncpg.Pool) -> None:
    await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    row = await pool.fetchrow("SELECT * FROM documents")
    assert b"migration" not in row["body"]
    assert b"migration" not in row["text"]


async def test_the_same_document_is_stored_once_for_each_subject(documents: Documents, pool: asyncpg.Pool) -> None:
    put = [documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER") for _ in range(4)]
    assert len({doc.id for doc in await asyncio.gather(*put)}) == 1
    other = await documents.put(BERT, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    assert await pool.fetchval("SELECT count(*) FROM documents") == 2
    assert await documents.text(other.id) == CALL


async def test_the_same_words_by_another_speaker_are_another_document(documents: Documents) -> None:
    corrected = Transcript.of([Utterance("Anna Beck", "I led the migration."), Utterance("Rita", "Alone?")])
    first = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    second = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, corrected, stored_by="P-RECRUITER")
    assert first.sha256 == second.sha256
    assert await documents.text(second.id) == corrected


async def test_a_draft_has_a_body_and_no_text(documents: Documents) -> None:
    draft = await documents.put(ANNA, "draft", "application/json", b'{"kind": "scorecard"}', None, stored_by="drafter")
    assert await documents.body(draft.id) == b'{"kind": "scorecard"}'
    with pytest.raises(NoSuchDocument):
        await documents.text(draft.id)


async def test_an_erased_subjects_documents_are_tombstones(documents: Documents, keys: FolderKeyStore) -> None:
    doc = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    keys.destroy(ANNA)
    assert await documents.body(doc.id) == Tombstone(ANNA)
    assert await documents.text(doc.id) == Tombstone(ANNA)
    assert (await documents.about(doc.id)).doc == doc
    with pytest.raises(KeyDestroyed):
        await documents.put(ANNA, "notes", "text/plain", b"more", SourceText(text="more"), stored_by="P-RECRUITER")


async def test_sources_quote_what_is_there_and_refuse_the_rest(documents: Documents) -> None:
    doc = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    sources = await documents.sources([doc.id, "D-NOBODY1"])
    assert sources.source(doc.id).locate("led the migration") == (2, 19)
    with pytest.raises(Rejection) as refused:
        sources.source("D-NOBODY1")
    assert refused.value.code == "unknown_reference"


async def test_an_unknown_document_is_no_document(documents: Documents) -> None:
    with pytest.raises(NoSuchDocument):
        await documents.body("D-NOBODY1")


async def test_with_the_key_gone_nobody_can_confirm_a_guess(
    documents: Documents, keys: FolderKeyStore, pool: asyncpg.Pool
) -> None:
    doc = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    row = await pool.fetchrow("SELECT sha256, identity FROM documents")
    whole = b"transcript\n" + CALL.model_dump_json().encode()
    guesses = {hashlib.sha256(guess).hexdigest() for guess in (UPLOAD, CALL.text.encode(), whole)}
    assert guesses.isdisjoint({doc.sha256, row["sha256"], row["identity"]})
    assert (await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-OTHER")) == doc
    other = await documents.put(BERT, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    assert other.sha256 != doc.sha256, "the same résumé of somebody else tells nothing of this one"
    keys.destroy(ANNA)
    with pytest.raises(KeyDestroyed):
        await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")


async def test_what_0_3_0_stored_is_known_again_and_forgotten(documents: Documents, pool: asyncpg.Pool) -> None:
    doc = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    plain = hashlib.sha256(CALL.text.encode()).hexdigest()
    identity = hashlib.sha256(b"transcript\n" + CALL.model_dump_json().encode()).hexdigest()
    as_0_3_0 = "UPDATE documents SET sha256 = $1, identity = $2"
    plain_ones = "SELECT count(*) FROM documents WHERE sha256 = $1 OR identity = $2"
    await pool.execute(as_0_3_0, plain, identity)
    assert await documents.text(doc.id) == CALL
    assert (await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")) == doc
    assert await pool.fetchval(plain_ones, plain, identity) == 0

    await pool.execute(as_0_3_0, plain, identity)
    await documents.forget(ANNA)
    assert await pool.fetchval(plain_ones, plain, identity) == 0
    assert (await documents.about(doc.id)).doc.id == doc.id
