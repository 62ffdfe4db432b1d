"""Searches at the turns of their life, for tests to begin from."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.access.roles import Role
from domain.core.money import Band, Pay
from domain.core.source_text import SourceText
from domain.entity.call import Facts
from domain.entity.entity_facts import CandidateFacts, ProfileVerdict, Stage
from domain.evidence.documents import Doc, Recording
from domain.evidence.rubric import Agreement, Criterion, Requirement, Round
from domain.requisition import REQUISITION
from domain.requisition.calibration import ShareSlate
from domain.requisition.candidate_facts_io import Relay
from domain.requisition.intake import RecordIntake
from domain.requisition.offers import MakeOffer
from domain.requisition.opening import Open
from domain.requisition.roster import AddCandidate
from domain.requisition.rubric import EditRubric, SignRubric
from domain.time.calendars import Calendar
from testing.decider_cases import Library, Step, Story, given, step
from testing.people import FACTS, MANAGER, MANAGER_LEAD, MONDAY, PARTNER, RECRUITER, RECRUITING_LEAD, TICK, person
from testing.unnamed_call import TRANSCRIPT as UNNAMED_CALL

DAY = timedelta(days=1)
REQUISITION_ID = "R-SEARCH1"
BAND = Band(minimum=Decimal(70_000), maximum=Decimal(90_000), currency="EUR")

OPEN = Open(
    title="Product Manager",
    team="Permits",
    hiring_manager=MANAGER,
    recruiter=RECRUITER,
    hr_partner=PARTNER,
    recruiting_lead=RECRUITING_LEAD,
    manager_lead=MANAGER_LEAD,
    band=BAND,
    place="Berlin",
    jurisdiction="DE",
    openings=1,
)

INTAKE_WORDS = "She presents the plan to the steering committee every month, and they argue about it."
LIBRARY = Library(D_INTAKE=SourceText(text=INTAKE_WORDS), D_CALLED01=UNNAMED_CALL)


def new(new_id: str = REQUISITION_ID, **more: Any) -> Facts:
    """What the API looks up for a command that begins something of this id."""
    return FACTS.but(new_id=new_id, **more)


def doc(name: str = "INTAKE") -> Doc:
    """An uploaded document; documents of different names differ."""
    return Doc(id=f"D-{name}", sha256=name.encode().hex().ljust(64, "0")[:64])


def transcript(name: str = "INTAKE") -> Recording:
    """A call everybody agreed to have recorded."""
    return Recording(kind="transcript", doc=doc(name), consent_of_all=True)


def criterion(number: int, **more: Any) -> Criterion:
    """A criterion that can be judged by."""
    fields: dict[str, Any] = {
        "id": f"K{number}",
        "rank": number,
        "behaviour": f"Presents {number} plans to the steering committee every month and takes its objections",
        "weight": "growth" if number == 3 else "must",
        "why": "The last person wrote documents that nobody read.",
        "proof": "A plan they presented, and what came of it.",
        "questions": ("Tell me of a plan you had to defend.",),
        "anchors": {str(n): f"Level {n}" for n in range(1, 5)},
    }
    return Criterion(**(fields | more))


CRITERIA = (criterion(1), criterion(2), criterion(3))
PLAN = (
    Round(round=1, kind="conversation", criteria=("K1",), minutes=60),
    Round(round=2, kind="panel", criteria=("K2", "K3"), minutes=60, final=True),
)
AGREEMENT = Agreement(
    candidates_expected=6, within_days=20, meet_every_days=7, interviewing="Two rounds.", updates="Weekly by mail."
)
EDIT = EditRubric(
    base_version=0,
    criteria=CRITERIA,
    requirements=(Requirement(id="Q1", text="May work in Germany", why="The law asks it."),),
    agreement=AGREEMENT,
    plan=PLAN,
    job_text="We make permits quick.",
)


def opened(command: Open = OPEN, **facts: Any) -> Story:
    """A requisition just opened."""
    return given(
        REQUISITION, step(person(command.recruiter, Role.RECRUITER), command, facts=new(**facts)), library=LIBRARY
    )


def intake_held(command: Open = OPEN, **facts: Any) -> Story:
    """A requisition whose intake was held."""
    recorded = RecordIntake(kind="full", held_at=MONDAY, attendees=(RECRUITER, MANAGER), rec=transcript())
    return opened(command, **facts).after(step(command.recruiter, recorded))


def drafted(command: Open = OPEN, edit: EditRubric = EDIT, **facts: Any) -> Story:
    """A requisition with a rubric that waits for its signatures."""
    return intake_held(command, **facts).after(step(command.recruiter, edit))


def signature(story: Story, **more: Any) -> SignRubric:
    """A signature under what there is to sign."""
    state = story.state
    version = (state.draft or state.locked).version
    content_hash = state.draft_hash if state.draft else state.judging.content_hash
    return SignRubric(**({"version": version, "hash": content_hash, "sign": True} | more))


def signed(story: Story, *by: str) -> Story:
    """The story after these people signed."""
    for signer in by:
        story.after(step(signer, signature(story)))
    return story


def locked(command: Open = OPEN, edit: EditRubric = EDIT, **facts: Any) -> Story:
    """A requisition whose rubric both signed."""
    story = drafted(command, edit, **facts)
    return signed(story, *story.state.signers.values())


def candidate_id(number: int) -> str:
    """The id of the requisition's n-th candidate."""
    return f"C-{number:06d}"


def applicant_id(number: int) -> str:
    """The id of the human behind the n-th candidate."""
    return f"H-{number:06d}"


def addition(number: int, **more: Any) -> AddCandidate:
    """The command that adds the n-th candidate."""
    fields: dict[str, Any] = {
        "person": applicant_id(number),
        "source": "applied",
        "doc": doc(f"RESUME{number}"),
        "notice_version": "2026-1",
    }
    return AddCandidate(**(fields | more))


def added(number: int, **more: Any) -> Step:
    """The recruiter adds the n-th candidate."""
    return step(RECRUITER, addition(number), facts=new(candidate_id(number)), **more)


def report(number: int, version: int, stage: Stage, **more: Any) -> Relay:
    """The n-th candidate's own entity says where they stand."""
    fields: dict[str, Any] = {
        "number": version,
        "candidate": candidate_id(number),
        "human": applicant_id(number),
        "stage": stage,
        "stage_since": MONDAY,
    }
    return Relay(fact=CandidateFacts(**(fields | more)))


def reports(number: int, version: int, stage: Stage, **more: Any) -> Step:
    """The same as a step of a life."""
    return step(TICK, report(number, version, stage, **more))


def answer(verdict: str, criterion: str | None = "K1") -> ProfileVerdict:
    """The hiring manager's word on a profile."""
    return ProfileVerdict.model_validate({"verdict": verdict, "criterion": criterion, "at": MONDAY})


def shortlisted(count: int, story: Story | None = None) -> Story:
    """A requisition with so many shortlisted candidates."""
    story = story or locked()
    for number in range(1, count + 1):
        story.after(added(number), reports(number, 1, "shortlisted"))
    return story


def slate(count: int, **more: Any) -> ShareSlate:
    """The first candidates as a slate."""
    return ShareSlate(**({"candidate_ids": tuple(candidate_id(n) for n in range(1, count + 1))} | more))


def hire_decided(story: Story | None = None, *numbers: int) -> Story:
    """A requisition in which these candidates (the first, unless said) are to be hired."""
    story = story or locked()
    for number in numbers or (1,):
        story.after(added(number), reports(number, 1, "hire_decided", hire_decided_at=story.now))
    return story


def an_offer(story: Story, number: int = 1, **more: Any) -> MakeOffer:
    """An offer within the band to the n-th candidate."""
    fields: dict[str, Any] = {
        "candidate_id": candidate_id(number),
        "amount": Decimal(85_000),
        "currency": "EUR",
        "start_on": date(2026, 9, 1),
        "answer_by": story.now + 7 * DAY,
    }
    return MakeOffer(**(fields | more))


def offered(story: Story | None = None, number: int = 1, **more: Any) -> Story:
    """A requisition in which the n-th candidate has an offer."""
    story = story or hire_decided()
    return story.after(step(RECRUITER, an_offer(story, number, **more)), reports(number, 2, "offered"))


def expects(amount: int, currency: str = "EUR") -> Pay:
    """What somebody hopes to earn a year."""
    return Pay(amount=Decimal(amount), currency=currency)


def calendar(zone: str) -> Calendar:
    """Office hours in another zone."""
    return Calendar.model_validate(
        {
            "zone": zone,
            "week": {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
        }
    )
