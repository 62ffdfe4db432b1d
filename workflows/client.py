"""How every process of Tandem speaks to Temporal."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConnectConfig
from temporalio.runtime import Runtime


async def connect(connection: ClientConnectConfig, runtime: Runtime | None = None) -> Client:
    """A client for `settings.temporal_connection`, whose payloads are pydantic models as JSON.

    Raises RuntimeError when the server cannot be reached.
    """
    return await Client.connect(**connection, data_converter=pydantic_data_converter, runtime=runtime)
