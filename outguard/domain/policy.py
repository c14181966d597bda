"""The compiled policy: what the gate, the reply judge and the queue obey. Built by `policy.compile`, never by hand.

Everything here is frozen; a new policy is a new object, swapped in whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from outguard.domain.action import GateDecision, Tier
from outguard.domain.authority import AuthorityProfile
from outguard.domain.autonomy import AutonomyPolicy
from outguard.domain.cap import Cap
from outguard.domain.policy_change import Area
from outguard.domain.reply_policy import ReplyPolicy
from outguard.domain.review import OnTimeout
from outguard.domain.sampling import SamplingPolicy
from outguard.domain.signal import SignalPolicy
from outguard.domain.topic import TopicIndex


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault of a policy file. `line` counts from 1; `path` is such as `rules[3].match.when`, empty for the file."""

    file: str
    line: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.path}: {self.message}" if self.path else f"{where}: {self.message}"


class Condition(Protocol):
    """A compiled `when`."""

    @property
    def source(self) -> str:
        """The expression as written."""
        ...

    def holds(self, bound: Any) -> bool:
        """Whether it holds for variables in `policy.condition.Bindings`.

        Raises:
            ConditionError: if it cannot be evaluated; the caller takes the stricter outcome.
        """
        ...


class Missing(StrEnum):
    """What a rule makes of a value that the agent did not give."""

    IGNORE = "ignore"
    MATCH = "match"


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """When a rule applies: every key given must hold; of a list, one is enough."""

    topics: tuple[str, ...]
    risk_tags: frozenset[str] = frozenset()
    confidence_below: float | None = None
    anomaly_score_above: float | None = None
    retry_count_above: int | None = None
    amount_usd_above: Decimal | None = None
    amount_usd_at_least: Decimal | None = None
    affected_users_above: int | None = None
    first_time_action: bool | None = None
    when: Condition | None = None
    missing: Missing = Missing.IGNORE


@dataclass(frozen=True, kw_only=True, slots=True)
class GateRule:
    """One rule. Without `decision` its tier decides; a graded action type is a rule too (`graded`, id `type.<id>`).

    `lists` says whether the rule makes its topics known: one on `*` with further keys tightens whatever else is said,
    but lists nothing.
    """

    id: str
    match: Match
    reason: str
    decision: GateDecision | None = None
    tier: Tier | None = None
    constraints: Mapping[str, Any] = field(default_factory=dict)
    queue: str | None = None
    required_approvals: int = 0
    shadow: bool = False
    graded: bool = False
    reversibility: str = ""
    lists: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class TierPolicy:
    """What a tier means (R2, R3). `decision` is the least strict answer an action of this tier may get.

    `latency_budget_ms` is the time a decision may take, `override_rate_target` the share of rulings overridden later
    that is still in order; both are what the numbers are measured against.
    """

    decision: GateDecision
    required_approvals: int = 0
    senior_only: bool = False
    holding_message: str = ""
    approval_timeout_s: float = 0.0
    on_timeout: OnTimeout = OnTimeout.DENY
    escalate_after_s: float = 0.0
    review_target_s: float = 0.0
    opens_ticket: bool = False
    rollback_window_s: float = 0.0
    rollback_timeout_s: float = 3600.0
    queue: str | None = None
    latency_budget_ms: int = 300
    override_rate_target: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueRoute:
    """Where items of these topics or risk tags go; the first route that fits wins."""

    queue: str
    topics: TopicIndex[bool]
    risk_tags: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class FatiguePolicy:
    """What keeps reviewers sharp (R30); 0 switches a control off."""

    max_open_requests_per_reviewer: int = 40
    cooldown_after_approvals: int = 80
    cooldown_s: float = 900.0
    sampled_second_review_rate: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class BackOffice:
    """Queues where nobody waits on the line: half of their items within `median_s`, nearly all within `p95_s` (R3)."""

    queues: frozenset[str]
    median_s: float
    p95_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewPolicy:
    """How items reach people; escalated ones go to `escalation_queue`, or stay in theirs where there is none."""

    default_queue: str
    routes: tuple[QueueRoute, ...] = ()
    escalation_queue: str = ""
    fatigue: FatiguePolicy = field(default_factory=FatiguePolicy)
    required_evidence: tuple[str, ...] = ()
    back_office: BackOffice | None = None

    def target_s(self, queue: str, tier_target_s: float) -> float:
        """In what time an item of `queue` should be looked at: the tier's target where somebody waits on the line."""
        if self.back_office is not None and queue in self.back_office.queues:
            return max(tier_target_s, self.back_office.median_s)
        return tier_target_s

    def queue_for(self, topic: str, risk_tags: tuple[str, ...] | frozenset[str] = ()) -> str:
        """The queue for an action of `topic` with `risk_tags`."""
        tags = frozenset(risk_tags)
        for route in self.routes:
            if route.risk_tags & tags or route.topics.find(topic):
                return route.queue
        return self.default_queue


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """Who answers for the policy, and who is asked next, in order (R15)."""

    name: str
    escalation: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """Everything that decides, compiled. `snapshot` changes exactly when something that decides changes.

    `exchange_rates_usd` maps a currency code to the worth of one unit in US dollars; `profile` names the variant in
    force (`default`, or one of the folder's `profiles/`).
    """

    snapshot: str
    version: str
    owner: Owner
    tiers: Mapping[Tier, TierPolicy]
    gate_rules: tuple[GateRule, ...]
    rules_by_topic: TopicIndex[GateRule]
    exchange_rates_usd: Mapping[str, Decimal]
    reply: ReplyPolicy
    review: ReviewPolicy
    profiles: Mapping[str, AuthorityProfile]
    default_profile: str
    autonomy: AutonomyPolicy = field(default_factory=AutonomyPolicy)
    sampling: SamplingPolicy = field(default_factory=SamplingPolicy)
    profile: str = "default"
    sign_off: Mapping[Area, frozenset[str]] = field(default_factory=dict)
    signals: SignalPolicy = field(default_factory=SignalPolicy)
    caps_by_topic: TopicIndex[Cap] = field(default_factory=TopicIndex)

    def reversibility_of(self, topic: str) -> str:
        """How what is done can be undone, at its worst: what the action types of `topic` say; empty if none does."""
        said = {rule.reversibility for rule in self.rules_by_topic.find(topic)}
        return next((word for word in _WORST_FIRST if word in said), "")

    def is_read(self, topic: str) -> bool:
        """Whether actions of `topic` only read."""
        return bool(self.signals.read_topics.find(topic))

    def is_refund(self, topic: str) -> bool:
        """Whether actions of `topic` give money back."""
        return bool(self.signals.refund_topics.find(topic))

    def is_contact(self, topic: str) -> bool:
        """Whether actions of `topic` change how a customer is reached or pays."""
        return bool(self.signals.contact_topics.find(topic))


_WORST_FIRST = ("irreversible", "by_person", "within_window", "instant")
