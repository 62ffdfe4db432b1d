"""In whose care a master key is; `privacy/key_services.py` has a row for each kind that is no file.

A service never gives away what it wraps with. It is asked once for each master key that a process begins to work with,
and again before that is forgotten: what it wraps is the master key alone, and that wraps everybody's.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Protocol

PATIENCE = (2.0, 3.0)
"""Seconds for connecting to a service, and for its answer. It is asked once; whoever needs it asks again."""


class Refuses(Exception):
    """A custodian does not do what it was asked; the text is half a sentence, with nothing secret in it."""


class Custodian(Protocol):
    """Turns a master key into a line to be kept, and back. Every call may wait for another machine."""

    name: str
    """Where the master key lies, for whoever runs the installation."""

    id: str
    """What its lines are found by; it stays when the service answers elsewhere."""

    elsewhere: bool
    """Whether that is a service, and the line lies beside the keys."""

    def close(self, secret: bytes) -> str:
        """The master key as a word. Raises Refuses."""

    def open(self, line: str) -> bytes:
        """The master key again. Raises Refuses."""

    def renew(self) -> None:
        """Before a new master key is made: exchanges what it wraps with, where it does so when told. Raises Refuses."""


class AsItIs:
    """A file of its own, which is to lie apart from the keys: the line is the master key, in base64."""

    elsewhere = False

    def __init__(self, path: Path) -> None:
        self.name = self.id = str(path)

    def close(self, secret: bytes) -> str:
        """See Custodian."""
        return base64.b64encode(secret).decode()

    def open(self, line: str) -> bytes:
        """See Custodian."""
        try:
            return base64.b64decode(line, validate=True)
        except ValueError:
            raise Refuses("a line of it is not base64") from None

    def renew(self) -> None:
        """See Custodian."""
