"""`outguard eval`: score answers against labels, of one file or of a whole folder of sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from outguard.cli.check import ModelOption, ProfilesOption, RulesOption
from outguard.cli.eval_print import print_summary
from outguard.cli.eval_sets import SetRun, presidio_finder
from outguard.cli.judging import OfflineJudge, Source
from outguard.cli.output import console, print_json
from outguard.errors import InvalidInputError


def evaluate(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="JSON lines, plain or gzipped; - reads standard input; a folder runs all its sets."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")] = False,
    profiles: ProfilesOption = None,
    rules: RulesOption = None,
    model: ModelOption = None,
    presidio: Annotated[
        bool, typer.Option("--presidio", help="Score Presidio on the same texts, in this process, beside ours.")
    ] = False,
    disguise: Annotated[
        bool, typer.Option("--disguise", help="Judge every positive in every disguise that fits it, too.")
    ] = False,
    leaks: Annotated[
        bool,
        typer.Option(
            "--leaks", help="FILE holds internal and public documents: register them, paste them, count finds."
        ),
    ] = False,
    report: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Write a Markdown report here (for a folder of sets).")
    ] = None,
) -> None:
    """Score the judge against labels: scenarios, span sets, one-entity cases, credentials, told by each line's shape.

    A line that cannot be judged counts as failed; the exit status is then 1.
    """
    source = Source(rules=rules, profiles=profiles, model=model)
    if Path(file).is_dir():
        _evaluate_folder(Path(file), source, report, as_json=as_json)
        return
    if report is not None:
        raise InvalidInputError("--report needs a folder of sets")
    if leaks:
        _evaluate_leaks(Path(file), source, as_json=as_json)
        return
    run = SetRun(OfflineJudge(source), rival=presidio_finder() if presidio else None, is_disguised=disguise)
    run.add_file(file)
    if not run.scorer.answered and not run.scorer.failed:
        raise InvalidInputError("the file holds no labelled line")
    summary = run.summary()
    if as_json:
        print_json(summary)
    else:
        print_summary(console(), summary)
    _fail_if(run.scorer.failed)


def _evaluate_leaks(file: Path, source: Source, *, as_json: bool) -> None:
    from outguard.cli.eval_leaks import evaluate_leaks
    from outguard.cli.eval_print import print_leaks

    result = evaluate_leaks(file, source)
    if as_json:
        print_json(result)
    else:
        print_leaks(console(), result)


def _evaluate_folder(folder: Path, source: Source, report: Path | None, *, as_json: bool) -> None:
    from outguard.cli.eval_folder import evaluate_folder

    result = evaluate_folder(folder, source, report, say=lambda step: typer.echo(step, err=True))
    if as_json:
        print_json(result)
    _fail_if(result["failed"])


def _fail_if(failed: int) -> None:
    if failed:
        typer.echo(f"outguard: {failed} line(s) could not be judged or carry no labels", err=True)
        raise typer.Exit(1)
