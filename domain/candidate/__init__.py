"""A candidate: one human in one search, from the day they are in it to the day they are forgotten.

The requisition opens them and tells what they need to know of the search (`relayed`). The recruiter gives a verdict,
the hiring manager answers, once more if the recruiter asks back (`profile`). A screen, in either order with that, and
the same day its summary (`screen`). Interviews by the plan (`interviewing`, `inviting`), a card each with evidence
(`scorecards`), the debrief booked before the final round (`debriefing`), and a decision at its end (`deciding`). The
offer is the requisition's (`offer`). Meanwhile nobody waits without a word (`contact`, `waiting`), whoever is out is
told (`leaving`), and whoever asks has their rights (`requests`). Drafts are asked for along the way (`drafting`), and
every step is told to the search (`telling`).

Stages: added, shortlisted, submitted, held, advanced, screened, interviewing, debriefing, hire_decided, reserve,
offered, accepted; ends: rejected, withdrawn, transferred. Erased lies over any.
"""

from __future__ import annotations

from domain.candidate import (
    candidate_wait,
    contact,
    debrief,
    decision,
    draft_orders,
    exits,
    interview_invitations,
    interviews,
    offer,
    profile,
    requests,
    requisition_inbound,
    requisition_outbound,
    scorecards,
    screen,
)
from domain.candidate.clocks import CLOCKS
from domain.candidate.feedback_visibility import may_see_cards, may_see_draft, may_see_reading, may_see_summaries
from domain.candidate.state import Candidate
from domain.candidate.workflow_details import describe, phase, search
from domain.core.decider import Chapter, Decider
from domain.entity.clock_commands import clockwork
from domain.entity.notify_owner import announcing

ANNOUNCING: Chapter[Candidate] = announcing()
CLOCKWORK: Chapter[Candidate] = clockwork()

LIFE = (
    CLOCKWORK,
    requisition_inbound.life,
    profile.life,
    screen.life,
    interviews.life,
    interview_invitations.life,
    scorecards.life,
    debrief.life,
    decision.life,
    offer.life,
    contact.life,
    candidate_wait.life,
    exits.life,
    requests.life,
    draft_orders.life,
    requisition_outbound.life,
    ANNOUNCING,
)

CANDIDATE = Decider("candidate", Candidate(), LIFE, CLOCKS)

__all__ = [
    "CANDIDATE",
    "CLOCKS",
    "Candidate",
    "describe",
    "may_see_cards",
    "may_see_draft",
    "may_see_reading",
    "may_see_summaries",
    "phase",
    "search",
]
