"""The pages for a security officer point at what is there, and leave no requirement out."""

from __future__ import annotations

import re
from collections import Counter

from settings import ROOT

PAGE = ROOT / "docs" / "security.md"
ASVS = ROOT / "docs" / "asvs.md"

REQUIRED = """
    1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2 3.3:1-4 3.4:1-6 3.5:1-5
    3.7:1-2 4.1:1-3 4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4 6.4:1-4 6.5:1-5
    6.6:1-3 6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3 8.3:1 8.4:1 9.1:1-3 9.2:1-4
    10.1:1-2 10.2:1-2 10.3:1-4 10.4:1-11 10.5:1-5 10.6:1-2 10.7:1-3 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1
    11.6:1 12.1:1-3 12.2:1-2 12.3:1-4 13.1:1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3
    15.2:1-3 15.3:1-7 16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3 17.1:1 17.2:1-4 17.3:1-2
"""
"""What ASVS 5.0.0 asks for at levels 1 and 2: sections, and in each the numbers of its requirements."""


def _required() -> list[str]:
    found = []
    for part in REQUIRED.split():
        section, _, numbers = part.partition(":")
        for run in numbers.split(","):
            first, _, last = run.partition("-")
            found += [f"V{section}.{n}" for n in range(int(first), int(last or first) + 1)]
    return found


def _rows() -> list[list[str]]:
    lines = ASVS.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| V")]


def test_every_test_they_name_is_there() -> None:
    for page, least in ((PAGE, 40), (ASVS, 100)):
        named = re.findall(r"`((?:tests|api|store|ops|docs)/[\w/.]+)`", page.read_text(encoding="utf-8"))
        assert len(named) > least
        assert [one for one in named if not (ROOT / one).exists()] == []


def test_every_rule_and_section_they_name_is_there() -> None:
    rules = "".join(file.read_text(encoding="utf-8") for file in (ROOT / ".semgrep").glob("*.yaml"))
    text = ASVS.read_text(encoding="utf-8")
    named = {
        rule for group in re.findall(r"`make audit` \(([^)]+)\)", text) for rule in re.findall(r"`([\w-]+)`", group)
    }
    assert len(named) > 3
    assert [rule for rule in named if f"id: {rule}\n" not in rules] == []
    for page, heading in re.findall(r"`(docs/\w+\.md)`, “([^”]+)”", text):
        headings = re.findall(r"^## (.+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
        assert heading in headings, f"{page} has no section {heading}"


def test_every_requirement_has_one_row() -> None:
    assert len(_required()) == 253
    assert Counter(row[0] for row in _rows()) == Counter(_required())


def test_every_row_says_how_it_stands_and_why() -> None:
    for id, asked, state, why in _rows():
        assert state in ("met", "not applicable", "open"), id
        assert asked, id
        assert why, id
