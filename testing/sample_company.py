"""The company of the samples, speaking to a running API: it opens requisitions, and lives them up to the screens."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.api_client import Api
from local.demo.play import until
from local.demo.script import Json, Script, document
from ops.administration import Operator
from settings import Settings
from testing.places import WHERE

STANDING = {"recruiter": "R", "hr_partner": "P", "recruiting_lead": "L", "hiring_managers_lead": "L"}
PATIENCE = 60.0

SLATE = 5
"""So many profiles are shared together; the others follow one by one."""

ANSWERS = ("advance", "hold", "reject", "advance", "drift", "advance", "advance", "hold", "reject", "advance")
"""What the hiring manager says to the ten; drift is a reason that is not in the rubric."""


@dataclass
class Company:
    """People with their ids and connections; `waits` collects milliseconds from each command's request to receipt."""

    settings: Settings
    script: Script
    ids: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    apis: dict[str, Api] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def does(self, who: str, path: str, **body: Any) -> Json:
        """A command, and its receipt."""
        began = time.perf_counter()
        receipt: Json = await self.apis[who].give(path, body)
        self.waits.append((time.perf_counter() - began) * 1000)
        return receipt

    async def opens(self) -> str:
        """A new requisition; its id."""
        asked = self.script.story["requisition"]
        roles = {role: asked[role] for role in ("hiring_manager", "recruiter", "hr_partner")}
        roles |= {"recruiting_lead": asked["leads"]["recruiter"], "manager_lead": asked["leads"]["hiring_manager"]}
        receipt = await self.does(
            "mara",
            "/v1/requisitions",
            **{role: self.ids[who] for role, who in roles.items()},
            **{name: asked[name] for name in ("title", "team", "place", "jurisdiction", "openings")},
            band=self.script.band,
        )
        return str(receipt["stream"]).removeprefix("requisition/")

    async def adds(self, requisition: str) -> str:
        """Somebody applies, with a résumé no two of which are the same; the human's id."""
        number = next(self.numbers)
        candidates = self.script.story["candidates"]
        who = candidates[number % len(candidates)]
        recruiter = self.apis["mara"]
        applicant = (await recruiter.give("/v1/humans", {"name": who["name"], "email": f"{number}.{who['email']}"}))[
            "id"
        ]
        resume = document(who["resume"])
        body = resume.read_bytes()
        if resume.suffix == ".txt":
            body += f"\nApplication {number}\n".encode()
        doc = await recruiter.upload(body, "resume", applicant, resume.name)
        await self.does(
            "mara", f"/v1/requisitions/{requisition}/add-candidate",
            person=applicant, source=who["source"], doc=doc, notice_version="1",
        )  # fmt: skip
        return str(applicant)

    async def locks(self, requisition: str) -> None:
        """From the opening to the lock, and out with the job."""
        path, recruiter = f"/v1/requisitions/{requisition}", self.apis["mara"]
        intake = document(self.script.story["requisition"]["intake_transcript"])
        await recruiter.read(path, at_least=1)
        doc = await recruiter.upload(intake.read_bytes(), "transcript", requisition, intake.name)
        attendees = [self.ids[who] for who in ("mara", "dana", "hector")]
        rec = {"kind": "transcript", "doc": doc, "consent_of_all": True}
        await self.does(
            "mara", f"{path}/record-intake", kind="full", held_at=_now(), attendees=attendees, rec=rec
        )  # fmt: skip
        await self.does("mara", f"{path}/edit-rubric", base_version=0, **self.script.rubric(doc["id"]))
        receipt = await self.does("dana", f"{path}/edit-rubric", base_version=1, job_text=self.script.job_text)
        await recruiter.read(path, at_least=receipt["version"])
        shown = (await recruiter.read(f"{path}/rubric"))[0]
        version = shown["version"]
        for who in ("mara", "dana"):
            await self.does(
                who, f"{path}/sign-rubric", version=version, hash=shown["content_hash"], sign=True
            )  # fmt: skip
        await self.does(
            "mara", f"{path}/publish-job", action="open", channels=["company site"], rubric_version=version
        )  # fmt: skip

    async def candidates(self, requisition: str, count: int) -> list[str]:
        """The ids of a requisition's candidates, once there are so many."""
        api, path = self.apis["mara"], f"/v1/requisitions/{requisition}/candidates"
        found = await until(lambda: api.read(path, limit=500), lambda lines: len(lines) >= count, "the candidates")
        return [line["id"] for line in found]

    async def requisitions(self, count: int = 10) -> tuple[str, list[str]]:
        """A whole requisition up to the slate and the screens; its id, and its candidates'."""
        requisition = await self.opens()
        path, recruiter = f"/v1/requisitions/{requisition}", self.apis["mara"]
        await self.locks(requisition)
        for _ in range(count):
            await self.adds(requisition)
        candidates = await self.candidates(requisition, count)
        verdicts = self.script.verdicts(self.script.story["candidates"][0]["shortlist_verdicts"])
        for candidate in candidates:
            await self.does("mara", f"/v1/candidates/{candidate}/shortlist", verdicts=verdicts)
        await until(lambda: recruiter.read(path), lambda it: it["stages"].get("shortlisted") == count, "the shortlist")
        await self.does("mara", f"{path}/share-slate", candidate_ids=candidates[:SLATE])
        for number, candidate in enumerate(candidates):
            if number == SLATE:
                await until(lambda: recruiter.read(path), lambda it: not it["slate"]["waiting"], "the answered slate")
            if number >= SLATE:
                await self.does("mara", f"{path}/submit-candidate", candidate_id=candidate)
            await self._answers(number, candidate)
        await self._screens([one for one, said in zip(candidates, ANSWERS, strict=False) if said == "advance"])
        return requisition, candidates

    async def _comes_to(self, candidate: str, stage: str) -> None:
        path = f"/v1/candidates/{candidate}"
        await until(lambda: self.apis["mara"].read(path), lambda it: it["stage"] == stage, f"{candidate} {stage}")

    async def _answers(self, number: int, candidate: str) -> None:
        """The hiring manager's word on a profile, and what follows from it."""
        path, criterion = f"/v1/candidates/{candidate}", self.script.criterion(number % 3)
        told = self.script.story["slate"]["answers"]
        await self._comes_to(candidate, "submitted")
        match ANSWERS[number % len(ANSWERS)]:
            case "advance":
                await self.does("dana", f"{path}/answer-profile", verdict="advance", criterion=criterion)
                return
            case "hold":
                held = next(one for one in told if one["answer"] == "hold")
                needs, known = held["would_have_to_be_known"], held["known"]
                await self.does("dana", f"{path}/answer-profile", verdict="hold", criterion=criterion, needs=needs)
                heard = {"at": _now(), "direction": "inbound", "channel": "call", "answers_hold": known}
                await self.does("mara", f"{path}/log-contact", **heard)
                await self.does("dana", f"{path}/answer-profile", verdict="reject", criterion=criterion)
            case "drift":
                one = next(one for one in told if one.get("drift"))
                await self.does("dana", f"{path}/answer-profile", verdict="reject", why=f"{one['other']}. {one['why']}")
            case _:
                why = next(one["why"] for one in told if one["answer"] == "reject" and not one.get("drift"))
                await self.does("dana", f"{path}/answer-profile", verdict="reject", criterion=criterion, why=why)
        await self.does("mara", f"{path}/tell-outcome", channel="mail", text=self.script.story["rejections"][0]["tell"])

    async def _screens(self, candidates: list[str]) -> None:
        """All screens begin at the same moment; each is recorded, its draft awaited, and its summary confirmed."""
        starts_at = datetime.now(UTC) + timedelta(seconds=5)
        for candidate in candidates:
            await self.does(
                "mara", f"/v1/candidates/{candidate}/schedule-screen",
                starts_at=starts_at.isoformat(), minutes=30, candidate_zone="America/Denver",
                candidate_agreed_at=datetime.now(UTC).isoformat(), **WHERE,
            )  # fmt: skip
        await asyncio.sleep(max(0.0, (starts_at - datetime.now(UTC)).total_seconds() + 0.05))
        recorded = [screen for screen in self.script.story["screens"] if screen["transcript"]]
        for candidate, screen in zip(candidates, itertools.cycle(recorded), strict=False):
            path, transcript = f"/v1/candidates/{candidate}", document(screen["transcript"])
            doc = await self.apis["mara"].upload(transcript.read_bytes(), "transcript", candidate, transcript.name)
            rec = {"kind": "transcript", "doc": doc, "consent_of_all": True}
            await self.does("mara", f"{path}/record-screen", outcome="held", at=_now(), rec=rec)
            draft = (await self._drafted(candidate))["drafts"]["candidate_summary"]["id"]
            await self.does("mara", f"{path}/confirm-summary", draft_id=draft, **self.script.summary(screen, doc["id"]))

    async def _drafted(self, candidate: str) -> Json:
        drafted: Json = await until(
            lambda: self.apis["mara"].read(f"/v1/candidates/{candidate}"),
            lambda it: "candidate_summary" in it["drafts"],
            "the draft of the summary",
        )
        return drafted


@asynccontextmanager
async def founded(settings: Settings) -> AsyncIterator[Company]:
    """Everybody of the samples, with a token, on a running stack."""
    company, operator = Company(settings, Script()), Operator(settings)
    async with AsyncExitStack() as connections:
        for who in company.script.people:
            roles = [STANDING[who["role"]]] if who["role"] in STANDING else []
            key = who["id"]
            company.ids[key], company.tokens[key] = await operator.enrol(
                who["name"], who["email"], who["time_zone"], roles
            )
            api = Api(f"http://127.0.0.1:{settings.api_port}", company.tokens[key], PATIENCE)
            company.apis[key] = await connections.enter_async_context(api)
        yield company


def _now() -> str:
    return datetime.now(UTC).isoformat()
