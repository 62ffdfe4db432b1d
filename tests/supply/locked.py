"""What Tandem needs to run, as it is locked, and what lies in the repository that others made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from settings import ROOT

LOCK = ROOT / "requirements.lock"
STATIC = ROOT / "api" / "pages" / "static"


@dataclass(frozen=True)
class Vendored:
    """A file of others' that is served as it came."""

    name: str
    version: str
    licence: str
    path: Path

    @property
    def purl(self) -> str:
        """Where it came from, as package URLs say it."""
        return f"pkg:npm/{self.name}@{self.version}"


def vendored() -> list[Vendored]:
    """Every file of others' in the repository: beside each lies its licence."""
    htmx = STATIC / "htmx.js"
    found = re.search(r'version:"([\d.]+)"', htmx.read_text(encoding="utf-8"))
    if found is None:
        raise LookupError("htmx does not say which version it is")
    return [Vendored("htmx.org", found[1], "0BSD", htmx)]
