"""Figures, and how they are shown."""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from settings import ROOT


@dataclass(frozen=True)
class Spread:
    """Several measurements of one thing."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        if self.least == self.most:
            return _short(self.median)
        return f"{_short(self.median)} ({_short(self.least)} to {_short(self.most)})"


@dataclass(frozen=True)
class Line:
    """One figure: Tandem's, that of the bare comparison beside it, the goal, and the load while it was measured.

    `goal` is the most the figure, or its ratio to the comparison where there is one, may be; the least if `or_more`.
    """

    what: str
    unit: str
    tandem: Spread
    load: Spread
    bare: Spread | None = None
    goal: float | None = None
    or_more: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times the comparison's median Tandem's is."""
        return None if self.bare is None else self.tandem.median / self.bare.median

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is none."""
        if self.goal is None:
            return None
        figure = self.tandem.median if self.ratio is None else self.ratio
        return figure >= self.goal if self.or_more else figure <= self.goal

    def as_row(self) -> dict[str, object]:
        """Everything, for a file: medians as `ours` and `bare`, each with its least and most beside it."""
        bare = None if self.bare is None else self.bare.median
        return {
            "what": self.what,
            "unit": self.unit,
            "ours": self.tandem.median,
            "bare": bare,
            "ratio": self.ratio,
            "goal": self.goal,
            "met": self.met,
            "spread": asdict(self.tandem),
            "bare_spread": None if self.bare is None else asdict(self.bare),
            "load": self.load.median,
        }


class Kept:
    """A file of figures as JSON: `rows`, and the last run's `load` (average over a minute), `commit` and time (UTC).

    Each figure is in it as soon as it was measured, so that a run that ends early loses none; a figure of the same name
    takes the place of the one before, and those of other runs stay. Each row names the commit it was measured on.
    """

    def __init__(self, path: Path, load: float) -> None:
        self._path = path
        known = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
        self._rows: dict[str, dict[str, object]] = {row["what"]: row for row in known}
        self._run = {"load": load, "commit": commit(), "at": datetime.now(UTC).isoformat(timespec="seconds")}

    def keep(self, line: Line) -> None:
        """Writes the file anew with this figure in it."""
        self._rows[line.what] = line.as_row() | {"commit": self._run["commit"]}
        text = json.dumps({"rows": list(self._rows.values()), **self._run}, indent=1, ensure_ascii=False)
        unfinished = self._path.with_suffix(".unfinished")
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(self._path)


def commit() -> str:
    """The commit that is measured, by the first of its letters; with `+` where files differ from it."""
    asked = ["git", "describe", "--always", "--exclude=*", "--dirty=+"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def show(lines: Sequence[Line], console: Console) -> None:
    """Prints the figures as a table."""
    table = Table(box=SIMPLE_HEAD)
    table.add_column("")
    for heading in ("unit", "Tandem", "bare", "ratio", "goal", "", "load"):
        table.add_column(heading, no_wrap=True)
    for line in lines:
        goal = "" if line.goal is None else f"{'≥' if line.or_more else '≤'} {_short(line.goal)}"
        table.add_row(
            line.what,
            line.unit,
            str(line.tandem),
            "" if line.bare is None else str(line.bare),
            "" if line.ratio is None else f"{line.ratio:.2f}",
            goal,
            {None: "", True: "met", False: "missed"}[line.met],
            str(line.load),
        )
    console.print(table)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
