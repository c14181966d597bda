"""The `outguard` command: one sub-command per module, and one place where errors become words and a status.

Status 0: done. 1: done, with findings (a bad line, a failed check). 2: wrong usage, configuration or input.
Heavy parts are imported by the command that needs them, so that help comes at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from outguard.cli import audit, autonomy, policy, review, sources, token
from outguard.cli.bench import bench
from outguard.cli.check import check
from outguard.cli.demo import demo
from outguard.cli.eval import evaluate
from outguard.cli.pause import pause, pauses, resume
from outguard.cli.replay import replay
from outguard.cli.serve import serve
from outguard.cli.workers import worker
from outguard.errors import OutguardError, PolicyError

typer_app = typer.Typer(
    name="outguard",
    help="Decide what an AI agent may do and say; keep people in charge and a record that can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
typer_app.command("serve")(serve)
typer_app.command("worker", hidden=True)(worker)
typer_app.command("demo")(demo)
typer_app.command("check")(check)
typer_app.command("eval")(evaluate)
typer_app.command("replay")(replay)
typer_app.command("bench")(bench)
typer_app.command("pause")(pause)
typer_app.command("resume")(resume)
typer_app.command("pauses")(pauses)
typer_app.add_typer(review.app, name="review")
typer_app.add_typer(autonomy.app, name="autonomy")
typer_app.add_typer(policy.app, name="policy")
typer_app.add_typer(audit.app, name="audit")
typer_app.add_typer(token.app, name="token")
typer_app.add_typer(sources.app, name="sources")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError
        from importlib.metadata import version as version_of

        try:
            typer.echo(f"outguard {version_of('outguard')}")
        except PackageNotFoundError:
            typer.echo("outguard (not installed)")
        raise typer.Exit


@typer_app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Decide what an AI agent may do and say; keep people in charge and a record that can be checked."""


def app(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; expected errors become one line on standard error."""
    try:
        typer_app(args=None if arguments is None else list(arguments))
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except PolicyError as error:
        return _fail(error.message, *(f"  {problem}" for problem in error.problems))
    except OutguardError as error:
        return _fail(error.message)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _fail(message: str, *more: str) -> int:
    typer.echo("\n".join((f"outguard: {message}", *more)), err=True)
    return 2
