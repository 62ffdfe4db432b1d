"""The evaluation corpus: its documents as the drafters get them, and what careful readers marked in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from documents.document_reader import read_document
from documents.transcripts import read_transcript
from domain.core.source_text import SourceText, Span
from domain.evidence.draft_requests import (
    CardGiven,
    CardRating,
    DebriefRequest,
    DraftRequest,
    DriftRequest,
    Fact,
    IntakeBriefRequest,
    KitQuestion,
    ManagerUpdateRequest,
    Rejected,
    ResumeRequest,
    RetroRequest,
    RewordingRequest,
    RubricRequest,
    ScorecardRequest,
    SourcingRequest,
    SummaryRequest,
    sought,
)
from domain.evidence.drafts import Passage, Topic
from domain.evidence.intake_agenda import AGENDA
from domain.evidence.resume import Resume
from domain.evidence.rubric import Criterion
from domain.evidence.transcript import Transcript

CORPUS = Path(__file__).parents[2] / "samples" / "corpus"
DEVELOPED_ON = "product-manager"
"""The job that the choosing of passages was developed on; another one was only measured."""

HELD_OUT = "dialysis-ward-manager"
"""The job that nothing is chosen on: it was labelled before any drafter read it, and is reported by itself."""

_ASKED_FOR = ("id", "rank", "behaviour", "weight", "why", "equivalents", "proof", "questions", "anchors")

Labeller = Literal["gold", "first", "second"]

_SCORES = {"met": 3, "partly": 2, "not_met": 1, "not_discussed": None}
"""How an interviewer who saw what the first reader saw would rate it."""

_SOUGHT_IN_THE_INTAKE = ("where_they_work", "appeal", "proof", "rules_out")


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

    @property
    def held_out(self) -> bool:
        """Whether nothing is chosen on this job."""
        return self.name == HELD_OUT

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
        """One reading's labels; gold is what drafters are held to."""
        return self._labels[labeller]

    @property
    def readings(self) -> tuple[Labeller, Labeller]:
        """The two readings, made each without the other; gold is the first, or what was settled between both."""
        return ("first" if "first" in self._labels else "gold", "second")

    @cached_property
    def _labels(self) -> dict[Labeller, dict[str, Any]]:
        labellers: tuple[Labeller, ...] = ("gold", "first", "second")
        files = {labeller: self.folder / "labels" / f"{labeller}.json" for labeller in labellers}
        return {labeller: self._placed(_json(file)) for labeller, file in files.items() if file.exists()}

    def _placed(self, labels: dict[str, Any]) -> dict[str, Any]:
        """Give a place to each passage that is told by its words alone: where they stand, whichever way it was read."""
        for documents in (labels["transcripts"], labels["resumes"]):
            for document, labelled in documents.items():
                for passage in _told_by_words(labelled):
                    place = located(self.source(document), passage["words"], passage.get("speaker"))
                    passage["start"], passage["end"] = place
        return labels

    @cached_property
    def transcripts(self) -> dict[str, Transcript]:
        """Every call by the name of its file."""
        return {path.name: read_transcript(path.read_bytes(), path.name) for path in _files(self.folder, "transcripts")}

    @cached_property
    def resumes(self) -> dict[str, Resume]:
        """Every résumé by the name of its file."""
        return {path.name: _resume(path) for path in _files(self.folder, "resumes")}

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

    @property
    def manager(self) -> str:
        """Whom the criteria come from."""
        speaker: str = self.rubric["criteria"][0]["speaker"]
        return speaker

    @cached_property
    def recruiter(self) -> str:
        """Who asks in the intake: whoever speaks and is not the one the criteria come from."""
        managers = {each["speaker"] for each in self.rubric["criteria"]}
        spoken = self.transcripts[self.intake].speakers
        return next(speaker for speaker in spoken if speaker not in managers)

    @property
    def documents(self) -> frozenset[str]:
        """The names of all files that can be quoted."""
        return frozenset((*self.transcripts, *self.resumes))

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

    def further_requests(self) -> Iterator[DraftRequest]:
        """What else a drafter is asked in a requisition, from the rubric and what the first reader marked and wrote."""
        title, _, team = self.rubric["title"].partition(", ")
        names = (self.manager, self.recruiter, *map(_spelt, self.resumes))
        rejected, debrief = self.rejected, self.debrief()
        yield IntakeBriefRequest(
            title=title,
            team=team,
            hiring_manager=self.manager,
            recruiter=self.recruiter,
            inherited_changes=tuple(each["what"] for each in debrief["missing"]),
        )
        yield SourcingRequest(facts=tuple(self._known_of_the_search()), names=names)
        for passages in (each["passages"] for each in self._intake_labels["glossary"].values()):
            yield RewordingRequest(words=passages[0]["words"], use="criterion", criteria=self.criteria, names=names)
        yield DebriefRequest(
            criteria=self.criteria,
            musts=tuple(each["id"] for each in self.rubric["criteria"] if each["weight"] == "must"),
            cards=tuple(self._card(name) for name in self.transcripts if name.startswith("interview")),
            names=names,
        )
        yield DriftRequest(criteria=self.criteria, rejected=rejected, names=names)
        yield ManagerUpdateRequest(title=title, facts=tuple(self._standing()), names=names)
        yield RetroRequest(title=title, facts=tuple(self._looking_back()), names=names)

    def debrief(self) -> dict[str, Any]:
        """What the first reader wrote of the debrief: its agreements, its conflicts, and what is missing."""
        labels: dict[str, Any] = next(
            each for name, each in self.labels("gold")["transcripts"].items() if name.startswith("debrief")
        )
        return labels

    @cached_property
    def rejected(self) -> tuple[Rejected, ...]:
        """The résumés that show no must-have, each with the words that were too little on the first it falls short of.

        One on which there are no such words is rejected outside the rubric, in the manager's own words on what rules
        somebody out, or, where none are marked, for silence on its first must-have.
        """
        rules_out = self._intake_labels["agenda"]["rules_out"]
        found = []
        for name in self.resumes:
            marked = self.marked(name)
            musts = [each for each in self.criteria if self._weight(each.id) == "must"]
            if any(marked[each.id].verdict == "met" for each in musts):
                continue
            short = next((each for each in musts if marked[each.id].passages), None)
            text = self.resumes[name].text
            if short:
                words = f"Says: {text[slice(*marked[short.id].passages[0])]}. Not enough on: {short.text}."
            elif rules_out["answered"] and rules_out["passages"]:
                words = rules_out["passages"][0]["words"]
            else:
                short, words = musts[0], f"Nothing on: {musts[0].text}."
            found.append(
                Rejected(candidate=name, criterion=short.id if short else None, why=line(f"answer/{name}", words))
            )
        return tuple(found)

    @property
    def _intake_labels(self) -> dict[str, Any]:
        labels: dict[str, Any] = self.labels("gold")["transcripts"][self.intake]
        return labels

    def _weight(self, criterion: str) -> str:
        weight: str = next(each["weight"] for each in self.rubric["criteria"] if each["id"] == criterion)
        return weight

    def passage(self, document: str, place: Place) -> Passage:
        """The words at a place, with speaker and time if it is a call."""
        span, source = Span(document=document, start=place.start, end=place.end), self.source(document)
        if isinstance(source, Transcript):
            said = source.quote(span)
            return Passage(span=span, words=said.words, speaker=said.speaker, start_ms=said.start_ms)
        return Passage(span=span, words=source.words(span))

    def _card(self, interview: str) -> CardGiven:
        """The card of an interviewer who saw what the first reader saw."""
        ratings = tuple(
            CardRating(
                criterion=criterion,
                score=_SCORES[each.verdict],
                evidence=tuple(self.passage(interview, place) for place in each.passages),
            )
            for criterion, each in self.marked(interview).items()
        )
        scores = [rating.score for rating in ratings if rating.score is not None]
        well = 2 * sum(score >= 3 for score in scores) > len(scores)
        asking = next(name for name in self.transcripts[interview].speakers if name != self.candidate(interview))
        return CardGiven(interview=interview, person=asking, overall="yes" if well else "no", ratings=ratings)

    def _known_of_the_search(self) -> Iterator[Fact]:
        """As `activities/draft_requests.py` gathers it: rubric, the intake on where to look, the manager's answers."""
        for each in self.criteria:
            yield Fact(side=self._weight(each.id), passage=line(f"rubric/{each.id}", each.text))
        agenda, known = self.agenda(), {topic.id: topic.text for topic in AGENDA}
        for point in _SOUGHT_IN_THE_INTAKE:
            for place in agenda[point][2][:2]:
                yield Fact(side=known[point], passage=self.passage(self.intake, place))
        for rejection in self.rejected:
            if rejection.why:
                yield Fact(side="answers", passage=rejection.why, private=True)

    def _standing(self) -> Iterator[Fact]:
        """As `activities/manager_update.py` words what is counted."""
        screened = sum(name.startswith("screen") for name in self.transcripts)
        yield Fact(side="where they stand", passage=line("stage/screening", f"{screened} candidates: screening"))
        for each in self.criteria:
            read = [self.marked(name)[each.id].verdict for name in self.resumes]
            words = f"{read.count('met')} of {len(read)} show: {each.text}"
            yield Fact(side="what the market shows", passage=line(f"criterion/{each.id}", words))
        outside = sum(each.criterion is None for each in self.rejected)
        words = f"{len(self.rejected)} rejected, {outside} of them outside the rubric"
        yield Fact(side="what the market shows", passage=line("drift", words))
        expected = self.rubric["agreement"]["candidates_expected"]
        words = f"{len(self.resumes)} of {expected} profiles that were agreed on are shown"
        yield Fact(side="what was agreed on", passage=line("agreed", words))

    def _looking_back(self) -> Iterator[Fact]:
        """Both sides of a retro, in the first reader's lines on the debrief."""
        debrief = self.debrief()
        for n, each in enumerate(debrief["agreements"]):
            yield Fact(side="RH"[n % 2], passage=line(f"worked/{n}", f"worked: {each['what']}"))
        for n, each in enumerate(debrief["missing"]):
            yield Fact(side="HR"[n % 2], passage=line(f"change/{n}", f"change: {each['what']}"))

    @property
    def questions(self) -> tuple[KitQuestion, ...]:
        """The interview kit."""
        criteria = self.rubric["criteria"]
        return tuple(KitQuestion(criterion=each["id"], text=text) for each in criteria for text in each["questions"])


def line(place: str, words: str) -> Passage:
    """A line that stands in no document of the corpus."""
    words = " ".join(words.split())
    return Passage(span=Span(document=place, start=0, end=len(words)), words=words)


def jobs() -> list[Job]:
    """Every job of the corpus."""
    return [Job(path.parent) for path in sorted(CORPUS.glob("*/rubric.json"))]


def asked() -> list[tuple[Job, DraftRequest]]:
    """Everything that is asked of a drafter over the corpus, with its job."""
    return [(job, request) for job in jobs() for request in (*job.requests(), *job.further_requests())]


def _places(label: dict[str, Any]) -> tuple[Place, ...]:
    return tuple(Place(each["start"], each["end"]) for each in label["passages"])


def _passages(label: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in label["criteria"].values():
        yield from each["passages"]


def _told_by_words(label: Any) -> Iterator[dict[str, Any]]:
    if isinstance(label, dict):
        if "words" in label and "start" not in label:
            yield label
        label = list(label.values())
    if isinstance(label, list):
        for each in label:
            yield from _told_by_words(each)


def located(source: SourceText, words: str, speaker: str | None = None) -> Place:
    """Where a document has these words, or this speaker says them, whatever white space is between them.

    Raises ValueError if that is nowhere, or at more places than one.
    """
    found = [
        Place(*match.span())
        for match in re.finditer(r"\s+".join(map(re.escape, words.split())), source.text)
        if not isinstance(source, Transcript) or source.speaker_at(match.start()) == speaker
    ]
    if len(found) != 1:
        raise ValueError(f"at {len(found)} places: {words}")
    return found[0]


def _spelt(file: str) -> str:
    return " ".join(word.title() for word in file.split(".")[0].split("-")[1:])


def _resume(path: Path) -> Resume:
    """A résumé as its upload is read."""
    read = read_document("resume", path.read_bytes(), path.name).text
    assert isinstance(read, Resume)
    return read


def _files(folder: Path, part: str) -> list[Path]:
    return sorted((folder / part).iterdir())


def _json(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read
