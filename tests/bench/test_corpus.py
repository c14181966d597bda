"""Corpus reading: bounds, compression, strict JSON, labels."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import pytest

from outguard.bench.corpus import Line, parse_expected, parse_json, read_lines
from outguard.errors import InvalidInputError


def line(data: bytes, number: int = 3) -> Line:
    return Line(number=number, data=data)


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def test_blank_lines_are_skipped_and_numbers_kept(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", b'{"a":1}\n\n  \n{"b":2}')
    assert [(item.number, item.data) for item in read_lines(source)] == [(1, b'{"a":1}\n'), (4, b'{"b":2}')]


def test_gzip_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", gzip.compress(b"1\n2\n"))
    assert [item.data for item in read_lines(source)] == [b"1\n", b"2\n"]


def test_an_oversize_line_is_a_problem_and_the_next_is_read(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", b"x" * 200_000 + b"\n1\n")
    first, second = read_lines(source, max_bytes=100)
    assert first.problem is not None
    assert "line 1" in first.problem
    assert second == Line(number=2, data=b"1\n")


def test_a_line_of_exactly_the_limit_passes(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", b"1" * 100 + b"\n" + b"2" * 100)
    assert [item.problem for item in read_lines(source, max_bytes=100)] == [None, None]


def test_cut_off_gzip_says_so(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl.gz", gzip.compress(b"1\n" * 5000)[:-9])
    with pytest.raises(InvalidInputError, match="compressed"):
        list(read_lines(source))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="cannot open"):
        list(read_lines(str(tmp_path / "none.jsonl")))


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(b"1\n"))))
    assert [item.data for item in read_lines("-")] == [b"1\n"]


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b'{"a": }', "not valid JSON"),
        (b'{"a": NaN}', "not finite"),
        (b'{"a": -Infinity}', "not finite"),
        (b'{"a": 1e999}', "not finite"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too long"),
        (b'{"a": "\xff"}', "UTF-8"),
        (rb'{"a": "\ud800"}', "surrogate"),
        (rb'{"\uDFFF": 1}', "surrogate"),
        (b"[" * 100_000 + b"]" * 100_000, "nested"),
    ],
)
def test_what_is_not_strict_json_is_refused_without_content(data: bytes, match: str) -> None:
    with pytest.raises(InvalidInputError, match=match) as caught:
        parse_json(line(data))
    assert "line 3" in caught.value.message
    assert len(caught.value.message) < 100


def test_escaped_astral_letters_pass() -> None:
    assert parse_json(line(rb'"\ud83d\ude00"')) == "\U0001f600"


def test_a_byte_order_mark_is_forgiven_at_the_start_only() -> None:
    assert parse_json(line(b"\xef\xbb\xbf1", number=1)) == 1
    with pytest.raises(InvalidInputError):
        parse_json(line(b"\xef\xbb\xbf1", number=2))


def test_a_line_with_a_problem_raises_it() -> None:
    with pytest.raises(InvalidInputError, match="line 9: long"):
        parse_json(Line(number=9, problem="line 9: long"))


def test_scenario_labels_are_read() -> None:
    span = {"start": 1, "end": 4, "category": "pii", "type": "PERSON", "status": "own"}
    field = {"field": "a.b", "category": "internal", "type": "REASONING", "status": None}
    expected = parse_expected({"expected": {"decision": "ALLOW", "spans": [span, field]}})
    assert expected is not None
    assert expected.decision == "ALLOW"
    assert [(item.type, item.start, item.field) for item in expected.spans] == [
        ("PERSON", 1, None),
        ("REASONING", None, "a.b"),
    ]


def test_span_sets_have_no_verdict() -> None:
    expected = parse_expected({"id": "1", "text": "x", "spans": [{"start": 0, "end": 1, "label": "PERSON"}]})
    assert expected is not None
    assert expected.decision is None
    assert expected.spans[0].type == "PERSON"


def test_no_labels_is_none() -> None:
    assert parse_expected({"id": "1", "text": "x"}) is None


@pytest.mark.parametrize(
    "spans",
    [
        "x",
        3,
        [1],
        [{"category": "pii", "start": 0, "end": 1}],
        [{"type": "A"}],
        [{"type": "A", "start": 3, "end": 1}],
    ],
)
def test_malformed_labels_are_refused(spans: Any) -> None:
    with pytest.raises(InvalidInputError, match="spans"):
        parse_expected({"expected": {"decision": "ALLOW", "spans": spans}})
