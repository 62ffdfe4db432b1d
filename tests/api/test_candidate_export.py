"""Everything held about a candidate, in one archive, read as whoever gets it would: the page, the data, the files."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest

from api import candidate_export
from api.export_story import LEFT_OUT, OF_THE_REQUISITION, SAYS
from domain.core.messages import Event
from testing.api_clients import Voice, problem
from testing.api_company import Applicant, Company, joins
from testing.sign_in import signed_in

OWN = "harrowgate"
"""Begins each word that is only said about her."""

OTHERS = "sparrowfield"
"""Begins each word that is only said about somebody else."""

COLLEAGUE = "Quentin Harcourt"


class Archive:
    """An archive as somebody unpacks it."""

    def __init__(self, packed: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(packed)) as files:
            assert files.testzip() is None
            self.files = {name: files.read(name) for name in files.namelist()}
        self.page = self.files["read-me.html"].decode()
        self.data: dict[str, Any] = json.loads(self.files["data.json"])

    @property
    def words(self) -> str:
        """What the page says, without its marks."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.page)).split())

    @property
    def everything(self) -> str:
        """All that stands in it, whatever the file."""
        return "\n".join([*self.files, *(content.decode() for content in self.files.values())])


async def unpacked(voice: Voice, one: Applicant) -> Archive:
    answer = await voice.get(f"{one.path}/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{one.id}.zip"'
    return Archive(answer.content)


def resume(word: str) -> bytes:
    return f"{word}resume\n".encode() + b"Seven years of permits and of queues at a county office.\n" * 8


@pytest.fixture(scope="module")
async def judged(company: Company) -> tuple[Applicant, Applicant]:
    """Somebody whom two colleagues met and wrote about, and another candidate of the same requisition."""
    quentin = await joins(company, "export_quentin", [], COLLEAGUE)
    ours = Company(company.http, company.pool, company.voices | {"interviewer": quentin})
    requisition = await ours.opens()
    await requisition.locks()
    one = await requisition.gains(f"Vera {OWN.title()}", resume(OWN))
    other = await requisition.gains(f"Otto {OTHERS.title()}", resume(OTHERS))
    interview = await one.is_interviewed()
    said = f"She drew the queue for {COLLEAGUE} and named the {OWN}clerk who signs."
    await one.is_rated(interview, quentin, 4, said, "yes")
    second = f"She asked Harcourt about the {OWN}vendor before she answered."
    await one.is_rated(interview, company.other_interviewer, 2, second, "no")
    await company.recruiter.uploads("notes", other.id, f"He spoke of {OTHERS}talk.".encode())
    told = {"at": datetime.now(UTC).isoformat(), "direction": "outbound", "channel": "call"}
    await company.recruiter.does(f"{one.path}/log-contact", told)
    hold = {"on": True, "why": f"Counsel said {OTHERS}counsel."}
    receipt = await company.partner.does(f"{one.path}/set-legal-hold", hold)
    await company.partner.reads(one.path, at_least=receipt["version"])
    return one, other


async def test_a_person_reads_what_happened_to_them_in_words(
    company: Company, judged: tuple[Applicant, Applicant]
) -> None:
    one, _ = judged
    found = await unpacked(company.partner, one)

    for words in (
        f"Vera {OWN.title()}",
        f"vera.{OWN}@example.com",
        "You became a candidate here.",
        "By the recruiter.",
        "The hiring manager answered your profile.",
        "An interviewer said what they think, criterion by criterion. By interviewer 1.",
        f"She drew the queue for interviewer 1 and named the {OWN}clerk who signs.",
        f"She asked interviewer 1 about the {OWN}vendor before she answered.",
        "We spoke or wrote to each other.",
        "A legal hold keeps it: nothing of it is erased for now.",
        "Times are UTC.",
        "How you came applied",
        "What is left out, and why",
    ):
        assert words in found.words
    criterion = (await company.recruiter.reads(f"{one.requisition.path}/rubric"))[0]["rubric"]["criteria"][0]
    assert f"Criterion {criterion['behaviour']} Rating 4" in found.words
    documents = {name: content for name, content in found.files.items() if name.startswith("documents/")}
    assert documents["documents/1-resume.txt"] == resume(OWN)
    assert b"She spoke of the clerks" in documents["documents/2-notes.txt"]
    assert set(found.files) == {"read-me.html", "data.json", *documents}


def test_every_event_in_a_candidate_s_life_is_told_in_a_sentence_or_left_out_for_a_reason() -> None:
    rooms = ("domain.candidate", "domain.entity", "domain.sla", "domain.evidence")
    kinds = {kind.type for kind in Event.kinds.values() if kind.__module__.startswith(rooms)}
    assert len(kinds) > 50
    assert kinds - SAYS.keys() - LEFT_OUT.keys() == set()
    assert set(OF_THE_REQUISITION) <= SAYS.keys()
    assert SAYS.keys() & LEFT_OUT.keys() == set()


async def test_it_is_the_same_for_programs(company: Company, judged: tuple[Applicant, Applicant]) -> None:
    one, _ = judged
    found = await unpacked(company.recruiter, one)

    [candidacy] = found.data["candidacies"]
    assert candidacy["contact"]["email"] == f"vera.{OWN}@example.com"
    told = [(event["what"], event["by"]) for event in candidacy["happened"]]
    assert told[0][0] == "You became a candidate here."
    assert len(told) == found.page.count("<li><b>")
    cards = [event["details"] for event in candidacy["happened"] if "criterion by criterion" in event["what"]]
    assert [card["ratings"][0]["rating"] for card in cards] == [4, 2]
    assert [one["file"] for one in found.data["documents"]] == ["documents/1-resume.txt", "documents/2-notes.txt"]
    assert candidacy["drafts"]
    assert {draft["made_by"] for draft in candidacy["drafts"]} == {"rules, with no language model"}


async def test_nothing_of_others_is_in_it(company: Company, judged: tuple[Applicant, Applicant]) -> None:
    one, other = judged
    for voice in (company.recruiter, company.partner):
        everything = (await unpacked(voice, one)).everything
        assert OWN in everything
        for word in (OTHERS, OTHERS.title(), other.id, other.human, COLLEAGUE, "Harcourt", one.human, "ciphertext"):
            assert word not in everything, word
        assert re.findall(r"\bP-[0-9A-Z]{6,}", everything) == []
        assert "passages" not in everything  # of a draft


async def test_who_read_it_is_told_by_role_in_the_hr_partner_s(
    company: Company, judged: tuple[Applicant, Applicant]
) -> None:
    one, _ = judged
    by_recruiter = await unpacked(company.recruiter, one)
    by_partner = await unpacked(company.partner, one)

    assert by_recruiter.data["candidacies"][0]["readers"] is None
    assert "the list is added when the HR partner makes this archive" in by_recruiter.words
    rows = {(row["who"], row["did"]) for row in by_partner.data["candidacies"][0]["readers"]}
    assert {("the recruiter", "read_candidate"), ("the recruiter", "exported_candidate")} <= rows
    audit = await company.ops.reads("/v1/audit", object=one.id, act="exported_candidate")
    assert {row["actor"] for row in audit} == {company.recruiter.id, company.partner.id}
    assert {row["permission"] for row in audit} == {"candidate.export.read"}


async def test_all_their_candidacies_are_in_it_that_are_ones_own_to_hand_out(
    company: Company, judged: tuple[Applicant, Applicant]
) -> None:
    one, _ = judged
    r2 = await joins(company, "export_r2", ["R"])
    theirs = Company(company.http, company.pool, company.voices | {"recruiter": r2})
    elsewhere, again = await theirs.opens(title="Elsewhere"), await company.opens(title="Once more")
    there = await elsewhere.gains(one.name, resume(OTHERS))
    also = await again.gains(one.name, resume(f"{OWN}second"))
    assert there.human == also.human == one.human

    by_recruiter, by_r2 = await unpacked(company.recruiter, one), await unpacked(r2, there)
    by_partner = await unpacked(company.partner, one)

    def jobs(of: Archive) -> set[str]:
        return {candidacy["id"] for candidacy in of.data["candidacies"]}

    assert jobs(by_recruiter) == {one.id, also.id}
    assert f"{OWN}secondresume" in by_recruiter.everything
    assert OTHERS not in by_recruiter.everything
    assert "that whoever made this archive has no part in" in by_recruiter.words
    assert jobs(by_r2) == {there.id}
    assert OWN not in by_r2.everything.replace(one.name, "").replace(f"vera.{OWN}@", "")
    assert jobs(by_partner) == {one.id, also.id, there.id}, "the HR partner of all three"


async def test_the_hr_partner_hands_out_what_was_given_for_no_candidacy(company: Company) -> None:
    requisition = await company.opens()
    await requisition.locks()
    one = await requisition.gains("Ida Marsh")
    sent = f"A letter of {OWN}reference came by post, and was read in to be kept with her."
    await company.manager.uploads("notes", one.human, sent.encode())
    assert sent in (await unpacked(company.partner, one)).everything
    assert sent not in (await unpacked(company.recruiter, one)).everything


async def test_whoever_owes_a_scorecard_reads_no_others_by_it(company: Company) -> None:
    requisition = await company.opens()
    await requisition.locks()
    one = await requisition.gains("Lena Marsh")
    await one.is_shortlisted()
    await requisition.slate_of(one)
    await one.is_advanced()
    await one.needs_no_screen()
    assert (await company.recruiter.get(f"{one.path}/export")).status_code == 200
    await one.meets(company.recruiter)
    await company.recruiter.sees(one.path, lambda it: it["blind"])
    problem(await company.recruiter.get(f"{one.path}/export"), 403, "not_permitted")


@pytest.mark.parametrize("before", ["own_applicants", "_documents"])
async def test_nothing_is_handed_out_of_somebody_who_is_erased_meanwhile(
    company: Company, monkeypatch: pytest.MonkeyPatch, before: str
) -> None:
    here = await company.opens(jurisdiction="DE")
    await here.locks()
    gone = await here.gains(f"Gale {before.strip('_').title()}")
    link, now = await company.link_of(gone.id), datetime.now(UTC).isoformat()
    await link.does(f"{gone.path}/withdraw", {"cause": "personal", "at": now, "words": "I stay where I am."})
    asked = await link.does(f"{gone.path}/record-request", {"kind": "erasure", "at": now})
    await company.partner.reads(gone.path, at_least=asked["version"])
    goes_on = getattr(candidate_export, before)

    async def erased_first(*given: Any) -> Any:
        monkeypatch.undo()
        await company.partner.does(f"{gone.path}/erase", {"request_id": "A-1"})
        await company.partner.sees(gone.path, lambda it: it["standing"] == "erased")
        return await goes_on(*given)

    monkeypatch.setattr(candidate_export, before, erased_first)
    problem(await company.partner.get(f"{gone.path}/export"), 409, "erased")


async def test_the_button_is_on_the_page_of_those_who_may(
    company: Company, judged: tuple[Applicant, Applicant]
) -> None:
    one, _ = judged
    path = one.path.removeprefix("/v1")
    for part, there in (("recruiter", True), ("partner", True), ("manager", False)):
        cookie = await signed_in(company.http, company.voices[part].token)
        page = await company.http.get(path, headers=cookie.header)
        assert (f'href="{path}/export"' in page.text) is there
        answer = await company.http.get(f"{path}/export", headers=cookie.header)
        assert (answer.status_code == 200) is there
    assert Archive((await company.partner.get(f"{one.path}/export")).content).files
