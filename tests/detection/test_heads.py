"""What a pattern begins with is found wherever the pattern is."""

from __future__ import annotations

from pathlib import Path

import pytest
import re2
import yaml
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.examples import expand
from outguard.detection.heads import head_of
from outguard.detection.pack import compiled, prepared

RULES = Path(__file__).parents[2] / "rules" / "detectors"

_ATOMS = st.sampled_from(
    ["a", "b", "ab", r"\d", "[ab]", "[^a]", r"\b", "^", "$", ".", r"\s", "1", "[a-z]", r"\x61", " "]
)
_TIMES = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{1,3}", "{0,12}", "{9}", "{3,}", "*?", "{1,2}?"])
_PLACE = frozenset({r"\b", "^", "$"})


def _repeated(atom: str, times: str) -> str:
    return atom if atom in _PLACE else f"(?:{atom}){times}" if len(atom) == 2 and atom.isalpha() else atom + times


_ITEMS = st.builds(_repeated, _ATOMS, _TIMES)
_PATTERNS = st.recursive(
    st.lists(_ITEMS, min_size=1, max_size=5).map("".join),
    lambda inner: st.one_of(
        st.builds(
            lambda parts, times: f"(?:{'|'.join(parts)}){times}", st.lists(inner, min_size=1, max_size=3), _TIMES
        ),
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map("|".join),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"(?i:{one})"),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("pattern", "head"),
    [
        (r"\bgate code[^\n]*? is (\d{4})", r"\bgate code"),
        (r"(?i)\b(?:say|tell \w+)[ :]", r"(?i)\b(?:say|tell \w)"),
        (r"(AKIA[A-Z0-9]{16})(?:\W|$)", r"(?:AKIA[A-Z0-9]{4})"),
        (r"(?P<code>\d{3}[ab]?)x", r"(?:\d{3}[ab]?)x"),
        (r"[[:alpha:]\]]{1,3}-|[a-z]+1", r"[[:alpha:]\]]{1,3}-|[a-z]"),
    ],
)
def test_a_head_ends_where_a_text_may_be_of_any_length(pattern: str, head: str) -> None:
    found = head_of(pattern)
    assert found is not None
    assert found.source == head


def test_a_head_weighs_what_its_lightest_branch_does() -> None:
    weights = [
        found.weight for one in ("abc.*", "abc|x", "(?:^|[^a])ab", r"\d{2}a?", r"\w+x") if (found := head_of(one))
    ]
    assert weights == [3.0, 1.0, 2.0, 0.8, 0.0]


@pytest.mark.parametrize("pattern", [r"a(?i)b|c", r"\Qa.b\E", "a)b", "*a", "a**"])
def test_what_is_not_read_has_no_head(pattern: str) -> None:
    assert head_of(pattern) is None


@given(_PATTERNS, st.text(alphabet="abAB1 2\n", max_size=12))
def test_where_a_pattern_matches_its_head_does(pattern: str, text: str) -> None:
    try:
        matches = re2.search(pattern, text) is not None
    except re2.error:
        return
    head = head_of(pattern)
    if matches and head is not None:
        assert re2.search(head.source, text) is not None


def test_shipped_patterns_have_heads_that_match_where_they_do() -> None:
    for path in sorted(RULES.glob("*.yaml")):
        for rule in yaml.safe_load(path.read_text()).get("rules", ()):
            for pattern in rule.get("patterns", ()) if "catch" in rule else ():
                source = prepared(pattern, ignore_case=rule.get("ignore_case", False))
                head = head_of(source.decode())
                assert head is not None, rule["id"]
                for text in map(expand, rule["catch"]):
                    if compiled(source).search(text.encode()):
                        assert compiled(head.source.encode()).search(text.encode()), rule["id"]
