"""The debrief: one page for all. Criteria by interviewers, what needs talking about first, the decision last."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from api.access import With, needs
from api.available import available
from api.pages.candidates.candidate import rubric_of
from api.pages.evidence.candidate_record import draft, opened_events, places, sources
from api.pages.forms.form_context import of_candidate
from api.pages.forms.form_schema import Form
from api.pages.forms.side_panel import named
from api.pages.layout.labels import humane
from api.pages.layout.session import AsReader
from api.pages.layout.templating import page
from api.pages.tasks.next_actions import users_in
from api.unsealing import place_of
from api.visibility import may_open_draft, seen_candidate
from domain.access.permissions import Permission
from domain.candidate.decision import Decided
from domain.candidate.scorecards import ScorecardSubmitted
from domain.core.ids import CandidateId
from domain.evidence.debrief import conflicting
from domain.evidence.draft_jobs import DraftJob
from domain.evidence.drafts import DebriefBrief
from domain.evidence.interview_plan import HELD, missing_cards
from domain.evidence.rubric import Criterion
from domain.evidence.scorecard import Rating
from domain.registry import COMMANDS
from workflows.contract import stream_of

routes = APIRouter()


@dataclass(frozen=True)
class CriterionRow:
    """One criterion, and what each interviewer said on it."""

    criterion: Criterion
    said: dict[tuple[str, str], Rating]

    @property
    def scores(self) -> list[int]:
        """The numbers given."""
        return [rating.score for rating in self.said.values() if rating.score is not None]

    @property
    def kind(self) -> str:
        """`conflict`, `gap` where nobody tested it, or `agreed`."""
        if not self.scores:
            return "gap"
        return "conflict" if conflicting(self.scores) else "agreed"


@routes.get("/candidates/{id}/debrief")
@needs(Permission.CANDIDATE_CARDS)
async def debrief(request: Request, id: CandidateId, by: AsReader, at: With) -> Response:
    """The page; for those whose own card is in."""
    seen = await seen_candidate(id, by.caller, at)
    may_open_draft(seen, DraftJob.DEBRIEF_BRIEF, by.caller)
    view, said = seen.view, await opened_events(seen, by.id, at)
    held = {one.id: one for one in view.interviews.values() if one.status in HELD}
    cards = {key: card for key, card in said.cards.items() if key[0] in held}
    rubric = await rubric_of(view.requisition, at)
    requisition = await at.reads.requisition(view.requisition)
    lines = _lines(list(rubric.criteria) if rubric else [], cards)
    known = view.drafts.get(DraftJob.DEBRIEF_BRIEF)
    brief = await draft(known.id if known else None, by, at)
    compared = brief.debrief if brief and brief.debrief else DebriefBrief()
    subject = await of_candidate(id, "decide", by, at)
    can = await available(stream_of("candidate", id), by.caller, at)
    name = await named(seen, by, at, users_in(can.values()))
    missing = can["decide"].missing
    words = {
        "view": view,
        "title": requisition.title if requisition else "",
        "debrief_at": await place_of(view.debrief.where if view.debrief else None, stream_of("candidate", id), at),
        "lines": lines,
        "columns": list(cards.items()),
        "held": held,
        "missing": missing_cards(view.interviews.values()),
        "brief": brief,
        "readable": await sources(brief, by.caller, at),
        "careful": [*compared.over_weighted, *compared.wording],
        "apart": {one.criterion: one.apart for one in compared.compared if one.apart},
        "decided": said.last(Decided),
        "place": await places(by.caller, at, cards, view=view),
        "can": can,
        "not_yet": humane(f"{missing.sentence} {missing.accepted}", name, by.zone) if missing else "",
        "fields": Form(COMMANDS["candidate"]["decide"], by.zone, subject.choices).fields,
        "key": secrets.token_urlsafe(16),
        "ends_at": view.debrief.ends_at if view.debrief else None,
        "over": view.debrief is not None and view.debrief.ends_at < datetime.now(UTC),
        "name": name,
    }
    return page(request, "debrief.html", by, words)


def _lines(criteria: list[Criterion], cards: dict[tuple[str, str], ScorecardSubmitted]) -> list[CriterionRow]:
    """Conflicts first, then what nobody tested, then what they agree on; by rank within each."""
    lines = [
        CriterionRow(one, {key: r for key, card in cards.items() for r in card.ratings if r.criterion == one.id})
        for one in sorted(criteria, key=lambda criterion: criterion.rank)
    ]
    return sorted(lines, key=lambda line: ("conflict", "gap", "agreed").index(line.kind))
