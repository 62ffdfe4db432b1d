"""The rubric: both edit it, both sign it, and from then on it can be amended but never edited."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Annotated, Self

from pydantic import Field

from domain.core.decider import Chapter
from domain.core.messages import Command, Effect, Event, Record, Refusals, Sources, refuse
from domain.core.personal_text import Reason, Words, unsealed
from domain.core.plain_words import Plain
from domain.entity.call import Call
from domain.entity.effects import Notify
from domain.evidence.draft_jobs import DraftJob
from domain.evidence.quotes import aligned, must_be_concrete
from domain.evidence.rubric import OF_THE_JOB, Agreement, Criterion, Requirement, Round, Rubric, RubricDiff, RubricFacts
from domain.notifications.catalogue import NotificationKind
from domain.requisition.state import Amendment, Awaited, LockedVersion, Requisition, Signature, SignerRole

chapter: Chapter[Requisition] = Chapter()

CONTENT = (
    "criteria_count* no_must_have* anchors_missing* questions_missing* vague_wording* must_have_untested* "
    "no_final_round* not_in_source*"
)


class _RubricContent(Command):
    """The parts of a rubric; a part that is left out stays as it is."""

    base_version: int = Field(ge=0, description="The version this changes; 0 for the first.")
    criteria: tuple[Criterion, ...] | None = None
    requirements: tuple[Requirement, ...] | None = Field(default=None, title="Plain requirements")
    agreement: Agreement | None = Field(default=None, title="The search agreement")
    plan: tuple[Round, ...] | None = Field(default=None, title="The interviews")
    job_text: Annotated[str, OF_THE_JOB] | None = Field(default=None, title="The job description", max_length=20_000)
    stand_by: bool = Field(
        default=False,
        title="Keep my words as they are; they pass, flagged",
        description="Keep wording that was called vague; it passes flagged.",
    )

    def grounded(self, sources: Sources) -> Self:
        """See `Command.grounded`: passages are found in the intake, and behaviours say what one would see."""
        if self.criteria is None:
            return self.but(stand_by=False)
        flagged, wrong = False, Refusals()
        criteria = []
        for criterion in self.criteria:
            field = f"criteria.{criterion.id}"
            with wrong:
                flagged |= must_be_concrete("vague_wording", criterion.behaviour, "criterion", self.stand_by, field)
                span = aligned(criterion.span, sources, field) if criterion.span else None
                criteria.append(criterion.but(span=span))
        wrong.raise_all()
        return self.but(criteria=tuple(criteria), stand_by=flagged)

    def applied_to(self, base: Rubric | None) -> Rubric:
        """The next version: `base` with the parts given here. Refuses a rubric nobody could judge by."""
        base = base or Rubric(version=0, criteria=(), plan=())
        given = {
            part: value
            for part in ("criteria", "requirements", "agreement", "plan", "job_text")
            if (value := getattr(self, part)) is not None
        }
        changed = base.but(version=self.base_version + 1, **given)
        changed.check()
        return changed


class EditRubric(
    _RubricContent,
    who="R H P",
    refuses=f"no_intake locked {CONTENT}",
    heading="Write the rubric",
    button="Save this version",
    draft=DraftJob.RUBRIC,
):
    """Write or change the rubric, the search agreement and the interview plan. Signatures given before are void."""


class SignRubric(
    Command,
    who="R H second_signer",
    refuses="hash_mismatch same_person† inherited_change_open agreement_incomplete",
    heading="Sign the rubric",
    button="Sign",
):
    """Put your name under this version of the rubric, or decline it and say why. The last signature locks it."""

    version: int
    hash: Annotated[str, Plain("the hash of what is signed; another one is refused")]
    sign: bool = Field(title="Do you sign?")
    why: Reason | None = Field(default=None, title="If not: why")


class AmendRubric(
    _RubricContent,
    who="R H P",
    refuses=f"not_locked amendment_open decision_pending no_change* {CONTENT}",
    heading="Amend the rubric",
    button="Propose the amendment",
    draft=DraftJob.RUBRIC,
):
    """Propose a change to the locked rubric, with its reason. It holds once both have signed it."""

    why: Reason


class RubricEdited(Event):
    """The rubric has new words; whoever signed has to sign again."""

    rubric: Rubric
    content_hash: str
    flagged: bool


class RubricAmended(Event):
    """A change to the locked rubric is proposed and waits for its signatures."""

    rubric: Rubric
    content_hash: str
    why: Words
    diff: RubricDiff
    flagged: bool


class RubricSigned(Event):
    """A name stands under this version; `again` for one that was in force already."""

    role: SignerRole
    version: int
    content_hash: str
    again: bool


class RubricDeclined(Event):
    """A signer would not sign this version, and said why."""

    role: SignerRole
    version: int
    why: Words


class RubricLocked(Event):
    """All have signed: candidates are judged by this version from now on.

    Earlier scores on `incomparable` criteria say nothing about it until they are re-affirmed.
    """

    version: int
    content_hash: str
    signatures: dict[SignerRole, Signature]
    why: Words | None
    incomparable: tuple[str, ...]


class SignaturesExpired(Event):
    """The rubric of an evergreen requisition is in force for so long that everybody signs it again."""


@chapter.gate(EditRubric)
def may_be_edited(state: Requisition, call: Call) -> None:
    if not state.intakes:
        refuse("no_intake", "The rubric is made from the intake, and none was recorded.", "The record of the intake.")
    if state.locked is not None:
        refuse("locked", "The rubric is locked: it can be amended, not edited.", "An amendment, with its reason.")


@chapter.next(EditRubric)
def nothing_is_written(state: Requisition, call: Call) -> bool:
    return state.draft is None and call.actor.id in state.sides.values()


@chapter.decides(EditRubric)
def edit_rubric(state: Requisition, asked: EditRubric, call: Call) -> Iterator[Event]:
    _must_know(asked, state.draft.version if state.draft else 0)
    edited = asked.applied_to(state.draft)
    yield RubricEdited(rubric=edited, content_hash=edited.content_hash(), flagged=asked.stand_by)


@chapter.evolves(RubricEdited)
def rubric_edited(state: Requisition, event: RubricEdited, record: Record) -> Requisition:
    return state.but(draft=event.rubric, draft_hash=event.content_hash, signatures={})


@chapter.gate(AmendRubric)
def may_be_amended(state: Requisition, call: Call) -> None:
    if state.locked is None:
        refuse("not_locked", "The rubric is not locked yet: it can still be edited.", "An edit.")
    if state.amendment is not None:
        refuse("amendment_open", "Another amendment waits for signatures.", "Its signatures, or a no, first.")
    if state.undecided:
        state.gate(
            "decision_pending",
            state.id,
            call.now,
            "Cards are in and a decision is not: the bar must not move in between.",
            "An amendment after the decision.",
        )


@chapter.decides(AmendRubric)
def amend_rubric(state: Requisition, asked: AmendRubric, call: Call) -> Iterator[Event]:
    assert state.locked is not None, "amended without a locked rubric"
    assert state.judging is not None, "a locked rubric that nobody judges by"
    _must_know(asked, state.locked.version)
    amended = asked.applied_to(state.locked)
    content_hash = amended.content_hash()
    if content_hash == state.judging.content_hash:
        refuse("no_change", "That is what the rubric says now.", "Something that differs.")
    diff = amended.changes_from(state.locked)
    yield RubricAmended(rubric=amended, content_hash=content_hash, why=asked.why, diff=diff, flagged=asked.stand_by)


@chapter.evolves(RubricAmended)
def rubric_amended(state: Requisition, event: RubricAmended, record: Record) -> Requisition:
    return state.but(
        draft=event.rubric,
        draft_hash=event.content_hash,
        amendment=Amendment(why=event.why, by=record.by),
        signatures={},
    )


@chapter.gate(SignRubric)
def may_be_signed(state: Requisition, call: Call) -> None:
    if state.draft is None and state.locked is None:
        refuse("hash_mismatch", "There is no rubric to sign yet.", "A rubric that was written from the intake.")
    _signer(state, call, _unsigned(state))


@chapter.next(SignRubric)
def waits_for_their_name(state: Requisition, call: Call) -> bool:
    return True


@chapter.decides(SignRubric)
def sign_rubric(state: Requisition, asked: SignRubric, call: Call) -> Iterator[Event]:
    signing = state.draft or state.locked
    assert signing is not None, "signed before anything was written"
    content_hash = state.draft_hash if state.judging is None or state.draft else state.judging.content_hash
    if (asked.version, asked.hash) != (signing.version, content_hash):
        refuse(
            "hash_mismatch",
            "This is not the version you saw.",
            f"Version {signing.version}, hash {content_hash}.",
            "hash",
        )
    missing = _unsigned(state)
    role = _signer(state, call, missing)
    if not asked.sign:
        if asked.why is None:
            refuse("invalid", "A rubric is declined with a reason.", "The reason.", "why")
        yield RubricDeclined(role=role, version=signing.version, why=asked.why)
        return
    if left := sum(change.resolution == "open" for change in state.inherited.values()):
        changes = "One change" if left == 1 else f"{left} changes"
        refuse(
            "inherited_change_open",
            f"{changes} that the last retro asked for {'is' if left == 1 else 'are'} still open.",
            "Each adopted, or declined with a reason.",
        )
    if signing.agreement is None:
        refuse("agreement_incomplete", "The search agreement is missing.", "An edit that adds the agreement.")
    yield RubricSigned(role=role, version=signing.version, content_hash=content_hash, again=state.draft is None)
    if state.draft is not None and missing == {role}:
        yield RubricLocked(
            version=signing.version,
            content_hash=content_hash,
            signatures=state.signatures | {role: Signature(person=call.actor.id, at=call.now)},
            why=state.amendment.why if state.amendment else None,
            incomparable=signing.changes_from(state.locked).incomparable if state.locked else (),
        )


def _must_know(asked: _RubricContent, version: int) -> None:
    if asked.base_version != version:
        refuse(
            "stale_version",
            f"The rubric is at version {version}; you changed version {asked.base_version}.",
            f"The same change to version {version}.",
            "base_version",
        )


def _unsigned(state: Requisition) -> set[SignerRole]:
    if state.draft is None:
        return set(state.sign_again)
    return set(state.signers) - state.signatures.keys()


def _signer(state: Requisition, call: Call, missing: set[SignerRole]) -> SignerRole:
    """The role in which the actor signs; refuses somebody who signed in another, or in theirs."""
    signers, actor = state.signers, call.actor.id
    own: list[SignerRole] = [role for role, person in signers.items() if person == actor]
    if not own and state.people.acts_for_manager(call.actor, SignRubric.name, call.now):
        own = ["H"]
    if not own:
        refuse("not_permitted", "Recruiter and hiring manager sign here.", "Their signatures.")
    signed = {signature.person for signature in state.signatures.values()}
    if actor in signed and missing:
        refuse("same_person", "One person cannot give both signatures.", "The other signer.")
    if own[0] not in missing:
        refuse("already_done", "This was signed.", "Nothing more is needed from you here.")
    return own[0]


@chapter.evolves(RubricSigned)
def rubric_signed(state: Requisition, event: RubricSigned, record: Record) -> Requisition:
    if event.again:
        left = tuple(role for role in state.sign_again if role != event.role)
        return state.but(sign_again=left, sign_again_at=_next_expiry(state, record.at))
    signature = Signature(person=record.by, at=record.at)
    return state.but(signatures=state.signatures | {event.role: signature})


@chapter.evolves(RubricDeclined)
def rubric_declined(state: Requisition, event: RubricDeclined, record: Record) -> Requisition:
    if state.amendment is not None:
        return state.but(draft=None, amendment=None, signatures={})
    return state.but(signatures={})


@chapter.evolves(RubricLocked)
def rubric_locked(state: Requisition, event: RubricLocked, record: Record) -> Requisition:
    assert state.draft is not None, "a rubric was locked that nobody wrote"
    version = LockedVersion(
        version=event.version,
        content_hash=event.content_hash,
        signed_by=tuple(signature.person for signature in event.signatures.values()),
        at=record.at,
    )
    state = state.but(
        locked=state.draft,
        judging=RubricFacts.of(state.draft),
        locked_at=record.at,
        draft=None,
        amendment=None,
        signatures={},
        sign_again=(),
        sign_again_at=_next_expiry(state, record.at),
        versions=(*state.versions, version),
        recalibrating=False,
    )
    if state.pulse_rounds == 0 and state.pulse_at is None:
        state = state.but(pulse_at=state.due("pulse_after", record.at))
    return state


def _next_expiry(state: Requisition, at: datetime) -> datetime | None:
    return state.due("resign_evergreen_after", at) if state.evergreen else None


@chapter.awaits
def signatures_expire(state: Requisition) -> Awaited:
    if state.sign_again_at is not None and state.standing == "open":
        yield state.sign_again_at, partial(SignaturesExpired)


@chapter.evolves(SignaturesExpired)
def signatures_expired(state: Requisition, event: SignaturesExpired, record: Record) -> Requisition:
    return state.but(sign_again=tuple(state.signers), sign_again_at=None)


@chapter.reacts(RubricLocked)
def hand_out_the_rubric(state: Requisition, event: RubricLocked, record: Record) -> Iterator[Effect]:
    about: dict[str, str | int | None] = {
        "stream_id": state.id, "version": event.version, "hash": event.content_hash, "why": unsealed(event.why),
    }  # fmt: skip
    people = state.people
    for person in dict.fromkeys((people.recruiter, people.hiring_manager, people.hr_partner)):
        yield Notify(person=person, matter=NotificationKind.RUBRIC_LOCKED, about=about)


@chapter.reacts(RubricDeclined)
def tell_of_the_no(state: Requisition, event: RubricDeclined, record: Record) -> Iterator[Effect]:
    for role, person in state.signers.items():
        if role != event.role:
            about: dict[str, str | int | None] = {
                "stream_id": state.id, "version": event.version, "why": unsealed(event.why),
            }  # fmt: skip
            yield Notify(person=person, matter=NotificationKind.RUBRIC_DECLINED, about=about)
