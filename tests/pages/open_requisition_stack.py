"""The demo's requisition, left half way: somebody's turn everywhere."""

from __future__ import annotations

from local.demo.play import Play
from local.demo.story import STORY, _answer, _apply, _book_debrief, _screen
from testing.paged_resume import stored_resume
from testing.places import WHERE
from wiring import stores

FIRST_STEPS = 1 + [step.__name__ for step in STORY].index("slate")


async def play_half_way(play: Play) -> None:
    """A slate lies before the manager; Nadia's panel waits for two cards, Owen's screen for its summary.

    Ibrahim has applied, and nobody has read it. `on_pages` is the id of a document with images of its pages.
    """
    for step in STORY[:FIRST_STEPS]:
        await step(play)
    await _apply(play, "ibrahim")
    for key in ("nadia", "owen"):
        await _answer(play, key, {"answer": "advance", "criterion": 0})
    await _screen(play, "nadia")
    await _panel(play)
    await _held_screen(play)
    nadia = play.applicants["nadia"]
    async with stores(play._settings, size=1) as at:
        play.on_pages = await stored_resume(at.documents, nadia.human, nadia.id, play.mara.id)


async def _panel(play: Play) -> None:
    nadia = play.applicants["nadia"]
    await _book_debrief(play, "nadia", in_hours=2)  # a panel is not in the plan, and counts as final
    both = [{"person": play.company[key].id, "criteria": play.script.focus(1)} for key in ("priya", "wes")]
    begun = await play.books(
        "schedule-interview", nadia.id, round=1, kind="panel", interviewers=both, minutes=50,
        candidate_zone=nadia.script["time_zone"], candidate_agreed_at=play.now(), **WHERE,
    )  # fmt: skip
    await begun()
    doc = await play.upload("transcripts/interview-1.srt", "transcript", nadia.human)
    rec = {"kind": "transcript", "doc": doc, "consent_of_all": True}
    await play.mara.does("record-interview", nadia.id, interview_id="I-1", outcome="held", ended_at=play.now(), rec=rec)
    await play.mara.waits_until(
        nadia.id, lambda seen: sum(key.startswith("scorecard") for key in seen["drafts"]) == len(both), "both drafts"
    )


async def _held_screen(play: Play) -> None:
    owen = play.applicants["owen"]
    begun = await play.books(
        "schedule-screen",
        owen.id,
        minutes=30,
        candidate_zone="America/Denver",
        candidate_agreed_at=play.now(),
        **WHERE,
    )
    await begun()
    doc = await play.upload("transcripts/screen-2.txt", "transcript", owen.human)
    rec = {"kind": "transcript", "doc": doc, "consent_of_all": True}
    await play.mara.does("record-screen", owen.id, outcome="held", at=play.now(), rec=rec)
    await play.mara.waits_until(owen.id, lambda seen: "candidate_summary" in seen["drafts"], "the draft of the summary")
