"""Which words of a command are kept as they are, unsealed, and why: said at their type, and read by a test.

Whatever people write in a command is sealed (`domain.core.personal_text`), unless its type says that it need not be.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plain:
    """Marks a type of text that is kept as it is: where it lies, erasure does not reach. `why` it need not."""

    why: str
