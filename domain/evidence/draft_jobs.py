"""Every draft job, one row each: what it is called, what it reads, whom it goes to, and what is decided after it.

What belongs to a job elsewhere is found through its request (`domain/evidence/draft_requests.py`): how it is gathered
(`activities/draft_requests.py`), the drafter by rule, the writer with a model, its prompt (`language/`). What orders it
stands in the chapter of its entity. A new job is its member, its row, its request, and those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.access.roles import OwnerRole
from domain.access.team import Team
from domain.notifications.catalogue import NotificationKind


class DraftJob(StrEnum):
    """The draft jobs by their names, as journals, documents and records spell them."""

    RUBRIC = "rubric"
    CANDIDATE_SUMMARY = "candidate_summary"
    SCORECARD = "scorecard"
    RESUME_READING = "resume_reading"
    INTAKE_BRIEF = "intake_brief"
    SOURCING_BRIEF = "sourcing_brief"
    REWORDING = "rewording"
    DEBRIEF_BRIEF = "debrief_brief"
    DRIFT = "drift"
    MANAGER_UPDATE = "manager_update"
    RETRO = "retro"


KnownJob = Annotated[DraftJob | str, Field(union_mode="left_to_right")]
"""A job as it is stored: by its name, where only another build knows it."""


@dataclass(frozen=True)
class DraftJobRow:
    """One draft job.

    `words` is what people call it. `entity` orders it; None where whoever types asks for it, at once. `reads` are the
    documents it is read from; None where it is written from what is known. `heading` is that of its page about a
    requisition, None where it is shown beside something else. `readers` are told by the notification `ready` that it
    is there; an interviewer is whom the draft is about.

    `decided_by` are the events of what people decide after it, `kept_back` is until when those who are still to judge
    do not see it: their verdict on the profile, or their scorecard. `judges`: it may propose verdicts. `leaves` tells
    its reader what it leaves to them. `prompt` is the prompt of its writer, where that is not its own.
    """

    job: str
    words: str
    entity: Literal["requisition", "candidate"] | None
    reads: str | None = None
    heading: str | None = None
    ready: NotificationKind | None = None
    readers: tuple[OwnerRole, ...] = ()
    decided_by: tuple[str, ...] = ()
    kept_back: Literal["verdict", "scorecard"] | None = None
    judges: bool = False
    leaves: str = ""
    prompt: str = ""

    @property
    def prompt_name(self) -> str:
        """The prompt its writer is asked with."""
        return self.prompt or self.job

    def notified(self, team: Team, about: Mapping[str, Any]) -> Iterator[str]:
        """Whoever of `team` is told that a draft `about` these ids is there, each once."""
        people = (about.get("interviewer") if role == "interviewer" else team.holder(role) for role in self.readers)
        yield from dict.fromkeys(person for person in people if isinstance(person, str))


DRAFT_JOBS: dict[str, DraftJobRow] = {
    row.job: row
    for row in (
        DraftJobRow(
            DraftJob.RUBRIC,
            "rubric from the intake",
            "requisition",
            reads="intake",
            ready=NotificationKind.RUBRIC_READY,
            readers=("recruiter", "hiring_manager"),
            decided_by=("rubric_edited", "rubric_signed", "rubric_declined"),
        ),
        DraftJobRow(
            DraftJob.CANDIDATE_SUMMARY,
            "candidate summary",
            "candidate",
            reads="screens",
            ready=NotificationKind.CANDIDATE_SUMMARY_READY,
            readers=("recruiter",),
            decided_by=("summary_confirmed", "candidate_rejected"),
            judges=True,
            leaves="The verdicts are proposals until you confirm or change them.",
        ),
        DraftJobRow(
            DraftJob.SCORECARD,
            "scorecard",
            "candidate",
            reads="interviews",
            ready=NotificationKind.SCORECARD_READY,
            readers=("interviewer",),
            decided_by=("scorecard_submitted",),
            kept_back="scorecard",
            leaves="Nothing is rated: that is yours.",
            prompt="findings",
        ),
        DraftJobRow(
            DraftJob.RESUME_READING,
            "résumé reading",
            "candidate",
            reads="résumés",
            decided_by=("profile_answered", "candidate_rejected"),
            kept_back="verdict",
            leaves="No verdict is given: that is yours.",
            prompt="findings",
        ),
        DraftJobRow(
            DraftJob.INTAKE_BRIEF,
            "brief before an intake",
            "requisition",
            heading="Before the intake",
            ready=NotificationKind.INTAKE_BRIEF_READY,
            readers=("hiring_manager",),
        ),
        DraftJobRow(DraftJob.SOURCING_BRIEF, "sourcing brief", "requisition", heading="Whom to look for"),
        DraftJobRow(DraftJob.REWORDING, "rewording", None),
        DraftJobRow(
            DraftJob.DEBRIEF_BRIEF,
            "debrief brief",
            "candidate",
            ready=NotificationKind.DEBRIEF_BRIEF_READY,
            readers=("recruiter", "hiring_manager"),
            decided_by=("candidate_rejected", "decided", "further_step_named", "decision_deferred"),
            kept_back="scorecard",
        ),
        DraftJobRow(
            DraftJob.DRIFT,
            "drift",
            "requisition",
            heading="Why profiles were turned down",
            decided_by=("rubric_amended",),
        ),
        DraftJobRow(
            DraftJob.MANAGER_UPDATE, "update to the manager", "requisition", heading="How the requisition goes"
        ),
        DraftJobRow(DraftJob.RETRO, "retro", "requisition", heading="What both said in the retro"),
    )
}
"""Every draft job by its name, in the order people read them."""


def draft_job(name: str) -> DraftJobRow:
    """The row of a draft job; of one that only another build knows, what its name says, kept back while it may be."""
    return DRAFT_JOBS.get(name) or _unknown(name)


@lru_cache(maxsize=64)
def _unknown(name: str) -> DraftJobRow:
    return DraftJobRow(name, name.replace("_", " "), None, kept_back="scorecard")


def decided_after(event: str) -> Iterator[str]:
    """The jobs after whose drafts an event of this kind is a decision."""
    return (row.job for row in DRAFT_JOBS.values() if event in row.decided_by)
