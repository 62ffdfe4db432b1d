"""The evaluation corpus keeps its word: its documents are readable, and every label stands where it says it does."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bench.evaluation.corpus import HELD_OUT, Job, located
from bench.evaluation.measures import of_readers
from documents.document_reader import read_document
from documents.transcripts import read_transcript
from domain.core.source_text import SourceText, Span
from domain.evidence.intake_agenda import AGENDA
from domain.evidence.resume import Resume
from domain.evidence.transcript import Transcript

CORPUS = Path(__file__).parents[2] / "samples" / "corpus"
JOBS = sorted(path.parent for path in CORPUS.glob("*/rubric.json"))
LABELS = sorted(CORPUS.glob("*/labels/*.json"))
VERDICTS = {"met", "partly", "not_met", "not_discussed"}
MOST_WORDS = 60


def named(path: Path) -> str:
    return str(path.relative_to(CORPUS))


each_job = pytest.mark.parametrize("job", JOBS, ids=named)
each_job_with_misheard_names = pytest.mark.parametrize("job", [job for job in JOBS if job.name != HELD_OUT], ids=named)
each_label_file = pytest.mark.parametrize("labels", LABELS, ids=named)


@cache
def transcript(path: Path) -> Transcript:
    return read_transcript(path.read_bytes(), path.name)


@cache
def resume(path: Path) -> Resume:
    read = read_document("resume", path.read_bytes(), path.name).text
    assert isinstance(read, Resume)
    return read


def transcripts(job: Path) -> list[Path]:
    return sorted((job / "transcripts").iterdir())


def resumes(job: Path) -> list[Path]:
    return sorted((job / "resumes").iterdir())


def rubric(job: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((job / "rubric.json").read_text(encoding="utf-8"))
    return content


def criteria(job: Path) -> set[str]:
    return {criterion["id"] for criterion in rubric(job)["criteria"]}


def content(labels: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(labels.read_text(encoding="utf-8"))
    return read


def passages(value: Any) -> Iterator[dict[str, Any]]:
    """Whatever in `value` points at words of a document."""
    if isinstance(value, dict):
        if "words" in value:
            yield value
        for inner in value.values():
            yield from passages(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from passages(inner)


def place(source: SourceText, passage: dict[str, Any]) -> tuple[int, int]:
    """Where a passage stands: as it says, or, if it is told by its words alone, where those stand."""
    if "start" in passage:
        return passage["start"], passage["end"]
    return located(source, passage["words"], passage.get("speaker"))


def verdicts(labels: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The criteria of each document that gives verdicts, under the document's name."""
    read = content(labels)
    for name, labelled in read["transcripts"].items():
        if name.startswith(("screen", "interview")):
            yield name, labelled["criteria"]
    yield from read["resumes"].items()


@each_job
def test_a_job_has_six_calls_as_long_as_such_calls_are(job: Path) -> None:
    lengths = {path.stem: len(transcript(path).text.split()) for path in transcripts(job)}
    assert set(lengths) == {"intake", "screen-1", "screen-2", "interview-1", "interview-2", "debrief"}
    assert all(3_000 <= words <= 8_000 for words in lengths.values()), lengths


@each_job
def test_in_some_call_two_people_speak_at_once(job: Path) -> None:
    turns = [pair for path in transcripts(job) for pair in pairwise(transcript(path).turns)]
    assert any(
        later.start_ms < earlier.end_ms
        for earlier, later in turns
        if later.start_ms is not None and earlier.end_ms is not None
    )


@each_job_with_misheard_names
def test_a_speaker_is_spelt_in_two_ways_in_some_call(job: Path) -> None:
    def first_names(path: Path) -> list[str]:
        return [speaker.split()[0] for speaker in transcript(path).speakers]

    assert any(len(set(first_names(path))) < len(first_names(path)) for path in transcripts(job))


@each_job
def test_resumes_can_be_read_and_come_in_more_than_one_form(job: Path) -> None:
    assert len(resumes(job)) >= 6
    assert all(resume(path).text for path in resumes(job))
    assert len({path.suffix for path in resumes(job)}) >= 2


@each_job
def test_each_criterion_was_said_in_the_intake_by_the_named_speaker(job: Path) -> None:
    read = rubric(job)
    intake = transcript(job / read["source"])
    for criterion in read["criteria"]:
        place = intake.locate(criterion["passage"])
        assert place is not None, criterion["id"]
        assert intake.speaker_at(place[0]) == criterion["speaker"]


@each_label_file
def test_every_document_is_labelled(labels: Path) -> None:
    read, job = content(labels), labels.parents[1]
    assert set(read["transcripts"]) == {path.name for path in transcripts(job)}
    assert set(read["resumes"]) == {path.name for path in resumes(job)}


@each_job
def test_a_job_was_read_twice_and_one_reading_is_what_drafters_are_held_to(job: Path) -> None:
    labellers = {path.stem for path in (job / "labels").glob("*.json")}
    assert labellers == {"gold", "second"} | ({"first"} if job.name == HELD_OUT else set())


def test_the_job_held_out_has_its_resumes_in_pdf_and_word() -> None:
    forms = [path.suffix for path in resumes(CORPUS / HELD_OUT)]
    assert sorted(forms) == [".docx"] * 3 + [".pdf"] * 3


def test_the_two_readings_of_the_job_held_out_agree_as_much_as_is_written_of_them() -> None:
    score = of_readers(Job(CORPUS / HELD_OUT))
    found, right = score.share("found", "gold"), score.share("right", "passages")
    same = sum(one == other for one, other in score.verdicts)
    assert score.kappa
    assert found
    assert right
    told = " ".join((CORPUS / "README.md").read_text(encoding="utf-8").split())
    assert f"{same} are the same (Cohen's kappa {score.kappa:.2f}); {100 * found:.0f} % of the passages" in told
    assert f"and {100 * right:.0f} % of the second's are right by the first" in told


def test_what_was_settled_of_the_job_held_out_was_marked_by_one_of_the_readings() -> None:
    first, second, gold = (
        content(CORPUS / HELD_OUT / "labels" / f"{name}.json") for name in ("first", "second", "gold")
    )
    marked = {passage["words"] for reading in (first, second) for passage in passages(reading)}
    assert {passage["words"] for passage in passages(gold)} <= marked
    for document, settled in dict(verdicts(CORPUS / HELD_OUT / "labels" / "gold.json")).items():
        for criterion, label in settled.items():
            readings = [dict(verdicts(CORPUS / HELD_OUT / "labels" / f"{name}.json")) for name in ("first", "second")]
            assert label["verdict"] in {each[document][criterion]["verdict"] for each in readings}


@each_label_file
def test_a_labelled_passage_of_a_call_is_said_by_its_speaker_at_its_place(labels: Path) -> None:
    folder = labels.parents[1] / "transcripts"
    for name, labelled in content(labels)["transcripts"].items():
        source = transcript(folder / name)
        for passage in passages(labelled):
            start, end = place(source, passage)
            said = source.quote(Span(document=name, start=start, end=end))
            assert (said.words, said.speaker) == (passage["words"], passage["speaker"]), name
            assert len(said.words.split()) <= MOST_WORDS, said.words


@each_label_file
def test_a_labelled_passage_of_a_resume_stands_at_its_place(labels: Path) -> None:
    folder = labels.parents[1] / "resumes"
    for name, labelled in content(labels)["resumes"].items():
        source = resume(folder / name)
        for passage in passages(labelled):
            start, end = place(source, passage)
            assert source.text[start:end].split() == passage["words"].split(), name
            assert len(passage["words"].split()) <= MOST_WORDS, passage["words"]


@each_label_file
def test_every_criterion_gets_a_verdict_and_what_was_shown_has_a_passage(labels: Path) -> None:
    known = criteria(labels.parents[1])
    for name, labelled in verdicts(labels):
        assert set(labelled) == known, name
        for criterion, label in labelled.items():
            where = f"{name} {criterion}"
            assert label["verdict"] in VERDICTS, where
            if label["verdict"] in {"met", "partly"}:
                assert label["passages"], where
            if label["verdict"] == "not_discussed":
                assert not label["passages"], where


@each_label_file
def test_evidence_about_a_candidate_is_in_the_candidates_own_words(labels: Path) -> None:
    candidates = [path.stem for path in resumes(labels.parents[1])]
    for name, labelled in verdicts(labels):
        for passage in passages(labelled):
            if speaker := passage.get("speaker"):
                first_name = speaker.split()[0].casefold()
                assert any(first_name in candidate for candidate in candidates), f"{name}: {speaker}"


@each_label_file
def test_an_expectation_is_an_amount_with_the_words_it_was_said_in(labels: Path) -> None:
    read = content(labels)["transcripts"]
    said = [labelled["expectation"] for labelled in read.values() if labelled.get("expectation")]
    assert said
    for expectation in said:
        assert expectation["amount"] > 0
        assert expectation["words"]
        assert expectation["currency"].isupper()
        assert expectation["period"] in {"year", "month", "hour"}


@each_label_file
def test_the_intake_is_labelled_point_by_point_of_the_agenda(labels: Path) -> None:
    intakes = [labelled for name, labelled in content(labels)["transcripts"].items() if name.startswith("intake")]
    for intake in intakes:
        assert set(intake["agenda"]) == {topic.id for topic in AGENDA}
        assert set(intake["criteria"]) == criteria(labels.parents[1])
        for topic, label in intake["agenda"].items():
            assert bool(label["passages"]) or not label["answered"], topic


@each_label_file
def test_a_debrief_is_labelled_by_criteria_of_the_rubric_with_passages(labels: Path) -> None:
    known = criteria(labels.parents[1])
    debriefs = [labelled for name, labelled in content(labels)["transcripts"].items() if name.startswith("debrief")]
    for debrief in debriefs:
        for kind in ("agreements", "conflicts", "missing"):
            assert {entry["criterion"] for entry in debrief[kind]} <= known, kind
            assert all(entry["passages"] for entry in debrief[kind]), kind
