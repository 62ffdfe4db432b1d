"""Who carries out which effect: every activity is found by the class of the effect it is for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

from temporalio import activity

from activities.error_redaction import scrubbed
from domain.core.messages import Effect
from workflows.contract import EffectOrder, EffectResult

E = TypeVar("E", bound=Effect)

Activity = Callable[[EffectOrder], Awaitable[EffectResult]]

_CARRIES = "carries_effect"


def carries(kind: type[E]) -> Callable[[Callable[[Any, EffectOrder, E], Awaitable[EffectResult]]], Any]:
    """Makes a method the activity that carries out effects of `kind`, under the effect's own name.

    It is given the order and the effect in it. What it raises leaves by the name of its type alone, see `scrubbed`.
    """

    def declared(method: Callable[[Any, EffectOrder, E], Awaitable[EffectResult]]) -> Any:
        async def carry_out(self: Any, order: EffectOrder) -> EffectResult:
            with scrubbed():
                return await method(self, order, kind.model_validate(order.payload))

        carry_out.__name__, carry_out.__qualname__, carry_out.__doc__ = (
            method.__name__, method.__qualname__, method.__doc__,
        )  # fmt: skip
        del carry_out.__annotations__["self"]  # the engine reads an argument's type from here, and counts them
        setattr(carry_out, _CARRIES, kind)
        return activity.defn(name=kind.type)(carry_out)

    return declared


def activities_of(*carriers: object) -> dict[type[Effect], Activity]:
    """The activities of these objects, by the effect each carries out. Raises TypeError for two of one effect."""
    found: dict[type[Effect], Activity] = {}
    for carrier in carriers:
        for kind, method in _declared(carrier):
            if kind in found:
                raise TypeError(f"two activities carry out {kind.type}")
            found[kind] = method
    return found


def _declared(carrier: object) -> Iterator[tuple[type[Effect], Activity]]:
    for name, function in vars(type(carrier)).items():
        kind = getattr(function, _CARRIES, None)
        if kind is not None:
            yield kind, getattr(carrier, name)
