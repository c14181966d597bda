from __future__ import annotations

from policy_files import small_policy

from outguard.policy.source import PolicySource


def test_a_reload_changes_nothing_for_those_who_hold_the_old_policy() -> None:
    first, second = small_policy(), small_policy("rules: [{id: a, match: {topics: [x]}, tier: T1, reason: r}]\n")
    source = PolicySource(first)
    held = source.current
    assert source.replace(second) is first
    assert source.current is second
    assert held is first
    assert first.snapshot != second.snapshot
