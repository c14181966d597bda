"""`outguard serve`: run a server until it is told to stop; on a fresh store, hand out first credentials once."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Coroutine
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outguard.cli.credentials import FIRST_DAYS, first_people, issue
from outguard.cli.output import console
from outguard.cli.settings import ConfigOption, DataDirOption, read_settings
from outguard.errors import ConfigError

if TYPE_CHECKING:
    from outguard.bootstrap import System
    from outguard.config import Settings
    from outguard.flows.load_policy import Load
    from outguard.flows.services import Services
    from outguard.server.app import RunningServer

TENANT = "default"
SWEEP_EVERY_S = 5.0
_SWITCH_S = 0.0005
_GC_EVERY = 10_000
"""New container objects between two young collections: a reply makes about a thousand."""


def serve(
    listen: Annotated[
        str | None, typer.Option("--listen", metavar="HOST:PORT", help="Where to listen; port 0 takes a free one.")
    ] = None,
    data_dir: DataDirOption = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", exists=True, file_okay=False, help="Rule folder (default: shipped).")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", help="Language model: outguard_en (default), none, a folder or a spaCy pipeline."),
    ] = None,
    config: ConfigOption = None,
    first_credentials: Annotated[
        bool,
        typer.Option(help="On a fresh embedded store, make one token of each role and print them, once."),
    ] = True,
    ready_file: Annotated[
        Path | None, typer.Option("--ready-file", dir_okay=False, help="Write the address here (JSON) once serving.")
    ] = None,
) -> None:
    """Run a server until SIGTERM or SIGINT, then finish the calls in flight."""
    settings = read_settings(config, listen=listen, data_dir=data_dir, rules_dir=rules, nlp_model=model)
    _run(_serve(settings, with_credentials=first_credentials, ready_file=ready_file))


async def _serve(settings: Settings, *, with_credentials: bool, ready_file: Path | None) -> None:
    from outguard.bootstrap import build_system
    from outguard.flows.load_policy import start_policy
    from outguard.observability import configure_logging, get_logger
    from outguard.server.app import serve as start

    configure_logging(settings.log_level)
    system = await build_system(settings)
    try:
        _settle()
        load = await start_policy(system.services)
        for tenant in await system.services.registered.warm():
            get_logger().error("registered texts not loaded: replies are held", tenant=tenant)
        server = await start(system.services, system.authenticator, settings)
        beside = [asyncio.create_task(_sweep(system.services), name="outguard-sweep")]
        if settings.policy_watch_s:
            beside.append(
                asyncio.create_task(_follow(system.services, settings.policy_watch_s), name="outguard-policy")
            )
        _say_waiting(load)
        await server.run_until_signal(
            partial(_announce, system, server, with_credentials=with_credentials, ready_file=ready_file)
        )
        for task in beside:
            task.cancel()
    finally:
        await system.services.store.close()


def _settle() -> None:
    """Set the interpreter up for answering soon.

    What was loaded stays for good, so the garbage collector need not walk it; and the threads that commit and that wait
    for the network take the interpreter lock sooner from a judgement that is under way.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_EVERY, 20, 50)
    sys.setswitchinterval(_SWITCH_S)


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


async def _follow(services: Services, every_s: float) -> None:
    """Put changed rule files in force; what is unsound or unsigned is logged, and the last good policy stays."""
    from outguard.errors import OutguardError, PolicyError
    from outguard.flows.load_policy import follow_files
    from outguard.observability import get_logger

    if services.rules is None:
        return
    seen = await asyncio.to_thread(services.rules.stamp)
    while True:
        await asyncio.sleep(every_s)
        stamp = await asyncio.to_thread(services.rules.stamp)
        if stamp == seen:
            continue
        try:
            load = await follow_files(services)
        except PolicyError as error:
            get_logger().error("policy files refused: run outguard policy lint", count=len(error.problems))
        except OutguardError as error:
            get_logger().error("policy files not loaded; tried again soon", reason=error.reason)
            continue
        except Exception as error:  # noqa: BLE001 - the server must go on with the last good policy
            get_logger().error("policy files not loaded; tried again soon", exc_info=error)
            continue
        else:
            if load is not None:
                state = "LOADED" if load.is_in_force else "PROPOSED"
                get_logger().info("policy files read", snapshot=load.proposed, state=state, count=len(load.missing))
        seen = stamp


def _say_waiting(load: Load) -> None:
    if load.missing:
        console().print(
            f"The rule files ({load.proposed}) loosen what the policy in force forbids; it stays until they are "
            f"signed for: {', '.join(load.missing)} (outguard policy sign).",
            soft_wrap=True,
        )


async def _announce(system: System, server: RunningServer, *, with_credentials: bool, ready_file: Path | None) -> None:
    settings, services = system.settings, system.services
    is_fresh = not await services.store.list_tokens(TENANT)
    to = console()
    to.print(f"outguard serves on [bold]{server.address}[/] (policy {services.policies.current.snapshot})")
    if is_fresh and with_credentials and settings.database_url is None:
        bearers = await issue(services, first_people(services.policies.current), tenant=TENANT)
        to.print(f"Credentials, shown this once and good for {FIRST_DAYS} days (more: outguard token create):")
        for principal, bearer in bearers.items():
            to.print(f"  {principal:<11} {bearer}", soft_wrap=True)
    to.print("Stop it with Ctrl-C.")
    if ready_file is not None:
        await asyncio.to_thread(_write_ready, ready_file, server.address)


def _write_ready(path: Path, address: str) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(json.dumps({"address": address, "pid": os.getpid()}), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop where there is one."""
    if sys.platform == "win32":
        asyncio.run(work)
    else:
        import uvloop

        uvloop.run(work)
