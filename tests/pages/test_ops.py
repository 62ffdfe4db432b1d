"""The operations page: what is stuck, broken, undone or waits for a person, each with a way on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from playwright.async_api import expect

from settings import Settings
from testing.api_clients import eventually
from testing.api_company import Company, Requisition, joins
from testing.places import WHERE
from tests.pages.browser import Site, accessible, fits

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def requisition(colleagues: Company, pool: asyncpg.Pool) -> Requisition:
    """A requisition that is stuck, with something undone in it, whose hiring manager no mail can reach."""
    unreachable = await joins(colleagues, "unreachable", [])
    await pool.execute("UPDATE people SET email = 'no address at all' WHERE id = $1", unreachable.id)
    requisition = await colleagues.opens(title="Harbour pilot", hiring_manager=unreachable.id)
    stream = f"requisition/{requisition.id}"
    await colleagues.recruiter.sees(requisition.path, bool)
    await pool.execute(
        """
        INSERT INTO clocks (stream, id, requisition, name, about, owner, started_at, due_at, breached_at, stuck_at,
                            causes, pauses, extended)
        VALUES ($1, 'profile_answered:99', $2, 'profile_answered', '', $3, now() - interval '90 hours',
                now() - interval '50 hours', now() - interval '50 hours', now() - interval '2 hours', '{}', '[]', false)
        """,
        *(stream, requisition.id, colleagues.manager.id),
    )
    await pool.execute(
        "INSERT INTO effects_undone VALUES ($1, 'invite', now() - interval '6 hours', 3, 'no answer', now())",
        f"{stream}/1/9",
    )
    call = {"starts_at": (datetime.now(UTC) + timedelta(days=2)).isoformat(), "minutes": 60, **WHERE}
    await colleagues.recruiter.does(f"{requisition.path}/schedule-intake", call | {"attendees": [unreachable.id]})
    await colleagues.ops.sees(
        "/v1/ops/tasks", lambda tasks: any(task["requisition"] == requisition.id for task in tasks)
    )
    # As mail servers and programs do, it says why in a word that no line of a phone can hold.
    said = "UPDATE tasks SET reason = reason || ' at ' || repeat('relay_', 12) || 'example.org' WHERE requisition = $1"
    await pool.execute(said, requisition.id)
    return requisition


@pytest.mark.parametrize("seen", [{}, {"dark": True}, {"phone": True}], ids=["light", "dark", "phone"])
async def test_everything_at_a_glance(
    site: Site, colleagues: Company, requisition: Requisition, seen: dict[str, bool]
) -> None:
    page = await site.visit(colleagues.ops.token, "/ops", **seen)
    for part in ("Stuck", "Manual tasks", "Pending effects", "SLA breaches", "Mailbox of this machine"):
        await expect(page.get_by_role("heading", name=part, exact=True)).to_be_visible()
    await accessible(page)
    await fits(page)


async def test_what_is_stuck_leads_to_the_search_and_to_its_workflow(
    site: Site, colleagues: Company, requisition: Requisition, running: Settings
) -> None:
    page = await site.visit(colleagues.ops.token, "/ops")
    row = page.get_by_role("region", name="Stuck").get_by_role("row", name="Harbour pilot")
    await expect(row).to_contain_text("profile answered")
    await expect(row).to_contain_text("manager")
    workflow = row.get_by_role("link", name="its workflow")
    ui = f"http://127.0.0.1:{running.temporal_ui_port}/namespaces/default/workflows"
    await expect(workflow).to_have_attribute("href", f"{ui}/requisition%2F{requisition.id}")
    pending = page.get_by_role("region", name="Pending effects").get_by_role("row", name="no answer")
    await expect(pending).to_contain_text("invite")
    await row.get_by_role("link", name="Harbour pilot").click()
    await expect(page.get_by_role("heading", name="Harbour pilot")).to_be_visible()


async def test_the_board_says_that_a_search_is_stuck(site: Site, colleagues: Company, requisition: Requisition) -> None:
    page = await site.visit(colleagues.ops.token, "/board")
    await expect(page.get_by_role("row").filter(has_text="Harbour pilot").get_by_text("stuck")).to_be_visible()


async def test_a_task_is_settled_with_a_reason(site: Site, colleagues: Company, requisition: Requisition) -> None:
    page = await site.visit(colleagues.ops.token, "/ops")
    settle = page.get_by_role("link", name=f"of requisition {requisition.id}").filter(has_text="Settle")
    before = await settle.count()
    address = await settle.first.get_attribute("href")
    await settle.first.click()
    await accessible(page)
    await page.get_by_label("done", exact=True).check()
    await page.get_by_label("Why").fill("told by telephone")
    await page.locator("form.ask button.main").click()
    await expect(page.get_by_text("It counts in")).to_be_visible()
    assert address is not None

    async def settled() -> bool:
        """Whoever opens the form again has what they tapped counted first."""
        again = await page.goto(address)
        return again is not None and again.status == 404

    await eventually(settled, "it can be settled again")
    await expect(page.get_by_text("This is settled already.")).to_be_visible()
    await page.goto("/ops")
    await expect(settle).to_have_count(before - 1)


async def test_mail_that_was_caught_is_read_here(site: Site, colleagues: Company, requisition: Requisition) -> None:
    page = await site.visit(colleagues.ops.token, "/ops")
    letter = page.get_by_role("region", name="Mailbox").get_by_role("link").first
    subject = await letter.inner_text()
    await letter.click()
    await expect(page.get_by_role("heading", name=subject, exact=True)).to_be_visible()
    await accessible(page)


async def test_operations_are_for_operations(site: Site, colleagues: Company, requisition: Requisition) -> None:
    for voice in (colleagues.recruiter, colleagues.recruiting_lead, colleagues.stranger):
        page = await site.visit(voice.token, "/ops")
        await expect(page.get_by_text("You may not do this.")).to_be_visible()
        await expect(page.get_by_role("link", name="Operations")).to_have_count(0)
        answer = await page.request.get(f"/ops/requisitions/{requisition.id}/T-1")
        assert answer.status == 403
        assert (await page.request.get("/ops/mail/1")).status == 403
