"""A company whose people hire: everybody with their token and calendar, and requisitions lived through over HTTP."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from domain.access.roles import Role
from settings import ROOT
from store.tokens import Tokens
from store.users import User, Users
from testing.api_clients import Voice, taken
from testing.places import WHERE

SAMPLES = ROOT / "samples"

STANDING = {
    "recruiter": "R",
    "manager": "",
    "partner": "P",
    "recruiting_lead": "L",
    "manager_lead": "L",
    "second_signer": "",
    "interviewer": "",
    "other_interviewer": "",
    "stranger": "",
}
"""What is true of each of them in the whole company, whichever the search."""


@dataclass(frozen=True)
class Company:
    """Everybody who speaks to the API, by the part they play."""

    http: httpx.AsyncClient
    pool: asyncpg.Pool
    voices: dict[str, Voice]

    def __getattr__(self, part: str) -> Voice:
        try:
            return self.voices[part]
        except KeyError:
            raise AttributeError(part) from None

    @property
    def nobody(self) -> Voice:
        """Somebody without a token."""
        return Voice(self.http, "nobody", None)

    async def mail_of(self, person: str) -> str:
        """Where this user gets mail."""
        found: str = await self.pool.fetchval("SELECT email FROM people WHERE id = $1", person)
        return found

    async def link_of(self, candidate: str) -> Voice:
        """A candidate with their own link."""
        return Voice(self.http, candidate, await Tokens(self.pool).make(candidate, "candidate", "link"))

    async def system_for(self, *requisitions: str) -> Voice:
        """An outside system whose token was given for these requisitions."""
        body = {"system": "S-ATS", "label": "test", "scope": "write", "reach": list(requisitions)}
        return Voice(self.http, "S-ATS", taken(await self.ops.asks("/v1/tokens", body))["token"])

    async def opens(self, **changes: Any) -> Requisition:
        """A requisition that was just opened."""
        receipt = await self.recruiter.does("/v1/requisitions", self.opening(**changes))
        return Requisition(self, receipt["stream"].removeprefix("requisition/"))

    def opening(self, **changes: Any) -> dict[str, Any]:
        """The body of `open`, for the job of the samples."""
        team = {part: self.voices[part].id for part in ("recruiter", "recruiting_lead", "manager_lead")}
        return {
            "title": rubric_sample()["title"],
            "team": "Permits",
            "hiring_manager": self.manager.id,
            "hr_partner": self.partner.id,
            **team,
            "band": rubric_sample()["band"],
            "place": "Anywhere in the United States",
            "jurisdiction": "US",
            "openings": 1,
            **changes,
        }


async def founded(http: httpx.AsyncClient, pool: asyncpg.Pool) -> Company:
    """A company with everybody in it, set up over HTTP by its operations as an administrator would."""
    ops = User(id="P-OPERATIONS", name="Olu Ops", email="ops@example.org", zone="UTC", standing=frozenset({Role.OPS}))
    await Users(pool).put(ops)
    tokens = Tokens(pool)
    company = Company(http, pool, {"ops": Voice(http, ops.id, await tokens.make(ops.id, "person", "test"))})
    company.voices["system"] = Voice(http, "S-ATS", await tokens.make("S-ATS", "system", "test"))
    for part, standing in STANDING.items():
        company.voices[part] = await joins(company, part, [standing] if standing else [])
    return company


async def joins(company: Company, name: str, standing: list[str], called: str = "") -> Voice:
    """Somebody new, who works office hours in UTC; `name` is their mail's too, unless they are `called` something."""
    body = {"name": called or name, "email": f"{name}@example.org", "zone": "UTC", "standing": standing}
    person = taken(await company.ops.asks("/v1/people", body))
    works = {"zone": "UTC", "country": "US"}
    taken(await company.ops.send("PUT", f"/v1/people/{person['id']}/calendar", json=works))
    return Voice(company.http, person["id"], await Tokens(company.pool).make(person["id"], "person", "test"))


@dataclass
class Requisition:
    """One requisition, lived through step by step. Every step is a command that must be taken."""

    company: Company
    id: str
    intake: str = ""

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/v1/requisitions/{self.id}"

    async def holds_intake(self) -> None:
        """The recruiter uploads the sample's intake and records it."""
        recruiter = self.company.recruiter
        doc = await recruiter.uploads("transcript", self.id, sample("transcripts/intake.vtt"), "intake.vtt")
        self.intake = doc["id"]
        held = {
            "kind": "full",
            "held_at": _at(minutes=-50),
            "attendees": [recruiter.id, self.company.manager.id, self.company.partner.id],
            "rec": {"kind": "transcript", "doc": doc, "consent_of_all": True},
        }
        await recruiter.does(f"{self.path}/record-intake", held)

    async def writes_rubric(self) -> None:
        """The recruiter writes the sample's rubric, each criterion with its passage of the intake."""
        await self.company.recruiter.does(f"{self.path}/edit-rubric", rubric_from(self.intake))

    async def is_signed(self) -> int:
        """Recruiter and hiring manager sign; the version that is locked."""
        version: int = 0
        for signer in (self.company.recruiter, self.company.manager):
            rubric = (await signer.sees(f"{self.path}/rubric", bool))[0]
            version = rubric["version"]
            signature = {"version": version, "hash": rubric["content_hash"], "sign": True}
            receipt = await signer.does(f"{self.path}/sign-rubric", signature)
            await signer.reads(self.path, at_least=receipt["version"])
        return version

    async def locks(self) -> None:
        """From the opening to the lock."""
        await self.holds_intake()
        await self.writes_rubric()
        await self.is_signed()

    async def gains(self, name: str, resume: str | bytes = "resumes/ruth-abara.txt", **changes: Any) -> Applicant:
        """Somebody applies, with a résumé: one of the samples, or its text."""
        recruiter = self.company.recruiter
        email = f"{name.lower().replace(' ', '.')}@example.com"
        applicant = taken(await recruiter.asks("/v1/humans", {"name": name, "email": email}))["id"]
        file = (resume, "resume.txt") if isinstance(resume, bytes) else (sample(resume), Path(resume).name)
        doc = await recruiter.uploads("resume", applicant, *file)
        body = {"person": applicant, "source": "applied", "doc": doc, "notice_version": "2026-01", **changes}
        receipt = await recruiter.does(f"{self.path}/add-candidate", body)
        lines = await recruiter.sees(
            f"{self.path}/candidates",
            lambda lines: any(line["human"] == applicant for line in lines),
            at_least=receipt["version"],
        )
        return Applicant(self, next(line["id"] for line in lines if line["human"] == applicant), applicant, name)

    async def slate_of(self, *applicants: Applicant) -> None:
        """The recruiter shares these profiles as the slate."""
        body = {"candidate_ids": [one.id for one in applicants], "why": "There are no more people yet."}
        heard = len(applicants)
        await self.company.recruiter.sees(self.path, lambda it: it["stages"].get("shortlisted", 0) >= heard)
        await self.company.recruiter.does(f"{self.path}/share-slate", body)
        for one in applicants:
            await one.comes_to("submitted")


@dataclass(frozen=True)
class Applicant:
    """One candidate of a requisition, lived through step by step."""

    requisition: Requisition
    id: str
    human: str
    name: str

    @property
    def path(self) -> str:
        """Where they are."""
        return f"/v1/candidates/{self.id}"

    @property
    def company(self) -> Company:
        """Whose requisition it is."""
        return self.requisition.company

    async def comes_to(self, stage: str) -> dict[str, Any]:
        """Waits until they are at `stage`: the candidate as the recruiter reads them."""
        found: dict[str, Any] = await self.company.recruiter.sees(self.path, lambda it: it["stage"] == stage)
        return found

    async def is_shortlisted(self) -> None:
        """The recruiter's own verdicts."""
        await self.company.recruiter.does(f"{self.path}/shortlist", {"verdicts": dict.fromkeys(CRITERIA, "met")})

    async def is_advanced(self) -> None:
        """The hiring manager says yes to the profile."""
        await self.company.manager.does(f"{self.path}/answer-profile", {"verdict": "advance", "criterion": "K1"})

    async def needs_no_screen(self) -> None:
        """A lead opens the gate of the screen."""
        body = {
            "gate": "not_screened",
            "subject": self.id,
            "asked_by": self.company.recruiter.id,
            "why": "They were screened for the search next door.",
            "until": _at(days=2),
        }
        await self.company.recruiting_lead.does(f"{self.path}/override-gate", body)

    async def meets(self, *interviewers: Voice, **changes: Any) -> str:
        """An interview of the first round is booked; its id."""
        receipt = await self.company.recruiter.does(
            f"{self.path}/schedule-interview", interview_with(*interviewers, **changes)
        )
        page = await self.company.recruiter.reads(self.path, at_least=receipt["version"])
        booked: list[str] = sorted(page["interviews"], key=lambda key: int(key.removeprefix("I-")))
        return booked[-1]

    async def is_interviewed(self) -> str:
        """From the application to a final interview that was held by two, neither of whose cards is in; its id."""
        company = self.company
        await self.is_shortlisted()
        await self.requisition.slate_of(self)
        await self.is_advanced()
        await self.needs_no_screen()
        now = datetime.now(UTC)
        debrief = {
            "starts_at": f"{now + timedelta(days=1):%Y-%m-%d}T15:00:00Z",
            "attendees": [company.manager.id],
            **WHERE,
        }
        await company.recruiter.does(f"{self.path}/book-debrief", debrief)
        starts_at = datetime.now(UTC) + timedelta(seconds=1)
        interview = await self.meets(
            company.interviewer,
            company.other_interviewer,
            round=2,
            starts_at=starts_at.isoformat(),
            candidate_agreed_at=now.isoformat(),
        )
        await asyncio.sleep((starts_at - datetime.now(UTC)).total_seconds() + 0.05)
        notes = await company.recruiter.uploads("notes", self.human, b"She spoke of the clerks and of the vendor.")
        held = {
            "interview_id": interview,
            "outcome": "held",
            "ended_at": datetime.now(UTC).isoformat(),
            "rec": {"kind": "notes", "doc": notes, "why_unrecorded": "The room had no microphone."},
        }
        await company.recruiter.does(f"{self.path}/record-interview", held)
        return interview

    async def is_rated(self, interview: str, by: Voice, rating: int, words: str, overall: str) -> None:
        """Somebody's card on the first criterion."""
        card = {
            "interview_id": interview,
            "rubric_version": 1,
            "ratings": [{"criterion": "K1", "rating": rating, "evidence": [{"observation": words}]}],
            "overall": overall,
        }
        receipt = await by.does(f"{self.path}/submit-scorecard", card)
        await by.reads(self.path, at_least=receipt["version"])


CRITERIA = ("K1", "K2", "K3", "K4", "K5")

_FREE_DAYS = itertools.count(3)


def screen_at(starts_at: str, **changes: Any) -> dict[str, Any]:
    """The body of `schedule-screen`, at a time to which the candidate agreed a second ago."""
    agreed = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    agreement = {"candidate_zone": "UTC", "candidate_agreed_at": agreed}
    return {"starts_at": starts_at, "minutes": 30, **agreement, **WHERE, **changes}


def interview_with(*interviewers: Voice, **changes: Any) -> dict[str, Any]:
    """The body of `schedule-interview`, for a first round at a sociable hour of a day that nothing else is on."""
    return {
        "round": 1,
        "kind": "conversation",
        "interviewers": [{"person": one.id, "criteria": ["K1"]} for one in interviewers],
        "starts_at": f"{datetime.now(UTC) + timedelta(days=next(_FREE_DAYS)):%Y-%m-%d}T14:00:00Z",
        "minutes": 45,
        "candidate_zone": "UTC",
        **WHERE,
        **changes,
    }


def rubric_from(intake: str) -> dict[str, Any]:
    """The body of `edit-rubric`: the sample's rubric, whose passages stand in this intake."""
    written = rubric_sample()
    criteria = []
    for criterion in written["criteria"]:
        own = {key: value for key, value in criterion.items() if key not in ("passage", "speaker")}
        criteria.append(own | {"span": {"document": intake, "words": criterion["passage"]}})
    agreed = written["agreement"]
    return {
        "base_version": 0,
        "criteria": criteria,
        "requirements": written["requirements"],
        "agreement": {
            "candidates_expected": agreed["candidates_expected"],
            "within_days": agreed["by_when_days"],
            "meet_every_days": agreed["meet_every_days"],
            "interviewing": agreed["interviewing"],
            "updates": agreed["updates"],
        },
        "plan": [round | {"criteria": [CRITERIA[n] for n in round["criteria"]]} for round in written["plan"]],
        "job_text": written["job_text"],
    }


@cache
def rubric_sample() -> dict[str, Any]:
    """`samples/rubric.json`."""
    written: dict[str, Any] = json.loads(sample("rubric.json"))
    return written


def sample(name: str) -> bytes:
    """A file of `samples/`."""
    return (SAMPLES / name).read_bytes()


def _at(**offset: float) -> str:
    return (datetime.now(UTC) + timedelta(**offset)).isoformat()
