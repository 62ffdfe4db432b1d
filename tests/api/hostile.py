"""Values that nobody means well by, and where a body made from a schema could hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.api.smallest_bodies import of_schema

ODD: tuple[Any, ...] = (
    None,
    "",
    "\0",
    "\ud800",
    "\u202e\u200b",
    "24:00-24:00",
    "0000-00-00T00:00:00+99:99",
    10**30,
    -1,
    float("nan"),
    1e308,
    True,
    [],
    [[]],
    [[[]], {"": [{}]}],
    {},
    {"work": [[]]},
    {"\ud800": "\0"},
)
"""What is put in the place of each value of a body."""

DEEP = b"[" * 100_000 + b"]" * 100_000
DEEPER = b'{"a":' * 50_000 + b"1" + b"}" * 50_000

WHOLE: tuple[bytes, ...] = (
    b"",
    b"{",
    b"[[]]",
    b"null",
    b"1e999999",
    b"\xff\xfe",
    b'"\\ud800"',
    b'{"\\u0000": "\\ud800"}',
    b"9" * 10_000,
    DEEP,
    DEEPER,
)
"""Whole bodies."""

WORDS = (
    "%00",
    "%ED%A0%80",
    "-1",
    "99999999999999999999",
    "1e999",
    "NaN",
    "0001-01-01T00:00:00%2B14:00",
    "9999-12-31T23:59:59-14:00",
    "..%2F..%2F",
    "%F0%9F%92%A5",
    "%2525%0D%0A",
    "x" * 3_000,
    "9" * 5_000,
    "%D9%A3%D9%A4",  # Arabic-Indic digits, which int() reads
    "%EF%BC%8D%EF%BC%91",  # a full-width minus and one
    "%CC%81" * 2_000,
    "+1",
    "1e3",
    "0x10",
    "[]",
    "'%3B--",
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
)
"""What is put in the place of each part of an address, as it is written in one."""


def spoilt(schema: Mapping[str, Any], odd: Any, known: Mapping[str, str]) -> Iterator[Any]:
    """Bodies for `schema`, each with `odd` in one place of it."""
    yield from _spoilt(schema, schema.get("$defs", {}), odd, dict(known), 0)


def _spoilt(
    schema: Mapping[str, Any], defs: Mapping[str, Any], odd: Any, known: dict[str, str], deep: int
) -> Iterator[Any]:
    if "$ref" in schema:
        yield from _spoilt(defs[schema["$ref"].rpartition("/")[2]], defs, odd, known, deep)
        return
    yield odd
    if deep > 6:
        return
    for either in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if either.get("type") != "null":
            yield from _spoilt(either, defs, odd, known, deep + 1)
    if schema.get("type") == "array":
        for item in (*schema.get("prefixItems", ()), *filter(None, [schema.get("items")])):
            for one in _spoilt(item, defs, odd, known, deep + 1):
                yield [one]
    if schema.get("type") == "object":
        whole = of_schema(schema, defs, known)
        yield {**whole, "work": odd}
        for name, field in schema.get("properties", {}).items():
            for one in _spoilt(field, defs, odd, known, deep + 1):
                yield {**whole, name: one}
        others = schema.get("additionalProperties")
        for name, field in (
            schema.get("patternProperties") or ({"K1": others} if isinstance(others, dict) else {})
        ).items():
            for one in _spoilt(field, defs, odd, known, deep + 1):
                yield {"K1" if name.startswith("^") else name: one}
