"""Saved views of one's own: what a list is asked for under a name, its order, grouping and columns.

A view keeps what its list knows how to be asked for, and no address. Words that are searched for are none of it: they
may be somebody's name, and would outlast them. Of a tag it keeps a keyed hash, by which the tag is found while somebody
has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Path
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from api.access import AsCaller, Caller, With, needs
from api.payload_limits import bounds
from api.pipeline_stages import COLUMNS, OUT
from api.problems import RESPONSES, Refused
from api.services import Services
from api.sessions import user_of
from domain.access.permissions import Permission
from domain.core.names import one_line
from domain.entity.entity_facts import STAGES
from domain.requisition import Phase
from domain.requisition.roster import CandidateSource
from store.applicant_list import ApplicantSort
from store.queries import BoardSort
from store.saved_views import MOST, SavedView, TooManyViews, ViewNameTaken

routes = APIRouter(prefix="/v1", tags=["reads"], responses=RESPONSES)

ListName = Literal["board", "pipeline", "applicants"]
"""The lists of which there are views. Those of the pipeline are of every requisition's."""

BoardGroup = Literal["phase", "team", "recruiter", "manager", "nothing"]
"""What the lines of the board stand together by."""

PipelineSort = Literal["stage", "name", "since", "due"]
"""The furthest first, by name, the longest there first, or what is due first."""

TAG = re.compile(r"[0-9a-f]{16}")
"""A tag as an address says it: see `api.tags.tag_hash`."""


@dataclass(frozen=True)
class KnownList:
    """A list: what it may be asked for, with what fits each; what it is asked for where nothing is said; and its
    columns that may be left out, in their order."""

    asks: Mapping[str, Callable[[str], bool]]
    usual: Mapping[str, str]
    columns: Mapping[str, str]

    def said(self, asks: Mapping[str, str]) -> dict[str, str]:
        """Of `asks` what the list knows, and what is not as usual."""
        known = {name: value for name, value in asks.items() if name in self.asks and self.asks[name](value)}
        return {name: value for name, value in known.items() if self.usual.get(name) != value}


def _one_of(*values: str) -> Callable[[str], bool]:
    return frozenset(values).__contains__


def _like(pattern: str | re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


def _a_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


_SOURCES = get_args(CandidateSource)

LISTS: Mapping[ListName, KnownList] = {
    "board": KnownList(
        {
            "person": _like(r"P-[0-9A-Z]{6,26}"),
            "team": bool,
            "phase": _one_of(*Phase),
            "breached": _one_of("true"),
            "stuck": _one_of("true"),
            "late": _one_of("true"),
            "closed": _one_of("true"),
            "by": _one_of(*get_args(BoardGroup)),
            "sort": _one_of(*get_args(BoardSort)),
        },
        {"by": "phase", "sort": "first"},
        {
            "people": "Team and people",
            "phase": "Phase",
            "candidates": "Candidates by stage",
            "openings": "Openings",
            "move": "Whose move it is",
        },
    ),
    "pipeline": KnownList(
        {
            "view": _one_of("board", "table"),
            "stage": _one_of(*(one.words for one in (*COLUMNS, OUT))),
            "waiting": _one_of("me", "late"),
            "source": _one_of(*_SOURCES),
            "tag": _like(TAG),
            "sort": _one_of(*get_args(PipelineSort)),
        },
        {"view": "board", "sort": "stage"},
        {"tags": "Tags", "stage": "Stage", "for": "For how long", "came": "How they came", "waiting": "Waiting for"},
    ),
    "applicants": KnownList(
        {
            "requisition": _like(r"R-[0-9A-Z]{6,26}"),
            "stage": _one_of(*STAGES),
            "source": _one_of(*_SOURCES),
            "running": _one_of("yes", "no"),
            "tag": _like(TAG),
            "until": _a_day,
            "sort": _one_of(*get_args(ApplicantSort)),
        },
        {"sort": "moved"},
        {
            "tags": "Tags",
            "stage": "Stage",
            "came": "How they came",
            "told": "What they were told",
            "kept": "Kept until",
        },
    ),
}

ViewId = Annotated[str, Path(pattern=r"^V-[A-Z2-7]{16}$")]

ViewName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(one_line)
]


class ChangedView(BaseModel):
    """What a view is called, and whether its list begins with it."""

    name: ViewName
    opens_first: bool = False


class NewView(BaseModel):
    """What a list is asked for, as its address says it, and the columns it shows; the others it leaves out."""

    page: ListName
    name: ViewName
    asks: dict[
        Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")], Annotated[str, StringConstraints(max_length=120)]
    ] = Field(default_factory=dict, max_length=20)
    columns: list[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")]] = Field(
        default_factory=list, max_length=20
    )


@routes.get("/me/views", operation_id="own_views")
@needs(Permission.OWN_READ)
async def own_views(by: AsCaller, at: With) -> list[SavedView]:
    """Your saved views of the board, the pipelines and the applicants."""
    return await at.saved_views.of(user_of(by))


@routes.post("/me/views", operation_id="save_own_view", status_code=201)
@needs(Permission.OWN_READ)
async def save_own_view(body: Annotated[NewView, bounds(NewView)], by: AsCaller, at: With) -> SavedView:
    """Save a view, in place of yours of this name."""
    return await save_view(body, by, at)


@routes.put("/me/views/{view}", operation_id="change_own_view")
@needs(Permission.OWN_READ)
async def change_own_view(
    view: ViewId, body: Annotated[ChangedView, bounds(ChangedView)], by: AsCaller, at: With
) -> SavedView:
    """Call a view of yours otherwise, or have its list begin with it."""
    return await change_view(view, body, by, at)


@routes.delete("/me/views/{view}", operation_id="remove_own_view", status_code=204)
@needs(Permission.OWN_READ)
async def remove_own_view(view: ViewId, by: AsCaller, at: With) -> None:
    """Forget a view of yours."""
    await remove_view(view, by, at)


async def save_view(wanted: NewView, by: Caller, at: Services) -> SavedView:
    """The same, for whoever saves it. Raises Refused for what its list does not know."""
    known = LISTS[wanted.page]
    for name, value in wanted.asks.items():
        fits = known.asks.get(name)
        if fits is None or not fits(value):
            raise _unknown(f"asks.{name}", "The list cannot be asked for this.")
    if "team" in wanted.asks and wanted.asks["team"] not in await at.reads.team_names():
        raise _unknown("asks.team", "There is no such team.")
    if not set(wanted.columns) <= known.columns.keys():
        raise _unknown("columns", "The list has no such column.")
    columns = [name for name in known.columns if name in wanted.columns]
    try:
        return await at.saved_views.save(user_of(by), wanted.page, wanted.name, known.said(wanted.asks), columns)
    except TooManyViews:
        raise Refused(
            409, "no_room", f"You have {MOST} views of this list.", "One fewer: remove one that you no longer use."
        ) from None


async def change_view(view: str, wanted: ChangedView, by: Caller, at: Services) -> SavedView:
    """The same, for whoever changes it. Raises Refused where they have no such view, or another one of this name."""
    try:
        changed = await at.saved_views.change(user_of(by), view, wanted.name, wanted.opens_first)
    except ViewNameTaken:
        raise Refused(
            409, "name_taken", "Another view of yours has this name.", "A name that you have not given yet.", "name"
        ) from None
    if changed is None:
        raise _none()
    return changed


async def remove_view(view: str, by: Caller, at: Services) -> None:
    """The same, for whoever removes it. Raises Refused where they have no such view."""
    if not await at.saved_views.remove(user_of(by), view):
        raise _none()


def _unknown(field: str, sentence: str) -> Refused:
    return Refused(422, "invalid", sentence, "What the page of the list offers.", field)


def _none() -> Refused:
    return Refused(404, "not_found", "You have no such view.", "One of those that are listed.")
