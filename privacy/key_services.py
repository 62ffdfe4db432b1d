"""The services in whose care a master key may be: a row for each. Their libraries are loaded by whoever names one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from privacy.custodians import Custodian


def _aws_kms(named: str, _token_file: Path | None) -> Custodian:
    from privacy.aws_kms import AwsKms

    return AwsKms(named)


def _vault(named: str, token_file: Path | None) -> Custodian:
    from privacy.vault import Vault

    return Vault(named, token_file)


SERVICES: Mapping[str, Callable[[str, Path | None], Custodian]] = {"awskms": _aws_kms, "vault": _vault}
"""By what stands before the colon: made of what follows it, and of the file with the token, where one is needed."""
