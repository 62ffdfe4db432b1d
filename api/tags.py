"""The tags of candidates in a list, opened for those who may read words about them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from api.access import Caller
from api.services import Services
from api.unsealing import opened_here
from api.visibility import sights_of
from domain.access.permissions import Permission
from workflows.contract import stream_of


async def tags_of(candidates: Iterable[str], by: Caller, at: Services) -> dict[str, list[str]]:
    """The tags of those of these candidates who have any, as far as the caller may read them."""
    seen = await sights_of(await at.reads.tagged(candidates), by, at)
    readable = {id: view.tags for id, (view, sight) in seen.items() if sight.may(Permission.CANDIDATE_WORDS)}
    return await asyncio.to_thread(
        lambda: {
            id: sorted(opened_here(tags, stream_of("candidate", id), at).values()) for id, tags in readable.items()
        }
    )
