"""The releases that a rehearsal starts from: `python -m tests.rehearsal.archive RELEASE [COMMIT]` keeps one.

An archive holds what is installed with a release and nothing else: the rooms a worker and an API need. Only the last
release is kept; whoever is further behind upgrades by way of it.
"""

from __future__ import annotations

import io
import lzma
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import settings

RELEASES = Path(__file__).parent / "releases"


def last() -> str:
    """The release that is kept."""
    [path] = RELEASES.iterdir()
    return path.name.removesuffix(".tar.xz")


def unpack(release: str, folder: Path) -> Path:
    """The release's tree in `folder`."""
    tree = folder / release
    with tarfile.open(RELEASES / f"{release}.tar.xz") as archive:
        archive.extractall(tree, filter="data")
    return tree


def keep(release: str, commit: str) -> None:
    """Writes the archive of what `commit` installs, in place of the release before."""
    project = subprocess.check_output(["git", "show", f"{commit}:pyproject.toml"], cwd=settings.ROOT)
    rooms = tomllib.loads(project.decode())["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    tree = subprocess.check_output(["git", "archive", commit, *rooms], cwd=settings.ROOT)
    packed = lzma.compress(_without_dates(tree), preset=9 | lzma.PRESET_EXTREME)
    for before in RELEASES.glob("*.tar.xz"):
        before.unlink()
    (RELEASES / f"{release}.tar.xz").write_bytes(packed)


def _without_dates(tree: bytes) -> bytes:
    """The same files, so that one commit always makes one archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(tree)) as source, tarfile.open(fileobj=out, mode="w") as target:
        for member in source:
            member.mtime = 0
            target.addfile(member, source.extractfile(member) if member.isfile() else None)
    return out.getvalue()


if __name__ == "__main__":
    release, *commit = sys.argv[1:]
    keep(release, *(commit or ["HEAD"]))
