"""Letters as Tandem comes with them: one text file for each kind, stage and language, its subject on the first line."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from domain.notifications.letter_templates import LetterText, TemplateName

_SHIPPED = Path(__file__).parent / "letters"


@lru_cache(maxsize=64)
def shipped(name: TemplateName) -> LetterText:
    """The letter as Tandem comes with it."""
    file = _SHIPPED / name.language / f"{'_'.join(filter(None, (name.kind.value, name.stage)))}.txt"
    head, _, body = file.read_text(encoding="utf-8").partition("\n")
    return LetterText(head.removeprefix("Subject: "), body.strip() + "\n")
