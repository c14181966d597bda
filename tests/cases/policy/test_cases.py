"""The YAML cases of this folder hold for the shipped policy."""

from __future__ import annotations

from pathlib import Path

import pytest
from policy_files import shipped_policy

from outguard.gate.decide import decide
from outguard.policy.testing import load_cases, run_cases

FILES = sorted(Path(__file__).parent.glob("*_test.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_shipped_policy_decides_as_the_cases_say(path: Path) -> None:
    results = run_cases(shipped_policy(), load_cases(path.read_text("utf-8"), file=path.name), decide=decide)
    assert results
    assert [(result.line, result.name, result.failures) for result in results if not result.passed] == []
