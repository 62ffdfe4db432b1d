"""What Temporal must know of Tandem before anything runs: a namespace, and search attributes in it.

Whoever runs a cluster may not want a worker to be able to change it. So what is there already is only looked at, what
is lacking is made where that is allowed, and where it is not the operator is told which command to give.
"""

from __future__ import annotations

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_exponential

from workflows.contract import SEARCH_ATTRIBUTES

KEPT = timedelta(days=30)
"""How long the history of a run that is over is kept: it is for looking, the journal keeps what happened."""

PATIENCE = timedelta(seconds=60)
"""How long a namespace just made, or a cluster that is asked too much at once, is waited for."""

RPC = timedelta(seconds=10)

_FORBIDDEN = frozenset({RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED, RPCStatusCode.UNIMPLEMENTED})
_SOON = frozenset({RPCStatusCode.RESOURCE_EXHAUSTED, RPCStatusCode.UNAVAILABLE})

_TYPES = {
    IndexedValueType.INDEXED_VALUE_TYPE_TEXT: "Text",
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD: "Keyword",
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST: "KeywordList",
    IndexedValueType.INDEXED_VALUE_TYPE_BOOL: "Bool",
}
"""How `temporal operator search-attribute create --type` calls them."""


class NotSetUp(Exception):
    """Temporal lacks something, and it may not be made with these rights; its text says what, and the way to it."""


class CannotBeSeen(NotSetUp):
    """Whether Temporal lacks something may not even be looked at with these rights."""


async def namespace_made(client: Client) -> bool:
    """Makes the client's namespace, and waits until it can be used; False where it is there already.

    Raises NotSetUp when it is not there and may not be made, RPCError when Temporal does not answer.
    """
    name = client.namespace
    try:
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=name), timeout=RPC)
        return False
    except RPCError as unknown:
        if unknown.status is not RPCStatusCode.NOT_FOUND:
            looked = f"temporal operator namespace describe --namespace {name}"
            raise _said(unknown, f"Whether namespace {name} is there cannot be seen", looked, CannotBeSeen) from unknown
    request = RegisterNamespaceRequest(
        namespace=name, workflow_execution_retention_period=Duration(seconds=int(KEPT.total_seconds()))
    )
    try:
        await client.workflow_service.register_namespace(request, timeout=RPC)
    except RPCError as refused:
        if refused.status is not RPCStatusCode.ALREADY_EXISTS:
            made = f"temporal operator namespace create --namespace {name} --retention {KEPT.days}d"
            raise _said(refused, f"Namespace {name} is not there", made) from refused
    await _again({RPCStatusCode.NOT_FOUND, *_SOON})(_known, client)
    return True


async def search_attributes_made(client: Client) -> list[str]:
    """Makes the search attributes that the namespace does not know; returns their names. Those there already stay.

    Raises NotSetUp when some are lacking and may not be made, or the namespace is not there; RPCError as above.
    """
    try:
        known: frozenset[str] = await _again(_SOON)(_known, client)
    except RPCError as refused:
        if refused.status is RPCStatusCode.NOT_FOUND:
            raise NotSetUp(f"Namespace {client.namespace} is not there. Make it: tandem setup") from refused
        listed = f"temporal operator search-attribute list --namespace {client.namespace}"
        raise _said(
            refused, f"The search attributes of {client.namespace} cannot be seen", listed, CannotBeSeen
        ) from refused
    missing = {
        key.name: IndexedValueType.ValueType(key.indexed_value_type)
        for key in SEARCH_ATTRIBUTES
        if key.name not in known
    }
    if not missing:
        return []
    request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
    try:
        await _again(_SOON)(client.operator_service.add_search_attributes, request, timeout=RPC)
    except RPCError as refused:
        if refused.status is not RPCStatusCode.ALREADY_EXISTS:
            named = " ".join(f"--name {name} --type {_TYPES[kind]}" for name, kind in missing.items())
            raise _said(
                refused,
                f"Namespace {client.namespace} does not know the search attributes {', '.join(missing)}",
                f"temporal operator search-attribute create --namespace {client.namespace} {named}",
            ) from refused
    return list(missing)


async def _known(client: Client) -> frozenset[str]:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    return frozenset((await client.operator_service.list_search_attributes(request, timeout=RPC)).custom_attributes)


def _again(statuses: frozenset[RPCStatusCode] | set[RPCStatusCode]) -> AsyncRetrying:
    return AsyncRetrying(
        retry=retry_if_exception(lambda error: isinstance(error, RPCError) and error.status in statuses),
        wait=wait_exponential(multiplier=0.2, max=5),
        stop=stop_after_delay(PATIENCE),
        reraise=True,
    )


def _said(refused: RPCError, lacking: str, command: str, kind: type[NotSetUp] = NotSetUp) -> Exception:
    """What to raise for a refusal: a sentence where the rights are what is missing, else the refusal itself."""
    if refused.status not in _FORBIDDEN:
        return refused
    return kind(
        f"{lacking}, and these credentials may not change that ({refused.status.name}). Whoever runs the cluster can: "
        f"{command}"
    )
