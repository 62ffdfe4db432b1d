"""The matter of a candidate's forms: how far they came, what they asked, whom they meet, and what was rated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from api.access import With
from api.pages.evidence.candidate_record import opened_events
from api.pages.forms.form_context import Subject
from api.pages.forms.matter_facts import Fact, Matter, candidate_of, criteria_of, decision_in_words, what_happened
from api.pages.layout.display_names import Names, names
from api.pages.layout.labels import CHOICES, stage_words
from api.pages.layout.session import PageReader
from domain.access.permissions import Permission
from domain.candidate.decision import Decided
from domain.candidate.profile import ProfileAnswered
from domain.candidate.requests import RequestRecorded
from domain.core.ids import ClockId
from domain.core.messages import Event
from domain.evidence.interview_plan import Interview, missing_cards
from workflows.contract import stream_of

E = TypeVar("E", bound=Event)


async def where_they_stand(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """How far somebody came, and what was said: for whoever turns them down, brings them back, or tells them."""
    seen, view = candidate_of(subject), subject.candidate
    may = seen.sight.may
    facts = [
        Fact("Candidate", subject.title, subject.href),
        Fact("Stage", (stage_words(view.stage), view.stage_since)),
    ]
    said = await opened_events(seen, by.id, at)
    if (answer := said.last(ProfileAnswered)) is not None and may(Permission.CANDIDATE_VERDICTS):
        criterion = [one.behaviour for one in criteria_of([answer.criterion or ""], subject)]
        parts = (CHOICES.get(answer.verdict, answer.verdict), *criterion, answer.why, answer.needs)
        facts.append(Fact("What the manager answered", tuple(part for part in parts if part)))
    if (decided := said.last(Decided)) is not None and may(Permission.CANDIDATE_CARDS):
        facts.append(Fact("Decided", decision_in_words(decided, subject)))
    if view.out is not None and may(Permission.CANDIDATE_VERDICTS):
        facts.append(Fact("Out because of", (_reason(view.out.reason, subject), view.out.at)))
    if view.last_word_at is not None:
        facts.append(Fact("Last word from us", view.last_word_at))
    if view.promised_by is not None:
        facts.append(Fact("The next was announced by", view.promised_by))
    return [Matter("Whom it is about", tuple(facts))]


def _reason(reason: str, subject: Subject) -> str:
    of_rubric = [one.behaviour for one in criteria_of([reason], subject)]
    requirements = [one.text for one in subject.rubric.requirements if one.id == reason] if subject.rubric else []
    return next(iter((*of_rubric, *requirements)), CHOICES.get(reason, reason.replace("_", " ")))


async def requests(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """What the candidate asked for, in their words, and until when the law wants an answer."""
    view, seen, chosen = subject.candidate, candidate_of(subject), subject.given.get("request_id")
    if not seen.sight.may(Permission.CANDIDATE_REQUESTS):
        return ()
    words = {
        record.event.request_id: record.event.words for record in await what_happened(subject, at, RequestRecorded)
    }
    clocks = await at.reads.clocks(stream=stream_of("candidate", subject.id), ended=False)
    due = {known.about: clock.due_at for clock in clocks if (known := ClockId.parse(clock.id))}
    found = []
    for id, request in view.requests.items():
        if chosen and id != chosen:
            continue
        facts = [
            Fact("From", subject.title, subject.href), Fact("They asked for", CHOICES.get(request.kind, request.kind)),
            Fact("Received", request.received_at), Fact("It stands as", request.status),
        ]  # fmt: skip
        facts += [Fact("In their words", words[id])] if words.get(id) else []
        facts += [Fact("To be answered by law until", due[id])] if id in due else []
        found.append(Matter("What they asked", tuple(facts)))
    return found


async def erasure(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """Who is forgotten, with what, and why that may be or not."""
    view = subject.candidate
    held = [
        "the résumé" if view.resume else "", "the screen" if view.screen else "",
        f"{len(view.interviews)} interviews" if view.interviews else "", "name and address", "every word about them",
    ]  # fmt: skip
    facts = (
        Fact("Candidate", subject.title, subject.href), Fact("Stage", stage_words(view.stage)),
        Fact("What nobody can read afterwards", tuple(filter(None, held))),
    )  # fmt: skip
    return [Matter("Who is erased", facts), *await requests(subject, by, at)]


async def interviews(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """The interview that is answered, moved, called off or recorded: which, when, with whom."""
    view, chosen = subject.candidate, subject.given.get("interview_id")
    offered = {choice.value for choice in subject.choices.get("interview_id", ())}
    meant = [one for one in view.interviews.values() if (one.id == chosen if chosen else one.id in offered)]
    name = await names(at, meant)
    return [_interview(one, name, subject) for one in meant]


def _interview(one: Interview, name: Names, subject: Subject) -> Matter:
    asks = [
        criterion.behaviour for assigned in one.interviewers for criterion in criteria_of(assigned.criteria, subject)
    ]
    kind = CHOICES.get(one.kind, one.kind.replace("_", " "))
    facts = [
        Fact("With", subject.title, subject.href),
        Fact("What", (f"round {one.round}, {kind}", f"{one.minutes} minutes")),
        Fact("When" if one.starts_at else "Due", one.starts_at or one.due_at),
        Fact("Where they are", one.zone.replace("_", " ")), Fact("Who interviews", tuple(map(name, one.people))),
    ]  # fmt: skip
    facts += [Fact("What it is to show", tuple(dict.fromkeys(asks)))] if asks else []
    return Matter("The interview", tuple(facts))


async def debrief(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """When it is booked, with whom, and whose scorecards are still to come."""
    view = subject.candidate
    if view.debrief is None:
        return ()
    missing = missing_cards(view.interviews.values())
    name = await names(at, view.debrief, missing)
    facts = [
        Fact("On", subject.title, subject.href), Fact("Booked for", view.debrief.starts_at),
        Fact("Who is invited", tuple(map(name, view.debrief.attendees))),
    ]  # fmt: skip
    facts += [Fact("Scorecards still to come", tuple(name(person) for _, person in missing))] if missing else []
    return [Matter("The debrief", tuple(facts))]


async def own_card(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """What somebody rated and has to say anew: the criterion as it reads now, their number, what it rested on."""
    said = await opened_events(candidate_of(subject), by.id, at)
    found = []
    for (interview, person), card in said.cards.items():
        standing = subject.candidate.interviews[interview].cards.get(person) if person == by.id else None
        for rating in card.ratings if standing else ():
            mark = standing.marks.get(rating.criterion) if standing else None
            criterion = next(iter(criteria_of([rating.criterion], subject)), None)
            if mark is None or mark.stands or criterion is None:
                continue
            rests = tuple(piece.quote.words if piece.quote else piece.observation for piece in rating.evidence)
            why = "it quotes a record that was replaced" if mark.replaced else "the criterion has other words now"
            facts = (
                Fact("Candidate", subject.title, subject.href), Fact("The criterion now", criterion.behaviour),
                Fact("You rated it", str(rating.score or "not tested")), Fact("On", rests or "nothing"),
                Fact("Asked again, because", why),
            )  # fmt: skip
            found.append(Matter("What you rated", facts))
    return found


async def cards(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """Everybody's cards, criterion by criterion: what a decision rests on."""
    seen = candidate_of(subject)
    if not seen.sight.may(Permission.CANDIDATE_CARDS):
        return ()
    said = await opened_events(seen, by.id, at)
    name = await names(at, [person for _, person in said.cards])
    overall = tuple(
        Fact(name(person), (CHOICES.get(card.overall, card.overall), f"round {_round(subject, interview)}"))
        for (interview, person), card in said.cards.items()
    )
    by_criterion = []
    for criterion in sorted(subject.rubric.criteria, key=lambda one: one.rank) if subject.rubric else ():
        marks = tuple(
            f"{name(person)}: {rating.score or 'not tested'}"
            for (_, person), card in said.cards.items()
            for rating in card.ratings
            if rating.criterion == criterion.id
        )
        must = " (must-have)" if criterion.weight == "must" else ""
        by_criterion.append(Fact(f"{criterion.behaviour}{must}", marks or "nobody tested it"))
    more = Fact("What each rests on", "the debrief", f"/candidates/{subject.id}/debrief")
    return [Matter(f"The scorecards of {subject.title}", (*overall, more)), Matter("By criterion", tuple(by_criterion))]


def _round(subject: Subject, interview: str) -> int | str:
    found = subject.candidate.interviews.get(interview)
    return found.round if found else ""
