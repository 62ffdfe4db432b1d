"""Messages out of somebody's inbox: what is in them, what is left out, and that each goes out once."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities.registry import Activity
from domain.candidate.contact import LogContact
from domain.candidate.profile import AnswerProfile, Shortlist
from domain.core.messages import Effect, Tick
from domain.entity.effects import DeliverMessage, Notify
from domain.notifications.notification import update_of
from domain.person.inbox import Hear
from domain.requisition.calibration import ShareSlate
from settings import Settings
from store.users import User, Users
from testing.journal_company import ANNA, BERT, REQUISITION_STREAM, Company, interview_booked
from testing.people import INTERVIEWER, MANAGER, MONDAY, RECRUITER
from tests.activities.conftest import Caught
from tests.activities.letter_fixtures import HERS, NAMES, Office, address, anna_advanced, up_to_the_slate
from tests.activities.toy_workflow import Notebook
from workflows.contract import FLOW_QUEUE, Carried, EffectOrder, EffectResult, stream_of

Inbox = dict[type[Effect], Activity]


@pytest.fixture
def inbox(office: Office, at_the_office: Settings, client: Client) -> Inbox:
    return office.activities(at_the_office, client)


@pytest.fixture(scope="module")
async def worker(client: Client) -> AsyncIterator[None]:
    async with Worker(client, task_queue=FLOW_QUEUE, workflows=[Notebook]):
        yield


async def deliver(inbox: Inbox, order: EffectOrder) -> EffectResult:
    return await ActivityEnvironment().run(inbox[DeliverMessage], order)


def slate_shared(company: Company) -> None:
    """Anna and Bert are before the manager."""
    for stream in (HERS, stream_of("candidate", BERT)):
        company.give(stream, RECRUITER, Shortlist(verdicts=dict.fromkeys(("K1", "K2", "K3"), "met")))
    company.give(REQUISITION_STREAM, RECRUITER, ShareSlate(candidate_ids=(ANNA, BERT), why="nobody else yet"))


def anna_answered(company: Company) -> None:
    company.give(HERS, MANAGER, AnswerProfile(verdict="advance", criterion="K1"))


def anna_held(company: Company) -> None:
    company.give(HERS, MANAGER, AnswerProfile(verdict="hold", criterion="K1", needs="Does she lead?"))


def hold_resolved(company: Company) -> None:
    known = LogContact(at=company.now, direction="inbound", channel="call", answers_hold="She leads two people.")
    company.give(HERS, RECRUITER, known)


def bert_answered(company: Company) -> None:
    company.give(stream_of("candidate", BERT), MANAGER, AnswerProfile(verdict="reject", criterion="K2"))


def late(company: Company) -> None:
    """Three days pass without an answer."""
    for stream in (HERS, stream_of("candidate", BERT)):
        company.give(stream, "tick", Tick(), after=timedelta(days=3))


def to(office: Office, person: str, *matters: str) -> list[EffectOrder]:
    orders = [order for order in office.orders(Notify) if order.payload["person"] == person]
    return [order for matter in matters for order in orders if order.payload["matter"] == matter]


async def test_a_profile_each_is_one_entry_with_every_name_and_a_link_to_each(
    inbox: Inbox, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, slate_shared)

    await deliver(inbox, office.message(*to(office, MANAGER, "rubric_locked", "clock_started")))

    said = caught.one(address(MANAGER))
    assert said.subject.startswith("Your turn: answer a profile")
    assert said.subject.endswith(", and 1 more")
    assert said.text.index("YOUR TASKS") < said.text.index("WHAT HAPPENED") < said.text.index("signed and locked")
    for name, candidate in (("Anna Sjöberg", ANNA), ("Bert Okoye", BERT)):
        assert f"- {name}, since Tuesday 3 March 2026" in said.text
        assert f"https://tandem.example/candidates/{candidate}" in said.text
    assert said.text.count("Why it matters: They are waiting to hear") == 1
    assert said.text.count("Hello ") == 1


async def test_what_is_done_by_now_is_left_out_and_a_message_without_any_debt_is_not_sent(
    inbox: Inbox, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, slate_shared, anna_answered)
    orders = to(office, MANAGER, "clock_started")

    await deliver(inbox, office.message(*orders))
    said = caught.one(address(MANAGER))
    assert "Bert" in said.text
    assert "Anna" not in said.text

    await office.live(bert_answered)
    result = await deliver(inbox, office.message(*reversed(orders)))
    assert result.reply is not None
    assert (result.reply.command, result.reply.payload["withheld"]) == ("settle_message", True)
    assert len(caught.all()) == 1


async def test_what_is_late_comes_first_and_the_other_side_is_told_who_owes_it(
    inbox: Inbox, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, slate_shared, late)

    await deliver(inbox, office.message(*to(office, MANAGER, "rubric_locked", "clock_rung")))
    await deliver(inbox, office.message(*to(office, RECRUITER, "clock_rung")))

    yours = caught.one(address(MANAGER))
    assert yours.subject.startswith("It is your turn: answer a profile")
    assert yours.text.index("You were to answer a profile") < yours.text.index("signed and locked")
    theirs = caught.one(address(RECRUITER))
    assert "TASKS OF OTHERS" in theirs.text
    assert f"{NAMES[MANAGER]} was to answer a profile" in theirs.text


async def test_what_a_letter_says_is_owed_is_not_said_again_beside_it(
    inbox: Inbox, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, slate_shared, anna_held)

    await deliver(inbox, office.message(*to(office, RECRUITER, "profile_answered", "clock_started")))

    said = caught.one(address(RECRUITER))
    assert said.subject.startswith("A profile is answered: hold")
    assert "find out what the hiring manager asked" not in said.text


async def test_an_update_rides_with_what_is_owed_and_ends_with_the_search(
    inbox: Inbox, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, slate_shared)
    order = office.message(*to(office, MANAGER, "clock_started"))
    update = update_of(REQUISITION_STREAM.partition("/")[2], MONDAY).model_dump(mode="json")

    await deliver(inbox, order.but(payload=order.payload | {"lines": [*order.payload["lines"], update]}))

    said = caught.one(address(MANAGER))
    assert (
        said.text.index("YOUR TASKS")
        < said.text.index("HOW YOUR REQUISITIONS GO")
        < said.text.index("Where they stand")
    )
    await office.pool.execute("""UPDATE requisitions SET view = jsonb_set(view, '{standing}', '"ended"')""")
    result = await deliver(inbox, order.but(id="another", payload=order.payload | {"lines": [update]}))
    assert result.reply is not None
    assert result.reply.payload == {"number": 1, "withheld": True, "over": [REQUISITION_STREAM.partition("/")[2]]}
    assert len(caught.all()) == 1


async def test_a_letter_that_asks_for_what_was_done_since_is_left_out(
    inbox: Inbox, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, slate_shared, anna_held, hold_resolved)
    (asks,) = to(office, MANAGER, "hold_answered")

    await deliver(inbox, office.message(asks))
    assert "What you asked about a profile is known" in caught.one(address(MANAGER)).subject

    await office.live(anna_answered)
    result = await deliver(inbox, office.message(asks).but(id="later"))
    assert result.reply is not None
    assert len(caught.all()) == 1


async def test_a_message_is_sent_once_whoever_tries(inbox: Inbox, office: Office, caught: Caught) -> None:
    await office.live(up_to_the_slate, slate_shared)
    order = office.message(*to(office, MANAGER, "rubric_locked", "clock_started"))

    await asyncio.gather(*(deliver(inbox, order) for _ in range(2)), return_exceptions=True)
    await deliver(inbox, order)

    assert len({message.message_id for message in caught.all()}) == 1


async def test_a_line_is_put_into_the_inbox_once_with_the_role_in_which_it_is_heard(
    inbox: Inbox, office: Office, client: Client, worker: None
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    (kit,) = office.orders(Notify, matter="interview_kit")
    stream = stream_of("person", INTERVIEWER)
    await client.start_workflow(Notebook.run, Carried(), id=stream, task_queue=FLOW_QUEUE)

    for _ in range(2):
        await ActivityEnvironment().run(inbox[Notify], kit)

    (note,) = await client.get_workflow_handle(stream).query(Notebook.notes)
    line = Hear.model_validate(note["payload"]).line
    assert (note["command"], line.id, line.told_as, line.matter) == ("hear", kit.id, "interviewer", "interview_kit")
    assert f"requisition/{line.search}" == REQUISITION_STREAM
    assert "Anna" not in str(note)


async def test_somebody_without_an_inbox_is_a_persons_task(inbox: Inbox, office: Office, worker: None) -> None:
    await office.live(up_to_the_slate)
    order = to(office, MANAGER, "rubric_locked")[0]

    with pytest.raises(ApplicationError) as failed:
        await ActivityEnvironment().run(inbox[Notify], order)

    assert (failed.value.type, failed.value.non_retryable) == ("nobody_hears", True)


class Hook(ThreadingHTTPServer):
    """A webhook on loopback that keeps what was posted, and answers as it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Posted)
        self.posted: list[dict[str, Any]] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks/1"


class _Posted(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: what is posted is personal."""


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as hook:
        serving = threading.Thread(target=hook.serve_forever)
        serving.start()
        yield hook
        hook.shutdown()
        serving.join()


async def in_chat(office: Office) -> None:
    person = User(id=MANAGER, name=NAMES[MANAGER], email=address(MANAGER), zone="Europe/Berlin", chat="maya")
    await Users(office.pool).put(person)


@pytest.fixture
def chatting(office: Office, at_the_office: Settings, client: Client, hook: Hook) -> Inbox:
    return office.activities(at_the_office.model_copy(update={"chat_url": SecretStr(hook.url)}), client)


async def test_whoever_prefers_chat_is_told_there_and_once(
    chatting: Inbox, office: Office, hook: Hook, caught: Caught
) -> None:
    await office.live(up_to_the_slate, slate_shared)
    await in_chat(office)
    order = office.message(*to(office, MANAGER, "clock_started"), channel="chat")

    for _ in range(2):
        await deliver(chatting, order)

    (posted,) = hook.posted
    assert posted["channel"] == "@maya"
    assert posted["text"].startswith("*Your turn: answer a profile")
    assert "Anna Sjöberg" in posted["text"]
    assert caught.all() == []


async def test_without_a_handle_or_a_webhook_it_is_mail(
    chatting: Inbox, inbox: Inbox, office: Office, hook: Hook, caught: Caught
) -> None:
    await office.live(up_to_the_slate, slate_shared)
    orders = to(office, MANAGER, "clock_started")

    await deliver(chatting, office.message(*orders, channel="chat"))
    await in_chat(office)
    await deliver(inbox, office.message(*reversed(orders), channel="chat"))

    assert (len(caught.all()), hook.posted) == (2, [])


async def test_a_webhook_that_is_gone_is_a_task_and_one_that_is_busy_is_tried_again(
    chatting: Inbox, office: Office, hook: Hook
) -> None:
    await office.live(up_to_the_slate, slate_shared)
    await in_chat(office)
    order = office.message(*to(office, MANAGER, "clock_started"), channel="chat")

    answers = []
    for status in (503, 404):
        hook.status = status
        with pytest.raises(ApplicationError) as failed:
            await deliver(chatting, order)
        answers.append((failed.value.type, failed.value.non_retryable))
    assert answers == [("chat_unavailable", False), ("chat_refused", True)]
    hook.status = 200
    assert (await deliver(chatting, order)).note == "sent"
