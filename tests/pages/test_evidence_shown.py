"""What a draft states, as a page shows it: a statement that is only its quote is shown once."""

from api.pages.layout.templating import _ENVIRONMENT as TEMPLATES
from domain.core.source_text import Span
from domain.evidence.drafts import Claim, Passage

QUOTE = Passage(span=Span(document="D-1", start=0, end=18), words="I turned the pump.", speaker="Jo")


def test_a_statement_that_is_only_its_quote_is_shown_once() -> None:
    statements = vars(TEMPLATES.get_template("evidence.html").module)["statements"]

    same = statements([Claim(text=QUOTE.words, rests_on=(QUOTE,))], ())
    own = statements([Claim(text="Jo repaired it.", rests_on=(QUOTE,))], ())

    assert same.count(QUOTE.words) == 1
    assert "<blockquote>" in same
    assert own.index("Jo repaired it.") < own.index(QUOTE.words)
