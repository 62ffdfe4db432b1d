"""A clock that another build began is shown and leads somewhere, whatever this build has no words for."""

from __future__ import annotations

from api.pages.tasks.next_actions import step
from store.views import ClockView
from testing.people import MONDAY, RECRUITER


def test_a_clock_of_another_build_leads_to_what_it_is_about() -> None:
    clock = ClockView.model_construct(
        stream="candidate/C-1", id="C-1:pondered_over:7", name="pondered_over", about="", owner=RECRUITER, due_at=MONDAY
    )
    assert (step(clock).words, step(clock).href) == ("See to “pondered over”", "/candidates/C-1")
