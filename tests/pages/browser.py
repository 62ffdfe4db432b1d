"""Visiting the pages as somebody: signed in, on a desk or a phone, by day or night; and what every page must hold."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from settings import Settings
from testing.sign_in import signed_in_at

CHROMIUM = "chromium"
"""The browser's command, as Debian names it."""

PHONE: ViewportSize = {"width": 375, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 900}
PATIENCE = 15_000
"""Milliseconds anything on a page may take to come, on a machine that has other things to do."""


class Site:
    """The pages of a running Tandem, for `async with`. Remembers what scripts complained of."""

    def __init__(self, settings: Settings, browser: Browser) -> None:
        self.base = f"http://127.0.0.1:{settings.api_port}"
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._complaints: list[str] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for context in self._contexts:
            await context.close()

    async def visit(
        self, token: str | None, path: str = "/", *, phone: bool = False, dark: bool = False, scripts: bool = True
    ) -> Page:
        """A page of `path` for whoever holds `token`, in a browser of their own."""
        context = await self._browser.new_context(
            base_url=self.base,
            viewport=PHONE if phone else DESK,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",  # a colour half way between two is neither
            has_touch=phone,
            java_script_enabled=scripts,
            timezone_id="America/New_York",
        )
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        if token:
            cookie = await signed_in_at(self.base, token)
            await context.add_cookies([{"name": cookie.name, "value": cookie.value, "url": self.base}])
        page = await context.new_page()
        page.on("pageerror", lambda error: self._complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: self._hear(page, said.type, said.text))
        await page.goto(path)
        return page

    async def said(self) -> AsyncIterator[str]:
        """Yields what each page says at the moment, after its address."""
        for page in (page for context in self._contexts for page in context.pages):
            yield f"{page.url}\n{(await page.locator('body').inner_text())[:3_000]}"

    def check(self) -> None:
        """No script failed, and nothing was asked for that the pages' own policy forbids."""
        assert not self._complaints, "\n".join(self._complaints)

    def _hear(self, page: Page, kind: str, text: str) -> None:
        # An answer of 4xx is an answer; being offline is what a test asked for.
        if kind == "error" and not re.search(r"status of [45]\d\d|ERR_INTERNET_DISCONNECTED", text):
            self._complaints.append(f"{page.url}: {text}")


async def accessible(page: Page, colours: bool = False) -> None:
    """Axe finds nothing on this page.

    Whether `colours` can be told apart takes it as long as all its other rules, and is asked where every page, and the
    page of every part in every state, is looked at by day and night (`test_every_page`).
    """
    # Of what passes nothing is written down: that takes axe as long as to try it.
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": colours}}}
    found = (await Axe().run(page, options=options)).response["violations"]
    assert not found, f"{page.url}\n" + "\n".join(map(_told, found))


async def fits(page: Page) -> None:
    """Nothing on this page is wider than its window."""
    wide: list[str] = await page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            const clips = (one) => getComputedStyle(one).overflowX !== "visible";
            const scrolls = (one) => one && (clips(one) || scrolls(one.parentElement));
            return [...document.body.querySelectorAll("*")]
                .filter((one) => one.getBoundingClientRect().right > width + 1 && !scrolls(one.parentElement))
                .map((one) => one.outerHTML.slice(0, 120));
        }"""
    )
    assert not wide, f"{page.url}: wider than {page.viewport_size}: {wide[:5]}"


def _told(violation: dict[str, Any]) -> str:
    where = "; ".join(f"{node['target']} {node['html'][:160]}" for node in violation["nodes"][:4])
    return f"{violation['id']}: {violation['help']}: {where}"
