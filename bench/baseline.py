"""The comparison's processes: `python -m bench.baseline worker` runs it, `… api PORT` is the smallest API before it."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from temporalio import activity
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import Worker

import settings
import wiring
from bench.baseline_workflow import INSERT, QUEUE, Bare, BareClock, How, Row
from local.process_specs import Child, answers_200
from settings import Settings
from store.database import connect as connect_database

TABLE = """
CREATE TABLE IF NOT EXISTS bare (
    workflow text NOT NULL, seq int NOT NULL, said text NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (workflow, seq)
)
"""


class Asked(BaseModel):
    """An update as Tandem took it: its arguments, and how many bytes came of it in the journal."""

    command: str
    envelope: dict[str, Any]
    payload: dict[str, Any]
    size: int
    start: bool = False


async def give(client: Client, workflow: str, how: How, asked: Asked) -> dict[str, Any]:
    """One update, which starts its workflow where that is asked; its receipt."""
    args = [asked.envelope, asked.payload, asked.size]
    if not asked.start:
        handle = client.get_workflow_handle(workflow)
        receipt: dict[str, Any] = await handle.execute_update(asked.command, args=args, result_type=dict)
        return receipt
    begun: dict[str, Any] = await client.execute_update_with_start_workflow(
        asked.command,
        args=args,
        result_type=dict,
        start_workflow_operation=WithStartWorkflowOperation(
            Bare.run, how, id=workflow, task_queue=QUEUE, id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING
        ),
    )
    return begun


def children(port: int) -> tuple[Child, Child]:
    """The comparison's worker and API, for a supervisor."""

    async def at_once() -> bool:
        return True

    command = (sys.executable, "-m", __name__)
    return (
        Child("bare-worker", (*command, "worker"), ready=at_once),
        Child("bare-api", (*command, "api", str(port)), ready=answers_200(port, "/ready")),
    )


async def _work(configured: Settings, client: Client) -> None:
    async with await connect_database(configured.database_dsn) as pool:
        await pool.execute(TABLE)

        @activity.defn(name=INSERT)
        async def insert(row: Row) -> None:
            statement = "INSERT INTO bare (workflow, seq, said) VALUES ($1, $2, $3)"
            await pool.execute(statement, row.workflow, row.seq, row.said)

        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[Bare, BareClock],
            activities=[insert],
            max_cached_workflows=configured.cached_workflows,
        ):
            await stop.wait()


async def _serve(client: Client, port: int) -> None:
    app = FastAPI()

    @app.post("/{how}/{workflow}")
    async def endpoint(how: How, workflow: str, asked: Asked) -> dict[str, Any]:
        return await give(client, workflow, how, asked)

    @app.get("/ready")
    async def ready() -> None:
        """It serves."""

    await uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None)).serve()


async def main(what: str, port: int = 0) -> None:
    """One of the two processes, until SIGTERM."""
    configured = settings.load()
    client = await wiring.engine(configured)
    await (_serve(client, port) if what == "api" else _work(configured, client))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
