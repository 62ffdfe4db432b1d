"""A requisition with three candidates, lived in a simulated company while what can go wrong does."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from random import Random

from domain.access.roles import Role
from domain.access.team import Actor
from domain.core.messages import Command, Rejection
from domain.entity.call import NO_FACTS, Facts
from domain.requisition.intake import RecordIntake
from domain.requisition.rubric import SignRubric
from testing.people import MANAGER, MONDAY, RECRUITER, person
from testing.requisition_stories import EDIT, OPEN, addition, candidate_id, new, transcript
from tests.domain.candidate.test_lives import attempt, looked_up, onward
from tests.domain.requisition.test_lives import ACTORS, MAKES, somebody_who_may
from tests.domain.requisition.test_lives import looked_up as looked_up_for_requisition
from tests.simulated.company import Chances, Company

REQUISITION = "requisition/R-SEARCH1"
PAUSES = [timedelta(hours=hours, minutes=1) for hours in (0, 0, 1, 1, 5, 30, 72)]

OFTEN = Chances(fails=0.1, answer_lost=0.1, twice=0.1, forgotten=0.1, goes_on=0.03, given_up=0.02, slow=0.1)
"""Some fifty faults in a life of twenty steps."""

KINDS = tuple(chance.name for chance in fields(Chances))


def only(kinds: frozenset[str]) -> Chances:
    """Of what can go wrong these kinds."""
    return Chances(**{kind: getattr(OFTEN, kind) for kind in kinds})


def lived(seed: int, steps: int, chances: Chances = OFTEN) -> Company:
    """A life of so many steps, after which everything heals. Raises AssertionError where a promise was broken."""
    company, chance = Company(seed, MONDAY, chances), Random(seed)
    _begins(company)
    for _ in range(steps):
        company.passes(chance.choice(PAUSES))
        candidates = [run.stream for run in company.engine.live if run.stream.startswith("candidate/")]
        if candidates and chance.random() < 0.6:
            _onward(company, chance.choice(candidates), chance)
        else:
            _anything(company, chance)
    company.heals()
    company.look_through()
    company.plays_again()
    return company


def _begins(company: Company) -> None:
    """From the opening to a locked rubric and three applications."""

    def give(command: Command, by: str, facts: Facts = NO_FACTS, start: bool = False) -> None:
        assert company.give(REQUISITION, command, _as(by), facts, start), command

    give(OPEN, RECRUITER, new(), start=True)
    give(RecordIntake(kind="full", held_at=MONDAY, attendees=(RECRUITER, MANAGER), rec=transcript()), RECRUITER)
    give(EDIT, RECRUITER)
    for by in (RECRUITER, MANAGER):
        state = company.engine.entity(REQUISITION).state
        give(SignRubric(version=state.draft.version, hash=state.draft_hash, sign=True), by)
    for number in (1, 2, 3):
        give(addition(number), RECRUITER, new(candidate_id(number)))


def _as(by: str) -> Actor:
    return person(by, Role.RECRUITER)


def _onward(company: Company, stream: str, chance: Random) -> None:
    """What brings a candidate forward, by whoever may."""
    state, now = company.engine.entity(stream).state, company.engine.now
    moves = [(by, command) for by, command in onward(state, now) if by.kind != "system"]
    possible = [move for move in moves if not isinstance(attempt(state, *move, now), Rejection)]
    by, command = chance.choice(possible or moves)
    company.give(stream, command, by, looked_up(command))


def _anything(company: Company, chance: Random) -> None:
    """What somebody might do with the requisition, likely or not."""
    state, now, number = company.engine.entity(REQUISITION).state, company.engine.now, chance.randrange(60)
    command = chance.choice(MAKES)(state, now, number)
    if command.who:
        by = somebody_who_may(state, command, now) or chance.choice(ACTORS)
        company.give(REQUISITION, command, by, looked_up_for_requisition(command, number))
