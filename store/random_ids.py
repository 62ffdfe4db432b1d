"""Ids that chance gives: nobody can guess one, and none tells when or for whom it was made."""

from __future__ import annotations

import base64
import secrets


def random_id(prefix: str, size: int = 10) -> str:
    """`prefix`, a hyphen, and `size` random bytes in base32: `P-…`. A multiple of five needs no padding."""
    return f"{prefix}-{base64.b32encode(secrets.token_bytes(size)).decode()}"
