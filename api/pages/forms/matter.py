"""The matter of a form: what is signed, granted, decided or answered with it, as its reader may see it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from api.access import With
from api.pages.evidence.candidate_record import opened_event, opened_events
from api.pages.forms.form_context import ABOUT_A_CLOCK, Subject
from api.pages.layout.display_names import Names, names
from api.pages.layout.labels import CHOICES
from api.pages.layout.session import PageReader
from api.problems import Refused
from api.unsealing import versions_of
from api.visibility import SeenCandidate, seen_candidate
from domain.access.permissions import Permission
from domain.candidate.decision import Decided
from domain.candidate.profile import ProfileAnswered
from domain.candidate.requests import RequestRecorded
from domain.core.ids import ClockId
from domain.core.messages import Event
from domain.core.money import Band, Pay
from domain.entity.clock_commands import OVERRIDABLE
from domain.entity.entity_facts import ENDS
from domain.evidence.interview_plan import Interview, missing_cards
from domain.registry.visibility import narrowed
from domain.requisition.offers import OfferAnswered, OfferApprovalAsked, OfferApproved, OfferMade
from domain.requisition.terms import CompSignalRaised
from domain.sla.catalogue import clock_row
from store.views import CandidateView, ClockView, RequisitionView, TaskView
from workflows.contract import stream_of

E = TypeVar("E", bound=Event)


class Fact(NamedTuple):
    """One thing to know before one signs: what it is, and what it says: words, a time, a day, pay, or a list of these.

    `href` leads to more of it.
    """

    term: str
    said: object
    href: str = ""


class Matter(NamedTuple):
    """What a form is about, in facts; `words` say it in a sentence where that says more."""

    heading: str
    facts: tuple[Fact, ...] = ()
    words: str = ""


Tells = Callable[[Subject, PageReader, With], Awaitable[Sequence[Matter]]]

NOT_YOURS = "not yours to read"

TOLD_OF = {"requisition": Permission.REQUISITION_PAY, "candidate": Permission.CANDIDATE_REQUESTS}
"""What opens the events that are told here: offers of a requisition, requests of a candidate."""


async def matters(command: str, subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """What stands above the form of `command`: nothing where there is nothing to know but what the form itself says."""
    tells = (OF_CANDIDATE if isinstance(subject.view, CandidateView) else OF_REQUISITION).get(command)
    return await tells(subject, by, at) if tells and subject.view is not None else ()


# Pay and offers


async def _offers(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """Whoever is to be offered something: what they want, what was decided, offered and approved, against the band."""
    chosen = subject.given.get("candidate_id")
    meant = [chosen] if chosen else [choice.value for choice in subject.choices.get("C", ())]
    happened = await _happened(subject, at, OfferApprovalAsked, OfferApproved, OfferMade, OfferAnswered)
    return [await _candidate_to_hire(candidate, happened, subject, by, at) for candidate in meant]


async def _candidate_to_hire(
    candidate: str, happened: Sequence[Any], subject: Subject, by: PageReader, at: With
) -> Matter:
    seen = await _seen(candidate, by, at)
    if seen is None:
        return Matter("A candidate", words=f"Who it is, is {NOT_YOURS}.")
    name = await _called(seen, at, happened)
    view, requisition = seen.view, _requisition(subject)
    pays = seen.sight.may(Permission.CANDIDATE_PAY)
    wants = view.summary.expectation if view.summary else None
    said = (await opened_events(seen, by.id, at)).last(Decided)
    facts = [
        Fact("Candidate", name(candidate), f"/candidates/{candidate}"),
        Fact("Band", requisition.band or NOT_YOURS),
        Fact("They expect", (wants or "they did not say") if pays else NOT_YOURS),
    ]
    if wants is not None and pays and requisition.band is not None:
        facts.append(Fact("Against the band", against(wants, requisition.band)))
    if said is not None:
        facts.append(Fact("Decided", _decision(said, subject)))
    facts += _pay_so_far(candidate, happened, requisition, name) if pays else ()
    return Matter(f"What is offered to {name(candidate)}", tuple(facts))


def _pay_so_far(candidate: str, happened: Sequence[Any], requisition: RequisitionView, name: Names) -> Iterable[Fact]:
    band = requisition.band
    for record in happened:
        event = record.event
        if event.candidate != candidate:
            continue
        match event:
            case OfferApprovalAsked(amount=pay) if pay is not None:
                more = (against(pay, band),) if band else ()
                yield Fact(f"{name(record.by)} asked to offer", (pay, record.at, *more))
            case OfferApproved(ceiling=pay, why=why) if pay is not None:
                yield Fact(f"{name(record.by)} approved up to", (pay, record.at, why))
            case OfferMade(pay=pay) if pay is not None:
                yield Fact("Offered", (pay, record.at))
            case OfferAnswered(answer=answer, amount=pay):
                worded = CHOICES.get(answer, answer)
                yield Fact("They said", (worded, pay, record.at) if pay else (worded, record.at))


async def _one_offer(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """The offers that the form may mean: to whom, of what, and until when they may answer."""
    view, chosen = _requisition(subject), subject.given.get("offer_id")
    happened = await _happened(subject, at, OfferMade)
    made = {record.event.offer_id: record.event for record in happened}
    offered = {choice.value for choice in subject.choices.get("offer_id", ())}
    found = []
    for candidate, offer in view.offers.items():
        if offer.id != chosen and (chosen or offer.id not in offered):
            continue
        seen = await _seen(candidate, by, at)
        called = (await _called(seen, at))(candidate) if seen else "a candidate"
        facts = [
            Fact("To", called, f"/candidates/{candidate}"), Fact("Pay", offer.pay), Fact("It stands as", offer.status),
            Fact("To be answered by", offer.answer_by),
        ]  # fmt: skip
        if view.band is not None:
            facts.insert(2, Fact("Against the band", against(offer.pay, view.band)))
        if (event := made.get(offer.id)) is not None:
            facts += [Fact("From", event.start_on), Fact("Where", event.place)]
            facts += [Fact("On condition", event.conditions)] if event.conditions else []
        found.append(Matter(f"The offer to {called}", tuple(facts)))
    return found


def against(pay: Pay, band: Band) -> str:
    """How pay stands to the band, in words."""
    if not band.comparable(pay):
        return f"told in {pay.currency} a {pay.period}, the band in {band.currency} a {band.period}: not comparable"
    if pay.amount > band.maximum:
        over = pay.amount - band.maximum
        return f"{over:,.0f} {band.currency} ({_percent(over, band.maximum)}) above its end"
    if pay.amount < band.minimum:
        return f"{band.minimum - pay.amount:,.0f} {band.currency} below its beginning"
    return "within it"


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{max(round(part / whole * 100), 1)} %"


def _decision(said: Decided, subject: Subject) -> tuple[object, ...]:
    criteria = [criterion.behaviour for criterion in _criteria(said.decision.criteria, subject)]
    exception = f"an exception: {said.exception_why}" if said.exception_why else ""
    kind = CHOICES.get(said.decision.kind, said.decision.kind)
    return tuple(part for part in (kind, *criteria, said.reason, exception, said.decision.at) if part)


def _criteria(ids: Iterable[str], subject: Subject) -> list[Any]:
    found = [subject.rubric.criterion(id) for id in ids] if subject.rubric else []
    return [one for one in found if one is not None]


# The requisition


async def _pay_signal(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    chosen = subject.given.get("signal_id")
    found = [
        record for record in await _happened(subject, at, CompSignalRaised) if chosen in (None, record.event.signal_id)
    ]
    matter = []
    for record in found[-1:]:
        reading, band = record.event.reading, record.event.band
        if reading is None or band is None:
            return [Matter("What candidates expect", words=f"Pay is {NOT_YOURS}.")]
        middle = Pay(amount=reading.median, currency=band.currency, period=band.period)
        people = f"{reading.n} candidate" if reading.n == 1 else f"{reading.n} candidates"
        more = f"{people}, {reading.share_above:.0%} of whom above it"
        facts = (
            Fact("The band", band), Fact("They expect, at the median", (middle, against(middle, band))),
            Fact("Counted", more), Fact("Since", record.at),
        )  # fmt: skip
        matter.append(Matter("What candidates expect", facts))
    return matter


async def _terms(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    view = _requisition(subject)
    openings = "without a last hire" if view.openings is None else f"{view.openings}, of which {len(view.hires)} hired"
    facts = (
        Fact("Band", view.band or NOT_YOURS), Fact("Where", view.place), Fact("To hire", openings),
        Fact("Hired by", view.target_date or "no day is set"),
    )  # fmt: skip
    return [Matter("The terms as they stand", facts)]


async def _inherited(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    open_ = {key: one for key, one in _requisition(subject).inherited.items() if one.resolution == "open"}
    facts = tuple(Fact(f"Change {n}", str(one.text)) for n, one in enumerate(open_.values(), 1))
    return [Matter("What the last retro said to change", facts)] if facts else ()


async def _in_force(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """The locked rubric, whose words fill the form: since when it holds, by whose names, and who was judged by it."""
    view = _requisition(subject)
    locked = next((one for one in await versions_of(subject.id, at) if one.status == "locked"), None)
    if locked is None:
        return ()
    name = await names(at, [signature.person for signature in locked.signatures.values()])
    signed = tuple(name(signature.person) for signature in locked.signatures.values())
    facts = (
        Fact("In force", f"version {locked.version}", f"/requisitions/{subject.id}/rubric"),
        Fact("Since", locked.locked_at), Fact("Signed by", signed), Fact("Judged by it", _stages(view) or "nobody yet"),
    )  # fmt: skip
    return [Matter("What is amended", facts)]


async def _course(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """How a requisition stands, for whoever stops it, lets it rest or takes it up again."""
    view = _requisition(subject)
    standing = [one for one in view.offers.values() if one.stands]
    openings = "without a last hire" if view.openings is None else f"{len(view.hires)} of {view.openings}"
    facts = [Fact("Phase", view.phase), Fact("Candidates", _stages(view) or "nobody yet"), Fact("Hired", openings)]
    facts += [Fact("Offers not answered", str(len(standing)))] if standing else []
    facts += [Fact("Looked at again", view.hold.review_at)] if view.hold else []
    return [Matter("How it stands", tuple(facts))]


async def _pulse(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    view = _requisition(subject)
    facts = (
        Fact("The rubric", f"in force since {view.locked_at:%-d %B %Y}" if view.locked_at else "not locked",
             f"/requisitions/{subject.id}/rubric"),
        Fact("The candidates", _stages(view) or "nobody yet", f"/requisitions/{subject.id}"),
    )  # fmt: skip
    return [Matter("What you are asked about", facts)]


async def _retro(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    view = _requisition(subject)
    seen = [await _seen(candidate, by, at) for candidate in view.hires]
    called = tuple([(await _called(one, at))(one.view.id) for one in seen if one])
    why = {"first_hire": "the first hire", "last_hire": "the last hire", "cancelled": "it was cancelled"}
    occasion = why.get(view.retro.occasion, view.retro.occasion.replace("_", " ")) if view.retro else ""
    facts = [Fact("Candidates", _stages(view) or "nobody")]
    facts += [Fact("Hired", called)] if called else []
    facts += [Fact("Asked because of", occasion)] if occasion else []
    return [Matter("What the retro is about", tuple(facts))]


ROLES = {
    "recruiter": "Recruiter", "hiring_manager": "Hiring manager", "hr_partner": "HR partner",
    "recruiting_lead": "Recruiting lead", "manager_lead": "Lead of the hiring manager",
    "second_signer": "Second signer",
}  # fmt: skip


async def _team(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    assert subject.view is not None
    team = subject.view.team
    name = await names(at, team)
    facts = tuple(Fact(words, name(who)) for role, words in ROLES.items() if (who := getattr(team, role)) is not None)
    return [Matter("Who has which role now", facts)]


def _stages(view: RequisitionView) -> tuple[str, ...]:
    live = {stage: number for stage, number in view.stages.items() if number and stage not in ENDS}
    return tuple(f"{number} {stage.replace('_', ' ')}" for stage, number in live.items())


# What both have


async def _clocks(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """The task that is let go or given more time: whose, what it is for, about whom, until when."""
    chosen = subject.given.get("clock_id")
    open_ = {choice.value for choice in subject.choices.get("clock_id", ())}
    running = await at.reads.clocks(stream=stream_of(subject.entity, subject.id), ended=False)
    meant = [clock for clock in running if (clock.id == chosen if chosen else clock.id in open_)]
    name = await names(at, meant)
    return [_clock(clock, name, subject) for clock in meant]


def _clock(clock: ClockView, name: Names, subject: Subject) -> Matter:
    row, late = clock_row(clock.name), clock.breached_at is not None
    facts = [
        Fact("Whose task", name(clock.owner)), Fact("About", subject.title, subject.href),
        Fact("Since", clock.started_at),
        Fact("Was due" if late else "Due", clock.due_at), Fact("Why it matters", row.why),
    ]  # fmt: skip
    facts += [Fact("More time", "it was given once")] if clock.extended else []
    return Matter(f"{name(clock.owner)} has to {row.what}", tuple(facts))


async def _gates(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """Each gate in plain words with what it keeps, whom it is about, and those that were opened before."""
    view, about = subject.view, f"the {subject.entity}"
    assert view is not None
    name = await names(at, [*view.overrides, view.team])
    stands = view.stage if isinstance(view, CandidateView) else view.phase
    facts = [
        Fact("About", (subject.title, f"now: {stands.replace('_', ' ')}"), subject.href),
        Fact("The recruiter, who asks as a rule", name(view.team.recruiter)),
    ]
    gates = {key: gate for key, gate in OVERRIDABLE.items() if gate.entity in (subject.entity, "")}
    kept = tuple(Fact(gate.words, gate.keeps) for gate in gates.values())
    before = tuple(
        Fact(OVERRIDABLE[one.gate].words if one.gate in OVERRIDABLE else one.gate.replace("_", " "),
             (f"by {name(one.granted_by)}, whom {name(one.asked_by)} asked", f"for {_of(one.subject, name, about)}",
              one.until))
        for one in view.overrides
    )  # fmt: skip
    opened = [Matter("Opened here before, and until when", before)] if before else []
    return [Matter("What a gate is opened for", tuple(facts)), Matter("The gates, and what each keeps", kept), *opened]


def _of(subject: str, name: Names, about: str) -> str:
    return name(subject) if subject.startswith("P-") else about


async def _legal_hold(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    view = subject.view
    assert view is not None
    facts = [
        Fact("About", subject.title, subject.href),
        Fact("Now", "a legal hold: nothing is erased" if view.legal_hold else "no legal hold: retention goes its way"),
    ]
    if isinstance(view, CandidateView) and any(one.kind == "erasure" for one in view.requests.values()):
        facts.append(Fact("They asked", "to be erased"))
    return [Matter("What is held, or let go", tuple(facts))]


async def _manual_tasks(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    chosen, stream = subject.given.get("task_id"), stream_of(subject.entity, subject.id)
    tasks = await at.reads.tasks(subject.requisition)
    return [_manual_task(one, subject) for one in tasks if (one.id == chosen if chosen else one.stream == stream)]


def _manual_task(task: TaskView, subject: Subject) -> Matter:
    facts = [
        Fact("About", subject.title, subject.href), Fact("What", task.kind.replace("_", " ")),
        Fact("It failed because of", task.reason.replace("_", " ")), Fact("Since", task.raised_at),
    ]  # fmt: skip
    facts += [Fact("The letter", "read its words", f"/documents/{task.document}")] if task.document else []
    return Matter("What a machine could not do", tuple(facts))


# The candidate


async def _where_they_stand(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """How far somebody came, and what was said: for whoever turns them down, brings them back, or tells them."""
    seen, view = _of_candidate(subject), subject.candidate
    may = seen.sight.may
    facts = [
        Fact("Candidate", subject.title, subject.href),
        Fact("Stage", (view.stage.replace("_", " "), view.stage_since)),
    ]
    said = await opened_events(seen, by.id, at)
    if (answer := said.last(ProfileAnswered)) is not None and may(Permission.CANDIDATE_VERDICTS):
        criterion = [one.behaviour for one in _criteria([answer.criterion or ""], subject)]
        parts = (CHOICES.get(answer.verdict, answer.verdict), *criterion, answer.why, answer.needs)
        facts.append(Fact("What the manager answered", tuple(part for part in parts if part)))
    if (decided := said.last(Decided)) is not None and may(Permission.CANDIDATE_CARDS):
        facts.append(Fact("Decided", _decision(decided, subject)))
    if view.out is not None and may(Permission.CANDIDATE_VERDICTS):
        facts.append(Fact("Out because of", (_reason(view.out.reason, subject), view.out.at)))
    if view.last_word_at is not None:
        facts.append(Fact("Last word from us", view.last_word_at))
    if view.promised_by is not None:
        facts.append(Fact("The next was announced by", view.promised_by))
    return [Matter("Whom it is about", tuple(facts))]


def _reason(reason: str, subject: Subject) -> str:
    of_rubric = [one.behaviour for one in _criteria([reason], subject)]
    requirements = [one.text for one in subject.rubric.requirements if one.id == reason] if subject.rubric else []
    return next(iter((*of_rubric, *requirements)), CHOICES.get(reason, reason.replace("_", " ")))


async def _requests(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    view, seen, chosen = subject.candidate, _of_candidate(subject), subject.given.get("request_id")
    if not seen.sight.may(Permission.CANDIDATE_REQUESTS):
        return ()
    words = {record.event.request_id: record.event.words for record in await _happened(subject, at, RequestRecorded)}
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


async def _erasure(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """Who is forgotten, with what, and why that may be or not."""
    view = subject.candidate
    held = [
        "the résumé" if view.resume else "", "the screen" if view.screen else "",
        f"{len(view.interviews)} interviews" if view.interviews else "", "name and address", "every word about them",
    ]  # fmt: skip
    facts = (
        Fact("Candidate", subject.title, subject.href), Fact("Stage", view.stage.replace("_", " ")),
        Fact("What nobody can read afterwards", tuple(filter(None, held))),
    )  # fmt: skip
    return [Matter("Who is erased", facts), *await _requests(subject, by, at)]


async def _interviews(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """The interview that is answered, moved, called off or recorded: which, when, with whom."""
    view, chosen = subject.candidate, subject.given.get("interview_id")
    offered = {choice.value for choice in subject.choices.get("interview_id", ())}
    meant = [one for one in view.interviews.values() if (one.id == chosen if chosen else one.id in offered)]
    name = await names(at, meant)
    return [_interview(one, name, subject) for one in meant]


def _interview(one: Interview, name: Names, subject: Subject) -> Matter:
    asks = [criterion.behaviour for assigned in one.interviewers for criterion in _criteria(assigned.criteria, subject)]
    kind = CHOICES.get(one.kind, one.kind.replace("_", " "))
    facts = [
        Fact("With", subject.title, subject.href),
        Fact("What", (f"round {one.round}, {kind}", f"{one.minutes} minutes")),
        Fact("When" if one.starts_at else "Due", one.starts_at or one.due_at),
        Fact("Where they are", one.zone.replace("_", " ")), Fact("Who interviews", tuple(map(name, one.people))),
    ]  # fmt: skip
    facts += [Fact("What it is to show", tuple(dict.fromkeys(asks)))] if asks else []
    return Matter("The interview", tuple(facts))


async def _debrief(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
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


async def _own_card(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """What somebody rated and has to say anew: the criterion as it reads now, their number, what it rested on."""
    said = await opened_events(_of_candidate(subject), by.id, at)
    found = []
    for (interview, person), card in said.cards.items():
        standing = subject.candidate.interviews[interview].cards.get(person) if person == by.id else None
        for rating in card.ratings if standing else ():
            mark = standing.marks.get(rating.criterion) if standing else None
            criterion = next(iter(_criteria([rating.criterion], subject)), None)
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


async def _cards(subject: Subject, by: PageReader, at: With) -> Sequence[Matter]:
    """Everybody's cards, criterion by criterion: what a decision rests on."""
    seen = _of_candidate(subject)
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


# Looking up


def _requisition(subject: Subject) -> RequisitionView:
    assert isinstance(subject.view, RequisitionView)
    return subject.view


def _of_candidate(subject: Subject) -> SeenCandidate:
    assert subject.seen is not None
    return subject.seen


async def _seen(candidate: str, by: PageReader, at: With) -> SeenCandidate | None:
    """The candidate as the reader may see them; None for whoever may not."""
    try:
        return await seen_candidate(candidate, by.caller, at)
    except Refused:
        return None


async def _called(seen: SeenCandidate, at: With, happened: Iterable[Any] = ()) -> Names:
    """The candidate's name, for those who may read it, and those of whoever brought about what `happened`."""
    whom = [(seen.view.id, seen.applicant)] if seen.sight.may(Permission.CANDIDATE_NAME) else []
    return await names(at, [record.by for record in happened], candidates=whom)


async def _happened(subject: Subject, at: With, *kinds: type[Event]) -> list[Any]:
    """The records of these kinds, with as much of each as the reader may see, in words."""
    assert subject.sight is not None
    if not subject.sight.may(TOLD_OF[subject.entity]):
        return []
    stream = stream_of(subject.entity, subject.id)
    seen = [
        record.but(event=narrowed(record.event, subject.entity, subject.sight))
        for record in await at.reads.happened(stream, *kinds)
    ]
    return await asyncio.to_thread(
        lambda: [record.but(event=opened_event(record.event, stream, at)) for record in seen]
    )


OF_REQUISITION: Mapping[str, Tells] = {
    "approve_offer": _offers,
    "make_offer": _offers,
    "answer_offer": _one_offer,
    "withdraw_offer": _one_offer,
    "acknowledge_comp_signal": _pay_signal,
    "change_terms": _terms,
    "resolve_inherited_change": _inherited,
    "amend_rubric": _in_force,
    "cancel": _course,
    "put_on_hold": _course,
    "resume": _course,
    "reopen": _course,
    "answer_pulse": _pulse,
    "answer_retro": _retro,
    "hand_over": _team,
    "override_gate": _gates,
    "set_legal_hold": _legal_hold,
    "resolve_task": _manual_tasks,
    **dict.fromkeys(ABOUT_A_CLOCK, _clocks),
}
"""What is told above each form of a requisition that signs, grants, decides or answers."""

OF_CANDIDATE: Mapping[str, Tells] = {
    "decide": _cards,
    "reject": _where_they_stand,
    "reinstate": _where_they_stand,
    "withdraw": _where_they_stand,
    "transfer": _where_they_stand,
    "tell_outcome": _where_they_stand,
    "challenge_answer": _where_they_stand,
    "log_contact": _where_they_stand,
    "wait_on_candidate": _where_they_stand,
    "record_request": _requests,
    "answer_request": _requests,
    "erase": _erasure,
    "record_interview": _interviews,
    "cancel_interview": _interviews,
    "reschedule_interview": _interviews,
    "correct_interview": _interviews,
    "hold_debrief": _debrief,
    "rebook_debrief": _debrief,
    "reaffirm_scorecard": _own_card,
    "override_gate": _gates,
    "set_legal_hold": _legal_hold,
    "resolve_task": _manual_tasks,
    **dict.fromkeys(ABOUT_A_CLOCK, _clocks),
}
"""The same of a candidate's."""
