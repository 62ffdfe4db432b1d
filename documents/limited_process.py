"""Reads documents in processes of their own, one for each, within limits; nothing that is in one reaches this process.

The first document starts a process that forks the others (`reader_process`). As many are read at once as there are
cores; the others wait. What comes back is checked as any input is: it may have been written by the document.
"""

import asyncio
import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from pydantic import BaseModel, ValidationError

from documents.decoding import Unreadable, shown
from documents.document_reader import LARGEST_FILE_BYTES, PICTURE_STARTS, TEXT_OF, ReadAs, Reading
from documents.reader_process import READY, SECONDS

_START_SECONDS = 60.0
_GRACE_SECONDS = 5.0
_MOST_TEXT_BYTES = 48 * 1024**2
_MOST_PICTURE_BYTES = 2 * 1024**2
_MOST_PICTURES = 50
_LONGEST_SENTENCE = 500


class _Answer(BaseModel):
    """What a child says of a document."""

    unreadable: str | None = None
    text: str = ""
    media_type: str = "application/octet-stream"
    pages: list[int] = []


class _Reader:
    """The process that forks a child for each document; started anew if it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self) -> socket.socket:
        """Return a socket on which a new child listens."""
        ours, theirs = socket.socketpair()
        try:
            with theirs, self._lock:
                if not self._forked(theirs):
                    self._end()
                    if not self._forked(theirs):
                        raise RuntimeError("the process that reads documents is gone")
        except BaseException:
            ours.close()
            raise
        return ours

    def close(self) -> None:
        """End the process, and with it whoever still reads."""
        with self._lock:
            self._end()

    def _forked(self, theirs: socket.socket) -> bool:
        """Whether a child has this socket now; if not, who should have forked it is gone."""
        control = self._running()
        try:
            socket.send_fds(control, [b"?"], [theirs.fileno()])
            return control.recv(1) == READY
        except OSError:
            return False

    def _running(self) -> socket.socket:
        if self._control is not None:
            return self._control
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # nosec B603  # this Python, and a module of ours
                [sys.executable, "-P", "-m", "documents.reader_process", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                cwd=tempfile.gettempdir(),
                # Nothing else of ours: settings name keys and passwords.
                env={
                    "PATH": os.environ.get("PATH", os.defpath),
                    "LANG": "C.UTF-8",
                    "PYTHONPATH": os.pathsep.join(os.path.abspath(folder) for folder in sys.path),
                },
                start_new_session=True,
            )
        self._control = ours
        ours.settimeout(_START_SECONDS)
        if ours.recv(1) != READY:
            self._end()
            raise RuntimeError("the process that reads documents did not start")
        return ours

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


_reader = _Reader()
_turns = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="reading")
atexit.register(_reader.close)


async def read(kind: ReadAs, data: bytes, name: str, participants: Sequence[str] = ()) -> Reading:
    """Read an upload elsewhere; raises Unreadable with a sentence for what cannot be read within the limits."""
    file = shown(name)
    if len(data) > LARGEST_FILE_BYTES:
        raise Unreadable(f"{file} is larger than {LARGEST_FILE_BYTES // 1024**2} MB. Upload the text alone.")
    return await asyncio.get_running_loop().run_in_executor(_turns, _read, kind, data, name, tuple(participants))


def _read(kind: ReadAs, data: bytes, name: str, participants: tuple[str, ...]) -> Reading:
    file = shown(name)
    with _reader.ask() as child, child.makefile("rb") as incoming:
        child.settimeout(SECONDS + _GRACE_SECONDS)
        question = {"kind": kind, "name": name, "participants": participants, "bytes": len(data)}
        try:
            child.sendall(json.dumps(question).encode() + b"\n")
            child.sendall(data)
            return _heard(kind, incoming, file)
        except (OSError, EOFError, ValidationError):
            raise Unreadable(
                f"{file} cannot be read: it is damaged, or takes more than {SECONDS} seconds or 1 GB of memory."
                " Save it again as PDF, or upload the text alone."
            ) from None


def _heard(kind: ReadAs, incoming: BinaryIO, file: str) -> Reading:
    line = incoming.readline(_MOST_TEXT_BYTES)
    if not line.endswith(b"\n"):
        raise EOFError
    answer = _Answer.model_validate_json(line)
    if answer.unreadable is not None:
        raise Unreadable(answer.unreadable[:_LONGEST_SENTENCE])
    if len(answer.pages) > _MOST_PICTURES or any(not 0 <= size <= _MOST_PICTURE_BYTES for size in answer.pages):
        raise EOFError
    pages = tuple(incoming.read(size) for size in answer.pages)
    if any(len(page) != size for page, size in zip(pages, answer.pages, strict=True)):
        raise EOFError
    if not all(page.startswith(PICTURE_STARTS) for page in pages):
        raise EOFError
    return Reading(TEXT_OF[kind].model_validate_json(answer.text), answer.media_type, pages)
