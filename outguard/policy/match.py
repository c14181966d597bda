"""Which rules apply to an action.

Rules are looked up by topic; of the rest of a match every key must hold. What cannot be known is never taken as
harmless: an amount in a currency without rate exceeds every threshold, a condition that fails gives `UNSURE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property, partial
from typing import Any

from outguard.domain.action import Action
from outguard.domain.policy import GateRule, Match, Missing, Policy
from outguard.domain.signal import NO_SIGNALS, SIGNAL_NAMES, Signals
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
    signals: Signals = NO_SIGNALS

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
    def retry_count(self) -> int:
        """The higher of what the agent says and what the record shows."""
        return max(self.action.retry_count, self.signals.retries)

    @cached_property
    def anomaly_score(self) -> float | None:
        """The higher of what the agent says and what the signals add up to; None if neither says anything."""
        own = self.action.anomaly_score
        if own is None:
            return self.signals.anomaly if self.signals is not NO_SIGNALS else None
        return own if not own <= self.signals.anomaly else self.signals.anomaly

    @cached_property
    def first_time_action(self) -> bool:
        """Whether the agent says, or the record shows, that this is its first of the kind."""
        return self.action.first_time_action or self.signals.first_time

    @cached_property
    def bound(self) -> Bindings:
        """The variables of conditions."""
        return Bindings(self._value_of)

    def _value_of(self, name: str) -> Any:
        return _VALUES[name](self)


def _signal(name: str, facts: Facts) -> Any:
    value = getattr(facts.signals, name)
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, str) else value


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
    "anomaly_score": lambda facts: None if facts.anomaly_score is None else float(facts.anomaly_score),
    "retry_count": lambda facts: facts.retry_count,
    "affected_users": lambda facts: facts.action.affected_users,
    "first_time_action": lambda facts: facts.first_time_action,
    "agent_id": lambda facts: facts.agent_id,
    **{name: partial(_signal, name) for name in SIGNAL_NAMES},
}


def find_rules(policy: Policy, facts: Facts) -> list[tuple[GateRule, Fit]]:
    """The rules that apply or may apply, in the order of the files."""
    found: list[tuple[GateRule, Fit]] = []
    for rule in policy.rules_by_topic.find(facts.action.topic):
        fit = fit_of(rule.match, facts)[0]
        if fit is not Fit.NO:
            found.append((rule, fit))
    return found


def fit_of(match: Match, facts: Facts) -> tuple[Fit, str]:
    """Whether a match whose topics fit holds in all its keys; else the first that does not."""
    if match.risk_tags and not (match.risk_tags & facts.tags):
        return Fit.NO, "risk_tags"
    if missed := _missed_bound(match, facts):
        return Fit.NO, missed
    if match.when is None:
        return Fit.YES, ""
    try:
        return (Fit.YES, "") if match.when.holds(facts.bound) else (Fit.NO, "when")
    except ConditionError:
        return Fit.UNSURE, ""


def _missed_bound(match: Match, facts: Facts) -> str:
    """The first threshold given that does not hold; a missing value holds where the rule says `missing: match`."""
    if match.retry_count_above is not None and facts.retry_count <= match.retry_count_above:
        return "retry_count_above"
    if match.affected_users_above is not None and facts.action.affected_users <= match.affected_users_above:
        return "affected_users_above"
    if match.first_time_action is not None and facts.first_time_action is not match.first_time_action:
        return "first_time_action"
    if match.confidence_below is not None and not _holds(match, facts.action.confidence, below=match.confidence_below):
        return "confidence_below"
    if match.anomaly_score_above is not None and not _holds(
        match, facts.anomaly_score, above=match.anomaly_score_above
    ):
        return "anomaly_score_above"
    return _missed_amount(match, facts)


def _missed_amount(match: Match, facts: Facts) -> str:
    if match.amount_usd_above is not None and not _holds(match, facts.amount_usd, above=match.amount_usd_above):
        return "amount_usd_above"
    least = match.amount_usd_at_least
    return "" if least is None or _holds(match, facts.amount_usd, at_least=least) else "amount_usd_at_least"


def _holds(match: Match, value: Any, *, below: Any = None, above: Any = None, at_least: Any = None) -> bool:
    """Whether the one bound given holds; not a number counts as beyond it."""
    if value is None:
        return match.missing is Missing.MATCH
    if below is not None:
        return not value >= below
    return not value <= above if above is not None else not value < at_least
