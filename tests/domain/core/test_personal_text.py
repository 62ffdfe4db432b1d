"""Sealed words where plain ones were kept before: they are a text still, for builds that know nothing else."""

from __future__ import annotations

import pytest

from domain.core.messages import Event
from domain.core.personal_text import Sealed, as_text, from_text
from domain.evidence.documents import Doc, Recording
from domain.requisition.lifecycle import SearchCancelled
from domain.requisition.retro import RetroAnswered

SEALED = Sealed(key="R-ONE00001", ciphertext="c2VhbGVk+/==")


def test_sealed_reasons_are_written_as_text_and_read_as_sealed() -> None:
    event = SearchCancelled(why=SEALED)
    assert event.stored.payload == {"why": "sealed:R-ONE00001:c2VhbGVk+/=="}
    assert Event.revive(*event.stored[::2], event.stored.schema) == event


def test_so_are_those_within_others() -> None:
    event = RetroAnswered(side="R", worked=(SEALED, "one slate"), change=SEALED, flagged=False)
    assert RetroAnswered.model_validate_json(event.model_dump_json()) == event
    rec = Recording(kind="notes", doc=Doc(id="D-ONE00001", sha256="0" * 64), why_unrecorded=SEALED)
    assert Recording.model_validate(rec.model_dump(mode="json")) == rec
    assert rec.model_dump(mode="json")["why_unrecorded"] == as_text(SEALED)


@pytest.mark.parametrize("words", ["", "sealed: not at all", "They were sealed:R-ONE00001:c2Vh", "{}"])
def test_what_older_builds_kept_is_read_as_it_is(words: str) -> None:
    assert from_text(words) == words
