"""Caps on actions (R7): which windows an action would use, and what an exceeded one makes of an answer. Pure.

What cannot be known is never taken as harmless: an amount that is not given, or whose currency has no rate, takes a
whole cap; an action without a customer counts for its conversation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from outguard.canonical import canonical_json
from outguard.domain.action import Action, GateDecision, Tier
from outguard.domain.cap import Cap, CapClaim, CapScope, Measure, micros_of
from outguard.domain.policy import Policy
from outguard.domain.topic import ESCALATE
from outguard.gate.decide import GateAnswer

Exceeded = Sequence[tuple[str, int | None]]
"""Caps that are used up, by id, with the seconds until the action would fit (None: it never will)."""


def caps_of(policy: Policy, action: Action) -> tuple[Cap, ...]:
    """The caps that count `action`."""
    if action.topic == ESCALATE:
        return ()
    tags = frozenset(action.risk_tags)
    return tuple(
        cap
        for cap in policy.caps_by_topic.find(action.topic)
        if not cap.but_topics.find(action.topic) and (not cap.risk_tags or cap.risk_tags & tags)
    )


def claims_of(policy: Policy, action: Action, *, agent_id: str, is_approved: bool = False) -> tuple[CapClaim, ...]:
    """One claim for each of the action's caps. An approval lifts those that ask for one, never those that deny."""
    return tuple(
        CapClaim(
            cap_id=cap.id,
            key=_key(cap, action, agent_id),
            measure=cap.measure,
            limit=cap.units,
            window_s=cap.window_s,
            weight=_weight(cap, action, policy),
            account=_account(action) if cap.measure is Measure.ACCOUNTS else "",
            enforced=not (is_approved and cap.decision is GateDecision.REQUIRE_APPROVAL),
        )
        for cap in caps_of(policy, action)
    )


def with_caps(policy: Policy, action: Action, answer: GateAnswer, exceeded: Exceeded) -> GateAnswer:
    """`answer` after these caps turned out to be used up: the strictest of them decides."""
    waits = dict(exceeded)
    caps = [cap for cap in caps_of(policy, action) if cap.id in waits]
    if not caps:
        return answer
    decisive = max(caps, key=lambda cap: (cap.decision.strictness, _longest(waits[cap.id])))
    is_denied = decisive.decision is GateDecision.DENY
    tier = max(answer.tier, Tier.T3)
    terms = policy.tiers[tier]
    times = [waits[cap.id] for cap in caps if cap.decision is decisive.decision]
    return replace(
        answer,
        decision=decisive.decision,
        tier=tier,
        rule_id=f"cap.{decisive.id}",
        reason=decisive.reason,
        constraints={} if is_denied else answer.constraints,
        required_approvals=0 if is_denied else max(1, terms.required_approvals),
        senior_only=not is_denied and terms.senior_only,
        holding_message="" if is_denied else terms.holding_message,
        opens_ticket=False,
        queue=answer.queue or policy.review.queue_for(action.topic, action.risk_tags),
        matched=(*answer.matched, *(f"cap.{cap.id}" for cap in caps)),
        retry_after_s=None if None in times else max(time for time in times if time is not None),
        caps_exceeded=tuple(cap.id for cap in caps),
    )


def _longest(wait: int | None) -> float:
    return float("inf") if wait is None else wait


def _key(cap: Cap, action: Action, agent_id: str) -> str:
    parts: dict[str, str] = {"cap": cap.id}
    for scope in cap.per:
        parts[scope] = _scoped(scope, action, agent_id)
    return _hash(parts)


def _scoped(scope: CapScope, action: Action, agent_id: str) -> str:
    if scope is CapScope.AGENT:
        return agent_id
    if scope is CapScope.CUSTOMER:
        return _account(action)
    if scope is CapScope.CONVERSATION:
        return action.conversation_id
    return action.topic if scope is CapScope.TOPIC else ""


def _account(action: Action) -> str:
    if action.customer_id:
        return _hash({"customer": action.customer_id})
    return _hash({"conversation": action.conversation_id})


def _hash(parts: object) -> str:
    return hashlib.sha256(canonical_json(parts)).hexdigest()[:32]


def _weight(cap: Cap, action: Action, policy: Policy) -> int:
    if cap.measure is not Measure.AMOUNT_USD:
        return 1
    rate = None if action.amount is None else policy.exchange_rates_usd.get(action.amount.currency)
    if action.amount is None or rate is None:
        return cap.units
    return micros_of(action.amount.amount * rate)
