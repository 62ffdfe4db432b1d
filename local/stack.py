"""The laptop stack: which children there are, who may hold a home, and how it all comes up.

`servers` is PostgreSQL, Temporal and the mail catcher alone, for tests. `up` is everything, for `tandem up`.
"""

import asyncio
import contextlib
import fcntl
import itertools
import os
import random
import signal
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
from temporalio.envconfig import ClientConfigProfile

from local import mailbox, postgres, temporal
from local.errors import StackError
from local.process_specs import Child, Commands, Job, Port, ours
from local.supervisor import Say, Supervisor, clear_leftovers
from settings import Settings

_PATIENCE_WITH_OUTSIDERS = 10.0  # seconds a database or cluster that is not ours has to answer
_LARGEST_LOG = 10_000_000  # bytes; a larger log of the run before is set aside at the start of the next


@dataclass(frozen=True)
class Servers:
    """A running stack. `settings` say where everything is, `supervisor` which process it is."""

    settings: Settings
    supervisor: Supervisor

    @property
    def database_dsn(self) -> str:
        return self.settings.database_dsn

    @property
    def temporal_address(self) -> str:
        return self.settings.temporal_address

    @property
    def mailbox(self) -> Path:
        """The folder the caught messages are in; see `local.mailbox`."""
        return self.settings.mailbox_folder


@contextlib.asynccontextmanager
async def servers(settings: Settings) -> AsyncIterator[Servers]:
    """The embedded servers these settings ask for, ready; stopped on leaving. Raises Trouble when they cannot be."""
    async with _running(settings, _embedded(settings), say=lambda _: None) as running:
        yield running


@contextlib.asynccontextmanager
async def stack(settings: Settings, say: Say, commands: Commands | None = None) -> AsyncIterator[Servers]:
    """Everything: the servers, migrations, the worker and the API, ready; stopped on leaving.

    `say` gets a line for whatever happens. Raises Trouble when it cannot be.
    """
    members = (*_embedded(settings), *ours(settings, commands or Commands()))
    async with _running(settings, members, say) as running:
        yield running


def up(
    settings: Settings,
    then: Callable[[Servers], Awaitable[None]] | None = None,
    say: Say = print,
    commands: Commands | None = None,
    stay: bool = True,
) -> int:
    """Runs the whole stack until Ctrl-C or SIGTERM, and returns the exit code.

    Says where everything is and, last, `ready`. `then`, when given, is played once the stack is ready; the stack stays
    up after it, unless told not to `stay`. What cannot be is said on standard error in one sentence, and the exit code
    is 1.
    """

    async def run() -> None:
        this = asyncio.current_task()
        assert this is not None
        # Ctrl-C cancels this task (asyncio.run does that); being terminated or losing the terminal is the same wish.
        for wish in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(wish, this.cancel)
        async with stack(settings, say, commands) as running:
            say(whereabouts(settings))
            missing = ", ".join(running.supervisor.missing)
            say(f"ready, without the {missing}: tandem doctor says what to do" if missing else "ready")
            trouble = asyncio.create_task(running.supervisor.until_trouble())
            try:
                await _play(then, running, trouble, stay)
            finally:
                trouble.cancel()

    try:
        asyncio.run(run())
    except StackError as trouble:
        print(trouble, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        say("stopped")
    return 0


async def _play(
    then: Callable[[Servers], Awaitable[None]] | None, running: Servers, trouble: asyncio.Task[None], stay: bool
) -> None:
    if then:
        story = asyncio.ensure_future(then(running))
        try:
            await asyncio.wait({story, trouble}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            story.cancel()
        if not trouble.done():
            await story
            if not stay:
                return
    await trouble


def whereabouts(settings: Settings) -> str:
    """Where everything of a running stack is, a line each."""
    api = f"http://127.0.0.1:{settings.api_port}"
    places = {"API": api, "its OpenAPI page": f"{api}/docs"}
    if settings.embeds_temporal:
        places["Temporal UI"] = f"http://127.0.0.1:{settings.temporal_ui_port}"
    else:
        places["Temporal"] = f"{settings.temporal_address} (TEMPORAL_ADDRESS)"
    if settings.embeds_mailbox:
        places["mailbox"] = f"{settings.mailbox_folder} (SMTP on 127.0.0.1:{settings.smtp_port})"
    else:
        places["mail"] = f"{settings.mail_server.host}:{settings.mail_server.port} (TANDEM_SMTP_URL)"
    if settings.embeds_postgres:
        places["database"] = settings.database_dsn
    places["logs"] = str(settings.logs_folder)
    return "\n".join(f"  {what:<17} {where}" for what, where in places.items())


def on_free_ports(home: Path, **changes: Any) -> Settings:
    """Settings for a stack of its own in `home`, whatever the environment says: embedded servers on free ports."""
    own = ("api_port", "api_metrics_port", "worker_port", "sdk_metrics_port")
    ports = (*own, "temporal_port", "temporal_ui_port", "smtp_port")
    free = dict(zip(ports, _free_ports(len(ports)), strict=True))
    inside = {"database_url": None, "smtp_url": None, "temporal_profile": ClientConfigProfile()}
    # Whoever tries or measures a stack asks for more, from one address, than people do.
    rates = dict.fromkeys(("wrong_tries", "mails_asked", "requests_per_second"), 1_000_000)
    # What they tap counts at once, as what they give over the API does.
    return Settings(**{"home": home, **free, **inside, **rates, "undo_seconds": 0, **changes})


def _free_ports(count: int) -> list[int]:
    # Below the numbers Linux and macOS give to whoever asks for any port, as Temporal's inner services do: one of
    # those may be free now and gone a second later. Processes that begin stacks at once ask in blocks of their own.
    # What was given out lately may be asked for but not be taken yet: it is not given out again.
    block = 20_000 + os.getpid() % 100 * 120
    candidates = random.sample(range(block, block + 120), 120)  # nosec B311  # ports, and no secret
    free = (port for port in candidates if port not in _given_lately and not _is_taken(port))
    ports = list(itertools.islice(free, count))
    _given_lately.extend(ports)
    return ports


_given_lately: deque[int] = deque(maxlen=70)


def _embedded(settings: Settings) -> tuple[Child, ...]:
    return (
        *((postgres.child(settings),) if settings.embeds_postgres else ()),
        *((temporal.child(settings),) if settings.embeds_temporal else ()),
        *((mailbox.child(settings),) if settings.embeds_mailbox else ()),
    )


@contextlib.asynccontextmanager
async def _running(settings: Settings, members: Sequence[Job | Child], say: Say) -> AsyncIterator[Servers]:
    with _holding_home(settings):
        await asyncio.to_thread(clear_leftovers, settings)
        _ports_are_free([port for member in members if isinstance(member, Child) for port in member.ports])
        await _outsiders_answer(settings)
        supervisor = Supervisor(settings, members, say)
        try:
            await supervisor.start()
            yield Servers(settings, supervisor)
        finally:
            await supervisor.stop()


@contextlib.contextmanager
def _holding_home(settings: Settings) -> Iterator[None]:
    # The lock is the kernel's, not the file's being there: a holder that was killed holds nothing.
    path = settings.home / "lock"
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (settings.logs_folder, settings.mailbox_folder):
            folder.mkdir(mode=0o700, exist_ok=True)
        for log in settings.logs_folder.glob("*.log"):
            if log.stat().st_size > _LARGEST_LOG:
                log.replace(log.with_suffix(".log.before"))
        lock = path.open("a+")
    except OSError as refused:
        raise StackError(
            f"{refused.filename} cannot be used ({refused.strerror}): set TANDEM_HOME elsewhere."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise StackError(
                f"Tandem is already running in {settings.home}, pid {holder}: stop it, or set TANDEM_HOME elsewhere."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _ports_are_free(ports: Sequence[Port]) -> None:
    variables: dict[int, str] = {}
    for port in ports:
        if port.number in variables:
            raise StackError(
                f"{port.variable} and {variables[port.number]} are both {port.number}: change one of them."
            )
        variables[port.number] = port.variable
        if _is_taken(port.number):
            raise StackError(f"Port {port.number} is in use by another program: set {port.variable} to a free one.")


def _is_taken(port: int) -> bool:
    with socket.socket() as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            ours.bind(("127.0.0.1", port))
        except OSError:
            return True
    # macOS lets us bind beside a server that listens on every address; asking it shows that it is there.
    with socket.socket() as asking:
        asking.settimeout(1.0)
        return asking.connect_ex(("127.0.0.1", port)) == 0


async def _outsiders_answer(settings: Settings) -> None:
    if not settings.embeds_postgres:
        try:
            connection = await asyncpg.connect(settings.database_dsn, timeout=_PATIENCE_WITH_OUTSIDERS)
        except (OSError, TimeoutError, asyncpg.PostgresError) as refused:
            raise StackError(f"The database of TANDEM_DATABASE_URL does not answer: {refused or 'no answer'}") from None
        await connection.close()
    if not settings.embeds_temporal:
        answers = temporal.answers(settings)
        try:
            async with asyncio.timeout(_PATIENCE_WITH_OUTSIDERS):
                while True:
                    if await answers():
                        return
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise StackError(
                f"The Temporal cluster of TEMPORAL_ADDRESS, {settings.temporal_address}, does not answer for "
                f"namespace {settings.temporal_namespace}."
            ) from None
