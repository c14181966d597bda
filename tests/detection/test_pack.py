"""A pack with mistakes does not load, and every mistake is told with file, line and path."""

from __future__ import annotations

import pytest

from outguard.detection.pack import load_packs
from outguard.errors import PolicyError

GOOD = "rules:\n  - {id: a.b, type: X, patterns: ['x\\d'], catch: ['x1'], leave: ['y']}\n"
BAD = """rules:
  - id: a.b
    type: X
    patterns: ['(?=x)y']
    catch: ['y']
  - id: a.b
    type: X
    patterns: ['x']
    group: 2
    validator: nonsense
    catch: ['x']
"""


def _problems(files: dict[str, str]) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load_packs(files, validators=frozenset({"luhn"}))
    return [str(problem) for problem in caught.value.problems]


def test_a_good_pack_loads() -> None:
    assert [rule.id for rule in load_packs({"a.yaml": GOOD}, validators=frozenset())[0].rules] == ["a.b"]


def test_all_mistakes_are_told_at_once_with_their_lines() -> None:
    problems = _problems({"bad.yaml": BAD, "worse.yaml": "rules: [{id: c, typ: X}]", "no.yaml": "rules: ["})
    assert [problem.split(": ")[:2] for problem in problems if problem.startswith("bad")] == [
        ["bad.yaml:4", "rules[0].patterns[0]"],
        ["bad.yaml:8", "rules[1].patterns[0]"],
        ["bad.yaml:10", "rules[1].validator"],
        ["bad.yaml:6", "rules[1].id"],
    ]
    assert any("rules[0].typ" in problem for problem in problems)
    assert any(problem.startswith("no.yaml") and "not valid YAML" in problem for problem in problems)


def test_an_id_is_used_once_across_files() -> None:
    assert "already" in _problems({"a.yaml": GOOD, "b.yaml": GOOD})[0]


def test_a_rule_without_anything_to_catch_is_refused() -> None:
    assert _problems({"a.yaml": "rules:\n  - {id: a, type: X, patterns: ['x'], catch: []}\n"})
