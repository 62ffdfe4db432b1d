"""How many commands a second the deciders take: decide, evolve and react, on one core, with nothing around them.

The mix is one whole requisition with ten candidates, as the domain's tests play it: an intake, a rubric, applications,
a slate, screens, interviews, cards, a decision, an offer, and every letter the entities write to each other. Run from
the project's root with `python -m bench.decider_speed`; prints commands a CPU second with the machine's load, and the
slowest commands.
"""

from __future__ import annotations

import os
from collections import defaultdict
from statistics import median
from time import process_time
from typing import Any

from domain.access.team import Actor
from domain.core.decider import Decider
from domain.core.messages import Command
from domain.entity.call import Call, Facts
from domain.registry import DECIDERS
from domain.requisition.offers import AnswerOffer
from testing import hire_stories
from testing.in_memory_company import Company
from testing.people import OUTSIDE, RECRUITER
from testing.whole_hire import REQUISITION_STREAM, began, joins, offer, to_the_decision

GOAL = 20_000
ROUNDS = 15

Asked = tuple[str, Command, Call]


class Recorder(Company):
    """A company that remembers every command that was taken, in order."""

    def __init__(self) -> None:
        super().__init__(hire_stories.LIBRARY)
        self.asked: list[Asked] = []

    def _perform(self, stream: str, actor: Actor, command: Command, facts: Facts) -> None:
        super()._perform(stream, actor, command, facts)
        self.asked.append((stream, command, Call(actor, self.now, facts)))


def the_mix() -> list[Asked]:
    """One requisition with ten candidates, from its opening to its last acceptance."""
    company = Recorder()
    began(company=company)
    for number in range(3, 11):
        joins(company, number)
    to_the_decision(company)
    company.give(REQUISITION_STREAM, RECRUITER, offer(company))
    company.give(REQUISITION_STREAM, OUTSIDE, AnswerOffer(offer_id="O-1", answer="accepted"))
    # A company ticks everybody before each command; the engine ticks only whom it wakes.
    return [asked for asked in company.asked if asked[1].name != "tick"]


def once(mix: list[Asked], spent: dict[str, list[float]] | None = None) -> float:
    """Plays the mix on new entities; the CPU seconds it took. With `spent`, notes each command's own."""
    states: dict[str, Any] = {}
    deciders: dict[str, Decider[Any]] = {stream: DECIDERS[stream.partition("/")[0]] for stream, _, _ in mix}
    begun = process_time()
    for stream, command, call in mix:
        decider = deciders[stream]
        before = process_time()
        states[stream] = decider.perform(states.get(stream, decider.initial), command, call).state
        if spent is not None:
            spent[f"{decider.name} {command.name}"].append(process_time() - before)
    return process_time() - begun


def rates(mix: list[Asked], rounds: int = ROUNDS) -> list[float]:
    """Commands a CPU second, in each of several goes after a first that warms up."""
    once(mix)
    return [len(mix) / once(mix) for _ in range(rounds)]


def main() -> None:
    """Prints the rate, and where the time goes."""
    mix = the_mix()
    found = rates(mix)
    rate, best, load = median(found), max(found), os.getloadavg()[0]
    print(f"{len(mix)} commands: {rate:,.0f} a second, best {best:,.0f} (goal {GOAL:,}); load {load:.2f}")
    spent: dict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        once(mix, spent)
    everything = sum(sum(times) for times in spent.values())
    for name, times in sorted(spent.items(), key=lambda pair: -sum(pair[1]))[:12]:
        share = sum(times) / everything
        print(f"{name:34} {len(times) // ROUNDS:4} times, {median(times) * 1e6:6.0f} µs each, {share:5.1%} of the time")


if __name__ == "__main__":
    main()
