"""Letters to the candidate: written by a colleague, sent as they stand, and what comes back.

Words are in the events, sealed; the letters themselves, sent and received, are documents of the candidate
(`store/letters.py`). Of an answer the entity knows its document alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Self

from pydantic import Field

from domain.candidate.candidate_wait import wait_over
from domain.candidate.state import Candidate, CandidateCommand
from domain.core.decider import Chapter
from domain.core.ids import DocumentId
from domain.core.lookups import HasAddress, Lookup
from domain.core.messages import Command, Effect, Event, Record, Sources, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.effects import Notify, WriteToCandidate
from domain.evidence.text_rules import refuse_unsendable
from domain.notifications.catalogue import NotificationKind

chapter: Chapter[Candidate] = Chapter()


class SendLetter(
    CandidateCommand,
    who="R H",
    refuses="no_address* internal_words* told",
    works="on_hold out after_end",
    heading="Write to them",
    button="Send it",
):
    """Send the candidate a letter, in your name. Their answer comes back to their page."""

    letter_subject: PersonalText = Field(title="Subject")
    text: PersonalText = Field(title="The letter")

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        return (HasAddress(),)

    def grounded(self, sources: Sources) -> Self:
        """Refuses words that must not leave the company (`internal_words`)."""
        refuse_unsendable(letter_subject=self.letter_subject, text=self.text)
        return self


class HearReply(Command, works="on_hold after_end"):
    """The candidate wrote, and it is kept as this document. Given by whoever read the mailbox."""

    document: DocumentId
    received_at: datetime


class LetterSent(Event):
    """A colleague wrote to the candidate."""

    letter_subject: PersonalText
    text: PersonalText


class ReplyCame(Event, heading="the candidate wrote"):
    """The candidate wrote to us."""

    document: DocumentId
    received_at: datetime


@chapter.gate(SendLetter)
def is_not_told_already(state: Candidate, call: Call) -> None:
    answered = state.replied_at is not None and state.told_at is not None and state.replied_at > state.told_at
    if state.told_at is not None and not answered:
        refuse(
            "told",
            "They were told how it ended, and have not written since.",
            "A letter once they write, or log-contact for what was said.",
        )


@chapter.decides(SendLetter)
def send_letter(state: Candidate, asked: SendLetter, call: Call) -> Iterator[Event]:
    if call.facts.has_address is False:
        refuse("no_address", "We have no mail address of theirs.", "Their address first: correct-contact.", "text")
    yield LetterSent(letter_subject=asked.letter_subject, text=asked.text)


@chapter.decides(HearReply)
def hear_reply(state: Candidate, heard: HearReply, call: Call) -> Iterator[Event]:
    if state.version == 0:
        refuse("not_found", "There is no such candidate.", "The id of a candidate.")
    yield ReplyCame(document=heard.document, received_at=heard.received_at)
    yield from wait_over(state)


@chapter.evolves(LetterSent)
def letter_sent(state: Candidate, event: LetterSent, record: Record) -> Candidate:
    return state.after_word(record.at)


@chapter.evolves(ReplyCame)
def reply_came(state: Candidate, event: ReplyCame, record: Record) -> Candidate:
    return state.but(replied_at=record.at)


@chapter.reacts(LetterSent)
def write_it(state: Candidate, event: LetterSent, record: Record) -> Iterator[Effect]:
    yield WriteToCandidate(
        candidate=state.id, matter="letter", words=event.text, subject=event.letter_subject, signed=record.by
    )


@chapter.reacts(ReplyCame)
def tell_the_recruiter(state: Candidate, event: ReplyCame, record: Record) -> Iterator[Effect]:
    yield Notify(person=state.people.recruiter, matter=NotificationKind.CANDIDATE_WROTE, about={"candidate": state.id})
