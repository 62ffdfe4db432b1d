"""The pulse: two questions to each side, two weeks into sourcing; a no opens a recalibration."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pydantic import Field

from domain.core.decider import Chapter
from domain.core.messages import Command, Effect, Event, Record, refuse
from domain.core.personal_text import Reason, Words
from domain.entity.call import Call
from domain.entity.effects import Notify
from domain.notifications.catalogue import NotificationKind
from domain.requisition.state import Awaited, Pulse, PulseAnswer, Requisition, Side

chapter: Chapter[Requisition] = Chapter()


class AnswerPulse(
    Command,
    who="R H",
    refuses="not_due note_missing*",
    works="on_hold",
    heading="The pulse: two questions",
    button="Answer",
):
    """Say whether we have the right rubric and are seeing the right candidates; a no comes with a note."""

    rubric_right: bool = Field(title="Do we have the right rubric?")
    candidates_right: bool = Field(title="Are we seeing the right candidates?")
    note: Reason | None = Field(default=None, title="What is not right", description="Needed if one answer is no.")


class PulseDue(Event):
    """It is time to ask both sides."""

    round: int


class PulseAnswered(Event):
    """One side answered."""

    side: Side
    rubric_right: bool
    candidates_right: bool
    note: Words | None


class PulseTaken(Event):
    """All sides answered; their answers stand side by side."""

    round: int
    answers: dict[Side, PulseAnswer]
    recalibrate: bool


@chapter.awaits
def pulse_falls_due(state: Requisition) -> Awaited:
    if state.pulse_at is not None and state.standing == "open":
        yield state.pulse_at, partial(PulseDue, round=state.pulse_rounds + 1)


@chapter.evolves(PulseDue)
def pulse_due(state: Requisition, event: PulseDue, record: Record) -> Requisition:
    again = state.due("pulse_every", record.at) if state.evergreen else None
    return state.but(pulse=Pulse(round=event.round), pulse_rounds=event.round, pulse_at=again)


@chapter.gate(AnswerPulse)
def waits_for_their_answer(state: Requisition, call: Call) -> None:
    if state.pulse is None:
        refuse("not_due", "Nobody asked for the pulse yet.", "An answer once it is asked for.")
    if state.side_of(call) in state.pulse.answers:
        refuse("already_done", "You answered this pulse.", "The other side's answer.")


@chapter.decides(AnswerPulse)
def answer_pulse(state: Requisition, asked: AnswerPulse, call: Call) -> Iterator[Event]:
    assert state.pulse is not None, "an answer to a pulse that nobody took"
    side = state.side_of(call)
    if asked.note is None and not (asked.rubric_right and asked.candidates_right):
        refuse("note_missing", "A no says what is wrong.", "The same with a note.", "note")
    yield PulseAnswered(
        side=side, rubric_right=asked.rubric_right, candidates_right=asked.candidates_right, note=asked.note
    )
    said = PulseAnswer(rubric_right=asked.rubric_right, candidates_right=asked.candidates_right)
    answers = state.pulse.answers | {side: said}
    if answers.keys() >= state.sides.keys():
        wrong = any(not (answer.rubric_right and answer.candidates_right) for answer in answers.values())
        yield PulseTaken(round=state.pulse.round, answers=answers, recalibrate=wrong)


@chapter.evolves(PulseAnswered)
def pulse_answered(state: Requisition, event: PulseAnswered, record: Record) -> Requisition:
    assert state.pulse is not None, "an answer to a pulse that nobody took"
    said = PulseAnswer(rubric_right=event.rubric_right, candidates_right=event.candidates_right)
    return state.but(pulse=state.pulse.but(answers=state.pulse.answers | {event.side: said}))


@chapter.evolves(PulseTaken)
def pulse_taken(state: Requisition, event: PulseTaken, record: Record) -> Requisition:
    return state.but(pulse=None, recalibrating=event.recalibrate)


@chapter.reacts(PulseTaken)
def show_both_answers(state: Requisition, event: PulseTaken, record: Record) -> Iterator[Effect]:
    if not event.recalibrate:
        return
    about: dict[str, str | int | None] = {"stream_id": state.id, "round": event.round}
    for side, answer in event.answers.items():
        about[f"{side}_rubric_right"] = int(answer.rubric_right)
        about[f"{side}_candidates_right"] = int(answer.candidates_right)
    for person in state.sides.values():
        yield Notify(person=person, matter=NotificationKind.RECALIBRATION_OPENED, about=about)
