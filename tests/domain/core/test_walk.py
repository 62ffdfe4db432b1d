"""Everything in a value is met, at whatever depth."""

from __future__ import annotations

from domain.core.messages import Value
from domain.core.walk import changed, walk


class Leaf(Value):
    name: str
    more: tuple[Leaf, ...] = ()
    by_name: dict[str, int | None] = {}


TREE = Leaf(name="root", more=(Leaf(name="first", by_name={"one": 1, "none": None}), Leaf(name="second")))


def test_models_lists_sets_and_mappings_are_walked_in_order_and_keys_with_them() -> None:
    leaves = [part for part in walk([TREE, {"last"}, frozenset({7})]) if isinstance(part, str | int)]
    assert leaves == ["root", "first", "one", "none", 1, "second", "last", 7]


def test_every_model_on_the_way_is_met_before_its_parts() -> None:
    assert [part.name for part in walk({"tree": TREE}) if isinstance(part, Leaf)] == ["root", "first", "second"]


def test_a_value_without_parts_is_met_alone() -> None:
    assert list(walk("words")) == ["words"]
    assert list(walk(None)) == [None]


def test_a_change_reaches_the_parts_and_keeps_what_they_stand_in() -> None:
    assert changed((1, 2), str) == ("1", "2")
    assert changed([1, 2], str) == ["1", "2"]
    assert changed({"a": 1}, str) == {"a": "1"}
    assert changed(TREE, str) is TREE
