"""Letters, from a real journal through a real SMTP server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.registry import Activity
from domain.access.team import Actor
from domain.candidate import CANDIDATE
from domain.core.messages import Effect
from domain.core.source_text import SourceText
from domain.entity.call import Call, Facts
from domain.entity.clock_commands import DeliveryFailed
from domain.entity.effects import Invite, Notify, WriteToCandidate
from domain.entity.state import Task
from settings import Settings
from store.applicants import Contact, Hashes
from testing.journal_company import ANNA, APPLICANT_ANNA, interview_booked
from testing.people import INTERVIEWER, MANAGER, RECRUITER
from tests.activities.conftest import Caught
from tests.activities.letter_fixtures import CONTACTS, HERS, Office, address, anna_advanced, summed_up, up_to_the_slate
from workflows.contract import EffectOrder, EffectResult


@dataclass
class Desk:
    """Everything that writes."""

    activities: dict[type[Effect], Activity]
    office: Office


@pytest.fixture
def mail(office: Office, at_the_office: Settings, client: Client) -> Desk:
    return Desk(office.activities(at_the_office, client), office)


async def carry_out(mail: Desk, order: EffectOrder) -> EffectResult:
    """Carries out an order; what somebody is to hear is sent as a message of its own."""
    if order.type == "notify":
        order = mail.office.message(order)
    return await ActivityEnvironment().run(mail.activities[type(order.effect)], order)


async def fails(mail: Desk, order: EffectOrder) -> ApplicationError:
    with pytest.raises(ApplicationError) as failed:
        await carry_out(mail, order)
    assert "Anna" not in repr(failed.value)
    assert "@" not in repr(failed.value)
    return failed.value


def an_order(type: str, **payload: object) -> EffectOrder:
    return EffectOrder(
        id=f"{HERS}/1/7", stream=HERS, decided_at=datetime(2026, 3, 2, 9, tzinfo=UTC), type=type, payload=dict(payload)
    )


async def test_everything_a_search_says_is_said_once(mail: Desk, office: Office, caught: Caught) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    orders = office.orders(Notify, WriteToCandidate)
    assert len(orders) >= 8

    for _ in range(2):
        for order in orders:
            await carry_out(mail, order)

    running = {clock for state in office.company.states.values() for clock in state.clocks}
    owed = [order.payload["about"].get("clock_id") for order in orders]
    assert len(caught.all()) == sum(clock is None or clock in running for clock in owed)
    assert len({message.message_id for message in caught.all()}) == len(caught.all())


async def test_two_attempts_at_once_never_send_two_different_messages(
    mail: Desk, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate)
    order = office.orders(Notify, matter="rubric_locked")[0]

    await asyncio.gather(*(carry_out(mail, order) for _ in range(2)), return_exceptions=True)

    assert len({message.message_id for message in caught.all()}) == 1


async def test_an_interviewer_gets_their_kit_in_their_own_time_zone(mail: Desk, office: Office, caught: Caught) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    (kit,) = office.orders(Notify, matter="interview_kit")

    await carry_out(mail, kit)

    said = caught.one(address(INTERVIEWER))
    assert said.sender == "Tandem <tandem@localhost>"
    assert "Anna Sjöberg" in said.text
    assert "does thing 1 monthly" in said.text
    assert "Ask: when did you last?" in said.text
    assert "11:00 (Europe/Berlin)" in said.text
    assert f"https://tandem.example/candidates/{ANNA}" in said.text


async def test_the_summary_is_opened_for_the_manager_in_the_recruiters_name(
    mail: Desk, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked, summed_up(office))
    (order,) = office.orders(Notify, matter="candidate_summary")
    assert "counted" not in order.model_dump_json()

    await carry_out(mail, order)

    said = caught.one(address(MANAGER))
    assert said.sender == "Recruiter Example via Tandem <tandem@localhost>"
    assert dict(said.headers)["Reply-To"] == f"Recruiter Example <{address(RECRUITER)}>"
    assert [f"- Point {n}" in said.text for n in range(5)] == [True] * 5
    assert "“I counted the calls”" in said.text
    assert "78,000 EUR a year" in said.text
    assert "Anna" not in said.subject


async def test_a_candidate_is_told_in_the_words_somebody_chose_for_them(
    mail: Desk, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, anna_advanced)
    words = "Dear Anna,\n\nthank you for Tuesday. We go on with others.\n\nRuth"
    order = an_order(
        "write_to_candidate", candidate=ANNA, matter="outcome", about={}, words=office.seal(words).model_dump()
    )

    await carry_out(mail, order)

    said = caught.one(CONTACTS[APPLICANT_ANNA].email)
    assert said.text.split() == words.split()
    assert said.to == "Anna Sjöberg <anna@applicants.example>"
    assert said.sender.startswith("Recruiter Example via Tandem")


async def test_nobody_writes_to_somebody_who_was_erased(mail: Desk, office: Office, caught: Caught) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    (preparation,) = office.orders(WriteToCandidate, matter="interview_preparation")
    office.keys.destroy(APPLICANT_ANNA)
    await office.pool.execute("""UPDATE candidates SET view = jsonb_set(view, '{standing}', '"erased"')""")

    assert await carry_out(mail, preparation) == EffectResult(note="nobody to write to: erased")
    assert caught.all() == []


async def test_a_candidate_nobody_can_reach_is_a_persons_task(mail: Desk, office: Office) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    (preparation,) = office.orders(WriteToCandidate, matter="interview_preparation")
    await office.pool.execute("DELETE FROM humans")

    failed = await fails(mail, preparation)

    assert (failed.type, failed.non_retryable) == ("no_contact", True)


async def test_somebody_who_left_is_a_persons_task(mail: Desk, office: Office) -> None:
    await office.live(up_to_the_slate)
    await office.pool.execute("UPDATE people SET active = false")

    failed = await fails(mail, office.orders(Notify)[0])

    assert (failed.type, failed.non_retryable) == ("nobody_there", True)


async def test_what_is_not_on_file_is_a_persons_task(mail: Desk) -> None:
    order = an_order("notify", person=RECRUITER, matter="decided", about={"candidate": ANNA})
    failed = await fails(mail, order)
    assert (failed.type, failed.non_retryable) == ("no_background", True)


async def test_keys_that_are_lost_are_waited_for_and_nothing_is_quoted(mail: Desk, office: Office) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked, summed_up(office))
    (order,) = office.orders(Notify, matter="candidate_summary")
    for key in (office.home / "keys").rglob("H-*"):
        key.unlink()

    failed = await fails(mail, order)

    assert (failed.type, failed.non_retryable) == ("KeyMissing", False)


async def unreachable_by_mail(office: Office) -> None:
    """Anna has no mailbox: a telephone is all that is known of her."""
    await office.pool.execute("DELETE FROM humans")
    contact = Contact(name="Anna Sjöberg", phone="+46 8 123 456 78 ext. 12")
    await office.kept.applicants.recognise(Hashes(), contact, APPLICANT_ANNA)


async def test_who_has_no_mailbox_is_called_with_the_letter_to_read_from(
    mail: Desk, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, anna_advanced)
    await unreachable_by_mail(office)
    words = "Dear Anna,\n\nthank you for Tuesday. We go on with others.\n\nRuth"
    order = an_order("write_to_candidate", candidate=ANNA, matter="outcome", words=office.seal(words).model_dump())

    done = await carry_out(mail, order)

    assert caught.all() == []
    task = raised_by(office, done)
    assert (task.kind, task.reason, task.effect_id) == ("write_to_candidate", "no_address", order.id)
    assert "Anna" not in done.model_dump_json()
    assert "Tuesday" not in done.model_dump_json()
    letter = await office.kept.documents.text(str(task.document))
    assert isinstance(letter, SourceText)
    assert "thank you for Tuesday. We go on with others." in letter.text
    stored = await office.pool.fetch("SELECT * FROM documents")
    assert "Tuesday" not in repr([dict(row) for row in stored])
    # Tried again, it is the same letter; and it goes by mail once there is an address.
    assert raised_by(office, await carry_out(mail, order)).document == task.document
    await office.kept.applicants.correct(APPLICANT_ANNA, {"email": "anna@applicants.example"}, Hashes("anna"))
    assert await carry_out(mail, order) == EffectResult(note="sent")
    assert caught.one("anna@applicants.example").text.split() == words.split()


async def test_an_invitation_of_who_has_no_mailbox_is_told_by_a_person_and_colleagues_get_theirs(
    mail: Desk, office: Office, caught: Caught
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    await unreachable_by_mail(office)
    order = next(one for one in office.orders(Invite) if one.payload["candidate"])

    task = raised_by(office, await carry_out(mail, order))

    assert len(caught.all()) == len(order.payload["people"]) > 0
    assert task.effect is not None
    assert task.effect["payload"] == order.payload | {"people": []}
    assert isinstance(await office.kept.documents.text(str(task.document)), SourceText)


@pytest.mark.parametrize("address", ["anna,sjoberg@applicants.example", "anna@applicants.example.", "anna at home"])
async def test_what_can_never_be_sent_is_a_persons_task_at_once(mail: Desk, office: Office, address: str) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    (preparation,) = office.orders(WriteToCandidate, matter="interview_preparation")
    await office.pool.execute("DELETE FROM humans")
    await office.kept.applicants.recognise(Hashes("m"), Contact(name="Anna", email=address), APPLICANT_ANNA)

    task = raised_by(office, await carry_out(mail, preparation))

    assert (task.reason, task.kind) == ("mail_refused", "write_to_candidate")
    assert task.document is not None


def raised_by(office: Office, done: EffectResult) -> Task:
    """The task that her workflow has in place of a delivery, given what came back."""
    assert done.reply is not None
    given = DeliveryFailed.model_validate(done.reply.payload)
    call = Call(Actor(id="shell", kind="system"), office.company.now, Facts())
    state = CANDIDATE.perform(office.company.states[HERS], given, call).state
    return list(state.tasks.values())[-1]
