"""`outguard serve`: run a server until it is told to stop; on a fresh store, hand out first credentials once."""

from __future__ import annotations

import asyncio
import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from outguard.cli.credentials import FIRST_DAYS, first_people, issue
from outguard.cli.output import console
from outguard.cli.running import run, run_server
from outguard.cli.settings import ConfigOption, DataDirOption, read_settings
from outguard.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from outguard.bootstrap import System
    from outguard.cli.workers import Tell
    from outguard.config import Settings
    from outguard.flows.load_policy import Load
    from outguard.server.app import RunningServer

TENANT = "default"


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
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes that serve on the one address (default: 1).")
    ] = None,
    first_credentials: Annotated[
        bool,
        typer.Option(help="On a fresh embedded store, make one token of each role and print them, once."),
    ] = True,
    ready_file: Annotated[
        Path | None, typer.Option("--ready-file", dir_okay=False, help="Write the address here (JSON) once serving.")
    ] = None,
) -> None:
    """Run a server until SIGTERM or SIGINT, then finish the calls in flight."""
    settings = read_settings(
        config, listen=listen, data_dir=data_dir, rules_dir=rules, nlp_model=model, workers=workers
    )
    tell = partial(_tell, settings=settings, with_credentials=first_credentials, ready_file=ready_file)
    if settings.workers == 1:
        run(run_server(settings, partial(_announce, tell=tell)))
        return
    from outguard.cli.workers import serve_with_workers

    status = run(serve_with_workers(settings, tell))
    if status:
        raise typer.Exit(status)


async def _announce(system: System, server: RunningServer, load: Load, *, tell: Tell) -> None:
    if load.missing:
        console().print(
            f"The rule files ({load.proposed}) loosen what the policy in force forbids; it stays until they are "
            f"signed for: {', '.join(load.missing)} (outguard policy sign).",
            soft_wrap=True,
        )
    await tell(system, server.address, ())


async def _tell(
    system: System,
    address: str,
    workers: Sequence[int],
    *,
    settings: Settings,
    with_credentials: bool,
    ready_file: Path | None,
) -> None:
    """Say where the server is, to people and in the ready file; `workers` are the process ids of several."""
    services = system.services
    is_fresh = not await services.store.list_tokens(TENANT)
    to = console()
    by = f", {len(workers)} workers" if workers else ""
    to.print(f"outguard serves on [bold]{address}[/] (policy {services.policies.current.snapshot}{by})")
    if is_fresh and with_credentials and settings.database_url is None:
        bearers = await issue(services, first_people(services.policies.current), tenant=TENANT)
        to.print(f"Credentials, shown this once and good for {FIRST_DAYS} days (more: outguard token create):")
        for principal, bearer in bearers.items():
            to.print(f"  {principal:<11} {bearer}", soft_wrap=True)
    to.print("Stop it with Ctrl-C.")
    if ready_file is not None:
        told = {"address": address, "pid": os.getpid()} | ({"workers": list(workers)} if workers else {})
        await asyncio.to_thread(_write_ready, ready_file, json.dumps(told))


def _write_ready(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
