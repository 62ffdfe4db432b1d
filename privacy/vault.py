"""The master key in the care of Vault or OpenBao (transit): `vault:https://host:8200/transit/name-of-the-key`.

The token is read anew for each call, from the settings' file or VAULT_TOKEN, and never said. VAULT_CACERT and
VAULT_NAMESPACE mean what they mean to Vault's own programs.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hvac
import requests
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest, Unauthorized, VaultDown, VaultError

from privacy.custodians import PATIENCE, Refuses


class Vault:
    """One key there, which wraps 32 bytes, once for each rotation; with that it is exchanged itself."""

    elsewhere = True

    def __init__(self, address: str, token_file: Path | None) -> None:
        parts = urlsplit(address)
        self.mount, _, self.key = parts.path.strip("/").rpartition("/")
        self._url, self._token_file = f"{parts.scheme}://{parts.netloc}", token_file
        self.name, self.id = f"vault:{address}", f"vault:{self.mount}/{self.key}"

    def close(self, secret: bytes) -> str:
        """See Custodian."""
        with _Asking(self) as (transit, key):
            transit.read_key(**key)  # encrypting with a name that nobody has would make a key of that name
            sealed = transit.encrypt_data(plaintext=base64.b64encode(secret).decode(), **key)
        return str(sealed["data"]["ciphertext"])

    def open(self, line: str) -> bytes:
        """See Custodian."""
        with _Asking(self) as (transit, key):
            opened = transit.decrypt_data(ciphertext=line, **key)
        return base64.b64decode(opened["data"]["plaintext"])

    def renew(self) -> None:
        """See Custodian. What was wrapped by an older version is opened until the key's owner says no longer."""
        with _Asking(self) as (transit, key):
            transit.read_key(**key)
            transit.rotate_key(**key)

    def _token(self) -> str:
        try:
            found = self._token_file.read_text() if self._token_file else os.environ.get("VAULT_TOKEN", "")
        except OSError as refused:
            raise Refuses(f"the file with the token cannot be read ({refused.strerror})") from None
        if not found.strip():
            raise Refuses("there is no token for it (VAULT_TOKEN, or TANDEM_VAULT_TOKEN_FILE)")
        return found.strip()

    def client(self) -> hvac.Client:
        """What speaks with it; it is to be closed. Raises Refuses."""
        namespace = os.environ.get("VAULT_NAMESPACE")
        # The token would travel along to wherever an answer leads.
        return hvac.Client(self._url, self._token(), timeout=PATIENCE, namespace=namespace, allow_redirects=False)


class _Asking:
    """Says in half a sentence what Vault did not do."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def __enter__(self) -> tuple[Any, dict[str, str]]:
        self._client = self._vault.client()
        return self._client.secrets.transit, {"name": self._vault.key, "mount_point": self._vault.mount}

    def __exit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        self._client.adapter.close()
        for kinds, said in _SAID:
            if isinstance(error, kinds):
                raise Refuses(said.format(type(error).__name__)) from None


_SAID: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    ((Forbidden, Unauthorized), "its token may not, or is valid no longer"),
    (InvalidPath, "there is no such key"),
    (InvalidRequest, "there is no such key, or it is another than the one that this was wrapped under"),
    (VaultDown, "Vault is sealed"),
    ((VaultError, requests.RequestException, OSError), "Vault does not answer ({})"),
    ((KeyError, TypeError, ValueError), "what answers is not Vault's transit engine"),
)
