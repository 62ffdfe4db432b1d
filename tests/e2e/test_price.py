"""What a requisition asks of the engine, beside what was measured when the figures were last written down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import wiring
from bench.replay_baseline import Reader
from bench.requisition_cost import CANDIDATES
from local.demo.play import until
from local.stack import on_free_ports, stack
from settings import ROOT
from store.database import connect
from testing.sample_company import founded

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MOST_MORE = 1.03
ROWS = ("Temporal actions", "history events an update in whole searches, effects and all")


def figures() -> dict[str, float]:
    """By what is measured, as `make bench` left it."""
    rows = json.loads((ROOT / "docs" / "performance.json").read_text())["rows"]
    return {row["what"].strip(): row["ours"] for row in rows}


async def test_a_requisition_asks_no_more_of_the_engine_than_was_written_down(tmp_path: Path) -> None:
    settings = on_free_ports(tmp_path)
    async with (
        stack(settings, say=lambda _: None),
        founded(settings) as company,
        await connect(settings.database_dsn) as pool,
    ):
        requisition, candidates = await company.requisitions(CANDIDATES)
        await until(lambda: pool.fetchval("SELECT count(*) FROM effects_undone"), lambda left: left == 0, "the rest")
        streams = [f"requisition/{requisition}", *(f"candidate/{candidate}" for candidate in candidates)]
        lived = await Reader(await wiring.engine(settings), pool).read(streams)

    now = dict(zip(ROWS, (lived.actions, lived.events.total() / len(lived.taken)), strict=True))
    known = figures()
    assert {row: value for row, value in now.items() if value > known[row] * MOST_MORE} == {}, known
