import json
from pathlib import Path
from typing import Any

import pytest

from documents.resumes import read_resume
from documents.transcripts import read_transcript
from domain.core.source_text import SourceText
from domain.evidence.draft_requests import (
    IntakeBriefRequest,
    ResumeRequest,
    RubricRequest,
    ScorecardRequest,
    SummaryRequest,
)
from domain.evidence.drafts import BRIEF_WORDS, Draft, Passage, Topic
from domain.evidence.intake_agenda import AGENDA
from domain.evidence.resume import Resume
from domain.evidence.text_rules import pay_history
from domain.evidence.transcript import Transcript, Utterance
from language.drafter_protocol import Drafter
from language.embeddings import LocalEmbeddings
from language.extractive_drafter import ExtractiveDrafter
from language.speakers import the_candidate
from testing.unnamed_call import TRANSCRIPT as UNNAMED

SAMPLES = Path(__file__).parents[2] / "samples"
RUBRIC = json.loads((SAMPLES / "rubric.json").read_text())["criteria"]
STORY = json.loads((SAMPLES / "story.json").read_text())
CRITERIA = tuple(
    Topic(id=each["id"], text=each["behaviour"], also=(*each["questions"], *each["equivalents"], each["proof"]))
    for each in RUBRIC
)
ASKERS = ("Mara Okafor", "Priya Raman", "Wes Calloway")
DRAFTER: Drafter = ExtractiveDrafter(LocalEmbeddings())


def sample(path: str) -> Transcript:
    return read_transcript((SAMPLES / path).read_bytes(), path)


def resume(name: str) -> Resume:
    return read_resume((SAMPLES / "resumes" / name).read_bytes(), name)


def all_passages(draft: Draft) -> list[Passage]:
    return [passage for topic in draft.topics for passage in topic.passages]


def assert_grounded(draft: Draft, source: SourceText) -> None:
    assert all_passages(draft)
    for passage in all_passages(draft):
        assert passage.span.document == "doc"
        assert passage.words == source.words(passage.span)
        if isinstance(source, Transcript):
            assert passage.speaker == source.speaker_at(passage.span.start)
            assert passage.start_ms == source.quote(passage.span).start_ms


def chosen_by_people() -> list[tuple[str, int, str]]:
    """What the sample requisition's people put on record as evidence: (transcript, criterion, quote), once each."""
    chosen: dict[tuple[str, int, str], None] = {}
    records: list[dict[str, Any]] = [bullet for screen in STORY["screens"] for bullet in screen.get("bullets", [])]
    for interview in STORY["interviews"]:
        for card in ("scorecard", "resubmission"):
            for rating in interview.get(card, {}).get("ratings", []):
                records += [evidence | {"criterion": rating["criterion"]} for evidence in rating.get("evidence", [])]
    for record in records:
        if "quote" in record:
            chosen[record["source"], record["criterion"], record["quote"]] = None
    return list(chosen)


async def test_four_of_five_quotes_that_people_chose_are_among_the_five_passages_found() -> None:
    chosen = chosen_by_people()
    assert len(chosen) >= 15
    drafts = {
        path: await DRAFTER.draft(
            ScorecardRequest(document="doc", transcript=sample(path), criteria=CRITERIA, others=ASKERS)
        )
        for path in {path for path, _, _ in chosen}
    }
    found = 0
    for path, criterion, quote in chosen:
        place = sample(path).locate(quote)
        assert place is not None
        spans = [passage.span for passage in drafts[path].topics[criterion].passages]
        shared = max(min(span.end, place[1]) - max(span.start, place[0]) for span in spans)
        found += 2 * shared >= place[1] - place[0]
    assert found / len(chosen) >= 0.8


@pytest.mark.parametrize(
    ("path", "candidate", "expectation"),
    [
        ("transcripts/screen-1.vtt", "Nadia Brenner", "I'd be looking for one sixty-five."),
        ("transcripts/screen-2.txt", "Owen Tully", "I'd be happy around one eighteen"),
    ],
)
async def test_a_screen_becomes_five_bullets_the_strongest_quote_and_the_pay_expected(
    path: str, candidate: str, expectation: str
) -> None:
    transcript = sample(path)
    draft = await DRAFTER.draft(
        SummaryRequest(document="doc", transcript=transcript, criteria=CRITERIA, candidates=(candidate,))
    )
    assert_grounded(draft, transcript)
    assert draft.summary is not None
    assert len({bullet.rests_on for bullet in draft.summary.bullets}) == 5
    for bullet in draft.summary.bullets:
        assert bullet.text == transcript.words(bullet.rests_on[0].span)
        assert bullet.rests_on[0].speaker == candidate
        assert pay_history(bullet.text) is None
    assert draft.summary.strongest is not None
    assert draft.summary.strongest.speaker == candidate
    assert draft.summary.expectation is not None
    assert expectation in draft.summary.expectation.words
    assert {finding.verdict for finding in draft.findings} == {"not_judged"}
    assert {passage.speaker for passage in all_passages(draft)} == {candidate}
    assert (draft.kind, draft.drafter) == ("candidate_summary", "extractive")
    assert "no language model" in draft.note
    assert "Nothing is rated" in draft.note


async def test_an_intake_becomes_passages_for_every_point_of_the_agenda_in_order() -> None:
    transcript = sample("transcripts/intake.vtt")
    draft = await DRAFTER.draft(RubricRequest(document="doc", transcript=transcript, recruiters=("Mara Okafor",)))
    assert_grounded(draft, transcript)
    assert [topic.topic for topic in draft.topics] == [topic.id for topic in AGENDA]
    assert "Mara Okafor" not in {passage.speaker for passage in all_passages(draft)}
    said = {topic.topic: " ".join(passage.words for passage in topic.passages) for topic in draft.topics}
    assert "Gregory" in said["past_hire"]
    assert "Number one is they can sit across from a partner" in said["priorities"]
    assert "That's an instant no" in said["rules_out"]
    assert "Her title was systems librarian" in said["best_person"]
    assert "State and county digital teams" in said["where_they_work"]
    assert "the story of a no" in said["proof"]


@pytest.mark.parametrize(
    ("name", "criterion", "words"),
    [
        ("nadia-brenner.resume.json", 2, "Launched claim status portal to 1.2 million members after a HIPAA"),
        ("nadia-brenner.resume.json", 3, "Weekly one-page record of decisions"),
        ("ruth-abara.txt", 2, "State IT security review"),
        ("ruth-abara.txt", 4, "Handed septic permits over to Lyle Gunderson"),
    ],
)
async def test_a_resume_shows_its_own_words_per_criterion(name: str, criterion: int, words: str) -> None:
    source = resume(name)
    draft = await DRAFTER.draft(ResumeRequest(document="doc", resume=source, criteria=CRITERIA))
    assert_grounded(draft, source)
    assert words in draft.topics[criterion].passages[0].words
    assert all("@" not in passage.words for passage in all_passages(draft))
    assert {passage.speaker for passage in all_passages(draft)} == {None}


async def test_lines_of_a_resume_that_follow_each_other_are_one_passage_and_headings_none() -> None:
    text = (
        "SAM ORTIZ\n\nIncidents\n\nCare assistant, 2014 to 2016\nLed nine incidents of the pump from alarm to report\n"
        "Wrote the report of each incident on the same day\n\nIncidents led by others\n\nBaker of bread, 2010 to 2012"
    )
    criterion = Topic(id="K1", text="Leads an incident and writes the report", also=())
    source = read_resume(text.encode(), "sam.txt")
    draft = await DRAFTER.draft(ResumeRequest(document="doc", resume=source, criteria=(criterion,)))
    first, *others = [passage.words for passage in all_passages(draft)]
    assert "Led nine incidents" in first
    assert first.endswith("on the same day")
    assert "Incidents" not in others


async def test_what_answers_another_criterion_counts_less() -> None:
    said = [
        Utterance("A", "Tell me about a pump that you repaired at night."),
        Utterance("B", "I repaired the pump below the roof at night, and on day four I said that it would hold."),
        Utterance("A", "And what did you do before you came to us?"),
        Utterance("B", "With my uncle, slates on a roof, all through that summer, and every day in the rain."),
    ]
    criteria = (
        Topic(id="K1", text="Repairs a pump at night", also=()),
        Topic(id="K2", text="Works on a roof", also=()),
    )
    request = ScorecardRequest(
        document="doc", transcript=Transcript.of(said), criteria=criteria, candidates=("B",), questions=()
    )
    draft = await DRAFTER.draft(request)
    assert [topic.passages[0].words[:5] for topic in draft.topics] == ["I rep", "With "]


async def test_the_brief_can_be_read_aloud_in_ninety_seconds_whatever_was_inherited() -> None:
    request = IntakeBriefRequest(
        title="Product Manager, permits", team="Permits", hiring_manager="Dana", recruiter="Mara Okafor"
    )
    plain = await DRAFTER.draft(request)
    assert plain.text.startswith("Dana, before we talk about Product Manager, permits")
    assert plain.text.endswith("Mara Okafor")
    assert "Last time" not in plain.text
    asked = [plain.text.index(topic.text[1:]) for topic in AGENDA]
    assert asked == sorted(asked)

    two = await DRAFTER.draft(
        request.model_copy(update={"inherited_changes": ("Share the slate in three days.", "Book debriefs early")})
    )
    assert "change: Share the slate in three days; Book debriefs early. Do we?" in two.text

    many = await DRAFTER.draft(
        request.model_copy(update={"inherited_changes": ("Share the slate in three days.", "word " * 300)})
    )
    assert "change: Share the slate in three days; 1 more on the agenda. Do we?" in many.text
    for draft in (plain, two, many):
        assert len(draft.text.split()) <= BRIEF_WORDS


LED = Topic(id="K1", text="Leads incident reviews and writes the report", also=("Tell me about an incident you led.",))


async def scorecard(*said: tuple[str, str], candidates: tuple[str, ...] = (), others: tuple[str, ...] = ()) -> Draft:
    transcript = Transcript.of(Utterance(speaker, words) for speaker, words in said)
    return await DRAFTER.draft(
        ScorecardRequest(document="doc", transcript=transcript, criteria=(LED,), candidates=candidates, others=others)
    )


async def test_what_interviewers_say_is_no_evidence_about_the_candidate() -> None:
    said = (
        ("Wes Calloway", "I lead the incident reviews here and I write every incident report myself."),
        ("Nadia B. (Guest)", "I was on call that night, and afterwards I wrote the report of the incident."),
        ("Unknown speaker", "She led the incident review and wrote the report."),
    )
    for who in ({"candidates": ("Nadia Brenner",)}, {"others": ("Calloway, Wes",)}):
        draft = await scorecard(*said, **who)
        assert [passage.words for passage in all_passages(draft)] == [said[1][1]]
        assert "does not say who" not in draft.note


async def test_who_the_candidate_is_gets_guessed_only_with_a_word_about_it() -> None:
    draft = await scorecard(
        ("A", "Tell me about an incident review that you led?"),
        ("B", "I led the review of the March incident, wrote the report and read it to the board that Friday."),
    )
    assert {passage.speaker for passage in all_passages(draft)} == {"B"}
    assert "B speaks most and was taken for them" in draft.note


async def test_an_answer_is_found_by_the_question_it_answers() -> None:
    draft = await scorecard(
        ("A", "Do you like the office?"),
        ("B", "It has a window on the canal and a kettle, which is all that I have ever asked of any building."),
        ("A", "Tell me about an incident you led."),
        (
            "B",
            "The pump stopped at four in the morning and nobody picked up, so I drove there and sat with it till noon.",
        ),
        candidates=("B",),
    )
    assert all_passages(draft)[0].words.startswith("The pump stopped")


async def test_nothing_is_shown_where_nothing_bears_on_the_criterion() -> None:
    draft = await scorecard(("A", "Hello there, how are you?"), ("B", "Fine, how about you?"), candidates=("B",))
    assert draft.topics[0].topic == "K1"
    assert draft.topics[0].passages == ()
    silent = await scorecard(("A", "Hello, are you there? We wanted to talk about incidents."), others=("A",))
    assert silent.topics[0].passages == ()


async def test_a_short_screen_gives_fewer_bullets_and_no_expectation() -> None:
    transcript = Transcript.of(
        [Utterance("A", "Tell me about an incident you led."), Utterance("B", "I led the review of one in March.")]
    )
    draft = await DRAFTER.draft(
        SummaryRequest(document="doc", transcript=transcript, criteria=(LED,), candidates=("B",))
    )
    assert draft.summary is not None
    assert [bullet.text for bullet in draft.summary.bullets] == ["I led the review of one in March."]
    assert draft.summary.expectation is None


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["Somewhere around one sixty-five would do it."], "Somewhere around one sixty-five would do it."),
        (["I make 140 now, so I'd be looking for 165."], "I'd be looking for 165."),
        (["I'm on 140 right now."], None),
        (["I'd want 150 to 160.", "Sorry, no, I'd want at least 165,000 base."], "at least 165,000 base"),
        (["I don't know yet."], None),
        (["I managed 140 people and needed 20 more."], None),
    ],
)
async def test_the_expectation_is_what_they_want_and_never_what_they_earn(
    answers: list[str], expected: str | None
) -> None:
    transcript = Transcript.of(
        utterance
        for answer in answers
        for utterance in (Utterance("A", "What are your expectations on pay?"), Utterance("B", answer))
    )
    draft = await DRAFTER.draft(
        SummaryRequest(document="doc", transcript=transcript, criteria=(LED,), candidates=("B",))
    )
    assert draft.summary is not None
    words = draft.summary.expectation.words if draft.summary.expectation else None
    assert (expected in words) if expected and words else words == expected
    shown = [bullet.text for bullet in draft.summary.bullets] + [passage.words for passage in all_passages(draft)]
    assert all(pay_history(each) is None for each in [*shown, words or ""])


async def test_drafts_survive_their_way_through_json() -> None:
    draft = await scorecard(("A", "Tell me about an incident you led."), ("B", "I led a review in March, all of it."))
    assert Draft.model_validate_json(draft.model_dump_json()) == draft


def test_one_who_was_said_to_be_the_candidate_is_not_guessed() -> None:
    named = UNNAMED.named({1: "The applicant", 0: None}, "The applicant")
    assert the_candidate(named, ["Mara Okafor"], ["Ada Lin"]) == (frozenset({"The applicant"}), "")
