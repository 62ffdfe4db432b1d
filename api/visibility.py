"""What is left of a requisition or a candidate for one reader, once everything is taken out that is not theirs to see.

In which relations they stand to it is found out in `api/relations.py`; what a field shows is said in
`domain/registry/visibility.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from api.access import Caller
from api.problems import Denied, Refused
from api.relations import candidate_sight, judged, own_applicants, relations_to, requisition_sight
from api.services import Services
from domain.access.permissions import Permission, Relation, Sight
from domain.candidate import may_see_draft
from domain.entity.entity_facts import Stage
from domain.evidence.draft_jobs import draft_job
from domain.registry.visibility import narrowed
from store.audit import Act, Entry, Kind
from store.views import CandidateLine, CandidateView, ClockView, DebriefLine, RequisitionView, TaskView
from workflows.contract import stream_of

OF_A_CANDIDATE = tuple(one for one in Permission if one.startswith("candidate."))


class ShownContact(BaseModel):
    """Who somebody is, and how to reach them for whoever may."""

    name: str
    email: str | None = None
    phone: str | None = None
    through: str | None = None


@dataclass(frozen=True)
class SeenRequisition:
    """A requisition as one reader may see it."""

    view: RequisitionView
    sight: Sight


@dataclass(frozen=True)
class SeenCandidate:
    """A candidate as one reader may see them. `applicant` is who they are, whether the reader may know or not."""

    view: CandidateView
    sight: Sight
    applicant: str

    @property
    def blind(self) -> bool:
        """Whether the reader owes a scorecard, and so sees nothing of what others think."""
        return not self.sight.own_card_in


async def seen_requisition(
    id: str, by: Caller, at: Services, permission: Permission = Permission.REQUISITION_OVERVIEW
) -> SeenRequisition:
    """The requisition, as far as the caller may see it. Refuses an unknown one, and whoever lacks `permission`."""
    found = await at.reads.requisition(id)
    if found is None:
        raise Refused(404, "not_found", "There is no such requisition.", "An id the API gave out.")
    sight = await requisition_sight(found, by, at)
    if not sight.may(permission):
        denied = Denied(Kind.REQUISITION, id, permission)
        raise Refused(
            403, "not_permitted", "This is not yours to see.", "Those whose requisition it is.", denied=denied
        )
    if permission is not Permission.REQUISITION_UPLOAD:
        at.audit.note(Entry(Act.READ_REQUISITION, Kind.REQUISITION, id, permission=permission))
    return SeenRequisition(narrowed(found, "requisition", sight), sight)


async def seen_candidate(
    id: str, by: Caller, at: Services, permission: Permission = Permission.CANDIDATE_OVERVIEW
) -> SeenCandidate:
    """The candidate, as far as the caller may see them. Refuses an unknown one, and whoever lacks `permission`."""
    found = await at.reads.candidate(id)
    if found is None:
        raise Refused(404, "not_found", "There is no such candidate.", "An id the API gave out.")
    sight = candidate_sight(found, by, await own_applicants(by, at))
    if not sight.may(permission):
        raise _not_theirs(id, sight, permission)
    if act := _ACTS.get(permission, Act.READ_CANDIDATE):
        at.audit.note(Entry(act, Kind.CANDIDATE, id, permission=permission))
    return SeenCandidate(_narrowed(found, sight, by), sight, found.human)


async def readable_debriefs(seen: SeenRequisition, by: Caller, at: Services) -> list[DebriefLine]:
    """The debriefs of a requisition, by their time: of candidates whose debrief the caller may read now, and no
    others."""
    lines, own = [], await own_applicants(by, at)
    for found in await at.reads.debriefed(seen.view.id):
        if found.debrief is None or not candidate_sight(found, by, own).may(Permission.CANDIDATE_CARDS):
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


async def named_in(
    seen: SeenRequisition, candidates: Iterable[tuple[str, str]], by: Caller, at: Services
) -> dict[str, str]:
    """Those of a requisition's candidates, pairs of their id and their applicant's, whose names the caller may read."""
    pairs = dict(candidates)
    known = await at.reads.standings_of(pairs)
    own = await own_applicants(by, at)
    named = {}
    for candidate, applicant in pairs.items():
        standing = known.get(candidate)
        if standing is None:
            continue
        relations = relations_to(seen.view.team, "candidate", seen.view.id, by)
        if by.actor.id in standing.interviewers:
            relations |= {Relation.INTERVIEWER}
        sight = Sight(relations, restricted=standing.restricted, themselves=applicant in own)
        if sight.may(Permission.CANDIDATE_NAME):
            named[candidate] = applicant
    return named


async def listed(seen: SeenRequisition, by: Caller, at: Services, **which: Any) -> list[CandidateLine]:
    """A requisition's candidates, the caller's own candidacy apart; an interviewer's are those they meet.

    See `Reads.candidates` for `which`. Whoever may not read profiles is told no applicant's id.
    """
    own = await own_applicants(by, at)
    interviewer = None if seen.sight.may(Permission.REQUISITION_CANDIDATES) else by.actor.id
    lines = await at.reads.candidates(requisition=seen.view.id, without=own, interviewer=interviewer, **which)
    if seen.sight.may(Permission.REQUISITION_APPLICATIONS):
        return lines
    return [line.model_copy(update={"human": "", "source": ""}) for line in lines]


async def in_pipeline(
    seen: SeenRequisition, by: Caller, at: Services, stages: Iterable[Stage], each: int
) -> list[CandidateLine]:
    """Like `listed`, for whoever may read them all: the candidates at these stages, the first `each` of every one."""
    return await at.reads.pipeline(seen.view.id, stages, each, await own_applicants(by, at))


async def readable_interviews(seen: SeenRequisition, by: Caller, at: Services) -> list[CandidateView]:
    """The candidates of a requisition who have or had an interview, each as the caller may see them."""
    own, found = await own_applicants(by, at), []
    for view in await at.reads.interviewed(seen.view.id):
        sight = candidate_sight(view, by, own)
        if sight.may(Permission.CANDIDATE_OVERVIEW):
            found.append(_narrowed(view, sight, by))
    return found


async def sights_of(candidates: Iterable[str], by: Caller, at: Services) -> dict[str, tuple[CandidateView, Sight]]:
    """Those of these candidates that there are, as they stand, each with what the caller may see of them."""
    own = await own_applicants(by, at)
    views = await at.reads.several(candidates)
    return {id: (view, candidate_sight(view, by, own)) for id, view in views.items()}


async def nameable(candidates: Iterable[str], by: Caller, at: Services) -> dict[str, str]:
    """The applicants of those of these candidates whose names the caller may read, whatever requisition they are in."""
    found = await sights_of(candidates, by, at)
    return {id: view.human for id, (view, sight) in found.items() if sight.may(Permission.CANDIDATE_NAME)}


async def clocks_in(seen: SeenRequisition, by: Caller, at: Services, ended: bool | None = None) -> list[ClockView]:
    """The clocks of a requisition and its candidates, those of the caller's own candidacy apart; an interviewer's are
    those they owe. See `Reads.clocks`."""
    clocks = await at.reads.clocks(requisition=seen.view.id, ended=ended)
    if not seen.sight.may(Permission.REQUISITION_CLOCKS):
        return [clock for clock in clocks if clock.owner == by.actor.id]
    own = await at.reads.candidates_of(seen.view.id, await own_applicants(by, at))
    hidden = {stream_of("candidate", one) for one in own}
    return [clock for clock in clocks if clock.stream not in hidden]


async def known_as(applicant: str, by: Caller, at: Services, field: str) -> str | None:
    """The candidacy in which the caller knows an applicant; None for one whom they introduced themselves.

    Refuses any other as it would an unknown one, so that nobody gains anything by an id; and nobody brings themselves.
    """
    own = await own_applicants(by, at)
    if applicant in own:
        raise Refused(403, "not_permitted", "You are this applicant: somebody else brings you.", "A colleague.", field)
    if await at.applicants.introduced_by(applicant, by.actor.id):
        return None
    if (known := await _named_in_a_candidacy(applicant, by, at)) is not None:
        return known
    raise Refused(422, "unknown_reference", f"Nobody knows {applicant}.", "An id the API gave you.", field)


async def where_known(applicant: str, by: Caller, at: Services) -> str | None:
    """The candidacy in which the caller knows an applicant, or the applicant, where it is by their own word alone.

    None where the caller may not know that there is one.
    """
    if applicant in await own_applicants(by, at):
        return None
    if (candidacy := await _named_in_a_candidacy(applicant, by, at)) is not None:
        return candidacy
    return applicant if await at.applicants.introduced_by(applicant, by.actor.id) else None


async def _named_in_a_candidacy(applicant: str, by: Caller, at: Services) -> str | None:
    own = await own_applicants(by, at)
    for view in await at.reads.candidacies(applicant):
        if candidate_sight(view, by, own).may(Permission.CANDIDATE_NAME):
            return view.id
    return None


async def own_candidacies(by: Caller, at: Services) -> frozenset[str]:
    """The candidates that the caller is themselves."""
    return frozenset(await at.reads.candidates_who_are(await own_applicants(by, at)))


async def own_streams(by: Caller, at: Services) -> frozenset[str]:
    """The streams that are about the caller as a candidate."""
    return frozenset(stream_of("candidate", one) for one in await own_candidacies(by, at))


async def tasks_of(by: Caller, at: Services) -> list[ClockView]:
    """What the caller owes, by due time; of their own candidacy nothing, which somebody else is to see to."""
    own = await own_streams(by, at)
    return [clock for clock in await at.reads.clocks_owned_by(by.actor.id) if clock.stream not in own]


def without_letters(tasks: Iterable[TaskView]) -> list[TaskView]:
    """Manual tasks as those see them who see no candidate's documents, nor their ids."""
    return [task.model_copy(update={"document": None}) for task in tasks]


def the_candidate_themselves(id: str, permission: Permission | str) -> Refused:
    """What is answered to a colleague who reads, or decides, about themselves."""
    return Refused(
        403, "not_permitted", "You are this candidate: your own candidacy is not open to you here.",
        "The HR partner, for a copy of what is kept about you.", denied=Denied(Kind.CANDIDATE, id, permission),
    )  # fmt: skip


async def contact_of(seen: SeenCandidate, at: Services) -> ShownContact | None:
    """The candidate's name, with how to reach them for whoever may; None of somebody erased, or for who reads none."""
    if not seen.sight.may(Permission.CANDIDATE_NAME):
        return None
    contact = await at.applicants.contact(seen.view.id, seen.applicant)
    if contact is None:
        return None
    whole = seen.sight.may(Permission.CANDIDATE_CONTACT)
    return ShownContact(**contact.model_dump(exclude={"telephone"})) if whole else ShownContact(name=contact.name)


def draft_permission(job: str, by: Caller) -> Permission:
    """What opens a draft about a candidate, by its job and what it is about: `scorecard:I-1:P-…`."""
    name, *about = job.split(":")
    if draft_job(name).kept_back == "scorecard":
        return Permission.CANDIDATE_OVERVIEW if by.actor.id in about else Permission.CANDIDATE_CARDS
    return Permission.CANDIDATE_VERDICTS


def sees_draft(seen: SeenCandidate, job: str, by: Caller) -> bool:
    """Whether the caller may read a draft about a candidate now."""
    may = seen.sight.may(draft_permission(job, by))
    return may and may_see_draft(judged(seen.view), job, by.actor.id)


def may_open_draft(seen: SeenCandidate, job: str, by: Caller) -> None:
    """Refuses a draft that is not the caller's to read, or not yet: their own verdict or scorecard comes first."""
    permission = draft_permission(job, by)
    if not seen.sight.may(permission):
        if seen.sight._replace(own_card_in=True).may(permission):
            raise Refused(409, "cards_missing", "Your own scorecard comes first.", "Submit your scorecard, then look.")
        raise _not_theirs(seen.view.id, seen.sight, permission)
    if not sees_draft(seen, job, by):
        raise Refused(409, "not_shortlisted", "Your own verdict comes first.", "Shortlist or reject, then look.")


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


def _narrowed(view: CandidateView, sight: Sight, by: Caller) -> CandidateView:
    shown = narrowed(view, "candidate", sight)
    if sight.may(Permission.CANDIDATE_CARDS):
        return shown
    person = by.actor.id
    own = {
        key: interview.but(
            cards={author: card for author, card in view.interviews[key].cards.items() if author == person}
        )
        for key, interview in shown.interviews.items()
    }
    return shown.model_copy(update={"interviews": own})


_ACTS: Mapping[Permission, Act | None] = {
    Permission.CANDIDATE_UPLOAD: None,
    Permission.CANDIDATE_AUDIT: Act.READ_AUDIT,
    Permission.CANDIDATE_EXPORT: None,
}
"""What somebody did who has these on a candidate, where that is not reading about them; None: it is said elsewhere."""


def _not_theirs(id: str, sight: Sight, permission: Permission) -> Refused:
    denied = Denied(Kind.CANDIDATE, id, permission)
    if sight.themselves:
        return the_candidate_themselves(id, permission)
    if sight.restricted and sight._replace(restricted=False).may(permission):
        return Refused(
            403, "not_permitted", "Their data is restricted: they asked to be erased, and the law has it kept a while.",
            "The HR partner, who alone reads it until then.", denied=denied,
        )  # fmt: skip
    return Refused(403, "not_permitted", "This is not your candidate.", "Those who have a part in it.", denied=denied)
