"""What `kubectl kustomize` makes of our folders, as far as they go: there is no such program in a package index.

Only what the kustomizations under `deploy/kubernetes/` say is understood, and anything else is an error. What it makes
is the same as kustomize 5.5 made of all three folders when this was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]

_KNOWN = {"apiVersion", "kind", "namespace", "nameSuffix", "labels", "resources", "images", "patches"}
_SELECTORS = ("selector.matchLabels", "template.metadata.labels")
_CLUSTERWIDE = {"Namespace"}


def rendered(folder: Path) -> list[Manifest]:
    """The manifests of a folder with a `kustomization.yaml`. Raises ValueError for what it does not understand."""
    said = yaml.safe_load((folder / "kustomization.yaml").read_text())
    if unknown := said.keys() - _KNOWN:
        raise ValueError(f"{folder.name}: {unknown} is not understood")
    found = [one for name in said["resources"] for one in _resources(folder / name)]
    for patch in said.get("patches", ()):
        _patched(found, patch)
    for label in said.get("labels", ()):
        for one in found:
            _labelled(one, label["pairs"])
    if suffix := said.get("nameSuffix"):
        _renamed(found, suffix)
    for image in said.get("images", ()):
        for container in _containers(found):
            name, _, _ = container["image"].partition(":")
            if name == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"
    if namespace := said.get("namespace"):
        for one in found:
            if one["kind"] not in _CLUSTERWIDE:
                one["metadata"]["namespace"] = namespace
    return found


def _resources(place: Path) -> list[Manifest]:
    return rendered(place) if place.is_dir() else list(yaml.safe_load_all(place.read_text()))


def _patched(found: list[Manifest], patch: Manifest) -> None:
    target, change = patch["target"], yaml.safe_load(patch["patch"])
    hit = [
        one
        for one in found
        # Names as they were before a suffix will do.
        if one["kind"] == target["kind"] and re.match(rf"{re.escape(target['name'])}(-\d+-\d+-\d+)?$", _name(one))
    ]
    if not hit:
        raise ValueError(f"there is no {target['kind']} {target['name']} to be patched")
    for one in hit:
        _merged(one, {key: value for key, value in change.items() if key not in ("apiVersion", "kind", "metadata")})


def _merged(into: Manifest, change: Manifest) -> None:
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merged(into[key], value)
        elif isinstance(value, list) and all(isinstance(part, dict) and "name" in part for part in value):
            there = into.setdefault(key, [])
            by_name = {part["name"]: part for part in there}
            # New parts come first, as in a strategic merge patch.
            for part in reversed(value):
                if part["name"] in by_name:
                    _merged(by_name[part["name"]], part)
                else:
                    there.insert(0, part)
        else:
            into[key] = value


def _labelled(one: Manifest, pairs: dict[str, str]) -> None:
    one["metadata"].setdefault("labels", {}).update(pairs)
    for path in _SELECTORS:
        place = one.get("spec", {})
        for step in path.split("."):
            place = place.get(step, {}) if isinstance(place, dict) else {}
        if place:
            place.update(pairs)


def _renamed(found: list[Manifest], suffix: str) -> None:
    before = {(one["kind"], _name(one)) for one in found}
    for one in found:
        one["metadata"]["name"] += suffix
        target = one.get("spec", {}).get("scaleTargetRef", {})
        if (target.get("kind"), target.get("name")) in before:
            target["name"] += suffix


def _name(one: Manifest) -> str:
    name: str = one["metadata"]["name"]
    return name


def _containers(found: list[Manifest]) -> Iterator[Manifest]:
    for pod in pods(found).values():
        yield from pod["containers"]


def pods(found: list[Manifest]) -> dict[str, Manifest]:
    """The spec of every pod that the manifests would run, by kind and name of what runs it."""
    return {
        f"{one['kind']}/{_name(one)}": one["spec"]["template"]["spec"]
        for one in found
        if "containers" in one.get("spec", {}).get("template", {}).get("spec", {})
    }
