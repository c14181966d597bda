"""Profiles: variants of one policy, such as `regulated`, where material actions take two people too (R2).

A profile only tightens: fewer approvals, a looser decision or a longer approval than the policy's own are problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from outguard.domain.action import Tier
from outguard.domain.policy import Policy, Problem, TierPolicy
from outguard.policy.load import Tree
from outguard.policy.schema import ProfileShape, TierChange
from outguard.policy.validate import validate

PROFILES = "profiles"
DEFAULT_PROFILE = "default"
"""The policy as it stands, without any profile."""


def profiles_in(files: Iterable[str]) -> tuple[str, ...]:
    """The names of a rules folder's profiles, `default` first."""
    prefix, end = f"{PROFILES}/", ".yaml"
    found = (path[len(prefix) : -len(end)] for path in files if path.startswith(prefix) and path.endswith(end))
    return (DEFAULT_PROFILE, *sorted(name for name in found if name != DEFAULT_PROFILE and "/" not in name))


def change_tiers(tree: Tree, policy: Policy) -> Mapping[Tier, TierPolicy]:
    """The policy's tiers with the profile's changes."""
    shape, _ = validate(tree, ProfileShape)
    if shape is None:
        return policy.tiers
    return {tier: replace(policy.tiers[tier], **_given(getattr(shape.tiers, tier.name))) for tier in Tier}


def profile_problems(tree: Tree, policy: Policy) -> Iterable[Problem]:
    """Where the profile would loosen the policy."""
    shape, _ = validate(tree, ProfileShape)
    if shape is None:
        return
    for tier in Tier:
        own = policy.tiers[tier]
        for name, value in _given(getattr(shape.tiers, tier.name)).items():
            if _is_looser(name, value, getattr(own, name)):
                yield tree.problem(("tiers", tier.name, name), "looser than the policy's own: a profile only tightens")


def _given(change: TierChange) -> dict[str, Any]:
    return change.model_dump(exclude_none=True)


def _is_looser(name: str, value: Any, own: Any) -> bool:
    if name == "decision":
        return bool(value.strictness < own.strictness)
    if name in {"required_approvals", "senior_only", "opens_ticket"}:
        return bool(value < own)
    return name in {"approval_timeout_s", "latency_budget_ms"} and bool(value > own)
