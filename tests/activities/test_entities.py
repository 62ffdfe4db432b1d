"""One entity telling another, on the real Temporal server with a stand-in at the other end."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import asyncpg
import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities.entities import EntityActivities
from activities.holidays import HolidayActivities
from domain.core.messages import Effect
from domain.entity.clock_commands import LearnCalendars
from domain.entity.effects import EntityMessage, RenewHolidays, SpreadPerson, Tell, TellAll
from domain.entity.entity_facts import PersonFacts
from domain.entity.wall_clocks import KeepHour
from domain.person.holidays import LearnHolidays
from ops.wall_clocks import keep_hours
from settings import Settings
from testing.journal_company import ANNA, BERT, REQUISITION_STREAM, interview_booked
from testing.people import MANAGER, OFFICE, STRANGER
from testing.signing import SIGNING
from tests.activities.letter_fixtures import Office, anna_advanced, up_to_the_slate
from tests.activities.toy_workflow import Notebook
from wiring import Stores
from workflows.contract import FLOW_QUEUE, UNSIGNED, Carried, EffectOrder, EffectResult, stream_of

SENDER = "requisition/R-SENDER"


@pytest.fixture(scope="module")
async def worker(client: Client) -> AsyncIterator[None]:
    async with Worker(client, task_queue=FLOW_QUEUE, workflows=[Notebook]):
        yield


@pytest.fixture
async def entities(client: Client, worker: None, pool: asyncpg.Pool) -> EntityActivities:
    kept = Stores(pool, Settings())
    kept.signing = SIGNING
    return EntityActivities(client, kept)


def order(number: int, effect: Effect) -> EffectOrder:
    return EffectOrder(
        id=f"{SENDER}/{number}/0",
        stream=SENDER,
        decided_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
        type=effect.type,
        payload=effect.model_dump(mode="json"),
    )


def tell(stream: str, command: str = "relay", start: bool = False, **payload: Any) -> Tell:
    return Tell(letter=EntityMessage(stream=stream, command=command, payload=payload, start=start))


async def start(client: Client, *streams: str) -> None:
    for stream in streams:
        await client.start_workflow(Notebook.run, Carried(), id=stream, task_queue=FLOW_QUEUE)


async def notes(client: Client, stream: str) -> list[dict[str, Any]]:
    return await client.get_workflow_handle(stream).query(Notebook.notes)


async def test_a_told_entity_knows_what_it_was_told_and_by_whom(client: Client, entities: EntityActivities) -> None:
    await start(client, "candidate/C-TOLD01")

    result = await ActivityEnvironment().run(entities.tell, order(1, tell("candidate/C-TOLD01", stage="added")))

    assert result == EffectResult(note="taken")
    (note,) = await notes(client, "candidate/C-TOLD01")
    assert note == {
        "command": "relay",
        "payload": {"stage": "added"},
        "by": {"id": SENDER, "kind": "system", "standing": []},
        "id": f"{SENDER}/1/0",
    }


async def test_the_same_effect_is_taken_once(client: Client, entities: EntityActivities) -> None:
    await start(client, "candidate/C-TWICE1")
    again = order(2, tell("candidate/C-TWICE1"))

    await ActivityEnvironment().run(entities.tell, again)
    await ActivityEnvironment().run(entities.tell, again)

    assert len(await notes(client, "candidate/C-TWICE1")) == 1


async def test_a_refusal_is_an_answer(client: Client, entities: EntityActivities) -> None:
    await start(client, "candidate/C-REFUSE")

    result = await ActivityEnvironment().run(entities.tell, order(3, tell("candidate/C-REFUSE", "argue")))

    assert result == EffectResult(note="refused: closed")
    assert await notes(client, "candidate/C-REFUSE") == []


async def test_nobody_there_is_an_answer(entities: EntityActivities) -> None:
    result = await ActivityEnvironment().run(entities.tell, order(4, tell("requisition/R-NOBODY")))

    assert result == EffectResult(note="no such entity")


async def test_a_candidate_who_is_not_born_yet_is_told_later(entities: EntityActivities) -> None:
    with pytest.raises(ApplicationError) as failed:
        await ActivityEnvironment().run(entities.tell, order(4, tell("candidate/C-UNBORN")))

    assert (failed.value.type, failed.value.non_retryable) == ("not_born_yet", False)


@pytest.mark.parametrize("begins", [False, True])
async def test_an_entity_whose_run_the_engine_lost_is_told_later_and_not_begun_anew(
    client: Client, entities: EntityActivities, pool: asyncpg.Pool, begins: bool
) -> None:
    stream = f"requisition/R-LOST{int(begins)}"
    await pool.execute("INSERT INTO streams (stream, version) VALUES ($1, 3)", stream)
    with pytest.raises(ApplicationError) as failed:
        await ActivityEnvironment().run(entities.tell, order(4, tell(stream, start=begins)))

    assert (failed.value.type, failed.value.non_retryable) == ("run_missing", False)
    with pytest.raises(RPCError):
        await client.get_workflow_handle(stream).describe()


@pytest.mark.parametrize(("candidate", "why"), [("C-BROKEN", "internal"), ("C-TAMPER", UNSIGNED)])
async def test_an_entity_that_cannot_perform_it_or_does_not_believe_us_becomes_a_task_at_once(
    client: Client, entities: EntityActivities, candidate: str, why: str
) -> None:
    await start(client, f"candidate/{candidate}")

    with pytest.raises(ApplicationError) as failed:
        await ActivityEnvironment().run(entities.tell, order(5, tell(f"candidate/{candidate}")))

    assert (failed.value.type, failed.value.non_retryable) == (why, True)


async def test_a_new_entity_is_started_with_its_first_command(client: Client, entities: EntityActivities) -> None:
    opening = order(6, tell("candidate/C-NEW001", start=True, human="H-000001"))

    await ActivityEnvironment().run(entities.tell, opening)
    await ActivityEnvironment().run(entities.tell, opening)

    assert [note["payload"] for note in await notes(client, "candidate/C-NEW001")] == [{"human": "H-000001"}]


async def test_an_entity_whose_life_is_over_is_not_started_again(client: Client, entities: EntityActivities) -> None:
    await start(client, "requisition/R-OVER01")
    await ActivityEnvironment().run(entities.tell, order(7, tell("requisition/R-OVER01", "close")))
    await client.get_workflow_handle("requisition/R-OVER01").result()

    started = await ActivityEnvironment().run(entities.tell, order(8, tell("requisition/R-OVER01", start=True)))
    told = await ActivityEnvironment().run(entities.tell, order(9, tell("requisition/R-OVER01")))

    assert started == EffectResult(note="its life is over")
    assert told == EffectResult(note="no such entity")


async def test_everybody_is_told_and_the_answers_are_counted(client: Client, entities: EntityActivities) -> None:
    streams = tuple(f"candidate/C-ALL{n:03}" for n in range(20))
    await start(client, *streams)
    heard: list[int] = []
    environment = ActivityEnvironment()
    environment.on_heartbeat = heard.append

    result = await environment.run(
        entities.tell_all,
        order(10, TellAll(streams=(*streams, "requisition/R-NOBODY"), command="relay", payload={"number": 7})),
    )

    assert result == EffectResult(note="1 no such entity, 20 taken")
    assert [len(await notes(client, stream)) for stream in streams] == [1] * 20
    assert heard[0] == 0
    assert heard[-1] == 21
    assert heard == sorted(heard)


async def test_an_interrupted_round_goes_on_where_it_was(client: Client, entities: EntityActivities) -> None:
    streams = ("candidate/C-FIRST1", "candidate/C-SECOND", "candidate/C-THIRD1")
    await start(client, *streams)
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, heartbeat_details=[2])

    result = await environment.run(entities.tell_all, order(11, TellAll(streams=streams, command="relay", payload={})))

    assert result == EffectResult(note="1 taken")
    assert [len(await notes(client, stream)) for stream in streams] == [0, 0, 1]


async def test_one_that_cannot_be_told_keeps_nobody_else_from_hearing(
    client: Client, entities: EntityActivities
) -> None:
    streams = ("candidate/C-FINE01", "candidate/C-BROKEN", "candidate/C-FINE02")
    await start(client, "candidate/C-FINE01", "candidate/C-FINE02")
    heard: list[int] = []
    environment = ActivityEnvironment()
    environment.on_heartbeat = heard.append

    with pytest.raises(ApplicationError) as failed:
        await environment.run(entities.tell_all, order(12, TellAll(streams=streams, command="relay", payload={})))

    assert failed.value.type == "internal"
    assert [len(await notes(client, stream)) for stream in ("candidate/C-FINE01", "candidate/C-FINE02")] == [1, 1]
    assert heard[-1] == 1


async def test_how_somebody_works_reaches_their_searches_and_the_candidates_who_count_on_it(
    client: Client, entities: EntityActivities, office: Office
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    hers, his = (stream_of("candidate", candidate) for candidate in (ANNA, BERT))
    await start(client, REQUISITION_STREAM, hers, his)
    fact = PersonFacts(number=3, person=MANAGER, calendar=OFFICE).model_dump(mode="json")

    result = await ActivityEnvironment().run(entities.spread_person, order(13, SpreadPerson(person=MANAGER, fact=fact)))

    assert result == EffectResult(note="3 taken")
    assert [(n["command"], n["payload"]) for n in await notes(client, REQUISITION_STREAM)] == [
        ("relay", {"fact": fact})
    ]
    for stream in (hers, his):
        (note,) = await notes(client, stream)
        assert note["command"] == "learn_calendars"
        assert LearnCalendars.model_validate(note["payload"]).calendars == {MANAGER: OFFICE}


async def test_a_further_year_of_holidays_is_looked_up_and_told(client: Client, entities: EntityActivities) -> None:
    renewal, stream = HolidayActivities(entities), stream_of("person", "P-RENEWED0")
    await start(client, stream)
    wanted = RenewHolidays(person=MANAGER, country="DE", subdivision="BY", year=2029)
    asked = order(15, wanted).but(stream=stream)

    assert await ActivityEnvironment().run(renewal.renew_holidays, asked) == EffectResult(note="2029: taken")
    [note] = await notes(client, stream)
    learnt = LearnHolidays.model_validate(note["payload"])
    assert (note["command"], learnt.after, learnt.until) == ("learn_holidays", date(2028, 12, 31), date(2029, 12, 31))
    assert date(2029, 1, 6) in learnt.days

    never = order(16, wanted.but(year=2999)).but(stream=stream)
    with pytest.raises(ApplicationError) as unknown:
        await ActivityEnvironment().run(renewal.renew_holidays, never)
    assert (unknown.value.type, unknown.value.non_retryable) == ("no_holidays_on_file", True)


async def test_a_meeting_keeps_its_hour_when_a_country_goes_by_other_rules(
    client: Client, entities: EntityActivities, office: Office
) -> None:
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    hers = "candidate/C-KEEPS01"
    await start(client, hers)
    await office.pool.execute("UPDATE meetings SET stream = $1 WHERE stream = $2", hers, stream_of("candidate", ANNA))
    keep = partial(keep_hours, client, SIGNING, office.pool)
    assert await keep() == 0

    # The company's story is in the past; and what clocks are to show differs, as it does by other rules.
    later = "shows + interval '1 year' + CASE id WHEN 'I-1' THEN interval '1 hour' ELSE interval '0' END"
    await office.pool.execute(f"UPDATE meetings SET starts_at = starts_at + interval '1 year', shows = {later}")
    assert await keep() == 1
    [note] = await notes(client, hers)
    asked = KeepHour.model_validate(note["payload"])
    assert (note["command"], asked.meeting, note["by"]["id"]) == ("keep_hour", "I-1", "time-zones")
    assert asked.starts_at - asked.stood_at == timedelta(hours=1)
    await keep()
    assert len(await notes(client, hers)) == 1, "it is told once"


async def test_a_stranger_to_every_search_concerns_nobody(entities: EntityActivities, office: Office) -> None:
    await office.live(up_to_the_slate)
    fact = PersonFacts(number=1, person=STRANGER, calendar=OFFICE).model_dump(mode="json")

    result = await ActivityEnvironment().run(
        entities.spread_person, order(14, SpreadPerson(person=STRANGER, fact=fact))
    )

    assert result == EffectResult(note="nobody")
