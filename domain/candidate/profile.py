"""The profile: the recruiter's verdict, the hiring manager's answer, and the one time the recruiter may ask back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import Field

from domain.candidate.exits import CandidateRejected, going_out
from domain.candidate.state import Candidate, CandidateCommand, Verdict
from domain.core.decider import Chapter
from domain.core.messages import Effect, Event, Record, Refusals, Sources, refuse
from domain.core.personal_text import PersonalText
from domain.entity.call import Call
from domain.entity.effects import Notify
from domain.entity.entity_facts import ProfileVerdict, Stage
from domain.evidence.quotes import must_be_concrete
from domain.evidence.rubric import CriterionId
from domain.notifications.catalogue import NotificationKind

chapter: Chapter[Candidate] = Chapter()


class Shortlist(CandidateCommand, who="R", refuses="not_locked", heading="Shortlist", button="Put on the shortlist"):
    """Put somebody on the shortlist, with your own verdict on each criterion. The machine's is shown afterwards."""

    verdicts: dict[CriterionId, Verdict] = Field(title="Your verdict on each criterion")


class AnswerProfile(
    CandidateCommand,
    who="H",
    refuses="not_submitted reason_missing* vague_reason*",
    works="on_hold",
    heading="Your answer to the profile",
    button="Answer",
):
    """Answer a profile: advance for a criterion, hold for what would have to be known, or reject with a reason.

    A rejection names a criterion, or says why in words: then its reason lies outside the rubric.
    """

    verdict: Literal["advance", "hold", "reject"] = Field(title="Your answer")
    criterion: CriterionId | None = Field(default=None, title="The criterion")
    needs: PersonalText | None = Field(default=None, title="What would have to be known")
    why: PersonalText | None = Field(default=None, description="For a reason that is none of the criteria.")
    stand_by: bool = Field(default=False, title="Keep my words as they are; they pass, flagged")

    def grounded(self, sources: Sources) -> Self:
        """Refuses vague words (`vague_reason`) unless somebody stands by them."""
        flagged, wrong = False, Refusals()
        for field, words in (("why", self.why), ("needs", self.needs)):
            with wrong:
                flagged |= must_be_concrete("vague_reason", words, "reason", self.stand_by, field)
        wrong.raise_all()
        return self.but(stand_by=flagged)


class ChallengeAnswer(
    CandidateCommand,
    who="R",
    refuses="not_rejected_by_hm told",
    works="out",
    heading="Ask what you missed",
    button="Ask",
):
    """Ask the hiring manager what you missed, with what speaks for the candidate. Reopens their answer, once."""

    question: PersonalText = Field(title="What you ask")
    evidence: PersonalText = Field(title="What speaks for them")


class Shortlisted(Event):
    """The recruiter thinks they should be seen, and said how they stand to each criterion."""

    verdicts: dict[str, Verdict]
    rubric_version: int


class SubmissionHeard(Event, heading="the profile was submitted"):
    """The profile lies before the hiring manager, alone or in a slate."""

    number: int
    slate: bool


class ProfileAnswered(Event):
    """The hiring manager's word on the profile. Without a criterion a rejection is outside the rubric: drift."""

    verdict: Literal["advance", "hold", "reject"]
    criterion: str | None
    needs: PersonalText | None = None
    why: PersonalText | None = None
    flagged: bool = False
    rubric_version: int


class AnswerChallenged(Event):
    """The recruiter asked back: the answer is open again."""

    question: PersonalText
    evidence: PersonalText


class HoldAnswered(Event):
    """What the hiring manager wanted to know is known: the answer is theirs again."""

    known: PersonalText


@chapter.gate(Shortlist)
def not_judged_yet(state: Candidate, call: Call) -> None:
    _ = state.judged_by
    if state.stage != Stage.ADDED:
        refuse("already_done", "They are on the shortlist.", "The next step: share-slate or submit-candidate.")


@chapter.next(Shortlist)
def waits_to_be_read(state: Candidate, call: Call) -> bool:
    return True


@chapter.decides(Shortlist)
def shortlist(state: Candidate, asked: Shortlist, call: Call) -> Iterator[Event]:
    rubric = state.locked
    if set(asked.verdicts) != set(rubric.weights):
        refuse(
            "invalid",
            "The verdicts do not match the rubric's criteria.",
            f"One for each of {', '.join(sorted(rubric.weights))}.",
            "verdicts",
        )
    yield Shortlisted(verdicts=asked.verdicts, rubric_version=rubric.version)


@chapter.gate(AnswerProfile)
def lies_before_them(state: Candidate, call: Call) -> None:
    if state.stage not in (Stage.SUBMITTED, Stage.HELD):
        refuse("not_submitted", "This profile does not lie before you.", "A profile that was submitted to you.")


@chapter.next(AnswerProfile)
def has_no_answer(state: Candidate, call: Call) -> bool:
    return state.stage == Stage.SUBMITTED


@chapter.decides(AnswerProfile)
def answer_profile(state: Candidate, given: AnswerProfile, call: Call) -> Iterator[Event]:
    rubric = state.locked
    if given.criterion is not None and given.criterion not in rubric.weights:
        known = ", ".join(sorted(rubric.weights))
        refuse("unknown_reference", f"The rubric has no {given.criterion}.", f"One of {known}.", "criterion")
    lacking = {
        "advance": given.criterion is None and "The criterion that speaks for them.",
        "hold": given.needs is None and "What would have to be known.",
        "reject": given.criterion is None and given.why is None and "A criterion, or why in your own words.",
    }[given.verdict]
    if lacking:
        refuse("reason_missing", "The answer has no reason.", lacking, "criterion")
    yield ProfileAnswered(
        verdict=given.verdict,
        criterion=given.criterion,
        needs=given.needs,
        why=given.why,
        flagged=given.stand_by,
        rubric_version=rubric.version,
    )
    if given.verdict == "reject":
        yield from going_out(state, CandidateRejected(by="answer", reason=given.criterion or "other"))


@chapter.gate(ChallengeAnswer)
def may_be_asked_back(state: Candidate, call: Call) -> None:
    if state.out is None or state.out.by != "answer":
        refuse("not_rejected_by_hm", "The hiring manager did not reject this profile.", "A profile they rejected.")
    if state.told_at is not None:
        refuse("told", "The candidate has been told.", "Reinstating them, with a reason.")
    if state.challenged:
        refuse("already_done", "You asked back before, and once is all.", "Reinstating them, with a reason.")


@chapter.next(ChallengeAnswer)
def before_the_outcome_is_sent(state: Candidate, call: Call) -> bool:
    return True


@chapter.decides(ChallengeAnswer)
def challenge_answer(state: Candidate, asked: ChallengeAnswer, call: Call) -> Iterator[Event]:
    yield AnswerChallenged(question=asked.question, evidence=asked.evidence)


@chapter.evolves(Shortlisted)
def shortlisted(state: Candidate, event: Shortlisted, record: Record) -> Candidate:
    return state.at_stage(Stage.SHORTLISTED, record.at).but(verdicts=event.verdicts)


@chapter.evolves(SubmissionHeard)
def submission_heard(state: Candidate, event: SubmissionHeard, record: Record) -> Candidate:
    return state.at_stage(Stage.SUBMITTED, record.at).but(heard=state.heard | {"submitted": event.number}, answer=None)


@chapter.evolves(ProfileAnswered)
def profile_answered(state: Candidate, event: ProfileAnswered, record: Record) -> Candidate:
    state = state.but(answer=ProfileVerdict(verdict=event.verdict, criterion=event.criterion, at=record.at))
    if event.verdict == "advance":
        return state.at_stage(Stage.SCREENED if state.screened else Stage.ADVANCED, record.at)
    return state.at_stage(Stage.HELD, record.at) if event.verdict == "hold" else state


@chapter.evolves(AnswerChallenged)
def answer_challenged(state: Candidate, event: AnswerChallenged, record: Record) -> Candidate:
    return state.at_stage(Stage.SUBMITTED, record.at).but(out=None, challenged=True)


@chapter.evolves(HoldAnswered)
def hold_answered(state: Candidate, event: HoldAnswered, record: Record) -> Candidate:
    return state.at_stage(Stage.SUBMITTED, record.at)


@chapter.reacts(ProfileAnswered)
def tell_recruiter(state: Candidate, event: ProfileAnswered, record: Record) -> Iterator[Effect]:
    about: dict[str, str | int | None] = {"candidate": state.id, "verdict": event.verdict, "criterion": event.criterion}
    yield Notify(person=state.people.recruiter, matter=NotificationKind.PROFILE_ANSWERED, about=about)


@chapter.reacts(AnswerChallenged, HoldAnswered)
def ask_manager_again(state: Candidate, event: Event, record: Record) -> Iterator[Effect]:
    yield Notify(person=state.people.hiring_manager, matter=NotificationKind(event.type), about={"candidate": state.id})
