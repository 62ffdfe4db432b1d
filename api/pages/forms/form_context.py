"""What a form is about: who it is, where to go back to, what may be chosen in it and what is known beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from api.access import With
from api.available import available
from api.pages.evidence.candidate_record import draft
from api.pages.evidence.offer_chain import asked_above_band
from api.pages.forms import form_defaults
from api.pages.forms.form_schema import asks_for
from api.pages.forms.letter_fields import free_begun, outcome_begun
from api.pages.forms.speaker_forms import SpeakersAsked, speakers_in
from api.pages.layout.display_names import ERASED, names
from api.pages.layout.fields import Choice, Choices
from api.pages.layout.labels import CHOICES, title
from api.pages.layout.session import PageReader
from api.requisition_templates import offered_templates
from api.unsealing import in_words, opened, versions_of
from api.visibility import SeenCandidate, contact_of, listed, named_in, seen_candidate, seen_requisition, sees_draft
from domain.access.permissions import Permission, Sight
from domain.candidate.contact_details import CorrectContact
from domain.candidate.exits import TellOutcome
from domain.candidate.interviews import ScheduleInterview
from domain.candidate.letters import SendLetter
from domain.candidate.notes import AddNote, readers_of_notes
from domain.candidate.tags import TagCandidate
from domain.core.availability import Availability, Missing
from domain.core.ids import ClockId
from domain.entity.gates import OVERRIDABLE
from domain.entity.speaker_naming import NameSpeakers
from domain.evidence.draft_jobs import DraftJob
from domain.evidence.drafts import Draft
from domain.evidence.rubric import Rubric
from domain.person.working_calendar import DELEGABLE
from domain.registry import COMMANDS
from domain.requisition.offers import ApproveOffer
from store.command_lookups import applicants_of
from store.requisition_templates import KeptTemplate
from store.users import User
from store.views import CandidateView, RequisitionView
from workflows.contract import stream_of

EVERYBODY = 500
"""Candidates a form lets one choose from."""

FIXED = frozenset(
    {
        "version", "hash", "interview_id", "rubric_version", "base_version", "request_id", "draft_id", "signal_id",
        "clock_id", "document",
    }
)  # fmt: skip
"""What a person never types where it is known."""

CURRENCIES = ("USD", "EUR", "GBP", "CHF", "CAD")
OF_CANDIDATES = ("candidate_id", "candidate_ids")
"""Fields that name candidates of the requisition."""

ASKED_WHERE = frozenset({"schedule_intake", "schedule_screen", "schedule_interview", "book_debrief"})
"""Commands that need a place."""

OF_A_RUBRIC = frozenset({"edit_rubric", "amend_rubric"})
ABOUT_A_CLOCK = frozenset({"waive_clock", "extend_clock"})


@dataclass(frozen=True)
class Subject:
    """`documents_of` is whose key an uploaded file is sealed under.

    `drafted` is the draft its form is filled from; `offers` are the values it has for other fields. `missing` is why
    the command would be refused now, whatever it says. `sight` is what its reader may see of it,
    `spoken` is the transcript whose speakers are to be named, `template` what a requisition is begun from.
    """

    entity: str
    id: str
    title: str
    href: str
    choices: Choices
    documents_of: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    view: RequisitionView | CandidateView | None = None
    rubric: Rubric | None = None
    drafted: Draft | None = None
    offers: Mapping[str, Any] = field(default_factory=dict)
    missing: Missing | None = None
    seen: SeenCandidate | None = None
    sight: Sight | None = None
    spoken: SpeakersAsked | None = None
    template: KeptTemplate | None = None

    def taken(self, name: str) -> dict[str, list[str]]:
        """What the draft offers for a field, as if it had been typed; nothing where it offers none."""
        offered = self.offers.get(name, {})
        if isinstance(offered, str):
            return {name: [offered]}
        return {f"{name}.{part}": [str(value)] for part, value in offered.items()}

    @property
    def requisition(self) -> str:
        """The requisition it is, or is part of; nothing where it is neither."""
        return self.view.requisition if isinstance(self.view, CandidateView) else self.view.id if self.view else ""

    @property
    def candidate(self) -> CandidateView:
        """The candidate it is about; only where it is about one."""
        assert isinstance(self.view, CandidateView)
        return self.view

    @property
    def fixed(self) -> frozenset[str]:
        """The fields that are filled in and not shown."""
        known = (name for name in FIXED & self.given.keys() if self.given[name] not in (None, ""))
        return frozenset({"draft_id", "looked_seconds", "calendar.holidays_kept", *known})


async def company(by: PageReader, at: With, template: str = "") -> Subject:
    """The company, in which a requisition is opened: from the `template` of this id, where the reader may use it."""
    offered = {one.id for one in await offered_templates(by.caller, at)}
    begun = await at.requisition_templates.read(template) if template in offered else None
    requisitions = await at.reads.board(person=by.id, limit=EVERYBODY)
    choices = {
        "P": _colleagues(await _everybody(at)),
        "R": [Choice(line.id, line.title) for line in requisitions],
        "?team": [Choice(name, name) for name in await at.reads.team_names()],
        "?currency": [Choice(word, word) for word in CURRENCIES],
    }
    given = {"recruiter": by.id, "openings": 1} | (form_defaults.opened_from(begun.content) if begun else {})
    return Subject("requisition", "", "Requisitions", "/board", choices, given=given, template=begun)


async def of_oneself(command: str, by: PageReader, at: With) -> Subject:
    """The reader themselves, as a command needs to know them."""
    found = await at.reads.person(by.id)
    given: dict[str, Any] = found.preferences.model_dump(mode="json") if found else {}
    if found:
        delegate = found.delegate.model_dump(mode="json") if found.delegate else None
        given |= {"calendar": found.calendar.model_dump(mode="json"), "delegate": delegate}
    asked = asks_for(COMMANDS["person"][command])
    everybody = await _everybody(at) if asked & {"P", "?zone"} else []
    choices = {
        "P": _colleagues(person for person in everybody if person.id != by.id),
        "powers": [Choice(name, title(name)) for name in sorted(DELEGABLE)],
        "?zone": _zones(everybody),
    }
    return Subject("person", "me", by.person.name, "/me", choices, given=given)


async def of_requisition(id: str, command: str, by: PageReader, at: With, clock: str = "", about: str = "") -> Subject:
    """A requisition, as a command to it needs to know it: for the promise `clock`, or `about` somebody or something.

    Refuses who has no part in it.
    """
    seen = await seen_requisition(id, by.caller, at, Permission.REQUISITION_TIMELINE)
    view = await in_words(seen.view, at)
    asked = asks_for(COMMANDS["requisition"][command])
    rubrics = await versions_of(id, at)
    said = (await available(stream_of("requisition", id), by.caller, at)).get(command)
    lines = await listed(seen, by.caller, at, limit=EVERYBODY) if asked & {"C", "subject"} else []
    if said is not None and said.options and said.field in OF_CANDIDATES:
        lines = [line for line in lines if line.id in said.choices]
    about_whom = {line.id for line in lines} | (set(view.offers) if "offer_id" in asked else set())
    applicants = await applicants_of(at.pool, about_whom)
    called = await names(at, candidates=(await named_in(seen, applicants.items(), by.caller, at)).items())
    meant = about or _about(clock)
    choices: dict[str, list[Choice]] = {
        "P": _colleagues(await _everybody(at)) if "P" in asked else [],
        "C": [Choice(line.id, f"{called(line.id)}, {line.stage.replace('_', ' ')}") for line in lines],
        "change_id": [Choice(key, str(change.text)) for key, change in view.inherited.items()],
        "offer_id": [Choice(one.id, f"{called(candidate)}: {one.status}") for candidate, one in view.offers.items()],
        "task_id": await _tasks(at, id) if "task_id" in asked else [],
        "gate": _gates("requisition"),
        "subject": [Choice(id, view.title), *(Choice(line.id, called(line.id)) for line in lines)],
        "clock_id": await _clocks(at, stream_of("requisition", id)) if "clock_id" in asked else [],
        "?currency": [Choice(word, word) for word in CURRENCIES],
        **_judged_by(rubrics[0].rubric if rubrics else None),
    }
    given = form_defaults.of_requisition(command, view, rubrics, datetime.now(UTC))
    given |= form_defaults.chosen(said, clock if command in ABOUT_A_CLOCK else meant, at.policy.current().slate_size)
    if command in ASKED_WHERE:
        given |= await _where(view, stream_of("requisition", id), at)
    if command == ApproveOffer.name and seen.sight.may(Permission.REQUISITION_PAY):
        given |= form_defaults.ceiling(await asked_above_band(id, str(given.get("candidate_id", "")), at))
    choices |= _open(said, choices)
    spoken = None
    if command == NameSpeakers.name:
        calls = {held.document: "the intake call" for held in view.intakes if held.transcript}
        choices["D"] = [Choice(document, words) for document, words in calls.items()]
        spoken = await speakers_in(about, calls, id, by, at)
        given |= spoken.given if spoken else {}
        choices["who"] = list(spoken.people) if spoken else []
    reads_drafts = command in OF_A_RUBRIC and seen.sight.may(Permission.REQUISITION_DRAFTS)
    drafted = await draft(view.drafts.get(DraftJob.RUBRIC), by, at) if reads_drafts else None
    offers = form_defaults.of_the_intake(drafted) if drafted else {}
    begun = None
    if command == "edit_rubric" and not rubrics:
        begun = await at.requisition_templates.begun_from(id)
        proposed = form_defaults.rubric_from(begun.content) if begun else {}
        given |= form_defaults.new_rubric(drafted) | proposed | offers
    return Subject(
        "requisition", id, view.title, f"/requisitions/{id}", choices, documents_of=id, view=view, given=given,
        rubric=rubrics[0].rubric if rubrics else None, drafted=drafted, offers=offers,
        missing=said.missing if said else None, sight=seen.sight, spoken=spoken, template=begun,
    )  # fmt: skip


async def of_candidate(id: str, command: str, by: PageReader, at: With, clock: str = "", about: str = "") -> Subject:
    """A candidate, as a command to them needs to know them: for the promise `clock`, or `about` something of theirs.

    Refuses who has no part in it.
    """
    seen = await seen_candidate(id, by.caller, at)
    view = seen.view
    asked = asks_for(COMMANDS["candidate"][command])
    rubrics = [version for version in await versions_of(view.requisition, at) if version.status == "locked"]
    rubric = rubrics[0].rubric if rubrics else None
    called = await names(at, candidates=[(id, seen.applicant)] if seen.sight.may(Permission.CANDIDATE_NAME) else [])
    requisitions = await at.reads.board(person=by.id, standing="open", limit=EVERYBODY) if "R" in asked else []
    documents = {one.transcript: f"the call of round {one.round}" for one in view.interviews.values() if one.transcript}
    if view.screen and view.screen.record:
        documents[view.screen.record] = "the screen"
    if view.resume:
        documents[view.resume.id] = "the résumé"
    everybody = await _everybody(at) if asked & {"P", "?candidate_zone"} else []
    choices: dict[str, list[Choice]] = {
        "P": _colleagues(everybody),
        "R": [Choice(line.id, line.title) for line in requisitions if line.id != view.requisition],
        "D": [Choice(document, words) for document, words in documents.items() if document],
        **dict.fromkeys(("interview_id", "interview"), _interviews(view)),
        "request_id": [Choice(key, request.kind.replace("_", " ")) for key, request in view.requests.items()],
        "task_id": await _tasks(at, view.requisition) if "task_id" in asked else [],
        "gate": _gates("candidate"),
        "subject": [Choice(id, called(id)), *_colleagues(everybody)] if "subject" in asked else [],
        "clock_id": await _clocks(at, stream_of("candidate", id)) if "clock_id" in asked else [],
        "?candidate_zone": _zones(everybody),
        "?currency": [Choice(word, word) for word in CURRENCIES],
        **_judged_by(rubric),
    }
    meant = about or _about(clock)
    said = (await available(stream_of("candidate", id), by.caller, at)).get(command)
    mine = [one.id for one in view.interviews.values() if one.assignment(by.id)]
    chosen = form_defaults.chosen(said, clock if command in ABOUT_A_CLOCK else meant.partition(":")[0], mine=mine)
    given = chosen | form_defaults.of_candidate(
        command, view, rubric, str(chosen.get("interview_id", "")), datetime.now(UTC)
    )
    if command in ASKED_WHERE:
        given |= await _where(view, stream_of("candidate", id), at)
    if command == ScheduleInterview.name and "round" in given:
        held = await at.reads.round_held_by(view.requisition, int(given["round"]))
        there = await at.people.several(one.person for one in held)
        working = [one for one in held if one.person in there and there[one.person].active and not one.shadow]
        given |= form_defaults.held_as_before(given, working, rubric)
    choices |= _open(said, choices)
    spoken = None
    if command == NameSpeakers.name:
        calls = {one.transcript: f"the call of round {one.round}" for one in view.interviews.values() if one.transcript}
        if view.screen and view.screen.record and view.screen.kind == "transcript":
            calls = {view.screen.record: "the screen"} | calls
        choices["D"] = [Choice(document, words) for document, words in calls.items()]
        spoken = await speakers_in(about, calls, id, by, at)
        given |= spoken.given if spoken else {}
        choices["who"] = list(spoken.people) if spoken else []
    if command == CorrectContact.name:
        given |= form_defaults.contact(await contact_of(seen, at))
    if command == TellOutcome.name and seen.sight.may(Permission.CANDIDATE_CONTACT):
        given |= await outcome_begun(view, by, at)
    if command == SendLetter.name and seen.sight.may(Permission.CANDIDATE_CONTACT):
        given |= await free_begun(about, view, by, at)
    if command == AddNote.name:
        readers = readers_of_notes(view.team, view.interviews.values()) - {by.id}
        choices["P"] = _colleagues((await at.people.several(readers)).values())
    if command == TagCandidate.name:
        tags = await opened(view.tags, stream_of("candidate", id), at)
        choices["off"] = [Choice(tag, tag) for tag in tags.values()]
    drafted = None
    if rubric is not None and command == "submit_scorecard":
        interview = form_defaults.card_of(view, meant, by.id)
        own = view.drafts.get(f"scorecard:{interview.id}:{by.id}") if interview else None
        drafted = await draft(own.id if own else None, by, at)
        given |= form_defaults.card(interview, rubric.version, by.id, drafted) if interview else {}
    if rubric is not None and command == "confirm_summary":
        kept = (
            view.drafts.get(DraftJob.CANDIDATE_SUMMARY)
            if sees_draft(seen, DraftJob.CANDIDATE_SUMMARY, by.caller)
            else None
        )
        current = kept if kept and kept.rubric_version == rubric.version else None
        drafted = await draft(current.id if current else None, by, at)
        given |= form_defaults.summary(view, rubric, drafted)
    name = called(id) if called(id) != ERASED else "Erased"
    return Subject(
        "candidate", id, name, f"/candidates/{id}", choices, documents_of=id, view=view, given=given, rubric=rubric,
        drafted=drafted, missing=said.missing if said else None, seen=seen, sight=seen.sight,
        spoken=spoken,
    )  # fmt: skip


async def _where(view: CandidateView | RequisitionView, stream: str, at: With) -> dict[str, Any]:
    """Where they met before, for the next meeting; a candidate's first is where the intake was."""
    place = form_defaults.place_before(view)
    if place is None and isinstance(view, CandidateView):
        requisition = await at.reads.requisition(view.requisition)
        return await _where(requisition, stream_of("requisition", requisition.id), at) if requisition else {}
    return {"where": await opened(place, stream, at)} if place is not None else {}


def _open(said: Availability | None, choices: Mapping[str, Sequence[Choice]]) -> dict[str, list[Choice]]:
    """Of the things a command is about only those it would be taken for now; all where nothing is said of it."""
    if said is None or said.field is None or not said.options:
        return {}
    key = "C" if said.field in OF_CANDIDATES else said.field
    called = {choice.value: choice.words for choice in choices.get(key, ())}
    return {key: [Choice(id, called.get(id) or CHOICES.get(id, id.replace("_", " "))) for id in said.choices]}


def _interviews(view: CandidateView) -> list[Choice]:
    return [Choice(one.id, f"round {one.round}, {one.kind.replace('_', ' ')}") for one in view.interviews.values()]


def _gates(entity: str) -> list[Choice]:
    """The gates that may be opened there, in plain words."""
    return [Choice(key, gate.words) for key, gate in OVERRIDABLE.items() if gate.entity in (entity, "")]


def _judged_by(rubric: Rubric | None) -> dict[str, list[Choice]]:
    if rubric is None:
        return {}
    ranked = sorted(rubric.criteria, key=lambda criterion: criterion.rank)
    return {
        "K": [Choice(criterion.id, criterion.behaviour) for criterion in ranked],
        "Q": [Choice(requirement.id, requirement.text) for requirement in rubric.requirements],
    }


def _about(clock: str) -> str:
    """What a clock is about, from its id: entity, name, about, number."""
    known = ClockId.parse(clock)
    return known.about if known else ""


async def _everybody(at: With) -> list[User]:
    return [person for person in await at.people.everybody() if person.active]


def _colleagues(people: Iterable[User]) -> list[Choice]:
    return [Choice(person.id, person.name) for person in sorted(people, key=lambda one: one.name)]


def _zones(people: Sequence[User]) -> list[Choice]:
    return [Choice(zone, zone.replace("_", " ")) for zone in sorted({person.zone for person in people})]


async def _tasks(at: With, requisition: str) -> list[Choice]:
    return [Choice(task.id, f"{task.kind}: {task.reason}") for task in await at.reads.tasks(requisition)]


async def _clocks(at: With, stream: str) -> list[Choice]:
    running = await at.reads.clocks(stream=stream, ended=False)
    return [Choice(clock.id, clock.name.replace("_", " ")) for clock in running]
