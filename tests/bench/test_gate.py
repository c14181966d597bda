"""The gate's bench measures real decisions: rules of the size asked for, signals that see the filled record."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from policy_files import shipped_files

from outguard.bench import gate
from outguard.domain.action import GateDecision
from outguard.gate.decide import decide
from outguard.storage.store import open_store


@pytest.mark.parametrize("size", [10, 100])
def test_the_policy_has_as_many_rules_as_asked_for(size: int) -> None:
    policy = gate.bench_policy(shipped_files(), size)
    assert sum(rule.id.startswith("bench.") for rule in policy.gate_rules) == size + 1
    assert decide(policy, gate.an_action(3), gate.AGENT).decision is GateDecision.ALLOW


async def test_decisions_are_timed_over_a_record_that_holds_something(tmp_path: Path) -> None:
    store = await open_store(f"sqlite:///{tmp_path / 'bench.db'}")
    await gate.fill(store, datetime.now(UTC))
    found = await gate.measure(store, gate.bench_policy(shipped_files(), 10), seconds=0.01)
    await store.close()
    assert found["decisions"] >= 50
    assert 0 < found["rules_cpu_ms"]["p50"] < found["whole_cpu_ms"]["p50"]
