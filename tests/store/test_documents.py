import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from domain.core.messages import Rejection
from domain.core.source_text import SourceText
from domain.evidence.transcript import Transcript, Utterance
from privacy.key_folder import FolderKeyStore
from privacy.keys import KeyDestroyed
from privacy.sealing import Sealer, Tombstone
from store.blob_sweep import KEPT_UNNAMED, missing, sweep
from store.blobs import BlobsAway, FolderBlobs, SealedBlobs
from store.documents import Documents, NoSuchDocument, NoSuchPage, Original
from store.random_ids import random_id

ANNA, BERT = "H-ANNA00001", "H-BERT00001"
CALL = Transcript.of([Utterance("Anna", "I led the migration.", 0, 900), Utterance("Rita", "Alone?", 1000)])
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256))
UPLOAD = b"Anna: I led the migration.\r\nRita: Alone?\r\n"


@pytest.fixture
def keys(tmp_path: Path) -> FolderKeyStore:
    keys = FolderKeyStore(tmp_path / "keys")
    keys.found("I-THIS")
    return keys


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def documents(pool: asyncpg.Pool, keys: FolderKeyStore, folder: Path) -> Documents:
    sealer = Sealer(keys)
    return Documents(pool, sealer, SealedBlobs(FolderBlobs(folder), sealer))


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def modes(folder: Path) -> set[tuple[bool, int]]:
    """Of a folder and all in it: whether that is a file, and who may use it."""
    return {(path.is_file(), path.stat().st_mode & 0o777) for path in (folder, *folder.rglob("*"))}


def takes_away(folder: Path) -> None:
    """Puts something in a folder's place that is none."""
    folder.rename(folder.with_name("elsewhere"))
    folder.write_text("a file where a folder should be")


async def test_a_document_comes_back_as_it_was_stored(documents: Documents) -> None:
    doc = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    assert await documents.original(doc.id) == Original("text/plain", UPLOAD)
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


async def test_nothing_readable_lies_in_the_database_or_in_the_store(
    documents: Documents, pool: asyncpg.Pool, folder: Path
) -> None:
    await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, "P-RECRUITER", pages=[PICTURE])
    row = await pool.fetchrow("SELECT * FROM documents")
    assert row["body"] is None, "an upload lies in the store of files"
    assert b"migration" not in row["text"]
    lie = files(folder)
    assert len(lie) == 2
    for file in lie:
        assert b"migration" not in file.read_bytes()
        assert PICTURE[:8] not in file.read_bytes()
    assert modes(folder) == {(True, 0o600), (False, 0o700)}


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


async def test_a_draft_has_a_body_and_no_text(documents: Documents, folder: Path) -> None:
    draft = await documents.put(ANNA, "draft", "application/json", b'{"kind": "scorecard"}', None, stored_by="drafter")
    assert (await documents.original(draft.id)) == Original("application/json", b'{"kind": "scorecard"}')
    assert files(folder) == [], "drafts lie in the database"
    with pytest.raises(NoSuchDocument):
        await documents.text(draft.id)


async def test_an_erased_subjects_documents_are_tombstones(documents: Documents, keys: FolderKeyStore) -> None:
    doc = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    keys.destroy(ANNA)
    assert await documents.original(doc.id) == Tombstone(ANNA)
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
        await documents.original("D-NOBODY1")


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


async def stored_before(pool: asyncpg.Pool, sealer: Sealer, identity: str, sha256: str) -> str:
    """A document as 0.4.0 and older releases stored it."""
    id = random_id("D", 15)
    body, text = (sealer.seal_bytes(ANNA, it, id) for it in (UPLOAD, CALL.model_dump_json().encode()))
    await pool.execute(
        "INSERT INTO documents (id, key, kind, media_type, sha256, identity, body, text, stored_by)"
        " VALUES ($1, $2, 'transcript', 'text/plain', $3, $4, $5, $6, 'P-RECRUITER')",
        *(id, ANNA, sha256, identity, body, text),
    )
    return id


async def test_what_0_3_0_stored_is_known_again_and_forgotten(
    documents: Documents, pool: asyncpg.Pool, keys: FolderKeyStore
) -> None:
    plain = hashlib.sha256(CALL.text.encode()).hexdigest()
    identity = hashlib.sha256(b"transcript\n" + CALL.model_dump_json().encode()).hexdigest()
    id = await stored_before(pool, Sealer(keys), identity, plain)
    plain_ones = "SELECT count(*) FROM documents WHERE sha256 = $1 OR identity = $2"
    assert await documents.text(id) == CALL
    assert (await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")).id == id
    assert await pool.fetchval(plain_ones, plain, identity) == 0

    await pool.execute("UPDATE documents SET sha256 = $1, identity = $2", plain, identity)
    await documents.forget(ANNA)
    assert await pool.fetchval(plain_ones, plain, identity) == 0
    assert (await documents.about(id)).doc.id == id


async def test_what_0_4_0_stored_is_read_where_it_lies_and_moved(
    documents: Documents, pool: asyncpg.Pool, keys: FolderKeyStore, folder: Path
) -> None:
    sealer = Sealer(keys)
    by_words = b"transcript\n" + CALL.model_dump_json().encode()
    hashed = sealer.fingerprint(ANNA, CALL.text.encode(), "document's hash")
    id = await stored_before(pool, sealer, sealer.fingerprint(ANNA, by_words, "document's identity"), hashed)
    gone = Original("text/plain", UPLOAD)
    assert await documents.original(id) == gone
    assert await documents.move_originals() == 1
    assert await pool.fetchval("SELECT body FROM documents") is None
    assert len(files(folder)) == 1
    assert await documents.original(id) == gone
    assert await documents.text(id) == CALL
    assert await documents.move_originals() == 0
    again = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    assert (again.id, again.sha256) == (id, hashed)


async def test_the_same_file_read_with_more_knowledge_is_the_same_document(documents: Documents) -> None:
    known = CALL.model_copy(update={"tool": "Zoom, text"})
    first = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    assert await documents.put(ANNA, "transcript", "text/plain", UPLOAD, known, stored_by="P-RECRUITER") == first
    other = await documents.put(ANNA, "transcript", "text/plain", UPLOAD + b"\r\n", CALL, stored_by="P-RECRUITER")
    assert other.id != first.id, "another file"


async def test_pages_come_back_as_the_images_they_were(documents: Documents, folder: Path) -> None:
    doc = await documents.put(ANNA, "transcript", "application/pdf", b"%PDF-1.7", CALL, "P-RECRUITER", [PICTURE, JPEG])
    assert await documents.pages(doc.id) == {1, 2}
    assert await documents.page(doc.id, 1) == Original("image/png", PICTURE)
    assert await documents.page(doc.id, 2) == Original("image/jpeg", JPEG)
    with pytest.raises(NoSuchPage):
        await documents.page(doc.id, 3)
    for file in files(folder):
        file.unlink()
    with pytest.raises(NoSuchPage):
        await documents.original(doc.id)
    assert await documents.text(doc.id) == CALL


async def test_a_store_that_is_away_keeps_an_upload_out_and_no_text_from_being_read(
    documents: Documents, pool: asyncpg.Pool, folder: Path
) -> None:
    doc = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")
    takes_away(folder)
    with pytest.raises(BlobsAway):
        await documents.put(ANNA, "notes", "text/plain", b"more", SourceText(text="more"), stored_by="P-RECRUITER")
    with pytest.raises(BlobsAway):
        await documents.original(doc.id)
    assert await documents.text(doc.id) == CALL
    assert await pool.fetchval("SELECT count(*) FROM documents") == 1


async def test_what_a_crash_leaves_between_file_and_row_goes_after_a_day(
    documents: Documents, pool: asyncpg.Pool, keys: FolderKeyStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    doc = await documents.put(ANNA, "transcript", "text/plain", UPLOAD, CALL, stored_by="P-RECRUITER")

    async def dies(*_: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patch:
        patch.setattr("store.documents.note_blobs", dies)
        with pytest.raises(ConnectionResetError):
            await documents.put(BERT, "notes", "text/plain", b"more", SourceText(text="more"), stored_by="P-RECRUITER")
    assert await pool.fetchval("SELECT count(*) FROM documents") == 1
    assert len(files(folder)) == 2
    kept_in = FolderBlobs(folder)
    assert await sweep(pool, kept_in, keys, datetime.now(UTC)) == (0, 0), "it may just be being stored"
    assert await sweep(pool, kept_in, keys, datetime.now(UTC) + KEPT_UNNAMED) == (1, 0)
    assert await documents.original(doc.id) == Original("text/plain", UPLOAD)
    assert await missing(pool, kept_in, keys, 20) == (1, [])
    kept_in.put(f"H-OTHERS001/{random_id('B', 20)}", [b"sealed elsewhere"])
    assert await sweep(pool, kept_in, keys, datetime.now(UTC) + 2 * KEPT_UNNAMED) == (0, 0), "another installation's"
    for file in files(folder):
        file.unlink()
    assert await missing(pool, kept_in, keys, 20) == (1, [doc.id])


async def test_files_of_an_erased_subject_go_and_others_stay(
    documents: Documents, pool: asyncpg.Pool, keys: FolderKeyStore, folder: Path
) -> None:
    hers = await documents.put(ANNA, "resume", "text/plain", UPLOAD, CALL, "P-RECRUITER", pages=[PICTURE])
    his = await documents.put(BERT, "resume", "text/plain", UPLOAD, CALL, "P-RECRUITER")
    keys.destroy(ANNA)
    for _ in range(2):
        await documents.forget(ANNA)
    assert [file.parent.name for file in files(folder)] == [BERT]
    assert await documents.original(hers.id) == await documents.page(hers.id, 1) == Tombstone(ANNA)
    assert await documents.original(his.id) == Original("text/plain", UPLOAD)


async def test_files_that_an_erasure_could_not_reach_are_swept(
    documents: Documents, pool: asyncpg.Pool, keys: FolderKeyStore, folder: Path
) -> None:
    await documents.put(ANNA, "resume", "text/plain", UPLOAD, CALL, "P-RECRUITER", pages=[PICTURE])
    keys.destroy(ANNA)
    assert await missing(pool, FolderBlobs(folder.with_name("nowhere")), keys, 20) == (2, []), "they are to be gone"
    assert await sweep(pool, FolderBlobs(folder), keys, datetime.now(UTC)) == (0, 2)
    assert files(folder) == []
    assert await pool.fetchval("SELECT count(*) FROM blobs") == 0
