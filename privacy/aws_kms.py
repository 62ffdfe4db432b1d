"""The master key in the care of AWS KMS: `awskms:` and a key's ARN, id or alias (`alias/tandem`).

Who asks, and in which region, boto3 finds out by itself: its environment variables, profiles and roles, and the ARN.
"""

from __future__ import annotations

import base64
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from privacy.custodians import PATIENCE, Refuses

_CONTEXT = {"purpose": "tandem master key"}
"""Authenticated with it, and named in CloudTrail and key policies."""

_SAID = {
    "NotFoundException": "there is no such key",
    "DisabledException": "it is disabled",
    "KMSInvalidStateException": "it is disabled, or on its way to be deleted",
    "AccessDeniedException": "these credentials may not use it",
    "UnrecognizedClientException": "these credentials are not valid",
    "InvalidSignatureException": "these credentials are not valid",
    "ExpiredTokenException": "these credentials have expired",
    "IncorrectKeyException": "it is another key than the one that this was wrapped under",
    "InvalidCiphertextException": "it is another key than the one that this was wrapped under, or that was changed",
    "InvalidKeyUsageException": "it is not a symmetric key for encrypting",
}


class AwsKms:
    """One key there. What it wraps is 32 bytes, once for each rotation."""

    elsewhere = True

    def __init__(self, key: str) -> None:
        self.name = self.id = f"awskms:{key}"
        self._key = key

    def close(self, secret: bytes) -> str:
        """See Custodian."""
        sealed = self._asked("encrypt", Plaintext=secret)["CiphertextBlob"]
        return base64.b64encode(sealed).decode()

    def open(self, line: str) -> bytes:
        """See Custodian."""
        try:
            sealed = base64.b64decode(line, validate=True)
        except ValueError:
            raise Refuses("what lies beside the keys is damaged") from None
        secret: bytes = self._asked("decrypt", CiphertextBlob=sealed)["Plaintext"]
        return secret

    def renew(self) -> None:
        """See Custodian. KMS rotates its key itself, and opens what it wrapped before."""

    @cached_property
    def _client(self) -> Any:
        connecting, answering = PATIENCE
        parts = self._key.split(":")
        return boto3.client(
            "kms",
            region_name=parts[3] if self._key.startswith("arn:") and len(parts) > 3 else None,
            config=Config(connect_timeout=connecting, read_timeout=answering, retries={"total_max_attempts": 1}),
        )

    def _asked(self, what: str, **of: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, what)(KeyId=self._key, EncryptionContext=_CONTEXT, **of)
        except ClientError as refused:
            code = str(refused.response.get("Error", {}).get("Code", ""))
            raise Refuses(_SAID.get(code, f"AWS KMS does not do it ({code})")) from None
        except NoRegionError:
            raise Refuses("no region is set (AWS_REGION, or the key's whole ARN)") from None
        except NoCredentialsError:
            raise Refuses("no credentials for AWS are found") from None
        except BotoCoreError as away:
            raise Refuses(f"AWS KMS does not answer ({type(away).__name__})") from None
        return answer
