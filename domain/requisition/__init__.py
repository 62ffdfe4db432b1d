"""A search, from the opening to the last retro: the company's hiring process, in its own order.

Somebody opens it, and the hiring manager gets a brief. The intake is held; from its transcript both sides write the
rubric, and both sign it: nobody is judged before. The job is advertised, candidates join the roster, the first profiles
go as one slate. The pulse asks whether the rubric and the candidates are right; the market shows whether the band is.
Whoever the debrief decides to hire gets an offer. Meanwhile roles pass from hand to hand, and the search may stand
still, end and begin again. Afterwards both sides look back, and what they would change waits for the next search.
All along the language room drafts, for a named person to confirm or edit.

Candidates live in workflows of their own: here they are ids, stages and numbers.
"""

from domain.core.decider import Chapter, Decider
from domain.entity.notify_owner import announcing
from domain.requisition.calibration import calibration
from domain.requisition.candidate_facts_io import telling
from domain.requisition.clocks import CLOCKS, CLOCKWORK
from domain.requisition.draft_orders import drafting
from domain.requisition.intake import intake
from domain.requisition.job_posting import posting
from domain.requisition.lifecycle import standing
from domain.requisition.offers import offers
from domain.requisition.opening import opening
from domain.requisition.pulse import pulse
from domain.requisition.retro import looking_back
from domain.requisition.role_handover import hands
from domain.requisition.roster import roster
from domain.requisition.rubric import rubric
from domain.requisition.state import Requisition
from domain.requisition.terms import market
from domain.requisition.workflow_details import Phase, describe, phase, search

ANNOUNCING: Chapter[Requisition] = announcing()

LIFE = (
    opening, intake, rubric, posting, roster, calibration, pulse, market, offers, looking_back, hands, standing,
    telling, drafting, CLOCKWORK, ANNOUNCING,
)  # fmt: skip

REQUISITION = Decider("requisition", Requisition(), LIFE, CLOCKS)

__all__ = ["CLOCKS", "LIFE", "REQUISITION", "Phase", "Requisition", "describe", "phase", "search"]
