"""Rewritten letter classes hold letters; what a pattern needs is never overstated."""

from __future__ import annotations

from pathlib import Path

import pytest
import re2
import yaml

from outguard.detection.needs import Supply, needs_of
from outguard.detection.pack import compiled, prepared
from outguard.detection.regex import compacted

RULES = Path(__file__).parents[2] / "rules" / "detectors"


@pytest.mark.parametrize("path", sorted(RULES.glob("pii_*.yaml")), ids=lambda path: path.stem)
def test_needs_of_shipped_rules_fit_all_their_matches(path: Path) -> None:
    for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]:
        for pattern in rule["patterns"]:
            ignore_case = rule.get("ignore_case", False)
            needs = needs_of(pattern, group=rule.get("group", 0))
            for text in rule["catch"]:
                match = compiled(prepared(pattern, ignore_case=ignore_case)).search(text.encode())
                if match is not None:
                    assert Supply(match.group()).covers(needs), rule["id"]


@pytest.mark.parametrize(
    ("letter", "is_letter"), [("a", True), ("É", True), ("ж", True), ("한", True), ("×", False), ("7", False)]
)
def test_compacted_letters_are_letters(letter: str, is_letter: bool) -> None:  # noqa: FBT001 - a parameter
    assert bool(re2.search(compacted(r"^\pL$").encode(), letter.encode())) is is_letter
    assert bool(re2.search(compacted(r"^[^\pL]$").encode(), letter.encode())) is not is_letter
