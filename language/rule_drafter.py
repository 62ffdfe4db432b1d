"""Drafts from what is known, by rule alone: cards beside each other, reasons counted, facts under their heads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import singledispatch
from typing import TypeVar

from domain.evidence.bias import invites_bias
from domain.evidence.draft_requests import (
    CallRequest,
    CardGiven,
    CardRating,
    DebriefRequest,
    DraftRequest,
    DriftRequest,
    Fact,
    FactsRequest,
    IntakeBriefRequest,
    ResumeRequest,
    RewordingRequest,
    RubricRequest,
)
from domain.evidence.drafts import (
    CardView,
    Claim,
    Cluster,
    Compared,
    DebriefBrief,
    Draft,
    DriftReading,
    Making,
    Passage,
    Rewording,
    Section,
)
from domain.evidence.text_rules import question_for, vague
from language.embeddings import Embeddings
from language.injection_filter import addresses_a_machine, readable_line

R = TypeVar("R", bound=DraftRequest)

NAME = "extractive"
_BY_RULE = "Draft by rules, no language model. "
_PRIVATE = "Said of one candidate: open it there to read it."
_STORIES = 3


@singledispatch
def by_rule(request: DraftRequest, embeddings: Embeddings | None = None) -> Draft:
    """The draft of a request by rule; each kind of request registers its own. Documents are searched by meaning too."""
    raise NotImplementedError(f"no rule drafts a {type(request).__name__}")


def readable(request: R) -> R:
    """The request without what addresses a machine in the lines, quotes and reasons it carries."""
    return request.model_copy(update=_readable(request))


@singledispatch
def _readable(request: DraftRequest) -> dict[str, object]:
    """The fields of a request that carry lines, without those that address a machine; each kind of request says so."""
    raise NotImplementedError(f"nobody says which lines a {type(request).__name__} carries")


@_readable.register
def _(request: CallRequest | RubricRequest | ResumeRequest | RewordingRequest) -> dict[str, object]:
    return {}  # read from a document, or from words, where these are withheld as they are read


@_readable.register
def _(request: FactsRequest) -> dict[str, object]:
    read = ((fact, readable_line(fact.passage)) for fact in request.facts)
    return {
        "facts": tuple(fact.model_copy(update={"passage": left}) for fact, left in read if left),
        "earlier": tuple(each for each in request.earlier if not addresses_a_machine(each)),
    }


@_readable.register
def _(request: DebriefRequest) -> dict[str, object]:
    cards = (card.model_copy(update={"ratings": tuple(map(_rating, card.ratings))}) for card in request.cards)
    return {"cards": tuple(cards)}


@_readable.register
def _(request: DriftRequest) -> dict[str, object]:
    rejected = (
        each.model_copy(update={"why": readable_line(each.why) if each.why else None}) for each in request.rejected
    )
    return {"rejected": tuple(rejected)}


@_readable.register
def _(request: IntakeBriefRequest) -> dict[str, object]:
    changes = tuple(each for each in request.inherited_changes if not addresses_a_machine(each))
    return {"inherited_changes": changes}


def _rating(rating: CardRating) -> CardRating:
    return rating.model_copy(update={"evidence": tuple(filter(None, map(readable_line, rating.evidence)))})


def _making(request: FactsRequest | DebriefRequest | DriftRequest) -> Making:
    match request:
        case DebriefRequest():
            given = [piece for card in request.cards for rating in card.ratings for piece in rating.evidence]
        case DriftRequest():
            given = [each.why for each in request.rejected if each.why]
        case _:
            given = [fact.passage for fact in request.facts]
    return Making(withheld=tuple(passage.span for passage in given if readable_line(passage) != passage))


def _note(words: str, making: Making) -> str:
    unread = f" Lines with words that address a machine, which were left out: {len(making.withheld)}."
    return _BY_RULE + words + (unread if making.withheld else "")


@by_rule.register
def from_facts(request: FactsRequest, _: Embeddings | None = None) -> Draft:
    """The facts as they are, under the head each belongs to."""
    making = _making(request)
    heads: dict[str, dict[object, Claim]] = defaultdict(dict)
    for fact in readable(request).facts:
        claims, claim = heads[fact.side or "facts"], _stated(fact)
        # What two say in the same words is said once, with both; what is private is not known to be the same.
        same = fact.passage.span if fact.private else claim.text.casefold()
        before = claims[same].rests_on if same in claims else ()
        claims[same] = claim.model_copy(update={"rests_on": (*before, *claim.rests_on)})
    return Draft(
        kind=request.kind,
        drafter=NAME,
        note=_note("It lists what is known, unchanged; the conclusions are yours.", making),
        sections=tuple(Section(head=head, claims=tuple(claims.values())) for head, claims in heads.items()),
        making=making,
    )


def _stated(fact: Fact) -> Claim:
    return Claim(text=_PRIVATE if fact.private else fact.passage.words, rests_on=(kept(fact),))


def kept(fact: Fact) -> Passage:
    """The fact's passage as a draft may keep it: of words under another key only the place."""
    return fact.passage.model_copy(update={"words": "", "speaker": None}) if fact.private else fact.passage


@by_rule.register
def debrief(request: DebriefRequest, _: Embeddings | None = None) -> Draft:
    """All cards beside each other, criterion by criterion."""
    making, request = _making(request), readable(request)
    compared, not_gathered = [], []
    for criterion in request.criteria:
        views = tuple(
            CardView(interview=card.interview, person=card.person, score=rating.score, evidence=rating.evidence)
            for card in request.cards
            for rating in card.ratings
            if rating.criterion == criterion.id and rating.score is not None
        )
        if views:
            agreed = len({view.score >= 3 for view in views}) == 1
            compared.append(Compared(criterion=criterion.id, agreed=agreed, views=views))
        else:
            not_gathered.append(criterion.id)
    return Draft(
        kind=request.kind,
        drafter=NAME,
        note=_note(
            "It sets the cards beside each other, as they were given. Nothing is weighed: that is yours.", making
        ),
        debrief=DebriefBrief(
            compared=tuple(compared),
            not_gathered=tuple(not_gathered),
            over_weighted=tuple(_over_weighted(request.cards, frozenset(request.musts))),
            wording=tuple(_wording(request.cards)),
        ),
        making=making,
    )


def _over_weighted(cards: Sequence[CardGiven], musts: frozenset[str]) -> list[Claim]:
    found = []
    for card in cards:
        rated = [rating for rating in card.ratings if rating.score is not None and rating.criterion in musts]
        for_them = card.overall in ("yes", "strong_yes")
        against = [r for r in rated if r.score is not None and (r.score <= 2) == for_them]
        evidence = tuple(piece for rating in against for piece in rating.evidence)
        if evidence and (for_them or len(against) == len(rated)):
            text = (
                "An overall yes stands beside a must-have rated low, on these words."
                if for_them
                else "An overall view against stands beside must-haves rated high, on these words."
            )
            found.append(Claim(text=text, rests_on=evidence))
        under: dict[Passage, set[str]] = defaultdict(set)
        for rating in card.ratings:
            for piece in rating.evidence:
                under[piece].add(rating.criterion)
        found += [
            Claim(text="These words alone carry several criteria.", rests_on=(piece,))
            for piece, criteria in under.items()
            if len(criteria) >= _STORIES
        ]
    return found


def _wording(cards: Sequence[CardGiven]) -> list[Claim]:
    pieces = {piece: None for card in cards for rating in card.ratings for piece in rating.evidence}
    return [Claim(text=asks[1], rests_on=(piece,)) for piece in pieces if (asks := invites_bias(piece.words))]


@by_rule.register
def drift(request: DriftRequest, _: Embeddings | None = None) -> Draft:
    """Rejections, by the criterion they were given under."""
    making, request = _making(request), readable(request)
    known = {criterion.id: criterion.text for criterion in request.criteria}
    under: dict[str | None, list[Passage]] = defaultdict(list)
    for rejected in request.rejected:
        if rejected.why is not None:
            place = rejected.why.model_copy(update={"words": "", "speaker": None})
            under[rejected.criterion if rejected.criterion in known else None].append(place)
    return Draft(
        kind=request.kind,
        drafter=NAME,
        note=_note("It sorts rejections by the criterion that was named; an amendment is yours to word.", making),
        drift=DriftReading(
            clusters=tuple(
                Cluster(
                    criterion=criterion,
                    label=known[criterion] if criterion else "Outside the rubric",
                    rests_on=tuple(places),
                )
                for criterion, places in under.items()
            )
        ),
        making=making,
    )


@by_rule.register
def rewording(request: RewordingRequest, _: Embeddings | None = None) -> Draft:
    """The vague words and the question that would mend them."""
    found = vague(request.words, request.use)
    return Draft(
        kind=request.kind,
        drafter=NAME,
        note=_BY_RULE + "The question is a rule's; the answer is yours.",
        rewording=Rewording(
            vague=found.words if found else (), question=found.question if found else question_for(request.use)
        ),
    )
