"""How much people are told: twenty simulated requisitions of six weeks, counted per person, role and week.

`python -m bench.notification_load` plays them and writes `docs/messages.md`.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bench.simulated_requisitions import World, six_weeks
from domain.notifications.catalogue import notification_row
from domain.notifications.notification import Notification
from domain.sla.catalogue import announced
from domain.sla.clocks import Clock
from domain.sla.notification_policy import WEEK
from domain.sla.policy import Policy
from settings import ROOT
from store.policy_file import load_policy

SEEDS = range(1, 21)
ROLES = ("recruiter", "hiring_manager", "hr_partner", "lead", "interviewer", "candidate")


WITH_AN_INVITATION = "interview_preparation"
"""What a candidate gets beside an invitation, about the same meeting; ceilings leave invitations aside."""


@dataclass(frozen=True)
class MessageLimit:
    """A ceiling of product.md, "Messages": in any seven days, in one role, so many messages of a kind."""

    role: str
    what: str
    most: int | None
    kinds: tuple[str, ...] = ("digest", "interruption", "letter")
    each: bool = False


MESSAGE_LIMITS = (
    MessageLimit("hiring_manager", "messages about one requisition", 4, each=True),
    MessageLimit("hiring_manager", "messages in all", 6),
    MessageLimit("interviewer", "messages about one interview", 3, each=True),
    MessageLimit("recruiter", "digests", 5, ("digest",)),
    MessageLimit("recruiter", "interruptions", 5, ("interruption",)),
    MessageLimit("hr_partner", "messages in all", 2),
    MessageLimit("lead", "digests", 1, ("digest",)),
    MessageLimit("lead", "escalations", None, ("interruption",)),
    MessageLimit("candidate", "letters, invitations aside", 3),
)


@dataclass(frozen=True)
class NotNotified:
    """A promise that was broken before its owner was told that it was theirs."""

    clock: Clock
    at: datetime


def times(world: World, limit: MessageLimit) -> dict[str, list[datetime]]:
    """When each person (and requisition or interview) got what `limit` is of."""
    found: dict[str, list[datetime]] = defaultdict(list)
    if limit.role == "candidate":
        for candidate, at, matter in world.letters:
            if matter != WITH_AN_INVITATION:
                found[candidate].append(at)
        return found
    for message in world.messages:
        lines = [line for line in message.lines if line.told_as == limit.role]
        if not lines or message.kind not in limit.kinds:
            continue
        places = {f"{message.person} {line.each}" for line in lines if line.each} if limit.each else {message.person}
        for place in places:
            found[place].append(message.at)
    return found


def worst(world: World, limit: MessageLimit) -> int:
    """The most in any seven days."""
    return max((_most(moments) for moments in times(world, limit).values()), default=0)


def not_notified(world: World) -> Iterator[NotNotified]:
    """Whoever broke a promise without having been told of it, though there was time to gather messages.

    Not counted: what somebody began themselves, and what an invitation said.
    """
    told = defaultdict(list)
    for message in world.messages:
        for line in message.lines:
            told[message.person].append((message.at, line))
    for clock, at in world.breached:
        began, record = world.started[clock.id]
        passed = world.owned_since[clock.id] > record.at
        if not announced(clock.name) or (record.by == clock.owner and not passed):
            continue
        if not _in_time(world, clock, at):
            continue
        if not any(heard <= at and _says(line, began, clock) for heard, line in told[clock.owner]):
            yield NotNotified(clock, at)


def _in_time(world: World, clock: Clock, at: datetime) -> bool:
    """Whether it lasted longer than messages are gathered."""
    calendar = world.calendars[clock.owner]
    return at > calendar.due(world.owned_since[clock.id], world.policy.messages.gather, world.policy.day)


def _says(line: Notification, began: Clock, clock: Clock) -> bool:
    candidate = line.about.get("candidate") or line.stream.partition("/")[2]
    return line.about.get("clock_id") == clock.id or (
        notification_row(line.matter).says == clock.name and candidate in (clock.id.partition(":")[0], began.about)
    )


def _most(moments: Iterable[datetime]) -> int:
    ordered = sorted(moments)
    return max(sum(since <= at < since + WEEK for at in ordered) for since in ordered)


def weeks(worlds: Iterable[World]) -> Counter[tuple[str, int]]:
    """How many person-weeks had how many messages, by role; a person counts from the first message in that role on."""
    found: Counter[tuple[str, int]] = Counter()
    for world in worlds:
        counted: Counter[tuple[str, str, int]] = Counter()
        for role, person, at in _received(world):
            counted[role, person, (at - _began(world)) // WEEK] += 1
        for role, person in {(role, person) for role, person, _ in counted}:
            for week in range(6):
                found[role, counted[role, person, week]] += 1
    return found


def _began(world: World) -> datetime:
    return world.now - timedelta(weeks=6)


def _received(world: World) -> Iterator[tuple[str, str, datetime]]:
    for message in world.messages:
        for role in dict.fromkeys(line.told_as for line in message.lines):
            yield role, message.person, message.at
    for candidate, at, matter in world.letters:
        if matter != WITH_AN_INVITATION:
            yield "candidate", candidate, at


def report(worlds: Sequence[World]) -> str:
    """The page."""
    rows = []
    for limit in MESSAGE_LIMITS:
        counts = [worst(world, limit) for world in worlds]
        most = "none" if limit.most is None else str(limit.most)
        role = limit.role.replace("_", " ")
        rows.append(f"| {role} | {limit.what} | {most} | {max(counts)} | {sorted(counts)[len(counts) // 2]} |")
    left = [one for world in worlds for one in not_notified(world)]
    kinds = Counter(message.kind for world in worlds for message in world.messages)
    lines = sum(len(message.lines) for world in worlds for message in world.messages)
    count = sum(stream.startswith("requisition/") for world in worlds for stream in world.states)
    breached = sum(len(world.breached) for world in worlds)
    counted = weeks(worlds)
    most = max(messages for _, messages in counted)
    shares = [
        "| " + " | ".join([role.replace("_", " "), *(str(counted[role, n]) for n in range(most + 1))]) + " |"
        for role in ROLES
    ]
    return "\n".join(
        [
            "# How much people are told",
            "",
            f"{len(worlds)} times six weeks, each from a seed of its own: {count} requisitions, every fourth time",
            "ten at once with one recruiter and one HR partner. People are late with three tasks in ten, with one of",
            "them by days; managers go on leave; quiet hours, cadences and time zones differ. The deciders are the",
            "real ones, and what they order is wired in memory (`bench/simulated_requisitions.py`). `python -m",
            "bench.notification_load` makes this page anew.",
            "",
            f"{sum(kinds.values())} messages said {lines} things: {kinds['digest']} digests, {kinds['interruption']}",
            f"interruptions and {kinds['letter']} letters before an intake. {breached} SLAs were breached,",
            f"{len(left)} of them before their owner had been told of it (not counting what lasts no longer than",
            "messages are gathered).",
            "",
            "## The worst week",
            "",
            "In any seven days, whoever it was, over all seeds. Ops are told nothing by message: they have their",
            "board. A candidate's note on how to prepare goes out with an invitation, and counts as one.",
            "",
            "| told as | what | ceiling | worst | middle seed's worst |",
            "| --- | --- | --- | --- | --- |",
            *rows,
            "",
            "## All weeks",
            "",
            "So many weeks of a person had so many messages, by the role in which they were told.",
            "",
            "| told as | " + " | ".join(str(n) for n in range(most + 1)) + " |",
            "| --- |" + " --- |" * (most + 1),
            *shares,
            "",
        ]
    )


def played(seeds: Iterable[int], policy: Policy) -> list[World]:
    """The worlds of these seeds."""
    return [six_weeks(seed, policy) for seed in seeds]


def main() -> int:
    """Plays, writes the page, and says whether every ceiling holds."""
    worlds = played(SEEDS, load_policy(ROOT / "deploy" / "sla" / "default.yaml"))
    docs: Path = ROOT / "docs"
    page = report(worlds)
    (docs / "messages.md").write_text(page)
    print(page)
    over = [p for p in MESSAGE_LIMITS if p.most is not None and max(worst(world, p) for world in worlds) > p.most]
    return 1 if over or any(True for world in worlds for _ in not_notified(world)) else 0


if __name__ == "__main__":
    sys.exit(main())
