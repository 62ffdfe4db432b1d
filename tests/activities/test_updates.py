"""The hiring manager's update as she reads it on her phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from activities.letter_writer import LetterWriter
from activities.letters import Letter
from activities.manager_update import ManagerUpdates, words_of
from domain.candidate.profile import Shortlist
from domain.core.messages import Effect, Tick
from domain.requisition.calibration import ShareSlate
from domain.requisition.drift import Drift
from mail.smtp import Mailbox
from store.manager_update import OwedClock, RequisitionUpdate, StandsAt
from testing.journal_company import (
    ANNA,
    BERT,
    REQUISITION,
    REQUISITION_STREAM,
    Company,
    hired,
    interview_booked,
    looked_back,
    opened,
)
from testing.people import MANAGER, RECRUITER
from tests.activities.letter_fixtures import HERS, Office, anna_advanced, up_to_the_slate
from tests.activities.test_letters import fit_to_be_read

READER = Mailbox("Ada Reader", "ada@example.com")


def both_shown(company: Company) -> None:
    """Both lie before the manager, who does not answer for two working days and a half."""
    for candidate in (ANNA, BERT):
        company.give(
            f"candidate/{candidate}", RECRUITER, Shortlist(verdicts={"K1": "met", "K2": "partly", "K3": "not_met"})
        )
    company.give(REQUISITION_STREAM, RECRUITER, ShareSlate(candidate_ids=(ANNA, BERT), why="nobody else yet"))
    company.give(HERS, "tick", Tick(), after=timedelta(days=2, hours=4))


async def letter(office: Office, since: datetime | None = None, **more: Any) -> Letter:
    """The update as it stands now, to the manager."""
    at = office.company.now
    words = await ManagerUpdates(office.kept).words(REQUISITION, since or at - timedelta(days=7), at)
    assert words is not None
    return await written(office, words | more)


async def written(office: Office, words: dict[str, Any]) -> Letter:
    order = office.orders(Effect)[0]
    behind = await office.library.background(order, "manager_update", {})
    writer = LetterWriter(office.library.opened, "https://tandem.example")
    return writer.letter("colleague", "manager_update", behind, READER, "Europe/Berlin", {}, me=MANAGER, **words)


async def test_the_recruiters_debts_stand_beside_hers(office: Office) -> None:
    await office.live(up_to_the_slate, both_shown)
    said = await letter(office)
    fit_to_be_read(said)
    assert said.subject == "Platform engineer: 1 thing waits for you"
    yours, theirs = said.text.index("Your tasks:\n"), said.text.index("Recruiter Example\u2019s tasks:\n")
    hers = said.text[yours:theirs]
    assert "answer a profile: advance, hold or reject, with its criterion (Anna Sjöberg, Bert Okoye)" in hers
    assert "; overdue" in hers
    assert "give a candidate word of where things stand (Anna Sjöberg, Bert Okoye)" in said.text[theirs:]


async def test_the_forecast_and_the_slip_by_side(office: Office) -> None:
    await office.live(up_to_the_slate, both_shown)
    said = await letter(office)
    assert "“Platform engineer” is as likely as not to be filled by " in said.text
    assert " days before what we agreed on came to, " in said.text, "two of five profiles came on the first day"
    [slip] = [line for line in said.text.splitlines() if line.startswith("Where working days went: 0.5 yours; ")]
    assert slip.endswith(" gained.")


async def test_where_they_stand_what_moved_and_what_the_market_shows(office: Office) -> None:
    await office.live(up_to_the_slate, both_shown)
    said = await letter(office)
    assert "- Anna Sjöberg: submitted, 2.5 days\n" in said.text
    assert "2 new, 2 shortlisted, 2 submitted." in said.text
    assert "- 2 of 2 show “does thing 1 monthly” (must-have; 2 more than last time)\n" in said.text
    assert "- 0 of 2 show “does thing 3 monthly” (growth)\n" in said.text
    assert "- 2 of 5 profiles, by " in said.text
    assert "meetings" not in said.text, "none is due in the first week"

    quiet = await letter(office, since=office.company.now)
    assert "Nobody moved since " in quiet.text
    assert "than last time" not in quiet.text


async def test_before_the_lock_there_is_little_to_say_and_it_is_said(office: Office) -> None:
    await office.live(opened)
    said = await letter(office)
    fit_to_be_read(said)
    assert said.subject == "Platform engineer: nothing waits for you"
    assert "can be told once the rubric is locked" in said.text
    assert "Recruiter Example\u2019s tasks:\n- hold the intake call and record it, since Monday 2 March\n" in said.text
    for section in ("Your tasks", "Where they stand", "What the market shows", "Agreed on"):
        assert section not in said.text


async def test_a_filled_search_says_so(office: Office) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked, hired, looked_back)
    said = await letter(office)
    fit_to_be_read(said)
    assert "“Platform engineer” was filled on " in said.text
    assert " before what we agreed on came to" in said.text


async def test_an_erased_candidate_is_nobody(office: Office) -> None:
    await office.live(up_to_the_slate, both_shown)
    await office.pool.execute("DELETE FROM humans")
    said = await letter(office)
    assert "Anna" not in said.text
    assert "- a candidate whose data was erased: submitted" in said.text


async def test_a_great_search_still_fits_a_phone(office: Office) -> None:
    await office.live(up_to_the_slate, both_shown)
    words = await ManagerUpdates(office.kept).words(REQUISITION, office.company.now, office.company.now)
    assert words is not None
    great = greater(words["update"])
    said = await written(office, words_of(great, {one.id: f"Candidate {n}" for n, one in enumerate(great.candidates)}))
    assert "(Candidate 0, Candidate 1, Candidate 2 and 27 more)" in said.text
    assert "- and 24 more\n" in said.text
    assert len([line for line in said.text.splitlines() if line]) <= 40


def greater(update: RequisitionUpdate) -> RequisitionUpdate:
    """The same requisition with thirty candidates, each of whom everybody owes something, and eight criteria."""
    ids = [f"C-GREAT{n:02}" for n in range(30)]
    owed = (
        ("hiring_manager", "profile_answered"), ("hiring_manager", "decision_made"), ("recruiter", "summary_sent"),
        ("recruiter", "candidate_updated"), ("recruiter", "debrief_held"), ("recruiter", "held_resolved"),
        ("recruiter", "candidate_told"), ("others", "scorecard_in"), ("others", "invitation_answered"),
    )  # fmt: skip
    stands = update.candidates[0]
    return update.model_copy(
        update={
            "candidates": tuple(
                StandsAt.model_validate(dict(stands) | {"id": one, "human": f"H-{one[2:]}"}) for one in ids
            ),
            "debts": tuple(
                OwedClock.model_validate(dict(update.debts[0]) | {"side": side, "name": name, "candidate": one})
                for one in ids
                for side, name in owed
            ),
            "criteria": (update.criteria * 3)[:8],
            "drift": Drift(rejected=9, outside=4),
        }
    )


async def test_a_day_is_the_readers(office: Office) -> None:
    await office.live(opened)
    late = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
    assert "Nobody moved since Thursday 5 March." in (await letter(office, since=late)).text
