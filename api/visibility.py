"""What a caller may read: whose requisition it is, what stays hidden until one's own card is in, and whose seals
open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from api.access import Caller
from api.problems import Refused
from api.services import Services
from domain.access.roles import Role
from domain.candidate import Candidate, debrief, decision, may_see_cards, scorecards
from domain.core.messages import Event
from domain.core.personal_text import Sealed, from_text
from domain.core.walk import changed
from privacy.keys import KeyMissing
from privacy.sealing import CannotOpen
from store.views import CandidateView, DebriefLine, RequisitionView, RubricVersion
from workflows.contract import entity_of, stream_of

OVERSEEING = frozenset({Role.LEAD, Role.OPS})

JUDGEMENTS = tuple(
    sorted(
        kind.type
        for kind in Event.kinds.values()
        if kind.__module__ in {module.__name__ for module in (scorecards, debrief, decision)}
    )
)
"""Events that tell what somebody thought of a candidate."""


async def readable_requisition(id: str, by: Caller, at: Services, to_interviewers: bool = False) -> RequisitionView:
    """The requisition, for those who have a part in it. Refuses an unknown one, and others.

    What is readable `to_interviewers` shows those who only meet a candidate nothing of what others are offered.
    """
    found = await at.reads.requisition(id)
    if found is None:
        raise Refused(404, "not_found", "There is no such requisition.", "An id the API gave out.")
    if reads_all_of(found, by):
        return found
    if to_interviewers and await _interviews_in(id, by, at):
        return found.model_copy(update={"offers": {}, "ceilings": {}, "market": None, "signals": {}})
    raise Refused(403, "not_permitted", "This is not yours to see.", "Those whose requisition it is.")


def reads_all_of(view: RequisitionView, by: Caller) -> bool:
    """Whether a requisition is the caller's to read as a whole: the team's, and of those who oversee it."""
    return _in_team(view, by) or bool(by.actor.standing & OVERSEEING)


async def readable_debriefs(requisition: str, by: Caller, at: Services) -> list[DebriefLine]:
    """The debriefs of a requisition, by their time: of candidates whose debrief the caller may read now, and no
    others."""
    lines = []
    for found in await at.reads.debriefed(requisition):
        if found.debrief is None or not _part_in(found, by) or not may_see_cards(judged(found), by.actor.id):
            continue
        decided = found.decision
        lines.append(
            DebriefLine(
                candidate=found.id,
                human=found.human,
                starts_at=found.debrief.starts_at,
                minutes=found.debrief.minutes,
                held_at=found.debrief.held_at,
                decision=decided.kind if decided else None,
                decided_at=decided.at if decided else None,
                follow_up_at=None if decided else found.follow_up_at,
            )
        )
    return sorted(lines, key=lambda line: line.starts_at)


def names_shown(view: RequisitionView, by: Caller) -> bool:
    """Whether the names of a requisition's candidates are the caller's to read: the team's, not of those who oversee
    it."""
    return _in_team(view, by)


async def readable_candidate(id: str, by: Caller, at: Services) -> tuple[CandidateView, bool]:
    """The candidate, and whether others' judgements were hidden because the caller's own is still to come.

    For the team, and those who interview this candidate.
    """
    found = await at.reads.candidate(id)
    if found is None:
        raise Refused(404, "not_found", "There is no such candidate.", "An id the API gave out.")
    person = by.actor.id
    if not _part_in(found, by):
        raise Refused(403, "not_permitted", "This is not your candidate.", "Those who have a part in it.")
    if may_see_cards(judged(found), person):
        return found, False
    hidden = {
        key: interview.but(cards={author: card for author, card in interview.cards.items() if author == person})
        for key, interview in found.interviews.items()
    }
    return found.model_copy(update={"interviews": hidden, "debrief": None, "decision": None}), True


def judged(view: CandidateView) -> Candidate:
    """As much of a candidate's state as the rules of blindness ask for."""
    return Candidate(interviews=view.interviews, debrief=view.debrief, verdicts=view.verdicts, stage=view.stage)


def opened(value: Any, stream: str, at: Services) -> Any:
    """JSON-like `value` with what is sealed in it opened; words of the erased read `[erased]`."""
    if isinstance(value, BaseModel):
        return opened(value.model_dump(mode="json"), stream, at)
    if isinstance(value, dict) and value.keys() == {"key", "ciphertext"}:
        value = Sealed(**value)
    if isinstance(found := from_text(value), Sealed):
        try:
            return str(at.sealer.open_(found, entity_of(stream)[1]))
        except (CannotOpen, KeyMissing):
            return "[unreadable]"
    return changed(value, lambda part: opened(part, stream, at))


async def versions_of(requisition: str, at: Services) -> list[RubricVersion]:
    """Every version of a requisition's rubric, the newest first, with its passages to be read."""
    stream = stream_of("requisition", requisition)
    return [RubricVersion.model_validate(opened(one, stream, at)) for one in await at.reads.rubric(requisition)]


def in_words(view: RequisitionView, at: Services) -> RequisitionView:
    """A requisition as people read it: what is planned, proposed and inherited with its reasons opened."""
    stream = stream_of("requisition", view.id)
    said = {part: getattr(view, part) for part in ("amendment", "hand_overs", "inherited", "retro")}
    return view.model_validate(dict(view) | {part: opened(value, stream, at) for part, value in said.items()})


async def caught_up(stream: str, version: int | None, at: Services) -> None:
    """Waits until the stream is readable at `version`, so that people see what they did. Refuses after two seconds."""
    if version is not None and not await at.reads.wait_for_version(stream, version):
        raise Refused(
            503,
            "unavailable",
            "What was just done is not readable yet; nothing is lost.",
            "The same request again.",
            headers={"Retry-After": "1"},
        )


def without_judgements() -> Iterable[str]:
    """Every kind of event but those that tell what somebody thought."""
    return [kind for kind in Event.kinds if kind not in JUDGEMENTS]


def _in_team(view: RequisitionView | CandidateView, by: Caller) -> bool:
    team = view.team
    if team is None or by.actor.kind != "person":
        return False
    members = {team.recruiter, team.hiring_manager, team.hr_partner, team.recruiting_lead, team.manager_lead}
    members |= {team.second_signer or "", team.delegate.person if team.delegate else ""}
    return by.actor.id in members


def _part_in(view: CandidateView, by: Caller) -> bool:
    return _in_team(view, by) or bool(judged(view).assigned(by.actor.id))


async def _interviews_in(requisition: str, by: Caller, at: Services) -> bool:
    found: bool = await at.pool.fetchval(
        """
        SELECT EXISTS (SELECT FROM candidates WHERE requisition = $1 AND jsonb_path_exists(
            view, '$.interviews.* ? (@.status != "cancelled").interviewers[*] ? (@.person == $person)',
            jsonb_build_object('person', $2::text)
        ))
        """,
        *(requisition, by.actor.id),
    )
    return found
