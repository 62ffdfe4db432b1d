"""Servers within a test: an app reached over loopback, which leaves signals to the test's own process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn


class Server(uvicorn.Server):
    """A server that leaves signals to the test's own process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def served(app: Any, **config: Any) -> AsyncIterator[str]:
    """Yield where an ASGI app is reached while the block runs (`127.0.0.1:PORT`); `config` is uvicorn's."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()  # so that nobody is turned away before the server is up
        server = Server(uvicorn.Config(app, log_config=None, lifespan="off", **config))
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            yield f"127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
