"""Operations: what is stuck, overdue, pending or waits for a user, over all requisitions, and the local mailbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup

from api.access import With, needs
from api.mailbox import Number, mailbox, mailbox_message
from api.ops import ops_board
from api.pages.forms.command_forms import ENTITIES, shown, take
from api.pages.forms.form_context import Subject
from api.pages.layout.display_names import names
from api.pages.layout.session import AsReader, PageReader, from_here
from api.pages.layout.templating import page
from api.pages.reports.amounts import counted, week_of
from api.pages.reports.charts import Bar, bars, counting, drawn
from api.problems import Refused
from api.relations import in_office
from domain.access.permissions import Permission
from domain.core.ids import CandidateId, RequisitionId
from domain.registry import COMMANDS
from store.ops_views import BreachWeek
from workflows.contract import entity_of, stream_of

routes = APIRouter()

WEEKS = 13
LETTERS = 20
"""Messages of the mailbox on the page, the latest."""


@routes.get("/ops")
@needs(Permission.OPERATIONS_READ)
async def ops(request: Request, by: AsReader, at: With) -> Response:
    """The page. It shows nothing of candidates but where they are."""
    board = await ops_board(by.caller, at)
    now = datetime.now(UTC)
    weeks = await at.ops_reads.breach_weeks(now - timedelta(weeks=WEEKS), now)
    local = at.settings.embeds_mailbox
    words = {
        "board": board,
        "weeks": _weeks(weeks),
        "letters": await mailbox(by.caller, at, limit=LETTERS) if local else None,
        "settle": _address,
        "thing": _thing,
        "name": await names(at, board),
    }
    return page(request, "ops.html", by, words)


@routes.get("/ops/mail/{number}")
@needs(Permission.OPERATIONS_READ)
async def mail(request: Request, number: Number, by: AsReader, at: With) -> Response:
    """One message that the local mailbox caught."""
    in_office(by.caller, Permission.OPERATIONS_READ)
    return page(request, "mail.html", by, {"letter": await mailbox_message(number, by.caller, at)})


@routes.get("/ops/{place}/{id}/{task}")
@needs(Permission.OPERATIONS_READ)
async def ask(
    request: Request, place: str, id: RequisitionId | CandidateId, task: str, by: AsReader, at: With
) -> Response:
    """The form that settles an open task."""
    subject = await _task(place, id, task, by, at)
    return await shown(request, by, at, subject, COMMANDS[subject.entity]["resolve_task"])


@routes.post("/ops/{place}/{id}/{task}", dependencies=[Depends(from_here)])
@needs(Permission.OPERATIONS_READ)
async def settle(
    request: Request, place: str, id: RequisitionId | CandidateId, task: str, by: AsReader, at: With
) -> Response:
    """Settles it."""
    subject = await _task(place, id, task, by, at)
    return await take(request, by, at, subject, COMMANDS[subject.entity]["resolve_task"])


async def _task(place: str, id: str, task: str, by: PageReader, at: With) -> Subject:
    in_office(by.caller, Permission.OPERATIONS_READ)
    stream = stream_of(ENTITIES.get(place, place), id)
    if not any(one.stream == stream and one.id == task for one in await at.reads.tasks()):
        raise Refused(404, "not_found", "This is settled already.", "Another manual task.")
    return _Task(entity_of(stream)[0], id, "Operations", "/ops", {}, documents_of=id, given={"task_id": task})


class _Task(Subject):
    """A task, which the page's address names."""

    @property
    def fixed(self) -> frozenset[str]:
        """The task itself."""
        return frozenset({"task_id"})


def _address(stream: str, task: str) -> str:
    """Where a task is settled."""
    entity, entity_id = entity_of(stream)
    return f"/ops/{entity}s/{entity_id}/{task}"


def _thing(stream: str) -> str:
    """What a stream is, for somebody who is not to know whose it is."""
    entity, entity_id = entity_of(stream)
    return f"{entity} {entity_id}"


def _weeks(weeks: list[BreachWeek]) -> Markup | None:
    """SLAs breached and kept by week, as a picture; None where there were none."""
    if not weeks:
        return None
    oldest_first = sorted({one.week for one in weeks})
    rows = [
        Bar(week_of(week), sum(getattr(one, what) for one in weeks if one.week == week), words)
        for week in oldest_first
        for what, words in (("kept", "kept in time"), ("breached", "breached"))
    ]
    kept, broken = rows[-2:]
    says = (
        f"In {kept.label} {counted(broken.value, 'SLA was', 'SLAs were')} breached and "
        f"{counted(kept.value, 'was', 'were')} kept in time."
    )
    return drawn(bars(rows, counting("SLAs"), stacked=True), says)
