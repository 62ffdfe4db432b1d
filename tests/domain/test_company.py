"""A requisition and its candidates, each deciding by itself, come to the same hire, whatever the order of the post."""

from __future__ import annotations

from typing import Any

import pytest

from domain.candidate.exits import Reinstate, Withdraw
from domain.core.messages import Tick
from domain.requisition.lifecycle import Cancel, PutOnHold, Reopen, Resume
from domain.requisition.offers import AnswerOffer
from domain.requisition.role_handover import HandOver
from domain.sla.clocks import Clock
from testing import requisition_stories
from testing.in_memory_company import Company
from testing.people import INTERVIEWER, MANAGER, MONDAY, OUTSIDE, RECRUITER, TICK
from testing.whole_hire import DAY, FIRST, REQUISITION_STREAM, SECOND, began, offer, to_the_decision

WHY = "Because it is so."


def running_clocks(company: Company, stream: str) -> dict[str, str]:
    """Running clocks of an entity and who owes them."""
    clocks: list[Clock] = list(company.states[stream].clocks.values())
    return {clock.name: clock.owner for clock in clocks if not clock.paused}


def agree(company: Company) -> None:
    """What the requisition believes of its candidates is what they are."""
    requisition = company.states[REQUISITION_STREAM]
    for candidate, entry in requisition.roster.items():
        own: Any = company.states[f"candidate/{candidate}"]
        assert entry.stage == own.stage
        assert own.team == requisition.team
        assert own.job.openings_left == (requisition.openings_left or 0) or own.stage in ("accepted", "rejected")


@pytest.mark.parametrize("seed", [None, *range(8)])
def test_a_whole_hire_ends_with_one_accepted_and_the_other_to_be_told(seed: int | None) -> None:
    company = to_the_decision(began(seed))
    agree(company)
    assert running_clocks(company, REQUISITION_STREAM)["offer_made"] == RECRUITER
    company.give(REQUISITION_STREAM, RECRUITER, offer(company))
    assert (company.states[FIRST].stage, company.states[SECOND].job.openings_left) == ("offered", 0)
    company.give(REQUISITION_STREAM, OUTSIDE, AnswerOffer(offer_id="O-1", answer="accepted"), at=company.now + DAY)
    assert (company.states[FIRST].stage, company.states[SECOND].stage) == ("accepted", "rejected")
    assert company.states[REQUISITION_STREAM].standing == "ended"
    assert running_clocks(company, SECOND) == {"candidate_told": RECRUITER}
    assert company.refused == []
    company.give(REQUISITION_STREAM, TICK, Tick(), at=company.now + 3 * DAY)
    assert set(running_clocks(company, REQUISITION_STREAM)) == {"retro_answered"}


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_a_declined_offer_goes_on_to_nobody_and_the_search_stays_open(seed: int | None) -> None:
    company = to_the_decision(began(seed))
    company.give(REQUISITION_STREAM, RECRUITER, offer(company))
    company.give(REQUISITION_STREAM, OUTSIDE, AnswerOffer(offer_id="O-1", answer="declined", cause="pay"))
    assert company.states[REQUISITION_STREAM].standing == "open"
    assert company.states[SECOND].job.openings_left == 1
    assert "offer_made" not in running_clocks(company, REQUISITION_STREAM)


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_a_hold_stills_the_candidates_too_and_a_resumption_wakes_them(seed: int | None) -> None:
    company = began(seed)
    company.give(REQUISITION_STREAM, RECRUITER, requisition_stories.slate(2, why="The market is small."))
    assert running_clocks(company, FIRST)["profile_answered"] == MANAGER
    company.give(REQUISITION_STREAM, MANAGER, PutOnHold(why=WHY, review_at=MONDAY + 10 * DAY))
    assert "profile_answered" not in running_clocks(company, FIRST)
    assert "candidate_updated" in running_clocks(company, FIRST), "what is owed to a candidate is never held"
    company.give(REQUISITION_STREAM, MANAGER, Resume())
    assert running_clocks(company, FIRST)["profile_answered"] == MANAGER


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_a_new_manager_answers_what_the_old_one_owed_and_signs_before_deciding(seed: int | None) -> None:
    company = began(seed)
    company.give(REQUISITION_STREAM, RECRUITER, requisition_stories.slate(2, why="The market is small."))
    company.give(REQUISITION_STREAM, MANAGER, HandOver(role="hiring_manager", to=INTERVIEWER, why=WHY))
    assert running_clocks(company, FIRST)["profile_answered"] == INTERVIEWER
    assert company.states[FIRST].job.unsigned_by_hm
    assert company.refused == []
    agree(company)


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_runners_up_come_back_when_the_hire_will_not_come(seed: int | None) -> None:
    company = to_the_decision(began(seed))
    company.give(REQUISITION_STREAM, RECRUITER, offer(company))
    company.give(REQUISITION_STREAM, OUTSIDE, AnswerOffer(offer_id="O-1", answer="accepted"))
    company.give(FIRST, RECRUITER, Withdraw(cause="other_offer", at=company.now))
    assert company.states[REQUISITION_STREAM].hires == ()
    company.give(REQUISITION_STREAM, RECRUITER, Reopen(openings=1, cause="They will not come."))
    company.give(SECOND, RECRUITER, Reinstate(stage="advanced", why="The runner-up."))
    assert company.states[REQUISITION_STREAM].roster["C-000002"].stage == "advanced"
    assert company.states[SECOND].standing == "open"


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_a_cancelled_search_lets_everybody_go(seed: int | None) -> None:
    company = to_the_decision(began(seed))
    company.give(REQUISITION_STREAM, MANAGER, Cancel(why=WHY))
    assert {company.states[stream].stage for stream in (FIRST, SECOND)} == {"rejected"}
    agree(company)
