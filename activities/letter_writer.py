"""Puts an effect into words: the letter on its matter, with the names and facts its template asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from temporalio.exceptions import ApplicationError

from activities.letter_context import LetterContext
from activities.letters import Letter, Shelf, written
from domain.core.personal_text import Sealed
from domain.evidence.documents import WHY_UNTRANSCRIBED
from domain.evidence.meeting_place import Place
from domain.notifications.catalogue import page_for
from domain.sla.catalogue import CLOCKS
from mail.smtp import Mailbox
from store.users import User

Opened = Callable[[str | Sealed | None, str], str]
"""Words and the id of the entity they are about → the words as people read them."""


class LetterWriter:
    """Writes letters. `opened` opens sealed words of an entity, `base_url` is what links begin with."""

    def __init__(self, opened: Opened, base_url: str) -> None:
        self._opened, self._base_url = opened, base_url

    def letter(
        self,
        shelf: Shelf,
        matter: str,
        behind: LetterContext,
        to: Mailbox,
        zone: str,
        about: Mapping[str, Any],
        **more: Any,
    ) -> Letter:
        """The letter to `to`, who lives by `zone`; `more` are further words. Raises what `letters.written` raises."""
        team = behind.requisition.team
        assert team is not None, "a search that is read was opened"
        file = behind.candidate
        context = file.id if file else behind.requisition.id

        def name(person: str) -> str:
            return behind.people[person].name if person in behind.people else "somebody who left"

        def place_of(where: Place | None) -> list[str]:
            return [] if where is None else where.lines(lambda words: self._opened(words, context))

        def behaviour(criterion: str | None) -> str:
            known = behind.rubric.criterion(criterion) if behind.rubric and criterion else None
            return known.behaviour if known else (criterion or "a reason outside the rubric").replace("_", " ")

        return written(
            shelf,
            matter,
            {
                "to": to.name,
                "zone": zone,
                "about": about,
                "title": behind.requisition.title,
                "requisition": behind.requisition,
                "team": team,
                "rubric": behind.rubric,
                "file": file,
                "candidate": behind.contact.name if behind.contact else "a candidate whose data was erased",
                "interview": file.interviews.get(str(about.get("interview"))) if file else None,
                "event": behind.event,
                "clock": behind.clock,
                "clock_row": CLOCKS.get(str(about.get("clock"))),
                "draft": behind.draft,
                "untranscribed": WHY_UNTRANSCRIBED,
                "name": name,
                "behaviour": behaviour,
                "place_of": place_of,
                "opened": lambda words: self._opened(words, context),
                "link": self.link(behind, matter, about),
                "place": [],
                "with_whom": [],
                "for_what": (),
                "of_candidate": shelf.endswith("candidate"),
                "alone": True,
                "several": [],
                "on_behalf_of": None,
                **more,
            },
        )

    def link(self, behind: LetterContext, matter: str, about: Mapping[str, Any]) -> str:
        """Where in Tandem what a letter on `matter` asks for is to be done, or its subject to be seen."""
        return f"{self._base_url}/{behind.place}{page_for(matter, about)}"


def reader(people: Mapping[str, User], person: str) -> User:
    """Somebody to write to. Raises ApplicationError `nobody_there` when they are not known or no longer here."""
    found = people.get(person)
    if found is None or not found.active:
        raise ApplicationError("nobody here bears this id", type="nobody_there", non_retryable=True)
    return found


def mailbox(person: User) -> Mailbox:
    """Where somebody's letters go."""
    return Mailbox(person.name, person.email)
