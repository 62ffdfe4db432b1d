"""`make sbom`: what is installed to run, for whoever has to know it, in CycloneDX.

Names, versions and hashes are the lock's, so that the same commit always gives the same document; licences and what
needs what are read from the packages that are installed here, and left out for those that are not (another system's).
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.spdx import fixup_id, is_expression
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from settings import ROOT
from tests.supply.locked import LOCK, Vendored, vendored

PLACE = ROOT / "dist" / "tandem.cdx.json"
TANDEM = "tandem"

Json = dict[str, Any]


def bill_of_materials() -> Json:
    """The document, checked against the schema. Raises ValueError where it does not fit."""
    tool = [str(Path(sys.executable).parent / "cyclonedx-py"), "requirements", str(LOCK)]
    how = ["--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible", "--output-format", "JSON"]
    made = subprocess.run([*tool, *how], capture_output=True, check=True, text=True)
    found: Json = json.loads(made.stdout)
    packages = [_package(one) for one in found["components"]]
    found["components"] = [*packages, *map(_file, vendored())]
    found["metadata"]["component"]["bom-ref"] = TANDEM
    found["dependencies"] = [_needed_by_tandem(packages), *(_needed_by(one, packages) for one in packages)]
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(found)):
        raise ValueError(str(wrong))
    return found


def _package(found: Json) -> Json:
    """A component as the tool found it in the lock, without the line it found it in, and with its licence."""
    package = {name: value for name, value in found.items() if name != "description"}
    package["bom-ref"] = found["purl"]
    installed = _installed(package)
    licences = _licences(installed) if installed else []
    return package | ({"licenses": licences} if licences else {})


def _file(one: Vendored) -> Json:
    content = hashlib.sha256(one.path.read_bytes()).hexdigest()
    return {
        "type": "library",
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        "hashes": [{"alg": "SHA-256", "content": content}],
        "licenses": [{"license": {"id": one.licence}}],
        "properties": [{"name": "tandem:path", "value": one.path.relative_to(ROOT).as_posix()}],
    }


def _installed(package: Json) -> Distribution | None:
    try:
        found = distribution(package["name"])
    except PackageNotFoundError:
        return None
    return found if found.version == package["version"] else None


def _licences(installed: Distribution) -> list[Json]:
    """As the package declares them: an expression, or classifiers, or a line of text."""
    said = installed.metadata
    expression = said.get("License-Expression")
    if expression and is_expression(expression):
        return [{"expression": expression}]
    classifiers = [one for one in said.get_all("Classifier", []) if one.startswith("License :: ")]
    names = [one.rpartition(" :: ")[2] for one in classifiers if not one.endswith("OSI Approved")]
    line = (said.get("License") or "").strip()
    if not names and line and "\n" not in line and len(line) <= 80:
        names = [line]
    return [{"license": {"id": known} if (known := fixup_id(name)) else {"name": name}} for name in names]


def _needed_by_tandem(packages: list[Json]) -> Json:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    return {"ref": TANDEM, "dependsOn": sorted({*_among(wanted, packages), *(one.purl for one in vendored())})}


def _needed_by(package: Json, packages: list[Json]) -> Json:
    installed = _installed(package)
    needed = _among([one for one in installed.requires or [] if "extra ==" not in one], packages) if installed else []
    return {"ref": package["purl"], "dependsOn": needed}


def _among(wanted: list[str], packages: list[Json]) -> list[str]:
    names = {canonicalize_name(Requirement(one).name) for one in wanted}
    return sorted(one["purl"] for one in packages if canonicalize_name(one["name"]) in names)


if __name__ == "__main__":
    place = Path(sys.argv[1]) if len(sys.argv) > 1 else PLACE
    place.parent.mkdir(parents=True, exist_ok=True)
    document = bill_of_materials()
    place.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(document['components'])} components are listed in {place}.")
