"""Constraints that travel with a decision: their names tell their kind, and their kind how two of them merge.

`max_*` and `*_sec` are limits (the lowest counts), `min_*` floors (the highest), `*_allowlist` what is open (what all
agree on), `*_denylist` what is closed (all of them together), anything else a duty: true or not there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any


def problem_with(name: str, value: Any) -> str | None:
    """What is wrong with a constraint as written, if anything."""
    if _is_list(name):
        is_good = isinstance(value, list) and all(isinstance(item, str) and item for item in value)
        return None if is_good else "a list of texts is wanted"
    if _is_limit(name) or _is_floor(name):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return None if is_number and math.isfinite(value) and value >= 0 else "a number of 0 or more is wanted"
    return None if isinstance(value, bool) else "true or false is wanted (limits start with max_ or min_)"


def merge(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """All constraints at once, each name at its strictest."""
    merged: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            merged[name] = _stricter(name, merged[name], value) if name in merged else value
    return dict(sorted(merged.items()))


def _stricter(name: str, one: Any, other: Any) -> Any:
    if name.endswith("_allowlist"):
        return tuple(item for item in one if item in other)
    if name.endswith("_denylist"):
        return tuple(dict.fromkeys((*one, *other)))
    if _is_floor(name):
        return max(one, other)
    return min(one, other) if _is_limit(name) else one or other


def _is_list(name: str) -> bool:
    return name.endswith(("_allowlist", "_denylist"))


def _is_floor(name: str) -> bool:
    return name.startswith("min_")


def _is_limit(name: str) -> bool:
    return name.startswith("max_") or name.endswith("_sec")
