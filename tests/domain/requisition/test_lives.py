"""Random lives: whatever people do, in whatever order, a requisition keeps its promises about itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.access.roles import Role
from domain.core.decider import Outcome
from domain.core.messages import Command, Record, Rejection, Tick
from domain.entity.call import Call, Facts
from domain.entity.clock_commands import ExtendClock, OverrideGate, ResolveTask, SetLegalHold, WaiveClock
from domain.entity.entity_facts import ENDS, PersonFacts, Stage
from domain.requisition import REQUISITION, Requisition, describe, phase
from domain.requisition.calibration import ShareSlate, SubmitCandidate
from domain.requisition.candidate_facts_io import Relay
from domain.requisition.intake import RecordIntake
from domain.requisition.job_posting import PublishJob
from domain.requisition.lifecycle import Cancel, PutOnHold, Reopen, Resume
from domain.requisition.offers import AnswerOffer, ApproveOffer, MakeOffer, WithdrawOffer
from domain.requisition.pulse import AnswerPulse
from domain.requisition.retro import AnswerRetro
from domain.requisition.role_handover import HandOver
from domain.requisition.rubric import AmendRubric, EditRubric, RubricLocked, SignRubric
from domain.requisition.terms import AcknowledgeCompSignal, ChangeTerms
from domain.requisition.workflow_details import Phase
from domain.sla.clocks import ClockStarted, ClockWaived
from testing.decider_cases import Story
from testing.people import (
    INTERVIEWER,
    MANAGER,
    MANAGER_LEAD,
    OUTSIDE,
    PARTNER,
    RECRUITER,
    RECRUITING_LEAD,
    SECOND_INTERVIEWER,
    STRANGER,
    TICK,
    person,
)
from testing.requisition_stories import (
    BAND,
    CRITERIA,
    EDIT,
    OPEN,
    added,
    addition,
    answer,
    candidate_id,
    criterion,
    expects,
    hire_decided,
    locked,
    new,
    offered,
    opened,
    report,
)
from testing.unnamed_call import NAMING
from tests.domain.availability import check
from tests.domain.requisition.cases import DELIVERY_FAILED, RECORD, RECORD_TAPE, TRANSCRIBED, UNHEARD

WHY = "Because it is so."
ACTORS = [
    *(
        person(someone, Role.RECRUITER)
        for someone in (RECRUITER, MANAGER, PARTNER, RECRUITING_LEAD, MANAGER_LEAD, INTERVIEWER, STRANGER)
    ),
    OUTSIDE,
]
STAGES: tuple[Stage, ...] = (
    "shortlisted", "advanced", "debriefing", "hire_decided", "hire_decided", "shortlisted", "reserve", "offered",
    "rejected", "withdrawn", "hire_decided",
)  # fmt: skip

Make = Callable[[Requisition, datetime, int], Command]


def _edit(state: Requisition, now: datetime, n: int) -> EditRubric:
    return EDIT.but(base_version=state.draft.version if state.draft else n % 2, job_text=f"Text {n}")


def _sign(state: Requisition, now: datetime, n: int) -> SignRubric:
    signing = state.draft or state.locked
    content_hash = state.draft_hash if state.draft else state.judging.content_hash if state.judging else ""
    sign = n % 5 != 0
    version = signing.version if signing else 1
    return SignRubric(version=version, hash=content_hash, sign=sign, why=None if sign else WHY)


def _amend(state: Requisition, now: datetime, n: int) -> AmendRubric:
    changed = criterion(3, anchors={str(k): f"Level {k} of {n}" for k in range(1, 5)})
    version = state.locked.version if state.locked else 1
    return AmendRubric(base_version=version, criteria=(*CRITERIA[:2], changed), why=WHY)


def _publish(state: Requisition, now: datetime, n: int) -> PublishJob:
    version = state.locked.version if state.locked else 1
    return PublishJob(action="close" if n % 3 == 0 else "open", channels=(f"site {n}",), rubric_version=version)


def _somebody(state: Requisition, n: int, *stages: str) -> str:
    """A candidate at one of these stages if there is one, else anybody."""
    fitting = [key for key, entry in state.roster.items() if entry.stage in stages]
    return fitting[n % len(fitting)] if fitting else candidate_id(n % 4 + 1)


def _report(state: Requisition, now: datetime, n: int) -> Relay:
    number = n % 4 + 1
    stage = STAGES[n // 4 % len(STAGES)]
    if state.slate and state.slate.waiting and n % 2:
        number, stage = int(state.slate.waiting[0].removeprefix("C-")), "advanced"
    elif state.hires and n % 5 == 0:
        number, stage = int(state.hires[0].removeprefix("C-")), "withdrawn"
    said = answer("advance") if stage == "advanced" else None
    return report(
        number,
        state.version if n % 7 else 1,
        stage,
        answer=answer("reject", None if n % 3 else "K1") if stage == "rejected" else said,
        expectation=expects(80_000 + n * 1_000) if n % 2 else None,
        cards_in_undecided=stage == "debriefing",
        told=n % 3 == 0,
    )


def _slate(state: Requisition, now: datetime, n: int) -> ShareSlate:
    ready = [key for key, entry in state.roster.items() if entry.stage == "shortlisted"]
    return ShareSlate(candidate_ids=tuple(ready[: n % 4 + 1]), why=WHY)


def _offer(state: Requisition, now: datetime, n: int) -> MakeOffer:
    return MakeOffer(
        candidate_id=_somebody(state, n, "hire_decided", "reserve", "offered"),
        amount=Decimal(75_000 + n * 500),
        currency="EUR",
        start_on=(now + timedelta(days=90)).date(),
        answer_by=now + timedelta(days=3 + n % 10),
        ask_approval=n % 2 == 0,
    )


def _approve(state: Requisition, now: datetime, n: int) -> ApproveOffer:
    candidate = _somebody(state, n, "hire_decided", "reserve")
    return ApproveOffer(candidate_id=candidate, ceiling=Decimal(90_000 + n * 500), why=WHY)


def _answer(state: Requisition, now: datetime, n: int) -> AnswerOffer:
    said = ("accepted", "declined", "countered")[n % 3]
    offer_id = f"O-{max(state.offers_made - n % 2, 1)}"
    fields = {"offer_id": offer_id, "answer": said, "cause": "pay", "amount": 80_000 + n * 700}
    return AnswerOffer.model_validate(fields)


def _person(state: Requisition, now: datetime, n: int) -> Relay:
    until = now + timedelta(days=n)
    powers = ("sign_rubric", "answer_pulse")
    fact = PersonFacts(number=state.version, person=MANAGER, delegate=STRANGER, powers=powers, delegate_until=until)
    return Relay(fact=fact)


def _clock(state: Requisition, n: int) -> str:
    return list(state.clocks)[n % len(state.clocks)] if state.clocks else "none"


def _extend(state: Requisition, now: datetime, n: int) -> ExtendClock:
    clock = _clock(state, n)
    due_at = state.clocks[clock].due_at if clock in state.clocks else now
    return ExtendClock(clock_id=clock, until=due_at + timedelta(hours=n), why=WHY)


ROLES = ("recruiter", "hiring_manager", "hr_partner", "recruiting_lead", "second_signer")
PEOPLE = (RECRUITER, MANAGER, INTERVIEWER, SECOND_INTERVIEWER, PARTNER)
RETRO = AnswerRetro(
    worked=("The intake was short.", "The slate came early."),
    change="The recruiter books the panel before the first screen.",
    wished_to_work_around=False,
)

MAKES: list[Make] = [
    lambda state, now, n: NAMING,
    lambda state, now, n: RECORD.but(held_at=now, rec=RECORD.rec.but(doc=RECORD.rec.doc.but(id=f"D-INTAKE{n}"))),
    lambda state, now, n: RECORD_TAPE.but(held_at=now),
    lambda state, now, n: TRANSCRIBED,
    lambda state, now, n: UNHEARD,
    _edit,
    _sign,
    _sign,
    _amend,
    _publish,
    lambda state, now, n: addition(n % 4 + 1),
    lambda state, now, n: addition(n % 4 + 1),
    _report,
    _report,
    _report,
    _slate,
    _slate,
    lambda state, now, n: SubmitCandidate(candidate_id=_somebody(state, n, "shortlisted")),
    lambda state, now, n: AnswerPulse(rubric_right=n % 2 == 0, candidates_right=True, note=WHY),
    lambda state, now, n: AcknowledgeCompSignal(signal_id=f"S-{len(state.signals)}", way="move_bar"),
    lambda state, now, n: ChangeTerms(openings=n % 4 + 1, why=WHY),
    lambda state, now, n: ChangeTerms(band=BAND.but(maximum=Decimal(80_000 + n * 1_000)), why=WHY),
    _offer,
    _offer,
    _approve,
    _answer,
    _answer,
    lambda state, now, n: WithdrawOffer(offer_id=f"O-{state.offers_made - n % 2}", cause=WHY),
    lambda state, now, n: RETRO,
    lambda state, now, n: HandOver.model_validate(
        {
            "role": ROLES[n % 5],
            "to": PEOPLE[n // 5 % 5],
            "from_at": now + timedelta(days=n) if n % 2 else None,
            "why": WHY,
        }
    ),
    lambda state, now, n: (
        Resume() if state.standing == "on_hold" else PutOnHold(why=WHY, review_at=now + timedelta(days=n + 1))
    ),
    lambda state, now, n: Resume(),
    lambda state, now, n: Cancel(why=WHY) if n % 3 == 0 else Resume(),
    lambda state, now, n: Reopen(openings=n % 3 + 1, cause=WHY),
    _person,
    lambda state, now, n: WaiveClock(clock_id=_clock(state, n), why=WHY),
    _extend,
    lambda state, now, n: OverrideGate(
        gate="slate_unanswered" if n % 2 else "decision_pending",
        subject=candidate_id(n % 6 + 1) if n % 2 else state.id,
        asked_by=RECRUITER,
        why=WHY,
        until=now + timedelta(days=5),
    ),
    lambda state, now, n: SetLegalHold(on=n % 2 == 0, why=WHY),
    lambda state, now, n: DELIVERY_FAILED,
    lambda state, now, n: ResolveTask(task_id=next(iter(state.tasks), "none"), outcome="retry", why=WHY),
    lambda state, now, n: Tick(),
]

BEGINNINGS: list[Callable[[], Story]] = [
    opened,
    locked,
    lambda: locked(OPEN.but(openings=2)),
    lambda: locked(OPEN.but(openings=None, evergreen=True)),
    lambda: opened(OPEN.but(recruiter=MANAGER, second_signer=PARTNER)),
    lambda: locked().after(*(added(number) for number in (1, 2, 3))),
    lambda: hire_decided(locked(OPEN.but(openings=2)), 1, 2, 3),
    lambda: offered(hire_decided(None, 1, 2)),
]
BEGUN = [make() for make in BEGINNINGS]


HOURS = (0, 1, 1, 5, 5, 30, 30, 24 * 3, 24 * 3, 24 * 20, 24 * 120)


@given(beginning=st.sampled_from(BEGUN), seed=st.integers(min_value=0, max_value=2**32))
def test_a_search_keeps_its_promises_about_itself(beginning: Story, seed: int) -> None:
    chance = Random(seed)
    state, now, last, let_go = beginning.state, beginning.now, beginning.now, frozenset()
    for _ in range(80):
        now += timedelta(hours=chance.choice(HOURS), minutes=1)
        n = chance.randrange(60)
        command = chance.choice(MAKES)(state, now, n)
        actor = chance.choice(ACTORS)
        if not command.who:
            actor = TICK
        elif chance.random() < 0.8:
            actor = somebody_who_may(state, command, now) or actor
        for make in chance.sample(MAKES, 3):
            asked = make(state, now, n)
            check(REQUISITION, state, actor, asked, now, looked_up(asked, n))
        check(REQUISITION, state, actor, command, now, looked_up(command, n))
        outcome = _performed(state, command, Call(actor, now, looked_up(command, n)))
        if outcome is None:
            continue
        for record in outcome.records:
            _one_record_holds(record)
            let_go = _let_go(let_go, record)
            assert record.at >= last, f"{record.event.type} at {record.at} comes before what happened at {last}"
            last = record.at
        state = outcome.state
        _state_holds(state, now)
        _somebody_owes_the_next_step(state, let_go)


def _let_go(before: frozenset[str], record: Record) -> frozenset[str]:
    """The clocks that somebody let go of and that have not begun again: then it is they who left the step open."""
    match record.event:
        case ClockWaived(clock_id=clock_id):
            return before | {clock_id.split(":")[1]}
        case ClockStarted(clock=clock):
            return before - {clock.name}
    return before


def _somebody_owes_the_next_step(state: Requisition, let_go: frozenset[str]) -> None:
    """From the opening to the end there is no hour in which nobody does: a clock, an answer awaited, or a candidate's
    own clocks, which their lives look at."""
    if state.standing != "open":
        return
    running = {clock.name for clock in state.clocks.values() if not clock.paused}
    awaited = any(offer.status == "made" for offer in state.offers.values())
    live = any(entry.stage not in ENDS and key not in state.hires for key, entry in state.roster.items())
    assert running or awaited or live or let_go, f"nobody owes the next step: {describe(state)}"
    if state.intakes and state.locked is None:
        assert (running | let_go) & {"rubric_ready", "rubric_signed"}, f"nobody owes the rubric: {describe(state)}"
    if state.locked is not None and state.unanswered:
        assert "applications_answered" in running | let_go, f"applications lie unread: {describe(state)}"


def looked_up(command: Command, n: int) -> Facts:
    """What the API finds out about a command."""
    tape = isinstance(command, RecordIntake) and command.rec.kind == "recording"
    return new(candidate_id(n % 4 + 1), transcribes=True if tape else None)


def somebody_who_may(state: Requisition, command: Command, now: datetime) -> Any:
    """Somebody of a role that may give this command, if there is one."""
    wanted = set(command.who)
    return next((a for a in ACTORS if state.roles_of(a, command.name, now) & wanted), None)


def _performed(state: Requisition, command: Command, call: Call) -> Outcome[Requisition] | None:
    outcome = _attempted(state, command, call)
    if isinstance(outcome, Rejection):
        assert outcome.code in command.refusals, f"{command.name} does not declare {outcome.code}"
        assert outcome.sentence
        assert outcome.accepted
        return None
    again = REQUISITION.perform(state, command, call)
    assert (again.records, again.effects, again.state) == (outcome.records, outcome.effects, outcome.state)
    folded = state
    for record in outcome.records:
        folded = REQUISITION.evolve(folded, Record.model_validate_json(record.model_dump_json()))
    assert folded == outcome.state
    return outcome


def _attempted(state: Requisition, command: Command, call: Call) -> Outcome[Requisition] | Rejection:
    try:
        return REQUISITION.perform(state, command, call)
    except Rejection as refusal:
        return refusal


def _one_record_holds(record: Record) -> None:
    match record.event:
        case RubricLocked(signatures=signatures):
            assert len({signature.person for signature in signatures.values()}) == 2


def _state_holds(state: Requisition, now: datetime) -> None:
    deadline = REQUISITION.next_deadline(state)
    assert deadline is None or deadline > now, "a tick leaves nothing due"
    if state.locked is None:
        assert state.posting is None or state.versions, "nothing is advertised before the lock"
        assert state.versions or state.slate is None, "nobody is judged before the lock"
    if state.openings is not None:
        assert len(state.hires) + sum(offer.stands for offer in state.offers.values()) <= state.openings
        assert state.standing == "ended" or len(state.hires) < state.openings
    counted: dict[str, int] = {}
    for entry in state.roster.values():
        counted[entry.stage] = counted.get(entry.stage, 0) + 1
    assert counted == {stage: number for stage, number in state.stages.items() if number}
    assert all(state.roster[key].stage == "added" for key in state.unanswered)
    for clock in state.clocks.values():
        assert clock.owner == state.people.holder(clock.owner_role), f"{clock.id} is owed by nobody in the team"
        assert state.standing == "open" or clock.paused or clock.name == "retro_answered", clock
    names = [(clock.name, clock.about) for clock in state.clocks.values()]
    assert len(names) == len(set(names)), "two clocks measure one thing"
    for key in state.hires:
        assert state.roster[key].stage not in ENDS
    assert type(state).model_validate_json(state.model_dump_json()) == state
    assert describe(state)
    assert phase(state) in Phase
    assert set(state.waiting_on) <= set(vars(state.people).values())
