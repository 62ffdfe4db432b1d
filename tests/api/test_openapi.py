"""What the OpenAPI page promises, tried with bodies made from it: no operation answers what it does not say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import settings as effort
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from local.stack import on_free_ports
from settings import Settings
from testing.api_company import Company, joins
from tests.api.conftest import Process

schema = schemathesis.openapi.from_dict(create_app(on_free_ports(Path("unused"))).openapi())
schema.config.phases.coverage.enabled = False

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
async def known(company: Company) -> dict[str, str]:
    """Somebody who may do nearly everything, their requisition and its candidate: ids for the paths, and their
    token."""
    anybody = await joins(company, "anybody", ["R", "L", "P", "O"])
    changes = {"recruiter": anybody.id, "hiring_manager": anybody.id, "second_signer": company.second_signer.id}
    receipt = await anybody.does("/v1/requisitions", company.opening(**changes))
    requisition = receipt["stream"].removeprefix("requisition/")
    applicant = (await anybody.asks("/v1/humans", {"name": "Any Body", "email": "any@example.com"})).json()["id"]
    body = {"person": applicant, "source": "applied", "notice_version": "2026-01"}
    await anybody.does(f"/v1/requisitions/{requisition}/add-candidate", body)
    lines = await anybody.sees(f"/v1/requisitions/{requisition}/candidates", bool)
    ids = {"requisitions": requisition, "candidates": lines[0]["id"], "people": anybody.id}
    return ids | {"token": str(anybody.token)}


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """Connections that are kept open between requests."""
    with requests.Session() as session:
        yield session


@schema.parametrize()
@effort(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_answers_as_it_says(
    case: Case[Any], known: dict[str, str], running: Settings, api_process: Process, session: requests.Session
) -> None:
    room = case.path.split("/")[2] if case.path.startswith("/v1/") else ""
    if room in known and "id" in (case.path_parameters or {}) and case.method != "PUT":
        case.path_parameters["id"] = known[room]
    if case.query:
        case.query.pop("at_least", None)  # a version that never was is waited for, and then a 503
    case.call_and_validate(
        base_url=f"http://127.0.0.1:{running.api_port}",
        session=session,
        headers={"Authorization": f"Bearer {known['token']}"},
        checks=CHECKS,
    )
