"""How to reach the candidate, corrected: a name, a mail address or a telephone number that was given wrongly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import Field

from domain.candidate.state import Candidate, CandidateCommand
from domain.core.decider import Chapter
from domain.core.lookups import AddressInUse, Lookup
from domain.core.messages import Command, Effect, Event, Record, refuse
from domain.core.personal_text import PersonalName, PersonalText, unsealed
from domain.entity.call import Call
from domain.entity.clock_commands import TaskResolved
from domain.entity.effects import Invite, KeepContact, WriteToCandidate
from domain.entity.state import Task

chapter: Chapter[Candidate] = Chapter()

UNDELIVERABLE = frozenset({"no_address", "no_contact", "mail_refused", "mail_bounced"})
"""Why a letter became a task that another address may settle."""


class CorrectContact(
    CandidateCommand,
    who="R P X",
    refuses="address_taken*",
    works="on_hold after_end",
    heading="Correct how to reach them",
    button="Correct it",
):
    """Put the right name, mail address or telephone number in place of a wrong one. Letters go there from now on."""

    full_name: PersonalName | None = Field(default=None, title="Their name")
    address: PersonalText | None = Field(default=None, title="Mail address")
    telephone: PersonalText | None = Field(default=None, title="Telephone")
    shared: bool = Field(default=False, title="Somebody else uses the same mail address, and it is right all the same")
    why: PersonalText

    def looks_up(self) -> Iterable[Lookup]:
        """See `Command.looks_up`."""
        return (AddressInUse(unsealed(self.address), unsealed(self.telephone)),)


class KeptContact(Command, works="on_hold after_end"):
    """A corrected address is kept: what could not be sent may be tried again. Given by whoever kept it."""


class ContactCorrected(Event):
    """How to reach the candidate was corrected, and why; None of what stays as it was."""

    name: PersonalName | None = None
    address: PersonalText | None = None
    telephone: PersonalText | None = None
    why: PersonalText


@chapter.decides(CorrectContact)
def correct_contact(state: Candidate, asked: CorrectContact, call: Call) -> Iterator[Event]:
    if asked.full_name is None and asked.address is None and asked.telephone is None:
        refuse("invalid", "What is it that was wrong?", "A name, a mail address or a telephone number.", "address")
    if call.facts.address_taken is not None and not asked.shared:
        refuse(
            "address_taken",
            f"Another applicant has this mail address: {call.facts.address_taken}.",
            "Their own address; or say that they share it.",
            "address",
        )
    yield ContactCorrected(name=asked.full_name, address=asked.address, telephone=asked.telephone, why=asked.why)


@chapter.decides(KeptContact)
def try_again(state: Candidate, kept: KeptContact, call: Call) -> Iterator[Event]:
    for task in state.tasks.values():
        if _for_want_of_an_address(task):
            yield TaskResolved(
                task_id=task.id, outcome="retry", why="How to reach them was corrected.", effect=task.effect
            )


def _for_want_of_an_address(task: Task) -> bool:
    """Whether a task is a letter to the candidate alone, which did not reach them."""
    if task.effect is None or task.reason not in UNDELIVERABLE:
        return False
    alone = task.kind == Invite.type and not task.effect["payload"]["people"]
    return alone or task.kind == WriteToCandidate.type


@chapter.evolves(ContactCorrected)
def contact_corrected(state: Candidate, event: ContactCorrected, record: Record) -> Candidate:
    return state  # how to reach them is no part of it


@chapter.reacts(ContactCorrected)
def keep_it(state: Candidate, event: ContactCorrected, record: Record) -> Iterator[Effect]:
    yield KeepContact(
        candidate=state.id,
        applicant=state.human,
        name=event.name,
        address=event.address,
        telephone=event.telephone,
    )
