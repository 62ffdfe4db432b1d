"""A sign-in provider that issues whatever tokens it is told to, those that no real one would above all."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

Key = RSAKey | ECKey


def new_key(kid: str) -> RSAKey:
    """A key of this name."""
    return RSAKey.generate_key(2048, {"kid": kid})


class BadProvider:
    """On loopback. `published` are the keys it shows, `signing` the one it signs with; `claims` change its id tokens.

    A claim that is None is left out. `told` is what it tells of somebody besides, by itself.
    `answers` is what it answers at a path instead; `asked` counts who was asked what.
    """

    def __init__(self, address: str, client_id: str) -> None:
        self.address, self.client_id = address, client_id
        self.signing: Key = new_key("one")
        self.reset()

    def reset(self) -> None:
        """As honest as any."""
        self.published: list[Key] = [self.signing]
        self.algorithm, self.token = "RS256", ""
        self.claims: dict[str, Any] = {}
        self.told: dict[str, Any] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.asked: list[str] = []

    def id_token(self) -> str:
        """The id token it issues now."""
        now = int(time.time())
        usual = {
            "iss": self.address,
            "aud": self.client_id,
            "sub": "sub-1",
            "iat": now,
            "exp": now + 300,
            "email": "new@example.org",
            "email_verified": True,
            "name": "Nia New",
        }
        claims = {name: value for name, value in (usual | self.claims).items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.signing.kid}
        return jwt.encode(header, claims, self.signing, [self.algorithm])

    def sent_back(self, asked: dict[str, list[str]]) -> str:
        """Where a browser is sent that comes to sign in: back at once, with a code for what it asked."""
        self.claims["nonce"] = asked["nonce"][0]
        return f"{asked['redirect_uri'][0]}?{urlencode({'state': asked['state'][0], 'code': 'c'})}"

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body of what is asked for."""
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        endpoints = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "end_session_endpoint": f"{self.address}/end",
        }
        found = {
            "/.well-known/openid-configuration": endpoints,
            "/keys": {"keys": [key.as_dict(private=False) for key in self.published]},
            "/userinfo": {"sub": "sub-1"} | self.told,
            "/token": {"access_token": "a", "token_type": "Bearer", "id_token": self.token or self.id_token()},
        }.get(path)
        return (200, json.dumps(found).encode()) if found else (404, b"{}")


@contextmanager
def bad_provider(client_id: str) -> Iterator[BadProvider]:
    """Such a provider, for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            self.rfile.read(length)
            path, _, query = self.path.partition("?")
            status, body = provider.answer(path)
            if path == "/authorize":
                status = 303
                self.send_response(status)
                self.send_header("Location", provider.sent_back(parse_qs(query)))
            else:
                self.send_response(status)
            self.send_header("Content-Type", "text/html" if body.startswith(b"<") else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = BadProvider(f"http://127.0.0.1:{server.server_address[1]}", client_id)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
