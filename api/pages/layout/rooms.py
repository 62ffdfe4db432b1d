"""The rooms of the rail: where a reader goes from anywhere, and in which of them a page lies."""

from __future__ import annotations

from typing import NamedTuple

from api.pages.layout.session import PageReader
from domain.access.roles import Role


class Room(NamedTuple):
    """A room: where it begins, what it is called, its icon, and how the addresses in it begin."""

    href: str
    words: str
    icon: str
    within: tuple[str, ...]
    for_whom: tuple[Role, ...] = ()


ROOMS = (
    Room("/owed", "Tasks", "list-checks", ("/owed",)),
    Room("/board", "Requisitions", "briefcase", ("/board", "/requisitions", "/candidates", "/documents", "/open")),
    Room("/applicants", "Applicants", "users", ("/applicants",), (Role.RECRUITER, Role.HR_PARTNER, Role.LEAD)),
    Room("/reports", "Reports", "chart-column", ("/reports",)),
    Room("/ops/retention", "Retention", "shield-check", ("/ops/retention",), (Role.HR_PARTNER,)),
    Room("/ops", "Operations", "wrench", ("/ops",), (Role.OPS,)),
    Room("/me", "Settings", "settings", ("/me", "/settings", "/unplaced-mail")),
)
"""In the order in which they stand. One without a role is for everybody."""


def rooms_of(reader: PageReader) -> list[Room]:
    """The rooms that a reader may enter."""
    return [room for room in ROOMS if not room.for_whom or reader.is_any(*room.for_whom)]


def room_of(path: str) -> str:
    """Where the room begins that a page lies in, the one with the longest address; nothing for one that is in none."""
    lies_in = [(begins, room.href) for room in ROOMS for begins in room.within if f"{path}/".startswith(f"{begins}/")]
    return max(lies_in, default=("", ""))[1]
