"""Notes that colleagues write each other about a candidate, hidden from those who have yet to score them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import Field

from domain.access.team import Team
from domain.candidate.feedback_visibility import may_see_cards
from domain.candidate.state import Candidate, CandidateCommand
from domain.core.decider import Chapter
from domain.core.ids import PersonId
from domain.core.messages import Effect, Event, Record, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.effects import Notify
from domain.evidence.interview_plan import Interview
from domain.notifications.catalogue import NotificationKind

chapter: Chapter[Candidate] = Chapter()


class AddNote(
    CandidateCommand, who="R H P I", works="on_hold out after_end", heading="Write a note", button="Add the note"
):
    """Write a note about them for those who have a part in it. Nobody who has yet to score them reads it."""

    words: PersonalText = Field(title="The note")
    mentions: tuple[PersonId, ...] = Field(
        default=(), title="Tell", max_length=10, description="Whom you mention hears that there is a note."
    )


class NoteAdded(Event, heading="a note"):
    """Somebody wrote a note, and mentioned these colleagues."""

    words: PersonalText
    mentions: tuple[PersonId, ...] = ()


def readers_of_notes(team: Team, interviews: Iterable[Interview]) -> frozenset[str]:
    """Those who have a part in a candidate, and read notes once they owe no scorecard."""
    delegate = {team.delegate.person} if team.delegate else set()
    meet = {one.person for interview in interviews for one in interview.interviewers}
    return frozenset({team.recruiter, team.hiring_manager, team.hr_partner} | delegate | meet)


@chapter.decides(AddNote)
def add_note(state: Candidate, asked: AddNote, call: Call) -> Iterator[Event]:
    if outside := sorted(set(asked.mentions) - readers_of_notes(state.people, state.interviews.values())):
        refuse(
            "unknown_reference",
            f"{outside[0]} has no part in this candidate, and does not read notes about them.",
            "The recruiter, the hiring manager, the HR partner, or somebody who interviews them.",
            "mentions",
        )
    yield NoteAdded(words=asked.words, mentions=tuple(dict.fromkeys(asked.mentions)))


@chapter.evolves(NoteAdded)
def note_added(state: Candidate, event: NoteAdded, record: Record) -> Candidate:
    return state  # its words are in the event alone


@chapter.reacts(NoteAdded)
def tell_whom_it_mentions(state: Candidate, event: NoteAdded, record: Record) -> Iterator[Effect]:
    for person in event.mentions:
        if person != record.by and may_see_cards(state, person):
            about: dict[str, str | int | None] = {"candidate": state.id, "who": record.by}
            yield Notify(person=person, matter=NotificationKind.NOTE_MENTIONS, about=about)
