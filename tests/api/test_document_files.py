"""Files behind documents: the original served back, pages with the words marked, and a store that is away."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from fastapi import FastAPI

from api.document_remarks import in_a_sentence
from api.pages.evidence.document_pages import shown_pages
from api.services import Services
from domain.evidence.resume import Place, Remark
from settings import Settings
from testing.api_clients import problem
from testing.api_company import Applicant, Company, sample
from testing.paged_resume import FILE, QUOTED, page_images, paged_resume, stored_resume
from testing.sign_in import signed_in
from tests.api.test_candidate_export import unpacked


@dataclass(frozen=True)
class Filed:
    """A candidate with a résumé on two pages, and where the services are that keep it."""

    one: Applicant
    id: str
    at: Services

    @property
    def path(self) -> str:
        return f"/v1/documents/{self.id}"


@pytest.fixture(scope="module")
async def filed(company: Company, app: FastAPI) -> Filed:
    requisition = await company.opens()
    await requisition.locks()
    one = await requisition.gains("Odile Marchand")  # nobody else's: whoever reads their file is counted
    at: Services = app.state.services
    return Filed(one, await stored_resume(at.documents, one.human, one.id, company.recruiter.id), at)


async def test_an_upload_comes_back_byte_for_byte_as_a_file_to_be_kept(company: Company, filed: Filed) -> None:
    text = sample("resumes/ruth-abara.txt")
    doc = await company.recruiter.uploads("resume", filed.one.id, text, "ruth.txt")
    for path, body, ending in (
        (f"/v1/documents/{doc['id']}/original", text, ".txt"),
        (f"{filed.path}/original", FILE, ".pdf"),
    ):
        answer = await company.recruiter.get(path)
        assert (answer.status_code, answer.content) == (200, body)
        headers = answer.headers
        assert headers["content-disposition"] == f'attachment; filename="{path.split("/")[3]}{ending}"'
        assert headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == "application/pdf"


async def test_what_an_upload_calls_itself_makes_no_page_of_it(company: Company, filed: Filed) -> None:
    params = {"kind": "notes", "about": filed.one.id, "name": 'x".svg'}
    script = b"<!doctype html><html><body><p>She spoke of the clerks.</p><script>alert(1)</script></body></html>"
    headers = {"Content-Type": "image/svg+xml"}
    answer = await company.recruiter.send("POST", "/v1/documents", params=params, content=script, headers=headers)
    original = await company.recruiter.get(f"/v1/documents/{answer.json()['id']}/original")
    assert original.content == script
    assert original.headers["content-type"] == "application/octet-stream"
    assert original.headers["content-disposition"].startswith('attachment; filename="D-')


async def test_a_document_says_what_stands_where_and_what_to_know_of_it(company: Company, filed: Filed) -> None:
    read = await company.recruiter.reads(filed.path)
    assert (read["pages"], read["images"]) == (2, [1, 2])
    word = next(place for place in read["places"] if read["text"][place["start"] : place["end"]] == "migration")
    assert (word["page"], word["top"], word["bottom"]) == (1, 200, 218)
    assert [remark["sentence"] for remark in read["remarks"]] == [
        "One of two pages is an image; it was read by OCR.",
        "214 characters that no reader can see were left out.",
    ]
    for number, image in enumerate(page_images(), 1):
        answer = await company.recruiter.get(f"{filed.path}/pages/{number}")
        assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", image)
    problem(await company.recruiter.get(f"{filed.path}/pages/3"), 404, "not_found")
    problem(await company.recruiter.get(f"{filed.path}/pages/0"), 422, "invalid")


@pytest.mark.parametrize(("part", "what"), [("manager", "original"), ("partner", "pages/2")])
async def test_whoever_takes_a_file_is_on_record(company: Company, filed: Filed, part: str, what: str) -> None:
    voice = company.voices[part]
    known = "SELECT count(*) FROM audit WHERE object = $1 AND actor = $2 AND act = 'read_document'"
    assert (await voice.get(f"{filed.path}/{what}")).status_code == 200
    await filed.at.audit.written()
    assert await company.pool.fetchval(known, filed.id, voice.id) == 1


async def test_a_draft_is_no_file_to_take(company: Company, filed: Filed) -> None:
    draft = await filed.at.documents.put(filed.one.human, "draft", "application/json", b"{}", None, "drafter")
    await filed.at.documents.give(draft.id, filed.one.id, company.recruiter.id)
    problem(await company.recruiter.get(f"/v1/documents/{draft.id}/original"), 404, "not_found")


async def test_a_quote_opens_its_page_with_the_words_marked(company: Company, filed: Filed) -> None:
    start = paged_resume().text.index(QUOTED)
    browser = await signed_in(company.http, company.recruiter.token)
    path = f"/documents/{filed.id}"
    html = (await company.http.get(f"{path}?start={start}&end={start + len(QUOTED)}", headers=browser.header)).text
    first, second = re.findall(r'<details class="sheet".*?</details>', html, re.DOTALL)
    assert first.startswith('<details class="sheet" open>')
    assert "open" not in second.partition(">")[0]
    assert "<rect" not in second
    words = [place for place in paged_resume().places if place.page == 1 and start <= place.start < start + len(QUOTED)]
    (mark,) = re.findall(r'<rect[^>]* x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', first)
    left, right = words[0].left, words[-1].right
    assert tuple(map(int, mark)) == (left, 200, right - left, 18)
    assert 'alt="Page 1 of 2' in first
    assert html.count('id="here"') == 1
    assert "One of two pages is an image; it was read by OCR." in html
    assert f"<mark>{QUOTED}</mark>" in html
    for src in re.findall(r'<img src="(/documents/[^"]+)"', html):
        image = await company.http.get(src, headers=browser.header)
        assert (image.status_code, image.headers["content-type"]) == (200, "image/png")
        assert "sandbox" in image.headers["content-security-policy"]
    (link,) = re.findall(r'href="([^"]+/original)"', html)
    original = await company.http.get(link, headers=browser.header)
    assert original.content == FILE
    assert original.headers["content-disposition"].startswith("attachment;")
    unmarked = (await company.http.get(path, headers=browser.header)).text
    assert unmarked.count('<details class="sheet" open>') == 1
    assert "<rect" not in unmarked.partition('id="main"')[2]


@contextmanager
def away(settings: Settings) -> Iterator[None]:
    """The store of files cannot be used meanwhile."""
    folder = settings.home / "blobs"
    folder.rename(kept := folder.with_name("blobs-away"))
    folder.write_text("a file where a folder should be")
    try:
        yield
    finally:
        folder.unlink()
        kept.rename(folder)


async def test_with_the_store_away_text_is_read_and_nothing_is_half_stored(
    company: Company, filed: Filed, running: Settings, pool: asyncpg.Pool
) -> None:
    said = "SELECT count(*) FROM documents WHERE kind = 'notes' AND key = $1"  # drafts may come meanwhile
    before = await pool.fetchval(said, filed.one.human)
    browser = await signed_in(company.http, company.recruiter.token)
    with away(running):
        refused = await company.recruiter.upload("notes", filed.one.id, b"Said while the store was away.")
        told = problem(refused, 503, "unavailable")
        assert "The store of files does not answer" in told["detail"]
        assert int(refused.headers["retry-after"]) >= 1
        problem(await company.recruiter.get(f"{filed.path}/original"), 503, "unavailable")
        problem(await company.recruiter.get(f"{filed.path}/pages/1"), 503, "unavailable")
        assert QUOTED in (await company.recruiter.reads(filed.path))["text"]
        page = await company.http.get(f"/documents/{filed.id}", headers=browser.header)
        assert (page.status_code, QUOTED in page.text) == (200, True)
    assert await pool.fetchval(said, filed.one.human) == before
    await company.recruiter.uploads("notes", filed.one.id, b"Said while the store was away.")


async def test_an_export_has_the_file_as_it_was_given_or_what_was_read_of_it(
    company: Company, filed: Filed, running: Settings, tmp_path: Path
) -> None:
    archive = await unpacked(company.partner, filed.one)
    assert FILE in archive.files.values()
    names = {name for name, content in archive.files.items() if content == FILE}
    assert [name.endswith("-resume.pdf") for name in names] == [True]
    folder = running.home / "blobs" / filed.one.human
    shutil.move(folder, tmp_path / "lost")
    try:
        archive = await unpacked(company.partner, filed.one)
    finally:
        shutil.move(tmp_path / "lost", folder)
    assert FILE not in archive.files.values()
    assert any(name.endswith("-resume-as-read.txt") and QUOTED in read.decode() for name, read in archive.files.items())
    assert "Files that were lost" in archive.words


@pytest.mark.parametrize(
    ("remark", "sentence"),
    [
        (Remark("read_by_ocr", 2, 3), "Two of three pages are images; they were read by OCR."),
        (Remark("read_by_ocr", 1, 1), "The page is an image; it was read by OCR."),
        (Remark("read_by_ocr", 14, 14), "All 14 pages are images; they were read by OCR."),
        (Remark("unread_pages", 1, 20), "One of 20 pages could not be read."),
        (Remark("hidden_text", 1), "1 character that no reader can see was left out."),
        (Remark("left_out", 1200), "1,200 characters of page numbers and of what every page repeats were left out."),
    ],
)
def test_remarks_are_told_in_words(remark: Remark, sentence: str) -> None:
    assert in_a_sentence(remark) == sentence


def test_marks_keep_to_the_page_and_to_their_lines() -> None:
    text = paged_resume()
    taught = text.text.index("taught two clerks")
    left = text.text.index("left")
    (one, two) = shown_pages(text, {1, 2}, left, taught + len("taught"))
    assert (one.opened, two.opened) == (True, True)
    assert len(one.boxes) == 1
    assert len(two.boxes) == 1
    wild = text.model_copy(update={"places": (Place(0, 4, 1, -5, 990, 1400, 1200),)})
    (box,) = shown_pages(wild, {1}, 0, 4)[0].boxes
    assert (box.left, box.top, box.left + box.width, box.top + box.height) == (0, 990, 1000, 1000)
    assert shown_pages(text, {2}, 0, 4)[0].opened, "its page has no image: the first that there is"
