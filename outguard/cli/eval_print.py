"""Scores as tables for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from outguard.bench.score import VERDICTS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_RATES = ("precision", "recall", "f2")
_GROUPS = {"pattern_types": "pattern types", "free_types": "names, places, dates", "all_types": "all types"}
_WHOLES = "pattern types, addresses whole"
_WORDS = {"pattern_types": "words of pattern types", "all_types": "words of all types"}


def print_summary(to: Console, summary: Mapping[str, Any]) -> None:
    """Every part that the evaluated file gave."""
    to.print(f"{summary['answered']} answered, {summary['failed']} failed")
    if "scenario" in summary["formats"]:
        _print_scenarios(to, summary)
    if "span_set" in summary:
        _print_span_set(to, summary["span_set"], summary.get("span_set_presidio"))
    if "entity_cases" in summary:
        _print_entity_cases(to, summary["entity_cases"], summary.get("entity_cases_presidio"))
    if "credentials" in summary:
        _print_credentials(to, summary["credentials"])
    if "disguised" in summary:
        _print_disguised(to, summary["disguised"])
    to.print("latency ms: " + "   ".join(f"{name} {value}" for name, value in summary["latency_ms"].items()))


def share(value: float | None) -> str:
    """A rate with three digits, a dash without cases."""
    return "-" if value is None else f"{value:.3f}"


def counts(values: Mapping[str, int]) -> str:
    """`NAME 3, OTHER 1`, or "none"."""
    return ", ".join(f"{name} {count}" for name, count in values.items()) or "none"


def _print_scenarios(to: Console, summary: Mapping[str, Any]) -> None:
    verdict = summary["verdict"]
    matrix = _table("Verdicts", "labelled \\ given", *VERDICTS)
    for want in VERDICTS:
        matrix.add_row(want, *(str(verdict["confusion"][want][got]) for got in VERDICTS))
    to.print(matrix)
    to.print(
        f"accuracy {share(verdict['accuracy'])}   ALLOW kept {share(verdict['allow_kept'])}   "
        f"REDACT recall {share(verdict['redact_recall'])}   "
        f"QUARANTINE recall {share(verdict['quarantine_recall'])}"
    )
    spans = _table("Findings", "category / type", "labelled", "found", "precision", "recall", "F2", "status")
    for name, row in summary["categories"].items():
        _add(spans, name, row, style="bold")
        for kind, detail in summary["types"].items():
            if kind.startswith(f"{name}/"):
                _add(spans, f"  {kind.removeprefix(name + '/')}", detail, style="")
    to.print(spans)


def _add(table: Table, name: str, row: Mapping[str, Any], *, style: str) -> None:
    rates = (share(row[key]) for key in (*_RATES, "status_accuracy"))
    table.add_row(name, str(row["labelled"]), str(row["found"]), *rates, style=style)


def _print_span_set(to: Console, ours: Mapping[str, Any], theirs: Mapping[str, Any] | None) -> None:
    head = ["type", "labelled", "precision", "recall", "F2"]
    table = _table("Span set", *head, *(() if theirs is None else ("Presidio P", "R", "F2")))
    rows, rivals = _span_rows(ours), {} if theirs is None else _span_rows(theirs)
    for name, row in rows.items():
        cells = [share(row[key]) for key in _RATES]
        if theirs is not None:
            cells += [share(rivals[name][key]) for key in _RATES]
        table.add_row(name, str(row["labelled"]), *cells, style="" if name in ours["types"] else "bold")
    to.print(table)
    to.print(f"labels left out (no such type here): {counts(ours['left_out'])}")
    to.print(f"found of types the set does not label: {counts(ours['found_of_unlabelled_types'])}")
    if theirs is not None:
        to.print(f"the same of Presidio: {counts(theirs['found_of_unlabelled_types'])}")


def _span_rows(side: Mapping[str, Any]) -> dict[str, Any]:
    groups = {title: side[key] for key, title in _GROUPS.items()}
    wholes = {_WHOLES: side["wholes"]["pattern_types"]}
    return {**side["types"], **groups, **wholes, **{title: side["words"][key] for key, title in _WORDS.items()}}


def _print_entity_cases(to: Console, ours: Mapping[str, Any], theirs: Mapping[str, Any] | None) -> None:
    head = ("entity", "places", "recall", "negatives", "left alone")
    table = _table("One-entity cases", *head, *(() if theirs is None else ("Presidio recall", "left alone")))
    rivals = {} if theirs is None else {**theirs["entities"], "all": theirs["all"]}
    for name, row in {**ours["entities"], "all": ours["all"]}.items():
        cells = [str(row["labelled"]), share(row["recall"]), str(row["negatives"]), share(row["specificity"])]
        if theirs is not None:
            cells += [share(rivals[name]["recall"]), share(rivals[name]["specificity"])]
        table.add_row(name, *cells, style="bold" if name == "all" else "")
    to.print(table)
    to.print(f"entities left out (no such type here): {counts(ours['left_out'])}")


def _print_credentials(to: Console, row: Mapping[str, Any]) -> None:
    table = _table("Credentials", "counted as found", "positives", "recall", "negatives", "left alone")
    positives, negatives = str(row["positives"]), str(row["negatives"])
    table.add_row("live", positives, share(row["recall"]), negatives, share(row["specificity"]))
    rates = share(row["recall_with_placeholders"]), share(row["specificity_with_placeholders"])
    table.add_row("live or placeholder", positives, rates[0], negatives, rates[1])
    others = str(row["negatives"] - row["negatives_labelled_elsewhere"])
    table.add_row(
        "live, no contradictions", positives, share(row["recall"]), others, share(row["specificity_of_the_others"])
    )
    to.print(table)


def _print_disguised(to: Console, part: Mapping[str, Any]) -> None:
    for title, rows in (("Disguises", part["disguises"]), ("Disguised, by type", part["types"])):
        table = _table(title, "", "values", "found", "recall", "of those found plain")
        for name, row in {**rows, "all": part["all"]}.items():
            cells = (str(row["values"]), str(row["found"]), share(row["recall"]), share(row["recall_of_found_plain"]))
            table.add_row(name, *cells, style="bold" if name == "all" else "")
        to.print(table)


def print_leaks(to: Console, result: Mapping[str, Any]) -> None:
    """What of internal documents is found, and of public ones, in tables."""
    for group, rows in result["leaks"].items():
        table = _table(f"Pasted {group} documents: {result[group]}", "pasted", "times", "found", "share")
        for name, row in rows.items():
            cells = (str(row["pasted"]), str(row["found"]), share(row["share"]))
            table.add_row(name, *cells, style="bold" if name == "all" else "")
        to.print(table)


def _table(title: str, *columns: str) -> Table:
    from rich.table import Table

    table = Table(*columns, title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    return table
