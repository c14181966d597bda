"""Keeps worker processes running: starts them, starts anew what ends by itself, drains them, tells how it ended.

A worker holds one end of a socket. It gets its settings through it and says once that it serves; when the other end
closes, whoever closed it, it drains: no worker outlives its parent. Workers are in a session of their own, so that
Ctrl-C reaches the parent alone.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from outguard.observability import get_logger

READY = b"1"
STEADY_S = 60.0
"""A worker that has run so long is no longer one that cannot start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How soon an ended worker is started anew, and how long a stopping one may take beyond its own drain."""

    first_s: float = 0.5
    most_s: float = 30.0
    late_s: float = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Worker:
    process: Process
    control: socket.socket = field(repr=False)


class Supervisor:
    """Runs `count` times the command that `command` gives for a worker's number and its end of the socket."""

    def __init__(
        self,
        command: Callable[[int, int], Sequence[str]],
        *,
        count: int,
        settings: str,
        drain_s: float,
        pace: Pace | None = None,
    ) -> None:
        self._command = command
        self._count = count
        self._settings = settings.encode() + b"\n"
        self._drain_s = drain_s
        self._pace = pace or Pace()
        self._running: dict[int, _Worker] = {}
        self._serving: set[int] = set()
        self._ever_served: set[int] = set()
        self._all_ready = asyncio.Event()
        self._stopping = asyncio.Event()
        self._status = 0

    async def run(self, on_ready: Callable[[Sequence[int]], Awaitable[None]]) -> int:
        """Until SIGTERM or SIGINT; `on_ready` gets the process ids once all serve. The exit status.

        0: every worker drained in time. Where none ever came to serve, it is what the first one ended with.
        A second signal ends the workers at once. SIGHUP goes on to them.
        """
        loop = asyncio.get_running_loop()
        handlers: dict[signal.Signals, Callable[[], None]] = {
            signal.SIGTERM: self._stop,
            signal.SIGINT: self._stop,
            signal.SIGHUP: self._hang_up,
        }
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        keeping = [asyncio.create_task(self._keep(number)) for number in range(1, self._count + 1)]
        try:
            await self._serve(on_ready)
        finally:
            await self._drain(keeping)
            for number in handlers:
                loop.remove_signal_handler(number)
        return self._status

    async def _serve(self, on_ready: Callable[[Sequence[int]], Awaitable[None]]) -> None:
        stopping = asyncio.create_task(self._stopping.wait())
        ready = asyncio.create_task(self._all_ready.wait())
        try:
            await asyncio.wait((stopping, ready), return_when=asyncio.FIRST_COMPLETED)
            if not self._stopping.is_set():
                await on_ready([worker.process.pid for _, worker in sorted(self._running.items())])
                await stopping
        finally:
            stopping.cancel()
            ready.cancel()

    async def _keep(self, number: int) -> None:
        """One worker, again and again until we stop."""
        loop = asyncio.get_running_loop()
        delay_s = self._pace.first_s
        while not self._stopping.is_set():
            started = loop.time()
            has_served, status = await self._live(number)
            if self._stopping.is_set():
                is_fine = status == 0 or (not has_served and status == -signal.SIGTERM)
                self._status = self._status or int(not is_fine)
            elif not self._ever_served:  # none has ever served: another try would end alike
                self._status = status if status > 0 else 1
                self._stopping.set()
            else:
                delay_s = self._pace.first_s if loop.time() - started >= STEADY_S else delay_s
                self._log_end(number, status, delay_s)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), delay_s)
                delay_s = min(2 * delay_s, self._pace.most_s)

    async def _live(self, number: int) -> tuple[bool, int]:
        """One process from its start to its end: whether it came to serve, and its status, negative for a signal."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with ours:
            with theirs:
                try:
                    process = await asyncio.create_subprocess_exec(
                        *self._command(number, theirs.fileno()),
                        stdin=asyncio.subprocess.DEVNULL,
                        pass_fds=(theirs.fileno(),),
                        start_new_session=True,
                    )
                except OSError:  # no more processes, no more memory: as one that ended at once
                    return False, 1
            self._running[number] = _Worker(process=process, control=ours)
            if self._stopping.is_set():  # it was told too late to stop
                process.terminate()
            try:
                await self._greet(number, ours)
                return number in self._serving, await process.wait()
            finally:
                del self._running[number]
                self._serving.discard(number)

    async def _greet(self, number: int, control: socket.socket) -> None:
        """Give the settings, hear that it serves."""
        loop = asyncio.get_running_loop()
        with suppress(OSError):  # it has ended already
            await loop.sock_sendall(control, self._settings)
            if await loop.sock_recv(control, len(READY)) == READY:
                self._serving.add(number)
                self._ever_served.add(number)
                if len(self._ever_served) == self._count:
                    self._all_ready.set()

    async def _drain(self, keeping: Sequence[asyncio.Task[None]]) -> None:
        """Let all workers end; what takes too long is killed, and the status says so."""
        self._stopping.set()
        self._send(signal.SIGTERM)
        _, late = await asyncio.wait(keeping, timeout=self._drain_s + self._pace.late_s)
        if late:
            get_logger().error("workers killed", count=len(late))
            self._status = 1
            self._send(signal.SIGKILL)
        await asyncio.gather(*keeping)

    def _stop(self) -> None:
        if self._stopping.is_set():
            self._status = 1
            self._send(signal.SIGKILL)
        self._stopping.set()

    def _hang_up(self) -> None:
        """To those that serve: one that starts reads everything anew, and does not know the signal yet."""
        self._send(signal.SIGHUP, self._serving)

    def _send(self, number: signal.Signals, to: Iterable[int] | None = None) -> None:
        for worker in list(self._running) if to is None else to:
            with suppress(ProcessLookupError):
                self._running[worker].process.send_signal(number)

    @staticmethod
    def _log_end(number: int, status: int, delay_s: float) -> None:
        log = get_logger().bind(worker=number, timeout_s=delay_s)
        if status < 0:
            log.error("worker died: another is started", signal=-status)
        else:
            log.error("worker ended: another is started", status=status)
