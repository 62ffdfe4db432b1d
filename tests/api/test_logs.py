"""What the API and the worker log: a line of JSON for each command, with ids and never a word of what was said."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import httpx

from settings import Settings
from testing.api_clients import Voice, eventually, problem
from testing.api_company import Company
from tests.api.conftest import Process

NAME, SAID, SHORT = "Quillonia Featherby", "quilltold", "quillbad"


async def test_logs_name_ids_and_repeat_nothing(
    company: Company, running: Settings, api_process: Process, worker: Process
) -> None:
    requisition = await company.opens()
    someone = await requisition.gains(NAME)
    words = f"She called on Monday and said {SAID} of the vendor."
    spoken = {"at": datetime.now(UTC).isoformat(), "direction": "inbound", "channel": "call", "answers_hold": words}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{running.api_port}", trust_env=False) as http:
        recruiter = Voice(http, company.recruiter.id, company.recruiter.token)
        await recruiter.does(f"{someone.path}/log-contact", spoken)
        problem(await recruiter.asks(f"{someone.path}/log-contact", spoken | {"at": SHORT}), 422, "invalid")
        problem(await recruiter.asks(f"{requisition.path}/resume"), 409, "not_held")
        stranger = Voice(http, company.stranger.id, company.stranger.token)
        problem(await stranger.asks(f"{someone.path}/log-contact", spoken), 403, "not_permitted")
        problem(await recruiter.upload("transcript", someone.human, words.encode()), 422, "unreadable")

    async def logged() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in api_process.log.read_text().splitlines()]
        return [line for line in lines if line.get("code") == "not_permitted"] and lines

    lines = await eventually(logged, "the last refusal is not logged")
    workflow = f"candidate/{someone.id}"
    ids = {"process": "api", "workflow": workflow, "candidate": someone.id, "command": "log_contact"}
    assert [line["event"] for line in lines if ids.items() <= line.items()] == ["taken", "refused"]
    assert any(
        {"requisition": requisition.id, "command": "resume", "code": "not_held"}.items() <= line.items()
        for line in lines
    )
    for line in lines:
        assert {"event", "level", "timestamp"} <= line.keys()
    for process in (api_process, worker):
        for written in process.log.read_text().splitlines():
            json.loads(written)
            for word in (*NAME.split(), SAID, SHORT, str(company.recruiter.token)):
                assert word.lower() not in written.lower()
