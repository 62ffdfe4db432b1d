"""A requisition that nobody moves, from the deadline to the ops board: in the engine, over the API, before the
doctor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from domain.access.roles import Role
from local.api_client import Api
from local.demo.play import until
from local.stack import on_free_ports, stack
from ops import temporal_ui
from ops.administration import Operator
from ops.doctor import examine
from settings import ROOT
from testing.stack_company import enrol, open_requisition
from workflows.client import connect
from workflows.contract import stream_of

pytestmark = pytest.mark.slow


@pytest.mark.timeout(180)
async def test_what_nobody_moves_is_found_by_one_query_and_leads_to_whom_it_waits_on(tmp_path: Path) -> None:
    settings = on_free_ports(tmp_path, policy=ROOT / "deploy" / "sla" / "demo.yaml")
    async with stack(settings, say=lambda _: None):
        people = await enrol(settings)
        client = await connect(settings.temporal_connection)
        recruiter, token = people["recruiter"]
        async with Api(settings.base_url, token, patience=90) as api:
            requisition = await open_requisition(api, people, "Nobody calls")
            stream = stream_of("requisition", requisition)
            await until(lambda: found(client, temporal_ui.BREACHED_SLA), bool, "the breach")
            other = stream_of("requisition", await open_requisition(api, people, "Somebody may yet call"))
        assert await until(lambda: found(client, temporal_ui.NOBODY_MOVED), bool, "the stuck search") == [stream]
        assert {stream, other} <= set(await found(client, temporal_ui.waiting_on(recruiter)))

        _, token = await Operator(settings).enrol("Ops", "ops@example.org", "UTC", [Role.OPS])
        async with Api(settings.base_url, token, patience=90) as api:
            (line,) = await until(lambda: api.read("/v1/ops/stuck"), bool, "the ops board")
        assert (line["stream"], line["clocks"], line["waiting_on"]) == (stream, ["intake_held"], [recruiter])
        assert line["temporal"] == temporal_ui.workflow_url(settings, stream)
        (stuck,) = (finding for finding in await examine(settings, stream) if finding.about == "stuck")
        assert f"has waited for {recruiter}" in stuck.sentence
        assert await found(client, temporal_ui.FAILING) == []

        # Its details were told anew at every rung; only what the attributes show is in the history.
        details = await client.get_workflow_handle(stream).query("__temporal_workflow_metadata")
        assert "**stuck**" in str(details)
        assert await upserts(client, stream) <= 4, "at its start, its opening, its breach, and when it was stuck"


async def found(client: Client, query: str) -> Sequence[str]:
    """The ids that a query of the Temporal UI lists."""
    return [run.id async for run in client.list_workflows(query)]


async def upserts(client: Client, stream: str) -> int:
    """How often search attributes were written in a run."""
    history = client.get_workflow_handle(stream).fetch_history_events()
    kind = EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
    return len([event async for event in history if event.event_type == kind])
