"""Tandem without its protection, to be measured beside the real one: `python -m bench.unprotected api|worker`.

Words lie in the clear, commands are not signed, everybody may read everything, and nobody records who did. What stays
is what stands in for either: bodies, the journal and the read model are as long and as many.
"""

from __future__ import annotations

import hashlib
import runpy
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from domain.access import permissions
from domain.registry import visibility
from privacy.sealing import Sealer, Tombstone
from store import audit
from workflows.command_signatures import Sent, Signature, SigningKeys

_UNUSED = bytes(28)
"""As many bytes as a nonce and a tag."""


def _seal(self: Sealer, key_id: str, content: bytes, context: str) -> bytes:
    return _UNUSED + content


def _open(self: Sealer, key_id: str, sealed: bytes, context: str) -> bytes | Tombstone:
    return sealed[len(_UNUSED) :]


def _as_parts(self: Sealer, key_id: str, content: Iterable[bytes], context: str) -> Iterator[bytes]:
    return iter(content)


def _fingerprint(self: Sealer, key_id: str, content: bytes, purpose: str) -> str:
    return hashlib.sha256(content).hexdigest()


def _sign(self: SigningKeys, sent: Sent, at: datetime) -> Signature:
    return Signature(key="0" * 16, at=at, mac="0" * 64)


def _nothing(*_: Any, **__: Any) -> None:
    """Nothing is checked, and nothing is recorded."""


async def _recorded(*_: Any, **__: Any) -> None:
    """Nothing is recorded."""


def _whole(value: Any, *_: Any, **__: Any) -> Any:
    return value


def _may(self: permissions.Sight, permission: permissions.Permission) -> bool:
    return True


def unprotect() -> None:
    """Takes the protection out of this process, before anything of the API or the worker is imported."""
    for owner, name, instead in (
        (Sealer, "seal_bytes", _seal),
        (Sealer, "open_bytes", _open),
        (Sealer, "seal_parts", _as_parts),
        (Sealer, "open_parts", _as_parts),
        (Sealer, "fingerprint", _fingerprint),
        (SigningKeys, "sign", _sign),
        (SigningKeys, "check", _nothing),
        (permissions.Sight, "may", _may),
        (visibility, "narrowed", _whole),
        (visibility, "visible", _whole),
        (audit, "append", _recorded),
        (audit.Audit, "note", _nothing),
        (audit.Audit, "record", _recorded),
    ):
        setattr(owner, name, instead)


if __name__ == "__main__":
    unprotect()
    room = sys.argv.pop(1)
    runpy.run_module({"api": "api", "worker": "worker", "migrate": "ops.before_start"}[room], run_name="__main__")
