import asyncio
from functools import partial
from typing import Any

import asyncpg
import pytest
from pydantic import Field

from domain.entity.speaker_naming import LabelAnswer, NameSpeakers
from domain.evidence.documents import Doc
from domain.evidence.draft_events import AttachDraft
from domain.evidence.retro_changes import InheritedChange
from store.database import connect
from store.journal import Journal
from store.projections import PROJECTIONS
from store.read_model import ROWS
from store.rebuild import rebuild, refresh, shape
from store.views import RequisitionView
from testing.journal_company import (
    ANNA,
    REQUISITION,
    SAID,
    SECOND,
    WHOLE_LIFE,
    Company,
    hired,
    notified_twice,
    opened,
    works,
)
from testing.people import INTERVIEWER, MANAGER, RECRUITER


async def read_model(pool: asyncpg.Pool) -> dict[str, list[dict[str, Any]]]:
    rows = {kind: await pool.fetch(f"SELECT * FROM {kind.table} ORDER BY {', '.join(kind.primary)}") for kind in ROWS}
    return {kind.table: [dict(row) for row in found] for kind, found in rows.items()}


def next_opened(company: Company) -> None:
    change = InheritedChange(id="X-1", text="answer by 10:00 each day", requisition=REQUISITION)
    opened(company, SECOND, inherited=(change,))


def scorecard_drafted(company: Company) -> None:
    about = {"interview": "I-1", "interviewer": INTERVIEWER, "rubric_version": 2}
    draft = AttachDraft(job="scorecard", draft=Doc(id="D-CARDDRAFT", sha256="0" * 64), about=about)
    company.give(f"candidate/{ANNA}", "S-SHELL", draft)


def speakers_named(company: Company) -> None:
    for number, name in ((0, None), (1, SAID)):
        said = LabelAnswer(number=number, who="somebody_else" if name else MANAGER, name=name)
        for stream in (f"candidate/{ANNA}", f"requisition/{REQUISITION}"):
            company.give(stream, RECRUITER, NameSpeakers(document="D-CALL01", speakers=(said,)))


_HIRED = WHOLE_LIFE.index(hired)
EVERYTHING = (
    partial(works, person=MANAGER), partial(notified_twice, person=MANAGER), *WHOLE_LIFE[:_HIRED], scorecard_drafted,
    speakers_named, *WHOLE_LIFE[_HIRED:], next_opened,
)  # fmt: skip


def whole_life() -> Company:
    company = Company()
    for step in EVERYTHING:
        step(company)
    return company


def test_another_label_is_no_other_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    class Labelled(RequisitionView):
        title: str = Field(title="What the job is called", description="In the words of the advertisement.")

    class Changed(RequisitionView):
        title: str | None

    Labelled.__name__ = Changed.__name__ = RequisitionView.__name__
    before = shape()
    monkeypatch.setattr("store.rebuild.RequisitionView", Labelled)
    assert shape() == before
    monkeypatch.setattr("store.rebuild.RequisitionView", Changed)
    assert shape() != before


async def test_the_same_rows_come_back(pool: asyncpg.Pool) -> None:
    company, journal = Company(), Journal(pool, PROJECTIONS)
    for step in EVERYTHING:
        step(company)
        for stream, records in company.journal.items():
            await journal.append(stream, records)
        before = await read_model(pool)
        assert (await rebuild(pool, PROJECTIONS)).streams == len(company.journal)
        assert await read_model(pool) == before
    assert [table for table, rows in before.items() if not rows] == ["tasks", "meetings"]


async def test_rows_do_not_depend_on_how_events_came_in_batches(pool: asyncpg.Pool) -> None:
    company = whole_life()
    at_once, one_by_one = Journal(pool, PROJECTIONS), Journal(pool, PROJECTIONS, remembered=1)
    for stream, records in company.journal.items():
        await at_once.append(stream, records)
    expected = await read_model(pool)
    await pool.execute("ALTER TABLE events DISABLE TRIGGER events_are_never_changed")
    await pool.execute("TRUNCATE events, streams")
    for kind in ROWS:
        await pool.execute(f"TRUNCATE {kind.table}")
    for stream, records in company.journal.items():
        for record in records:
            await one_by_one.append(stream, [record])
    assert await read_model(pool) == expected


async def test_what_is_appended_meanwhile_is_not_lost(pool: asyncpg.Pool, database: str) -> None:
    company, journal = whole_life(), Journal(pool, PROJECTIONS)
    other = await connect(database)
    streams = list(company.journal.items())
    for stream, records in streams[:2]:
        await journal.append(stream, records)
    await asyncio.gather(
        rebuild(other, PROJECTIONS), *(journal.append(stream, records) for stream, records in streams[2:])
    )
    meanwhile = await read_model(pool)
    await rebuild(other, PROJECTIONS)
    assert await read_model(pool) == meanwhile
    assert len(meanwhile["candidates"]) == 2
    await other.close()


async def test_rows_of_another_builds_shape_are_made_again(pool: asyncpg.Pool) -> None:
    company, journal = whole_life(), Journal(pool, PROJECTIONS)
    for stream, records in company.journal.items():
        await journal.append(stream, records)
    assert await refresh(pool, PROJECTIONS)
    assert not await refresh(pool, PROJECTIONS)

    expected = await read_model(pool)
    await pool.execute("UPDATE candidates SET view = view - 'stage'")
    await pool.execute("UPDATE read_model SET shape = 'of an older build'")
    assert await refresh(pool, PROJECTIONS)
    assert await read_model(pool) == expected
