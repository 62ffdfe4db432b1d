"""Prompts, one file a job and version, read once. A changed prompt is a new version: drafts say which one they had."""

from functools import cache
from importlib import resources

VERSIONS = {
    "read": 1,
    "candidate_summary": 1,
    "findings": 1,
    "rubric": 1,
    "intake_brief": 1,
    "sourcing_brief": 1,
    "manager_update": 1,
    "retro": 1,
    "debrief_brief": 1,
    "rewording": 1,
    "drift": 1,
}
_HOUSE = "house.v1"


def version(job: str) -> str:
    """The prompt of `job` that is used now, by its full name."""
    return f"{job}.v{VERSIONS[job]}"


@cache
def prompt(name: str) -> str:
    """The text of a prompt (`read.v1`), after the rules of the house."""
    return f"{_text(_HOUSE)}\n{_text(name)}"


def _text(name: str) -> str:
    return (resources.files(__name__) / f"{name}.md").read_text("utf-8")
