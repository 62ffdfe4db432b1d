"""What a form is about: who it is, where to go back to, what may be chosen in it and what is known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.access import With
from api.pages.forms import Choice, Choices
from api.pages.names import ERASED, names
from api.pages.session import Reader
from api.pages.steps import known_of_candidate, known_of_search
from api.pages.told import draft
from api.reading import readable_candidate, readable_requisition
from domain.clockwork import OVERRIDABLE
from domain.drafts import Passage
from domain.person import DELEGABLE
from domain.rubric import Rubric
from store.people import People
from store.reads import Reads
from store.views import CandidateView, RequisitionView, RubricVersion
from workflows.contract import stream_of

DRAFTED = 2
"""Passages of a draft that are put under a criterion of a card; the others are a link away."""

EVERYBODY = 500
"""Candidates a form lets one choose from."""

FIXED = frozenset(
    {"version", "hash", "interview_id", "rubric_version", "base_version", "request_id", "draft_id", "signal_id"}
)
"""What a person never types where it is known."""


@dataclass(frozen=True)
class Subject:
    """`documents_of` is whose key an uploaded file is sealed under."""

    entity: str
    id: str
    title: str
    href: str
    choices: Choices
    documents_of: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    view: RequisitionView | CandidateView | None = None
    rubric: Rubric | None = None

    @property
    def fixed(self) -> frozenset[str]:
        """The fields that are filled in and not shown."""
        return FIXED & self.given.keys()


async def company(by: Reader, at: With) -> Subject:
    """The company, in which a search is opened."""
    searches = await Reads(at.pool).board(person=by.id, limit=EVERYBODY)
    choices = {"P": await _colleagues(at), "R": [Choice(line.id, line.title) for line in searches]}
    return Subject("requisition", "", "Searches", "/board", choices, given={"recruiter": by.id})


async def of_oneself(by: Reader, at: With) -> Subject:
    """The reader themselves."""
    known = await Reads(at.pool).person(by.id)
    given: dict[str, Any] = known.preferences.model_dump(mode="json") if known else {}
    if known:
        given |= {"calendar": known.calendar.model_dump(mode="json")}
    choices = {
        "P": await _colleagues(at),
        "powers": [Choice(name, name.replace("_", " ")) for name in sorted(DELEGABLE)],
    }
    return Subject("person", "me", by.person.name, "/me", choices, given=given)


async def of_search(id: str, command: str, by: Reader, at: With, clock: str = "") -> Subject:
    """A search, as a command to it needs to know it. Refuses who has no part in it."""
    view = await readable_requisition(id, by.caller, at)
    reads = Reads(at.pool)
    rubrics = await reads.rubric(id)
    lines = await reads.candidates(requisition=id, limit=EVERYBODY)
    known = await names(at, candidates=((line.id, line.human) for line in lines))
    choices: dict[str, list[Choice]] = {
        "P": await _colleagues(at),
        "C": [Choice(line.id, f"{known(line.id)}, {line.stage.replace('_', ' ')}") for line in lines],
        "change_id": [Choice(key, change.text) for key, change in view.inherited.items()],
        "offer_id": [Choice(one.id, f"{known(candidate)}: {one.status}") for candidate, one in view.offers.items()],
        "task_id": await _tasks(at, id),
        "gate": [Choice(gate, gate.replace("_", " ")) for gate in sorted(OVERRIDABLE)],
        "clock_id": await _clocks(at, stream_of("requisition", id)),
        **_judged_by(rubrics),
    }
    return Subject(
        "requisition", id, view.title, f"/requisitions/{id}", choices, documents_of=id, view=view,
        given=known_of_search(command, view, rubrics, _about(clock)), rubric=rubrics[0].rubric if rubrics else None,
    )  # fmt: skip


async def of_candidate(id: str, command: str, by: Reader, at: With, clock: str = "") -> Subject:
    """A candidate, as a command to them needs to know them. Refuses who has no part in it."""
    view, _ = await readable_candidate(id, by.caller, at)
    reads = Reads(at.pool)
    rubrics = [version for version in await reads.rubric(view.requisition) if version.status == "locked"]
    known = await names(at, candidates=[(id, view.human)])
    searches = await reads.board(person=by.id, standing="open", limit=EVERYBODY)
    documents = {one.transcript: f"the call of {one.id}" for one in view.interviews.values() if one.transcript}
    if view.screen and view.screen.record:
        documents[view.screen.record] = "the screen"
    if view.resume:
        documents[view.resume.id] = "the résumé"
    choices: dict[str, list[Choice]] = {
        "P": await _colleagues(at),
        "R": [Choice(line.id, line.title) for line in searches if line.id != view.requisition],
        "D": [Choice(document, words) for document, words in documents.items() if document],
        **dict.fromkeys(("interview_id", "interview"), _interviews(view)),
        "request_id": [Choice(key, request.kind.replace("_", " ")) for key, request in view.requests.items()],
        "task_id": await _tasks(at, view.requisition),
        "gate": [Choice(gate, gate.replace("_", " ")) for gate in sorted(OVERRIDABLE)],
        "clock_id": await _clocks(at, stream_of("candidate", id)),
        **_judged_by(rubrics),
    }
    given = known_of_candidate(command, view, _about(clock), by.id)
    if rubrics and command == "submit_scorecard":
        given |= await _card(view, rubrics[0], _about(clock), by.id, at)
    title = known(id) if known(id) != ERASED else "Erased"
    return Subject(
        "candidate", id, title, f"/candidates/{id}", choices, documents_of=id, view=view, given=given,
        rubric=rubrics[0].rubric if rubrics else None,
    )  # fmt: skip


async def _card(view: CandidateView, rubric: RubricVersion, about: str, person: str, at: With) -> dict[str, Any]:
    """A card with a line for each criterion that is this person's to find out, and the draft's evidence under it."""
    owing = [one for one in view.interviews.values() if person in one.owing]
    meant = next((one for one in owing if one.id == about.partition(":")[0]), next(iter(owing), None))
    if meant is None:
        return {}
    assignment = meant.assignment(person)
    known = view.drafts.get(f"scorecard:{meant.id}:{person}")
    drafted = await draft(known.id if known else None, at)
    found = {topic.topic: topic.passages for topic in drafted.topics} if drafted else {}
    ratings = [
        {"criterion": criterion, "evidence": [*map(_quoted, found.get(criterion, ())[:DRAFTED]), {}]}
        for criterion in (assignment.criteria if assignment else ())
    ]
    return {"interview_id": meant.id, "rubric_version": rubric.version, "ratings": ratings}


def _quoted(passage: Passage) -> dict[str, Any]:
    return {"quote": {"document": passage.span.document, "words": passage.words}}


def _interviews(view: CandidateView) -> list[Choice]:
    return [Choice(one.id, f"round {one.round}, {one.kind.replace('_', ' ')}") for one in view.interviews.values()]


def _judged_by(rubrics: list[RubricVersion]) -> dict[str, list[Choice]]:
    if not rubrics:
        return {}
    rubric = rubrics[0].rubric
    ranked = sorted(rubric.criteria, key=lambda criterion: criterion.rank)
    return {
        "K": [Choice(criterion.id, criterion.behaviour) for criterion in ranked],
        "Q": [Choice(requirement.id, requirement.text) for requirement in rubric.requirements],
    }


def _about(clock: str) -> str:
    """What a clock is about, from its id: entity, name, about, number."""
    return ":".join(clock.split(":")[2:-1])


async def _colleagues(at: With) -> list[Choice]:
    return [Choice(person.id, person.name) for person in await People(at.pool).everybody() if person.active]


async def _tasks(at: With, requisition: str) -> list[Choice]:
    return [Choice(task.id, f"{task.kind}: {task.reason}") for task in await Reads(at.pool).tasks(requisition)]


async def _clocks(at: With, stream: str) -> list[Choice]:
    running = await Reads(at.pool).clocks(stream=stream, ended=False)
    return [Choice(clock.id, clock.name.replace("_", " ")) for clock in running]
