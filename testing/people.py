"""The people, calendars and policy that the domain's tests share."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.access.roles import Role
from domain.access.team import Actor, Team
from domain.entity.call import Facts
from domain.sla.catalogue import CLOCKS
from domain.sla.policy import Policy
from domain.time.calendars import Calendar
from domain.time.durations import WorkingDays

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning with no holiday near."""

RECRUITER, MANAGER, PARTNER = "P-RECRUITER", "P-MANAGER", "P-PARTNER"
RECRUITING_LEAD, MANAGER_LEAD = "P-RLEAD0", "P-MLEAD0"
INTERVIEWER, SECOND_INTERVIEWER, STRANGER = "P-INTERVIEWER", "P-SECOND", "P-STRANGER"

TEAM = Team(
    recruiter=RECRUITER,
    hiring_manager=MANAGER,
    hr_partner=PARTNER,
    recruiting_lead=RECRUITING_LEAD,
    manager_lead=MANAGER_LEAD,
)

OFFICE = Calendar.model_validate(
    {
        "zone": "UTC",
        "week": {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
    }
)

EVERYBODY = (
    RECRUITER, MANAGER, PARTNER, RECRUITING_LEAD, MANAGER_LEAD, INTERVIEWER, SECOND_INTERVIEWER, STRANGER,
)  # fmt: skip

POLICY = Policy.model_validate(
    {
        "name": "test",
        "clocks": {name: row.default for name, row in CLOCKS.items()},
        "pulse_after": "14 days elapsed",
        "pulse_every": "28 days elapsed",
        "retro_after": "48 hours elapsed",
        "comp_signal_after": "5 days",
        "defer_at_most": "2 days",
        "next_word_at_most": "10 days",
        "wait_at_most": "20 days",
        "hold_at_most": "90 days elapsed",
        "interview_notice": "24 hours elapsed",
        "offer_answer_at_least": "2 days",
        "resign_evergreen_after": "180 days elapsed",
        "resign_reopened_after": "90 days elapsed",
        "retention": "365 days elapsed",
    }
)

STRICTER = POLICY.but(name="stricter", clocks=POLICY.clocks | {"profile_answered": WorkingDays(days=1)})
"""Another policy, which gives the manager one day to answer a profile."""

FACTS = Facts(calendars=dict.fromkeys(EVERYBODY, OFFICE), policy=POLICY)


def person(person_id: str, *standing: Role) -> Actor:
    """Somebody who uses Tandem, with what is true of them in the company."""
    return Actor(id=person_id, standing=frozenset(standing))


TICK = Actor(id="tick", kind="system")
OUTSIDE = Actor(id="S-ATS", kind="system")
