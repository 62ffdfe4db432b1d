"""Rules over words take time that grows with the words only."""

from collections.abc import Callable

import pytest

from domain.core.messages import Rejection
from domain.core.source_text import SourceText, normalised
from domain.evidence.bias import invites_bias
from domain.evidence.documents import Quote
from domain.evidence.quotes import aligned
from domain.evidence.text_rules import internal_words, marked, pay_history, vague
from tests.documents.hostile_documents import LONGEST_FIELD, WORDS, no_matter_how_long, tried

RULES: dict[str, Callable[[str], object]] = {
    "vague": vague,
    "marked": marked,
    "pay history": pay_history,
    "internal words": lambda text: internal_words(text, ("Nadia Brenner", "a a")),
    "bias": invites_bias,
}


@pytest.mark.parametrize("kind", tried(WORDS))
@pytest.mark.parametrize("rule", RULES)
def test_a_rule_takes_linear_time(rule: str, kind: str) -> None:
    no_matter_how_long(RULES[rule], kind, LONGEST_FIELD, normalised)


class OneSource:
    def __init__(self, text: str) -> None:
        self._text = SourceText(text=text)

    def source(self, document_id: str) -> SourceText:
        return self._text


def test_a_place_far_longer_than_its_words_is_refused_and_still_may_be_longer() -> None:
    sources = OneSource("we\n\nshipped " + "it " * 1_000 + "it")
    with pytest.raises(Rejection, match="does not stand in its source"):
        aligned(Quote(document="D-AAAAAA", start=0, end=2_000, words="we"), sources, "quote")
    assert aligned(Quote(document="D-AAAAAA", start=4, end=11, words="  shipped  "), sources, "quote").start == 4
