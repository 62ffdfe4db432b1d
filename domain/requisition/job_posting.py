"""The advertisement: only by a locked rubric, always with the range, never with a confidential employer's name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from domain.core.decider import Chapter
from domain.core.messages import Command, Event, Record, refuse
from domain.core.names import Name
from domain.entity.call import Call
from domain.requisition.state import Posting, Requisition

chapter: Chapter[Requisition] = Chapter()


class PublishJob(
    Command,
    who="R",
    refuses="not_locked pay_range_missing* alias_needed*",
    heading="Publish the job",
    button="Publish or close",
):
    """Open the advertisement on these channels, or close it."""

    action: Literal["open", "close"] = Field(title="The advertisement")
    channels: tuple[Name, ...] = Field(default=(), title="Where it stands")
    rubric_version: int
    pay_range_shown: bool = Field(
        default=True, title="The advertisement names the pay range", description="The advertisement names the band."
    )
    alias: Name | None = Field(
        default=None,
        title="What the advertisement calls the employer",
        description="The employer's name there, if the requisition is confidential.",
    )


class JobPublished(Event):
    """The advertisement is open."""

    channels: tuple[str, ...]
    rubric_version: int
    alias: str | None


class JobClosed(Event):
    """The advertisement is closed."""


@chapter.gate(PublishJob)
def rubric_is_locked(state: Requisition, call: Call) -> None:
    if state.locked is None:
        refuse("not_locked", "The job is advertised by the rubric, which is not locked.", "A locked rubric.")


@chapter.next(PublishJob)
def not_advertised_yet(state: Requisition, call: Call) -> bool:
    return state.posting is None


@chapter.decides(PublishJob)
def publish_job(state: Requisition, asked: PublishJob, call: Call) -> Iterator[Event]:
    assert state.locked is not None, "advertised without a locked rubric"
    if asked.rubric_version != state.locked.version:
        refuse("stale_version", "The rubric changed.", f"Version {state.locked.version}.", "rubric_version")
    if asked.action == "close":
        if state.posting is None:
            refuse("already_done", "The advertisement is not open.", "Opening it.", "action")
        yield JobClosed()
        return
    if not asked.pay_range_shown:
        refuse(
            "pay_range_missing",
            "An advertisement names what the job pays.",
            "An advertisement that names the pay range.",
            "pay_range_shown",
        )
    alias = asked.alias or state.alias
    if state.confidential and alias is None:
        refuse("alias_needed", "This requisition is confidential.", "An alias for the employer.", "alias")
    if state.posting == Posting(channels=asked.channels, rubric_version=asked.rubric_version):
        refuse("already_done", "It is open there.", "Other channels, or closing it.", "channels")
    yield JobPublished(channels=asked.channels, rubric_version=asked.rubric_version, alias=alias)


@chapter.evolves(JobPublished)
def job_published(state: Requisition, event: JobPublished, record: Record) -> Requisition:
    return state.but(
        posting=Posting(channels=event.channels, rubric_version=event.rubric_version), alias=event.alias or state.alias
    )


@chapter.evolves(JobClosed)
def job_closed(state: Requisition, event: JobClosed, record: Record) -> Requisition:
    return state.but(posting=None)
