"""Ids that are more than opaque: what they say is read in one place."""

from __future__ import annotations

import pytest

from domain.core.ids import ClockId, EffectId


@pytest.mark.parametrize(
    "known",
    [
        ClockId("C-7", "scorecard_in", "I-1:P-IRIS", 31),
        ClockId("R-2", "rubric_signed", "second_signer", 4),
        ClockId("R-2", "intake_held", "", 1),
    ],
    ids=str,
)
def test_a_clocks_id_is_read_as_it_was_made(known: ClockId) -> None:
    assert ClockId.parse(str(known)) == known


def test_a_clocks_id_is_spelt_as_journals_have_it() -> None:
    assert str(ClockId("C-7", "scorecard_in", "I-1:P-IRIS", 31)) == "C-7:scorecard_in:I-1:P-IRIS:31"
    assert str(ClockId("R-2", "intake_held", "", 1)) == "R-2:intake_held:1"


@pytest.mark.parametrize("words", ["", "C-7", "C-7:scorecard_in", "C-7:scorecard_in:I-1", ":scorecard_in:3", "C-7::3"])
def test_what_is_no_clocks_id_says_nothing(words: str) -> None:
    assert ClockId.parse(words) is None


def test_an_effects_id_says_its_stream_and_its_record() -> None:
    known = EffectId("candidate/C-7", 31, 0)
    assert str(known) == "candidate/C-7/31/0"
    assert EffectId.parse(str(known)) == known
    for words in ("", "candidate/C-7", "update/R-1/2026-03-02T09:00:00+00:00"):
        with pytest.raises(ValueError, match=r"unpack|invalid literal"):
            EffectId.parse(words)
