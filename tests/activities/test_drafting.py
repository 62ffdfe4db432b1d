"""Drafts of real transcripts, stored and given back to the entity that asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.drafting import DraftActivity
from documents.resumes import read_resume
from documents.transcripts import read_transcript
from domain.core.source_text import SourceText
from domain.entity.effects import Draft as DraftOrdered
from domain.evidence.documents import Doc, Recording
from domain.evidence.draft_events import AttachDraft, DraftAttached
from domain.evidence.draft_requests import DraftRequest
from domain.evidence.drafts import BRIEF_WORDS, Draft
from domain.registry import DECIDERS
from language.extractive_drafter import ExtractiveDrafter
from privacy.sealing import Tombstone
from settings import ROOT
from store.documents import DocumentKind
from testing import journal_company as lived
from testing.journal_company import ANNA, APPLICANT_ANNA, REQUISITION, interview_booked
from testing.people import MANAGER, RECRUITER
from tests.activities.letter_fixtures import NAMES, Office, anna_advanced, up_to_the_slate
from workflows.contract import EffectOrder, EffectResult

SAMPLES = ROOT / "samples"


@pytest.fixture
def language(office: Office) -> DraftActivity:
    return DraftActivity(office.library, office.kept, ExtractiveDrafter())


async def stored(office: Office, key: str, kind: DocumentKind, name: str) -> Doc:
    """A sample, as the API stores an upload."""
    path = SAMPLES / ("resumes" if kind == "resume" else "transcripts") / name
    body = path.read_bytes()
    text = read_resume(body, name) if kind == "resume" else read_transcript(body, name)
    return await office.library.documents.put(key, kind, "text/plain", body, text, RECRUITER)


async def drafted(office: Office, result: EffectResult, order: EffectOrder) -> Draft:
    """The draft that came back, after the entity has taken it."""
    assert result.reply is not None
    command = (
        DECIDERS[order.stream.partition("/")[0]].commands[result.reply.command].model_validate(result.reply.payload)
    )
    assert isinstance(command, AttachDraft)
    office.company.give(order.stream, "S-SHELL", command)
    assert any(isinstance(record.event, DraftAttached) for record in office.company.journal[order.stream])
    draft = await office.library.documents.draft(command.draft.id)
    assert isinstance(draft, Draft)
    return draft


def ordered(office: Office, job: str) -> EffectOrder:
    (order,) = [order for order in office.orders(DraftOrdered) if order.payload["job"] == job]
    return order


def recorded_as(monkeypatch: pytest.MonkeyPatch, doc: Doc, kind: str = "transcript") -> None:
    """Every call of the company's life leaves this document."""
    why = None if kind == "transcript" else "the line would not record"
    monkeypatch.setattr(
        lived,
        "TRANSCRIPT",
        Recording.model_validate({"kind": kind, "doc": doc, "consent_of_all": True, "why_unrecorded": why}),
    )


async def test_the_brief_names_the_people_and_comes_back_as_a_command(office: Office, language: DraftActivity) -> None:
    await office.live(lived.opened)
    order = ordered(office, "intake_brief")

    result = await ActivityEnvironment().run(language.draft, order)

    brief = await drafted(office, result, order)
    assert NAMES[MANAGER] in brief.text
    assert NAMES[RECRUITER] in brief.text
    assert len(brief.text.split()) <= BRIEF_WORDS
    assert result.reply is not None
    assert result.reply.payload["extractive"] is True


async def test_the_intake_is_read_for_the_rubric(
    office: Office, language: DraftActivity, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = await stored(office, REQUISITION, "transcript", "intake.vtt")
    recorded_as(monkeypatch, intake)
    await office.live(lived.opened, lived.intake_booked, lived.rubric_written)
    order = ordered(office, "rubric")

    draft = await drafted(office, await ActivityEnvironment().run(language.draft, order), order)

    source = await office.library.documents.text(intake.id)
    assert not isinstance(source, Tombstone)
    passages = [passage for topic in draft.topics for passage in topic.passages]
    assert len(passages) > 10
    assert all(source.words(passage.span) == passage.words for passage in passages)
    assert {passage.span.document for passage in passages} == {intake.id}


async def test_the_screen_is_read_for_the_summary_and_kept_under_her_key(
    office: Office, language: DraftActivity, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = await stored(office, APPLICANT_ANNA, "transcript", "screen-1.vtt")
    recorded_as(monkeypatch, screen)
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    order = ordered(office, "candidate_summary")

    result = await ActivityEnvironment().run(language.draft, order)

    draft = await drafted(office, result, order)
    assert draft.summary is not None
    assert {topic.topic for topic in draft.topics} == {"K1", "K2", "K3"}
    assert result.reply is not None
    known = await office.library.documents.about(result.reply.payload["draft"]["id"])
    assert (known.key, known.kind) == (APPLICANT_ANNA, "draft")


async def test_an_interview_is_read_for_each_interviewers_own_criteria(
    office: Office, language: DraftActivity, monkeypatch: pytest.MonkeyPatch
) -> None:
    interview = await stored(office, APPLICANT_ANNA, "transcript", "interview-1.srt")
    recorded_as(monkeypatch, interview)
    monkeypatch.setattr(lived, "SAID", office.seal("She counts first."))
    await office.live(up_to_the_slate, anna_advanced, interview_booked, lived.hired)
    order = ordered(office, "scorecard")

    draft = await drafted(office, await ActivityEnvironment().run(language.draft, order), order)

    assert [topic.topic for topic in draft.topics] == ["K1", "K2"]


async def test_a_resume_is_read_against_the_rubric(office: Office, language: DraftActivity) -> None:
    resume = await stored(office, APPLICANT_ANNA, "resume", "ruth-abara.txt")
    await office.live(up_to_the_slate)
    about = {"candidate": ANNA, "requisition": REQUISITION, "rubric_version": 1}
    effect = DraftOrdered(job="resume_reading", inputs=(resume.id,), about=about)
    order = office.orders(DraftOrdered)[0].but(
        stream=f"candidate/{ANNA}", type=effect.type, payload=effect.model_dump(mode="json")
    )

    draft = await drafted(office, await ActivityEnvironment().run(language.draft, order), order)

    assert {topic.topic for topic in draft.topics} == {"K1", "K2", "K3"}


async def test_the_same_draft_asked_for_twice_is_one_document(office: Office, language: DraftActivity) -> None:
    await office.live(lived.opened)
    order = ordered(office, "intake_brief")

    first = await ActivityEnvironment().run(language.draft, order)
    second = await ActivityEnvironment().run(language.draft, order)

    assert first == second
    assert await office.pool.fetchval("SELECT count(*) FROM documents") == 1


def erased(office: Office) -> None:
    office.keys.destroy(APPLICANT_ANNA)


@pytest.mark.parametrize(("kind", "meanwhile"), [("notes", None), ("transcript", erased)])
async def test_without_words_to_quote_people_work_on_without_a_draft(
    office: Office,
    language: DraftActivity,
    monkeypatch: pytest.MonkeyPatch,
    kind: DocumentKind,
    meanwhile: Callable[[Office], None] | None,
) -> None:
    if kind == "notes":
        notes = SourceText(text="She counted the calls first.")
        screen = await office.library.documents.put(APPLICANT_ANNA, kind, "text/plain", b"notes", notes, RECRUITER)
    else:
        screen = await stored(office, APPLICANT_ANNA, kind, "screen-1.vtt")
    recorded_as(monkeypatch, screen, kind)
    await office.live(up_to_the_slate, anna_advanced, interview_booked)
    if meanwhile:
        meanwhile(office)

    result = await ActivityEnvironment().run(language.draft, ordered(office, "candidate_summary"))

    assert result.reply is None
    assert result.note.startswith("no draft: ")


async def test_a_job_nobody_does_is_said_and_holds_nothing_up(office: Office, language: DraftActivity) -> None:
    await office.live(up_to_the_slate)
    effect = DraftOrdered(job="poem", inputs=(), about={"requisition": REQUISITION, "rubric_version": 1})
    order = office.orders(DraftOrdered)[0].but(
        stream=f"candidate/{ANNA}", type=effect.type, payload=effect.model_dump(mode="json")
    )
    result = await ActivityEnvironment().run(language.draft, order)
    assert result == EffectResult(note="no draft: nobody drafts this here")


async def test_a_document_there_is_not_is_a_persons_task(office: Office, language: DraftActivity) -> None:
    await office.live(lived.opened, lived.intake_booked, lived.rubric_written)

    with pytest.raises(ApplicationError) as failed:
        await ActivityEnvironment().run(language.draft, ordered(office, "rubric"))

    assert (failed.value.type, failed.value.non_retryable) == ("no_such_document", True)


async def test_who_is_erased_while_the_draft_is_made_gets_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = await stored(office, APPLICANT_ANNA, "transcript", "screen-1.vtt")
    recorded_as(monkeypatch, screen)
    await office.live(up_to_the_slate, anna_advanced, interview_booked)

    class Outlived(ExtractiveDrafter):
        async def draft(self, request: DraftRequest) -> Draft:
            made = await super().draft(request)
            office.keys.destroy(APPLICANT_ANNA)
            return made

    outlived = DraftActivity(office.library, office.kept, Outlived())
    result = await ActivityEnvironment().run(outlived.draft, ordered(office, "candidate_summary"))
    assert result == EffectResult(note="no draft: erased")


class Breaking:
    """A drafter that quotes what it reads when it breaks."""

    name = "breaking"

    async def draft(self, request: DraftRequest) -> Draft:
        raise ValueError(f"cannot read {request.model_dump_json()}")


async def test_a_drafter_that_breaks_is_tried_again_and_not_quoted(office: Office) -> None:
    await office.live(lived.opened)
    heard: list[object] = []
    environment = ActivityEnvironment()
    environment.on_heartbeat = heard.append

    with pytest.raises(ApplicationError) as failed:
        await environment.run(
            DraftActivity(office.library, office.kept, Breaking()).draft, ordered(office, "intake_brief")
        )

    assert (failed.value.type, failed.value.non_retryable) == ("ValueError", False)
    assert NAMES[MANAGER] not in str(failed.value)
    assert heard
