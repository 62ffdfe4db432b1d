"""What you owe: everything that waits on you, what is late first, each a tap away from being done."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.access import With
from api.pages.names import names
from api.pages.rendering import page
from api.pages.session import AsReader
from api.pages.steps import step
from store.lookups import humans_of
from store.reads import Reads
from workflows.contract import entity_of

routes = APIRouter()


@routes.get("/owed")
async def owed(request: Request, by: AsReader, at: With) -> Response:
    """The page. What stands still is last: it is nobody's move."""
    clocks = await Reads(at.pool).owed_by(by.id)
    ordered = sorted(clocks, key=lambda clock: (clock.stands_since is not None, clock.due_at))
    about = [entity_of(clock.stream)[1] for clock in ordered if clock.stream.startswith("candidate/")]
    known = await names(at, candidates=(await humans_of(at.pool, about)).items())
    return page(request, "owed.html", by, {"steps": [step(clock) for clock in ordered], "name": known, "why": WHY})


WHY = {
    "intake_held": "Until then nobody can be told what this job really asks of them.",
    "rubric_signed": "Until both names stand under it nobody may be judged.",
    "slate_shared": "People who would fit are talking to others meanwhile.",
    "profile_answered": "They wait to hear whether it goes on; good people do not wait long.",
    "applications_answered": "Somebody took an evening to apply and has heard nothing since.",
    "summary_sent": "What they said is fresh today.",
    "invitation_answered": "The candidate keeps that hour free without knowing whether it will happen.",
    "scorecard_in": "No debrief can open without it, and the candidate waits for the decision.",
    "debrief_held": "Every card is in: only this meeting is missing.",
    "decision_made": "The candidate has done their part and waits for a word.",
    "offer_approved": "There is somebody we want, and they may be hearing from others.",
    "offer_made": "We decided to hire them and they do not know it yet.",
    "candidate_told": "They still hope, and may be turning other things down for it.",
    "candidate_updated": "Silence reads like a no.",
    "held_resolved": "They are neither in nor out until that is known.",
    "pulse_answered": "If either answer is no, people are put through the wrong search.",
    "comp_acknowledged": "They are interviewed for a pay that may not be enough for them.",
    "retro_answered": "The next candidates get what is learnt from these.",
    "request_answered": "It is their right, and the law sets the time.",
}
