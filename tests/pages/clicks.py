"""Clicks and keys counted, and the page that says what each task took: `docs/clicks.md`.

A click is a press of a finger or a mouse: choosing a file is one, choosing from a list two, one to open it and one to
choose. Text that is typed is a word of its own and no key; a key is one that does something.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Locator, Page

from settings import ROOT

PAGE = ROOT / "docs" / "clicks.md"


class Task(NamedTuple):
    """Something that is done often: where it begins, the most clicks (or keys) it may take, and whether text is typed
    that nobody can know beforehand."""

    does: str
    begins: str
    most: int
    counts: str = "clicks"
    types: str = ""


TASKS: Mapping[str, Task] = {
    "profile": Task("Answer a profile", "the profile, as its message opens it", 2),
    "scorecard": Task("Fill in a scorecard of two criteria", "the card, as its message opens it", 6),
    "sign": Task("Sign the rubric", "the rubric, once it is read", 2),
    "book": Task("Book an interview, with calendars known", "its form, as a task opens it", 4),
    "book_next": Task("Book the same round with the next candidate", "the candidate's page", 4),
    "add": Task("Add a candidate from a PDF", "the requisition's pipeline", 3),
    "tell": Task("Tell ten people how it ended", "a list of candidates", 5, types="the letter"),
    "find": Task("Find a candidate by name", "any page", 2, counts="keys", types="the name"),
}


class Count(NamedTuple):
    """What a task took."""

    clicks: int
    keys: int
    typed: bool


class CountedPage:
    """A page whose reader's clicks and keys are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._clicks, self._keys, self._typed = 0, 0, False

    @property
    def count(self) -> Count:
        """What was done so far."""
        return Count(self._clicks, self._keys, self._typed)

    async def click(self, what: Locator) -> None:
        """One click, and what comes of it."""
        self._clicks += 1
        await what.click()
        await self.page.wait_for_load_state()

    async def choose(self, list: Locator, option: str) -> None:
        """Two clicks: the list is opened, and something in it chosen."""
        self._clicks += 2
        await list.select_option(label=option)

    async def give(self, file_input: Locator, file: Path) -> None:
        """One click: the window in which a file is chosen is the browser's."""
        self._clicks += 1
        await file_input.set_input_files(file)

    async def press(self, key: str) -> None:
        """One key that does something."""
        self._keys += 1
        await self.page.keyboard.press(key)

    async def type(self, words: str) -> None:
        """Text where the focus is."""
        self._typed = True
        await self.page.keyboard.type(words)


def above_its_goal(task: Task, count: Count) -> str:
    """What a task takes more than it may, in a sentence; nothing where it keeps its goal."""
    took = count.keys if task.counts == "keys" else count.clicks
    if took > task.most:
        return f"{task.does} takes {took} {task.counts}, and may take {task.most}."
    if count.typed and not task.types:
        return f"{task.does} makes somebody type what is known."
    if task.counts == "keys" and count.clicks:
        return f"{task.does} takes a mouse as well."
    return ""


def page_of(counts: Mapping[str, Count]) -> str:
    """The whole page, in Markdown."""
    lines = [
        "# What it takes",
        "",
        "Counted in a browser by `tests/pages/test_clicks.py`, which fails where something takes more than it may and",
        "where this page says otherwise; `make clicks` counts again and writes it. Choosing a file is one click,",
        "choosing from a list two; a key is one that does something, and text that is typed is named.",
        "",
        "| task | begins at | takes | may take | typed |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, task in TASKS.items():
        count = counts[name]
        took = count.keys if task.counts == "keys" else count.clicks
        typed = task.types if count.typed else "nothing"
        lines.append(f"| {task.does} | {task.begins} | {took} {task.counts} | {task.most} | {typed} |")
    return "\n".join(lines) + "\n"
