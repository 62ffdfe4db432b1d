"""Whom servers outside are trusted by."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """The authorities that a server's certificate has to come from, as httpx knows them. They are read once: a client
    that reads them by itself spends thirty milliseconds of CPU on that before it asks anything."""
    return httpx.create_ssl_context()
