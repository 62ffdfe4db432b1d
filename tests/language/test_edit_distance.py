"""How far people went from a draft: numbers that say it field by field, whatever order things come in."""

from __future__ import annotations

from domain.candidate.screen import SummaryBullet, SummaryConfirmed, SummaryVerdict
from domain.candidate.state import Verdict
from domain.core.source_text import Span
from domain.evidence.documents import Evidence, Quote
from domain.evidence.drafts import CandidateSummary, Claim, Draft, Finding, Passage, TopicPassages
from language.edit_distance import edit_distances

BULLETS = ("Ran the permit desk alone for two years.", "Is looking for one sixty-five.")
SAID = "I ran the desk alone, two years"


def passage(words: str) -> Passage:
    return Passage(span=Span(document="D-SCREEN", start=0, end=len(words)), words=words)


def draft(verdict: str = "met") -> Draft:
    claims = tuple(Claim(text=bullet, rests_on=(passage(SAID),)) for bullet in BULLETS)
    finding = {"criterion": "K1", "verdict": verdict, "claims": claims[:1]}
    return Draft(
        kind="candidate_summary",
        drafter="a-model",
        note="",
        topics=(TopicPassages(topic="K1", passages=(passage(SAID),)),),
        summary=CandidateSummary(bullets=claims, strongest=passage(SAID), expectation=None),
        findings=(Finding.model_validate(finding),),
    )


def confirmed(*bullets: str, verdict: Verdict = "met", strongest: str | None = SAID) -> SummaryConfirmed:
    quote = Quote(document="D-SCREEN", words=SAID)
    return SummaryConfirmed(
        draft_id="D-DRAFT0001",
        bullets=tuple(SummaryBullet(text=bullet) for bullet in bullets),
        verdicts={"K1": SummaryVerdict(verdict=verdict, evidence=Evidence(quote=quote))},
        strongest=quote.but(words=strongest) if strongest else None,
        why_no_quote=None if strongest else "There was none.",
        expectation=None,
        rubric_version=1,
    )


def test_what_is_confirmed_as_it_stands_is_nowhere_away_from_it() -> None:
    assert set(edit_distances(draft(), confirmed(*BULLETS)).values()) == {0.0}


def test_another_order_and_other_line_breaks_change_nothing() -> None:
    turned = edit_distances(draft(), confirmed(BULLETS[1].replace(" ", "\n "), BULLETS[0]))
    assert (turned["bullets.0"], turned["bullets.1"]) == (0.0, 0.0)


def test_a_changed_line_is_as_far_as_it_was_changed_and_a_new_one_is_far() -> None:
    told = edit_distances(draft(), confirmed(BULLETS[0].replace("two", "three"), "Dislikes faxes", *BULLETS[1:]))
    assert 0 < told["bullets.0"] < 0.15
    assert told["bullets.1"] > 0.6
    assert told["bullets.2"] == 0.0


def test_another_verdict_is_an_override_and_none_of_the_drafts_is_no_verdict_to_override() -> None:
    assert edit_distances(draft(), confirmed(*BULLETS, verdict="not_met"))["verdicts.K1"] == 1.0
    assert "verdicts.K1" not in edit_distances(draft("not_judged"), confirmed(*BULLETS, verdict="not_met"))


def test_a_strongest_quote_that_is_left_out_was_changed() -> None:
    assert edit_distances(draft(), confirmed(*BULLETS, strongest=None))["strongest"] == 1.0


def test_nothing_is_told_but_numbers() -> None:
    told = edit_distances(draft(), confirmed("Anna Sjöberg ran it", *BULLETS))
    assert all(isinstance(distance, float) and 0 <= distance <= 1 for distance in told.values())
    assert "Anna" not in str(told)
