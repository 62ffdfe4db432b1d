"""Who stands behind the ids on a page: colleagues by name, candidates by the name under their key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from api.access import Caller, With
from api.visibility import nameable
from domain.core.ids import mentioned
from store.users import User

ERASED = "a candidate who was erased"

_IDS = re.compile(r"\b[PC]-[0-9A-Z]+\b")


class Names:
    """Names for what one page mentions."""

    def __init__(self, people: Mapping[str, User], candidates: Mapping[str, str]) -> None:
        self.people, self.candidates = people, candidates

    def __call__(self, id: str) -> str:
        """The name behind a person's or a candidate's id."""
        if id in self.people:
            return self.people[id].name
        return self.candidates.get(id, "somebody who left" if id.startswith("P-") else id)


async def names_in(sentence: str, by: Caller, at: With) -> dict[str, str]:
    """The names behind the ids in a sentence: of colleagues, and of candidates whose names the reader may read."""
    found = set(_IDS.findall(sentence))
    people = {id for id in found if id.startswith("P-")}
    candidates = await nameable(found - people, by, at)
    known = await names(at, people, candidates=candidates.items())
    return {id: known(id) for id in (*known.people, *candidates)}


async def names(at: With, *shown: object, candidates: Iterable[tuple[str, str]] = ()) -> Names:
    """Names of every person mentioned in `shown`, and of `candidates`, pairs of a candidate's id and their human's."""
    people = await at.people.several(mentioned(shown, "P-"))
    wanted = dict(candidates)
    contacts = await at.applicants.contacts(wanted)
    known = {candidate: contacts[candidate].name if candidate in contacts else ERASED for candidate in wanted}
    return Names(people, known)
