"""Who saw and did what is on record, without a word of it, and is told to those it is for."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI

from store.audit import Audit
from testing.api_clients import Voice, problem, taken
from testing.api_company import Applicant, Company
from testing.sign_in import SessionCookie, signed_in
from wiring import Services

WORD = "quillfeather"


@pytest.fixture(scope="module")
async def read_about(company: Company) -> Applicant:
    """Somebody with words in every field that their reading goes by."""
    requisition = await company.opens(jurisdiction="DE")
    await requisition.locks()
    contact = {"name": f"Nora {WORD}", "email": f"nora@{WORD}.example", "phone": "+49 30 901821"}
    applicant = taken(await company.recruiter.asks("/v1/humans", contact))["id"]
    resume = f"{WORD} of the county office, for five years of product work.\n" * 9
    doc = await company.recruiter.uploads("resume", applicant, resume.encode(), f"{WORD}.txt")
    body = {"person": applicant, "source": "agency", "agency": WORD, "doc": doc, "notice_version": "2026-01"}
    await company.recruiter.does(f"{requisition.path}/add-candidate", body)
    [line] = await company.recruiter.sees(f"{requisition.path}/candidates", bool)
    return Applicant(requisition, line["id"], applicant, contact["name"])


async def told(company: Company, one: Applicant) -> list[dict[str, Any]]:
    """Who has read this, as the HR partner is told, in order."""
    rows: list[dict[str, Any]] = await company.partner.reads(f"{one.path}/audit", limit=500)
    return rows[::-1]


async def resume_of(company: Company, one: Applicant) -> str:
    """The id of their résumé."""
    id: str = (await company.recruiter.reads(one.path))["resume"]["id"]
    return id


async def test_who_read_a_candidate_is_told_to_the_hr_partner_alone(company: Company, read_about: Applicant) -> None:
    resume = await resume_of(company, read_about)
    await company.manager.reads(f"/v1/documents/{resume}")
    problem(await company.stranger.get(read_about.path), 403, "not_permitted")
    problem(await company.stranger.get(f"/v1/documents/{resume}"), 403, "not_permitted")
    rows = await told(company, read_about)
    acts = {(row["actor"], row["act"], row["object"], row["permission"]) for row in rows}
    assert {
        (company.recruiter.id, "read_candidate", read_about.id, "candidate.overview.read"),
        (company.manager.id, "read_document", resume, "candidate.profile.read"),
        (company.stranger.id, "refused", read_about.id, "candidate.overview.read"),
        (company.stranger.id, "refused", resume, "candidate.profile.read"),
        (company.partner.id, "read_audit", read_about.id, "candidate.audit.read"),
    } <= acts
    assert {row["object"] for row in rows} <= {read_about.id, resume}
    for voice in (company.recruiter, company.manager, company.ops, company.recruiting_lead, company.stranger):
        problem(await voice.get(f"{read_about.path}/audit"), 403, "not_permitted")


async def test_a_page_opened_twice_within_a_minute_is_one_row(company: Company) -> None:
    requisition = await company.opens()
    await requisition.locks()
    one = await requisition.gains("Twice Opened")
    cookie = await signed_in(company.http, company.manager.token)
    for _ in range(2):
        answer = await company.http.get(one.path.removeprefix("/v1"), headers=cookie.header)
        assert answer.status_code == 200
    rows = [row for row in await told(company, one) if row["actor"] == company.manager.id]
    assert [(row["act"], row["object"]) for row in rows if row["act"] == "read_candidate"] == [
        ("read_candidate", one.id)
    ]
    assert {row["how"].partition(":")[0] for row in rows} == {"session"}
    page = await company.http.get(f"{one.path.removeprefix('/v1')}/audit", headers=cookie.header)
    assert page.status_code == 403
    cookie = await signed_in(company.http, company.partner.token)
    page = await company.http.get(one.path.removeprefix("/v1"), headers=cookie.header)
    assert f"/candidates/{one.id}/audit" in page.text
    page = await company.http.get(f"/candidates/{one.id}/audit", headers=cookie.header)
    assert page.status_code == 200
    assert "read candidate" in page.text
    assert "Twice Opened" not in page.text


async def test_operations_reads_filters_and_takes_away(company: Company, read_about: Applicant) -> None:
    ops = company.ops
    await company.manager.reads(read_about.path)
    by_manager = await ops.reads("/v1/audit", actor=company.manager.id, object=read_about.id, act="read_candidate")
    assert by_manager
    assert {(row["actor"], row["object"]) for row in by_manager} == {(company.manager.id, read_about.id)}
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert await ops.reads("/v1/audit", **{"from": later}) == []
    assert await ops.reads("/v1/audit", to="2020-01-01T00:00:00Z") == []
    newest = await ops.reads("/v1/audit", limit=3)
    older = await ops.reads("/v1/audit", limit=3, before=newest[-1]["seq"])
    assert newest[-1]["seq"] == older[0]["seq"] + 1
    problem(await ops.get("/v1/audit", actor="Nora and others"), 422, "invalid")
    answer = await ops.get("/v1/audit.jsonl")
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert all(row["previous"] == before["hash"] for before, row in pairwise(rows))
    assert (rows[-1]["actor"], rows[-1]["act"]) == (ops.id, "exported_audit")
    problem(await company.recruiter.get("/v1/audit"), 403, "not_permitted")
    # The same within a minute is one row, and others may have come since.
    refused = await ops.reads("/v1/audit", actor=company.recruiter.id, act="refused", limit=500)
    assert ("company", "company.audit.read") in {(row["kind"], row["permission"]) for row in refused}


async def test_what_is_administered_is_on_record_with_who_did_it(company: Company) -> None:
    ops, manager = company.ops, company.manager
    made = taken(await ops.asks(f"/v1/people/{manager.id}/tokens", {"label": WORD}))["token"]
    prefix = made[:12]
    assert (await Voice(company.http, manager.id, made).get("/v1/me")).status_code == 200
    assert (await ops.send("DELETE", f"/v1/people/{manager.id}/tokens/{prefix}")).status_code == 204
    rows = await ops.reads("/v1/audit", object=prefix)
    assert [(row["actor"], row["act"], row["about"]) for row in rows] == [
        (ops.id, "token_revoked", manager.id),
        (ops.id, "token_made", manager.id),
    ]
    assert {row["how"].partition(":")[0] for row in rows} == {"token"}
    taken(await ops.send("PUT", f"/v1/teams/{WORD}", params={"lead": manager.id}))
    [row, *_] = await ops.reads("/v1/audit", act="team_changed")
    assert (row["actor"], row["about"]) == (ops.id, manager.id)


async def test_signing_in_and_out_is_on_record(company: Company) -> None:
    cookie = await signed_in(company.http, company.second_signer.token)
    [began, *_] = await company.ops.reads("/v1/audit", actor=company.second_signer.id, act="signed_in")
    assert began["how"] == f"token:{(company.second_signer.token or '')[:12]}"
    await company.http.post("/sign-out", headers=cookie.header)
    [ended, *_] = await company.ops.reads("/v1/audit", actor=company.second_signer.id, act="signed_out")
    assert ended["object"] == began["object"]


async def test_a_command_that_is_not_somebody_s_to_give_is_on_record(
    company: Company, read_about: Applicant, app: FastAPI
) -> None:
    asked = company.stranger.asks(f"{read_about.path}/set-legal-hold", {"on": True, "why": WORD})
    problem(await asked, 403, "not_permitted")
    services: Services = app.state.services
    await services.audit.written()
    query = {"actor": company.stranger.id, "act": "refused", "object": read_about.id, "limit": 1}
    [row] = await company.ops.reads("/v1/audit", **query)
    assert (row["kind"], row["permission"]) == ("candidate", "command.set-legal-hold")


async def test_a_token_that_does_not_hold_is_on_record_and_nothing_of_it(company: Company, app: FastAPI) -> None:
    guessed = f"tdm_{WORD[:8]}_guessed"
    problem(await Voice(company.http, "P-000000", guessed).get("/v1/me"), 401, "unauthenticated")
    services: Services = app.state.services
    await services.audit.written()
    [row, *_] = await company.ops.reads("/v1/audit", act="sign_in_failed")
    assert (row["actor"], row["kind"], row["object"], row["how"]) == ("nobody", "session", "", "sign-in")
    assert WORD[:8] not in json.dumps(await company.ops.reads("/v1/audit", limit=500))


async def test_an_export_is_on_record_before_it_is_answered(
    company: Company, read_about: Applicant, pool: asyncpg.Pool
) -> None:
    await company.recruiter.get(f"{read_about.requisition.path}/drafts.jsonl")
    cookie = await signed_in(company.http, company.recruiter.token)
    for name in ("funnel", "quality"):
        voice = cookie if name == "funnel" else await signed_in(company.http, company.recruiting_lead.token)
        answer = await company.http.get(f"/reports/{name}.csv", headers=voice.header)
        assert answer.status_code == 200
    rows = await pool.fetch("SELECT act, object FROM audit WHERE act LIKE 'exported_%' ORDER BY seq DESC LIMIT 3")
    assert [tuple(row) for row in rows] == [
        ("exported_report", "quality"),
        ("exported_report", "funnel"),
        ("exported_drafts", read_about.requisition.id),
    ]


async def test_an_operator_who_applies_reads_nothing_of_it(company: Company) -> None:
    """The audit would tell who has read their own candidacy, and who met them."""
    requisition = await company.opens()
    await requisition.locks()
    one = await requisition.gains("Olu Ops")
    path = f"/v1/humans/{one.human}/colleague"
    await company.recruiter.reads(one.path)
    assert await company.ops.reads("/v1/audit", object=one.id)
    taken(await company.partner.send("PUT", path, params={"person": company.ops.id}))
    assert await company.ops.reads("/v1/audit", object=one.id) == []
    assert await company.ops.reads("/v1/audit", object=one.human) == []
    assert one.id not in (await company.ops.get("/v1/audit.jsonl")).text
    taken(await company.partner.send("PUT", path))
    linked = await company.ops.reads("/v1/audit", object=one.human, act="colleague_linked")
    assert {(row["actor"], row["about"]) for row in linked} == {(company.partner.id, "")}


async def test_erasure_leaves_the_rows_and_there_is_no_word_in_any(
    company: Company, read_about: Applicant, pool: asyncpg.Pool, app: FastAPI
) -> None:
    recruiter, partner = company.recruiter, company.partner
    before = await told(company, read_about)
    link = await company.link_of(read_about.id)
    at = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    await link.does(f"{read_about.path}/withdraw", {"cause": "personal", "at": at, "words": WORD})
    await link.does(f"{read_about.path}/record-request", {"kind": "erasure", "at": at, "words": WORD})
    await partner.does(f"{read_about.path}/erase", {"request_id": "A-1"})
    await recruiter.sees(read_about.path, lambda it: it["standing"] == "erased" and it["contact"] is None)
    after = await told(company, read_about)
    assert after[: len(before)] == before
    [erased] = await company.ops.reads("/v1/audit", act="erased", object=read_about.human)
    assert (erased["actor"], erased["how"]) == ("tandem", "process")

    rows = "\n".join(row["line"] for row in await pool.fetch("SELECT audit::text AS line FROM audit"))
    assert read_about.id in rows
    everybody = [row["words"] for row in await pool.fetch("SELECT unnest(ARRAY[name, email]) AS words FROM people")]
    assert [words for words in (WORD, "Nora", "901821", *everybody) if words.lower() in rows.lower()] == []
    at_work: Services = app.state.services
    await at_work.audit.written()
    assert (await Audit(pool).verify()).wrong is None


async def test_those_who_read_at_once_are_each_on_record(company: Company) -> None:
    requisition = await company.opens()
    readers = [company.recruiter, company.manager, company.partner, company.recruiting_lead]
    await asyncio.gather(*(voice.reads(requisition.path) for voice in readers for _ in range(5)))
    rows = await company.ops.reads("/v1/audit", object=requisition.id, act="read_requisition")
    assert sorted(row["actor"] for row in rows) == sorted(voice.id for voice in readers)


async def test_the_page_of_operations_shows_what_is_asked_for(company: Company, read_about: Applicant) -> None:
    cookie: SessionCookie = await signed_in(company.http, company.ops.token)
    page = await company.http.get("/ops/audit", params={"act": "signed_in", "from": ""}, headers=cookie.header)
    assert page.status_code == 200
    assert "<td>signed in</td>" in page.text
    assert "<td>read requisition</td>" not in page.text
    page = await company.http.get("/ops/audit", params={"to": "2020-01-01"}, headers=cookie.header)
    assert "Nothing is on record." in page.text
    for day in ("9999-12-31", "0001-01-01", "2026-02-31"):
        odd = {"from": day, "to": day, "act": "nothing"}
        assert (await company.http.get("/ops/audit", params=odd, headers=cookie.header)).status_code == 200
    for moment in ("9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"):
        problem(await company.ops.get("/v1/audit", to=moment), 422, "invalid")
