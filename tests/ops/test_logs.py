"""What reaches the log at its most talkative."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from ops import logs

SECRET = "quillwhisper"


LIBRARIES = ("openai._base_client", "httpcore.http11", "aiosmtplib", "temporalio.worker", "asyncpg")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in logs.OWN:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_libraries_send_and_get_is_not_logged_at_debug(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("api", "debug")
    logging.getLogger(library).debug("Request options: %s", {"messages": SECRET})
    logging.getLogger("api").debug("our own")
    written = capsys.readouterr().err
    assert SECRET not in written
    assert "our own" in written
