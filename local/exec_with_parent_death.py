"""Becomes a command that dies with its starter: `python launch.py STARTER SIGNAL USER COMMAND …`.

On Linux the kernel sends SIGNAL (a number) when the process STARTER dies, kill -9 included; elsewhere the supervisor
clears what it left behind at its next start. USER ("-" for nobody else) is the account to become first: PostgreSQL
refuses to be root. Run as a script, so that it costs one bare interpreter start and nothing afterwards.
"""

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Sequence

# linux/prctl.h and linux/capability.h
_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE = 1


def launched(command: Sequence[str], orphan_signal: signal.Signals, user: str | None) -> list[str]:
    """The command line that runs `command` this way, to be started by this very process.

    `orphan_signal` is what it gets when this process dies; `user` is the account it runs under, when not ours.
    """
    bare_python = [sys.executable, "-I", "-S", __file__]
    return [*bare_python, str(os.getpid()), str(int(orphan_signal)), user or "-", *command]


def _become(user: str, libc: ctypes.CDLL | None) -> None:
    account = pwd.getpwnam(user)
    if libc:
        libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    if libc:
        # Its data and its programs may lie in a folder only root may enter (/root, say). The one right to pass through
        # is carried along, instead of opening every parent folder to everybody. Where a container withholds that right
        # this changes nothing, and PostgreSQL says itself which folder it may not enter.
        only_that = 1 << _CAP_DAC_OVERRIDE
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        effective_permitted_inheritable = (ctypes.c_uint32 * 6)(only_that, only_that, only_that, 0, 0, 0)
        libc.capset(header, effective_permitted_inheritable)
        libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def main(starter: int, signal_number: int, user: str, command: list[str]) -> None:
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if user != "-":
        _become(user, libc)
    if libc:
        # After the change of user, which would clear it.
        libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != starter:
            sys.exit("launch: the starter died first")
    os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
