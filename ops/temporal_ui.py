"""Where the Temporal UI shows something: one workflow, or those that one of our queries finds.

A link to a query also keeps it: the UI (2.54) stores the query of a link that says `savedQuery=NAME` among the saved
queries of the browser that opened it, and has no other place for them.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from settings import Settings
from workflows.contract import BREACHED, STUCK, WAITING_ON

NOBODY_MOVED = f"{STUCK.name} = true"
"""Promises that nobody moved, two rungs after the deadline. The engine is well: people are what is waited for."""

BREACHED_SLA = f"{BREACHED.name} = true"

FAILING = "TemporalReportedProblems IS NOT NULL"
"""The engine could not run our code several times in a row: a bug of a build, whatever people did."""


def waiting_on(person: str) -> str:
    """The query for all that waits on somebody (`P-…`)."""
    return f'{WAITING_ON.name} = "{person}"'


QUERIES = {"stuck": NOBODY_MOVED, "breached": BREACHED_SLA, "failing": FAILING}
"""By the name under which a link keeps them; what waits on a person is kept as `waiting on P-…`."""


def workflow_url(settings: Settings, stream: str) -> str | None:
    """Where an entity's workflow is shown; None when nobody said where the UI is (`TANDEM_TEMPORAL_UI_URL`)."""
    workflows = _workflows(settings)
    return workflows and f"{workflows}/{quote(stream, safe='')}"


def query_url(settings: Settings, query: str, name: str) -> str | None:
    """Where the workflows a query finds are listed; opening it keeps the query under `name`. None as above."""
    workflows = _workflows(settings)
    return workflows and f"{workflows}?{urlencode({'query': query, 'savedQuery': name}, quote_via=quote)}"


def saved_queries(settings: Settings) -> dict[str, str]:
    """The link to each of `QUERIES`; none when nobody said where the UI is."""
    links = {name: query_url(settings, query, name) for name, query in QUERIES.items()}
    return {name: link for name, link in links.items() if link}


def _workflows(settings: Settings) -> str | None:
    where = settings.temporal_ui
    return where and f"{where}/namespaces/{quote(settings.temporal_namespace, safe='')}/workflows"
