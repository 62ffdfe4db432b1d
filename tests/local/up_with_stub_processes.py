"""`tandem up` with stand-ins for the worker and the API: `python -m tests.local.up_with_stub_processes`."""

import sys

from local.process_specs import Commands
from local.stack import Servers, up
from settings import load
from tests.local.stub_process import serving


async def story(running: Servers) -> None:
    print(f"the story is told on {running.temporal_address}")


if __name__ == "__main__":
    settings = load()
    sys.exit(
        up(
            settings,
            then=story,
            commands=Commands(
                migrate=(sys.executable, "-c", ""),
                worker=serving(settings.worker_port),
                api=serving(settings.api_port),
            ),
        )
    )
