"""Every recorded run goes again as it went: outcomes, state, receipts, and what it asks of the outside."""

from __future__ import annotations

import pytest

from domain.registry import DECIDERS
from tests.replay.gate import GATE, differences, play_again
from tests.replay.recording import Recording, recorded, releases
from worker import SANDBOX, WORKFLOWS
from workflows.contract import entity_of

OWED = (
    "somebody owes the next step: the rubric from the intake on, a slate once nobody is left, the decision after a "
    "debrief that was held early; each is a clock that those builds did not start"
)
MOVED_ON: dict[str, str] = {
    "0.1.0": "clocks climb a ladder: warnings, escalation and stuck are events, told by other letters, and shown by "
    "one more search attribute; on leave they pass to somebody else",
    "0.6.0/07-candidate-hear-reply-run-1": "a letter is word to the candidate, as a call is, "
    "and the clock for it ends and begins anew",
    **{f"{release}/requisition": OWED for release in ("0.2.0", "0.3.0", "0.4.0", "0.5.0")},
}
"""Releases, one kind of their entities, or single runs of theirs, which this build would, on purpose, not decide as
they did: each with what was changed."""


def _entity_of(release: str, name: str) -> str:
    return entity_of(recorded(release)[name][0].stream)[0]


RUNS = {
    f"{release}/{name}-run-{number}": (release, name, number - 1)
    for release in releases()
    for name, runs in recorded(release).items()
    for number in range(1, len(runs) + 1)
}
REPLAYED = [
    run
    for run, (release, name, _) in RUNS.items()
    if not {release, run} & MOVED_ON.keys() and f"{release}/{_entity_of(release, name)}" not in MOVED_ON
]

WATCHED = {entity: next(run for run in REPLAYED if f"-{entity}-" in run) for entity in DECIDERS}
"""The richest life of each entity goes again in a sandbox that sees what the shell must not do, at twice the cost."""

WHAT_TO_DO = """
This code decides otherwise than the build that recorded {run}:

- {differences}

- If that was not meant, a rule has changed by mistake, and a running entity would forget what it acknowledged: mend it.
- If it was meant, running entities must not meet it, and will not: the code has another build id, their runs stay with
  the old build's workers until they continue as new. Say in MOVED_ON, above, what was changed, and record this build
  beside the old one: python -m tests.replay.record RELEASE.
- If only what is written down has another name or shape, upcast the old one: what is read as today's is no difference.
- Never edit a recording. Delete one only when no run of its build is left, or none ever was: it was not released yet.
"""


def recording(run: str) -> Recording:
    release, name, number = RUNS[run]
    return recorded(release)[name][number]


@pytest.mark.parametrize("run", REPLAYED)
async def test_a_recorded_run_goes_again_as_it_went(run: str) -> None:
    before = recording(run)

    now = await play_again(WORKFLOWS, before.history, GATE if run in WATCHED.values() else SANDBOX)
    found = differences(before.stream, before.decided, now)

    assert not found, WHAT_TO_DO.format(run=run, differences="\n- ".join(found))


@pytest.mark.parametrize("run", RUNS)
def test_what_a_recorded_run_left_behind_can_be_gone_on_with(run: str) -> None:
    before = recording(run)
    decider = DECIDERS[entity_of(before.stream)[0]]

    state = decider.read(before.decided.state)

    assert state.version == before.decided.state["version"]
    decider.next_deadline(state)


@pytest.mark.parametrize("entity", DECIDERS)
def test_every_command_is_taken_in_a_recording_of_the_newest_release(entity: str) -> None:
    newest = releases()[-1]
    taken = {
        command
        for runs in recorded(newest).values()
        for run in runs
        if entity_of(run.stream)[0] == entity
        for command in run.commands
    }

    missing = DECIDERS[entity].commands.keys() - taken - {"tick"}

    assert not missing, (
        f"no recorded {entity} of {newest} takes {sorted(missing)}, so that nothing would notice a change of their "
        "rules: record this build (python -m tests.replay.record RELEASE)"
    )
