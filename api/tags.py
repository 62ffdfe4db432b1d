"""The tags of candidates in a list, opened for those who may read words about them.

In an address a tag is a keyed hash: it may say something of somebody, and addresses are kept in many places.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from api.access import Caller
from api.services import Services
from api.unsealing import opened_here
from api.visibility import sights_of
from domain.access.permissions import Permission
from workflows.contract import stream_of

LOOKED_AT = 2_000
"""Candidates with tags among whom one is looked for, those who moved last."""


async def tags_of(candidates: Iterable[str], by: Caller, at: Services) -> dict[str, list[str]]:
    """The tags of those of these candidates who have any, as far as the caller may read them."""
    return await _opened(await at.reads.tagged(candidates), by, at)


async def tags_in(requisitions: Iterable[str], by: Caller, at: Services) -> dict[str, list[str]]:
    """The same of all candidates of these requisitions."""
    return await _opened(await at.reads.tagged_in(requisitions, LOOKED_AT), by, at)


async def _opened(candidates: Iterable[str], by: Caller, at: Services) -> dict[str, list[str]]:
    seen = await sights_of(candidates, by, at)
    readable = {id: view.tags for id, (view, sight) in seen.items() if sight.may(Permission.CANDIDATE_WORDS)}
    return await asyncio.to_thread(
        lambda: {
            id: sorted(opened_here(tags, stream_of("candidate", id), at).values()) for id, tags in readable.items()
        }
    )


def tag_hash(tag: str, at: Services) -> str:
    """A tag as an address says it, whichever way it is capitalised."""
    return at.matcher.match(f"tag\n{tag.strip().casefold()}")[:16]


def with_tag(hash: str, tags: Mapping[str, Sequence[str]], at: Services) -> list[str]:
    """Those of the candidates with these tags who have this one."""
    return [id for id, theirs in tags.items() if any(tag_hash(tag, at) == hash for tag in theirs)]


def tag_choices(tags: Mapping[str, Sequence[str]], chosen: str, at: Services) -> list[tuple[str, str]]:
    """Every one of these tags by its hash, in order; and of one that is `chosen` and nobody has, that it is so."""
    words = {tag_hash(tag, at): tag for theirs in tags.values() for tag in theirs}
    gone = [(chosen, "a tag nobody has any more")] if chosen and chosen not in words else []
    return [*sorted(words.items(), key=lambda one: one[1].casefold()), *gone]
