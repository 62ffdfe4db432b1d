"""Files that are there whole or not at all, for their owner alone, and that a power cut does not take back."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def write_once(path: Path, content: bytes) -> None:
    """Writes the file unless it is there already. Raises OSError."""
    unfinished = _unfinished(path, [content])
    try:
        # A link appears whole or not at all, and only one of two makers can have the name.
        os.link(unfinished, path)
    except FileExistsError:
        pass
    finally:
        unfinished.unlink(missing_ok=True)
    sync(path.parent)


def replace(path: Path, content: bytes) -> None:
    """Writes the file in place of the one that is there. Raises OSError."""
    write_parts(path, [content])


def write_parts(path: Path, parts: Iterable[bytes]) -> None:
    """The same for what comes in parts, which may be long. Raises OSError, and what `parts` raise."""
    unfinished = _unfinished(path, parts)
    try:
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Makes names that came or went last. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unfinished(path: Path, parts: Iterable[bytes]) -> Path:
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return unfinished
