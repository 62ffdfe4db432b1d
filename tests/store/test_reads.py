import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from domain.candidate.scorecards import ScorecardSubmitted
from domain.core.messages import Tick
from domain.requisition.offers import OfferMade
from store import command_lookups
from store.journal import Journal
from store.projections import PROJECTIONS
from store.queries import BoardSort, Reads
from store.users import Users
from testing.journal_company import (  # fmt: skip
    ANNA,
    APPLICANT_ANNA,
    APPLICANT_BERT,
    BERT,
    REQUISITION,
    REQUISITION_STREAM,
    SECOND,
    WHOLE_LIFE,
    Company,
    advanced,
    candidates_added,
    hired,
    interview_booked,
    looked_back,
    notified_twice,
    opened,
    rubric_amended,
    rubric_signed,
    rubric_written,
    works,
)
from testing.people import INTERVIEWER, MANAGER, OFFICE, PARTNER, RECRUITER, STRANGER

Step = Callable[[Company], None]


class Archive:
    """A company whose every event is journalled."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.company, self.journal = Company(), Journal(pool, PROJECTIONS)

    async def live(self, *steps: Step) -> None:
        """Lives through `steps`, and journals what happened."""
        for step in steps:
            step(self.company)
        await self.keep()

    async def keep(self) -> None:
        """Journals what is not there yet."""
        for stream, records in self.company.journal.items():
            await self.journal.append(stream, records)


@pytest.fixture
def archive(pool: asyncpg.Pool) -> Archive:
    return Archive(pool)


@pytest.fixture
def reads(pool: asyncpg.Pool) -> Reads:
    return Reads(pool)


def until(last: Step) -> list[Step]:
    """A whole life up to and with this step."""
    return [*WHOLE_LIFE[: WHOLE_LIFE.index(last) + 1]]


async def test_a_new_search_is_on_the_board_with_what_it_waits_for(archive: Archive, reads: Reads) -> None:
    await archive.live(opened)
    [line] = await reads.board()
    assert (line.id, line.title, line.phase, line.standing) == (REQUISITION, "Platform engineer", "intake", "open")
    [clock] = await reads.clocks(requisition=REQUISITION)
    assert (clock.name, clock.owner, clock.title) == ("intake_held", RECRUITER, "Platform engineer")
    assert (line.breached, line.waiting_on, line.nearest_due) == (False, (RECRUITER,), clock.due_at)


async def test_the_board_is_filtered_by_what_a_person_asks(archive: Archive, reads: Reads) -> None:
    await archive.live(*until(advanced), lambda company: opened(company, SECOND))

    async def found(**asked: Any) -> list[str]:
        return sorted(line.id for line in await reads.board(**asked))

    assert await found() == await found(person=MANAGER) == await found(standing="open") == [REQUISITION, SECOND]
    assert await found(person=STRANGER) == []
    assert await found(phase="intake") == [SECOND]
    assert await found(breached=True) == []
    assert await found(waiting_on=PARTNER) == []
    assert await found(limit=1, offset=1) != await found(limit=1)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("title", [SECOND, REQUISITION]),
        ("target", [SECOND, REQUISITION]),
        ("candidates", [REQUISITION, SECOND]),
        ("phase", [SECOND, REQUISITION]),
        ("opened", [REQUISITION, SECOND]),
    ],
)
async def test_the_board_is_in_the_order_that_is_asked_for_page_by_page(
    archive: Archive, reads: Reads, pool: asyncpg.Pool, sort: BoardSort, order: list[str]
) -> None:
    await archive.live(*until(interview_booked), lambda company: opened(company, SECOND))
    await pool.execute("UPDATE requisitions SET title = 'architect', target_date = '2030-01-31' WHERE id = $1", SECOND)
    await pool.execute("UPDATE requisitions SET target_date = NULL WHERE id = $1", REQUISITION)
    assert [line.id for line in await reads.board(sort=sort)] == order
    pages = [await reads.board(sort=sort, limit=1, offset=place) for place in range(2)]
    assert [line.id for lines in pages for line in lines] == order
    assert pages[1][0] == (await reads.board(sort=sort))[1]


async def test_what_is_looked_back_at_is_not_away_yet(archive: Archive, reads: Reads, pool: asyncpg.Pool) -> None:
    await archive.live(opened, lambda company: opened(company, SECOND))
    for requisition, phase in ((REQUISITION, "retro"), (SECOND, "closed")):
        await pool.execute("UPDATE requisitions SET standing = 'ended', phase = $2 WHERE id = $1", requisition, phase)
    assert [line.id for line in await reads.board(closed=False)] == [REQUISITION]
    assert len(await reads.board()) == 2


async def test_a_candidates_clock_counts_for_its_search(archive: Archive, reads: Reads) -> None:
    await archive.live(*until(interview_booked))
    [line] = await reads.board(waiting_on=INTERVIEWER)
    assert line.id == REQUISITION
    assert [line.id for line in await reads.board(person=INTERVIEWER)] == [REQUISITION]
    [clock] = await reads.clocks_owned_by(INTERVIEWER)
    assert (clock.name, clock.stream, clock.title) == ("invitation_answered", f"candidate/{ANNA}", "Platform engineer")


async def test_a_breach_comes_first_on_the_board(archive: Archive, reads: Reads) -> None:
    await archive.live(lambda company: opened(company, SECOND), *until(opened))
    assert [line.id for line in await reads.board()] == [SECOND, REQUISITION]

    await archive.live(lambda company: company.give(REQUISITION_STREAM, "tick", Tick(), after=timedelta(days=5)))
    assert [(line.id, line.breached) for line in await reads.board()] == [(REQUISITION, True), (SECOND, False)]
    assert [line.id for line in await reads.board(breached=True)] == [REQUISITION]

    await archive.live(rubric_written)
    assert await reads.board(breached=True) == []
    [ended] = [one for one in await reads.clocks(requisition=REQUISITION, ended=True) if one.name == "intake_held"]
    assert (ended.ended_as, ended.breached_at) == ("kept", ended.due_at)


async def test_the_board_says_whose_the_nearest_and_the_latest_is(archive: Archive, reads: Reads) -> None:
    await archive.live(*until(interview_booked))
    [line] = await reads.board()
    running = [clock for clock in await reads.clocks(requisition=REQUISITION, ended=False) if not clock.stands_since]
    assert (line.nearest_due, line.nearest_owner) == (running[0].due_at, running[0].owner)
    assert (line.late_due, line.late_owner) == (None, None)

    await archive.live(lambda company: company.give(f"candidate/{ANNA}", "tick", Tick(), after=timedelta(days=9)))
    [line] = await reads.board()
    late = [clock for clock in await reads.clocks(requisition=REQUISITION, ended=False) if clock.breached_at]
    assert (line.late_due, line.late_owner) == (late[0].due_at, late[0].owner)
    [waits] = [line for line in await reads.candidates(requisition=REQUISITION) if line.id == ANNA]
    assert waits.late_owner == late[0].owner


async def test_whether_anything_changed_is_known_for_ones_own_searches(archive: Archive, reads: Reads) -> None:
    await archive.live(*until(candidates_added))
    of_all, of_the_manager, of_nobody = [await reads.changes(of) for of in (None, MANAGER, STRANGER)]
    assert await reads.changes(MANAGER) == of_the_manager
    await archive.live(advanced)
    assert await reads.changes() != of_all
    assert await reads.changes(MANAGER) != of_the_manager
    assert await reads.changes(STRANGER) == of_nobody
    after = await reads.changes()
    await archive.live(lambda company: works(company, STRANGER), lambda company: notified_twice(company, STRANGER))
    assert await reads.changes() == after, "what somebody is told changes no search"


async def test_whoever_owes_something_in_a_search_sees_its_changes(archive: Archive, reads: Reads) -> None:
    await archive.live(*until(advanced))
    nothing = await reads.changes(INTERVIEWER)
    await archive.live(interview_booked)
    assert await reads.changes(INTERVIEWER) != nothing


async def test_what_a_message_had_in_it(archive: Archive, reads: Reads) -> None:
    await archive.live(
        *until(opened), lambda company: works(company, RECRUITER), lambda c: notified_twice(c, RECRUITER)
    )
    sent = await reads.messages(RECRUITER)
    ordered = await reads.ordered(f"person/{RECRUITER}", [message.number for message in sent])
    assert [(at, event.number) for at, event in ordered] == [(m.ordered_at, m.number) for m in sent]
    assert [[line.matter for line in event.lines] for _, event in ordered] == [["drift_seen"], ["drift_seen"]]
    assert await reads.titles([REQUISITION, SECOND]) == {REQUISITION: "Platform engineer"}


async def test_a_search_reads_as_it_stands_and_without_its_roster(archive: Archive, reads: Reads) -> None:
    await archive.live(*until(hired))
    view = await reads.requisition(REQUISITION)
    assert view is not None
    assert (view.phase, view.openings_left, view.version) == (
        "offer",
        0,
        archive.company.states[REQUISITION_STREAM].version,
    )
    assert (view.drift.rejected, view.drift.outside) == (1, 1)
    assert view.stages["rejected"] == 1
    assert not hasattr(view, "roster")
    assert await reads.requisition("R-NOBODY1") is None


async def test_candidates_read_one_by_one_and_as_a_list(archive: Archive, reads: Reads) -> None:
    await archive.live(*until(hired))
    anna = await reads.candidate(ANNA)
    assert anna is not None
    assert (anna.stage, anna.requisition, anna.human) == ("offered", REQUISITION, APPLICANT_ANNA)
    assert anna.interviews["I-1"].cards[INTERVIEWER].overall == "yes"
    assert [line.id for line in await reads.candidates(requisition=REQUISITION)] == [BERT, ANNA]
    assert [line.id for line in await reads.candidates(requisition=REQUISITION, stage="rejected")] == [BERT]
    [bert] = await reads.candidates(applicant=APPLICANT_BERT)
    assert (bert.waiting_on, bert.source) == ((RECRUITER,), "agency")
    assert await reads.candidate("C-NOBODY1") is None


async def test_a_draft_has_its_signatures_and_a_locked_version_keeps_them(archive: Archive, reads: Reads) -> None:
    await archive.live(*until(rubric_written))
    [draft] = await reads.rubric(REQUISITION)
    assert (draft.version, draft.status, draft.signatures, draft.diff) == (1, "draft", {}, None)

    await archive.live(rubric_signed, candidates_added, rubric_amended)
    amendment, locked = await reads.rubric(REQUISITION)
    assert (locked.version, locked.status, locked.content_hash) == (1, "locked", draft.content_hash)
    assert {role: signature.person for role, signature in locked.signatures.items()} == {"R": RECRUITER, "H": MANAGER}
    assert (amendment.version, amendment.status, amendment.why) == (2, "amendment", "monthly is not enough")
    assert amendment.diff is not None
    assert amendment.diff.changed == {"K1": ("behaviour",)}

    await archive.live(rubric_signed)
    second, first = await reads.rubric(REQUISITION)
    assert [(v.version, v.status) for v in (first, second)] == [(1, "locked"), (2, "locked")]
    assert first.rubric.criterion("K1") != second.rubric.criterion("K1")


async def test_the_timeline_tells_a_search_and_its_candidates_in_order(archive: Archive, reads: Reads) -> None:
    await archive.live(*WHOLE_LIFE)
    timeline = await reads.timeline(requisition=REQUISITION, limit=1000)
    assert [entry.record.at for entry in timeline] == sorted(entry.record.at for entry in timeline)
    assert {entry.stream for entry in timeline} == set(archive.company.journal)
    locked = await reads.timeline(stream=REQUISITION_STREAM, types=["rubric_locked"])
    assert [entry.record.event.type for entry in locked] == ["rubric_locked", "rubric_locked"]
    assert len(await reads.timeline(requisition=REQUISITION, limit=3, offset=2)) == 3


async def test_nobody_reads_who_wished_to_work_around_whom(archive: Archive, reads: Reads) -> None:
    await archive.live(*WHOLE_LIFE)
    assert any(r.event.type == "partnership_rated" for r in archive.company.journal[REQUISITION_STREAM])
    assert not any(
        e.record.event.type == "partnership_rated" for e in await reads.timeline(requisition=REQUISITION, limit=1000)
    )
    assert await reads.timeline(types=["partnership_rated"]) == []


async def test_sealed_words_are_read_from_what_happened(archive: Archive, reads: Reads) -> None:
    await archive.live(*until(hired))
    [record] = await reads.happened(f"candidate/{ANNA}", ScorecardSubmitted)
    assert isinstance(record.event, ScorecardSubmitted)
    assert record.event.ratings[0].evidence[0].observation is not None
    assert [type(r.event) for r in await reads.happened(REQUISITION_STREAM, ScorecardSubmitted, OfferMade)] == [
        OfferMade
    ]


async def test_what_a_retro_said_is_on_the_next_agenda_and_its_adoption_is_reported(
    archive: Archive, reads: Reads, pool: asyncpg.Pool
) -> None:
    await archive.live(*WHOLE_LIFE)
    inherited = await command_lookups.inherited_changes(pool, MANAGER, "another team")
    assert {change.text for change in inherited} == {
        "I send the slate by Tuesday noon", "I answer by 10:00 each day"
    }  # fmt: skip
    assert inherited == await command_lookups.inherited_changes(pool, STRANGER, "Platform")
    assert await command_lookups.inherited_changes(pool, STRANGER, "another team") == ()

    await archive.live(lambda company: opened(company, SECOND, inherited=inherited))
    changes = await reads.retro_changes(hiring_manager=MANAGER)
    assert [change.inherited_by for change in changes] == [{SECOND: "open"}, {SECOND: "open"}]


async def test_people_in_a_call_are_busy(archive: Archive, pool: asyncpg.Pool) -> None:
    await archive.live(*until(interview_booked))
    interview = await command_lookups.booked(pool, ANNA, "I-1")
    assert interview is not None
    assert interview.starts_at is not None
    at, ends_at = interview.starts_at, interview.ends_at
    people = [INTERVIEWER, STRANGER]
    assert await command_lookups.busy(pool, people, at + timedelta(minutes=30), at + timedelta(hours=2)) == {
        INTERVIEWER
    }
    assert await command_lookups.busy(pool, people, ends_at, ends_at + timedelta(minutes=30)) == set()
    assert await command_lookups.busy(pool, people, at, ends_at, apart_from=(ANNA, "I-1")) == set()
    assert await command_lookups.busy(pool, people, at, ends_at, apart_from=(BERT, "I-1")) == {INTERVIEWER}

    await archive.live(hired)
    assert await command_lookups.busy(pool, people, at, ends_at) == set()


async def test_what_other_entities_know_can_be_looked_up(archive: Archive, pool: asyncpg.Pool) -> None:
    await archive.live(*until(hired), lambda company: opened(company, SECOND))
    assert await command_lookups.applicant_of(pool, ANNA) == APPLICANT_ANNA
    assert await command_lookups.applicant_of(pool, "C-NOBODY1") is None
    assert await command_lookups.agency_claim(pool, APPLICANT_BERT) == command_lookups.AgencyClaim(
        BERT, "Headhunters Ltd", APPLICANT_BERT
    )
    assert await command_lookups.agency_claim(pool, APPLICANT_ANNA) is None
    assert await command_lookups.offer_elsewhere(pool, ANNA, SECOND) == REQUISITION
    assert await command_lookups.offer_elsewhere(pool, ANNA, REQUISITION) is None
    assert await command_lookups.offer_elsewhere(pool, BERT, SECOND) is None
    assert await command_lookups.target(pool, SECOND, ANNA) == command_lookups.Target(closed=False, has_them=False)
    assert await command_lookups.target(pool, REQUISITION, ANNA) == command_lookups.Target(closed=False, has_them=True)
    assert await command_lookups.target(pool, "R-NOBODY1", ANNA) is None

    await archive.live(looked_back)
    assert await command_lookups.target(pool, REQUISITION, BERT) == command_lookups.Target(closed=True, has_them=True)
    assert await command_lookups.offer_elsewhere(pool, ANNA, SECOND) is None


async def test_calendars_are_those_people_last_set(archive: Archive, reads: Reads, pool: asyncpg.Pool) -> None:
    await archive.live(lambda company: works(company, MANAGER), *until(interview_booked))
    assert await Users(pool).calendars([MANAGER, STRANGER]) == {MANAGER: OFFICE}
    person = await reads.person(MANAGER)
    assert person is not None
    assert (person.calendar, person.delegate) == (OFFICE, None)
    assert await command_lookups.streams_with(pool, MANAGER) == [f"candidate/{ANNA}", REQUISITION_STREAM]
    assert await command_lookups.streams_with(pool, INTERVIEWER) == [f"candidate/{ANNA}"]


async def test_a_reader_waits_for_what_they_wrote(archive: Archive, reads: Reads) -> None:
    waiting = asyncio.create_task(reads.wait_for_version(REQUISITION_STREAM, 4, timeout=10))
    await archive.live(opened)
    assert await waiting
    assert not await reads.wait_for_version(REQUISITION_STREAM, 99, timeout=0.02)
