"""The release after this one, as a rehearsal needs it: imported before any other module, it changes what follows.

A new clock, a new field on an event, an event under another name, a rule that is tightened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.candidate import CANDIDATE
from domain.candidate.contact import ContactLogged, LogContact
from domain.core.messages import Event, refuse
from domain.core.upcasting import EVENTS, Stored
from domain.entity.call import Call
from domain.entity.clock_table import ClockRule, Start
from domain.requisition import REQUISITION
from domain.requisition.terms import ChangeTerms, TermsChanged
from domain.sla.catalogue import CLOCKS, ClockRow

CLOCK = "terms_read"
RENAMED = "terms_agreed"
FIELD = "mood"
LONG_ENOUGH = 5


class TermsAgreed(TermsChanged):
    """What was called `terms_changed` before this release."""


@EVENTS.upcasts("terms_changed", becomes=[RENAMED])
def terms_changed(payload: dict[str, Any]) -> Iterator[Stored]:
    yield Stored(RENAMED, 1, payload)


change_terms, log_contact = REQUISITION._deciding[ChangeTerms], CANDIDATE._deciding[LogContact]


def change_terms_with_a_whole_place(state: Any, asked: ChangeTerms, call: Call) -> Iterator[Event]:
    """The tightened rule, and the event's new name."""
    if len(asked.place or "") < LONG_ENOUGH:
        refuse("invalid", "That is too short a place.", f"At least {LONG_ENOUGH} letters.", "place")
    for event in change_terms(state, asked, call):
        yield TermsAgreed(**event.__dict__) if type(event) is TermsChanged else event


def log_contact_with_its_mood(state: Any, asked: LogContact, call: Call) -> Iterator[Event]:
    """The new field: builds before this one do not know it."""
    for event in log_contact(state, asked, call):
        yield ContactLogged(**event.__dict__ | {FIELD: "friendly"}) if type(event) is ContactLogged else event


REQUISITION._deciding[ChangeTerms] = change_terms_with_a_whole_place
CANDIDATE._deciding[LogContact] = log_contact_with_its_mood
REQUISITION._evolving[TermsAgreed] = REQUISITION._evolving[TermsChanged]
REQUISITION._reacting[TermsAgreed] = REQUISITION._reacting.get(TermsChanged, [])

CLOCKS[CLOCK] = ClockRow(
    CLOCK,
    "requisition",
    "hiring_manager",
    default="2 days",
    waiting="a look at the new terms",
    what="read the new terms",
    why="They are told other terms than the ones that hold.",
    button="Read the new terms",
    command=None,
)
REQUISITION._clock_rules[TermsAgreed] = [
    ClockRule(
        name=CLOCK,
        starts={TermsAgreed: lambda state, event: [Start(state.people.hiring_manager, about=event.place or "")]},
    )
]
