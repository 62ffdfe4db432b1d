"""The bill of materials lists what is locked and what others made, fits its schema, and tells nothing of a machine."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from settings import ROOT
from tests.supply.sbom import Json, bill_of_materials

VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)


@pytest.fixture(scope="module")
def bill() -> Json:
    """The document."""
    return bill_of_materials()


def _locked() -> dict[tuple[str, str], set[str]]:
    """Each package of the lock by name and version, with the hashes of what may be installed of it."""
    found: dict[tuple[str, str], set[str]] = {}
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if named := re.match(r"([\w.-]+)==([^ ;]+)", line):
            of_it = found.setdefault((named[1], named[2]), set())
        of_it |= set(re.findall(r"sha256:([0-9a-f]{64})", line))
    return found


def test_every_locked_package_is_in_with_its_version_and_its_hashes(bill: Json) -> None:
    locked = _locked()
    assert len(locked) > 80
    assert all(locked.values())
    listed = {
        (one["name"], one["version"]): {h["content"] for ref in one["externalReferences"] for h in ref["hashes"]}
        for one in bill["components"]
        if one["purl"].startswith("pkg:pypi/")
    }
    assert listed == locked


def test_what_others_made_and_lies_in_the_repository_is_in(bill: Json) -> None:
    listed = {
        one["properties"][0]["value"]: (one["hashes"][0]["content"], one["licenses"])
        for one in bill["components"]
        if "properties" in one
    }
    licences = list((ROOT / "api").rglob("*.LICENSE"))
    assert licences
    for licence in licences:
        file = licence.with_suffix(".js")
        content, said = listed[file.relative_to(ROOT).as_posix()]
        assert content == hashlib.sha256(file.read_bytes()).hexdigest()
        assert said
    served = {file.name for file in (ROOT / "api/pages/static").iterdir()}
    assert served - {licence.name for licence in licences} == {"htmx.js", "tandem.js", "tandem.css", "tandem.svg"}, (
        "what is ours is named here, what is others' has its licence beside it and stands in tests/supply/locked.py"
    )


def test_licences_and_what_needs_what_are_said_of_what_is_installed(bill: Json) -> None:
    packages = [one for one in bill["components"] if one["purl"].startswith("pkg:pypi/")]
    assert sum("licenses" in one for one in packages) > len(packages) * 0.9
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert any(one.startswith("pkg:pypi/starlette@") for one in needs[_purl(bill, "fastapi")])
    assert {_purl(bill, "fastapi"), _purl(bill, "htmx.org")} <= set(needs["tandem"])


def _purl(bill: Json, name: str) -> str:
    [found] = [str(one["purl"]) for one in bill["components"] if one["name"] == name]
    return found


def test_it_fits_its_schema(bill: Json) -> None:
    assert VALIDATOR.validate_str(json.dumps(bill)) is None
    assert VALIDATOR.validate_str(json.dumps(bill | {"components": [{"name": "no type"}]})) is not None


def test_it_tells_nothing_of_the_machine_it_was_made_on(bill: Json) -> None:
    text = json.dumps(bill)
    for tell_tale in (str(ROOT), str(Path.home()), sys.prefix, "file:", "localhost"):
        assert tell_tale not in text, tell_tale
    hosts = set(re.findall(r"https?://([^/\"]+)/simple", text))
    assert hosts == {"pypi.org"}
