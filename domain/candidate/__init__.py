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

from domain.announcing import announcing
from domain.candidate import (
    contact,
    debriefing,
    deciding,
    drafting,
    interviewing,
    inviting,
    leaving,
    offer,
    profile,
    relayed,
    requests,
    scorecards,
    screen,
    telling,
    waiting,
)
from domain.candidate.blindness import may_see_cards, may_see_draft, may_see_reading, may_see_summaries
from domain.candidate.clocks import CLOCKS
from domain.candidate.state import Candidate
from domain.candidate.view import describe, phase, search
from domain.clockwork import clockwork
from domain.decider import Chapter, Decider

ANNOUNCING: Chapter[Candidate] = announcing()

LIFE = (
    clockwork(CLOCKS),
    relayed.life,
    profile.life,
    screen.life,
    interviewing.life,
    inviting.life,
    scorecards.life,
    debriefing.life,
    deciding.life,
    offer.life,
    contact.life,
    waiting.life,
    leaving.life,
    requests.life,
    drafting.life,
    telling.life,
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
