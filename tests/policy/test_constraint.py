from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from outguard.policy.constraint import merge

NUMBERS = st.integers(0, 1000)
LISTS = st.lists(st.sampled_from("abcd"), unique=True).map(tuple)
PARTS = st.fixed_dictionaries(
    {},
    optional={"max_x": NUMBERS, "min_x": NUMBERS, "a_allowlist": LISTS, "a_denylist": LISTS, "duty": st.booleans()},
)


def as_sets(constraints: dict[str, Any]) -> dict[str, Any]:
    return {name: frozenset(value) if isinstance(value, tuple) else value for name, value in constraints.items()}


def test_each_constraint_merges_at_its_strictest() -> None:
    one = {"max_amount_usd": 50, "max_runtime_sec": 9, "min_age": 1, "net_allowlist": ("a", "b"), "notify": False}
    two = {"max_amount_usd": 20, "min_age": 5, "net_allowlist": ("b", "c"), "net_denylist": ("z",), "notify": True}
    assert merge([one, two]) == {
        "max_amount_usd": 20,
        "max_runtime_sec": 9,
        "min_age": 5,
        "net_allowlist": ("b",),
        "net_denylist": ("z",),
        "notify": True,
    }


@given(PARTS, PARTS, PARTS)
def test_merging_knows_no_order(one: dict[str, Any], two: dict[str, Any], three: dict[str, Any]) -> None:
    assert as_sets(merge([one, two, three])) == as_sets(merge([three, merge([two, one])]))


@given(PARTS)
def test_merging_twice_changes_nothing(part: dict[str, Any]) -> None:
    assert merge([part, part]) == merge([part])
