"""Documents: what can be read is stored once and sealed, what cannot is refused and leaves nothing; who may read."""

from __future__ import annotations

import asyncio
import json

import asyncpg
import pytest

from api.http_edge import DOCUMENT_BYTES
from documents.decoding import LARGEST_BYTES
from documents.word import MEDIA_TYPE as WORD
from testing.api_clients import Voice, problem, taken
from testing.api_company import Applicant, Company, Requisition, joins, sample
from tests.documents.drawn_documents import LINES, pdf, word, written

READABLE = {
    "a transcript from Zoom": ("transcript", "transcripts/intake.vtt", "walk out with less scope"),
    "a transcript from Teams": ("transcript", "transcripts/screen-1.vtt", "Six out of ten calls were one question"),
    "a transcript as subtitles": ("transcript", "transcripts/interview-1.srt", "I led that launch"),
    "a transcript from Meet": ("transcript", "transcripts/screen-2.txt", "Owen"),
    "a transcript as plain text": ("transcript", "transcripts/debrief-follow-up.txt", "the follow-up for Nadia"),
    "a résumé as JSON": ("resume", "resumes/theo-marchetti.resume.json", "Theo Marchetti"),
    "a résumé as text": ("resume", "resumes/ruth-abara.txt", "I have worked for one county"),
    "notes": ("notes", "rubric.json", "permits"),
}


@pytest.fixture(scope="module")
async def requisition(company: Company) -> Requisition:
    """A requisition for documents to be about."""
    return await company.opens()


@pytest.mark.parametrize("what", READABLE)
async def test_what_is_uploaded_is_read_again(company: Company, requisition: Requisition, what: str) -> None:
    kind, name, words = READABLE[what]
    doc = await company.recruiter.uploads(kind, requisition.id, sample(name), name)
    source = await company.recruiter.reads(f"/v1/documents/{doc['id']}")
    assert words in source["text"]
    for turn in source["turns"]:
        assert turn["speaker"]
        assert source["text"][turn["start"] : turn["end"]].strip()
    assert bool(source["turns"]) == (kind == "transcript")


@pytest.mark.parametrize("kind", ["resume", "notes", "work_sample", "reference"])
async def test_a_document_of_any_kind_may_be_a_pdf_or_a_word_document(
    company: Company, requisition: Requisition, pool: asyncpg.Pool, kind: str
) -> None:
    for data, media_type in ((pdf(written(LINES)), "application/pdf"), (word(*LINES), WORD)):
        doc = await company.recruiter.uploads(kind, requisition.id, data, "upload.txt")
        source = await company.recruiter.reads(f"/v1/documents/{doc['id']}")
        assert source["text"].split() == " ".join(LINES).split()
        assert await pool.fetchval("SELECT media_type FROM documents WHERE id = $1", doc["id"]) == media_type


VTT = sample("transcripts/intake.vtt")
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8

UNREADABLE = {
    "an empty transcript": ("transcript", b"", "call.vtt"),
    "a transcript of nothing but space": ("transcript", b" \r\n\t ", "call.vtt"),
    "a transcript without a cue": ("transcript", b"WEBVTT\n\n", "call.vtt"),
    "a transcript cut off in a cue's time": ("transcript", VTT[: VTT.rindex(b"-->") + 8], "call.vtt"),
    "a transcript that is a picture": ("transcript", PICTURE, "call.vtt"),
    "a transcript in which nobody speaks": ("transcript", b"They met. It went well. They parted.\n" * 20, "call.txt"),
    "an empty résumé": ("resume", b"", "cv.txt"),
    "a résumé that is a picture": ("resume", PICTURE, "cv.txt"),
    "a résumé of three words": ("resume", b"Hire me please", "cv.txt"),
    "a résumé cut off in its JSON": ("resume", sample("resumes/nadia-brenner.resume.json")[:-40], "cv.json"),
    "a résumé that is other JSON": ("resume", json.dumps({"colour": "red"}).encode(), "cv.json"),
    "notes that are no text": ("notes", b"caf\xe9 \xff", "notes.txt"),
    "empty notes": ("notes", b"\n\n", "notes.txt"),
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_what_cannot_be_read_is_refused_and_not_kept(
    company: Company, requisition: Requisition, pool: asyncpg.Pool, what: str
) -> None:
    kind, body, name = UNREADABLE[what]
    before = await pool.fetchval("SELECT count(*) FROM documents")
    refusal = problem(await company.recruiter.upload(kind, requisition.id, body, name), 422, "unreadable")
    assert refusal["accepted"]
    assert await pool.fetchval("SELECT count(*) FROM documents") == before


async def test_the_largest_document_and_one_that_is_larger(company: Company, requisition: Requisition) -> None:
    largest = b"word " * (LARGEST_BYTES // 5)
    assert (await company.recruiter.upload("notes", requisition.id, largest)).status_code == 201
    more = largest.ljust(LARGEST_BYTES + 1)
    refusal = problem(await company.recruiter.upload("notes", requisition.id, more), 422, "unreadable")
    assert "larger than 5 MB" in refusal["detail"]
    most = b"%PDF-1.7".ljust(DOCUMENT_BYTES)
    problem(await company.recruiter.upload("resume", requisition.id, most), 422, "unreadable")
    problem(await company.recruiter.upload("resume", requisition.id, most + b"x"), 413, "too_large")


async def test_others_are_answered_while_a_long_transcript_is_read(company: Company, requisition: Requisition) -> None:
    talk = b"".join(b"Ann: This is line %d of a very long call.\nBob: I see.\n" % n for n in range(30_000))
    upload = asyncio.create_task(company.recruiter.upload("transcript", requisition.id, talk, "call.txt"))
    answered = 0
    while not upload.done():
        assert (await company.nobody.get("/health")).status_code == 200
        answered += not upload.done()
        await asyncio.sleep(0.01)
    taken(upload.result())
    assert answered > 2


async def test_a_document_is_stored_once(company: Company, requisition: Requisition, pool: asyncpg.Pool) -> None:
    notes = b"Kim said that the March release had been signed twice."
    docs = await asyncio.gather(*(company.recruiter.uploads("notes", requisition.id, notes) for _ in range(4)))
    assert len({doc["id"] for doc in docs}) == 1
    assert await pool.fetchval("SELECT count(*) FROM documents WHERE sha256 = $1", docs[0]["sha256"]) == 1
    other = await company.opens()
    elsewhere = await company.recruiter.uploads("notes", other.id, notes)
    assert elsewhere["id"] != docs[0]["id"], "each subject's documents are under a key of their own"
    assert elsewhere["sha256"] != docs[0]["sha256"], "and nobody sees that they are the same"


async def test_a_document_is_about_somebody(company: Company, requisition: Requisition) -> None:
    for about in ("H-UNKNOWN0", "R-UNKNOWN0", "C-UNKNOWN0"):
        answer = await company.recruiter.upload("notes", about, b"Something was said.")
        assert problem(answer, 422, "unknown_reference")["field"] == "about"
    for query in ({"kind": "photo", "about": requisition.id}, {"kind": "notes"}, {"kind": "notes", "about": "me"}):
        answer = await company.recruiter.send("POST", "/v1/documents", params=query, content=b"Something was said.")
        problem(answer, 422, "invalid")


async def test_a_candidate_brings_no_documents(company: Company, requisition: Requisition) -> None:
    nia = await requisition.gains("Nia Falk")
    link = await company.link_of(nia.id)
    problem(await link.upload("notes", nia.human, b"I am very good at this."), 403, "not_permitted")
    problem(await link.asks("/v1/humans", {"name": "A Friend", "email": "f@example.com"}), 403, "not_permitted")
    problem(await company.nobody.upload("notes", nia.human, b"Something was said."), 401, "unauthenticated")


async def test_a_human_is_found_again_by_their_address(company: Company) -> None:
    ids = set()
    for email in ("Mo.Reyes@Example.com", "mo.reyes@example.com ", "mo.reyes@example.com"):
        ids.add(taken(await company.system.asks("/v1/humans", {"name": "Mo Reyes", "email": email}))["id"])
    assert len(ids) == 1
    for email in ("mo", "mo@", "mo @example.com", "mo@example.com\nBcc: x@example.com"):
        problem(await company.recruiter.asks("/v1/humans", {"name": "Mo", "email": email}), 422, "invalid")


@pytest.mark.parametrize(
    ("contact", "field", "names"),
    [
        ({"email": "ada@example.com."}, "email", "ends with a full stop"),
        ({"email": "ada,lin@example.com"}, "email", "a comma"),
        ({"email": "ada\u200b@example.com"}, "email", "zero width space"),
        ({"email": "ada@example.com", "phone": "ask Ben"}, "phone", "not a telephone number"),
        ({}, "", "no way to reach them"),
    ],
)
async def test_what_nobody_can_be_reached_by_is_refused_in_words(
    company: Company, contact: dict[str, str], field: str, names: str
) -> None:
    answer = await company.recruiter.asks("/v1/humans", {"name": "Ada Lin", **contact})
    said = problem(answer, 422, "invalid")
    assert names in said["detail"]
    assert (said.get("field") or "") == field
    if field == "email":  # the same of a user
        added = await company.ops.asks("/v1/people", {"name": "Ada Lin", "zone": "UTC", **contact})
        assert names in problem(added, 422, "invalid")["detail"]


async def test_two_with_one_mailbox_are_two_and_only_who_may_know_is_told(company: Company) -> None:
    stranger = await joins(company, "elsewhere", ["R"])
    ada, ben = ({"name": name, "email": "the.lins@bücher.example"} for name in ("Ada Lin", "Ben Lin"))
    first = taken(await company.recruiter.asks("/v1/humans", ada))
    assert first["same_address"] == []
    assert (
        taken(await stranger.asks("/v1/humans", ben | {"email": "the.lins@xn--bcher-kva.example"}))["same_address"]
        == []
    )
    second = taken(await company.recruiter.asks("/v1/humans", ben))
    assert second == {"id": second["id"], "same_address": [first["id"]]}
    assert second["id"] != first["id"]
    again = taken(await company.recruiter.asks("/v1/humans", ada | {"name": "LIN, Ada"}))
    assert again == {"id": first["id"], "same_address": [second["id"]]}


async def test_who_has_no_mailbox_is_found_again_by_telephone_with_its_extension(company: Company) -> None:
    async def known(**contact: str) -> str:
        id: str = taken(await company.recruiter.asks("/v1/humans", {"name": "Ada Call", **contact}))["id"]
        return id

    ada = await known(phone="+1 555 010 4477 ext. 12")
    assert await known(phone="+1 (555) 010-4477x12") == ada
    assert await known(phone="+1 555 010 4477") != ada
    assert await known(through="Mara, who worked with her") != ada


@pytest.fixture(scope="module")
async def met(company: Company) -> Applicant:
    """A candidate whom the interviewer is to meet."""
    requisition = await company.opens()
    await requisition.locks()
    applicant = await requisition.gains("Tara Vance", "resumes/theo-marchetti.resume.json")
    await applicant.is_shortlisted()
    await requisition.slate_of(applicant)
    await applicant.is_advanced()
    await applicant.needs_no_screen()
    await applicant.meets(company.interviewer)
    return applicant


READERS = {
    "resume": {"recruiter", "partner", "manager", "interviewer"},
    "screen": {"recruiter", "partner"},
    "intake": {"recruiter", "partner", "manager"},
}
"""Who may read what; nobody else who has a token."""


@pytest.mark.parametrize("what", READERS)
async def test_a_document_is_read_by_those_it_is_for(company: Company, met: Applicant, what: str) -> None:
    path = f"/v1/documents/{await document(met, what)}"
    link = await company.link_of(met.id)
    for part, voice in [*company.voices.items(), ("candidate", link)]:
        answer = await voice.get(path)
        if part in READERS[what]:
            assert answer.status_code == 200, f"{part} may read the {what}: {answer.text}"
        else:
            problem(answer, 403, "not_permitted")
    problem(await company.nobody.get(path), 401, "unauthenticated")


async def document(met: Applicant, what: str) -> str:
    """The id of a document about them, or of their requisition's intake."""
    recruiter: Voice = met.company.recruiter
    if what == "intake":
        return met.requisition.intake
    if what == "resume":
        return str((await recruiter.reads(met.path))["resume"]["id"])
    return str((await recruiter.uploads("transcript", met.id, sample("transcripts/screen-1.vtt"), "s.vtt"))["id"])
