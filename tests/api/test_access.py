"""Who reads what: everybody on everything, their own and others'. What is expected is written by hand, from what the
product says each of them needs; a route without a row fails."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from api.access import every_route, needed
from domain.core.walk import walk
from store.unplaced_mail import MailDetails
from testing.api_clients import Voice, eventually, problem, taken
from testing.api_company import Applicant, Company, Requisition, joins, sample
from testing.kept_rows import stays
from testing.paged_resume import stored_resume
from testing.sign_in import SessionCookie, signed_in

PHONE = "+1 206 555 0142"
REASON = "Her references could not be reached before the summer break began."
VERDICT = "She described the queue of permits and who waited in it."


@dataclass(frozen=True)
class World:
    """Two requisitions with nobody in common, the same applicant in both, and everybody who might ask."""

    company: Company
    voices: dict[str, Voice]
    here: Requisition
    met: Applicant
    other: Applicant
    there: Requisition
    same: Applicant
    ids: dict[str, str]

    def path(self, template: str) -> str:
        """A path with the ids of this world in it."""
        return template.format_map(self.ids)


@pytest.fixture(scope="module")
async def world(company: Company, app: FastAPI) -> World:
    """A requisition with an interview before its first candidate and a delegate, and a requisition of others."""
    voices = dict(company.voices)
    for name, standing in {
        "overseer": "L",
        "hr": "P",
        "delegate": "",
        "held_manager": "",
        "r2": "R",
        "h2": "",
        "p2": "P",
    }.items():
        voices[name] = await joins(company, f"access_{name}", [standing] if standing else [])
    voices["manager"] = voices.pop("held_manager")
    team = {"hiring_manager": voices["manager"].id, "second_signer": company.second_signer.id}
    ours = Company(company.http, company.pool, voices)
    here = await ours.opens(**team)
    until = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    delegate = {"person": voices["delegate"].id, "powers": ["answer_profile", "put_on_hold"], "until": until}
    preferences = {"cadence": "daily", "channel": "mail", "delegate": delegate}
    await voices["manager"].does(f"{here.path}/set-update-preferences", preferences)
    await here.locks()
    met, other = await here.gains("Ines Okoye"), await here.gains("Jon Vale")
    await met.is_shortlisted()
    await here.slate_of(met)
    await met.is_advanced()
    await met.needs_no_screen()
    await met.meets(company.interviewer, company.other_interviewer)
    await company.recruiter.does(f"{met.path}/log-contact", _contact())
    screen = await company.recruiter.uploads("transcript", met.id, sample("transcripts/screen-1.vtt"), "s.vtt")
    notes = await company.recruiter.uploads("notes", met.id, b"She spoke of the clerks.")
    scan = await stored_resume(app.state.services.documents, met.human, met.id, company.recruiter.id)

    others = Company(company.http, company.pool, voices | {"recruiter": voices["r2"], "manager": voices["h2"]})
    lead = (await joins(company, "access_lead", [])).id
    there = await others.opens(
        hiring_manager=voices["h2"].id, hr_partner=voices["p2"].id, recruiting_lead=lead, manager_lead=lead
    )
    same = await there.gains("Ines Okoye", b"Ines Okoye\n\n" + b"Another resume altogether, for the other office. " * 4)
    await company.recruiter.sees(here.path, lambda it: it["team"]["delegate"])
    await company.recruiter.sees(met.path, lambda it: it["team"]["delegate"])
    voices["candidate"] = await company.link_of(met.id)
    seen = await company.recruiter.reads(met.path)
    mail = f"M-{0:024X}"
    aside = MailDetails(sender="Ines Okoye", subject="My papers", text="They are here.")
    await app.state.services.unplaced_mail.put(mail, "nobody", aside, b"", datetime.now(UTC))
    template = await company.recruiter.asks("/v1/requisition-templates", {"name": "Permits", "requisition": here.id})
    ids = {
        "template": template.json()["id"],
        "R": here.id, "C": met.id, "C2": other.id, "R2": there.id, "C3": same.id, "H": met.human,
        "resume": seen["resume"]["id"], "screen": screen["id"], "notes": notes["id"], "intake": here.intake,
        "scan": scan, "page": "2",
        "letter": "offer..en", "mail": mail,
        "resume3": (await voices["r2"].reads(same.path))["resume"]["id"], "self": voices["manager"].id,
    }  # fmt: skip
    return World(company, voices, here, met, other, there, same, ids)


def _contact() -> dict[str, Any]:
    return {"at": datetime.now(UTC).isoformat(), "direction": "outbound", "channel": "mail"}


TEAM = "recruiter manager partner recruiting_lead manager_lead second_signer delegate"
OVERSEE = "overseer ops"
ROSTER = "recruiter manager partner recruiting_lead manager_lead delegate"
JUDGING = "recruiter manager partner delegate"
COLLEAGUES = (
    "recruiter manager partner recruiting_lead manager_lead second_signer interviewer other_interviewer "
    "overseer hr delegate r2 h2 p2 ops stranger"
)
LEADS = "recruiting_lead manager_lead overseer"
APPLICANTS = f"{LEADS} recruiter partner hr r2 p2"

READ_BY: dict[str, str] = {
    # The requisition they are in.
    "/v1/requisitions/{R}": f"{TEAM} interviewer other_interviewer {OVERSEE}",
    "/v1/requisitions/{R}/candidates": f"{ROSTER} {OVERSEE}",
    "/v1/requisitions/{R}/clocks": f"{TEAM} {OVERSEE}",
    "/v1/requisitions/{R}/update": f"{ROSTER} {OVERSEE}",
    "/v1/requisitions/{R}/timeline": f"{TEAM} {OVERSEE}",
    "/v1/requisitions/{R}/rubric": f"{TEAM} interviewer other_interviewer",
    "/v1/requisitions/{R}/debriefs": f"{TEAM} interviewer other_interviewer {OVERSEE}",
    "/v1/requisitions/{R}/tasks": f"{TEAM} {OVERSEE}",
    "/v1/requisitions/{R}/drafts": f"{TEAM} {OVERSEE}",
    "/v1/requisitions/{R}/drafts.jsonl": f"{TEAM} {OVERSEE}",
    "/v1/requisitions/{R}/drafts/rubric": "recruiter manager partner second_signer delegate",
    "/v1/requisitions/{R}/available": f"{TEAM} interviewer other_interviewer {OVERSEE}",
    # The one of others.
    "/v1/requisitions/{R2}": f"r2 h2 p2 {LEADS} ops",
    "/v1/requisitions/{R2}/candidates": f"r2 h2 p2 {LEADS} ops",
    "/v1/requisitions/{R2}/timeline": f"r2 h2 p2 {LEADS} ops",
    "/v1/requisitions/{R2}/rubric": "r2 h2 p2",
    # A candidate whom the interviewers meet, one whom they do not, and the same applicant in the requisition of others.
    "/v1/candidates/{C}": f"{ROSTER} interviewer other_interviewer",
    "/v1/candidates/{C}/clocks": f"{ROSTER} interviewer other_interviewer",
    "/v1/candidates/{C}/timeline": f"{ROSTER} interviewer other_interviewer",
    "/v1/candidates/{C}/drafts": f"{ROSTER} interviewer other_interviewer",
    "/v1/candidates/{C}/available": f"{ROSTER} interviewer other_interviewer",
    "/v1/candidates/{C}/letters": "recruiter manager partner",
    "/v1/candidates/{C3}/letters": "r2 h2 p2",
    "/v1/candidates/{C}/audit": "partner",
    "/v1/candidates/{C}/export": "recruiter partner",
    "/v1/candidates/{C2}": ROSTER,
    "/v1/candidates/{C2}/timeline": ROSTER,
    "/v1/candidates/{C3}": "r2 h2 p2",
    "/v1/candidates/{C3}/clocks": "r2 h2 p2",
    "/v1/candidates/{C3}/timeline": "r2 h2 p2",
    "/v1/candidates/{C3}/drafts": "r2 h2 p2",
    "/v1/candidates/{C3}/audit": "p2",
    "/v1/candidates/{C3}/export": "r2 p2",
    # Documents: of the candidacy they were given for.
    "/v1/documents/{resume}": f"{JUDGING} interviewer other_interviewer",
    "/v1/documents/{screen}": "recruiter partner",
    "/v1/documents/{notes}": "recruiter manager partner",
    "/v1/documents/{intake}": "recruiter manager partner",
    "/v1/documents/{resume3}": "r2 h2 p2",
    "/v1/documents/{resume}/original": f"{JUDGING} interviewer other_interviewer",
    "/v1/documents/{screen}/original": "recruiter partner",
    "/v1/documents/{scan}/original": f"{JUDGING} interviewer other_interviewer",
    "/v1/documents/{scan}/pages/{page}": f"{JUDGING} interviewer other_interviewer",
    "/v1/documents/{resume3}/original": "r2 h2 p2",
    # The company.
    "/v1/people": COLLEAGUES,
    "/v1/people/{self}/calendar": COLLEAGUES,
    "/v1/people/{self}/messages": "manager ops",
    "/v1/people/{self}/available": f"manager {LEADS} ops",
    "/v1/teams": COLLEAGUES,
    "/v1/company": COLLEAGUES,
    "/v1/company/closing-days": COLLEAGUES,
    "/v1/company/to-do": "ops",
    "/v1/letter-templates": COLLEAGUES,
    "/v1/letter-templates/{letter}": COLLEAGUES,
    "/v1/letter-settings": COLLEAGUES,
    "/v1/requisition-templates": APPLICANTS,
    "/v1/requisition-templates/{template}": APPLICANTS,
    "/v1/unplaced-mail": "recruiter r2 partner hr p2 ops",
    "/v1/unplaced-mail/{mail}": "recruiter r2 partner hr p2",
    "/v1/policy": "ops",
    "/v1/board": COLLEAGUES,
    "/v1/search": COLLEAGUES,
    "/v1/applicants": APPLICANTS,
    "/v1/quality": f"{LEADS} ops partner hr p2",
    "/v1/audit": "ops",
    "/v1/audit.jsonl": "ops",
    "/v1/tasks": "ops",
    "/v1/tokens": "ops",
    "/v1/people/{self}/sessions": "ops",
    "/v1/people/{self}/tokens": "ops",
    "/v1/me/sessions": COLLEAGUES,
    "/v1/me/tokens": COLLEAGUES,
    "/v1/me/views": COLLEAGUES,
    "/v1/ops": "ops",
    "/v1/ops/breaches": "ops",
    "/v1/ops/breaches/weeks": f"{LEADS} ops",
    "/v1/ops/stuck": "ops",
    "/v1/ops/tasks": "ops",
    "/v1/ops/undone": "ops",
    "/v1/ops/workload": f"{LEADS} ops",
    "/v1/ops/sla": f"{LEADS} ops",
    "/v1/ops/waiting-on/{self}": "ops",
    "/v1/ops/retention": "ops partner hr p2",
    "/v1/mailbox": COLLEAGUES,
    "/v1/reports/funnel": COLLEAGUES,
    "/v1/reports/overview": COLLEAGUES,
}
"""Who may read what: nobody else. Of each path by everybody, 800 answers and more."""

TO_EVERYBODY = frozenset({"/v1/me", "/v1/owed"})
"""One's own, whoever one is."""


@pytest.mark.parametrize("template", READ_BY)
async def test_a_thing_is_read_by_those_it_is_for(world: World, template: str) -> None:
    path, allowed = world.path(template), set(READ_BY[template].split())
    assert allowed <= world.voices.keys()
    answers = await asyncio.gather(*(voice.get(path) for voice in world.voices.values()))
    read = {part for part, answer in zip(world.voices, answers, strict=True) if answer.status_code == 200}
    assert read == allowed
    for part, answer in zip(world.voices, answers, strict=True):
        if part not in allowed:
            problem(answer, 403, "not_permitted")
    problem(await world.company.nobody.get(path), 401, "unauthenticated")


def test_every_route_that_reads_has_a_row(app: FastAPI) -> None:
    known = {template.replace("{R2}", "{R}").replace("{C2}", "{C}").replace("{C3}", "{C}") for template in READ_BY}
    shapes = {_shape(one) for one in known | TO_EVERYBODY}
    asked = [route for route in every_route(app.routes) if "GET" in (route.methods or ()) and needed(route.endpoint)]
    missing = {route.path for route in asked if _shape(route.path) not in shapes}
    # The drafts of a candidate are opened one by one elsewhere (`test_blindness.py`), and a mail is its reader's.
    missing -= {"/v1/candidates/{id}/drafts/{job}", "/v1/mailbox/{number}"}
    assert {path for path in missing if not path.startswith("/v1/reports/")} == set()


def _shape(path: str) -> str:
    return "/".join(
        "*" if part.startswith("{") else part for part in path.replace("drafts/rubric", "drafts/{job}").split("/")
    )


PAGES_BY: dict[str, str] = {
    "/requisitions/{R}": READ_BY["/v1/requisitions/{R}"],
    "/requisitions/{R}/timeline": READ_BY["/v1/requisitions/{R}/timeline"],
    "/requisitions/{R}/rubric": READ_BY["/v1/requisitions/{R}/rubric"],
    "/requisitions/{R}/pipeline": f"{ROSTER} {OVERSEE}",
    "/requisitions/{R}/interviews": READ_BY["/v1/requisitions/{R}"],
    "/requisitions/{R}/debriefs": READ_BY["/v1/requisitions/{R}/debriefs"],
    "/requisitions/{R}/applications": JUDGING,
    "/requisitions/{R}/applications/add-many": JUDGING,
    "/requisitions/{R}/new-candidate": READ_BY["/v1/requisitions/{R}/timeline"],
    "/requisitions/{R}/put-on-hold": READ_BY["/v1/requisitions/{R}/timeline"],
    "/requisitions/{R2}": READ_BY["/v1/requisitions/{R2}"],
    "/requisitions/{R2}/timeline": READ_BY["/v1/requisitions/{R2}/timeline"],
    "/candidates/{C}": READ_BY["/v1/candidates/{C}"],
    "/candidates/{C}/log-contact": READ_BY["/v1/candidates/{C}"],
    "/candidates/{C}/audit": "partner",
    "/candidates/{C}/same-person": "partner",
    "/candidates/{C}/correct-contact": READ_BY["/v1/candidates/{C}"],
    "/candidates/{C}/export": "recruiter partner",
    "/candidates/{C2}": READ_BY["/v1/candidates/{C2}"],
    "/candidates/{C3}": READ_BY["/v1/candidates/{C3}"],
    "/documents/{resume}": READ_BY["/v1/documents/{resume}"],
    "/documents/{screen}": READ_BY["/v1/documents/{screen}"],
    "/documents/{intake}": READ_BY["/v1/documents/{intake}"],
    "/documents/{resume3}": READ_BY["/v1/documents/{resume3}"],
    "/documents/{screen}/original": READ_BY["/v1/documents/{screen}"],
    "/documents/{scan}/original": READ_BY["/v1/documents/{resume}"],
    "/documents/{scan}/pages/{page}": READ_BY["/v1/documents/{resume}"],
    "/documents/{resume3}/original": READ_BY["/v1/documents/{resume3}"],
    "/settings/letters": READ_BY["/v1/letter-templates"],
    "/settings/letters/{letter}": READ_BY["/v1/letter-templates/{letter}"],
    "/templates": READ_BY["/v1/requisition-templates"],
    "/requisitions/{R}/keep-template": "recruiter",
    "/unplaced-mail": READ_BY["/v1/unplaced-mail"],
    "/unplaced-mail/{mail}": READ_BY["/v1/unplaced-mail/{mail}"],
    "/owed": COLLEAGUES,
    "/board": COLLEAGUES,
    "/board/lines": COLLEAGUES,
    "/search": COLLEAGUES,
    "/applicants": APPLICANTS,
    "/search/quick": COLLEAGUES,
    "/me": COLLEAGUES,
    "/notifications": COLLEAGUES,
    "/design": COLLEAGUES,
    "/me/access": COLLEAGUES,
    "/me/calendar": COLLEAGUES,
    "/me/set-calendar": COLLEAGUES,
    "/open": COLLEAGUES,
    "/overview": COLLEAGUES,
    "/reports": COLLEAGUES,
    "/reports/funnel.csv": COLLEAGUES,
    "/reports/quality": READ_BY["/v1/quality"],
    "/reports/quality.csv": READ_BY["/v1/quality"],
    "/ops": "ops",
    "/ops/audit": "ops",
    "/ops/people": "ops",
    "/ops/people/{self}": "ops",
    "/ops/people/add": "ops",
    "/ops/people/{self}/change": "ops",
    "/ops/people/{self}/hours": "ops",
    "/ops/people/{self}/left": "ops",
    "/ops/company": "ops",
    "/ops/teams": "ops",
    "/ops/company/change": "ops",
    "/ops/closing-days": "ops",
    "/ops/slas": "ops",
    "/ops/retention": READ_BY["/v1/ops/retention"],
}
"""The same of pages, which say no more than the API."""

ELSEWHERE = {
    "/", "/static/{name}", "/sign-in", "/candidates/{id}/debrief", "/requisitions/{id}/drafts/{job}",
    "/ops/mail/{number}", "/ops/{place}/{id}/{task}", "/sign-in/link/{secret}", "/first/{secret}",
    "/sign-in/provider", "/sign-in/provider/callback", "/your-application/{link}", "/bulk", "/applicants/{id}/add",
}  # fmt: skip
"""What a page shows to nobody in particular, or is tried elsewhere: `test_blindness.py`, `test_provider.py`,
`test_applicants.py`, `tests/pages`."""


@pytest.fixture(scope="module")
async def browsers(world: World) -> dict[str, SessionCookie]:
    """Each user's browser, signed in."""
    users = {part: voice for part, voice in world.voices.items() if voice.id.startswith("P-")}
    return {part: await signed_in(world.company.http, voice.token) for part, voice in users.items()}


@pytest.mark.parametrize("template", PAGES_BY)
async def test_a_page_is_shown_to_those_it_is_for(
    world: World, browsers: dict[str, SessionCookie], template: str
) -> None:
    path, http = world.path(template), world.company.http
    answers = await asyncio.gather(*(http.get(path, headers=cookie.header) for cookie in browsers.values()))
    statuses = {part: answer.status_code for part, answer in zip(browsers, answers, strict=True)}
    assert {part for part, status in statuses.items() if status == 200} == set(PAGES_BY[template].split())
    assert set(statuses.values()) <= {200, 403}
    assert (await http.get(path, headers={"Cookie": "none=none"})).status_code == 303


def test_every_page_has_a_row(app: FastAPI) -> None:
    shapes = {_shape(one) for one in {*PAGES_BY, *ELSEWHERE}}
    pages = {route.path for route in every_route(app.state.pages.routes) if "GET" in (route.methods or ())}
    by_command = {"/me/{command}", "/{place}/{id}/{command}"}
    named = {path.replace("{name}.csv", "funnel.csv") for path in pages - by_command}
    assert {path for path in named if _shape(path) not in shapes} == set()


async def test_an_interviewer_s_pages_list_whom_they_meet(world: World, browsers: dict[str, SessionCookie]) -> None:
    page = await world.company.http.get(world.here.path.removeprefix("/v1"), headers=browsers["interviewer"].header)
    assert world.met.name in page.text
    assert world.other.id not in page.text
    assert world.other.name not in page.text
    kit = await world.company.http.get(world.met.path.removeprefix("/v1"), headers=browsers["interviewer"].header)
    assert "Hidden until your own scorecard is in." in kit.text
    assert "ines.okoye@example.com" not in kit.text


async def test_overseers_pages_name_no_candidate(world: World, browsers: dict[str, SessionCookie]) -> None:
    for part in OVERSEE.split():
        for end in ("", "/timeline"):
            path = f"{world.here.path.removeprefix('/v1')}{end}"
            page = await world.company.http.get(path, headers=browsers[part].header)
            assert page.status_code == 200
            for word in (world.met.name, world.other.name, "They were screened for the search next door."):
                assert word not in page.text, f"{part} on {path}"


SHOWN: dict[tuple[str, str], tuple[str, str]] = {
    ("/v1/candidates/{C}", "contact.name"): ("Ines Okoye", f"{JUDGING} interviewer other_interviewer"),
    ("/v1/candidates/{C}", "contact.email"): ("ines.okoye@example.com", "recruiter manager partner"),
    ("/v1/candidates/{C}", "human"): ("{H}", f"{JUDGING} interviewer other_interviewer"),
    ("/v1/candidates/{C}", "resume.id"): ("{resume}", f"{JUDGING} interviewer other_interviewer"),
    ("/v1/candidates/{C}", "source"): ("applied", JUDGING),
    ("/v1/candidates/{C}", "verdicts.K1"): ("met", JUDGING),
    ("/v1/candidates/{C}", "answer.verdict"): ("advance", JUDGING),
    ("/v1/candidates/{C}", "stage"): ("interviewing", f"{ROSTER} interviewer other_interviewer"),
    ("/v1/candidates/{C}", "overrides.0.why"): ("They were screened for the search next door.", JUDGING),
    ("/v1/requisitions/{R}", "band.currency"): ("USD", TEAM),
    ("/v1/requisitions/{R}", "phase"): ("interviewing", f"{TEAM} interviewer other_interviewer {OVERSEE}"),
}
"""Single fields: what stands there, and for whom; to others who read the page it is empty."""


@pytest.mark.parametrize(("template", "field"), SHOWN)
async def test_a_field_is_shown_to_those_it_is_for(world: World, template: str, field: str) -> None:
    value, parts = SHOWN[template, field]
    for part in READ_BY[template].split():
        page = await world.voices[part].reads(world.path(template))
        found = _at(page, field)
        if part in parts.split():
            assert found == world.path(value), f"{part} is shown {field}"
        else:
            assert found in (None, "", "[hidden]"), f"{part} is not shown {field}"


def _at(value: Any, field: str) -> Any:
    for name in field.split("."):
        if value in (None, "", [], {}):
            return None
        value = value[int(name)] if isinstance(value, list) else value.get(name)
    return value


def _texts(value: Any) -> set[str]:
    return {one for one in walk(value) if isinstance(one, str)}


async def test_overseeing_means_clocks_stages_and_identifiers(world: World) -> None:
    words = {
        REASON,
        "Ines Okoye",
        "ines.okoye@example.com",
        "They were screened for the search next door.",
        world.met.human,
    }
    words |= {world.ids["resume"], world.here.intake}
    for part in (*OVERSEE.split(), "second_signer"):
        timeline = await world.voices[part].reads(f"{world.here.path}/timeline", limit=500)
        read = words & _texts(timeline)
        assert not read, f"{part} reads no words"
        assert {entry["type"] for entry in timeline} >= {"search_opened", "rubric_locked", "clock_started"}
    whole = await world.voices["recruiter"].reads(f"{world.here.path}/timeline", limit=500)
    assert world.met.human in _texts(whole)
    lines = await world.voices["ops"].reads(f"{world.here.path}/candidates")
    assert {line["id"] for line in lines} == {world.met.id, world.other.id}
    assert {line["human"] for line in lines} == {""}


async def test_whoever_knows_an_id_gains_nothing_by_it(world: World) -> None:
    """A requisition of one's own, and the id of somebody in another's."""
    mine = voice = world.voices["h2"]
    body = {"person": world.other.human, "source": "sourced"}
    unknown = problem(
        await voice.asks(f"{world.there.path}/add-candidate", body | {"person": "H-NOBODY00"}), 422, "unknown_reference"
    )
    refused = problem(await voice.asks(f"{world.there.path}/add-candidate", body), 422, "unknown_reference")
    assert refused["detail"].replace(world.other.human, "H-NOBODY00") == unknown["detail"]
    problem(await mine.upload("notes", world.other.human, b"I know somebody who knows her."), 422, "unknown_reference")

    # Knowing the address says no more than what one says oneself.
    said = {"name": "Ms Vale", "email": "jon.vale@example.com"}
    found = taken(await world.voices["r2"].asks("/v1/humans", said))["id"]
    receipt = await world.voices["r2"].does(
        f"{world.there.path}/add-candidate", body | {"person": found, "notice_version": "2026-01"}
    )
    lines = await world.voices["r2"].sees(
        f"{world.there.path}/candidates",
        lambda it: any(one["human"] == found for one in it),
        at_least=receipt["version"],
    )
    theirs = next(line["id"] for line in lines if line["human"] == found)
    page = await world.voices["r2"].reads(f"/v1/candidates/{theirs}")
    assert page["contact"] == {"name": "Ms Vale", "email": "jon.vale@example.com", "phone": None, "through": None}
    ours = await world.voices["recruiter"].reads(world.other.path)
    assert ours["contact"]["name"] == "Jon Vale"
    cookie = await signed_in(world.company.http, world.voices["h2"].token)
    page = await world.company.http.get(world.there.path.removeprefix("/v1"), headers=cookie.header)
    assert "Ms Vale" in page.text
    assert "Jon Vale" not in page.text

    # Whoever knows somebody as a candidate brings them on the word that they know, not on an earlier one of others.
    elsewhere = await Company(
        world.company.http, world.company.pool, world.voices | {"recruiter": world.voices["r2"]}
    ).opens(recruiter=world.voices["h2"].id, hiring_manager=world.voices["r2"].id)
    brought = body | {"person": found, "notice_version": "2026-01"}
    receipt = await world.voices["h2"].does(f"{elsewhere.path}/add-candidate", brought)
    lines = await world.voices["h2"].sees(f"{elsewhere.path}/candidates", bool, at_least=receipt["version"])
    known = await world.voices["h2"].sees(f"/v1/candidates/{lines[0]['id']}", bool)
    assert known["contact"]["name"] == "Ms Vale"
    problem(await world.voices["r2"].get(world.path("/v1/documents/{resume}")), 403, "not_permitted")
    problem(await world.voices["r2"].get(f"/v1/documents/{ours['resume']['id']}"), 403, "not_permitted")
    problem(await world.voices["r2"].get(world.other.path), 403, "not_permitted")


async def test_nobody_is_told_whether_words_are_in_a_document_they_may_not_read(world: World) -> None:
    """An interviewer asks, quote by quote, what was said in the screen."""
    card = {"interview_id": "I-1", "rubric_version": 1, "overall": "yes"}
    answers = []
    for words in ("hello", "nothing of the kind was said"):
        evidence = [{"quote": {"document": world.ids["screen"], "words": words}}]
        asked = card | {"ratings": [{"criterion": "K1", "rating": 3, "evidence": evidence}]}
        answers.append(
            problem(
                await world.voices["interviewer"].asks(f"{world.met.path}/submit-scorecard", asked),
                422,
                "unknown_reference",
            )
        )
    assert answers[0] == answers[1]


async def test_the_same_file_given_twice_is_read_by_each_who_gave_it(world: World) -> None:
    body = b"Ines Okoye\n\n" + b"The resume that she sends to everybody. " * 4
    first = await world.voices["recruiter"].uploads("resume", world.met.id, body)
    problem(await world.voices["r2"].get(f"/v1/documents/{first['id']}"), 403, "not_permitted")
    assert (await world.voices["r2"].uploads("resume", world.same.id, body))["id"] == first["id"]
    assert "everybody" in (await world.voices["h2"].reads(f"/v1/documents/{first['id']}"))["text"]


async def test_only_those_of_a_candidacy_give_documents_about_it(world: World) -> None:
    givers = {"recruiter", "manager", "partner", "interviewer", "other_interviewer"}
    for part, voice in world.voices.items():
        answer = await voice.upload("notes", world.met.id, f"Said to {part}, in the corridor.".encode())
        assert (answer.status_code == 201) == (part in givers), f"{part}: {answer.text}"
        answer = await voice.upload("notes", world.here.id, f"Said to {part}, at the intake.".encode())
        assert (answer.status_code == 201) == (part in {"recruiter", "manager", "partner"}), f"{part}: {answer.text}"


async def test_a_colleague_who_applies_reads_nothing_of_their_own_candidacy(world: World) -> None:
    """By the address they work with, or because an HR partner says so; whatever else they are in the requisition."""
    company = world.company
    twin = await joins(company, "access_twin", [])
    here = await Company(company.http, company.pool, world.voices | {"manager": twin}).opens(hiring_manager=twin.id)
    body = {"name": "The Twin", "email": "access_twin@example.org"}
    themselves = taken(await twin.asks("/v1/humans", body))["id"]
    own = {"person": themselves, "source": "referral", "referrer": twin.id, "notice_version": "2026-01"}
    problem(await twin.asks(f"{here.path}/add-candidate", own), 403, "not_permitted")
    taken(await company.recruiter.asks("/v1/humans", body))
    receipt = await company.recruiter.does(f"{here.path}/add-candidate", own)
    lines = await company.recruiter.sees(f"{here.path}/candidates", bool, at_least=receipt["version"])
    path = f"/v1/candidates/{lines[0]['id']}"
    await company.recruiter.sees(path, bool)

    async def closed() -> None:
        for end in ("", "/timeline", "/clocks", "/drafts", "/available"):
            assert "your own candidacy" in problem(await twin.get(path + end), 403, "not_permitted")["detail"]
        assert await twin.reads(f"{here.path}/candidates") == []
        assert lines[0]["id"] not in str(await twin.reads(f"{here.path}/timeline", limit=500))
        assert lines[0]["id"] not in (await twin.get(f"{here.path}/drafts.jsonl")).text
        problem(await twin.upload("notes", lines[0]["id"], b"I did very well."), 403, "not_permitted")

    await closed()
    # Under another address they are known once HR says so.
    another = taken(await company.recruiter.asks("/v1/humans", body | {"email": "twin.at.home@example.net"}))["id"]
    receipt = await company.recruiter.does(f"{here.path}/add-candidate", own | {"person": another})
    lines = await company.recruiter.sees(
        f"{here.path}/candidates",
        lambda it: [one for one in it if one["human"] == another],
        at_least=receipt["version"],
    )
    lines = [one for one in lines if one["human"] == another]
    path = f"/v1/candidates/{lines[0]['id']}"
    await twin.sees(path, bool)
    problem(await twin.send("PUT", f"/v1/humans/{another}/colleague", params={"person": twin.id}), 403, "not_permitted")
    taken(await company.partner.send("PUT", f"/v1/humans/{another}/colleague", params={"person": twin.id}))
    await closed()


async def test_nobody_decides_about_themselves_or_opens_their_own_candidacy_again(world: World) -> None:
    """Not as whoever decides there, not with another address, and not as the HR partner who says who is who."""
    company = world.company
    twin = await joins(company, "access_self", ["P"])
    known = {"name": "Self", "zone": "UTC", "standing": ["P"]}

    async def has_address(email: str) -> None:
        taken(await company.ops.send("PUT", f"/v1/people/{twin.id}", json=known | {"email": email}))

    here = await Company(company.http, company.pool, world.voices | {"manager": twin}).opens(hiring_manager=twin.id)
    await here.locks()
    by_address, linked = await here.gains("Access Self"), await here.gains("Somebody Linked")
    await has_address("access.self@example.com")
    taken(await company.partner.send("PUT", f"/v1/humans/{linked.human}/colleague", params={"person": twin.id}))
    for own in (by_address, linked):
        await own.is_shortlisted()
    await here.slate_of(by_address, linked)
    owed = {one["stream"] for one in await twin.reads("/v1/owed")}
    assert not owed & {f"candidate/{own.id}" for own in (by_address, linked)}
    await has_address("access.self.elsewhere@example.org")

    for own in (by_address, linked):
        assert "own candidacy" in problem(await twin.get(own.path), 403, "not_permitted")["detail"]
        advance = {"verdict": "advance", "criterion": "K1"}
        refused = problem(await twin.asks(f"{own.path}/answer-profile", advance), 403, "not_permitted")
        assert "own candidacy" in refused["detail"]
        rows = await company.ops.reads("/v1/audit", object=own.id, act="refused", actor=twin.id)
        assert "command.answer-profile" in {row["permission"] for row in rows}
        for person in ({}, {"person": company.partner.id}):
            path = f"/v1/humans/{own.human}/colleague"
            problem(await twin.send("PUT", path, params=person), 403, "not_permitted")
    passed_on = {"role": "recruiter", "to": twin.id, "why": "They know everybody here."}
    problem(await company.recruiter.asks(f"{here.path}/hand-over", passed_on), 409, "conflict_of_interest")


async def test_whoever_operates_finds_themselves_on_no_list(world: World) -> None:
    company = world.company
    olaf = await joins(company, "access_olaf", ["O"])
    here = await Company(company.http, company.pool, world.voices).opens(hiring_manager=world.voices["manager"].id)
    await here.locks()
    one = await here.gains("Olaf Applies")
    await one.is_shortlisted()
    await here.slate_of(one)
    await company.recruiter.sees(f"{one.path}/clocks", bool)
    await stays(company.pool, "clocks", f"new.stream = 'candidate/{one.id}'", "new.breached_at := now()")

    async def listed() -> list[bool]:
        board, late = await olaf.reads("/v1/ops"), await olaf.reads("/v1/ops/breaches", limit=500)
        return [one.id in str(found) for found in (board["breaches"], late)]

    assert await listed() == [True, True]
    taken(await company.partner.send("PUT", f"/v1/humans/{one.human}/colleague", params={"person": olaf.id}))
    assert await listed() == [False, False]


async def test_what_is_restricted_is_read_by_the_hr_partner_alone(world: World) -> None:
    company = world.company
    here = await Company(company.http, company.pool, world.voices).opens(hiring_manager=world.voices["manager"].id)
    await here.locks()
    gone = await here.gains("Una Sow")
    now = datetime.now(UTC).isoformat()
    await company.recruiter.does(f"{gone.path}/withdraw", {"cause": "pay", "at": now, "words": "Not for this."})
    asked = await company.recruiter.does(f"{gone.path}/record-request", {"kind": "erasure", "at": now})
    page = await company.partner.reads(gone.path, at_least=asked["version"])
    answer = {"request_id": next(iter(page["requests"])), "outcome": "granted", "why": "The law has us keep it a year."}
    granted = await company.partner.does(f"{gone.path}/answer-request", answer)
    everything = await company.partner.reads(gone.path, at_least=granted["version"])
    assert everything["restricted"]
    assert everything["contact"]["email"] == "una.sow@example.com"
    resume = f"/v1/documents/{everything['resume']['id']}"
    assert (await company.partner.get(resume)).status_code == 200
    assert (await company.partner.get(f"{gone.path}/export")).status_code == 200
    problem(await company.recruiter.get(f"{gone.path}/export"), 403, "not_permitted")
    for part in ("recruiter", "manager"):
        shown = await world.voices[part].reads(gone.path)
        assert (shown["contact"], shown["resume"], shown["source"]) == (None, None, "")
        assert shown["stage"] == "withdrawn"
        problem(await world.voices[part].get(resume), 403, "not_permitted")
        problem(await world.voices[part].upload("notes", gone.id, b"One more thing."), 403, "not_permitted")
        said = await world.voices[part].reads(f"{here.path}/timeline", limit=500)
        assert "Not for this." not in str(said)
        assert gone.human not in _texts([entry for entry in said if entry["stream"].startswith("candidate/")])
    assert "Not for this." in str(await company.partner.reads(f"{here.path}/timeline", limit=500))


async def test_tasks_and_refusals_name_no_candidate_whose_name_the_reader_may_not_read(world: World) -> None:
    company = world.company
    here = await Company(company.http, company.pool, world.voices).opens(hiring_manager=world.voices["manager"].id)
    await here.locks()
    gone = await here.gains("Ida Restrick")
    await company.recruiter.does(f"{gone.path}/reject", {"criterion": "K1"})
    cookie = await signed_in(company.http, company.recruiter.token)

    async def owes() -> str:
        page = await company.http.get("/owed", headers=cookie.header)
        found = [one for one in page.text.split("<li") if f"/candidates/{gone.id}/tell-outcome" in one]
        return found[0] if found else ""

    async def refused() -> str:
        sent = {"candidate_ids": gone.id, "why": "There is nobody else."}
        headers = cookie.header | {"Origin": "http://localhost"}
        page = await company.http.post(f"/requisitions/{here.id}/share-slate", data=sent, headers=headers)
        assert page.status_code in (409, 422)
        return " ".join(re.sub("<[^>]+>", " ", page.text).split())

    await company.recruiter.sees(gone.path, lambda it: it["stage"] == "rejected")
    assert "Ida Restrick" in await owes()
    assert "Ida Restrick" in await refused()
    now = datetime.now(UTC).isoformat()
    asked = await company.recruiter.does(f"{gone.path}/record-request", {"kind": "erasure", "at": now})
    page = await company.partner.reads(gone.path, at_least=asked["version"])
    answer = {"request_id": next(iter(page["requests"])), "outcome": "granted", "why": "The law has us keep it a year."}
    granted = await company.partner.does(f"{gone.path}/answer-request", answer)
    await company.partner.reads(gone.path, at_least=granted["version"])
    assert gone.id in await owes()
    assert "Ida Restrick" not in await owes()
    assert "Restrick" not in await refused()


async def test_a_delegate_reads_until_then_and_what_their_powers_are_about(world: World) -> None:
    company = world.company
    manager, delegate = await joins(company, "access_away", []), await joins(company, "access_instead", [])
    here = await Company(company.http, company.pool, world.voices | {"manager": manager}).opens(
        hiring_manager=manager.id
    )
    applicant = await here.gains("Pia Lund")

    async def names(powers: list[str], **until: float) -> None:
        ends = (datetime.now(UTC) + timedelta(**until)).isoformat()
        named = {"person": delegate.id, "powers": powers, "until": ends}
        body = {"cadence": "daily", "channel": "mail", "delegate": named}
        await manager.does(f"{here.path}/set-update-preferences", body)
        for path in (here.path, applicant.path):
            await company.recruiter.sees(path, lambda it: (it["team"]["delegate"] or {}).get("powers") == powers)

    await names(["put_on_hold"], days=2)
    assert (await delegate.get(here.path)).status_code == 200
    problem(await delegate.get(applicant.path), 403, "not_permitted")
    await names(["answer_profile"], seconds=4)
    assert (await delegate.get(applicant.path)).status_code == 200
    assert (await delegate.get(f"{here.path}/rubric")).status_code == 200

    async def over() -> bool:
        return (await delegate.get(applicant.path)).status_code == 403

    await eventually(over, "a delegate reads on after their time")
