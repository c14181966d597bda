"""Why the gate says what it says: every rule that was looked at, what each would have said, signals and caps. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from outguard.canonical import plain
from outguard.domain.action import Action, GateDecision
from outguard.domain.policy import GateRule, Policy
from outguard.domain.principal import Principal
from outguard.domain.signal import Signals
from outguard.gate.caps import caps_of
from outguard.gate.decide import GateAnswer, decision_of
from outguard.policy.match import Facts, Fit, fit_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Opinion:
    """What one rule says. `missed` names the first key of its match that does not hold, empty if all do."""

    rule_id: str
    fit: str
    decision: GateDecision
    tier: str
    reason: str
    missed: str = ""
    shadow: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """A decision taken apart. Holds names, numbers and words of the policy, never content."""

    answer: GateAnswer
    opinions: tuple[Opinion, ...]
    signals: Signals
    caps: tuple[dict[str, Any], ...]
    profile: str
    policy_snapshot: str

    def as_plain(self) -> dict[str, Any]:
        """As JSON values."""
        answer = self.answer
        value: dict[str, Any] = plain(
            {
                "decision": answer.decision,
                "tier": answer.tier.name,
                "rule": answer.rule_id,
                "reason": answer.reason,
                "constraints": dict(answer.constraints),
                "required_approvals": answer.required_approvals,
                "rules": [asdict(opinion) for opinion in self.opinions],
                "signals": self.signals.noticed(),
                "anomaly": {
                    "score": self.signals.anomaly,
                    "parts": [{**asdict(part), "share": round(part.share, 6)} for part in self.signals.parts],
                },
                "caps": list(self.caps),
                "profile": self.profile,
                "policy_snapshot": self.policy_snapshot,
            }
        )
        return value


def explain(policy: Policy, action: Action, principal: Principal, signals: Signals, answer: GateAnswer) -> Explanation:
    """Take `answer`, which the gate gave to `action`, apart."""
    facts = Facts(action=action, agent_id=principal.id, rates=policy.exchange_rates_usd, signals=signals)
    rules: Sequence[GateRule] = policy.rules_by_topic.find(action.topic)
    return Explanation(
        answer=answer,
        opinions=tuple(_opinion(policy, rule, facts) for rule in rules),
        signals=signals,
        caps=tuple(
            {
                "id": cap.id,
                "per": list(cap.per),
                "measure": cap.measure,
                "limit": cap.limit,
                "window_s": cap.window_s,
                "decision": cap.decision,
                "exceeded": cap.id in answer.caps_exceeded,
            }
            for cap in caps_of(policy, action)
        ),
        profile=policy.profile,
        policy_snapshot=policy.snapshot,
    )


def _opinion(policy: Policy, rule: GateRule, facts: Facts) -> Opinion:
    fit, missed = fit_of(rule.match, facts)
    return Opinion(
        rule_id=rule.id,
        fit=fit.name.lower(),
        decision=decision_of(policy, rule),
        tier="" if rule.tier is None else rule.tier.name,
        reason=rule.reason,
        missed=missed if fit is Fit.NO else "",
        shadow=rule.shadow,
    )
