"""What fields show: what a reader may not see is left in no view, and a new field is hidden until it is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from domain.access.permissions import Permission, Relation, Sight
from domain.core.messages import Event
from domain.core.money import Band, Pay
from domain.core.personal_text import PersonalText, Sealed
from domain.registry import DECIDERS
from domain.registry.visibility import HIDDEN, PERMISSIONS, STATED, Shows, empty, narrowed, shown_by, shows, visible
from domain.requisition.comp_signal import CompReading
from domain.requisition.state import Offer
from store.views import CandidateView, RequisitionView

NOBODY = Sight(frozenset())
OVERSEER = Sight(frozenset({Relation.OVERSEER}))
RECRUITER = Sight(frozenset({Relation.RECRUITER}))
INTERVIEWER = Sight(frozenset({Relation.INTERVIEWER}))


OF_PAY = (Offer, Pay, Band, CompReading)
"""What is hidden with the field it stands in."""


class Novelty(Event, heading="Something new"):
    """An event of which nobody said what it shows."""

    candidate: str
    remark: str
    words: PersonalText
    counted: int


def models(*roots: type[BaseModel]) -> set[type[BaseModel]]:
    """These classes and all that stand in their fields."""
    found: set[type[BaseModel]] = set()
    waiting: list[Any] = list(roots)
    while waiting:
        one = waiting.pop()
        waiting += get_args(one)
        if isinstance(one, type) and issubclass(one, BaseModel) and one not in found:
            found.add(one)
            waiting += [field.annotation for field in one.model_fields.values()]
    return found


def events() -> Iterator[type[Event]]:
    """The events of requisitions and candidates."""
    return (kind for name in ("requisition", "candidate") for one in DECIDERS[name].chapters for kind in one.evolving)


@pytest.mark.parametrize("view", [RequisitionView, CandidateView])
def test_something_can_stand_in_place_of_whatever_may_be_hidden(view: type[BaseModel]) -> None:
    for model in models(view) - {Sealed, *OF_PAY}:
        for name, field in model.model_fields.items():
            if shows(model, name) is not Shows.OVERVIEW:
                empty(field.annotation)


def test_what_is_stated_is_there() -> None:
    known = models(RequisitionView, CandidateView, *events())
    named = {model.__name__: model for model in known}
    for model, name in STATED:
        assert model in named
        assert not name or name in named[model].model_fields, f"{model}.{name}"


def test_a_new_field_is_hidden_until_it_is_named() -> None:
    new = Novelty(candidate="C-000001", remark="plain", words="about somebody", counted=3)
    assert visible(new, "candidate", RECRUITER) == new.model_dump()
    assert visible(new, "requisition", OVERSEER) == {"candidate": "C-000001", "counted": 3}
    assert visible(new, "candidate", INTERVIEWER) == {"candidate": "C-000001", "counted": 3}
    assert visible(new, "candidate", NOBODY) == {}
    assert narrowed(new, "candidate", INTERVIEWER).words == HIDDEN
    assert narrowed(new, "candidate", RECRUITER) is new


def test_what_was_thought_of_a_candidate_is_hidden_as_a_whole() -> None:
    whole = {kind.type for kind in events() if shown_by(kind) is Shows.CARDS}
    assert {"scorecard_submitted", "debrief_held", "decided", "decision_deferred"} <= whole
    asked = {kind.type for kind in events() if shown_by(kind) is Shows.REQUESTS}
    assert {"request_recorded", "request_answered"} <= asked


def test_what_every_kind_of_field_needs_is_a_permission_on_that_entity() -> None:
    for entity, permissions in PERMISSIONS.items():
        assert permissions.keys() == set(Shows)
        assert all(isinstance(one, Permission) for one in permissions.values()), entity
