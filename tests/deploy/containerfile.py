"""Builds what `deploy/Containerfile` says without a container engine, and runs commands in it.

The root is a throwaway layer over this machine's (overlayfs, in a mount namespace of its own), with this Python where
the base image has one. Its instructions are carried out one by one, literally; both stages lie in the same root. Only
root may do that.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dockerfile_parse import DockerfileParser

from settings import ROOT

BASE = {
    "PATH": "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "LD_LIBRARY_PATH": "/usr/local/lib",
}
"""What the base image's environment is, and where this Python's own library is, which may have been built elsewhere."""

_BUILDS = {"RUN", "COPY", "WORKDIR", "ENV", "ARG", "FROM"}
_KEEPS = {"USER", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"}
_INDEX = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_FIND_LINKS", "PIP_CONFIG_FILE"),
    *("HOME", "XDG_CONFIG_HOME", "HTTPS_PROXY", "SSL_CERT_FILE"),
)
"""Where this machine's pip finds packages, or is told where, if it was."""


@dataclass
class Image:
    """What was built: `root` is its tree, `kept` what its last stage says of how it is run."""

    root: Path
    holder: subprocess.Popen[bytes]
    environment: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    folder: str = "/"

    def inside(self, command: Sequence[str], environment: Mapping[str, str], user: str = "0:0") -> list[str]:
        """The command line that runs `command` in the tree."""
        uid, _, gid = user.partition(":")
        return [
            *("nsenter", f"--target={self.holder.pid}", "--mount"),
            *("chroot", f"--userspec={uid}:{gid}", "--groups=", str(self.root)),
            *("env", "--ignore-environment", f"--chdir={self.folder}"),
            *(f"{name}={value}" for name, value in environment.items()),
            *command,
        ]

    def runs(self, arguments: Sequence[str], environment: Mapping[str, str]) -> list[str]:
        """The command line of the image's own entry point with these arguments, as its own user."""
        entry: list[str] = json.loads(self.kept["ENTRYPOINT"])
        return self.inside([*entry, *arguments], self.environment | environment, self.kept["USER"])


def built(folder: Path, arguments: Mapping[str, str]) -> Image:
    """Carries the Containerfile out in `folder`, which others may enter. Raises CalledProcessError where a step fails.

    The tree is read-only afterwards but for `/tmp`. `gone` has to be called in the end.
    """
    upper, work, root = folder / "upper", folder / "work", folder / "root"
    for place in (upper, work, root):
        place.mkdir()
    mounts = [
        "mount --make-rprivate /",
        f"mount -t overlay overlay -o lowerdir=/,upperdir={upper},workdir={work} {root}",
        f"mount --bind {sys.base_prefix} {root}/usr/local",
        f"mount -t proc proc {root}/proc",
        f"mount --rbind /dev {root}/dev",
        f"mount -t tmpfs -o mode=1777 tmpfs {root}/tmp",
        "echo mounted",
        "exec sleep infinity",
    ]
    holder = subprocess.Popen(
        ["unshare", "--mount", "sh", "-ec", "\n".join(mounts)], stdout=subprocess.PIPE, start_new_session=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"mounted\n"
    image = Image(root, holder)
    try:
        for step in _instructions():
            _carried_out(image, *step, arguments)
        _step(image, ["mount", "-o", "remount,ro", str(root)], outside=True)
    except BaseException:
        gone(image)
        raise
    return image


def _instructions() -> list[tuple[str, str]]:
    with open(ROOT / "deploy" / "Containerfile", "rb") as file:
        structure = DockerfileParser(fileobj=file).structure
    return [(step["instruction"], step["value"]) for step in structure if step["instruction"] != "COMMENT"]


def gone(image: Image) -> None:
    """Takes the tree down; its mounts go with their namespace."""
    image.holder.kill()
    image.holder.wait()
    if image.holder.stdout is not None:
        image.holder.stdout.close()
    shutil.rmtree(image.root.parent, ignore_errors=True)


def _carried_out(image: Image, instruction: str, value: str, arguments: Mapping[str, str]) -> None:
    assert instruction in _BUILDS | _KEEPS, f"{instruction} is not understood"
    if instruction == "FROM":
        assert re.fullmatch(r"python:3\.\d+-slim-bookworm@sha256:[0-9a-f]{64}( AS \w+)?", value), value
        image.environment, image.kept, image.folder = dict(BASE), {}, "/"
    elif instruction == "ARG":
        name, _, default = value.partition("=")
        image.arguments[name] = arguments.get(name, default.strip('"'))
    elif instruction == "ENV":
        for name, said in re.findall(r"(\w+)=(\S+)", value):
            image.environment[name] = re.sub(r"\$(\w+)", lambda found: _named(image, found[1]), said)
    elif instruction == "WORKDIR":
        _step(image, ["mkdir", "-p", value])
        image.folder = value
    elif instruction == "RUN":
        found = {name: os.environ[name] for name in _INDEX if name in os.environ}
        command = json.loads(value) if value.startswith("[") else ["/bin/sh", "-c", value]
        _step(image, command, found)
    elif instruction == "COPY" and not value.startswith("--from="):
        *sources, target = value.split()
        for source in _files(sources):
            place = image.root / image.folder.lstrip("/") / target / source.relative_to(ROOT)
            _step(image, ["install", "-D", "--mode=0644", str(source), str(place)], outside=True)
    elif instruction in _KEEPS:
        image.kept[instruction] = value


def _named(image: Image, name: str) -> str:
    return (image.arguments | image.environment).get(name, "")


def _step(image: Image, command: Sequence[str], more: Mapping[str, str] | None = None, outside: bool = False) -> None:
    environment = image.environment | dict(more or {})
    line = (
        ["nsenter", f"--target={image.holder.pid}", "--mount", *command]
        if outside
        else image.inside(command, environment)
    )
    subprocess.run(line, check=True, capture_output=True, timeout=900)


def _files(sources: Sequence[str]) -> list[Path]:
    """What of the repository goes into the context, by `.dockerignore`, and is asked for."""
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    context = [name for name in tracked.split("\0") if any(f"{name}/".startswith(f"{one}/") for one in kept)]
    if list(sources) == ["."]:
        return [ROOT / name for name in context]
    return [ROOT / name for name in context if any(fnmatch.fnmatch(name, source) for source in sources)]
