"""What each field of an event or of a view shows, and so which permission opens it.

Derived from the field's type: sealed words show words, pay shows pay, ids of applicants and documents lead to a
profile. Plain text of which nothing is known shows words, so that a new field is hidden until somebody says what it is.
Chapters that tell what was thought of a candidate are named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel

from domain.access.permissions import Permission, Sight
from domain.candidate import contact_details, debrief, decision, notes, profile, requests, scorecards
from domain.core.ids import ApplicantId, DocumentId
from domain.core.messages import Event
from domain.core.money import Band, Pay
from domain.core.personal_text import Sealed
from domain.core.upcasting import Stored
from domain.core.walk import changed
from domain.evidence.documents import Doc
from domain.requisition.comp_signal import CompReading

HIDDEN = "[hidden]"
"""What stands where there are words that a reader may not read, and something must."""


class Shows(StrEnum):
    """What a field tells whoever reads it."""

    OVERVIEW = "identifiers, stages, times and numbers"
    PROFILE = "an applicant's or a document's id, how they came"
    PAY = "pay"
    WORDS = "words"
    CONTACT = "how to reach a candidate"
    VERDICTS = "what recruiter and hiring manager think of a candidate"
    CARDS = "what those who met a candidate think of them"
    REQUESTS = "what a candidate asked about their data"


PERMISSIONS: Mapping[str, Mapping[Shows, Permission]] = {
    "requisition": {
        Shows.OVERVIEW: Permission.REQUISITION_OVERVIEW,
        Shows.PROFILE: Permission.REQUISITION_APPLICATIONS,
        Shows.PAY: Permission.REQUISITION_PAY,
        Shows.WORDS: Permission.REQUISITION_WORDS,
        Shows.CONTACT: Permission.CANDIDATE_CONTACT,
        Shows.VERDICTS: Permission.REQUISITION_WORDS,
        Shows.CARDS: Permission.CANDIDATE_CARDS,
        Shows.REQUESTS: Permission.CANDIDATE_REQUESTS,
    },
    "candidate": {
        Shows.OVERVIEW: Permission.CANDIDATE_OVERVIEW,
        Shows.PROFILE: Permission.CANDIDATE_PROFILE,
        Shows.PAY: Permission.CANDIDATE_PAY,
        Shows.WORDS: Permission.CANDIDATE_WORDS,
        Shows.CONTACT: Permission.CANDIDATE_CONTACT,
        Shows.VERDICTS: Permission.CANDIDATE_VERDICTS,
        Shows.CARDS: Permission.CANDIDATE_CARDS,
        Shows.REQUESTS: Permission.CANDIDATE_REQUESTS,
    },
}
"""What opens a field, by whose it is: a requisition's own, or a candidate's."""

OF_A_CHAPTER: Mapping[str, Shows] = {
    scorecards.__name__: Shows.CARDS,
    debrief.__name__: Shows.CARDS,
    decision.__name__: Shows.CARDS,
    notes.__name__: Shows.CARDS,
    requests.__name__: Shows.REQUESTS,
    profile.__name__: Shows.VERDICTS,
    contact_details.__name__: Shows.CONTACT,
}
"""Chapters whose events tell what was thought or asked, whatever the types of their fields."""

WHOLE = frozenset({Shows.CARDS, Shows.REQUESTS})
"""What is hidden as a whole: that there is such an event tells something already."""

IDENTIFIERS = frozenset(
    {
        "by", "candidate", "change_id", "channel", "clock_id", "content_hash", "copied_from", "criterion",
        "effect_id", "fingerprint", "fingerprints", "gate", "hires", "id", "incomparable", "interview",
        "interview_id", "job", "joined", "jurisdiction", "kind", "left_out", "name", "new_candidate",
        "offer_id", "owner", "parts", "person", "phase", "place", "powers", "reached", "released", "request_id",
        "requirements", "requisition", "rung", "sign_again", "signal_id", "subject", "task_id", "team_name",
        "tell", "title", "to_requisition", "who", "zone",
    }
)  # fmt: skip
"""Plain texts that name something, by the name they go by everywhere."""

STATED: Mapping[tuple[str, str], Shows] = {
    ("CandidateAdded", "agency"): Shows.PROFILE,
    ("CandidateAdded", "human"): Shows.PROFILE,
    ("CandidateAdded", "notice_version"): Shows.PROFILE,
    ("CandidateAdded", "referrer"): Shows.PROFILE,
    ("CandidateAdded", "resume"): Shows.PROFILE,
    ("CandidateAdded", "resume_sha256"): Shows.PROFILE,
    ("CandidateAdded", "source"): Shows.PROFILE,
    ("CandidateFacts", "answer"): Shows.VERDICTS,
    ("CandidateFacts", "end_reason"): Shows.VERDICTS,
    ("CandidateFacts", "recruiter_verdicts"): Shows.VERDICTS,
    ("CandidateRejected", ""): Shows.VERDICTS,
    ("CandidateView", "answer"): Shows.VERDICTS,
    ("CandidateView", "challenged"): Shows.VERDICTS,
    ("CandidateView", "debrief"): Shows.CARDS,
    ("CandidateView", "decision"): Shows.CARDS,
    ("CandidateView", "deferrals"): Shows.CARDS,
    ("CandidateView", "drafts"): Shows.OVERVIEW,
    ("CandidateView", "follow_up_at"): Shows.CARDS,
    ("CandidateView", "human"): Shows.PROFILE,
    ("CandidateView", "offer"): Shows.PAY,
    ("CandidateView", "referrer"): Shows.PROFILE,
    ("CandidateView", "requests"): Shows.REQUESTS,
    ("CandidateView", "source"): Shows.PROFILE,
    ("CandidateView", "summary"): Shows.VERDICTS,
    ("CandidateView", "verdicts"): Shows.VERDICTS,
    ("CandidateWithdrew", "cause"): Shows.VERDICTS,
    ("Clock", "about"): Shows.OVERVIEW,
    ("ClockOwnerChanged", "cause"): Shows.OVERVIEW,
    ("ClockPaused", "cause"): Shows.OVERVIEW,
    ("ClockResumed", "cause"): Shows.OVERVIEW,
    ("CompSignalAcknowledged", "way"): Shows.PAY,
    ("DraftAttached", "about"): Shows.PROFILE,
    ("Drift", ""): Shows.VERDICTS,
    ("EscalationStep", "at"): Shows.OVERVIEW,
    ("ExitCause", "reason"): Shows.VERDICTS,
    ("Intake", "document"): Shows.PROFILE,
    ("Interview", "cards"): Shows.CARDS,
    ("Interview", "recorded_by"): Shows.OVERVIEW,
    ("Interview", "set_aside"): Shows.CARDS,
    ("InterviewCorrected", "rec"): Shows.PROFILE,
    ("JobPublished", "alias"): Shows.OVERVIEW,
    ("JobPublished", "channels"): Shows.OVERVIEW,
    ("KnownDraft", "id"): Shows.PROFILE,
    ("OfferAnswered", "answer"): Shows.PAY,
    ("OfferAnswered", "cause"): Shows.PAY,
    ("OfferMade", "letter"): Shows.CONTACT,
    ("OfferMade", "letter_subject"): Shows.CONTACT,
    ("OfferNews", ""): Shows.PAY,
    ("Opening", "agency"): Shows.PROFILE,
    ("Opening", "notice_version"): Shows.PROFILE,
    ("Opening", "referrer"): Shows.PROFILE,
    ("Opening", "resume"): Shows.PROFILE,
    ("Opening", "resume_sha256"): Shows.PROFILE,
    ("Opening", "source"): Shows.PROFILE,
    ("Pause", "cause"): Shows.OVERVIEW,
    ("Place", ""): Shows.OVERVIEW,
    ("Posting", "channels"): Shows.OVERVIEW,
    ("PulseAnswer", ""): Shows.WORDS,
    ("PulseAnswered", ""): Shows.WORDS,
    ("PulseTaken", "answers"): Shows.WORDS,
    ("PulseTaken", "recalibrate"): Shows.WORDS,
    ("RequisitionView", "alias"): Shows.OVERVIEW,
    ("RequisitionView", "ceilings"): Shows.PAY,
    ("RequisitionView", "drafts"): Shows.OVERVIEW,
    ("RequisitionView", "market"): Shows.PAY,
    ("RequisitionView", "offers"): Shows.PAY,
    ("RequisitionView", "pulse"): Shows.WORDS,
    ("RequisitionView", "signals"): Shows.PAY,
    ("Screen", "record"): Shows.PROFILE,
    ("ScreenCorrected", "rec"): Shows.PROFILE,
    ("SearchOpened", "alias"): Shows.OVERVIEW,
    ("SentSummary", "draft"): Shows.PROFILE,
    ("SentSummary", "expectation"): Shows.PAY,
    ("SummaryConfirmed", ""): Shows.VERDICTS,
    ("SummaryConfirmed", "expectation"): Shows.PAY,
}
"""Fields whose types do not say what they show, by class and name; without a name, all of a class."""


@cache
def shows(cls: type[BaseModel], name: str) -> Shows:
    """What the field `name` of `cls` shows. Raises KeyError for one that is not there."""
    field = cls.model_fields[name]
    for known in ((cls.__name__, name), (cls.__name__, "")):
        if known in STATED:
            return STATED[known]
    if issubclass(cls, Event) and cls.__module__ in OF_A_CHAPTER:
        return OF_A_CHAPTER[cls.__module__]
    return _of_type(field.annotation, field.metadata, name)


def shown_by(kind: type[Event]) -> Shows:
    """What it tells already that there is such an event."""
    chapter = OF_A_CHAPTER.get(kind.__module__, Shows.OVERVIEW)
    return chapter if chapter in WHOLE else Shows.OVERVIEW


def visible(value: Any, entity: str, sight: Sight, opened: bool = False) -> Any:
    """JSON-like `value` of a requisition or a candidate without what `sight` does not open; sealed words stay sealed.

    What lies within a field that shows more than an overview is `opened` with it, pay alone excepted.
    """
    if isinstance(value, Sealed) or not isinstance(value, BaseModel):
        return changed(value, lambda part: visible(part, entity, sight, opened))
    return {
        name: visible(getattr(value, name), entity, sight, within)
        for name, within in _open_fields(type(value), entity, sight, opened).items()
    }


M = TypeVar("M", bound=BaseModel)


def narrowed(value: M, entity: str, sight: Sight, opened: bool = False) -> M:
    """A view of a requisition or a candidate, empty where `sight` does not open a field; see `visible`."""
    kind = type(value)
    open_fields = _open_fields(kind, entity, sight, opened)
    changes: dict[str, Any] = {}
    for name, field in kind.model_fields.items():
        if name not in open_fields:
            changes[name] = empty(field.annotation)
            continue
        held = getattr(value, name)
        kept = _narrowed_in(held, entity, sight, open_fields[name])
        if kept is not held:
            changes[name] = kept
    return value.model_copy(update=changes) if changes else value


@lru_cache(maxsize=10_000)
def _open_fields(kind: type[BaseModel], entity: str, sight: Sight, opened: bool) -> Mapping[str, bool]:
    """The fields of `kind` that are shown, each with whether what lies within is opened with it."""
    shown = {name: shows(kind, name) for name in kind.model_fields}
    return {
        name: opened or what is not Shows.OVERVIEW
        for name, what in shown.items()
        if (opened and what is not Shows.PAY) or sight.may(PERMISSIONS[entity][what])
    }


def _narrowed_in(value: Any, entity: str, sight: Sight, opened: bool) -> Any:
    if isinstance(value, BaseModel) and not isinstance(value, Sealed):
        return narrowed(value, entity, sight, opened)
    kept = changed(value, lambda part: _narrowed_in(part, entity, sight, opened))
    return kept if kept != value else value


def empty(annotation: Any) -> Any:
    """What stands in place of a value of this type that is not shown. Raises TypeError where nothing can."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return empty(parts[0])
    if type(None) in parts:
        return None
    if Sealed in parts:
        return HIDDEN
    kind = origin or annotation
    if kind in (tuple, dict, bool, int, str):
        return kind()
    raise TypeError(f"nothing can stand in place of {annotation}")


def _of_type(annotation: Any, metadata: Iterable[Any], name: str) -> Shows:
    """The most that a value of this type can show."""
    if annotation is Sealed:
        return Shows.WORDS
    if annotation in (Pay, Band, CompReading):
        return Shows.PAY
    if annotation is Doc:
        return Shows.PROFILE
    if annotation is str:
        patterns = {getattr(one, "pattern", None) for one in metadata} - {None}
        if patterns & _LEADING:
            return Shows.PROFILE
        return Shows.OVERVIEW if patterns or name in IDENTIFIERS else Shows.WORDS
    if annotation in (Any, Stored):
        return Shows.WORDS
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _of_type(parts[0], parts[1:], name)
    if origin is Literal:
        return Shows.OVERVIEW
    if isinstance(origin, type) and issubclass(origin, dict):
        parts = parts[1:]  # what stands in front of each is an identifier
    held = [_of_type(part, (), name) for part in parts if part is not Ellipsis]
    return max(held, key=list(Shows).index, default=Shows.OVERVIEW)


_LEADING = {get_args(kind)[1].pattern for kind in (ApplicantId, DocumentId)}
"""Ids that lead to an applicant or a document."""
