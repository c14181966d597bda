"""The shape of the parts of `policy.yaml` about people and agents' trust: autonomy, sampling, reviewers."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from outguard.domain.autonomy import ActionClass
from outguard.policy.values import Amount, Count, Globs, Seconds, Shape, Share, Word, Words, no_bool

Levels = Annotated[int, BeforeValidator(no_bool), Field(ge=1, le=3)]


class ClassShape(Shape):
    """`autonomy.classes.read`, `prod`, `delete`, `secrets`."""

    topics: Globs | None = None
    risk_tags: Words | None = None


class PromotionShape(Shape):
    """`autonomy.promotion`."""

    min_successful_actions: Annotated[Count, Field(ge=1)] = 50
    max_error_rate: Share = 0.02
    review_period_days: Annotated[float, BeforeValidator(no_bool), Field(gt=0, le=3650, allow_inf_nan=False)] = 7.0


class DemotionShape(Shape):
    """`autonomy.demotion`."""

    error_rate_above: Share = 0.05
    min_actions: Annotated[Count, Field(ge=1)] = 20
    policy_violation: Levels = 1
    safety_incident: Levels = 3


class AutonomyShape(Shape):
    """`autonomy`."""

    initial_level: Annotated[int, BeforeValidator(no_bool), Field(ge=0, le=3)] = 3
    promotion: PromotionShape = PromotionShape()
    demotion: DemotionShape = DemotionShape()
    constraints: dict[Word, Any] = Field(default_factory=dict)
    classes: dict[ActionClass, ClassShape] = Field(default_factory=dict)


class MandatoryShape(Shape):
    """`sampling.mandatory`."""

    amount_usd_above: Amount | None = None
    affected_users_above: Count | None = None
    first_time_action: bool = False


StratumName: TypeAlias = Literal["prod", "write", "read"]
Weight: TypeAlias = Annotated[float, BeforeValidator(no_bool), Field(ge=0, le=1000, allow_inf_nan=False)]


def _weights() -> dict[StratumName, float]:
    return {"prod": 3.0, "write": 2.0, "read": 0.5}


class SamplingShape(Shape):
    """`sampling`."""

    rate: Share
    mode: Literal["uniform", "stratified"] = "stratified"
    weights: dict[StratumName, Weight] = Field(default_factory=_weights)
    mandatory: MandatoryShape = MandatoryShape()
    review_target_s: Annotated[Seconds, Field(gt=0)] = 86_400.0


class FatigueShape(Shape):
    """`review.fatigue`."""

    max_open_requests_per_reviewer: Annotated[Count, Field(ge=1)] = 40
    cooldown_after_approvals: Count = 80
    cooldown_s: Seconds = 900.0
    sampled_second_review_rate: Share = 0.1


class EvidenceShape(Shape):
    """`review.evidence`: what the record must hold of a ruling on an action (R31)."""

    required_fields: tuple[Literal["policy_snapshot", "job_hash", "approver_id", "decision_ts", "agent_build"], ...] = (
        "policy_snapshot",
        "job_hash",
        "approver_id",
        "decision_ts",
    )
    reject_if_incomplete: bool = True
