"""A call whose file does not say who speaks: it counts once a person said so, and is theirs wherever it is read."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.evidence.transcript import UNKNOWN_SPEAKER, Question, Transcript
from privacy.key_folder import FolderKeyStore
from settings import Settings
from store.documents import Documents
from store.projections import PROJECTIONS
from store.rebuild import rebuild
from testing.api_clients import problem
from testing.api_company import Applicant, Company, Requisition, screen_at
from testing.sign_in import signed_in

GUEST, OTHER, ASKER = "Guest Two", "Permits Portal", "Mara Okafor"
TALLY = "I counted the forty calls of that week and showed the tally to the vendor on Tuesday."
CALL = f"""{ASKER}: What did you do about the calls from the counter?
{GUEST}: {TALLY}
{OTHER}: That is where the clerks had looked for the form.
{ASKER}: What came of it?
{GUEST}: Nine of ten people had never opened the map, so we removed the map and kept the list.
"""
UNSETTLED = {GUEST: "who_is", OTHER: "is_a_speaker"}


@pytest.fixture(autouse=True)
def asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every transcript in which these labels stand is kept with a question about each."""
    kept = Documents.put

    async def put(self: Documents, *given: Any, **named: Any) -> Any:
        return await kept(self, *(_asked(one) for one in given), **{k: _asked(one) for k, one in named.items()})

    monkeypatch.setattr(Documents, "put", put)


def _asked(text: Any) -> Any:
    if not isinstance(text, Transcript):
        return text
    said = {label: [t for t in text.turns if t.speaker == label] for label in text.speakers if label in UNSETTLED}
    questions = tuple(
        Question(
            kind=UNSETTLED[label],
            speaker=label,
            lines=tuple(text.text[turn.start : turn.end] for turn in turns),
            count=len(turns),
        )
        for label, turns in said.items()
    )
    return text.model_copy(update={"tool": "Zoom, text", "questions": questions})


@pytest.fixture(scope="module")
async def requisition(company: Company) -> Requisition:
    """One in which people are screened."""
    requisition = await company.opens()
    await requisition.locks()
    return requisition


async def to_be_screened(requisition: Requisition, name: str) -> Applicant:
    """Somebody whose screen is arranged."""
    one = await requisition.gains(name)
    await one.is_shortlisted()
    screen = screen_at(_at(days=1))
    await requisition.company.recruiter.does(f"{one.path}/schedule-screen", screen)
    return one


async def uploaded(one: Applicant, words: str = CALL) -> dict[str, Any]:
    """The call, given for a candidacy."""
    return await one.company.recruiter.uploads("transcript", one.id, words.encode(), "call.txt")


def held(doc: dict[str, Any]) -> dict[str, Any]:
    """The body of `record-screen` with this transcript."""
    return {"outcome": "held", "at": _at(), "rec": {"kind": "transcript", "doc": doc, "consent_of_all": True}}


def naming(doc: dict[str, Any], **who: Any) -> dict[str, Any]:
    """The body of `name-speakers`: by default the guest is the applicant, and the other label is words."""
    answers = {GUEST: {"who": "applicant"}, OTHER: {"who": "spoke_before"}} | who
    return {"document": doc["id"], "speakers": [{"speaker": label} | said for label, said in answers.items()]}


def _at(**offset: float) -> str:
    return (datetime.now(UTC) + timedelta(**offset)).isoformat()


async def speakers_of(company: Company, doc: dict[str, Any]) -> list[str]:
    """Who says what is said, turn by turn."""
    return [turn["speaker"] for turn in (await company.recruiter.reads(f"/v1/documents/{doc['id']}"))["turns"]]


async def test_a_call_counts_once_it_is_said_who_speaks_and_is_theirs_from_then_on(
    company: Company, requisition: Requisition
) -> None:
    recruiter, one = company.recruiter, await to_be_screened(requisition, "Nadia Quade")
    doc = await uploaded(one)
    assert doc["state"] == "unconfirmed"
    assert doc["tool"] == "Zoom, text"
    assert [(asked["kind"], asked["speaker"], asked["count"]) for asked in doc["questions"]] == [
        ("who_is", GUEST, 2),
        ("is_a_speaker", OTHER, 1),
    ]
    assert doc["questions"][0]["lines"][0] == TALLY

    refused = problem(await recruiter.asks(f"{one.path}/record-screen", held(doc)), 422, "speakers_unnamed")
    assert refused["field"] == "rec.doc"
    assert "name-speakers" in refused["accepted"]
    only_one = {"document": doc["id"], "speakers": [{"speaker": GUEST, "who": "applicant"}]}
    await recruiter.does(f"{one.path}/name-speakers", only_one)
    problem(await recruiter.asks(f"{one.path}/record-screen", held(doc)), 422, "speakers_unnamed")

    await recruiter.does(f"{one.path}/name-speakers", naming(doc))
    source = await recruiter.reads(f"/v1/documents/{doc['id']}")
    assert (source["state"], source["questions"]) == ("read", [])
    assert await speakers_of(company, doc) == [ASKER, one.name, one.name, ASKER, one.name]
    await recruiter.does(f"{one.path}/record-screen", held(doc))

    await recruiter.sees(one.path, lambda page: "candidate_summary" in page["drafts"])
    draft = await recruiter.reads(f"{one.path}/drafts/candidate_summary")
    assert "taken for them" not in draft["note"]
    theirs = {
        p["speaker"] for topic in draft["topics"] for p in topic["passages"] if p["span"]["document"] == doc["id"]
    }
    assert theirs == {one.name}

    later = {GUEST: {"who": "somebody_else", "name": "Ines"}, OTHER: {"who": "nobody"}}
    await recruiter.does(f"{one.path}/name-speakers", naming(doc, **later))
    assert await speakers_of(company, doc) == [ASKER, "Ines", UNKNOWN_SPEAKER, ASKER, "Ines"]
    again = await recruiter.reads(f"{one.path}/drafts/candidate_summary")
    assert "Ines" in {passage["speaker"] for topic in again["topics"] for passage in topic["passages"]}
    assert one.name not in {passage["speaker"] for topic in again["topics"] for passage in topic["passages"]}


async def test_names_are_sealed_come_back_from_the_journal_and_go_with_the_key(
    company: Company, requisition: Requisition, running: Settings
) -> None:
    recruiter, one = company.recruiter, await to_be_screened(requisition, "Bo Harker")
    doc = await uploaded(one)
    somebody = {"who": "somebody_else", "name": "Quillfeather"}
    await recruiter.does(f"{one.path}/name-speakers", naming(doc, **{OTHER: somebody, ASKER: {"who": recruiter.id}}))
    named = await speakers_of(company, doc)
    assert named == ["recruiter", one.name, "Quillfeather", "recruiter", one.name]

    pool = company.pool
    rows = await pool.fetch("SELECT * FROM speaker_names WHERE document = $1 ORDER BY speaker", doc["id"])
    assert len(rows) == 3
    kept = str([rows, await pool.fetch("SELECT payload::text FROM events WHERE type = 'speakers_named'")])
    assert "Quillfeather" not in kept
    assert GUEST not in kept
    await rebuild(pool, PROJECTIONS)
    assert rows == await pool.fetch("SELECT * FROM speaker_names WHERE document = $1 ORDER BY speaker", doc["id"])
    assert await speakers_of(company, doc) == named

    FolderKeyStore(running.home / "keys").destroy(one.human)
    await asyncio.sleep(running.keys_remembered)
    problem(await recruiter.get(f"/v1/documents/{doc['id']}"), 409, "erased")


async def test_only_who_speaks_in_it_is_named_and_only_in_a_call_of_theirs(
    company: Company, requisition: Requisition
) -> None:
    recruiter, one = company.recruiter, await to_be_screened(requisition, "Ada Lindqvist")
    another = await to_be_screened(requisition, "Cem Aydin")
    doc, resume = await uploaded(one), await recruiter.reads(one.path)
    path = f"{one.path}/name-speakers"

    unknown = problem(await recruiter.asks(path, naming(doc, Nobody={"who": "applicant"})), 422, "not_in_document")
    assert unknown["field"] == "speakers.2.speaker"
    assert ASKER in unknown["accepted"]
    no_speech = naming({"id": resume["resume"]["id"]})
    problem(await recruiter.asks(path, no_speech), 422, "not_in_document")
    problem(await recruiter.asks(f"{another.path}/name-speakers", naming(doc)), 422, "unknown_reference")
    problem(await recruiter.asks(f"{requisition.path}/name-speakers", naming(doc)), 422, "unknown_reference")
    problem(await recruiter.asks(path, naming(doc, **{GUEST: {"who": "P-NOBODY00"}})), 422, "unknown_reference")
    problem(await company.manager.asks(path, naming(doc)), 422, "unknown_reference")
    problem(await company.stranger.asks(path, naming(doc)), 403, "not_permitted")
    assert await speakers_of(company, doc) == [ASKER, GUEST, OTHER, ASKER, GUEST]


async def test_the_speakers_of_an_intake_are_named_too(company: Company) -> None:
    recruiter, requisition = company.recruiter, await company.opens()
    doc = await recruiter.uploads("transcript", requisition.id, CALL.encode(), "intake.txt")
    there = [recruiter.id, company.manager.id]
    rec = {"kind": "transcript", "doc": doc, "consent_of_all": True}
    body = {"kind": "full", "held_at": _at(minutes=-5), "attendees": there, "rec": rec}
    problem(await recruiter.asks(f"{requisition.path}/record-intake", body), 422, "speakers_unnamed")
    problem(await recruiter.asks(f"{requisition.path}/name-speakers", naming(doc)), 422, "invalid")
    manager = {GUEST: {"who": company.manager.id}}
    await recruiter.does(f"{requisition.path}/name-speakers", naming(doc, **manager))
    await recruiter.does(f"{requisition.path}/record-intake", body)
    assert await speakers_of(company, doc) == [ASKER, "manager", "manager", ASKER, "manager"]


async def test_the_form_that_records_a_call_asks_who_speaks_and_does_both_in_one_go(
    company: Company, requisition: Requisition
) -> None:
    one = await to_be_screened(requisition, "Tove Marklund")
    cookie = await signed_in(company.http, company.recruiter.token)
    headers = cookie.header | {"Origin": "http://localhost"}
    form = f"{one.path.removeprefix('/v1')}/record-screen"
    sent = {"outcome": "held", "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M}", "rec.kind": "transcript",
            "rec.consent_of_all": "true", "_key": "once"}  # fmt: skip
    words = CALL.replace(GUEST, "Tove")  # a name that resembles hers: she is offered beforehand
    UNSETTLED["Tove"] = "who_is"
    try:
        file = {"rec.doc": ("call.txt", words.encode())}
        page = await company.http.post(form, data=sent, files=file, headers=headers)
    finally:
        del UNSETTLED["Tove"]
    assert page.status_code == 422
    assert "The file does not say who speaks." in page.text
    assert TALLY in page.text
    kept = dict(re.findall(r'<input type="hidden" name="((?:rec|speakers)\.[^"]+)" value="([^"]*)"', page.text))
    assert kept["speakers.0.speaker"] == "Tove"
    assert kept["speakers.1.speaker"] == OTHER
    chosen = re.findall(r'<option value="([^"]+)" selected', page.text)
    assert chosen == ["applicant"]
    assert f'<option value="{company.recruiter.id}">' in page.text

    half = sent | kept | {"speakers.0.who": "applicant"}
    page = await company.http.post(form, data=half, headers=headers)
    assert page.status_code == 422
    assert "Who is it?" in page.text
    whole = half | {"speakers.1.who": "somebody_else", "speakers.1.name": "A clerk"}
    done = await company.http.post(form, data=whole, headers=headers)
    assert done.status_code == 303, done.text

    view = await company.recruiter.reads(one.path)
    assert view["screen"]["status"] == "held"
    doc = {"id": view["screen"]["record"]}
    assert await speakers_of(company, doc) == [ASKER, one.name, "A clerk", ASKER, one.name]
    source = await company.http.get(f"/documents/{doc['id']}", headers=cookie.header)
    assert "Read as Zoom, text." in source.text
    (later,) = re.findall(r'href="(/candidates/[^"]+/name-speakers[^"]+)"', source.text)
    later = later.replace("&amp;", "&")
    asked = await company.http.get(later, headers=cookie.header)
    assert asked.status_code == 200
    assert "Lines without a speaker" not in asked.text
    corrected = {"document": doc["id"], "speakers.0.speaker": OTHER, "speakers.0.who": "spoke_before", "_key": "twice"}
    done = await company.http.post(later, data=corrected, headers=headers)
    assert done.status_code == 303, done.text
    assert await speakers_of(company, doc) == [ASKER, one.name, one.name, ASKER, one.name]


async def test_a_call_in_which_the_candidate_does_not_speak_is_asked_about(
    company: Company, requisition: Requisition
) -> None:
    one = await to_be_screened(requisition, "Nora Ames")
    headers = (await signed_in(company.http, company.recruiter.token)).header | {"Origin": "http://localhost"}
    form = f"{one.path.removeprefix('/v1')}/record-screen"
    sent = {"outcome": "held", "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M}", "rec.kind": "transcript",
            "rec.consent_of_all": "true", "_key": "whose"}  # fmt: skip
    another = (
        "recruiter: What did you do?\nRuth Abara: I counted.\nrecruiter: And then?\nRuth Abara: I showed the tally."
    )
    page = await company.http.post(form, data=sent, files={"rec.doc": ("call.txt", another.encode())}, headers=headers)
    assert page.status_code == 422
    assert "Nobody in this file is called Nora Ames." in page.text
    assert (await company.recruiter.reads(one.path))["screen"]["status"] == "scheduled"
    kept = dict(re.findall(r'<input type="hidden" name="((?:rec|speakers)\.[^"]+)" value="([^"]*)"', page.text))
    assert kept["speakers.0.speaker"] == "Ruth Abara"

    married = await company.http.post(form, data=sent | kept | {"speakers.0.who": "applicant"}, headers=headers)
    assert married.status_code == 303, married.text
    screen = (await company.recruiter.reads(one.path))["screen"]
    assert await speakers_of(company, {"id": screen["record"]}) == ["recruiter", one.name, "recruiter", one.name]


async def test_a_call_in_which_the_candidate_speaks_is_recorded_at_once(
    company: Company, requisition: Requisition
) -> None:
    one = await to_be_screened(requisition, "Pia Nord")
    headers = (await signed_in(company.http, company.recruiter.token)).header | {"Origin": "http://localhost"}
    sent = {"outcome": "held", "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M}", "rec.kind": "transcript",
            "rec.consent_of_all": "true", "_key": "hers"}  # fmt: skip
    hers = "recruiter: What did you do?\nPia: I counted.\nA guest: And then?\nPia: I showed the tally to the guest."
    file = {"rec.doc": ("call.txt", hers.encode())}
    done = await company.http.post(
        f"{one.path.removeprefix('/v1')}/record-screen", data=sent, files=file, headers=headers
    )
    assert done.status_code == 303, done.text
