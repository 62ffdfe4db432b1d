"""A folder dropped onto a page, in a real browser: files go up one by one, and end as candidates in the queue."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from local.demo.play import Play
from tests.documents.brought_folder import CALL, folder, resume, word
from tests.pages.browser import Site, accessible, fits

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # the first that asks waits for the demo

DROP = """([zone, files]) => {
    const brought = new DataTransfer();
    for (const [name, content] of files)
        brought.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name));
    const drop = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: brought });
    document.querySelector(zone).dispatchEvent(drop);
}"""


async def opened(site: Site, play: Play, *, scripts: bool = True, phone: bool = False) -> Page:
    """The page, as the recruiter has it."""
    path = f"/requisitions/{play.requisition}/applications/add-many"
    return await site.visit(play.mara.token, path, scripts=scripts, phone=phone)


async def test_a_folder_ends_as_candidates_in_the_queue(site: Site, half_way: Play, tmp_path: Path) -> None:
    brought = {name: content for name, content in folder().items() if name != "ada-again.txt"}
    (tmp_path / "from the portal").mkdir()
    for name, content in brought.items():
        (tmp_path / "from the portal" / name).write_bytes(content)
    (tmp_path / "from the portal" / "long.m4a").write_bytes(brought["call.m4a"] + bytes(11 * 1024**2))
    page = await opened(site, half_way)
    await page.get_by_label("or a whole folder").set_input_files(tmp_path)
    await expect(page.get_by_text("13 of 13 read.")).to_be_visible(timeout=60_000)
    await expect(page.get_by_text("This is a recording")).to_have_count(2)
    await accessible(page)
    await fits(page)
    greta = page.get_by_role("row").filter(has_text="greta.txt")
    await greta.get_by_label("Mail address").fill("greta.holm@example.com")
    await greta.get_by_label("Right as it stands here").check()
    await page.get_by_label("Version of the privacy notice they were given").fill("2026-01")
    await page.get_by_role("button", name="Add these applications").click()
    await expect(page.get_by_text("Done: Add applications from files.")).to_be_visible()
    await expect(page.get_by_role("link", name="Greta Holm")).to_be_visible()
    await expect(page.get_by_role("link", name="Bo Harker")).to_be_visible()
    await expect(page.get_by_text("damaged.pdf").first).to_be_visible()
    await page.get_by_role("row").filter(has_text="damaged.pdf").get_by_role("button", name="Leave it out").click()
    await expect(page.get_by_text("damaged.pdf")).to_have_count(0)
    await page.get_by_role("link", name="Answer the applications").click()
    await expect(page.get_by_text("Greta Holm").first).to_be_attached()


async def test_files_are_dropped_and_what_was_typed_stays(site: Site, half_way: Play) -> None:
    page = await opened(site, half_way, phone=True)
    first = {"one.docx": word(resume("Ilse Kern", "ilse.kern@example.com"))}
    second = {"two.docx": word(resume("Jon Aker", "jon.aker@example.com")), "call.txt": CALL}
    for files in (first, second):
        encoded = [[name, base64.b64encode(content).decode()] for name, content in files.items()]
        await page.evaluate(DROP, ["[data-bring]", encoded])
        await expect(page.get_by_text(f"{len(files)} of {len(files)} read.")).to_be_visible(timeout=30_000)
        row = page.get_by_role("row").filter(has_text="one.docx")
        if files is first:
            await row.get_by_label("Telephone").fill("+1 212 555 0199")
    await expect(row.get_by_label("Telephone")).to_have_value("+1 212 555 0199")
    await accessible(page)
    await fits(page)
    kept = await page.evaluate("() => JSON.stringify({ ...localStorage })")
    assert "Ilse" not in kept
    for name in ("one.docx", "two.docx", "call.txt"):
        await page.get_by_role("row").filter(has_text=name).get_by_role("button", name="Leave it out").click()
        await expect(page.get_by_role("row").filter(has_text=name)).to_have_count(0)


async def test_it_works_without_scripts(site: Site, half_way: Play, tmp_path: Path) -> None:
    (tmp_path / "lena.docx").write_bytes(word(resume("Lena Ort", "lena.ort@example.com")))
    page = await opened(site, half_way, scripts=False)
    await page.get_by_label("Files", exact=True).last.set_input_files(tmp_path / "lena.docx")
    await page.get_by_role("button", name="Read these files").click()
    await page.get_by_label("Version of the privacy notice they were given").fill("2026-01")
    await page.get_by_role("button", name="Add these applications").click()
    await expect(page.get_by_role("link", name="Lena Ort")).to_be_visible()
