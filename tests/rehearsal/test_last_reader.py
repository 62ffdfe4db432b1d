"""What this build writes is read by the last release's own code, which knows less: so a build can be put back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from domain.core.messages import Effect, Event, Typed
from tests.rehearsal.archive import last, unpack
from tests.replay.stored import Stored, stored_releases
from tests.replay.test_stored import called, folded, record_of

READ = """
import json, sys
from domain.core.messages import Effect, Event
from domain.registry import DECIDERS

written = json.load(sys.stdin)
for kinds, values in ((Event, written["events"]), (Effect, written["effects"])):
    for value in values:
        if value["kind"] in kinds.kinds:
            assert kinds.revive(value["kind"], value["payload"]).type == value["kind"], value
for entity, state in written["states"]:
    DECIDERS[entity].next_deadline(type(DECIDERS[entity].initial).model_validate(state))
"""


def test_what_is_written_today_is_read_by_who_ignores_what_it_does_not_know(tmp_path: Path) -> None:
    tree = unpack(last(), tmp_path)
    written = {"events": today(Event, "events"), "effects": today(Effect, "effects"), "states": states()}

    read = subprocess.run(
        [sys.executable, "-c", READ], cwd=tree, input=json.dumps(written), capture_output=True, text=True, check=False
    )

    assert read.returncode == 0, (
        f"{last()} could not be put back: it cannot read what this build writes. Give a changed thing another name, or "
        f"add to it and leave what is there.\n{read.stderr[-3000:]}"
    )


def today(kinds: type[Typed], samples: str) -> list[dict[str, Any]]:
    """Every kind that was ever written, as this build writes it."""
    return [
        kinds.revive(**called(sample)).stored._asdict()
        for release in stored_releases()
        for sample in getattr(Stored.read(release), samples)
    ]


def states() -> list[tuple[str, dict[str, Any]]]:
    """What this build makes of every journal, as its runs would carry it on."""
    return [
        (journal["stream"].partition("/")[0], state.model_dump(mode="json"))
        for release in stored_releases()
        for journal in Stored.read(release).journals
        for state in [folded(journal["stream"], [record_of(row) for row in journal["events"]])]
    ]
