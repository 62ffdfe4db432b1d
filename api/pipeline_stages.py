"""The stages of a pipeline as its page shows them: a few stand together, and each is reached by a command."""

from __future__ import annotations

from typing import NamedTuple

from domain.entity.entity_facts import ENDS, Stage


class Column(NamedTuple):
    """A column: what it is called, the stages in it, and the command that brings somebody there, below a candidate's
    page or, with `{}` for them, a requisition's."""

    words: str
    stages: tuple[Stage, ...]
    command: str | None = None


COLUMNS = (
    Column("Applied", (Stage.ADDED,)),
    Column("Shortlisted", (Stage.SHORTLISTED,), "shortlist"),
    Column("With the manager", (Stage.SUBMITTED, Stage.HELD), "submit_candidate"),
    Column("Advanced", (Stage.ADVANCED,), "answer_profile"),
    Column("Screened", (Stage.SCREENED,), "confirm_summary"),
    Column("Interviewing", (Stage.INTERVIEWING,), "schedule_interview"),
    Column("Debrief", (Stage.DEBRIEFING,), "book_debrief"),
    Column("To be hired", (Stage.HIRE_DECIDED, Stage.RESERVE), "decide"),
    Column("Offered", (Stage.OFFERED,), "make_offer"),
    Column("Accepted", (Stage.ACCEPTED,), "answer_offer"),
)
"""The columns in order. Who is out stands in the table alone."""

OUT = Column("Out", tuple(sorted(ENDS)), "reject")
