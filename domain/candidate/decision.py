"""The decision: hire, no hire, one named further step, or a follow-up time within two business days, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from pydantic import Field

from domain.candidate.exits import CandidateRejected, going_out
from domain.candidate.scorecards import marked_scores
from domain.candidate.state import Candidate, CandidateCommand
from domain.core.decider import Chapter
from domain.core.messages import Effect, Event, Record, Refusals, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.effects import Notify
from domain.entity.entity_facts import Stage
from domain.evidence.debrief import Decision, DecisionKind, FurtherStep, growth_only, unmet_musts
from domain.evidence.rubric import CriterionId
from domain.notifications.catalogue import NotificationKind
from domain.time.zones import Instant, time_in_words

chapter: Chapter[Candidate] = Chapter()


class Decide(
    CandidateCommand,
    who="H",
    refuses="debrief_not_held scores_not_comparable unsigned_by_hm delegate_deciding second_deferral second_step "
    "criterion_missing* must_have_unmet* growth_only* follow_up_too_late*",
    heading="Decide",
):
    """Decide: hire or no_hire on named criteria, one further_step, or defer to a follow-up time.

    A hire with an unmet must-have, and a no that rests on growth criteria alone, need `exception_why`.
    """

    decision: DecisionKind = Field(title="The decision")
    criteria: tuple[CriterionId, ...] = Field(default=(), title="On which criteria it rests")
    reason: PersonalText | None = Field(default=None, title="The reason")
    exception_why: PersonalText | None = Field(
        default=None,
        title="If it goes against the scorecards: why all the same",
        description="A hire with an unmet must-have, or a no that rests on growth criteria alone, needs it.",
    )
    step: FurtherStep | None = Field(default=None, title="For a further step: which")
    follow_up_at: Instant | None = Field(default=None, title="To sleep on it: when you will decide")


class Decided(Event):
    """Hire, or no hire. `unmet` are the must-haves that the cards do not show."""

    decision: Decision
    reason: PersonalText
    exception_why: PersonalText | None
    unmet: tuple[str, ...]
    reserve: bool
    rubric_version: int


class FurtherStepNamed(Event):
    """One more thing is to be found out, and then they debrief again."""

    step: FurtherStep


class DecisionDeferred(Event):
    """They sleep on it, until `follow_up_at` (UTC)."""

    follow_up_at: datetime


class FollowUpDue(Event):
    """The promised follow-up time has come: now it is decided."""


@chapter.gate(Decide)
def may_be_decided(state: Candidate, call: Call) -> None:
    if state.decision is not None:
        refuse("already_done", "The decision has been made.", "reject or reinstate, if it changes.")
    if state.debrief is None or state.debrief.held_at is None:
        refuse("debrief_not_held", "The debrief was not held.", "hold-debrief first.")
    if state.job.unsigned_by_hm:
        refuse("unsigned_by_hm", "You have not signed the rubric this rests on.", "sign-rubric first.")
    if call.actor.id != state.people.hiring_manager:
        state.gate("delegate_deciding", state.id, call.now, "You stand in for the hiring manager.", "Their own word.")


@chapter.next(Decide)
def waits_for_a_decision(state: Candidate, call: Call) -> bool:
    return True


@chapter.decides(Decide)
def decide(state: Candidate, asked: Decide, call: Call) -> Iterator[Event]:
    if asked.decision == "defer":
        yield _deferred(state, asked, call)
    elif asked.decision == "further_step":
        yield _further_step(state, asked, call)
    else:
        yield from _decided(state, asked, call)


def _deferred(state: Candidate, asked: Decide, call: Call) -> DecisionDeferred:
    if asked.follow_up_at is None:
        refuse("invalid", "When will it be decided?", "A time within two working days.", "follow_up_at")
    if asked.follow_up_at <= call.now:
        refuse("bad_time", "That time is past.", "A time to come.", "follow_up_at")
    if state.deferrals:
        state.gate("second_deferral", state.id, call.now, "It was put off once, and once is all.", "A decision.")
    calendar = state.calendar_of(state.people.hiring_manager)
    latest = calendar.due(call.now, state.rules.defer_at_most, state.day)
    if asked.follow_up_at > latest:
        refuse("follow_up_too_late", "That is too late.", f"At the latest {time_in_words(latest)}.", "follow_up_at")
    return DecisionDeferred(follow_up_at=asked.follow_up_at)


def _further_step(state: Candidate, asked: Decide, call: Call) -> FurtherStepNamed:
    if asked.step is None or asked.step.criterion not in state.locked.weights:
        refuse(
            "criterion_missing",
            "The further step does not say what it is to show.",
            "A round, a criterion of the rubric, and an interviewer.",
            "step",
        )
    if state.further_steps:
        state.gate("second_step", state.id, call.now, "There was a further step before.", "Hire, or no hire.")
    return FurtherStepNamed(step=asked.step)


def _decided(state: Candidate, asked: Decide, call: Call) -> Iterator[Event]:
    rubric = state.locked
    if marked := marked_scores(state):
        named = ", ".join(sorted({f"{score.person} on {score.criterion}" for score in marked}))
        refuse(
            "scores_not_comparable",
            f"The rubric was amended, or the record they quote was replaced, since these were rated: {named}.",
            "reaffirm-scorecard, by each of them, first.",
        )
    wrong = Refusals()
    with wrong:
        if not asked.criteria:
            refuse("criterion_missing", "The decision names no criterion.", "The criteria it rests on.", "criteria")
    with wrong:
        if asked.reason is None:
            refuse("invalid", "The decision has no reason.", "Why, in a sentence.", "reason")
    wrong.raise_all()
    assert asked.reason is not None, "a decision without its reason went on"
    if unknown := set(asked.criteria) - set(rubric.weights):
        named = ", ".join(sorted(unknown))
        refuse(
            "unknown_reference",
            f"The rubric has no {named}.",
            f"One or more of {', '.join(rubric.weights)}.",
            "criteria",
        )
    cards = [card for interview in state.interviews.values() for card in interview.cards.values()]
    unmet = unmet_musts(cards, [c for c, weight in rubric.weights.items() if weight == "must"])
    if asked.decision == "hire" and unmet and asked.exception_why is None:
        refuse(
            "must_have_unmet",
            f"The scorecards do not show {', '.join(unmet)}, which the rubric calls a must.",
            "Why all the same, or another decision.",
            "exception_why",
        )
    if asked.decision == "no_hire" and asked.exception_why is None and growth_only(asked.criteria, rubric.weights):
        refuse(
            "growth_only",
            "That no rests on growth criteria alone.",
            "Why all the same, a must-have, or another decision.",
            "exception_why",
        )
    yield Decided(
        decision=Decision(
            kind="hire" if asked.decision == "hire" else "no_hire",
            criteria=asked.criteria,
            at=call.now,
            exception=asked.exception_why is not None,
        ),
        reason=asked.reason,
        exception_why=asked.exception_why,
        unmet=unmet,
        reserve=state.job.openings_left <= 0,
        rubric_version=rubric.version,
    )
    if asked.decision == "no_hire":
        yield from going_out(state, CandidateRejected(by="decision", reason=asked.criteria[0]))


@chapter.evolves(Decided)
def decided(state: Candidate, event: Decided, record: Record) -> Candidate:
    state = state.but(decision=event.decision, follow_up_at=None)
    if event.decision.kind == "no_hire":
        return state
    return state.at_stage(Stage.RESERVE if event.reserve else Stage.HIRE_DECIDED, record.at)


@chapter.evolves(FurtherStepNamed)
def further_step_named(state: Candidate, event: FurtherStepNamed, record: Record) -> Candidate:
    state = state.but(further_steps=state.further_steps + 1, debrief=None, follow_up_at=None)
    return state.at_stage(Stage.INTERVIEWING, record.at)


@chapter.evolves(DecisionDeferred)
def decision_deferred(state: Candidate, event: DecisionDeferred, record: Record) -> Candidate:
    return state.but(deferrals=state.deferrals + 1, follow_up_at=event.follow_up_at)


@chapter.evolves(FollowUpDue)
def follow_up_due(state: Candidate, event: FollowUpDue, record: Record) -> Candidate:
    return state.but(follow_up_at=None)


@chapter.awaits
def follow_up(state: Candidate) -> Iterator[tuple[datetime, Callable[[], Event]]]:
    if state.follow_up_at is not None:
        yield state.follow_up_at, partial(FollowUpDue)


@chapter.reacts(Decided, FurtherStepNamed, DecisionDeferred)
def tell_recruiter(state: Candidate, event: Event, record: Record) -> Iterator[Effect]:
    yield Notify(person=state.people.recruiter, matter=NotificationKind(event.type), about={"candidate": state.id})
