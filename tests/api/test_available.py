"""What may be done, as the API tells it: the same as what it then takes and refuses."""

from __future__ import annotations

from typing import Any

from api.command_context import ANSWERS
from domain.core.lookups import Lookup
from domain.registry import COMMANDS
from testing.api_clients import Voice, problem
from testing.api_company import Company
from tests.api.test_roles import set_up


async def can(voice: Voice, path: str) -> dict[str, dict[str, Any]]:
    """What is said of each command, by its name."""
    return {one["command"]: one for one in await voice.reads(f"{path}/available")}


def missing(said: dict[str, Any]) -> str | None:
    """The code of what is missing."""
    return said["missing"]["code"] if said["missing"] else None


def test_every_kind_of_look_up_has_its_answer() -> None:
    assert ANSWERS.keys() == set(Lookup.__subclasses__())


async def test_what_can_be_done_follows_the_search(company: Company) -> None:
    requisition = await company.opens()
    said = await can(company.recruiter, requisition.path)
    assert said.keys() == COMMANDS["requisition"].keys() - {"open"}
    assert missing(said["record_intake"]) is None
    assert said["schedule_intake"]["next"]
    assert said["edit_rubric"]["missing"] == {
        "code": "no_intake",
        "sentence": "The rubric is made from the intake, and none was recorded.",
        "accepted": "The record of the intake.",
    }
    await requisition.holds_intake()
    said = await can(company.recruiter, requisition.path)
    assert missing(said["edit_rubric"]) is None
    assert missing(said["schedule_intake"]) == "already_done"
    assert missing((await can(company.manager, requisition.path))["record_intake"]) == "not_permitted"


async def test_what_is_said_to_be_missing_is_refused_so(company: Company) -> None:
    stage = await set_up(company)
    exactly = 0
    for part in ("recruiter", "manager", "partner", "interviewer"):
        for entity, path in (("requisition", stage.requisition.path), ("candidate", stage.applicant.path)):
            for name, said in (await can(stage.voice(part), path)).items():
                if (code := missing(said)) is None or said["options"]:
                    continue
                refused = (await stage.asks(part, entity, COMMANDS[entity][name])).json()["code"]
                if refused not in (code, "unknown_reference", "not_found"):  # the entities still tell each other
                    code = missing((await can(stage.voice(part), path))[name])
                # A document or an id there is not is looked for before anybody is asked.
                assert refused in (code, "unknown_reference", "not_found"), (part, name)
                exactly += refused == code
    assert exactly > 100


async def test_an_interviewer_is_told_which_interview_is_theirs_to_answer(company: Company) -> None:
    stage = await set_up(company)
    said = await can(company.interviewer, stage.applicant.path)
    assert [one["id"] for one in said["respond_interview"]["options"] if not one["missing"]] == ["I-1"]
    assert missing(said["decide"]) == "not_permitted"
    recorded = await can(company.recruiter, stage.applicant.path)
    assert [one["id"] for one in recorded["record_interview"]["options"] if one["next"]] == ["I-1"]


async def test_it_is_told_to_whom_it_may_be(company: Company) -> None:
    stage = await set_up(company)
    for path in (stage.requisition.path, stage.applicant.path):
        problem(await company.stranger.get(f"{path}/available"), 403, "not_permitted")
        problem(await company.nobody.get(f"{path}/available"), 401, "unauthenticated")
    problem(await company.recruiter.get("/v1/requisitions/R-NOBODY000/available"), 404, "not_found")
    own = await can(company.stranger, "/v1/people/me")
    assert missing(own["take_leave"]) is None
    assert own == await can(company.stranger, f"/v1/people/{company.stranger.id}")
    problem(await company.manager.get(f"/v1/people/{company.stranger.id}/available"), 403, "not_permitted")
    theirs = await can(company.recruiting_lead, f"/v1/people/{company.stranger.id}")
    assert missing(theirs["set_calendar"]) is None
    assert missing(theirs["set_update_preferences"]) == "not_permitted"
