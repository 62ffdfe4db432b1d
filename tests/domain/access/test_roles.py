"""A role is one row: its letter, its words, its places in a team, what it owes, and how much it is told."""

from __future__ import annotations

from typing import get_args

import pytest

from domain.access.roles import (
    COUNTERPARTS,
    OWNER_ROLES,
    PLACES,
    ROLES,
    Most,
    Notified,
    OwnerRole,
    Ownership,
    Role,
    RoleRow,
    ToldAs,
    company_roles,
    words_for,
)
from domain.access.team import Actor, Team
from domain.core.ids import PersonId
from domain.notifications.notification import told_as
from domain.sla.notification_policy import SHIPPED, MessagePolicy
from settings import ROOT
from store.policy_file import load_policy
from testing.people import MONDAY, RECRUITER, RECRUITING_LEAD, STRANGER, TEAM
from tests.domain.dummies import member


class TeamWithSourcer(Team):
    """A team with a place more."""

    sourcer: PersonId


def test_every_role_has_its_row_and_every_place_of_a_team_its_role() -> None:
    assert ROLES.keys() == set(Role)
    assert (
        {row.ownership.name for row in ROLES.values() if row.ownership} == set(get_args(OwnerRole)) == set(OWNER_ROLES)
    )
    assert {row.notified.name for row in ROLES.values() if row.notified} == set(get_args(ToldAs)) == set(SHIPPED)
    places = [place for row in ROLES.values() for place in row.places]
    assert sorted(places) == sorted(Team.model_fields.keys() - {"delegate"})
    for row in ROLES.values():
        if row.ownership is not None and not row.ownership.several:
            assert row.places == (row.ownership.name,)


def test_the_shipped_policy_says_what_the_rows_say() -> None:
    shipped = load_policy(ROOT / "deploy" / "sla" / "default.yaml")
    assert shipped.counterparts == COUNTERPARTS
    assert shipped.messages == MessagePolicy()


def test_a_new_role_is_found_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    row = RoleRow(
        member(monkeypatch, Role, "S"),
        "the sourcer",
        places=("sourcer",),
        ownership=Ownership("sourcer", "recruiter", "recruiting_lead"),  # type: ignore[arg-type]
        notified=Notified("sourcer", Most(2, 1)),  # type: ignore[arg-type]
        may="sources",
    )
    monkeypatch.setitem(ROLES, row.role, row)
    monkeypatch.setitem(OWNER_ROLES, "sourcer", row)
    monkeypatch.setattr("domain.access.team.PLACES", [*PLACES, ("sourcer", row.role)])
    team = TeamWithSourcer(**dict(TEAM), sourcer=STRANGER)

    assert words_for(("R", "S")) == "the recruiter or the sourcer"
    assert "S sources" in company_roles()
    assert team.roles(Actor(id=STRANGER), "decide", MONDAY) == {row.role}
    assert team.holder("sourcer") == STRANGER  # type: ignore[arg-type]
    assert team.lead_of("sourcer") == RECRUITING_LEAD  # type: ignore[arg-type]
    assert told_as(team, STRANGER, "decided", {}) == "sourcer"


def test_somebody_in_two_roles_is_told_in_the_one_whose_news_it_is() -> None:
    both = TEAM.but(recruiting_lead=TEAM.hiring_manager, hr_partner=RECRUITER)
    assert told_as(both, RECRUITER, "decided", {}) == "recruiter"
    assert told_as(both, both.hiring_manager, "offer_news", {}) == "lead"
    assert told_as(both, both.hiring_manager, "clock_started", {"clock": "decision_made"}) == "hiring_manager"
