"""Logs: one JSON object a line, with ids and never anything personal."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

OWN = ("api", "worker", "language", "mail", "metrics", "policy", "revive")
"""Our own loggers, which alone may speak at debug."""

IDS = ("temporal_workflow", "temporal_activity")
"""What Temporal's own log records carry beside the message."""


def configure(process: str, level: str) -> None:
    """Sends structlog's and the standard library's log lines of this process to standard error as JSON.

    `level` is `debug`, `info`, `warning` or `error`. An exception is named by type and place; its text may quote what
    somebody wrote, so it stays out.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(allow=(*IDS, "command", "code", "stream", "effect")),
        _place_of_exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # What libraries say at debug is what they send and get: requests to the model, letters, rows.
    root.setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level.upper()]))
    for name in OWN:
        logging.getLogger(name).setLevel(level.upper())
    logging.getLogger("uvicorn.access").handlers[:] = []
    logging.getLogger("uvicorn.access").propagate = False
    logging.getLogger("httpx").setLevel("WARNING")  # it says every request, with its address
    structlog.contextvars.bind_contextvars(process=process)


def _place_of_exception(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    info = line.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        line["error"] = type(error).__name__
        if frame is not None:
            line["at"] = f"{frame.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{frame.tb_lineno}"
    return line
