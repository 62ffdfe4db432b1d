"""Hold and resume, cancel and reopen, and the end that everybody hoped for: filled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from pydantic import Field

from domain.core.decider import Chapter
from domain.core.messages import Command, Effect, Event, Record, refuse
from domain.core.personal_text import Reason, Words
from domain.entity.call import Call
from domain.entity.effects import Notify
from domain.notifications.catalogue import NotificationKind
from domain.requisition.state import Awaited, Hold, Requisition
from domain.time.zones import Instant, time_in_words

chapter: Chapter[Requisition] = Chapter()


class PutOnHold(
    Command, who="R H", refuses="review_too_late*", heading="Put the requisition on hold", button="Put on hold"
):
    """Pause the requisition for a while. Candidates are still told on time where they stand."""

    why: Reason
    review_at: Instant = Field(title="When to look at it again")


class Resume(
    Command, who="R H", refuses="not_held", works="on_hold", heading="Resume the requisition", button="Resume"
):
    """Resume the requisition."""


class Cancel(Command, who="R H L", refuses="offer_open", works="on_hold", heading="Cancel the requisition"):
    """End the requisition without a hire. If its rubric was locked, a retro follows."""

    why: Reason


class Reopen(
    Command, who="R L", refuses="not_ended", works="after_end", heading="Reopen the requisition", button="Reopen"
):
    """Begin again where the requisition ended. A rubric that is too old is signed again before anybody is judged."""

    openings: int = Field(title="How many to hire", ge=1, description="Leave out if it goes on without a last hire.")
    cause: Reason = Field(title="Why")


class SearchPutOnHold(Event, heading="requisition put on hold"):
    """The requisition stands still."""

    why: Words
    review_at: datetime


class HoldReviewDue(Event):
    """It is time to look at the hold again."""


class SearchResumed(Event, heading="requisition resumed"):
    """The requisition goes on."""


class SearchFilled(Event, heading="requisition filled"):
    """The last opening was taken."""


class SearchCancelled(Event, heading="requisition cancelled"):
    """The requisition ended without filling its openings."""

    why: Words


class SearchReopened(Event, heading="requisition reopened"):
    """The requisition goes on after its end; `sign_again` when its rubric is too old to judge by."""

    openings: int
    cause: Words
    sign_again: bool


@chapter.decides(PutOnHold)
def put_on_hold(state: Requisition, asked: PutOnHold, call: Call) -> Iterator[Event]:
    if asked.review_at <= call.now:
        refuse("bad_time", "That time is past.", "A time to come.", "review_at")
    latest = state.due("hold_at_most", call.now)
    if asked.review_at > latest:
        refuse("review_too_late", "Holds are looked at sooner.", f"At the latest {time_in_words(latest)}.", "review_at")
    yield SearchPutOnHold(why=asked.why, review_at=asked.review_at)


@chapter.evolves(SearchPutOnHold)
def search_put_on_hold(state: Requisition, event: SearchPutOnHold, record: Record) -> Requisition:
    return state.but(standing="on_hold", hold=Hold(since=record.at, review_at=event.review_at))


@chapter.awaits
def hold_is_reviewed(state: Requisition) -> Awaited:
    if state.hold is not None and not state.hold.reviewed:
        yield state.hold.review_at, partial(HoldReviewDue)


@chapter.evolves(HoldReviewDue)
def hold_review_due(state: Requisition, event: HoldReviewDue, record: Record) -> Requisition:
    assert state.hold is not None, "a review of a hold that is none"
    return state.but(hold=state.hold.but(reviewed=True))


@chapter.reacts(HoldReviewDue)
def ask_about_the_hold(state: Requisition, event: HoldReviewDue, record: Record) -> Iterator[Effect]:
    for person in state.sides.values():
        yield Notify(person=person, matter=NotificationKind.HOLD_REVIEW, about={"stream_id": state.id})


@chapter.gate(Resume)
def is_held(state: Requisition, call: Call) -> None:
    if state.hold is None:
        refuse("not_held", "The requisition is not on hold.", "Any command it takes; it is open.")


@chapter.decides(Resume)
def resume(state: Requisition, asked: Resume, call: Call) -> Iterator[Event]:
    yield SearchResumed()


@chapter.evolves(SearchResumed)
def search_resumed(state: Requisition, event: SearchResumed, record: Record) -> Requisition:
    assert state.hold is not None, "a search resumed that was not held"
    return _going_on(state, state.hold.since, record.at).but(hold=None)


def _going_on(state: Requisition, since: datetime, at: datetime) -> Requisition:
    """The requisition open again after it stood still from `since` to `at`, with what it awaits that much later."""
    moved: dict[str, Any] = {
        what: max(awaited + (at - since), at)
        for what in ("pulse_at", "comp_due_at", "sign_again_at")
        if (awaited := getattr(state, what)) is not None
    }
    return state.but(standing="open", stood_still=(*state.stood_still, (since, at)), **moved)


@chapter.evolves(SearchFilled)
def search_filled(state: Requisition, event: SearchFilled, record: Record) -> Requisition:
    return state.but(standing="ended", ended_at=record.at, end_cause="filled", hold=None, posting=None, pulse=None)


@chapter.gate(Cancel)
def no_offer_stands(state: Requisition, call: Call) -> None:
    if open_offers := [candidate for candidate, offer in state.offers.items() if offer.stands]:
        refuse("offer_open", f"{len(open_offers)} offers stand.", "Withdraw them, or await their answers, first.")


@chapter.decides(Cancel)
def cancel(state: Requisition, asked: Cancel, call: Call) -> Iterator[Event]:
    if state.hold is not None:
        yield SearchResumed()
    yield SearchCancelled(why=asked.why)


@chapter.evolves(SearchCancelled)
def search_cancelled(state: Requisition, event: SearchCancelled, record: Record) -> Requisition:
    state = state.but(standing="ended", ended_at=record.at, end_cause="cancelled", posting=None)
    if state.versions:
        return state.but(retro_at=state.due("retro_after", record.at), retro_occasion="cancelled")
    return state


@chapter.gate(Reopen)
def is_over(state: Requisition, call: Call) -> None:
    if state.standing != "ended":
        refuse("not_ended", "The requisition is not over.", "A change of its terms.")


@chapter.decides(Reopen)
def reopen(state: Requisition, asked: Reopen, call: Call) -> Iterator[Event]:
    old = state.locked_at is not None and state.due("resign_reopened_after", state.locked_at) <= call.now
    yield SearchReopened(openings=asked.openings, cause=asked.cause, sign_again=old)


@chapter.evolves(SearchReopened)
def search_reopened(state: Requisition, event: SearchReopened, record: Record) -> Requisition:
    assert state.ended_at is not None, "a search reopened that never ended"
    state = _going_on(state, state.ended_at, record.at).but(
        ended_at=None,
        end_cause=None,
        reopened=True,
        openings=len(state.hires) + event.openings,
        sign_again_at=None,
    )
    if event.sign_again and state.locked is not None and state.judging is not None:
        return state.but(
            draft=state.locked, draft_hash=state.judging.content_hash, locked=None, judging=None, amendment=None,
            signatures={}, sign_again=(),
        )  # fmt: skip
    return state
