"""The doctor on a real stack: each trouble is caused for real, seen with its next step, and gone once that was done."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.common import PinnedVersioningOverride, WorkerDeploymentVersion
from temporalio.service import RPCError

from cli import tandem
from local import postgres
from local.api_client import Api
from local.stack import on_free_ports
from ops import temporal_ui
from ops.administration import Operator
from ops.doctor import machine
from ops.doctor.database import skew
from settings import DEPLOYMENT, ROOT
from store.database import connect as connect_database
from store.migrate import migrate
from store.projections import PROJECTIONS
from store.rebuild import refresh
from testing.places import WHERE
from testing.stack_company import enrol, open_requisition
from tests.ops.sick_stack import Broken, Patient, Ward, of_build
from workflows.client import connect
from workflows.contract import FLOW_QUEUE, Carried, stream_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

OTHER_BUILD = "of-last-week"


@pytest.fixture(scope="module")
async def ward(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ward]:
    """The servers alone at first: the tests begin where an installation does."""
    ward = Ward(on_free_ports(tmp_path_factory.mktemp("doctor") / "home"))
    ward.settings.logs_folder.mkdir(parents=True)
    ward.settings.mailbox_folder.mkdir()
    try:
        await ward.start("postgres", "temporal", "mailbox")
        yield ward
    finally:
        await ward.stop(*reversed(ward.running))


@contextmanager
def environment(ward: Ward, **more: str) -> Iterator[CliRunner]:
    """A command line in the ward's environment."""
    own = {name: value for name, value in ward.settings.environment().items() if name.startswith("TANDEM_")}
    yield CliRunner(env=own | {"COLUMNS": "160"} | more)


async def the_command_line(ward: Ward, *words: str, **more: str) -> tuple[int, str]:
    """Its exit code, and what it printed."""
    with environment(ward, **more) as runner:
        answer = await asyncio.to_thread(runner.invoke, tandem, list(words))
    return answer.exit_code, answer.output


async def test_an_installation_that_was_only_begun(ward: Ward) -> None:
    found = {one.about: one for one in await ward.not_well()}
    assert found.keys() == {"keys", "migrations", "search attributes", "worker", "api"}
    assert "0001-journal" in found["migrations"].sentence
    assert "TandemPhase" in found["search attributes"].sentence
    assert "Start Tandem" in found["keys"].next_step
    for queue in ("tandem-flow", "tandem-language", "tandem-reach"):
        await ward.comes_to_say("worker", queue)
    code, said = await the_command_line(ward, "doctor")
    assert (code, "BROKEN" in said, "→ Run python -m store.migrate" in said) == (1, True, True)


async def test_a_whole_installation_is_well(ward: Ward) -> None:
    await asyncio.to_thread(migrate, ward.settings.database_dsn)
    async with await connect_database(ward.settings.database_dsn) as pool:
        await refresh(pool, PROJECTIONS)
    await ward.start("worker", "api")
    ward.people = await enrol(ward.settings)
    async with Api(ward.settings.base_url, ward.people["recruiter"][1], patience=90) as api:
        ward.requisition = await open_requisition(api, ward.people, "Somebody to look after machines")
        await api.give("/v1/humans", {"name": "Ines Okoye", "email": "ines@example.com"})
    await ward.is_well()
    await ward.is_well(of=stream_of("requisition", ward.requisition))
    code, said = await the_command_line(ward, "doctor", "--json")
    answer = json.loads(said)
    assert (code, answer["worst"]) == (0, "ok")
    looked_at = {one["about"] for one in answer["findings"]}
    assert looked_at >= {
        "disk", "keys", "policy", "blobs", "database", "database clock", "migrations", "read model", "tasks",
        "temporal", "temporal clock", "effects", "search attributes", "worker", "build", "failing tasks", "runs",
        "api", "mail",
    }  # fmt: skip
    code, said = await the_command_line(ward, "doctor", ward.requisition)
    assert (code, "All is well." in said) == (0, True)


async def test_a_mail_server_that_is_away_and_what_is_tried_in_vain(ward: Ward) -> None:
    await ward.stop("mailbox")
    async with Api(ward.settings.base_url, ward.people["recruiter"][1], patience=90) as api:
        requisition = await open_requisition(api, ward.people, "Somebody else")
        starts_at = datetime.now(UTC) + timedelta(days=1)
        await api.give(
            f"/v1/requisitions/{requisition}/schedule-intake",
            {
                "starts_at": starts_at.isoformat(),
                "minutes": 30,
                "attendees": [ward.people[who][0] for who in ("recruiter", "manager", "partner")],
                **WHERE,
            },
        )
    refused = await ward.comes_to_say("mail", "SMTPConnectError")
    assert f"127.0.0.1:{ward.settings.smtp_port}" in refused.sentence
    stream = stream_of("requisition", requisition)
    tried = await ward.comes_to_say("activity", r"invite \(.+\) has been tried since .+ UTC: \w+; attempt", of=stream)
    assert "Mend what the error names" in tried.next_step
    await ward.start("mailbox")
    await ward.is_well()
    await ward.is_well(of=stream)


async def test_a_read_model_that_does_not_show_what_happened(ward: Ward) -> None:
    stream = stream_of("requisition", ward.requisition)
    async with await connect_database(ward.settings.database_dsn, size=1) as pool:
        await pool.execute("UPDATE requisitions SET version = version - 1 WHERE id = $1", ward.requisition)
        (behind,) = await ward.not_well("read model")
        assert stream in behind.sentence
        assert "tandem rebuild" in behind.next_step
    await Operator(ward.settings).rebuild()
    await ward.is_well()


async def test_a_read_model_behind_the_run(ward: Ward) -> None:
    client = await connect(ward.settings.temporal_connection)
    async with await connect_database(ward.settings.database_dsn, size=1) as pool, pool.acquire() as connection:
        async with connection.transaction():
            await connection.execute("LOCK TABLE streams IN EXCLUSIVE MODE")  # the journal waits
            version = await ward.set_calendar(client, "Europe/Oslo")
            behind = await ward.comes_to_say("read model", "1 events wait for the journal", of=ward.person())
        assert f"It stands at version {version}, and what is read does not" in behind.sentence
    await ward.is_well(of=ward.person())


async def test_a_task_a_late_promise_a_stuck_one_and_one_that_nobody_noticed(ward: Ward) -> None:
    stream = stream_of("requisition", ward.requisition)
    async with await connect_database(ward.settings.database_dsn, size=1) as pool:
        await pool.execute(
            "INSERT INTO tasks VALUES ($1, 'T-9', $2, 'notify', 'refused', now())", stream, ward.requisition
        )
        for hours, late, stuck in ((50, 50, 2), (30, 30, None), (1, None, None)):
            await pool.execute(
                """
                INSERT INTO clocks (stream, id, requisition, name, about, owner, started_at, due_at, breached_at,
                                    stuck_at, causes, pauses, extended)
                SELECT $1, 'slate_shared:' || $3::int, $2, 'slate_shared', '', 'P-SOMEBODY', now() - interval '9 days',
                       now() - make_interval(hours => $3), now() - make_interval(hours => $4),
                       now() - make_interval(hours => $5), '{}', '[]', false
                """,
                *(stream, ward.requisition, hours, late, stuck),
            )
        found = await ward.not_well(of=stream)
        told = [(one.about, one.level) for one in found]
        assert told == [("stuck", "warning"), ("late", "warning"), ("overdue", "broken"), ("task", "warning")], found
        assert "slate_shared:50) has waited for P-SOMEBODY" in found[0].sentence
        assert "Call them" in found[0].next_step
        assert {one.about for one in await ward.not_well()} == {"tasks", "stuck"}
        code, said = await the_command_line(ward, "doctor", ward.requisition)
        assert (code, "nobody noticed" in said) == (1, True)
        effect = f"{stream}/1/9"
        await pool.execute(
            "INSERT INTO effects_undone VALUES ($1, 'invite', now() - interval '1 hour', 3, 'refused', now())", effect
        )
        (pending,) = await ward.not_well("effects")
        assert f"invite in {stream} (refused)" in pending.sentence
        await pool.execute("DELETE FROM effects_undone WHERE effect = $1", effect)
        await pool.execute("DELETE FROM tasks WHERE id = 'T-9'")
        await pool.execute("DELETE FROM clocks WHERE owner = 'P-SOMEBODY'")
    await ward.is_well()


async def test_builds_that_nobody_runs(ward: Ward) -> None:
    client = await connect(ward.settings.temporal_connection)
    async with of_build(client, OTHER_BUILD, Patient):
        await ward.comes_to_say("build", f"Workers of another build .+ run too: {OTHER_BUILD}")
        lost = await client.start_workflow(
            "Person",
            Carried(),
            id="person/P-LASTWEEK",
            task_queue=FLOW_QUEUE,
            versioning_override=PinnedVersioningOverride(WorkerDeploymentVersion(DEPLOYMENT, OTHER_BUILD)),
        )
    left = await ward.comes_to_say("build", "wait for a build that no worker runs: person/P-LASTWEEK")
    assert "tandem revive" in left.next_step
    await lost.terminate()
    await ward.is_well()
    await current(client, "")
    none = await ward.comes_to_say("build", r"New runs go to build \(none\)")
    build = re.search(r"--build-id (\w+)", none.next_step)
    assert build
    await current(client, build[1])
    await ward.is_well()


async def current(client: Client, build: str) -> None:
    """Makes a build the one that new runs go to."""
    await client.workflow_service.set_worker_deployment_current_version(
        SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=build, ignore_missing_task_queues=True,
        )
    )  # fmt: skip


async def test_no_worker_and_then_one_whose_code_fails(ward: Ward) -> None:
    client = await connect(ward.settings.temporal_connection)
    pinned = (await client.get_workflow_handle(ward.person()).describe()).raw_info.versioning_info.deployment_version
    await ward.stop("worker")
    waiting = asyncio.create_task(ward.set_calendar(client, "Europe/Paris"))
    await ward.comes_to_say("run", "no worker took it", of=ward.person())
    await ward.comes_to_say("worker", "No worker asks tandem-flow")

    async with of_build(client, pinned.build_id, Broken):
        failing = await ward.comes_to_say("failing task", r"times so far: \w+", of=ward.person())
        assert "what somebody wrote" not in failing.sentence
        assert f"tandem revive {ward.person()}" in failing.next_step
        named = await ward.comes_to_say("failing tasks", ward.person())
        assert "tandem ui failing" in named.next_step
        assert await found(client, temporal_ui.FAILING) == [ward.person()]
        assert await found(client, temporal_ui.NOBODY_MOVED) == []
    await ward.start("worker")
    # Whether the engine kept the command or gave it back depends on when the task failed; whoever gave it is told.
    (outcome,) = await asyncio.gather(waiting, return_exceptions=True)
    assert isinstance(outcome, int | RPCError | WorkflowUpdateRPCTimeoutOrCancelledError)
    assert not (await Operator(ward.settings).revive([ward.person()], force=True)).not_revived
    await ward.is_well()
    await ward.is_well(of=ward.person())
    assert await found(client, f'ExecutionStatus = "Running" AND {temporal_ui.FAILING}') == []


async def found(client: Client, query: str) -> Sequence[str]:
    """The ids that a query of the Temporal UI lists."""
    return [run.id async for run in client.list_workflows(query)]


async def test_a_run_that_the_engine_lost(ward: Ward) -> None:
    client = await connect(ward.settings.temporal_connection)
    stream = stream_of("requisition", ward.requisition)
    await client.get_workflow_handle(stream).terminate()
    lost = await ward.comes_to_say("run", "Its run has terminated", of=stream)
    assert f"tandem revive {stream}" in lost.next_step
    code, _ = await the_command_line(ward, "revive", stream)
    assert code == 0
    await ward.is_well(of=stream)
    (unknown,) = await ward.not_well(of="requisition/R-NEVERWAS")
    assert "Nothing ever happened" in unknown.sentence


async def test_keys_are_rotated_while_everything_runs(ward: Ward) -> None:
    master = (ward.settings.home / "master.key").read_bytes()
    code, said = await the_command_line(ward, "keys", "rotate")
    assert (code, "keys were wrapped anew" in said) == (0, True)
    assert (ward.settings.home / "master.key").read_bytes() != master
    async with Api(ward.settings.base_url, ward.people["recruiter"][1], patience=90) as api:
        ines = {"name": "Ines Okoye", "email": "ines@example.com"}
        assert len({(await api.give("/v1/humans", ines))["id"] for _ in range(2)}) == 1
        await api.give("/v1/humans", {"name": "Somebody New", "email": "new@example.com"})
        await open_requisition(api, ward.people, "Signed with the new key")
    await ward.is_well()


async def test_a_role_that_may_do_too_much_is_named(ward: Ward) -> None:
    mighty = SecretStr(ward.settings.embedded_dsn("tandem", postgres.SUPERVISOR))
    (named,) = await ward.not_well("database role", database_url=mighty)
    assert (named.level, "SUPERUSER" in named.sentence) == ("warning", True)


async def test_bad_policy_and_lost_keys(ward: Ward, tmp_path: Path) -> None:
    bad = tmp_path / "policy.yaml"
    bad.write_text((ROOT / "deploy" / "sla" / "default.yaml").read_text().replace("slate_shared:", "slate_shred:"))
    line = next(n for n, text in enumerate(bad.read_text().splitlines(), 1) if "slate_shred" in text)
    assert any(f"{bad}:{line}: there is no clock" in one.sentence for one in await ward.not_well("policy", policy=bad))
    keys, away = ward.settings.home / "keys", ward.settings.home / "keys-away"
    keys.rename(away)
    (gone,) = await ward.not_well("keys")
    assert "nothing personal can be read" in gone.sentence
    keys.mkdir()
    (wrong,) = await ward.not_well("keys")
    assert "There are no keys in" in wrong.sentence
    keys.rmdir()
    away.rename(keys)
    await ward.is_well()


async def test_files_that_are_lost_and_a_store_that_is_away(ward: Ward) -> None:
    async with Api(ward.settings.base_url, ward.people["recruiter"][1], patience=90) as api:
        doc = await api.upload(b"She spoke of the clerks.", "notes", ward.requisition, "notes.txt")
    await ward.is_well()
    assert await the_command_line(ward, "documents", "move-originals") == (0, "0 files were moved.\n")
    folder = ward.settings.home / "blobs"
    away = folder.rename(folder.with_name("blobs-away"))
    (lost,) = await ward.not_well("blobs")
    assert doc["id"] in lost.sentence
    folder.write_text("a file where a folder should be")
    (refused,) = await ward.not_well("blobs")
    assert "Nothing can be uploaded" in refused.sentence
    folder.unlink()
    away.rename(folder)
    await ward.is_well()


def test_a_folder_that_cannot_be_written_and_a_full_disk(tmp_path: Path) -> None:
    assert machine.keys(Path("/proc/self")).level == "broken"  # where even root makes no file
    assert machine.disk(tmp_path, needed=2**60).level == "broken"
    assert machine.disk(tmp_path, needed=0, comfortable=2**60).level == "warning"
    assert machine.disk(tmp_path / "not" / "yet", needed=0, comfortable=0).level == "ok"


@pytest.mark.parametrize(("off", "level"), [(-60, "warning"), (-1, "ok"), (1, "ok"), (60, "warning")])
def test_clocks_that_differ(off: float, level: str) -> None:
    before = datetime(2026, 3, 2, 9, tzinfo=UTC)
    after = before + timedelta(seconds=0.1)
    finding = skew("database", "PostgreSQL", before + timedelta(seconds=off), before, after)
    assert finding.level == level
    assert ("60 s behind" in finding.sentence) == (off == -60)
    assert ("60 s ahead of" in finding.sentence) == (off == 60)


def test_it_is_shown_somebody_or_nothing(tmp_path: Path) -> None:
    answer = CliRunner(env={"TANDEM_HOME": str(tmp_path)}).invoke(tandem, ["doctor", "X-1"])
    assert answer.exit_code == 2
    assert "X-1 is no id" in answer.stderr


async def test_with_everything_down_it_still_answers_soon(ward: Ward) -> None:
    await ward.stop("api", "worker", "temporal", "postgres", "mailbox")
    began = time.monotonic()
    broken = {one.about for one in await ward.not_well() if one.level == "broken"}
    assert broken == {"database", "temporal", "api", "mail"}
    assert {one.about for one in await ward.not_well(of=ward.person())} == {"journal", "run"}
    assert time.monotonic() - began < 60
    code, said = await the_command_line(ward, "doctor", "--json")
    assert (code, json.loads(said)["worst"]) == (1, "broken")
