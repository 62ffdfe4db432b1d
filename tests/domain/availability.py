"""What `available` says, held against what `perform` does: one truth, asked before anybody gives a command."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Any

from domain.access.team import Actor
from domain.core.decider import Decider
from domain.core.messages import CONTENT, Command, Rejection
from domain.entity.call import NO_FACTS, Call, Facts

OF_WHAT_IS_SAID: dict[str, set[str]] = {
    "add_candidate": {"duplicate_person", "owned_by_agency"},
    "amend_rubric": {"stale_version"},
    "answer_offer": {"already_done"},
    "change_terms": {"not_permitted", "hr_needed", "openings_committed"},
    "decide": {"second_deferral", "second_step", "scores_not_comparable"},
    "edit_rubric": {"stale_version"},
    "hand_over": {"conflict_of_interest"},
    "hold_debrief": {"cards_missing"},
    "make_offer": {"above_band", "offer_elsewhere"},
    "override_gate": {"not_permitted", "own_request", "not_overridable"},
    "publish_job": {"stale_version", "already_done"},
    "reaffirm_scorecard": {"not_marked", "not_blind"},
    "record_intake": {"already_done", "nothing_to_reaffirm"},
    "record_request": {"already_done"},
    "reject": {"not_locked"},
    "rebook_debrief": {"third_time"},
    "reschedule_interview": {"busy", "conflict_of_interest"},
    "schedule_interview": {"busy", "conflict_of_interest", "debrief_not_booked"},
    "confirm_summary": {"stale_draft"},
    "sign_rubric": {"hash_mismatch", "inherited_change_open", "agreement_incomplete"},
    "submit_scorecard": {"rubric_changed", "already_done", "not_blind"},
    "take_leave": {"already_done"},
    "transfer": {"duplicate_person", "target_closed"},
}
"""Refusals that look like matters of state and hang on what the command says, or on what was looked up for it."""


def check(decider: Decider[Any], state: Any, by: Actor, command: Command, now: datetime, facts: Facts) -> None:
    """What is said to be missing is what `command` is refused for; what is possible fails on its words alone."""
    said = {one.command: one for one in decider.available(state, Call(by, now, NO_FACTS))}.get(command.name)
    if said is None:
        assert not command.who or command.begins == "itself"
        return
    refused: str | None = None
    try:
        decider.perform(state, command, Call(by, now, facts))
    except Rejection as refusal:
        refused = refusal.code
    missing = said.missing
    if said.field is not None and said.options:
        named = attrgetter(said.field)(command)
        of = {option.id: option.missing for option in said.options}
        ids = named if isinstance(named, tuple) else (named,)
        if any(id not in of for id in ids):
            assert refused is not None, f"{command.name} was taken for {named}, which was not offered"
            return
        missing = next((of[id] for id in ids if of[id] is not None), None)
    if missing is not None:
        assert refused == missing.code, f"{command.name}: said {missing.code}, was {refused or 'taken'}"
        assert missing.sentence
        assert missing.accepted
    elif refused is not None:
        hangs_on_words = command.refusals[refused] == CONTENT or refused in OF_WHAT_IS_SAID.get(command.name, ())
        assert hangs_on_words, f"{command.name} was said to be possible, and refused as {refused}"
