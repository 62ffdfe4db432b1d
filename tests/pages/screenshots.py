"""Pictures of every page, light, dark and on a phone, with the demo's data.

`python -m tests.pages.screenshots FOLDER`
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from local.demo import configured
from local.demo.play import Play
from local.demo.story import STORY
from local.stack import on_free_ports, stack
from ops.administration import Operator
from settings import Settings
from tests.pages.browser import CHROMIUM, Site
from tests.pages.open_requisition_stack import play_half_way
from tests.pages.page_list import Stop, tour
from tests.pages.people import founded

WAYS = {"light": {}, "dark": {"dark": True}, "phone": {"phone": True}}


async def taken(folder: Path) -> int:
    """Takes every picture, on servers of its own that are gone afterwards; how many there are."""
    with tempfile.TemporaryDirectory(prefix="tandem-pages-") as home:
        settings = configured(on_free_ports(Path(home)))
        async with stack(settings, say=lambda _: None):
            whole, half = (Play(settings, Operator(settings).enrol) for _ in range(2))
            async with whole, half:
                for step in STORY:
                    await step(whole)
                await play_half_way(half)
                operator = (await founded(settings)).operator.token
                return await _pictures(settings, tour(whole, half, operator), folder)


async def _pictures(settings: Settings, stops: list[Stop], folder: Path) -> int:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which(CHROMIUM), args=["--no-sandbox"])
        for stop in stops:
            for way, how in WAYS.items():
                async with Site(settings, browser) as site:
                    page = await site.visit(stop.token, stop.path, **how)
                    await page.screenshot(path=folder / f"{stop.name}-{way}.png", full_page=True)
        await browser.close()
    return len(stops) * len(WAYS)


if __name__ == "__main__":
    to = Path(sys.argv[1])
    to.mkdir(parents=True, exist_ok=True)
    print(f"{asyncio.run(taken(to))} pictures are in {to}")
