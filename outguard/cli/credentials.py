"""Making bearer tokens for people and agents: each is on the record, each is shown once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from outguard.domain.principal import Principal, Role

if TYPE_CHECKING:
    from outguard.domain.policy import Policy
    from outguard.flows.services import Services

ISSUER = "outguard-cli"
DAY_S = 24 * 3600
FIRST_DAYS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Who gets a token."""

    id: str
    role: Role
    topics: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()


def first_people(policy: Policy, *, topics: tuple[str, ...] = ("support.*", "escalate")) -> tuple[Person, ...]:
    """One of each role, and a second senior reviewer since two different ones must sign the gravest actions."""
    skills = queues_of(policy)
    return (
        Person(id="agent-1", role=Role.AGENT, topics=topics),
        Person(id="reviewer-1", role=Role.REVIEWER, skills=skills),
        Person(id="senior-1", role=Role.SENIOR_REVIEWER, skills=skills),
        Person(id="senior-2", role=Role.SENIOR_REVIEWER, skills=skills),
        Person(id="auditor-1", role=Role.AUDITOR),
        Person(id="admin-1", role=Role.ADMIN),
    )


def queues_of(policy: Policy) -> tuple[str, ...]:
    """Every review queue that the policy names."""
    named = {policy.review.default_queue, policy.reply.default_queue}
    named |= {route.queue for route in policy.review.routes} | {route.queue for route in policy.reply.routes}
    named |= {policy.review.escalation_queue} - {""}
    optional = {tier.queue for tier in policy.tiers.values()} | {rule.queue for rule in policy.gate_rules}
    return tuple(sorted(named | {queue for queue in optional if queue}))


async def issue(
    services: Services, people: Iterable[Person], *, tenant: str = "default", days: float = FIRST_DAYS
) -> dict[str, str]:
    """Store a token for each and return the bearer strings by principal id."""
    from outguard.auth import new_token
    from outguard.flows.issue_token import issue_token

    bearers: dict[str, str] = {}
    for person in people:
        principal = Principal(id=person.id, role=person.role, tenant=tenant, topics=person.topics, skills=person.skills)
        token, bearer = new_token(principal, now=services.clock.now(), ttl_s=days * DAY_S)
        await issue_token(services, ISSUER, token)
        bearers[person.id] = bearer
    return bearers
