"""A small company for the end-to-end tests: who there is, and how they open a search."""

from __future__ import annotations

from typing import Any

from domain.access.roles import Role
from local.api_client import Api
from ops.administration import Operator
from settings import Settings

People = dict[str, tuple[str, str]]
"""Each one's id and token, by what they are."""


async def enrol(settings: Settings) -> People:
    """Everybody a requisition needs, working at any hour."""
    roles = {"recruiter": [Role.RECRUITER], "manager": [], "partner": [Role.HR_PARTNER], "lead": [Role.LEAD]}
    operator = Operator(settings)
    return {name: await operator.enrol(name, f"{name}@example.org", "UTC", held) for name, held in roles.items()}


async def open_requisition(api: Api, people: People, title: str) -> str:
    """The id of a new requisition, opened by whoever `api` speaks for; the same title again is the same search."""
    body: dict[str, Any] = {
        "title": title,
        "team": "End to end",
        "hiring_manager": people["manager"][0],
        "recruiter": people["recruiter"][0],
        "hr_partner": people["partner"][0],
        "recruiting_lead": people["lead"][0],
        "manager_lead": people["lead"][0],
        "band": {"minimum": "90000", "maximum": "120000", "currency": "USD"},
        "place": "Start",
        "jurisdiction": "US",
        "openings": 1,
    }
    receipt = await api.give("/v1/requisitions", body, key=title)
    requisition: str = receipt["stream"].removeprefix("requisition/")
    return requisition
