"""The samples keep their word: quotes stand in the transcripts, formats and lengths are as described."""

import html
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import webvtt

SAMPLES = Path(__file__).parents[2] / "samples"
RUBRIC = json.loads((SAMPLES / "rubric.json").read_text(encoding="utf-8"))
STORY = json.loads((SAMPLES / "story.json").read_text(encoding="utf-8"))
INTAKE = "transcripts/intake.vtt"
PROMISED_WORDS = {
    INTAKE: 4_000,
    "transcripts/screen-1.vtt": 1_800,
    "transcripts/screen-2.txt": 1_800,
    "transcripts/interview-1.srt": 2_500,
    "transcripts/interview-2.vtt": 2_500,
    "transcripts/debrief.vtt": 1_500,
    "transcripts/debrief-follow-up.txt": 400,
}
VOICE = re.compile(r"<v ([^>]+)>(.*?)</v>", re.S)
PREFIXED = re.compile(r"([^\W\d][\w .'-]+): (.+)", re.S)

Said = tuple[str, str]


def collapsed(text: str) -> str:
    return " ".join(text.split())


def speech(source: str) -> list[Said]:
    """Who said what, a cue or a line at a time."""
    path = SAMPLES / source
    if path.suffix == ".vtt":
        blocks = [caption.raw_text for caption in webvtt.read(str(path)).captions]
    elif path.suffix == ".srt":
        cues = path.read_text(encoding="utf-8").strip().split("\n\n")  # a number, the times, the words
        blocks = [cue.split("\n", 2)[2] for cue in cues]
    else:
        blocks = path.read_text(encoding="utf-8-sig").splitlines()
    said: list[Said] = []
    for block in blocks:
        if voices := VOICE.findall(block):
            said += [(speaker, collapsed(html.unescape(words))) for speaker, words in voices]
        elif prefixed := PREFIXED.fullmatch(block):
            said.append((prefixed[1], collapsed(html.unescape(prefixed[2]))))
    return said


def objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner)


QUOTED = [(o["quote"], o["speaker"], o["source"]) for o in objects(STORY) if "quote" in o]
PASSAGES = [(o["passage"], o["speaker"], INTAKE) for o in objects(RUBRIC) if "passage" in o]


@pytest.mark.parametrize(("words", "speaker", "source"), QUOTED + PASSAGES)
def test_a_quote_is_said_word_for_word_by_its_speaker_within_one_cue(words: str, speaker: str, source: str) -> None:
    assert any(who == speaker and collapsed(words) in heard for who, heard in speech(source))


def test_quotes_and_passages_are_there_to_be_checked() -> None:
    assert len(PASSAGES) == len(RUBRIC["criteria"]) + 1
    assert {source for _, _, source in QUOTED} == set(PROMISED_WORDS) - {INTAKE}


@pytest.mark.parametrize(("source", "promised"), PROMISED_WORDS.items())
def test_a_transcript_is_about_as_long_as_promised(source: str, promised: int) -> None:
    assert sum(len(words.split()) for _, words in speech(source)) == pytest.approx(promised, rel=0.2)


@pytest.mark.parametrize("source", PROMISED_WORDS)
def test_only_people_of_the_story_speak(source: str) -> None:
    cast = {person["name"] for person in STORY["people"] + STORY["candidates"]}
    speakers = {speaker for speaker, _ in speech(source)}
    assert len(speakers) >= 2
    assert speakers <= cast


def test_the_teams_transcript_has_an_overlap_a_cue_with_two_voices_and_entities() -> None:
    path = SAMPLES / "transcripts/screen-1.vtt"
    cues = webvtt.read(str(path)).captions
    assert any(later.start < earlier.end for earlier, later in pairwise(cues))
    assert any(len(VOICE.findall(cue.raw_text)) == 2 for cue in cues)
    assert "&amp;" in path.read_text(encoding="utf-8")


def test_the_meet_transcript_is_as_meet_exports_it() -> None:
    exported = (SAMPLES / "transcripts/screen-2.txt").read_bytes()
    assert exported.startswith(b"\xef\xbb\xbf")
    assert b"\r\n00:05:00\r\n" in exported


def test_every_candidate_has_a_resume_with_their_name_and_a_reserved_mail_domain() -> None:
    assert len(STORY["candidates"]) == 6
    for candidate in STORY["candidates"]:
        text = (SAMPLES / candidate["resume"]).read_text(encoding="utf-8")
        if candidate["resume"].endswith(".json"):
            assert json.loads(text)["basics"]["name"] == candidate["name"]
        assert candidate["name"].lower() in text.lower()
        assert candidate["email"] in text
        assert candidate["email"].endswith(("example.com", "example.org"))
        assert re.search(r"\b555-01\d\d\b", text)


def test_the_rubric_has_what_each_criterion_needs_and_tests_every_must_have() -> None:
    criteria = RUBRIC["criteria"]
    assert [c["rank"] for c in criteria] == [1, 2, 3, 4, 5]
    assert all(set(c["anchors"]) == {"1", "2", "3", "4"} and c["questions"] and c["equivalents"] for c in criteria)
    tested = {index for planned in RUBRIC["plan"] for index in planned["criteria"]}
    assert {i for i, c in enumerate(criteria) if c["weight"] == "must"} <= tested <= set(range(len(criteria)))
    assert [planned["final"] for planned in RUBRIC["plan"]] == [False, True]


def test_each_card_answers_the_focus_of_its_round_with_evidence() -> None:
    focus = {planned["round"]: planned["criteria"] for planned in RUBRIC["plan"]}
    for interview in STORY["interviews"]:
        for card in filter(None, (interview["scorecard"], interview.get("resubmission"))):
            assert [rating["criterion"] for rating in card["ratings"]] == focus[interview["round"]]
            for rating in card["ratings"]:
                if rating.get("not_tested"):
                    assert rating["why"]
                    continue
                assert rating["rating"] in {1, 2, 3, 4}
                assert rating["evidence"]
                quoted = [e["source"] for e in rating["evidence"] if "quote" in e]
                assert set(quoted) <= {interview["transcript"]}


def test_a_summary_has_five_bullets_and_one_expectation_is_above_the_band() -> None:
    recorded = [screen for screen in STORY["screens"] if screen["transcript"]]
    assert [len(screen["bullets"]) for screen in recorded] == [5, 5]
    above = [s["candidate"] for s in STORY["screens"] if s["expectation"]["amount"] > RUBRIC["band"]["maximum"]]
    assert above == ["nadia"]


def test_the_facts_listed_in_the_readme_can_be_found() -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    rows = [row for row in readme.partition("## Facts to find")[2].splitlines() if row.startswith("| ")][2:]
    assert len(rows) >= 15
    files = {path.name: path for path in (*SAMPLES.glob("transcripts/*"), *SAMPLES.glob("resumes/*"))}
    for row in rows:
        _, _, _, words, where, _ = row.split("|")
        named = re.findall(r"`([\w.-]+)`", where)
        text = " ".join(
            " ".join(heard for _, heard in speech(f"transcripts/{name}"))
            if files[name].parent.name == "transcripts"
            else collapsed(files[name].read_text(encoding="utf-8"))
            for name in named
        )
        for quoted in re.findall(r'"([^"]+)"', words):
            assert quoted in text, quoted
