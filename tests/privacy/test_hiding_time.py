"""Hiding what reaches or names somebody takes time that grows with the text only."""

import pytest

from domain.core.source_text import normalised
from privacy.pseudonyms import Pseudonyms, reaches_somebody
from tests.documents.hostile_documents import WORDS, no_matter_how_long, tried

PEOPLE = ("Nadia Brenner", "Wes Calloway", "Grace Li", "Marcus Bell")


@pytest.mark.parametrize("kind", tried(WORDS))
def test_words_are_hidden_in_linear_time(kind: str) -> None:
    no_matter_how_long(lambda text: Pseudonyms(PEOPLE).hide(text), kind, read=normalised)


@pytest.mark.parametrize("kind", tried(WORDS))
def test_words_are_put_back_in_linear_time(kind: str) -> None:
    no_matter_how_long(lambda text: Pseudonyms(PEOPLE).restore(text), kind, read=normalised)


@pytest.mark.parametrize("kind", tried(WORDS))
def test_addresses_are_noticed_in_linear_time(kind: str) -> None:
    no_matter_how_long(reaches_somebody, kind, read=normalised)


@pytest.mark.parametrize("kind", tried(WORDS))
def test_people_may_have_names_that_are_no_names(kind: str) -> None:
    no_matter_how_long(lambda text: Pseudonyms((text[:200],)).hide(text), kind, read=normalised)
