"""What Tandem writes: a text for every matter the deciders speak of, and each fit to be read by a person."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from temporalio.exceptions import ApplicationError

import domain
from activities import letters
from activities.letter_context import EVENT_OF, LetterContext
from activities.letter_writer import LetterWriter
from activities.letters import Letter, Shelf, money, written
from domain.candidate.state import Candidate
from domain.core.ids import mentioned
from domain.core.messages import Event
from domain.core.personal_text import Sealed
from domain.entity.effects import Invite, Notify, WriteToCandidate
from domain.evidence.draft_requests import IntakeBriefRequest
from domain.evidence.drafts import BRIEF_WORDS, Draft
from domain.evidence.intake_agenda import AGENDA
from domain.notifications.catalogue import NOTIFICATIONS
from domain.notifications.letter_templates import COMMON, LetterKind, TemplateName, filled
from domain.requisition import phase
from domain.sla.catalogue import CLOCKS
from domain.sla.clocks import Clock
from language.extractive_drafter import ExtractiveDrafter
from mail.shipped_letters import shipped
from mail.smtp import Mailbox
from store.applicants import Contact
from store.users import User
from store.views import CandidateView, ClockView, RequisitionView
from testing import requisition_stories
from testing.people import POLICY
from tests.activities.every_effect import Happening, happenings, one_each

LETTERS = Path(letters.__file__).parent
READER = Mailbox("Ada Reader", "ada@example.com")
SAMPLES: dict[str, dict[str, str | int | None]] = {
    "drift_seen": {"rejected": 7, "outside": 3},
    "recalibration_opened": {
        "round": 2, "R_rubric_right": 1, "R_candidates_right": 0, "H_rubric_right": 0, "H_candidates_right": 0,
    },
    "hold_review": {},
    "hire_lost": {"candidate": "C-CANDIDATE1"},
    "invitation_not_accepted": {
        "candidate": "C-CANDIDATE1", "interview": "I-1", "who": "P-INTERVIEWER", "answer": "decline",
    },
    "debrief_brief_ready": {"candidate": "C-CANDIDATE1", "draft": "D-DRAFT001"},
    "rubric_ready": {"draft": "D-DRAFT001"},
    "scorecard_ready": {"candidate": "C-CANDIDATE1", "draft": "D-DRAFT001"},
}  # fmt: skip
"""What the matters that no case brings about speak of."""

IN_A_DIGEST = {"manager_update"}
"""Matters that nobody is told of by themselves: they come with the rest of a digest."""

DRAFT = Draft(kind="rubric", drafter="extractive", text="Nothing to prepare.", note="No language model wrote it.")


def opened(words: str | Sealed | None, context: str) -> str:
    assert not isinstance(words, Sealed)
    return words or ""


WRITER = LetterWriter(opened, "https://tandem.example")


def background(happening: Happening) -> LetterContext:
    """What would be looked up for this effect."""
    state, about = happening.state, getattr(happening.effect, "about", {})
    requisition = requisition_stories.locked().state if isinstance(state, Candidate) else state
    matter, event = getattr(happening.effect, "matter", ""), happening.event
    kind = EVENT_OF.get(matter) or Event.kinds.get(matter)
    return LetterContext(
        requisition=RequisitionView.shown(requisition, phase(requisition)),
        rubric=requisition.locked or requisition_stories.locked().state.locked,
        people=people(mentioned([requisition, state, about], "P-")),
        candidate=CandidateView.shown(state) if isinstance(state, Candidate) else None,
        contact=Contact(name="Ruth Abara", email="ruth@example.org"),
        event=event if kind and isinstance(event, kind) else None,
        clock=shown(state.clocks[about["clock_id"]]) if "clock_id" in about else None,
        draft=DRAFT if "draft" in about else None,
    )


def people(ids: set[str]) -> dict[str, User]:
    return {
        person: User(id=person, name=name_of(person), email=f"{person.lower()}@example.com", zone="Europe/Berlin")
        for person in ids
    }


def name_of(person: str) -> str:
    return f"Name of {person[2:].title()}"


def shown(clock: Clock) -> ClockView:
    return ClockView(
        **clock.model_dump(include=set(ClockView.model_fields) - {"pauses"}),
        stream="requisition/R-SEARCH1",
        requisition="R-SEARCH1",
        title="Product Manager",
        causes=(),
        stands_since=None,
        pauses=(),
        ended_at=None,
        ended_as=None,
        rung=clock.reached,
        next_rung_at=None,
        why=None,
    )


def letter(happening: Happening) -> Letter:
    effect, behind = happening.effect, background(happening)
    about = getattr(effect, "about", {})
    if isinstance(effect, Notify):
        return WRITER.letter("colleague", effect.matter, behind, READER, "Europe/Berlin", about, me=effect.person)
    if isinstance(effect, WriteToCandidate):
        by_itself = shipped(TemplateName(LetterKind.RECEIPT, "", "en")) if effect.matter == "receipt" else None
        words = filled(by_itself.text, dict.fromkeys(COMMON, "Somebody")) if by_itself else opened(effect.words, "")
        subject = opened(effect.subject, "") or "About Tuesday"
        return WRITER.letter(
            "candidate", effect.matter, behind, READER, "Europe/Berlin", about, words=words, subject=subject
        )
    assert isinstance(effect, Invite)
    shelf: Shelf = "invitation/candidate" if effect.candidate else "invitation/colleague"
    return WRITER.letter(
        shelf, effect.matter, behind, READER, "Europe/Berlin", {},
        starts_at=effect.starts_at, minutes=effect.minutes,
    )  # fmt: skip


def fit_to_be_read(written: Letter, matter: str = "") -> None:
    assert written.subject
    assert "\n" not in written.subject
    assert written.text.strip()
    for leftover in ("None", "{{", "{%", "_", "P-", "[]", "  \n", "\n\n\n", "::", ".."):
        assert leftover not in written.text.replace(said_link(written.text), "link"), (matter, leftover, written.text)
    assert len(written.text.split()) <= 260, written.text


def test_what_the_deciders_bring_about_can_be_written_and_read() -> None:
    written = [(str(happening), letter(happening)) for happening in one_each(Notify, WriteToCandidate, Invite)]
    assert len(written) > 20
    for matter, said in written:
        fit_to_be_read(said, matter)


def said_link(text: str) -> str:
    return next((word for word in text.split() if word.startswith("https://tandem.example/")), "\0")


@pytest.mark.parametrize("matter", SAMPLES)
def test_what_no_case_brings_about_can_be_written_too(matter: str) -> None:
    kits = [h for h in one_each(Notify) if str(h) == "notify-interview_kit"]
    behind = background(kits[0])
    behind = LetterContext(**{**vars(behind), "draft": DRAFT, "event": None})
    fit_to_be_read(WRITER.letter("colleague", matter, behind, READER, "Europe/Berlin", SAMPLES[matter]))


def test_every_notification_has_its_letter_which_is_written_here() -> None:
    there = {path.stem for path in (LETTERS / "colleague").glob("*.txt") if not path.stem.startswith("_")}
    assert there == NOTIFICATIONS.keys()
    met = {h.effect.matter for h in happenings() if isinstance(h.effect, Notify)}
    unwritten = NOTIFICATIONS.keys() - met - SAMPLES.keys() - IN_A_DIGEST
    assert not unwritten, f"neither a case nor a sample of these letters: {unwritten}"


def test_every_other_text_is_used_and_everything_that_is_said_has_its_text() -> None:
    met = {h.effect.matter for h in happenings() if isinstance(h.effect, WriteToCandidate | Invite)}
    kinds = {"conversation", "panel", "work_sample", "reference", "debrief", "screen", "intake"}
    shelves = (LETTERS / "candidate", LETTERS / "invitation")
    there = {path.stem for shelf in shelves for path in shelf.rglob("*.txt") if not path.stem.startswith("_")}
    assert there == met | _said_in_the_code() | kinds


def _said_in_the_code() -> set[str]:
    found: set[str] = set()
    for path in Path(domain.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not isinstance(call, ast.Call):
                continue
            effect = getattr(call.func, "id", "")
            for word in call.keywords:
                if word.arg == "matter" and isinstance(word.value, ast.Constant):
                    assert effect != "Notify", f"{path}: name the notification by its kind, not by a string"
                    if effect in {"WriteToCandidate", "Invite"}:
                        found.add(str(word.value.value))
    return found


@pytest.mark.parametrize("kind", ["conversation", "panel", "work_sample", "reference", "screen", "intake", "debrief"])
def test_every_kind_of_meeting_has_its_invitation(kind: str) -> None:
    kit = next(h for h in one_each(Notify) if str(h) == "notify-interview_kit")
    more: dict[str, Any] = {"starts_at": datetime(2026, 3, 5, 9, tzinfo=UTC), "minutes": 45}
    more |= {"place": ["Room 2", "https://meet.example.org/x"], "with_whom": ["Ada"], "for_what": ("K1",)}
    shelves: list[Shelf] = ["invitation/colleague"]
    if kind not in ("reference", "intake", "debrief"):
        shelves.append("invitation/candidate")
    for shelf in shelves:
        said = WRITER.letter(shelf, kind, background(kit), READER, "America/New_York", {}, **more)
        fit_to_be_read(said)
        assert "Thursday 5 March 2026, 04:00 (America/New York)" in said.text
        assert "Where: Room 2; https://meet.example.org/x\nWith: Ada\n" in said.text


def test_every_promise_of_the_policy_has_its_words() -> None:
    assert CLOCKS.keys() == POLICY.clocks.keys()


def breach(recipient: str) -> Happening:
    """A breach as this one hears of it."""
    return next(
        happening
        for happening in happenings()
        if isinstance(happening.effect, Notify)
        and (happening.effect.about.get("rung"), happening.effect.about.get("recipient")) == ("breached", recipient)
    )


def test_a_broken_promise_says_what_to_whom_since_when_and_why() -> None:
    yours = breach("owner")
    said = letter(yours)
    assert isinstance(yours.effect, Notify)
    owed = CLOCKS[str(yours.effect.about["clock"])]
    clock = background(yours).clock
    assert clock is not None
    due = clock.due_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert owed.what in said.subject
    assert owed.what in said.text
    assert owed.why in said.text
    assert f"{due:%H:%M} (Europe/Berlin)" in said.text
    assert "https://tandem.example/" in said.text


def test_the_other_side_hears_of_the_breach_and_not_how_long_it_took() -> None:
    theirs = breach("counterpart")
    clock = background(theirs).clock
    assert clock is not None
    said = letter(theirs)
    assert name_of(clock.owner) in said.text
    started = clock.started_at.astimezone(ZoneInfo("Europe/Berlin"))
    assert f"{started:%-d %B %Y, %H:%M}" not in said.text


def test_a_kit_has_ones_own_questions_and_what_the_others_cover() -> None:
    kits = [h for h in happenings() if isinstance(h.effect, Notify) and h.effect.matter == "interview_kit"]
    panel = next(h for h in kits if len(h.state.interviews[h.effect.about["interview"]].interviewers) == 2)  # type: ignore[attr-defined]
    behind = background(panel)
    assert isinstance(panel.effect, Notify)
    assert behind.rubric is not None
    interview = panel.state.interviews[panel.effect.about["interview"]]
    mine, other = interview.interviewers
    said = WRITER.letter("colleague", "interview_kit", behind, READER, "UTC", panel.effect.about, me=mine.person)
    own = behind.rubric.criterion(mine.criteria[0])
    assert own is not None
    assert own.behaviour in said.text
    assert own.questions[0] in said.text
    assert f"- {behind.people[other.person].name}: " in said.text


async def test_the_brief_before_an_intake_can_be_read_aloud_in_ninety_seconds() -> None:
    request = IntakeBriefRequest(
        title="Product Manager, Permits and Licences",
        team="Permits",
        hiring_manager="Maya Lindqvist",
        recruiter="Ruth Abara",
        inherited_changes=tuple(f"Ask for the {topic.text}" for topic in AGENDA),
    )
    brief = next(h for h in one_each(Notify) if str(h) == "notify-intake_brief_ready")
    behind = LetterContext(**{**vars(background(brief)), "draft": await ExtractiveDrafter().draft(request)})
    said = WRITER.letter("colleague", "intake_brief_ready", behind, READER, "UTC", {})
    assert len(said.text.split()) <= BRIEF_WORDS
    assert said.text.startswith("Maya Lindqvist")
    assert said.text.rstrip().endswith("Ruth Abara")


def test_a_matter_nobody_wrote_a_text_for_is_a_task_and_not_a_blank_mail() -> None:
    with pytest.raises(ApplicationError) as failed:
        written("colleague", "no_such_matter", {})
    assert (failed.value.type, failed.value.non_retryable) == ("no_letter", True)


def test_somebody_who_was_erased_has_no_name_in_letters() -> None:
    kit = next(h for h in one_each(Notify) if str(h) == "notify-interview_kit")
    assert isinstance(kit.effect, Notify)
    behind = LetterContext(**{**vars(background(kit)), "contact": None})
    said = WRITER.letter("colleague", "interview_kit", behind, READER, "UTC", kit.effect.about, me="")
    assert "a candidate whose data was erased" in said.text
    assert "Ruth" not in said.text


@pytest.mark.parametrize(("amount", "said"), [("52500.00", "52,500"), ("52500.5", "52,500.50"), ("900", "900")])
def test_money_is_written_for_people(amount: str, said: str) -> None:
    assert money(amount) == said
