"""Documents as the deciders see them: an id and a hash, never their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationInfo, model_validator

from domain.core.ids import DocumentId
from domain.core.messages import Value
from domain.core.names import WRITTEN
from domain.core.personal_text import PersonalText, ShortReason
from domain.core.plain_words import Plain

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$"), Plain("a hash")]


TOLD_OF_AN_UPLOAD = frozenset({"state", "questions", "speakers", "tool", "left_out"})
"""What an upload is answered besides the document itself."""


class Doc(Value):
    """An uploaded document: its id in the store and the hash of its normalised text.

    In a command an upload's whole answer may stand in its place; what else that tells is passed over.
    """

    id: DocumentId
    sha256: Sha256

    @model_validator(mode="before")
    @classmethod
    def _as_answered(cls, given: Any, info: ValidationInfo) -> Any:
        if info.context != WRITTEN or not isinstance(given, dict):
            return given
        return {name: value for name, value in given.items() if name not in TOLD_OF_AN_UPLOAD}


class Recording(Value):
    """What is left of a call: a transcript, a recording to be transcribed, or signed notes and why there is neither.

    Notes give observations, never quotes. `consent` names everybody in the call who agreed to be recorded.
    """

    kind: Literal["transcript", "notes", "recording"] = Field(
        title="It is", description="Notes give observations, never quotes. A recording is transcribed first."
    )
    doc: Doc = Field(title="The record")
    consent_of_all: bool = Field(default=False, title="Everybody in the call agreed to be recorded")
    why_unrecorded: ShortReason | None = Field(default=None, title="If there are only notes: why it was not recorded")


Untranscribed = Literal[
    "no_endpoint",
    "unavailable",
    "not_accepted",
    "budget_spent",
    "no_speech",
    "unreadable",
    "too_long",
    "lost",
    "not_allowed",
]
"""Why no transcript came of a recording."""

WHY_UNTRANSCRIBED: Mapping[str, str] = {
    "no_endpoint": "no model that transcribes recordings is set up",
    "unavailable": "the server of the model that transcribes could not be used in time",
    "not_accepted": "the server of the model that transcribes did not accept it, or answered what cannot be read",
    "budget_spent": "the budget for language models is spent",
    "no_speech": "no speech was found in it",
    "unreadable": "it is damaged, or takes too long to read",
    "too_long": "it is longer than a recording may be",
    "lost": "the file is no longer there",
    "not_allowed": "the candidate asked that no machine reads what they say, or not to be recorded",
}
"""The same in words, to follow “it could not be transcribed: ”."""


class Quote(Value):
    """Words in a document, as characters `start` to `end` (half open) of its normalised text.

    The API aligns `words` with the source before the command travels; they are kept sealed.
    """

    document: DocumentId = Field(title="Where they stand")
    start: int = Field(default=0, ge=0)
    end: int = Field(default=0, ge=0)
    words: PersonalText = Field(title="Their words")


LookedFor = Annotated[
    int | None,
    Field(
        ge=0,
        le=7 * 24 * 3600,
        title="How long you looked at it, in seconds",
        description="Counted while the page is in sight, for the draft's record; nothing where nobody counts.",
    ),
]


class Evidence(Value):
    """What a judgement rests on: a quote's place in a transcript, or something a named person observed."""

    quote: Quote | None = Field(default=None, title="In their words")
    observation: PersonalText | None = Field(default=None, title="What you saw or heard")

    @property
    def empty(self) -> bool:
        """Whether nothing was given at all."""
        return self.quote is None and self.observation is None
