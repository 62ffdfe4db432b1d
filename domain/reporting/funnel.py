"""How far candidates came: their moves from stage to stage, and how many of those at a stage went on from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from domain.core.ids import CandidateId
from domain.core.messages import Value
from domain.entity.entity_facts import ENDS, Stage

STAGES: tuple[Stage, ...] = tuple(Stage)
"""Every stage in order, the ends last."""

ROAD: tuple[Stage, ...] = (
    Stage.ADDED,
    Stage.SHORTLISTED,
    Stage.SUBMITTED,
    Stage.ADVANCED,
    Stage.SCREENED,
    Stage.INTERVIEWING,
    Stage.DEBRIEFING,
    Stage.HIRE_DECIDED,
    Stage.OFFERED,
    Stage.ACCEPTED,
)
"""The stages from the first to the hire, one after another."""

BESIDE: dict[Stage, Stage] = {Stage.HELD: Stage.SUBMITTED, Stage.RESERVE: Stage.HIRE_DECIDED}
"""Stages in which somebody waits where the road would go on, and the stage of the road they wait at."""


class StageMove(Value):
    """A candidate came to a stage, at a time (UTC)."""

    candidate: CandidateId
    stage: Stage
    at: datetime


class PassThrough(Value):
    """Of those who came to a stage: how many went on from it, and how many ended there."""

    went_on: int = 0
    stopped: int = 0


def on_the_road(stage: Stage) -> int:
    """How far along the road a stage lies; raises ValueError for an end, which lies nowhere on it."""
    return ROAD.index(BESIDE.get(stage, stage))


def passing(moves: Iterable[StageMove]) -> dict[Stage, PassThrough]:
    """For each stage of the road how many went on and how many stopped; who still stands there is in neither.

    `moves` may come in any order; of two at the same time the one further on is the later.
    """
    paths: dict[str, tuple[Stage, ...]] = {}
    for move in sorted(moves, key=_in_time):
        paths[move.candidate] = (*paths.get(move.candidate, ()), move.stage)
    return passing_along(Counter(paths.values()))


def passing_along(paths: Mapping[tuple[Stage, ...], int]) -> dict[Stage, PassThrough]:
    """What `passing` says, of how many candidates went each path: the stages they came to, in order of time.

    A candidate counts by the furthest stage they came to, and as stopped if their last move was an end.
    """
    came, stopped = Counter[int](), Counter[int]()
    for path, candidates in paths.items():
        furthest = max((on_the_road(stage) for stage in path if stage not in ENDS), default=None)
        if furthest is not None:
            came[furthest] += candidates
            stopped[furthest] += candidates if path[-1] in ENDS else 0
    return {
        stage: PassThrough(went_on=sum(n for far, n in came.items() if far > index), stopped=stopped[index])
        for index, stage in enumerate(ROAD)
    }


def moved(moves: Iterable[StageMove], since: datetime) -> dict[Stage, int]:
    """How many candidates came to each stage after `since` (UTC), each counted once a stage; without stages of none."""
    came = {(move.candidate, move.stage) for move in moves if move.at > since}
    counts = Counter(stage for _, stage in came)
    return {stage: counts[stage] for stage in STAGES if stage in counts}


def first_came(moves: Iterable[StageMove], stage: Stage) -> list[datetime]:
    """When each candidate who came to `stage` did so first (UTC), in order of time."""
    first: dict[str, datetime] = {}
    for move in moves:
        if move.stage == stage:
            first[move.candidate] = min(move.at, first.get(move.candidate, move.at))
    return sorted(first.values())


def _in_time(move: StageMove) -> tuple[datetime, int]:
    return move.at, len(ROAD) if move.stage in ENDS else on_the_road(move.stage)
