"""The next release comes, and may go again: what runs goes on, with real servers and each build's own processes.

The steps are those of `docs/operations.md`, "Another build".
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import settings as tandem
from local.api_client import Refusal
from testing.stack_company import People, open_requisition
from tests.rehearsal.archive import PYTHON, last, unpack
from tests.rehearsal.stage import Build, Stage, stage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

REQUISITIONS = 3
DAY = "day: PT10S"
"""A day of the company's lasts ten seconds, so that what is due within days falls due while builds are exchanged."""

ENROL = """
import asyncio, json, settings
from domain.access.roles import Role
from ops.administration import Operator

async def enrol():
    operator = Operator(settings.load())
    roles = {"recruiter": [Role.RECRUITER], "manager": [], "partner": [Role.HR_PARTNER], "lead": [Role.LEAD]}
    return {name: await operator.enrol(name, f"{name}@example.org", "UTC", held) for name, held in roles.items()}

print(json.dumps(asyncio.run(enrol())))
"""


@pytest.fixture
def last_release(tmp_path: Path) -> Build:
    assert PYTHON.exists(), "`make test-slow` installs what the last release ran with: .venv/last-release"
    return Build(last(), unpack(last(), tmp_path), python=PYTHON)


TODAY = Build("today", tandem.ROOT)
NEXT = Build("next", tandem.ROOT, "import tests.rehearsal.next_release")
NEW_CLOCK, NEW_NAME = "terms_read", "terms_agreed"


class Company:
    """Searches with a candidate each, and what was done with them."""

    def __init__(self, stage: Stage, people: People) -> None:
        self.stage, self.people = stage, people
        self.token = people["recruiter"][1]
        self.requisitions: list[str] = []
        self.candidates: list[str] = []
        self._places = 0

    async def open(self) -> None:
        """Opens a requisition with one candidate."""
        async with self.stage.as_somebody(self.token) as api:
            requisition = await open_requisition(api, self.people, f"Search {len(self.requisitions)}")
            applicant = await api.give("/v1/humans", {"name": "Somebody", "email": f"{requisition}@example.com"})
            body = {"person": applicant["id"], "source": "applied", "notice_version": "1"}
            added = await api.give(f"/v1/requisitions/{requisition}/add-candidate", body)
            self.requisitions.append(requisition)
            self.candidates.append(added["begun"])
            await self._born(added["begun"])

    async def work_on(
        self,
        number: int,
        place: str = "Place",
        renamed: bool = False,
    ) -> None:
        """One more command for a requisition, and one for its candidate; both can be read afterwards.

        Not so where the command's event may be `renamed`: written by a run of a build whose name for it is not known.
        """
        self._places += 1
        async with self.stage.as_somebody(self.token) as api:
            requisition, candidate = self.requisitions[number], self.candidates[number]
            body = {"place": f"{place} {self._places}", "why": "The office moves, and everybody with it"}
            receipt = await api.give(f"/v1/requisitions/{requisition}/change-terms", body)
            seen = await api.read(f"/v1/requisitions/{requisition}", at_least=receipt["version"])
            assert renamed or seen["place"] == f"{place} {self._places}"
            word = {"at": receipt["at"], "direction": "outbound", "channel": "call"}
            receipt = await api.give(f"/v1/candidates/{candidate}/log-contact", word)
            seen = await api.read(f"/v1/candidates/{candidate}", at_least=receipt["version"])
            assert seen["version"] >= receipt["version"]

    @property
    def streams(self) -> list[str]:
        """Every requisition and candidate."""
        return [f"requisition/{s}" for s in self.requisitions] + [f"candidate/{c}" for c in self.candidates]

    async def _born(self, candidate: str) -> None:
        async def born() -> bool:
            return bool(await self.stage.rows("SELECT 1 FROM streams WHERE stream = $1", f"candidate/{candidate}"))

        await self.stage.until(born)


@pytest.fixture
async def on_stage(tmp_path: Path, last_release: Build) -> AsyncIterator[Stage]:
    """A stage on which clocks run out."""
    home = tmp_path / "home"
    home.mkdir()
    policy = (last_release.tree / "deploy/sla/default.yaml").read_text()
    async with stage(home, policy.replace("\nclocks:", f"\n{DAY}\n\nclocks:", 1)) as built:
        yield built


async def test_what_the_last_release_began_goes_on_with_this_build(on_stage: Stage, last_release: Build) -> None:
    stage = on_stage
    await stage.migrate(last_release)
    old = await stage.worker(last_release)
    await stage.make_current(last_release)
    old_api = await stage.api(last_release)
    company = Company(stage, await stage.run(last_release, ENROL))
    for number in range(REQUISITIONS):
        await company.open()
        await company.work_on(number)
    for stream in company.streams:
        assert set(await stage.builds(stream)) == {last_release.name}
    before = await stage.running_clocks()

    await stage.migrate(TODAY)
    await company.work_on(0)
    await stage.worker(TODAY)
    await stage.make_current(TODAY)
    await old_api.stop()
    await stage.api(TODAY)
    for number in range(REQUISITIONS):
        await company.work_on(number)
    for stream in company.streams:
        await stage.moved(stream, TODAY)
    await old.stop()
    await stage.revive_left_behind(TODAY)
    for number in range(REQUISITIONS):
        await company.work_on(number)
    await company.open()

    await no_clock_was_lost(stage, before)
    await all_is_well(stage)


async def test_what_the_next_release_began_goes_on_when_this_one_is_put_back(on_stage: Stage) -> None:
    stage = on_stage
    await stage.migrate(TODAY)
    await stage.worker(TODAY)
    await stage.make_current(TODAY)
    api = await stage.api(TODAY)
    company = Company(stage, await stage.run(TODAY, ENROL))
    for number in range(REQUISITIONS):
        await company.open()
        await company.work_on(number)

    coming = await stage.worker(NEXT)
    await stage.make_current(NEXT)
    await api.stop()
    api = await stage.api(NEXT)
    for number in range(REQUISITIONS - 1):
        await company.work_on(number)
        await stage.moved(f"requisition/{company.requisitions[number]}", NEXT)
        await stage.moved(f"candidate/{company.candidates[number]}", NEXT)
        await company.work_on(number)
    with pytest.raises(Refusal, match="too short a place"):
        await company.work_on(0, place="P")
    assert {row["type"] for row in await stage.rows("SELECT type FROM events")} >= {NEW_NAME}
    before = await stage.running_clocks()
    assert any(NEW_CLOCK in clock for clocks in before.values() for clock in clocks)

    await stage.make_current(TODAY)
    await api.stop()
    await stage.api(TODAY)
    for number in range(REQUISITIONS):
        await company.work_on(number, renamed=True)
    for stream in company.streams:
        await stage.moved(stream, TODAY)
    await coming.stop()
    await stage.revive_left_behind(TODAY)
    for number in range(REQUISITIONS):
        await company.work_on(number, place="P")
    await company.open()

    await no_clock_was_lost(stage, before)
    await all_is_well(stage)


async def test_what_this_build_moved_on_goes_on_when_the_last_release_is_put_back(
    on_stage: Stage, last_release: Build
) -> None:
    stage = on_stage
    await stage.migrate(last_release)
    await stage.worker(last_release)
    await stage.make_current(last_release)
    api = await stage.api(last_release)
    company = Company(stage, await stage.run(last_release, ENROL))
    for number in range(2):
        await company.open()
        await company.work_on(number)
    await stage.migrate(TODAY)
    worker = await stage.worker(TODAY)
    await stage.make_current(TODAY)
    await api.stop()
    api = await stage.api(TODAY)
    await company.work_on(0)
    await stage.moved(f"requisition/{company.requisitions[0]}", TODAY)
    await stage.moved(f"candidate/{company.candidates[0]}", TODAY)
    before = await stage.running_clocks()

    await stage.make_current(last_release)
    await api.stop()
    await stage.api(last_release)
    for number in range(2):
        await company.work_on(number, renamed=True)
    for stream in company.streams:
        await stage.moved(stream, last_release)
    await worker.stop()
    for number in range(2):
        await company.work_on(number)
    await company.open()

    await no_clock_was_lost(stage, before)
    await all_is_well(stage)


async def no_clock_was_lost(stage: Stage, before: dict[str, set[str]]) -> None:
    """Every clock that ran has been kept or voided since, or falls due and is noticed."""
    ran = {(stream, clock) for stream, clocks in before.items() for clock in clocks}
    assert ran

    async def noticed() -> bool:
        rows = await stage.rows(
            "SELECT stream, payload ->> 'clock_id' AS clock FROM events"
            " WHERE type IN ('clock_breached', 'clock_stopped')"
        )
        return ran <= {(row["stream"], row["clock"]) for row in rows}

    await stage.until(noticed)


async def all_is_well(stage: Stage) -> None:
    """Nothing failed, nobody was refused for a fault of ours, and no letter came twice."""
    assert await stage.failed_tasks() == []
    assert not any(times for status, times in stage.statuses.items() if status >= 500), stage.statuses
    letters = stage.letters()
    assert {letter: times for letter, times in letters.items() if times > 1} == {}
    assert await stage.rows("SELECT effect FROM deliveries WHERE effect LIKE '%/again'") == []
