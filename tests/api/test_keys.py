"""One key, one doing: what is asked again is not done again; and nobody overwrites what they have not seen."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from testing.api_clients import eventually, problem, taken
from testing.api_company import Company, Requisition
from testing.places import WHERE

CALLED = {"at": "2026-01-05T10:00:00Z", "direction": "inbound", "channel": "call"}


def invitation(company: Company, days: int = 3) -> dict[str, Any]:
    """The body of `schedule-intake`."""
    starts_at = f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}T14:00:00Z"
    return {"starts_at": starts_at, "minutes": 60, "attendees": [company.manager.id], **WHERE}


async def invitations(requisition: Requisition, version: int) -> int:
    """How often the intake was scheduled, in the journal as of this version at least."""
    reader = requisition.company.recruiter
    await reader.reads(requisition.path, at_least=version)
    return [entry["type"] for entry in await reader.reads(f"{requisition.path}/timeline")].count("intake_scheduled")


async def test_the_same_again_is_answered_and_not_done_again(company: Company) -> None:
    requisition = await company.opens()
    path, body = f"{requisition.path}/schedule-intake", invitation(company)
    first = await company.recruiter.does(path, body, key="call")
    answers = await asyncio.gather(*(company.recruiter.does(path, body, key="call") for _ in range(5)))
    assert answers == [first] * 5
    assert await invitations(requisition, first["version"]) == 1


async def test_the_same_at_the_same_time_is_done_once(company: Company) -> None:
    requisition = await company.opens()
    path, body = f"{requisition.path}/schedule-intake", invitation(company)
    answers = await asyncio.gather(*(company.recruiter.does(path, body, key="call") for _ in range(8)))
    assert len({answer["version"] for answer in answers}) == 1
    assert await invitations(requisition, answers[0]["version"]) == 1


async def test_a_key_is_not_used_for_something_else(company: Company) -> None:
    requisition = await company.opens()
    path = f"{requisition.path}/schedule-intake"
    first = await company.recruiter.does(path, invitation(company), key="call")
    other = await company.recruiter.asks(path, invitation(company, days=4), key="call")
    assert problem(other, 422, "key_reused")["accepted"]
    assert await company.recruiter.does(path, invitation(company), key="call") == first
    assert await invitations(requisition, first["version"]) == 1
    page = await company.recruiter.reads(requisition.path)
    assert page["meeting"]["starts_at"] == invitation(company)["starts_at"]


async def test_a_refusal_is_not_remembered(company: Company) -> None:
    requisition = await company.opens()
    resume = f"{requisition.path}/resume"
    problem(await company.recruiter.asks(resume, key="go on"), 409, "not_held")
    review_at = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    await company.recruiter.does(
        f"{requisition.path}/put-on-hold", {"why": "The budget is open.", "review_at": review_at}
    )
    first = await company.recruiter.does(resume, key="go on")
    assert await company.recruiter.does(resume, key="go on") == first


async def test_one_key_opens_one_search(company: Company) -> None:
    body = company.opening(title="Opened twice")
    receipts = await asyncio.gather(
        *(company.recruiter.does("/v1/requisitions", body, key="opening") for _ in range(4))
    )
    assert receipts == receipts[:1] * 4
    changed = await company.recruiter.asks("/v1/requisitions", body | {"title": "Opened anew"}, key="opening")
    problem(changed, 422, "key_reused")
    await company.recruiter.reads(f"/v1/{receipts[0]['stream'].replace('/', 's/')}", at_least=receipts[0]["version"])
    titles = [line["title"] for line in await company.ops.reads("/v1/board", limit=500)]
    assert (titles.count("Opened twice"), titles.count("Opened anew")) == (1, 0)


async def test_a_refused_opening_leaves_nothing_and_its_key_opens_later(company: Company) -> None:
    body = company.opening(title="Refused at first", openings=0)
    problem(await company.recruiter.asks("/v1/requisitions", body, key="refused"), 422, "bad_openings")
    receipt = await company.recruiter.does("/v1/requisitions", body | {"openings": 1}, key="refused")
    await company.recruiter.reads(f"/v1/{receipt['stream'].replace('/', 's/')}", at_least=receipt["version"])


async def test_a_key_belongs_to_whoever_used_it_and_to_where(company: Company) -> None:
    one, other = await company.opens(), await company.opens()
    ruth = await one.gains("Ruth Keyes")
    streams = set()
    for path, body, by in (
        (f"{one.path}/schedule-intake", invitation(company), company.recruiter),
        (f"{other.path}/schedule-intake", invitation(company, days=5), company.recruiter),
        (f"{ruth.path}/log-contact", CALLED, company.recruiter),
    ):
        streams.add((await by.does(path, body, key="mine"))["stream"])
    assert len(streams) == 3
    mine = await company.recruiter.does(f"{ruth.path}/log-contact", CALLED, key="mine")
    theirs = await company.manager.does(f"{ruth.path}/log-contact", CALLED | {"channel": "chat"}, key="mine")
    assert theirs["version"] > mine["version"], "the manager's key is not the recruiter's"


async def test_one_key_adds_one_candidate(company: Company) -> None:
    requisition = await company.opens()
    applicant = taken(await company.recruiter.asks("/v1/humans", {"name": "Kay Twice", "email": "kay@example.com"}))[
        "id"
    ]
    body = {"person": applicant, "source": "applied", "notice_version": "2026-01"}
    receipts = [await company.recruiter.does(f"{requisition.path}/add-candidate", body, key="kay") for _ in range(2)]
    assert receipts[0] == receipts[1]
    again = await company.recruiter.asks(f"{requisition.path}/add-candidate", body, key="kay, later")
    problem(again, 409, "duplicate_person")


async def test_one_key_adds_one_colleague(company: Company) -> None:
    body = {"name": "New Colleague", "email": "new.colleague@example.org", "zone": "UTC"}
    first = taken(await company.ops.asks("/v1/people", body, key="colleague"))
    assert taken(await company.ops.asks("/v1/people", body, key="colleague")) == first
    problem(await company.ops.asks("/v1/people", body | {"name": "Another"}, key="colleague"), 422, "key_reused")
    everybody = {person["id"]: person["name"] for person in await company.ops.reads("/v1/people")}
    assert everybody[first["id"]] == "New Colleague"


async def test_whoever_looked_too_early_is_told(company: Company) -> None:
    requisition = await company.opens()
    path = f"{requisition.path}/schedule-intake"
    seen = (await company.recruiter.sees(requisition.path, lambda view: "intake_brief" in view["drafts"]))["version"]
    receipt = await company.recruiter.does(path, invitation(company), version=seen)
    refusal = problem(
        await company.recruiter.asks(path, invitation(company, days=4), version=seen), 409, "stale_version"
    )
    assert refusal["accepted"]
    assert await invitations(requisition, receipt["version"]) == 1

    async def looks_again() -> bool:
        seen = (await company.recruiter.reads(requisition.path))["version"]
        return (await company.recruiter.asks(path, invitation(company, days=4), version=seen)).status_code == 200

    await eventually(looks_again, "the version that was just read is always stale")


async def test_a_key_that_cannot_be_one(company: Company) -> None:
    requisition = await company.opens()
    for key in ("", "k" * 101):
        problem(await company.recruiter.asks(f"{requisition.path}/resume", key=key), 422, "invalid")
    problem(await company.recruiter.asks(f"{requisition.path}/resume", version=-1), 422, "invalid")
