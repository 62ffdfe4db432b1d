"""Who may see what others think before they have said it themselves."""

from __future__ import annotations

from domain.candidate.state import Candidate
from domain.entity.entity_facts import ENDS
from domain.evidence.draft_jobs import draft_job
from domain.evidence.interview_plan import missing_cards


def may_see_cards(state: Candidate, person: str) -> bool:
    """Whether `person` may see others' scorecards of this candidate.

    An interviewer sees none before each card of theirs is in and says something: one on which nothing was tested opens
    the others' once the debrief was held. One who was left out of the debrief has none to give any more. Who only
    shadows sees them once nobody else's is missing. Whether they may see the candidate at all is not asked here.
    """
    left_out = state.debrief.left_out if state.debrief else ()
    missing = [pair for pair in missing_cards(state.interviews.values()) if pair not in left_out]
    if any(interviewer == person for _, interviewer in missing):
        return False
    own = [interview.cards[person] for interview in state.interviews.values() if person in interview.cards]
    if any(card.says_nothing for card in own) and not (state.debrief and state.debrief.held_at):
        return False
    assigned = [interview.assignment(person) for interview in state.assigned(person)]
    only_shadows = bool(assigned) and all(a is not None and a.shadow for a in assigned)
    return not (only_shadows and missing)


def may_see_summaries(state: Candidate, person: str) -> bool:
    """Whether `person` may see what was made from the cards: the debrief's page and its brief."""
    return may_see_cards(state, person)


def may_see_reading(state: Candidate) -> bool:
    """Whether the machine's reading of the résumé may be shown: only after the recruiter's own verdict."""
    return bool(state.verdicts) or state.stage in ENDS


def may_see_draft(state: Candidate, draft: str, person: str) -> bool:
    """Whether `person` may see a draft, by its job and what it is about: `resume_reading`, `scorecard:I-1:P-…`.

    A draft of somebody's card says what was seen in their interview, and is kept back as their card is.
    """
    job, *about = draft.split(":")
    match draft_job(job).kept_back:
        case "verdict":
            return may_see_reading(state)
        case "scorecard":
            return person in about or may_see_cards(state, person)
    return True
