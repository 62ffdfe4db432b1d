"""The release that a rehearsal starts from: `python -m tests.rehearsal.archive keep RELEASE [COMMIT]` keeps one.

An archive holds what is installed with a release and nothing else: the rooms a worker and an API need, and the lock of
the libraries they ran with. Only the last release is kept; whoever is further behind upgrades by way of it. `make
test-slow` installs that lock (`python -m tests.rehearsal.archive install`) in an environment of its own, because
today's need not have what the release imports.
"""

from __future__ import annotations

import io
import lzma
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

import settings

RELEASES = Path(__file__).parent / "releases"
LOCK = "requirements.lock"
ENVIRONMENT = Path(sys.prefix) / "last-release"
PYTHON = ENVIRONMENT / "bin" / "python"
"""What the last release runs with, and the libraries of its time."""


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
    tree = subprocess.check_output(["git", "archive", commit, *rooms, LOCK], cwd=settings.ROOT)
    packed = lzma.compress(_without_dates(tree), preset=9 | lzma.PRESET_EXTREME)
    for before in RELEASES.glob("*.tar.xz"):
        before.unlink()
    (RELEASES / f"{release}.tar.xz").write_bytes(packed)


def install() -> None:
    """Makes the environment of the last release anew: its lock, in its hashes. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        lock = unpack(last(), Path(folder)) / LOCK
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes"]
        subprocess.run([*pip, "-r", lock], check=True)


def _without_dates(tree: bytes) -> bytes:
    """The same files, so that one commit always makes one archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(tree)) as source, tarfile.open(fileobj=out, mode="w") as target:
        for member in source:
            member.mtime = 0
            target.addfile(member, source.extractfile(member) if member.isfile() else None)
    return out.getvalue()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["keep", release, *commit]:
            keep(release, *(commit or ["HEAD"]))
        case ["install"]:
            install()
        case _:
            sys.exit(__doc__)
