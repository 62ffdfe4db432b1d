"""When a candidate's data are due to be erased, and what keeps them: the company's rule, the law, a hold, an offer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from domain.candidate.state import Candidate
from domain.entity.entity_facts import Stage
from domain.sla.policy import Policy
from domain.sla.retention import keep_until
from domain.time.calendars import Calendar

Cause = Literal["request", "retention"]


class RetentionDates(NamedTuple):
    """What says when (UTC) a candidate's data go: the company's rule and the law, once it is over; their own request.

    Whatever a lifted legal hold kept goes no earlier than that: nothing is stamped with a time before its end.
    """

    over_since: datetime | None
    by_policy_at: datetime | None
    by_law_at: datetime | None
    by_request_at: datetime | None
    hold_lifted_at: datetime | None

    @property
    def due_at(self) -> datetime | None:
        """When they are due, if nothing forbids it then; None while nothing asks for it."""
        times = [] if self.by_request_at is None else [self.by_request_at]
        if self.by_policy_at is not None and self.by_law_at is not None:
            times.append(max(self.by_policy_at, self.by_law_at))
        return max(min(times), self.hold_lifted_at or min(times)) if times else None

    @property
    def cause(self) -> Cause:
        """What the erasure will say it was for."""
        return "request" if self.by_request_at is not None else "retention"

    def under(self, policy: Policy, jurisdiction: str, calendar: Calendar) -> RetentionDates:
        """The same, if this policy held: the calendar is the recruiter's."""
        if self.over_since is None:
            return self
        kept = calendar.due(self.over_since, policy.retention_in(jurisdiction), policy.day)
        return self._replace(by_policy_at=kept, by_law_at=keep_until(jurisdiction, self.over_since))


def retention_dates(state: Candidate) -> RetentionDates:
    """What says when this candidate's data go."""
    asked = RetentionDates(over_since(state), None, None, state.erase_by_request_at, state.hold_lifted_at)
    if asked.over_since is None:
        return asked
    return asked.under(state.rules, state.job.jurisdiction, state.calendar_of(state.people.recruiter))


def erased_at(state: Candidate) -> datetime | None:
    """When this will be erased by itself (UTC), or None while nothing asks for it or something forbids it."""
    if state.standing == "erased" or state.legal_hold or offer_open(state):
        return None
    return retention_dates(state).due_at


def offer_open(state: Candidate) -> bool:
    """Whether they may yet answer an offer: until then nothing is erased."""
    return state.offer is not None and state.offer.open


def earliest_erasure(state: Candidate, now: datetime) -> datetime:
    """The first time (UTC) at which the law of the requisition's place lets this be erased."""
    return keep_until(state.job.jurisdiction, over_since(state) or now)


def over_since(state: Candidate) -> datetime | None:
    """Since when (UTC) nothing more can come of this: they are out, they took the job, or the requisition is over."""
    if state.out is not None:
        return state.out.at
    return state.stage_since if state.stage == Stage.ACCEPTED else state.search_ended_at
