"""A candidate: one applicant in one requisition, from the day they are in it to the day they are forgotten.

The requisition opens them and tells what they need to know of the requisition (`requisition_inbound`). The recruiter
gives a verdict, the hiring manager answers, once more if the recruiter asks back (`profile`). A screen, in either order
with that, and the same day its summary (`screen`). Interviews by the plan (`interviews`, `interview_invitations`), a
card each with evidence (`scorecards`), the debrief booked before the final round (`debrief`), and a decision at its end
(`decision`). A recording becomes a transcript (`recordings`); who speaks in one is said by a person where the file does
not (`entity.speaker_naming`); what was recorded wrongly is corrected, and what rested on it is asked again
(`corrections`, `resume_replacement`). The offer is the requisition's (`offer`). Meanwhile nobody waits without a word
(`contact`, `candidate_wait`), letters go to them and their answers come back (`letters`), how to reach them can be
corrected (`contact_details`), whoever is out is told (`exits`), and whoever asks has their rights (`requests`).
Colleagues write each other notes (`notes`), and the recruiter puts tags on (`tags`). Drafts are asked for along the way
(`draft_orders`), and every step is told to the requisition (`requisition_outbound`).

Stages: added, shortlisted, submitted, held, advanced, screened, interviewing, debriefing, hire_decided, reserve,
offered, accepted; ends: rejected, withdrawn, transferred. Erased lies over any.
"""

from __future__ import annotations

from domain.candidate import (
    candidate_wait,
    contact,
    contact_details,
    corrections,
    debrief,
    decision,
    draft_orders,
    exits,
    interview_invitations,
    interviews,
    letters,
    notes,
    offer,
    profile,
    recordings,
    requests,
    requisition_inbound,
    requisition_outbound,
    resume_replacement,
    scorecards,
    screen,
    tags,
    wall_clocks,
)
from domain.candidate.clocks import CLOCKS
from domain.candidate.feedback_visibility import may_see_cards, may_see_draft, may_see_reading, may_see_summaries
from domain.candidate.state import Candidate
from domain.candidate.workflow_details import describe, phase, requisition_of
from domain.core.decider import Chapter, Decider
from domain.entity.clock_commands import clock_commands
from domain.entity.notify_owner import owner_notifications
from domain.entity.speaker_naming import speaker_naming

OWNER_NOTIFICATIONS: Chapter[Candidate] = owner_notifications()
CLOCK_COMMANDS: Chapter[Candidate] = clock_commands()
SPEAKER_NAMING: Chapter[Candidate] = speaker_naming(of_applicant=True)

CHAPTERS = (
    CLOCK_COMMANDS,
    requisition_inbound.chapter,
    profile.chapter,
    screen.chapter,
    interviews.chapter,
    interview_invitations.chapter,
    wall_clocks.chapter,
    scorecards.chapter,
    corrections.chapter,
    resume_replacement.chapter,
    recordings.chapter,
    debrief.chapter,
    decision.chapter,
    offer.chapter,
    contact.chapter,
    contact_details.chapter,
    letters.chapter,
    notes.chapter,
    tags.chapter,
    candidate_wait.chapter,
    exits.chapter,
    requests.chapter,
    draft_orders.chapter,
    requisition_outbound.chapter,
    SPEAKER_NAMING,
    OWNER_NOTIFICATIONS,
)

CANDIDATE = Decider("candidate", Candidate(), CHAPTERS, CLOCKS)

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
    "requisition_of",
]
