"""The rooms of the rail: where a reader goes from anywhere, and in which of them a page lies."""

from __future__ import annotations

from typing import NamedTuple

from api.pages.layout.session import PageReader
from api.relations import in_company
from domain.access.permissions import Permission


class Room(NamedTuple):
    """A room: where it begins, what it is called, its icon, how the addresses in it begin, and for whom it is."""

    href: str
    words: str
    icon: str
    within: tuple[str, ...]
    key: str
    need: Permission | None = None


_HIRING = ("/board", "/requisitions", "/candidates", "/documents", "/open", "/templates")
ROOMS = (
    Room("/overview", "Overview", "gauge", ("/overview",), "v", need=Permission.BOARD_OVERSEE),
    Room("/owed", "Tasks", "list-checks", ("/owed",), "t"),
    Room("/board", "Requisitions", "briefcase", _HIRING, "r"),
    Room("/applicants", "Applicants", "users", ("/applicants", "/bulk"), "a", need=Permission.APPLICANTS_READ),
    Room("/reports", "Reports", "chart-column", ("/reports",), "p"),
    Room("/ops/retention", "Retention", "shield-check", ("/ops/retention",), "d", need=Permission.RETENTION_READ),
    Room("/ops", "Operations", "wrench", ("/ops",), "o", need=Permission.OPERATIONS_READ),
    Room("/me", "Settings", "settings", ("/me", "/settings", "/unplaced-mail"), "s"),
)
"""In the order in which they stand. `key` leads there after a g."""


def rooms_of(reader: PageReader) -> list[Room]:
    """The rooms that a reader may enter."""
    company = in_company(reader.caller)
    return [room for room in ROOMS if room.need is None or company.may(room.need)]


def room_of(path: str) -> str:
    """Where the room begins that a page lies in, the one with the longest address; nothing for one that is in none."""
    lies_in = [(begins, room.href) for room in ROOMS for begins in room.within if f"{path}/".startswith(f"{begins}/")]
    return max(lies_in, default=("", ""))[1]
