"""`python -m api`: serves the API."""

import uvicorn

import settings
from api.app import create_app
from ops import logs

if __name__ == "__main__":
    configured = settings.load()
    logs.configure("api", configured.log_level)
    uvicorn.run(create_app(configured), host=configured.listen, port=configured.api_port, log_config=None)
