"""`tandem up` with stand-ins for the worker and the API: `python -m tests.local.up_with_stand_ins`."""

import sys

from local.children import Commands
from local.stack import up
from settings import load
from tests.local.stand_in import serving

if __name__ == "__main__":
    settings = load()
    sys.exit(
        up(
            settings,
            commands=Commands(
                migrate=(sys.executable, "-c", ""),
                worker=serving(settings.worker_port),
                api=serving(settings.api_port),
            ),
        )
    )
