"""`outguard check`: judge a file of replies, one answer a line, in order."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from outguard.bench.corpus import read_lines
from outguard.cli.judging import Source, judge_lines
from outguard.cli.output import json_lines

FileArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="JSON lines, plain or gzipped; - reads standard input.")
]
ProfilesOption = Annotated[
    Path | None,
    typer.Option("--profiles", exists=True, file_okay=False, help="Folder of authority profiles (default: shipped)."),
]
RulesOption = Annotated[
    Path | None,
    typer.Option("--rules", exists=True, file_okay=False, help="Folder of policy and detectors (default: shipped)."),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="MODEL", help="Language model: outguard_en (default), none, a folder or a spaCy pipeline."
    ),
]
OutOption = Annotated[Path | None, typer.Option("--out", dir_okay=False, help="Write here, not to standard output.")]


def check(
    file: FileArgument,
    profiles: ProfilesOption = None,
    rules: RulesOption = None,
    model: ModelOption = None,
    sources: Annotated[
        list[Path] | None,
        typer.Option(
            "--sources", exists=True, help="Registered texts: a file, JSON lines or a folder (repeat for more)."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes that judge in parallel.")] = 1,
    out: OutOption = None,
) -> None:
    """Judge replies offline: scenarios or plain {"id", "text"} lines in, one JSON answer a line out.

    A line that cannot be judged is answered with {"id", "error"}; the exit status is then 1.
    """
    failed = 0
    with json_lines(out) as write:
        source = Source(rules=rules, profiles=profiles, model=model, texts=tuple(sources or ()))
        for answer in judge_lines(read_lines(file), source, workers=workers):
            failed += "error" in answer
            write(answer)
    if failed:
        typer.echo(f"outguard: {failed} line(s) could not be judged", err=True)
        raise typer.Exit(1)
