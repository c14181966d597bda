"""Patterns are found in linear time, with code-point offsets, and never skipped."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.pack import Pack, RuleSpec
from outguard.detection.pattern import PatternScanner, check_examples


def _scanner(**rule: Any) -> PatternScanner:
    spec = {"id": "r", "type": "X", "catch": ("x",), **rule}
    return PatternScanner([Pack(name="p", text="", rules=(RuleSpec.model_validate(spec),))], {"even": _is_even})


def _is_even(value: str) -> bool:
    return int(value) % 2 == 0


def _found(scanner: PatternScanner, text: str) -> list[str]:
    return [text[match.start : match.end] for match in scanner.scan(text)]


def test_offsets_are_code_points_of_any_text() -> None:
    scanner = _scanner(patterns=[r"(?:^|\W)(\d+)"], group=1)
    assert _found(scanner, "é 12 😀 345 \ud800 6") == ["12", "345", "6"]


def test_neighbours_may_share_a_boundary_character() -> None:
    scanner = _scanner(patterns=[r"(?:^|,)(\d\d)(?:,|$)"], group=1)
    assert _found(scanner, "11,22,33") == ["11", "22", "33"]


def test_context_is_a_must_where_the_score_alone_is_too_low() -> None:
    scanner = _scanner(patterns=[r"\d{4}"], score=0.1, score_with_context=0.8, context=["pin"])
    assert _found(scanner, "your PIN is 4821") == ["4821"]
    assert _found(scanner, "spinning 4821 times") == []


def test_negative_context_and_deny_drop_a_match() -> None:
    scanner = _scanner(patterns=[r"\d{4}"], negative_context=["year"], deny=["^00"])
    assert _found(scanner, "in the year 2024") == []
    assert _found(scanner, "0012 or 1200") == ["1200"]


def test_validator_entropy_and_keywords_filter() -> None:
    assert _found(_scanner(patterns=[r"\d+"], validator="even"), "11 22") == ["22"]
    assert _found(_scanner(patterns=[r"[a-z]{8}"], entropy_min=2.0), "aaaaaaaa abcdefgh") == ["abcdefgh"]
    assert _found(_scanner(patterns=[r"\d+"], keywords=["Order"]), "11") == []


def test_a_shortened_value_is_tried_again() -> None:
    scanner = _scanner(patterns=[r"\d+(?: \d+)*"], validator="even", shorten=True)
    assert _found(scanner, "22") == ["22"]


def test_examples_that_do_not_hold_are_problems() -> None:
    rule = RuleSpec(id="r", type="X", patterns=("a",), catch=("a", "b"), leave=("a", "c"))
    problems = check_examples(Pack(name="p.yaml", text="", rules=(rule,)), {})
    assert [problem.path for problem in problems] == ["rules[0].catch[1]", "rules[0].leave[0]"]


@given(st.text(max_size=200))
def test_any_text_is_scanned(text: str) -> None:
    for match in _scanner(patterns=[r"\w+@\w+", r"\d+"]).scan(text):
        assert text[match.start : match.end] == match.value


def test_time_grows_linearly_on_hostile_text() -> None:
    scanner = _scanner(patterns=[r"(?:a|a\.)*b", r"(\w+\.)+\d"])

    def took(size: int) -> float:
        start = time.perf_counter()
        scanner.scan("a." * size)
        return time.perf_counter() - start

    took(100)
    assert took(64_000) < 400 * max(took(1_000), 1e-4)
