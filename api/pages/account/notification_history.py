"""What somebody was told: each message with its lines in a few words, and where each line leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.notifications.notification import MessageKind, Notification
from domain.sla.promises import PROMISES, form_for
from store.queries import Reads
from store.views import MessageView
from workflows.contract import entity_of, stream_of

MATTERS: Mapping[str, str] = {
    "answer_challenged": "“What did I miss?” One question back",
    "candidate_summary": "A candidate: five lines from the screen",
    "candidate_summary_ready": "A draft summary waits for you",
    "candidate_withdrew": "A candidate withdrew",
    "comp_signal": "What candidates expect to be paid",
    "debrief_brief_ready": "The page for the debrief is ready",
    "decided": "A decision was made",
    "decision_deferred": "The decision comes later",
    "drift_seen": "Profiles are rejected for reasons that the rubric does not name",
    "further_step_named": "One further step before the decision",
    "hire_lost": "Somebody we hired will not come",
    "hold_answered": "What you asked about a profile is known",
    "hold_review": "Still on hold?",
    "intake_brief_ready": "Before the intake: what will be asked, and why",
    "interview_kit": "Your interview, and what to ask in it",
    "invitation_not_accepted": "An interview invitation was not accepted",
    "manager_update": "How the search goes",
    "offer_above_band": "An offer above the band waits for you",
    "offer_approved": "You may offer more than the band",
    "offer_news": "News of the offer",
    "profile_answered": "A profile is answered",
    "recalibration_opened": "The pulse says: recalibrate",
    "request_recorded": "A candidate's request about their data",
    "rubric_declined": "The rubric was not signed",
    "rubric_locked": "The rubric is locked",
    "rubric_ready": "The intake's words for the rubric",
    "scorecard_ready": "Your draft scorecard is ready",
    "slate_answered": "The slate is answered",
}
"""What a letter on a matter is about, for somebody who reads it again; those about a promise say so themselves."""

KINDS: Mapping[MessageKind, str] = {"digest": "gathered", "interruption": "at once", "letter": "a letter"}


@dataclass(frozen=True)
class SentLine:
    """One line of a message: what it is about, where that is, its search, and its candidate if it has one."""

    words: str
    href: str
    search: str
    candidate: str | None


@dataclass(frozen=True)
class SentMessage:
    """A message somebody was sent `at` (UTC): how, and what it said."""

    at: datetime
    kind: str
    channel: str
    lines: tuple[SentLine, ...]


async def heard(reads: Reads, person: str, sent: Iterable[MessageView]) -> list[SentMessage]:
    """The messages of those `sent` to somebody that did go out, in their order."""
    went = [message.number for message in sent if not message.withheld]
    ordered = await reads.ordered(stream_of("person", person), went)
    titles = await reads.titles({line.search for _, event in ordered for line in event.lines})
    return [
        SentMessage(at, KINDS[event.kind], event.channel, tuple(_said(line, titles) for line in event.lines))
        for at, event in ordered
    ]


def _said(line: Notification, titles: Mapping[str, str]) -> SentLine:
    entity, entity_id = entity_of(line.stream)
    candidate = entity_id if entity == "candidate" else line.about.get("candidate")
    place = f"/candidates/{candidate}" if candidate else f"/requisitions/{entity_id}"
    return SentLine(
        words=_words(line),
        href=place + form_for(line.matter, line.about),
        search=titles.get(line.search, ""),
        candidate=str(candidate) if candidate else None,
    )


def _words(line: Notification) -> str:
    promise = PROMISES.get(str(line.about.get("clock")))
    if promise is None or line.matter in MATTERS:
        return MATTERS[line.matter]
    mine = line.about.get("recipient", "owner") == "owner"
    return f"{'Your turn' if mine else 'Overdue'}: {promise.what}"
