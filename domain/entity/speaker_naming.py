"""Speaker naming: who speaks under the labels of a transcript, said by a person, the same in both entities.

A transcript's reader asks where a file does not say it (`domain.evidence.transcript.Question`); until that is answered
the call does not count as recorded. Labels and names are personal, and stay sealed; what is decided here goes by the
numbers of the speakers, which the edge finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, Self, TypeVar

from pydantic import Field

from domain.core.decider import Chapter
from domain.core.ids import DocumentId, PersonId
from domain.core.lookups import GivenHere, Lookup, OpenQuestions
from domain.core.messages import Command, Event, Record, Sources, Value, refuse
from domain.core.personal_text import PersonalName, PersonalText
from domain.entity.call import Call
from domain.entity.state import Entity
from domain.evidence.documents import Recording
from domain.evidence.transcript import UNKNOWN_SPEAKER, Transcript

S = TypeVar("S", bound=Entity)

SpeakerAnswer = Literal["applicant", "somebody_else", "spoke_before", "nobody"] | PersonId
"""Who a speaker is: the applicant, a user, somebody else, nobody of their own but whoever spoke before; or nobody at
all, where it cannot be told or nothing was said: then nobody is quoted with it."""

MOST_SPEAKERS, MOST_SAID = 200, 20
"""How many speakers may be named at once, and how many of a transcript's are told to whoever names another."""


class LabelAnswer(Value):
    """Who speaks under one label of a transcript; `number` is found by the label, whatever it says."""

    speaker: PersonalText | None = Field(
        default=None, title="As the file calls them", description="Nothing for lines that have no speaker."
    )
    who: SpeakerAnswer = Field(title="Who it is")
    name: PersonalName | None = Field(default=None, title="Somebody else: their name")
    number: int = Field(default=0, ge=0)


class NameSpeakers(
    Command,
    who="R I X",
    refuses="not_in_document*",
    works="on_hold after_end",
    heading="Say who speaks",
    button="Name the speakers",
):
    """Say who speaks in a transcript: the applicant, a user, somebody else, whoever spoke before, or nobody.

    May be said before the call is recorded, and again later: of each speaker what was said last holds.
    """

    document: DocumentId = Field(title="Which transcript")
    speakers: tuple[LabelAnswer, ...] = Field(title="Who speaks", min_length=1, max_length=MOST_SPEAKERS)

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        yield GivenHere(self.document)

    def grounded(self, sources: Sources) -> Self:
        """Finds the numbers of the speakers; refuses a label that the transcript does not have."""
        source = sources.source(self.document)
        if not isinstance(source, Transcript):
            refuse("not_in_document", "Nobody speaks in this document.", "A call's transcript.", "document")
        labels = source.labels
        found = tuple(_found(one, labels, f"speakers.{n}") for n, one in enumerate(self.speakers))
        for n, one in enumerate(found):
            if any(other.number == one.number for other in found[:n]):
                refuse("invalid", "This speaker is named twice.", "One answer for each.", f"speakers.{n}.speaker")
            turns = [turn for turn in source.turns if (turn.label or turn.speaker) == labels[one.number]]
            if one.who == "spoke_before" and turns == [source.turns[0]]:
                refuse("invalid", "Nobody spoke before: these are the first words.", "Who it is.", f"speakers.{n}.who")
        return self.but(speakers=found)


class NamedSpeaker(Value):
    """Who the speaker of this number is; the name of somebody else with it."""

    number: int
    who: SpeakerAnswer
    name: PersonalName | None = None


class SpeakersNamed(Event, heading="said who speaks"):
    """A named person said who speaks in a transcript."""

    document: DocumentId
    speakers: tuple[NamedSpeaker, ...]


def recorded_questions(rec: Recording | None) -> Iterable[Lookup]:
    """What a command that records a call has to look up of what is left of it."""
    if rec is not None and rec.kind == "transcript":
        yield OpenQuestions(rec.doc.id)


def check_speakers(state: Entity, rec: Recording | None, call: Call) -> None:
    """Refuses a transcript of which it is not known who speaks in it (`speakers_unnamed`)."""
    if rec is None or rec.kind != "transcript":
        return
    said = state.speakers.get(rec.doc.id, {})
    unnamed = [number for number in call.facts.unnamed if str(number) not in said]
    if unnamed:
        whom = "one of its speakers" if len(unnamed) == 1 else f"{len(unnamed)} of its speakers"
        refuse(
            "speakers_unnamed",
            f"The transcript does not say who {whom} is, so nobody's words in it count yet.",
            "name-speakers first: the applicant, a user, somebody else, whoever spoke before, or that nobody can tell.",
            "rec.doc",
        )


def speaker_naming(of_applicant: bool) -> Chapter[S]:
    """The chapter both entities share; whether there is an applicant who may be the speaker."""
    chapter: Chapter[S] = Chapter()

    @chapter.gate(NameSpeakers)
    def is_ours_to_say(state: S, call: Call) -> None:
        if call.actor.kind == "candidate":
            refuse("not_permitted", "Those who held the call say who speaks.", "The recruiter or an interviewer.")

    @chapter.decides(NameSpeakers)
    def name_speakers(state: S, asked: NameSpeakers, call: Call) -> Iterator[Event]:
        for n, one in enumerate(asked.speakers):
            if one.who == "applicant" and not of_applicant:
                refuse("invalid", "No applicant speaks here.", "A user, or somebody else.", f"speakers.{n}.who")
            if one.who == "somebody_else" and one.name is None:
                refuse("invalid", "It is not said who else it is.", "What they are called.", f"speakers.{n}.name")
            if one.who != "somebody_else" and one.name is not None:
                refuse("invalid", "Only somebody else is given a name.", "No name.", f"speakers.{n}.name")
        named = tuple(NamedSpeaker(number=one.number, who=one.who, name=one.name) for one in asked.speakers)
        yield SpeakersNamed(document=asked.document, speakers=named)

    @chapter.evolves(SpeakersNamed)
    def speakers_named(state: S, event: SpeakersNamed, record: Record) -> S:
        said = {str(one.number): one.who for one in event.speakers}
        return state.but(speakers=state.speakers | {event.document: state.speakers.get(event.document, {}) | said})

    return chapter


def _found(asked: LabelAnswer, labels: tuple[str, ...], field: str) -> LabelAnswer:
    """`asked` with the number of its speaker; of lines without one, of nobody's."""
    if asked.speaker is not None and not isinstance(asked.speaker, str):
        return asked  # sealed, and found before
    sought = " ".join((asked.speaker or UNKNOWN_SPEAKER).split())
    if sought not in labels:
        known = ", ".join(f"“{label}”" for label in labels[:MOST_SAID] if label != UNKNOWN_SPEAKER)
        told = f"Nobody is called “{sought}” in it." if asked.speaker else "It has no lines without a speaker."
        refuse("not_in_document", told, f"One of: {known or 'none, for the lines without one'}.", f"{field}.speaker")
    return asked.but(number=labels.index(sought))
