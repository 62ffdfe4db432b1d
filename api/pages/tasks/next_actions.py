"""What can be done next: what ends each task, and what the domain says would be taken, is next, or is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlencode

from api.pages.layout.labels import humane
from domain.candidate.letters import SendLetter
from domain.core.availability import Availability
from domain.entity.speaker_naming import NameSpeakers
from domain.sla.catalogue import BY_LETTER, clock_row, known
from store.views import ClockView
from workflows.contract import entity_of


@dataclass(frozen=True)
class NextAction:
    """Something somebody can do next. `href` leads to the very form."""

    words: str
    href: str
    clock: ClockView


def done_by(clock: ClockView) -> frozenset[str]:
    """The commands that end a clock: word to a candidate is given by a letter too."""
    command = clock_row(clock.name).command
    return frozenset({command} if command else ()) | ({SendLetter.name} if clock.name in BY_LETTER else frozenset())


def step(clock: ClockView, can: Mapping[str, Availability] | None = None) -> NextAction:
    """What the owner of a running clock does about it, and where.

    `can` is what they could do there now: where nothing of it would be taken, it leads to the page that says why.
    """
    entity, entity_id = entity_of(clock.stream)
    row = clock_row(clock.name)
    command, words = row.command, row.button
    place = f"/{entity}s/{entity_id}"
    if command is None:
        return NextAction(words, f"{place}/applications" if known(clock.name) else place, clock)
    if clock.name in BY_LETTER and can is not None and _taken(can.get(SendLetter.name), clock):
        return NextAction(words, place_of(SendLetter.name, place), clock)
    if can is not None and not _taken(can.get(command), clock):
        other = next((one for one in row.instead if _taken(can.get(one), clock)), None)
        return (
            NextAction(can[other].heading, place_of(other, place), clock) if other else NextAction(words, place, clock)
        )
    query = f"?clock={clock.id}" if clock.about else ""
    return NextAction(words, f"{place}/{command.replace('_', '-')}{query}", clock)


def _taken(said: Availability | None, clock: ClockView) -> bool:
    """Whether a command would be taken now; of one about one of several things, about that which the clock is about."""
    if said is None or said.missing is not None:
        return False
    about = clock.about.partition(":")[0]
    meant = [option for option in said.options if about and about in (option.id, option.candidate)]
    return all(option.missing is None for option in meant)


def together(steps: Iterable[NextAction]) -> list[tuple[NextAction, ...]]:
    """The same steps in their order, where what one letter does for several candidates of a requisition is one."""
    found: dict[tuple[str, ...], list[NextAction]] = {}
    for one in steps:
        clock = one.clock
        by_letter = clock.name in BY_LETTER and clock.stands_since is None
        of = (clock.name, clock.requisition or "") if by_letter else (clock.stream, clock.id)
        found.setdefault(of, []).append(one)
    return [tuple(several) for several in found.values()]


def to_several(steps: Iterable[NextAction], back: str) -> str:
    """The form of one letter to the candidates of all these; it leads `back` afterwards."""
    about = [("candidate", entity_of(one.clock.stream)[1]) for one in steps]
    return f"/bulk?{urlencode([('do', 'ask-for-update'), *about, ('next', back)])}"


class ReadyCommand(NamedTuple):
    """Something that can be done, and where."""

    words: str
    href: str


class NotNow(NamedTuple):
    """Something that could be done here at another time, and what is missing."""

    words: str
    why: str


OWN_PAGES: Mapping[str, str] = {"sign_rubric": "rubric", "decide": "debrief", "add_candidate": "new-candidate"}
"""Commands that are given on a page of their own, below that of their requisition or candidate."""


def place_of(command: str, place: str) -> str:
    """Where a command to the requisition or candidate at `place` is given."""
    return f"{place}/{OWN_PAGES.get(command, command.replace('_', '-'))}"


def users_in(said: Iterable[Availability]) -> set[str]:
    """The users whose ids stand in what is missing, so that they can be named."""
    return {id for one in said if one.missing for id in re.findall(r"\bP-[0-9A-Z]{6,26}\b", one.missing.sentence)}


def possible(said: Iterable[Availability], place: str, calls: bool) -> list[ReadyCommand]:
    """Everything that would be taken now; who speaks can be said where there are `calls` that were recorded."""
    return [
        ReadyCommand(one.heading, place_of(one.command, place))
        for one in said
        if one.open and (calls or one.command != NameSpeakers.name)
    ]


def not_now(said: Iterable[Availability], called: Callable[[str], str], zone: str) -> list[NotNow]:
    """What is theirs to do here and would not be taken now, with what is missing."""
    return [
        NotNow(one.heading, humane(f"{one.missing.sentence} {one.missing.accepted}", called, zone))
        for one in said
        if one.missing is not None and one.theirs
    ]


def next_steps(
    said: Iterable[Availability], place: str, called: Mapping[str, str] = MappingProxyType({})
) -> list[ReadyCommand]:
    """What is next here. Options that are `called` something have a link each, others one together."""
    found: list[ReadyCommand] = []
    for one in said:
        if one.next:
            href = place_of(one.command, place)
            named = [option.id for option in one.options if option.next and option.id in called]
            found += [ReadyCommand(f"{one.heading}: {called[id]}", f"{href}?about={id}") for id in named]
            found += [] if named else [ReadyCommand(one.heading, href)]
    return found


def next_about(candidate: str, said: Iterable[Availability], place: str) -> list[ReadyCommand]:
    """What is next in the requisition at `place` about one of its candidates."""
    found: list[ReadyCommand] = []
    for one in said:
        theirs = [option for option in one.options if option.candidate == candidate and option.missing is None]
        each = any(option.next for option in one.options)
        if one.next and any(option.next or not each for option in theirs):
            found.append(ReadyCommand(one.heading, f"{place_of(one.command, place)}?about={candidate}"))
    return found
