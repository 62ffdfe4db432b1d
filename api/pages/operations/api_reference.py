"""API reference: every endpoint, its fields and its refusals, drawn from the OpenAPI document without any script."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from fastapi import Request, Response
from markupsafe import Markup, escape

from api.pages.layout.templating import page

Schema = Mapping[str, Any]

_WORDS = {"string": "text", "array": "list", "object": "object", "null": "nothing", "boolean": "true or false"}
_TITLES = {"reads": "Reading", "reports": "Reports", "operations": "Operations", "person": "User"}


def reference(request: Request, description: Schema) -> Response:
    """The page, for whoever writes a program: there is nothing in it that is not in `/openapi.json`."""
    operations = [
        _operation(method, path, said)
        for path, methods in description["paths"].items()
        for method, said in methods.items()
    ]
    operations.sort(key=lambda one: str(one["tag"]))
    words = {
        "says": description["info"]["description"],
        "rooms": [
            (_TITLES.get(tag, tag.capitalize()), list(ones))
            for tag, ones in groupby(operations, lambda one: str(one["tag"]))
        ],
        "shapes": [
            (name, shape.get("description", ""), _fields(shape), kind_of(shape))
            for name, shape in description["components"]["schemas"].items()
        ],
    }
    return page(request, "api_reference.html", None, words)


def _operation(method: str, path: str, said: Schema) -> dict[str, Any]:
    bodies = said.get("requestBody", {}).get("content", {})
    answers = said.get("responses", {})
    content: Schema = next((answer.get("content", {}) for status, answer in answers.items() if status[0] == "2"), {})
    return {
        "tag": said.get("tags", ["operations"])[0],
        "id": said["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": said.get("summary", ""),
        "paragraphs": said.get("description", "").split("\n\n"),
        "parameters": [
            (one["name"], one["in"], one.get("required", False), kind_of(one["schema"]), one.get("description", ""))
            for one in said.get("parameters", ())
        ],
        "body": _or(kind_of(one["schema"]) for one in bodies.values()),
        "answer": _or(kind_of(one["schema"]) for one in content.values() if "schema" in one),
        "refusals": [f"{status} {answer['description']}" for status, answer in answers.items() if status[0] in "45"],
    }


def _fields(shape: Schema) -> list[tuple[str, Markup, bool, str]]:
    required = shape.get("required", ())
    return [
        (name, kind_of(one), name in required, ": ".join(filter(None, (one.get("title"), one.get("description")))))
        for name, one in shape.get("properties", {}).items()
    ]


def kind_of(schema: Schema) -> Markup:
    """What a schema takes, in a few words; a shape of its own as a link to it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#shape-{0}">{0}</a>').format(name)
    if alternatives := (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        return _or(kind_of(one) for one in alternatives)
    if limited := schema.get("enum", [schema["const"]] if "const" in schema else []):
        return escape(" or ".join(str(word) for word in limited))
    if schema.get("type") == "array":
        items = schema.get("prefixItems") or [schema.get("items", {})]
        return Markup("list of {}").format(_or(map(kind_of, items)))
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping) and others:
        return Markup("for each name: {}").format(kind_of(others))
    kind: str = schema.get("type", "anything")
    limits = [schema["format"]] if "format" in schema else []
    limits += [f"{words} {schema[name]}" for name, words in _LIMITS.items() if name in schema]
    return escape(f"{_WORDS.get(kind, kind)} ({', '.join(limits)})" if limits else _WORDS.get(kind, kind))


_LIMITS = {
    "minLength": "at least", "maxLength": "at most", "minimum": "from", "maximum": "to",
    "exclusiveMinimum": "more than", "exclusiveMaximum": "less than", "pattern": "like",
}  # fmt: skip


def _or(kinds: Any) -> Markup:
    return Markup(" or ").join(dict.fromkeys(kinds))
