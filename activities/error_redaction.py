"""What leaves an activity when it fails: a type and a code, never words or addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError


@contextmanager
def scrubbed() -> Iterator[None]:
    """Whatever is raised inside leaves by the name of its type alone; an ApplicationError was worded with care.

    The text of an error may quote what it was about, and Temporal keeps it in a history that cannot be erased.
    """
    try:
        yield
    except ApplicationError:
        raise
    except Exception as failure:
        name = type(failure).__name__
        raise ApplicationError(name, type=name) from None
