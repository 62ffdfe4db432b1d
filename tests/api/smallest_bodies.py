"""The smallest body of each command that its JSON schema takes, so that a request gets as far as who may ask."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from domain.core.messages import Command

WORDS = "On 3 March she read the release aloud to two partners and both signed it."

BY_NAME = {
    "subject": "C-NOBODY00",
    "zone": "UTC",
    "candidate_zone": "UTC",
    "week": {"monday": ["09:00-17:00"]},
    "where": {"room": "The small one"},
}
"""Fields whose schema does not tell all that their rules ask."""


def smallest(command: type[Command], **known: str) -> dict[str, Any]:
    """A body with what `command` requires and nothing else. `known` holds an id for each prefix: `P`, `C`, `R` …"""
    schema = command.model_json_schema()
    body: dict[str, Any] = of_schema(schema, schema.get("$defs", {}), known)
    return body


def largest(command: type[Command], **known: str) -> dict[str, Any]:
    """A body with everything that `command` may hold, and one of whatever there may be several of."""
    schema = command.model_json_schema()
    body: dict[str, Any] = of_schema(schema, schema.get("$defs", {}), known, everything=True)
    return body


def of_schema(schema: dict[str, Any], defs: dict[str, Any], known: dict[str, str], everything: bool = False) -> Any:
    if "$ref" in schema:
        return of_schema(defs[schema["$ref"].rpartition("/")[2]], defs, known, everything)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    for either in ("anyOf", "oneOf"):
        if either in schema:
            return of_schema(schema[either][0], defs, known, everything)
    match schema["type"]:
        case "object":
            fields = schema.get("properties", {})
            made = {
                name: BY_NAME[name] if name in BY_NAME else of_schema(fields[name], defs, known, everything)
                for name in (fields if everything else schema.get("required", ()))
            }
            others = schema.get("additionalProperties")
            if everything and isinstance(others, dict):
                name = _text(schema["propertyNames"], known) if "propertyNames" in schema else "1"
                made[name] = of_schema(others, defs, known, everything)
            return made
        case "array":
            item = schema.get("items") or schema.get("prefixItems", [None])[0]
            return [of_schema(item, defs, known, everything) for _ in range(schema.get("minItems", int(everything)))]
        case "boolean":
            return True
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "string":
            return _text(schema, known)
    raise AssertionError(f"no idea what to send for {schema}")


def _text(schema: dict[str, Any], known: dict[str, str]) -> str:
    now = datetime.now(UTC)
    if "format" in schema:
        return {
            "date-time": now.isoformat(),
            "date": now.date().isoformat(),
            "time": "09:00:00",
            "email": "somebody@example.com",
        }[schema["format"]]
    pattern = schema.get("pattern", "")
    if pattern[:1] == "^" and pattern[2:3] == "-":
        return known.get(pattern[1], f"{pattern[1]}-NOBODY00")
    examples = {"^[A-Z]{3}$": "USD", "^[0-9a-f]{64}$": "0" * 64, "^K[0-9]{1,3}$": "K1", "^[A-Z]{2}$": "US"}
    return examples.get(pattern, "US" if pattern.startswith("^[A-Z]{2}") else WORDS)
