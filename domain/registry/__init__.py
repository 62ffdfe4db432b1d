"""Every entity's decider, and every command somebody outside may give it."""

from __future__ import annotations

from typing import Any

from domain.candidate import CANDIDATE
from domain.core.decider import Decider
from domain.core.messages import Command
from domain.person import PERSON
from domain.requisition import REQUISITION

DECIDERS: dict[str, Decider[Any]] = {"requisition": REQUISITION, "candidate": CANDIDATE, "person": PERSON}
"""By the name of the entity, as streams begin with it."""

COMMANDS: dict[str, dict[str, type[Command]]] = {
    entity: {name: command for name, command in decider.commands.items() if command.who}
    for entity, decider in DECIDERS.items()
}
"""The public commands of each entity by name. Those without `who` are internal and not here."""
