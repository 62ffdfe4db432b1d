"""What may be done: of each command whether it would be taken now, and what is missing where it would not."""

from __future__ import annotations

from domain.core.messages import Rejection, Value


class Missing(Value):
    """Why a command would be refused now, whatever it says: the refusal's code, a sentence, and what would help."""

    code: str
    sentence: str
    accepted: str

    @classmethod
    def of(cls, refusal: Rejection) -> Missing:
        """What a guard said."""
        return cls(code=refusal.code, sentence=refusal.sentence, accepted=refusal.accepted)


class Option(Value):
    """One of the things a command may be about: `candidate` whom it concerns, where it is one of several.

    `next` says that it is the next thing to do.
    """

    id: str
    missing: Missing | None = None
    candidate: str | None = None
    next: bool = False


class Availability(Value):
    """Whether somebody's command would be taken now: nothing of a state's own is `missing` then.

    What it says may still be refused. Where it is about one of several things, `field` is the field that names them
    and `options` are those there are; then nothing is missing as long as one of them would be taken. `next` says that
    it is the next thing to do here, not only possible.
    """

    command: str
    heading: str
    missing: Missing | None = None
    field: str | None = None
    options: tuple[Option, ...] = ()
    next: bool = False

    @property
    def open(self) -> bool:
        """Whether it would be taken now."""
        return self.missing is None

    @property
    def theirs(self) -> bool:
        """Whether it is theirs to give here at all, now or at another time."""
        return self.missing is None or self.missing.code != "not_permitted"

    @property
    def choices(self) -> tuple[str, ...]:
        """The ids of the options that would be taken now."""
        return tuple(option.id for option in self.options if option.missing is None)
