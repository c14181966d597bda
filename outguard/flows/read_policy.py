"""What policy decides, and whether other files would make one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from outguard.domain.policy import Problem
from outguard.domain.principal import OPERATOR_TENANT, Principal
from outguard.flows.services import Services
from outguard.policy.lint import lint


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicySummary:
    """The policy in force: its snapshot id, and what it knows by name."""

    snapshot: str
    version: str
    profiles: tuple[str, ...]
    default_profile: str
    rules: tuple[str, ...]
    loaded_at: datetime | None = None


async def get_snapshot(services: Services, principal: Principal) -> PolicySummary:  # noqa: ARG001 - one shape for all flows
    """The policy in force now."""
    policy = services.policies.current
    return PolicySummary(
        snapshot=policy.snapshot,
        version=str(policy.version),
        profiles=tuple(sorted(policy.profiles)),
        default_profile=policy.default_profile,
        rules=tuple(rule.id for rule in policy.gate_rules),
    )


async def validate_policy(
    services: Services,  # noqa: ARG001 - one shape for all flows
    principal: Principal,  # noqa: ARG001
    *,
    files: Mapping[str, str],
) -> tuple[Problem, ...]:
    """Everything wrong with these files (path to text); empty if they make a policy."""
    deciding = {name: text for name, text in files.items() if not name.startswith("detectors/")}
    return await asyncio.to_thread(lint, deciding)  # a large policy takes seconds


async def list_snapshots(
    services: Services,
    principal: Principal,  # noqa: ARG001 - one shape for all flows
    *,
    page_size: int = 50,
    page_token: str = "",
) -> tuple[tuple[PolicySummary, ...], str]:
    """Policies that are or were in force, the last loaded first, and the token of the next page (empty on the last)."""
    size = min(page_size, services.limits.max_page)
    found = await services.store.list_policies(OPERATOR_TENANT, after=page_token, limit=size + 1)
    summaries = tuple(
        PolicySummary(
            snapshot=one.snapshot,
            version=one.label,
            profiles=one.profiles,
            default_profile=one.default_profile,
            rules=one.rules,
            loaded_at=one.loaded_at,
        )
        for one in found[:size]
    )
    return summaries, summaries[-1].snapshot if len(found) > size else ""
