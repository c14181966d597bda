"""`outguard eval`: score answers against labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from outguard.bench.corpus import Line, parse_expected, parse_json, read_lines
from outguard.bench.score import VERDICTS, Scorer
from outguard.cli.check import FileArgument, ProfilesOption, RulesOption
from outguard.cli.judging import OfflineJudge, Source, span_of
from outguard.cli.output import console, print_json
from outguard.errors import InvalidInputError

if TYPE_CHECKING:
    from rich.console import Console


def evaluate(
    file: FileArgument,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")] = False,
    profiles: ProfilesOption = None,
    rules: RulesOption = None,
) -> None:
    """Score the judge against a labelled file: spans by type, verdicts, latency.

    A line that cannot be judged counts as failed; the exit status is then 1.
    """
    judge = OfflineJudge(Source(rules=rules, profiles=profiles))
    scorer = Scorer()
    for line in read_lines(file):
        score_line(scorer, judge, line)
    if not scorer.answered and not scorer.failed:
        raise InvalidInputError("the file holds no labelled line")
    summary = scorer.summary()
    if as_json:
        print_json(summary)
    else:
        print_summary(console(), summary)
    if scorer.failed:
        typer.echo(f"outguard: {scorer.failed} line(s) could not be judged or carry no labels", err=True)
        raise typer.Exit(1)


def score_line(scorer: Scorer, judge: OfflineJudge, line: Line) -> None:
    """Judge one line and add it to the score; a bad line is a failure, not a stop."""
    try:
        value = parse_json(line)
        expected = parse_expected(value) if isinstance(value, Mapping) else None
    except InvalidInputError:
        expected = None
    answer = judge.answer(line) if expected is not None else {}
    if expected is None or "error" in answer:
        scorer.add_failure()
        return
    scorer.add(expected, answer["verdict"], [span_of(row) for row in answer["findings"]], answer["elapsed_ms"])


def print_summary(to: Console, summary: Mapping[str, Any]) -> None:
    """The scores as tables."""
    from rich.table import Table

    verdict = summary["verdict"]
    to.print(f"{summary['answered']} answered, {summary['failed']} failed")
    matrix = Table("labelled \\ given", *VERDICTS, title="Verdicts")
    for want in VERDICTS:
        matrix.add_row(want, *(str(verdict["confusion"][want][got]) for got in VERDICTS))
    to.print(matrix)
    to.print(
        f"accuracy {_share(verdict['accuracy'])}   ALLOW kept {_share(verdict['allow_kept'])}   "
        f"REDACT recall {_share(verdict['redact_recall'])}   "
        f"QUARANTINE recall {_share(verdict['quarantine_recall'])}"
    )
    spans = Table("category / type", "labelled", "found", "precision", "recall", "F2", "status", title="Findings")
    for column in spans.columns[1:]:
        column.justify = "right"
    for name, row in summary["categories"].items():
        _add(spans, name, row, style="bold")
        for kind, detail in summary["types"].items():
            if kind.startswith(f"{name}/"):
                _add(spans, f"  {kind.removeprefix(name + '/')}", detail, style="")
    to.print(spans)
    latency = summary["latency_ms"]
    to.print("latency ms: " + "   ".join(f"{name} {value}" for name, value in latency.items()))


def _add(table: Any, name: str, row: Mapping[str, Any], *, style: str) -> None:
    rates = (_share(row[key]) for key in ("precision", "recall", "f2", "status_accuracy"))
    table.add_row(name, str(row["labelled"]), str(row["found"]), *rates, style=style)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
