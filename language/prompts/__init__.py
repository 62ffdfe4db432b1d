"""Prompts, one file a job and version, read once. A changed prompt is a new version: drafts say which one they had."""

import re
from functools import cache
from importlib import resources

_HOUSE = "house"


@cache
def version(job: str) -> str:
    """The prompt of `job` that is used now, its latest, by its full name. Raises KeyError where it has none."""
    return f"{job}.v{_versions()[job]}"


@cache
def _versions() -> dict[str, int]:
    found = re.findall(
        r"^(\w+)\.v(\d+)\.md$", "\n".join(file.name for file in resources.files(__name__).iterdir()), re.M
    )
    return {job: int(number) for job, number in sorted(found, key=lambda each: int(each[1]))}


@cache
def prompt(name: str) -> str:
    """The text of a prompt (`read.v1`), after the rules of the house."""
    return f"{_text(version(_HOUSE))}\n{_text(name)}"


def _text(name: str) -> str:
    return (resources.files(__name__) / f"{name}.md").read_text("utf-8")
