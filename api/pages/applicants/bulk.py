"""One thing done about several candidates: told, waited for, noted, or moved. Never judged.

Each gets a command of their own, as if it had been given on their page, under a key that is made of the form's: sent
again, it does nothing twice. What each of them answered stands beside their name.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import With, by_command
from api.commands import submit
from api.pages.forms.command_forms import SentForm, as_sent
from api.pages.forms.form_schema import Form
from api.pages.layout.display_names import names_in
from api.pages.layout.fields import Choice, Choices
from api.pages.layout.labels import SAYS, button, humane, title
from api.pages.layout.session import AsReader, PageReader, from_here, local_path
from api.pages.layout.templating import page
from api.pages.operations.administration_forms import own_form
from api.problems import OUT_OF_REACH, Refused, out_of_reach_of
from api.visibility import nameable
from domain.candidate.candidate_wait import WaitOnCandidate
from domain.candidate.contact import LogContact
from domain.candidate.exits import TellOutcome, Transfer
from domain.core.ids import CandidateId
from domain.core.messages import Command
from workflows.contract import stream_of

routes = APIRouter()

MOST = 200
"""Candidates about whom something can be done at once."""

AT_ONCE = 4
"""Commands that are under way at a time."""

DONE_WITHIN = 20.0
"""Seconds after which no further one is begun: the page says how many are left, and the button goes on."""

NAME = "{name}"
"""What stands in a text for the name of each."""

ACTS: Mapping[str, type[Command]] = {
    "tell-outcome": TellOutcome, "wait-on-candidate": WaitOnCandidate, "log-contact": LogContact, "transfer": Transfer,
}  # fmt: skip
"""What can be done about several, by its command's name in an address: nothing that says what somebody is worth."""

CALLED: Mapping[str, str] = {
    "tell-outcome": "Tell them how it ended",
    "wait-on-candidate": "Wait for them",
    "log-contact": "Note that you were in touch",
    "transfer": "Move them to another requisition",
}

_ONE_EACH = frozenset({"answers_hold"})
"""Fields that are about one candidate."""

Ids = Annotated[list[CandidateId], Query(max_length=MOST, default_factory=list)]


class Outcome(NamedTuple):
    """What became of it for one candidate: nothing is `said` where it was done."""

    candidate: str
    name: str
    said: str = ""


@routes.get("/bulk")
@by_command
async def ask(
    request: Request,
    by: AsReader,
    at: With,
    candidate: Ids,
    shown: Ids,
    do: str = "",
    everybody: bool = False,
    next: str = "",
) -> Response:
    """The form for those who were chosen, or for all of the list that they were chosen from."""
    kind = _act(do)
    people = await _people(shown if everybody else candidate, by, at)
    given: dict[str, Any] = {"channel": "mail", "direction": "outbound", "at": datetime.now(UTC)}
    form = Form(kind, by.zone, await _choices(kind, by, at), given, fixed=_ONE_EACH)
    return _asked(request, by, do, people, form, local_path(next, "/applicants"))


@routes.post("/bulk", dependencies=[Depends(from_here)])
@by_command
async def give(request: Request, by: AsReader, at: With) -> Response:
    """Gives each their command, and says what became of it."""
    sent = await request.form()
    asked, do = as_sent(sent), str(sent.get("do", ""))
    kind = _act(do)
    people = await _people([str(one) for one in sent.getlist("candidate")][:MOST], by, at)
    form = Form(kind, by.zone, await _choices(kind, by, at), typed=asked.typed, fixed=_ONE_EACH)
    command, errors = form.read()
    back = asked.next or "/applicants"
    if asked.again or command is None or not people:
        wrong = {} if asked.again else errors
        return _asked(request, by, do, people, form, back, asked, wrong)
    outcomes, later = await _given(command, people, asked.key, by, at)
    words = {
        "do": do,
        "heading": CALLED[do],
        "done_for": [one for one in outcomes if not one.said],
        "refused_for": [one for one in outcomes if one.said],
        "later": later,
        "back": back,
        "key": asked.key,
        "typed": [(name, value) for name, values in asked.typed.items() if name not in _OURS for value in values],
    }
    return page(request, "bulk_done.html", by, words)


_OURS = frozenset({"_key", "_by", "_next"})


async def _given(
    command: Command, people: Mapping[str, str], key: str, by: PageReader, at: With
) -> tuple[list[Outcome], int]:
    """What became of each, in the order in which they were chosen, and how many nothing was begun for."""
    until, room = time.monotonic() + DONE_WITHIN, asyncio.Semaphore(AT_ONCE)

    async def one(id: str, name: str) -> Outcome | None:
        async with room:
            if time.monotonic() > until:
                return None
            try:
                await submit(stream_of("candidate", id), _for(command, name), by.caller, at, f"{key} {id}")
            except Refused as refused:
                return Outcome(id, name, await _in_words(refused, by, at))
            except OUT_OF_REACH as away:
                return Outcome(id, name, out_of_reach_of(away).problem.detail)
            return Outcome(id, name)

    ended = await asyncio.gather(*(one(id, name) for id, name in people.items()))
    outcomes = [outcome for outcome in ended if outcome is not None]
    return outcomes, len(people) - len(outcomes)


def _for(command: Command, name: str) -> Command:
    """The command as it is for somebody of this name."""
    if isinstance(command, TellOutcome) and isinstance(command.text, str):
        return command.but(text=command.text.replace(NAME, name))
    return command


async def _in_words(refused: Refused, by: PageReader, at: With) -> str:
    said = refused.problem
    words = SAYS.get(said.code) or " ".join(filter(None, (said.detail, said.accepted)))
    called = await names_in(words, by.caller, at)
    return humane(words, lambda id: called.get(id, id), by.zone)


async def _people(candidates: Sequence[str], by: PageReader, at: With) -> dict[str, str]:
    """Those of these candidates whose names the reader may read, with them, in their order."""
    named = await nameable(candidates, by.caller, at)
    contacts = await at.applicants.contacts(named)
    return {id: contacts[id].name for id in dict.fromkeys(candidates) if id in contacts}


async def _choices(kind: type[Command], by: PageReader, at: With) -> Choices:
    if kind is not Transfer:
        return {}
    lines = await at.reads.board(person=by.id, standing="open", limit=500)
    return {"R": [Choice(line.id, line.title) for line in sorted(lines, key=lambda line: line.title)]}


def _act(do: str) -> type[Command]:
    if do not in ACTS:
        raise Refused(404, "not_found", "There is no such thing to do.", "A link from one of the pages.")
    return ACTS[do]


def _asked(
    request: Request,
    by: PageReader,
    do: str,
    people: Mapping[str, str],
    form: Form,
    back: str,
    asked: SentForm | None = None,
    errors: Mapping[str, str] | None = None,
) -> Response:
    words = {
        "do": do,
        "heading": title(form.name),
        "button": button(form.name),
        "says": form.words,
        "people": people,
        "back": back,
        "by_name": ACTS[do] is TellOutcome,
        "again": asked is not None and asked.again,
        **own_form(form, errors, asked.key if asked else ""),
    }
    return page(request, "bulk.html", by, words, 422 if errors else 200)
