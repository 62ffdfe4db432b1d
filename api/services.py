"""What the API works with, built once at its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import asyncpg
from fastapi import Request
from temporalio.client import Client

from ops.models import Model
from privacy.keyed_hash import KeyedHash
from privacy.sealing import Sealer
from settings import Settings
from store.policy_file import PolicyFile


@dataclass(frozen=True)
class Services:
    """The database, the engine, the seals, the language model if there is one, and the settings they came from."""

    settings: Settings
    pool: asyncpg.Pool
    temporal: Client
    sealer: Sealer
    matcher: KeyedHash
    policy: PolicyFile
    model: Model | None


def services(request: Request) -> Services:
    """This process's services, for an endpoint that depends on them."""
    return cast(Services, request.app.state.services)
