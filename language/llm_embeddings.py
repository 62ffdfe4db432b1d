"""Embeddings by a model at the user's endpoint, for one draft."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np

from language.embeddings import LONGEST, Vectors, normed
from language.llm import Embedding, ModelBudget
from language.llm_extraction import sent
from privacy.pseudonyms import Pseudonyms


class EndpointEmbeddings:
    """The draft's purse pays, and names are replaced before anything leaves."""

    def __init__(self, endpoint: Embedding, purse: ModelBudget, pseudonyms: Pseudonyms) -> None:
        """To be made in the event loop that the endpoint's client lives in."""
        self._endpoint, self._purse, self._pseudonyms = endpoint, purse, pseudonyms
        self._loop = asyncio.get_running_loop()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embeddings`. Raises ModelFailed."""
        leaving = [sent(self._pseudonyms, text)[:LONGEST] or "-" for text in texts]
        answer = asyncio.run_coroutine_threadsafe(self._endpoint.embed(leaving, self._purse), self._loop)
        return normed(np.array(answer.result(), dtype=np.float32))
