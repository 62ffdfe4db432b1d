"""What somebody was sent: they see each message, operations only how many there were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from store.read_model import MessageRow, write
from testing.api_clients import problem
from testing.api_company import Company

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


async def sent(company: Company) -> str:
    """Three messages to the manager in a week, and one in the next; the path to read them."""
    person = company.manager.id
    kinds = (("digest", 0, False), ("interruption", 1, False), ("digest", 2, True), ("letter", 7, False))
    rows = [
        MessageRow(person, number, kind, MONDAY + timedelta(days=days), 0 if withheld else 3, withheld)
        for number, (kind, days, withheld) in enumerate(kinds, 1)
    ]
    async with company.pool.acquire() as connection:
        await write(connection, rows)
    return f"/v1/people/{person}/messages"


async def test_a_person_sees_their_own_messages_and_how_many_there_were_each_week(company: Company) -> None:
    seen = await company.manager.reads(await sent(company))
    assert seen["weeks"] == [
        {"since": "2026-03-09", "digests": 0, "interruptions": 0, "letters": 1},
        {"since": "2026-03-02", "digests": 1, "interruptions": 1, "letters": 0},
    ]
    assert [(one["number"], one["kind"], one["withheld"]) for one in seen["messages"]] == [
        (4, "letter", False), (3, "digest", True), (2, "interruption", False), (1, "digest", False),
    ]  # fmt: skip


async def test_operations_see_counts_and_nobody_else_anything(company: Company) -> None:
    path = await sent(company)
    seen = await company.ops.reads(path)
    assert (len(seen["weeks"]), seen["messages"]) == (2, [])
    for other in (company.recruiter, company.manager_lead, company.system):
        problem(await other.get(path), 403, "not_permitted")


async def test_a_message_that_could_not_be_sent_is_for_operations_or_a_recruiter_to_resolve(company: Company) -> None:
    body = {"task_id": "T-9", "outcome": "retry", "why": "It is up again."}
    path = f"/v1/people/{company.manager.id}/resolve-task"
    problem(await company.ops.asks(path, body), 422, "unknown_reference")
    problem(await company.partner.asks(path, body), 403, "not_permitted")
