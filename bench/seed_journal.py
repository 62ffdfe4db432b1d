"""A company with its journal: one requisition lived through by the rules, journalled, and copied as often as is asked
for.

What pages and reports read is measured on it. Every row is what the rules and the projection made of one real life;
a copy differs in its ids, in its recruiter and hiring manager, and in its team.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import asyncpg

from domain.access.roles import Role
from domain.candidate.contact import LogContact
from domain.candidate.interviews import RecordInterview
from domain.candidate.profile import Shortlist
from domain.core.messages import Tick
from domain.notifications.notification import Notification
from domain.person.inbox import Hear
from domain.requisition.calibration import SubmitCandidate
from domain.requisition.roster import AddCandidate
from store.applicants import Contact, Hashes
from store.users import User
from testing.journal_company import (  # fmt: skip
    ANNA,
    REQUISITION,
    REQUISITION_STREAM,
    TRANSCRIPT,
    Company,
    advanced,
    candidates_added,
    intake_booked,
    interview_booked,
    opened,
    rubric_signed,
    rubric_written,
    works,
)
from testing.people import EVERYBODY, INTERVIEWER, MANAGER, MANAGER_LEAD, PARTNER, RECRUITER, RECRUITING_LEAD
from wiring import Stores

LIVED = (opened, intake_booked, rubric_written, rubric_signed, candidates_added, advanced, interview_booked)
AGO = timedelta(days=21)
TOLD, APART = 20, timedelta(days=3)
"""How many messages the recruiter was sent before that, and how far apart."""

CROWDED = f"{REQUISITION}N1"
CROWDED_BY = f"{RECRUITER}N1"
"""The requisition with many candidates, and its recruiter."""

COPIED = ("streams", "events", "requisitions", "rubrics", "candidates", "clocks", "moves", "readings", "meetings",
          "agency_claims", "person_views")  # fmt: skip
TEAMS, RECRUITERS, MANAGERS = 40, 50, 150
AT_ONCE = 8
"""Applicants introduced together: each has a key that is written to the disk."""
PHASES = ("intake", "rubric", "calibration", "sourcing", "interviewing", "debrief", "offer")


@dataclass(frozen=True)
class Size:
    """How large the company is: open requisitions, candidates in each, and events of each requisition and its
    candidates; and how many candidates one of them has in place of those that follow it, which have none."""

    requisitions: int = 500
    candidates: int = 20
    events: int = 2_000
    crowd: int = 500


async def fill(at: Stores, size: Size) -> None:
    """Writes the company into a database with every table, and lets the planner know of it."""
    company, pool = _lived(size), at.pool
    for stream, records in company.journal.items():
        await at.journal.append(stream, records)
    await _known(at, size)
    for table in COPIED:
        await _copied(pool, table, size.requisitions - 1)
    await pool.execute(
        """
        UPDATE requisitions SET team_name = 'Team ' || nr % $1, phase = ($2::text[])[1 + nr % cardinality($2)]
        FROM (SELECT id AS known, row_number() OVER (ORDER BY id) AS nr FROM requisitions) numbered WHERE id = known
        """,
        *(TEAMS, list(PHASES)),
    )
    await _crowded(at, size)
    await _introduced(at)
    for table in ("people", "humans", *COPIED):
        await pool.execute(f"VACUUM ANALYZE {table}")


def _lived(size: Size) -> Company:
    """One requisition with its candidates at several stages; a card is owed, and somebody is spoken with again and
    again."""
    company = Company()
    monday = (datetime.now(UTC) - AGO).date()
    monday -= timedelta(days=monday.weekday())
    begins = datetime.combine(monday, time(9), UTC)
    company.now = begins - (TOLD + 1) * APART
    for person in (RECRUITER, MANAGER, INTERVIEWER):
        works(company, person)
    for number in range(TOLD):
        _is_told(company, number)
    company.now = begins
    for step in LIVED:
        step(company)
    numbers = range(3, size.candidates + 1)
    for number in numbers:
        added = AddCandidate(person=f"H-NUM{number:05}", source="applied", notice_version="1")
        company.give(REQUISITION_STREAM, RECRUITER, added, new_id=f"C-NUM{number:05}")
    for number in numbers[::2]:
        verdicts = Shortlist(verdicts=dict.fromkeys(("K1", "K2", "K3"), "met"))
        company.give(f"candidate/C-NUM{number:05}", RECRUITER, verdicts)
    for number in numbers[::4]:
        company.give(REQUISITION_STREAM, RECRUITER, SubmitCandidate(candidate_id=f"C-NUM{number:05}"))
    card_day = company.states[f"candidate/{ANNA}"].debrief.starts_at - timedelta(hours=3)
    company.now = max(company.now, card_day)
    held = RecordInterview(interview_id="I-1", outcome="held", ended_at=company.now, rec=TRANSCRIPT)
    company.give(f"candidate/{ANNA}", RECRUITER, held)
    shortlisted = [f"candidate/C-NUM{number:05}" for number in numbers[::2]]
    while sum(map(len, company.journal.values())) < size.events:
        for stream in shortlisted:
            said = LogContact(at=company.now, direction="outbound", channel="mail")
            company.give(stream, RECRUITER, said, after=timedelta(minutes=2))
    for stream in list(company.states):
        company.give(stream, RECRUITER, Tick(), after=timedelta())
    return company


def _is_told(company: Company, number: int) -> None:
    """The recruiter is sent one more message."""
    drift = Notification(
        id=f"{REQUISITION_STREAM}/{number}/0", stream=REQUISITION_STREAM, matter="drift_seen",
        about={"rejected": number + 2}, decided_at=company.now, told_as="recruiter", search=REQUISITION,
    )  # fmt: skip
    company.give(f"person/{RECRUITER}", RECRUITER, Hear(line=drift))
    company.give(f"person/{RECRUITER}", RECRUITER, Tick(), after=APART)


async def _crowded(at: Stores, size: Size) -> None:
    """Lets one requisition have as many candidates as several."""
    others = [f"{REQUISITION}N{n}" for n in range(2, min(size.crowd // size.candidates + 1, size.requisitions))]
    for statement in (
        """
        UPDATE candidates SET requisition = $1, view = view || jsonb_build_object(
            'requisition', $1::text, 'team', (SELECT view->'team' FROM requisitions WHERE id = $1))
        WHERE requisition = ANY($2)
        """,
        "UPDATE clocks SET requisition = $1 WHERE requisition = ANY($2) AND stream LIKE 'candidate/%'",
        "UPDATE moves SET requisition = $1 WHERE requisition = ANY($2)",
    ):
        await at.pool.execute(statement, CROWDED, others)
    await at.pool.execute(
        """
        UPDATE requisitions SET view = view || jsonb_build_object('stages', (
            SELECT jsonb_object_agg(stage, number) FROM (
                SELECT stage, count(*) AS number FROM candidates WHERE requisition = $1 GROUP BY stage) counted))
        WHERE id = $1
        """,
        CROWDED,
    )


async def _known(at: Stores, size: Size) -> None:
    """The names of colleagues."""
    roles = {
        RECRUITING_LEAD: Role.LEAD, MANAGER_LEAD: Role.LEAD, PARTNER: Role.HR_PARTNER,
        RECRUITER: Role.RECRUITER, CROWDED_BY: Role.RECRUITER,
    }  # fmt: skip
    for person in (*EVERYBODY, *(f"{RECRUITER}N{n}" for n in range(RECRUITERS)),
                   *(f"{MANAGER}N{n}" for n in range(MANAGERS))):  # fmt: skip
        standing = frozenset({roles[person]}) if person in roles else frozenset[Role]()
        name, email = f"Somebody called {person[2:].title()}", f"{person.lower()}@example.org"
        await at.people.put(User(id=person, name=name, email=email, zone="Europe/Berlin", standing=standing))


async def _introduced(at: Stores) -> None:
    """The names of all who apply, each under a key of their own."""

    async def introduced(applicant: str) -> None:
        contact = Contact(name=f"Applicant {applicant[2:].title()}", email=f"{applicant.lower()}@example.com")
        await at.applicants.recognise(Hashes(applicant), contact, applicant)

    rows = await at.pool.fetch("SELECT DISTINCT human FROM candidates")
    for begins in range(0, len(rows), AT_ONCE):
        await asyncio.gather(*(introduced(row["human"]) for row in rows[begins : begins + AT_ONCE]))


async def _copied(pool: asyncpg.Pool, table: str, times: int) -> None:
    """Each row of one table so many times more, under other ids."""
    words = "words"
    for known in ("SEARCH01", "ANNA0001", "BERT0001", "NUM"):
        words = f"replace({words}, '{known}', '{known}N' || n)"
    for person, others in ((RECRUITER, RECRUITERS), (MANAGER, MANAGERS)):
        words = f"""replace({words}, '"{person}"', '"{person}N' || n % {others} || '"')"""
    await pool.execute(
        f"""
        WITH lived AS MATERIALIZED (SELECT to_jsonb(one)::text AS words FROM {table} one)
        INSERT INTO {table} SELECT again.* FROM lived, generate_series(1, $1) n,
            jsonb_populate_record(NULL::{table}, {words}::jsonb) AS again
        ON CONFLICT DO NOTHING
        """,
        times,
        timeout=1_200,
    )
