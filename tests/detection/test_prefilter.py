"""A pattern that matches is always a candidate; memory running out never skips one."""

from __future__ import annotations

from pathlib import Path

import pytest
import re2
import yaml
from hypothesis import given
from hypothesis import strategies as st

from outguard.detection.examples import expand
from outguard.detection.needs import needs_of
from outguard.detection.pack import compiled, prepared
from outguard.detection.prefilter import Prefilter, _Heads

RULES = Path(__file__).parents[2] / "rules" / "detectors"
PATTERNS = [r"secret_[a-z]{4}", r"\d{4}", r"\b[A-Z]\d{7}\b", r"\w+@\w+", r"(?:^|\s)x+y", r"[a-z]{1,20}_abc"]


def _prefilter(patterns: list[str]) -> Prefilter:
    return Prefilter([pattern.encode() for pattern in patterns], lambda number: needs_of(patterns[number]))


class _GivesUp:
    """Answers as RE2 does when it is out of memory."""

    def Match(self, _data: bytes, *_options: bool) -> list[int]:  # noqa: N802 - RE2's name
        return []


def test_literals_and_digits_choose_candidates() -> None:
    prefilter = _prefilter(PATTERNS)
    assert set(prefilter.candidates(b"a plain text")) <= {3, 4}
    assert 0 in prefilter.candidates(b"SECRET_word or secret_abcd")
    assert prefilter.candidates(b"secret_abcd A1234567 xy") == [0, 1, 2, 4, 5]


def test_literals_alone_do_not_make_a_candidate_of_what_needs_digits_or_signs() -> None:
    prefilter = _prefilter([r"code ?= ?\d{6}", r"mail (?:a@b|c@d)"])
    assert prefilter.candidates(b"the code = of this mail") == []
    assert prefilter.candidates(b"mail c@d the code=123456") == [0, 1]


@pytest.mark.parametrize("attribute", ["_literals", "_match"])
def test_nothing_is_skipped_when_memory_runs_out(attribute: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prefilter = _prefilter(PATTERNS)
    data = b"1234567 secret_abcd A1234567 a word_abc"
    expected = set(prefilter.candidates(data))
    owners = [prefilter] if attribute == "_literals" else [*prefilter._heads, *_shaped(prefilter)]
    assert owners
    for owner in owners:
        monkeypatch.setattr(owner, attribute, _GivesUp() if attribute == "_literals" else _GivesUp().Match)
    assert set(prefilter.candidates(data)) >= expected >= {0, 1, 2, 5}


def _shaped(prefilter: Prefilter) -> list[object]:
    return [batch for batch in prefilter._batches if hasattr(batch, "_always")]


def test_a_head_that_re2_refuses_leaves_its_pattern_to_the_literals() -> None:
    heads = _Heads()
    assert not heads.add(0, b"(unbalanced")
    assert heads.add(7, b"word")
    assert list(heads.compiled().matching(b"a word")) == [7]


@given(st.text(alphabet="secrt_ab1234567ABxy@ \n", max_size=60))
def test_what_matches_is_a_candidate(text: str) -> None:
    data = text.encode()
    matching = {number for number, pattern in enumerate(PATTERNS) if re2.search(pattern.encode(), data)}
    assert matching <= set(SHARED.candidates(data))


SHARED = _prefilter(PATTERNS)


def test_shipped_patterns_are_candidates_for_all_that_they_match() -> None:
    rules = [
        rule for path in sorted(RULES.glob("*.yaml")) for rule in yaml.safe_load(path.read_text()).get("rules", ())
    ]
    rules = [rule for rule in rules if "patterns" in rule and "catch" in rule]
    table = [
        (prepared(pattern, ignore_case=rule.get("ignore_case", False)), needs_of(pattern, group=rule.get("group", 0)))
        for rule in rules
        for pattern in rule["patterns"]
    ]
    prefilter = Prefilter([source for source, _ in table], lambda number: table[number][1])
    for rule in rules:
        for text in rule["catch"]:
            data = expand(text).encode()
            candidates = set(prefilter.candidates(data))
            missed = [n for n, (source, _) in enumerate(table) if n not in candidates and compiled(source).search(data)]
            assert not missed, rule["id"]
