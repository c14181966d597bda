"""The gate: one action, one principal, one policy, one answer. Pure and deterministic.

Order: a malformed topic is denied; reaching a person is never gated; out of scope is denied; then every rule that
applies is heard, and the strictest wins, never the first. A topic that no rule lists is denied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from outguard.domain.action import Action, GateDecision, Tier
from outguard.domain.policy import GateRule, Policy
from outguard.domain.principal import Principal
from outguard.domain.signal import NO_SIGNALS, Signals
from outguard.domain.topic import ESCALATE, is_topic
from outguard.policy.constraint import merge
from outguard.policy.match import Facts, Fit, find_rules


@dataclass(frozen=True, kw_only=True, slots=True)
class GateAnswer:
    """The gate's answer, to be enforced as it stands.

    `rule_id` and `reason` are those of the strictest rule. Rules in shadow mode never change `decision`: `shadow` says
    that they would have, `shadow_decision` and `shadow_rule_id` to what. `matched` lists every rule that applied.
    `caps_exceeded` names the caps that were used up; `retry_after_s` is set where time alone helps.
    """

    decision: GateDecision
    tier: Tier
    rule_id: str
    reason: str
    constraints: Mapping[str, Any] = field(default_factory=dict)
    required_approvals: int = 0
    senior_only: bool = False
    holding_message: str = ""
    opens_ticket: bool = False
    queue: str = ""
    matched: tuple[str, ...] = ()
    shadow: bool = False
    shadow_decision: GateDecision | None = None
    shadow_rule_id: str = ""
    caps_exceeded: tuple[str, ...] = ()
    retry_after_s: int | None = None


def decide(policy: Policy, action: Action, principal: Principal, signals: Signals = NO_SIGNALS) -> GateAnswer:
    """What the gate says to `principal` asking for `action`, given what the record shows around it."""
    if not is_topic(action.topic):
        return _deny(policy, action, "gate.malformed", "the topic is malformed")
    if action.topic == ESCALATE:
        return GateAnswer(
            decision=GateDecision.ALLOW,
            tier=Tier.T1,
            rule_id="gate.escalate",
            reason="reaching a person is never gated",
            queue=policy.review.queue_for(action.topic, ()),
            matched=("gate.escalate",),
        )
    if not principal.may_ask_for(action.topic):
        return _deny(policy, action, "gate.scope", "the credential does not cover this topic")
    facts = Facts(action=action, agent_id=principal.id, rates=policy.exchange_rates_usd, signals=signals)
    found = find_rules(policy, facts)
    enforced = [(rule, fit) for rule, fit in found if not rule.shadow]
    answer = _combine(policy, action, enforced)
    if len(enforced) == len(found):
        return answer
    return _with_shadow(answer, _combine(policy, action, found))


def _combine(policy: Policy, action: Action, found: Sequence[tuple[GateRule, Fit]]) -> GateAnswer:
    """The strictest of what was found. A rule that is UNSURE adds strictness but does not list the topic."""
    if not any(fit is Fit.YES and rule.lists and not rule.shadow for rule, fit in found):
        ids = tuple(rule.id for rule, _ in found)
        return _deny(policy, action, "gate.unlisted", "no rule lists this topic for such an action", matched=ids)
    rules = [rule for rule, _ in found]
    tier = max((rule.tier for rule in rules if rule.tier is not None), default=Tier.T1)
    strictest = max(rules, key=lambda rule: _rank(policy, rule))
    constraints = merge(rule.constraints for rule in rules)
    decision = decision_of(policy, strictest)
    decision = max(decision, policy.tiers[tier].decision, key=lambda each: each.strictness)
    if constraints and decision is GateDecision.ALLOW:
        decision = GateDecision.ALLOW_WITH_CONSTRAINTS
    return _answer(policy, action, rules, strictest, decision, tier, constraints)


def _answer(  # noqa: PLR0917 - the parts of one answer
    policy: Policy,
    action: Action,
    rules: Sequence[GateRule],
    strictest: GateRule,
    decision: GateDecision,
    tier: Tier,
    constraints: Mapping[str, Any],
) -> GateAnswer:
    terms = policy.tiers[tier]
    waits = decision is GateDecision.REQUIRE_APPROVAL
    asked = max(rule.required_approvals for rule in rules)
    runs = decision.strictness <= GateDecision.ALLOW_WITH_CONSTRAINTS.strictness
    return GateAnswer(
        decision=decision,
        tier=tier,
        rule_id=strictest.id,
        reason=strictest.reason,
        constraints={} if decision is GateDecision.DENY else constraints,
        required_approvals=max(1, asked, terms.required_approvals) if waits else 0,
        senior_only=waits and terms.senior_only,
        holding_message=terms.holding_message if waits else "",
        opens_ticket=runs and terms.opens_ticket,
        queue=strictest.queue or terms.queue or policy.review.queue_for(action.topic, action.risk_tags),
        matched=tuple(rule.id for rule in rules),
    )


def decision_of(policy: Policy, rule: GateRule) -> GateDecision:
    """What a rule asks for: its own decision or its tier's, whichever is stricter."""
    tier = GateDecision.ALLOW if rule.tier is None else policy.tiers[rule.tier].decision
    own = rule.decision or GateDecision.ALLOW
    return max(own, tier, key=lambda each: each.strictness)


def _rank(policy: Policy, rule: GateRule) -> tuple[int, int, int, bool]:
    """How strict a rule is; among equals a written rule explains better than a grade, and the first one wins."""
    return decision_of(policy, rule).strictness, rule.tier or 0, rule.required_approvals, not rule.graded


def _with_shadow(answer: GateAnswer, shadowed: GateAnswer) -> GateAnswer:
    differs = (shadowed.decision, shadowed.tier) != (answer.decision, answer.tier)
    values = {name: getattr(answer, name) for name in GateAnswer.__dataclass_fields__}
    values["matched"] = shadowed.matched
    if differs:
        values |= {"shadow": True, "shadow_decision": shadowed.decision, "shadow_rule_id": shadowed.rule_id}
    return GateAnswer(**values)


def _deny(policy: Policy, action: Action, rule_id: str, reason: str, *, matched: tuple[str, ...] = ()) -> GateAnswer:
    return GateAnswer(
        decision=GateDecision.DENY,
        tier=Tier.T4,
        rule_id=rule_id,
        reason=reason,
        queue=policy.review.queue_for(action.topic, ()),
        matched=matched or (rule_id,),
    )
