"""A search over thousands of applicants takes no longer than it may over a hundred thousand."""

from pathlib import Path

import pytest

from bench.search_speed import MILLISECONDS, Size, filled, measured

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BESIDE_OTHERS = 4
"""How many times as long it may take while other tests have the machine too; `bench.search_speed` measures alone."""


async def test_a_search_over_ten_thousand_applicants_answers_in_time(tmp_path: Path) -> None:
    size = Size(applicants=10_000, words=100, requisitions=200)
    async with filled(tmp_path, size) as kept:
        lines = await measured(kept, size, 10)
    assert len(lines) == 12
    slow = {line.what: line.tandem.median for line in lines if line.tandem.median > MILLISECONDS * BESIDE_OTHERS}
    assert slow == {}
