"""The services in whose care a master key may be: a row for each. Their libraries are loaded by whoever names one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from privacy.custodians import AsItIs, Custodian
from privacy.master_key import InFile, MasterKeys, Place, Source


def _aws_kms(named: str, _token_file: Path | None) -> Custodian:
    from privacy.aws_kms import AwsKms

    return AwsKms(named)


def _vault(named: str, token_file: Path | None) -> Custodian:
    from privacy.vault import Vault

    return Vault(named, token_file)


SERVICES: Mapping[str, Callable[[str, Path | None], Custodian]] = {"awskms": _aws_kms, "vault": _vault}
"""By what stands before the colon: made of what follows it, and of the file with the token, where one is needed."""


def masters_named(
    names: Sequence[str], token_file: Path | None, remembered: float, beside: Callable[[str], Place]
) -> MasterKeys:
    """The master keys where the settings say: a file, or a row of `SERVICES`; where they are now, and were before.

    What a service opened is kept for `remembered` seconds; what it wraps lies where `beside` says, by its id.
    """

    def source(named: str) -> Source:
        kind, _, of = named.partition(":")
        if kind not in SERVICES:
            return Source(InFile(Path(named)), AsItIs(Path(named)))
        custodian = SERVICES[kind](of, token_file)
        return Source(beside(custodian.id), custodian, remembered)

    return MasterKeys(*map(source, names))
