"""A company whose requisition has been lived through, written into a real database, with each effect ready to be
ordered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from temporalio.client import Client

from activities.composition import composed
from activities.letter_context import ContextReader
from activities.registry import Activity
from domain.candidate.interviews import CancelInterview, RescheduleInterview
from domain.candidate.profile import AnswerProfile, Shortlist
from domain.candidate.screen import ConfirmSummary, SummaryBullet, SummaryVerdict
from domain.core.messages import Effect
from domain.core.money import Pay
from domain.entity.effects import DeliverMessage, Invite, Notify
from domain.evidence.documents import Evidence, Quote
from domain.notifications.notification import MessageKind, notification_of
from domain.person.state import Channel
from domain.registry import DECIDERS
from domain.requisition.calibration import ShareSlate
from domain.time.calendars import Calendar
from settings import Settings
from store.applicants import Contact, Hashes
from store.policy_file import PolicyFile
from store.users import User
from testing import journal_company as lived
from testing.journal_company import ANNA, APPLICANT_ANNA, APPLICANT_BERT, REQUISITION_STREAM, Company
from testing.people import EVERYBODY, FACTS, MANAGER, RECRUITER, TEAM
from wiring import Services, Stores
from workflows.contract import EffectOrder, stream_of

HERS = stream_of("candidate", ANNA)
NAMES = {person: f"{person[2:].title()} Example" for person in EVERYBODY}
ZONES = {MANAGER: "America/New_York"}
CONTACTS = {
    APPLICANT_ANNA: Contact(name="Anna Sjöberg", email="anna@applicants.example"),
    APPLICANT_BERT: Contact(name="Bert Okoye", email="bert@applicants.example"),
}


def address(person: str) -> str:
    """Somebody's mail address."""
    return f"{person[2:].lower()}@company.example"


@dataclass
class Office:
    """The company, what it is written in, and whose words are sealed how."""

    pool: asyncpg.Pool
    home: Path
    company: Company = field(default_factory=Company)

    def __post_init__(self) -> None:
        self.kept = Stores(self.pool, Settings(home=self.home))
        self.kept.keys.found("I-THIS")
        self.keys, self.sealer, self.library = self.kept.keys, self.kept.sealer, ContextReader(self.kept)

    def activities(self, settings: Settings, client: Client) -> dict[type[Effect], Activity]:
        """Who carries out which effect here, as a worker with these settings does."""
        return composed(Services(settings, self.pool, client, PolicyFile(settings.policy)))

    async def move_in(self) -> None:
        """People, and the humans who apply."""
        for person, name in NAMES.items():
            zone = ZONES.get(person, "Europe/Berlin")
            await self.kept.people.put(User(id=person, name=name, email=address(person), zone=zone))
        for applicant, contact in CONTACTS.items():
            await self.kept.applicants.recognise(Hashes(applicant), contact, applicant)

    async def live(self, *chapters: Callable[[Company], None]) -> None:
        """Lives through these chapters and writes the journal."""
        for chapter in chapters:
            chapter(self.company)
        for stream, records in self.company.journal.items():
            await self.kept.journal.append(stream, records)

    def orders(self, *kinds: type[Effect], matter: str | None = None) -> list[EffectOrder]:
        """Every effect of these kinds so far, ordered as the shell orders it."""
        return [
            order
            for order in self._all_orders()
            if isinstance(order.effect, kinds) and matter in (None, order.payload.get("matter"))
        ]

    def message(self, *orders: EffectOrder, kind: MessageKind = "digest", channel: Channel = "mail") -> EffectOrder:
        """One message with what these orders want somebody to hear, as their inbox would order it."""
        lines = []
        for order in orders:
            effect = order.effect
            assert isinstance(effect, Notify)
            requisition = REQUISITION_STREAM.partition("/")[2]
            lines.append(notification_of(order.id, order.stream, order.decided_at, effect, TEAM, requisition))
        person = str(orders[0].payload["person"])
        said = DeliverMessage(person=person, number=1, kind=kind, channel=channel, lines=tuple(lines))
        return EffectOrder(
            id="|".join(order.id for order in orders),
            stream=stream_of("person", person),
            decided_at=orders[-1].decided_at,
            type=said.type,
            payload=said.model_dump(mode="json"),
        )

    def seal(self, words: str) -> Any:
        """Words about Anna, as they travel."""
        return self.sealer.seal(APPLICANT_ANNA, words, ANNA)

    def _all_orders(self) -> Iterator[EffectOrder]:
        for stream, records in self.company.journal.items():
            decider = DECIDERS[stream.partition("/")[0]]
            state = decider.initial
            for record in records:
                state = decider.evolve(state, record)
                for effect_id, effect in decider.react(state, record):
                    payload = effect.model_dump(mode="json")
                    yield EffectOrder(
                        id=effect_id, stream=stream, decided_at=record.at, type=effect.type, payload=payload
                    )


def up_to_the_slate(company: Company) -> None:
    """The requisition is open, its rubric locked, and Anna and Bert are in it."""
    for chapter in (
        lived.opened, lived.intake_booked, lived.rubric_written, lived.rubric_signed, lived.candidates_added,
    ):  # fmt: skip
        chapter(company)


def anna_advanced(company: Company) -> None:
    """Anna alone is shared, and wanted."""
    company.give(HERS, RECRUITER, Shortlist(verdicts=dict.fromkeys(("K1", "K2", "K3"), "met")))
    company.give(REQUISITION_STREAM, RECRUITER, ShareSlate(candidate_ids=(ANNA,), why="nobody else yet"))
    company.give(HERS, MANAGER, AnswerProfile(verdict="advance", criterion="K1"))


def summed_up(office: Office) -> Callable[[Company], None]:
    """Her screen, booked and held with the interview, is summed up; the words are sealed."""
    evidence = Evidence(quote=Quote(document="D-CALL01", start=0, end=4, words=office.seal("I counted the calls")))

    def chapter(company: Company) -> None:
        company.give(
            HERS,
            RECRUITER,
            ConfirmSummary(
                bullets=tuple(SummaryBullet(text=office.seal(f"Point {n}"), evidence=evidence) for n in range(5)),
                verdicts={k: SummaryVerdict(verdict="met", evidence=evidence) for k in ("K1", "K2", "K3")},
                strongest=evidence.quote,
                expectation=Pay.model_validate({"amount": 78_000, "currency": "EUR"}),
            ),
        )

    return chapter


def interview_moved(company: Company) -> None:
    """Her interview is an hour later."""
    interview = company.states[HERS].interviews["I-1"]
    assert interview.starts_at is not None
    later: datetime = interview.starts_at + timedelta(hours=1)
    move = RescheduleInterview(interview_id="I-1", starts_at=later, cause="the room is taken")
    company.give(HERS, RECRUITER, move, calendars=dict[str, Calendar](FACTS.calendars))


def interview_cancelled(company: Company) -> None:
    """It will not take place."""
    company.give(HERS, RECRUITER, CancelInterview(interview_id="I-1", cause="she asked for it"))


def interview_invitations(office: Office) -> list[EffectOrder]:
    """Every order about her interview's place in the calendars, in order."""
    return [order for order in office.orders(Invite) if order.payload["uid"].endswith("I-1")]
