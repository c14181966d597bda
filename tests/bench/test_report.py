"""The report: readable Markdown, with its commands, its gaps named and people's words kept."""

from __future__ import annotations

from typing import Any

from outguard.bench.report import KEPT, kept, markdown_table, render_report

EMPTY: dict[str, Any] = {"date": "2030-01-02", "sets": {}, "replay": None, "skipped": ["data/x.jsonl.gz"], "failed": 0}


def test_skipped_sets_and_the_date_are_named() -> None:
    text = render_report(EMPTY)
    assert "2030-01-02" in text
    assert "data/x.jsonl.gz" in text


def test_what_people_wrote_stays() -> None:
    first = render_report(EMPTY)
    assert "Not measured yet." in first
    filled = first.replace("Not measured yet.", "Retail: .93, by hand.")
    again = render_report(EMPTY, filled)
    assert "Retail: .93, by hand." in again
    assert again == filled


def test_an_unclosed_mark_keeps_nothing() -> None:
    assert kept(f"{KEPT[0]} words") == "Not measured yet.\n"


def test_a_bar_cannot_break_a_table() -> None:
    assert markdown_table(("a", "b"), [("x|y", 1)]).splitlines()[-1] == "| x\\|y | 1 |"


def test_every_set_shows_its_command_and_figures() -> None:
    row = {"labelled": 2, "found": 2, "met": 1, "precision": 0.5, "recall": 0.5, "f2": 0.5}
    spans = {"texts": 2, "types": {"IBAN": row}, "left_out": {"odd": 3}, "found_of_unlabelled_types": {}}
    spans |= {"pattern_types": row, "free_types": row, "all_types": row}
    spans["words"] = {"pattern_types": row, "all_types": row}
    spans["wholes"] = {"pattern_types": row}
    part = {"command": "outguard eval DATA/a", "span_set": spans, "span_set_presidio": spans}
    text = render_report({**EMPTY, "sets": {"a": part}})
    assert "`outguard eval DATA/a`" in text
    assert "| IBAN | 2 | 2 | 0.500 | 0.500 | 0.500 | 2 | 0.500 | 0.500 | 0.500 |" in text
    assert "odd 3" in text
