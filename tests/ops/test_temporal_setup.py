"""Namespace and search attributes are made once, and where that is forbidden the operator is told what to ask for."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesResponse
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from ops import temporal_setup
from ops.temporal_setup import CannotBeSeen, NotSetUp, namespace_made, search_attributes_made
from workflows.contract import SEARCH_ATTRIBUTES


class Cluster:
    """A Temporal that answers each of our requests with what a test says: nothing, or a refusal."""

    def __init__(self, known: tuple[str, ...] = (), **refusals: RPCStatusCode | list[RPCStatusCode]) -> None:
        self.known, self.asked = set(known), list[str]()
        self._refusals: dict[str, Iterator[RPCStatusCode | None]] = {
            name: iter(said) if isinstance(said, list) else iter(lambda said=said: said, None)  # type: ignore[misc]
            for name, said in refusals.items()
        }

    def client(self) -> Client:
        workflow = SimpleNamespace(
            describe_namespace=self._answers("describe"), register_namespace=self._answers("register")
        )
        operator = SimpleNamespace(
            list_search_attributes=self._answers("list"), add_search_attributes=self._answers("add")
        )
        found = SimpleNamespace(namespace="hiring", workflow_service=workflow, operator_service=operator)
        return cast(Client, found)

    def _answers(self, name: str) -> Any:
        async def answer(request: Any, **_: Any) -> Any:
            self.asked.append(name)
            status = next(self._refusals.get(name, iter(())), None)
            if status is not None:
                raise RPCError("no", status, b"")
            if isinstance(request, AddSearchAttributesRequest):
                self.known |= set(request.search_attributes)
            return ListSearchAttributesResponse(custom_attributes=dict.fromkeys(self.known, 2))

        return answer


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    again = temporal_setup._again

    def at_once(statuses: frozenset[RPCStatusCode]) -> Any:
        return again(statuses).copy(wait=lambda _: 0)

    monkeypatch.setattr(temporal_setup, "_again", at_once)


async def test_what_is_lacking_is_made_once() -> None:
    cluster = Cluster(known=("TandemPhase",))
    assert set(await search_attributes_made(cluster.client())) == {
        key.name for key in SEARCH_ATTRIBUTES
    } - {"TandemPhase"}  # fmt: skip
    assert await search_attributes_made(cluster.client()) == []
    assert cluster.asked == ["list", "add", "list"]


async def test_a_cluster_that_is_asked_too_much_is_asked_again() -> None:
    busy = [RPCStatusCode.RESOURCE_EXHAUSTED, RPCStatusCode.UNAVAILABLE]
    cluster = Cluster(list=list(busy), add=list(busy))
    assert len(await search_attributes_made(cluster.client())) == len(SEARCH_ATTRIBUTES)


async def test_a_namespace_just_made_is_waited_for() -> None:
    cluster = Cluster(describe=RPCStatusCode.NOT_FOUND, list=[RPCStatusCode.NOT_FOUND] * 3)
    assert await namespace_made(cluster.client()) is True
    assert cluster.asked == ["describe", "register", *["list"] * 4]
    assert await namespace_made(Cluster().client()) is False


@pytest.mark.parametrize("status", [RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNIMPLEMENTED])
async def test_who_may_not_make_them_is_told_which_command_does(status: RPCStatusCode) -> None:
    known = tuple(key.name for key in SEARCH_ATTRIBUTES if key.name != "TandemWaitingOn")
    with pytest.raises(NotSetUp) as refused:
        await search_attributes_made(Cluster(known=known, add=status).client())
    assert str(refused.value) == (
        "Namespace hiring does not know the search attributes TandemWaitingOn, and these credentials may not change "
        f"that ({status.name}). Whoever runs the cluster can: temporal operator search-attribute create "
        "--namespace hiring --name TandemWaitingOn --type KeywordList"
    )
    with pytest.raises(NotSetUp, match=r"temporal operator namespace create --namespace hiring --retention 30d$"):
        await namespace_made(Cluster(describe=RPCStatusCode.NOT_FOUND, register=status).client())


async def test_what_may_not_even_be_looked_at_is_told_apart() -> None:
    for lacking, made in (("describe", namespace_made), ("list", search_attributes_made)):
        with pytest.raises(CannotBeSeen, match=r"cannot be seen.*\(PERMISSION_DENIED\).*: temporal operator"):
            await made(Cluster(**{lacking: RPCStatusCode.PERMISSION_DENIED}).client())


async def test_a_worker_whose_namespace_is_not_there_is_told_the_way() -> None:
    with pytest.raises(NotSetUp, match=r"^Namespace hiring is not there\. Make it: tandem setup$"):
        await search_attributes_made(Cluster(list=RPCStatusCode.NOT_FOUND).client())


async def test_two_who_make_them_at_once_both_succeed() -> None:
    cluster = Cluster(
        describe=RPCStatusCode.NOT_FOUND, register=RPCStatusCode.ALREADY_EXISTS, add=RPCStatusCode.ALREADY_EXISTS
    )
    assert await namespace_made(cluster.client()) is True
    assert await search_attributes_made(cluster.client())
