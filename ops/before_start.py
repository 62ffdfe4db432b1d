"""What comes before worker and API on a laptop: keys that fit, and migrations (`python -m ops.before_start`).

Elsewhere migrations are a step of their own (`python -m store.migrate`), which needs no keys.
"""

from __future__ import annotations

import asyncio
import sys

import settings
import wiring
from privacy.keys import KeysUnreachable, WrongKeys
from store import migrate


def main() -> None:
    """Migrates, unless the keys are not this database's; then it says so in a sentence, and nothing is written."""
    try:
        configured = settings.load()
        asyncio.run(wiring.keys_fit(configured))
        migrate.main()
        asyncio.run(wiring.keys_fit(configured))
    except (settings.BadSettings, WrongKeys, KeysUnreachable) as refused:
        sys.exit(str(refused))


if __name__ == "__main__":
    main()
