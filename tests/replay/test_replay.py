"""Every recorded run goes again as it went: with the same outcome of each update, and the same state at the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.registry import DECIDERS
from tests.replay.gate import play_again
from tests.replay.recording import HISTORIES, Recording
from worker import WORKFLOWS
from workflows.contract import entity_of

MOVED_ON: dict[str, str] = {
    "0.1.0": "clocks climb a ladder: warnings, escalation and stuck are events, told by other letters, and shown by "
    "one more search attribute; on leave they pass to somebody else",
}
"""Releases whose runs this build would, on purpose, not decide as they did: each with what was changed."""

RECORDINGS = sorted(HISTORIES.glob("*/*.json"))
REPLAYED = [path for path in RECORDINGS if path.parent.name not in MOVED_ON]

WHAT_TO_DO = """
This code decides otherwise than the build that recorded {run}.

- If that was not meant, a rule has changed by mistake, and a running entity would forget what it acknowledged: mend it.
- If it was meant, running entities must not meet it, and will not: the code has another build id, their runs stay with
  the old build's workers until they continue as new. Say in MOVED_ON, above, what was changed, and record this build
  beside the old one: python -m tests.replay.record RELEASE.
- Never edit a recording. Delete one only when no run of its build is left, or none ever was: it was not released yet.
"""


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", REPLAYED, ids=name)
async def test_a_recorded_run_goes_again_as_it_went(path: Path) -> None:
    recording = Recording.read(path)
    advice = WHAT_TO_DO.format(run=name(path))

    try:
        decided = await play_again(WORKFLOWS, recording.history)
    except Exception as difference:
        raise AssertionError(advice) from difference

    assert decided.outcomes == recording.decided.outcomes, advice
    assert decided.state == recording.decided.state, advice


@pytest.mark.parametrize("path", RECORDINGS, ids=name)
def test_what_a_recorded_run_left_behind_can_be_gone_on_with(path: Path) -> None:
    recording = Recording.read(path)
    decider = DECIDERS[entity_of(recording.stream)[0]]

    state = type(decider.initial).model_validate(recording.decided.state)

    assert state.version == recording.decided.state["version"]
    decider.next_deadline(state)


def test_there_is_something_to_replay() -> None:
    assert {entity_of(Recording.read(path).stream)[0] for path in RECORDINGS} == set(DECIDERS)
