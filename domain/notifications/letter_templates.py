"""Letter templates: what is written to candidates by kind, stage and language, with fields in place of what differs.

A field is a name in double braces, `{{candidate}}`. It is put in its place and nothing else is done: a template is text
and never a program. What the company has not written itself is as shipped (`mail/shipped_letters.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

_FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class LetterKind(StrEnum):
    """What a letter is for."""

    RECEIPT = "receipt"
    INVITATION = "invitation"
    REJECTION = "rejection"
    OFFER = "offer"
    UPDATE = "update"
    FREE = "free"


STAGES: Mapping[LetterKind, tuple[str, ...]] = dict.fromkeys(LetterKind, ("",)) | {
    LetterKind.REJECTION: ("application", "screen", "interview")
}
"""The stages of which a kind has letters of their own: how far a candidate had come. `""`: it has one for all."""

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "German"}

ANSWER_LINK = "answer_link"
"""The field in whose place the candidate finds their own link, once the letter is sent; nobody else sees it."""

COMMON: Mapping[str, str] = {
    "candidate": "the candidate's name",
    "requisition": "what the job is called",
    "company": "what the company is called",
    "recruiter": "the recruiter's name",
}
FIELDS: Mapping[LetterKind, Mapping[str, str]] = dict.fromkeys(LetterKind, COMMON) | {
    LetterKind.OFFER: {
        **COMMON,
        "pay": "what is offered",
        "place": "where they would work",
        "start_on": "their first day",
        "answer_by": "until when they may answer",
        "conditions": "what the offer depends on, if anything",
        ANSWER_LINK: "the link by which they answer",
    }
}
"""The fields of each kind, with what each stands for."""


class TemplateName(NamedTuple):
    """Which letter: its kind, the stage it is for, its language."""

    kind: LetterKind
    stage: str
    language: str

    @classmethod
    def read(cls, said: str) -> TemplateName | None:
        """`rejection.screen.en`, `offer..de`; None for what names no letter."""
        kind, _, rest = said.partition(".")
        stage, _, language = rest.partition(".")
        known = kind in set(LetterKind) and language in LANGUAGES and stage in STAGES[LetterKind(kind)]
        return cls(LetterKind(kind), stage, language) if known else None

    def __str__(self) -> str:
        return f"{self.kind}.{self.stage}.{self.language}"


EVERY = tuple(
    TemplateName(kind, stage, language) for kind in LetterKind for stage in STAGES[kind] for language in LANGUAGES
)
"""Every letter there is."""


class LetterText(NamedTuple):
    """A letter's subject and its words, with fields in them or already filled."""

    subject: str
    text: str


def what_is_wrong(kind: LetterKind, letter: LetterText) -> dict[str, str]:
    """What keeps a template from being used, in a sentence, by `subject` or `text`; nothing for one that is sound."""
    wrong: dict[str, str] = {}
    for part, words in letter._asdict().items():
        unknown = next((name for name in _FIELD.findall(words) if name not in FIELDS[kind]), None)
        if unknown is not None:
            listed = ", ".join(f"{{{{{name}}}}}" for name in FIELDS[kind])
            wrong[part] = f"There is no field {{{{{unknown}}}}} in a letter of this kind. There are {listed}."
        elif _FIELD.sub("", words).count("{{") or _FIELD.sub("", words).count("}}"):
            wrong[part] = "A field stands between two braces on each side, as in {{candidate}}."
    if ANSWER_LINK in _FIELD.findall(letter.subject):
        wrong["subject"] = "The link to answer by stands in the letter, not in its subject."
    if kind is LetterKind.OFFER and "text" not in wrong and ANSWER_LINK not in _FIELD.findall(letter.text):
        wrong["text"] = "An offer says where it is answered: put {{answer_link}} in its place."
    return wrong


def filled(words: str, values: Mapping[str, str]) -> str:
    """`words` with the fields that are in `values` put in their place; others stay. Values are never read again."""
    return _FIELD.sub(lambda field: values.get(field[1], field[0]), words)


def has_fields(words: str, apart_from: str = "") -> str | None:
    """The first field that nobody filled in, or None; `apart_from` is one that is filled when it is sent."""
    return next((field[0] for field in _FIELD.finditer(words) if field[1] != apart_from), None)
