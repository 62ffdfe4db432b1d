"""The evaluation corpus: its documents as the drafters get them, and what careful readers marked in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from documents.resumes import read_resume
from documents.transcripts import read_transcript
from domain.draft_requests import (
    KitQuestion,
    ResumeRequest,
    RubricRequest,
    ScorecardRequest,
    SummaryRequest,
    sought,
)
from domain.drafts import Topic
from domain.rubric import Criterion
from domain.transcript import Resume, SourceText, Transcript

CORPUS = Path(__file__).parents[2] / "samples" / "corpus"
DEVELOPED_ON = "product-manager"
"""The job that the choosing of passages was developed on; the other one was only measured."""

_ASKED_FOR = ("id", "rank", "behaviour", "weight", "why", "equivalents", "proof", "questions", "anchors")

Labeller = Literal["gold", "second"]


class Place(NamedTuple):
    """Characters `start` up to, not including, `end` of a document."""

    start: int
    end: int


class Marked(NamedTuple):
    """What a reader marked for one criterion or point of the agenda in one document."""

    verdict: str
    passages: tuple[Place, ...]


class Expected(NamedTuple):
    """The pay a candidate stands by, and where they say so."""

    amount: int
    place: Place


@dataclass(frozen=True)
class Job:
    """A job of the corpus."""

    folder: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @cached_property
    def rubric(self) -> dict[str, Any]:
        """`rubric.json`."""
        return _json(self.folder / "rubric.json")

    @cached_property
    def criteria(self) -> tuple[Topic, ...]:
        """The rubric's criteria in rank order, as a drafter gets them."""
        return tuple(
            sought(Criterion.model_validate({name: each[name] for name in _ASKED_FOR}))
            for each in sorted(self.rubric["criteria"], key=lambda each: int(each["rank"]))
        )

    def labels(self, labeller: Labeller) -> dict[str, Any]:
        """One reader's labels."""
        return self._labels[labeller]

    @cached_property
    def _labels(self) -> dict[Labeller, dict[str, Any]]:
        return {
            "gold": _json(self.folder / "labels" / "gold.json"),
            "second": _json(self.folder / "labels" / "second.json"),
        }

    @cached_property
    def transcripts(self) -> dict[str, Transcript]:
        """Every call by the name of its file."""
        return {path.name: read_transcript(path.read_bytes(), path.name) for path in _files(self.folder, "transcripts")}

    @cached_property
    def resumes(self) -> dict[str, Resume]:
        """Every résumé by the name of its file."""
        return {path.name: read_resume(path.read_bytes(), path.name) for path in _files(self.folder, "resumes")}

    def candidate(self, document: str) -> str:
        """The candidate's name as the résumé's file has it: whose evidence gold marks in a call, or whose résumé."""
        if document in self.resumes:
            return _spelt(document)
        spoken = {each["speaker"] for each in _passages(self.labels("gold")["transcripts"][document])}
        names = [_spelt(name) for name in self.resumes]
        return next(name for name in names if any(name.split()[0] in speaker.split() for speaker in spoken))

    def marked(self, document: str, labeller: Labeller = "gold") -> dict[str, Marked]:
        """What was marked for each criterion in a screen, an interview or a résumé."""
        labels = self.labels(labeller)
        found = labels["resumes"][document] if document in self.resumes else labels["transcripts"][document]["criteria"]
        return {topic: Marked(each.get("verdict", ""), _places(each)) for topic, each in found.items()}

    def agenda(self, labeller: Labeller = "gold") -> dict[str, tuple[bool, bool, tuple[Place, ...]]]:
        """Of each point of the agenda whether it was asked, whether answered, and the words."""
        points = self.labels(labeller)["transcripts"][self.intake]["agenda"]
        return {topic: (each["asked"], each["answered"], _places(each)) for topic, each in points.items()}

    def expected(self, document: str, labeller: Labeller = "gold") -> Expected | None:
        """The pay that a candidate stands by in a call, if any."""
        said = self.labels(labeller)["transcripts"][document].get("expectation")
        return Expected(said["amount"], Place(said["start"], said["end"])) if said else None

    @property
    def intake(self) -> str:
        """The intake's file."""
        return Path(self.rubric["source"]).name

    @cached_property
    def recruiter(self) -> str:
        """Who asks in the intake: whoever speaks and is not the one the criteria come from."""
        managers = {each["speaker"] for each in self.rubric["criteria"]}
        spoken = self.transcripts[self.intake].speakers
        return next(speaker for speaker in spoken if speaker not in managers)

    def source(self, document: str) -> SourceText:
        """A document's text."""
        return self.resumes[document] if document in self.resumes else self.transcripts[document]

    def requests(self) -> Iterator[SummaryRequest | ScorecardRequest | ResumeRequest | RubricRequest]:
        """What is asked of a drafter where gold says what should come of it, each document once."""
        for name, transcript in self.transcripts.items():
            if name == self.intake:
                yield RubricRequest(document=name, transcript=transcript, recruiters=(self.recruiter,))
            elif name.startswith("screen"):
                yield SummaryRequest(
                    document=name, transcript=transcript, criteria=self.criteria, candidates=(self.candidate(name),)
                )
            elif name.startswith("interview"):
                yield ScorecardRequest(
                    document=name,
                    transcript=transcript,
                    criteria=self.criteria,
                    candidates=(self.candidate(name),),
                    questions=self.questions,
                )
        for name, resume in self.resumes.items():
            yield ResumeRequest(document=name, resume=resume, criteria=self.criteria, names=(self.candidate(name),))

    @property
    def questions(self) -> tuple[KitQuestion, ...]:
        """The interview kit."""
        criteria = self.rubric["criteria"]
        return tuple(KitQuestion(criterion=each["id"], text=text) for each in criteria for text in each["questions"])


def jobs() -> list[Job]:
    """Every job of the corpus."""
    return [Job(path.parent) for path in sorted(CORPUS.glob("*/rubric.json"))]


def _places(label: dict[str, Any]) -> tuple[Place, ...]:
    return tuple(Place(each["start"], each["end"]) for each in label["passages"])


def _passages(label: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in label["criteria"].values():
        yield from each["passages"]


def _spelt(file: str) -> str:
    return " ".join(word.title() for word in file.split(".")[0].split("-")[1:])


def _files(folder: Path, part: str) -> list[Path]:
    return sorted((folder / part).iterdir())


def _json(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read
