"""One thing done about several candidates: told, asked, tagged, waited for, noted, or moved. Never judged.

Each gets a command of their own, as if it had been given on their page, under a key that is made of the form's: sent
again, it does nothing twice. What each of them answered stands beside their name. Letters, and what is noted as said,
are seen before they count: the form comes back with them, with whom it is not possible for and why, and with a keyed
hash of what was seen.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response

from api.access import With, by_command
from api.commands import submit
from api.pages.forms.command_forms import SentForm, as_sent
from api.pages.forms.form_schema import Form, typed_in
from api.pages.forms.letter_fields import JOB, NAME, language_of, several_begun
from api.pages.layout.display_names import names_in
from api.pages.layout.fields import Choice, Choices
from api.pages.layout.labels import SAYS, button, humane
from api.pages.layout.session import AsReader, PageReader, from_here, local_path
from api.pages.layout.templating import page
from api.pages.operations.administration_forms import own_form
from api.problems import OUT_OF_REACH, Refused, out_of_reach_of
from api.tags import tags_of
from api.visibility import nameable, sights_of
from domain.candidate.candidate_wait import WaitOnCandidate
from domain.candidate.contact import LogContact
from domain.candidate.exits import TellOutcome, Transfer
from domain.candidate.letters import SendLetter
from domain.candidate.tags import TagCandidate
from domain.core.ids import CandidateId
from domain.core.messages import Command, Rejection
from domain.entity.call import NO_FACTS, Call
from domain.evidence.text_rules import refuse_unsendable
from domain.notifications.letter_templates import LANGUAGES, LetterKind, LetterText
from domain.registry import DECIDERS
from workflows.contract import entity_of, stream_of

routes = APIRouter()

MOST = 200
"""Candidates about whom something can be done at once."""

AT_ONCE = 4
"""Commands that are under way at a time."""

DONE_WITHIN = 20.0
"""Seconds after which no further one is begun: the page says how many are left, and the button goes on."""


class BulkAct(NamedTuple):
    """Something that can be done about several: by which command, what it is called, and what the button says where
    that is not what the command's own form says."""

    command: type[Command]
    called: str
    button: str = ""


ASK = "ask-for-update"

ACTS: Mapping[str, BulkAct] = {
    "tell-outcome": BulkAct(TellOutcome, "Tell them how it ended"),
    ASK: BulkAct(SendLetter, "Ask for an update"),
    "tag-candidate": BulkAct(TagCandidate, "Tag or untag them", "Save the tags"),
    "wait-on-candidate": BulkAct(WaitOnCandidate, "Wait for them"),
    "log-contact": BulkAct(LogContact, "Note that you were in touch"),
    "transfer": BulkAct(Transfer, "Move them to another requisition"),
}
"""What can be done about several, by its name in an address: nothing that says what somebody is worth."""

_SEEN = "_seen"

_ONE_EACH = frozenset({"answers_hold"})
"""Fields that are about one candidate."""

Ids = Annotated[list[CandidateId], Query(max_length=MOST, default_factory=list)]


class Outcome(NamedTuple):
    """What became of it for one candidate: nothing is `said` where it was done, or `needless`: so it was already."""

    candidate: str
    name: str
    said: str = ""
    needless: bool = False


class Addressee(NamedTuple):
    """Somebody a letter is to: their name, what the job is called that they applied for, and their mail address, if
    they gave one."""

    name: str
    job: str
    email: str


class Shown(NamedTuple):
    """What is looked at before it counts: the words for each, whom it cannot be done for and why, whether they go by
    mail, and the hash of it all."""

    letters: Sequence[tuple[Addressee, LetterText]]
    left_out: Sequence[Outcome]
    by_mail: bool
    seen: str


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
    language: str = "",
) -> Response:
    """The form for those who were chosen, or for all of the list that they were chosen from."""
    kind = _act(do).command
    people = await _people(shown if everybody else candidate, by, at)
    given: dict[str, Any] = {"channel": "mail", "direction": "outbound", "at": datetime.now(UTC)}
    about: dict[str, Any] = {}
    if do == ASK:
        chosen = await language_of(language, at)
        given = dict(await several_begun(by, at, LetterKind.UPDATE, chosen))
        links = {one: str(request.url.include_query_params(language=one)) for one in LANGUAGES if one != chosen}
        about["begin_in"] = [(LANGUAGES[one], href.partition(request.url.netloc)[2]) for one, href in links.items()]
    form = Form(kind, by.zone, await _choices(kind, people, by, at), given, fixed=_ONE_EACH)
    return _asked(request, by, do, people, form, local_path(next, "/applicants"), about=about)


@routes.post("/bulk", dependencies=[Depends(from_here)])
@by_command
async def give(request: Request, by: AsReader, at: With) -> Response:
    """Gives each their command, and says what became of it."""
    sent = await request.form()
    asked, do = as_sent(sent), str(sent.get("do", ""))
    kind = _act(do).command
    people = await _people([str(one) for one in sent.getlist("candidate")][:MOST], by, at)
    form = Form(kind, by.zone, await _choices(kind, people, by, at), typed=asked.typed, fixed=_ONE_EACH)
    command, errors = form.read()
    back = asked.next or "/applicants"
    if asked.again or command is None or not people:
        wrong = {} if asked.again else errors
        return _asked(request, by, do, people, form, back, asked, wrong)
    to = await _addressees(people, by, at)
    if isinstance(command, _WRITTEN) and typed_in(asked.typed, _SEEN) != _digest(command, people, at):
        try:
            look = await _shown(command, to, by, at)
        except Rejection as refusal:
            says = {refusal.field or "text": f"{refusal.sentence} {refusal.accepted}"}
            return _asked(request, by, do, people, form, back, asked, says)
        kept = {id: name for id, name in people.items() if id not in {one.candidate for one in look.left_out}}
        return _asked(request, by, do, kept, form, back, asked, about={"look": look})
    outcomes, later = await _given(command, to, asked.key, by, at)
    words = {
        "do": do,
        "heading": ACTS[do].called,
        "done_for": [one for one in outcomes if not one.said and not one.needless],
        "so_already": [one for one in outcomes if one.needless],
        "refused_for": [one for one in outcomes if one.said],
        "later": later,
        "back": back,
        "key": asked.key,
        "typed": [(name, value) for name, values in asked.typed.items() if name not in _OURS for value in values],
    }
    return page(request, "bulk_done.html", by, words)


_OURS = frozenset({"_key", "_by", "_next"})


async def _given(
    command: Command, to: Mapping[str, Addressee], key: str, by: PageReader, at: With
) -> tuple[list[Outcome], int]:
    """What became of each, in the order in which they were chosen, and how many nothing was begun for."""
    until, room = time.monotonic() + DONE_WITHIN, asyncio.Semaphore(AT_ONCE)

    async def one(id: str, who: Addressee) -> Outcome | None:
        name = who.name
        async with room:
            if time.monotonic() > until:
                return None
            try:
                await submit(stream_of("candidate", id), _for(command, who), by.caller, at, f"{key} {id}")
            except Refused as refused:
                if refused.problem.code == "no_change":
                    return Outcome(id, name, needless=True)
                return Outcome(id, name, await _in_words(refused, by, at))
            except OUT_OF_REACH as away:
                return Outcome(id, name, out_of_reach_of(away).problem.detail)
            return Outcome(id, name)

    ended = await asyncio.gather(*(one(id, who) for id, who in to.items()))
    outcomes = [outcome for outcome in ended if outcome is not None]
    return outcomes, len(to) - len(outcomes)


def _for(command: Command, who: Addressee) -> Command:
    """The command as it is for this one: with their own name and job where the words say so."""
    if not isinstance(command, _WRITTEN):
        return command
    said = {field: getattr(command, field) for field in ("letter_subject", "text")}
    stands = {NAME: who.name, JOB: who.job}
    return command.but(
        **{
            field: _DIFFERS.sub(lambda place: stands[place[0]], words)
            for field, words in said.items()
            if isinstance(words, str)
        }
    )


_DIFFERS = re.compile(f"{re.escape(NAME)}|{re.escape(JOB)}")


_WRITTEN = (TellOutcome, SendLetter)
"""The commands that say the same to several in words of one's own."""


async def _shown(command: TellOutcome | SendLetter, to: Mapping[str, Addressee], by: PageReader, at: With) -> Shown:
    """What each would read, or is noted as told. Raises Rejection for words that must not leave the company."""
    by_mail = _goes_by_mail(command)
    stay = await _not_possible(type(command), to, by, at)
    if isinstance(command, SendLetter):
        stay |= {id: _NO_ADDRESS for id, who in to.items() if not who.email and id not in stay}
    letters = []
    for id, who in to.items():
        if id in stay:
            continue
        theirs = _for(command, who)
        assert isinstance(theirs, _WRITTEN)
        refuse_unsendable(letter_subject=theirs.letter_subject, text=theirs.text)
        subject = theirs.letter_subject or (f"Your application: {who.job}" if by_mail else "")
        letters.append((who, LetterText(str(subject), str(theirs.text))))
    left_out = [Outcome(id, to[id].name, said) for id, said in stay.items()]
    return Shown(letters, left_out, by_mail, _digest(command, to.keys() - stay.keys(), at))


_NO_ADDRESS = "We have no mail address of theirs."


async def _not_possible(kind: type[Command], people: Iterable[str], by: PageReader, at: With) -> dict[str, str]:
    """Those of these candidates for whom the reader's command would not be taken as things stand, each with why."""
    call = Call(by.caller.actor, datetime.now(UTC), NO_FACTS)
    states = await at.states.several([stream_of("candidate", id) for id in people])
    said: dict[str, str] = {}
    for stream, state in states.items():
        [would] = DECIDERS["candidate"].available(state, call, {kind})
        if would.missing is not None:
            said[entity_of(stream)[1]] = would.missing.sentence
    return said


def _goes_by_mail(command: Command) -> bool:
    return isinstance(command, SendLetter) or (isinstance(command, TellOutcome) and command.channel == "mail")


def _digest(command: TellOutcome | SendLetter, people: Iterable[str], at: With) -> str:
    parts = (command.letter_subject or "", command.text, "" if _goes_by_mail(command) else "said")
    words = "\n".join(str(said).replace("\r\n", "\n").strip() for said in parts)
    return at.matcher.match(f"letters seen\n{words}\n{sorted(people)}")[:32]


async def _addressees(people: Mapping[str, str], by: PageReader, at: With) -> dict[str, Addressee]:
    """These people with what the job of each is called outside, and where mail reaches them."""
    views = {id: view for id, (view, _) in (await sights_of(people, by.caller, at)).items()}
    found = {id: await at.reads.requisition(id) for id in {view.requisition for view in views.values()}}
    jobs = {id: (one.alias or one.title) if one else "" for id, one in found.items()}
    contacts = await at.applicants.contacts({id: view.human for id, view in views.items()})
    mail = {id: contact.email or "" for id, contact in contacts.items()}
    return {
        id: Addressee(name, jobs[views[id].requisition] if id in views else "", mail.get(id, ""))
        for id, name in people.items()
    }


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


async def _choices(kind: type[Command], people: Iterable[str], by: PageReader, at: With) -> Choices:
    if kind is TagCandidate:
        known = {tag.casefold(): tag for tags in (await tags_of(people, by.caller, at)).values() for tag in tags}
        return {"off": [Choice(tag, tag) for _, tag in sorted(known.items())]} if known else {}
    if kind is not Transfer:
        return {}
    lines = await at.reads.board(person=by.id, standing="open", limit=500)
    return {"R": [Choice(line.id, line.title) for line in sorted(lines, key=lambda line: line.title)]}


def _act(do: str) -> BulkAct:
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
    about: Mapping[str, Any] = MappingProxyType({}),
) -> Response:
    words = {
        "do": do,
        "heading": ACTS[do].called,
        "button": ACTS[do].button or button(form.name),
        "says": form.words,
        "people": people,
        "back": back,
        "by_name": ACTS[do].command in _WRITTEN,
        "look_first": "Look at the letters" if do == ASK else "Look at what each is told",
        "begin_in": (),
        "look": None,
        "again": asked is not None and asked.again,
        **own_form(form, errors, asked.key if asked else ""),
        **about,
    }
    return page(request, "bulk.html", by, words, 422 if errors else 200)
