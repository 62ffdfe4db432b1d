"""A company with its journal: one requisition lived through by the rules, journalled, and copied as often as is asked
for.

What pages and reports read is measured on it. Every row is what the rules and the projection made of one real life;
a copy differs in its ids, in its recruiter and hiring manager, and in its team.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import asyncpg

from domain.access.roles import Role
from domain.candidate.contact import LogContact
from domain.candidate.interviews import RecordInterview
from domain.candidate.profile import Shortlist
from domain.core.messages import Tick
from domain.requisition.calibration import SubmitCandidate
from domain.requisition.roster import AddCandidate
from store.applicants import Contact, Hashes
from store.users import User
from testing.journal_company import (  # fmt: skip
    ANNA,
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
from testing.people import EVERYBODY, INTERVIEWER, MANAGER, MANAGER_LEAD, RECRUITER, RECRUITING_LEAD
from wiring import Stores

LIVED = (opened, intake_booked, rubric_written, rubric_signed, candidates_added, advanced, interview_booked)
AGO = timedelta(days=21)
COPIED = ("streams", "events", "requisitions", "rubrics", "candidates", "clocks", "moves", "readings", "meetings",
          "agency_claims", "humans", "person_views")  # fmt: skip
TEAMS, RECRUITERS, MANAGERS = 40, 50, 150
PHASES = ("intake", "rubric", "calibration", "sourcing", "interviewing", "debrief", "offer")


@dataclass(frozen=True)
class Size:
    """How large the company is: open requisitions, candidates in each, and events of each requisition and its
    candidates."""

    requisitions: int = 500
    candidates: int = 20
    events: int = 2_000


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
    for table in ("people", *COPIED):
        await pool.execute(f"VACUUM ANALYZE {table}")


def _lived(size: Size) -> Company:
    """One requisition with its candidates at several stages; a card is owed, and somebody is spoken with again and
    again."""
    company = Company()
    monday = (datetime.now(UTC) - AGO).date()
    monday -= timedelta(days=monday.weekday())
    company.now = datetime.combine(monday, time(9), UTC)
    for person in (RECRUITER, MANAGER, INTERVIEWER):
        works(company, person)
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


async def _known(at: Stores, size: Size) -> None:
    """Everybody's name: colleagues, and those of the first requisition who apply."""
    leads = frozenset({Role.LEAD})
    for person in (*EVERYBODY, *(f"{RECRUITER}N{n}" for n in range(RECRUITERS)),
                   *(f"{MANAGER}N{n}" for n in range(MANAGERS))):  # fmt: skip
        standing = leads if person in (RECRUITING_LEAD, MANAGER_LEAD) else frozenset[Role]()
        name, email = f"Somebody called {person[2:].title()}", f"{person.lower()}@example.org"
        await at.people.put(User(id=person, name=name, email=email, zone="Europe/Berlin", standing=standing))
    for row in await at.pool.fetch("SELECT human FROM candidates"):
        contact = Contact(name=f"Applicant {row['human'][2:].title()}", email=f"{row['human'].lower()}@example.com")
        await at.applicants.recognise(Hashes(row["human"]), contact, row["human"])


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
