"""Keeps the stack's children alive: starts them in order, starts again what dies, stops them in reverse order."""

import asyncio
import contextlib
import json
import os
import signal
import time
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from local.errors import StackError
from local.exec_with_parent_death import launched
from local.process_specs import Child, Job, last_words
from settings import ROOT, Settings

# A child that fails this often in a row without once being ready is not going to be, unless something is changed.
TRIES = 5
_BACK_OFF = 0.1  # seconds before it is started again; doubled with each failure in a row
_LONGEST_BACK_OFF = 60.0  # seconds
_POLL = 0.05  # seconds between two questions to a readiness probe

Say = Callable[[str], None]


_OURS = ("TANDEM_", "AWS_", "VAULT_")


def _told_to_others(environment: Mapping[str, str]) -> dict[str, str]:
    """What of our environment a child under another account has: no settings, and no way to the keys."""
    return {name: value for name, value in environment.items() if not name.startswith(_OURS)}


class Supervisor:
    """One run of a stack. `start`, then `until_trouble`; `stop` in any case, also after a failed start."""

    def __init__(self, settings: Settings, members: Sequence[Job | Child], say: Say) -> None:
        """`say` gets one line for every child that is ready, died or is started again."""
        self._settings = settings
        self._members = members
        self._say = say
        self._environment = settings.environment() | {"PYTHONUNBUFFERED": "1"}
        self._processes: dict[str, Process] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._ready = {member.name: asyncio.Event() for member in members}
        self._some_child_is_ready = asyncio.Condition()
        self._stop = {member.name: asyncio.Event() for member in members}
        self._held_up = {member.name: asyncio.Event() for member in members}

    @property
    def missing(self) -> list[str]:
        """The children that do not start; the others go on without them."""
        return [name for name, held_up in self._held_up.items() if held_up.is_set()]

    def pid(self, name: str) -> int:
        """The process id of a child as it runs now. Raises KeyError when it was never started."""
        return self._processes[name].pid

    def log(self, name: str) -> Path:
        """Where the child's output goes."""
        return self._settings.logs_folder / f"{name}.log"

    async def start(self) -> None:
        """Returns when every member is ready or, if not needed, `missing`. Raises StackError, in a sentence, else."""
        for member in self._members:
            began = time.monotonic()
            if isinstance(member, Job):
                await self._run_once(member)
            else:
                keeper = asyncio.create_task(self._keep_alive(member), name=f"keep {member.name} alive")
                self._keepers[member.name] = keeper
                name = member.name
                await _first_of(asyncio.wait({keeper}), self._ready[name].wait(), self._held_up[name].wait())
                if keeper.done():
                    keeper.result()
                if name in self.missing:
                    continue
            self._say(f"{member.name} is ready after {time.monotonic() - began:.1f} s")

    async def until_ready(self, name: str, after: int | None = None) -> None:
        """Waits while a child is down or starting; with `after`, a process id, until another than that is ready."""
        async with self._some_child_is_ready:
            await self._some_child_is_ready.wait_for(lambda: self._ready[name].is_set() and self.pid(name) != after)

    async def until_trouble(self) -> None:
        """Waits as long as all goes well. Raises Trouble when a child is given up."""
        done, _ = await asyncio.wait(self._keepers.values(), return_when=asyncio.FIRST_COMPLETED)
        for keeper in done:
            keeper.result()

    async def stop(self) -> None:
        """Ends every child, the last started first, each within its time; whatever is left then is killed."""
        for name, keeper in reversed(self._keepers.items()):
            self._stop[name].set()
            await asyncio.wait({keeper})
            if not keeper.cancelled():
                keeper.exception()  # seen: `start` or `until_trouble` has raised it
        _record_path(self._settings).unlink(missing_ok=True)

    async def _run_once(self, job: Job) -> None:
        process = await self._launch(job.name, job.command, signal.SIGKILL)
        try:
            code = await process.wait()
        finally:
            _kill_group(process)
            await process.wait()
        if code != 0:
            raise StackError(f"{job.name} failed: {await self._why(job.name)}")

    async def _keep_alive(self, child: Child) -> None:
        stop, ready = self._stop[child.name], self._ready[child.name]
        failures = 0
        while not stop.is_set():
            await child.before_each_start()
            process = await self._launch(child.name, child.command, child.orphan_signal, child.user, child.folder)
            self._record()
            if await self._becomes_ready(child, process):
                failures = 0
                if self._held_up[child.name].is_set():
                    self._held_up[child.name].clear()
                    self._say(f"{child.name} is ready at last")
                ready.set()
                async with self._some_child_is_ready:
                    self._some_child_is_ready.notify_all()
                await _first_of(process.wait(), stop.wait())
                ready.clear()
            else:
                failures += 1
            if stop.is_set():
                await self._end(child, process)
                return
            _kill_group(process)
            await process.wait()
            if failures == TRIES:
                words = f"{child.name} does not start, {TRIES} times in a row: {await self._why(child.name)}"
                if child.needed:
                    raise StackError(words)
                self._say(f"{words}. The others stay up, and it is tried again, at least every minute")
                self._held_up[child.name].set()
            if not self._held_up[child.name].is_set():
                self._say(f"{child.name} died ({_how_it_ended(process)}) and is started again")
            await _first_of(stop.wait(), asyncio.sleep(min(_BACK_OFF * 2 ** min(failures, 10), _LONGEST_BACK_OFF)))

    async def _end(self, child: Child, process: Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(child.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), child.stop_within)
        except TimeoutError:
            self._say(f"{child.name} did not stop within {child.stop_within:.0f} s and is killed")
        _kill_group(process)
        await process.wait()

    async def _launch(
        self,
        name: str,
        command: tuple[str, ...],
        orphan_signal: signal.Signals,
        user: str | None = None,
        folder: Path | None = None,
    ) -> Process:
        with self.log(name).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *launched(command, orphan_signal, user, folder),
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
                env=self._environment if user is None else _told_to_others(self._environment),
                cwd=ROOT,
                start_new_session=True,  # Ctrl-C at the terminal is for us; we end them in order
            )
        self._processes[name] = process
        return process

    async def _becomes_ready(self, child: Child, process: Process) -> bool:
        give_up_at = time.monotonic() + child.ready_within
        stop = self._stop[child.name]
        while process.returncode is None and not stop.is_set() and time.monotonic() < give_up_at:
            if await child.ready():
                # Some other server may have answered in the place of one that found its port taken.
                return process.returncode is None
            await asyncio.sleep(_POLL)
        return False

    async def _why(self, name: str) -> str:
        words = await last_words(self.log(name))
        return f"{words or 'it said nothing'} (all it said is in {self.log(name)})"

    def _record(self) -> None:
        record = []
        for process in self._processes.values():
            with contextlib.suppress(psutil.NoSuchProcess):
                record.append((process.pid, psutil.Process(process.pid).create_time()))
        path = _record_path(self._settings)
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(record))
        unfinished.replace(path)


def clear_leftovers(settings: Settings) -> None:
    """Ends the children of a supervisor that was killed on a system where they could not be made to die with it."""
    path = _record_path(settings)
    try:
        record: list[tuple[int, float]] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return
    leftovers = []
    for pid, created in record:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if abs(process.create_time() - created) < 1:  # else the number belongs to somebody else by now
                process.terminate()
                leftovers.append(process)
    _, still_there = psutil.wait_procs(leftovers, timeout=5)
    for process in still_there:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(still_there, timeout=5)
    path.unlink()


async def _first_of(*waits: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def _record_path(settings: Settings) -> Path:
    return settings.home / "children.json"


def _kill_group(process: Process) -> None:
    # Every child leads a process group of its own: what it started must not outlive it.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _how_it_ended(process: Process) -> str:
    code = process.returncode
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit {code}"
