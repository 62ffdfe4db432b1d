"""Quotes brought into line with their source: word for word, or not at all."""

from __future__ import annotations

from domain.core.messages import Sources, refuse
from domain.core.personal_text import PersonalText
from domain.core.source_text import SourceText, normalised
from domain.evidence.documents import Evidence, Quote
from domain.evidence.text_rules import Use, vague

_LONGEST_PLACE = 8
"""Characters of a document for each of the words that are said to stand there: normalising makes no text longer than
that, so that a longer place holds other words, and is not read to find out."""


def aligned(quote: Quote, sources: Sources, field: str) -> Quote:
    """`quote` with the place of its words in its document; a place that was given must hold these very words.

    Words that are sealed were aligned before and stay as they are. Raises Rejection `not_in_source`, naming `field`,
    or `unknown_reference` for a document there is not.
    """
    if not isinstance(quote.words, str):
        return quote
    place = _place(quote, quote.words, sources.source(quote.document))
    if place is None:
        refuse(
            "not_in_source",
            f"“{quote.words}” does not stand in its source, word for word.",
            "The words as they stand in the document, copied from it.",
            field,
        )
    return quote.but(start=place[0], end=place[1])


def _place(quote: Quote, words: str, source: SourceText) -> tuple[int, int] | None:
    if not quote.end:
        return source.locate(words)
    if quote.end - quote.start > _LONGEST_PLACE * len(words):
        return None
    given = normalised(source.text[quote.start : quote.end])
    if given and SourceText(text=given).locate(words) == (0, len(given)):
        return quote.start, quote.end
    return None


def aligned_evidence(evidence: tuple[Evidence, ...], sources: Sources, field: str) -> tuple[Evidence, ...]:
    """`evidence` with each quote aligned as `aligned` does it."""
    return tuple(e.but(quote=aligned(e.quote, sources, field)) if e.quote else e for e in evidence)


def must_be_concrete(code: str, words: PersonalText | None, use: Use, stand_by: bool, field: str) -> bool:
    """Whether `words` are vague and stood by; refuses them with `code` if they are vague and nobody stands by them.

    No words, and sealed ones, are never vague.
    """
    if not isinstance(words, str) or (found := vague(words, use)) is None:
        return False
    if not stand_by:
        named = ", ".join(f"“{word}”" for word in found.words)
        sentence = f"{named} could be said of anybody. {found.question}"
        refuse(code, sentence, "What was seen or said; or keep your words as they are, and they pass flagged.", field)
    return True
