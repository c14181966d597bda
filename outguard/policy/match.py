"""Which rules apply to an action.

Rules are looked up by topic; of the rest of a match every key must hold. What cannot be known is never taken as
harmless: an amount in a currency without rate exceeds every threshold, a condition that fails gives `UNSURE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property
from typing import Any

from outguard.domain.action import Action
from outguard.domain.policy import GateRule, Match, Missing, Policy
from outguard.policy.condition import Bindings, ConditionError

_INFINITE = Decimal("Infinity")


class Fit(Enum):
    """Whether a rule applies. An UNSURE rule makes a decision stricter, never looser."""

    NO = 0
    UNSURE = 1
    YES = 2


@dataclass(frozen=True, kw_only=True)
class Facts:
    """An action as rules read it; computed once for all rules."""

    action: Action
    agent_id: str
    rates: Mapping[str, Decimal]

    @cached_property
    def tags(self) -> frozenset[str]:
        """The risk tags as a set."""
        return frozenset(self.action.risk_tags)

    @cached_property
    def amount_usd(self) -> Decimal | None:
        """The amount in US dollars; infinite for a currency without a rate; None without an amount."""
        amount = self.action.amount
        if amount is None:
            return None
        rate = self.rates.get(amount.currency)
        return _INFINITE if rate is None else amount.amount * rate

    @cached_property
    def bound(self) -> Bindings:
        """The variables of conditions."""
        return Bindings(self._value_of)

    def _value_of(self, name: str) -> Any:
        return _VALUES[name](self)


_VALUES: Mapping[str, Callable[[Facts], Any]] = {
    "topic": lambda facts: facts.action.topic,
    "risk_tags": lambda facts: list(facts.action.risk_tags),
    "args": lambda facts: dict(facts.action.arguments),
    "has_amount": lambda facts: facts.action.amount is not None,
    "amount": lambda facts: None if facts.action.amount is None else float(facts.action.amount.amount),
    "amount_usd": lambda facts: None if facts.amount_usd is None else float(facts.amount_usd),
    "currency": lambda facts: "" if facts.action.amount is None else facts.action.amount.currency,
    "target": lambda facts: facts.action.target or "",
    "customer_id": lambda facts: facts.action.customer_id or "",
    "recipient": lambda facts: facts.action.recipient or "",
    "confidence": lambda facts: None if facts.action.confidence is None else float(facts.action.confidence),
    "anomaly_score": lambda facts: None if facts.action.anomaly_score is None else float(facts.action.anomaly_score),
    "retry_count": lambda facts: facts.action.retry_count,
    "affected_users": lambda facts: facts.action.affected_users,
    "first_time_action": lambda facts: facts.action.first_time_action,
    "agent_id": lambda facts: facts.agent_id,
}


def find_rules(policy: Policy, facts: Facts) -> list[tuple[GateRule, Fit]]:
    """The rules that apply or may apply, in the order of the files."""
    found: list[tuple[GateRule, Fit]] = []
    for rule in policy.rules_by_topic.find(facts.action.topic):
        fit = _fit(rule.match, facts)
        if fit is not Fit.NO:
            found.append((rule, fit))
    return found


def _fit(match: Match, facts: Facts) -> Fit:
    if match.risk_tags and not (match.risk_tags & facts.tags):
        return Fit.NO
    if not _is_within(match, facts):
        return Fit.NO
    if match.when is None:
        return Fit.YES
    try:
        return Fit.YES if match.when.holds(facts.bound) else Fit.NO
    except ConditionError:
        return Fit.UNSURE


def _is_within(match: Match, facts: Facts) -> bool:
    """Whether every threshold given holds; a value that is not there holds where the rule says `missing: match`."""
    action = facts.action
    if match.retry_count_above is not None and action.retry_count <= match.retry_count_above:
        return False
    if match.affected_users_above is not None and action.affected_users <= match.affected_users_above:
        return False
    if match.first_time_action is not None and action.first_time_action is not match.first_time_action:
        return False
    absent = match.missing is Missing.MATCH
    return (
        _holds(action.confidence, below=match.confidence_below, absent=absent)
        and _holds(action.anomaly_score, above=match.anomaly_score_above, absent=absent)
        and _holds(facts.amount_usd, above=match.amount_usd_above, absent=absent)
        and _holds(facts.amount_usd, at_least=match.amount_usd_at_least, absent=absent)
    )


def _holds(value: Any, *, absent: bool, below: Any = None, above: Any = None, at_least: Any = None) -> bool:
    """Whether the one bound given holds; not a number counts as beyond it."""
    if below is None and above is None and at_least is None:
        return True
    if value is None:
        return absent
    if below is not None:
        return not value >= below
    return not value <= above if above is not None else not value < at_least
