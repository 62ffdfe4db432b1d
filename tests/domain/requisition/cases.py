"""Every command of the requisition: what is taken, and each way in which it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.access.roles import Role
from domain.core.messages import Command, Event, Tick
from domain.entity.clock_commands import (
    AdoptPolicy,
    CalendarsLearned,
    DeliveryFailed,
    ExtendClock,
    GateOverridden,
    LearnCalendars,
    LegalHoldSet,
    OverrideGate,
    PolicyAdopted,
    ResolveTask,
    SetLegalHold,
    TakeOver,
    TaskRaised,
    TaskResolved,
    WaiveClock,
)
from domain.entity.entity_facts import Arrival, PersonFacts
from domain.entity.speaker_naming import SpeakersKnown, SpeakersNamed
from domain.entity.transcription import AttachTranscript, ReportUntranscribed, TranscriptAttached, TranscriptionFailed
from domain.entity.wall_clocks import KeepHour
from domain.evidence.documents import Doc, Quote, Recording
from domain.evidence.draft_events import AttachDraft, DraftAttached
from domain.evidence.retro_changes import InheritedChange
from domain.requisition import REQUISITION
from domain.requisition.calibration import CandidateSubmitted, SlateShared, SubmitCandidate
from domain.requisition.candidate_facts_io import DelegateChanged, Relay
from domain.requisition.intake import IntakeRecorded, IntakeScheduled, RecordIntake, ScheduleIntake
from domain.requisition.job_posting import JobClosed, JobPublished, PublishJob
from domain.requisition.lifecycle import (
    Cancel,
    PutOnHold,
    Reopen,
    Resume,
    SearchCancelled,
    SearchFilled,
    SearchPutOnHold,
    SearchReopened,
    SearchResumed,
)
from domain.requisition.offers import (
    AnswerOffer,
    ApproveOffer,
    OfferAnswered,
    OfferApprovalAsked,
    OfferApproved,
    OfferExpired,
    OfferMade,
    OfferWithdrawn,
    WithdrawOffer,
)
from domain.requisition.opening import InheritedChangeResolved, ResolveInheritedChange, SearchOpened
from domain.requisition.pulse import AnswerPulse, PulseAnswered
from domain.requisition.retro import AnswerRetro, PartnershipRated, RetroAnswered
from domain.requisition.role_handover import HandOver, RoleHandedOver
from domain.requisition.roster import CandidateAdded, CandidateReported
from domain.requisition.rubric import (
    AmendRubric,
    EditRubric,
    RubricAmended,
    RubricDeclined,
    RubricEdited,
    RubricLocked,
    RubricSigned,
    SignRubric,
)
from domain.requisition.terms import AcknowledgeCompSignal, ChangeTerms, CompSignalAcknowledged, TermsChanged
from domain.sla.clocks import ClockDueChanged, ClockWaived
from testing.decider_cases import Story, given, step
from testing.people import (
    FACTS,
    INTERVIEWER,
    MANAGER,
    MANAGER_LEAD,
    MONDAY,
    OUTSIDE,
    PARTNER,
    RECRUITER,
    RECRUITING_LEAD,
    STRANGER,
    STRICTER,
    TICK,
    person,
)
from testing.places import PLACE
from testing.requisition_stories import (
    BAND,
    CRITERIA,
    DAY,
    EDIT,
    INTAKE_WORDS,
    OPEN,
    PLAN,
    added,
    addition,
    an_offer,
    answer,
    applicant_id,
    calendar,
    candidate_id,
    criterion,
    doc,
    drafted,
    expects,
    hire_decided,
    intake_held,
    locked,
    new,
    offered,
    opened,
    report,
    reports,
    shortlisted,
    signature,
    signed,
    slate,
    transcript,
)
from testing.unnamed_call import BY_TELEPHONE, CALL, MISNAMED, NAMING, UNNAMED, naming
from tests.domain.case_table import Case

WHY = "Because it is so."
NOTES = Recording(kind="notes", doc=doc("MYNOTES"))
CHANGES = (InheritedChange(id="X-OLD1-1R", text="Agree on the panel before sourcing.", requisition="R-OLD001"),)
BOTH = OPEN.but(recruiter=MANAGER, hiring_manager=MANAGER, second_signer=PARTNER)
CONFIDENTIAL = OPEN.but(visibility="confidential")
MONTHS = timedelta(days=100)
RECRUITING = person(RECRUITER, Role.RECRUITER)

PUBLISH = PublishJob(action="open", channels=("our site",), rubric_version=1)
ADD = addition(1)
AMEND = AmendRubric(base_version=1, criteria=(*CRITERIA[:2], criterion(3, why="It pays off later.")), why=WHY)
PULSE = AnswerPulse(rubric_right=True, candidates_right=True)
RETRO = AnswerRetro(
    worked=("The intake was short.", "The slate came in three days."),
    change="The recruiter books the panel before the first screen.",
    wished_to_work_around=False,
)
ACCEPT = AnswerOffer(offer_id="O-1", answer="accepted")
HOLD = PutOnHold(why=WHY, review_at=MONDAY + 30 * DAY)
HAND_OVER = HandOver(role="recruiter", to=INTERVIEWER, why=WHY)
GONE = TakeOver(left=(RECRUITER,), may_follow=(MANAGER, RECRUITING_LEAD))
RECORD = RecordIntake(kind="full", held_at=MONDAY, attendees=(RECRUITER, MANAGER), rec=transcript())


ARRIVAL = Arrival(
    number=9,
    candidate=candidate_id(2),
    came_from=candidate_id(9),
    human=applicant_id(1),
    source="internal",
    resume="D-RESUME1",
    resume_sha256="0" * 64,
    notice_version="2026-1",
    consent_at=MONDAY,
)


def edit(**changes: Any) -> EditRubric:
    """The rubric's first version, but for this."""
    return EDIT.but(**changes)


def cancelled(story: Story | None = None) -> Story:
    """A requisition that was cancelled."""
    return (story or locked()).after(step(MANAGER, Cancel(why=WHY)))


def filled() -> Story:
    """A requisition whose one opening was taken."""
    return offered().after(step(OUTSIDE, ACCEPT))


def pulse_due() -> Story:
    """A requisition two weeks into sourcing."""
    return locked().after(step(TICK, Tick(), after=15 * DAY))


def retro_due() -> Story:
    """A requisition that was filled two days ago."""
    return filled().after(step(TICK, Tick(), after=3 * DAY))


def too_dear() -> Story:
    """A requisition whose candidates expect more than the band."""
    story = locked()
    for number, amount in enumerate((92_000, 95_000, 99_000), start=1):
        story.after(added(number), reports(number, 1, "screened", expectation=expects(amount)))
    return story


def with_task() -> Story:
    """A requisition in which a mail could not be delivered."""
    return opened().after(step(TICK, DELIVERY_FAILED))


def on(make: Callable[[], Story], then: Callable[[Story], Command]) -> Command:
    """A command that names what is in the story it is given to."""
    return then(make())


DELIVERY_FAILED = DeliveryFailed(
    effect_id="requisition/R-SEARCH1/3/0",
    effect={"type": "notify", "payload": {"person": MANAGER, "matter": "rubric_locked", "about": {}}},
    reason="unreachable",
)
KEEP_INTAKE = KeepHour(meeting="intake", stood_at=MONDAY + DAY, starts_at=MONDAY + DAY - timedelta(hours=1))
INTAKE_CLOCK = next(iter(opened().state.clocks))
UNSIGNED = signature(drafted())


def case(given: Callable[[], Story], by: Any, command: Command, *then: type[Event] | str, **more: Any) -> Case:
    """A line of the table."""
    refusal = then[0] if len(then) == 1 and isinstance(then[0], str) else None
    return Case(given, by, command, refusal or tuple(t for t in then if not isinstance(t, str)), **more)


def intake_booked() -> Story:
    """Everybody is invited to the intake."""
    return opened().after(
        step(RECRUITER, ScheduleIntake(starts_at=MONDAY + DAY, minutes=45, attendees=(MANAGER,), where=PLACE))
    )


def unopened() -> Story:
    """A stream in which nothing happened yet."""
    return given(REQUISITION)


OPENING = [
    case(unopened, RECRUITING, OPEN, SearchOpened, facts=new()),
    case(unopened, person(MANAGER_LEAD, Role.LEAD), BOTH, SearchOpened, facts=new()),
    case(unopened, RECRUITING, OPEN, "no_calendar", facts=new(calendars={})),
    case(unopened, RECRUITING, OPEN.but(band=BAND.but(minimum=Decimal(99_000))), "bad_band", facts=new()),
    case(unopened, RECRUITING, OPEN.but(openings=0), "bad_openings", facts=new()),
    case(unopened, RECRUITING, OPEN.but(openings=None), "bad_openings", facts=new()),
    case(unopened, RECRUITING, OPEN.but(evergreen=True), "bad_openings", facts=new()),
    case(unopened, RECRUITING, BOTH.but(second_signer=None), "second_signer_needed", facts=new()),
    case(unopened, RECRUITING, BOTH.but(second_signer=MANAGER), "second_signer_needed", facts=new()),
    case(unopened, RECRUITING, OPEN.but(target_date=date(2026, 1, 1)), "bad_time", facts=new()),
    case(opened, RECRUITER, RECORD.but(rec=NOTES.but(why_unrecorded="The line was bad.")), IntakeRecorded),
    case(unopened, RECRUITER, RECORD, "not_found"),
    case(
        lambda: opened(inherited=CHANGES),
        MANAGER,
        ResolveInheritedChange(change_id="X-OLD1-1R", adopt=True),
        InheritedChangeResolved,
    ),
    case(
        lambda: opened(inherited=CHANGES),
        RECRUITER,
        ResolveInheritedChange(change_id="X-OLD1-1R", adopt=False),
        "invalid",
    ),
    case(opened, RECRUITER, ResolveInheritedChange(change_id="X-NONE", adopt=True), "unknown_reference"),
    case(
        lambda: signed(
            drafted(inherited=CHANGES).after(
                step(MANAGER, ResolveInheritedChange(change_id="X-OLD1-1R", adopt=False, why=WHY))
            ),
            RECRUITER,
            MANAGER,
        ),
        MANAGER,
        ResolveInheritedChange(change_id="X-OLD1-1R", adopt=True),
        "locked",
    ),
]

INTAKE = [
    case(
        opened,
        RECRUITER,
        ScheduleIntake(starts_at=MONDAY + DAY, minutes=45, attendees=(MANAGER,), where=PLACE),
        IntakeScheduled,
    ),
    case(
        opened,
        RECRUITER,
        ScheduleIntake(starts_at=MONDAY + DAY, minutes=45, attendees=(PARTNER,), where=PLACE),
        "hm_missing",
    ),
    case(opened, RECRUITER, ScheduleIntake(starts_at=MONDAY + DAY, minutes=45, attendees=(MANAGER,)), "place_missing"),
    case(intake_booked, TICK, KEEP_INTAKE, IntakeScheduled),
    case(opened, TICK, KEEP_INTAKE),
    case(
        opened, RECRUITER, ScheduleIntake(starts_at=MONDAY, minutes=45, attendees=(MANAGER,), where=PLACE), "bad_time"
    ),
    case(opened, RECRUITER, RECORD, IntakeRecorded),
    case(opened, RECRUITER, RECORD.but(kind="reaffirm"), "nothing_to_reaffirm"),
    case(lambda: opened(OPEN.but(copied_from="R-OLD001")), RECRUITER, RECORD.but(kind="reaffirm"), IntakeRecorded),
    case(opened, RECRUITER, RECORD.but(rec=transcript().but(consent_of_all=False)), "consent_missing"),
    case(opened, RECRUITER, RECORD.but(rec=NOTES), "consent_missing"),
    case(opened, RECRUITER, RECORD.but(held_at=MONDAY + DAY), "bad_time"),
    case(intake_held, RECRUITER, RECORD, "already_done"),
    case(opened, TICK, AttachDraft(job="intake_brief", draft=doc("THEBRIEF")), DraftAttached),
]

CONTENT: dict[str, dict[str, Any]] = {
    "criteria_count": {"criteria": CRITERIA[:2]},
    "no_must_have": {"criteria": tuple(c.but(weight="growth") for c in CRITERIA)},
    "anchors_missing": {"criteria": (CRITERIA[0].but(anchors={"1": "Nothing"}), *CRITERIA[1:])},
    "questions_missing": {"criteria": (CRITERIA[0].but(questions=()), *CRITERIA[1:])},
    "vague_wording": {"criteria": (CRITERIA[0].but(behaviour="Strong communicator"), *CRITERIA[1:])},
    "must_have_untested": {"plan": (PLAN[1],)},
    "no_final_round": {"plan": (PLAN[0], PLAN[1].but(final=False))},
    "not_in_source": {
        "criteria": (CRITERIA[0].but(span=Quote(document="D-INTAKE", words="never said")), *CRITERIA[1:])
    },
}

RUBRIC = [
    case(intake_held, MANAGER, EDIT, RubricEdited),
    case(
        intake_held,
        PARTNER,
        edit(criteria=(CRITERIA[0].but(span=Quote(document="D-INTAKE", words=INTAKE_WORDS[:21])), *CRITERIA[1:])),
        RubricEdited,
    ),
    case(intake_held, MANAGER, edit(stand_by=True, **CONTENT["vague_wording"]), RubricEdited),
    case(opened, MANAGER, EDIT, "no_intake"),
    case(locked, MANAGER, EDIT.but(base_version=1), "locked"),
    case(drafted, MANAGER, EDIT, "stale_version"),
    *(case(intake_held, MANAGER, edit(**changes), code) for code, changes in CONTENT.items()),
    case(drafted, RECRUITER, UNSIGNED, RubricSigned),
    case(lambda: signed(drafted(), RECRUITER), MANAGER, UNSIGNED, RubricSigned, RubricLocked),
    case(drafted, MANAGER, UNSIGNED.but(sign=False, why=WHY), RubricDeclined),
    case(drafted, RECRUITER, UNSIGNED.but(hash="another"), "hash_mismatch"),
    case(intake_held, RECRUITER, SignRubric(version=1, hash="any", sign=True), "hash_mismatch"),
    case(lambda: signed(drafted(BOTH), MANAGER), MANAGER, UNSIGNED, "same_person"),
    case(lambda: signed(drafted(BOTH), MANAGER), PARTNER, UNSIGNED, RubricLocked),
    case(lambda: drafted(inherited=CHANGES), RECRUITER, UNSIGNED, "inherited_change_open"),
    case(
        lambda: drafted(edit=EDIT.but(agreement=None)),
        RECRUITER,
        signature(drafted(edit=EDIT.but(agreement=None))),
        "agreement_incomplete",
    ),
    case(locked, MANAGER, AMEND, RubricAmended),
    case(drafted, MANAGER, AMEND, "not_locked"),
    case(lambda: locked().after(step(MANAGER, AMEND)), RECRUITER, AMEND, "amendment_open"),
    case(
        lambda: locked().after(added(1), reports(1, 1, "debriefing", cards_in_undecided=True)),
        MANAGER,
        AMEND,
        "decision_pending",
    ),
    case(locked, MANAGER, AMEND.but(criteria=CRITERIA), "no_change"),
    *(case(locked, MANAGER, AMEND.but(**{"criteria": None, **changes}), code) for code, changes in CONTENT.items()),
    case(locked, RECRUITER, PUBLISH, JobPublished),
    case(lambda: locked(OPEN).after(step(RECRUITER, PUBLISH)), RECRUITER, PUBLISH.but(action="close"), JobClosed),
    case(drafted, RECRUITER, PUBLISH, "not_locked"),
    case(locked, RECRUITER, PUBLISH.but(pay_range_shown=False), "pay_range_missing"),
    case(lambda: locked(CONFIDENTIAL), RECRUITER, PUBLISH, "alias_needed"),
    case(lambda: locked(CONFIDENTIAL), RECRUITER, PUBLISH.but(alias="A public office"), JobPublished),
]

CANDIDATES = [
    case(opened, RECRUITER, ADD, CandidateAdded, facts=new(candidate_id(1))),
    case(locked, OUTSIDE, ADD, CandidateAdded, facts=new(candidate_id(1))),
    case(lambda: opened().after(added(1)), MANAGER, ADD, "duplicate_person", facts=new(candidate_id(2))),
    case(opened, RECRUITER, ADD, "owned_by_agency", facts=new(candidate_id(1), owned_by=candidate_id(9))),
    case(opened, RECRUITER, ADD.but(source="agency", agency="Finders"), CandidateAdded, facts=new(candidate_id(1))),
    case(opened, RECRUITER, ADD.but(notice_version=None), "notice_missing", facts=new(candidate_id(1))),
    case(lambda: opened().after(added(1)), TICK, report(1, 1, "withdrawn"), CandidateReported),
    case(opened, TICK, report(1, 1, "withdrawn"), "unknown_reference"),
    case(opened, TICK, Relay(fact=ARRIVAL), CandidateAdded),
    case(lambda: opened().after(added(1)), TICK, Relay(fact=ARRIVAL), "duplicate_person"),
    case(cancelled, TICK, Relay(fact=ARRIVAL), "closed"),
    case(
        opened,
        TICK,
        report(1, 1, "added").but(
            fact=PersonFacts(
                number=1, person=MANAGER, delegate=STRANGER, powers=("decide",), delegate_until=MONDAY + DAY
            )
        ),
        DelegateChanged,
    ),
    case(lambda: shortlisted(5), RECRUITER, slate(5), SlateShared),
    case(lambda: shortlisted(2), RECRUITER, slate(2, why="The market is small."), SlateShared),
    case(lambda: drafted().after(added(1)), RECRUITER, slate(1), "not_locked"),
    case(lambda: locked().after(added(1)), RECRUITER, slate(1, why=WHY), "not_shortlisted"),
    case(lambda: shortlisted(2), RECRUITER, slate(2), "slate_size"),
    case(lambda: shortlisted(6), RECRUITER, slate(6), "slate_size"),
    case(lambda: shortlisted(5).after(step(RECRUITER, slate(5))), RECRUITER, slate(5), "slate_unanswered"),
    case(
        lambda: shortlisted(2).after(
            step(RECRUITER, slate(1, why=WHY)), reports(1, 2, "advanced", answer=answer("advance"))
        ),
        RECRUITER,
        SubmitCandidate(candidate_id=candidate_id(2)),
        CandidateSubmitted,
    ),
    case(
        lambda: shortlisted(2).after(step(RECRUITER, slate(1, why=WHY))),
        RECRUITER,
        SubmitCandidate(candidate_id=candidate_id(2)),
        "slate_unanswered",
    ),
    case(
        lambda: locked().after(added(1)),
        RECRUITER,
        SubmitCandidate(candidate_id=candidate_id(1)),
        "not_shortlisted",
    ),
]

COURSE = [
    case(pulse_due, RECRUITER, PULSE, PulseAnswered),
    case(pulse_due, MANAGER, PULSE.but(candidates_right=False, note="They are all auditors."), PulseAnswered),
    case(locked, MANAGER, PULSE, "not_due"),
    case(pulse_due, MANAGER, PULSE.but(rubric_right=False), "note_missing"),
    case(too_dear, MANAGER, AcknowledgeCompSignal(signal_id="S-1", way="move_bar"), CompSignalAcknowledged),
    case(too_dear, PARTNER, AcknowledgeCompSignal(signal_id="S-9", way="move_bar"), "unknown_reference"),
    case(too_dear, PARTNER, AcknowledgeCompSignal(signal_id="S-1", way="hold_course"), "invalid"),
    case(locked, RECRUITER, ChangeTerms(openings=2, why=WHY), TermsChanged),
    case(locked, PARTNER, ChangeTerms(band=BAND.but(maximum=Decimal(99_000)), why=WHY), TermsChanged),
    case(locked, RECRUITER, ChangeTerms(band=BAND.but(maximum=Decimal(99_000)), why=WHY), "hr_needed"),
    case(
        lambda: offered(offered(hire_decided(locked(OPEN.but(openings=2)), 1, 2)), 2),
        RECRUITER,
        ChangeTerms(openings=1, why=WHY),
        "openings_committed",
    ),
    case(locked, RECRUITER, ChangeTerms(place="Berlin", why=WHY), "no_change"),
    case(retro_due, RECRUITER, RETRO, RetroAnswered, PartnershipRated),
    case(filled, RECRUITER, RETRO, "not_due"),
    case(retro_due, MANAGER, RETRO.but(change="Communicate better."), "vague_change"),
]

OFFERS = [
    case(hire_decided, RECRUITER, an_offer(hire_decided()), OfferMade),
    case(hire_decided, RECRUITER, an_offer(hire_decided(), letter="We offer you this."), OfferMade),
    case(hire_decided, RECRUITER, an_offer(hire_decided(), letter="You were our second choice."), "internal_words"),
    case(lambda: locked().after(added(1)), RECRUITER, an_offer(hire_decided()), "not_hire_decided"),
    case(lambda: offered(hire_decided(None, 1, 2)), RECRUITER, an_offer(hire_decided(), 2), "no_opening"),
    case(hire_decided, RECRUITER, an_offer(hire_decided(), amount=Decimal(95_000)), "above_band"),
    case(
        hire_decided,
        RECRUITER,
        an_offer(hire_decided(), amount=Decimal(95_000), ask_approval=True),
        OfferApprovalAsked,
    ),
    case(hire_decided, RECRUITER, an_offer(hire_decided()), "offer_elsewhere", facts=FACTS.but(offer_elsewhere="R-X")),
    case(hire_decided, RECRUITER, an_offer(hire_decided(), answer_by=MONDAY + DAY), "answer_by_too_soon"),
    case(
        hire_decided,
        PARTNER,
        ApproveOffer(candidate_id=candidate_id(1), ceiling=Decimal(99_000), why=WHY),
        OfferApproved,
    ),
    case(
        lambda: locked().after(added(1)),
        PARTNER,
        ApproveOffer(candidate_id=candidate_id(1), ceiling=Decimal(99_000), why=WHY),
        "not_hire_decided",
    ),
    case(offered, OUTSIDE, ACCEPT, OfferAnswered, SearchFilled),
    case(offered, RECRUITER, ACCEPT.but(answer="countered", amount=Decimal(89_000)), OfferAnswered),
    case(offered, RECRUITER, ACCEPT.but(answer="declined", cause="pay"), OfferAnswered),
    case(offered, RECRUITER, ACCEPT.but(answer="declined"), "invalid"),
    case(lambda: offered(offered()), OUTSIDE, ACCEPT, "superseded"),
    case(offered, OUTSIDE, ACCEPT, "expired", after=30 * DAY),
    case(offered, OUTSIDE, ACCEPT.but(offer_id="O-7"), "unknown_reference"),
    case(offered, PARTNER, WithdrawOffer(offer_id="O-1", cause=WHY), OfferWithdrawn),
    case(filled, PARTNER, WithdrawOffer(offer_id="O-1", cause=WHY), OfferWithdrawn),
    case(hire_decided, PARTNER, WithdrawOffer(offer_id="O-1", cause=WHY), "no_live_offer"),
    case(offered, TICK, Tick(), OfferExpired, after=30 * DAY),
]

STANDING = [
    case(locked, RECRUITER, HAND_OVER, RoleHandedOver),
    case(locked, MANAGER_LEAD, HAND_OVER.but(role="hiring_manager"), RoleHandedOver),
    case(locked, MANAGER, HAND_OVER, "not_permitted"),
    case(locked, RECRUITER, HAND_OVER, "conflict_of_interest", facts=FACTS.but(conflicted=(INTERVIEWER,))),
    case(locked, RECRUITING_LEAD, HAND_OVER.but(to=RECRUITER), "same_person"),
    case(locked, RECRUITER, HAND_OVER.but(to="P-NOBODY"), "unknown_reference"),
    case(locked, MANAGER, HOLD, SearchPutOnHold),
    case(locked, MANAGER, HOLD.but(review_at=MONDAY + 365 * DAY), "review_too_late"),
    case(lambda: locked().after(step(MANAGER, HOLD)), MANAGER, HOLD, "on_hold"),
    case(lambda: locked().after(step(MANAGER, HOLD)), RECRUITER, Resume(), SearchResumed),
    case(locked, RECRUITER, Resume(), "not_held"),
    case(locked, MANAGER_LEAD, Cancel(why=WHY), SearchCancelled),
    case(offered, MANAGER, Cancel(why=WHY), "offer_open"),
    case(cancelled, RECRUITING_LEAD, Reopen(openings=1, cause=WHY), SearchReopened),
    case(locked, RECRUITER, Reopen(openings=1, cause=WHY), "not_ended"),
    case(cancelled, RECRUITER, PUBLISH, "closed"),
]

EITHER = [
    case(opened, MANAGER, WaiveClock(clock_id=INTAKE_CLOCK, why=WHY), ClockWaived),
    case(opened, RECRUITER, WaiveClock(clock_id=INTAKE_CLOCK, why=WHY), "own_clock"),
    case(opened, MANAGER, WaiveClock(clock_id="none", why=WHY), "not_running"),
    case(opened, MANAGER, ExtendClock(clock_id=INTAKE_CLOCK, until=MONDAY + 4 * DAY, why=WHY), ClockDueChanged),
    case(opened, RECRUITER, ExtendClock(clock_id=INTAKE_CLOCK, until=MONDAY + 4 * DAY, why=WHY), "own_clock"),
    case(opened, MANAGER, ExtendClock(clock_id="none", until=MONDAY + 4 * DAY, why=WHY), "not_running"),
    case(
        lambda: opened().after(step(MANAGER, ExtendClock(clock_id=INTAKE_CLOCK, until=MONDAY + 4 * DAY, why=WHY))),
        MANAGER,
        ExtendClock(clock_id=INTAKE_CLOCK, until=MONDAY + 5 * DAY, why=WHY),
        "already_extended",
    ),
    case(opened, MANAGER, ExtendClock(clock_id=INTAKE_CLOCK, until=MONDAY + 40 * DAY, why=WHY), "too_long"),
    case(
        locked,
        PARTNER,
        OverrideGate(gate="slate_unanswered", subject=candidate_id(2), asked_by=RECRUITER, why=WHY, until=MONDAY + DAY),
        GateOverridden,
    ),
    case(
        locked,
        MANAGER_LEAD,
        OverrideGate(
            gate="slate_unanswered", subject=candidate_id(2), asked_by=MANAGER_LEAD, why=WHY, until=MONDAY + DAY
        ),
        "own_request",
    ),
    case(
        locked,
        PARTNER,
        OverrideGate(gate="not_locked", subject="R-SEARCH1", asked_by=RECRUITER, why=WHY, until=MONDAY + DAY),
        "not_overridable",
    ),
    case(opened, TICK, DELIVERY_FAILED, TaskRaised),
    case(
        with_task,
        RECRUITER,
        ResolveTask(task_id=next(iter(with_task().state.tasks)), outcome="retry", why=WHY),
        TaskResolved,
    ),
    case(opened, RECRUITER, ResolveTask(task_id="T-1", outcome="done", why=WHY), "unknown_reference"),
    case(opened, PARTNER, SetLegalHold(on=True, why=WHY), LegalHoldSet),
    case(opened, PARTNER, SetLegalHold(on=False, why=WHY), "no_change"),
    case(opened, TICK, LearnCalendars(calendars={MANAGER: calendar("Asia/Tokyo")}), CalendarsLearned),
    case(opened, TICK, GONE, RoleHandedOver),
    case(lambda: Story(REQUISITION), TICK, GONE, "not_found"),
    case(opened, TICK, AdoptPolicy(policy=STRICTER), PolicyAdopted),
    case(lambda: Story(REQUISITION), TICK, AdoptPolicy(policy=STRICTER), "not_found"),
]

IN_THE_INTAKE = RECORD.but(rec=transcript().but(doc=Doc(id=CALL, sha256="0" * 64)))
ASKED = FACTS.but(unnamed=UNNAMED)

TAPE = doc("TAPE0001")
RECORD_TAPE = RECORD.but(rec=transcript().but(kind="recording", doc=TAPE))
A_TAPE = FACTS.but(transcribes=True)
TRANSCRIBED = AttachTranscript(recording=TAPE.id, transcript=Doc(id=CALL, sha256="0" * 64), unnamed=UNNAMED)
UNHEARD = ReportUntranscribed(recording=TAPE.id, reason="no_speech")


def taped(*then: Command) -> Callable[[], Story]:
    """A recording is left of the intake; `then` something came of that."""
    return lambda: opened().after(step(RECRUITER, RECORD_TAPE, facts=A_TAPE), *(step(TICK, one) for one in then))


NAMED = [
    case(opened, RECRUITER, RECORD_TAPE, IntakeRecorded, facts=A_TAPE),
    case(opened, RECRUITER, RECORD_TAPE, "invalid", facts=FACTS.but(transcribes=False)),
    case(
        opened,
        RECRUITER,
        RECORD_TAPE.but(rec=RECORD_TAPE.rec.but(consent_of_all=False)),
        "consent_missing",
        facts=A_TAPE,
    ),
    case(taped(), RECRUITER, RECORD_TAPE, "already_done", facts=A_TAPE),
    case(taped(), TICK, TRANSCRIBED, TranscriptAttached),
    case(taped(TRANSCRIBED), RECRUITER, NAMING, SpeakersNamed, SpeakersKnown),
    case(taped(), TICK, UNHEARD, TranscriptionFailed),
    case(taped(UNHEARD), RECRUITER, RECORD_TAPE, IntakeRecorded, facts=A_TAPE),
    case(opened, RECRUITER, NAMING, SpeakersNamed),
    case(opened, RECRUITER, naming(BY_TELEPHONE.but(who="applicant", name=None)), "invalid"),
    *(case(opened, RECRUITER, misnamed, code) for misnamed, code in MISNAMED.items()),
    case(opened, RECRUITER, IN_THE_INTAKE, "speakers_unnamed", facts=ASKED),
    case(lambda: opened().after(step(RECRUITER, NAMING)), RECRUITER, IN_THE_INTAKE, IntakeRecorded, facts=ASKED),
]

CASES: list[Case] = [*OPENING, *INTAKE, *NAMED, *RUBRIC, *CANDIDATES, *COURSE, *OFFERS, *STANDING, *EITHER]
