"""What somebody is told, and when: gathered, never twice, never in quiet hours, and within the ceilings."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from domain.access.roles import Role, ToldAs
from domain.access.team import Actor, QuietHours
from domain.core.messages import Command, Rejection, Tick
from domain.entity.call import Call, Facts
from domain.entity.effects import DeliverMessage, Tell
from domain.notifications.notification import Notification
from domain.person import PERSON, SetCalendar, SetUpdatePreferences, describe
from domain.person.inbox import Hear, LineHeard, MessageOrdered, SettleMessage
from domain.person.working_calendar import DelegateTo
from domain.sla.policy import Policy
from domain.time.calendars import Calendar, Leave
from testing.people import FACTS, MANAGER, MONDAY, OFFICE, POLICY, RECRUITER, TICK, person

HOUR, DAY, WEEK, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(days=7), timedelta(minutes=1)
TUESDAY, FRIDAY = MONDAY + DAY, MONDAY + 4 * DAY


class Inbox:
    """One person, and every message that went out to them: when, and with what."""

    def __init__(self, calendar: Calendar = OFFICE, policy: Policy = POLICY) -> None:
        self.state = PERSON.initial
        self.messages: list[tuple[datetime, MessageOrdered]] = []
        self.effects: list[Any] = []
        self.received: list[Notification] = []
        facts = Facts(new_id=MANAGER, policy=policy)
        self.give(MONDAY, SetCalendar(calendar=calendar), person("P-OPERATOR", Role.OPS), facts)

    def give(self, at: datetime, command: Command, by: Actor = TICK, facts: Facts = FACTS) -> None:
        outcome = PERSON.perform(self.state, command, Call(by, at, facts))
        self.state = outcome.state
        self.effects += [effect for _, effect in outcome.effects]
        self.messages += [(r.at, r.event) for r in outcome.records if isinstance(r.event, MessageOrdered)]

    def prefers(self, at: datetime, **more: Any) -> None:
        asked = SetUpdatePreferences(**{"cadence": "weekly", "channel": "mail"} | more)
        self.give(at, asked, person(MANAGER))

    def receives(self, at: datetime, matter: str, told_as: ToldAs = "hiring_manager", **more: Any) -> Notification:
        self.received.append(notification(len(self.received), at, matter, told_as, **more))
        self.give(at, Hear(line=self.received[-1]))
        return self.received[-1]

    def sent_until(self, until: datetime) -> list[tuple[datetime, list[str]]]:
        self.give(until, Tick())
        return [(at, [one.matter for one in message.lines]) for at, message in self.messages]


def notification(
    number: int,
    at: datetime,
    matter: str,
    told_as: ToldAs,
    urgent: bool = False,
    requisition: str = "R-1",
    **about: Any,
) -> Notification:
    return Notification(
        id=f"requisition/{requisition}/{number}/0", stream=f"requisition/{requisition}", matter=matter, about=about,
        urgent=urgent, decided_at=at, told_as=told_as, search=requisition,
    )  # fmt: skip


def task(number: int) -> dict[str, Any]:
    return {"clock": "profile_answered", "clock_id": f"C-{number}:profile_answered"}


def test_five_things_within_an_hour_are_one_message() -> None:
    inbox = Inbox()
    for number in range(5):
        inbox.receives(MONDAY + number * 10 * MINUTE, "clock_started", **task(number))
    assert inbox.sent_until(MONDAY + DAY) == [(MONDAY + HOUR, ["clock_started"] * 5)]


def test_what_comes_in_the_evening_is_said_an_hour_into_the_next_working_day() -> None:
    inbox = Inbox()
    inbox.receives(FRIDAY + 12 * HOUR, "offer_news", status="accepted")
    assert [at for at, _ in inbox.sent_until(MONDAY + 2 * WEEK)] == [MONDAY + WEEK + HOUR]


def test_quiet_hours_are_kept_over_midnight_and_at_noon() -> None:
    for start, end, hears, says in ((17, 11, 0, 2), (12, 14, 2.5, 5), (9, 10, 0, 1)):
        inbox = Inbox()
        inbox.prefers(MONDAY, quiet_hours=QuietHours(start=time(start), end=time(end)))
        inbox.receives(MONDAY + hears * HOUR, "offer_news", status="accepted")
        assert [at for at, _ in inbox.sent_until(MONDAY + DAY)] == [MONDAY + says * HOUR]


def test_quiet_hours_that_were_kept_with_a_zone_are_read_without_it() -> None:
    kept = {"start": "17:00:00+02:00", "end": "11:00:00"}
    assert QuietHours.model_validate(kept) == QuietHours(start=time(17), end=time(11))


def test_somebody_whose_whole_day_is_quiet_is_told_when_quiet_ends() -> None:
    inbox = Inbox()
    inbox.prefers(MONDAY, quiet_hours=QuietHours(start=time(8), end=time(18)))
    inbox.receives(MONDAY, "offer_news", status="accepted")
    [(at, _)] = inbox.sent_until(MONDAY + 4 * WEEK)
    assert at.time() == time(18)


def test_nobody_is_told_on_leave() -> None:
    away = Leave(start=date(2026, 3, 2), until=date(2026, 3, 6))
    inbox = Inbox(OFFICE.but(leave=(away,)))
    inbox.receives(MONDAY, "clock_started", **task(1))
    assert [at for at, _ in inbox.sent_until(MONDAY + WEEK + DAY)] == [MONDAY + WEEK + HOUR]


def test_the_same_thing_is_said_once_however_often_it_is_heard() -> None:
    inbox = Inbox()
    for minutes in (0, 20, 40):
        inbox.receives(MONDAY + minutes * MINUTE, "drift_seen", rejected=3)
    assert [matters for _, matters in inbox.sent_until(MONDAY + 5 * HOUR)] == [["drift_seen"]]


def test_nobody_is_nagged_twice_for_one_promise_in_a_working_day() -> None:
    inbox = Inbox()
    inbox.receives(MONDAY, "clock_started", "recruiter", **task(1))
    inbox.receives(MONDAY + 3 * HOUR, "clock_rung", "recruiter", urgent=True, recipient="owner", **task(1))
    told = MONDAY + HOUR
    assert [at for at, _ in inbox.sent_until(MONDAY + WEEK)] == [told, told + DAY]


def test_a_breach_waits_for_no_digest_but_a_moment_for_others_like_it() -> None:
    inbox = Inbox()
    inbox.receives(MONDAY, "offer_news", status="made")
    inbox.receives(MONDAY + 3 * HOUR, "offer_news", status="countered")
    for number in (1, 2):
        inbox.receives(MONDAY + 4 * HOUR, "clock_rung", urgent=True, recipient="owner", **task(number))
    first, second = inbox.sent_until(MONDAY + 8 * HOUR)
    assert first == (MONDAY + HOUR, ["offer_news"])
    assert second == (MONDAY + 4 * HOUR + 10 * MINUTE, ["offer_news", "clock_rung", "clock_rung"])
    assert [message.kind for _, message in inbox.messages] == ["digest", "interruption"]


def test_there_is_one_interruption_a_day_and_the_rest_rides_with_the_next_message() -> None:
    inbox = Inbox()
    for number in range(6):
        inbox.receives(
            MONDAY + number * HOUR, "clock_rung", "recruiter", urgent=True, recipient="owner", **task(number)
        )
    inbox.sent_until(MONDAY + DAY - MINUTE)
    assert [(message.kind, len(message.lines)) for _, message in inbox.messages] == [("digest", 1), ("interruption", 1)]
    inbox.sent_until(MONDAY + 2 * DAY)
    assert [len(message.lines) for _, message in inbox.messages] == [1, 1, 4]


def test_a_debt_of_two_days_is_told_before_it_falls_due_however_much_there_is_to_say() -> None:
    for late in range(0, 40 * 60, 145):
        inbox = Inbox()
        for hours in range(0, 60, 2):
            inbox.receives(MONDAY + hours * HOUR, "offer_news", status=f"{hours}")
        start = OFFICE.add_working(MONDAY + 3 * DAY, late * MINUTE)
        inbox.sent_until(start)
        inbox.receives(start, "clock_started", **task(1))
        due = OFFICE.due(start, POLICY.clocks["profile_answered"])
        assert any("clock_started" in matters for at, matters in inbox.sent_until(due)), start


def test_the_brief_is_a_letter_of_its_own_and_does_not_hold_up_the_digest() -> None:
    inbox = Inbox()
    inbox.receives(MONDAY, "clock_started", **task(1))
    inbox.receives(MONDAY, "intake_brief_ready", draft="D-1")
    assert inbox.sent_until(MONDAY + 2 * HOUR) == [(MONDAY, ["intake_brief_ready"]), (MONDAY + HOUR, ["clock_started"])]


def test_an_update_comes_at_the_pace_its_reader_chose_and_rides_with_what_they_owe() -> None:
    for cadence, apart in (("weekly", WEEK), ("twice_a_week", WEEK / 2), ("daily", DAY)):
        inbox = Inbox()
        inbox.prefers(MONDAY, cadence=cadence)
        for day in range(0, 28, 7):
            inbox.receives(MONDAY + day * DAY, "clock_started", **task(day))
        updates = [at for at, matters in inbox.sent_until(MONDAY + 4 * WEEK) if "manager_update" in matters]
        assert updates[0] >= MONDAY + apart
        assert all(later - earlier >= apart for earlier, later in pairwise(updates))
        assert len(updates) >= 3
    assert any(len(message.lines) > 1 for _, message in inbox.messages)


def test_updates_end_with_the_search() -> None:
    inbox = Inbox()
    inbox.receives(MONDAY, "clock_started", **task(1))
    inbox.sent_until(MONDAY + WEEK + 5 * HOUR)
    inbox.give(MONDAY + WEEK + 5 * HOUR, SettleMessage(number=2, withheld=True, over=("R-1",)))
    assert [matters for _, matters in inbox.sent_until(MONDAY + 6 * WEEK)] == [["clock_started"], ["manager_update"]]


def test_news_never_takes_the_message_kept_for_what_the_hr_partner_owes() -> None:
    inbox = Inbox()
    for day in range(3):
        inbox.receives(MONDAY + day * DAY, "hire_lost", "hr_partner", candidate=f"C-{day}")
    inbox.receives(MONDAY + 3 * DAY, "offer_above_band", "hr_partner", candidate="C-9")
    told = inbox.sent_until(FRIDAY + 7 * HOUR)
    assert [matters for _, matters in told] == [["hire_lost"], ["hire_lost", "hire_lost", "offer_above_band"]]


def test_a_message_of_which_nothing_was_owed_any_more_counts_for_nothing() -> None:
    inbox = Inbox()
    inbox.receives(MONDAY, "clock_started", **task(1))
    inbox.sent_until(MONDAY + HOUR)
    inbox.give(MONDAY + HOUR + MINUTE, SettleMessage(number=1, withheld=True))
    assert inbox.state.sent == ()
    inbox.receives(MONDAY + 2 * HOUR, "clock_started", **task(2))
    assert [at for at, _ in inbox.sent_until(MONDAY + DAY)][1:] == [MONDAY + 3 * HOUR]
    assert [message.number for _, message in inbox.messages] == [1, 2]


def test_a_delegate_is_told_of_the_debts_they_may_settle_and_of_no_others() -> None:
    inbox = Inbox()
    inbox.prefers(MONDAY, delegate=DelegateTo(person=RECRUITER, powers=("answer_profile",), until=MONDAY + DAY))
    inbox.receives(MONDAY + HOUR, "clock_started", **task(1))
    inbox.receives(MONDAY + HOUR, "clock_started", clock="rubric_signed", clock_id="R-1:rubric_signed")
    inbox.receives(MONDAY + 2 * DAY, "clock_started", **task(2))
    [passed] = [effect.letter for effect in inbox.effects if isinstance(effect, Tell)]
    assert passed.stream == f"person/{RECRUITER}"
    said = Hear.model_validate(passed.payload).line
    assert (said.key, said.on_behalf_of) == (task(1)["clock_id"], MANAGER)


def test_the_order_goes_out_with_its_lines_in_the_channel_that_was_asked_for() -> None:
    inbox = Inbox()
    inbox.prefers(MONDAY, channel="chat")
    said = inbox.receives(MONDAY, "clock_started", **task(1))
    inbox.sent_until(MONDAY + DAY)
    [order] = [effect for effect in inbox.effects if isinstance(effect, DeliverMessage)]
    assert (order.person, order.number, order.channel, order.lines) == (MANAGER, 1, "chat", (said,))


def test_what_waits_is_shown_with_its_time_and_without_a_word_of_it() -> None:
    inbox = Inbox()
    inbox.receives(MONDAY, "clock_started", **task(1))
    assert "Notifications waiting: 1; the next message on 2026-03-02 10:00 UTC" in describe(inbox.state)


def test_a_day_of_six_seconds_shrinks_every_wait() -> None:
    inbox = Inbox(policy=POLICY.but(day=timedelta(seconds=6)))
    inbox.receives(MONDAY, "clock_started", **task(1))
    inbox.receives(MONDAY + timedelta(seconds=1), "clock_started", **task(2))
    told = [at for at, _ in inbox.sent_until(MONDAY + MINUTE)]
    assert told[0] == MONDAY + timedelta(seconds=0.25)
    assert timedelta(seconds=1) < told[1] - told[0] < timedelta(minutes=1)


PROMISED: dict[ToldAs, tuple[int, int]] = {
    "recruiter": (5, 5),
    "hiring_manager": (6, 6),
    "hr_partner": (2, 2),
    "lead": (1, 7),
}
"""The ceilings of product.md in any seven days: digests, and messages that are none; a manager's in all."""


@pytest.mark.parametrize("seed", range(8))
def test_whatever_there_is_to_say_the_ceilings_hold_and_nothing_is_lost(seed: int) -> None:
    chance, inbox, replaced = Random(seed), Inbox(), set[str]()
    quiet = QuietHours(start=time(chance.choice((12, 17))), end=time(chance.choice((9, 14))))
    inbox.prefers(MONDAY, quiet_hours=quiet)
    at = MONDAY
    while at < MONDAY + 6 * WEEK:
        at += chance.choice((MINUTE, HOUR, 3 * HOUR, 9 * HOUR))
        told_as: ToldAs = chance.choice(("recruiter", "hiring_manager", "hr_partner", "lead", "interviewer"))
        urgent, number = chance.random() < 0.5, chance.randrange(40)
        interview = {"interview": f"I-{chance.randrange(9)}"} if told_as == "interviewer" else {}
        waiting = {one.line.key: one.line.id for one in inbox.state.waiting}
        said = inbox.receives(
            at, "clock_rung", told_as, urgent=urgent, requisition=f"R-{chance.randrange(3)}", recipient="owner",
            **(task(number) | interview),
        )  # fmt: skip
        replaced |= {waiting[said.key]} if said.key in waiting else set()
    inbox.give(at, Tick())
    told = [one.id for _, message in inbox.messages for one in message.lines if one.matter != "manager_update"]
    assert len(told) == len(set(told))
    assert {*told, *(one.line.id for one in inbox.state.waiting)} >= {one.id for one in inbox.received} - replaced
    for at, _ in inbox.messages:
        assert OFFICE.is_working(at)
        assert not OFFICE.quiet(at, quiet.start, quiet.end)
    interruptions = [at for at, message in inbox.messages if message.kind == "interruption"]
    assert all(later >= OFFICE.due(earlier, POLICY.messages.again) for earlier, later in pairwise(interruptions))
    _within_the_ceilings(inbox)
    _never_twice_in_a_working_day(inbox)


def _within_the_ceilings(inbox: Inbox) -> None:
    for since, _ in inbox.messages:
        week = [message for at, message in inbox.messages if since <= at < since + WEEK]
        for told_as, (digests, others) in PROMISED.items():
            told = [message for message in week if any(one.told_as == told_as for one in message.lines)]
            of_digests = [message for message in told if message.kind == "digest"]
            if told_as in ("hiring_manager", "hr_partner"):
                assert len(told) <= digests
            assert len(of_digests) <= digests
            assert len(told) - len(of_digests) <= others
        about = [{(one.told_as, one.each) for one in message.lines if one.each} for message in week]
        for told_as, each in set().union(*about):
            most = 4 if told_as == "hiring_manager" else 3
            assert sum((told_as, each) in one for one in about) <= most, (told_as, each)


def _never_twice_in_a_working_day(inbox: Inbox) -> None:
    last: dict[str, datetime] = {}
    for at, message in inbox.messages:
        for one in message.lines:
            if one.key in last:
                assert at >= OFFICE.due(last[one.key], POLICY.messages.again)
            last[one.key] = at


def test_a_line_given_again_under_its_id_is_known() -> None:
    inbox = Inbox()
    said = inbox.receives(MONDAY, "clock_started", **task(1))
    inbox.sent_until(MONDAY + DAY)
    with pytest.raises(Rejection, match="came before"):
        inbox.give(MONDAY + 2 * DAY, Hear(line=said))
    assert not any(isinstance(effect, LineHeard) for effect in inbox.effects)
