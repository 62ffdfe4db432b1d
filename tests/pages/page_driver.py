"""What a person does on a page: follows links, fills in what they read, presses what they see."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.pages.browser import PATIENCE, accessible, fits

expect.set_options(timeout=PATIENCE)

_ASIDE = r"\s*((optional|needed|one of these|this, or|at least|a link)\b.*)?\s*"
"""What may stand beside a label: whether it may stay empty."""


class Hands:
    """Somebody's hands on one page. Every page they come to is looked at by axe, and fits its window."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def go(self, path: str) -> None:
        """Opens a page."""
        await self.page.goto(path)
        await self.look()

    async def look(self) -> None:
        """The page can be read by everybody."""
        await accessible(self.page)
        await fits(self.page)

    async def follow(self, words: str) -> None:
        """Follows a link."""
        await self.page.get_by_role("link", name=words, exact=True).first.click()
        await self.page.wait_for_load_state()
        await self.look()

    async def follow_once_there(self, words: str) -> None:
        """Looks at the page until this link is there, as what was tapped a moment ago counts, and follows it."""
        link = self.page.get_by_role("link", name=words, exact=True).first
        async with asyncio.timeout(2 * PATIENCE / 1000):
            while not await link.is_visible():
                await self.page.reload()
        await self.follow(words)

    async def owes(self, words: str) -> None:
        """Looks at what they owe until this is among it, as what another entity has heard of, and follows its link."""
        task = self.page.get_by_role("link", name=words, exact=True).first
        async with asyncio.timeout(2 * PATIENCE / 1000):
            await self.go("/owed")
            while not await task.is_visible():
                await self.page.reload()
        await self.follow(words)

    async def fill(self, label: str, text: str, within: Locator | None = None) -> None:
        """Fills in the input of this label."""
        await self._labelled(label, within).fill(text)

    async def select(self, label: str, option: str, within: Locator | None = None) -> None:
        """Chooses from a list."""
        await self._labelled(label, within).select_option(label=option)

    async def choose(self, question: str, *answers: str, within: Locator | None = None) -> None:
        """Ticks answers under a question."""
        group = (
            (within or self.page).get_by_role("group", name=re.compile(rf"^\s*{re.escape(question)}{_ASIDE}$")).first
        )
        for answer in answers:
            await group.get_by_label(answer, exact=True).first.check()

    async def tick(self, label: str, within: Locator | None = None) -> None:
        """Ticks a box."""
        await self._labelled(label, within).check()

    async def attach(self, label: str, file: Path) -> None:
        """Chooses a file."""
        await self._labelled(label, None).set_input_files(file)

    async def open(self, summary: str) -> None:
        """Opens something folded away."""
        await self.page.locator("summary", has_text=summary).first.click()

    async def press(self, words: str) -> None:
        """Presses a button, and waits for what it says."""
        await self.page.get_by_role("button", name=words, exact=True).first.click()
        await self.page.wait_for_load_state()

    async def does(self, words: str) -> None:
        """Presses a button, and it is done."""
        before = self.page.url
        await self.press(words)
        try:
            await expect(self.page.locator("[data-done]").last).to_be_visible()  # others' seconds may not be over
            await expect(self.page.locator("#refused")).to_have_count(0)
        except AssertionError:
            said = await self.page.locator(".refused, .error").all_inner_texts()
            said = said or [(await self.page.locator("body").inner_text())[:500]]
            raise AssertionError(f"“{words}” at {before} was not done: {said} at {self.page.url}") from None
        await self.look()

    async def counts(self) -> None:
        """Looks at the page until all that was tapped a moment ago is taken."""
        async with asyncio.timeout(2 * PATIENCE / 1000):
            while await self.page.locator(".done.held").count():
                await asyncio.sleep(0.5)
                await self.page.reload()

    async def refused(self, words: str, says: str) -> None:
        """Presses a button, and is told why not, where the eye and the focus are."""
        await self.press(words)
        summary = self.page.locator("#refused")
        await expect(summary).to_contain_text(says)
        await expect(summary).to_be_focused()
        await self.look()

    def group(self, name: str) -> Locator:
        """Inputs that belong together."""
        return self.page.get_by_role("group", name=name, exact=True)

    def _labelled(self, label: str, within: Locator | None) -> Locator:
        return (within or self.page).get_by_label(re.compile(rf"^\s*{re.escape(label)}{_ASIDE}$")).first
