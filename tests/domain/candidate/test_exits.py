"""Out of the running, the word that is owed, and the candidate's rights."""

from __future__ import annotations

from domain.candidate import describe, phase
from domain.candidate.contact import LogContact
from domain.candidate.exits import CandidateTransferred, CandidateWithdrew, OutcomeTold, Reject, Transfer, Withdraw
from domain.candidate.requests import AnswerRequest, CandidateErased, Erase, RecordRequest, RequestAnswered
from domain.core.decider import Outcome
from domain.entity.clock_commands import AdoptPolicy, SetLegalHold
from domain.entity.effects import DestroyKey, Draft, Invite, Notify, Tell, WriteToCandidate
from domain.entity.entity_facts import Arrival, OfferNews
from domain.sla.policy import Policy
from domain.time.durations import ElapsedTime
from testing.decider_cases import Story, step
from testing.hire_stories import (
    APPLICANT,
    CANDIDATE_ID,
    DAY,
    HOUR,
    LINK,
    OTHER_LINK,
    RECORD_SCREEN,
    SCHEDULE_SCREEN,
    SCREEN_AT,
    TOLD,
    advanced,
    both_booked,
    clock,
    due,
    effects,
    facts,
    happened,
    last_fact,
    offered,
    opened,
    out,
    passes,
    relayed,
    said,
    screen_booked,
    shortlisted,
    submitted,
    turned_down,
    with_facts,
)
from testing.people import MANAGER, MONDAY, PARTNER, POLICY, RECRUITER, TICK

ERASURE = RecordRequest(kind="erasure", at=MONDAY)
GRANT = AnswerRequest(request_id="A-1", outcome="granted", why="As you asked us on Monday")
HOLD_ON = SetLegalHold(on=True, why="A claim was filed")


def test_a_candidate_hears_from_us_every_five_working_days() -> None:
    story = shortlisted()
    assert due(story, "candidate_updated") == story.now + 7 * DAY, "five working days, over a weekend"

    word = LogContact(at=MONDAY + 2 * DAY, direction="outbound", channel="call")
    story.after(step(RECRUITER, word, at=MONDAY + 2 * DAY))
    assert due(story, "candidate_updated") == MONDAY + 9 * DAY

    promise = word.but(at=MONDAY + 3 * DAY, promised_by=MONDAY + 14 * DAY)
    story.after(step(RECRUITER, promise, at=MONDAY + 3 * DAY))
    assert due(story, "candidate_updated") == MONDAY + 14 * DAY

    story.after(step(RECRUITER, word.but(direction="inbound", at=MONDAY + 4 * DAY), at=MONDAY + 4 * DAY))
    assert due(story, "candidate_updated") == MONDAY + 14 * DAY, "their own word is none from us"


def test_an_invitation_is_a_word_too() -> None:
    asked = SCHEDULE_SCREEN.but(candidate_agreed_at=MONDAY)
    story = advanced().after(step(RECRUITER, asked, after=5 * HOUR))

    assert due(story, "candidate_updated") == story.now + 7 * DAY


def test_a_withdrawal_says_whose_promise_was_open() -> None:
    story = passes(submitted(), MONDAY + 3 * DAY)

    story.when(LINK, Withdraw(cause="other_offer", at=MONDAY + 3 * DAY)).then(CandidateWithdrew)

    assert {(c.name, c.owner, c.breached) for c in said(story, CandidateWithdrew).open_clocks} == {
        ("profile_answered", MANAGER, True),
        ("candidate_updated", RECRUITER, False),
    }
    assert story.state.clocks == {}
    assert last_fact(story).stage == "withdrawn"


def test_nobody_withdraws_another_candidate() -> None:
    submitted().when(OTHER_LINK, Withdraw(cause="pay", at=MONDAY)).then("not_permitted")


def test_leaving_takes_everything_out_of_the_calendars() -> None:
    story = both_booked().when(LINK, Withdraw(cause="pay", at=MONDAY)).then(CandidateWithdrew)

    assert {invite.uid: invite.method for invite in effects(story, Invite)} == {
        f"{CANDIDATE_ID}-I-1": "CANCEL",
        f"{CANDIDATE_ID}-I-2": "CANCEL",
        f"{CANDIDATE_ID}-debrief-1": "CANCEL",
    }
    before_screen = screen_booked().when(LINK, Withdraw(cause="pay", at=MONDAY)).then(CandidateWithdrew)
    assert [invite.method for invite in effects(before_screen, Invite)] == ["CANCEL"]


def test_who_reneges_after_accepting_can_still_withdraw() -> None:
    accepted = offered().after(relayed(OfferNews(number=35, offer_id="O-1", status="accepted")))

    accepted.when(RECRUITER, Withdraw(cause="other_offer", at=MONDAY)).then(CandidateWithdrew)


def test_an_outcome_is_sent_by_mail_and_only_noted_after_a_call() -> None:
    by_mail = out().when(RECRUITER, TOLD).then(OutcomeTold)
    assert [w.words for w in effects(by_mail, WriteToCandidate)] == [TOLD.text]

    by_phone = out().when(RECRUITER, TOLD.but(channel="call")).then(OutcomeTold)
    assert effects(by_phone, WriteToCandidate) == []


def test_a_transfer_takes_documents_along_and_no_rating() -> None:
    move = Transfer(to_requisition="R-OTHER001", consent_at=MONDAY)
    story = advanced().when(RECRUITER, move, facts=with_facts(new_id="C-NEWCOMER")).then(CandidateTransferred)

    letters = {tell.letter.stream: tell.letter.payload["fact"] for tell in effects(story, Tell)}
    arrival = Arrival.model_validate(letters["requisition/R-OTHER001"])
    assert (arrival.candidate, arrival.human, arrival.resume) == ("C-NEWCOMER", APPLICANT, "D-RESUME01")
    assert last_fact(story).stage == "transferred"
    story.when(RECRUITER, move).then("already_done")


def test_the_manager_turns_down_whom_they_advanced() -> None:
    story = advanced().when(MANAGER, Reject(criterion="K1")).then()

    assert clock(story, "candidate_told") is not None


def test_the_statutory_clock_runs_from_receipt_and_nobody_moves_it() -> None:
    story = turned_down().when(LINK, RecordRequest(kind="access", at=MONDAY), after=3 * DAY).then()

    assert due(story, "request_answered", "A-1") == MONDAY + 30 * DAY
    story.after(relayed(facts(40, standing="on_hold")))
    passes(story, MONDAY + 31 * DAY)
    owed = clock(story, "request_answered", "A-1")
    assert owed is not None
    assert owed.breached_at == MONDAY + 30 * DAY


def test_no_machine_reads_anything_after_they_said_so() -> None:
    story = screen_booked().after(step(LINK, RecordRequest(kind="no_ai", at=MONDAY)))
    assert clock(story, "request_answered", "A-1") is None

    story.when(RECRUITER, RECORD_SCREEN, at=SCREEN_AT + HOUR).then()

    assert effects(story, Draft) == []


def test_who_asks_for_a_human_to_look_again_is_shown_to_hr_who_owe_an_answer() -> None:
    story = turned_down().when(LINK, RecordRequest(kind="human_review", at=MONDAY)).then()
    heard = [note for note in effects(story, Notify) if note.matter == "request_recorded"]
    assert [(note.person, note.about["kind"]) for note in heard] == [(PARTNER, "human_review")]
    owed = clock(story, "request_answered", "A-1")
    assert owed is not None
    assert owed.owner == PARTNER
    shown = story.state.requests["A-1"]
    assert (shown.kind, shown.status) == ("human_review", "open")

    story.when(PARTNER, GRANT).then()
    assert clock(story, "request_answered", "A-1") is None


def test_erasure_destroys_the_key_and_leaves_nothing_to_wait_for() -> None:
    story = turned_down().after(step(LINK, ERASURE)).when(PARTNER, Erase(request_id="A-1")).then(CandidateErased)

    assert [effect.key for effect in effects(story, DestroyKey)] == [APPLICANT]
    assert (phase(story.state), story.state.clocks, list(story.decider.awaited(story.state))) == ("erased", {}, [])
    assert describe(story.state).startswith("**erased**")
    story.when(RECRUITER, TOLD).then("erased")
    story.when("S-TANDEM", relayed(facts(90)).command).then("erased")


def test_somebody_in_the_running_who_is_erased_is_out_of_it() -> None:
    story = both_booked().after(step(LINK, ERASURE)).when(PARTNER, Erase(request_id="A-1")).then(CandidateErased)

    assert last_fact(story).stage == "withdrawn"
    assert {invite.method for invite in effects(story, Invite)} == {"CANCEL"}


def test_a_granted_erasure_is_done_by_itself_in_the_statutory_time() -> None:
    story = turned_down().after(step(LINK, ERASURE)).when(PARTNER, GRANT).then(RequestAnswered)
    assert story.state.restricted

    passes(story, MONDAY + 30 * DAY)

    assert story.state.standing == "erased"


def test_where_the_law_keeps_records_access_is_restricted_until_it_lets_go() -> None:
    story = turned_down().after(relayed(facts(40, jurisdiction="US")), step(LINK, ERASURE), step(PARTNER, GRANT))
    rejected_at = story.state.out.at
    story.when(PARTNER, Erase(request_id="A-1")).then("retention_minimum")
    assert story.state.restricted

    passes(story, rejected_at.replace(year=2027))

    assert story.state.standing == "erased"


def test_everybody_is_forgotten_in_the_end() -> None:
    story = turned_down()

    passes(story, story.now + 365 * DAY)

    assert "candidate_erased" in happened(story)
    assert story.state.standing == "erased"


def test_who_took_the_job_is_forgotten_here_as_well() -> None:
    accepted = offered().after(relayed(OfferNews(number=35, offer_id="O-1", status="accepted")))

    passes(accepted, accepted.now + 365 * DAY)

    assert accepted.state.standing == "erased"


def test_a_legal_hold_keeps_what_would_be_erased_and_nothing_is_backdated_when_it_goes() -> None:
    story = turned_down().after(step(PARTNER, HOLD_ON))
    passes(story, MONDAY + 500 * DAY)
    assert story.state.standing == "open"

    story.when(PARTNER, HOLD_ON.but(on=False), after=DAY).then(CandidateErased)

    assert isinstance(story.outcome, Outcome)
    assert {record.at for record in story.outcome.records} == {story.now}


def test_nobody_in_the_running_is_forgotten() -> None:
    story = passes(opened(), MONDAY + 800 * DAY)

    assert story.state.standing == "open"


def goes_by(policy: Policy, jurisdiction: str = "DE") -> Story:
    return turned_down().after(relayed(facts(40, jurisdiction=jurisdiction)), step(TICK, AdoptPolicy(policy=policy)))


def test_the_company_s_own_time_for_a_place_holds_there_alone() -> None:
    own = POLICY.but(name="ours", retention_by_jurisdiction={"DE": ElapsedTime(days=90, elapsed=True)})
    here, there = goes_by(own), goes_by(own, "FR")
    ended = here.state.out.at

    passes(here, ended + 89 * DAY)
    assert here.state.standing == "open"
    passes(here, ended + 91 * DAY)
    passes(there, ended + 91 * DAY)

    assert (here.state.standing, there.state.standing) == ("erased", "open")


def test_no_policy_makes_it_shorter_than_the_law() -> None:
    story = goes_by(POLICY.but(name="ours", retention=ElapsedTime(days=1, elapsed=True)), "US-CA")
    ended = story.state.out.at

    passes(story, ended.replace(year=ended.year + 3))
    assert story.state.standing == "open"
    passes(story, ended.replace(year=ended.year + 4))

    assert story.state.standing == "erased"


def test_a_person_in_two_searches_has_two_lives() -> None:
    here, there = turned_down(), opened(candidate="C-ELSEWHERE")

    assert here.state.human == there.state.human
    assert there.state.in_running
