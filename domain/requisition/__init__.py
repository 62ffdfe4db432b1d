"""A requisition, from the opening to the last retro: the company's hiring process, in its own order.

Somebody opens it, and the hiring manager gets a brief. The intake is held; from its transcript both sides write the
rubric, and both sign it: nobody is judged before. The job is advertised, candidates join the roster, the first profiles
go as one slate. The pulse asks whether the rubric and the candidates are right; the market shows whether the band is.
Whoever the debrief decides to hire gets an offer. Meanwhile roles pass from hand to hand, and the requisition may stand
still, end and begin again. Afterwards both sides look back, and what they would change waits for the next search.
A recorded intake is transcribed first.
All along the language room drafts, for a named person to confirm or edit.

Candidates live in workflows of their own: here they are ids, stages and numbers.
"""

from domain.core.decider import Chapter, Decider
from domain.entity.notify_owner import owner_notifications
from domain.entity.speaker_naming import speaker_naming
from domain.requisition import (
    calibration,
    candidate_facts_io,
    draft_orders,
    intake,
    job_posting,
    lifecycle,
    offers,
    opening,
    pulse,
    recordings,
    retro,
    role_handover,
    roster,
    rubric,
    terms,
)
from domain.requisition.clocks import CLOCK_COMMANDS, CLOCKS
from domain.requisition.state import Requisition
from domain.requisition.workflow_details import Phase, describe, phase, requisition_of

OWNER_NOTIFICATIONS: Chapter[Requisition] = owner_notifications()
SPEAKER_NAMING: Chapter[Requisition] = speaker_naming(of_applicant=False)

CHAPTERS = (
    opening.chapter,
    intake.chapter,
    recordings.chapter,
    rubric.chapter,
    job_posting.chapter,
    roster.chapter,
    calibration.chapter,
    pulse.chapter,
    terms.chapter,
    offers.chapter,
    retro.chapter,
    role_handover.chapter,
    lifecycle.chapter,
    candidate_facts_io.chapter,
    draft_orders.chapter,
    CLOCK_COMMANDS,
    SPEAKER_NAMING,
    OWNER_NOTIFICATIONS,
)

REQUISITION = Decider("requisition", Requisition(), CHAPTERS, CLOCKS)

__all__ = ["CHAPTERS", "CLOCKS", "REQUISITION", "Phase", "Requisition", "describe", "phase", "requisition_of"]
