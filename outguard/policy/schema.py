"""The shape of the policy files as pydantic models: every key named, none beyond them, every bound stated.

Models hold what is written; `policy.compile` turns them into what decides.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field

from outguard.domain.action import GateDecision
from outguard.domain.cap import CapScope
from outguard.domain.finding import Category, FindingAction, Status
from outguard.domain.policy import Missing
from outguard.domain.reply_policy import Part, WhenDegraded
from outguard.domain.review import OnTimeout
from outguard.domain.signal import SIGNAL_NAMES
from outguard.policy.people_schema import AutonomyShape, EvidenceShape, FatigueShape, SamplingShape
from outguard.policy.values import (
    Amount,
    Count,
    Currency,
    Globs,
    Prose,
    Seconds,
    Shape,
    Share,
    TierName,
    Word,
    Words,
    check_condition,
    no_bool,
)


class MatchShape(Shape):
    """`rules[].match`."""

    topics: Globs
    risk_tags: Words | None = None
    confidence_below: Share | None = None
    anomaly_score_above: Share | None = None
    retry_count_above: Count | None = None
    amount_usd_above: Amount | None = None
    amount_usd_at_least: Amount | None = None
    affected_users_above: Count | None = None
    first_time_action: bool | None = None
    when: Annotated[str, AfterValidator(check_condition)] | None = None
    missing: Missing = Missing.IGNORE


class RuleShape(Shape):
    """`rules[]`."""

    id: Word
    match: MatchShape
    reason: Prose
    decision: GateDecision | None = None
    tier: TierName | None = None
    constraints: dict[Word, Any] = Field(default_factory=dict)
    queue: Word | None = None
    required_approvals: Annotated[int, Field(ge=1, le=2)] | None = None
    shadow: bool = False


class ActionTypeShape(Shape):
    """`action_types[]`: what could go wrong (R1); the highest of the three gives the tier."""

    id: Word
    topics: Globs
    reversibility: Literal["instant", "within_window", "by_person", "irreversible"]
    blast_radius: Literal["one", "few", "many", "everyone"]
    stakes: Literal["low", "medium", "high", "critical"]
    reason: Prose | None = None


class TierShape(Shape):
    """`tiers.T1` to `tiers.T4`."""

    decision: GateDecision
    required_approvals: Annotated[int, Field(ge=0, le=2)] = 0
    senior_only: bool = False
    holding_message: Annotated[str, Field(max_length=1000)] = ""
    approval_timeout_s: Seconds = 0.0
    on_timeout: OnTimeout = OnTimeout.DENY
    escalate_after_sec: Annotated[Seconds, Field(gt=0)] | None = None
    review_target_s: Seconds = 0.0
    opens_ticket: bool = False
    rollback_window_s: Seconds = 0.0
    rollback_timeout_s: Annotated[Seconds, Field(gt=0)] = 3600.0
    queue: Word | None = None
    latency_budget_ms: Annotated[Count, Field(ge=1, le=60_000)] = 300
    override_rate_target: Share | None = None


class TiersShape(Shape):
    """`tiers`."""

    T1: TierShape
    T2: TierShape
    T3: TierShape
    T4: TierShape


def _signal(name: str) -> str:
    if name not in SIGNAL_NAMES or name in {"anomaly", "earlier_on_target"}:
        raise ValueError("no signal of that name has a weight")
    return name


Weighed: TypeAlias = Annotated[str, AfterValidator(_signal)]
Phrase: TypeAlias = Annotated[str, Field(min_length=2, max_length=200)]
Phrases: TypeAlias = Annotated[tuple[Phrase, ...], Field(max_length=1000)]


class SignalsShape(Shape):
    """`signals`: how the service's own signals are computed (R6), and what each weighs in the anomaly score."""

    session_window_s: Annotated[Seconds, Field(gt=0)] = 86_400.0
    customer_window_s: Annotated[Seconds, Field(gt=0)] = 2_592_000.0
    new_account_s: Seconds = 0.0
    contact_window_s: Seconds = 259_200.0
    amount_jump_from: Annotated[float, BeforeValidator(no_bool), Field(ge=1, le=1e6, allow_inf_nan=False)] = 3.0
    min_amounts: Annotated[Count, Field(ge=1, le=200)] = 5
    read_topics: Globs = ("*.read.*",)
    refund_topics: Globs | None = None
    contact_topics: Globs | None = None
    phrases: dict[Word, Phrases] = Field(default_factory=dict)
    assent: Phrases = ()
    refusal: Phrases = ()
    weights: dict[Weighed, Share] = Field(default_factory=dict)


class CapShape(Shape):
    """`caps[]`: how much may happen in a sliding window without a person (R7). Give one of the three limits."""

    id: Word
    topics: Globs
    but_topics: Globs | None = None
    risk_tags: Words | None = None
    per: Annotated[tuple[CapScope, ...], Field(min_length=1, max_length=5)]
    window_s: Annotated[Seconds, Field(gt=0, le=2_678_400)]
    max_amount_usd: Annotated[Amount, Field(le=Decimal("1e12"))] | None = None
    max_count: Count | None = None
    max_accounts: Annotated[Count, Field(le=10_000)] | None = None
    decision: Literal[GateDecision.DENY, GateDecision.REQUIRE_APPROVAL] = GateDecision.DENY
    reason: Prose


class ReplyRuleShape(Shape):
    """`reply.rules[]`; `status: none` asks for a finding without status."""

    action: FindingAction
    category: Category | None = None
    type: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$", max_length=100)] | None = None
    status: Status | Literal["none"] | None = None
    channel: Word | None = None
    part: Part | None = None
    min_score: Share | None = None


class FindingRouteShape(Shape):
    """`reply.routing[]`."""

    queue: Word
    categories: Annotated[tuple[Category, ...], Field(min_length=1)] | None = None
    types: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    priority: Annotated[int, BeforeValidator(no_bool), Field(ge=-1000, le=1000)] = 0


class WhenDegradedShape(Shape):
    """`reply.when_degraded`: what becomes of a reply that the language model has not read."""

    default: WhenDegraded = WhenDegraded.JUDGE
    channels: dict[Word, WhenDegraded] = Field(default_factory=dict)


class ReplyShape(Shape):
    """`reply`."""

    min_score: Share
    holding_message: Prose
    review_target_s: Annotated[Seconds, Field(gt=0)]
    default_queue: Word
    confidence_below: Share = 0.0
    pseudonym_lifetime_s: Annotated[Seconds, Field(gt=0)] = 30 * 86_400.0
    routing: tuple[FindingRouteShape, ...] = ()
    placeholders: dict[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")], Prose] = Field(default_factory=dict)
    when_degraded: WhenDegradedShape = WhenDegradedShape()
    rules: Annotated[tuple[ReplyRuleShape, ...], Field(min_length=1, max_length=1000)]


class RouteShape(Shape):
    """`review.routing[]`."""

    queue: Word
    topics: Globs | None = None
    risk_tags: Words | None = None


class BackOfficeShape(Shape):
    """`review.back_office`: queues where nobody waits on the line, with targets of their own (R3)."""

    queues: Words
    median_s: Annotated[Seconds, Field(gt=0)] = 900.0
    p95_s: Annotated[Seconds, Field(gt=0)] = 1800.0


class ReviewShape(Shape):
    """`review`."""

    default_queue: Word
    routing: tuple[RouteShape, ...] = ()
    back_office: BackOfficeShape | None = None
    escalation_queue: Word | None = None
    fatigue: FatigueShape | None = None
    evidence: EvidenceShape | None = None


class SignOffShape(Shape):
    """`sign_off`: by area, the ids of those who must put their name to what loosens (R41); one of them is enough."""

    security: Annotated[tuple[Word, ...], Field(min_length=1)] | None = None
    finance: Annotated[tuple[Word, ...], Field(min_length=1)] | None = None
    compliance: Annotated[tuple[Word, ...], Field(min_length=1)] | None = None


class OwnerShape(Shape):
    """`owner`: who answers for this policy, and who is asked next (R15)."""

    name: Prose
    escalation: Annotated[tuple[Prose, ...], Field(min_length=1)]


class PolicyShape(Shape):
    """`policy.yaml`."""

    version: Annotated[str, Field(min_length=1, max_length=100)]
    owner: OwnerShape
    sign_off: SignOffShape = SignOffShape()
    default_profile: Word
    exchange_rates_usd: dict[Currency, Annotated[Amount, Field(gt=0)]] = Field(default_factory=dict)
    tiers: TiersShape
    signals: SignalsShape = SignalsShape()
    caps: Annotated[tuple[CapShape, ...], Field(max_length=1000)] = ()
    action_types: tuple[ActionTypeShape, ...] = ()
    rules: Annotated[tuple[RuleShape, ...], Field(max_length=20_000)] = ()
    reply: ReplyShape
    review: ReviewShape
    autonomy: AutonomyShape = AutonomyShape()
    sampling: SamplingShape | None = None


class GateShape(Shape):
    """`gate/*.yaml`: further action types, rules and caps, one file a company or domain."""

    caps: Annotated[tuple[CapShape, ...], Field(max_length=1000)] = ()
    action_types: tuple[ActionTypeShape, ...] = ()
    rules: Annotated[tuple[RuleShape, ...], Field(max_length=20_000)] = ()


class TierChange(Shape):
    """`profiles/*.yaml: tiers.T1` to `T4`: the terms that a profile changes; the others stay."""

    decision: GateDecision | None = None
    required_approvals: Annotated[int, Field(ge=0, le=2)] | None = None
    senior_only: bool | None = None
    holding_message: Prose | None = None
    approval_timeout_s: Seconds | None = None
    review_target_s: Seconds | None = None
    opens_ticket: bool | None = None
    rollback_window_s: Seconds | None = None
    queue: Word | None = None
    latency_budget_ms: Annotated[Count, Field(ge=1, le=60_000)] | None = None
    override_rate_target: Share | None = None


class TierChanges(Shape):
    """`profiles/*.yaml: tiers`."""

    T1: TierChange = TierChange()
    T2: TierChange = TierChange()
    T3: TierChange = TierChange()
    T4: TierChange = TierChange()


class ProfileShape(Shape):
    """`profiles/<name>.yaml`: a variant of the policy, selected by the setting `policy_profile` (R2).

    It changes the terms of tiers, never to looser ones, and adds action types, rules and caps.
    """

    about: Prose
    tiers: TierChanges = TierChanges()
    caps: Annotated[tuple[CapShape, ...], Field(max_length=1000)] = ()
    action_types: tuple[ActionTypeShape, ...] = ()
    rules: Annotated[tuple[RuleShape, ...], Field(max_length=20_000)] = ()
