"""What is said and written in the demo's search: `samples/`, in the words of the API's commands."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from settings import ROOT

Json = dict[str, Any]

_FOLDER = ROOT / "samples"
_VERDICTS = {"shown": "met", "partly": "partly", "not_shown": "not_met"}


def document(source: str) -> Path:
    """A file of the samples."""
    return _FOLDER / source


class Script:
    """The requisition as `story.json` and `rubric.json` tell it."""

    def __init__(self) -> None:
        self.story: Json = json.loads(document("story.json").read_text(encoding="utf-8"))
        self._rubric: Json = json.loads(document("rubric.json").read_text(encoding="utf-8"))

    @cached_property
    def people(self) -> list[Json]:
        return list(self.story["people"])

    def of(self, part: str, candidate: str) -> list[Json]:
        """What a part of the story (`screens`, `interviews` …) says of a candidate, in order."""
        return [one for one in self.story[part] if one["candidate"] == candidate]

    def candidate(self, candidate: str) -> Json:
        """Who somebody is: name, address, résumé, zone."""
        return next(one for one in self.story["candidates"] if one["id"] == candidate)

    def person(self, person: str) -> Json:
        """Who somebody of the company is."""
        return next(one for one in self.story["people"] if one["id"] == person)

    def criterion(self, index: int) -> str:
        """The id of the criterion at this place of the rubric."""
        return str(self._rubric["criteria"][index]["id"])

    @property
    def band(self) -> Json:
        return dict(self._rubric["band"])

    def rubric(self, intake: str) -> Json:
        """The rubric without its job text; its passages are quoted from the document `intake`."""
        criteria = [
            {key: value for key, value in one.items() if key not in ("passage", "speaker")}
            | {"span": {"document": intake, "words": one["passage"]}}
            for one in self._rubric["criteria"]
        ]
        agreed = self._rubric["agreement"]
        agreement = {key: agreed[key] for key in ("candidates_expected", "meet_every_days", "interviewing", "updates")}
        return {
            "criteria": criteria,
            "requirements": self._rubric["requirements"],
            "agreement": agreement | {"within_days": agreed["by_when_days"]},
            "plan": [one | {"criteria": self.criteria(one["criteria"])} for one in self._rubric["plan"]],
        }

    @property
    def job_text(self) -> str:
        return str(self._rubric["job_text"])

    def criteria(self, indices: list[int]) -> list[str]:
        """The ids of criteria named by their place."""
        return [self.criterion(index) for index in indices]

    def focus(self, round: int) -> list[str]:
        """What a round of the plan tests."""
        return self.criteria(next(one["criteria"] for one in self._rubric["plan"] if one["round"] == round))

    def verdicts(self, given: list[Json]) -> dict[str, str]:
        """A verdict for each criterion."""
        return {self.criterion(one["criterion"]): _VERDICTS[one["verdict"]] for one in given}

    def summary(self, screen: Json, record: str) -> Json:
        """A candidate summary; quotes are from the document `record`, where the screen was recorded."""
        said = screen.get("bullets") or screen["notes"]
        bullets = [{"text": one.get("text") or one["observation"], "evidence": evidence(one, record)} for one in said]
        shown = {self.criterion(one["criterion"]): evidence(one, record) for one in said}
        verdicts = {
            criterion: {"verdict": verdict, "evidence": shown[criterion]}
            for criterion, verdict in self.verdicts(screen["verdicts"]).items()
        }
        strongest = screen.get("strongest")
        expected = screen["expectation"]
        return {
            "bullets": bullets,
            "verdicts": verdicts,
            "strongest": {"document": record, "words": strongest["quote"]} if strongest else None,
            "why_no_quote": None if strongest else screen["unrecorded_because"],
            "expectation": {key: expected[key] for key in ("amount", "currency", "period")},
        }

    def card(self, card: Json, record: str) -> Json:
        """A scorecard; quotes are from the document `record`."""
        ratings: list[Json] = []
        for one in card["ratings"]:
            criterion = self.criterion(one["criterion"])
            if one.get("not_tested"):
                ratings.append({"criterion": criterion, "rating": "not_tested", "why_not_tested": one["why"]})
            else:
                found = [evidence(piece, record) for piece in one["evidence"]]
                ratings.append({"criterion": criterion, "rating": one["rating"], "evidence": found})
        return {"ratings": ratings, "overall": card["overall"]}


def evidence(said: Json, record: str) -> Json:
    """A quote from the document `record`, or what somebody observed."""
    if "quote" in said:
        return {"quote": {"document": record, "words": said["quote"]}}
    return {"observation": said["observation"]}
