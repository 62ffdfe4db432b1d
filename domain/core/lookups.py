"""Look-ups: what a command needs to know that its own entity does not, said by the command, found out by the API.

Each kind fills facts of the call (`Facts`). A command that needs one of these only says so; a new kind also needs its
answer in `api/command_context.py`. The people and documents a command names are looked up without being asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple


class Subject(NamedTuple):
    """Whose key a command's personal texts go under: an applicant's (`H-…`), a candidate's, or who has an offer."""

    kind: Literal["applicant", "candidate", "offer"]
    id: str


@dataclass(frozen=True)
class Lookup:
    """Something to be looked up for a command."""


@dataclass(frozen=True)
class PolicyInForce(Lookup):
    """The policy for what begins (`policy`)."""


@dataclass(frozen=True)
class OwnId(Lookup):
    """The id of the entity itself, for the command it begins with (`new_id`)."""


@dataclass(frozen=True)
class OwnUser(Lookup):
    """The same of a user, who has to be known (`new_id`); refuses `not_found`."""


@dataclass(frozen=True)
class NewCandidateId(Lookup):
    """The id of the candidate the command begins, the same for the same request (`new_id`)."""


@dataclass(frozen=True)
class LastRetro(Lookup):
    """What the last retro with this hiring manager, or with this team, said to change (`inherited`)."""

    hiring_manager: str
    team: str


@dataclass(frozen=True)
class OwningAgency(Lookup):
    """The candidacy for which another agency than this one brought the applicant in first (`owned_by`)."""

    applicant: str
    agency: str | None


@dataclass(frozen=True)
class InterviewSlot(Lookup):
    """Who of the interviewers has another call then (`busy`), and who is the candidate (`conflicted`).

    `moved` is the interview that is moved to this time (UTC); people and minutes that are not given are those it has.
    """

    starts_at: datetime
    people: tuple[str, ...] = ()
    minutes: int = 0
    moved: str | None = None


@dataclass(frozen=True)
class CandidatesAmong(Lookup):
    """Who of these users is a candidate in this requisition (`conflicted`)."""

    people: tuple[str, ...]


@dataclass(frozen=True)
class AddressInUse(Lookup):
    """Whether another applicant, whom the caller knows, has this mail address (`address_taken`).

    Refuses `invalid` an address or a telephone number that is none.
    """

    address: str | None
    telephone: str | None


@dataclass(frozen=True)
class SamePerson(Lookup):
    """Which other applicants were merged with this one (`same_person`)."""

    applicant: str


@dataclass(frozen=True)
class OfferElsewhere(Lookup):
    """The other requisition in which this candidate has a standing offer (`offer_elsewhere`)."""

    candidate: str


@dataclass(frozen=True)
class TransferTarget(Lookup):
    """Of where somebody is to go: whether it is over (`target_closed`), and has them (`duplicate_in_target`).

    Refuses `unknown_reference` where there is none.
    """

    requisition: str


@dataclass(frozen=True)
class OpenQuestions(Lookup):
    """The speakers of a transcript, by number, of whom it is asked who they are and nobody said it (`unnamed`).

    Of a recording, whether there is a model that transcribes it (`transcribes`).
    """

    document: str


@dataclass(frozen=True)
class GivenHere(Lookup):
    """That a document was given for this candidacy, or for this requisition's intake; refuses `unknown_reference`."""

    document: str


@dataclass(frozen=True)
class HasAddress(Lookup):
    """Whether a mail address of the candidate is known (`has_address`)."""


@dataclass(frozen=True)
class KnownTags(Lookup):
    """Which of the tags to put `on` are not there, by number (`tags_new`), and which are those to take `off`, by id
    (`tags_known`): words alone tell, and those are sealed."""

    on: tuple[str, ...]
    off: tuple[str, ...]


@dataclass(frozen=True)
class ReceiptsOn(Lookup):
    """Whether applicants are told that their application arrived (`receipts`)."""
