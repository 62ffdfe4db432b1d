"""From the opening to the lock, and amendments after it."""

from __future__ import annotations

from domain.access.roles import Role
from domain.core.messages import Event, Tick
from domain.entity.clock_commands import OverrideGate
from domain.entity.effects import Draft, Invite, Notify
from domain.entity.entity_facts import PersonFacts
from domain.evidence.draft_events import AttachDraft, DraftAttached
from domain.evidence.retro_changes import InheritedChange
from domain.requisition import REQUISITION, describe, phase
from domain.requisition.candidate_facts_io import Relay
from domain.requisition.intake import ScheduleIntake
from domain.requisition.opening import ResolveInheritedChange
from domain.requisition.pulse import AnswerPulse, PulseDue, PulseTaken
from domain.requisition.roster import CandidateAdded
from domain.requisition.rubric import AmendRubric, RubricLocked
from domain.sla.clocks import ClockBreached, ClockStopped
from testing.decider_cases import Story, step
from testing.people import MANAGER, MANAGER_LEAD, PARTNER, RECRUITER, STRANGER, TICK, person
from testing.places import PLACE
from testing.requisition_stories import (
    CRITERIA,
    DAY,
    EDIT,
    OPEN,
    REQUISITION_ID,
    added,
    addition,
    candidate_id,
    criterion,
    doc,
    drafted,
    intake_held,
    locked,
    new,
    opened,
    reports,
    signature,
    signed,
)
from tests.domain.requisition.story_reader import at, clocks, effects, events, facts_sent, last, owes

WHY = "Because it is so."


class TestFromOpeningToTheLock:
    def test_opening_prepares_the_manager_and_starts_the_recruiters_clock(self) -> None:
        change = InheritedChange(id="X-OLD1-1R", text="Agree on the panel before sourcing.", requisition="R-OLD001")
        story = opened(inherited=(change,))
        [clock] = clocks(story, "intake_held")
        assert (clock.owner, clock.due_at) == (RECRUITER, at(5, 9, 5))
        assert phase(story.state) == "intake"
        assert "the intake call, by the recruiter, due 2026-03-05 09:05 UTC" in describe(story.state)

    def test_the_intake_is_moved_under_one_id_with_a_higher_sequence(self) -> None:
        story = opened().after(
            step(RECRUITER, ScheduleIntake(starts_at=at(3, 10), minutes=45, attendees=(MANAGER,), where=PLACE))
        )
        story.when(RECRUITER, ScheduleIntake(starts_at=at(4, 10), minutes=45, attendees=(MANAGER,), where=PLACE))
        [invite] = effects(story, Invite)
        assert (invite.uid, invite.sequence, invite.starts_at) == ("R-SEARCH1-intake", 1, at(4, 10))
        assert set(invite.people) == {RECRUITER, MANAGER, PARTNER}

    def test_both_owe_a_signature_and_an_edit_voids_what_was_signed(self) -> None:
        story = signed(drafted(), RECRUITER)
        assert owes(story) == {MANAGER: ["rubric_signed"]}
        edited = EDIT.but(base_version=1, job_text="We make permits quicker.")
        story.when(MANAGER, edited).then()
        assert owes(story) == {RECRUITER: ["rubric_signed"], MANAGER: ["rubric_signed"]}
        assert signed(story, MANAGER, RECRUITER).state.versions[-1].signed_by == (MANAGER, RECRUITER)

    def test_a_running_signature_clock_is_not_reset_by_an_edit(self) -> None:
        story = drafted()
        before = {clock.about: clock.due_at for clock in clocks(story, "rubric_signed")}
        story.when(MANAGER, EDIT.but(base_version=1, job_text="Another."), after=DAY).then()
        assert {clock.about: clock.due_at for clock in clocks(story, "rubric_signed")} == before

    def test_a_no_ends_the_promises_to_sign(self) -> None:
        story = drafted()
        story.when(MANAGER, signature(story, sign=False, why=WHY)).then()
        assert [event.kept for event in events(story, ClockStopped)] == [True, False]
        assert [effect.matter for effect in effects(story, Notify)] == ["rubric_declined"]

    def test_an_open_inherited_change_holds_up_the_lock(self) -> None:
        change = InheritedChange(id="X-OLD1-1R", text="Agree on the panel before sourcing.", requisition="R-OLD001")
        story = drafted(inherited=(change,))
        story.when(RECRUITER, signature(story)).then("inherited_change_open")
        story.after(step(MANAGER, ResolveInheritedChange(change_id=change.id, adopt=True)))
        assert signed(story, RECRUITER, MANAGER).state.inherited[change.id].resolution == "adopted"

    def test_one_person_as_recruiter_and_manager_needs_a_second_name(self) -> None:
        both = OPEN.but(recruiter=MANAGER, hiring_manager=MANAGER, second_signer=PARTNER)
        story = drafted(both)
        assert owes(story) == {MANAGER: ["rubric_signed"], PARTNER: ["rubric_signed"]}
        signed(story, MANAGER).when(MANAGER, signature(story)).then("same_person")
        story.when(RECRUITER, signature(story)).then("not_permitted")
        story.when(PARTNER, signature(story)).then(RubricLocked)
        story.when(TICK, Tick(), after=15 * DAY).then(PulseDue)
        story.when(MANAGER, AnswerPulse(rubric_right=True, candidates_right=True)).then(PulseTaken)

    def test_a_delegate_signs_for_the_manager_until_their_time_is_over(self) -> None:
        story = signed(drafted(), RECRUITER)
        delegated = PersonFacts(
            number=1, person=MANAGER, delegate=STRANGER, powers=("sign_rubric",), delegate_until=at(20, 9)
        )
        story.after(step(TICK, Relay(fact=delegated)))
        story.when(STRANGER, signature(story), at=at(20, 9)).then("not_permitted")
        story.when(STRANGER, signature(story), at=at(19, 9)).then(RubricLocked)
        assert STRANGER in story.state.versions[-1].signed_by

    def test_a_recruiter_who_is_the_managers_delegate_signs_but_once(self) -> None:
        delegated = PersonFacts(
            number=1, person=MANAGER, delegate=RECRUITER, powers=("sign_rubric",), delegate_until=at(20, 9)
        )
        story = signed(drafted().after(step(TICK, Relay(fact=delegated))), RECRUITER)
        story.when(RECRUITER, signature(story)).then("same_person")

    def test_an_older_word_about_a_person_is_ignored(self) -> None:
        story = locked().after(
            step(TICK, Relay(fact=PersonFacts(number=7, person=MANAGER))),
        )
        late = PersonFacts(number=6, person=MANAGER, delegate=STRANGER, powers=("decide",), delegate_until=at(20, 9))
        story.when(TICK, Relay(fact=late)).then()
        assert events(story, Event) == []


def test_the_brief_before_the_intake_says_what_was_inherited() -> None:
    change = InheritedChange(id="X-OLD1-1R", text="Agree on the panel before sourcing.", requisition="R-OLD001")
    story = Story(REQUISITION).when(person(RECRUITER, Role.RECRUITER), OPEN, facts=new(inherited=(change,)))
    [draft] = effects(story, Draft)
    assert (draft.job, draft.about["inherited_changes"]) == ("intake_brief", [change.text])


def test_an_agencys_own_name_lets_it_in_where_an_older_build_looked_up_who_brought_them() -> None:
    owned, add = new(candidate_id(1), owned_by="Finders"), addition(1)
    opened().when(RECRUITER, add.but(agency="Finders"), facts=owned).then(CandidateAdded)
    opened().when(RECRUITER, add.but(agency="Seekers"), facts=owned).then("owned_by_agency")


def test_a_transcript_asks_for_a_draft_and_its_arrival_tells_both_sides() -> None:
    story = intake_held()
    story.when(TICK, AttachDraft(job="rubric", draft=doc("RUBRICDRAFT"))).then()
    assert {n.person for n in effects(story, Notify)} == {RECRUITER, MANAGER}


def test_a_draft_that_comes_once_more_changes_nothing_and_tells_nobody() -> None:
    story = intake_held().when(TICK, AttachDraft(job="rubric", draft=doc("RUBRICDRAFT"))).then()

    story.when(TICK, AttachDraft(job="rubric", draft=doc("RUBRICDRAFT"))).then()

    assert effects(story, Notify) == []
    story.when(TICK, AttachDraft(job="rubric", draft=doc("ANOTHERDRAFT"))).then(DraftAttached)


def test_a_breach_is_told_to_both_sides_at_its_deadline() -> None:
    story = opened().when(TICK, Tick(), at=at(5, 9, 5)).then(ClockBreached)
    assert last(story).at == at(5, 9, 5)
    assert {(n.person, n.about["recipient"]) for n in effects(story, Notify) if n.urgent} == {
        (RECRUITER, "owner"),
        (MANAGER, "counterpart"),
    }
    assert "**overdue**" in describe(story.state)


class TestAmendments:
    def test_an_amendment_marks_what_is_no_longer_comparable_and_holds_once_both_signed(self) -> None:
        story = locked().after(added(1))
        harder = criterion(2, anchors={str(n): f"Harder {n}" for n in range(1, 5)})
        amend = AmendRubric(base_version=1, criteria=(CRITERIA[0], harder, CRITERIA[2]), why=WHY)
        story.when(MANAGER, amend).then()
        assert facts_sent(story)["candidate/C-000001"]["amending"] is True
        assert story.state.locked.version == 1, "until it is signed the old one stays in force"
        signed(story, MANAGER).when(RECRUITER, signature(story)).then(RubricLocked)
        [lock] = events(story, RubricLocked)
        assert (lock.version, lock.incomparable, lock.why) == (2, ("K2",), WHY)
        fact = facts_sent(story)["candidate/C-000001"]
        assert (fact["amending"], fact["rubric"]["version"]) == (False, 2)

    def test_a_declined_amendment_leaves_the_old_rubric_in_force(self) -> None:
        story = locked()
        story.after(step(MANAGER, AmendRubric(base_version=1, job_text="Other words.", why=WHY)))
        story.when(RECRUITER, signature(story, sign=False, why=WHY)).then()
        assert (story.state.amendment, story.state.locked.version, clocks(story, "rubric_signed")) == (None, 1, [])

    def test_only_hr_may_let_the_bar_move_while_a_decision_is_pending(self) -> None:
        story = locked().after(added(1), reports(1, 1, "debriefing", cards_in_undecided=True))
        amend = AmendRubric(base_version=1, job_text="Other words.", why=WHY)
        grant = OverrideGate(
            gate="decision_pending", subject=REQUISITION_ID, asked_by=RECRUITER, why=WHY, until=at(9, 9)
        )
        story.when(RECRUITER, amend).then("decision_pending")
        story.when(MANAGER_LEAD, grant).then("not_permitted")
        story.after(step(PARTNER, grant)).when(RECRUITER, amend).then()
        story.after(reports(1, 2, "rejected", told=True))
        assert story.state.undecided == ()
