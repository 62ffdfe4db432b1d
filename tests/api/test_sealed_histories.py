"""Whole payloads sealed on their way through Temporal: a search with it from the start, and one that it met midway."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, SearchAttributes
from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

import wiring
from local.stack import on_free_ports, servers
from ops.administration import Operator
from ops.doctor import examine
from privacy.payload_codec import KEY, is_sealed
from settings import Settings
from store.migrate import migrate
from store.policy_file import PolicyFile
from testing.api_company import Requisition
from tests.api.conftest import at_work
from worker import SANDBOX, WORKFLOWS

pytestmark = pytest.mark.slow

TITLE = "Quillfeather Product Manager"


@pytest.fixture(scope="module")
async def clear(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """Servers of their own, where nothing is sealed yet."""
    settings = on_free_ports(tmp_path_factory.mktemp("sealed"))
    async with servers(settings):
        await asyncio.to_thread(migrate, settings.database_dsn)
        yield settings


def payloads(message: Message) -> Iterator[Payload]:
    """Every payload in it but those of search attributes."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        held = value.values() if field.message_type.GetOptions().map_entry else value if field.is_repeated else [value]
        for part in held:
            if isinstance(part, Payload):
                yield part
            elif isinstance(part, Message) and not isinstance(part, SearchAttributes):
                yield from payloads(part)


async def history(client: Client, requisition: Requisition) -> WorkflowHistory:
    return await client.get_workflow_handle(f"requisition/{requisition.id}").fetch_history()


async def carried(client: Client, requisition: Requisition) -> list[Payload]:
    """All that its history holds, as the engine has it."""
    return [payload for event in (await history(client, requisition)).events for payload in payloads(event)]


async def test_it_is_switched_on_under_a_search_and_exchanged_and_off_and_everything_goes_on(clear: Settings) -> None:
    sealing = clear.model_copy(update={"payload_codec": "on"})
    engine = await wiring.engine(clear)
    async with at_work(clear) as company:
        older = await company.opens(title=TITLE)
    in_clear = await carried(engine, older)
    assert in_clear
    assert not any(map(is_sealed, in_clear))
    async with at_work(sealing, company) as company:
        older = Requisition(company, older.id)
        await older.locks()  # begun in clear, gone on with sealed
        newer = await company.opens(title=TITLE)
        await newer.locks()
        one = await newer.gains("Ruth Abara")
        found = await carried(engine, newer)
        assert len(found) > 20
        assert all(map(is_sealed, found))
        said = b"".join(event.SerializeToString() for event in (await history(engine, newer)).events)
        for word in (TITLE, "Ruth", one.human, "rubric_locked", "jurisdiction", "nearest deadline"):
            assert word.encode() not in said
        gone_on = (await carried(engine, older))[len(in_clear) :]
        assert gone_on
        assert all(map(is_sealed, gone_on))
        assert await Operator(sealing).rotate_payload_keys() == "K-000002"
    async with at_work(sealing, company) as company:
        await Requisition(company, older.id).gains("Somebody New")
        await Requisition(company, newer.id).gains("Somebody Else")
        assert {payload.metadata[KEY] for payload in await carried(engine, newer)} == {b"K-000001", b"K-000002"}
        async with wiring.services(sealing, PolicyFile(sealing.policy)) as at:
            replayer = Replayer(workflows=WORKFLOWS, workflow_runner=SANDBOX, data_converter=at.temporal.data_converter)
            for requisition in (older, newer):
                await replayer.replay_workflow(await history(engine, requisition))
        assert [one for one in await examine(sealing, f"requisition/{newer.id}") if one.level == "broken"] == []
        revived = await Operator(sealing).revive([f"requisition/{newer.id}"], force=True)
        assert not revived.not_revived
        await Requisition(company, newer.id).gains("After All")
    before = len(await carried(engine, newer))
    async with at_work(clear, company) as company:  # switched off: what was sealed is opened still
        await Requisition(company, newer.id).gains("Yet Another")
        assert not any(map(is_sealed, (await carried(engine, newer))[before:]))
    await another_key_is_a_sentence(sealing)


async def another_key_is_a_sentence(settings: Settings) -> None:
    [path] = settings.keys_folder.glob("*/K-000002")
    [other] = settings.keys_folder.glob("*/K-000001")
    path.write_bytes(other.read_bytes())
    for process in ("api", "worker"):
        command = [sys.executable, "-m", process]
        ended = await asyncio.to_thread(
            subprocess.run, command, env=settings.environment(), capture_output=True, text=True, timeout=60, check=False
        )
        assert (ended.returncode, ended.stderr.count("\n")) == (1, 1), ended.stderr
