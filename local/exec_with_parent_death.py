"""Becomes a command that dies with its starter: `python launch.py STARTER SIGNAL USER FOLDER COMMAND …`.

On Linux the kernel sends SIGNAL (a number) when the process STARTER dies, kill -9 included; elsewhere the supervisor
clears what it left behind at its next start. USER ("-" for nobody else) is the account to become first: PostgreSQL
refuses to be root. It keeps no capability and can get none, so that what only root may read stays out of its reach.
FOLDER ("-" for ours) is where it begins, even if that account may not enter the folders above it. Run as a script, so
that it costs one bare interpreter start and nothing afterwards.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

# linux/prctl.h and linux/capability.h
_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION_3 = 0x20080522


def launched(
    command: Sequence[str], orphan_signal: signal.Signals, user: str | None, folder: Path | None = None
) -> list[str]:
    """The command line that runs `command` this way, to be started by this very process.

    `orphan_signal` is what it gets when this process dies; `user` is the account it runs under, when not ours;
    `folder` where it begins.
    """
    bare_python = [sys.executable, "-I", "-S", __file__]
    return [*bare_python, str(os.getpid()), str(int(orphan_signal)), user or "-", str(folder or "-"), *command]


def _become(user: str, libc: ctypes.CDLL | None) -> None:
    account = pwd.getpwnam(user)
    if libc:
        # What is not in the bounding set cannot be had again by any program that is run; one after the other, until the
        # kernel knows no further one. Where a container withholds the right to do so there is less in it anyway.
        for capability in range(64):
            if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
                break
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    if libc:
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        libc.capset(header, (ctypes.c_uint32 * 6)())
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def main(starter: int, signal_number: int, user: str, folder: str, command: list[str]) -> None:
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if folder != "-":
        os.chdir(folder)
    if user != "-":
        _become(user, libc)
    if libc:
        # After the change of user, which would clear it.
        libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != starter:
            sys.exit("launch: the starter died first")
    os.execv(command[0], command)  # nosec B606  # what we were started with, and no shell


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5:])
