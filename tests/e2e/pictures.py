"""Makes the pictures of `docs/operations.md` again: the real Temporal UI over a small stack that is in trouble.

`make pictures`. Needs Debian's `chromium`. Days last six seconds: a requisition whose intake nobody holds is breached
after eighteen and stuck after thirty. Before each picture the page must show what the text beside it says.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import FrameLocator, Page, async_playwright
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import PinnedVersioningOverride, VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from local.api_client import Api
from local.demo.play import until
from local.stack import on_free_ports, stack
from ops import temporal_ui
from settings import DEPLOYMENT, ROOT, Settings
from testing.stack_company import People, enrol, open_requisition
from workflows.client import connect
from workflows.contract import FLOW_QUEUE, Carried, stream_of

PICTURES = ROOT / "docs" / "pictures"
BUG = WorkerDeploymentVersion(DEPLOYMENT, "with-a-bug")
UNLUCKY = "person/P-UNLUCKY"


@workflow.defn(name="Person")
class Broken:
    """A person of a build with a bug."""

    @workflow.run
    async def run(self, carried: Carried) -> None:
        """Fails the task, each time."""
        raise ZeroDivisionError


@dataclass(frozen=True)
class Gallery:
    """A browser before a stack in trouble."""

    settings: Settings
    client: Client
    page: Page

    async def lists(self, query: str, *streams: str) -> None:
        """Waits until the engine lists exactly these for a query."""
        await until(lambda: self._listed(query), lambda found: found == set(streams), f"{query}: {streams} alone")

    async def _listed(self, query: str) -> set[str]:
        return {run.id async for run in self.client.list_workflows(query)}

    async def hangs(self, name: str, url: str | None, word: str, tab: str = "") -> None:
        """Opens a page, and a tab of it, waits for its word, and keeps its picture."""
        assert url
        await self.page.goto(url)
        shown: Page | FrameLocator = self.page
        if tab:
            await self.page.get_by_text(tab, exact=True).first.click()
            shown = self.page.frame_locator("iframe").last  # the UI keeps Markdown in a frame of its own
        await shown.get_by_text(word).first.wait_for(timeout=20_000)
        await self.page.evaluate("document.fonts.ready")
        await self.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
        print(f"{name}.png")


async def stuck(gallery: Gallery, api: Api, people: People) -> None:
    """Two requisitions that nobody moves, one further up the ladder than the other."""
    first = await open_requisition(api, people, "Grants officer")
    stuck_one, late_one = stream_of("requisition", first), ""
    await gallery.lists(temporal_ui.BREACHED_SLA, stuck_one)
    late_one = stream_of("requisition", await open_requisition(api, people, "Permits clerk"))
    await gallery.lists(temporal_ui.NOBODY_MOVED, stuck_one)
    ui = gallery.settings
    await gallery.hangs("stuck", temporal_ui.query_url(ui, temporal_ui.NOBODY_MOVED, "stuck"), first)
    await gallery.hangs("details", temporal_ui.workflow_url(ui, stuck_one), "the intake call", tab="User Metadata")
    await gallery.lists(temporal_ui.BREACHED_SLA, stuck_one, late_one)
    await gallery.hangs("breached", temporal_ui.query_url(ui, temporal_ui.BREACHED_SLA, "breached"), first)
    recruiter = people["recruiter"][0]
    waits = temporal_ui.query_url(ui, temporal_ui.waiting_on(recruiter), f"waiting on {recruiter}")
    await gallery.hangs("waiting-on", waits, first)


async def failing(gallery: Gallery) -> None:
    """A run whose build has a bug."""
    build = WorkerDeploymentConfig(
        version=BUG, use_worker_versioning=True, default_versioning_behavior=VersioningBehavior.PINNED
    )
    async with Worker(
        gallery.client, task_queue=FLOW_QUEUE, workflows=[Broken], workflow_runner=UnsandboxedWorkflowRunner(),
        deployment_config=build,
    ):  # fmt: skip
        await until(lambda: _starts(gallery.client), bool, "the build with a bug")
        await gallery.lists(temporal_ui.FAILING, UNLUCKY)
        query = temporal_ui.query_url(gallery.settings, temporal_ui.FAILING, "failing")
        await gallery.hangs("failing", query, "P-UNLUCKY")
        await gallery.hangs("failing-task", temporal_ui.workflow_url(gallery.settings, UNLUCKY), "unhandled failure")


async def _starts(client: Client) -> bool:
    try:
        await client.start_workflow(
            "Person", Carried(), id=UNLUCKY, task_queue=FLOW_QUEUE, versioning_override=PinnedVersioningOverride(BUG)
        )
    except RPCError:  # the engine hears of a build when its worker first asks for work
        return False
    return True


async def main() -> None:
    """All pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tandem-pictures-") as home:
        settings = on_free_ports(Path(home), policy=ROOT / "deploy" / "sla" / "demo.yaml")
        async with stack(settings, say=print), async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = await browser.new_page(viewport={"width": 1280, "height": 620})
            gallery = Gallery(settings, await connect(settings.temporal_connection), page)
            people = await enrol(settings)
            async with Api(settings.base_url, people["recruiter"][1], patience=90) as api:
                await stuck(gallery, api, people)
            await failing(gallery)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
