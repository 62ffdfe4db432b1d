"""Letters, notes and tags: what goes out, who hears, and what stays."""

from __future__ import annotations

from domain.candidate.candidate_wait import WaitOnCandidate, WaitOver
from domain.candidate.letters import HearReply, SendLetter
from domain.candidate.notes import AddNote
from domain.candidate.requisition_inbound import CandidateOpened, Relay
from domain.candidate.tags import TagCandidate
from domain.entity.effects import Notify, WriteToCandidate
from testing.decider_cases import Story, step
from testing.hire_stories import DAY, SYSTEM, clock, due, first_held, opened, opening, out, submitted, with_facts
from testing.people import INTERVIEWER, MANAGER, MONDAY, PARTNER, RECRUITER
from tests.domain.candidate.test_exits import effects


def test_who_applied_hears_that_it_arrived_and_nobody_else_does() -> None:
    told = [[letter.matter for letter in effects(_begins(receipt), WriteToCandidate)] for receipt in (True, False)]
    assert told == [["receipt"], []]


def _begins(receipt: bool) -> Story:
    begins = Relay(fact=opening().but(receipt=receipt))
    return Story(opened().decider).when(SYSTEM, begins).then(CandidateOpened)


def test_a_letter_is_signed_by_who_wrote_it_and_counts_as_a_word() -> None:
    story = submitted().when(MANAGER, SendLetter(letter_subject="Tuesday", text="Could you bring the forms?"))
    [letter] = effects(story, WriteToCandidate)
    assert (letter.matter, letter.signed, letter.subject) == ("letter", MANAGER, "Tuesday")
    before = story.state.last_word_at
    story.after(step(RECRUITER, SendLetter(letter_subject="Tuesday", text="At nine?")))
    assert story.state.last_word_at is not None
    assert before is None or story.state.last_word_at > before


def test_whoever_was_written_to_is_owed_the_next_word_five_working_days_later() -> None:
    story = submitted()
    letter = SendLetter(letter_subject="Tuesday", text="We know by Tuesday, and you hear from me then.")
    story.after(step(RECRUITER, letter, at=story.now + 2 * DAY))
    assert due(story, "candidate_updated") == story.now + 7 * DAY, "over a weekend"
    assert clock(out().after(step(RECRUITER, letter)), "candidate_updated") is None


def test_an_answer_ends_the_wait_and_is_told_to_the_recruiter() -> None:
    wait = WaitOnCandidate(what_for="Dates", until=MONDAY + 3 * DAY)
    story = submitted().after(step(RECRUITER, SendLetter(letter_subject="Dates", text="When?")), step(RECRUITER, wait))
    story.when(SYSTEM, HearReply(document="D-REPLY0001", received_at=MONDAY)).then(WaitOver)
    assert [(one.person, one.matter) for one in effects(story, Notify)] == [(RECRUITER, "candidate_wrote")]


def test_who_has_yet_to_score_is_not_told_of_a_note() -> None:
    note = AddNote(words="She asked for a desk by the window", mentions=(INTERVIEWER, MANAGER, PARTNER))
    told = effects(first_held().when(PARTNER, note), Notify)
    assert [one.person for one in told] == [MANAGER]


def test_tags_come_and_go() -> None:
    put_on = TagCandidate(on=("relocates", "nights"))
    story = submitted().after(step(RECRUITER, put_on, facts=with_facts(tags_new=(0, 1))))
    assert story.state.tags == {"G-1": "relocates", "G-2": "nights"}
    gone = TagCandidate(on=("days",), off=("nights",))
    story.after(step(RECRUITER, gone, facts=with_facts(tags_new=(0,), tags_known=("G-2",))))
    assert story.state.tags == {"G-1": "relocates", "G-3": "days"}
    assert out().state.tags == {}
