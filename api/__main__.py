"""`python -m api`: serves the API."""

import asyncio
import sys

import uvicorn
from prometheus_client import start_http_server

import settings
import wiring
from api.app import create_app
from api.metrics_middleware import FIGURES
from api.timely_headers import TimelyHeaders
from ops import logs
from privacy.keys import KeysUnreachable, WrongKeys
from store.policy_file import BadPolicy

if __name__ == "__main__":
    configured = settings.load()
    logs.configure("api", configured.log_level)
    try:
        app = create_app(configured)
        asyncio.run(wiring.keys_fit(configured))
    except (BadPolicy, WrongKeys, KeysUnreachable) as bad:
        sys.exit(str(bad))
    # On a port and an address of their own: who may use the API need not know how it fares.
    start_http_server(configured.api_metrics_port, configured.metrics_listen, FIGURES)
    uvicorn.run(
        app,
        host=configured.listen,
        port=configured.api_port,
        http=TimelyHeaders,
        log_config=None,
        proxy_headers=False,
        server_header=False,
    )
