"""A notification is one row: whoever asks about notifications finds it there, a new one and one of another build."""

from __future__ import annotations

import pytest

from api.pages.account.notification_history import _words
from domain.entity.effects import Notify
from domain.notifications.catalogue import (
    NOTIFICATIONS,
    NotificationKind,
    NotificationRow,
    notification_row,
    page_for,
)
from domain.notifications.notification import is_task, notification_of
from domain.registry import COMMANDS
from domain.sla.catalogue import CLOCKS, ClockName
from testing.people import MANAGER, MONDAY, RECRUITING_LEAD, TEAM
from tests.domain.person.test_inbox import HOUR, Inbox

DUMMY = NotificationRow(
    "permit_expired",
    "A permit has expired",
    says=ClockName.OFFER_MADE,
    nothing_else=True,
    page="/permit",
    apart=True,
    escalates=True,
)


@pytest.fixture
def dummy(monkeypatch: pytest.MonkeyPatch) -> NotificationRow:
    """A notification more than there is."""
    monkeypatch.setitem(NOTIFICATIONS, DUMMY.kind, DUMMY)
    return DUMMY


def test_every_kind_has_its_row() -> None:
    assert list(NOTIFICATIONS) == list(NotificationKind)


def test_what_a_row_says_of_clocks_and_pages_is_there() -> None:
    commands = {name for table in COMMANDS.values() for name in table}
    for row in NOTIFICATIONS.values():
        assert row.says is None or row.says in CLOCKS, row.kind
        assert row.says is not None or not row.nothing_else, row.kind
        assert row.page[1:].replace("-", "_") in commands | {"", "rubric", "debrief"}, row.kind


def test_a_new_notification_is_found_everywhere(dummy: NotificationRow) -> None:
    assert not is_task(dummy.kind, {"recipient": "owner_lead"})
    assert page_for(dummy.kind, {}) == "/permit"
    notify = Notify(person=RECRUITING_LEAD, matter=dummy.kind, about={"recipient": "owner_lead"})
    line = notification_of("requisition/R-1/3/0", "requisition/R-1", MONDAY, notify, TEAM, "R-1")
    assert (line.told_as, line.urgent, line.is_task) == ("lead", True, False)
    assert _words(line) == "A permit has expired"

    inbox = Inbox()
    inbox.receives(MONDAY, dummy.kind)
    inbox.receives(MONDAY, "offer_news", status="accepted")
    assert inbox.sent_until(MONDAY + 2 * HOUR) == [(MONDAY, [dummy.kind]), (MONDAY + HOUR, ["offer_news"])]


def test_one_of_another_build_says_its_name() -> None:
    assert notification_row("permit_expired").heading == "Permit expired"
    assert not is_task("permit_expired", {})
    assert page_for("permit_expired", {}) == ""
    notify = Notify(person=MANAGER, matter="permit_expired")
    line = notification_of("requisition/R-1/3/0", "requisition/R-1", MONDAY, notify, TEAM, "R-1")
    assert (line.told_as, line.urgent) == ("hiring_manager", False)
