"""`make audit-dependencies`: whether a fault is known in what Tandem needs to run, asked of an OSV database.

Ends with 0 where none is known, and where no database could be reached: it says then that nothing was audited. Ends
with 3 where a fault is known. pip-audit alone would end with 0 and "no known vulnerabilities" after asking nobody.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from settings import ROOT
from tests.supply.locked import LOCK, vendored

OSV = "https://api.osv.dev/v1/query"
FAULTS_KNOWN = 3
PATIENCE = 15
"""Seconds for each question."""


@dataclass(frozen=True)
class Answer:
    """What the database said: how many packages it was asked about, and the faults it knows, a line each."""

    audited: int
    faults: list[str]


class NotAudited(Exception):
    """Nobody answered, or not what was asked."""


def audited(lock: Path, osv: str) -> Answer:
    """Asks about every package of `lock` that this system needs, and every vendored file. Raises NotAudited."""
    packages = _packages(lock, osv)
    unasked = [one["name"] for one in packages if "vulns" not in one]
    if unasked or not packages:
        raise NotAudited(f"nothing was said of {', '.join(unasked) or 'anything'}")
    faults = [_line(one["name"], one["version"], fault) for one in packages for fault in one["vulns"]]
    for file in vendored():
        known = _asked(osv, {"package": {"name": file.name, "ecosystem": "npm"}, "version": file.version})
        faults += [_line(file.name, file.version, fault) for fault in known.get("vulns", ())]
    return Answer(len(packages) + len(vendored()), faults)


def _packages(lock: Path, osv: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        asked = subprocess.run(
            [
                *(str(Path(sys.executable).parent / "pip-audit"), "--requirement", str(lock), "--require-hashes"),
                *("--disable-pip", "--vulnerability-service", "osv", "--osv-url", osv, "--timeout", str(PATIENCE)),
                *("--progress-spinner", "off", "--format", "json", "--output", str(answer)),
                *("--cache-dir", folder),  # an answer of yesterday is none
            ],
            capture_output=True,
            check=False,
            text=True,
        )
        try:
            found: list[dict[str, Any]] = json.loads(answer.read_text(encoding="utf-8"))["dependencies"]
        except (OSError, ValueError, KeyError):
            raise NotAudited((asked.stderr.strip().splitlines() or ["no answer"])[-1]) from None
        return found


def _asked(osv: str, question: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = httpx.post(osv, json=question, timeout=PATIENCE).raise_for_status()
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as away:
        raise NotAudited(str(away)) from None
    return found


def _line(name: str, version: str, fault: dict[str, Any]) -> str:
    mended = ", ".join(fault.get("fix_versions", ()))
    return f"{name} {version}: {fault['id']}" + (f", mended in {mended}" if mended else "")


def main(lock: Path, osv: str) -> int:
    """Says how it is, and returns how to end."""
    what = lock.relative_to(ROOT) if lock.is_relative_to(ROOT) else lock
    try:
        answer = audited(lock, osv)
    except NotAudited as why:
        print(f"Not audited: no database of known faults could be reached. 0 packages of {what} were looked at.")
        print(f"({why})", file=sys.stderr)
        return 0
    found = len(answer.faults)
    known = "no fault is known" if not found else "1 fault is known" if found == 1 else f"{found} faults are known"
    print(f"Audited {answer.audited} packages of {what}: {known}.")
    print(*answer.faults, sep="\n", end="\n" if answer.faults else "")
    return FAULTS_KNOWN if answer.faults else 0


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lock", type=Path, default=LOCK)
    options.add_argument("--osv", default=OSV, help="another address that answers as OSV does")
    given = options.parse_args()
    sys.exit(main(given.lock, given.osv))
