"""Opening a requisition, and what the last retro leaves on its agenda."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from domain.access.team import Team
from domain.core.decider import Chapter
from domain.core.ids import PersonId, Reference, RequisitionId, mentioned
from domain.core.lookups import LastRetro, Lookup, OwnId, PolicyInForce
from domain.core.messages import Command, Effect, Event, Record, refuse
from domain.core.money import Band
from domain.core.names import Name
from domain.core.personal_text import Reason, Words, as_text
from domain.core.plain_words import Plain
from domain.entity.call import Call
from domain.entity.clock_commands import CalendarsLearned, PolicyAdopted
from domain.entity.effects import Draft
from domain.evidence.draft_jobs import DraftJob
from domain.evidence.retro_changes import InheritedChange
from domain.requisition.state import Inherited, Requisition
from domain.time.calendars import Calendar

Place = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"), Plain("a country or state by its code")
]

chapter: Chapter[Requisition] = Chapter()


class Open(
    Command,
    who="R L",
    refuses="no_calendar* bad_band* bad_openings* second_signer_needed*",
    heading="Open a requisition",
    button="Open the requisition",
    begins="itself",
):
    """Open a requisition: what for, for whom, with whom, and what it may pay."""

    title: Name = Field(title="What the job is called")
    team: Name = Field(title="The team that hires")
    hiring_manager: PersonId
    recruiter: PersonId
    hr_partner: PersonId = Field(title="HR partner")
    recruiting_lead: PersonId
    manager_lead: PersonId = Field(title="Lead of the hiring manager")
    second_signer: PersonId | None = Field(
        default=None, description="Who signs second where recruiter and hiring manager are one person."
    )
    band: Band = Field(title="What it may pay")
    place: Name
    jurisdiction: Place = Field(
        title="Whose law holds", description="A country, or a state of one, by its code: DE, US-NY."
    )
    openings: int | None = Field(
        default=None, title="How many to hire", description="Leave out if it goes on without a last hire."
    )
    evergreen: bool = Field(default=False, title="There is no last hire: it goes on (evergreen)")
    target_date: date | None = Field(default=None, title="Hired by")
    visibility: Literal["open", "confidential"] = "open"
    alias: Name | None = Field(
        default=None,
        title="What the advertisement calls the employer",
        description="What a confidential requisition calls the employer.",
    )
    copied_from: RequisitionId | None = Field(
        default=None, title="A copy of", description="A copy asks at the intake only what changed."
    )

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        return PolicyInForce(), OwnId(), LastRetro(self.hiring_manager, self.team)


class ResolveInheritedChange(
    Command, who="R H", refuses="locked", heading="What the last retro said to change", button="Adopt or decline"
):
    """Adopt a change that the last retro asked for, or decline it and say why."""

    change_id: Reference = Field(title="What was to change")
    adopt: bool = Field(title="Adopt it?")
    why: Reason | None = Field(default=None, title="If not: why")


class SearchOpened(Event, heading="requisition opened"):
    """A requisition began."""

    requisition: RequisitionId
    title: str
    team_name: str
    team: Team
    band: Band
    place: str
    jurisdiction: str
    openings: int | None
    target_date: date | None
    confidential: bool
    alias: str | None
    copied_from: RequisitionId | None
    inherited: tuple[InheritedChange, ...]


class InheritedChangeResolved(Event):
    """A change that an earlier retro asked for was adopted, or declined with a reason."""

    change_id: str
    adopted: bool
    why: Words | None


def calendars_needed(people: set[str], call: Call, code: str, field: str | None = None) -> dict[str, Calendar]:
    """The calendars of `people` as looked up; refuses with `code` if one is missing."""
    if missing := people - call.facts.calendars.keys():
        refuse(
            code,
            f"No working calendar is known for {', '.join(sorted(missing))}.",
            "People whose calendar an administrator has set.",
            field,
        )
    return {person: call.facts.calendars[person] for person in sorted(people)}


@chapter.gate(Open)
def not_open_yet(state: Requisition, call: Call) -> None:
    if state.team is not None:
        refuse("already_done", "This requisition is open.", "A command that it takes.")


@chapter.decides(Open)
def open_requisition(state: Requisition, asked: Open, call: Call) -> Iterator[Event]:
    assert call.facts.new_id is not None, "whoever opens a search brings its id"
    assert call.facts.policy is not None, "whoever opens a search brings its policy"
    calendars = calendars_needed(mentioned(asked, "P-"), call, "no_calendar")
    if asked.band.minimum > asked.band.maximum:
        refuse("bad_band", "The band ends below its beginning.", "A minimum up to the maximum.", "band")
    if asked.evergreen == (asked.openings is not None) or (asked.openings is not None and asked.openings < 1):
        refuse(
            "bad_openings", "Say how many to hire, or that the requisition is evergreen.", "One of the two.", "openings"
        )
    both = asked.recruiter == asked.hiring_manager
    if both and asked.second_signer in (None, asked.recruiter):
        refuse(
            "second_signer_needed",
            "Recruiter and hiring manager are one person, and a rubric needs two names.",
            "Somebody else as second signer.",
            "second_signer",
        )
    if asked.target_date is not None and asked.target_date < call.now.date():
        refuse("bad_time", "The target date is past.", "A date to come.", "target_date")
    yield PolicyAdopted(policy=call.facts.policy)
    yield CalendarsLearned(calendars=calendars)
    yield SearchOpened(
        requisition=call.facts.new_id,
        title=asked.title,
        team_name=asked.team,
        team=Team(
            recruiter=asked.recruiter,
            hiring_manager=asked.hiring_manager,
            hr_partner=asked.hr_partner,
            recruiting_lead=asked.recruiting_lead,
            manager_lead=asked.manager_lead,
            second_signer=asked.second_signer,
        ),
        band=asked.band,
        place=asked.place,
        jurisdiction=asked.jurisdiction,
        openings=asked.openings,
        target_date=asked.target_date,
        confidential=asked.visibility == "confidential",
        alias=asked.alias,
        copied_from=asked.copied_from,
        inherited=call.facts.inherited,
    )


@chapter.evolves(SearchOpened)
def search_opened(state: Requisition, event: SearchOpened, record: Record) -> Requisition:
    return state.but(
        id=event.requisition,
        title=event.title,
        team_name=event.team_name,
        team=event.team,
        band=event.band,
        place=event.place,
        jurisdiction=event.jurisdiction,
        openings=event.openings,
        target_date=event.target_date,
        confidential=event.confidential,
        alias=event.alias,
        copied_from=event.copied_from,
        inherited={
            change.id: Inherited(text=change.text, requisition=change.requisition) for change in event.inherited
        },
    )


@chapter.reacts(SearchOpened)
def prepare_the_manager(state: Requisition, event: SearchOpened, record: Record) -> Iterator[Effect]:
    yield Draft(
        job=DraftJob.INTAKE_BRIEF,
        inputs=(),
        about={
            "title": event.title,
            "team": event.team_name,
            "hiring_manager": event.team.hiring_manager,
            "recruiter": event.team.recruiter,
            "inherited_changes": [as_text(change.text) for change in event.inherited],
        },
        day=state.day,
    )


@chapter.gate_of(ResolveInheritedChange, "change_id", among=lambda state: state.inherited)
def change_is_open(state: Requisition, call: Call, change_id: str) -> None:
    change = state.inherited.get(change_id)
    if change is None:
        refuse("unknown_reference", "No such change was inherited.", "One of the changes on the agenda.", "change_id")
    if state.locked is not None:
        refuse(
            "locked", "The rubric is locked; what was inherited was resolved before.", "The next requisition's agenda."
        )
    if change.resolution != "open":
        refuse("already_done", f"This change was {change.resolution}.", "One that is still open.", "change_id")


@chapter.next_of(ResolveInheritedChange)
def once_the_intake_was_held(state: Requisition, call: Call, change_id: str) -> bool:
    return bool(state.intakes)


@chapter.decides(ResolveInheritedChange)
def resolve_inherited_change(state: Requisition, asked: ResolveInheritedChange, call: Call) -> Iterator[Event]:
    if not asked.adopt and asked.why is None:
        refuse("invalid", "A change is declined with a reason.", "The reason.", "why")
    yield InheritedChangeResolved(change_id=asked.change_id, adopted=asked.adopt, why=asked.why)


@chapter.evolves(InheritedChangeResolved)
def inherited_change_resolved(state: Requisition, event: InheritedChangeResolved, record: Record) -> Requisition:
    change = state.inherited[event.change_id].but(resolution="adopted" if event.adopted else "declined")
    return state.but(inherited=state.inherited | {event.change_id: change})
