"""What a model writes from passages, job by job: each answer checked, and laid over the extractive draft."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from domain.core.source_text import Span
from domain.evidence.draft_jobs import draft_job
from domain.evidence.draft_requests import (
    DebriefRequest,
    DriftRequest,
    Fact,
    FactsRequest,
    IntakeBriefRequest,
    ResumeRequest,
    RewordingRequest,
    ScorecardRequest,
    SummaryRequest,
)
from domain.evidence.drafts import (
    AgendaPoint,
    CandidateSummary,
    Claim,
    Cluster,
    CriterionDraft,
    Draft,
    DriftReading,
    Finding,
    Passage,
    Rewording,
    Section,
    Topic,
)
from domain.evidence.intake_agenda import AGENDA
from domain.evidence.rubric import MOST
from domain.evidence.text_rules import pay_history, vague
from language import llm_schemas
from language.aliases import FAILED, STAR
from language.draft_failures import ModelFailed
from language.extractive_drafter import clones
from language.injection_filter import addresses_a_machine
from language.llm_extraction import Fits, Session, ShownPassage, data, sent
from language.rule_drafter import kept

__all__ = [
    "Fits", "debrief", "drift", "from_facts", "intake", "intake_brief", "resume_reading", "rewording", "scorecard",
    "summary",
]  # fmt: skip

_ANCHORS = 4
_MOST_QUESTIONS = 3
_ALIASED = re.compile(rf"\b(?:{FAILED}|{STAR}) [A-Z]\b", re.I)


async def summary(session: Session, request: SummaryRequest, base: Draft) -> Draft:
    """Five bullets, a verdict a criterion, the strongest quote; what pay is expected stays as the rules found it."""
    shown = session.shown({topic.topic: topic.passages for topic in base.topics})
    if not shown:
        return base
    answer = await session.ask(
        request.kind, data(_criteria(session, request.criteria), _passages(shown)), llm_schemas.SummaryAnswer
    )
    bullets = _distinct(_claims(session, answer.bullets, shown))[:5]
    judged = {each.criterion: each for each in reversed(answer.verdicts)}
    findings = [_judged(session, topic, judged.get(topic.id), shown) for topic in request.criteria]
    strongest = shown[answer.strongest - 1].passage if 1 <= answer.strongest <= len(shown) else None
    assert base.summary is not None
    return base.model_copy(
        update={
            "summary": CandidateSummary(
                bullets=tuple(bullets),
                strongest=strongest or base.summary.strongest,
                expectation=base.summary.expectation,
            ),
            "findings": tuple(findings),
        }
    )


def _judged(
    session: Session, topic: Topic, judged: llm_schemas.Judged | None, shown: Sequence[ShownPassage]
) -> Finding:
    """A verdict stands only on words that were found under its own criterion; without any there was nothing said."""
    own = [each for each in shown if each.topic == topic.id]
    if not own:
        return Finding(criterion=topic.id, verdict="not_discussed")
    if judged is None or judged.verdict == "not_discussed":
        return Finding(criterion=topic.id, verdict="not_judged" if judged is None else "not_discussed")
    numbers = [n for n in judged.rests_on if n in {each.number for each in own}]
    if not numbers:
        session.dropped += 1
        return Finding(criterion=topic.id)
    # Where the sentence falls, the words it was to rest on say it themselves.
    claim = session.claim(judged.text, numbers, shown) or _quoted(shown[numbers[0] - 1].passage)
    return Finding(criterion=topic.id, verdict=judged.verdict, claims=(claim,))


def _quoted(passage: Passage) -> Claim:
    return Claim(text=passage.words, rests_on=(passage,))


async def scorecard(
    session: Session, request: ScorecardRequest, base: Draft, found: Mapping[str, Sequence[Passage]]
) -> Draft:
    """What the interview shows on each focus criterion, and which questions of the kit the model too did not find."""
    draft = await _found(session, request.criteria, base)
    put = {f"Q{n}" for n in range(1, len(request.questions) + 1) if found.get(f"Q{n}")}
    missing = {each.text for n, each in enumerate(request.questions, 1) if f"Q{n}" not in put}
    return draft.model_copy(
        update={
            "findings": tuple(
                finding.model_copy(
                    update={
                        "not_asked": tuple(q for q in finding.not_asked if q in missing),
                        "perhaps_asked": tuple(each for each in finding.perhaps_asked if each.question in missing),
                    }
                )
                for finding in draft.findings
            )
        }
    )


async def resume_reading(session: Session, request: ResumeRequest, base: Draft) -> Draft:
    """What a résumé shows on each criterion, and the parts on which it is silent."""
    return await _found(session, request.criteria, base)


async def _found(session: Session, criteria: Sequence[Topic], base: Draft) -> Draft:
    shown = session.shown({topic.topic: topic.passages for topic in base.topics})
    if not shown:
        return base
    head = []
    for topic in criteria:
        head += [f"{topic.id}: {sent(session.pseudonyms, topic.text)}"]
        head += [f"{topic.id}.{n}: {sent(session.pseudonyms, part)}" for n, part in enumerate(topic.parts, 1)]
    answer = await session.ask(draft_job(base.kind).prompt_name, data(head, _passages(shown)), llm_schemas.Findings)
    before = {finding.criterion: finding for finding in base.findings}
    findings = []
    for topic in criteria:
        own = {each.number for each in shown if each.topic == topic.id}
        said = [each for each in answer.findings if each.criterion == topic.id]
        claims = [session.claim(each.text, [n for n in each.rests_on if n in own], shown) for each in said]
        silent = {each.part for each in answer.not_shown if each.criterion == topic.id}
        findings.append(
            Finding(
                criterion=topic.id,
                claims=tuple(_distinct([claim for claim in claims if claim])),
                not_shown=tuple(part for n, part in enumerate(topic.parts, 1) if n in silent or not own),
                not_asked=before[topic.id].not_asked if topic.id in before else (),
                perhaps_asked=before[topic.id].perhaps_asked if topic.id in before else (),
            )
        )
    return base.model_copy(update={"findings": tuple(findings)})


async def intake(
    session: Session, base: Draft, asked: Mapping[str, Sequence[Passage]], answered: Mapping[str, Sequence[Passage]]
) -> Draft:
    """Coverage of the agenda from what was really found; criteria, agreement, job description and glossary from it."""
    assert base.intake is not None
    coverage = tuple(_covered(point, asked, answered) for point in base.intake.coverage)
    base = base.model_copy(update={"intake": base.intake.model_copy(update={"coverage": coverage})})
    shown = session.shown({topic.topic: topic.passages for topic in base.topics})
    if not shown:
        return base
    answer = await session.ask(base.kind, data(_passages(shown)), llm_schemas.IntakeAnswer)
    criteria = [made for each in answer.criteria[:MOST] if (made := _criterion(session, each, shown))]
    used = {passage.span for criterion in criteria for passage in criterion.rests_on}
    assert base.intake is not None
    sections = {
        "job_description": _claims(session, answer.job_description, shown),
        **{
            f"agreement: {each.point.replace('_', ' ')}": _claims(session, [each], shown)
            for each in {promise.point: promise for promise in answer.agreement}.values()
        },
        "glossary": [
            claim.model_copy(update={"text": f"{term}: {claim.text}"})
            for each in answer.glossary
            if (claim := session.claim(each.text, each.rests_on, shown))
            and (term := session.wording(each.term, _words(each.rests_on, shown)))
        ],
    }
    return base.model_copy(
        update={
            "intake": base.intake.model_copy(
                update={
                    "criteria": tuple(criteria),
                    "for_hr": tuple(passage for passage in base.intake.for_hr if passage.span not in used),
                }
            ),
            "sections": tuple(
                Section(head=head, claims=tuple(_distinct(claims))) for head, claims in sections.items() if claims
            ),
        }
    )


def _covered(
    point: AgendaPoint, asked: Mapping[str, Sequence[Passage]], answered: Mapping[str, Sequence[Passage]]
) -> AgendaPoint:
    question = next(iter(asked.get(point.topic, ())), point.asked)
    answers_ = tuple(answered.get(point.topic, ())) or point.answers
    if answered.get(point.topic):
        status = "answered"
    elif point.status == "perhaps" and not asked.get(point.topic):
        status = "perhaps"
    else:
        status = "answered" if answers_ else "asked" if question else "missing"
    return point.model_copy(update={"status": status, "asked": question, "answers": answers_})


def _criterion(
    session: Session, said: llm_schemas.DraftCriterion, shown: Sequence[ShownPassage]
) -> CriterionDraft | None:
    claim = session.claim(said.behaviour, said.rests_on, shown)
    if claim is None:
        return None
    words = " ".join((_words(said.rests_on, shown), said.behaviour))
    if clones(claim.text) or _ALIASED.search(claim.text):
        # Somebody like somebody is no behaviour: its passage stays with HR.
        session.kept, session.dropped = session.kept - 1, session.dropped + 1
        return None

    def told(text: str) -> str:
        return session.wording(text, words) or ""

    anchors = tuple(filter(None, map(told, said.anchors)))
    found = vague(claim.text, "criterion")
    return CriterionDraft(
        behaviour=claim.text,
        weight=said.weight,
        why=told(said.why),
        proof=told(said.proof),
        questions=tuple(question for each in said.questions[:_MOST_QUESTIONS] if (question := told(each))),
        anchors=anchors if len(anchors) == _ANCHORS else (),
        rests_on=claim.rests_on,
        needs=found.question if found else None,
    )


async def intake_brief(session: Session, request: IntakeBriefRequest, base: Draft) -> Draft:
    """The fixed text, with up to three further questions for just this job."""
    head = [f"Job: {request.title}", f"Team: {request.team}"]
    head += [f"To change: {sent(session.pseudonyms, change)}" for change in request.inherited_changes]
    points = [f"{topic.id}: {topic.text}" for topic in AGENDA]
    answer = await session.ask(request.kind, data(head, points), llm_schemas.QuestionsAnswer)
    words = " ".join((*head, *points))
    known = {topic.id for topic in AGENDA}
    questions = []
    for each in answer.questions[:_MOST_QUESTIONS]:
        question = session.wording(each.question, words) if each.topic in known else None
        if question and question.endswith("?") and not re.search(r"\d", question):
            session.kept += 1
            questions.append(question)
        else:
            session.dropped += 1
    if not questions:
        return base
    listed = "\n".join(f"- {question}" for question in dict.fromkeys(questions))
    *before, by = base.text.split("\n\n")
    return base.model_copy(update={"text": "\n\n".join((*before, f"And for this job:\n{listed}", by))})


async def from_facts(session: Session, request: FactsRequest, base: Draft) -> Draft:
    """Statements on known facts, under their heads; of words that lie under another key only the place is kept."""
    shown = _facts(session, request.facts)
    if not shown:
        return base
    earlier = [f"earlier | {sent(session.pseudonyms, line)}" for line in request.earlier]
    answer = await session.ask(request.kind, data(earlier, _facts_shown(shown)), llm_schemas.FACTS[request.kind])
    places = {each.number: kept(fact) for each, fact in zip(shown, request.facts, strict=True)}
    heads: dict[str, list[Claim]] = {}
    for line in answer.lines:
        claim = session.claim(line.text, line.rests_on, shown)
        if claim:
            resting = tuple({places[n].span: places[n] for n in line.rests_on if n in places}.values())
            heads.setdefault(line.section, []).append(claim.model_copy(update={"rests_on": resting}))
    if not heads:
        return base
    sections = tuple(Section(head=head, claims=tuple(_distinct(claims))) for head, claims in heads.items())
    return base.model_copy(update={"sections": sections})


def _facts(session: Session, facts: Sequence[Fact]) -> list[ShownPassage]:
    return [
        ShownPassage(n, fact.side or "fact", fact.passage, sent(session.pseudonyms, fact.passage.words))
        for n, fact in enumerate(facts, 1)
    ]


def _facts_shown(shown: Sequence[ShownPassage]) -> list[str]:
    return [f"{each.number} | {each.topic} | {each.words}" for each in shown]


async def debrief(session: Session, request: DebriefRequest, base: Draft) -> Draft:
    """What to be careful with, added to what the rules saw; who rated what stays as the cards say."""
    assert base.debrief is not None
    given = [
        (card, rating, piece)
        for card in request.cards
        for rating in card.ratings
        for piece in rating.evidence
        if piece.words
    ]
    if not given:
        return base
    interviewers = {card.person: f"Interviewer {n}" for n, card in enumerate(request.cards, 1)}
    shown = [
        ShownPassage(n, rating.criterion, piece, sent(session.pseudonyms, piece.words), interviewers[card.person])
        for n, (card, rating, piece) in enumerate(given, 1)
    ]
    musts = frozenset(request.musts)
    head = [
        f"{topic.id}: {sent(session.pseudonyms, topic.text)} ({'must' if topic.id in musts else 'growth'})"
        for topic in request.criteria
    ]
    body = [
        f"{each.number} | {each.who} | {each.topic} | {rating.score or 'not tested'} | {each.words}"
        for each, (_, rating, _) in zip(shown, given, strict=True)
    ]
    answer = await session.ask(request.kind, data(head, body), llm_schemas.DebriefAnswer)
    by = {each.number: card.person for each, (card, _, _) in zip(shown, given, strict=True)}
    apart: dict[str, Claim] = {}
    for each in answer.conflicts:
        sides = {by[n] for n in each.rests_on if n in by and shown[n - 1].topic == each.criterion}
        claim = session.claim(each.text, each.rests_on, shown) if len(sides) > 1 else None
        if claim:
            apart.setdefault(each.criterion, claim)
        elif len(sides) <= 1:
            session.dropped += 1
    return base.model_copy(
        update={
            "debrief": base.debrief.model_copy(
                update={
                    "compared": tuple(
                        each if each.agreed else each.model_copy(update={"apart": apart.get(each.criterion)})
                        for each in base.debrief.compared
                    ),
                    "over_weighted": _distinct(
                        [*base.debrief.over_weighted, *_claims(session, answer.over_weighted, shown)]
                    ),
                    "wording": _distinct([*base.debrief.wording, *_claims(session, answer.wording, shown)]),
                }
            )
        }
    )


async def rewording(session: Session, request: RewordingRequest, base: Draft) -> Draft:
    """A question of its own, and the same words put concretely, if there is anything concrete in them."""
    assert base.rewording is not None
    if addresses_a_machine(request.words):
        return base
    words = sent(session.pseudonyms, request.words)
    head = [f"For: {request.use}", f"Words: {words}"]
    answer = await session.ask(
        request.kind, data(head, _criteria(session, request.criteria)), llm_schemas.RewordedAnswer
    )
    question = session.wording(answer.question, words)
    if question is None or not question.endswith("?"):
        session.dropped += 1
        question = base.rewording.question
    else:
        session.kept += 1
    itself = Passage(span=Span(document="words", start=0, end=len(request.words)), words=request.words)
    shown = [ShownPassage(1, "", itself, words)]
    proposal = session.claim(answer.proposal, [1], shown) if answer.proposal.strip() else None
    concrete = proposal is not None and vague(proposal.text, request.use) is None
    return base.model_copy(
        update={
            "rewording": Rewording(
                vague=base.rewording.vague,
                question=question,
                proposal=proposal.text if proposal and concrete else None,
            )
        }
    )


async def drift(session: Session, request: DriftRequest, base: Draft) -> Draft:
    """Reasons of one kind together, and what the rubric would have to ask for; the candidates' words stay theirs."""
    given = [each for each in request.rejected if each.why is not None and each.why.words]
    if len(given) < 2:
        return base
    shown = [
        ShownPassage(n, each.criterion or "none", each.why, sent(session.pseudonyms, each.why.words))
        for n, each in enumerate(given, 1)
        if each.why is not None
    ]
    answer = await session.ask(
        request.kind, data(_criteria(session, request.criteria), _passages(shown)), llm_schemas.DriftAnswer
    )
    known = {criterion.id for criterion in request.criteria}
    clusters, told = [], set()
    for each in answer.clusters:
        numbers = [n for n in dict.fromkeys(each.rests_on) if n not in told]
        claim = session.claim(each.label, numbers, shown)
        if claim:
            told |= set(numbers)
            criterion = each.criterion if each.criterion in known else None
            clusters.append(Cluster(criterion=criterion, label=claim.text, rests_on=_places(claim.rests_on)))
    amendment = None
    if answer.amendment.text.strip() and len(set(answer.amendment.rests_on)) > 1:
        claim = session.claim(answer.amendment.text, answer.amendment.rests_on, shown)
        if claim and vague(claim.text, "criterion") is None:
            amendment = claim.model_copy(update={"rests_on": _places(claim.rests_on)})
    if not clusters:
        raise ModelFailed("empty")
    return base.model_copy(update={"drift": DriftReading(clusters=tuple(clusters), amendment=amendment)})


def _places(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    return tuple(passage.model_copy(update={"words": "", "speaker": None}) for passage in passages)


def _criteria(session: Session, criteria: Sequence[Topic]) -> list[str]:
    return [f"{topic.id}: {sent(session.pseudonyms, topic.text)}" for topic in criteria]


def _passages(shown: Sequence[ShownPassage]) -> list[str]:
    return [f"{each.number} | {each.topic} | {each.words}" for each in shown]


def _words(numbers: Sequence[int], shown: Sequence[ShownPassage]) -> str:
    return " ".join(shown[n - 1].words for n in numbers if 1 <= n <= len(shown))


def _claims(
    session: Session, statements: Sequence[llm_schemas.Statement], shown: Sequence[ShownPassage]
) -> list[Claim]:
    found = [session.claim(each.text, each.rests_on, shown) for each in statements]
    return [claim for claim in found if claim and pay_history(claim.text) is None]


def _distinct(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    return tuple({claim.text.casefold(): claim for claim in reversed(claims)}.values())[::-1]
