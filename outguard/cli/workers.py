"""Several processes on one address (`--workers`): the parent that keeps them, and what one of them is.

Each worker is a whole server with the same keys on the same database, as another replica would be; the system shares
connections out among them (SO_REUSEPORT). The parent makes keys and schema first, and serves nothing itself.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from outguard.cli.running import run, run_server
from outguard.cli.supervise import READY, Supervisor
from outguard.errors import ConfigError

if TYPE_CHECKING:
    from outguard.bootstrap import System
    from outguard.config import Settings
    from outguard.flows.load_policy import Load
    from outguard.server.app import RunningServer

Tell = Callable[["System", str, Sequence[int]], Awaitable[None]]


async def serve_with_workers(settings: Settings, tell: Tell) -> int:
    """Run `settings.workers` workers until a signal; the exit status.

    Raises:
        ConfigError, PolicyError, UnavailableError: if they could not start, found out before they try.
    """
    from outguard.bootstrap import build_system
    from outguard.config import settings_to_json
    from outguard.observability import configure_logging

    settings.verify()
    configure_logging(settings.log_level)
    host, _, port = settings.listen.rpartition(":")
    with _reserve(host, int(port)) as held:
        address = f"{host}:{held.getsockname()[1]}"
        system = await build_system(settings, is_judging=False)
        store = system.services.store

        async def on_ready(pids: Sequence[int]) -> None:
            await tell(system, address, pids)
            await store.close()

        shared = settings.model_copy(update={"listen": address, "create_keys": False})
        supervisor = Supervisor(
            _command, count=settings.workers, settings=settings_to_json(shared), drain_s=settings.drain_s
        )
        try:
            return await supervisor.run(on_ready)
        finally:
            await store.close()


def worker(
    number: Annotated[int, typer.Option("--number", min=1)],
    control: Annotated[int, typer.Option("--control", min=0, help="The socket to the parent.")],
) -> None:
    """One of the processes of `outguard serve --workers`."""
    from outguard.config import settings_of_json

    with socket.socket(fileno=control) as parent:
        with parent.makefile(encoding="utf-8") as lines:
            settings = settings_of_json(lines.readline())
        parent.setblocking(False)
        run(_work(settings, number, parent))


async def _work(settings: Settings, number: int, parent: socket.socket) -> None:
    from outguard.observability import get_logger

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    async def stop_with_parent() -> None:
        await loop.sock_recv(parent, 1)  # it never sends anything more: this is its end
        stop.set()

    watching = asyncio.create_task(stop_with_parent(), name="outguard-parent")

    async def ready(_system: System, _server: RunningServer, load: Load) -> None:
        if load.missing:
            get_logger().error("policy files wait to be signed for", snapshot=load.proposed, count=len(load.missing))
        await loop.sock_sendall(parent, READY)

    try:
        await run_server(settings, ready, stop=stop, worker=number)
    finally:
        watching.cancel()


def _command(number: int, control: int) -> Sequence[str]:
    return (sys.executable, "-m", "outguard", "worker", "--number", str(number), "--control", str(control))


def _reserve(host: str, port: int) -> socket.socket:
    """Hold a port for processes of ours; nobody is answered by this socket.

    Raises:
        ConfigError: if somebody serves there, or the address is none of this machine's.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as alone:  # whoever shares the port would let us share it too
            alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            alone.bind(address)
        held = socket.socket(family, kind, protocol)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(address)
    except OSError as error:
        raise ConfigError("listen: the address cannot be bound; is another server running there?") from error
    return held
