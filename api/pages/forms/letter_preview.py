"""A letter is seen before it goes: its form is shown once more with the letter as it will be read, and then sent.

What an offer's letter says of pay and days comes from the form: it is written from the template once those are there,
and anew when they change, unless somebody changed its words. What was seen is remembered as a keyed hash in the form:
anything else that is sent is shown first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.access import With
from api.pages.forms.form_context import Subject
from api.pages.forms.form_schema import Typed, typed_in
from api.pages.forms.letter_fields import common_fields, language_of, stage_reached
from api.pages.layout.session import PageReader
from api.pages.layout.templating import money
from api.visibility import seen_candidate
from domain.candidate.exits import TellOutcome
from domain.candidate.letters import SendLetter
from domain.core.messages import Command
from domain.core.money import Pay
from domain.notifications.letter_templates import ANSWER_LINK, LetterKind, LetterText, TemplateName, filled
from domain.requisition.offers import MakeOffer, needs_no_approval
from domain.time.zones import on_clock_of, time_in_words
from store.views import RequisitionView

SEEN, MADE, ANEW, LANGUAGE = "_seen", "_made", "_letter", "_language"
"""Inputs of a form beside its command's: what was seen, the letter as it was written from the template, a wish to have
it written anew in a language, and the one it is in."""

PARTS: Mapping[type[Command], tuple[str, str]] = {
    MakeOffer: ("letter_subject", "letter"),
    TellOutcome: ("letter_subject", "text"),
    SendLetter: ("letter_subject", "text"),
}
"""The commands that send a letter, each with the fields of its subject and its words."""


@dataclass(frozen=True)
class LetterPreview:
    """A letter as it goes, to whom and in whose name, and what to look at in it (`remark`).

    `seen`, `made` and `language` go into the form beside the command's own fields.
    """

    words: LetterText
    to: str
    signed: str
    seen: str
    made: str
    language: str
    remark: str = ""


async def previewed(
    command: Command, typed: Typed, subject: Subject, by: PageReader, at: With
) -> tuple[Typed, LetterPreview | None]:
    """What was typed with its letter, and the letter to be looked at; None where it was seen, or none goes out."""
    if not _sends(command, subject):
        return typed, None
    if isinstance(command, MakeOffer):
        seen = await seen_candidate(command.candidate_id, by.caller, at)
        candidate, applicant = command.candidate_id, seen.applicant
    else:
        assert subject.seen is not None, "a letter is to a candidate"
        candidate, applicant = subject.id, subject.seen.applicant
    fields, made, remark = PARTS[type(command)], typed_in(typed, MADE), ""
    language = await language_of(typed_in(typed, ANEW) or typed_in(typed, LANGUAGE), at)
    if isinstance(command, (MakeOffer, TellOutcome)) and _is_written(command, typed, fields, at):
        written = await _written(command, candidate, subject, language, by, at)
        typed = {**typed, fields[0]: [written.subject], fields[1]: [written.text]}
        made = _hash(at, written)
        command = command.but(**dict(zip(fields, written, strict=True)))
    elif isinstance(command, MakeOffer) and typed_in(typed, SEEN) not in ("", _digest(at, command)):
        remark = "You changed this letter by hand: look whether it still says what the form says."
    digest = _digest(at, command)
    if typed_in(typed, SEEN) == digest:
        return typed, None
    contact = await at.applicants.contact(candidate, applicant)
    words = LetterText(*(_plain(getattr(command, field) or "") for field in fields))
    if contact and not contact.email:
        remark = f"{contact.name} has no mail address here: the letter becomes your task, to be told on the telephone."
    to = f"{contact.name} <{contact.email}>" if contact and contact.email else contact.name if contact else ""
    shown = LetterText(words.subject, filled(words.text, {ANSWER_LINK: "(here stands their own link, to answer by)"}))
    return typed, LetterPreview(shown, to, by.person.name, digest, made, language, remark)


def _sends(command: Command, subject: Subject) -> bool:
    """Whether a letter goes out by this command."""
    if isinstance(command, TellOutcome):
        return command.channel == "mail"
    if isinstance(command, MakeOffer):
        view = subject.view
        assert isinstance(view, RequisitionView)
        pay = Pay(amount=command.amount, currency=command.currency, period=command.period)
        return view.band is None or needs_no_approval(view.band, view.ceilings.get(command.candidate_id), pay)
    return isinstance(command, SendLetter)


def _is_written(command: Command, typed: Typed, fields: Sequence[str], at: With) -> bool:
    """Whether the letter is to be written from its template: it is wanted so, there is none, or nobody changed it."""
    words = LetterText(*(_plain(typed_in(typed, field)) for field in fields))
    if typed_in(typed, ANEW):
        return True
    if isinstance(command, TellOutcome):
        return False
    return not words.text.strip() or typed_in(typed, MADE) == _hash(at, words)


async def _written(
    command: MakeOffer | TellOutcome, candidate: str, subject: Subject, language: str, by: PageReader, at: With
) -> LetterText:
    """The letter as its template has it, with what the form says."""
    values = await common_fields(candidate, by, at)
    if isinstance(command, TellOutcome):
        name = TemplateName(LetterKind.REJECTION, stage_reached(subject.candidate), language)
    else:
        name = TemplateName(LetterKind.OFFER, "", language)
        view = subject.view
        assert isinstance(view, RequisitionView)
        pay = Pay(amount=command.amount, currency=command.currency, period=command.period)
        conditions = command.conditions if isinstance(command.conditions, str) else ""
        values |= {
            "pay": money(pay),
            "place": command.place or view.place,
            "start_on": f"{command.start_on:%-d %B %Y}" if language == "en" else f"{command.start_on:%-d.%-m.%Y}",
            "answer_by": on_clock_of(by.zone, time_in_words(command.answer_by)),
            "conditions": f"\n{conditions}\n" if conditions else "",
        }
    template = await at.letter_templates.in_use(name)
    return LetterText(filled(template.subject, values), _plain(filled(template.text, values)))


def _digest(at: With, command: Command) -> str:
    said: dict[str, Any] = {
        name: _plain(value) if isinstance(value, str) else value
        for name, value in command.model_dump(mode="json").items()
    }
    return at.matcher.match(f"letter seen\n{sorted(said.items())}")[:32]


def _hash(at: With, words: LetterText) -> str:
    return at.matcher.match(f"letter made\n{_plain(words.subject)}\n{_plain(words.text)}")[:32]


def _plain(words: Any) -> str:
    """Words as they were before a browser sent them."""
    return str(words).replace("\r\n", "\n").strip()
