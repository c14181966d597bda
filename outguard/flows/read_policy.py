"""What policy decides, and whether other files would make one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from outguard.domain.audit import EntryDraft, EntryKind
from outguard.domain.policy import Problem
from outguard.domain.principal import Principal
from outguard.flows.expire_approval import SYSTEM
from outguard.flows.services import Services
from outguard.policy.lint import lint
from outguard.ports import Change


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicySummary:
    """The policy in force: its snapshot id, and what it knows by name."""

    snapshot: str
    version: str
    profiles: tuple[str, ...]
    default_profile: str
    rules: tuple[str, ...]


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


async def record_policy(services: Services, tenant: str) -> None:
    """Put on the record which policy decides from now on."""
    policy = services.policies.current
    entry = EntryDraft(
        kind=EntryKind.POLICY_LOADED,
        principal_id=SYSTEM,
        at=services.clock.now(),
        subject_id=policy.snapshot,
        policy_snapshot=policy.snapshot,
    )
    await services.store.commit(Change(tenant=tenant, entries=(entry,)))
