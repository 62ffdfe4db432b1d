"""The retro: two things that worked and one to change, from both sides, stored for the next search."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Self

from pydantic import Field, WithJsonSchema

from domain.core.decider import Chapter
from domain.core.ids import PersonId
from domain.core.messages import Command, Event, Record, Sources, refuse
from domain.core.personal_text import LINE, Line, Words
from domain.entity.call import Call
from domain.evidence.quotes import must_be_concrete
from domain.evidence.retro_changes import QUARTER, Occasion, StoredChange
from domain.requisition.state import Awaited, Requisition, Retro, Side

chapter: Chapter[Requisition] = Chapter()


class AnswerRetro(
    Command,
    who="R H",
    refuses="not_due vague_change*",
    works="on_hold after_end",
    heading="Answer the retro: two questions, five minutes",
    button="Send",
):
    """Two things that worked, one to change, and, for yourself alone, whether you wished to work around the other."""

    worked: tuple[
        Annotated[Line, WithJsonSchema(LINE | {"title": "One thing that worked"})],
        Annotated[Line, WithJsonSchema(LINE | {"title": "Another thing that worked"})],
    ] = Field(title="Two things that worked")
    change: Line = Field(title="One thing to change")
    wished_to_work_around: bool = Field(
        title="Did you wish, at any time, to work around the other?",
        description="Private: told to nobody, counted only in sum over many requisitions.",
    )
    stand_by: bool = Field(
        default=False,
        title="Keep my words as they are; they pass, flagged",
        description="Keep wording that was called vague; it passes flagged.",
    )

    def grounded(self, sources: Sources) -> Self:
        """See `Command.grounded`: a change says who does what differently."""
        return self.but(stand_by=must_be_concrete("vague_change", self.change, "change", self.stand_by, "change"))


class RetroDue(Event):
    """It is time to look back."""

    round: int
    occasion: Occasion


class RetroAnswered(Event):
    """One side looked back."""

    side: Side
    worked: tuple[Words, Words]
    change: Words
    flagged: bool


class PartnershipRated(Event):
    """Whether one side wished to work around the other. Private: never shown but in sum, over many searches."""

    wished_to_work_around: bool


class RetroConcluded(Event):
    """Both sides looked back; the changes they asked for wait for the next requisition with this manager or team."""

    round: int
    hiring_manager: PersonId
    team_name: str
    changes: tuple[StoredChange, ...]


@chapter.awaits
def retro_falls_due(state: Requisition) -> Awaited:
    if state.retro_at is not None and state.retro_occasion is not None:
        yield state.retro_at, partial(RetroDue, round=state.retro_rounds + 1, occasion=state.retro_occasion)


@chapter.evolves(RetroDue)
def retro_due(state: Requisition, event: RetroDue, record: Record) -> Requisition:
    quarterly = state.evergreen and state.standing != "ended"
    calendar = state.calendar_of(state.people.recruiter)
    return state.but(
        retro=Retro(round=event.round, occasion=event.occasion),
        retro_rounds=event.round,
        retro_at=calendar.due(record.at, QUARTER, state.day) if quarterly else None,
        retro_occasion="quarter" if quarterly else None,
    )


@chapter.gate(AnswerRetro)
def waits_for_their_answer(state: Requisition, call: Call) -> None:
    if state.retro is None:
        refuse("not_due", "The retro has not been asked of you yet.", "An answer once it is asked for.")
    if state.side_of(call) in state.retro.changes:
        refuse("already_done", "You answered the retro.", "The other side's answer.")


@chapter.decides(AnswerRetro)
def answer_retro(state: Requisition, asked: AnswerRetro, call: Call) -> Iterator[Event]:
    assert state.retro is not None, "an answer to a retro that nobody held"
    side = state.side_of(call)
    yield RetroAnswered(side=side, worked=asked.worked, change=asked.change, flagged=asked.stand_by)
    yield PartnershipRated(wished_to_work_around=asked.wished_to_work_around)
    changes = state.retro.changes | {side: asked.change}
    if changes.keys() >= state.sides.keys():
        yield RetroConcluded(
            round=state.retro.round,
            hiring_manager=state.people.hiring_manager,
            team_name=state.team_name,
            changes=tuple(
                StoredChange(id=f"X-{state.id.removeprefix('R-')}-{state.retro.round}{key}", text=text, side=key)
                for key, text in changes.items()
            ),
        )


@chapter.evolves(RetroAnswered)
def retro_answered(state: Requisition, event: RetroAnswered, record: Record) -> Requisition:
    assert state.retro is not None, "an answer to a retro that nobody held"
    return state.but(retro=state.retro.but(changes=state.retro.changes | {event.side: event.change}))


@chapter.evolves(PartnershipRated)
def partnership_rated(state: Requisition, event: PartnershipRated, record: Record) -> Requisition:
    return state


@chapter.evolves(RetroConcluded)
def retro_concluded(state: Requisition, event: RetroConcluded, record: Record) -> Requisition:
    return state.but(retro=None)
