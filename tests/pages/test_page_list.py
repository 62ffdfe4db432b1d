"""Every page there is has its picture taken, and is looked at by day, by night and on a phone."""

from unittest.mock import MagicMock

from starlette.routing import Route

from api.pages import create_pages
from tests.pages.page_list import tour

NO_PAGES_OF_THEIR_OWN = {
    "/", "/static/{name}", "/board/lines", "/search/quick",
    "/reports/{name}.csv", "/reports/quality.csv", "/ops/{place}/{id}/{task}",
    "/candidates/{id}/export", "/documents/{id}/original", "/documents/{id}/pages/{number}",
    "/sign-in/provider", "/sign-in/provider/callback", "/unplaced-mail/{id}",
}  # fmt: skip
"""What leads to a page, or away, what pages are made of, files, and what the demo's story has none of: the form of a
manual task (`test_ops.py`), and a mail that is nobody's (`tests/api/test_received_mail.py`)."""


def test_no_page_is_forgotten() -> None:
    play = MagicMock(applicants={name: MagicMock() for name in ("nadia", "theo", "ruth", "owen")})
    stops = {stop.path.partition("?")[0] for stop in tour(play, play, "operator")}
    rooms = [room.original_router for room in create_pages().routes if hasattr(room, "original_router")]
    routes = [one for room in rooms for one in room.routes if isinstance(one, Route) and "GET" in (one.methods or ())]
    assert len(routes) > 20
    forgotten = {
        route.path
        for route in routes
        if route.path not in NO_PAGES_OF_THEIR_OWN and not any(route.path_regex.match(stop) for stop in stops)
    }
    assert forgotten == set(), "give each a stop in tests/pages/page_list.py"
