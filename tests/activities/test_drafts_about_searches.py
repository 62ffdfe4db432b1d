"""Drafts about a requisition, and about all cards of a candidate: words are read under their own key and kept under
it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.drafting import DraftActivity
from domain.candidate.profile import AnswerProfile, Shortlist
from domain.core.messages import Tick
from domain.core.personal_text import Sealed
from domain.entity.effects import Draft as DraftOrdered
from domain.evidence.drafts import Draft
from domain.requisition.calibration import ShareSlate
from language.extractive_drafter import ExtractiveDrafter
from store.command_lookups import inherited_changes
from store.llm_outputs import LlmOutputs
from testing import journal_company as lived
from testing.journal_company import (
    ANNA,
    APPLICANT_BERT,
    BERT,
    REQUISITION,
    REQUISITION_STREAM,
    SECOND,
    Company,
    interview_booked,
)
from testing.people import INTERVIEWER, MANAGER, RECRUITER
from tests.activities.letter_fixtures import Office, anna_advanced, up_to_the_slate
from tests.activities.test_drafting import drafted

WHY = "No migration of that size in four years."
SAW = "Counted the calls before she changed anything."


async def made(office: Office, job: str) -> Draft:
    """The latest draft of this kind that was asked for."""
    language = DraftActivity(office.library, office.kept, ExtractiveDrafter())
    order = [order for order in office.orders(DraftOrdered) if order.payload["job"] == job][-1]
    return await drafted(office, await ActivityEnvironment().run(language.draft, order), order)


def slate_answered(office: Office) -> Callable[[Company], None]:
    """Both are shared; Anna is wanted, Bert is not, for a reason outside the rubric."""

    def chapter(company: Company) -> None:
        for candidate in (ANNA, BERT):
            verdicts = Shortlist(verdicts=dict.fromkeys(("K1", "K2", "K3"), "met"))
            company.give(f"candidate/{candidate}", RECRUITER, verdicts)
        company.give(REQUISITION_STREAM, RECRUITER, ShareSlate(candidate_ids=(ANNA, BERT), why="nobody else yet"))
        company.give(f"candidate/{ANNA}", MANAGER, AnswerProfile(verdict="advance", criterion="K1"))
        why = office.sealer.seal(APPLICANT_BERT, WHY, BERT)
        company.give(f"candidate/{BERT}", MANAGER, AnswerProfile(verdict="reject", why=why))

    return chapter


async def test_whom_to_look_for_is_said_when_the_rubric_locks_and_again_when_a_slate_is_answered(
    office: Office,
) -> None:
    await office.live(up_to_the_slate)
    first = await made(office, "sourcing_brief")
    assert [claim.text for section in first.sections if section.head == "must" for claim in section.claims] == [
        "does thing 1 monthly",
        "does thing 2 monthly",
    ]

    await office.live(slate_answered(office))
    second = await made(office, "sourcing_brief")
    (said,) = [section for section in second.sections if section.head == "answers"]
    assert said.claims[0].rests_on[0].span.document.startswith(f"candidate/{BERT}/")
    assert WHY not in second.model_dump_json()


async def test_rejections_outside_the_rubric_are_read_for_drift_and_their_words_stay_the_candidates(
    office: Office,
) -> None:
    await office.live(up_to_the_slate, slate_answered(office))
    draft = await made(office, "drift")
    assert draft.drift is not None
    (cluster,) = draft.drift.clusters
    assert (cluster.criterion, cluster.rests_on[0].words) == (None, "")
    assert WHY not in draft.model_dump_json()


async def test_all_cards_stand_beside_each_other_before_the_debrief(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    monkeypatch.setattr(lived, "SAID", office.seal(SAW))
    await office.live(lived.hired)
    draft = await made(office, "debrief_brief")

    assert draft.debrief is not None
    assert [(each.criterion, each.agreed) for each in draft.debrief.compared] == [("K1", True), ("K2", True)]
    assert draft.debrief.not_gathered == ("K3",)
    view = draft.debrief.compared[0].views[0]
    assert (view.person, view.score, view.evidence[0].words) == (INTERVIEWER, 3, SAW)
    assert not draft.debrief.over_weighted


async def test_the_pulse_comes_with_an_update(office: Office) -> None:
    await office.live(up_to_the_slate)
    state = office.company.states[REQUISITION_STREAM]
    office.company.now = state.pulse_at + timedelta(minutes=1)
    office.company.give(REQUISITION_STREAM, "S-TICK", Tick())
    await office.live(lambda company: None)

    update = await made(office, "manager_update")
    heads = {section.head: [claim.text for claim in section.claims] for section in update.sections}
    assert "2 candidates: added" in heads["where they stand"]
    assert any(line.startswith("the recruiter: share a slate of profiles") for line in heads["what is owed"])
    assert "Anna" not in update.model_dump_json(), "it lies under the search's key, and outlives hers"


async def test_a_retro_is_put_together_from_what_both_sides_said(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    monkeypatch.setattr(lived, "SAID", office.seal(SAW))
    await office.live(lived.hired, lived.looked_back)
    retro = await made(office, "retro")
    said = {section.head: [claim.text for claim in section.claims] for section in retro.sections}
    assert said["R"] == ["worked: daily answers", "worked: one slate", "change: I send the slate by Tuesday noon"]
    assert said["H"][-1] == "change: I answer by 10:00 each day"


async def test_what_a_sealed_retro_said_is_read_there_and_before_the_next_intake(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    monkeypatch.setattr(lived, "SAID", office.seal(SAW))

    def sealed(words: str) -> Sealed:
        return office.sealer.seal(REQUISITION, words, REQUISITION)

    await office.live(lived.hired, lambda company: lived.looked_back(company, sealed))
    retro = await made(office, "retro")
    assert [claim.text for section in retro.sections for claim in section.claims][-1].startswith("change: I answer by")

    inherited = await inherited_changes(office.pool, MANAGER, "Platform")
    assert {type(change.text) for change in inherited} == {Sealed}
    (outcome, *_) = await office.kept.reads.retro_changes()
    assert isinstance(outcome.text, Sealed)
    await office.live(lambda company: lived.opened(company, SECOND, inherited=inherited))
    brief = await made(office, "intake_brief")
    assert "I send the slate by Tuesday noon" in brief.model_dump_json()


async def test_the_record_of_every_draft_names_what_it_was_made_from(office: Office) -> None:
    await office.live(up_to_the_slate)
    await made(office, "sourcing_brief")

    (output,) = await LlmOutputs(office.pool).of_requisition(REQUISITION)
    assert (output.job, output.drafter, output.rubric_version) == ("sourcing_brief", "extractive", 1)
    assert output.spans
    assert output.candidate is None
    assert await LlmOutputs(office.pool).of_candidate(ANNA) == []
