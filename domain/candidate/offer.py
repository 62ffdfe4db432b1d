"""The offer, as far as the candidate's entity hears of it: it is the requisition's to make."""

from __future__ import annotations

from domain.candidate.state import Candidate, CandidateOffer
from domain.core.decider import Chapter
from domain.core.messages import Event, Record
from domain.entity.entity_facts import OfferNews, Stage

chapter: Chapter[Candidate] = Chapter()


class OfferHeard(Event, heading="news of the offer"):
    """An offer was made to them, answered, withdrawn, or its time is up."""

    news: OfferNews


@chapter.evolves(OfferHeard)
def offer_heard(state: Candidate, event: OfferHeard, record: Record) -> Candidate:
    news = event.news
    state = state.but(
        heard=state.heard | {"offer": news.number},
        offer=CandidateOffer(id=news.offer_id, status=news.status, answer_by=news.answer_by),
    )
    if not state.in_running:
        return state
    if news.status in ("made", "countered"):
        return state.at_stage(Stage.OFFERED, record.at).after_word(record.at)
    if news.status == "accepted":
        return state.at_stage(Stage.ACCEPTED, record.at)
    back: Stage = Stage.HIRE_DECIDED if state.job.openings_left > 0 else Stage.RESERVE
    return state.at_stage(back, record.at)
