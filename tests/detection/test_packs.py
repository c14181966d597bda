"""Every shipped rule catches what it says it catches and leaves what it says it leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from outguard.detection.engine import VALIDATORS
from outguard.detection.pack import Pack, load_packs
from outguard.detection.pattern import check_examples

RULES = Path(__file__).parents[2] / "rules" / "detectors"
FILES = {path.name: path.read_text("utf-8") for path in sorted(RULES.glob("pii_*.yaml"))}


@pytest.mark.parametrize("pack", load_packs(FILES, validators=frozenset(VALIDATORS)), ids=lambda pack: pack.name)
def test_examples_of_every_rule_hold(pack: Pack) -> None:
    assert [str(problem) for problem in check_examples(pack, VALIDATORS)] == []
