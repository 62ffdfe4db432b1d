"""`python -m api`: serves the API."""

import sys

import uvicorn

import settings
from api.app import create_app
from ops import logs
from store.policy_file import BadPolicy

if __name__ == "__main__":
    configured = settings.load()
    logs.configure("api", configured.log_level)
    try:
        app = create_app(configured)
    except BadPolicy as bad:
        sys.exit(str(bad))
    uvicorn.run(app, host=configured.listen, port=configured.api_port, log_config=None)
