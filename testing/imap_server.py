"""An IMAP server in a process of its own, with one mailbox that is empty."""

from __future__ import annotations

import contextlib
import imaplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from pydantic import SecretStr

from settings import ImapServer

_STARTS = "from pymap.main import main; main()"
_STARTS_WITHIN = 30.0
_USER, _PASSWORD = "hiring", "secret"


@contextlib.contextmanager
def imap_server() -> Iterator[ImapServer]:
    """Where it is, and who may read it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    account = ["dict", "--demo-user", _USER, "--demo-password", _PASSWORD]
    command = [sys.executable, "-c", _STARTS, "--no-tls", "--host", "127.0.0.1", "--port", str(port), *account]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield ImapServer(host="127.0.0.1", port=port, security="plain", user=_USER, password=SecretStr(_PASSWORD))
    finally:
        process.terminate()
        process.wait(10)


def put(server: ImapServer, *mails: bytes) -> None:
    """Mails come into the mailbox."""
    with imaplib.IMAP4(server.host, server.port) as box:
        box.login(_USER, _PASSWORD)
        for mail in mails:
            kind, said = box.append("INBOX", "", "", mail)
            assert kind == "OK", said


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _STARTS_WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < deadline, "the IMAP server does not answer"
            time.sleep(0.05)
