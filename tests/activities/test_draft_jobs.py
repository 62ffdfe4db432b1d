"""A draft job is one row: whoever asks about drafts finds it there, a new one and one of another build as well."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

import pytest

from activities.draft_requests import GATHERED
from domain.candidate import may_see_draft
from domain.candidate.profile import Shortlisted
from domain.core.decider import Outcome
from domain.core.messages import Event
from domain.core.source_text import Span
from domain.entity.effects import Notify
from domain.evidence.documents import Doc
from domain.evidence.draft_events import AttachDraft
from domain.evidence.draft_jobs import DRAFT_JOBS, DraftJob, DraftJobRow, KnownJob, draft_job
from domain.evidence.draft_requests import DraftRequest, Fact, FactsRequest
from domain.evidence.drafts import Draft, Passage
from domain.notifications.catalogue import NOTIFICATIONS, NotificationKind
from domain.registry import COMMANDS
from language import llm_drafter, prompts, rule_drafter
from language.extractive_drafter import ExtractiveDrafter
from language.llm_schemas import FACTS
from settings import ROOT
from store.draft_decisions import candidate_decisions
from testing.hire_stories import SHORTLIST, effects, opened
from testing.people import INTERVIEWER, PARTNER, RECRUITER

DUMMY = DraftJobRow(
    "reference_reading",
    "reference reading",
    "candidate",
    reads="references",
    ready=NotificationKind.DECIDED,
    readers=("hr_partner", "interviewer", "hr_partner"),
    decided_by=("shortlisted",),
    kept_back="verdict",
    leaves="Whom to believe is yours.",
)


class DummyRequest(FactsRequest):
    """Asks for a reading of what referees said."""

    kind: KnownJob = DUMMY.job


SERVED = (rule_drafter.by_rule, rule_drafter._readable, llm_drafter.written)
"""What each kind of request is registered with."""


def concrete(base: type[DraftRequest]) -> Iterator[type[DraftRequest]]:
    for request in base.__subclasses__():
        if "kind" in request.__annotations__ and request is not DummyRequest:
            yield request
        yield from concrete(request)


@pytest.fixture
def dummy(monkeypatch: pytest.MonkeyPatch) -> DraftJobRow:
    """A draft job more than there is."""
    monkeypatch.setitem(DRAFT_JOBS, DUMMY.job, DUMMY)
    return DUMMY


def attached(job: str, **about: str) -> AttachDraft:
    return AttachDraft(job=job, draft=Doc(id="D-DRAFT001", sha256="0" * 64), about=about)


def test_every_job_has_its_row_its_request_and_what_gathers_it() -> None:
    jobs = [request.model_fields["kind"].default for request in concrete(DraftRequest)]
    assert list(DRAFT_JOBS) == list(DraftJob)
    assert sorted(jobs) == sorted(DraftJob)
    assert GATHERED.keys() == {row.job for row in DRAFT_JOBS.values() if row.entity is not None}


@pytest.mark.parametrize("request_", list(concrete(DraftRequest)), ids=lambda request: request.__name__)
def test_every_request_has_a_drafter_by_rule_a_writer_and_its_lines_read_first(request_: type[DraftRequest]) -> None:
    for served in SERVED:
        assert served.dispatch(request_) is not served.dispatch(DraftRequest), request_
    if issubclass(request_, FactsRequest):
        assert request_.model_fields["kind"].default in FACTS


def test_every_job_has_its_prompt_and_every_prompt_its_job() -> None:
    files = {file.name.split(".")[0] for file in resources.files(prompts).iterdir() if file.name.endswith(".md")}
    assert files - {"house", "read"} == {row.prompt_name for row in DRAFT_JOBS.values()}
    for job in files:
        assert prompts.prompt(prompts.version(job))


def test_a_command_that_answers_a_draft_names_its_job() -> None:
    answered = {command.draft_job for table in COMMANDS.values() for command in table.values()} - {None}
    assert answered == {DraftJob.RUBRIC, DraftJob.CANDIDATE_SUMMARY, DraftJob.SCORECARD}


def test_whoever_is_told_of_a_draft_gets_a_letter_and_every_decision_is_an_event() -> None:
    for row in DRAFT_JOBS.values():
        assert bool(row.readers) == (row.ready is not None), row.job
        if row.ready is not None:
            assert NOTIFICATIONS[row.ready]
            assert (ROOT / "activities" / "letters" / "colleague" / f"{row.ready}.txt").is_file()
        assert set(row.decided_by) <= Event.kinds.keys(), row.job


async def test_a_new_job_is_found_everywhere(dummy: DraftJobRow) -> None:
    story = opened().when("S-TANDEM", attached(dummy.job, interviewer=INTERVIEWER))
    told = [(notify.person, notify.matter) for notify in effects(story, Notify)]
    assert told == [(PARTNER, "decided"), (INTERVIEWER, "decided")]

    story = opened().when("S-TANDEM", attached(dummy.job)).then()
    assert not may_see_draft(story.state, dummy.job, RECRUITER)
    story.when(RECRUITER, SHORTLIST).then(Shortlisted)
    assert isinstance(story.outcome, Outcome)
    verdict = next(record for record in story.outcome.records if isinstance(record.event, Shortlisted))
    (row,) = candidate_decisions(story.state, verdict)
    assert (row.job, row.draft, row.by) == (dummy.job, "D-DRAFT001", RECRUITER)
    assert may_see_draft(story.state, dummy.job, RECRUITER)

    passage = Passage(span=Span(document="reference/1", start=0, end=5), words="on it")
    request = DummyRequest(facts=(Fact(side="referee", passage=passage),), names=("Ruth Abara",))
    draft = await ExtractiveDrafter().draft(request)
    assert (draft.kind, draft.sections[0].head) == (dummy.job, "referee")
    assert Draft.model_validate_json(draft.model_dump_json()) == draft


def test_a_draft_of_another_build_is_read_and_kept_back_from_those_who_are_still_to_judge() -> None:
    """After a rollback a candidate may have a draft whose job this build has no row of."""
    kept = Draft(kind="reference_reading", drafter="extractive", note="").model_dump_json()
    assert Draft.model_validate_json(kept).kind == "reference_reading"
    row = draft_job("reference_reading")
    assert (row.words, row.kept_back, row.judges) == ("reference reading", "scorecard", False)
    assert effects(opened().when("S-TANDEM", attached("reference_reading")), Notify) == []
