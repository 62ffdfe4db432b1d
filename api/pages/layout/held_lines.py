"""What its giver tapped a moment ago, as every page of theirs says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from api.access import Caller, With
from api.pages.layout.display_names import names, names_in
from api.pages.layout.labels import humane, title
from api.visibility import nameable
from workflows.contract import entity_of


@dataclass(frozen=True)
class HeldLine:
    """What was tapped, about whom or what, in how many `seconds` it counts, and whether it is `open` to be taken back.

    `refused` says why it was not taken, for people. `href` is the address of what it is about.
    """

    id: str
    stream: str
    command: str
    words: str
    about: str
    href: str
    seconds: int
    open: bool
    refused: str

    @property
    def will_count(self) -> bool:
        """Whether it goes as if it counted: it was not refused."""
        return not self.refused


async def held_lines(by: Caller, zone: str, at: With) -> tuple[HeldLine, ...]:
    """Whatever somebody gave that does not count yet or was not taken, the oldest first; times in their `zone`."""
    held = await at.held_commands.of(by.actor.id)
    if not held:
        return ()
    ids = {one.stream: entity_of(one.stream) for one in held}
    candidates = await nameable([id for entity, id in ids.values() if entity == "candidate"], by, at)
    known = await names(at, candidates=candidates.items())
    titles = await at.reads.titles([id for entity, id in ids.values() if entity == "requisition"])
    now = datetime.now(UTC)
    lines: list[HeldLine] = []
    for one in held:
        entity, id = ids[one.stream]
        said = await names_in(one.refused, by, at) if one.refused else {}
        lines.append(
            HeldLine(
                id=one.id,
                stream=one.stream,
                command=one.command,
                words=title(one.command),
                about=titles.get(id, "") if entity == "requisition" else known(id),
                href=f"/{entity}s/{id}",
                seconds=max(0, round((one.give_at - now).total_seconds())),
                open=one.open,
                refused=humane(one.refused or "", _known(said), zone),
            )
        )
    return tuple(lines)


def _known(called: Mapping[str, str]) -> Callable[[str], str]:
    return lambda id: called.get(id, id)
