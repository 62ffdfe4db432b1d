"""A loopback server that speaks Vault's transit engine as far as Tandem does, and answers what OpenBao 2.7 answers.

`tests/privacy/test_key_services.py` plays the same against a real OpenBao, in the slow tier.
"""

from __future__ import annotations

import base64
import json
import os
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "the-token-of-these-tests"


class TransitServer:
    """Keys by name, each a list of versions."""

    def __init__(self) -> None:
        self.keys: dict[str, list[bytes]] = {}
        self.sealed = False
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, token: str | None, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        self.asked.append(path)
        if self.sealed:
            return 503, {"errors": ["Vault is sealed"]}
        if token != TOKEN:
            return 403, {"errors": ["permission denied"]}
        asked = re.fullmatch(r"/v1/transit/(keys|encrypt|decrypt)/([\w.-]+)(/rotate)?", path)
        if asked is None:
            return 404, {"errors": [f'no handler for route "{path}". route entry not found.']}
        what, name, rotate = asked.groups()
        if what == "encrypt":
            versions = self.keys.setdefault(name, [os.urandom(32)])
        elif name not in self.keys:
            return (404, {"errors": []}) if what == "keys" else (400, {"errors": ["encryption key not found"]})
        versions = self.keys[name]
        if rotate:
            versions.append(os.urandom(32))
        if what == "encrypt":
            nonce = os.urandom(12)
            sealed = nonce + AESGCM(versions[-1]).encrypt(nonce, base64.b64decode(body["plaintext"]), None)
            return 200, {"data": {"ciphertext": f"vault:v{len(versions)}:{base64.b64encode(sealed).decode()}"}}
        if what == "decrypt":
            _, version, text = body["ciphertext"].split(":")
            sealed = base64.b64decode(text)
            try:
                opened = AESGCM(versions[int(version[1:]) - 1]).decrypt(sealed[:12], sealed[12:], None)
            except (InvalidTag, IndexError):
                return 400, {"errors": ["cipher: message authentication failed"]}
            return 200, {"data": {"plaintext": base64.b64encode(opened).decode()}}
        return 200, {"data": {"name": name, "latest_version": len(versions)}}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        vault = self

        class Handler(BaseHTTPRequestHandler):
            def __getattr__(self, name: str) -> Callable[[], None]:
                if name.startswith("do_"):
                    return self._answer
                raise AttributeError(name)

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, said = vault.answer(self.path, self.headers.get("X-Vault-Token"), json.loads(body or "{}"))
                content = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        return Handler
