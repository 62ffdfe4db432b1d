"""One running stack for all of these tests: real servers, worker and API, and Debian's Chromium to look at the pages.

The policy is the demo's: a day lasts seconds, so that what comes after days comes within a test.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Generator
from typing import TYPE_CHECKING

import asyncpg
import httpx
import pytest

from local.demo import configured
from local.demo.play import Play
from local.demo.story import STORY
from local.stack import on_free_ports, stack
from ops.administration import Operator
from settings import Settings
from store.database import connect
from testing.api_company import Company as Colleagues
from testing.api_company import founded as colleagues_of
from testing.api_company import joins
from tests.pages.open_requisition_stack import play_half_way
from tests.pages.people import Company, founded

if TYPE_CHECKING:  # the fast tier has no browser, nor what drives one
    from playwright.async_api import Browser

    from tests.pages.browser import Site


UNDO_SECONDS = 8
"""Less than people have: a tap is taken back in it, and who goes on after it does not wait for long."""


@pytest.fixture(scope="session")
async def running(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """Everything, ready, on free ports; where there is a browser to look at it."""
    home = tmp_path_factory.mktemp("pages")
    settings = configured(on_free_ports(home, undo_seconds=UNDO_SECONDS, language_local_embeddings=False))
    async with stack(settings, say=lambda _: None):
        yield settings


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium."""
    from playwright.async_api import async_playwright

    from tests.pages.browser import CHROMIUM

    found = shutil.which(CHROMIUM)
    if found is None:
        pytest.fail(f"{CHROMIUM} is not installed: apt-get install {CHROMIUM}, or the pages go untried in a browser")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def plays(running: Settings) -> AsyncIterator[tuple[asyncio.Task[Play], asyncio.Task[Play]]]:
    """The demo, played to its end and then once more half way, while other tests go on."""

    stages = [Play(running, Operator(running).enrol) for _ in range(2)]

    async def whole() -> Play:
        for step in STORY:
            await step(stages[0])
        return stages[0]

    async def half() -> Play:
        await ended
        await play_half_way(stages[1])
        return stages[1]

    async with stages[0], stages[1]:
        ended = asyncio.create_task(whole())
        begun = asyncio.create_task(half())
        yield ended, begun
        for task in (begun, ended):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@pytest.fixture(scope="session")
async def demo(plays: tuple[asyncio.Task[Play], asyncio.Task[Play]]) -> Play:
    """The demo, played to its end: a filled requisition and the one after it."""
    return await plays[0]


@pytest.fixture(scope="session")
async def half_way(plays: tuple[asyncio.Task[Play], asyncio.Task[Play]]) -> Play:
    """The demo's requisition once more, left where it is somebody's turn everywhere."""
    return await plays[1]


@pytest.fixture(scope="session")
async def company(running: Settings) -> Company:
    """Everybody of these tests' own company."""
    return await founded(running)


@pytest.fixture(scope="session")
async def pool(running: Settings) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the running database."""
    async with await connect(running.database_dsn) as pool:
        yield pool


@pytest.fixture(scope="session")
async def everybody(running: Settings, pool: asyncpg.Pool) -> AsyncIterator[Colleagues]:
    """Those who take part in every module."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.api_port}", timeout=30, trust_env=False) as http:
        yield await colleagues_of(http, pool)


@pytest.fixture(scope="module")
async def colleagues(everybody: Colleagues, request: pytest.FixtureRequest) -> Colleagues:
    """A company whose people are made to do by the API what a page then shows.

    Its interviewers are this module's own: what others booked with theirs, at the first time that suited everybody, is
    now where it is office hours.
    """
    module = request.module.__name__.rpartition(".")[2]
    own = {
        part: await joins(everybody, f"{part}.{module}", [], called=f"{part} of {module}")
        for part in ("interviewer", "other_interviewer")
    }
    return Colleagues(everybody.http, everybody.pool, everybody.voices | own)


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remembers which tests failed, while what they used is still there."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
async def site(running: Settings, browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Site]:
    """The pages, to be visited by whoever a test needs; at its end no script may have failed. What each page said when
    a test failed is printed."""
    from tests.pages.browser import Site

    async with Site(running, browser) as site:
        yield site
        if request.node.stash.get(FAILED, False):
            print(*[said async for said in site.said()], sep="\n\n")
        site.check()
