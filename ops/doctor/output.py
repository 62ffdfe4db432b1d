"""Findings for a terminal, and for a machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.doctor.findings import Finding, Level, worst

_MARKS: dict[Level, tuple[str, str]] = {
    "ok": ("ok", "green"),
    "warning": ("look", "yellow"),
    "broken": ("BROKEN", "bold red"),
}
_LAST = {
    "ok": "All is well.",
    "warning": "It works; somebody should look.",
    "broken": "Something is broken: the next steps stand beneath it.",
}


def print_findings(findings: Sequence[Finding], console: Console) -> None:
    """Prints a line for each finding, with the next step beneath those that need one, and a last word."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        mark, style = _MARKS[finding.level]
        sentence = Text(finding.sentence)
        if finding.next_step:
            sentence.append(f"\n→ {finding.next_step}", style="dim")
        table.add_row(Text(mark, style=style), finding.about, sentence)
    console.print(table)
    console.print(Text(_LAST[worst(findings)], style=_MARKS[worst(findings)][1]))


def as_json(findings: Sequence[Finding]) -> str:
    """`{"worst": "ok", "findings": [{"about": …, "level": …, "sentence": …, "next_step": …}]}`"""
    return json.dumps({"worst": worst(findings), "findings": [asdict(one) for one in findings]}, indent=2)
