"""The gates that somebody may open for another, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class OpenableGate(NamedTuple):
    """A gate that somebody may open for another: in plain words, and what it keeps.

    `entity` is where it stands; "" for both.
    """

    words: str
    keeps: str
    entity: str = "candidate"


OVERRIDABLE: Mapping[str, OpenableGate] = {
    "slate_unanswered": OpenableGate(
        "More profiles while a slate is unanswered",
        "The manager answers each profile of a slate before more come, so that the answers choose the next.",
        "requisition",
    ),
    "owned_by_agency": OpenableGate(
        "Taking in somebody an agency brought",
        "No agency can claim a fee for somebody who was taken in another way.",
        "requisition",
    ),
    "decision_pending": OpenableGate(
        "Amending the rubric before a decision",
        "The bar does not move between the scorecards and the decision on them. The HR partner alone opens it.",
        "requisition",
    ),
    "conflict_of_interest": OpenableGate(
        "Somebody who stands close to the candidate",
        "Nobody judges, or hires, somebody they have a stake in.",
        "",
    ),
    "not_advanced": OpenableGate(
        "An interview before the manager said yes",
        "No candidate gives an hour to a job whose manager has not asked to see them.",
    ),
    "not_screened": OpenableGate(
        "An interview without a screen",
        "The pay range is told, and the first questions asked, before anybody's hour is spent.",
    ),
    "debrief_not_booked": OpenableGate(
        "The final round before the debrief is booked",
        "The hour for the decision is in everybody's calendar before the last interview, so that nobody waits for it.",
    ),
    "busy": OpenableGate("An interview over another", "Nobody is booked for two interviews at once."),
    "third_time": OpenableGate(
        "A third date for the debrief", "A debrief moves once; after that the candidate has waited long enough."
    ),
    "delegate_deciding": OpenableGate(
        "The delegate decides", "Whoever will lead the person hired decides, and nobody in their place."
    ),
    "second_deferral": OpenableGate("Putting the decision off again", "A decision is slept on once, and then made."),
    "second_step": OpenableGate(
        "A second further step",
        "One further step is named, and then it is a yes or a no.",
    ),
}
"""The gates `commands.md` lets somebody open; never the lock, evidence, quotes, blindness, the band, a legal hold."""
