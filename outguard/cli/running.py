"""A server in this process, for `serve` and for each of its workers: its begin, its end, and what runs beside it."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from outguard.bootstrap import System
    from outguard.config import Settings
    from outguard.flows.load_policy import Load
    from outguard.flows.services import Services
    from outguard.server.app import RunningServer

T = TypeVar("T")
Announce = Callable[["System", "RunningServer", "Load"], Awaitable[None]]
SWEEP_EVERY_S = 5.0
RECORD_EVERY_S = 2.0
"""How often workers look whether one of them has loaded a policy, where files are not followed."""
_SWITCH_S = 0.0005
_GC_EVERY = 10_000
"""New container objects between two young collections: a reply makes about a thousand."""


async def run_server(
    settings: Settings, announce: Announce, *, stop: asyncio.Event | None = None, worker: int | None = None
) -> None:
    """Serve until a signal or `stop`, then drain; `announce` is called once calls are answered.

    Raises:
        ConfigError, PolicyError, UnavailableError: if it cannot start.
    """
    from outguard.bootstrap import build_system
    from outguard.flows.load_policy import start_policy
    from outguard.observability import configure_logging, get_logger
    from outguard.server.app import serve as start

    configure_logging(settings.log_level, worker=worker)
    asked_to_load = asyncio.Event()
    _on_hang_up(asked_to_load.set)
    system = await build_system(settings)
    try:
        settle()
        load = await start_policy(system.services)
        for tenant in await system.services.registered.warm():
            get_logger().error("registered texts not loaded: replies are held", tenant=tenant)
        server = await start(system.services, system.authenticator, settings)
        beside = [
            asyncio.create_task(_sweep(system.services), name="outguard-sweep"),
            asyncio.create_task(_follow(system.services, settings, asked_to_load), name="outguard-policy"),
        ]

        async def ready() -> None:
            await announce(system, server, load)

        await server.run_until_signal(ready, stop=stop)
        for task in beside:
            task.cancel()
    finally:
        await system.services.store.close()


def settle() -> None:
    """Set the interpreter up for answering soon.

    What was loaded stays for good, so the garbage collector need not walk it; and the threads that commit and that wait
    for the network take the interpreter lock sooner from a judgement that is under way.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_EVERY, 20, 50)
    sys.setswitchinterval(_SWITCH_S)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run on uvloop where there is one."""
    if sys.platform == "win32":
        return asyncio.run(work)
    import uvloop

    return uvloop.run(work)


def _on_hang_up(load: Callable[[], None]) -> None:
    """SIGHUP asks for the rule files to be read again; it ends nothing."""
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, load)


async def _sweep(services: Services) -> None:
    """End what has run out, again and again; a fault is logged and tried anew."""
    from outguard.flows.sweep import sweep
    from outguard.observability import get_logger

    while True:
        try:
            looked_at = await sweep(services)
        except Exception as error:  # noqa: BLE001 - the server must go on; calls check expiry by themselves too
            get_logger().error("sweep failed", exc_info=error)
            looked_at = 0
        if not looked_at:
            await asyncio.sleep(SWEEP_EVERY_S)


async def _follow(services: Services, settings: Settings, asked: asyncio.Event) -> None:
    """Put the rule files in force when they change, when another process did, or when SIGHUP asks for it."""
    if services.rules is None:
        return
    every_s = settings.policy_watch_s or (RECORD_EVERY_S if settings.workers > 1 else None)
    stamp, _ = await _signs(services, settings)
    seen: tuple[object, str | None] = (stamp, services.policies.current.snapshot)
    while True:
        is_asked = await _asked_within(asked, every_s)
        signs = await _signs(services, settings)
        if (is_asked or signs != seen) and await _load_files(services):
            seen = signs


async def _asked_within(asked: asyncio.Event, seconds: float | None) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await asked.wait()
    except TimeoutError:
        return False
    asked.clear()
    return True


async def _signs(services: Services, settings: Settings) -> tuple[object, str | None]:
    """What differs once there may be something to load: the files, and which policy any process loaded last."""
    from outguard.domain.principal import OPERATOR_TENANT
    from outguard.errors import OutguardError

    stamp = None
    if services.rules is not None and settings.policy_watch_s:
        stamp = await asyncio.to_thread(services.rules.stamp)
    try:
        return stamp, await services.store.newest_policy(OPERATOR_TENANT)
    except OutguardError:  # health tells that the store does not answer; the next look finds what is new
        return stamp, None


async def _load_files(services: Services) -> bool:
    """Whether these files need no second look: in force, waiting for names, or no policy (the last good one stays)."""
    from outguard.errors import OutguardError, PolicyError
    from outguard.flows.load_policy import follow_files
    from outguard.observability import get_logger

    try:
        load = await follow_files(services)
    except PolicyError as error:
        get_logger().error("policy files refused: run outguard policy lint", count=len(error.problems))
    except OutguardError as error:
        get_logger().error("policy files not loaded; tried again soon", reason=error.reason)
        return False
    except Exception as error:  # noqa: BLE001 - the server must go on with the last good policy
        get_logger().error("policy files not loaded; tried again soon", exc_info=error)
        return False
    else:
        if load is not None:
            state = "LOADED" if load.is_in_force else "PROPOSED"
            get_logger().info("policy files read", snapshot=load.proposed, state=state, count=len(load.missing))
    return True
