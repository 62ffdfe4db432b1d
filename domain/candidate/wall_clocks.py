"""A screen, an interview or a debrief keeps its hour on the wall when a country changes the rules of its clocks."""

from __future__ import annotations

from collections.abc import Iterator

from domain.candidate.debrief import DebriefRebooked
from domain.candidate.interviews import InterviewRescheduled
from domain.candidate.screen import ScreenScheduled
from domain.candidate.state import Candidate
from domain.core.decider import Chapter
from domain.core.messages import Event
from domain.entity.call import Call
from domain.entity.wall_clocks import RULES_CHANGED, KeepHour

chapter: Chapter[Candidate] = Chapter()


@chapter.decides(KeepHour)
def keep_hour(state: Candidate, asked: KeepHour, call: Call) -> Iterator[Event]:
    """Moves what is still to come, and stands where it was when the rules were looked at; else nothing."""
    screen, debrief, interview = state.screen, state.debrief, state.interviews.get(asked.meeting)
    if asked.meeting == "screen" and screen is not None:
        if screen.status == "scheduled" and screen.starts_at == asked.stood_at:
            moved = screen.but(starts_at=asked.starts_at, sequence=screen.sequence + 1)
            yield ScreenScheduled(screen=moved, pay_range_told=False)
    elif asked.meeting == "debrief" and debrief is not None:
        if debrief.held_at is None and not debrief.over and debrief.starts_at == asked.stood_at:
            again = debrief.but(starts_at=asked.starts_at, hours_kept=debrief.hours_kept + 1)
            yield DebriefRebooked(debrief=again, cause=RULES_CHANGED)
    elif interview is not None and interview.upcoming and interview.starts_at == asked.stood_at:
        later = interview.but(starts_at=asked.starts_at, sequence=interview.sequence + 1)
        yield InterviewRescheduled(interview=later, cause=RULES_CHANGED)
