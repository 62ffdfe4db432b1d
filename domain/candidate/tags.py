"""Tags: a word or two by which the recruiter finds candidates again. They are words about a person, and sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import Field

from domain.candidate.state import Candidate, CandidateCommand
from domain.core.decider import Chapter
from domain.core.lookups import KnownTags, Lookup
from domain.core.messages import Event, Record, refuse
from domain.core.personal_text import Tag, unsealed
from domain.entity.call import Call

chapter: Chapter[Candidate] = Chapter()

MOST = 20
"""Tags somebody may have at once."""


class TagCandidate(
    CandidateCommand,
    who="R",
    refuses="no_change*",
    works="on_hold out after_end",
    heading="Tag them",
    button="Save the tags",
):
    """Put tags on a candidate, or take them off."""

    on: tuple[Tag, ...] = Field(default=(), title="Put on", max_length=MOST, description="As in: relocates.")
    off: tuple[Tag, ...] = Field(default=(), title="Take off", max_length=MOST)

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        on, off = (tuple(word for tag in tags if (word := unsealed(tag))) for tags in (self.on, self.off))
        return (KnownTags(on, off),)


class CandidateTagged(Event, heading="tags"):
    """These tags were put on, each with an id of its own, and those of these ids taken off."""

    on: dict[str, Tag] = {}
    off: tuple[str, ...] = ()


@chapter.decides(TagCandidate)
def tag_candidate(state: Candidate, asked: TagCandidate, call: Call) -> Iterator[Event]:
    new = [asked.on[n] for n in call.facts.tags_new if n < len(asked.on)]
    gone = tuple(tag for tag in call.facts.tags_known if tag in state.tags)
    if not new and not gone:
        refuse("no_change", "They have these tags, and none of those.", "A tag to put on, or one to take off.", "on")
    if len(state.tags) - len(gone) + len(new) > MOST:
        refuse("invalid", f"That is more than {MOST} tags.", "Fewer, so that each still says something.", "on")
    yield CandidateTagged(on={f"G-{state.tagged + n}": tag for n, tag in enumerate(new, 1)}, off=gone)


@chapter.evolves(CandidateTagged)
def candidate_tagged(state: Candidate, event: CandidateTagged, record: Record) -> Candidate:
    left: dict[str, Any] = {id: tag for id, tag in state.tags.items() if id not in event.off}
    return state.but(tags=left | event.on, tagged=state.tagged + len(event.on))
