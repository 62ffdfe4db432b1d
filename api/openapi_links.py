"""Where an answer's id leads on, as links of the OpenAPI document: from a receipt, a list or an upload to what is read.

A program that follows them needs to know no path; a test that follows them tries what comes of one answer in the next.
"""

from __future__ import annotations

from typing import Any

FROM_THE_ADDRESS = "$request.path.id"
FROM_THE_ANSWER = "$response.body#/id"
WHAT_WAS_BEGUN = "$response.body#/begun"
THE_FIRST = "$response.body#/0/id"

LEADS: dict[str, tuple[tuple[str, str], ...]] = {
    "open": (("requisitions", WHAT_WAS_BEGUN),),
    "requisition_add_candidate": (("candidates", WHAT_WAS_BEGUN),),
    "board": (("requisitions", THE_FIRST),),
    "candidates": (("candidates", THE_FIRST),),
    "candidate": (("requisitions", "$response.body#/requisition"),),
    "people": (("people", THE_FIRST),),
    "me": (("people", FROM_THE_ANSWER),),
}
"""By operation: the kinds of things its answer leads to, and where in it the id of one stands."""

AFTER_A_COMMAND = {
    "requisitions": ("requisition", "requisition_timeline", "requisition_available"),
    "candidates": ("candidate", "candidate_timeline", "candidate_available"),
    "people": ("person_available",),
}
"""What shows what a command to one of these did."""

OTHERS: dict[str, dict[str, dict[str, str]]] = {
    "open": {"requisition_add_candidate": {"id": WHAT_WAS_BEGUN}},
    "board": {"requisition_add_candidate": {"id": THE_FIRST}},
    "introduce_human": {"upload_document": {"about": FROM_THE_ANSWER}},
    "upload_document": {"read_document": {"id": FROM_THE_ANSWER}},
    "mailbox": {"mailbox_message": {"number": "$response.body#/0/number"}},
}
"""Besides what is read of these: by operation, which leads to which with what."""


def linked(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with the links in it."""
    reads = {entity: list(_reads(document, entity)) for entity in AFTER_A_COMMAND}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            links = _links(path, method, operation["operationId"], reads)
            taken = next((answer for status, answer in operation["responses"].items() if status.startswith("2")), None)
            if links and taken is not None:
                taken["links"] = links
    return document


def _reads(document: dict[str, Any], entity: str) -> list[str]:
    """The operations that read one of these, and ask for nothing but its id."""
    return [
        methods["get"]["operationId"]
        for path, methods in document["paths"].items()
        if path.startswith(f"/v1/{entity}/{{id}}") and path.count("{") == 1 and "get" in methods
    ]


def _links(path: str, method: str, operation: str, reads: dict[str, list[str]]) -> dict[str, Any]:
    found = {target: {"id": where} for kind, where in LEADS.get(operation, ()) for target in reads[kind]}
    entity = path.split("/")[2] if path.startswith("/v1/") else ""
    if method == "post" and path.startswith(f"/v1/{entity}/{{id}}/"):
        found |= {target: {"id": FROM_THE_ADDRESS} for target in AFTER_A_COMMAND.get(entity, ())}
    found |= OTHERS.get(operation, {})
    return {target: {"operationId": target, "parameters": parameters} for target, parameters in found.items()}
