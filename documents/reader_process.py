"""`python -m documents.reader_process FD`: forks a child for each document, which reads it within limits and ends.

This process has every reader's library loaded, nothing of what the API knows, and where the system lets it no network;
it never looks into a document itself. A request is a socket sent through FD; the child answers on it in JSON, followed
by pictures of the pages. Whoever asks takes no more on trust than that.
"""

import ctypes
import gc
import importlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple, NoReturn

from documents.decoding import Unreadable
from documents.document_reader import read_document

SECONDS = 20
MEMORY_BYTES = 1024**3
FILE_BYTES = 16 * 1024**2
OPEN_FILES = 64
READY = b"+"

_LOOK_EVERY = 0.2
_NEW_USERS, _NEW_NETWORK, _NO_NEW_PRIVILEGES = 0x10000000, 0x40000000, 38
_CAPABILITIES_VERSION = 0x20080522


class _Child(NamedTuple):
    until: float
    folder: str


def serve(control: socket.socket) -> None:
    """Fork a child for each socket that comes, until whoever sends them is gone."""
    _load()
    _cut_off()
    gc.freeze()
    children: dict[int, _Child] = {}
    control.sendall(READY)
    while True:
        readable, _, _ = select.select([control], [], [], _LOOK_EVERY if children else None)
        if readable:
            _, sockets, _, _ = socket.recv_fds(control, 1, 1)
            if not sockets:
                break
            folder = tempfile.mkdtemp(prefix="tandem-reading-")
            pid = os.fork()
            if pid == 0:
                control.close()
                _child(socket.socket(fileno=sockets[0]), folder)
            os.close(sockets[0])
            children[pid] = _Child(time.monotonic() + SECONDS, folder)
            control.sendall(READY)
        _look_after(children)
    for pid, child in children.items():
        _kill(pid)
        shutil.rmtree(child.folder, ignore_errors=True)


def _look_after(children: dict[int, _Child]) -> None:
    """Kill who takes too long, with whatever they started; take away what is left of who ended."""
    for pid, child in list(children.items()):
        if time.monotonic() > child.until:
            _kill(pid)
        if os.waitpid(pid, os.WNOHANG)[0]:
            _kill(pid)
            shutil.rmtree(child.folder, ignore_errors=True)
            del children[pid]


def _kill(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _child(asked: socket.socket, folder: str) -> NoReturn:
    try:
        os.setsid()
        os.chdir(folder)
        os.environ["TMPDIR"] = folder
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        _limit()
        _answer(asked)
    finally:
        # Whatever happened: nothing of the parent's is tidied up twice.
        os._exit(0)


def _limit() -> None:
    size = Path("/proc/self/statm")
    used = int(size.read_text().split()[0]) * resource.getpagesize() if size.exists() else 0
    limits = {
        resource.RLIMIT_AS: used + MEMORY_BYTES,
        resource.RLIMIT_CPU: SECONDS,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in limits.items():
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def _answer(asked: socket.socket) -> None:
    with asked, asked.makefile("rb") as incoming, asked.makefile("wb") as outgoing:
        question = json.loads(incoming.readline())
        data = incoming.read(question["bytes"])
        pages: tuple[bytes, ...] = ()
        try:
            read = read_document(question["kind"], data, question["name"], question["participants"])
            pages = read.pages
            said = {
                "text": read.text.model_dump_json(),
                "media_type": read.media_type,
                "pages": [len(page) for page in pages],
            }
        except Unreadable as unreadable:
            said = {"unreadable": unreadable.sentence}
        outgoing.write(json.dumps(said).encode() + b"\n")
        for page in pages:
            outgoing.write(page)


def _load() -> None:
    """Load what the readers load when they are first used."""
    from PIL import Image

    for module in ("html_pages", "open_document", "pdf", "pictures", "rich_text", "word"):
        importlib.import_module(f"documents.{module}")
    Image.init()


def _cut_off() -> None:
    """Leave the network, where the system lets everybody do so, and give up whatever leaving it gave."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare"):
        return
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_USERS | _NEW_NETWORK) != 0:
        return
    for file, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", file).write_text(line)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    libc.capset(header, (ctypes.c_uint32 * 6)())


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as control:
        serve(control)
