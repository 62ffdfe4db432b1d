"""The access registry: every permission has a row, and the conditions on it hold."""

from __future__ import annotations

import pytest

from domain.access.permissions import GRANTS, Permission, Relation, Sight

JUDGED = (Permission.CANDIDATE_VERDICTS, Permission.CANDIDATE_CARDS)


def test_every_permission_is_somebody_s_and_says_what_it_opens() -> None:
    assert GRANTS.keys() == set(Permission)
    for grant in GRANTS.values():
        assert grant.to, grant.permission
        assert grant.opens, grant.permission


@pytest.mark.parametrize("permission", Permission)
def test_nobody_has_what_they_are_nothing_to(permission: Permission) -> None:
    assert not Sight(frozenset()).may(permission)


def test_an_interviewer_sees_what_others_think_once_their_own_scorecard_is_in() -> None:
    for permission in JUDGED:
        assert not Sight(frozenset({Relation.INTERVIEWER}), own_card_in=False).may(permission)
        assert Sight(frozenset({Relation.INTERVIEWER})).may(permission)
    both = Sight(frozenset({Relation.INTERVIEWER, Relation.HIRING_MANAGER}), own_card_in=False)
    assert not both.may(Permission.CANDIDATE_CARDS), "who decides is blind too, as long as they are to judge"
    assert both.may(Permission.CANDIDATE_VERDICTS), "and knows their own answer"


def test_pay_and_addresses_are_never_an_interviewer_s() -> None:
    for permission in (Permission.CANDIDATE_PAY, Permission.CANDIDATE_CONTACT, Permission.REQUISITION_PAY):
        assert not Sight(frozenset({Relation.INTERVIEWER})).may(permission)


@pytest.mark.parametrize("relation", Relation)
def test_a_restricted_candidate_is_the_hr_partner_s_alone(relation: Relation) -> None:
    restricted = Sight(frozenset({relation}), restricted=True)
    open_to = {one for one in Permission if one.startswith("candidate.") and restricted.may(one)}
    left = {Permission.CANDIDATE_OVERVIEW}
    if relation is Relation.HR_PARTNER:
        assert open_to >= {Permission.CANDIDATE_CONTACT, Permission.CANDIDATE_WORDS, Permission.CANDIDATE_REQUESTS}
    elif relation is Relation.RECRUITER:
        assert open_to == left | {Permission.CANDIDATE_REQUESTS}
    elif relation in (Relation.HIRING_MANAGER, Relation.TEAM_LEAD):
        assert open_to == left
    else:
        assert open_to == set()


@pytest.mark.parametrize("permission", [one for one in Permission if one.startswith("candidate.")])
def test_nobody_sees_their_own_candidacy(permission: Permission) -> None:
    assert not Sight(frozenset(Relation), themselves=True).may(permission)
