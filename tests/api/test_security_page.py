"""The page for a security officer points at tests that are there."""

from __future__ import annotations

import re

from settings import ROOT

PAGE = ROOT / "docs" / "security.md"


def test_every_test_it_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) > 40
    assert [one for one in named if not (ROOT / one).exists()] == []
