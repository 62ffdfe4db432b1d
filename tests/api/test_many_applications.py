"""A folder of what people sent, brought to the pages: everything is right, or its giver is asked; nothing stays."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from privacy.key_folder import FolderKeyStore
from privacy.keys import KeyDestroyed
from privacy.sealing import Sealer
from settings import Settings
from store.blobs import FolderBlobs, SealedBlobs
from store.waiting_files import KEPT_WAITING, WaitingFiles
from testing.api_company import Company, Requisition, screen_at
from testing.sign_in import SessionCookie, signed_in
from tests.documents.brought_folder import CALL, LIFE, folder, resume
from tests.documents.drawn_documents import pdf, written


class Desk:
    """The page, as one user has it open in a browser."""

    def __init__(self, company: Company, requisition: Requisition, cookie: SessionCookie) -> None:
        self._http, self.path = company.http, f"/requisitions/{requisition.id}/applications/add-many"
        self._headers = cookie.header | {"Origin": "http://localhost"}
        self.text = ""

    async def opens(self) -> str:
        """Opens the page anew."""
        answer = await self._http.get(self.path, headers=self._headers)
        assert answer.status_code == 200, answer.text
        self.text = answer.text
        return self.text

    async def sends(self, files: Mapping[str, bytes] | None = None, **pressed: str) -> Any:
        """Sends the form as it stands, with files, with what is typed over it and a button."""
        typed = self._standing() | pressed
        given = [("files", (name, content)) for name, content in (files or {}).items()]
        answer = await self._http.post(self.path, data=typed, files=given or None, headers=self._headers)
        if "<table" in answer.text or answer.status_code == 200:
            self.text = answer.text
        return answer

    def row(self, file: str) -> str:
        """The id of the row in which a file stands."""
        rows = re.findall(r'<tr id="(F-[0-9A-Z]+)".*?</tr>', self.text, re.S)
        return next(one for one in rows if f">{file}<" in self.said(one))

    def said(self, id: str) -> str:
        """What stands in a row."""
        found = re.search(rf'<tr id="{id}".*?</tr>', self.text, re.S)
        assert found, f"no row {id}"
        return html.unescape(found[0])

    def value(self, id: str, part: str) -> str:
        """What stands in an input of a row."""
        found = re.search(rf'name="{id}\.{part}" value="([^"]*)"', self.text)
        return html.unescape(found[1]) if found else ""

    def _standing(self) -> dict[str, str]:
        inputs = re.findall(r'<input type="text"[^>]* name="([^"]+)" value="([^"]*)"', self.text)
        return {name: html.unescape(value) for name, value in inputs}


@pytest.fixture
async def desk(company: Company) -> Desk:
    """The recruiter's page of a requisition of its own."""
    requisition = await company.opens()
    desk = Desk(company, requisition, await signed_in(company.http, company.recruiter.token))
    await desk.opens()
    return desk


def waiting(company: Company, running: Settings) -> WaitingFiles:
    """The store of waiting files, as a worker has it."""
    sealer = Sealer(FolderKeyStore(running.keys_folder))
    return WaitingFiles(company.pool, sealer, SealedBlobs(FolderBlobs(running.home / "blobs"), sealer))


async def test_a_folder_is_added_where_it_is_sure_and_asked_about_where_it_is_not(company: Company, desk: Desk) -> None:
    requisition = desk.path.split("/")[2]
    answer = await desk.sends(folder())
    assert answer.status_code == 200, answer.text
    assert "DS_Store" not in answer.text
    ready = {one for one in folder() if not one.startswith(".") and "Nothing: it is ready." in desk.said(desk.row(one))}
    assert ready == {"bo.docx", "cem.odt", "dora.rtf", "edda.html", "farid.json"}
    assert desk.value(desk.row("farid.json"), "phone") == "+1 215 555 0137"
    assert "Word" in desk.said(desk.row("bo.docx"))
    assert "No mail address was found" in desk.said(desk.row("greta.txt"))
    assert "read by OCR" in desk.said(desk.row("hugo.png"))
    assert "damaged.pdf" in desk.said(desk.row("damaged.pdf"))
    assert "This is a transcript" in desk.said(desk.row("call.txt"))
    assert "This is a recording" in desk.said(desk.row("call.m4a"))
    ada = desk.row("ada.pdf")
    assert "PDF, 2 pages" in desk.said(ada)
    assert desk.row("ada-again.txt") == ada
    assert "2 files of one person?" in desk.said(ada)

    refused = await desk.sends(_add="1", source="applied", notice_version="")
    assert refused.status_code == 422
    assert "Version of the privacy notice" in refused.text
    all_of_them = {"_add": "1", "source": "applied", "notice_version": "2026-01"}
    undecided = await desk.sends(**all_of_them, **{f"{ada}.right": "true"})
    assert undecided.status_code == 422
    assert "Which of these files is their résumé" in undecided.text
    await company.recruiter.sees(f"/v1/requisitions/{requisition}/candidates", lambda them: len(them) == 5)

    greta, hugo = desk.row("greta.txt"), desk.row("hugo.png")
    typed = {f"{greta}.email": "greta@example.com", f"{greta}.right": "true", f"{hugo}.right": "true",
             f"{hugo}.name": "Hugo Brandt", f"{hugo}.email": "hugo.brandt@example.com",
             f"{ada}.right": "true", f"{ada}.which": ada}  # fmt: skip
    done = await desk.sends(**all_of_them, **typed)
    assert done.status_code == 303, done.text
    rest = await company.http.get(done.headers["location"], headers=desk._headers)
    assert re.search(r'name="notice_version"[^>]* value="2026-01"', rest.text)
    path = f"/v1/requisitions/{requisition}/candidates"
    candidates = await company.recruiter.sees(path, lambda them: len(them) == 8)
    again = await desk.sends(**all_of_them, **typed)
    assert "ready to be added" in again.text
    assert len(await company.recruiter.reads(path)) == 8

    page = await desk.opens()
    assert all(name in page for name in ("Ada Lin", "Bo Harker", "Cem Aydin", "Greta Holm", "Hugo Brandt"))
    assert "ada.pdf" not in page
    profile = await company.recruiter.reads(f"/v1/candidates/{candidates[0]['id']}")
    text = await company.recruiter.reads(f"/v1/documents/{profile['resume']['id']}")
    assert LIFE[0] in text["text"] or "county" in text["text"]


async def test_who_is_here_already_is_told_so_and_their_newer_resume_replaces_the_old(
    company: Company, desk: Desk
) -> None:
    requisition = Requisition(company, desk.path.split("/")[2])
    one = await requisition.gains("Nadia Quade")
    await desk.sends({"nadia.pdf": pdf(written(resume("Nadia Quade", "nadia.quade@example.com")))})
    row = desk.row("nadia.pdf")
    assert f"/candidates/{one.id}" in desk.said(row)
    refused = await desk.sends(_add="1", source="applied", notice_version="1", **{f"{row}.right": "true"})
    assert refused.status_code == 422
    assert "They are in this requisition already." in refused.text
    answer = await desk.sends(_replace=f"{row}:{one.id}")
    assert answer.status_code == 303, answer.text
    form = await company.http.get(answer.headers["location"], headers=desk._headers)
    assert "A document is attached." in form.text
    kept = dict(re.findall(r'<input type="hidden" name="(doc\.[^"]+)" value="([^"]*)"', form.text))
    sent = {**kept, "why": "It is a newer one.", "_key": "once"}
    path = answer.headers["location"].partition("?")[0]
    assert (await company.http.post(path, data=sent, headers=desk._headers)).status_code == 303
    assert (await company.recruiter.reads(one.path))["resume"]["id"] == kept["doc.id"]


async def test_a_transcript_goes_to_the_form_of_its_call(company: Company, desk: Desk) -> None:
    requisition = Requisition(company, desk.path.split("/")[2])
    await requisition.locks()
    one = await requisition.gains("Ida Voss")
    await one.is_shortlisted()
    starts_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    screen = screen_at(starts_at)
    await company.recruiter.does(f"{one.path}/schedule-screen", screen)
    await desk.sends({"call.txt": CALL})
    row = desk.row("call.txt")
    assert f'<option value="{one.id}" selected>' in desk.said(row)
    asked = await desk.sends(_record=row)
    assert "Which call is it of?" in asked.text
    wrong = await desk.sends(_record=row, **{f"{row}.call": "interview", f"{row}.whose": one.id})
    assert "“Book an interview” first." in wrong.text
    answer = await desk.sends(_record=row, **{f"{row}.call": "screen", f"{row}.whose": one.id})
    assert answer.status_code == 303, answer.text
    form = await company.http.get(answer.headers["location"], headers=desk._headers)
    assert "A document is attached." in form.text
    document = answer.headers["location"].partition("document=")[2]
    kept = await company.recruiter.reads(f"/v1/documents/{document}")
    assert "Ida Voss" in kept["speakers"]
    assert row not in await desk.opens()


async def test_what_is_turned_around_is_read_as_the_other(desk: Desk) -> None:
    words = (
        b"Mara: What did you do?\nIda: I counted the calls and I showed the tally to the vendor, who had it mended.\n"
    )
    await desk.sends({"short.txt": words})
    row = desk.row("short.txt")
    assert "It may be the transcript of a call" in desk.said(row)
    await desk.sends(_turn=f"{row}:transcript")
    assert "This is a transcript" in desk.said(row)


async def test_nothing_is_left_of_what_was_left_for_a_day(company: Company, desk: Desk, running: Settings) -> None:
    await desk.sends({"ada.pdf": folder()["ada.pdf"], "call.m4a": folder()["call.m4a"]})
    ids = [desk.row("ada.pdf"), desk.row("call.m4a")]
    await desk.sends(_drop=ids[1])
    files = waiting(company, running)
    rows = await company.pool.fetch("SELECT * FROM waiting_files WHERE id = ANY($1)", ids)
    assert [row["id"] for row in rows] == ids[:1]
    assert b"Ada" not in rows[0]["details"]
    folder_of = running.home / "blobs" / ids[0]
    assert len(list(folder_of.iterdir())) == 1
    assert b"Ada" not in next(folder_of.iterdir()).read_bytes()
    assert await files.sweep(datetime.now(UTC)) == 0
    assert await files.sweep(datetime.now(UTC) + KEPT_WAITING) >= 1
    assert await company.pool.fetch("SELECT * FROM waiting_files WHERE id = ANY($1)", ids) == []
    assert not folder_of.exists() or not list(folder_of.iterdir())
    for id in ids:
        with pytest.raises(KeyDestroyed):
            FolderKeyStore(running.keys_folder).find(id)
    assert "ada.pdf" not in await desk.opens()


async def test_files_are_seen_by_whoever_gave_them_alone_and_taken_from_nobody_else(
    company: Company, desk: Desk
) -> None:
    ada = folder()["ada.pdf"]
    await desk.sends({"ada.pdf": ada})
    for other in (company.manager, company.partner):
        cookie = await signed_in(company.http, other.token)
        page = await company.http.get(desk.path, headers=cookie.header)
        assert page.status_code == 200
        assert "ada.pdf" not in page.text
    headers = (await signed_in(company.http, company.stranger.token)).header | {"Origin": "http://localhost"}
    refused = await company.http.post(desk.path, files={"files": ("b.pdf", b"%PDF-")}, headers=headers)
    assert refused.status_code == 403
    partners = (await signed_in(company.http, company.partner.token)).header | {"Origin": "http://localhost"}
    refused = await company.http.post(desk.path, files={"files": ("b.pdf", b"%PDF-")}, headers=partners)
    assert refused.status_code == 403
    again = await desk.sends({"the same.pdf": ada})
    assert "the same.pdf is the same file as ada.pdf, which stands here." in again.text
    assert "the same.pdf was given twice" in (await desk.sends({"the same.pdf": b"Ada", "a/the same.pdf": b"Ada"})).text


async def test_a_third_file_is_known_by_what_the_second_says(desk: Desk) -> None:
    said = {"one.pdf": ("Vera Ort", "vera@example.com"), "two.pdf": ("Vera Ort", "v.ort@example.net")}
    said |= {"three.pdf": ("Vera Brandt", "v.ort@example.net")}
    await desk.sends({file: pdf(written(resume(*whose))) for file, whose in said.items()})
    assert len({desk.row(file) for file in said}) == 1


async def test_two_people_with_one_mailbox_are_two_where_somebody_says_so(company: Company, desk: Desk) -> None:
    files = {f"{name}.pdf": pdf(written(resume(name, "the.twins@example.com"))) for name in ("Una Twins", "Ugo Twins")}
    await desk.sends(files)
    row = desk.row("Una Twins.pdf")
    assert desk.row("Ugo Twins.pdf") == row
    all_of_them = {"_add": "1", "source": "applied", "notice_version": "1"}
    parted = await desk.sends(**all_of_them, **{f"{row}.which": "apart"})
    assert parted.status_code == 422
    assert desk.row("Ugo Twins.pdf") != desk.row("Una Twins.pdf")
    done = await desk.sends(**all_of_them)
    assert done.status_code == 303, done.text
    path = desk.path.removesuffix("/applications/add-many")
    await company.recruiter.sees(f"/v1{path}/candidates", lambda them: len({one["human"] for one in them}) == 2)


async def test_up_to_fifty_megabytes_come_at_once(desk: Desk) -> None:
    larger = await desk.sends({f"{n}.bin": bytes([n]) * 9_000_000 for n in range(3)})
    assert larger.status_code == 200
    too_much = await desk.sends({f"{n}.bin": bytes([n]) * 9_000_000 for n in range(10, 16)})
    assert too_much.status_code == 413
    assert "50 MB" in too_much.text
